// predicted_rows.h for several grouping factors. A direction costs two products of matrices over
// the outer effects of each component that a row meets.
#pragma once

#include "predicted_rows.h"
#include "several_factors.h"

namespace mixest {

class PredictedFactorRows final : public PredictedRows {
 public:
  PredictedFactorRows(const GroupStats& stats, const FixedBasis& fixed, const RandomBasis& random, const Matrix& lambda,
                      const EffectRows& rows);

  Index size() const override { return length(rows_); }
  double variance(Index row) const override { return covariance(row, row) + rows_[row].unseen; }
  double covariance(Index a, Index b) const override { return predictions_.covariance(rows_[a], rows_[b]); }
  void set_direction(const Matrix& A) override;
  RowMove move(Index row) override;

 private:
  // Of one component: what moves need of its elimination, and dcov_22 and d(cov_22 rhs) along the
  // direction.
  struct Moves {
    Matrix shrink_transposed, rhs;
    Matrix cov, predicted;
    bool met = false;  // by a row
  };
  // Of one inner group: the whitened panel.
  struct Whitened {
    Matrix R, J, B;
  };

  void eliminate_again();
  Whitened whitened(int group) const;
  void move_component(Index component, const Matrix& inner, const std::vector<Matrix>& outer);
  double unseen_move(Index row, const Matrix& A) const;

  SeveralFactorBlups predictions_;
  std::vector<SeveralFactorBlups::Row> rows_;
  Matrix U_;  // fit's columns
  Eigen::MatrixXi levels_;
  std::vector<Moves> moves_;  // empty until a direction is set
  Vector whitened_;
  Matrix A_;
};

}  // namespace mixest
