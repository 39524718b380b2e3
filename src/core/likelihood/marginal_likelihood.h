// The marginal likelihood of the grouped data as a function of the relative covariance
// Psi = Lambda Lambda', with beta and sigma profiled out, and its exact first and second
// derivatives.
//
//     T = [X y]'V^{-1}[X y] = Tc'Tc = [XX Xy; Xy' yy]     (V in units of sigma^2),   r = Tc_yy
//     dev = log|V| + [REML] (log|XX| + 2 log|det|) + nu (1 + log(2 pi r^2 / nu)) - sum log w
//
//     G = sum_l (S_ll - P_l)                     d dev = <G, dPsi> for symmetric dPsi
//     Hess[A, B] = curvature[A, B] - nu (2 a_A . a_B + m_A m_B) - [REML] <M_A, M_B>
//       where  sum_l Ew_l' A Ew_l = [ M_A  a_A; a_A'  m_A ]
//
// with nu = n or n - p, det the determinant of the map from the user's X to its basis, and S, P,
// Ew, curvature of likelihood_sums.h. Lindstrom & Bates (1988) derive the same derivatives for the
// Cholesky factor of Psi; here they are for Psi itself, so that any structure joins them by the
// chain rule.
#pragma once

#include "likelihood_sums.h"

namespace mixest {

enum class Order { value, gradient, hessian };

struct Evaluation {
  bool finite = false;  // false: r^2 is lost in rounding or the deviance overflows; of the others only Tc may be set
  double deviance = 0;  // -2 log likelihood, or the REML criterion
  Matrix triangle;      // Tc; empty when XX is not positive definite
  Matrix G;             // q x q
  Matrix information;   // sum S_i: the scale of G
  // over the pairs (a, b), a >= b, of the lower triangle of Psi, column by column; the direction of
  // a pair is e_a e_b' + e_b e_a', or e_a e_a' on the diagonal
  Matrix hessian;

  // r, in units of the basis of y
  double residual() const { return triangle(triangle.rows() - 1, triangle.cols() - 1); }
  Vector beta() const;  // coefficients on the basis of X

  // How many times larger y is than what X leaves of it, in squares: r loses so many units of
  // rounding.
  double cancellation() const { return triangle.col(triangle.cols() - 1).squaredNorm() / (residual() * residual()); }
};

// The information of the design on directions of Psi, at Psi = 0 and in units of sigma
// (fit/identifiability.h).
struct DesignInformation {
  Matrix with_fixed;     // tr(N U A_r U'N U A_s U') over all pairs, N the projection off X
  Matrix without_fixed;  // the same with N = I
  Matrix trace;          // U'N U summed over groups, q x q: tr(N U A U') = <trace, A>
};

class MarginalLikelihood {
 public:
  MarginalLikelihood(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random, bool reml,
                     const Execution& execution);

  Evaluation evaluate(const Matrix& lambda, Order order);

  DesignInformation design_information();

  LikelihoodSums& sums() { return *sums_; }
  double nu() const { return nu_; }

 private:
  double deviance(double log_det, const Matrix& triangle) const;

  std::unique_ptr<LikelihoodSums> sums_;
  bool reml_;
  double nu_;
  double fixed_log_det_;  // log |det| of the map from the user's X to its basis
  double log_scale_;      // log of the unit of y's basis, in user units
  double sum_log_weights_;
};

}  // namespace mixest
