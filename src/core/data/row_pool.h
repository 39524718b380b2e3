// Pools any number of rows into one triangular factor: R'R = sum of the squares of all rows ever added.
#pragma once

#include "householder.h"

namespace mixest {

class RowPool {
 public:
  explicit RowPool(Index columns)
      : rows_(Matrix::Zero(capacity + columns, columns)), used_(0) {}

  // Adds `rows` (any number x columns).
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

  // The factor, columns x columns, upper triangular.
  Matrix factor() {
    reduce();
    const Index k = rows_.cols();
    return Matrix(rows_.topRows(k).triangularView<Eigen::Upper>());
  }

 private:
  static constexpr Index capacity = 512;  // rows that are reduced at once: a few columns of them stay in the first-level cache

  void reduce() {
    const Index k = rows_.cols();
    triangularize(rows_.topRows(used_), k);
    if (used_ < k) rows_.middleRows(used_, k - used_).setZero();
    used_ = k;
  }

  Matrix rows_;
  Index used_;
};

}  // namespace mixest
