// Scheduler: watches pods and nodes, asks the Cycle for a node for each pod that
// has none, and binds. kube-scheduler's program runs one of these.
//
// Pods are chosen one at a time, synchronously; bindings run beside each other.
#pragma once

#include <string>

#include "core/base/prng.h"
#include "core/client/client.h"
#include "core/client/event_recorder.h"
#include "core/client/informer.h"
#include "core/scheduler/cluster_cache.h"
#include "core/scheduler/cycle.h"
#include "core/scheduler/scheduling_queue.h"

namespace drydock::scheduler {

struct SchedulerOptions {
  std::string name = "default-scheduler";  // spec.schedulerName of the pods it serves
};

class Scheduler {
 public:
  Scheduler(EventLoop& loop, Prng prng, Client& client, SchedulerOptions options = {});
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Runs until its frame is destroyed. Leader election is the caller's.
  Task<void> run();

  const DecisionLog& decisions() const { return cycle_.decisions(); }
  const ReasonTable& reasons() const { return cycle_.reasons(); }

 private:
  void pod_changed(const Object& old, const Object& current);
  void node_changed(const Object& old, const Object& current);
  bool is_ours(const Object& pod) const;
  void wake(ClusterEvent event);
  void schedule_one(const ObjectKey& key);
  Task<void> bind(Object pod, std::string node);
  Task<void> report_failure(Object pod, CycleResult result);
  Task<void> evict(Object preemptor, Preemption preemption);

  EventLoop& loop_;
  Client& client_;
  SchedulerOptions options_;
  EventRecorder recorder_;
  Informer pods_;
  Informer nodes_;
  Informer namespaces_;
  ClusterCache cache_;
  SchedulingQueue queue_;
  Cycle cycle_;
  Event work_;
  TaskGroup tasks_;  // last: its tasks use everything above
};

}  // namespace drydock::scheduler
