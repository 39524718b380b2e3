#include "component_derivatives.h"

#include "spd_inverse.h"

#include <Eigen/LU>
#include <Eigen/SVD>

#include <algorithm>
#include <cmath>

namespace mixest {

namespace {

double smallest_singular_value(const Matrix& A) {
  return A.size() == 1 ? std::abs(A(0, 0)) : Eigen::JacobiSVD<Matrix>(A).singularValues().minCoeff();
}

// May S = Psi^{-1} - Psi^{-1} N Psi^{-1} be used? Where Psi A is small it subtracts nearly equal numbers.
bool far_from_zero(const FactorPanels::Component& component, const Matrix& A, const FactorLambdas& lambda) {
  constexpr double least = 1e-3;
  for (std::size_t f = 0; f < lambda.outer.size(); ++f) {
    const Index first = component.first_effect[f], n = component.first_effect[f + 1] - first;
    if (n == 0) continue;
    const double sd = smallest_singular_value(lambda.outer[f]);
    if (!(sd * sd * A.diagonal().segment(first, n).minCoeff() >= least)) return false;
  }
  return true;
}

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

// Lower triangle of v v'.
void add_outer_product(const double* v, Index n, Matrix& sum) {
  for (Index b = 0; b < n; ++b) {
    double* out = sum.col(b).data();
    for (Index a = b; a < n; ++a) out[a] += v[a] * v[b];
  }
}

class Derivatives {
 public:
  Derivatives(const FactorPanels& panels, const FactorPanels::Component& component, const ComponentState& state, const FactorLambdas& lambda,
              const std::vector<PairDirection>& directions, const DerivativeRequest& request)
      : panels_(panels),
        component_(component),
        lambda_(lambda),
        directions_(directions),
        request_(request),
        effects_(component.effects()),
        of_(component, state, lambda),
        NG_(of_.N * state.G),
        V_(of_.Z.transpose() * state.G) {
    request.triangle.triangularView<Eigen::Upper>().solveInPlace<Eigen::OnTheRight>(V_);
    const Index q = panels.inner_q();
    K_.resize(q, q);
    own_S_.resize(q, q);
    S_.resize(q, q);
    VV_.resize(q, q);
    own_V_.resize(panels.k, q);
    if (request.hessian) start_hessian();
  }

  void add_outer_levels(ComponentSums& sums) const {
    for (std::size_t f = 0; f < panels_.factors.size(); ++f) {
      FactorSums& own = sums.factors[f + 1];
      const Index w = panels_.factors[f].width();
      for (Index at = component_.first_effect[f]; at < component_.first_effect[f + 1]; at += w) {
        own.S += of_.S.block(at, at, w, w);
        const Matrix by_level = V_.middleRows(at, w).transpose();
        add_outer_product(by_level.data(), by_level.size(), own.V_by_V);
      }
    }
  }

  void add_group(const FactorPanels::Group& group, const double* W, ComponentSums& sums) {
    set_group(group, W);
    sums.factors[0].S += S_;
    add_outer_product(own_V_.data(), own_V_.size(), sums.factors[0].V_by_V);
    if (request_.hessian) add_group_to_hessian(panels_.effect.data() + group.first_effect, group.width);
  }

  void add_hessian(ComponentSums& sums) {
    finish_inner();
    for (std::size_t s = 0; s < directions_.size(); ++s)
      for (std::size_t r = s; r < directions_.size(); ++r) {
        const double h = local_(static_cast<Index>(r), static_cast<Index>(s)) + 2 * product_with_V(r, s) - trace(r, s);
        sums.curvature(static_cast<Index>(r), static_cast<Index>(s)) += h;
        if (r != s) sums.curvature(static_cast<Index>(s), static_cast<Index>(r)) += h;
      }
  }

