// Work in fixed parts, on any number of threads, with the same bits.
//
// The parts are a property of the problem, never of the number of threads. Each part writes results
// of its own; the caller combines them in the order of the parts. Threads live only inside a call,
// so that a forked process finds none.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

namespace mixest {

// Calls body(part, worker) once for each part in 0..parts-1; `worker` in 0..threads-1 tells which
// work space is free. With one worker everything runs in the calling thread. The first exception is
// thrown again in the calling thread, the other parts being abandoned.
template <typename Body>
void for_each_part(int parts, int threads, const Body& body) {
  const int workers = std::max(1, std::min(threads, parts));
  if (workers == 1) {
    for (int part = 0; part < parts; ++part) body(part, 0);
    return;
  }
  std::atomic<int> next{0};
  std::vector<std::exception_ptr> errors(workers);
  const auto work = [&](int worker) {
    try {
      for (int part = next++; part < parts; part = next++) body(part, worker);
    } catch (...) {
      errors[worker] = std::current_exception();
      next = parts;
    }
  };
  std::vector<std::thread> pool;
  pool.reserve(workers - 1);
  try {
    for (int worker = 1; worker < workers; ++worker) pool.emplace_back(work, worker);
  } catch (const std::system_error&) {
    // The system has no more threads: those that have started do all the parts.
  }
  work(0);
  for (std::thread& thread : pool) thread.join();
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
}

// A pass over items 0..count-1 in parts of about `grain` items, at most 64.
struct Parts {
  std::ptrdiff_t count;
  int number;

  static Parts of(std::ptrdiff_t count, std::ptrdiff_t grain) {
    return {count, static_cast<int>(std::min<std::ptrdiff_t>(64, 1 + count / grain))};
  }
  std::ptrdiff_t begin(int part) const { return count * part / number; }
  std::ptrdiff_t end(int part) const { return count * (part + 1) / number; }
};

}  // namespace mixest
