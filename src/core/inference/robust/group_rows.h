// The rows of one group as the estimates see them, from condensed data with remainders:
//
//                 [ B_iX  b_iy ]                                [ I + R_i Psi R_i'   0 ]
//     [X y]   =   [ C_iX  c_iy ]   q + p rows,   Var(y) = V  =  [        0           I ]  sigma^2
//
// They stand for the group's rows, multiplied by the square roots of their weights, after an
// orthogonal Q_i. Whatever is computed from inner products and symmetric functions of V is the
// same; the rows that are left out have X = 0 and V = I.
//
// The columns of X are combined to X F with Var(beta^) = sigma^2 F F', so that sum X'V^{-1}X is the
// identity, and y is replaced by the residuals e = y - X beta^ in units of sigma.
#pragma once

#include "../../fit/objective.h"
#include "cluster_source.h"

namespace mixest {

class GroupRowsReader final : public ClusterSource {
 public:
  // `theta`: the estimate, in the fit's parametrisation. Moves the problem's origin of y when that
  // saves digits. Throws Misuse when the condensed data have no remainders.
  GroupRowsReader(Problem& problem, const Vector& theta);

  bool finite() const { return finite_; }  // false: the likelihood can't be evaluated at theta
  Index groups() const override { return stats_.m; }
  Index clusters() const override { return (stats_.remainders.n_obs.array() > 0).count(); }
  Index rank() const override { return beta_root_.cols(); }

  // F for coefficients on the user's columns, rank x rank.
  const Matrix& user_beta_root() const { return user_beta_root_; }

  GroupRows read(Index group) const override;  // q + p rows

 private:
  const GroupStats& stats_;
  bool finite_;
  Matrix beta_root_;  // F for the condensed columns, p x rank
  Matrix user_beta_root_;
  Vector beta_;    // on the condensed columns, p
  double sigma_;   // of the condensed y
  Matrix lambda_;  // of the condensed columns of U
};

}  // namespace mixest
