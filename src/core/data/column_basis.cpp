#include "column_basis.h"

#include "../parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mixest {

namespace {

struct Summary {
  double mean;
  double min;
  double max;
};

struct Running {
  double sum = 0;
  double min = std::numeric_limits<double>::infinity();
  double max = -min;

  void add(double v) {
    sum += v;
    min = std::min(min, v);
    max = std::max(max, v);
  }

  void add(const Running& other) {
    sum += other.sum;
    min = std::min(min, other.min);
    max = std::max(max, other.max);
  }
};

// `value(i)` is the i-th entry of the column. Four results run beside each other, so that none waits for the one before.
template <typename Value>
Summary summarize(const Rows& rows, Value value) {
  Running part[4];
  Index count = 0, i = 0;
  if (!rows.weights) {
    for (; i + 4 <= rows.n(); i += 4) {
      part[0].add(value(i));
      part[1].add(value(i + 1));
      part[2].add(value(i + 2));
      part[3].add(value(i + 3));
    }
    count = i;
  }
  for (; i < rows.n(); ++i) {
    if (!rows.counts(i)) continue;
    part[0].add(value(i));
    ++count;
  }
  if (count == 0) return {0, 0, 0};
  for (int other = 1; other < 4; ++other) part[0].add(part[other]);
  const double mean = part[0].sum / static_cast<double>(count);
  return {std::isfinite(mean) ? mean : part[0].min / 2 + part[0].max / 2, part[0].min, part[0].max};
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
  const double range = s.max - s.min;
  if (!(range > 0) || !std::isfinite(range)) return s.mean;
  const double quantum = power_of_two_above(range) / 1024;
  const double rounded = std::nearbyint(s.mean / quantum) * quantum;
  return std::isfinite(rounded) ? rounded : s.mean;
}

struct Column {
  double shift;
  double scale;
  double magnitude;
};

// A column that varies by no more than rounding keeps its own size as scale, so that the noise stays noise.
Column choose_column(const Summary& s, bool may_shift, double root_weight) {
  constexpr double eps = std::numeric_limits<double>::epsilon();
  const double size = std::max(std::abs(s.min), std::abs(s.max));
  const double shift = may_shift ? coarse_mean(s) : 0;
  const double left = std::max(std::abs(s.min - shift), std::abs(s.max - shift));
  const double used = left > 4 * eps * size ? left : size;
  const double scale = used > 0 ? power_of_two_above(used * root_weight) : 1;
  return {shift, scale, size / scale * root_weight};
}

// The first column behind every column that takes part in the constant; none when no constant is known.
Index first_shiftable(const Vector& constant, Index from, Index to) {
  Index first = to;
  for (Index j = from; j < to; ++j)
    if (constant[j] != 0) first = j + 1;
  return first;
}

ColumnBasis empty_basis(Index columns, const Vector& constant) {
  return {Vector::Zero(columns), Vector::Ones(columns), Vector::Zero(columns), constant};
}

// First column from which the shift may be used, for each column of U: that of its term.
std::vector<Index> first_shiftable_of_terms(const Layout& layout) {
  const Index q = layout.constant_u.size();
  std::vector<Index> out;
  for (Index from = 0; from < q;) {
    Index to = from;
    while (to < q && layout.u_term[static_cast<std::size_t>(to)] == layout.u_term[static_cast<std::size_t>(from)]) ++to;
    out.insert(out.end(), static_cast<std::size_t>(to - from), first_shiftable(layout.constant_u, from, to));
    from = to;
  }
  return out;
}

void set_column(const Column& from, Index j, ColumnBasis& out) {
  out.shift[j] = from.shift;
  out.scale[j] = from.scale;
  out.magnitude[j] = from.magnitude;
}

}  // namespace

ColumnBases choose_column_bases(const Rows& rows, const Layout& layout, int threads) {
  const double root_weight = std::sqrt(largest_weight(rows));
  const Index p = rows.X.cols(), q = rows.U.cols(), r = rows.Y.cols();
  const bool shift_y = !layout.constant_x.isZero(0);
  const Index first_of_x = first_shiftable(layout.constant_x, 0, p);
  const std::vector<Index> first_of_u = first_shiftable_of_terms(layout);

  ColumnBases out{empty_basis(p, layout.constant_x), empty_basis(q, layout.constant_u), empty_basis(r, Vector())};
  const auto column_of = [&](const double* column, bool may_shift) {
    return choose_column(summarize(rows, [column](Index i) { return column[i]; }), may_shift, root_weight);
  };
  for_each_part(static_cast<int>(p + q + r), threads, [&](int part, int) {
    Index j = part;
    if (j < p) return set_column(column_of(rows.X.column(j), j >= first_of_x), j, out.x);
    j -= p;
    if (j < q) return set_column(column_of(rows.U.column(j), j >= first_of_u[static_cast<std::size_t>(j)]), j, out.u);
    j -= q;
    const Summary s = summarize(rows, [&rows, j](Index i) { return rows.response(i, j); });
    set_column(choose_column(s, shift_y, root_weight), j, out.y);
  });
  return out;
}

}  // namespace mixest
