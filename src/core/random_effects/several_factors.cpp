#include "several_factors.h"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>

#include "../linear_algebra/spd_inverse.h"

namespace mixest {

namespace {

// w x w factor of a positive semi-definite matrix.
Matrix factor_of(const Matrix& C) {
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(C);
  return eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal();
}

// The rows of A, or rows and columns, that belong to the outer effects of a group.
Matrix rows_of(const Matrix& A, const int* effect, Index J) {
  Matrix out(J, A.cols());
  for (Index a = 0; a < J; ++a) out.row(a) = A.row(effect[a]);
  return out;
}

Matrix block_of(const Matrix& A, const int* effect, Index J) {
  Matrix out(J, J);
  for (Index b = 0; b < J; ++b)
    for (Index a = 0; a < J; ++a) out(a, b) = A(effect[a], effect[b]);
  return out;
}

}  // namespace

SeveralFactorBlups::SeveralFactorBlups(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random,
                                       const Matrix& lambda)
    : stats_(stats), panels_(stats, fixed, random), from_user_(random.from_user), lambda_(lambda) {
  const Matrix in_fit_basis = from_user_.inverse() * lambda;
  const LambdaBlocks lambdas(panels_, in_fit_basis);
  Vector whitened(panels_.data.size());
  Matrix T = Matrix::Zero(panels_.k, panels_.k);
  double log_det = 0;
  ComponentState state;
  for (const ComponentPanels::Component& component : panels_.components) {
    eliminate(panels_, component, lambdas, whitened, state, log_det, T);
    N_.push_back(inverse_from_factor(state.L));
    const BlockDiagonal Lambda(component, lambdas.outer);
    Lambda.times(N_.back());
    Lambda.transposed_from_right(N_.back());
    NG_.push_back(N_.back() * state.G);
  }
  index_levels();
  predict_groups(in_fit_basis);
}

void SeveralFactorBlups::predict_groups(const Matrix& in_fit_basis) {
  const Index q = panels_.inner_q();
  GroupPrediction prediction(select(in_fit_basis, panels_.inner), select(lambda_, panels_.inner));
  for (Index g = 0; g < length(panels_.groups); ++g) {
    const ComponentPanels::Group& group = panels_.groups[g];
    const Eigen::Map<const Matrix> panel(panels_.data.data() + group.first, q, panels_.columns(group));
    prediction.set_group(panel.leftCols(q));
    D_.push_back(prediction.predict(panel.rightCols(group.width + panels_.k)));
    const Matrix M = prediction.factor();
    const auto D = D_.back().leftCols(group.width);
    const Matrix& N = N_[component_of_group_[g]];
    C_.push_back(M * M.transpose() +
                 D * block_of(N, panels_.effect.data() + group.first_effect, group.width) * D.transpose());
  }
}

void SeveralFactorBlups::index_levels() {
  group_of_level_.assign(stats_.m, -1);
  component_of_group_.resize(panels_.groups.size());
  for (const OuterFactor& of : panels_.factors) place_of_level_.emplace_back(of.levels, Place{-1, 0});
  for (Index c = 0; c < length(panels_.components); ++c) {
    const ComponentPanels::Component& component = panels_.components[c];
    for (int g = component.first_group; g < component.end_group; ++g) {
      group_of_level_[panels_.groups[g].group] = g;
      component_of_group_[g] = static_cast<int>(c);
    }
    int block = component.first_block;
    for (Index f = 0; f < length(panels_.factors); ++f)
      for (Index at = component.first_effect[f]; at < component.first_effect[f + 1];
           at += panels_.factors[f].width(), ++block)
        place_of_level_[f][stats_.outer.block_level[block]] = {static_cast<int>(c), at};
  }
}

std::vector<LevelEffects> SeveralFactorBlups::effects(const Coefficients& coefficients) const {
  const Index rank = coefficients.b.size();
  std::vector<LevelEffects> out(panels_.factors.size() + 1);
  LevelEffects& inner = out[stats_.inner_factor];
  inner = no_effects(select(lambda_, panels_.inner), stats_.m, rank);
  add_inner_effects(coefficients, inner);
  for (const OuterFactor& of : panels_.factors)
    out[of.factor] = no_effects(select(lambda_, of.columns), of.levels, rank);
  for (Index c = 0; c < length(panels_.components); ++c) add_outer_effects(c, coefficients, out);
  return out;
}

void SeveralFactorBlups::add_inner_effects(const Coefficients& coefficients, LevelEffects& out) const {
  const Index q = panels_.inner_q();
  for (Index g = 0; g < length(panels_.groups); ++g) {
    const ComponentPanels::Group& group = panels_.groups[g];
    const int c = component_of_group_[g];
    const int* effect = panels_.effect.data() + group.first_effect;
    const auto D = D_[g].leftCols(group.width);
    coefficients.store(D_[g].rightCols(panels_.k) - D * rows_of(NG_[c], effect, group.width), group.group, out);
    out.factor.middleCols(group.group * q, q) = factor_of(C_[g]);
  }
}

void SeveralFactorBlups::add_outer_effects(Index component, const Coefficients& coefficients,
                                           std::vector<LevelEffects>& out) const {
  const ComponentPanels::Component& own = panels_.components[component];
  const Matrix& N = N_[component];
  int block = own.first_block;
  for (Index f = 0; f < length(panels_.factors); ++f) {
    const OuterFactor& of = panels_.factors[f];
    const Index w = of.width();
    const Matrix A = select(from_user_, of.columns);
    LevelEffects& effects = out[of.factor];
    for (Index at = own.first_effect[f]; at < own.first_effect[f + 1]; at += w, ++block) {
      const Index level = stats_.outer.block_level[block];
      coefficients.store(A * NG_[component].middleRows(at, w), level, effects);
      effects.factor.middleCols(level * w, w) = factor_of(A * N.block(at, at, w, w) * A.transpose());
    }
  }
}

// u_1'C_ii u_1 + 2 u_1'C_i2 v + v'Nv for the inner effects and the row's own outer ones v;
// C_i2 = -D_i N.
double SeveralFactorBlups::variance(const Vector& u, const Eigen::VectorXi& levels) const {
  Entries own;
  double sum = 0;
  for (Index f = 0; f < length(panels_.factors); ++f)
    sum += own_outer_effects(f, select(u, panels_.factors[f].columns), levels[panels_.factors[f].factor], own);
  for (const Entry& a : own)
    for (const Entry& b : own) sum += product(a, b);

  const Vector inner = select(u, panels_.inner);
  const int level = levels[stats_.inner_factor];
  const int g = level < 0 ? -1 : group_of_level_[level];
  if (g < 0) return sum + (select(lambda_, panels_.inner).transpose() * inner).squaredNorm();
  const ComponentPanels::Group& group = panels_.groups[g];
  sum += inner.dot(C_[g] * inner);
  for (Index j = 0; j < group.width; ++j) {
    const Entry moved{{component_of_group_[g], panels_.effect[group.first_effect + j]}, D_[g].col(j).dot(inner)};
    for (const Entry& a : own) sum -= 2 * product(a, moved);
  }
  return sum;
}

// Adds the effects to `own`; returns the variance of those of a level without data.
double SeveralFactorBlups::own_outer_effects(Index factor, const Vector& u, int level, Entries& own) const {
  const OuterFactor& of = panels_.factors[factor];
  const Place place = level < 0 ? Place{-1, 0} : place_of_level_[factor][level];
  if (place.component < 0) return (select(lambda_, of.columns).transpose() * u).squaredNorm();
  const Vector in_fit_basis = select(from_user_, of.columns).transpose() * u;
  for (Index j = 0; j < of.width(); ++j) own.push_back({{place.component, place.effect + j}, in_fit_basis[j]});
  return 0;
}

double SeveralFactorBlups::product(const Entry& a, const Entry& b) const {
  if (a.place.component != b.place.component) return 0;
  return a.value * b.value * N_[a.place.component](a.place.effect, b.place.effect);
}

}  // namespace mixest
