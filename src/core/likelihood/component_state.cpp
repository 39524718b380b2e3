#include "component_state.h"

#include <Eigen/Cholesky>

#include <cmath>

namespace mixest {

namespace {

// The whitening of group_kernel.h for one group.
class Whitening {
 public:
  Whitening(Index q, const Matrix& lambda) : q_(q), lambda_(lambda), F_(q, q), C_(Matrix::Zero(q, q)) {}

  // Returns log |I + F F'|.
  double apply(const double* panel, Index columns, double* out) {
    const Eigen::Map<const Matrix> R(panel, q_, q_);
    F_.noalias() = R.lazyProduct(lambda_);
    double log_pivots = 0;
    for (Index j = 0; j < q_; ++j) {
      const double pivot = std::sqrt(1 + F_.row(j).squaredNorm());
      C_(j, j) = pivot;
      for (Index l = j + 1; l < q_; ++l) {
        const double dot = F_.row(l).dot(F_.row(j));
        C_(j, l) = dot / pivot;
        F_.row(l) -= dot / (pivot * (1 + pivot)) * F_.row(j);
      }
      log_pivots += std::log(pivot);
    }
    for (Index c = 0; c < columns; ++c) {  // forward substitution with C'
      const double* from = panel + c * q_;
      double* to = out + c * q_;
      for (Index r = 0; r < q_; ++r) {
        double value = from[r];
        for (Index b = 0; b < r; ++b) value -= C_(b, r) * to[b];
        to[r] = value / C_(r, r);
      }
    }
    return 2 * log_pivots;
  }

 private:
  Index q_;
  const Matrix& lambda_;
  Matrix F_, C_;
};

double dot(const double* a, const double* b, Index n) {
  double sum = a[0] * b[0];
  for (Index i = 1; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

// W_iJ'[W_iJ W_iB] to A (lower triangle) and G, W_iB'W_iB to T (upper triangle).
void add_group(const FactorPanels& panels, const FactorPanels::Group& group, const double* W, ComponentState& state, Matrix& T) {
  const Index q = panels.inner_q();
  const double* WJ = W + q * q;
  const double* WB = WJ + q * group.width;
  const int* effect = panels.effect.data() + group.first_effect;
  for (Index b = 0; b < group.width; ++b) {
    double* A = state.A.col(effect[b]).data();
    for (Index a = b; a < group.width; ++a) A[effect[a]] += dot(WJ + a * q, WJ + b * q, q);
  }
  for (Index c = 0; c < panels.k; ++c) {
    double* G = state.G.col(c).data();
    for (Index a = 0; a < group.width; ++a) G[effect[a]] += dot(WJ + a * q, WB + c * q, q);
    for (Index d = 0; d <= c; ++d) T(d, c) += dot(WB + d * q, WB + c * q, q);
  }
}

}  // namespace

FactorLambdas::FactorLambdas(const FactorPanels& panels, const Matrix& lambda) : inner(select_columns(lambda, panels.inner)) {
  for (const OuterFactor& of : panels.factors) outer.push_back(select_columns(lambda, of.columns));
}

void eliminate(const FactorPanels& panels, const FactorPanels::Component& component, const FactorLambdas& lambda, Vector& whitened,
               ComponentState& state, double& log_det, Matrix& T) {
  state.A = component.A;
  state.G = component.G;
  Matrix sum = Matrix::Zero(panels.k, panels.k);
  Whitening whitening(panels.inner_q(), lambda.inner);
  log_det = 0;
  for (int g = component.first_group; g < component.end_group; ++g) {
    const FactorPanels::Group& group = panels.groups[static_cast<std::size_t>(g)];
    double* W = whitened.data() + group.first;
    log_det += whitening.apply(panels.data.data() + group.first, panels.columns(group), W);
    add_group(panels, group, W, state, sum);
  }
  sum.triangularView<Eigen::StrictlyLower>() = sum.transpose();
  state.A.triangularView<Eigen::StrictlyUpper>() = state.A.transpose();

  const BlockDiagonal Lambda(component, lambda.outer);
  state.L = state.A;
  Lambda.transposed_times(state.L);
  Lambda.times_from_right(state.L);
  state.L.diagonal().array() += 1;
  Eigen::LLT<Eigen::Ref<Matrix>> cholesky(state.L);
  log_det += 2 * state.L.diagonal().array().log().sum();

  Matrix Y = state.G;
  Lambda.transposed_times(Y);
  state.L.triangularView<Eigen::Lower>().solveInPlace(Y);
  sum.noalias() -= Y.transpose() * Y;
  T += sum;
}

}  // namespace mixest
