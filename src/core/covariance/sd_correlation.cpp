#include "sd_correlation.h"

#include <cmath>
#include <limits>
#include <utility>

#include "../linear_algebra/triangular_factor.h"
#include "requirements.h"

namespace mixest {

namespace {

// Of a positive definite psi, at each lag 0 .. q-1.
Vector mean_correlations(const Matrix& psi) {
  const Index q = psi.rows();
  Vector means(q);
  for (Index lag = 0; lag < q; ++lag) {
    double sum = 0;
    for (Index i = 0; i + lag < q; ++i) sum += psi(i, i + lag) / std::sqrt(psi(i, i) * psi(i + lag, i + lag));
    means(lag) = sum / static_cast<double>(q - lag);
  }
  return means;
}

Matrix correlation_matrix(const Vector& lags) {
  return Matrix::NullaryExpr(lags.size(), lags.size(), [&](Index i, Index j) { return lags(std::abs(i - j)); });
}

// What a positive semi-definite Cor can't take over of the correlations asked for.
void require_small(const Matrix& excess) {
  if (excess.size() > 0 && !(excess.cwiseAbs().maxCoeff() < 1e-6))
    throw Misuse("the correlations must be those of a positive semi-definite matrix");
}

Vector concatenated(const Vector& first, const Vector& second) {
  Vector both(first.size() + second.size());
  both << first, second;
  return both;
}

}  // namespace

SdCorrelation::SdCorrelation(int dim, std::shared_ptr<const StandardDeviations> sds,
                             std::shared_ptr<const CorrelationPattern> pattern,
                             std::shared_ptr<const CorrelationLink> link)
    : dim_(dim), sds_(std::move(sds)), pattern_(std::move(pattern)), link_(std::move(link)) {}

Invariance SdCorrelation::invariance() const {
  return has_common_sd() ? Invariance::common_scaling : Invariance::column_scaling;
}

Vector SdCorrelation::start(const Matrix& psi) const {
  require_square(psi, dim_, "psi");
  const Vector variances = psi.diagonal();
  const Vector s = has_common_sd() ? Vector::Constant(1, std::sqrt(variances.mean())) : Vector(variances.cwiseSqrt());
  // Off the limits of the angles (+-pi/2), where every gradient vanishes.
  const Vector t = link_->inverse(pattern_->estimate(mean_correlations(psi))).cwiseMax(-1.4).cwiseMin(1.4);
  return concatenated(sds_->to_parameters(s), t);
}

Matrix SdCorrelation::lambda(const Vector& theta) const {
  require_length(theta, n_parameters(), "theta");
  const Vector distinct = sds_->from_parameters(sd_parameters(theta));
  const Vector s = has_common_sd() ? Vector::Constant(dim_, distinct(0)) : distinct;
  const Matrix Cor = correlation_matrix(values(pattern_->lags(as_constants(correlations(theta)))));
  const Matrix L = semidefinite_factor(Cor);
  require_small(L * L.transpose() - Cor);
  return s.asDiagonal() * L;
}

Matrix SdCorrelation::first_derivative(const Vector& theta, int a) const {
  require_length(theta, n_parameters(), "theta");
  require_index(a, n_parameters());
  HyperVector moving = as_constants(theta);
  moving[a].da = 1;
  return psi_part(moving, &HyperDual::da);
}

Matrix SdCorrelation::second_derivative(const Vector& theta, int a, int b) const {
  require_length(theta, n_parameters(), "theta");
  require_index(a, n_parameters());
  require_index(b, n_parameters());
  HyperVector moving = as_constants(theta);
  moving[a].da = 1;
  moving[b].db = 1;
  return psi_part(moving, &HyperDual::dab);
}

Vector SdCorrelation::canonical(const Vector& theta, double tolerance) const {
  require_length(theta, n_parameters(), "theta");
  const Vector u = sd_parameters(theta).cwiseAbs().unaryExpr([=](double x) { return x < tolerance ? 0.0 : x; });
  const Vector t = correlation_parameters(without_idle_correlations(concatenated(u, correlation_parameters(theta))));
  Vector representative = concatenated(u, link_->canonical(t, tolerance));

  const Vector uncorrelated = concatenated(u, link_->inverse(Vector::Zero(pattern_->n_parameters())));
  const std::vector<bool> free = unidentified(representative);
  for (int a = 0; a < n_parameters(); ++a)
    if (free[a]) representative(a) = uncorrelated(a);
  return representative;
}

Vector SdCorrelation::to_user(const Vector& theta, const Matrix& basis) const {
  require_length(theta, n_parameters(), "theta");
  const Vector s = sds_->from_parameters(sd_parameters(theta)).cwiseAbs();
  return concatenated(s.cwiseProduct(column_scales(basis)), correlations(theta));
}

Vector SdCorrelation::from_user(const Vector& user, const Matrix& basis) const {
  require_length(user, n_parameters(), "theta");
  require_finite(user, "theta");
  const Vector s = sd_parameters(user), r = correlation_parameters(user);
  if ((s.array() < 0).any()) throw Misuse("standard deviations must not be negative");
  const Vector theta = concatenated(sds_->to_parameters(s.cwiseQuotient(column_scales(basis))), link_->inverse(r));
  require_small(correlations(theta) - r);
  return theta;
}

Matrix SdCorrelation::user_jacobian(const Vector& theta, const Matrix& basis) const {
  require_length(theta, n_parameters(), "theta");
  const Vector s = to_user(theta, basis), scales = column_scales(basis);
  const int sds = sds_->n_parameters();
  Matrix out(n_parameters(), n_parameters());
  for (int a = 0; a < n_parameters(); ++a) {
    HyperVector moving = as_constants(theta);
    moving[a].da = 1;
    const HyperVector u(moving.begin(), moving.begin() + sds), t(moving.begin() + sds, moving.end());
    const HyperVector products = sds_->products(u), r = link_->correlations(t);
    for (int i = 0; i < sds; ++i) {
      const double square = products[i * (i + 1) / 2 + i].da;  // of s_i^2 in the fit's columns
      out(i, a) = s(i) > 0 ? scales(i) * scales(i) * square / (2 * s(i)) : 0;
    }
    for (int i = sds; i < n_parameters(); ++i) out(i, a) = r[i - sds].da;
  }
  return out;
}

std::unique_ptr<CovarianceStructure> SdCorrelation::in_user_parameters() const {
  const std::shared_ptr<const StandardDeviations> sds = has_common_sd() ? sds_ : std::make_shared<const FreeSds>(dim_);
  return std::make_unique<SdCorrelation>(dim_, sds, pattern_, std::make_shared<IdentityLink>());
}

std::unique_ptr<CovarianceStructure> SdCorrelation::unfolded() const {
  if (!sds_->folded()) return nullptr;
  return std::make_unique<SdCorrelation>(dim_, std::make_shared<const FreeSds>(dim_), pattern_, link_);
}

Vector SdCorrelation::unfold(const Vector& theta) const {
  return concatenated(sds_->from_parameters(sd_parameters(theta)), correlation_parameters(theta));
}

int SdCorrelation::rank(const Vector& theta) const {
  const double rounding = 4 * dim_ * std::numeric_limits<double>::epsilon();
  const Matrix L = lower_triangular_factor(lambda(theta), rounding);
  return static_cast<int>((L.diagonal().array() != 0).count());
}

// Those correlations that can take different values without a change of Psi.
std::vector<bool> SdCorrelation::unidentified(const Vector& theta) const {
  require_length(theta, n_parameters(), "theta");
  const Matrix psi = psi_part(as_constants(theta), &HyperDual::value);
  const double rounding = 1e-12 * psi.cwiseAbs().maxCoeff();
  const auto changes_psi = [&](int a, double value) {
    Vector moved = theta;
    moved(a) = value;
    return (psi_part(as_constants(moved), &HyperDual::value) - psi).cwiseAbs().maxCoeff() > rounding;
  };
  std::vector<bool> unidentified(n_parameters(), false);
  for (int a = sds_->n_parameters(); a < n_parameters(); ++a)
    unidentified[a] = !changes_psi(a, 0.4) && !changes_psi(a, -1.1);
  return unidentified;
}

std::vector<Vector> SdCorrelation::equivalents(const Vector& theta) const {
  std::vector<Vector> points;
  for (int which : idle_correlations(theta))
    for (double sign : {-1.0, 1.0})
      for (double size = 0.5; size > 0.01; size *= 0.5) {
        const Vector point = with_correlation(theta, which, sign * size);
        if (!same_psi(theta, point)) continue;  // the other correlations leave no room for it
        points.push_back(point);
        break;
      }
  return points;
}

// Those without influence whose parameter has one, since other correlations depend on it, too.
std::vector<int> SdCorrelation::idle_correlations(const Vector& theta) const {
  const Matrix identity = Matrix::Identity(dim_, dim_);
  const std::vector<bool> parameter = unidentified(theta),
                          correlation = in_user_parameters()->unidentified(to_user(theta, identity));
  std::vector<int> idle;
  for (int a = 0, first = sds_->n_parameters(); first + a < n_parameters(); ++a)
    if (correlation[first + a] && !parameter[first + a]) idle.push_back(a);
  return idle;
}

Vector SdCorrelation::without_idle_correlations(const Vector& theta) const {
  Vector out = theta;
  for (int which : idle_correlations(theta)) {
    const Vector point = with_correlation(out, which, 0);
    if (same_psi(theta, point)) out = point;
  }
  return out;
}

Vector SdCorrelation::with_correlation(const Vector& theta, int which, double value) const {
  Vector r = correlations(theta);
  r(which) = value;
  return concatenated(sd_parameters(theta), link_->inverse(r));
}

bool SdCorrelation::same_psi(const Vector& theta, const Vector& other) const {
  const Matrix psi = psi_part(as_constants(theta), &HyperDual::value);
  const Matrix difference = psi_part(as_constants(other), &HyperDual::value) - psi;
  return difference.cwiseAbs().maxCoeff() <= 1e-12 * psi.cwiseAbs().maxCoeff();
}

Vector SdCorrelation::correlations(const Vector& theta) const {
  return values(link_->correlations(as_constants(correlation_parameters(theta))));
}

// As long as the standard deviations.
Vector SdCorrelation::column_scales(const Matrix& basis) const {
  return has_common_sd() ? Vector::Constant(1, common_scale(basis, dim_)) : positive_scales(basis, dim_);
}

Matrix SdCorrelation::psi_part(const HyperVector& theta, double HyperDual::*part) const {
  const auto split = theta.begin() + sds_->n_parameters();
  const HyperVector u(theta.begin(), split), t(split, theta.end());
  const HyperVector products = sds_->products(u), lags = pattern_->lags(link_->correlations(t));
  Matrix psi(dim_, dim_);
  auto product = products.begin();
  for (int i = 0; i < dim_; ++i)
    for (int j = 0; j <= i; ++j) psi(i, j) = psi(j, i) = (*product++ * lags[i - j]).*part;
  return psi;
}

}  // namespace mixest
