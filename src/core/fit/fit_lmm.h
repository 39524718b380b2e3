// From condensed data to the certified fit.
#pragma once

#include "../base/execution.h"
#include "certificate.h"
#include "problem.h"
#include "search.h"

namespace mixest {

enum class FitStatus {
  converged,
  flat,  // an optimum, but the data say nothing about some covariance parameters
  max_iterations,
  no_progress,
  perfect_fit,        // y is in the span of X: sigma and every variance are zero
  perfect_groups,     // y is fitted exactly once each group has its own effects: the likelihood is unbounded
  dependent_columns,  // columns of U of one term are linearly dependent
  no_residual_df,
  not_finite  // the condensed data or the deviance overflow, or there were numbers that are none
};

struct Fit {
  FitStatus status = FitStatus::no_residual_df;
  std::vector<int> dependent;  // columns of U, for dependent_columns

  // Set for converged, flat, max_iterations, no_progress and perfect_fit.
  Vector theta;   // user parametrisation
  Matrix lambda;  // q x q, user's columns, relative to sigma
  double deviance = 0;
  double sigma = 0;
  std::vector<int> kept;  // columns of X
  Vector beta;            // rank, user's units
  Matrix beta_factor;     // rank x rank, vcov(beta) = sigma^2 F F'
  Certificate certificate;
  int iterations = 0;
  int evaluations = 0;
};

// `start`: user parametrisation, or empty. May move the problem's origin of y (Problem::recentre).
Fit fit_lmm(Problem& problem, const Vector& start, const SearchOptions& options, const Execution& execution);

}  // namespace mixest
