// The covariance structures by name: the only place where a name decides.
//
//   name      Psi                                               user's parameters
//   us        any                                               Cholesky factor, by columns
//   diag      standard deviations                               s_1 .. s_q
//   homdiag   one standard deviation                            s
//   cs        standard deviations, one correlation              s_1 .. s_q, rho
//   homcs     one standard deviation, one correlation           s, rho
//   ar1       one standard deviation, correlations rho^|i-j|    s, rho
//   toep      standard deviations, a correlation for each lag   s_1 .. s_q, r_1 .. r_{q-1}
//
// Two columns have one correlation at most: cs and toep are then as free as us, ar1 is homcs, and
// they are built so. One column has none: every structure is one standard deviation.
#pragma once

#include <memory>
#include <string>

#include "structure.h"

namespace mixest {

// `name` as above, `dim` >= 1 the number of columns of the term.
std::unique_ptr<CovarianceStructure> make_structure(const std::string& name, int dim);

}  // namespace mixest
