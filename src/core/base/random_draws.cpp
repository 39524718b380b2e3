#include "random_draws.h"

#include <cmath>

namespace mixest {

namespace {

std::mt19937_64 engine_of(std::uint32_t seed, std::uint64_t replicate) {
  std::seed_seq sequence{seed, static_cast<std::uint32_t>(replicate), static_cast<std::uint32_t>(replicate >> 32)};
  return std::mt19937_64(sequence);
}

}  // namespace

RandomDraws::RandomDraws(std::uint32_t seed, std::uint64_t replicate) : engine_(engine_of(seed, replicate)) {}

// The middle of one of 2^53 equal cells.
double RandomDraws::uniform() { return std::ldexp(static_cast<double>(engine_() >> 11) + 0.5, -53); }

// The polar method of Marsaglia and Bray (1964).
double RandomDraws::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  double x, y, square;
  do {
    x = 2 * uniform() - 1;
    y = 2 * uniform() - 1;
    square = x * x + y * y;
  } while (square >= 1 || square == 0);
  const double factor = std::sqrt(-2 * std::log(square) / square);
  spare_ = y * factor;
  has_spare_ = true;
  return x * factor;
}

// Below two degrees of freedom a gamma variable of a shape below one: G(a) = G(a + 1) U^(1 / a).
double RandomDraws::chi_squared(double df) {
  if (!(df > 0)) return 0;
  const double shape = df / 2;
  if (shape >= 1) return 2 * gamma(shape);
  const double above = gamma(shape + 1);
  return 2 * above * std::pow(uniform(), 1 / shape);
}

// Marsaglia and Tsang (2000).
double RandomDraws::gamma(double shape) {
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  while (true) {
    const double z = normal(), root = 1 + c * z;
    if (root <= 0) continue;
    const double v = root * root * root;
    if (std::log(uniform()) < 0.5 * z * z + d * (1 - v + std::log(v))) return d * v;
  }
}

Index RandomDraws::below(Index count) {
  const std::uint64_t range = static_cast<std::uint64_t>(count);
  // whole multiples of the range only: no value is favoured
  const std::uint64_t most = UINT64_MAX - UINT64_MAX % range;
  std::uint64_t draw;
  do draw = engine_();
  while (draw >= most);
  return static_cast<Index>(draw % range);
}

}  // namespace mixest
