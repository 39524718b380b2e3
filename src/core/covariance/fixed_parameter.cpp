#include "fixed_parameter.h"

#include <Eigen/LU>
#include <cmath>
#include <limits>
#include <utility>

#include "../linear_algebra/triangular_factor.h"
#include "factory.h"
#include "sd_correlation.h"

namespace mixest {

namespace {

// s_a as it is, the others folded (standard_deviations.h): parameters keep the order of the
// columns.
class OneFreeSd : public StandardDeviations {
 public:
  OneFreeSd(int dim, int free) : folded_(dim - 1), dim_(dim), free_(free) {}

  int n_parameters() const override { return dim_; }

  HyperVector products(const HyperVector& u) const override {
    HyperVector rest = u;
    rest.erase(rest.begin() + free_);
    const HyperVector squares = folded_.products(rest);
    HyperVector products;
    for (int i = 0; i < dim_; ++i)
      for (int j = 0; j <= i; ++j) {
        if (i == free_ && j == free_)
          products.push_back(u[i] * u[i]);
        else if (i == free_ || j == free_)
          products.push_back(u[free_] * folded(u, rest, i == free_ ? j : i));
        else
          products.push_back(squares[place(i) * (place(i) + 1) / 2 + place(j)]);
      }
    return products;
  }

  Vector from_parameters(const Vector& u) const override {
    return joined(u[free_], folded_.from_parameters(without(u)));
  }
  Vector to_parameters(const Vector& s) const override { return joined(s[free_], folded_.to_parameters(without(s))); }

 private:
  int place(int i) const { return i - (i > free_); }

  // s_i = u_i^2 / |u|; the root has no derivative where all others are zero.
  HyperDual folded(const HyperVector& u, const HyperVector& rest, int i) const {
    HyperDual total;
    for (const HyperDual& other : rest) total = total + other * other;
    if (!(total.value > 0)) return 0;
    const double root = std::sqrt(total.value), slope = 0.5 / root;
    const HyperDual length{root, slope * total.da, slope * total.db,
                           slope * total.dab - slope / (2 * total.value) * total.da * total.db};
    return u[i] * u[i] / length;
  }

  Vector without(const Vector& all) const {
    Vector out(dim_ - 1);
    for (int i = 0; i < dim_; ++i)
      if (i != free_) out[place(i)] = all[i];
    return out;
  }

  Vector joined(double free, const Vector& rest) const {
    Vector out(dim_);
    for (int i = 0; i < dim_; ++i) out[i] = i == free_ ? free : rest[place(i)];
    return out;
  }

