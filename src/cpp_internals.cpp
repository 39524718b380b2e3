// Parts of the core by themselves, for their tests alone: tests/testthat/test-internals.R and
// test-covariance.R. Nothing in R/ calls these bindings. Numbers of columns, parts and levels go
// out in R's order, from 1.
#include "convert.h"
#include "core/covariance/factory.h"
#include "core/linear_algebra/rank.h"
#include "core/linear_algebra/row_pool.h"
#include "core/linear_algebra/triangular_factor.h"
#include "core/optimizer/minimize.h"
#include "core/optimizer/quadratic_model.h"
#include "core/rows/level_graph.h"

namespace {

using mixest::Index, mixest::length, mixest::Matrix, mixest::Vector;

// `evaluate`: an R function of x; list(value, gradient, hessian), or NULL outside the domain.
class ObjectiveInR : public mixest::Objective {
 public:
  ObjectiveInR(const Rcpp::Function& evaluate, double noise) : evaluate_(evaluate), noise_(noise) {}

  mixest::ObjectiveValue evaluate(const Vector& x) override {
    const Rcpp::RObject found = evaluate_(x);
    if (found.isNULL()) return {};
    const Rcpp::List parts(found);
    return {true, parts["value"], Rcpp::as<Vector>(parts["gradient"]), Rcpp::as<Matrix>(parts["hessian"])};
  }

  double value_noise(double) const override { return noise_; }

 private:
  Rcpp::Function evaluate_;
  double noise_;
};

const char* reason_name(mixest::StopReason reason) {
  switch (reason) {
    case mixest::StopReason::converged: return "converged";
    case mixest::StopReason::max_iterations: return "max_iterations";
    case mixest::StopReason::no_progress: return "no_progress";
    case mixest::StopReason::not_finite_at_start: return "not_finite_at_start";
  }
  throw mixest::Misuse("no such reason for stopping");
}

std::vector<int> from_one(std::vector<int> numbers) {
  for (int& number : numbers) ++number;
  return numbers;
}

}  // namespace

// [[Rcpp::export]]
Rcpp::List cpp_minimize(const Rcpp::Function& evaluate, const Eigen::VectorXd& start, double noise, double tolerance,
                        int max_iterations, double initial_radius) {
  ObjectiveInR objective(evaluate, noise);
  const mixest::MinimizeSummary summary =
      mixest::minimize(objective, start, {tolerance, max_iterations, initial_radius}, mixest::interruptible(1));
  return Rcpp::List::create(Rcpp::Named("reason") = reason_name(summary.reason), Rcpp::Named("x") = summary.x,
                            Rcpp::Named("value") = summary.evaluation.value,
                            Rcpp::Named("iterations") = summary.iterations,
                            Rcpp::Named("evaluations") = summary.evaluations);
}

// The step that minimises the quadratic model in a ball.
// [[Rcpp::export]]
Eigen::VectorXd cpp_step_within(const Eigen::VectorXd& gradient, const Eigen::MatrixXd& hessian, double radius) {
  return mixest::QuadraticModel(gradient, hessian).step_within(radius);
}

// [[Rcpp::export]]
Rcpp::List cpp_decide_rank(const Eigen::MatrixXd& factor, int candidates, const Eigen::VectorXd& magnitude,
                           double rows) {
  const mixest::RankDecision decision = mixest::decide_rank(factor, candidates, magnitude, rows);
  return Rcpp::List::create(Rcpp::Named("kept") = from_one(decision.kept),
                            Rcpp::Named("dropped") = from_one(decision.dropped),
                            Rcpp::Named("triangle") = decision.triangle, Rcpp::Named("rest") = decision.rest,
                            Rcpp::Named("combination") = decision.combination);
}

// The factor of [A y] for each column y of Y. The rows [A Y] come `chunk` at a time and go to the
// pools in turn; the pools are then merged.
// [[Rcpp::export]]
Rcpp::List cpp_row_pool(const Eigen::MatrixXd& rows, int pivots, int chunk, int pools) {
  const Index responses = rows.cols() - pivots;
  std::vector<mixest::RowPool> pool(pools, mixest::RowPool(pivots, responses));
  int turn = 0;
  for (Index begin = 0; begin < rows.rows(); begin += chunk)
    pool[turn++ % pools].add(rows.middleRows(begin, std::min<Index>(chunk, rows.rows() - begin)));
  for (int other = 1; other < pools; ++other) pool[0].merge(pool[other]);
  Rcpp::List out;
  for (Index response = 0; response < responses; ++response) out.push_back(pool[0].triangle_with(response));
  return out;
}

