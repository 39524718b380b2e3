// The rows of one block of data as they arrive: views of memory that belongs to the caller.
#pragma once

#include <vector>

#include "../base/types.h"

namespace mixest {

using MatrixView = Eigen::Map<const Matrix>;

// The numbers of a column, or the one number that all its rows have.
struct Column {
  const double* numbers;
  Index step;  // from row to row: 1, or 0 for a constant column

  bool constant() const { return step == 0; }
  double operator[](Index i) const { return numbers[i * step]; }
  bool operator==(const Column& other) const { return numbers == other.numbers && step == other.step; }
};

// Columns of one length, each anywhere in memory: those of a matrix, or the variables of a data
// frame themselves.
class Columns {
 public:
  explicit Columns(Index rows) : rows_(rows) {}

  void add(const Column& column) { columns_.push_back(column); }
  void add(const double* numbers) { add({numbers, 1}); }
  void add_constant(const double* number) { add({number, 0}); }

  Index rows() const { return rows_; }
  Index cols() const { return length(columns_); }
  const Column& operator[](Index j) const { return columns_[j]; }
  double operator()(Index i, Index j) const { return (*this)[j][i]; }

 private:
  Index rows_;
  std::vector<Column> columns_;
};

struct Rows {
  Columns X;              // n x p
  Columns U;              // n x q
  MatrixView Y;           // n x r: one or more responses
  const int* group;       // n, 1..m: levels of the grouping factor, with several of the inner one
  const double* weights;  // n, >= 0, or null: all 1
  const double* offset;   // n, or null: all 0

  Index n() const { return X.rows(); }
  double response(Index i, Index j) const { return offset ? Y(i, j) - offset[i] : Y(i, j); }
  bool counts(Index i) const { return !weights || weights[i] > 0; }
};

// What is known of the design before the rows are read.
struct Layout {
  Index groups;             // m, of `group`
  Vector constant_x;        // p: a with X a = 1 on every row, or zeros
  Vector constant_u;        // q: the same within each term's columns
  std::vector<int> u_term;  // q: the term (from 0) of each column of U
};

}  // namespace mixest
