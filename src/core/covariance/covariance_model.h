// The covariance of all random effects: one structure per term, side by side.
//
//         | Psi_1          |       rows and columns: those of U, term by term
//   Psi = |       Psi_2    |
//         |             .. |       theta = (theta_1, theta_2, ..)
//
// The model answers a structure's questions for the whole of theta and joins the structures to the
// likelihood, which sees only Psi. The likelihood gives
//
//   G (q x q, symmetric)        d dev = <G, dPsi> = sum_ab G_ab dPsi_ab for symmetric dPsi
//   Hess (pairs x pairs, symm.) the second derivative of dev in the directions A_r and A_s
//
// where the pairs r = (a, b), a <= b, run over the blocks only and A_r = e_a e_b' + e_b e_a' for
// a < b, e_a e_a' for a = b, so that a symmetric direction within the blocks is dPsi = sum_r
// dPsi(a_r, b_r) A_r. With J(r, t) = dPsi(a_r, b_r) / dtheta_t
//
//   gradient = J' g,   g_r = <G, A_r>,   Hessian = J' Hess J + ( <G, d2Psi_st> )_st
//
// where the second part is block diagonal: no structure knows the parameters of another.
#pragma once

#include <memory>
#include <vector>

#include "structure.h"

namespace mixest {

// An entry of the upper triangle of Psi, a <= b.
struct Pair {
  int a, b;
};

class CovarianceModel {
 public:
  // `structures` in the order of their columns in U; at least one.
  explicit CovarianceModel(std::vector<std::unique_ptr<CovarianceStructure>> structures);

  int n_terms() const { return static_cast<int>(terms_.size()); }
  int dim() const { return dim_; }
  int n_parameters() const { return n_parameters_; }

  const CovarianceStructure& structure(int term) const { return *terms_.at(term).structure; }
  // Is every Psi possible? With one column it is, whatever the structure.
  bool all_unstructured() const;

  int first_column(int term) const { return terms_.at(term).first_column; }
  int first_parameter(int term) const { return terms_.at(term).first_parameter; }

  // Term by term, the lower triangle of each block column by column: (0,0), (0,1), .., (1,1), ..
  const std::vector<Pair>& pairs() const { return pairs_; }

  // What a structure answers (structure.h), for all terms: matrices are q x q and block diagonal,
  // ranks one per term.
  Vector start(const Matrix& psi) const;
  Matrix lambda(const Vector& theta) const;
  Vector canonical(const Vector& theta, double tolerance) const;
  Vector to_user(const Vector& theta, const Matrix& basis) const;
  Vector from_user(const Vector& user, const Matrix& basis) const;
  Matrix user_jacobian(const Vector& theta, const Matrix& basis) const;
  CovarianceModel in_user_parameters() const;
  std::vector<int> ranks(const Vector& theta) const;
  std::vector<bool> unidentified(const Vector& theta) const;

  // Other points with the Psi of a canonical theta: each unidentified parameter in turn over its
  // range. All of them are one point to the likelihood, but dev may fall from some and rise from
  // others (with s = 0 the curvature in s depends on rho), so an optimum has non-negative curvature
  // at every one.
  std::vector<Vector> equivalent_points(const Vector& theta) const;

  // The chain rule.
  Vector gradient(const Vector& theta, const Matrix& G) const;
  Matrix hessian(const Vector& theta, const Matrix& G, const Matrix& hess) const;

 private:
  struct Term {
    std::unique_ptr<CovarianceStructure> structure;
    int first_column, first_parameter, first_pair;

    int dim() const { return structure->dim(); }
    int n_parameters() const { return structure->n_parameters(); }
    int n_pairs() const { return dim() * (dim() + 1) / 2; }

    Vector parameters(const Vector& all) const { return all.segment(first_parameter, n_parameters()); }
    Matrix block(const Matrix& all) const { return all.block(first_column, first_column, dim(), dim()); }
  };

  void require_theta(const Vector& theta) const;
  Matrix jacobian(const Vector& theta) const;

  template <class PerTerm>
  Vector concatenate(const PerTerm& per_term) const;

  std::vector<Term> terms_;
  std::vector<Pair> pairs_;
  int dim_ = 0, n_parameters_ = 0;
};

}  // namespace mixest
