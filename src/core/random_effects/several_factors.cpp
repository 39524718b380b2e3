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
    : stats_(stats),
      panels_(stats, fixed, random),
      from_user_(random.from_user),
      lambda_(lambda),
      lambdas_(panels_, from_user_.inverse() * lambda) {
  Vector whitened(panels_.data.size());
  Matrix T = Matrix::Zero(panels_.k, panels_.k);
  double log_det = 0;
  ComponentState state;
  for (const ComponentPanels::Component& component : panels_.components) {
    eliminate(panels_, component, lambdas_, whitened, state, log_det, T);
    outer_cov_.push_back(inverse_from_factor(state.root));
    const BlockDiagonal Lambda(component, lambdas_.outer);
    Lambda.times(outer_cov_.back());
    Lambda.transposed_from_right(outer_cov_.back());
    outer_predicted_.push_back(outer_cov_.back() * state.rhs);
  }
  index_levels();
  predict_groups();
}

void SeveralFactorBlups::predict_groups() {
  const Index q = panels_.inner_q();
  GroupPrediction prediction(lambdas_.inner, lambdas_.inner);
  for (const ComponentPanels::Group& group : panels_.groups) {
    const Eigen::Map<const Matrix> panel(panels_.data.data() + group.first, q, panels_.columns(group));
    prediction.set_group(panel.leftCols(q));
    group_pull_.push_back(prediction.predict(panel.rightCols(group.width + panels_.k)));
    group_root_.push_back(prediction.root());
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
  const Matrix basis = select(from_user_, panels_.inner);
  for (Index g = 0; g < length(panels_.groups); ++g) {
    const ComponentPanels::Group& group = panels_.groups[g];
    const Matrix outer =
        rows_of(outer_predicted_[component_of_group_[g]], panels_.effect.data() + group.first_effect, group.width);
    const Matrix inner = group_pull_[g].rightCols(panels_.k) - group_pull_[g].leftCols(group.width) * outer;
    coefficients.store(basis * inner, group.group, out);
    out.root.middleCols(group.group * q, q) = basis * root_of(inner_cov(g));
  }
}

// cov_ii
Matrix SeveralFactorBlups::inner_cov(Index g) const {
  const ComponentPanels::Group& group = panels_.groups[g];
  const auto pull = group_pull_[g].leftCols(group.width);
  const Matrix cov =
      block_of(outer_cov_[component_of_group_[g]], panels_.effect.data() + group.first_effect, group.width);
  return group_root_[g] * group_root_[g].transpose() + pull * cov * pull.transpose();
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
      effects.root.middleCols(level * w, w) = basis * root_of(cov.block(effect, effect, w, w));
    }
  }
}

SeveralFactorBlups::Row SeveralFactorBlups::row(const Vector& u, const Eigen::VectorXi& levels) const {
  Row out;
  for (Index f = 0; f < length(panels_.factors); ++f)
    add_outer(f, select(u, panels_.factors[f].columns), levels[panels_.factors[f].factor], out);
  out.inner = select(u, panels_.inner);
  const int level = levels[stats_.inner_factor];
  const int g = level < 0 ? -1 : group_of_level_[level];
  if (g < 0) {
    out.unseen += (lambdas_.inner.transpose() * out.inner).squaredNorm();
  } else {
    add_inner(g, out);
  }
  return out;
}

void SeveralFactorBlups::add_outer(Index f, const Vector& u, int level, Row& out) const {
  if (!has_data(f, level)) {
    out.unseen += (lambdas_.outer[f].transpose() * u).squaredNorm();
    return;
  }
  const Place place = place_of_level_[f][level];
  for (Index j = 0; j < length(u); ++j) out.outer.push_back({{place.component, place.effect + j}, u[j]});
}

void SeveralFactorBlups::add_inner(int g, Row& out) const {
  const ComponentPanels::Group& group = panels_.groups[g];
  out.group = g;
  out.alone = group_root_[g].transpose() * out.inner;
  for (Index j = 0; j < group.width; ++j) {
    const Place place{component_of_group_[g], panels_.effect[group.first_effect + j]};
    out.outer.push_back({place, -group_pull_[g].col(j).dot(out.inner)});
  }
}

double SeveralFactorBlups::covariance(const Row& a, const Row& b) const {
  double sum = a.group >= 0 && a.group == b.group ? a.alone.dot(b.alone) : 0;
  for (const Entry& x : a.outer)
    for (const Entry& y : b.outer) sum += product(x, y);
  return sum;
}

double SeveralFactorBlups::product(const Entry& a, const Entry& b) const {
  if (a.place.component != b.place.component) return 0;
  return a.value * b.value * outer_cov_[a.place.component](a.place.effect, b.place.effect);
}

}  // namespace mixest
