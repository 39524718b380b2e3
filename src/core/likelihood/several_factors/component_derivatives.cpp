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

// The rows of V of the outer effects, for the first `columns` columns of [X y].
Matrix outer_rows(const Couplings& of, const ComponentState& state, const Matrix& triangle, Index columns) {
  Matrix V = of.Z.transpose() * state.G.leftCols(columns);
  triangle.topLeftCorner(columns, columns).triangularView<Eigen::Upper>().solveInPlace<Eigen::OnTheRight>(V);
  return V;
}

void add_outer_levels(const ComponentPanels& panels, const ComponentPanels::Component& component, const Couplings& of,
                      const Matrix& V, ComponentSums& sums) {
  for (Index f = 0; f < length(panels.factors); ++f) {
    FactorSums& own = sums.factors[f + 1];
    const Index w = panels.factors[f].width();
    for (Index at = component.first_effect[f]; at < component.first_effect[f + 1]; at += w) {
      own.S += of.S.block(at, at, w, w);
      const Matrix by_level = V.middleRows(at, w).transpose();
      add_outer_product(by_level.data(), by_level.size(), own.V_by_V);
    }
  }
}

}  // namespace

ComponentSums::ComponentSums(const ComponentPanels& panels, Index directions)
    : curvature(Matrix::Zero(directions, directions)) {
  const auto add = [&](Index w) { factors.push_back({Matrix::Zero(w, w), Matrix::Zero(w * panels.k, w * panels.k)}); };
  add(panels.inner_q());
  for (const OuterFactor& of : panels.factors) add(of.width());
}

ComponentSums& ComponentSums::operator+=(const ComponentSums& other) {
  for (Index f = 0; f < length(factors); ++f) {
    factors[f].S += other.factors[f].S;
    factors[f].V_by_V += other.factors[f].V_by_V;
  }
  curvature += other.curvature;
  return *this;
}

void add_derivatives(const ComponentPanels& panels, const ComponentPanels::Component& component,
                     const ComponentState& state, const LambdaBlocks& lambda, const Vector& whitened,
                     const std::vector<PairDirection>& directions, const DerivativeRequest& request,
                     ComponentSums& sums) {
  const Couplings of(component, state, lambda);
  const Matrix V = outer_rows(of, state, request.triangle, panels.k);
  add_outer_levels(panels, component, of, V, sums);

  std::unique_ptr<ComponentHessian> hessian;
  if (request.hessian)
    hessian = std::make_unique<ComponentHessian>(panels, component, lambda, directions, of, V, request);
  const Matrix NG = of.N * state.G;
  GroupBlocks blocks(panels.inner_q(), panels.k);
  for (int g = component.first_group; g < component.end_group; ++g) {
    const ComponentPanels::Group& group = panels.groups[g];
    const int* effect = panels.effect.data() + group.first_effect;
    blocks.set(whitened.data() + group.first, effect, group.width, of.N, NG, request.triangle);
    sums.factors[0].S += blocks.S;
    add_outer_product(blocks.V.data(), blocks.V.size(), sums.factors[0].V_by_V);
    if (hessian) hessian->add_group(blocks, effect, group.width);
  }
  if (hessian) hessian->add_to(sums.curvature);
}

// With x_i = A V_X,i of the inner groups, x_2 = A V_X,2 of the outer effects and t = sum_i P_i'x_i:
//     x'S x = sum_i x_i' W_iR'W_iR x_i - t'N t + t'Z x_2 + x_2'Z't + x_2'S_22 x_2
void add_kenward_roger_sums(const ComponentPanels& panels, const ComponentPanels::Component& component,
                            const ComponentState& state, const LambdaBlocks& lambda, const Vector& whitened,
                            const Matrix& triangle, const std::vector<Matrix>& moves, Matrix& sum) {
  const Couplings of(component, state, lambda);
  const Index p = panels.k - 1;
  const Matrix V2 = outer_rows(of, state, triangle, p);
  std::vector<Matrix> inner, x2, t;
  for (const Matrix& A : moves) {
    std::vector<Matrix> outer;
    for (const OuterFactor& factor : panels.factors) outer.push_back(select(A, factor.columns));
    inner.push_back(select(A, panels.inner));
    x2.push_back(V2);
    BlockDiagonal(component, outer).times(x2.back());
    t.push_back(Matrix::Zero(component.effects(), p));
  }

  const Matrix NG = of.N * state.G.leftCols(p);
  GroupBlocks blocks(panels.inner_q(), p);
  for (int g = component.first_group; g < component.end_group; ++g) {
    const ComponentPanels::Group& group = panels.groups[g];
    const int* effect = panels.effect.data() + group.first_effect;
    blocks.set(whitened.data() + group.first, effect, group.width, of.N, NG, triangle);
    for (Index r = 0; r < length(moves); ++r) {
      const Matrix x = inner[r] * blocks.V.transpose();
      sum += x.transpose() * blocks.alone * x;
      for (Index a = 0; a < group.width; ++a) t[r].row(effect[a]) += blocks.P.col(a).transpose() * x;
    }
  }
  for (Index r = 0; r < length(moves); ++r) {
    const Matrix cross = t[r].transpose() * (of.Z * x2[r]);
    sum += cross + cross.transpose() - t[r].transpose() * (of.N * t[r]) + x2[r].transpose() * (of.S * x2[r]);
  }
}

}  // namespace mixest
