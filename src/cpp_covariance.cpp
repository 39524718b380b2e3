#include <RcppEigen.h>

#include "core/covariance/factory.h"

namespace {

using mixest::CovarianceStructure, mixest::Matrix, mixest::Vector;

// Derivatives with the parameters' numbers in R's order: first[[a]], second[[a]][[b]].
Rcpp::List describe(const CovarianceStructure& structure, const Vector& theta) {
  const Matrix factor = structure.lambda(theta);
  Rcpp::List first, second;
  for (int a = 0; a < structure.n_parameters(); ++a) {
    Rcpp::List row;
    for (int b = 0; b < structure.n_parameters(); ++b) row.push_back(structure.second_derivative(theta, a, b));
    first.push_back(structure.first_derivative(theta, a));
    second.push_back(row);
  }
  const std::vector<bool> unidentified = structure.unidentified(theta);
  return Rcpp::List::create(Rcpp::Named("psi") = Matrix(factor * factor.transpose()), Rcpp::Named("factor") = factor,
                            Rcpp::Named("first") = first, Rcpp::Named("second") = second,
                            Rcpp::Named("rank") = structure.rank(theta), Rcpp::Named("unidentified") = unidentified);
}

}  // namespace

// A structure at the optimiser's `theta`, with the user's parameters and the canonical theta that
// go with it.
// [[Rcpp::export]]
Rcpp::List cpp_covariance(const std::string& structure, int size, const Eigen::VectorXd& theta,
                          double tolerance = 1e-10) {
  const auto made = mixest::make_structure(structure, size);
  Rcpp::List out = describe(*made, theta);
  out["user"] = made->to_user(theta, Matrix::Identity(size, size));
  out["canonical"] = made->canonical(theta, tolerance);
  return out;
}

// The same structure at the user's parameters.
// [[Rcpp::export]]
Rcpp::List cpp_covariance_user(const std::string& structure, int size, const Eigen::VectorXd& user) {
  return describe(*mixest::make_structure(structure, size)->in_user_parameters(), user);
}

// [[Rcpp::export]]
Eigen::VectorXd cpp_covariance_theta(const std::string& structure, int size, const Eigen::VectorXd& user) {
  return mixest::make_structure(structure, size)->from_user(user, Matrix::Identity(size, size));
}
