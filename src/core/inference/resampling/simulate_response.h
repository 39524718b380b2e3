// New responses from a fitted model, drawn as condensed data: nothing of the size of the rows.
//
// Orthogonal reduction turns the rows of group i into q rows [R_i | B_iX b_iy] and others, pooled
// into [R_0X r_0y; 0 rho], and turns independent errors of variance sigma^2 into independent errors
// of variance sigma^2. So the response of the model is
//
//     b_iy = B_iX beta + R_i gamma_i + e_i,     r_0y = R_0X beta + e_0,     rho^2 = sigma^2 chi^2
//     gamma_i ~ N(0, D),   e ~ N(0, sigma^2 I)
//
// rho collects the errors of all rows without a part in X or U. A row of [R_i | B_iX] or R_0X that
// is zero (a group of fewer than q rows, a column of X that is dropped) is one of them or none at
// all; it has no error of its own and rho has one degree of freedom for each row of the data beyond
// the others.
//
// With several grouping factors b_iy has sum B_iJ gamma_J besides, and the other rows are more than
// R_0: simulate_outer.h.
#pragma once

#include <optional>

#include "../../fit/problem.h"
#include "simulate_outer.h"

namespace mixest {

class ResponseSimulator {
 public:
  // At the estimates for `theta` (user parametrisation): beta and sigma are those that belong to
  // it.
  ResponseSimulator(Problem& problem, const Vector& theta);

  bool possible() const { return possible_; }  // false: the likelihood can't be evaluated at theta

  // Overwrites the response in a copy of the condensed data.
  void draw(RandomDraws& random, GroupStats& stats) const;

 private:
  void find_effective_rows(const GroupStats& stats);
  void draw_pooled(RandomDraws& random, GroupStats& stats) const;

  bool possible_ = false;
  Index q_ = 0;
  Index k_ = 0;
  double sigma_ = 0;  // in units of the condensed response
  // q x q: gamma_i = loading * standard normal, for the condensed columns of U of the inner factor
  Matrix loading_;
  Matrix mean_;         // q x m: B_iX beta
  Vector pooled_mean_;  // p: R_0X beta
  Matrix effective_;    // q x m: 1 where a row has a part in U or X, else 0
  Vector pooled_effective_;
  double rest_df_ = 0;
  std::optional<OuterSimulator> outer_;  // with several grouping factors
};

}  // namespace mixest
