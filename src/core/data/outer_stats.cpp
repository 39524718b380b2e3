#include "outer_stats.h"

namespace mixest {

std::vector<Index> OuterStats::first_columns() const {
  std::vector<Index> out{0};
  for (Index i = 0; i + 1 < length(start); ++i) {
    Index columns = 0;
    for (int at = start[i]; at < start[i + 1]; ++at) columns += width(touched[at]);
    out.push_back(out.back() + columns);
  }
  return out;
}

EffectPlaces::EffectPlaces(const OuterStats& outer) {
  if (outer.empty()) return;
  for (int c = 0; c < outer.components(); ++c) {
    Index effects = 0;
    for (int b = outer.component[c]; b < outer.component[c + 1]; ++b) {
      first.push_back(effects);
      effects += outer.width(b);
    }
    size.push_back(effects);
  }
}

}  // namespace mixest
