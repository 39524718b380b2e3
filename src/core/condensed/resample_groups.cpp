#include "resample_groups.h"

#include "../linear_algebra/row_pool.h"

namespace mixest {

void resample_groups(const GroupStats& stats, RandomDraws& random, GroupStats& out) {
  const Index q = stats.inner_q(), k = stats.k();
  RowPool pool(stats.p, 1);
  double n_obs = 0;
  out.sum_log_weights = 0;
  for (Index i = 0; i < stats.m; ++i) {
    const Index drawn = random.below(stats.m);
    out.R.middleCols(i * q, q) = stats.R.middleCols(drawn * q, q);
    out.B.middleCols(i * k, k) = stats.B.middleCols(drawn * k, k);
    pool.add(unpack_triangle(stats.remainders.C.col(drawn), k));
    n_obs += stats.remainders.n_obs[drawn];
    out.sum_log_weights += stats.remainders.log_weights[drawn];
  }
  out.R0 = pool.triangle_with(0);
  out.n_obs = static_cast<Index>(n_obs);
}

}  // namespace mixest
