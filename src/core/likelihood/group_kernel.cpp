#include "group_kernel.h"

#include "pack_algebra.h"

#include <cmath>

namespace mixest {

namespace {

using Lane = Eigen::Array<double, lanes, 1>;

constexpr Index packs_at_once = 32;  // 256 groups: their intermediate results stay in the first-level cache

// sum log(pivots) over packs; pivots are >= 1, so that their running product is logged only when it has become large.
class LogSum {
 public:
  LogSum() : product_(Lane::Ones()), sum_(0) {}

  void add(const Lane& pivots) {
    product_ *= pivots;
    if ((product_ > 1e100).any()) flush();
  }

  void add(const Lane& pivots, const Lane& count) { sum_ += (count * pivots.log()).sum(); }

  double value() {
    flush();
    return sum_;
  }

 private:
  void flush() {
    sum_ += product_.log().sum();
    product_.setOnes();
  }

  Lane product_;
  double sum_;
};

template <int Q>
class Kernel final : public GroupKernel {
 public:
  Kernel(Index q, Index k)
      : algebra_(q, k),
        pairs_(q * (q + 1) / 2),
        E_(lanes, q * k),
        whitened_(lanes * packs_at_once * q, k),
        S_(lanes * packs_at_once, pairs_),
        P_(lanes * packs_at_once, pairs_),
        N_(lanes * packs_at_once, pairs_),
        V_(lanes * packs_at_once, q * k) {}

  PackValues value_sums(const Panels& panels, PackRange packs, const Matrix& lambda) override {
    PackValues out;
    out.T = Matrix::Zero(panels.k, panels.k);
    LogSum pivots;
    for (Index first = packs.begin; first < packs.end; first += packs_at_once) {
      const Index count = std::min(packs_at_once, packs.end - first);
      for (Index pack = 0; pack < count; ++pack) {
        algebra_.whiten(panel(panels, first + pack), lambda);
        if (panels.repeated()) {
          pivots.add(algebra_.pivots(), panels.count.col(first + pack));
        } else {
          pivots.add(algebra_.pivots());
        }
        keep_whitened(pack);
      }
      out.T.template selfadjointView<Eigen::Lower>().rankUpdate(whitened_.topRows(count * lanes * q()).transpose());
    }
    out.T.template triangularView<Eigen::StrictlyUpper>() = out.T.transpose();
    out.log_det = 2 * pivots.value();
    return out;
  }

  PackDerivatives derivative_sums(const Panels& panels, PackRange packs, const Matrix& lambda,
                                 const DerivativeRequest& request) override {
    Vector S = Vector::Zero(pairs_), P = Vector::Zero(pairs_);
    PackDerivatives out;
    if (request.hessian) {
      out.S_by_N = Matrix::Zero(pairs_, pairs_);
      out.V_by_V = Matrix::Zero(q() * k(), q() * k());
    }
    for (Index first = packs.begin; first < packs.end; first += packs_at_once) {
      const Index count = std::min(packs_at_once, packs.end - first);
      for (Index pack = 0; pack < count; ++pack) {
        algebra_.whiten(panel(panels, first + pack), lambda);
        keep_S(pack);
        keep_V(pack, request.triangle);
        keep_N(pack, request);
      }
      const auto groups = count * lanes;
      if (panels.repeated()) repeat_groups(panels, first, count);
      S += S_.topRows(groups).colwise().sum().transpose();
      P += P_.topRows(groups).colwise().sum().transpose();
      if (request.hessian) {
        out.S_by_N.noalias() += S_.topRows(groups).transpose() * N_.topRows(groups);
        out.V_by_V.template selfadjointView<Eigen::Lower>().rankUpdate(V_.topRows(groups).transpose());
      }
    }
    out.V_by_V.template triangularView<Eigen::StrictlyUpper>() = out.V_by_V.transpose();
    out.S = symmetric(S);
    out.P = symmetric(P);
    return out;
  }

 private:
  Index q() const { return algebra_.q(); }
  Index k() const { return algebra_.k(); }

  static const double* panel(const Panels& panels, Index pack) { return panels.data.col(pack * panels.entries()).data(); }

