#include "row_blocks.h"

#include <map>

#include "../base/large_pages.h"
#include "../base/parallel.h"

namespace mixest {

namespace {

constexpr Index few_rows = Index{1} << 19;  // a dozen columns of them fit into the last level of the cache
constexpr Index most_blocks = 512;

// In rows that were drawn at random half of all steps go down; in any that lie group by group
// hardly one does.
bool scattered(const Rows& rows) {
  if (rows.n() < few_rows) return false;
  Index down = 0;
  for (Index i = 1; i < rows.n(); ++i) down += rows.group[i] < rows.group[i - 1];
  return down > rows.n() / 8;
}

bool all_equal(const Column& column, Index n) {
  if (column.constant()) return true;
  for (Index i = 1; i < n; ++i)
    if (!(column.numbers[i] == column.numbers[0])) return false;
  return true;
}

// Groups 1..m in blocks of 2^shift.
struct Division {
  int shift = 0;

  explicit Division(Index groups) {
    while (groups >> shift >= most_blocks) ++shift;
  }
  Index block(int group) const { return (group - 1) >> shift; }
  Index first(Index block) const { return (block << shift) + 1; }
};

std::vector<RowBlock> find_blocks(const Rows& rows, Index groups, const Division& division) {
  std::vector<RowBlock> out;
  for (Index b = 0; b <= division.block(static_cast<int>(groups)); ++b)
    out.push_back({0, 0, division.first(b), std::min(division.first(b + 1) - 1, groups)});
  for (Index i = 0; i < rows.n(); ++i) ++out[division.block(rows.group[i])].end;
  for (Index b = 1; b < length(out); ++b) {
    out[b].begin = out[b - 1].end;
    out[b].end += out[b].begin;
  }
  return out;
}

template <typename Number>
std::unique_ptr<Number[]> room_for(Index numbers) {
  std::unique_ptr<Number[]> out(new Number[numbers]);
  prefer_large_pages(out.get(), sizeof(Number) * numbers);
  return out;
}

template <typename Number>
void copy_to_blocks(const Number* from, const int* group, const Division& division, const std::vector<RowBlock>& blocks,
                    Number* to) {
  std::vector<int> next;
  for (const RowBlock& block : blocks) next.push_back(static_cast<int>(block.begin));
  const Index n = blocks.back().end;
  for (Index i = 0; i < n; ++i) to[next[division.block(group[i])]++] = from[i];
}

}  // namespace

RowBlocks::RowBlocks(const Rows& rows, Index groups, int threads) : blocked_(rows) {
  if (!scattered(rows)) return;
  const Index n = rows.n(), responses = rows.Y.cols();
  const Division division(groups);
  blocks_ = find_blocks(rows, groups, division);

  struct Copy {
    const double* from;
    double* to;
  };
  std::vector<Copy> copies;
  std::map<const double*, const double*> known;  // a column of X may be one of U, too
  const auto blocked = [&](const double* numbers) -> const double* {
    if (!numbers) return nullptr;
    const auto entry = known.find(numbers);
    if (entry != known.end()) return entry->second;
    columns_.push_back(room_for<double>(n));
    copies.push_back({numbers, columns_.back().get()});
    return known[numbers] = copies.back().to;
  };
  const auto blocked_columns = [&](const Columns& columns) {
    Columns out(n);
    for (Index j = 0; j < columns.cols(); ++j) {
      const Column& column = columns[j];
      if (all_equal(column, n)) {
        out.add_constant(column.numbers);
      } else {
        out.add(blocked(column.numbers));
      }
    }
    return out;
  };

  columns_.push_back(room_for<double>(n * responses));
  double* const Y = columns_.back().get();
  for (Index j = 0; j < responses; ++j) copies.push_back({rows.Y.col(j).data(), Y + j * n});
  group_ = room_for<int>(n);
  blocked_.X = blocked_columns(rows.X);
  blocked_.U = blocked_columns(rows.U);
  blocked_.weights = blocked(rows.weights);
  blocked_.offset = blocked(rows.offset);
  for_each_part(static_cast<int>(copies.size()) + 1, threads, [&](int part, int) {
    if (part == 0) return copy_to_blocks(rows.group, rows.group, division, blocks_, group_.get());
    const Copy& copy = copies[part - 1];
    copy_to_blocks(copy.from, rows.group, division, blocks_, copy.to);
  });
  new (&blocked_.Y) MatrixView(Y, n, responses);  // the way Eigen has a map point elsewhere
  blocked_.group = group_.get();
}

}  // namespace mixest
