#include "user_deviance.h"

#include <Eigen/LU>

namespace mixest {

namespace {

// The derivatives with respect to Psi_user, from those for Psi_fit = A^{-1} Psi_user A^{-T}: G goes
// to A^{-T} G A^{-1}; for the Hessian each direction E_r of Psi_user becomes a combination of the
// directions of Psi_fit.
Matrix pair_map(const std::vector<Pair>& pairs, const Matrix& inverse) {
  const Index size = length(pairs);
  Matrix out(size, size);
  for (Index c = 0; c < size; ++c) {
    const Pair from = pairs[c];
    for (Index r = 0; r < size; ++r) {
      const Pair to = pairs[r];
      double value = inverse(to.a, from.a) * inverse(to.b, from.b);
      if (from.a != from.b) value += inverse(to.a, from.b) * inverse(to.b, from.a);
      out(r, c) = value;
    }
  }
  return out;
}

}  // namespace

ObjectiveValue user_deviance(const Problem& problem, MarginalLikelihood& likelihood, const Vector& user, Order order) {
  problem.covariance().from_user(user, problem.random().from_user);  // throws when there is no such Psi
  const CovarianceModel covariance = problem.covariance().in_user_parameters();
  const Matrix inverse = problem.random().from_user.inverse();
  const Evaluation evaluation = likelihood.evaluate(inverse * covariance.lambda(user), order);

  ObjectiveValue out;
  out.finite = evaluation.finite;
  if (!evaluation.finite) return out;
  out.value = evaluation.deviance;
  if (order == Order::value) return out;
  const Matrix G = inverse.transpose() * evaluation.G * inverse;
  out.gradient = covariance.gradient(user, G);
  if (order == Order::gradient) return out;
  const Matrix map = pair_map(covariance.pairs(), inverse);
  out.hessian = covariance.hessian(user, G, map.transpose() * problem.on_model_pairs(evaluation.hessian) * map);
  return out;
}

}  // namespace mixest
