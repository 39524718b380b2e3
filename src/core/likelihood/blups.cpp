#include "blups.h"

#include "component_derivatives.h"
#include "panels.h"
#include "spd_inverse.h"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <Eigen/QR>

#include <utility>

namespace mixest {

namespace {

// The effects of one inner group, user's columns.
class GroupPrediction {
 public:
  // The factor of Psi in the fit's columns, by which R comes, and in the user's.
  GroupPrediction(Matrix in_fit_basis, Matrix lambda)
      : in_fit_basis_(std::move(in_fit_basis)), lambda_(std::move(lambda)), q_(lambda_.cols()), stacked_(2 * q_, q_) {}

  void set_group(const Matrix& R) {
    stacked_.topRows(q_).setIdentity();
    stacked_.bottomRows(q_) = R * in_fit_basis_;
    qr_.compute(stacked_);
  }

  // M = Lambda C^{-1}
  Matrix factor() const {
    Matrix inverse = Matrix::Identity(q_, q_);
    qr_.matrixQR().topRows(q_).triangularView<Eigen::Upper>().solveInPlace(inverse);
    return lambda_ * inverse;
  }

  // Psi R'H^{-1} e, from the least squares problem min |e - R Lambda u|^2 + |u|^2.
  Matrix predict(const Matrix& e) const {
    Matrix right = Matrix::Zero(2 * q_, e.cols());
    right.bottomRows(q_) = e;
    return lambda_ * qr_.solve(right);
  }

 private:
  Matrix in_fit_basis_, lambda_;
  Index q_;
  Matrix stacked_;
  Eigen::HouseholderQR<Matrix> qr_;
};

// How Psi U_l'V^{-1}[X y] of a level becomes its effects.
struct Coefficients {
  Vector b;        // on the basis of X
  Matrix inverse;  // Tc^{-1} on X
  double unit;

  Coefficients(const GroupStats& stats, const FixedBasis& fixed, const Matrix& triangle) : unit(fixed.spread * stats.y_scale) {
    const Index p = fixed.rank();
    inverse = Matrix::Identity(p, p);
    triangle.topLeftCorner(p, p).triangularView<Eigen::Upper>().solveInPlace(inverse);
    b = inverse * triangle.col(p).head(p);
  }

  void store(const Matrix& predicted, Index level, LevelEffects& out) const {
    const Index p = b.size();
    out.gamma.col(level) = unit * (predicted.col(p) - predicted.leftCols(p) * b);
    out.carried.middleCols(level * p, p) = -predicted.leftCols(p) * inverse;
  }
};

LevelEffects no_effects(Index w, Index levels, Index rank) {
  return {Matrix::Zero(w, levels), Matrix::Zero(w, w * levels), Matrix::Zero(w, rank * levels)};
}

// w x w factor of a positive semi-definite matrix.
Matrix factor_of(const Matrix& C) {
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(C);
  return eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal();
}

// N of every component and [M_i D_i] of every inner group, at one relative covariance.
class FactorPredictions {
 public:
  FactorPredictions(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random, const Matrix& lambda)
      : panels_(stats, fixed, random), from_user_(random.from_user), lambda_(lambda) {
    const Matrix in_fit_basis = from_user_.inverse() * lambda;
    const FactorLambdas lambdas(panels_, in_fit_basis);
    Vector whitened(panels_.data.size());
    Matrix T = Matrix::Zero(panels_.k, panels_.k);
    double log_det = 0;
    ComponentState state;
    for (const FactorPanels::Component& component : panels_.components) {
      eliminate(panels_, component, lambdas, whitened, state, log_det, T);
      N_.push_back(inverse_from_factor(state.L));
      const BlockDiagonal Lambda(component, lambdas.outer);
      Lambda.times(N_.back());
      Lambda.transposed_from_right(N_.back());
      NG_.push_back(N_.back() * state.G);
    }
    predict_groups(in_fit_basis);
  }

  const FactorPanels& panels() const { return panels_; }

