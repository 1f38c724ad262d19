// Decision: why the scheduler put a pod where it did, or nowhere. Kept for the
// view and for `drydock why POD`.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/machinery/object.h"
#include "core/scheduler/verdict.h"

namespace drydock::scheduler {

struct PluginScore {
  std::string_view plugin;
  std::int64_t weighted = 0;
};
struct NodeVerdict {
  std::string node;
  std::string_view plugin;  // the filter that refused, "" when none did
  Verdict verdict;
  std::int64_t total_score = 0;
  std::vector<PluginScore> scores;
};
struct Decision {
  ObjectKey pod;
  TimePoint time{};
  std::string node;     // "" when none was found
  std::string message;  // the FailedScheduling text, "" when placed
  std::size_t nodes_total = 0;
  std::vector<NodeVerdict> nodes;  // at most kNodesMax, refused and scored ones
};

// The newest decisions, oldest first.
class DecisionLog {
 public:
  static constexpr std::size_t kDecisionsMax = 512;
  static constexpr std::size_t kNodesMax = 32;

  void add(Decision decision) {
    decisions_.push_back(std::move(decision));
    if (decisions_.size() > kDecisionsMax) decisions_.pop_front();
  }
  const std::deque<Decision>& decisions() const { return decisions_; }
  // The newest about `pod`, or nullptr.
  const Decision* find(const ObjectKey& pod) const {
    for (auto it = decisions_.rbegin(); it != decisions_.rend(); ++it) {
      if (it->pod == pod) return &*it;
    }
    return nullptr;
  }

 private:
  std::deque<Decision> decisions_;
};

}  // namespace drydock::scheduler
