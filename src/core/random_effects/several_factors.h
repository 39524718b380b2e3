// Predicted effects with several grouping factors, at one relative covariance (blups.h for the
// formulas): cov_22 of every component, and root_i and pull_i of every inner group. All products
// are taken in the fit's columns of U: in the user's, far from the origin, they would cancel.
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

  // A combination u'gamma with inner effects u_1 and outer ones v, taken apart into what is
  // independent given y:
  //     u'cov u = |root_i'u_1|^2 + e'cov_22 e,   e = v - pull_i'u_1
  struct Row {
    int group = -1;     // of `panels().groups`; -1: the inner level has no data
    Vector inner;       // u_1, fit's columns
    Vector alone;       // root_i'u_1
    Entries outer;      // e
    double unseen = 0;  // variance of the effects of levels without data
  };
  // `u`: in the fit's columns; `levels`: of each grouping factor, -1 for one without data.
  Row row(const Vector& u, const Eigen::VectorXi& levels) const;

  // Covariance of two rows as far as their levels have data.
  double covariance(const Row& a, const Row& b) const;

  const ComponentPanels& panels() const { return panels_; }
  const LambdaBlocks& lambdas() const { return lambdas_; }
  const Matrix& outer_cov(int component) const { return outer_cov_[component]; }
  const Matrix& outer_predicted(int component) const { return outer_predicted_[component]; }
  // Of an outer factor's level, in the order of `panels().factors`.
  bool has_data(Index f, int level) const { return level >= 0 && place_of_level_[f][level].component >= 0; }
  int component_of(int group) const { return component_of_group_[group]; }

 private:
  void predict_groups();
  void index_levels();
  void add_inner_effects(const Coefficients& coefficients, LevelEffects& out) const;
  void add_outer_effects(Index component, const Coefficients& coefficients, std::vector<LevelEffects>& out) const;
  Matrix inner_cov(Index g) const;
  void add_outer(Index f, const Vector& u, int level, Row& out) const;
  void add_inner(int g, Row& out) const;
  double product(const Entry& a, const Entry& b) const;

  const GroupStats& stats_;
  ComponentPanels panels_;
  Matrix from_user_, lambda_;                        // lambda: in the user's columns
  LambdaBlocks lambdas_;                             // in the fit's
  std::vector<Matrix> outer_cov_, outer_predicted_;  // of each component: cov_22, Psi_2 U_2'V^{-1}[X y]
  std::vector<Matrix> group_root_, group_pull_;      // of each group: root_i, Psi_1 U_i'V_1^{-1}[U_J X y]
  std::vector<int> group_of_level_, component_of_group_;
  std::vector<std::vector<Place>> place_of_level_;  // of each outer factor: the first effect
};

}  // namespace mixest
