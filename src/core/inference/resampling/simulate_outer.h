// What a drawn response (simulate_response.h) has from the outer grouping factors, and the rows
// that the effects of the inner factor leave.
//
// These rows are known by cross-products: U_c'[U_c X] for the outer columns U_c of component c
// (condensed/outer_stats.h), X'X = R_0X'R_0X. In an orthonormal basis whose first vectors span the
// U_c, which are orthogonal to each other, and the next ones what is left of X,
//
//     U_c = Q_c root_c',   U_c'U_c = root_c root_c',     X = sum Q_c Y_c + Q_X root_X',
//     root_c Y_c = U_c'X,                                root_X root_X' = X'X - sum Y_c'Y_c
//
//     y~ = sum U_c gamma_c + e = sum Q_c t_c + Q_X t_X + rest
//     t_c = root_c'gamma_c + e_c,   t_X = e_X,   |rest|^2 = sigma^2 chi^2
//
// with independent errors of variance sigma^2, so that U_c'y~ = root_c t_c,
// X'y~ = sum Y_c't_c + root_X t_X and y~'y~ are found without rows; y = X beta + y~.
#pragma once

#include <Eigen/QR>

#include "../../base/random_draws.h"
#include "../../condensed/group_stats.h"

namespace mixest {

class OuterSimulator {
 public:
  // `loading`: q x q, effects of a level = loading * standard normal, for the condensed columns of
  // U; `beta`: for those of X; `rows`: how many there are that the inner effects leave.
  OuterSimulator(const GroupStats& stats, const Matrix& loading, const Vector& beta, double sigma, double rows);

  // Effects of all blocks, one after the other.
  Vector draw_effects(const OuterStats& outer, RandomDraws& random) const;

  // sum B_iJ gamma_J for group i.
  Vector in_group(const OuterStats& outer, Index group, const Vector& effects) const;

  // The response in the cross-products and in R_0.
  void draw_left_over(const Vector& effects, RandomDraws& random, GroupStats& stats) const;

 private:
  struct Component {
    Matrix root;  // effects x rank
    Matrix Y;     // rank x p
    Vector mean;  // U_c'X beta
  };

  std::vector<Matrix> loading_;      // of each outer factor
  std::vector<Index> first_effect_;  // of each block, and the end
  std::vector<Index> first_column_;  // of each group in OuterStats::B, and the end
  std::vector<Component> components_;
  Matrix root_X_;                                              // p x rank
  Eigen::CompleteOrthogonalDecomposition<Matrix> transposed_;  // of R_0X'
  Vector pooled_mean_;                                         // R_0X beta
  double sigma_;
  double rest_df_;
};

}  // namespace mixest
