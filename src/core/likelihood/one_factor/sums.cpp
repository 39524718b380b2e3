#include "sums.h"

#include <algorithm>
#include <utility>

#include "../../base/parallel.h"
#include "kenward_roger_sums.h"

namespace mixest {

namespace {

// tr(S A PS B) + tr(S B PS A) summed over groups, for the directions of the pairs (a, b)
// and (c, d).
double curvature_of_pairs(const Matrix& S_by_PS, Index q, Index a, Index b, Index c, Index d) {
  const auto both = [&](Index x, Index y, Index u, Index v) {
    const Index first = pair_index(x, y, q), second = pair_index(u, v, q);
    return S_by_PS(first, second) + S_by_PS(second, first);
  };
  double sum = both(d, a, b, c);
  if (c != d) sum += both(c, a, b, d);
  if (a != b) sum += both(d, b, a, c);
  if (a != b && c != d) sum += both(c, b, a, d);
  return sum;
}

Matrix curvature(const Matrix& S_by_PS, Index q) {
  Matrix out(S_by_PS.rows(), S_by_PS.cols());
  Index col = 0;
  for (Index d = 0; d < q; ++d)
    for (Index c = d; c < q; ++c, ++col) {
      Index row = 0;
      for (Index b = 0; b < q; ++b)
        for (Index a = b; a < q; ++a, ++row)
          if (row >= col) out(row, col) = out(col, row) = curvature_of_pairs(S_by_PS, q, a, b, c, d);
    }
  return out;
}

}  // namespace

OneFactorSums::OneFactorSums(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random,
                             const Execution& execution)
    : panels_(make_panels(stats, fixed, random, execution.threads)), execution_(execution) {
  for (int t = 0; t < std::max(1, execution.threads); ++t) kernels_.push_back(make_group_kernel(panels_.q, panels_.k));
}

// The sums over fixed ranges of packs, added in order: the same bits for any number of threads.
template <typename Sums, typename Sum>
Sums OneFactorSums::over_parts(const Sum& sum) {
  const Parts packs = Parts::of(panels_.packs(), 1 << 8);
  std::vector<Sums> partial(packs.number);
  for_each_part(packs.number, static_cast<int>(kernels_.size()), [&](int part, int worker) {
    if (worker == 0 && packs.number > 1) execution_.check_interrupt();
    partial[part] = sum(*kernels_[worker], PackRange{packs.begin(part), packs.end(part)});
  });
  for (Index part = 1; part < length(partial); ++part) partial[0] += partial[part];
  return std::move(partial[0]);
}

ValueSums OneFactorSums::value_sums(const Matrix& lambda) {
  PackValues sums = over_parts<PackValues>(
      [&](GroupKernel& kernel, PackRange packs) { return kernel.value_sums(panels_, packs, lambda); });
  return {sums.log_det, sums.T + panels_.pooled};
}

DerivativeSums OneFactorSums::derivative_sums(const Matrix& lambda, const DerivativeRequest& request) {
  PackDerivatives sums = over_parts<PackDerivatives>(
      [&](GroupKernel& kernel, PackRange packs) { return kernel.derivative_sums(panels_, packs, lambda, request); });
  DerivativeSums out;
  out.S = std::move(sums.S);
  out.P = std::move(sums.P);
  if (!request.hessian) return out;
  out.curvature = curvature(sums.S_by_PS, q());
  out.Ew_by_Ew = std::move(sums.Ew_by_Ew);
  return out;
}

Matrix OneFactorSums::kenward_roger_sums(const Matrix& lambda, const Matrix& triangle,
                                         const std::vector<Matrix>& directions) {
  return KenwardRogerSums(panels_, triangle).over_groups(lambda, directions, execution_);
}

}  // namespace mixest
