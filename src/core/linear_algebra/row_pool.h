// Pools any number of rows [A | Y] into one triangular factor: for each column y of Y
//
//     [A y]'[A y] summed over all rows ever added  =  [ R  r ]' [ R  r ]      R upper triangular,
//                                                     [ 0 rho]  [ 0 rho]      rho >= 0
#pragma once

#include <cmath>

#include "../base/parallel.h"
#include "householder.h"

namespace mixest {

class RowPool {
 public:
  // `pivots`: columns of A; `responses`: columns of Y.
  RowPool(Index pivots, Index responses)
      : pivots_(pivots),
        rows_(Matrix::Zero(capacity + pivots, pivots + responses)),
        used_(0),
        squares_(Vector::Zero(responses)) {}

  // Adds `rows` (any number x columns of A and Y).
  template <typename Derived>
  void add(const Eigen::MatrixBase<Derived>& rows) {
    for (Index done = 0; done < rows.rows();) {
      if (used_ == rows_.rows()) reduce();
      const Index take = std::min(rows.rows() - done, rows_.rows() - used_);
      rows_.middleRows(used_, take) = rows.middleRows(done, take);
      used_ += take;
      done += take;
    }
  }

  // Adds all that another pool of the same columns holds.
  void merge(RowPool& other) {
    other.reduce();
    add(other.rows_.topRows(other.used_));
    squares_ += other.squares_;
  }

  void clear() {
    used_ = 0;
    squares_.setZero();
  }

  // R, pivots x pivots.
  Matrix triangle() {
    reduce();
    return Matrix(rows_.topLeftCorner(pivots_, pivots_).triangularView<Eigen::Upper>());
  }

  // The whole factor for one column of Y, (pivots + 1) x (pivots + 1).
  Matrix triangle_with(Index response) {
    Matrix out = Matrix::Zero(pivots_ + 1, pivots_ + 1);
    out.topLeftCorner(pivots_, pivots_) = triangle();
    out.col(pivots_).head(pivots_) = rows_.col(pivots_ + response).head(pivots_);
    out(pivots_, pivots_) = std::sqrt(squares_[response]);
    return out;
  }

 private:
  // rows that are reduced at once: a few columns of them stay in the first-level cache
  static constexpr Index capacity = 512;

  void reduce() {
    triangularize(rows_.topRows(used_), pivots_);
    if (used_ > pivots_)
      squares_ += rows_.bottomRightCorner(rows_.rows() - pivots_, squares_.size())
                      .topRows(used_ - pivots_)
                      .colwise()
                      .squaredNorm()
                      .transpose();
    if (used_ < pivots_) rows_.middleRows(used_, pivots_ - used_).setZero();
    used_ = pivots_;
  }

  Index pivots_;
  Matrix rows_;
  Index used_;
  Vector squares_;  // of what the rows below the pivots held of Y
};

// One pool of the rows of many groups: `add(pool, i)` adds those of group i.
template <typename Add>
RowPool pool_groups(Index groups, const RowPool& empty, int threads, const Add& add) {
  const Parts parts = Parts::of(groups, 1 << 13);
  std::vector<RowPool> pools(parts.number, empty);
  for_each_part(parts.number, threads, [&](int part, int) {
    for (Index i = parts.begin(part); i < parts.end(part); ++i) add(pools[part], i);
  });
  for (Index part = 1; part < length(pools); ++part) pools[0].merge(pools[part]);
  return std::move(pools[0]);
}

}  // namespace mixest
