#include "blups.h"

#include <Eigen/LU>

#include "../likelihood/one_factor/panels.h"
#include "several_factors.h"

namespace mixest {

namespace {

Matrix in_fit_basis(const RandomBasis& random, const Matrix& lambda) { return random.from_user.inverse() * lambda; }

}  // namespace

std::vector<LevelEffects> predict_random_effects(const GroupStats& stats, const FixedBasis& fixed,
                                                 const RandomBasis& random, const Matrix& lambda,
                                                 const Matrix& triangle, const Execution& execution) {
  const Coefficients coefficients(stats, fixed, triangle);
  if (!stats.outer.empty()) return SeveralFactorBlups(stats, fixed, random, lambda).effects(coefficients);

  const Index q = stats.q, k = stats.k();
  LevelEffects out = no_effects(lambda, stats.m, fixed.rank());
  GroupPrediction prediction(in_fit_basis(random, lambda), lambda);
  Matrix B(q, fixed.rank() + 1);
  for (Index i = 0; i < stats.m; ++i) {
    if (i % 4096 == 4095) execution.check_interrupt();
    prediction.set_group(stats.R.middleCols(i * q, q) * random.from_condensed);
    to_fixed_basis(stats.B.middleCols(i * k, k), fixed, B);
    coefficients.store(prediction.predict(B), i, out);
    out.root.middleCols(i * q, q) = prediction.root();
  }
  return {out};
}

}  // namespace mixest
