#include "core/scheduler/scheduler.h"

#include "core/machinery/timestamp.h"

namespace drydock::scheduler {
namespace {

bool finished(const Object& pod) {
  const std::string_view phase = pod.status()["phase"].as_string();
  return phase == "Succeeded" || phase == "Failed";
}

Value pod_status_patch(Value condition) {
  return Value::object({{"status", Value::object({{"conditions", Value::array({std::move(condition)})}})}});
}

}  // namespace

Scheduler::Scheduler(EventLoop& loop, Prng prng, Client& client, SchedulerOptions options)
    : loop_(loop),
      client_(client),
      options_(std::move(options)),
      recorder_(loop, client, prng.split("events"), options_.name),
      pods_(loop, client, resources::kPods),
      nodes_(loop, client, resources::kNodes),
      namespaces_(loop, client, resources::kNamespaces),
      cycle_(cache_, prng.split("cycle"), [this](const std::string& ns) { return namespaces_.get({"", ns}).labels(); }),
      work_(loop),
      tasks_(loop) {
  nodes_.add_handler([this](const Object& old, const Object& current) { node_changed(old, current); });
  pods_.add_handler([this](const Object& old, const Object& current) { pod_changed(old, current); });
}

bool Scheduler::is_ours(const Object& pod) const {
  const std::string_view name = pod.spec()["schedulerName"].as_string();
  return (name.empty() ? "default-scheduler" : name) == options_.name;
}

void Scheduler::wake(ClusterEvent event) {
  queue_.wake(event, loop_.now());
  work_.notify_all();
}

void Scheduler::node_changed(const Object& old, const Object& current) {
  if (!current)
    cache_.remove_node(std::string(old.name()));
  else if (cache_.put_node(current))
    wake(kNodeChanged);
}

void Scheduler::pod_changed(const Object& old, const Object& current) {
  const Object& pod = current ? current : old;
  const bool placed = !pod.spec()["nodeName"].empty();
  if (!current || finished(pod)) {
    queue_.remove(pod.key());
    cycle_.drop_nomination(std::string(pod.uid()));
    if (!placed) return;
    cache_.remove_pod(std::string(pod.uid()));
    if (!old || !finished(old)) wake(kPodRemoved);
    return;
  }
  if (placed) {
    const bool news = !old || old.spec()["nodeName"].empty();
    cache_.put_pod(pod);
    if (news) {
      queue_.remove(pod.key());
      cycle_.drop_nomination(std::string(pod.uid()));
      wake(kPodAdded);
    }
    return;
  }
  if (!is_ours(pod) || pod.deleting() || !pod.spec()["schedulingGates"].empty()) {
    queue_.remove(pod.key());
    return;
  }
  if (cache_.is_assumed(std::string(pod.uid()))) return;
  // A changed status is this scheduler's own note; other changes may make it fit.
  const bool retry = old && (!old.spec().same_as(pod.spec()) || !old.labels().same_as(pod.labels()));
  queue_.put(pod, pod.spec()["priority"].as_int(), retry && (old.spec() != pod.spec() || old.labels() != pod.labels()),
             loop_.now());
  work_.notify_all();
}

Task<void> Scheduler::run() {
  tasks_.spawn(namespaces_.run());
  tasks_.spawn(nodes_.run());
  tasks_.spawn(pods_.run());
  co_await namespaces_.wait_synced();
  co_await nodes_.wait_synced();
  co_await pods_.wait_synced();
  while (true) {
    if (std::optional<ObjectKey> key = queue_.pop(loop_.now())) {
      schedule_one(*key);
      co_await loop_.yield();
    } else if (const TimePoint due = queue_.next_due(); due != TimePoint::max()) {
      co_await work_.wait_until(due);
    } else {
      co_await work_.wait();
    }
  }
}

void Scheduler::schedule_one(const ObjectKey& key) {
  const Object pod = pods_.get(key);
  if (!pod || pod.deleting() || !pod.spec()["nodeName"].empty()) {
    queue_.remove(key);
    return;
  }
  PodInfo info = read_pod(pod);
  CycleResult result = cycle_.schedule(info, loop_.now());
  if (!result.node.empty()) {
    cycle_.drop_nomination(info.uid);
    const std::string node = result.node;
    cache_.assume(std::move(info), node);
    tasks_.spawn(bind(pod, node));
    return;
  }
  queue_.put_back_unschedulable(key, result.waits_for | (result.preemption ? kPodRemoved : 0U), loop_.now());
  if (result.preemption) {
    cycle_.nominate(info, result.preemption->node);
    tasks_.spawn(evict(pod, *result.preemption));
  }
  tasks_.spawn(report_failure(pod, std::move(result)));
}

Task<void> Scheduler::bind(Object pod, std::string node) {
  Value target = Value::object({{"kind", "Node"}, {"name", node}});
  Value metadata = Value::object({{"name", pod.name()}, {"namespace", pod.ns()}, {"uid", pod.uid()}});
  Value binding =
      Value::object({{"apiVersion", "v1"}, {"kind", "Binding"}, {"metadata", metadata}, {"target", target}});
  Result<Object> bound =
      co_await client_.create_subresource(resources::kPods, pod.key(), "binding", std::move(binding));
  if (bound) {
    queue_.finish(pod.key());
    recorder_.event(pod, "Normal", "Scheduled", "Successfully assigned " + pod.key().str() + " to " + node);
    co_return;
  }
  cache_.forget(std::string(pod.uid()));
  if (bound.error().is_not_found()) {
    queue_.remove(pod.key());
    co_return;
  }
  queue_.put_back(pod.key(), loop_.now());
  work_.notify_all();
  recorder_.event(pod, "Warning", "FailedScheduling",
                  "binding rejected: running Bind plugin \"DefaultBinder\": " + bound.error().message);
}

Task<void> Scheduler::report_failure(Object pod, CycleResult result) {
  recorder_.event(pod, "Warning", "FailedScheduling", result.message);
  Value condition;
  for (const Value& present : pod.status()["conditions"].items()) {
    if (present["type"].as_string() == "PodScheduled") condition = present;
  }
  const std::string nominated =
      result.preemption ? result.preemption->node : std::string(pod.status()["nominatedNodeName"].as_string());
  const bool same = condition["status"].as_string() == "False" && condition["message"].as_string() == result.message;
  if (same && nominated == pod.status()["nominatedNodeName"].as_string()) co_return;
  const bool was_false = condition["status"].as_string() == "False";
  Value next = Value::object(
      {{"type", "PodScheduled"},
       {"status", "False"},
       {"reason", "Unschedulable"},
       {"message", result.message},
       {"lastProbeTime", Value()},
       {"lastTransitionTime", was_false ? condition["lastTransitionTime"] : Value(format_timestamp(loop_.now()))}});
  Value patch = pod_status_patch(std::move(next));
  if (!nominated.empty()) patch.ref("status").set("nominatedNodeName", nominated);
  // A pod that is gone or bound by now needs no condition.
  (void)co_await client_.patch(resources::kPods, pod.key(), PatchType::kStrategicMerge, std::move(patch), "status");
}

Task<void> Scheduler::evict(Object preemptor, Preemption preemption) {
  for (const Object& victim : preemption.victims) {
    Value condition = Value::object({{"type", "DisruptionTarget"},
                                     {"status", "True"},
                                     {"reason", "PreemptionByScheduler"},
                                     {"message", options_.name + ": preempting to accommodate a higher priority pod"},
                                     {"lastTransitionTime", format_timestamp(loop_.now())}});
    (void)co_await client_.patch(resources::kPods, victim.key(), PatchType::kStrategicMerge,
                                 pod_status_patch(std::move(condition)), "status");
    Result<Object> removed = co_await client_.remove(resources::kPods, victim.key());
    if (!removed) continue;
    recorder_.event(victim, "Normal", "Preempted",
                    "Preempted by pod " + std::string(preemptor.uid()) + " on node " + preemption.node);
  }
}

}  // namespace drydock::scheduler
