// R lists to core types and back. The only place that knows the element names of a "group_stats"
// object.
#pragma once

#include <RcppEigen.h>

#include "core/base/execution.h"
#include "core/condensed/group_stats.h"
#include "core/fit/fit_lmm.h"

namespace mixest {

GroupStats group_stats_from_r(const Rcpp::List& stats);
Rcpp::List group_stats_to_r(const GroupStats& stats);

// `terms`: list of list(structure = , size = ).
std::vector<TermSpec> terms_from_r(const Rcpp::List& terms);

Rcpp::List certificate_to_r(const Certificate& certificate);
const char* status_name(FitStatus status);

// `control` as of lmm_control().
SearchOptions search_options_from_r(const Rcpp::List& control);

// Runs on `threads` threads and asks R whether the user wants to stop.
Execution interruptible(int threads);

}  // namespace mixest
