// The contract of a covariance structure: theta -> Psi for one random-effects term.
//
// Psi (q x q, symmetric, positive semi-definite) is the relative covariance of the term,
// D = sigma^2 Psi. A structure knows theta and nothing else: no data, no likelihood, no other term.
// The likelihood sees only Psi; the chain rule
//
//   d dev / d theta_a            = <G, dPsi_a>
//   d2 dev / d theta_a d theta_b = Hess[dPsi_a, dPsi_b] + <G, d2Psi_ab>
//
// joins the two. theta here is the optimiser's: unconstrained, every Psi of the structure is
// reached, the singular ones too, and Psi is twice continuously differentiable in it. What users
// see are `user` parameters (standard deviations and correlations in their own columns, or a
// Cholesky factor); the two maps below connect them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../base/invariance.h"
#include "../base/types.h"

namespace mixest {

class CovarianceStructure {
 public:
  virtual ~CovarianceStructure() = default;

  virtual int dim() const = 0;           // q, the columns of U of this term
  virtual int n_parameters() const = 0;  // length of theta, and of the user's parameters
  virtual Invariance invariance() const = 0;

  // theta whose Psi is near `psi` (symmetric positive definite); used to start the optimiser.
  virtual Vector start(const Matrix& psi) const = 0;

  // Lambda (q x q) with Psi = Lambda Lambda', accurate also where Psi is singular.
  virtual Matrix lambda(const Vector& theta) const = 0;

  virtual Matrix first_derivative(const Vector& theta, int a) const = 0;
  virtual Matrix second_derivative(const Vector& theta, int a, int b) const = 0;

  // The representative of all theta with the same Psi: signs fixed, noise at the boundary set to
  // exact zero. `tolerance`: a parameter (a root of a variance in the fit's basis, the angle of a
  // correlation to its limit) below it counts as zero; what that changes in Psi is of the order of
  // its square.
  virtual Vector canonical(const Vector& theta, double tolerance) const = 0;

  // The user's parameters of theta and back. The fit works with U_fit = U_user basis, where `basis`
  // is of the kind that invariance() allows; hence Lambda_user = basis Lambda_fit. from_user()
  // throws Misuse when `user` is outside the structure.
  virtual Vector to_user(const Vector& theta, const Matrix& basis) const = 0;
  virtual Vector from_user(const Vector& user, const Matrix& basis) const = 0;

  // d to_user / d theta at a canonical theta, n_parameters x n_parameters. Columns of parameters at
  // the boundary, which don't move Psi to first order, are not to be used.
  virtual Matrix user_jacobian(const Vector& theta, const Matrix& basis) const = 0;

  // The same structure with the user's parameters as its theta (not unconstrained): derivatives for
  // `devfun()`.
  virtual std::unique_ptr<CovarianceStructure> in_user_parameters() const = 0;

  // Where a parameter is the fold of another one, which it reaches only to second order: the same
  // structure with the other as parameter, and theta there. Null when there is no fold.
  virtual std::unique_ptr<CovarianceStructure> unfolded() const { return nullptr; }
  virtual Vector unfold(const Vector& theta) const { return theta; }

  // Rank of Psi at a canonical theta.
  virtual int rank(const Vector& theta) const = 0;

  // Parameters that have no influence on Psi at a canonical theta (a correlation beside a zero
  // standard deviation, ...).
  virtual std::vector<bool> unidentified(const Vector& theta) const = 0;

  // Some other theta with the same Psi, where no single parameter leads to all of them.
  virtual std::vector<Vector> equivalents(const Vector&) const { return {}; }
};

}  // namespace mixest
