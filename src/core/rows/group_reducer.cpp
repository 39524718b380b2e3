#include "group_reducer.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "../base/index_sets.h"

namespace mixest {

namespace {

constexpr Index rows_at_once = 256;  // a block of a dozen columns stays in the first-origin cache

bool same_numbers(const Column& a, const Column& b, Index rows) {
  if (a == b) return true;
  if (a.constant() && b.constant()) return a[0] == b[0];
  if (!a.constant() && !b.constant()) return std::memcmp(a.numbers, b.numbers, sizeof(double) * rows) == 0;
  for (Index i = 0; i < rows; ++i)
    if (!(a[i] == b[i])) return false;
  return true;
}

}  // namespace

ReductionPlan::ReductionPlan(const Rows& rows, const DesignUnits& bases, const std::vector<int>& u_term)
    : bases_(bases), u_term_(u_term), shared_(rows.X.cols(), -1) {
  for (Index l = 0; l < p(); ++l)
    for (Index j = 0; j < q() && shared_[l] < 0; ++j)
      if (bases.x.shift[l] == bases.u.shift[j] && bases.x.scale[l] == bases.u.scale[j] &&
          same_numbers(rows.X[l], rows.U[j], rows.n()))
        shared_[l] = j;
  unshared_ = std::count(shared_.begin(), shared_.end(), -1);
}

Matrix ReductionPlan::spread_out(const Matrix& factor) const {
  std::vector<Index> position;
  for (Index l = 0; l < p(); ++l)
    if (shared_[l] < 0) position.push_back(l);
  position.push_back(p());
  Matrix R0 = Matrix::Zero(p() + 1, p() + 1);
  for (Index c = 0; c <= unshared_; ++c)
    for (Index r = 0; r <= c; ++r) R0(position[r], position[c]) = factor(r, c);
  return R0;
}

GroupReducer::GroupReducer(const Rows& rows, const RowOrder& order, const ReductionPlan& plan)
    : rows_(rows),
      order_(order),
      plan_(plan),
      bases_(plan.bases()),
      group_origins_(bases_.u, all_indices(plan.q()), plan.u_term()),
      origins_(plan.q() + plan.unshared() + plan.responses()),
      block_(plan.q() + rows_at_once, length(origins_)),
      root_weights_(rows_at_once) {
  const auto read = [this](const Column& column) {
    if (!column.constant()) scattered_.push_back(column.numbers);
  };
  for (Index j = 0; j < plan.q(); ++j) read(rows.U[j]);
  for (Index l = 0; l < plan.p(); ++l)
    if (plan.shared()[l] < 0) read(rows.X[l]);
  for (Index j = 0; j < plan.responses(); ++j) scattered_.push_back(rows.Y.col(j).data());
  for (const double* numbers : {rows.weights, rows.offset})
    if (numbers) scattered_.push_back(numbers);
}

void GroupReducer::prefetch(const Run& run) const {
#if defined(__GNUC__)
  if (order_.in_place()) return;
  constexpr Index most = 32;  // rows: more of them need no help
  const Index end = std::min(run.end, run.begin + most);
  for (Index position = run.begin; position < end; ++position)
    for (const double* numbers : scattered_) __builtin_prefetch(numbers + order_.row(position));
#else
  (void)run;
#endif
}

void GroupReducer::reduce(const Run& run, BlockRef R, BlockRef B, RowPool& pool) {
  const Index q = plan_.q();
  choose_origins(order_.row(run.begin));
  Index kept = 0;  // rows of [R | B] on top of the block
  for (Index begin = run.begin; begin < run.end; begin += rows_at_once) {
    const Index end = std::min(begin + rows_at_once, run.end);
    const Index total = kept + end - begin;
    gather(begin, end, kept);
    triangularize(block_.topRows(total), q);
    if (total > q) pool.add(block_.block(q, q, total - q, block_.cols() - q));
    kept = std::min(q, total);
  }
  group_origins_.put_back(
      origins_, kept, [](Index c) { return c; }, block_);
  store(kept, R, B);
}

void GroupReducer::choose_origins(Index first_row) {
  Index c = 0;
  for (Index j = 0; j < plan_.q(); ++j)
    origins_[c++] = group_origins_.of_random(j, rows_.U(first_row, j), bases_.u.shift[j], bases_.u.scale[j]);
  for (Index l = 0; l < plan_.p(); ++l)
    if (plan_.shared()[l] < 0)
      origins_[c++] = group_origins_.of_fixed(rows_.X(first_row, l), bases_.x.shift[l], bases_.x.scale[l]);
  for (Index j = 0; j < plan_.responses(); ++j)
    origins_[c++] = group_origins_.of_fixed(rows_.response(first_row, j), bases_.y.shift[j], bases_.y.scale[j]);
}

void GroupReducer::gather(Index begin, Index end, Index top) {
  const Index count = end - begin;
  if (rows_.weights)
    for (Index i = 0; i < count; ++i) root_weights_[i] = std::sqrt(rows_.weights[order_.row(begin + i)]);

  Index c = 0;
  const auto next = [&](const Column& column, double scale) {
    gather_column(column, origins_[c].value, scale, begin, count, block_.col(c).data() + top);
    ++c;
  };
  for (Index j = 0; j < plan_.q(); ++j) next(rows_.U[j], bases_.u.scale[j]);
  for (Index l = 0; l < plan_.p(); ++l)
    if (plan_.shared()[l] < 0) next(rows_.X[l], bases_.x.scale[l]);

  for (Index j = 0; j < plan_.responses(); ++j) {
    if (!rows_.offset) {
      next({rows_.Y.col(j).data(), 1}, bases_.y.scale[j]);
      continue;
    }
    double* y = block_.col(c).data() + top;
    const double origin = origins_[c].value;
    for (Index i = 0; i < count; ++i) y[i] = (rows_.response(order_.row(begin + i), j) - origin) / bases_.y.scale[j];
    weigh(y, count);
    ++c;
  }
}

void GroupReducer::gather_column(const Column& column, double origin, double scale, Index begin, Index count,
                                 double* out) const {
  const double factor = 1 / scale;  // a power of two: exact
  Eigen::Map<Eigen::ArrayXd> condensed(out, count);
  if (column.constant()) {
    condensed.setConstant((column[0] - origin) * factor);
  } else if (order_.in_place()) {
    condensed = (Eigen::Map<const Eigen::ArrayXd>(column.numbers + begin, count) - origin) * factor;
  } else {
    const int* from = order_.order.data() + begin;
    for (Index i = 0; i < count; ++i) out[i] = (column.numbers[from[i]] - origin) * factor;
  }
  weigh(out, count);
}

void GroupReducer::weigh(double* column, Index count) const {
  if (!rows_.weights) return;
  for (Index i = 0; i < count; ++i) column[i] *= root_weights_[i];
}

void GroupReducer::store(Index filled, BlockRef R, BlockRef B) const {
  const Index q = plan_.q();
  R.topRows(filled) = block_.topLeftCorner(filled, q);
  Index c = q;
  for (Index l = 0; l < plan_.p(); ++l) {
    const Index from = plan_.shared()[l];
    B.col(l).head(filled) = block_.col(from < 0 ? c++ : from).head(filled);
  }
  for (Index j = 0; j < plan_.responses(); ++j) B.col(plan_.p() + j).head(filled) = block_.col(c++).head(filled);
}

}  // namespace mixest
