#include "column_units.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "../base/parallel.h"

namespace mixest {

namespace {

// Of the rows of positive weight.
struct Summary {
  double sum = 0;
  Index count = 0;
  double min = std::numeric_limits<double>::infinity();
  double max = -min;

  void add(double v) {
    sum += v;
    min = std::min(min, v);
    max = std::max(max, v);
  }

  void add(const Summary& other) {
    sum += other.sum;
    count += other.count;
    min = std::min(min, other.min);
    max = std::max(max, other.max);
  }

  double mean() const {
    const double mean = sum / static_cast<double>(count);
    return std::isfinite(mean) ? mean : min / 2 + max / 2;
  }
};

// Of rows begin..end-1; `value(i)` is the entry of row i. Four results run beside each other, so
// that none waits for the one before.
template <typename Value>
Summary summarize(const Rows& rows, Index begin, Index end, const Value& value) {
  Summary part[4];
  Index i = begin;
  if (!rows.weights) {
    for (; i + 4 <= end; i += 4) {
      part[0].add(value(i));
      part[1].add(value(i + 1));
      part[2].add(value(i + 2));
      part[3].add(value(i + 3));
    }
    part[0].count = i - begin;
  }
  for (; i < end; ++i) {
    if (!rows.counts(i)) continue;
    part[0].add(value(i));
    ++part[0].count;
  }
  for (int other = 1; other < 4; ++other) part[0].add(part[other]);
  return part[0];
}

Summary summarize(const Rows& rows, Index begin, Index end, const Column& column) {
  const double* const numbers = column.numbers;
  if (!column.constant()) return summarize(rows, begin, end, [numbers](Index i) { return numbers[i]; });
  return summarize(rows, begin, end, [numbers](Index) { return *numbers; });
}

double largest_weight(const Rows& rows) {
  if (!rows.weights) return 1;
  double w = 0;
  for (Index i = 0; i < rows.n(); ++i) w = std::max(w, rows.weights[i]);
  return w > 0 ? w : 1;
}

// Neither it nor its reciprocal overflows.
double power_of_two_above(double value) {
  constexpr int most = std::numeric_limits<double>::max_exponent - 3;
  if (!std::isfinite(value)) return std::ldexp(1.0, most);
  int exponent;
  std::frexp(value, &exponent);
  return std::ldexp(1.0, std::max(-most, std::min(exponent, most)));
}

// The mean with few digits, so that subtracting it from data of few digits is exact.
double coarse_mean(const Summary& s) {
  const double range = s.max - s.min, mean = s.mean();
  if (!(range > 0) || !std::isfinite(range)) return mean;
  const double quantum = power_of_two_above(range) / 1024;
  const double rounded = std::nearbyint(mean / quantum) * quantum;
  return std::isfinite(rounded) ? rounded : mean;
}

struct Units {
  double shift;
  double scale;
  double magnitude;
};

// A column that varies by no more than rounding keeps its own size as scale, so that the noise
// stays noise.
Units choose_units(const Summary& s, bool may_shift, double root_weight) {
  if (s.count == 0) return {0, 1, 0};
  constexpr double eps = std::numeric_limits<double>::epsilon();
  const double size = std::max(std::abs(s.min), std::abs(s.max));
  const double shift = may_shift ? coarse_mean(s) : 0;
  const double left = std::max(std::abs(s.min - shift), std::abs(s.max - shift));
  const double used = left > 4 * eps * size ? left : size;
  const double scale = used > 0 ? power_of_two_above(used * root_weight) : 1;
  return {shift, scale, size / scale * root_weight};
}

// The first column behind every column that takes part in the constant; none when no constant is
// known.
Index first_shiftable(const Vector& constant, Index from, Index to) {
  Index first = to;
  for (Index j = from; j < to; ++j)
    if (constant[j] != 0) first = j + 1;
  return first;
}

ColumnUnits empty_basis(Index columns, const Vector& constant) {
  return {Vector::Zero(columns), Vector::Ones(columns), Vector::Zero(columns), constant};
}

// First column from which the shift may be used, for each column of U: that of its term.
std::vector<Index> first_shiftable_of_terms(const Layout& layout) {
  const Index q = layout.constant_u.size();
  std::vector<Index> out;
  for (Index from = 0; from < q;) {
    Index to = from;
    while (to < q && layout.u_term[to] == layout.u_term[from]) ++to;
    out.insert(out.end(), to - from, first_shiftable(layout.constant_u, from, to));
    from = to;
  }
  return out;
}

void set_units(const Units& from, Index j, ColumnUnits& out) {
  out.shift[j] = from.shift;
  out.scale[j] = from.scale;
  out.magnitude[j] = from.magnitude;
}

// Adds a column that is not there yet; the place of the column.
Index place_among(std::vector<Column>& distinct, const Column& column) {
  const auto found = std::find(distinct.begin(), distinct.end(), column);
  const Index place = found - distinct.begin();
  if (found == distinct.end()) distinct.push_back(column);
  return place;
}

// Of the columns, then of the responses.
std::vector<Summary> summarize_all(const Rows& rows, const std::vector<Column>& columns, int threads) {
  const Index all = length(columns) + rows.Y.cols();
  const Parts parts = Parts::of(rows.n(), 1 << 16);
  std::vector<std::vector<Summary>> partial(parts.number);
  for_each_part(parts.number, threads, [&](int part, int) {
    const Index begin = parts.begin(part), end = parts.end(part);
    std::vector<Summary>& out = partial[part];
    for (const Column& column : columns) out.push_back(summarize(rows, begin, end, column));
    for (Index j = 0; j < rows.Y.cols(); ++j)
      out.push_back(summarize(rows, begin, end, [&](Index i) { return rows.response(i, j); }));
  });
  for (Index part = 1; part < length(partial); ++part)
    for (Index c = 0; c < all; ++c) partial[0][c].add(partial[part][c]);
  return std::move(partial[0]);
}

}  // namespace

DesignUnits choose_column_units(const Rows& rows, const Layout& layout, int threads) {
  const Index p = rows.X.cols(), q = rows.U.cols(), r = rows.Y.cols();
  std::vector<Column> distinct;  // a column of X is often one of U, too
  std::vector<Index> of_x, of_u;
  for (Index j = 0; j < p; ++j) of_x.push_back(place_among(distinct, rows.X[j]));
  for (Index j = 0; j < q; ++j) of_u.push_back(place_among(distinct, rows.U[j]));
  const std::vector<Summary> summaries = summarize_all(rows, distinct, threads);

  const double root_weight = std::sqrt(largest_weight(rows));
  const Index first_of_x = first_shiftable(layout.constant_x, 0, p);
  const std::vector<Index> first_of_u = first_shiftable_of_terms(layout);
  DesignUnits out{empty_basis(p, layout.constant_x), empty_basis(q, layout.constant_u), empty_basis(r, Vector())};
  const auto units = [&](Index column, bool may_shift) {
    return choose_units(summaries[column], may_shift, root_weight);
  };
  for (Index j = 0; j < p; ++j) set_units(units(of_x[j], j >= first_of_x), j, out.x);
  for (Index j = 0; j < q; ++j) set_units(units(of_u[j], j >= first_of_u[j]), j, out.u);
  for (Index j = 0; j < r; ++j) set_units(units(length(distinct) + j, !layout.constant_x.isZero(0)), j, out.y);
  return out;
}

}  // namespace mixest
