#include "couplings.h"

#include <Eigen/LU>
#include <Eigen/SVD>
#include <algorithm>
#include <cmath>

#include "../../linear_algebra/spd_inverse.h"

namespace mixest {

namespace {

double smallest_singular_value(const Matrix& A) {
  return A.size() == 1 ? std::abs(A(0, 0)) : Eigen::JacobiSVD<Matrix>(A).singularValues().minCoeff();
}

bool far_from_zero(const ComponentPanels::Component& component, const Matrix& gram, const LambdaBlocks& lambda) {
  constexpr double least = 1e-3;
  for (Index f = 0; f < length(lambda.outer); ++f) {
    const Index first = component.first_effect[f], n = component.first_effect[f + 1] - first;
    if (n == 0) continue;
    const double sd = smallest_singular_value(lambda.outer[f]);
    if (!(sd * sd * gram.diagonal().segment(first, n).minCoeff() >= least)) return false;
  }
  return true;
}

}  // namespace

Couplings::Couplings(const ComponentPanels::Component& component, const ComponentState& state,
                     const LambdaBlocks& lambda)
    : scaled(far_from_zero(component, state.gram, lambda)) {
  const BlockDiagonal Lambda(component, lambda.outer);
  zero = std::all_of(lambda.outer.begin(), lambda.outer.end(), [](const Matrix& block) { return block.isZero(0); });
  if (zero) {
    S = state.gram;
    cov = Matrix::Zero(S.rows(), S.cols());
    shrink = Matrix::Identity(S.rows(), S.cols());
    return;
  }
  cov = inverse_from_factor(state.root);
  if (scaled) {
    std::vector<Matrix> inverses;
    for (const Matrix& block : lambda.outer) inverses.push_back(block.inverse());
    const BlockDiagonal inverse(component, inverses);
    shrink = cov;
    Lambda.times(shrink);
    inverse.times_from_right(shrink);
    S = -cov;
    S.diagonal().array() += 1;
    inverse.transposed_times(S);
    inverse.times_from_right(S);
    Lambda.times(cov);
    Lambda.transposed_from_right(cov);
  } else {
    Matrix L_gram = state.gram;
    Lambda.transposed_times(L_gram);
    S = state.gram;
    S.noalias() -= L_gram.transpose() * (cov * L_gram);
    Lambda.times(cov);
    Lambda.transposed_from_right(cov);
    shrink = -cov * state.gram;
    shrink.diagonal().array() += 1;
  }
}

}  // namespace mixest
