#include "fit_near.h"

namespace mixest {

namespace {

// Where a second optimum is so rare that it isn't looked for from the usual start either
// (search.cpp).
bool is_clear(const Fit& fit, const CovarianceModel& covariance) {
  return covariance.all_unstructured() && fit.status == FitStatus::converged && !fit.certificate.at_boundary;
}

bool has_estimate(const Fit& fit) { return fit.theta.size() > 0; }

}  // namespace

Fit fit_near(const GroupStats& stats, const std::vector<TermSpec>& terms, bool reml, const Vector& theta,
             const SearchOptions& options, const Execution& execution) {
  Problem problem(stats, terms, reml);
  Fit near = fit_lmm(problem, theta, options, execution);
  if (is_clear(near, problem.covariance())) return near;
  Problem again(stats, terms, reml);
  Fit usual = fit_lmm(again, Vector(), options, execution);
  const bool better = has_estimate(near) && has_estimate(usual) && near.status == FitStatus::converged &&
                      (usual.status != FitStatus::converged || near.deviance < usual.deviance);
  return better ? near : usual;
}

}  // namespace mixest
