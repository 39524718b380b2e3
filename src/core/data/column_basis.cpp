#include "column_basis.h"

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

// `value(i)` is the i-th entry of the column.
template <typename Value>
Summary summarize(const Rows& rows, Value value) {
  double sum = 0;
  double min = std::numeric_limits<double>::infinity();
  double max = -min;
  Index count = 0;
  for (Index i = 0; i < rows.n(); ++i) {
    if (!rows.counts(i)) continue;
    const double v = value(i);
    sum += v;
    min = std::min(min, v);
    max = std::max(max, v);
    ++count;
  }
  if (count == 0) return {0, 0, 0};
  const double mean = sum / static_cast<double>(count);
  return {std::isfinite(mean) ? mean : min / 2 + max / 2, min, max};
}

double largest_weight(const Rows& rows) {
  if (!rows.weights) return 1;
  double w = 0;
  for (Index i = 0; i < rows.n(); ++i) w = std::max(w, rows.weights[i]);
  return w > 0 ? w : 1;
}

double power_of_two_above(double value) {
  int exponent;
  std::frexp(value, &exponent);
  return std::ldexp(1.0, std::min(exponent, std::numeric_limits<double>::max_exponent - 1));
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

void choose_matrix(const Rows& rows, const MatrixView& columns, Index from, Index to, double root_weight,
                   ColumnBasis& out) {
  const Index first = first_shiftable(out.constant, from, to);
  for (Index j = from; j < to; ++j) {
    const double* column = columns.col(j).data();
    const Summary s = summarize(rows, [column](Index i) { return column[i]; });
    const Column c = choose_column(s, j >= first, root_weight);
    out.shift[j] = c.shift;
    out.scale[j] = c.scale;
    out.magnitude[j] = c.magnitude;
  }
}

ColumnBasis empty_basis(Index columns, const Vector& constant) {
  return {Vector::Zero(columns), Vector::Ones(columns), Vector::Zero(columns), constant};
}

}  // namespace

ColumnBases choose_column_bases(const Rows& rows, const Layout& layout) {
  const double root_weight = std::sqrt(largest_weight(rows));
  ColumnBases out;

  out.x = empty_basis(rows.X.cols(), layout.constant_x);
  choose_matrix(rows, rows.X, 0, rows.X.cols(), root_weight, out.x);

  out.u = empty_basis(rows.U.cols(), layout.constant_u);
  for (Index from = 0; from < rows.U.cols();) {
    Index to = from;
    while (to < rows.U.cols() && layout.u_term[to] == layout.u_term[from]) ++to;
    choose_matrix(rows, rows.U, from, to, root_weight, out.u);
    from = to;
  }

  out.y = empty_basis(rows.Y.cols(), Vector());
  for (Index j = 0; j < rows.Y.cols(); ++j) {
    const Summary s = summarize(rows, [&rows, j](Index i) { return rows.response(i, j); });
    const Column c = choose_column(s, !layout.constant_x.isZero(0), root_weight);
    out.y.shift[j] = c.shift;
    out.y.scale[j] = c.scale;
    out.y.magnitude[j] = c.magnitude;
  }
  return out;
}

}  // namespace mixest
