#include "kernel.h"

#include <algorithm>
#include <cmath>

#include "lane_products.h"
#include "pack_algebra.h"

namespace mixest {

namespace {

// sum log(pivots) over packs; pivots are >= 1, so that their running product is logged only when it
// has become large.
class LogSum {
 public:
  void add(const Lane& pivots) {
    product_ *= pivots;
    if (sum(product_) > 1e100) flush();
  }

  void add(const Lane& pivots, const Lane& count) { sum_ += sum(count * log(pivots)); }

  double value() {
    flush();
    return sum_;
  }

 private:
  static Lane log(const Lane& x) {
    double values[lanes];
    store(x, values);
    for (double& value : values) value = std::log(value);
    return load_lane(values);
  }

  void flush() {
    sum_ += sum(log(product_));
    product_ = repeat_lane(1);
  }

  Lane product_ = repeat_lane(1);
  double sum_ = 0;
};

constexpr Index packs_at_once = 16;  // their intermediate results stay in the first-level cache (q <= 6)

void mirror_lower(Matrix& out) { out.triangularView<Eigen::StrictlyUpper>() = out.transpose(); }

template <int Q>
class Kernel final : public GroupKernel {
 public:
  Kernel(Index q, Index k)
      : algebra_(q, k),
        pairs_(q * (q + 1) / 2),
        triangle_(k * k),
        WB_(packs_at_once * q * k),
        S_(packs_at_once * pairs_),
        PS_(packs_at_once * pairs_),
        Ew_(packs_at_once * q * k),
        sum_S_(pairs_),
        sum_P_(pairs_) {}

  PackValues value_sums(const Panels& panels, PackRange packs, const Matrix& lambda) override {
    algebra_.set_lambda(lambda);
    PackValues out;
    out.T = Matrix::Zero(k(), k());
    LogSum pivots;
    for (Index first = packs.begin; first < packs.end; first += packs_at_once) {
      const Index count = std::min(packs_at_once, packs.end - first);
      for (Index pack = 0; pack < count; ++pack) {
        algebra_.whiten(panel(panels, first + pack));
        if (panels.repeated()) {
          pivots.add(algebra_.pivots(), repeats(panels, first + pack));
        } else {
          pivots.add(algebra_.pivots());
        }
        keep_WB(pack);
      }
      add_cross_products(WB_.data(), WB_.data(), count * q(), Triangle::lower, out.T);
    }
    mirror_lower(out.T);
    out.log_det = 2 * pivots.value();
    return out;
  }

  PackDerivatives derivative_sums(const Panels& panels, PackRange packs, const Matrix& lambda,
                                  const DerivativeRequest& request) override {
    algebra_.set_lambda(lambda);
    set_triangle(request.triangle);
    std::fill(sum_S_.begin(), sum_S_.end(), repeat_lane(0));
    std::fill(sum_P_.begin(), sum_P_.end(), repeat_lane(0));
    PackDerivatives out;
    if (request.hessian) {
      out.S_by_PS = Matrix::Zero(pairs_, pairs_);
      out.Ew_by_Ew = Matrix::Zero(q() * k(), q() * k());
    }
    for (Index first = packs.begin; first < packs.end; first += packs_at_once) {
      const Index count = std::min(packs_at_once, packs.end - first);
      for (Index pack = 0; pack < count; ++pack) {
        algebra_.whiten(panel(panels, first + pack));
        keep_Ew(pack);
        const Lane number = panels.repeated() ? repeats(panels, first + pack) : repeat_lane(1);
        keep_pairs(pack, number, request);
      }
      if (request.hessian) {
        add_cross_products(S_.data(), PS_.data(), count, Triangle::full, out.S_by_PS);
        add_cross_products(Ew_.data(), Ew_.data(), count, Triangle::lower, out.Ew_by_Ew);
      }
    }
    if (request.hessian) mirror_lower(out.Ew_by_Ew);
    out.S = symmetric(sum_S_);
    out.P = symmetric(sum_P_);
    return out;
  }

 private:
  Index q() const { return algebra_.q(); }
  Index k() const { return algebra_.k(); }

  static const double* panel(const Panels& panels, Index pack) {
    return panels.data.col(pack * panels.entries()).data();
  }
  static Lane repeats(const Panels& panels, Index pack) { return load_lane(panels.count.col(pack).data()); }

  // Tc column by column, with the reciprocals of its diagonal.
  void set_triangle(const Matrix& triangle) {
    for (Index c = 0; c < k(); ++c)
      for (Index b = 0; b <= c; ++b) triangle_[c * k() + b] = repeat_lane(b < c ? triangle(b, c) : 1 / triangle(c, c));
  }

  // Rows (pack, r) of W_B.
  void keep_WB(Index pack) {
    Lane* out = WB_.data() + pack * q() * k();
    const Lane* W = algebra_.W(q());
    for (Index r = 0; r < q(); ++r)
      for (Index c = 0; c < k(); ++c) *out++ = W[c * q() + r];
  }

  // Ew = E Tc^{-1}, row by row.
  void keep_Ew(Index pack) {
    Lane* Ew = Ew_.data() + pack * q() * k();
    for (Index a = 0; a < q(); ++a, Ew += k()) {
      const Lane* column = triangle_.data();
      for (Index c = 0; c < k(); ++c, column += k()) {
        Lane value = algebra_.dot(algebra_.W(a), algebra_.W(q() + c));
        for (Index b = 0; b < c; ++b) value -= Ew[b] * column[b];
        Ew[c] = value * column[c];
      }
    }
  }

  // svec of S and PS, and their sums. Every sum has one S for each group, or one P: so a
  // group that counts more than once is counted in S (it has P = 0).
  void keep_pairs(Index pack, const Lane& number, const DerivativeRequest& request) {
    const Lane* Ew = Ew_.data() + pack * q() * k();
    Lane* S_row = S_.data() + pack * pairs_;
    Lane* PS_row = PS_.data() + pack * pairs_;
    Lane* sum_S = sum_S_.data();
    Lane* sum_P = sum_P_.data();
    const Lane nu = repeat_lane(request.nu), half = repeat_lane(0.5);
    const Index y = k() - 1, x_begin = request.reml ? 0 : y;
    for (Index b = 0; b < q(); ++b)
      for (Index a = b; a < q(); ++a) {
        const Lane* Ea = Ew + a * k();
        const Lane* Eb = Ew + b * k();
        const Lane S = algebra_.dot(algebra_.W(a), algebra_.W(b));
        Lane P = nu * Ea[y] * Eb[y];
        for (Index c = x_begin; c < y; ++c) P += Ea[c] * Eb[c];
        *PS_row++ = P - half * S;
        *sum_P++ += P;
        *sum_S++ += *S_row++ = number * S;
      }
  }

  Matrix symmetric(const LaneVector& svec) const {
    Matrix out(q(), q());
    Index pair = 0;
    for (Index b = 0; b < q(); ++b)
      for (Index a = b; a < q(); ++a) out(a, b) = out(b, a) = sum(svec[pair++]);
    return out;
  }

  PackAlgebra<Q> algebra_;
  Index pairs_;
  LaneVector triangle_;
  LaneVector WB_, S_, PS_, Ew_;  // rows of the packs at hand
  LaneVector sum_S_, sum_P_;
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
  S_by_PS += other.S_by_PS;
  Ew_by_Ew += other.Ew_by_Ew;
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
