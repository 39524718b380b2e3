// The predicted effects of the levels of one grouping factor, and what one group's own data say of
// them (blups.h for the formulas).
#pragma once

#include <Eigen/QR>

#include "../likelihood/fixed_basis.h"

namespace mixest {

// Of one grouping factor with w columns of U.
struct LevelEffects {
  Matrix gamma;             // w x levels, user's columns of U, units of y; zero for a level without rows that count
  Matrix root;              // w x (w levels): root_l side by side, root_l root_l' = Var(gamma_l | y) / sigma^2
  Matrix beta_sensitivity;  // w x (rank levels): (d gamma_l / d beta') F, vcov(beta) = sigma^2 F F'
};

// Of levels without rows that count: their covariance is Psi, of which `lambda` (w x w) is a
// root.
LevelEffects no_effects(const Matrix& lambda, Index levels, Index rank);

// How Psi U_l'V^{-1}[X y] of a level becomes its effects.
struct Coefficients {
  Vector b;        // on the basis of X
  Matrix inverse;  // Tc^{-1} on X
  double unit;

  Coefficients(const GroupStats& stats, const FixedBasis& fixed, const Matrix& triangle);

  // `predicted`: Psi U_l'V^{-1}[X y] of one level, user's columns of U.
  void store(const Matrix& predicted, Index level, LevelEffects& out) const;
};

// The effects of one group of the only, or inner, factor; user's columns.
class GroupPrediction {
 public:
  // Roots of Psi in the fit's columns, those of R, and in the user's.
  GroupPrediction(Matrix in_fit_basis, Matrix lambda);

  void set_group(const Matrix& R);

  // Lambda Delta^{-1}
  Matrix root() const;

  // Psi R'H^{-1} e, from the least squares problem min |e - R Lambda u|^2 + |u|^2.
  Matrix predict(const Matrix& e) const;

 private:
  Matrix in_fit_basis_, lambda_;
  Index q_;
  Matrix stacked_;
  Eigen::HouseholderQR<Matrix> qr_;
};

}  // namespace mixest