 private:
  // What is kept for an inner direction while the groups pass by, and later for all directions.
  struct OfDirection {
    Matrix t;   // sum_i P_i'A_r V_i, weighted columns: effects x weighted; for an outer direction A_r V_2
    Matrix SV;  // N t; for an outer direction Z A_r V_2
    Matrix S2;  // of an outer direction: S_22 A_r V_2
    Matrix C;   // of an inner direction: C_r, later N C_r
    Matrix CZ;  // C_r Z
  };

  bool inner(std::size_t r) const { return directions_[r].factor < 0; }

  void start_hessian() {
    const Index y = panels_.k - 1;
    for (Index c = 0; c < y && request_.reml; ++c) weighted_.push_back(c);
    weighted_.push_back(y);
    weights_ = Vector::Ones(static_cast<Index>(weighted_.size()));
    weights_[weights_.size() - 1] = std::sqrt(request_.nu);
    const auto n = static_cast<Index>(directions_.size());
    local_ = Matrix::Zero(n, n);
    of_direction_.resize(directions_.size());

    Index columns = 0;
    for (int g = component_.first_group; g < component_.end_group; ++g) columns += panels_.groups[static_cast<std::size_t>(g)].width;
    sparse_ = of_.scaled && effects_ > 64 && 8 * columns * panels_.inner_q() < effects_ * effects_;

    const Matrix Vw = weigh(V_);
    for (std::size_t r = 0; r < directions_.size(); ++r) {
      OfDirection& of = of_direction_[r];
      of.t = Matrix::Zero(effects_, weights_.size());
      if (inner(r)) {
        of.C = Matrix::Zero(effects_, effects_);
        continue;
      }
      const auto f = static_cast<std::size_t>(directions_[r].factor);
      const Index first = component_.first_effect[f], end = component_.first_effect[f + 1], w = panels_.factors[f].width();
      for (Index at = first; at < end; at += w) along(directions_[r], Vw.middleRows(at, w), of.t.middleRows(at, w));
      of.SV = of_.Z.middleCols(first, end - first) * of.t.middleRows(first, end - first);
      of.S2 = of_.S.middleCols(first, end - first) * of.t.middleRows(first, end - first);
    }
  }

  Matrix weigh(const Matrix& V) const {
    Matrix out(V.rows(), weights_.size());
    for (Index c = 0; c < weights_.size(); ++c) out.col(c) = weights_[c] * V.col(weighted_[static_cast<std::size_t>(c)]);
    return out;
  }

  // P_, NP_, K_, own_S_, S_ and own_V_ of one group. Plain loops: most groups are so small that calls would cost more than the arithmetic.
  void set_group(const FactorPanels::Group& group, const double* W) {
    const Index q = panels_.inner_q(), k = panels_.k, J = group.width;
    const int* effect = panels_.effect.data() + group.first_effect;
    const auto product = [W, q](Index a, Index b) {
      double sum = W[a * q] * W[b * q];
      for (Index r = 1; r < q; ++r) sum += W[a * q + r] * W[b * q + r];
      return sum;
    };
    if (P_.cols() < J) P_.resize(q, J);
    if (NP_.rows() < J) NP_.resize(J, q);
    for (Index a = 0; a < J; ++a)
      for (Index c = 0; c < q; ++c) P_(c, a) = product(c, q + a);
    for (Index c = 0; c < q; ++c)
      for (Index a = 0; a < J; ++a) {
        const double* N = of_.N.col(effect[a]).data();
        double value = 0;
        for (Index b = 0; b < J; ++b) value += N[effect[b]] * P_(c, b);
        NP_(a, c) = value;
      }
    for (Index d = 0; d < q; ++d)
      for (Index c = 0; c < q; ++c) {
        double value = 0;
        for (Index a = 0; a < J; ++a) value += P_(c, a) * NP_(a, d);
        K_(c, d) = value;
        own_S_(c, d) = product(c, d);
        S_(c, d) = own_S_(c, d) - value;
      }
    const Matrix& Tc = request_.triangle;
    for (Index c = 0; c < k; ++c) {
      const double* NG = NG_.col(c).data();
      for (Index r = 0; r < q; ++r) {
        double value = product(r, q + J + c);
        for (Index a = 0; a < J; ++a) value -= P_(r, a) * NG[effect[a]];
        for (Index b = 0; b < c; ++b) value -= own_V_(b, r) * Tc(b, c);
        own_V_(c, r) = value / Tc(c, c);
      }
    }
  }

