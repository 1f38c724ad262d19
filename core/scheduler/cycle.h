// Cycle: one pod, one answer. Filters a sample of the nodes, scores those that
// fit and picks the best; or explains why none fits and whom to evict.
// Synchronous and deterministic: the only chance is the tie-break, from `prng`.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/prng.h"
#include "core/scheduler/cluster_cache.h"
#include "core/scheduler/decision.h"
#include "core/scheduler/plugin.h"
#include "core/scheduler/plugins/inter_pod_affinity.h"

namespace drydock::scheduler {

struct Preemption {
  std::string node;
  std::vector<Object> victims;
};

struct CycleResult {
  std::string node;                      // "" when no node fits
  std::string message;                   // why not: the text of FailedScheduling
  std::uint32_t waits_for = 0;           // ClusterEvents that may help
  std::optional<Preemption> preemption;  // room to be made
};

class Cycle {
 public:
  Cycle(ClusterCache& cache, Prng prng, NamespaceLabels namespace_labels);

  CycleResult schedule(const PodInfo& pod, TimePoint now);
  const DecisionLog& decisions() const { return decisions_; }
  const ReasonTable& reasons() const { return reasons_; }

  // Pods that preempted others and wait for the room: it is not given away to
  // pods of lower priority.
  void nominate(const PodInfo& pod, const std::string& node);
  void drop_nomination(const std::string& uid) { nominations_.erase(uid); }

 private:
  struct Refusal {
    const NodeInfo* node;
    const FilterPlugin* plugin;
    Verdict verdict;
  };
  struct Nomination {
    std::string node;
    std::int64_t priority = 0;
    Resources requests;
  };
  std::vector<FilterPlugin*> prepare_filters(const PodInfo& pod);
  std::optional<Refusal> refuse(const std::vector<FilterPlugin*>& active, const PodInfo& pod,
                                const NodeInfo& node) const;
  bool reserved_for_nominated(const PodInfo& pod, const NodeInfo& node) const;
  const NodeInfo* pick(const PodInfo& pod, const std::vector<const NodeInfo*>& feasible, Decision& decision);
  std::string explain(const std::vector<Refusal>& refusals) const;

  // preemption.cpp
  std::optional<Preemption> preempt(const PodInfo& pod, const std::vector<Refusal>& refusals, std::string& message);
  std::optional<std::vector<const PodInfo*>> victims_on(const PodInfo& pod, const NodeInfo& node);

  ClusterCache& cache_;
  Prng prng_;
  ReasonTable reasons_;
  std::vector<std::unique_ptr<FilterPlugin>> filters_;
  std::vector<std::unique_ptr<ScorePlugin>> scores_;
  std::map<std::string, Nomination> nominations_;  // by pod uid
  std::size_t next_start_ = 0;
  DecisionLog decisions_;
};

}  // namespace drydock::scheduler
