#include "predicted_rows.h"

#include <Eigen/LU>
#include <utility>

#include "../likelihood/one_factor/panels.h"
#include "level_effects.h"
#include "predicted_factor_rows.h"

namespace mixest {

namespace {

// One grouping factor.
class PredictedLevelRows final : public PredictedRows {
 public:
  PredictedLevelRows(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random, const Matrix& lambda,
                     const EffectRows& rows)
      : stats_(stats),
        fixed_(fixed),
        random_(random),
        lambda_(random.from_user.inverse() * lambda),
        U_(rows.U * random.from_user),
        level_(rows.levels.col(0)),
        groups_(stats.m) {}

  Index size() const override { return U_.rows(); }

  double variance(Index row) const override {
    return level_[row] < 0 ? (U_.row(row) * lambda_).squaredNorm() : covariance(row, row);
  }

  double covariance(Index a, Index b) const override {
    if (level_[a] < 0 || level_[a] != level_[b]) return 0;
    const Matrix& root = group(level_[a]).root;
    return (U_.row(a) * root).dot(U_.row(b) * root);
  }

  void set_direction(const Matrix& A) override { A_ = A; }

  RowMove move(Index row) override {
    const Vector u = U_.row(row).transpose();
    if (level_[row] < 0) return {u.dot(A_ * u), Vector::Zero(fixed_.rank() + 1)};
    const Group& own = group(level_[row]);
    const Vector g = u - own.S * (lambda_ * (lambda_.transpose() * u));
    const Vector Ag = A_ * g;
    return {g.dot(Ag), own.E.transpose() * Ag};
  }

 private:
  // root root' = cov_ii; S_i, E_i
  struct Group {
    Matrix root, S, E;
  };

  const Group& group(int i) const {
    Group& out = groups_[i];
    if (out.root.size() > 0) return out;
    const Index q = stats_.q, k = stats_.k();
    const Matrix R = stats_.R.middleCols(i * q, q) * random_.from_condensed;
    Matrix B(q, fixed_.rank() + 1);
    to_fixed_basis(stats_.B.middleCols(i * k, k), fixed_, B);
    GroupPrediction prediction(lambda_, lambda_);
    prediction.set_group(R);
    out.root = prediction.root();
    out.S = R.transpose() * (R - R * prediction.predict(R));
    out.E = R.transpose() * (B - R * prediction.predict(B));
    return out;
  }

  const GroupStats& stats_;
  const FixedBasis fixed_;
  const RandomBasis& random_;
  Matrix lambda_, U_;
  Eigen::VectorXi level_;
  mutable std::vector<Group> groups_;  // filled when they are asked for
  Matrix A_;
};

}  // namespace

std::unique_ptr<PredictedRows> predicted_rows(const GroupStats& stats, const FixedBasis& fixed,
                                              const RandomBasis& random, const Matrix& lambda, const EffectRows& rows) {
  if (stats.outer.empty()) return std::make_unique<PredictedLevelRows>(stats, fixed, random, lambda, rows);
  return std::make_unique<PredictedFactorRows>(stats, fixed, random, lambda, rows);
}

}  // namespace mixest
