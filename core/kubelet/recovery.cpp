// What a kubelet finds when it starts: pods of its predecessor go on where they
// were, and what no pod wants any more is cleaned up.
#include <set>

#include "core/kubelet/kubelet.h"
#include "core/machinery/timestamp.h"

namespace drydock {

// The runtime remembers sandboxes and containers; the API server the rest.
void Kubelet::adopt(Worker& worker) {
  const std::string uid(worker.pod.uid());
  for (const SandboxStatus& sandbox : runtime_.sandboxes()) {
    if (sandbox.pod.uid != uid || (!sandbox.ready && !worker.finished)) continue;
    worker.sandbox = sandbox.id;
    worker.address = sandbox.address.empty() ? node_.address() : sandbox.address;
  }
  if (worker.sandbox.empty()) return;
  const Value& told = worker.pod.status();
  worker.started = parse_timestamp(told["startTime"].as_string()).value_or(worker.started);
  for (const ContainerStatus& container : runtime_.containers()) {
    if (container.sandbox_id != worker.sandbox || container.state == RuntimeContainerState::kCreated) continue;
    ContainerRecord& record = worker.containers[container.name];
    if (!record.id.empty() && record.restarts > container.attempt) continue;
    record.id = container.id;
    record.restarts = container.attempt;
  }
  for (const char* list : {"initContainers", "containers"}) {
    const bool init = list[0] == 'i';
    const Value& statuses = told[init ? "initContainerStatuses" : "containerStatuses"];
    for (const Value& spec : worker.pod.spec()[list].items()) {
      const auto record = worker.containers.find(spec["name"].str());
      if (record == worker.containers.end()) continue;
      if (!init) worker.initialized = true;
      record->second.image_ready = true;
      record->second.started = spec["startupProbe"].is_null();
      record->second.ready = record->second.started && spec["readinessProbe"].is_null();
      for (const Value& status : statuses.items()) {
        if (status["name"] != spec["name"]) continue;
        if (!status["lastState"].empty()) record->second.last_state = status["lastState"];
        if (status["containerID"].str() != "containerd://" + record->second.id) continue;
        // What its probes found holds until they find something else.
        record->second.ready = record->second.ready || status["ready"].as_bool();
        record->second.started = record->second.started || status["started"].as_bool();
      }
    }
  }
}

bool Kubelet::sandbox_ready(const Worker& worker) const {
  const std::optional<SandboxStatus> sandbox = runtime_.sandbox(worker.sandbox);
  return sandbox && sandbox->ready;
}

// Ends the pods that were deleted while no kubelet looked.
Task<void> Kubelet::remove_orphans() {
  co_await pods_->wait_synced();
  co_await loop_.sleep(seconds(2));  // the manifests have been read by then
  std::vector<SandboxStatus> orphans;
  for (const SandboxStatus& sandbox : runtime_.sandboxes()) {
    if (!workers_.contains(sandbox.pod.uid)) orphans.push_back(sandbox);
  }
  for (const SandboxStatus& sandbox : orphans) {
    for (const ContainerStatus& container : runtime_.containers()) {
      if (container.sandbox_id == sandbox.id) (void)co_await runtime_.stop_container(container.id, seconds(2));
    }
    (void)co_await runtime_.remove_sandbox(sandbox.id);
    node_.remove_tree(options_.root_directory + "/pods/" + sandbox.pod.uid);
  }
}

}  // namespace drydock
