#include "component_hessian.h"

#include <Eigen/LU>
#include <cmath>

namespace mixest {

namespace {

// y = E_r x, rows of x being those of one level.
template <typename In, typename Out>
void along(const PairDirection& r, const In& x, Out&& y) {
  y.setZero();
  y.row(r.a) = x.row(r.b);
  y.row(r.b) = x.row(r.a);
}

// tr(X E_s Y E_r)
template <typename X, typename Y>
double trace_of_four(const X& x, const PairDirection& s, const Y& y, const PairDirection& r) {
  const auto one = [&](Index c, Index d, Index a, Index b) { return x(b, c) * y(d, a); };
  double sum = one(s.a, s.b, r.a, r.b);
  if (s.a != s.b) sum += one(s.b, s.a, r.a, r.b);
  if (r.a != r.b) sum += one(s.a, s.b, r.b, r.a);
  if (s.a != s.b && r.a != r.b) sum += one(s.b, s.a, r.b, r.a);
  return sum;
}

double inner_product(const Matrix& A, const Matrix& B) { return A.cwiseProduct(B).sum(); }

// Is it cheaper to add cov cross_i'A_r cross_i for each group than to multiply cov and image_r? The
// groups' columns are read one by one, cov image_r is a product of large matrices, where an
// operation costs a fraction.
bool groups_are_sparse(const ComponentPanels& panels, const ComponentPanels::Component& component) {
  constexpr Index large = 64, advantage = 8;
  Index columns = 0;
  for (int g = component.first_group; g < component.end_group; ++g) columns += panels.groups[g].width;
  const Index effects = component.effects();
  return effects > large && advantage * columns * panels.inner_q() < effects * effects;
}

}  // namespace

std::vector<PairDirection> pair_directions(const ComponentPanels& panels) {
  std::vector<PairDirection> out;
  const auto add = [&](int factor, const std::vector<int>& columns) {
    for (Index b = 0; b < length(columns); ++b)
      for (Index a = b; a < length(columns); ++a)
        out.push_back({factor, a, b, pair_index(columns[a], columns[b], panels.q)});
  };
  add(-1, panels.inner);
  for (Index f = 0; f < length(panels.factors); ++f) add(static_cast<int>(f), panels.factors[f].columns);
  return out;
}

ComponentHessian::ComponentHessian(const ComponentPanels& panels, const ComponentPanels::Component& component,
                                   const LambdaBlocks& lambda, const std::vector<PairDirection>& directions,
                                   const Couplings& couplings, const Matrix& Ew, const DerivativeRequest& request)
    : panels_(panels),
      component_(component),
      lambda_(lambda),
      directions_(directions),
      couplings_(couplings),
      effects_(component.effects()),
      sparse_(couplings.scaled && groups_are_sparse(panels, component)),
      terms_(directions.size()),
      local_(Matrix::Zero(length(directions), length(directions))),
      P_(panels.inner_q(), panels.inner_q()) {
  choose_weights(request);
  for (Index r = 0; r < length(directions_); ++r) {
    DirectionTerms& terms = terms_[r];
    terms.t = Matrix::Zero(effects_, weights_.size());
    if (inner(r)) {
      terms.image = Matrix::Zero(effects_, effects_);
    } else {
      start_outer(Ew, terms, directions_[r]);
    }
  }
}

void ComponentHessian::choose_weights(const DerivativeRequest& request) {
  const Index y = panels_.k - 1;
  for (Index c = 0; c < y && request.reml; ++c) weighted_.push_back(c);
  weighted_.push_back(y);
  weights_ = Vector::Ones(length(weighted_));
  weights_[weights_.size() - 1] = std::sqrt(request.nu);
}

void ComponentHessian::start_outer(const Matrix& Ew, DirectionTerms& terms, const PairDirection& direction) const {
  Matrix Ew_weighted(effects_, weights_.size());
  for (Index c = 0; c < length(weights_); ++c) Ew_weighted.col(c) = weights_[c] * Ew.col(weighted_[c]);
  const int f = direction.factor;
  const Index first = component_.first_effect[f], end = component_.first_effect[f + 1], w = panels_.factors[f].width();
  for (Index effect = first; effect < end; effect += w)
    along(direction, Ew_weighted.middleRows(effect, w), terms.t.middleRows(effect, w));
  terms.coupled_t = couplings_.shrink.middleCols(first, end - first) * terms.t.middleRows(first, end - first);
  terms.S_t = couplings_.S.middleCols(first, end - first) * terms.t.middleRows(first, end - first);
}

void ComponentHessian::add_group(const GroupBlocks& group, const int* effect, Index J) {
  const Index q = panels_.inner_q();
  for (Index d = 0; d < q; ++d)
    for (Index c = d; c < q; ++c) {
      double value = 0;
      for (Index w = 0; w < length(weights_); ++w) {
        const Index column = weighted_[w];
        value += weights_[w] * weights_[w] * group.Ew(column, c) * group.Ew(column, d);
      }
      P_(c, d) = P_(d, c) = value;
    }
  if (sparse_) {
    cov_cross_.setZero(effects_, q);
    for (Index a = 0; a < J; ++a)
      for (Index c = 0; c < q; ++c) cov_cross_.col(c) += group.cross(c, a) * couplings_.cov.col(effect[a]);
  }
  for (Index r = 0; r < length(directions_) && inner(r); ++r) {
    const Index x = directions_[r].a, y = directions_[r].b;
    DirectionTerms& terms = terms_[r];
    for (Index w = 0; w < length(weights_); ++w) {
      const Index column = weighted_[w];
      const double vx = weights_[w] * group.Ew(column, y), vy = x == y ? 0 : weights_[w] * group.Ew(column, x);
      double* t = terms.t.col(w).data();
      for (Index a = 0; a < J; ++a) t[effect[a]] += group.cross(x, a) * vx + group.cross(y, a) * vy;
    }
    for (Index b = 0; b < J; ++b) {
      const double px = group.cross(y, b), py = x == y ? 0 : group.cross(x, b);
      if (sparse_) {  // cov image_r at once
        terms.image.col(effect[b]) += px * cov_cross_.col(x);
        if (x != y) terms.image.col(effect[b]) += py * cov_cross_.col(y);
      } else {
        double* image = terms.image.col(effect[b]).data();
        for (Index a = 0; a < J; ++a) image[effect[a]] += group.cross(x, a) * px + group.cross(y, a) * py;
      }
    }
    for (Index s = 0; s <= r; ++s)
      local_(r, s) += 2 * trace_of_four(group.alone, directions_[s], P_, directions_[r]) -
                      trace_of_four(group.S, directions_[s], group.S, directions_[r]) +
                      trace_of_four(group.taken, directions_[s], group.taken, directions_[r]);
  }
}

void ComponentHessian::add_to(Matrix& sum) {
  finish_inner();
  for (Index s = 0; s < length(directions_); ++s)
    for (Index r = s; r < length(directions_); ++r) {
      const double h = local_(r, s) + 2 * product_with_Ew(r, s) - trace(r, s);
      sum(r, s) += h;
      if (r != s) sum(s, r) += h;
    }
}

void ComponentHessian::finish_inner() {
  std::vector<Matrix> inverse_psi;
  if (couplings_.scaled)
    for (const Matrix& L : lambda_.outer) inverse_psi.push_back((L * L.transpose()).inverse());
  for (Index r = 0; r < length(directions_) && inner(r); ++r) {
    DirectionTerms& terms = terms_[r];
    terms.coupled_t = couplings_.cov * terms.t;
    if (couplings_.zero) {
      terms.image_shrink = terms.image;
      terms.image.setZero();
    } else if (couplings_.scaled) {
      if (!sparse_) terms.image = couplings_.cov * terms.image;
      terms.image_shrink = terms.image.transpose();
      BlockDiagonal(component_, inverse_psi).times_from_right(terms.image_shrink);
    } else {
      terms.image_shrink = terms.image * couplings_.shrink;
      terms.image = couplings_.cov * terms.image;
    }
  }
}

// sum_c w_c (A_r e_c)'S(A_s e_c), e_c the columns of Ew, without what single groups add.
double ComponentHessian::product_with_Ew(Index r, Index s) const {
  if (inner(r) && inner(s)) return -inner_product(terms_[r].t, terms_[s].coupled_t);
  if (inner(s)) return inner_product(terms_[s].t, terms_[r].coupled_t);
  if (inner(r)) return inner_product(terms_[r].t, terms_[s].coupled_t);
  return inner_product(terms_[r].t, terms_[s].S_t);
}

// tr(S A_r S A_s) without what single groups add.
double ComponentHessian::trace(Index r, Index s) const {
  if (inner(r) && inner(s)) return terms_[r].image.cwiseProduct(terms_[s].image.transpose()).sum();
  if (inner(s)) return trace_of_both(s, r);
  if (inner(r)) return trace_of_both(r, s);
  return trace_of_outer(directions_[r], directions_[s]);
}

double ComponentHessian::trace_of_both(Index inner, Index outer) const {
  const PairDirection& s = directions_[outer];
  const int f = s.factor;
  const Matrix& image_shrink = terms_[inner].image_shrink;
  double sum = 0;
  for (Index effect = component_.first_effect[f]; effect < component_.first_effect[f + 1];
       effect += panels_.factors[f].width()) {
    sum += couplings_.shrink.col(effect + s.a).dot(image_shrink.col(effect + s.b));
    if (s.a != s.b) sum += couplings_.shrink.col(effect + s.b).dot(image_shrink.col(effect + s.a));
  }
  return sum;
}

double ComponentHessian::trace_of_outer(const PairDirection& r, const PairDirection& s) const {
  const int f = r.factor, g = s.factor;
  const Index v = panels_.factors[f].width(), w = panels_.factors[g].width();
  const Index first_f = component_.first_effect[f], end_f = component_.first_effect[f + 1];
  const Index first_g = component_.first_effect[g], end_g = component_.first_effect[g + 1];
  if (v == 1 && w == 1) return couplings_.S.block(first_f, first_g, end_f - first_f, end_g - first_g).squaredNorm();
  double sum = 0;
  for (Index m = first_g; m < end_g; m += w)
    for (Index l = first_f; l < end_f; l += v) {
      const auto S = couplings_.S.block(l, m, v, w);
      sum += trace_of_four(S, s, S.transpose(), r);
    }
  return sum;
}

}  // namespace mixest