  void add_group_to_hessian(const int* effect, Index J) {
    const Index q = panels_.inner_q();
    for (Index d = 0; d < q; ++d)
      for (Index c = d; c < q; ++c) {
        double value = 0;
        for (Index w = 0; w < weights_.size(); ++w) {
          const Index column = weighted_[static_cast<std::size_t>(w)];
          value += weights_[w] * weights_[w] * own_V_(column, c) * own_V_(column, d);
        }
        VV_(c, d) = VV_(d, c) = value;
      }
    if (sparse_) {
      full_NP_.setZero(effects_, q);
      for (Index a = 0; a < J; ++a)
        for (Index c = 0; c < q; ++c) full_NP_.col(c) += P_(c, a) * of_.N.col(effect[a]);
    }
    for (std::size_t r = 0; r < directions_.size() && inner(r); ++r) {
      const Index x = directions_[r].a, y = directions_[r].b;
      OfDirection& of = of_direction_[r];
      for (Index w = 0; w < weights_.size(); ++w) {
        const Index column = weighted_[static_cast<std::size_t>(w)];
        const double vx = weights_[w] * own_V_(column, y), vy = x == y ? 0 : weights_[w] * own_V_(column, x);
        double* t = of.t.col(w).data();
        for (Index a = 0; a < J; ++a) t[effect[a]] += P_(x, a) * vx + P_(y, a) * vy;
      }
      for (Index b = 0; b < J; ++b) {
        const double px = P_(y, b), py = x == y ? 0 : P_(x, b);
        if (sparse_) {  // N C_r at once
          of.C.col(effect[b]) += px * full_NP_.col(x);
          if (x != y) of.C.col(effect[b]) += py * full_NP_.col(y);
        } else {
          double* C = of.C.col(effect[b]).data();
          for (Index a = 0; a < J; ++a) C[effect[a]] += P_(x, a) * px + P_(y, a) * py;
        }
      }
      for (std::size_t s = 0; s <= r; ++s)
        local_(static_cast<Index>(r), static_cast<Index>(s)) +=
            2 * trace_of_four(own_S_, directions_[s], VV_, directions_[r]) - trace_of_four(S_, directions_[s], S_, directions_[r]) +
            trace_of_four(K_, directions_[s], K_, directions_[r]);
    }
  }

