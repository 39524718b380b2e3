#include "several_factors.h"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>

#include "../linear_algebra/spd_inverse.h"

namespace mixest {

namespace {

// w x w root of a positive semi-definite matrix.
Matrix root_of(const Matrix& cov_matrix) {
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(cov_matrix);
  return eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal();
}

// The rows of A, or rows and columns, that belong to the outer effects of a group.
Matrix rows_of(const Matrix& basis, const int* effect, Index J) {
  Matrix out(J, basis.cols());
  for (Index a = 0; a < J; ++a) out.row(a) = basis.row(effect[a]);
  return out;
}

Matrix block_of(const Matrix& basis, const int* effect, Index J) {
  Matrix out(J, J);
  for (Index b = 0; b < J; ++b)
    for (Index a = 0; a < J; ++a) out(a, b) = basis(effect[a], effect[b]);
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
    outer_cov_.push_back(inverse_from_factor(state.root));
    const BlockDiagonal Lambda(component, lambdas.outer);
    Lambda.times(outer_cov_.back());
    Lambda.transposed_from_right(outer_cov_.back());
    outer_predicted_.push_back(outer_cov_.back() * state.rhs);
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
    group_pull_.push_back(prediction.predict(panel.rightCols(group.width + panels_.k)));
    const Matrix root = prediction.root();
    const auto pull = group_pull_.back().leftCols(group.width);
    const Matrix& cov = outer_cov_[component_of_group_[g]];
    group_cov_.push_back(root * root.transpose() +
                         pull * block_of(cov, panels_.effect.data() + group.first_effect, group.width) *
                             pull.transpose());
  }
}

void SeveralFactorBlups::index_levels() {
  group_of_level_.assign(stats_.m, -1);
  component_of_group_.resize(panels_.groups.size());
  for (const OuterFactor& factor : panels_.factors) place_of_level_.emplace_back(factor.levels, Place{-1, 0});
  for (Index c = 0; c < length(panels_.components); ++c) {
    const ComponentPanels::Component& component = panels_.components[c];
    for (int g = component.first_group; g < component.end_group; ++g) {
      group_of_level_[panels_.groups[g].group] = g;
      component_of_group_[g] = static_cast<int>(c);
    }
    int block = component.first_block;
    for (Index f = 0; f < length(panels_.factors); ++f)
      for (Index effect = component.first_effect[f]; effect < component.first_effect[f + 1];
           effect += panels_.factors[f].width(), ++block)
        place_of_level_[f][stats_.outer.block_level[block]] = {static_cast<int>(c), effect};
  }
}

std::vector<LevelEffects> SeveralFactorBlups::effects(const Coefficients& coefficients) const {
  const Index rank = coefficients.b.size();
  std::vector<LevelEffects> out(panels_.factors.size() + 1);
  LevelEffects& inner = out[stats_.inner_factor];
  inner = no_effects(select(lambda_, panels_.inner), stats_.m, rank);
  add_inner_effects(coefficients, inner);
  for (const OuterFactor& factor : panels_.factors)
    out[factor.factor] = no_effects(select(lambda_, factor.columns), factor.levels, rank);
  for (Index c = 0; c < length(panels_.components); ++c) add_outer_effects(c, coefficients, out);
  return out;
}

void SeveralFactorBlups::add_inner_effects(const Coefficients& coefficients, LevelEffects& out) const {
  const Index q = panels_.inner_q();
  for (Index g = 0; g < length(panels_.groups); ++g) {
    const ComponentPanels::Group& group = panels_.groups[g];
    const int c = component_of_group_[g];
    const int* effect = panels_.effect.data() + group.first_effect;
    const auto pull = group_pull_[g].leftCols(group.width);
    coefficients.store(group_pull_[g].rightCols(panels_.k) - pull * rows_of(outer_predicted_[c], effect, group.width),
                       group.group, out);
    out.root.middleCols(group.group * q, q) = root_of(group_cov_[g]);
  }
}

void SeveralFactorBlups::add_outer_effects(Index component, const Coefficients& coefficients,
                                           std::vector<LevelEffects>& out) const {
  const ComponentPanels::Component& members = panels_.components[component];
  const Matrix& cov = outer_cov_[component];
  int block = members.first_block;
  for (Index f = 0; f < length(panels_.factors); ++f) {
    const OuterFactor& factor = panels_.factors[f];
    const Index w = factor.width();
    const Matrix basis = select(from_user_, factor.columns);
    LevelEffects& effects = out[factor.factor];
    for (Index effect = members.first_effect[f]; effect < members.first_effect[f + 1]; effect += w, ++block) {
      const Index level = stats_.outer.block_level[block];
      coefficients.store(basis * outer_predicted_[component].middleRows(effect, w), level, effects);
      effects.root.middleCols(level * w, w) = root_of(basis * cov.block(effect, effect, w, w) * basis.transpose());
    }
  }
}

// u_1'cov_ii u_1 + 2 u_1'cov_i2 v + v'cov_22 v for the inner effects and the row's own outer ones
// v; cov_i2 = -pull_i cov_22.
double SeveralFactorBlups::variance(const Vector& u, const Eigen::VectorXi& levels) const {
  Entries row_effects;
  double sum = 0;
  for (Index f = 0; f < length(panels_.factors); ++f)
    sum += add_row_effects(f, select(u, panels_.factors[f].columns), levels[panels_.factors[f].factor], row_effects);
  for (const Entry& a : row_effects)
    for (const Entry& b : row_effects) sum += product(a, b);

  const Vector inner = select(u, panels_.inner);
  const int level = levels[stats_.inner_factor];
  const int g = level < 0 ? -1 : group_of_level_[level];
  if (g < 0) return sum + (select(lambda_, panels_.inner).transpose() * inner).squaredNorm();
  const ComponentPanels::Group& group = panels_.groups[g];
  sum += inner.dot(group_cov_[g] * inner);
  for (Index j = 0; j < group.width; ++j) {
    const Entry moved{{component_of_group_[g], panels_.effect[group.first_effect + j]},
                      group_pull_[g].col(j).dot(inner)};
    for (const Entry& a : row_effects) sum -= 2 * product(a, moved);
  }
  return sum;
}

// Adds the effects to `row_effects`; returns the variance of those of a level without data.
double SeveralFactorBlups::add_row_effects(Index f, const Vector& u, int level, Entries& row_effects) const {
  const OuterFactor& factor = panels_.factors[f];
  const Place place = level < 0 ? Place{-1, 0} : place_of_level_[f][level];
  if (place.component < 0) return (select(lambda_, factor.columns).transpose() * u).squaredNorm();
  const Vector in_fit_basis = select(from_user_, factor.columns).transpose() * u;
  for (Index j = 0; j < factor.width(); ++j)
    row_effects.push_back({{place.component, place.effect + j}, in_fit_basis[j]});
  return 0;
}

double SeveralFactorBlups::product(const Entry& a, const Entry& b) const {
  if (a.place.component != b.place.component) return 0;
  return a.value * b.value * outer_cov_[a.place.component](a.place.effect, b.place.effect);
}

}  // namespace mixest
