#include "fixed_effects.h"

namespace mixest {

FixedEffects fixed_effects(const Problem& problem, const Evaluation& evaluation) {
  const FixedBasis& fixed = problem.fixed();
  const Index p = fixed.rank();
  Matrix factor = Matrix::Identity(p, p);
  if (p > 0) evaluation.triangle.topLeftCorner(p, p).triangularView<Eigen::Upper>().solveInPlace(factor);
  return {user_coefficients(fixed, problem.stats(), evaluation.beta()), user_beta_factor(fixed, factor)};
}

Matrix user_beta_factor(const FixedBasis& fixed, Matrix factor) {
  if (factor.size() > 0) fixed.triangle.triangularView<Eigen::Upper>().solveInPlace(factor);
  return fixed.user_map * factor;
}

}  // namespace mixest
