#include "factory.h"

#include "correlated_pair.h"
#include "homogeneous_cs.h"
#include "sd_correlation.h"
#include "unstructured.h"

namespace mixest {

namespace {

using Structure = std::unique_ptr<CovarianceStructure>;

Structure make_diagonal(int dim) {
  return std::make_unique<SdCorrelation>(dim, std::make_shared<FreeSds>(dim), std::make_shared<Uncorrelated>(dim),
                                         std::make_shared<IdentityLink>());
}

Structure make_homogeneous_diagonal(int dim) {
  return std::make_unique<SdCorrelation>(dim, std::make_shared<CommonSd>(dim), std::make_shared<Uncorrelated>(dim),
                                         std::make_shared<IdentityLink>());
}

Structure make_compound_symmetry(int dim) {
  if (dim == 1) return make_diagonal(1);
  if (dim == 2) return std::make_unique<CorrelatedPair>();
  return std::make_unique<SdCorrelation>(dim, std::make_shared<FoldedSds>(dim), std::make_shared<CompoundSymmetry>(dim),
                                         std::make_shared<SineLink>(-1.0 / (dim - 1)));
}

Structure make_homogeneous_cs(int dim) {
  if (dim == 1) return make_diagonal(1);
  return std::make_unique<HomogeneousCs>(dim);
}

Structure make_autoregressive(int dim) {
  if (dim <= 2) return make_homogeneous_cs(dim);
  return std::make_unique<SdCorrelation>(dim, std::make_shared<CommonSd>(dim), std::make_shared<Autoregressive>(dim),
                                         std::make_shared<SineLink>(-1.0));
}

Structure make_toeplitz(int dim) {
  if (dim <= 2) return make_compound_symmetry(dim);
  return std::make_unique<SdCorrelation>(dim, std::make_shared<FoldedSds>(dim), std::make_shared<Toeplitz>(dim),
                                         std::make_shared<PartialLink>());
}

}  // namespace

std::unique_ptr<CovarianceStructure> make_structure(const std::string& name, int dim) {
  if (dim < 1) throw Misuse("a covariance structure must have at least one column");
  if (name == "us") return std::make_unique<Unstructured>(dim);
  if (name == "diag") return make_diagonal(dim);
  if (name == "homdiag") return make_homogeneous_diagonal(dim);
  if (name == "cs") return make_compound_symmetry(dim);
  if (name == "homcs") return make_homogeneous_cs(dim);
  if (name == "ar1") return make_autoregressive(dim);
  if (name == "toep") return make_toeplitz(dim);
  throw Misuse("there is no covariance structure \"" + name + "\"");
}

}  // namespace mixest
