#include "outer_stats.h"

namespace mixest {

EffectPlaces::EffectPlaces(const OuterStats& outer) {
  for (int c = 0; c < outer.components(); ++c) {
    Index effects = 0;
    for (int b = outer.component[static_cast<std::size_t>(c)]; b < outer.component[static_cast<std::size_t>(c) + 1]; ++b) {
      first.push_back(effects);
      effects += outer.width(b);
    }
    size.push_back(effects);
  }
}

}  // namespace mixest
