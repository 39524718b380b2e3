// Numbers of several groups side by side, in the processor's vector registers.
//
// A Lane has one number of each of `lanes` groups and the arithmetic of a number. It is made of the
// widest registers that Eigen was compiled for (two of SSE2 or NEON, one of AVX, four plain numbers
// where there are none). Eigen's own arrays would serve as well, but compilers leave a function
// call in every operation of theirs at the usual level of optimisation.
#pragma once

#include <vector>

#include "../../base/types.h"

namespace mixest {

constexpr int lanes = 4;

namespace registers {

using Packet = Eigen::internal::find_best_packet<double, lanes>::type;
constexpr int packet_size = Eigen::internal::unpacket_traits<Packet>::size;

// N numbers: one register, or two halves.
template <int N, bool one_register = N == packet_size>
struct Numbers {
  Numbers<N / 2> low, high;
};
template <int N>
struct Numbers<N, true> {
  Packet all;
};

#define MIXEST_ELEMENTWISE(name, packet_function)                                 \
  template <int N>                                                                \
  EIGEN_ALWAYS_INLINE Numbers<N> name(const Numbers<N>& a, const Numbers<N>& b) { \
    if constexpr (N == packet_size) {                                             \
      return {Eigen::internal::packet_function(a.all, b.all)};                    \
    } else {                                                                      \
      return {name(a.low, b.low), name(a.high, b.high)};                          \
    }                                                                             \
  }
MIXEST_ELEMENTWISE(operator+, padd)
MIXEST_ELEMENTWISE(operator-, psub)
MIXEST_ELEMENTWISE(operator*, pmul)
MIXEST_ELEMENTWISE(operator/, pdiv)
#undef MIXEST_ELEMENTWISE

template <int N>
EIGEN_ALWAYS_INLINE Numbers<N> sqrt(const Numbers<N>& a) {
  if constexpr (N == packet_size) {
    return {Eigen::internal::psqrt(a.all)};
  } else {
    return {sqrt(a.low), sqrt(a.high)};
  }
}

template <int N>
EIGEN_ALWAYS_INLINE Numbers<N> load(const double* from) {
  if constexpr (N == packet_size) {
    return {Eigen::internal::ploadu<Packet>(from)};
  } else {
    return {load<N / 2>(from), load<N / 2>(from + N / 2)};
  }
}

template <int N>
EIGEN_ALWAYS_INLINE void store(const Numbers<N>& a, double* to) {
  if constexpr (N == packet_size) {
    Eigen::internal::pstoreu(to, a.all);
  } else {
    store(a.low, to);
    store(a.high, to + N / 2);
  }
}

template <int N>
EIGEN_ALWAYS_INLINE Numbers<N> repeat(double value) {
  if constexpr (N == packet_size) {
    return {Eigen::internal::pset1<Packet>(value)};
  } else {
    return {repeat<N / 2>(value), repeat<N / 2>(value)};
  }
}

template <int N>
EIGEN_ALWAYS_INLINE double sum(const Numbers<N>& a) {
  if constexpr (N == packet_size) {
    return Eigen::internal::predux(a.all);
  } else {
    return sum(a.low + a.high);
  }
}

}  // namespace registers

using Lane = registers::Numbers<lanes>;
using LaneVector = std::vector<Lane>;

EIGEN_ALWAYS_INLINE Lane load_lane(const double* from) { return registers::load<lanes>(from); }
EIGEN_ALWAYS_INLINE Lane repeat_lane(double value) { return registers::repeat<lanes>(value); }
EIGEN_ALWAYS_INLINE Lane& operator+=(Lane& a, const Lane& b) { return a = a + b; }
EIGEN_ALWAYS_INLINE Lane& operator-=(Lane& a, const Lane& b) { return a = a - b; }
EIGEN_ALWAYS_INLINE Lane& operator*=(Lane& a, const Lane& b) { return a = a * b; }

}  // namespace mixest
