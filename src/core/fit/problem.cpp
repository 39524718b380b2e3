#include "problem.h"

#include <cmath>

#include "../covariance/factory.h"

namespace mixest {

namespace {

CovarianceModel make_covariance(const std::vector<TermSpec>& terms) {
  std::vector<std::unique_ptr<CovarianceStructure>> structures;
  for (const TermSpec& term : terms) structures.push_back(make_structure(term.structure, term.size));
  return CovarianceModel(std::move(structures));
}

std::vector<TermColumns> term_columns(const CovarianceModel& covariance) {
  std::vector<TermColumns> out;
  for (int t = 0; t < covariance.n_terms(); ++t)
    out.push_back({covariance.first_column(t), covariance.structure(t).dim(), covariance.structure(t).invariance()});
  return out;
}

void require_all_columns(const CovarianceModel& covariance, const GroupStats& stats) {
  if (covariance.dim() != stats.q) throw Misuse("the terms must have as many columns as U");
}

}  // namespace

Problem::Problem(const GroupStats& stats, const std::vector<TermSpec>& terms, bool reml, const Execution& execution)
    : stats_(stats),
      covariance_(make_covariance(terms)),
      fixed_((require_all_columns(covariance_, stats), choose_fixed_basis(stats, execution.threads))),
      random_(choose_random_basis(stats, term_columns(covariance_), execution.threads)),
      reml_(reml),
      execution_(execution) {}

MarginalLikelihood Problem::likelihood() const {
  return MarginalLikelihood(stats_, fixed_, random_, reml_, execution_);
}

Matrix Problem::on_model_pairs(const Matrix& hessian) const {
  const auto& pairs = covariance_.pairs();
  const Index q = stats_.q;
  const auto position = [q](const Pair& pair) { return pair_index(pair.a, pair.b, q); };
  Matrix out(length(pairs), length(pairs));
  for (Index s = 0; s < length(pairs); ++s)
    for (Index r = 0; r < length(pairs); ++r) out(r, s) = hessian(position(pairs[r]), position(pairs[s]));
  return out;
}

double Problem::sigma(double residual) const { return residual / std::sqrt(nu()) * fixed_.spread * stats_.y_scale; }

}  // namespace mixest
