#include "component_derivatives.h"

#include <memory>

namespace mixest {

namespace {

// Lower triangle of v v'.
void add_outer_product(const double* v, Index n, Matrix& sum) {
  for (Index b = 0; b < n; ++b) {
    double* out = sum.col(b).data();
    for (Index a = b; a < n; ++a) out[a] += v[a] * v[b];
  }
}

// The rows of Ew of the outer effects, for the first `columns` columns of [X y].
Matrix outer_rows(const Couplings& couplings, const ComponentState& state, const Matrix& triangle, Index columns) {
  Matrix Ew = couplings.shrink.transpose() * state.rhs.leftCols(columns);
  triangle.topLeftCorner(columns, columns).triangularView<Eigen::Upper>().solveInPlace<Eigen::OnTheRight>(Ew);
  return Ew;
}

void add_outer_levels(const ComponentPanels& panels, const ComponentPanels::Component& component,
                      const Couplings& couplings, const Matrix& Ew, ComponentSums& sums) {
  for (Index f = 0; f < length(panels.factors); ++f) {
    FactorSums& factor_sums = sums.factors[f + 1];
    const Index w = panels.factors[f].width();
    for (Index effect = component.first_effect[f]; effect < component.first_effect[f + 1]; effect += w) {
      factor_sums.S += couplings.S.block(effect, effect, w, w);
      const Matrix by_level = Ew.middleRows(effect, w).transpose();
      add_outer_product(by_level.data(), by_level.size(), factor_sums.Ew_by_Ew);
    }
  }
}

}  // namespace

ComponentSums::ComponentSums(const ComponentPanels& panels, Index directions)
    : curvature(Matrix::Zero(directions, directions)) {
  const auto add = [&](Index w) { factors.push_back({Matrix::Zero(w, w), Matrix::Zero(w * panels.k, w * panels.k)}); };
  add(panels.inner_q());
  for (const OuterFactor& factor : panels.factors) add(factor.width());
}

ComponentSums& ComponentSums::operator+=(const ComponentSums& other) {
  for (Index f = 0; f < length(factors); ++f) {
    factors[f].S += other.factors[f].S;
    factors[f].Ew_by_Ew += other.factors[f].Ew_by_Ew;
  }
  curvature += other.curvature;
  return *this;
}

void add_derivatives(const ComponentPanels& panels, const ComponentPanels::Component& component,
                     const ComponentState& state, const LambdaBlocks& lambda, const Vector& whitened,
                     const std::vector<PairDirection>& directions, const DerivativeRequest& request,
                     ComponentSums& sums) {
  const Couplings couplings(component, state, lambda);
  const Matrix Ew = outer_rows(couplings, state, request.triangle, panels.k);
  add_outer_levels(panels, component, couplings, Ew, sums);

  std::unique_ptr<ComponentHessian> hessian;
  if (request.hessian)
    hessian = std::make_unique<ComponentHessian>(panels, component, lambda, directions, couplings, Ew, request);
  const Matrix cov_rhs = couplings.cov * state.rhs;
  GroupBlocks blocks(panels.inner_q(), panels.k);
  for (int g = component.first_group; g < component.end_group; ++g) {
    const ComponentPanels::Group& group = panels.groups[g];
    const int* effect = panels.effect.data() + group.first_effect;
    blocks.set(whitened.data() + group.first, effect, group.width, couplings.cov, cov_rhs, request.triangle);
    sums.factors[0].S += blocks.S;
    add_outer_product(blocks.Ew.data(), blocks.Ew.size(), sums.factors[0].Ew_by_Ew);
    if (hessian) hessian->add_group(blocks, effect, group.width);
  }
  if (hessian) hessian->add_to(sums.curvature);
}

// With x_i = A Ew_X,i of the inner groups, x_2 = A Ew_X,2 of the outer effects and
// t = sum_i cross_i'x_i:
//     x'S x = sum_i x_i' W_R'W_R x_i - t'cov t + t'shrink x_2 + x_2'shrink't + x_2'S_22 x_2
void add_kenward_roger_sums(const ComponentPanels& panels, const ComponentPanels::Component& component,
                            const ComponentState& state, const LambdaBlocks& lambda, const Vector& whitened,
                            const Matrix& triangle, const std::vector<Matrix>& directions, Matrix& sum) {
  const Couplings couplings(component, state, lambda);
  const Index p = panels.k - 1;
  const Matrix Ew_2 = outer_rows(couplings, state, triangle, p);
  std::vector<Matrix> inner, x2, t;
  for (const Matrix& A : directions) {
    std::vector<Matrix> outer;
    for (const OuterFactor& factor : panels.factors) outer.push_back(select(A, factor.columns));
    inner.push_back(select(A, panels.inner));
    x2.push_back(Ew_2);
    BlockDiagonal(component, outer).times(x2.back());
    t.push_back(Matrix::Zero(component.effects(), p));
  }

  const Matrix cov_rhs = couplings.cov * state.rhs.leftCols(p);
  GroupBlocks blocks(panels.inner_q(), p);
  for (int g = component.first_group; g < component.end_group; ++g) {
    const ComponentPanels::Group& group = panels.groups[g];
    const int* effect = panels.effect.data() + group.first_effect;
    blocks.set(whitened.data() + group.first, effect, group.width, couplings.cov, cov_rhs, triangle);
    for (Index r = 0; r < length(directions); ++r) {
      const Matrix x = inner[r] * blocks.Ew.transpose();
      sum += x.transpose() * blocks.alone * x;
      for (Index a = 0; a < group.width; ++a) t[r].row(effect[a]) += blocks.cross.col(a).transpose() * x;
    }
  }
  for (Index r = 0; r < length(directions); ++r) {
    const Matrix both = t[r].transpose() * (couplings.shrink * x2[r]);
    sum +=
        both + both.transpose() - t[r].transpose() * (couplings.cov * t[r]) + x2[r].transpose() * (couplings.S * x2[r]);
  }
}

}  // namespace mixest