  FoldedSds folded_;
  int dim_, free_;
};

using Structure = std::unique_ptr<CovarianceStructure>;

Vector lower_triangle(const Matrix& L) {
  Vector out(L.rows() * (L.rows() + 1) / 2);
  Index entry = 0;
  for (Index j = 0; j < L.cols(); ++j)
    for (Index i = j; i < L.rows(); ++i) out[entry++] = L(i, j);
  return out;
}

// The target's rows on top.
Matrix permutation(int dim, const TermTarget& target) {
  std::vector<int> order{target.first};
  if (target.correlation()) order.push_back(target.second);
  for (int i = 0; i < dim; ++i)
    if (i != target.first && i != target.second) order.push_back(i);
  Matrix order_matrix = Matrix::Zero(dim, dim);
  for (int i = 0; i < dim; ++i) order_matrix(i, order[i]) = 1;
  return order_matrix;
}

// Lambda_user = order' base L with base lower triangular and near the fit's basis, so that the
// leading rows of L keep their meaning. With a correlation the leading 2 x 2 block of B is
// diagonal. `factor`: Lambda_user.
FixedParameterTerm fix_unstructured(const Matrix& factor, const TermTarget& target, const Matrix& basis) {
  const int dim = static_cast<int>(basis.rows());
  const Matrix order_matrix = permutation(dim, target);
  Matrix base = lower_triangular_factor(order_matrix * basis, 0.0);
  if (target.correlation()) base(1, 0) = 0;
  const Matrix permuted = order_matrix * factor;
  const Matrix L = lower_triangular_factor(base.triangularView<Eigen::Lower>().solve(permuted),
                                           4 * dim * std::numeric_limits<double>::epsilon());
  FixedParameterTerm out;
  out.to_fit = basis.partialPivLu().solve(order_matrix.transpose() * base);
  out.held = 0;
  out.scale = base(0, 0);
  out.lower = -1;
  if (target.correlation()) {
    auto parameters = std::make_unique<LeadingCorrelation>(dim);
    out.start = parameters->parameters(L);
    out.parameters = std::move(parameters);
  } else {
    out.start = lower_triangle(L);
    out.parameters = std::make_unique<StructureParameters>(make_structure("us", dim));
  }
  return out;
}

struct Recipe {
  std::shared_ptr<const StandardDeviations> sds;
  std::shared_ptr<const CorrelationPattern> pattern;
  std::shared_ptr<const CorrelationLink> link;
  double lower;
};

std::shared_ptr<const StandardDeviations> sds_for(int dim, const TermTarget& target) {
  if (target.correlation()) return std::make_shared<FoldedSds>(dim);
  return std::make_shared<OneFreeSd>(dim, target.first);
}

Recipe recipe_of(const std::string& name, int dim, const TermTarget& target) {
  const double common = -1.0 / std::max(1, dim - 1);
  const auto identity = std::make_shared<IdentityLink>();
  if (name == "homdiag") return {std::make_shared<CommonSd>(dim), std::make_shared<Uncorrelated>(dim), identity, 0};
  if (name == "diag" || dim == 1)
    return {std::make_shared<FreeSds>(dim), std::make_shared<Uncorrelated>(dim), identity, 0};
  if (name == "homcs" || (name == "ar1" && dim == 2))
    return {std::make_shared<CommonSd>(dim), std::make_shared<CompoundSymmetry>(dim),
            std::make_shared<SineLink>(common), common};
  if (name == "ar1")
    return {std::make_shared<CommonSd>(dim), std::make_shared<Autoregressive>(dim), std::make_shared<SineLink>(-1.0),
            -1};
  if (name == "cs")
    return {sds_for(dim, target), std::make_shared<CompoundSymmetry>(dim), std::make_shared<SineLink>(common), common};
  return {sds_for(dim, target), std::make_shared<Toeplitz>(dim), std::make_shared<PartialLink>(), -1};
}

FixedParameterTerm fix_structured(const std::string& name, const TermTarget& target, const Vector& user,
                                  const Matrix& basis) {
  const int dim = static_cast<int>(basis.rows());
  if (name == "toep" && target.second > 0) throw Misuse("only the first correlation of toep can be held");
  const Recipe recipe = recipe_of(name, dim, target);
  auto structure = std::make_unique<SdCorrelation>(dim, recipe.sds, recipe.pattern, recipe.link);
  const int sds = recipe.sds->n_parameters();
  const int column = sds == 1 ? 0 : target.first;

  FixedParameterTerm out;
  out.start = structure->from_user(user, basis);
  out.to_fit = Matrix::Identity(dim, dim);
  out.held = target.correlation() ? sds : column;
  out.scale = basis(column, column);
  out.lower = recipe.lower;
  out.parameters = std::make_unique<StructureParameters>(std::move(structure));
  return out;
}

using HyperMatrix = std::vector<HyperVector>;

// Factor of LeadingCorrelation.
HyperMatrix leading_factor(const HyperVector& theta, int dim) {
  HyperMatrix L(dim, HyperVector(dim));
  const HyperDual c = cosine(theta[2]), s = sine(theta[2]);
  const HyperDual second = theta[1] * s * s;
  L[0][0] = theta[1] * c * c;
  L[1][0] = second * sine(theta[0]);
  L[1][1] = second * cosine(theta[0]);
  Index entry = 3;
  for (int j = 0; j < dim; ++j)
    for (int i = std::max(2, j); i < dim; ++i) L[i][j] = theta[entry++];
  return L;
}

Matrix product_part(const HyperMatrix& L, double HyperDual::*part) {
  const int dim = static_cast<int>(L.size());
  Matrix out(dim, dim);
  for (int i = 0; i < dim; ++i)
    for (int j = 0; j <= i; ++j) {
      HyperDual sum;
      for (int l = 0; l <= j; ++l) sum = sum + L[i][l] * L[j][l];
      out(i, j) = out(j, i) = sum.*part;
    }
  return out;
}

}  // namespace

Matrix LeadingCorrelation::lambda(const Vector& theta) const {
  const HyperMatrix L = leading_factor(as_constants(theta), dim_);
  return Matrix::NullaryExpr(dim_, dim_, [&](Index i, Index j) { return L[i][j].value; });
}

Matrix LeadingCorrelation::first_derivative(const Vector& theta, int a) const {
  HyperVector moving = as_constants(theta);
  moving[a].da = 1;
  return product_part(leading_factor(moving, dim_), &HyperDual::da);
}

Matrix LeadingCorrelation::second_derivative(const Vector& theta, int a, int b) const {
  HyperVector moving = as_constants(theta);
  moving[a].da = 1;
  moving[b].db = 1;
  return product_part(leading_factor(moving, dim_), &HyperDual::dab);
}

// Where s_2 = 0 the correlation has no value: 0. Where both are zero, w = pi / 4 is as good as any.
Vector LeadingCorrelation::parameters(const Matrix& L) const {
  const double first = L(0, 0), second = std::hypot(L(1, 0), L(1, 1));
  Vector theta(n_parameters());
  theta[0] = first > 0 && second > 0 ? std::atan2(L(1, 0), L(1, 1)) : 0;
  theta[1] = first + second;
  theta[2] = theta[1] > 0 ? std::atan2(std::sqrt(second), std::sqrt(first)) : std::atan(1.0);
  Index entry = 3;
  for (int j = 0; j < dim_; ++j)
    for (int i = std::max(2, j); i < dim_; ++i) theta[entry++] = L(i, j);
  return theta;
}

std::vector<int> columns_of(const std::string& structure, int dim, const TermTarget& target) {
  if (make_structure(structure, dim)->invariance() == Invariance::linear) return {target.first, target.second};
  if (structure == "homcs" || structure == "ar1") return {0};  // one standard deviation for all columns
  return {};
}

FixedParameterTerm fix_parameter(const std::string& structure, int dim, const TermTarget& target, const Vector& user,
                                 const Matrix& basis) {
  const Structure structure_in_user = make_structure(structure, dim);
  if (structure_in_user->invariance() != Invariance::linear) return fix_structured(structure, target, user, basis);
  return fix_unstructured(structure_in_user->in_user_parameters()->lambda(user), target, basis);
}

}  // namespace mixest
