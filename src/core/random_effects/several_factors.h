// Predicted effects with several grouping factors, at one relative covariance (blups.h for the
// formulas): cov_22 of every component, and cov_ii and pull_i of every inner group.
#pragma once

#include "../likelihood/several_factors/component_state.h"
#include "level_effects.h"

namespace mixest {

class SeveralFactorBlups {
 public:
  // `lambda`: in the user's columns. `stats` must outlive the object.
  SeveralFactorBlups(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random, const Matrix& lambda);

  // One for each grouping factor, in their order.
  std::vector<LevelEffects> effects(const Coefficients& coefficients) const;

  // u'cov u of one row; see conditional_variances() in blups.h.
  double variance(const Vector& u, const Eigen::VectorXi& levels) const;

 private:
  // An outer effect: of which component (-1: of none), and where in it.
  struct Place {
    int component;
    Index effect;
  };
  struct Entry {
    Place place;
    double value;
  };
  using Entries = std::vector<Entry>;  // a combination of outer effects

  void predict_groups(const Matrix& in_fit_basis);
  void index_levels();
  void add_inner_effects(const Coefficients& coefficients, LevelEffects& out) const;
  void add_outer_effects(Index component, const Coefficients& coefficients, std::vector<LevelEffects>& out) const;
  double add_row_effects(Index f, const Vector& u, int level, Entries& row_effects) const;
  double product(const Entry& a, const Entry& b) const;

  const GroupStats& stats_;
  ComponentPanels panels_;
  Matrix from_user_, lambda_;
  std::vector<Matrix> outer_cov_, outer_predicted_;  // of each component: cov_22, Psi_2 U_2'V^{-1}[X y]
  std::vector<Matrix> group_cov_, group_pull_;  // of each group, user's columns: cov_ii, Psi_1 U_i'V_1^{-1}[U_J X y]
  std::vector<int> group_of_level_, component_of_group_;
  std::vector<std::vector<Place>> place_of_level_;  // of each outer factor: the first effect
};

}  // namespace mixest
