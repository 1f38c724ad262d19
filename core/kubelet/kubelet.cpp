#include "core/kubelet/kubelet.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/defaults.h"
#include "core/machinery/json.h"
#include "core/machinery/quantity.h"
#include "core/machinery/timestamp.h"
#include "core/machinery/yaml.h"

namespace drydock {
namespace {

constexpr Duration kFirstBackoff = seconds(10);
constexpr Duration kLongestBackoff = std::chrono::minutes(5);
constexpr Duration kStaticPodInterval = seconds(1);
const TimePoint kNever = TimePoint::max();

Duration backoff(int step) {
  Duration delay = kFirstBackoff;
  for (int i = 0; i < step && delay < kLongestBackoff; ++i) delay *= 2;
  return std::min(delay, kLongestBackoff);
}

// "True", "False", or "" when nothing is told.
std::string_view ready_condition(const Value& status) {
  for (const Value& condition : status["conditions"].items()) {
    if (condition["type"].as_string() == "Ready") return condition["status"].as_string();
  }
  return "";
}

std::string pull_error_reason(const std::string& message) {
  return contains(message, "invalid reference format") ? "InvalidImageName" : "ErrImagePull";
}

}  // namespace

Kubelet::Kubelet(EventLoop& loop, Prng prng, ContainerRuntime& runtime, NodeAccess& node, KubeletOptions options)
    : loop_(loop),
      prng_(prng),
      runtime_(runtime),
      node_(node),
      options_(std::move(options)),
      node_changed_(loop),
      tasks_(loop) {
  runtime_.on_change([this](const PodIdentity& pod) {
    const auto at = workers_.find(pod.uid);
    if (at != workers_.end()) poke(*at->second, loop_.now());
  });
}

Kubelet::~Kubelet() {
  runtime_.on_change(nullptr);
  tasks_.cancel_all();
  for (auto& [uid, worker] : workers_) loop_.cancel(worker->timer);
}

void Kubelet::connect(Client& client) {
  client_ = &client;
  recorder_ = std::make_unique<EventRecorder>(loop_, client, prng_.split("events"), "kubelet", options_.node_name);
}

void Kubelet::event(const Worker& worker, const std::string& container, const char* type, const char* reason,
                    std::string message) {
  if (recorder_ == nullptr) return;
  Object about = worker.pod;
  about.mutable_doc().set("kind", "Pod");
  about.mutable_doc().set("apiVersion", "v1");
  recorder_->event(about, container.empty() ? "" : "spec.containers{" + container + "}", type, reason,
                   std::move(message));
}

Task<void> Kubelet::run() {
  tasks_.spawn(watch_static_pods());
  if (client_ != nullptr) {
    tasks_.spawn(register_node());
    tasks_.spawn(keep_lease());
    tasks_.spawn(follow_api());
  }
  for (;;) co_await loop_.sleep(std::chrono::hours(1));
}

// --- where pods come from ---

Task<void> Kubelet::watch_static_pods() {
  for (;;) {
    std::map<std::string, std::string> found;
    for (const std::string& name : node_.list_directory(options_.static_pod_path)) {
      if (name.starts_with(".")) continue;
      auto text = node_.read_file(options_.static_pod_path + "/" + name);
      if (text) found[name] = *std::move(text);
    }
    for (const auto& [name, content] : std::map<std::string, std::string>(static_files_)) {
      if (found.contains(name) && found[name] == content) continue;
      drop_pod(static_uids_[name]);
      static_files_.erase(name);
      static_uids_.erase(name);
    }
    for (const auto& [name, content] : found) {
      if (static_files_.contains(name)) continue;
      static_files_[name] = content;
      auto document = parse_yaml(content);
      if (!document || (*document)["kind"].as_string() != "Pod") continue;
      Value pod = *std::move(document);
      // The uid of a static pod is the hash of its manifest and node.
      const std::string uid = hex_encode(sha256(options_.node_name + content)).substr(0, 32);
      Value& metadata = pod.ref("metadata");
      metadata.set("name", metadata["name"].str() + "-" + options_.node_name);
      if (metadata["namespace"].empty()) metadata.set("namespace", "default");
      metadata.set("uid", uid);
      Value& annotations = metadata.ref("annotations");
      annotations.set("kubernetes.io/config.hash", uid);
      annotations.set("kubernetes.io/config.source", "file");
      annotations.set("kubernetes.io/config.seen", format_timestamp(loop_.now()));
      pod.ref("spec", "nodeName") = options_.node_name;
      apply_defaults(pod);
      Value tolerations = Value::array({Value::object({{"effect", "NoExecute"}, {"operator", "Exists"}})});
      pod.ref("spec", "tolerations") = tolerations;
      static_uids_[name] = uid;
      want_pod(Object(std::move(pod)), true);
    }
    co_await loop_.sleep(kStaticPodInterval);
  }
}

Task<void> Kubelet::follow_api() {
  ListOptions filter;
  filter.field_selector = "spec.nodeName=" + options_.node_name;
  pods_ = std::make_unique<Informer>(loop_, *client_, resources::kPods, "", filter);
  pods_->add_handler([this](const Object& old, const Object& current) {
    const Object& pod = current ? current : old;
    if (pod.annotations().has("kubernetes.io/config.mirror")) {
      // Our own picture of a static pod; when somebody deletes it, it comes back.
      const std::string uid = std::string(pod.annotation("kubernetes.io/config.mirror"));
      const auto at = workers_.find(uid);
      if (current && !current.deleting())
        mirrors_[pod.key().str()] = std::string(pod.uid());
      else
        mirrors_.erase(pod.key().str());
      if (at != workers_.end()) {
        at->second->last_status = Value();
        poke(*at->second, loop_.now());
      }
      // One of no pod of ours, or one that is being deleted: nothing else would end it.
      if (current && (at == workers_.end() || current.deleting())) {
        DeleteOptions now;
        now.grace_period_seconds = 0;
        now.precondition_uid = std::string(pod.uid());
        tasks_.spawn(remove_from_api(pod.key(), now));
      }
      return;
    }
    if (current)
      want_pod(current, false);
    else
      drop_pod(std::string(old.uid()));
  });
  tasks_.spawn(remove_orphans());
  co_await pods_->run();
}

void Kubelet::want_pod(const Object& pod, bool is_static) {
  const std::string uid(pod.uid());
  auto at = workers_.find(uid);
  if (at == workers_.end()) {
    const std::string_view phase = pod.status()["phase"].as_string();
    auto worker = std::make_unique<Worker>(loop_);
    worker->pod = pod;
    worker->is_static = is_static;
    worker->started = loop_.now();
    worker->finished = (phase == "Succeeded" || phase == "Failed") && !is_static;
    adopt(*worker);
    // Over, and nothing is left of it here.
    if (worker->finished && worker->sandbox.empty() && !pod.deleting()) return;
    if (worker->finished) worker->last_status = pod.status();
    at = workers_.emplace(uid, std::move(worker)).first;
    tasks_.spawn(work(uid));
  }
  Worker& worker = *at->second;
  const bool relabelled = worker.pod.labels() != pod.labels() || worker.pod.annotations() != pod.annotations();
  if (worker.volumes_ready && relabelled && has_downward_volume(pod.spec())) worker.volumes_due = loop_.now();
  worker.pod = pod;
  // Somebody else wrote another state (the node controller, while we were away): ours holds.
  if (!is_static && ready_condition(pod.status()) != ready_condition(worker.last_status)) worker.last_status = Value();
  if (pod.deleting()) worker.stopping = true;
  worker.wanted_again = is_static && worker.stopping;
  poke(worker, loop_.now());
}

void Kubelet::drop_pod(const std::string& uid) {
  const auto at = workers_.find(uid);
  if (at == workers_.end()) return;
  at->second->stopping = true;
  at->second->wanted_again = false;
  poke(*at->second, loop_.now());
}

// Wakes the worker at the earliest moment that was asked for.
void Kubelet::poke(Worker& worker, TimePoint when) {
  if (when > loop_.now() && when >= worker.due) return;
  loop_.cancel(worker.timer);
  worker.timer = {};
  worker.due = kNever;
  if (when <= loop_.now()) {
    worker.dirty = true;
    worker.wake.notify_all();
  } else if (when != kNever) {
    Worker* target = &worker;
    worker.due = when;
    worker.timer = loop_.call_at(when, [target] {
      target->timer = {};
      target->due = kNever;
      target->dirty = true;
      target->wake.notify_all();
    });
  }
}

// Waits as long as the pod lives: what it calls is not inlined, or the frames of those
// tasks would be a part of this one's.
Task<void> Kubelet::work(std::string uid) {
  Worker& worker = *workers_.at(uid);
  for (;;) {
    while (!worker.dirty) (void)co_await worker.wake.wait();
    worker.dirty = false;
    if (worker.stopping) {
      co_await stop_pod(worker);
      break;
    }
    co_await sync_pod(worker);
  }
  loop_.cancel(worker.timer);
  // The manifest of a static pod came back while the pod was on its way out.
  const bool again = worker.wanted_again;
  const Object pod = worker.pod;
  forget_sources(uid);
  workers_.erase(uid);
  if (again) want_pod(pod, true);
}

// --- one pod ---

Task<bool> Kubelet::ensure_sandbox(Worker& worker, TimePoint& next) {
  if (!worker.sandbox.empty()) {
    if (sandbox_ready(worker)) co_return true;
    // Somebody took it away (crictl stopp): its containers went with it.
    event(worker, "", "Normal", "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
    (void)co_await runtime_.remove_sandbox(worker.sandbox);
    worker.sandbox.clear();
    for (auto& [name, record] : worker.containers) {
      if (!record.id.empty()) ++record.restarts;
      record.id.clear();
      record.ready = record.started = record.killing = false;
      record.probes.clear();
    }
  }
  if (loop_.now() < worker.sandbox_retry_at) {
    next = std::min(next, worker.sandbox_retry_at);
    co_return false;
  }
  const Value& spec = worker.pod.spec();
  SandboxConfig config;
  config.pod = {std::string(worker.pod.ns()), std::string(worker.pod.name()), std::string(worker.pod.uid())};
  config.host_network = spec["hostNetwork"].as_bool();
  config.host_pid = spec["hostPID"].as_bool();
  config.share_process_namespace = spec["shareProcessNamespace"].as_bool();
  config.hostname = spec["hostname"].empty() ? std::string(worker.pod.name()).substr(0, 63) : spec["hostname"].str();
  const std::string policy = spec["dnsPolicy"].str();
  if (policy == "ClusterFirst" && !config.host_network && !options_.cluster_dns.empty()) {
    const std::string domain = options_.cluster_domain;
    config.resolv_conf = "search " + config.pod.ns + ".svc." + domain + " svc." + domain + " " + domain +
                         "\nnameserver " + join(options_.cluster_dns, "\nnameserver ") + "\noptions ndots:5\n";
  } else if (policy == "ClusterFirstWithHostNet" && !options_.cluster_dns.empty()) {
    config.resolv_conf = "search " + config.pod.ns + ".svc." + options_.cluster_domain + "\nnameserver " +
                         options_.cluster_dns[0] + "\noptions ndots:5\n";
  }
  for (const Value& alias : spec["hostAliases"].items()) {
    std::vector<std::string> names;
    for (const Value& name : alias["hostnames"].items()) names.push_back(name.str());
    config.hosts_file += "\n# Entries added by HostAliases.\n" + alias["ip"].str() + "\t" + join(names, "\t") + "\n";
  }
  for (const Value& container : spec["containers"].items()) {
    for (const Value& port : container["ports"].items()) {
      if (port["hostPort"].as_int() > 0 && !config.host_network) {
        config.ports.push_back({static_cast<std::uint16_t>(port["hostPort"].as_int()),
                                static_cast<std::uint16_t>(port["containerPort"].as_int()),
                                to_lower(port["protocol"].as_string())});
      }
    }
  }
  if (!config.host_network) {
    const std::string reason = runtime_.network_not_ready();
    if (!reason.empty()) {
      event(worker, "", "Warning", "NetworkNotReady",
            "network is not ready: container runtime network not ready: NetworkReady=false "
            "reason:NetworkPluginNotReady message:Network plugin returns error: " +
                reason);
      worker.sandbox_retry_at = loop_.now() + seconds(2);
      next = std::min(next, worker.sandbox_retry_at);
      co_return false;
    }
  }
  Result<std::string> sandbox = co_await runtime_.run_sandbox(std::move(config));
  if (!sandbox) {
    event(worker, "", "Warning", "FailedCreatePodSandBox",
          "Failed to create pod sandbox: rpc error: code = Unknown desc = " + sandbox.error().message);
    worker.sandbox_retry_at = loop_.now() + seconds(10);
    next = std::min(next, worker.sandbox_retry_at);
    co_return false;
  }
  worker.sandbox = *sandbox;
  if (const std::optional<SandboxStatus> made = runtime_.sandbox(worker.sandbox))
    worker.address = made->address.empty() ? node_.address() : made->address;
  co_return true;
}

[[gnu::noinline]] Task<void> Kubelet::sync_pod(Worker& worker) {
  TimePoint next = kNever;
  if (worker.is_static) co_await mirror(worker);
  if (worker.finished) {
    if (sandbox_ready(worker)) (void)co_await runtime_.stop_sandbox(worker.sandbox);
    if (!worker.status.is_null()) co_await send_status(worker);
    co_return;
  }
  const Value spec = worker.pod.spec();
  if (!worker.volumes_ready) {
    Result<void> volumes = co_await prepare_volumes(worker, false);
    if (!volumes) {
      if (worker.volume_error != volumes.error().message)
        event(worker, "", "Warning", "FailedMount", volumes.error().message);
      worker.volume_error = volumes.error().message;
      poke(worker, loop_.now() + seconds(2));
      co_await send_status(worker);
      co_return;
    }
    worker.volumes_ready = true;
    watch_sources(worker);
  } else if (worker.volumes_due <= loop_.now()) {
    worker.volumes_due = kNever;
    (void)co_await prepare_volumes(worker, true);
  }
  next = std::min(next, worker.volumes_due);
  if (co_await ensure_sandbox(worker, next)) {
    bool go_on = true;
    for (const Value& container : spec["initContainers"].items()) {
      if (!go_on) break;
      const bool sidecar = container["restartPolicy"].as_string() == "Always";
      const bool done = co_await sync_container(worker, container, !sidecar, next);
      go_on = sidecar ? worker.containers[container["name"].str()].started : done;
    }
    worker.initialized = go_on;
    if (go_on) {
      for (const Value& container : spec["containers"].items())
        (void)co_await sync_container(worker, container, false, next);
    }
  }
  co_await send_status(worker);
  const std::string phase = worker.status["phase"].str();
  if (phase == "Succeeded" || phase == "Failed") {
    worker.finished = true;
    forget_sources(std::string(worker.pod.uid()));
    (void)co_await runtime_.stop_sandbox(worker.sandbox);
  }
  if (!worker.dirty && next != kNever) poke(worker, next);
}

Task<bool> Kubelet::ensure_image(Worker& worker, const Value& spec, ContainerRecord& record, TimePoint& next) {
  const std::string name = spec["name"].str();
  const std::string image = spec["image"].str();
  const std::string policy = spec["imagePullPolicy"].str();
  const bool present = runtime_.image(image).has_value();
  if (present && (policy != "Always" || record.image_ready)) {
    if (!record.image_ready)
      event(worker, name, "Normal", "Pulled", "Container image \"" + image + "\" already present on machine");
    record.image_ready = true;
    co_return true;
  }
  if (policy == "Never") {
    record.waiting_reason = "ErrImageNeverPull";
    record.waiting_message = "Container image \"" + image + "\" is not present with pull policy of Never";
    event(worker, name, "Warning", "ErrImageNeverPull", record.waiting_message);
    next = std::min(next, loop_.now() + seconds(10));
    co_return false;
  }
  if (loop_.now() < record.image_retry_at) {
    if (record.waiting_reason != "ImagePullBackOff") {
      record.waiting_reason = "ImagePullBackOff";
      record.waiting_message = "Back-off pulling image \"" + image + "\": ErrImagePull: " + record.image_error;
      event(worker, name, "Normal", "BackOff", "Back-off pulling image \"" + image + "\"");
      event(worker, name, "Warning", "Failed", "Error: ImagePullBackOff");
    }
    next = std::min(next, record.image_retry_at);
    co_return false;
  }
  event(worker, name, "Normal", "Pulling", "Pulling image \"" + image + "\"");
  record.waiting_reason.clear();
  const TimePoint begun = loop_.now();
  co_await send_status(worker);
  Result<ImageStatus> pulled = co_await runtime_.pull_image(image);
  if (!pulled) {
    record.image_error = pulled.error().message;
    record.waiting_reason = pull_error_reason(record.image_error);
    record.waiting_message = record.image_error;
    record.image_retry_at = loop_.now() + backoff(record.image_failures++);
    event(worker, name, "Warning", "Failed", "Failed to pull image \"" + image + "\": " + record.image_error);
    event(worker, name, "Warning", "Failed", "Error: " + record.waiting_reason);
    co_await send_status(worker);
    next = std::min(next, loop_.now() + seconds(2));
    co_return false;
  }
  const Duration took = std::chrono::duration_cast<milliseconds>(loop_.now() - begun);
  event(worker, name, "Normal", "Pulled",
        "Successfully pulled image \"" + image + "\" in " + format_go_duration(took) + " (" + format_go_duration(took) +
            " including waiting). Image size: " + std::to_string(pulled->size_bytes) + " bytes.");
  record.image_ready = true;
  record.image_failures = 0;
  co_return true;
}

// True when an init container has done its work. For others the result means nothing.
Task<bool> Kubelet::sync_container(Worker& worker, const Value& spec, bool init, TimePoint& next) {
  const std::string name = spec["name"].str();
  ContainerRecord& record = worker.containers[name];
  const std::optional<ContainerStatus> status = record.id.empty() ? std::nullopt : runtime_.container(record.id);
  if (status && status->state == RuntimeContainerState::kRunning) {
    if (!init) schedule_probes(worker, spec, record, next);
    co_return false;
  }
  if (status && status->state == RuntimeContainerState::kExited) {
    record.ready = false;
    record.started = false;
    record.probes.clear();
    record.killing = false;
    if (init && status->exit_code == 0) co_return true;
    const std::string policy =
        spec["restartPolicy"].as_string() == "Always" ? "Always" : worker.pod.spec()["restartPolicy"].str();
    const bool again =
        policy == "Always" || (policy == "OnFailure" && status->exit_code != 0) || (init && policy != "Never");
    if (!again) co_return false;
    // A container that ran for ten minutes starts afresh.
    if (status->finished - status->started >= std::chrono::minutes(10)) record.backoff_step = 0;
    if (record.retry_at == TimePoint{}) {
      record.retry_at =
          status->finished + (record.restarts == 0 ? Duration(milliseconds(500)) : backoff(record.backoff_step));
      if (record.restarts > 0) ++record.backoff_step;
    }
    if (loop_.now() < record.retry_at) {
      if (record.restarts > 0) {
        const Duration delay = backoff(std::max(0, record.backoff_step - 1));
        if (record.waiting_reason != "CrashLoopBackOff") {
          event(worker, name, "Warning", "BackOff",
                "Back-off restarting failed container " + name + " in pod " + std::string(worker.pod.name()) + "_" +
                    std::string(worker.pod.ns()) + "(" + std::string(worker.pod.uid()) + ")");
        }
        record.waiting_reason = "CrashLoopBackOff";
        record.waiting_message = "back-off " + format_go_duration(delay) + " restarting failed container=" + name +
                                 " pod=" + std::string(worker.pod.name()) + "_" + std::string(worker.pod.ns()) + "(" +
                                 std::string(worker.pod.uid()) + ")";
      }
      next = std::min(next, record.retry_at);
      co_return false;
    }
    record.retry_at = TimePoint{};
    ++record.restarts;
    Value ended = Value::object({{"exitCode", status->exit_code},
                                 {"reason", status->reason},
                                 {"startedAt", format_timestamp(status->started)},
                                 {"finishedAt", format_timestamp(status->finished)},
                                 {"containerID", "containerd://" + status->id}});
    if (!status->message.empty()) ended.set("message", status->message);
    record.last_state = Value::object({{"terminated", ended}});
    (void)co_await runtime_.remove_container(record.id);
    record.id.clear();
    record.image_ready = spec["imagePullPolicy"].as_string() != "Always";
  }
  if (!co_await ensure_image(worker, spec, record, next)) co_return false;
  Result<ContainerConfig> config = co_await container_config(worker, spec, record);
  if (!config) {
    record.waiting_reason = "CreateContainerConfigError";
    record.waiting_message = config.error().message;
    event(worker, name, "Warning", "Failed", "Error: " + config.error().message);
    next = std::min(next, loop_.now() + seconds(5));
    co_return false;
  }
  Result<std::string> created = co_await runtime_.create_container(worker.sandbox, *std::move(config));
  if (!created) {
    record.waiting_reason = "CreateContainerError";
    record.waiting_message = created.error().message;
    event(worker, name, "Warning", "Failed", "Error: " + created.error().message);
    next = std::min(next, loop_.now() + seconds(5));
    co_return false;
  }
  record.id = *created;
  event(worker, name, "Normal", "Created", "Container created");
  Result<void> started = co_await runtime_.start_container(record.id);
  if (!started) {
    event(worker, name, "Warning", "Failed", "Error: " + started.error().message);
    next = std::min(next, loop_.now() + seconds(1));
    co_return false;
  }
  event(worker, name, "Normal", "Started", "Container started");
  record.waiting_reason.clear();
  record.waiting_message.clear();
  record.started = spec["startupProbe"].is_null();
  record.ready = record.started && spec["readinessProbe"].is_null();
  const Value& hook = spec["lifecycle"]["postStart"]["exec"]["command"];
  if (!hook.empty()) {
    std::vector<std::string> command;
    for (const Value& word : hook.items()) command.push_back(word.str());
    const std::string id = record.id;
    const auto result = co_await runtime_.exec_sync(id, std::move(command), std::chrono::minutes(10));
    if (!result || result->exit_code != 0)
      event(worker, name, "Warning", "FailedPostStartHook", "PostStartHook failed");
  }
  if (!init) schedule_probes(worker, spec, record, next);
  co_return false;
}

Task<void> Kubelet::kill_container(Worker& worker, const Value& spec, ContainerRecord& record, std::string why) {
  if (record.killing || record.id.empty()) co_return;
  record.killing = true;
  const std::string name = spec["name"].str();
  event(worker, name, "Normal", "Killing", std::move(why));
  std::int64_t grace = worker.pod.spec()["terminationGracePeriodSeconds"].as_int(30);
  if (worker.pod.metadata().has("deletionGracePeriodSeconds"))
    grace = worker.pod.metadata()["deletionGracePeriodSeconds"].as_int();
  const Value& hook = spec["lifecycle"]["preStop"]["exec"]["command"];
  const TimePoint begun = loop_.now();
  const std::string id = record.id;
  if (!hook.empty() && grace > 0) {
    std::vector<std::string> command;
    for (const Value& word : hook.items()) command.push_back(word.str());
    (void)co_await runtime_.exec_sync(id, std::move(command), seconds(grace));
  }
  const Duration left = seconds(grace) - (loop_.now() - begun);
  (void)co_await runtime_.stop_container(id, std::max(left, grace > 0 ? Duration(seconds(2)) : Duration(0)));
}

// Until the API server has heard it, however long it is away.
Task<void> Kubelet::remove_from_api(ObjectKey key, DeleteOptions options) {
  for (Duration pause = seconds(1);; pause = std::min<Duration>(pause * 2, seconds(10))) {
    const Result<Object> gone = co_await client_->remove(resources::kPods, key, options);
    if (gone || gone.error().is_not_found() || gone.error().is_conflict()) co_return;
    co_await loop_.sleep(pause);
  }
}

[[gnu::noinline]] Task<void> Kubelet::stop_pod(Worker& worker) {
  const Value spec = worker.pod.spec();
  TaskGroup killing(loop_);
  std::size_t left = 0;
  Event done(loop_);
  for (const char* list : {"containers", "initContainers"}) {
    for (const Value& container : spec[list].items()) {
      const auto record = worker.containers.find(container["name"].str());
      if (record == worker.containers.end() || record->second.id.empty()) continue;
      const auto status = runtime_.container(record->second.id);
      if (!status || status->state != RuntimeContainerState::kRunning) continue;
      ++left;
      killing.spawn([](Kubelet& self, Worker& target, Value container_spec, ContainerRecord& entry, std::size_t& count,
                       Event& finished) -> Task<void> {
        co_await self.kill_container(target, container_spec, entry,
                                     "Stopping container " + container_spec["name"].str());
        --count;
        finished.notify_all();
      }(*this, worker, container, record->second, left, done));
    }
  }
  while (left > 0) (void)co_await done.wait();
  for (auto& [name, record] : worker.containers) {
    record.ready = false;
    record.started = false;
  }
  if (!worker.sandbox.empty()) (void)co_await runtime_.stop_sandbox(worker.sandbox);
  co_await loop_.sleep(milliseconds(50));
  if (!worker.finished || !worker.status.is_null()) co_await send_status(worker);
  if (!worker.sandbox.empty()) (void)co_await runtime_.remove_sandbox(worker.sandbox);
  node_.remove_tree(options_.root_directory + "/pods/" + std::string(worker.pod.uid()));
  if (client_ == nullptr) co_return;
  DeleteOptions now;
  now.grace_period_seconds = 0;
  if (worker.is_static) {
    const auto mirrored = mirrors_.find(worker.pod.key().str());
    if (mirrored != mirrors_.end()) {
      now.precondition_uid = mirrored->second;
      tasks_.spawn(remove_from_api(worker.pod.key(), now));
    }
  } else if (worker.pod.deleting()) {
    now.precondition_uid = std::string(worker.pod.uid());
    co_await remove_from_api(worker.pod.key(), now);
  }
}

}  // namespace drydock
