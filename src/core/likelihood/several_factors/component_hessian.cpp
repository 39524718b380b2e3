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

// Is it cheaper to add N P_i'A_r P_i for each group than to multiply N and C_r? The groups' columns
// are read one by one, N C_r is a product of large matrices, where an operation costs a fraction.
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
                                   const Couplings& resolvents, const Matrix& V, const DerivativeRequest& request)
    : panels_(panels),
      component_(component),
      lambda_(lambda),
      directions_(directions),
      of_(resolvents),
      effects_(component.effects()),
      sparse_(resolvents.scaled && groups_are_sparse(panels, component)),
      of_direction_(directions.size()),
      local_(Matrix::Zero(length(directions), length(directions))),
      VV_(panels.inner_q(), panels.inner_q()) {
  choose_weights(request);
  for (Index r = 0; r < length(directions_); ++r) {
    OfDirection& of = of_direction_[r];
    of.t = Matrix::Zero(effects_, weights_.size());
    if (inner(r)) {
      of.C = Matrix::Zero(effects_, effects_);
    } else {
      start_outer(V, of, directions_[r]);
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

void ComponentHessian::start_outer(const Matrix& V, OfDirection& of, const PairDirection& direction) const {
  Matrix Vw(effects_, weights_.size());
  for (Index c = 0; c < length(weights_); ++c) Vw.col(c) = weights_[c] * V.col(weighted_[c]);
  const int f = direction.factor;
  const Index first = component_.first_effect[f], end = component_.first_effect[f + 1], w = panels_.factors[f].width();
  for (Index at = first; at < end; at += w) along(direction, Vw.middleRows(at, w), of.t.middleRows(at, w));
  of.SV = of_.Z.middleCols(first, end - first) * of.t.middleRows(first, end - first);
  of.S2 = of_.S.middleCols(first, end - first) * of.t.middleRows(first, end - first);
}

void ComponentHessian::add_group(const GroupBlocks& group, const int* effect, Index J) {
  const Index q = panels_.inner_q();
  for (Index d = 0; d < q; ++d)
    for (Index c = d; c < q; ++c) {
      double value = 0;
      for (Index w = 0; w < length(weights_); ++w) {
        const Index column = weighted_[w];
        value += weights_[w] * weights_[w] * group.V(column, c) * group.V(column, d);
      }
      VV_(c, d) = VV_(d, c) = value;
    }
  if (sparse_) {
    NP_.setZero(effects_, q);
    for (Index a = 0; a < J; ++a)
      for (Index c = 0; c < q; ++c) NP_.col(c) += group.P(c, a) * of_.N.col(effect[a]);
  }
  for (Index r = 0; r < length(directions_) && inner(r); ++r) {
    const Index x = directions_[r].a, y = directions_[r].b;
    OfDirection& of = of_direction_[r];
    for (Index w = 0; w < length(weights_); ++w) {
      const Index column = weighted_[w];
      const double vx = weights_[w] * group.V(column, y), vy = x == y ? 0 : weights_[w] * group.V(column, x);
      double* t = of.t.col(w).data();
      for (Index a = 0; a < J; ++a) t[effect[a]] += group.P(x, a) * vx + group.P(y, a) * vy;
    }
    for (Index b = 0; b < J; ++b) {
      const double px = group.P(y, b), py = x == y ? 0 : group.P(x, b);
      if (sparse_) {  // N C_r at once
        of.C.col(effect[b]) += px * NP_.col(x);
        if (x != y) of.C.col(effect[b]) += py * NP_.col(y);
      } else {
        double* C = of.C.col(effect[b]).data();
        for (Index a = 0; a < J; ++a) C[effect[a]] += group.P(x, a) * px + group.P(y, a) * py;
      }
    }
    for (Index s = 0; s <= r; ++s)
      local_(r, s) += 2 * trace_of_four(group.alone, directions_[s], VV_, directions_[r]) -
                      trace_of_four(group.S, directions_[s], group.S, directions_[r]) +
                      trace_of_four(group.K, directions_[s], group.K, directions_[r]);
  }
}

void ComponentHessian::add_to(Matrix& sum) {
  finish_inner();
  for (Index s = 0; s < length(directions_); ++s)
    for (Index r = s; r < length(directions_); ++r) {
      const double h = local_(r, s) + 2 * product_with_V(r, s) - trace(r, s);
      sum(r, s) += h;
      if (r != s) sum(s, r) += h;
    }
}

void ComponentHessian::finish_inner() {
  std::vector<Matrix> inverse_psi;
  if (of_.scaled)
    for (const Matrix& L : lambda_.outer) inverse_psi.push_back((L * L.transpose()).inverse());
  for (Index r = 0; r < length(directions_) && inner(r); ++r) {
    OfDirection& of = of_direction_[r];
    of.SV = of_.N * of.t;
    if (of_.zero) {
      of.CZ = of.C;
      of.C.setZero();
    } else if (of_.scaled) {
      if (!sparse_) of.C = of_.N * of.C;
      of.CZ = of.C.transpose();
      BlockDiagonal(component_, inverse_psi).times_from_right(of.CZ);
    } else {
      of.CZ = of.C * of_.Z;
      of.C = of_.N * of.C;
    }
  }
}

// sum_c w_c (A_r v_c)'S(A_s v_c) without what single groups add.
double ComponentHessian::product_with_V(Index r, Index s) const {
  if (inner(r) && inner(s)) return -inner_product(of_direction_[r].t, of_direction_[s].SV);
  if (inner(s)) return inner_product(of_direction_[s].t, of_direction_[r].SV);
  if (inner(r)) return inner_product(of_direction_[r].t, of_direction_[s].SV);
  return inner_product(of_direction_[r].t, of_direction_[s].S2);
}

// tr(S A_r S A_s) without what single groups add.
double ComponentHessian::trace(Index r, Index s) const {
  if (inner(r) && inner(s)) return of_direction_[r].C.cwiseProduct(of_direction_[s].C.transpose()).sum();
  if (inner(s)) return trace_of_both(s, r);
  if (inner(r)) return trace_of_both(r, s);
  return trace_of_outer(directions_[r], directions_[s]);
}

double ComponentHessian::trace_of_both(Index inner, Index outer) const {
  const PairDirection& s = directions_[outer];
  const int f = s.factor;
  const Matrix& CZ = of_direction_[inner].CZ;
  double sum = 0;
  for (Index at = component_.first_effect[f]; at < component_.first_effect[f + 1]; at += panels_.factors[f].width()) {
    sum += of_.Z.col(at + s.a).dot(CZ.col(at + s.b));
    if (s.a != s.b) sum += of_.Z.col(at + s.b).dot(CZ.col(at + s.a));
  }
  return sum;
}

double ComponentHessian::trace_of_outer(const PairDirection& r, const PairDirection& s) const {
  const int f = r.factor, g = s.factor;
  const Index v = panels_.factors[f].width(), w = panels_.factors[g].width();
  const Index first_f = component_.first_effect[f], end_f = component_.first_effect[f + 1];
  const Index first_g = component_.first_effect[g], end_g = component_.first_effect[g + 1];
  if (v == 1 && w == 1) return of_.S.block(first_f, first_g, end_f - first_f, end_g - first_g).squaredNorm();
  double sum = 0;
  for (Index m = first_g; m < end_g; m += w)
    for (Index l = first_f; l < end_f; l += v) {
      const auto S = of_.S.block(l, m, v, w);
      sum += trace_of_four(S, s, S.transpose(), r);
    }
  return sum;
}

}  // namespace mixest
