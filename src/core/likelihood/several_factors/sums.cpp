#include "sums.h"

#include <algorithm>

#include "../../base/parallel.h"

namespace mixest {

namespace {

// Stretches of about as many groups and outer effects each.
std::vector<int> component_parts(const ComponentPanels& panels) {
  std::vector<Index> work{0};
  for (const ComponentPanels::Component& component : panels.components)
    work.push_back(work.back() + component.end_group - component.first_group + component.effects());
  const int parts = std::min(static_cast<int>(panels.components.size()), Parts::of(work.back(), 1 << 9).number);
  std::vector<int> out{0};
  for (int part = 1; part < parts; ++part) {
    int c = out.back();
    while (c + 1 < length(work) && work[c] * parts < work.back() * part) ++c;
    out.push_back(c);
  }
  out.push_back(static_cast<int>(panels.components.size()));
  return out;
}

// The block of one factor goes to its columns; each entry of the block stands for a `size` x `size`
// matrix.
void spread(const Matrix& block, const std::vector<int>& columns, Index size, Matrix& out) {
  for (Index b = 0; b < length(columns); ++b)
    for (Index a = 0; a < length(columns); ++a)
      out.block(columns[a] * size, columns[b] * size, size, size) = block.block(a * size, b * size, size, size);
}

// sum_l Ew_l diag(w) Ew_l'
Matrix weighted_squares(const Matrix& Ew_by_Ew, Index q, Index k, const DerivativeRequest& request) {
  Matrix out(q, q);
  for (Index b = 0; b < q; ++b)
    for (Index a = 0; a < q; ++a) {
      const auto diagonal = Ew_by_Ew.block(a * k, b * k, k, k).diagonal();
      out(a, b) = request.nu * diagonal[k - 1] + (request.reml ? diagonal.head(k - 1).sum() : 0);
    }
  return out;
}

}  // namespace

SeveralFactorSums::SeveralFactorSums(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random,
                                     const Execution& execution)
    : panels_(stats, fixed, random),
      directions_(pair_directions(panels_)),
      parts_(component_parts(panels_)),
      execution_(execution),
      states_(panels_.components.size()),
      whitened_(panels_.data.size()) {}

ValueSums SeveralFactorSums::value_sums(const Matrix& lambda) {
  eliminate_all(lambda);
  return values_;
}

void SeveralFactorSums::eliminate_all(const Matrix& lambda) {
  if (lambda_.size() > 0 && lambda == lambda_) return;
  lambda_.resize(0, 0);  // until all is done there is no point at which the states are
  const LambdaBlocks lambdas(panels_, lambda);
  const auto parts = static_cast<int>(parts_.size()) - 1;
  std::vector<ValueSums> partial(parts, ValueSums{0, Matrix::Zero(k(), k())});
  for_each_part(parts, execution_.threads, [&](int part, int worker) {
    if (worker == 0) execution_.check_interrupt();
    ValueSums& sums = partial[part];
    for (int c = parts_[part]; c < parts_[part + 1]; ++c) {
      double log_det = 0;
      eliminate(panels_, panels_.components[c], lambdas, whitened_, states_[c], log_det, sums.T);
      sums.log_det += log_det;
    }
  });
  values_ = {0, panels_.pooled};
  for (const ValueSums& sums : partial) {
    values_.log_det += sums.log_det;
    values_.T += sums.T;
  }
  lambda_ = lambda;
}

DerivativeSums SeveralFactorSums::derivative_sums(const Matrix& lambda, const DerivativeRequest& request) {
  eliminate_all(lambda);
  const LambdaBlocks lambdas(panels_, lambda);
  const auto parts = static_cast<int>(parts_.size()) - 1;
  const Index n = length(directions_);
  std::vector<ComponentSums> partial(parts, ComponentSums(panels_, n));
  for_each_part(parts, execution_.threads, [&](int part, int worker) {
    if (worker == 0) execution_.check_interrupt();
    for (int c = parts_[part]; c < parts_[part + 1]; ++c) {
      add_derivatives(panels_, panels_.components[c], states_[c], lambdas, whitened_, directions_, request,
                      partial[part]);
    }
  });
  for (Index part = 1; part < length(partial); ++part) partial[0] += partial[part];
  ComponentSums& sums = partial[0];

  DerivativeSums out;
  out.S = out.P = Matrix::Zero(q(), q());
  if (request.hessian) out.Ew_by_Ew = Matrix::Zero(q() * k(), q() * k());
  for (Index f = 0; f < length(sums.factors); ++f) {
    const std::vector<int>& columns = f == 0 ? panels_.inner : panels_.factors[f - 1].columns;
    Matrix& Ew_by_Ew = sums.factors[f].Ew_by_Ew;
    Ew_by_Ew.triangularView<Eigen::StrictlyUpper>() = Ew_by_Ew.transpose();
    spread(sums.factors[f].S, columns, 1, out.S);
    spread(weighted_squares(Ew_by_Ew, length(columns), k(), request), columns, 1, out.P);
    if (request.hessian) spread(Ew_by_Ew, columns, k(), out.Ew_by_Ew);
  }
  if (!request.hessian) return out;
  const Index pairs = q() * (q() + 1) / 2;
  out.curvature = Matrix::Zero(pairs, pairs);
  for (Index s = 0; s < n; ++s)
    for (Index r = 0; r < n; ++r) out.curvature(directions_[r].index, directions_[s].index) = sums.curvature(r, s);
  return out;
}

Matrix SeveralFactorSums::kenward_roger_sums(const Matrix& lambda, const Matrix& triangle,
                                             const std::vector<Matrix>& directions) {
  eliminate_all(lambda);
  const LambdaBlocks lambdas(panels_, lambda);
  Matrix out = Matrix::Zero(k() - 1, k() - 1);
  for (Index c = 0; c < length(panels_.components); ++c) {
    if (c % 256 == 255) execution_.check_interrupt();
    add_kenward_roger_sums(panels_, panels_.components[c], states_[c], lambdas, whitened_, triangle, directions, out);
  }
  return out;
}

}  // namespace mixest