  std::vector<LevelEffects> effects(const GroupStats& stats, const Coefficients& coefficients) const {
    std::vector<LevelEffects> out(panels_.factors.size() + 1);
    const Index q = panels_.inner_q(), rank = coefficients.b.size();
    LevelEffects& inner = out[static_cast<std::size_t>(stats.inner_factor)];
    inner = no_effects(q, stats.m, rank);
    for (std::size_t c = 0; c < panels_.components.size(); ++c)
      for (int g = panels_.components[c].first_group; g < panels_.components[c].end_group; ++g) {
        const auto at = static_cast<std::size_t>(g);
        const FactorPanels::Group& group = panels_.groups[at];
        const auto D = D_[at].leftCols(group.width);
        coefficients.store(D_[at].rightCols(panels_.k) - D * rows_of(NG_[c], group), group.group, inner);
        inner.factor.middleCols(group.group * q, q) = factor_of(M_[at] * M_[at].transpose() + D * block_of(N_[c], group) * D.transpose());
      }
    int block = 0;
    for (std::size_t f = 0; f < panels_.factors.size(); ++f) {
      const OuterFactor& of = panels_.factors[f];
      out[static_cast<std::size_t>(of.factor)] = no_effects(of.width(), of.levels, rank);
    }
    for (std::size_t c = 0; c < panels_.components.size(); ++c) {
      const FactorPanels::Component& component = panels_.components[c];
      block = component.first_block;
      for (std::size_t f = 0; f < panels_.factors.size(); ++f) {
        const OuterFactor& of = panels_.factors[f];
        const Index w = of.width();
        const Matrix A = select_columns(from_user_, of.columns);
        LevelEffects& own = out[static_cast<std::size_t>(of.factor)];
        for (Index at = component.first_effect[f]; at < component.first_effect[f + 1]; at += w, ++block) {
          const Index level = stats.outer.block_level[static_cast<std::size_t>(block)];
          coefficients.store(A * NG_[c].middleRows(at, w), level, own);
          own.factor.middleCols(level * w, w) = factor_of(A * N_[c].block(at, at, w, w) * A.transpose());
        }
      }
    }
    return out;
  }

  // u'Cu of one row; see conditional_variances().
  double variance(const GroupStats& stats, const Vector& u, const Eigen::VectorXi& levels) const {
    double sum = 0;
    entries_.clear();
    const int i = levels[stats.inner_factor];
    const int g = i < 0 ? -1 : group_of_level_[static_cast<std::size_t>(i)];
    const Vector own = pick(u, panels_.inner);
    if (g < 0) {
      sum += (select_columns(lambda_, panels_.inner).transpose() * own).squaredNorm();
    } else {
      const auto at = static_cast<std::size_t>(g);
      const FactorPanels::Group& group = panels_.groups[at];
      sum += (M_[at].transpose() * own).squaredNorm();
      for (Index a = 0; a < group.width; ++a)
        entries_.push_back({component_of_group_[at], panels_.effect[static_cast<std::size_t>(group.first_effect + a)], -D_[at].col(a).dot(own)});
    }
    for (std::size_t f = 0; f < panels_.factors.size(); ++f) {
      const OuterFactor& of = panels_.factors[f];
      const int level = levels[of.factor];
      const Vector effect = pick(u, of.columns);
      const Place place = level < 0 ? Place{-1, 0} : place_of_level_[f][static_cast<std::size_t>(level)];
      if (place.component < 0) {
        sum += (select_columns(lambda_, of.columns).transpose() * effect).squaredNorm();
        continue;
      }
      const Vector in_fit_basis = select_columns(from_user_, of.columns).transpose() * effect;
      for (Index j = 0; j < of.width(); ++j) entries_.push_back({place.component, place.first + j, in_fit_basis[j]});
    }
    for (const Entry& a : entries_)
      for (const Entry& b : entries_)
        if (a.component == b.component) sum += a.value * b.value * N_[static_cast<std::size_t>(a.component)](a.effect, b.effect);
    return sum;
  }

  void index_levels(const GroupStats& stats) {
    group_of_level_.assign(static_cast<std::size_t>(stats.m), -1);
    component_of_group_.resize(panels_.groups.size());
    for (const OuterFactor& of : panels_.factors) place_of_level_.emplace_back(static_cast<std::size_t>(of.levels), Place{-1, 0});
    for (std::size_t c = 0; c < panels_.components.size(); ++c) {
      const FactorPanels::Component& component = panels_.components[c];
      for (int g = component.first_group; g < component.end_group; ++g) {
        group_of_level_[static_cast<std::size_t>(panels_.groups[static_cast<std::size_t>(g)].group)] = g;
        component_of_group_[static_cast<std::size_t>(g)] = static_cast<int>(c);
      }
      int block = component.first_block;
      for (std::size_t f = 0; f < panels_.factors.size(); ++f)
        for (Index at = component.first_effect[f]; at < component.first_effect[f + 1]; at += panels_.factors[f].width(), ++block)
          place_of_level_[f][static_cast<std::size_t>(stats.outer.block_level[static_cast<std::size_t>(block)])] = {static_cast<int>(c), at};
    }
  }

