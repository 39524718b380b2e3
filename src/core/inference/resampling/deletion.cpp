#include "deletion.h"

#include "../../base/parallel.h"
#include "../../condensed/without_group.h"
#include "../../fit/fit_near.h"

namespace mixest {

std::vector<Fit> leave_each_out(const GroupStats& stats, const std::vector<TermSpec>& terms, bool reml,
                                const Vector& theta, const SearchOptions& options, const Execution& execution) {
  if (!stats.remainders.kept()) throw Misuse("the condensed data must have the remainders of each group");
  const Matrix pooled = pooled_without_each(stats.remainders.C, stats.k());
  std::vector<Fit> fits(stats.m);
  const Parts parts = Parts::of(stats.m, 4);
  for_each_part(parts.number, execution.threads, [&](int part, int worker) {
    for (Index i = parts.begin(part); i < parts.end(part); ++i) {
      if (worker == 0) execution.check_interrupt();
      fits[i] = fit_near(without_group(stats, i, pooled.col(i)), terms, reml, theta, options, Execution());
    }
  });
  return fits;
}

}  // namespace mixest
