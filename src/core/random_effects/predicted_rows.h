// Combinations u'gamma of random effects, one for each row to predict, at one relative covariance:
// what y leaves open of them when beta is known, and how that and the predictions move with Psi.
//
// With cov = Var(gamma | y) / sigma^2 and E = U'V^{-1}[X y] (blups.h), and
// g = (I - U'V^{-1}U Psi) u, along a direction A of Psi, over all levels,
//
//     d u'cov u = g'A g,      d u'Psi E = g'A E
//
// One grouping factor: only the row's own level counts, g_i = (I - S_i Psi) u
// (likelihood/one_factor/kernel.h). Several: the effects of the inner factor are eliminated first.
// With W_R, cross and rhs of likelihood/several_factors/, g_i = (I - W_R'W_R Psi_1) u_1 and
// e = v - pull_i'u_1 of the row (several_factors.h),
//
//     d u'cov u  = g_i'A_1 g_i + 2 de'cov_22 e + e'dcov e,      de = -W_J'W_R A_1 g_i
//     d u'Psi E  = g_i'A_1 W_R'W_B + de'cov_22 rhs + e'd(cov_22 rhs)
//     dcov       = shrink A_2 shrink' + cov_22 (sum W_J'W_R A_1 W_R'W_J) cov_22
//     d(cov_22 rhs) = dcov rhs - cov_22 sum W_J'W_R A_1 W_R'W_B
//
// A level without data has variance u'Psi u, which moves by u'A u, and its prediction, 0, does not.
#pragma once

#include <memory>

#include "../likelihood/fixed_basis.h"
#include "../likelihood/random_basis.h"

namespace mixest {

// Rows as the user gives them. `levels`: rows x grouping factors, from 0; -1 for one without data.
struct EffectRows {
  const Matrix& U;  // rows x q, user's columns
  const Eigen::MatrixXi& levels;
};

struct RowMove {
  double variance = 0;  // of u'cov u
  Vector predicted;     // of u'Psi E, k
};

class PredictedRows {
 public:
  virtual ~PredictedRows() = default;

  virtual Index size() const = 0;

  // u'cov u
  virtual double variance(Index row) const = 0;

  // u_a'cov u_b as far as the levels have data: levels without are independent here.
  virtual double covariance(Index a, Index b) const = 0;

  // Sets the direction of Psi, q x q in the fit's basis, that move() is for.
  virtual void set_direction(const Matrix& A) = 0;
  virtual RowMove move(Index row) = 0;
};

// `lambda` (q x q): root of Psi in the user's columns. `stats` must outlive the object.
std::unique_ptr<PredictedRows> predicted_rows(const GroupStats& stats, const FixedBasis& fixed,
                                              const RandomBasis& random, const Matrix& lambda, const EffectRows& rows);

}  // namespace mixest
