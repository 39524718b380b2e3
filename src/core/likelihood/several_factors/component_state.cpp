#include "component_state.h"

#include <Eigen/Cholesky>
#include <cmath>
#include <limits>

namespace mixest {

namespace {

// The elimination of one group after the other. Q: effects of the inner factor at compile time, or
// Eigen::Dynamic: most groups are so small that loops of unknown length would cost more than the
// arithmetic.
template <int Q>
class GroupElimination {
 public:
  GroupElimination(const ComponentPanels& panels, const Matrix& lambda)
      : panels_(panels), q_(panels.inner_q()), lambda_(lambda), RL_(q_, q_), Delta_(q_, q_) {}

  // The whitening of one_factor/kernel.h.
  void whiten(const ComponentPanels::Group& group, double* out) {
    const double* panel = panels_.data.data() + group.first;
    RL_.noalias() = Eigen::Map<const Square>(panel, q(), q()).lazyProduct(lambda_);
    for (Index j = 0; j < q(); ++j) {
      const double pivot = std::sqrt(1 + RL_.row(j).squaredNorm());
      Delta_(j, j) = 1 / pivot;
      for (Index l = j + 1; l < q(); ++l) {
        const double dot = RL_.row(l).dot(RL_.row(j));
        Delta_(j, l) = dot / pivot;
        RL_.row(l) -= dot / (pivot * (1 + pivot)) * RL_.row(j);
      }
      multiply_pivots(pivot);
    }
    const Index columns = panels_.columns(group);
    for (Index c = 0; c < columns; ++c) {  // forward substitution with Delta', whose diagonal is inverted
      const double* from = panel + c * q();
      double* to = out + c * q();
      for (Index r = 0; r < q(); ++r) {
        double value = from[r];
        for (Index b = 0; b < r; ++b) value -= Delta_(b, r) * to[b];
        to[r] = value * Delta_(r, r);
      }
    }
  }

  // W_J'[W_J W_B] to gram (lower triangle) and rhs, W_B'W_B to T (upper triangle).
  void add(const ComponentPanels::Group& group, const double* W, ComponentState& state, Matrix& T) const {
    const double* WJ = W + q() * q();
    const double* WB = WJ + q() * group.width;
    const int* effect = panels_.effect.data() + group.first_effect;
    for (Index b = 0; b < group.width; ++b) {
      double* gram = state.gram.col(effect[b]).data();
      for (Index a = b; a < group.width; ++a) gram[effect[a]] += dot(WJ + a * q(), WJ + b * q());
    }
    for (Index c = 0; c < panels_.k; ++c) {
      double* rhs = state.rhs.col(c).data();
      for (Index a = 0; a < group.width; ++a) rhs[effect[a]] += dot(WJ + a * q(), WB + c * q());
      double* column = T.col(c).data();
      for (Index d = 0; d <= c; ++d) column[d] += dot(WB + d * q(), WB + c * q());
    }
  }

  // (W_iB - W_iJ Gamma)'(W_iB - W_iJ Gamma) to T (upper triangle).
  void add_left_over(const ComponentPanels::Group& group, const double* W, const Matrix& Gamma, Matrix& T) {
    const double* WJ = W + q() * q();
    const double* WB = WJ + q() * group.width;
    const int* effect = panels_.effect.data() + group.first_effect;
    left_over_.resize(q(), panels_.k);
    for (Index c = 0; c < panels_.k; ++c) {
      const double* column = Gamma.col(c).data();
      for (Index r = 0; r < q(); ++r) {
        double value = WB[c * q() + r];
        for (Index a = 0; a < group.width; ++a) value -= WJ[a * q() + r] * column[effect[a]];
        left_over_(r, c) = value;
      }
      for (Index d = 0; d <= c; ++d) T(d, c) += dot(left_over_.col(d).data(), left_over_.col(c).data());
    }
  }

  // sum log |I + RL RL'| over the groups
  double log_det() const { return 2 * (log_pivots_ + std::log(pivots_)); }

 private:
  using Square = Eigen::Matrix<double, Q, Q>;

  Index q() const { return Q == Eigen::Dynamic ? q_ : Q; }

  double dot(const double* a, const double* b) const {
    double sum = a[0] * b[0];
    for (Index i = 1; i < q(); ++i) sum += a[i] * b[i];
    return sum;
  }

  // One logarithm for many pivots.
  void multiply_pivots(double pivot) {
    constexpr double large = 1e150;
    pivots_ *= pivot;
    if (!(pivots_ < large) || pivot > large) {
      log_pivots_ += std::log(pivots_);
      pivots_ = 1;
    }
  }

