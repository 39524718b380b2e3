#include "quadratic_model.h"

#include <Eigen/Eigenvalues>
#include <cmath>

namespace mixest {

QuadraticModel::QuadraticModel(const Vector& gradient, const Matrix& hessian) : gradient_(gradient), hessian_(hessian) {
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(hessian);
  values_ = eigen.eigenvalues();
  vectors_ = eigen.eigenvectors();
  rotated_ = vectors_.transpose() * gradient;

  const double largest = values_.cwiseAbs().maxCoeff();
  flat_level_ = 1e-11 * largest;
  decrement_ = 0;
  double squared_length = 0;
  convex_ = true;
  for (Index i = 0; i < length(values_); ++i) {
    if (flat(i)) {
      // A gain below rounding is no reason to move along a direction without curvature.
      if (rotated_[i] * rotated_[i] <= 1e-14 * largest) rotated_[i] = 0;
      if (rotated_[i] != 0) convex_ = false;
      continue;
    }
    if (values_[i] < 0) {
      convex_ = false;
      continue;
    }
    const double step = rotated_[i] / values_[i];
    decrement_ += 0.5 * step * rotated_[i];
    squared_length += step * step;
  }
  newton_length_ = std::sqrt(squared_length);
}

Vector QuadraticModel::newton_step() const { return vectors_ * rotated_step(0); }

Vector QuadraticModel::rotated_step(double mu) const {
  Vector step(values_.size());
  for (Index i = 0; i < length(step); ++i)
    step[i] = rotated_[i] == 0 || (mu == 0 && flat(i)) ? 0 : -rotated_[i] / (values_[i] + mu);
  return step;
}

double QuadraticModel::length_at(double mu) const { return rotated_step(mu).norm(); }

Vector QuadraticModel::step_within(double radius) const {
  if (newton_step_within(radius)) return newton_step();

  // length_at falls from its value just above `low` to 0; bisection on a logarithmic scale finds
  // the length `radius`.
  const double low = std::max(0.0, -values_[0]);
  const double scale = std::max({values_.cwiseAbs().maxCoeff(), gradient_.norm() / radius, 1e-300});
  double below = 1e-14 * scale;
  if (length_at(low + below) > radius) {
    double above = scale;
    while (length_at(low + above) > radius) above *= 4;
    for (int i = 0; i < 100 && above > below * 1.0001; ++i) {
      const double middle = std::sqrt(below * above);
      (length_at(low + middle) > radius ? below : above) = middle;
    }
    return vectors_ * rotated_step(low + above);
  }

  // Hard case: fill up to the radius along the eigenvector of the smallest eigenvalue, downhill if
  // the gradient says where.
  Vector step = rotated_step(low + below);
  const double rest = radius * radius - step.tail(length(step) - 1).squaredNorm();
  if (values_[0] < 0 && rest > 0) step[0] = (rotated_[0] > 0 ? -1 : 1) * std::sqrt(rest);
  return vectors_ * step;
}

double QuadraticModel::reduction(const Vector& step) const {
  return -(gradient_.dot(step) + 0.5 * step.dot(hessian_ * step));
}

}  // namespace mixest
