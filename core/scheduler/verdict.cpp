#include "core/scheduler/verdict.h"

#include <algorithm>

namespace drydock::scheduler {

ReasonId ReasonTable::id(std::string_view text) {
  auto it = std::ranges::find(texts_, text);
  if (it == texts_.end()) it = texts_.emplace(texts_.end(), text);
  return static_cast<ReasonId>(it - texts_.begin());
}

}  // namespace drydock::scheduler
