#include "homogeneous_cs.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../linear_algebra/triangular_factor.h"
#include "requirements.h"
#include "sd_correlation.h"

namespace mixest {

namespace {

Vector pair(double first, double second) {
  Vector pair(2);
  pair << first, second;
  return pair;
}

}  // namespace

HomogeneousCs::HomogeneousCs(int dim) : dim_(dim) {
  if (dim < 2) throw Misuse("HomogeneousCs must have at least two columns");
}

Vector HomogeneousCs::start(const Matrix& psi) const {
  require_square(psi, dim_, "psi");
  const double along = std::max(0.0, psi.sum() / dim_);
  const double across = std::max(0.0, (psi.trace() - along) / (dim_ - 1));
  return pair(std::sqrt(along), std::sqrt(across));
}

Matrix HomogeneousCs::lambda(const Vector& theta) const {
  require_length(theta, 2, "theta");
  const double rounding = 4 * dim_ * std::numeric_limits<double>::epsilon();
  return lower_triangular_factor(theta(0) * projection(0) + theta(1) * projection(1), rounding);
}

Matrix HomogeneousCs::first_derivative(const Vector& theta, int a) const {
  require_length(theta, 2, "theta");
  require_index(a, 2);
  return 2 * theta(a) * projection(a);
}

Matrix HomogeneousCs::second_derivative(const Vector& theta, int a, int b) const {
  require_length(theta, 2, "theta");
  require_index(a, 2);
  require_index(b, 2);
  return a == b ? Matrix(2 * projection(a)) : Matrix(Matrix::Zero(dim_, dim_));
}

Vector HomogeneousCs::canonical(const Vector& theta, double tolerance) const {
  require_length(theta, 2, "theta");
  return theta.cwiseAbs().unaryExpr([=](double u) { return u < tolerance ? 0.0 : u; });
}

Vector HomogeneousCs::to_user(const Vector& theta, const Matrix& basis) const {
  require_length(theta, 2, "theta");
  const double along = theta(0) * theta(0), across = theta(1) * theta(1);
  const double total = along + (dim_ - 1) * across;
  const double rho = total > 0 ? (along - across) / total : 0;
  return pair(common_scale(basis, dim_) * std::sqrt(total / dim_), rho);
}

Vector HomogeneousCs::from_user(const Vector& user, const Matrix& basis) const {
  require_length(user, 2, "theta");
  require_finite(user, "theta");
  const double s = user(0) / common_scale(basis, dim_), rho = user(1);
  const double along = 1 + (dim_ - 1) * rho, across = 1 - rho;
  if (s < 0) throw Misuse("standard deviations must not be negative");
  if (std::min(along, across) < -1e-8)
    throw Misuse("the correlations must be those of a positive semi-definite matrix");
  // a correlation at a limit of the structure is rounded there
  const double rounding = 4 * dim_ * std::numeric_limits<double>::epsilon();
  return s * pair(along > rounding ? std::sqrt(along) : 0, across > rounding ? std::sqrt(across) : 0);
}

Matrix HomogeneousCs::user_jacobian(const Vector& theta, const Matrix& basis) const {
  require_length(theta, 2, "theta");
  const double along = theta(0) * theta(0), across = theta(1) * theta(1);
  const double total = along + (dim_ - 1) * across;
  if (!(total > 0)) return Matrix::Zero(2, 2);
  Matrix out(2, 2);
  out.row(0) = common_scale(basis, dim_) / std::sqrt(dim_ * total) * pair(theta(0), (dim_ - 1) * theta(1)).transpose();
  out.row(1) = 2 * dim_ / (total * total) * pair(theta(0) * across, -theta(1) * along).transpose();
  return out;
}

std::unique_ptr<CovarianceStructure> HomogeneousCs::in_user_parameters() const {
  return std::make_unique<SdCorrelation>(dim_, std::make_shared<CommonSd>(dim_),
                                         std::make_shared<CompoundSymmetry>(dim_), std::make_shared<IdentityLink>());
}

int HomogeneousCs::rank(const Vector& theta) const {
  require_length(theta, 2, "theta");
  return (theta(0) != 0 ? 1 : 0) + (theta(1) != 0 ? dim_ - 1 : 0);
}

std::vector<bool> HomogeneousCs::unidentified(const Vector& theta) const {
  require_length(theta, 2, "theta");
  return {false, false};
}

Matrix HomogeneousCs::projection(int a) const {
  const Matrix Mean = Matrix::Constant(dim_, dim_, 1.0 / dim_);
  return a == 0 ? Mean : Matrix(Matrix::Identity(dim_, dim_) - Mean);
}

}  // namespace mixest
