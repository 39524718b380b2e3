#include "covariance_model.h"

#include <cmath>
#include <utility>

#include "requirements.h"

namespace mixest {

CovarianceModel::CovarianceModel(std::vector<std::unique_ptr<CovarianceStructure>> structures) {
  if (structures.empty()) throw Misuse("a covariance model must have at least one term");
  for (auto& structure : structures) {
    const int q = structure->dim(), d = structure->n_parameters();
    terms_.push_back({std::move(structure), dim_, n_parameters_, static_cast<int>(pairs_.size())});
    for (int a = 0; a < q; ++a)
      for (int b = a; b < q; ++b) pairs_.push_back({dim_ + a, dim_ + b});
    dim_ += q;
    n_parameters_ += d;
  }
}

bool CovarianceModel::all_unstructured() const {
  for (const Term& term : terms_)
    if (term.dim() > 1 && term.structure->invariance() != Invariance::linear) return false;
  return true;
}

Vector CovarianceModel::start(const Matrix& psi) const {
  require_square(psi, dim_, "psi");
  return concatenate([&](const Term& term) { return term.structure->start(term.block(psi)); });
}

Matrix CovarianceModel::lambda(const Vector& theta) const {
  require_theta(theta);
  Matrix factor = Matrix::Zero(dim_, dim_);
  for (const Term& term : terms_)
    factor.block(term.first_column, term.first_column, term.dim(), term.dim()) =
        term.structure->lambda(term.parameters(theta));
  return factor;
}

Vector CovarianceModel::canonical(const Vector& theta, double tolerance) const {
  require_theta(theta);
  return concatenate([&](const Term& term) { return term.structure->canonical(term.parameters(theta), tolerance); });
}

Vector CovarianceModel::to_user(const Vector& theta, const Matrix& basis) const {
  require_theta(theta);
  require_square(basis, dim_, "A");
  return concatenate(
      [&](const Term& term) { return term.structure->to_user(term.parameters(theta), term.block(basis)); });
}

Vector CovarianceModel::from_user(const Vector& user, const Matrix& basis) const {
  require_theta(user);
  require_square(basis, dim_, "A");
  return concatenate(
      [&](const Term& term) { return term.structure->from_user(term.parameters(user), term.block(basis)); });
}

Matrix CovarianceModel::user_jacobian(const Vector& theta, const Matrix& basis) const {
  require_theta(theta);
  require_square(basis, dim_, "A");
  Matrix out = Matrix::Zero(n_parameters_, n_parameters_);
  for (const Term& term : terms_)
    out.block(term.first_parameter, term.first_parameter, term.n_parameters(), term.n_parameters()) =
        term.structure->user_jacobian(term.parameters(theta), term.block(basis));
  return out;
}

CovarianceModel CovarianceModel::in_user_parameters() const {
  std::vector<std::unique_ptr<CovarianceStructure>> structures;
  for (const Term& term : terms_) structures.push_back(term.structure->in_user_parameters());
  return CovarianceModel(std::move(structures));
}

std::vector<int> CovarianceModel::ranks(const Vector& theta) const {
  require_theta(theta);
  std::vector<int> ranks;
  for (const Term& term : terms_) ranks.push_back(term.structure->rank(term.parameters(theta)));
  return ranks;
}

std::vector<bool> CovarianceModel::unidentified(const Vector& theta) const {
  require_theta(theta);
  std::vector<bool> all;
  for (const Term& term : terms_) {
    const std::vector<bool> some = term.structure->unidentified(term.parameters(theta));
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

std::vector<Vector> CovarianceModel::equivalent_points(const Vector& theta) const {
  const std::vector<bool> unidentified = this->unidentified(theta);
  // what can lose its influence is the angle of a correlation, from -pi/2 to pi/2
  const double eighth = std::acos(0.0) / 4;
  std::vector<Vector> points;
  for (int a = 0; a < n_parameters_; ++a)
    for (int step = -4; step <= 4 && unidentified[a]; ++step) {
      points.push_back(theta);
      points.back()(a) = step * eighth;
    }
  for (const Term& term : terms_)
    for (const Vector& parameters : term.structure->equivalents(term.parameters(theta))) {
      points.push_back(theta);
      points.back().segment(term.first_parameter, term.n_parameters()) = parameters;
    }
  return points;
}

Vector CovarianceModel::gradient(const Vector& theta, const Matrix& G) const {
  require_theta(theta);
  require_square(G, dim_, "G");
  Vector g(pairs_.size());
  for (Index r = 0; r < length(pairs_); ++r) {
    const Pair pair = pairs_[r];
    g(r) = pair.a == pair.b ? G(pair.a, pair.a) : G(pair.a, pair.b) + G(pair.b, pair.a);
  }
  return jacobian(theta).transpose() * g;
}

Matrix CovarianceModel::hessian(const Vector& theta, const Matrix& G, const Matrix& hess) const {
  require_theta(theta);
  require_square(G, dim_, "G");
  require_square(hess, length(pairs_), "hess");
  const Matrix J = jacobian(theta);
  Matrix hessian = J.transpose() * hess * J;
  for (const Term& term : terms_) {
    const Vector parameters = term.parameters(theta);
    const Matrix block = term.block(G);
    for (int s = 0; s < term.n_parameters(); ++s)
      for (int t = 0; t <= s; ++t) {
        const double curvature = block.cwiseProduct(term.structure->second_derivative(parameters, s, t)).sum();
        hessian(term.first_parameter + s, term.first_parameter + t) += curvature;
        if (t < s) hessian(term.first_parameter + t, term.first_parameter + s) += curvature;
      }
  }
  return 0.5 * (hessian + hessian.transpose());
}

// pairs x parameters
Matrix CovarianceModel::jacobian(const Vector& theta) const {
  Matrix J = Matrix::Zero(pairs_.size(), n_parameters_);
  for (const Term& term : terms_) {
    const Vector parameters = term.parameters(theta);
    for (int t = 0; t < term.n_parameters(); ++t) {
      const Matrix derivative = term.structure->first_derivative(parameters, t);
      for (int r = term.first_pair; r < term.first_pair + term.n_pairs(); ++r)
        J(r, term.first_parameter + t) = derivative(pairs_[r].a - term.first_column, pairs_[r].b - term.first_column);
    }
  }
  return J;
}

template <class PerTerm>
Vector CovarianceModel::concatenate(const PerTerm& per_term) const {
  Vector all(n_parameters_);
  for (const Term& term : terms_) all.segment(term.first_parameter, term.n_parameters()) = per_term(term);
  return all;
}

void CovarianceModel::require_theta(const Vector& theta) const { require_length(theta, n_parameters_, "theta"); }

}  // namespace mixest
