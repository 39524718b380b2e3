#include "marginal_likelihood.h"

#include "../parallel.h"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <utility>

namespace mixest {

namespace {

constexpr double two_pi = 6.283185307179586476925;

// The sums over fixed ranges of packs, added in order: the same bits for any number of threads.
template <typename Sums, typename Sum>
Sums sum_over_parts(const Panels& panels, std::vector<std::unique_ptr<GroupKernel>>& kernels, const Sum& sum) {
  const Parts packs = Parts::of(panels.packs(), 1 << 8);
  std::vector<Sums> partial(static_cast<std::size_t>(packs.number));
  for_each_part(packs.number, static_cast<int>(kernels.size()), [&](int part, int worker) {
    partial[static_cast<std::size_t>(part)] =
        sum(*kernels[static_cast<std::size_t>(worker)], PackRange{packs.begin(part), packs.end(part)});
  });
  for (std::size_t part = 1; part < partial.size(); ++part) partial[0] += partial[part];
  return std::move(partial[0]);
}

Index pair_index(Index a, Index b, Index q) {
  if (a < b) std::swap(a, b);
  return b * q - b * (b - 1) / 2 + (a - b);
}

// tr(S A N B) + tr(S B N A) summed over groups, for the directions of the pairs (a, b) and (c, d).
double curvature_of_log_det(const Matrix& S_by_N, Index q, Index a, Index b, Index c, Index d) {
  const auto both = [&](Index x, Index y, Index u, Index v) {
    const Index first = pair_index(x, y, q), second = pair_index(u, v, q);
    return S_by_N(first, second) + S_by_N(second, first);
  };
  double sum = both(d, a, b, c);
  if (c != d) sum += both(c, a, b, d);
  if (a != b) sum += both(d, b, a, c);
  if (a != b && c != d) sum += both(c, b, a, d);
  return sum;
}

// sum V_i' A V_i for the direction A of the pair (a, b), k x k.
Matrix middle(const Matrix& V_by_V, Index k, Index a, Index b) {
  const auto block = V_by_V.block(a * k, b * k, k, k);
  if (a == b) return block;
  return block + block.transpose();
}

Matrix assemble_hessian(const DerivativeSums& sums, Index q, Index k, double nu, bool reml) {
  const Index pairs = q * (q + 1) / 2;
  std::vector<Matrix> M;
  M.reserve(static_cast<std::size_t>(pairs));
  for (Index b = 0; b < q; ++b)
    for (Index a = b; a < q; ++a) M.push_back(middle(sums.V_by_V, k, a, b));

  Matrix out(pairs, pairs);
  Index col = 0;
  for (Index d = 0; d < q; ++d)
    for (Index c = d; c < q; ++c, ++col) {
      Index row = 0;
      for (Index b = 0; b < q; ++b)
        for (Index a = b; a < q; ++a, ++row) {
          if (row < col) continue;
          const Matrix& MA = M[static_cast<std::size_t>(row)];
          const Matrix& MB = M[static_cast<std::size_t>(col)];
          double h = curvature_of_log_det(sums.S_by_N, q, a, b, c, d);
          h -= nu * (2 * MA.col(k - 1).head(k - 1).dot(MB.col(k - 1).head(k - 1)) + MA(k - 1, k - 1) * MB(k - 1, k - 1));
          if (reml) h -= MA.topLeftCorner(k - 1, k - 1).cwiseProduct(MB.topLeftCorner(k - 1, k - 1)).sum();
          out(row, col) = out(col, row) = h;
        }
    }
  return out;
}

// The triangular factor of T, with a last pivot of zero when rounding has left nothing of r^2; empty when XX is not positive definite.
Matrix factor(const Matrix& T) {
  const Index p = T.cols() - 1;
  Matrix out = Matrix::Zero(p + 1, p + 1);
  if (p > 0) {
    const Eigen::LLT<Matrix, Eigen::Upper> XX(T.topLeftCorner(p, p));
    if (XX.info() != Eigen::Success) return {};
    out.topLeftCorner(p, p) = XX.matrixU();
    out.col(p).head(p) = XX.matrixL().solve(T.col(p).head(p));
  }
  const double rest = T(p, p) - out.col(p).squaredNorm();
  out(p, p) = rest > 0 ? std::sqrt(rest) : 0;
  return out;
}

}  // namespace

Vector Evaluation::beta() const {
  const Index p = triangle.cols() - 1;
  return triangle.topLeftCorner(p, p).triangularView<Eigen::Upper>().solve(triangle.col(p).head(p));
}

MarginalLikelihood::MarginalLikelihood(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random, bool reml,
                                       int threads)
    : panels_(make_panels(stats, fixed, random, threads)),
      reml_(reml),
      nu_(static_cast<double>(stats.n_obs - (reml ? fixed.rank() : 0))),
      fixed_log_det_(fixed.log_det),
      log_scale_(std::log(fixed.spread) + std::log(stats.y_scale)),
      sum_log_weights_(stats.sum_log_weights) {
  for (int t = 0; t < std::max(1, threads); ++t) kernels_.push_back(make_group_kernel(panels_.q, panels_.k));
}

Evaluation MarginalLikelihood::evaluate(const Matrix& lambda, Order order) {
  Evaluation out;
  ValueSums values = value_sums(lambda);
  values.T += panels_.pooled;
  out.triangle = factor(values.T);
  if (out.triangle.size() == 0 || !(out.residual() > 0)) return out;
  out.deviance = deviance(values.log_det, out.triangle);
  out.finite = std::isfinite(out.deviance);
  if (!out.finite || order == Order::value) return out;

  const bool hessian = order == Order::hessian;
  const DerivativeSums sums = derivative_sums(lambda, {out.triangle, nu_, reml_, hessian});
  out.G = sums.S - sums.P;
  out.information = sums.S;
  if (hessian) out.hessian = assemble_hessian(sums, panels_.q, panels_.k, nu_, reml_);
  return out;
}

DesignInformation MarginalLikelihood::design_information() {
  const Matrix zero = Matrix::Zero(panels_.q, panels_.q);
  const Matrix T = value_sums(zero).T + panels_.pooled;
  Matrix triangle = Matrix::Identity(panels_.k, panels_.k);  // any last column will do: y has no part in this
  const Index p = panels_.k - 1;
  triangle.topLeftCorner(p, p) = Eigen::LLT<Matrix, Eigen::Upper>(T.topLeftCorner(p, p)).matrixU();

  DesignInformation out;
  const DerivativeSums fixed = derivative_sums(zero, {triangle, 0, true, true});
  out.with_fixed = -assemble_hessian(fixed, panels_.q, panels_.k, 0, true);
  out.trace = fixed.S - fixed.P;
  const DerivativeSums none = derivative_sums(zero, {triangle, 0, false, true});
  out.without_fixed = -assemble_hessian(none, panels_.q, panels_.k, 0, false);
  return out;
}

ValueSums MarginalLikelihood::value_sums(const Matrix& lambda) {
  return sum_over_parts<ValueSums>(panels_, kernels_,
                                   [&](GroupKernel& kernel, PackRange packs) { return kernel.value_sums(panels_, packs, lambda); });
}

DerivativeSums MarginalLikelihood::derivative_sums(const Matrix& lambda, const DerivativeRequest& request) {
  return sum_over_parts<DerivativeSums>(
      panels_, kernels_, [&](GroupKernel& kernel, PackRange packs) { return kernel.derivative_sums(panels_, packs, lambda, request); });
}

double MarginalLikelihood::deviance(double log_det, const Matrix& triangle) const {
  const Index p = triangle.cols() - 1;
  const double r = triangle(p, p);
  double out = log_det + nu_ * (1 + std::log(two_pi * (r * r / nu_)) + 2 * log_scale_) - sum_log_weights_;
  if (reml_) out += 2 * (triangle.diagonal().head(p).array().log().sum() + fixed_log_det_);
  return out;
}

}  // namespace mixest
