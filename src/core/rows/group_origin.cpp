#include "group_origin.h"

namespace mixest {

// The combination of the first term that has 1 in its span.
GroupOrigins::GroupOrigins(const ColumnUnits& u, const std::vector<int>& columns, const std::vector<int>& u_term)
    : combination_(Vector::Zero(length(columns))), first_centred_(combination_.size()) {
  int term = -1;
  for (Index j = 0; j < length(combination_); ++j) {
    const int column = columns[j], column_term = u_term[column];
    if (u.constant[column] == 0 || (term >= 0 && column_term != term)) continue;
    term = column_term;
    combination_[j] = u.constant[column] * u.scale[column];
    first_centred_ = j + 1;
  }
  spans_one_ = term >= 0;
}

}  // namespace mixest
