#include "group_reducer.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace mixest {

namespace {

constexpr Index rows_at_once = 256;  // a block of a dozen columns stays in the first-level cache

bool same_numbers(const MatrixView& X, Index l, const MatrixView& U, Index j) {
  return std::memcmp(X.col(l).data(), U.col(j).data(), sizeof(double) * static_cast<std::size_t>(X.rows())) == 0;
}

}  // namespace

ReductionPlan::ReductionPlan(const Rows& rows, const GroupStats& stats) : shared_(static_cast<std::size_t>(stats.p), -1) {
  for (Index l = 0; l < stats.p; ++l)
    for (Index j = 0; j < stats.q && shared_[static_cast<std::size_t>(l)] < 0; ++j)
      if (stats.x.shift[l] == stats.u.shift[j] && stats.x.scale[l] == stats.u.scale[j] && same_numbers(rows.X, l, rows.U, j))
        shared_[static_cast<std::size_t>(l)] = j;
  own_ = 1 + std::count(shared_.begin(), shared_.end(), -1);
}

Matrix ReductionPlan::spread_out(const Matrix& factor) const {
  const Index p = static_cast<Index>(shared_.size());
  std::vector<Index> position;
  for (Index l = 0; l < p; ++l)
    if (shared_[static_cast<std::size_t>(l)] < 0) position.push_back(l);
  position.push_back(p);
  Matrix R0 = Matrix::Zero(p + 1, p + 1);
  for (Index c = 0; c < own_; ++c)
    for (Index r = 0; r <= c; ++r) R0(position[static_cast<std::size_t>(r)], position[static_cast<std::size_t>(c)]) = factor(r, c);
  return R0;
}

GroupReducer::GroupReducer(const Rows& rows, const RowOrder& order, const ReductionPlan& plan, const GroupStats& bases)
    : rows_(rows),
      order_(order),
      plan_(plan),
      bases_(bases),
      block_(bases.q + rows_at_once, bases.q + plan.own()),
      root_weights_(rows_at_once) {}

void GroupReducer::reduce(const Run& run, BlockRef R, BlockRef B, RowPool& pool) {
  const Index q = bases_.q;
  Index kept = 0;  // rows of [R | B] on top of the block
  for (Index begin = run.begin; begin < run.end; begin += rows_at_once) {
    const Index end = std::min(begin + rows_at_once, run.end);
    const Index total = kept + end - begin;
    gather(begin, end, kept);
    triangularize(block_.topRows(total), q);
    if (total > q) pool.add(block_.block(q, q, total - q, plan_.own()));
    kept = std::min(q, total);
  }
  store(kept, R, B);
}

void GroupReducer::gather(Index begin, Index end, Index top) {
  const Index count = end - begin;
  if (rows_.weights)
    for (Index i = 0; i < count; ++i) root_weights_[i] = std::sqrt(rows_.weights[order_.row(begin + i)]);

  Index c = 0;
  for (Index j = 0; j < bases_.q; ++j)
    gather_column(rows_.U.col(j).data(), bases_.u.shift[j], bases_.u.scale[j], begin, count, block_.col(c++).data() + top);
  for (Index l = 0; l < bases_.p; ++l)
    if (plan_.shared()[static_cast<std::size_t>(l)] < 0)
      gather_column(rows_.X.col(l).data(), bases_.x.shift[l], bases_.x.scale[l], begin, count, block_.col(c++).data() + top);

  double* y = block_.col(c).data() + top;
  for (Index i = 0; i < count; ++i) y[i] = (rows_.response(order_.row(begin + i)) - bases_.y_shift) / bases_.y_scale;
  weigh(y, count);
}

void GroupReducer::gather_column(const double* column, double shift, double scale, Index begin, Index count, double* out) const {
  const double factor = 1 / scale;  // a power of two: exact
  if (order_.in_place()) {
    const double* from = column + begin;
    for (Index i = 0; i < count; ++i) out[i] = (from[i] - shift) * factor;
  } else {
    const int* from = order_.order.data() + begin;
    for (Index i = 0; i < count; ++i) out[i] = (column[from[i]] - shift) * factor;
  }
  weigh(out, count);
}

void GroupReducer::weigh(double* column, Index count) const {
  if (!rows_.weights) return;
  for (Index i = 0; i < count; ++i) column[i] *= root_weights_[i];
}

void GroupReducer::store(Index filled, BlockRef R, BlockRef B) const {
  const Index q = bases_.q;
  R.topRows(filled) = block_.topLeftCorner(filled, q);
  Index c = q;
  for (Index l = 0; l < bases_.p; ++l) {
    const Index from = plan_.shared()[static_cast<std::size_t>(l)];
    B.col(l).head(filled) = block_.col(from < 0 ? c++ : from).head(filled);
  }
  B.col(bases_.p).head(filled) = block_.col(c).head(filled);
}

}  // namespace mixest
