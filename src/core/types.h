// Numeric types of the core and the exception that marks its misuse.
#pragma once

#include <Eigen/Core>
#include <stdexcept>
#include <string>

namespace mixest {

using Index = Eigen::Index;  // 64 bits: counts of rows never overflow
using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

// Thrown when a caller breaks a documented requirement. Numerical outcomes are returned, never
// thrown.
class Misuse : public std::logic_error {
 public:
  explicit Misuse(const std::string& what) : std::logic_error(what) {}
};

}  // namespace mixest
