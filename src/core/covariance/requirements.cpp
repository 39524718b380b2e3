#include "requirements.h"

#include <cmath>

namespace mixest {

void require_length(const Vector& values, Index length, const char* name) {
  if (values.size() == length) return;
  throw Misuse("`" + std::string(name) + "` must have length " + std::to_string(length) + ", not " +
               std::to_string(values.size()));
}

void require_finite(const Vector& values, const char* name) {
  for (Index i = 0; i < length(values); ++i)
    if (!std::isfinite(values(i))) throw Misuse("`" + std::string(name) + "` must be finite");
}

void require_square(const Matrix& values, Index dim, const char* name) {
  if (values.rows() == dim && values.cols() == dim) return;
  const std::string size = std::to_string(dim);
  throw Misuse("`" + std::string(name) + "` must be " + size + " x " + size + ", not " + std::to_string(values.rows()) +
               " x " + std::to_string(values.cols()));
}

void require_index(int index, int length) {
  if (index >= 0 && index < length) return;
  throw Misuse("parameter " + std::to_string(index) + " does not exist: there are " + std::to_string(length));
}

Vector positive_scales(const Matrix& basis, Index dim) {
  require_square(basis, dim, "A");
  const Vector scales = basis.diagonal();
  if (basis.isDiagonal(0) && (scales.array() > 0).all()) return scales;
  throw Misuse("`A` must be diagonal with positive values: this structure allows only a scaling of the columns");
}

double common_scale(const Matrix& basis, Index dim) {
  const Vector scales = positive_scales(basis, dim);
  if ((scales.array() == scales(0)).all()) return scales(0);
  throw Misuse("`A` must be a multiple of the identity: this structure has one standard deviation for all columns");
}

}  // namespace mixest