  void keep_whitened(Index pack) {
    for (Index c = 0; c < k(); ++c)
      for (Index r = 0; r < q(); ++r) whitened_.col(c).template segment<lanes>((pack * q() + r) * lanes) = algebra_.W(r, q() + c).matrix();
  }

  void keep_S(Index pack) {
    Index pair = 0;
    for (Index b = 0; b < q(); ++b)
      for (Index a = b; a < q(); ++a) {
        Lane sum = algebra_.W(0, a) * algebra_.W(0, b);
        for (Index r = 1; r < q(); ++r) sum += algebra_.W(r, a) * algebra_.W(r, b);
        S_.col(pair++).template segment<lanes>(pack * lanes) = sum.matrix();
      }
  }

  // V = E Tc^{-1}, column by column; V_ holds entry (a, c) in column a k + c.
  void keep_V(Index pack, const Matrix& triangle) {
    for (Index c = 0; c < k(); ++c) {
      const double inverse = 1 / triangle(c, c);
      for (Index a = 0; a < q(); ++a) {
        Lane value = algebra_.W(0, a) * algebra_.W(0, q() + c);
        for (Index r = 1; r < q(); ++r) value += algebra_.W(r, a) * algebra_.W(r, q() + c);
        for (Index b = 0; b < c; ++b) value -= E_.col(a * k() + b) * triangle(b, c);
        value *= inverse;
        E_.col(a * k() + c) = value;
        V_.col(a * k() + c).template segment<lanes>(pack * lanes) = value.matrix();
      }
    }
  }

  // Every sum that follows has one factor S for each group, or one P; groups that count more than once have P = 0.
  void repeat_groups(const Panels& panels, Index first, Index packs) {
    for (Index pack = 0; pack < packs; ++pack)
      for (Index pair = 0; pair < pairs_; ++pair)
        S_.col(pair).template segment<lanes>(pack * lanes).array() *= panels.count.col(first + pack);
  }

  void keep_N(Index pack, const DerivativeRequest& request) {
    Index pair = 0;
    const Index y = k() - 1;
    for (Index b = 0; b < q(); ++b)
      for (Index a = b; a < q(); ++a, ++pair) {
        Lane sum = request.nu * E_.col(a * k() + y) * E_.col(b * k() + y);
        if (request.reml)
          for (Index c = 0; c < y; ++c) sum += E_.col(a * k() + c) * E_.col(b * k() + c);
        P_.col(pair).template segment<lanes>(pack * lanes) = sum.matrix();
        N_.col(pair).template segment<lanes>(pack * lanes) =
            sum.matrix() - 0.5 * S_.col(pair).template segment<lanes>(pack * lanes);
      }
  }

  Matrix symmetric(const Vector& svec) const {
    Matrix out(q(), q());
    Index pair = 0;
    for (Index b = 0; b < q(); ++b)
      for (Index a = b; a < q(); ++a) out(a, b) = out(b, a) = svec[pair++];
    return out;
  }

  PackAlgebra<Q> algebra_;
  Index pairs_;
  LaneArray E_;       // V of one pack
  Matrix whitened_;   // W_B of the packs at hand: rows (pack, r, lane)
  Matrix S_, P_, N_, V_;  // rows (pack, lane)
};

}  // namespace

PackValues& PackValues::operator+=(const PackValues& other) {
  log_det += other.log_det;
  T += other.T;
  return *this;
}

PackDerivatives& PackDerivatives::operator+=(const PackDerivatives& other) {
  S += other.S;
  P += other.P;
  S_by_N += other.S_by_N;
  V_by_V += other.V_by_V;
  return *this;
}

std::unique_ptr<GroupKernel> make_group_kernel(int q, int k) {
  switch (q) {
    case 1: return std::make_unique<Kernel<1>>(q, k);
    case 2: return std::make_unique<Kernel<2>>(q, k);
    case 3: return std::make_unique<Kernel<3>>(q, k);
    case 4: return std::make_unique<Kernel<4>>(q, k);
    default: return std::make_unique<Kernel<Eigen::Dynamic>>(q, k);
  }
}

}  // namespace mixest
