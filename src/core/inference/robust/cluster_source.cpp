#include "cluster_source.h"

#include <Eigen/SVD>

namespace mixest {

GroupRows in_principal_axes(const Matrix& X, const Vector& e, const Matrix& RL) {
  GroupRows out{X, e, Vector::Ones(e.size())};
  const Index r = RL.rows();
  if (r == 0) return out;
  const Eigen::BDCSVD<Matrix> axes(RL, Eigen::ComputeThinU);
  out.X.topRows(r).noalias() = axes.matrixU().transpose() * X.topRows(r);
  out.e.head(r).noalias() = axes.matrixU().transpose() * e.head(r);
  out.variance.head(r).array() += axes.singularValues().array().square();
  return out;
}

}  // namespace mixest
