#include "large_pages.h"

#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#endif

namespace mixest {

void prefer_large_pages(void* memory, std::size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  constexpr std::size_t large = std::size_t{4} << 20;
  if (bytes < large) return;
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto first = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t begin = (first + page - 1) / page * page, end = (first + bytes) / page * page;
  madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);  // a wish: nothing is lost where it is refused
#else
  (void)memory;
  (void)bytes;
#endif
}

Matrix large_matrix(Index rows, Index cols) {
  Matrix out(rows, cols);
  prefer_large_pages(out.data(), sizeof(double) * out.size());
  return out;
}

}  // namespace mixest
