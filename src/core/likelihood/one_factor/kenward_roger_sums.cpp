#include "kenward_roger_sums.h"

#include "lane_products.h"

namespace mixest {

KenwardRogerSums::KenwardRogerSums(const Panels& panels, const Matrix& triangle)
    : panels_(panels),
      triangle_(triangle),
      p_(panels.k - 1),
      algebra_(panels.q, panels.k),
      Ew_(panels.q * p_),
      AEw_(panels.q),
      WA_(Ew_.size()),
      sum_(Matrix::Zero(p_, p_)) {}

Matrix KenwardRogerSums::over_groups(const Matrix& lambda, const std::vector<Matrix>& directions,
                                     const Execution& execution) {
  algebra_.set_lambda(lambda);
  for (Index pack = 0; pack < panels_.packs(); ++pack) {
    if (pack % 256 == 255) execution.check_interrupt();
    algebra_.whiten(panels_.data.col(pack * panels_.entries()).data());
    set_Ew();
    for (const Matrix& A : directions) {
      set_WA(A);
      add_cross_products(WA_.data(), WA_.data(), q(), Triangle::full, sum_);
    }
  }
  return sum_;
}

// A group that stands for several equal ones (panels.h) has E = 0.
void KenwardRogerSums::set_Ew() {
  for (Index c = 0; c < p_; ++c)
    for (Index a = 0; a < q(); ++a) {
      Lane value = algebra_.dot(algebra_.W(a), algebra_.W(q() + c));
      for (Index b = 0; b < c; ++b) value -= Ew(a, b) * repeat_lane(triangle_(b, c));
      Ew(a, c) = value / repeat_lane(triangle_(c, c));
    }
}

void KenwardRogerSums::set_WA(const Matrix& A) {
  for (Index c = 0; c < p_; ++c) {
    for (Index a = 0; a < q(); ++a) {
      Lane value = repeat_lane(0);
      for (Index b = 0; b < q(); ++b) value += repeat_lane(A(a, b)) * Ew(b, c);
      AEw_[a] = value;
    }
    for (Index r = 0; r < q(); ++r) {
      Lane value = repeat_lane(0);
      for (Index a = 0; a < q(); ++a) value += algebra_.W(a)[r] * AEw_[a];
      WA_[r * p_ + c] = value;
    }
  }
}

}  // namespace mixest