  void finish_inner() {
    std::vector<Matrix> inverse_psi;
    if (of_.scaled)
      for (const Matrix& L : lambda_.outer) inverse_psi.push_back((L * L.transpose()).inverse());
    for (std::size_t r = 0; r < directions_.size() && inner(r); ++r) {
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
  double product_with_V(std::size_t r, std::size_t s) const {
    if (inner(r) && inner(s)) return -inner_product(of_direction_[r].t, of_direction_[s].SV);
    if (inner(s)) return inner_product(of_direction_[s].t, of_direction_[r].SV);
    if (inner(r)) return inner_product(of_direction_[r].t, of_direction_[s].SV);
    return inner_product(of_direction_[r].t, of_direction_[s].S2);
  }

  // tr(S A_r S A_s) without what single groups add.
  double trace(std::size_t r, std::size_t s) const {
    if (inner(r) && inner(s)) return of_direction_[r].C.cwiseProduct(of_direction_[s].C.transpose()).sum();
    if (inner(s)) return trace_of_both(s, r);
    if (inner(r)) return trace_of_both(r, s);
    return trace_of_outer(directions_[r], directions_[s]);
  }

  double trace_of_both(std::size_t inner, std::size_t outer) const {
    const PairDirection& s = directions_[outer];
    const auto f = static_cast<std::size_t>(s.factor);
    const Matrix& CZ = of_direction_[inner].CZ;
    double sum = 0;
    for (Index at = component_.first_effect[f]; at < component_.first_effect[f + 1]; at += panels_.factors[f].width()) {
      sum += of_.Z.col(at + s.a).dot(CZ.col(at + s.b));
      if (s.a != s.b) sum += of_.Z.col(at + s.b).dot(CZ.col(at + s.a));
    }
    return sum;
  }

  double trace_of_outer(const PairDirection& r, const PairDirection& s) const {
    const auto f = static_cast<std::size_t>(r.factor), g = static_cast<std::size_t>(s.factor);
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

  const FactorPanels& panels_;
  const FactorPanels::Component& component_;
  const FactorLambdas& lambda_;
  const std::vector<PairDirection>& directions_;
  const DerivativeRequest& request_;
  Index effects_;
  Resolvents of_;
  Matrix NG_, V_;
  std::vector<Index> weighted_;  // columns of V with a weight, and the roots of the weights
  Vector weights_;
  bool sparse_ = false;          // N C_r is summed group by group rather than multiplied
  std::vector<OfDirection> of_direction_;
  Matrix local_;
  Matrix P_, NP_, full_NP_, K_, own_S_, S_, VV_;  // of one group; own_S_: W_R'W_R, VV_: V_i diag(w) V_i'
  Matrix own_V_;                                  // V_i', k x q
};

}  // namespace

std::vector<PairDirection> pair_directions(const FactorPanels& panels) {
  std::vector<PairDirection> out;
  const auto add = [&](int factor, const std::vector<int>& columns) {
    for (std::size_t b = 0; b < columns.size(); ++b)
      for (std::size_t a = b; a < columns.size(); ++a)
        out.push_back({factor, static_cast<Index>(a), static_cast<Index>(b), pair_index(columns[a], columns[b], panels.q)});
  };
  add(-1, panels.inner);
  for (std::size_t f = 0; f < panels.factors.size(); ++f) add(static_cast<int>(f), panels.factors[f].columns);
  return out;
}

Resolvents::Resolvents(const FactorPanels::Component& component, const ComponentState& state, const FactorLambdas& lambda)
    : scaled(far_from_zero(component, state.A, lambda)) {
  const BlockDiagonal Lambda(component, lambda.outer);
  zero = std::all_of(lambda.outer.begin(), lambda.outer.end(), [](const Matrix& block) { return block.isZero(0); });
  if (zero) {
    S = state.A;
    N = Matrix::Zero(S.rows(), S.cols());
    Z = Matrix::Identity(S.rows(), S.cols());
    return;
  }
  N = inverse_from_factor(state.L);
  if (scaled) {
    std::vector<Matrix> inverses;
    for (const Matrix& block : lambda.outer) inverses.push_back(block.inverse());
    const BlockDiagonal inverse(component, inverses);
    Z = N;
    Lambda.times(Z);
    inverse.times_from_right(Z);
    S = -N;
    S.diagonal().array() += 1;
    inverse.transposed_times(S);
    inverse.times_from_right(S);
    Lambda.times(N);
    Lambda.transposed_from_right(N);
  } else {
    Matrix LA = state.A;
    Lambda.transposed_times(LA);
    S = state.A;
    S.noalias() -= LA.transpose() * (N * LA);
    Lambda.times(N);
    Lambda.transposed_from_right(N);
    Z = -N * state.A;
    Z.diagonal().array() += 1;
  }
}

ComponentSums::ComponentSums(const FactorPanels& panels, Index directions) : curvature(Matrix::Zero(directions, directions)) {
  const auto add = [&](Index w) { factors.push_back({Matrix::Zero(w, w), Matrix::Zero(w * panels.k, w * panels.k)}); };
  add(panels.inner_q());
  for (const OuterFactor& of : panels.factors) add(of.width());
}

ComponentSums& ComponentSums::operator+=(const ComponentSums& other) {
  for (std::size_t f = 0; f < factors.size(); ++f) {
    factors[f].S += other.factors[f].S;
    factors[f].V_by_V += other.factors[f].V_by_V;
  }
  curvature += other.curvature;
  return *this;
}

void add_derivatives(const FactorPanels& panels, const FactorPanels::Component& component, const ComponentState& state,
                     const FactorLambdas& lambda, const Vector& whitened, const std::vector<PairDirection>& directions,
                     const DerivativeRequest& request, ComponentSums& sums) {
  Derivatives derivatives(panels, component, state, lambda, directions, request);
  derivatives.add_outer_levels(sums);
  for (int g = component.first_group; g < component.end_group; ++g) {
    const FactorPanels::Group& group = panels.groups[static_cast<std::size_t>(g)];
    derivatives.add_group(group, whitened.data() + group.first, sums);
  }
  if (request.hessian) derivatives.add_hessian(sums);
}

// With x_i = A V_X,i of the inner groups, x_2 = A V_X,2 of the outer effects and t = sum_i P_i'x_i:
//     x'S x = sum_i |W_iR x_i|^2 - t'N t + t'Z x_2 + x_2'Z't + x_2'S_22 x_2
void add_squared_moves(const FactorPanels& panels, const FactorPanels::Component& component, const ComponentState& state,
                       const FactorLambdas& lambda, const Vector& whitened, const Matrix& triangle, const std::vector<Matrix>& moves,
                       Matrix& sum) {
  const Resolvents of(component, state, lambda);
  const Index q = panels.inner_q(), p = panels.k - 1;
  const auto Tc = triangle.topLeftCorner(p, p).triangularView<Eigen::Upper>();
  const Matrix NG = of.N * state.G.leftCols(p);
  Matrix V2 = of.Z.transpose() * state.G.leftCols(p);
  Tc.solveInPlace<Eigen::OnTheRight>(V2);
  std::vector<Matrix> x2, t;
  for (const Matrix& A : moves) {
    std::vector<Matrix> blocks;
    for (const OuterFactor& factor : panels.factors) blocks.push_back(select_columns(A, factor.columns));
    x2.push_back(V2);
    BlockDiagonal(component, blocks).times(x2.back());
    t.push_back(Matrix::Zero(component.effects(), p));
  }
  for (int g = component.first_group; g < component.end_group; ++g) {
    const FactorPanels::Group& group = panels.groups[static_cast<std::size_t>(g)];
    const Eigen::Map<const Matrix> W(whitened.data() + group.first, q, panels.columns(group));
    const int* effect = panels.effect.data() + group.first_effect;
    const Matrix P = W.leftCols(q).transpose() * W.middleCols(q, group.width);
    Matrix V = W.leftCols(q).transpose() * W.middleCols(q + group.width, p);
    for (Index a = 0; a < group.width; ++a) V -= P.col(a) * NG.row(effect[a]);
    Tc.solveInPlace<Eigen::OnTheRight>(V);
    for (std::size_t r = 0; r < moves.size(); ++r) {
      const Matrix x = select_columns(moves[r], panels.inner) * V;
      const Matrix Wx = W.leftCols(q) * x;
      sum += Wx.transpose() * Wx;
      for (Index a = 0; a < group.width; ++a) t[r].row(effect[a]) += P.col(a).transpose() * x;
    }
  }
  for (std::size_t r = 0; r < moves.size(); ++r) {
    const Matrix cross = t[r].transpose() * (of.Z * x2[r]);
    sum += cross + cross.transpose() - t[r].transpose() * (of.N * t[r]) + x2[r].transpose() * (of.S * x2[r]);
  }
}

}  // namespace mixest
