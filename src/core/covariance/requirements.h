// What every covariance structure requires of its arguments; a breach is Misuse and names the
// argument.
#pragma once

#include "../base/types.h"

namespace mixest {

void require_length(const Vector& values, Index length, const char* name);
void require_finite(const Vector& values, const char* name);
void require_square(const Matrix& values, Index dim, const char* name);
void require_index(int index, int length);

// The a_i > 0 of a change of basis diag(a), the a > 0 of a I; any other one is Misuse.
Vector positive_scales(const Matrix& basis, Index dim);
double common_scale(const Matrix& basis, Index dim);

}  // namespace mixest
