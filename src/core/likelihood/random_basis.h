// The basis of U in which the covariance parameters are optimised.
//
// Each term's columns are changed as far as its structure allows, so that in the new basis sum_i
// R_i'R_i is m times the identity (any change allowed), has m on its diagonal (scaling of columns)
// or has trace m q (one common scale), m the number of levels of the term's grouping factor:
// relative variances are then of order one whatever the units.
//
//     R_i (fit) = R_i (condensed) * from_condensed,      U_fit = U_user * from_user,
//     Lambda_user = from_user * Lambda_fit,              gamma_user = from_user * gamma_fit
#pragma once

#include <vector>

#include "../base/invariance.h"
#include "../condensed/group_stats.h"

namespace mixest {

// One random-effects term: q_t contiguous columns of U.
struct TermColumns {
  int begin;
  int size;
  Invariance invariance;
};

struct RandomBasis {
  Matrix from_condensed;  // q x q, block diagonal
  Matrix from_user;       // q x q, block diagonal
  // columns of U that are combinations of earlier ones of their term: D is then not identified
  std::vector<int> dependent;
};

RandomBasis choose_random_basis(const GroupStats& stats, const std::vector<TermColumns>& terms, int threads);

}  // namespace mixest