  const ComponentPanels& panels_;
  Index q_;
  Square lambda_, RL_, Delta_;
  Matrix left_over_;
  double pivots_ = 1, log_pivots_ = 0;
};

// Returns sum log |I + RL RL'|.
template <int Q>
double eliminate_groups(const ComponentPanels& panels, const ComponentPanels::Component& component,
                        const Matrix& lambda, Vector& whitened, ComponentState& state, Matrix& T) {
  GroupElimination<Q> elimination(panels, lambda);
  for (int g = component.first_group; g < component.end_group; ++g) {
    const ComponentPanels::Group& group = panels.groups[g];
    double* W = whitened.data() + group.first;
    elimination.whiten(group, W);
    elimination.add(group, W, state, T);
  }
  return elimination.log_det();
}

template <int Q>
void add_left_over(const ComponentPanels& panels, const ComponentPanels::Component& component, const Matrix& lambda,
                   const Vector& whitened, const Matrix& Gamma, Matrix& T) {
  GroupElimination<Q> elimination(panels, lambda);
  for (int g = component.first_group; g < component.end_group; ++g)
    elimination.add_left_over(panels.groups[g], whitened.data() + panels.groups[g].first, Gamma, T);
}

// [X y]'V^{-1}[X y] as a sum of squares, with H_2^{-1}Lambda_2'rhs = X.
Matrix squares_left_over(const ComponentPanels& panels, const ComponentPanels::Component& component,
                         const LambdaBlocks& lambda, const Vector& whitened, const Matrix& X) {
  Matrix Gamma = X;
  BlockDiagonal(component, lambda.outer).times(Gamma);
  Matrix out = Matrix::Zero(panels.k, panels.k);
  switch (panels.inner_q()) {
    case 1: add_left_over<1>(panels, component, lambda.inner, whitened, Gamma, out); break;
    case 2: add_left_over<2>(panels, component, lambda.inner, whitened, Gamma, out); break;
    default: add_left_over<Eigen::Dynamic>(panels, component, lambda.inner, whitened, Gamma, out);
  }
  out.triangularView<Eigen::StrictlyLower>() = out.transpose();
  const Matrix cross = Gamma.transpose() * component.rhs;
  out -= cross + cross.transpose();
  out.noalias() += Gamma.transpose() * (component.gram.selfadjointView<Eigen::Lower>() * Gamma);
  out.noalias() += X.transpose() * X;
  return out;
}

// Is what is left of a column so little beside what the outer effects take that their difference
// has lost digits?
bool cancels(const Matrix& left, const Matrix& taken) {
  constexpr double harmless = 1e4;
  return (taken.diagonal().array() > harmless * left.diagonal().array().max(0)).any();
}

}  // namespace

LambdaBlocks::LambdaBlocks(const ComponentPanels& panels, const Matrix& lambda) : inner(select(lambda, panels.inner)) {
  for (const OuterFactor& factor : panels.factors) outer.push_back(select(lambda, factor.columns));
}

void eliminate(const ComponentPanels& panels, const ComponentPanels::Component& component, const LambdaBlocks& lambda,
               Vector& whitened, ComponentState& state, double& log_det, Matrix& T) {
  state.gram = component.gram;
  state.rhs = component.rhs;
  Matrix sum = Matrix::Zero(panels.k, panels.k);
  switch (panels.inner_q()) {
    case 1: log_det = eliminate_groups<1>(panels, component, lambda.inner, whitened, state, sum); break;
    case 2: log_det = eliminate_groups<2>(panels, component, lambda.inner, whitened, state, sum); break;
    default: log_det = eliminate_groups<Eigen::Dynamic>(panels, component, lambda.inner, whitened, state, sum);
  }
  sum.triangularView<Eigen::StrictlyLower>() = sum.transpose();
  state.gram.triangularView<Eigen::StrictlyUpper>() = state.gram.transpose();

  const BlockDiagonal Lambda(component, lambda.outer);
  state.root = state.gram;
  Lambda.transposed_times(state.root);
  Lambda.times_from_right(state.root);
  state.root.diagonal().array() += 1;
  const double largest = state.root.diagonal().maxCoeff();
  const Eigen::LLT<Eigen::Ref<Matrix>> cholesky(state.root);
  // I is lost in rounding beside entries so large: there is no value then.
  const bool lost = cholesky.info() != Eigen::Success || !(std::numeric_limits<double>::epsilon() * largest < 1e-3);
  log_det = lost ? std::numeric_limits<double>::quiet_NaN() : log_det + 2 * state.root.diagonal().array().log().sum();

  Matrix Y = state.rhs;
  Lambda.transposed_times(Y);
  state.root.triangularView<Eigen::Lower>().solveInPlace(Y);
  const Matrix taken = Y.transpose() * Y;
  sum -= taken;
  if (!lost && cancels(sum + panels.pooled, taken)) {
    state.root.triangularView<Eigen::Lower>().transpose().solveInPlace(Y);
    sum = squares_left_over(panels, component, lambda, whitened, Y);
  }
  T += sum;
}

}  // namespace mixest
