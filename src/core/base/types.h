// Numeric types of the core and the exception that marks its misuse.
#pragma once

#include <Eigen/Core>
#include <stdexcept>
#include <string>

namespace mixest {

using Index = Eigen::Index;  // 64 bits: counts of rows never overflow
using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

// The number of elements of a container, in the type of all indices.
template <typename Container>
Index length(const Container& container) {
  return static_cast<Index>(container.size());
}

// Thrown when a caller breaks a documented requirement. Numerical outcomes are returned, never
// thrown.
class Misuse : public std::logic_error {
 public:
  explicit Misuse(const std::string& what) : std::logic_error(what) {}
};

}  // namespace mixest