 private:
  struct Place {
    int component;
    Index first;
  };
  struct Entry {
    int component;
    Index effect;
    double value;
  };

  static Vector pick(const Vector& u, const std::vector<int>& columns) {
    Vector out(static_cast<Index>(columns.size()));
    for (Index j = 0; j < out.size(); ++j) out[j] = u[columns[static_cast<std::size_t>(j)]];
    return out;
  }

  Matrix rows_of(const Matrix& A, const FactorPanels::Group& group) const {
    Matrix out(group.width, A.cols());
    for (Index a = 0; a < group.width; ++a) out.row(a) = A.row(panels_.effect[static_cast<std::size_t>(group.first_effect + a)]);
    return out;
  }

  Matrix block_of(const Matrix& A, const FactorPanels::Group& group) const {
    Matrix out(group.width, group.width);
    const int* effect = panels_.effect.data() + group.first_effect;
    for (Index b = 0; b < group.width; ++b)
      for (Index a = 0; a < group.width; ++a) out(a, b) = A(effect[a], effect[b]);
    return out;
  }

  void predict_groups(const Matrix& in_fit_basis) {
    const Index q = panels_.inner_q();
    GroupPrediction prediction(select_columns(in_fit_basis, panels_.inner), select_columns(lambda_, panels_.inner));
    for (const FactorPanels::Group& group : panels_.groups) {
      const Eigen::Map<const Matrix> panel(panels_.data.data() + group.first, q, panels_.columns(group));
      prediction.set_group(panel.leftCols(q));
      M_.push_back(prediction.factor());
      D_.push_back(prediction.predict(panel.rightCols(group.width + panels_.k)));
    }
  }

  FactorPanels panels_;
  Matrix from_user_, lambda_;
  std::vector<Matrix> N_, NG_;  // of each component, NG: Psi_2 U_2'V^{-1}[X y]
  std::vector<Matrix> M_, D_;   // of each group, user's columns; D: Psi_1 U_i'V_1^{-1}[U_J X y]
  std::vector<int> group_of_level_, component_of_group_;
  std::vector<std::vector<Place>> place_of_level_;
  mutable std::vector<Entry> entries_;
};

Matrix in_fit_basis(const RandomBasis& random, const Matrix& lambda) { return random.from_user.inverse() * lambda; }

}  // namespace

std::vector<LevelEffects> predict_random_effects(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random,
                                                 const Matrix& lambda, const Matrix& triangle) {
  const Coefficients coefficients(stats, fixed, triangle);
  if (!stats.outer.empty()) return FactorPredictions(stats, fixed, random, lambda).effects(stats, coefficients);

  const Index q = stats.q, k = stats.k();
  LevelEffects out = no_effects(q, stats.m, fixed.rank());
  GroupPrediction prediction(in_fit_basis(random, lambda), lambda);
  Matrix B(q, fixed.rank() + 1);
  for (Index i = 0; i < stats.m; ++i) {
    prediction.set_group(stats.R.middleCols(i * q, q) * random.from_condensed);
    to_fixed_basis(stats.B.middleCols(i * k, k), fixed, B);
    coefficients.store(prediction.predict(B), i, out);
    out.factor.middleCols(i * q, q) = prediction.factor();
  }
  return {out};
}

Vector conditional_variances(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random, const Matrix& lambda,
                             const Eigen::Ref<const Matrix>& U, const Eigen::Ref<const Eigen::MatrixXi>& levels) {
  Vector out(U.rows());
  if (!stats.outer.empty()) {
    FactorPredictions predictions(stats, fixed, random, lambda);
    predictions.index_levels(stats);
    for (Index row = 0; row < U.rows(); ++row)
      out[row] = predictions.variance(stats, U.row(row).transpose(), levels.row(row).transpose());
    return out;
  }
  const Index q = stats.q;
  std::vector<Matrix> factors(static_cast<std::size_t>(stats.m));
  GroupPrediction prediction(in_fit_basis(random, lambda), lambda);
  for (Index row = 0; row < U.rows(); ++row) {
    const int i = levels(row, 0);
    if (i < 0) {
      out[row] = (U.row(row) * lambda).squaredNorm();
      continue;
    }
    Matrix& M = factors[static_cast<std::size_t>(i)];
    if (M.size() == 0) {
      prediction.set_group(stats.R.middleCols(i * q, q) * random.from_condensed);
      M = prediction.factor();
    }
    out[row] = (U.row(row) * M).squaredNorm();
  }
  return out;
}

}  // namespace mixest
