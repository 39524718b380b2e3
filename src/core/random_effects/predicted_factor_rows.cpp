#include "predicted_factor_rows.h"

#include "../likelihood/several_factors/block_diagonal.h"

namespace mixest {

PredictedFactorRows::PredictedFactorRows(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random,
                                         const Matrix& lambda, const EffectRows& rows)
    : predictions_(stats, fixed, random, lambda), U_(rows.U * random.from_user), levels_(rows.levels) {
  for (Index i = 0; i < U_.rows(); ++i)
    rows_.push_back(predictions_.row(U_.row(i).transpose(), levels_.row(i).transpose()));
}

// gram, rhs and the whitened panels, which SeveralFactorBlups does not keep.
void PredictedFactorRows::eliminate_again() {
  const ComponentPanels& panels = predictions_.panels();
  moves_.resize(panels.components.size());
  for (const SeveralFactorBlups::Row& row : rows_)
    for (const SeveralFactorBlups::Entry& entry : row.outer) moves_[entry.place.component].met = true;
  whitened_.resize(panels.data.size());
  Matrix T = Matrix::Zero(panels.k, panels.k);
  double log_det = 0;
  ComponentState state;
  for (Index c = 0; c < length(panels.components); ++c) {
    eliminate(panels, panels.components[c], predictions_.lambdas(), whitened_, state, log_det, T);
    if (!moves_[c].met) continue;
    const Index b = panels.components[c].effects();
    moves_[c].rhs = state.rhs;
    moves_[c].shrink_transposed = Matrix::Identity(b, b);
    moves_[c].shrink_transposed.noalias() -=
        state.gram.selfadjointView<Eigen::Lower>() * predictions_.outer_cov(static_cast<int>(c));
  }
}

PredictedFactorRows::Whitened PredictedFactorRows::whitened(int g) const {
  const ComponentPanels& panels = predictions_.panels();
  const ComponentPanels::Group& group = panels.groups[g];
  const Index q = panels.inner_q();
  const Eigen::Map<const Matrix> W(whitened_.data() + group.first, q, panels.columns(group));
  return {W.leftCols(q), W.middleCols(q, group.width), W.rightCols(panels.k)};
}

void PredictedFactorRows::set_direction(const Matrix& A) {
  if (moves_.empty()) eliminate_again();
  const ComponentPanels& panels = predictions_.panels();
  A_ = A;
  const Matrix inner = select(A, panels.inner);
  std::vector<Matrix> outer;
  for (const OuterFactor& factor : panels.factors) outer.push_back(select(A, factor.columns));
  for (Index c = 0; c < length(moves_); ++c)
    if (moves_[c].met) move_component(c, inner, outer);
}

void PredictedFactorRows::move_component(Index c, const Matrix& inner, const std::vector<Matrix>& outer) {
  const ComponentPanels& panels = predictions_.panels();
  const ComponentPanels::Component& component = panels.components[c];
  Moves& out = moves_[c];
  const Matrix& cov = predictions_.outer_cov(static_cast<int>(c));
  Matrix turned = out.shrink_transposed;
  BlockDiagonal(component, outer).times(turned);
  out.cov.noalias() = out.shrink_transposed.transpose() * turned;
  out.predicted.setZero(component.effects(), panels.k);
  if (!inner.isZero(0)) {
    Matrix image = Matrix::Zero(component.effects(), component.effects());
    for (int g = component.first_group; g < component.end_group; ++g) {
      const ComponentPanels::Group& group = panels.groups[g];
      const Whitened W = whitened(g);
      const Matrix AR = inner * W.R.transpose();
      const Matrix right = W.R * AR;
      const Matrix gram = W.J.transpose() * right * W.J, rhs = W.J.transpose() * right * W.B;
      const int* effect = panels.effect.data() + group.first_effect;
      for (Index a = 0; a < group.width; ++a) {
        out.predicted.row(effect[a]) -= rhs.row(a);
        for (Index b = 0; b < group.width; ++b) image(effect[a], effect[b]) += gram(a, b);
      }
    }
    out.predicted = (cov * out.predicted).eval();
    out.cov.noalias() += cov * (image * cov);
  }
  out.predicted.noalias() += out.cov * out.rhs;
}

RowMove PredictedFactorRows::move(Index i) {
  const ComponentPanels& panels = predictions_.panels();
  const SeveralFactorBlups::Row& row = rows_[i];
  RowMove out{unseen_move(i, A_), Vector::Zero(panels.k)};
  SeveralFactorBlups::Entries moved;  // de
  if (row.group >= 0) {
    const Whitened W = whitened(row.group);
    const ComponentPanels::Group& group = panels.groups[row.group];
    const Matrix& lambda = predictions_.lambdas().inner;
    const Vector g = row.inner - W.R.transpose() * (W.R * (lambda * (lambda.transpose() * row.inner)));
    const Vector Ag = select(A_, panels.inner) * g;
    const Vector WAg = W.R * Ag;
    out.variance += g.dot(Ag);
    out.predicted += W.B.transpose() * WAg;
    const Vector de = -W.J.transpose() * WAg;
    for (Index j = 0; j < group.width; ++j)
      moved.push_back({{predictions_.component_of(row.group), panels.effect[group.first_effect + j]}, de[j]});
  }
  for (const SeveralFactorBlups::Entry& a : row.outer) {
    const Moves& along = moves_[a.place.component];
    const Matrix& cov = predictions_.outer_cov(a.place.component);
    for (const SeveralFactorBlups::Entry& b : row.outer)
      if (a.place.component == b.place.component)
        out.variance += a.value * b.value * along.cov(a.place.effect, b.place.effect);
    for (const SeveralFactorBlups::Entry& b : moved)
      if (a.place.component == b.place.component)
        out.variance += 2 * a.value * b.value * cov(a.place.effect, b.place.effect);
    out.predicted += a.value * along.predicted.row(a.place.effect).transpose();
  }
  for (const SeveralFactorBlups::Entry& b : moved)
    out.predicted += b.value * predictions_.outer_predicted(b.place.component).row(b.place.effect).transpose();
  return out;
}

// u'A u over the factors whose level has no data.
double PredictedFactorRows::unseen_move(Index i, const Matrix& A) const {
  const ComponentPanels& panels = predictions_.panels();
  const auto square = [&](const std::vector<int>& columns) {
    const Vector u = select(Vector(U_.row(i).transpose()), columns);
    return u.dot(select(A, columns) * u);
  };
  double sum = rows_[i].group < 0 ? square(panels.inner) : 0;
  for (Index f = 0; f < length(panels.factors); ++f)
    if (!predictions_.has_data(f, levels_(i, panels.factors[f].factor))) sum += square(panels.factors[f].columns);
  return sum;
}

}  // namespace mixest
