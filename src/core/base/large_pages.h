// Large arrays in large pages of memory.
//
// The system hands out memory page by page as it is first written to, which for arrays of a hundred
// megabytes takes longer than what is computed with them. In large pages (where the system has them
// and leaves the choice to the program: Linux) it takes a few steps.
#pragma once

#include <cstddef>

#include "types.h"

namespace mixest {

// To be called before anything is written there. Does nothing for arrays that are not large.
void prefer_large_pages(void* memory, std::size_t bytes);

// Not set to anything.
Matrix large_matrix(Index rows, Index cols);

}  // namespace mixest
