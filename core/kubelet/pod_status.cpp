// A pod's status, and how it reaches the API server.
#include <algorithm>

#include "core/base/strings.h"
#include "core/kubelet/kubelet.h"
#include "core/machinery/patch.h"
#include "core/machinery/pod_resources.h"
#include "core/machinery/quantity.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

Value condition(const char* type, bool holds, const Value& previous, TimePoint now, const char* reason = nullptr,
                std::string message = "") {
  Value made = Value::object({{"type", type}, {"status", holds ? "True" : "False"}, {"lastProbeTime", Value()}});
  if (reason != nullptr && !holds) {
    made.set("reason", reason);
    if (!message.empty()) made.set("message", message);
  }
  Value since = format_timestamp(now);
  for (const Value& old : previous.items()) {
    if (old["type"].as_string() == type && old["status"] == made["status"]) since = old["lastTransitionTime"];
  }
  made.set("lastTransitionTime", since);
  return made;
}

}  // namespace

Value Kubelet::container_status(Worker& worker, const Value& spec, ContainerRecord& record, bool init) {
  const std::string name = spec["name"].str();
  Value status = Value::object({{"name", name},
                                {"image", spec["image"]},
                                {"imageID", ""},
                                {"ready", false},
                                {"restartCount", record.restarts},
                                {"started", false},
                                {"lastState", Value::object()}});
  if (!record.last_state.is_null()) status.set("lastState", record.last_state);
  const auto running = record.id.empty() ? std::nullopt : runtime_.container(record.id);
  if (!running || running->state == RuntimeContainerState::kCreated) {
    std::string reason = record.waiting_reason;
    if (reason.empty()) reason = worker.pod.spec()["initContainers"].empty() ? "ContainerCreating" : "PodInitializing";
    Value waiting = Value::object({{"reason", reason}});
    if (!record.waiting_message.empty() && reason != "PodInitializing" && reason != "ContainerCreating")
      waiting.set("message", record.waiting_message);
    status.set("state", Value::object({{"waiting", waiting}}));
    return status;
  }
  status.set("image",
             running->image_ref.substr(0, running->image_ref.find('@')) +
                 running->image.substr(std::min(
                     running->image.rfind(':') == std::string::npos ? running->image.size() : running->image.rfind(':'),
                     running->image.size())));
  status.set("imageID", running->image_ref);
  status.set("containerID", "containerd://" + running->id);
  if (running->state == RuntimeContainerState::kRunning) {
    status.set("state",
               Value::object({{"running", Value::object({{"startedAt", format_timestamp(running->started)}})}}));
    status.set("ready", init ? Value(false) : Value(record.ready));
    status.set("started", record.started);
    if (init && spec["restartPolicy"].as_string() == "Always") status.set("ready", record.ready);
    return status;
  }
  Value ended = Value::object({{"exitCode", running->exit_code},
                               {"reason", running->reason},
                               {"containerID", "containerd://" + running->id},
                               {"startedAt", format_timestamp(running->started)},
                               {"finishedAt", format_timestamp(running->finished)}});
  if (!running->message.empty()) ended.set("message", running->message);
  if (record.waiting_reason == "CrashLoopBackOff" && record.retry_at > loop_.now()) {
    status.set("lastState", Value::object({{"terminated", ended}}));
    status.set("state", Value::object({{"waiting", Value::object({{"reason", record.waiting_reason},
                                                                  {"message", record.waiting_message}})}}));
  } else {
    status.set("state", Value::object({{"terminated", ended}}));
    if (init && running->exit_code == 0) status.set("ready", true);
  }
  return status;
}

