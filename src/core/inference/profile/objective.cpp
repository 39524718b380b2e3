#include "objective.h"

#include <cmath>

namespace mixest {

namespace {

double inner(const Matrix& A, const Matrix& B) { return A.cwiseProduct(B).sum(); }

}  // namespace

FixedParameterObjective::FixedParameterObjective(JointLikelihood& likelihood,
                                                 const std::vector<FixedParameterTerm>& terms, Index held,
                                                 double log_variance, bool coefficient)
    : likelihood_(likelihood), terms_(terms), held_(held), log_variance_(log_variance), coefficient_(coefficient) {
  for (const FixedParameterTerm& term : terms) {
    theta_size_ += term.parameters->n_parameters();
    dim_ += term.to_fit.rows();
  }
}

ObjectiveValue FixedParameterObjective::evaluate(const Vector& free) {
  const Vector X = join(free);
  const Index d = theta_size_;
  const double l = X[d], shrink = std::exp(-l);
  const Matrix D_root = lambda(X);
  const Matrix Psi = shrink * D_root * D_root.transpose();
  std::vector<Matrix> along = directions(X);
  for (Matrix& direction : along) direction *= shrink;
  along.push_back(-Psi);

  JointPoint point{std::sqrt(shrink) * D_root, log_variance_ + l, coefficient_ ? X[d + 1] : 0};
  const JointDerivatives derivatives = likelihood_.evaluate(point, along);
  ObjectiveValue out;
  out.finite = derivatives.finite;
  if (!derivatives.finite) return out;
  out.value = derivatives.deviance;

  // `along` has one direction more than theta: row and column d of the raw Hessian, which l takes
  // over.
  const Index size = d + 1 + coefficient_;
  gradient_.resize(size);
  for (Index a = 0; a < d; ++a) gradient_[a] = inner(derivatives.G, along[a]);
  gradient_[d] = derivatives.by_log_variance - inner(derivatives.G, Psi);
  if (coefficient_) gradient_[d + 1] = derivatives.by_coefficient;

  hessian_.resize(size, size);
  hessian_.topLeftCorner(d, d) = derivatives.hessian.topLeftCorner(d, d);
  add_curvature(X, derivatives.G, shrink);
  for (Index a = 0; a < d; ++a)
    hessian_(a, d) = hessian_(d, a) = derivatives.hessian(a, d) + derivatives.hessian(a, d + 1) - gradient_[a];
  hessian_(d, d) = derivatives.hessian(d, d) + 2 * derivatives.hessian(d, d + 1) + derivatives.hessian(d + 1, d + 1) +
                   inner(derivatives.G, Psi);
  if (coefficient_) {
    for (Index a = 0; a < d; ++a) hessian_(a, d + 1) = hessian_(d + 1, a) = derivatives.hessian(a, d + 2);
    hessian_(d, d + 1) = hessian_(d + 1, d) = derivatives.hessian(d, d + 2) + derivatives.hessian(d + 1, d + 2);
    hessian_(d + 1, d + 1) = derivatives.hessian(d + 2, d + 2);
  }
  out.gradient = without(gradient_, held_);
  out.hessian = without(hessian_, held_);
  out.finite = out.gradient.allFinite() && out.hessian.allFinite();
  return out;
}

Vector FixedParameterObjective::join(const Vector& free) const {
  Vector X(free.size() + 1);
  X << free.head(held_), value_, free.tail(free.size() - held_);
  return X;
}

// Of D in the fit's columns.
Matrix FixedParameterObjective::lambda(const Vector& X) const {
  Matrix out = Matrix::Zero(dim_, dim_);
  Index column = 0, parameter = 0;
  for (const FixedParameterTerm& term : terms_) {
    const Index q = term.to_fit.rows(), n = term.parameters->n_parameters();
    out.block(column, column, q, q) = term.to_fit * term.parameters->lambda(X.segment(parameter, n));
    column += q;
    parameter += n;
  }
  return out;
}

// dD_a in the fit's columns.
std::vector<Matrix> FixedParameterObjective::directions(const Vector& X) const {
  std::vector<Matrix> out;
  Index column = 0, parameter = 0;
  for (const FixedParameterTerm& term : terms_) {
    const Index q = term.to_fit.rows(), n = term.parameters->n_parameters();
    const Vector theta = X.segment(parameter, n);
    for (int a = 0; a < n; ++a) {
      out.push_back(Matrix::Zero(dim_, dim_));
      out.back().block(column, column, q, q) =
          term.to_fit * term.parameters->first_derivative(theta, a) * term.to_fit.transpose();
    }
    column += q;
    parameter += n;
  }
  return out;
}

void FixedParameterObjective::add_curvature(const Vector& X, const Matrix& G, double shrink) {
  Index column = 0, parameter = 0;
  for (const FixedParameterTerm& term : terms_) {
    const Index q = term.to_fit.rows(), n = term.parameters->n_parameters();
    const Vector theta = X.segment(parameter, n);
    const Matrix G_term = shrink * term.to_fit.transpose() * G.block(column, column, q, q) * term.to_fit;
    for (int a = 0; a < n; ++a)
      for (int b = 0; b <= a; ++b) {
        const double curvature = inner(G_term, term.parameters->second_derivative(theta, a, b));
        hessian_(parameter + a, parameter + b) += curvature;
        if (b < a) hessian_(parameter + b, parameter + a) += curvature;
      }
    column += q;
    parameter += n;
  }
}

Vector without(const Vector& all, Index held) {
  Vector out(all.size() - 1);
  out << all.head(held), all.tail(all.size() - held - 1);
  return out;
}

Matrix without(const Matrix& all, Index held) {
  Matrix out(all.rows() - 1, all.cols() - 1);
  for (Index c = 0; c < out.cols(); ++c) out.col(c) = without(Vector(all.col(c + (c >= held))), held);
  return out;
}

}  // namespace mixest
