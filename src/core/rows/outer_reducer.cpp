#include "outer_reducer.h"

#include <algorithm>
#include <cmath>

namespace mixest {

namespace {

constexpr Index rows_at_once = 256;

}  // namespace

OuterReducer::OuterReducer(const OuterPlan& plan)
    : plan_(plan),
      group_origins_(plan.bases.u, plan.inner, plan.u_term),
      origins_(q() + xy_columns()),
      place_(plan.outer.block_factor.size()),
      root_weights_(Vector::Ones(rows_at_once)) {}

void OuterReducer::reduce(const Run& run, Target target) {
  find_effects(run);
  choose_origins(plan_.order.row(run.begin));
  left_.setZero(width_, width_ + xy_columns());
  if (block_.cols() < columns()) block_.resize(q() + rows_at_once, columns());
  Index kept = 0;  // rows of [R | B_J | B] on top of the block
  for (Index begin = run.begin; begin < run.end; begin += rows_at_once) {
    const Index end = std::min(begin + rows_at_once, run.end);
    const Index total = kept + end - begin;
    gather(begin, end, kept);
    triangularize(block_.topLeftCorner(total, columns()), q());
    if (total > q()) add_left_over(total - q(), target);
    kept = std::min(q(), total);
  }
  group_origins_.put_back(
      origins_, kept, [this](Index c) { return c < q() ? c : c + width_; }, block_);
  target.R.topRows(kept) = block_.topLeftCorner(kept, q());
  target.BJ.topRows(kept) = block_.block(0, q(), kept, width_);
  target.B.topRows(kept) = block_.block(0, q() + width_, kept, xy_columns());
  add_to_gram(target);
}

void OuterReducer::find_effects(const Run& run) {
  const OuterStats& outer = plan_.outer;
  width_ = 0;
  effect_.clear();
  for (int block : outer.blocks_of(run.group)) {
    place_[block] = width_;
    for (Index j = 0; j < outer.width(block); ++j) effect_.push_back(plan_.indices.first[block] + j);
    width_ += outer.width(block);
  }
}

void OuterReducer::choose_origins(Index first_row) {
  const Rows& rows = plan_.rows;
  const DesignUnits& bases = plan_.bases;
  Index c = 0;
  for (Index j = 0; j < q(); ++j) {
    const int column = plan_.inner[j];
    origins_[c++] =
        group_origins_.of_random(j, rows.U(first_row, column), bases.u.shift[column], bases.u.scale[column]);
  }
  for (Index l = 0; l < rows.X.cols(); ++l)
    origins_[c++] = group_origins_.of_fixed(rows.X(first_row, l), bases.x.shift[l], bases.x.scale[l]);
  for (Index j = 0; j < rows.Y.cols(); ++j)
    origins_[c++] = group_origins_.of_fixed(rows.response(first_row, j), bases.y.shift[j], bases.y.scale[j]);
}

void OuterReducer::gather(Index begin, Index end, Index top) {
  const Rows& rows = plan_.rows;
  const Index count = end - begin;
  if (rows.weights)
    for (Index i = 0; i < count; ++i) root_weights_[i] = std::sqrt(rows.weights[plan_.order.row(begin + i)]);

  Index c = 0;
  const auto fill = [&](Index column, double scale, const auto& value) {
    double* out = block_.col(column).data() + top;
    const double origin = origins_[c++].value, factor = 1 / scale;  // a power of two: exact
    for (Index i = 0; i < count; ++i) out[i] = (value(plan_.order.row(begin + i)) - origin) * factor * root_weights_[i];
  };
  for (Index j = 0; j < q(); ++j) {
    const int column = plan_.inner[j];
    fill(j, plan_.bases.u.scale[column], [&](Index row) { return rows.U(row, column); });
  }
  Index column = q() + width_;
  for (Index l = 0; l < rows.X.cols(); ++l)
    fill(column++, plan_.bases.x.scale[l], [&](Index row) { return rows.X(row, l); });
  for (Index j = 0; j < rows.Y.cols(); ++j)
    fill(column++, plan_.bases.y.scale[j], [&](Index row) { return rows.response(row, j); });
  gather_outer(begin, end, top);
}

void OuterReducer::gather_outer(Index begin, Index end, Index top) {
  block_.block(top, q(), end - begin, width_).setZero();
  const ColumnUnits& u = plan_.bases.u;
  for (Index f = 0; f < length(plan_.outer.factors); ++f) {
    const OuterFactor& factor = plan_.outer.factors[f];
    const int* codes = plan_.groupings[factor.factor].codes;
    for (Index position = begin; position < end; ++position) {
      const Index row = plan_.order.row(position);
      const int block = plan_.blocks[f][codes[row] - 1];
      double* out = &block_(top + position - begin, q() + place_[block]);
      for (int column : factor.columns) {
        *out = (plan_.rows.U(row, column) - u.shift[column]) / u.scale[column] * root_weights_[position - begin];
        out += block_.outerStride();
      }
    }
  }
}

void OuterReducer::add_left_over(Index rows, Target& target) {
  const auto C_J = block_.block(q(), q(), rows, width_);
  left_.noalias() += C_J.transpose() * block_.block(q(), q(), rows, width_ + xy_columns());
  target.pool.add(block_.block(q(), q() + width_, rows, xy_columns()));
}

void OuterReducer::add_to_gram(Target& target) const {
  const Index effects = target.gram.rows();
  for (Index c = 0; c < width_; ++c) {
    double* out = target.gram.col(effect_[c]).data();
    for (Index r = 0; r < width_; ++r) out[effect_[r]] += left_(r, c);
  }
  for (Index c = 0; c < xy_columns(); ++c) {
    double* out = target.gram.col(effects + c).data();
    for (Index r = 0; r < width_; ++r) out[effect_[r]] += left_(r, width_ + c);
  }
}

}  // namespace mixest
