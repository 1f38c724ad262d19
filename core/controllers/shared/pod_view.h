// PodView: the few facts about a pod that workload controllers decide on, read
// from the document once per change. A reconcile over 1,000 pods then touches
// plain fields only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/machinery/object.h"

namespace drydock::controllers {

enum class PodPhase : std::uint8_t { kPending, kUnknown, kRunning, kSucceeded, kFailed };

struct PodView {
  Object object;
  std::string_view ns, name;  // in `object`
  // As in the object; siblings with equal labels share one document, so that a
  // selector need look at it only once (Value::same_as).
  Value labels;
  std::string node;
  PodPhase phase = PodPhase::kPending;
  bool deleting = false;
  bool ready = false;
  TimePoint created{};
  TimePoint ready_since{};  // lastTransitionTime of Ready; epoch when not ready
  std::int32_t restarts = 0;
  std::int32_t deletion_cost = 0;

  bool finished() const { return phase == PodPhase::kSucceeded || phase == PodPhase::kFailed; }
  // As upstream's IsPodActive: counts against the wanted number.
  bool active() const { return !finished() && !deleting; }
  bool available(std::int64_t min_ready_seconds, TimePoint now) const {
    return ready &&
           (min_ready_seconds == 0 || (ready_since != TimePoint{} && ready_since + seconds(min_ready_seconds) <= now));
  }
};

PodView view_pod(const Object& pod);

// The metav1.Time `text` holds, or the epoch when it holds none.
TimePoint time_or_epoch(std::string_view text);

}  // namespace drydock::controllers
