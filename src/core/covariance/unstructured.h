// `us`: any positive semi-definite Psi, by its Cholesky factor.
//
//   Psi = L L',   theta = (L_11, L_21, .., L_q1, L_22, .., L_qq): the lower triangle
//                of L column by column, q (q + 1) / 2 values
//
// Psi is a polynomial in theta. Zero pivots reach every singular Psi, where log standard deviations
// would only tend to it. The derivative for L_ij and the (only non-zero) second derivatives, those
// for two entries of one column j, with l_j that column:
//
//   dPsi / dL_ij = e_i l_j' + l_j e_i',     d2Psi / dL_ij dL_kj = e_i e_k' + e_k e_i'
//
// The sign of a column of L, and with a zero pivot much more, is not determined by Psi; canonical()
// takes the representative of triangular_factor.h. The user's parameters are the same triangle in
// the user's columns of U (lme4's theta): Lambda = basis L is made triangular again, never Psi
// refactored.
//
// The Cholesky parametrisation and its rivals: Pinheiro & Bates (1996), Statistics and Computing 6,
// 289-296.
#pragma once

#include "structure.h"

namespace mixest {

class Unstructured : public CovarianceStructure {
 public:
  explicit Unstructured(int dim);

  int dim() const override { return dim_; }
  int n_parameters() const override { return dim_ * (dim_ + 1) / 2; }
  Invariance invariance() const override { return Invariance::linear; }

  Vector start(const Matrix& psi) const override;
  Matrix lambda(const Vector& theta) const override;
  Matrix first_derivative(const Vector& theta, int a) const override;
  Matrix second_derivative(const Vector& theta, int a, int b) const override;

  // A pivot (a conditional standard deviation) below `tolerance` becomes zero.
  Vector canonical(const Vector& theta, double tolerance) const override;
  Vector to_user(const Vector& theta, const Matrix& basis) const override;
  Vector from_user(const Vector& user, const Matrix& basis) const override;
  Matrix user_jacobian(const Vector& theta, const Matrix& basis) const override;
  std::unique_ptr<CovarianceStructure> in_user_parameters() const override;
  int rank(const Vector& theta) const override;
  std::vector<bool> unidentified(const Vector& theta) const override;

 private:
  struct Entry {
    int row, column;
  };

  Vector lower_triangle(const Matrix& L) const;

  int dim_;
  std::vector<Entry> entries_;  // the place in L of each parameter
};

}  // namespace mixest