// `codes`: of each grouping factor, from 1, the inner one first; `levels` of each. Rows of weight
// zero do not count. Levels and groups without rows that count have no block.
// [[Rcpp::export]]
Rcpp::List cpp_connect_levels(const std::vector<std::vector<int>>& codes, const std::vector<int>& levels,
                              const Eigen::VectorXd& weights) {
  const Index n = length(weights);
  std::vector<mixest::Grouping> groupings;
  mixest::OuterStats outer;
  for (Index f = 0; f < length(codes); ++f) {
    groupings.push_back({codes[f].data(), levels[f]});
    if (f > 0) outer.factors.push_back({static_cast<int>(f), {}, levels[f]});
  }
  const mixest::Rows rows{mixest::Columns(n),      mixest::Columns(n), mixest::MatrixView(nullptr, n, 0),
                          groupings.front().codes, weights.data(),     nullptr};
  const mixest::RowOrder order = mixest::order_rows(rows, levels.front(), {}, 1);
  const mixest::LevelBlocks blocks = mixest::connect_levels(order, levels.front(), groupings, outer);
  Rcpp::List block_of_level, blocks_of_group;
  for (const std::vector<int>& of_factor : blocks) block_of_level.push_back(from_one(of_factor));
  for (Index i = 0; i < levels.front(); ++i) {
    const mixest::BlockRange met = outer.blocks_of(i);
    blocks_of_group.push_back(from_one({met.begin(), met.end()}));
  }
  std::vector<int> component;
  for (Index b = 0; b < length(outer.block_level); ++b) component.push_back(outer.component_of(static_cast<int>(b)));
  return Rcpp::List::create(
      Rcpp::Named("factor") = from_one(outer.block_factor), Rcpp::Named("level") = from_one(outer.block_level),
      Rcpp::Named("component") = from_one(component), Rcpp::Named("block_of_level") = block_of_level,
      Rcpp::Named("blocks_of_group") = blocks_of_group);
}

// The sum of x, part by part, and for each part the worker that did it. The parts whose numbers are
// in `failing` throw.
// [[Rcpp::export]]
Rcpp::List cpp_sum_parts(const Eigen::VectorXd& x, int parts, int threads, const std::vector<int>& failing) {
  const mixest::Parts stretches{x.size(), parts};
  std::vector<double> sums(parts, 0);
  std::vector<int> workers(parts, -1);
  mixest::for_each_part(parts, threads, [&](int part, int worker) {
    if (std::find(failing.begin(), failing.end(), part + 1) != failing.end())
      throw mixest::Misuse("part " + std::to_string(part + 1) + " fails");
    for (Index i = stretches.begin(part); i < stretches.end(part); ++i) sums[part] += x[i];
    workers[part] = worker;
  });
  double sum = 0;
  for (double of_part : sums) sum += of_part;
  return Rcpp::List::create(Rcpp::Named("sum") = sum, Rcpp::Named("workers") = from_one(workers));
}

// The user's parameters when U_fit = U_user basis, the theta that they lead back to, and their
// derivatives in `theta`.
// [[Rcpp::export]]
Rcpp::List cpp_covariance_basis(const std::string& structure, int size, const Eigen::VectorXd& theta,
                                const Eigen::MatrixXd& A) {
  const auto made = mixest::make_structure(structure, size);
  const Vector user = made->to_user(theta, A);
  return Rcpp::List::create(Rcpp::Named("user") = user, Rcpp::Named("theta") = made->from_user(user, A),
                            Rcpp::Named("jacobian") = made->user_jacobian(theta, A));
}

// [[Rcpp::export]]
Eigen::VectorXd cpp_covariance_start(const std::string& structure, int size, const Eigen::MatrixXd& psi) {
  return mixest::make_structure(structure, size)->start(psi);
}

// [[Rcpp::export]]
Eigen::MatrixXd cpp_triangular_factor(const Eigen::MatrixXd& M, double tolerance) {
  return mixest::lower_triangular_factor(M, tolerance);
}
