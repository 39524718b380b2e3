// How the covariance of one random-effects term moves when one of its standard deviations or
// correlations is held.
//
// Other than the parameters of covariance/structure.h, one parameter here *is* the quantity that a
// profile holds (or its angle), while the others reach every covariance that is left, without
// bounds:
//
//   us, sd of column a             the Cholesky factor with row a first: its first pivot is the
//                                  standard deviation
//   us, correlation of a and b     the factor with rows a and b first, theta = (t, r, w, L_31, ..),
//                                    | s_1                    |  s_1 = r cos^2 w, s_2 = r sin^2 w,
//                                    | s_2 sin t  s_2 cos t   |  never negative together, so the
//                                    | L_31       L_32   L_33 |  correlation has the sign of t
//   diag, homdiag                  the standard deviations
//   homcs, ar1                     (s, t), the correlation an angle as in correlation_link.h
//   cs, toep: sd of column a       s_a itself, the others folded among themselves
//   cs, toep: correlation          the fit's own parameters (toep: the first lag only)
#pragma once

#include "structure.h"

namespace mixest {

class TermParameters {
 public:
  virtual ~TermParameters() = default;

  virtual int n_parameters() const = 0;
  virtual Matrix lambda(const Vector& theta) const = 0;
  virtual Matrix first_derivative(const Vector& theta, int a) const = 0;
  virtual Matrix second_derivative(const Vector& theta, int a, int b) const = 0;
};

// A term in the parameters of a structure.
class StructureParameters : public TermParameters {
 public:
  explicit StructureParameters(std::unique_ptr<CovarianceStructure> structure) : structure_(std::move(structure)) {}

  int n_parameters() const override { return structure_->n_parameters(); }
  Matrix lambda(const Vector& theta) const override { return structure_->lambda(theta); }
  Matrix first_derivative(const Vector& theta, int a) const override { return structure_->first_derivative(theta, a); }
  Matrix second_derivative(const Vector& theta, int a, int b) const override {
    return structure_->second_derivative(theta, a, b);
  }

 private:
  std::unique_ptr<CovarianceStructure> structure_;
};

// `us` with the correlation of the first two rows as parameter.
class LeadingCorrelation : public TermParameters {
 public:
  explicit LeadingCorrelation(int dim) : dim_(dim) {}

  int n_parameters() const override { return dim_ * (dim_ + 1) / 2; }
  Matrix lambda(const Vector& theta) const override;
  Matrix first_derivative(const Vector& theta, int a) const override;
  Matrix second_derivative(const Vector& theta, int a, int b) const override;

  // theta of a lower triangular factor.
  Vector parameters(const Matrix& L) const;

 private:
  int dim_;
};

// Which quantity of the term: the standard deviation of column `first` (second < 0), or the
// correlation of `first` and `second` (`second` counts the correlations, from 0, where that is not
// a pair: homcs, ar1, toep, and cs of more than two columns).
struct TermTarget {
  int first;
  int second = -1;
  bool correlation() const { return second >= 0; }
};

// Columns of which one standard deviation of zero, alone, takes every influence from the
// correlation `target`.
std::vector<int> columns_of(const std::string& structure, int dim, const TermTarget& target);

// A term with the parameter: Psi_fit = to_fit Psi(theta) to_fit' in the fit's columns.
struct FixedParameterTerm {
  std::unique_ptr<TermParameters> parameters;
  Matrix to_fit;
  Vector start;      // theta at the estimate
  int held;          // which parameter is held
  double scale = 1;  // a standard deviation is scale * theta[held]
  double lower = 0;  // of a correlation: lower + (1 - lower) (1 + sin theta[held]) / 2
};

// `user`: the term's parameters at the estimate and `basis` its basis (structure.h).
// Throws Misuse for a correlation of toep beyond the first lag.
FixedParameterTerm fix_parameter(const std::string& structure, int dim, const TermTarget& target, const Vector& user,
                                 const Matrix& basis);

}  // namespace mixest
