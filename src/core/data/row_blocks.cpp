#include "row_blocks.h"

#include "../parallel.h"

#include <map>

namespace mixest {

namespace {

constexpr Index few_rows = Index{1} << 19;   // a dozen columns of them fit into the last level of the cache
constexpr Index most_blocks = 512;

// In rows that were drawn at random half of all steps go down; in any that lie group by group hardly one does.
bool scattered(const Rows& rows) {
  if (rows.n() < few_rows) return false;
  Index down = 0;
  for (Index i = 1; i < rows.n(); ++i) down += rows.group[i] < rows.group[i - 1];
  return down > rows.n() / 8;
}

bool all_equal(const double* column, Index n) {
  for (Index i = 1; i < n; ++i)
    if (!(column[i] == column[0])) return false;
  return true;
}

// Where each row goes.
std::unique_ptr<int[]> places_of_rows(const Rows& rows, Index groups) {
  int shift = 0;
  while ((groups >> shift) >= most_blocks) ++shift;
  std::vector<int> next(static_cast<std::size_t>(most_blocks) + 1, 0);
  const auto block = [&](Index i) { return static_cast<std::size_t>((rows.group[i] - 1) >> shift); };
  for (Index i = 0; i < rows.n(); ++i) ++next[block(i) + 1];
  for (std::size_t b = 1; b < next.size(); ++b) next[b] += next[b - 1];
  std::unique_ptr<int[]> out(new int[static_cast<std::size_t>(rows.n())]);
  for (Index i = 0; i < rows.n(); ++i) out[static_cast<std::size_t>(i)] = next[block(i)]++;
  return out;
}

template <typename Number>
void copy_to_places(const Number* from, const int* places, Index n, Number* to) {
  for (Index i = 0; i < n; ++i) to[places[i]] = from[i];
}

}  // namespace

RowBlocks::RowBlocks(const Rows& rows, Index groups, int threads) : blocked_(rows) {
  if (!scattered(rows)) return;
  const Index n = rows.n(), responses = rows.Y.cols();
  const std::unique_ptr<int[]> places = places_of_rows(rows, groups);

  struct Copy {
    const double* from;
    double* to;
  };
  std::vector<Copy> copies;
  const auto room = [&](Index columns) {
    columns_.emplace_back(new double[static_cast<std::size_t>(n * columns)]);
    return columns_.back().get();
  };
  std::map<const double*, const double*> known;  // a column of X may be one of U, too
  const auto blocked = [&](const double* column) -> const double* {
    if (!column) return nullptr;
    const auto at = known.find(column);
    if (at != known.end()) return at->second;
    if (all_equal(column, n)) return known[column] = column;
    copies.push_back({column, room(1)});
    return known[column] = copies.back().to;
  };
  const auto blocked_columns = [&](const Columns& columns) {
    Columns out(n);
    for (Index j = 0; j < columns.cols(); ++j) out.add(blocked(columns.column(j)));
    return out;
  };

  double* const Y = room(responses);
  for (Index j = 0; j < responses; ++j) copies.push_back({rows.Y.col(j).data(), Y + j * n});
  group_.reset(new int[static_cast<std::size_t>(n)]);
  const Columns X = blocked_columns(rows.X), U = blocked_columns(rows.U);
  const double* const weights = blocked(rows.weights);
  const double* const offset = blocked(rows.offset);
  for_each_part(static_cast<int>(copies.size()) + 1, threads, [&](int part, int) {
    if (part == 0) return copy_to_places(rows.group, places.get(), n, group_.get());
    const Copy& copy = copies[static_cast<std::size_t>(part) - 1];
    copy_to_places(copy.from, places.get(), n, copy.to);
  });
  blocked_.X = X;
  blocked_.U = U;
  new (&blocked_.Y) MatrixView(Y, n, responses);  // the way Eigen has a map point elsewhere
  blocked_.group = group_.get();
  blocked_.weights = weights;
  blocked_.offset = offset;
}

}  // namespace mixest