Value Kubelet::pod_status(Worker& worker) {
  const Value& spec = worker.pod.spec();
  const TimePoint now = loop_.now();
  Value inits = Value::array();
  Value mains = Value::array();
  for (const Value& container : spec["initContainers"].items())
    inits.push_back(container_status(worker, container, worker.containers[container["name"].str()], true));
  bool all_ready = true;
  int running = 0;
  int succeeded = 0;
  int failed = 0;
  int waiting = 0;
  std::vector<std::string> unready;
  for (const Value& container : spec["containers"].items()) {
    Value status = container_status(worker, container, worker.containers[container["name"].str()], false);
    if (!status["ready"].as_bool()) {
      all_ready = false;
      unready.push_back(container["name"].str());
    }
    const Value& state = status["state"];
    if (state.has("running"))
      ++running;
    else if (state.has("terminated"))
      state["terminated"]["exitCode"].as_int() == 0 ? ++succeeded : ++failed;
    else
      ++(status["lastState"].has("terminated") ? running : waiting);
    mains.push_back(std::move(status));
  }
  const std::string policy = spec["restartPolicy"].str();
  std::string phase = "Pending";
  const bool init_failed =
      policy == "Never" && std::any_of(inits.items().begin(), inits.items().end(), [](const Value& status) {
        return status["state"]["terminated"].is_object() && status["state"]["terminated"]["exitCode"].as_int() != 0;
      });
  if (init_failed)
    phase = "Failed";
  else if (!worker.initialized && !spec["initContainers"].empty())
    phase = "Pending";
  else if (waiting > 0)
    phase = "Pending";
  else if (running > 0)
    phase = "Running";
  else if (policy == "Always")
    phase = "Running";
  else if (failed == 0)
    phase = "Succeeded";
  else
    phase = policy == "OnFailure" ? "Running" : "Failed";
  const Value& previous = worker.pod.status()["conditions"].is_array() && worker.last_status.is_null()
                              ? worker.pod.status()["conditions"]
                              : worker.last_status["conditions"];
  const bool initialized = worker.initialized || spec["initContainers"].empty();
  const std::string which = "containers with unready status: [" + join(unready, " ") + "]";
  const bool over = phase == "Succeeded";
  Value conditions = Value::array();
  conditions.push_back(condition("PodReadyToStartContainers",
                                 !worker.sandbox.empty() && phase != "Succeeded" && phase != "Failed", previous, now));
  conditions.push_back(condition("Initialized", initialized, previous, now, "ContainersNotInitialized",
                                 "containers with incomplete status"));
  conditions.push_back(condition("Ready", all_ready && initialized, previous, now,
                                 over ? "PodCompleted" : "ContainersNotReady", over ? "" : which));
  conditions.push_back(condition("ContainersReady", all_ready && initialized, previous, now,
                                 over ? "PodCompleted" : "ContainersNotReady", over ? "" : which));
  conditions.push_back(condition("PodScheduled", true, previous, now));
  // Conditions of others stay.
  for (const Value& old : worker.pod.status()["conditions"].items()) {
    const bool ours = std::any_of(conditions.items().begin(), conditions.items().end(),
                                  [&](const Value& mine) { return mine["type"] == old["type"]; });
    if (!ours) conditions.push_back(old);
  }
  Value status = Value::object({{"phase", phase},
                                {"conditions", conditions},
                                {"containerStatuses", mains},
                                {"qosClass", qos_class(spec)},
                                {"startTime", format_timestamp(worker.started)},
                                {"hostIP", node_.address()},
                                {"hostIPs", Value::array({Value::object({{"ip", node_.address()}})})}});
  if (!inits.empty()) status.set("initContainerStatuses", inits);
  if (!worker.address.empty()) {
    status.set("podIP", worker.address);
    status.set("podIPs", Value::array({Value::object({{"ip", worker.address}})}));
  }
  return status;
}

Task<void> Kubelet::send_status(Worker& worker) {
  worker.status = pod_status(worker);
  share_equal_parts(worker.status, worker.last_status);
  if (client_ == nullptr) co_return;
  ObjectKey key = worker.pod.key();
  if (worker.is_static && !mirrors_.contains(key.str())) co_return;
  if (worker.status == worker.last_status) co_return;
  Value patch = Value::object({{"status", worker.status}});
  if (!worker.is_static) patch.set("metadata", Value::object({{"uid", worker.pod.uid()}}));
  const Value sent = worker.status;
  const Result<Object> written =
      co_await client_->patch(resources::kPods, std::move(key), PatchType::kMerge, std::move(patch), "status");
  if (written)
    worker.last_status = sent;
  else if (!written.error().is_not_found() && !worker.stopping)
    poke(worker, loop_.now() + seconds(2));
}

// The API server's picture of a static pod.
Task<void> Kubelet::mirror(Worker& worker) {
  if (client_ == nullptr || pods_ == nullptr || !pods_->synced()) {
    poke(worker, loop_.now() + seconds(1));
    co_return;
  }
  const ObjectKey key = worker.pod.key();
  if (mirrors_.contains(key.str())) co_return;
  Object picture = worker.pod;
  Value& document = picture.mutable_doc();
  const Result<Object> node = co_await client_->get(resources::kNodes, {"", options_.node_name});
  if (!node) {
    poke(worker, loop_.now() + seconds(1));
    co_return;
  }
  Value& metadata = document.ref("metadata");
  metadata.ref("annotations").set("kubernetes.io/config.mirror", worker.pod.uid());
  metadata.set("ownerReferences", Value::array({Value::object({{"apiVersion", "v1"},
                                                               {"controller", true},
                                                               {"kind", "Node"},
                                                               {"name", options_.node_name},
                                                               {"uid", node->uid()}})}));
  metadata.erase("uid");
  document.erase("status");
  document.set("kind", "Pod");
  document.set("apiVersion", "v1");
  const Result<Object> created = co_await client_->create(resources::kPods, std::move(picture));
  if (created) {
    mirrors_[key.str()] = std::string(created->uid());
    worker.last_status = Value();
  } else {
    poke(worker, loop_.now() + seconds(2));
  }
}

}  // namespace drydock
