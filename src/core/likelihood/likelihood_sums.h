// The sums over the levels of the grouping factors of which the likelihood and all inference are
// made.
//
// With V = I + U Psi U' over all rows (in units of sigma^2; Psi repeated for every level of its
// factor), S = U'V^{-1}U, E = U'V^{-1}[X y], the triangular factor Tc of T = [X y]'V^{-1}[X y] and
// Ew = E Tc^{-1} (an effect a row; S_lm, Ew_l: the blocks of levels):
//
//     log |V|,  T                            what the deviance needs
//     G = sum_l (S_ll - P_l)                 its gradient;  P_l = Ew_l diag(w) Ew_l', the weight
//                                            w = 1 for every column of X (REML; ML: 0), nu for y
//     curvature[A, B]                        the part of the Hessian that sees pairs of levels,
//         = -tr(S A S B) + 2 tr(S A P B)     P = Ew diag(w) Ew'
//     sum_l Ew_l' A Ew_l                     the part that sees sums over levels
//
// A direction A of Psi is q x q and stands for A repeated for every level. Directions have
// coordinates over pairs of columns.
#pragma once

#include <memory>
#include <vector>

#include "../base/execution.h"
#include "fixed_basis.h"
#include "random_basis.h"

namespace mixest {

struct ValueSums {
  double log_det = 0;  // log |V|
  Matrix T;            // k x k
};

struct DerivativeSums {
  Matrix S;          // sum_l S_ll, q x q; zero between columns of different factors, and so are P and Ew_by_Ew
  Matrix P;          // sum_l P_l, q x q
  Matrix curvature;  // over pairs of columns
  Matrix Ew_by_Ew;   // sum_l vec(Ew_l) vec(Ew_l)', q k x q k; entry (a, c) of Ew_l has index a k + c

  Index k() const { return Ew_by_Ew.cols() / S.cols(); }
};

struct DerivativeRequest {
  const Matrix& triangle;  // Tc, upper triangular
  double nu;
  bool reml;
  bool hessian;  // else `curvature` and `Ew_by_Ew` stay empty
};

class LikelihoodSums {
 public:
  virtual ~LikelihoodSums() = default;

  virtual Index q() const = 0;
  virtual Index k() const = 0;  // rank of X, plus 1 for y

  // `lambda` (q x q): a root of Psi in the fit's columns of U.
  virtual ValueSums value_sums(const Matrix& lambda) = 0;
  virtual DerivativeSums derivative_sums(const Matrix& lambda, const DerivativeRequest& request) = 0;

  // sum over the `directions` A of Ew_X' A S A Ew_X, p x p.
  virtual Matrix kenward_roger_sums(const Matrix& lambda, const Matrix& triangle,
                                    const std::vector<Matrix>& directions) = 0;
};

// Index of the pair (a, b) of q columns: the lower triangle, column by column.
Index pair_index(Index a, Index b, Index q);

// Coordinates of a symmetric direction: its lower triangle, column by column.
Vector pair_coordinates(const Matrix& direction);

// sum_l Ew_l' A Ew_l for a symmetric direction, k x k.
Matrix sum_of_squares(const DerivativeSums& sums, const Matrix& direction);

}  // namespace mixest
