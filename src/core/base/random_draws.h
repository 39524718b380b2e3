// Random numbers that are the same on every platform and for every number of threads.
//
// A stream belongs to a seed and the number of a replicate. std::mt19937_64 and std::seed_seq are
// specified to the bit; the standard library's distributions are not, so the transforms are written
// out.
#pragma once

#include <cstdint>
#include <random>

#include "types.h"

namespace mixest {

class RandomDraws {
 public:
  RandomDraws(std::uint32_t seed, std::uint64_t replicate);

  double uniform();  // in (0, 1)
  double normal();
  double chi_squared(double df);  // df >= 0; 0 when df is 0
  Index below(Index count);       // uniform on 0..count-1

 private:
  double gamma(double shape);  // shape >= 1

  std::mt19937_64 engine_;
  double spare_ = 0;  // the second normal variable of a pair
  bool has_spare_ = false;
};

}  // namespace mixest
