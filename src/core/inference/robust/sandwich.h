// Robust covariance matrices of beta^, estimated from the scores of independent groups without
// assuming the model's covariance.
//
// In the columns of cluster_source.h (sum X_i'V_i^{-1}X_i = I) and with residuals e_i in units of
// sigma,
//
//     Var_R(beta^) = sigma^2 F (sum s_i s_i') F',      s_i = g_i'e_i,      g_i' = X_i'V_i^{-1}Adj_i
//
//     CR0  Adj_i = I                               Liang & Zeger (1986)
//     CR1  Adj_i = (m / (m - 1))^{1/2} I
//     CR2  Adj_i = V_i^{1/2} Gap_i^{-1/2} V_i^{1/2},   Gap_i = V_i^{1/2} (V_i - X_i X_i') V_i^{1/2}
//     CR3  Adj_i = (I - X_i X_i'V_i^{-1})^{-1}     the jackknife, theta held:
//                                                  g_i' = (I - X_i'V_i^{-1}X_i)^{-1} X_i'V_i^{-1}
//
// CR2 is the bias-reduced linearisation of Bell & McCaffrey (2002) in the form of Pustejovsky &
// Tipton (2018), J. Bus. Econ. Stat. 36, 672-683: Adj_i is symmetric and Adj_i Var(e_i)
// Adj_i = V_i, so that the estimate has no bias when the model's own V_i is the covariance. A
// singular Var(e_i) has a pseudo-inverse root. In the axes of V_i, which is diagonal there, Gap_i
// is
//
//     V_i Share_i V_i,      Share_i = I - VX_i VX_i',      VX_i = V_i^{-1/2} X_i
//
// Share_i has eigenvalues from 0 to 1: those at 0 are the directions that the group's rows
// determine alone, and whatever else is small in Gap_i is small because V_i^2 is. With
// Share_i = root root' the triangle V_i root has what is needed for every direction at its own
// scale (orthogonal_columns.h).
//
// Under the model and for contrasts z_1, .. of F^{-1}beta^, with g_is = g_i z_s, the
// u_is = g_is'e_i have the covariances
//
//     cov_st,ij = Cov(u_is, u_jt) = [i = j] g_is'V_i g_it - x_is'x_jt,      x_is = X_i'g_is
//
// so that the moments m_st = sum u_is u_it have mean sum_i cov_st,ii and variance
// sum_ij cov_ss,ij cov_tt,ij + cov_st,ij cov_st,ji. The double sums are products of sums over
// groups.
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
  Matrix mean;      // c x c: of the m_st, in units of sigma^2
  Matrix variance;  // c x c: of its elements
};

Sandwich sandwich(const ClusterSource& source, Correction correction);

// `contrasts` (rank x c): the z_s. Only where `alone` is empty.
SandwichMoments sandwich_moments(const ClusterSource& source, Correction correction, const Matrix& contrasts);

}  // namespace mixest
