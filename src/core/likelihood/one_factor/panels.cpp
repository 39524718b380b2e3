#include "panels.h"

#include <numeric>

#include "../../base/large_pages.h"
#include "../../linear_algebra/row_pool.h"

namespace mixest {

namespace {

Panels empty_panels(int q, int k, Index m) {
  Panels out;
  out.q = q;
  out.k = k;
  out.m = m;
  out.data.resize(lanes, out.packs() * out.entries());
  prefer_large_pages(out.data.data(), sizeof(double) * out.data.size());
  out.data.setZero();
  return out;
}

void set_group(Panels& panels, Index group, const Eigen::Ref<const Matrix>& R, const Eigen::Ref<const Matrix>& B) {
  const Index lane = group % lanes, first = group / lanes * panels.entries();
  for (Index e = 0; e < length(R); ++e) panels.data(lane, first + e) = R.data()[e];
  for (Index e = 0; e < length(B); ++e) panels.data(lane, first + R.size() + e) = B.data()[e];
}

Panels one_panel_per_group(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random, int threads) {
  Panels out = empty_panels(stats.q, fixed.rank() + 1, stats.m);
  const Index q = out.q;
  const Parts packs = Parts::of(out.packs(), 1 << 10);
  for_each_part(packs.number, threads, [&](int part, int) {
    Matrix R(q, q), B(q, out.k);
    const Index end = std::min(stats.m, packs.end(part) * lanes);
    for (Index i = packs.begin(part) * lanes; i < end; ++i) {
      R.noalias() = stats.R.middleCols(i * q, q).lazyProduct(random.from_condensed);
      to_fixed_basis(stats.B.middleCols(i * stats.k(), stats.k()), fixed, B);
      set_group(out, i, R, B);
    }
  });
  return out;
}

// Stretches of equal R (q = 1) in the order of increasing R.
struct EqualGroups {
  std::vector<Index> order;
  std::vector<Index> bounds;  // stretch s: order[bounds[s]] .. order[bounds[s + 1] - 1]
};

EqualGroups find_equal_groups(const GroupStats& stats) {
  EqualGroups out;
  out.order.resize(stats.m);
  std::iota(out.order.begin(), out.order.end(), Index{0});
  const auto R = [&stats](Index i) { return stats.R(0, i); };
  std::stable_sort(out.order.begin(), out.order.end(), [&](Index a, Index b) { return R(a) < R(b); });
  out.bounds.push_back(0);
  for (Index i = 1; i < stats.m; ++i)
    if (R(out.order[i]) != R(out.order[i - 1])) out.bounds.push_back(i);
  out.bounds.push_back(stats.m);
  return out;
}

// k + 1 groups for each distinct R.
Panels one_panel_per_size(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random,
                          const EqualGroups& equal) {
  const Index sizes = length(equal.bounds) - 1;
  const Index k = fixed.rank() + 1;
  Panels out = empty_panels(1, static_cast<int>(k), sizes * (k + 1));
  out.count = LaneArray::Zero(lanes, out.packs());
  Matrix R(1, 1), B(1, k);
  for (Index s = 0; s < sizes; ++s) {
    RowPool pool(k, 0);
    const Index begin = equal.bounds[s], end = equal.bounds[s + 1];
    for (Index position = begin; position < end; ++position) {
      const Index i = equal.order[position];
      to_fixed_basis(stats.B.middleCols(i * stats.k(), stats.k()), fixed, B);
      pool.add(B);
    }
    const Matrix rows = pool.triangle();
    R(0, 0) = stats.R(0, equal.order[begin]) * random.from_condensed(0, 0);
    for (Index r = 0; r <= k; ++r) {
      const Index group = s * (k + 1) + r;
      if (r < k) {
        set_group(out, group, R, rows.row(r).eval());
      } else {
        set_group(out, group, R, Matrix::Zero(1, k));
      }
      out.count(group % lanes, group / lanes) = r < k ? 1 : static_cast<double>(end - begin - k);
    }
  }
  return out;
}

}  // namespace

void to_fixed_basis(const Eigen::Ref<const Matrix>& columns, const FixedBasis& fixed, Eigen::Ref<Matrix> out) {
  const Index p = fixed.rank(), rows = columns.rows();
  for (Index c = 0; c < p; ++c)
    for (Index r = 0; r < rows; ++r) {
      double value = columns(r, fixed.kept[c]);
      for (Index b = 0; b < c; ++b) value -= out(r, b) * fixed.triangle(b, c);
      out(r, c) = value / fixed.triangle(c, c);
    }
  for (Index r = 0; r < rows; ++r) {
    double value = columns(r, columns.cols() - 1);
    for (Index b = 0; b < p; ++b) value -= out(r, b) * fixed.projection[b];
    out(r, p) = value / fixed.spread;
  }
  if (fixed.rotation.size() > 0) out.leftCols(p) *= fixed.rotation;
}

Panels make_panels(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random, int threads) {
  Panels out;
  if (stats.q == 1) {
    const EqualGroups equal = find_equal_groups(stats);
    const Index smallest = 2 * length(equal.bounds) * (fixed.rank() + 2);
    out = stats.m > smallest ? one_panel_per_size(stats, fixed, random, equal)
                             : one_panel_per_group(stats, fixed, random, threads);
  } else {
    out = one_panel_per_group(stats, fixed, random, threads);
  }
  Matrix R0(stats.k(), out.k);
  to_fixed_basis(stats.R0, fixed, R0);
  out.pooled = R0.transpose() * R0;
  return out;
}

}  // namespace mixest
