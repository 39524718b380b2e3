#include "unstructured.h"

#include <Eigen/LU>
#include <Eigen/QR>
#include <algorithm>
#include <limits>

#include "../base/index_sets.h"
#include "../linear_algebra/triangular_factor.h"
#include "requirements.h"

namespace mixest {

namespace {

// Relative size of the rounding errors in a sum of q products.
double rounding(int q) { return 4 * q * std::numeric_limits<double>::epsilon(); }

}  // namespace

Unstructured::Unstructured(int dim) : dim_(dim) {
  if (dim < 1) throw Misuse("a covariance structure must have at least one column");
  for (int j = 0; j < dim; ++j)
    for (int i = j; i < dim; ++i) entries_.push_back({i, j});
}

Vector Unstructured::start(const Matrix& psi) const {
  require_square(psi, dim_, "psi");
  return lower_triangle(semidefinite_factor(psi));
}

Matrix Unstructured::lambda(const Vector& theta) const {
  require_length(theta, n_parameters(), "theta");
  Matrix L = Matrix::Zero(dim_, dim_);
  for (int a = 0; a < n_parameters(); ++a) L(entries_[a].row, entries_[a].column) = theta(a);
  return L;
}

Matrix Unstructured::first_derivative(const Vector& theta, int a) const {
  require_index(a, n_parameters());
  const Entry entry = entries_[a];
  const Vector column = lambda(theta).col(entry.column);
  Matrix derivative = Matrix::Zero(dim_, dim_);
  derivative.row(entry.row) += column.transpose();
  derivative.col(entry.row) += column;
  return derivative;
}

Matrix Unstructured::second_derivative(const Vector& theta, int a, int b) const {
  require_length(theta, n_parameters(), "theta");
  require_index(a, n_parameters());
  require_index(b, n_parameters());
  Matrix derivative = Matrix::Zero(dim_, dim_);
  if (entries_[a].column == entries_[b].column) {
    derivative(entries_[a].row, entries_[b].row) += 1;
    derivative(entries_[b].row, entries_[a].row) += 1;
  }
  return derivative;
}

Vector Unstructured::canonical(const Vector& theta, double tolerance) const {
  const Matrix L = lambda(theta);
  const Vector negligible = (rounding(dim_) * L.rowwise().norm()).cwiseMax(tolerance);
  return lower_triangle(lower_triangular_factor(L, negligible));
}

Vector Unstructured::to_user(const Vector& theta, const Matrix& basis) const {
  require_square(basis, dim_, "A");
  const Matrix L = lambda(theta);
  // What cancels in basis L, or in the making of the basis, leaves errors of the size of its whole
  // rank of L must survive them.
  const Vector terms = basis.rowwise().stableNorm() * L.norm();
  return lower_triangle(lower_triangular_factor(basis * L, rounding(dim_) * terms));
}

Vector Unstructured::from_user(const Vector& user, const Matrix& basis) const {
  require_square(basis, dim_, "A");
  require_finite(user, "theta");
  const Matrix L = basis.partialPivLu().solve(lambda(user));
  return lower_triangle(lower_triangular_factor(L, rounding(dim_)));
}

// M = basis L = K Q with K the user's triangle and Q orthogonal, both without the columns that are
// zero. Along dM
//
//     dK = dM Q' - K (upper - upper'),     upper = the part of K_1^{-1} dM_1 Q' above its diagonal,
//
// K_1 and dM_1 the rows in which K has a pivot: what is above the diagonal of K stays zero.
Matrix Unstructured::user_jacobian(const Vector& theta, const Matrix& basis) const {
  const Matrix L = lambda(theta), K = lambda(Unstructured::to_user(theta, basis));
  std::vector<int> columns, pivots;
  for (int j = 0; j < dim_; ++j) {
    if (!L.col(j).isZero(0)) columns.push_back(j);
    if (K(j, j) != 0) pivots.push_back(j);
  }
  const Index rank = length(pivots);
  Matrix out = Matrix::Zero(n_parameters(), n_parameters());
  if (rank == 0 || rank != length(columns)) return out;

  const Matrix K_rows = select_rows(K, pivots), basis_rows = select_rows(basis, pivots);
  const Matrix triangle = select_columns(K_rows, pivots);
  const Eigen::HouseholderQR<Matrix> reduced(select_columns(basis_rows * L, columns).transpose());
  Matrix Q = reduced.householderQ();
  Q.transposeInPlace();
  for (Index j = 0; j < rank; ++j)
    if (reduced.matrixQR()(j, j) < 0) Q.row(j) *= -1;

  for (int a = 0; a < n_parameters(); ++a) {
    const auto place = std::find(columns.begin(), columns.end(), entries_[a].column);
    if (place == columns.end()) continue;
    const Vector turned = Q.col(place - columns.begin());  // dM Q' = basis e_row turned'
    const Matrix upper = triangle.triangularView<Eigen::Lower>()
                             .solve(basis_rows.col(entries_[a].row) * turned.transpose())
                             .triangularView<Eigen::StrictlyUpper>();
    const Matrix moved =
        basis.col(entries_[a].row) * turned.transpose() - select_columns(K, pivots) * (upper - upper.transpose());
    Matrix dK = Matrix::Zero(dim_, dim_);
    for (Index j = 0; j < rank; ++j) dK.col(pivots[j]) = moved.col(j);
    out.col(a) = lower_triangle(dK);
  }
  return out;
}

std::unique_ptr<CovarianceStructure> Unstructured::in_user_parameters() const {
  return std::make_unique<Unstructured>(dim_);
}

int Unstructured::rank(const Vector& theta) const {
  return static_cast<int>((lambda(theta).diagonal().array() != 0).count());
}

// Even a zero column has an influence on Psi, of second order.
std::vector<bool> Unstructured::unidentified(const Vector& theta) const {
  require_length(theta, n_parameters(), "theta");
  return std::vector<bool>(n_parameters(), false);
}

Vector Unstructured::lower_triangle(const Matrix& L) const {
  Vector theta(n_parameters());
  for (int a = 0; a < n_parameters(); ++a) theta(a) = L(entries_[a].row, entries_[a].column);
  return theta;
}

}  // namespace mixest
