// Robust covariance matrices of beta^: what independent groups say themselves about its variance,
// whatever their covariance is.
//
// In the columns of cluster_source.h (sum X_i'V_i^{-1}X_i = I) and with residuals e_i in units of
// sigma,
//
//     Var_R(beta^) = sigma^2 F (sum s_i s_i') F',      s_i = E_i e_i,      E_i = X_i'V_i^{-1}A_i
//
//     CR0  A_i = I                                   Liang & Zeger (1986)
//     CR1  A_i = (m / (m - 1))^{1/2} I
//     CR2  A_i = V_i^{1/2} G_i^{-1/2} V_i^{1/2},  G_i = V_i^{1/2} (V_i - X_i X_i') V_i^{1/2}
//     CR3  A_i = (I - X_i X_i'V_i^{-1})^{-1}         the jackknife, theta held; E_i = (I - X_i'V_i^{-1}X_i)^{-1} X_i'V_i^{-1}
//
// CR2 is the bias-reduced linearisation of Bell & McCaffrey (2002) in the form of Pustejovsky &
// Tipton (2018), J. Bus. Econ. Stat. 36, 672-683: A_i is symmetric and A_i Var(e_i) A_i = V_i, so
// that the estimate has no bias when the model's own V_i is the covariance. A singular Var(e_i) has
// a pseudo-inverse root. In the axes of V_i, which is diagonal there, G_i is
//
//     V_i C_i V_i,      C_i = I - W_i W_i',      W_i = V_i^{-1/2} X_i
//
// C_i has eigenvalues from 0 to 1: those at 0 are the directions that the group's rows determine
// alone, and whatever else is small in G_i is small because V_i^2 is. With C_i = B B' the triangle
// V_i B has what is needed for every direction at its own scale (orthogonal_columns.h).
//
// Under the model and for contrasts z_1, .. of F^{-1}beta^, with g_is = E_i'z_s, the
// u_is = g_is'e_i have the covariances
//
//     P_st,ij = Cov(u_is, u_jt) = [i = j] g_is'V_i g_it - n_is'n_jt,      n_is = X_i'g_is
//
// so that W_st = sum u_is u_it has mean sum_i P_st,ii and variance sum_ij P_ss,ij P_tt,ij + P_st,ij
// P_st,ji. The double sums are products of sums over groups.
#pragma once

#include <vector>

#include "cluster_source.h"

namespace mixest {

enum class Correction { CR0, CR1, CR2, CR3 };

struct Sandwich {
  Matrix scores;             // rank x m: the s_i
  std::vector<Index> alone;  // CR3: groups without which beta is not estimable; the scores are then not set
};

struct SandwichMoments {
  Matrix mean;      // c x c: of W, in units of sigma^2
  Matrix variance;  // c x c: of its elements
};

Sandwich sandwich(const ClusterSource& source, Correction correction);

// `contrasts` (rank x c): the z_s. Only where `alone` is empty.
SandwichMoments sandwich_moments(const ClusterSource& source, Correction correction, const Matrix& contrasts);

}  // namespace mixest
