// How a long computation runs: on how many threads, and when to give way.
#pragma once

#include <functional>

namespace mixest {

struct Execution {
  int threads = 1;
  // throws to leave the computation; called from the calling thread only; may be empty
  std::function<void()> interrupt;

  void check_interrupt() const {
    if (interrupt) interrupt();
  }
};

}  // namespace mixest
