#include "bootstrap.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "../../base/parallel.h"
#include "../../condensed/resample_groups.h"
#include "../../fit/fit_near.h"
#include "simulate_response.h"

namespace mixest {

namespace {

bool is_optimum(FitStatus status) { return status == FitStatus::converged || status == FitStatus::flat; }

double component(const Matrix& lambda, double sigma, std::pair<int, int> columns) {
  const auto [a, b] = columns;
  if (a == b) return sigma * lambda.row(a).norm();
  const double correlation = lambda.row(a).normalized().dot(lambda.row(b).normalized());
  const bool defined = !lambda.row(a).isZero(0) && !lambda.row(b).isZero(0);
  return defined ? std::max(-1.0, std::min(1.0, correlation)) : std::numeric_limits<double>::quiet_NaN();
}

void store_values(const Fit& fit, const BootstrapRequest& request, Index p, Index row, Matrix& values) {
  for (Index j = 0; j < length(fit.kept); ++j) values(row, fit.kept[j]) = fit.beta[j];
  values(row, p) = fit.sigma;
  for (Index c = 0; c < length(request.components); ++c)
    values(row, p + 1 + c) = component(fit.lambda, fit.sigma, request.components[c]);
}

}  // namespace

Draw make_draw(const GroupStats& stats, const BootstrapRequest& request) {
  if (request.resampling == Resampling::groups) {
    if (!stats.remainders.kept()) throw Misuse("the condensed data must have the remainders of each group");
    return [&stats](RandomDraws& random, GroupStats& out) { resample_groups(stats, random, out); };
  }
  Problem problem(stats, request.terms, request.reml);
  const auto simulator = std::make_shared<ResponseSimulator>(problem, request.theta);
  if (!simulator->possible()) return {};
  return [simulator](RandomDraws& random, GroupStats& out) { simulator->draw(random, out); };
}

Replicates bootstrap(const GroupStats& stats, const BootstrapRequest& request, const Draw& draw, std::uint64_t first,
                     int count, const Execution& execution) {
  const Index width = stats.p + 1 + length(request.components);
  Replicates out;
  out.values = Matrix::Constant(count, width, std::numeric_limits<double>::quiet_NaN());
  out.status.resize(count);
  std::vector<char> at_boundary(count);  // not bits: each is written by a thread of its own
  GroupStats empty = stats;
  empty.remainders = GroupRemainders();  // of other data
  std::vector<GroupStats> drawn(std::max(1, std::min(execution.threads, count)), empty);
  for_each_part(count, execution.threads, [&](int part, int worker) {
    // Only the calling thread may ask for an interrupt.
    const Execution replicate_execution{1, worker == 0 ? execution.interrupt : std::function<void()>()};
    replicate_execution.check_interrupt();
    GroupStats& data = drawn[worker];
    RandomDraws random(request.seed, first + static_cast<std::uint64_t>(part));
    draw(random, data);
    const Fit fit = fit_near(data, request.terms, request.reml, request.theta, request.search, replicate_execution);
    out.status[part] = fit.status;
    at_boundary[part] = fit.certificate.at_boundary;
    if (is_optimum(fit.status)) store_values(fit, request, stats.p, part, out.values);
  });
  out.at_boundary.assign(at_boundary.begin(), at_boundary.end());
  return out;
}

}  // namespace mixest
