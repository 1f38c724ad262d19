// The Node object, its lease and its conditions.
// https://kubernetes.io/docs/concepts/architecture/nodes/#heartbeats
#include <algorithm>

#include "core/base/strings.h"
#include "core/kubelet/kubelet.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

constexpr Duration kLeaseInterval = seconds(10);
constexpr Duration kStatusCheck = seconds(2);
constexpr Duration kStatusReport = std::chrono::minutes(5);

Value node_condition(const char* type, bool holds, const char* reason, std::string message, const Value& previous,
                     TimePoint now) {
  Value made = Value::object({{"type", type},
                              {"status", holds ? "True" : "False"},
                              {"reason", reason},
                              {"message", std::move(message)},
                              {"lastHeartbeatTime", format_timestamp(now)}});
  Value since = format_timestamp(now);
  for (const Value& old : previous.items()) {
    if (old["type"].as_string() == type && old["status"] == made["status"]) since = old["lastTransitionTime"];
  }
  made.set("lastTransitionTime", since);
  return made;
}

}  // namespace

Value Kubelet::node_status(const Value& previous) {
  const NodeAccess::Facts facts = node_.facts();
  const TimePoint now = loop_.now();
  const Value& old = previous["conditions"];
  const std::string network = runtime_.network_not_ready();
  Value conditions = Value::array();
  conditions.push_back(node_condition("MemoryPressure", false, "KubeletHasSufficientMemory",
                                      "kubelet has sufficient memory available", old, now));
  conditions.push_back(
      node_condition("DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure", old, now));
  conditions.push_back(node_condition("PIDPressure", false, "KubeletHasSufficientPID",
                                      "kubelet has sufficient PID available", old, now));
  if (network.empty())
    conditions.push_back(node_condition("Ready", true, "KubeletReady", "kubelet is posting ready status", old, now));
  else {
    conditions.push_back(node_condition("Ready", false, "KubeletNotReady",
                                        "container runtime network not ready: NetworkReady=false "
                                        "reason:NetworkPluginNotReady message:Network plugin returns error: " +
                                            network,
                                        old, now));
  }
  for (const Value& other : old.items()) {
    const bool ours = std::any_of(conditions.items().begin(), conditions.items().end(),
                                  [&](const Value& mine) { return mine["type"] == other["type"]; });
    if (!ours) conditions.push_back(other);
  }
  const std::string memory = std::to_string(facts.memory_bytes >> 10) + "Ki";
  const Value capacity = Value::object({{"cpu", std::to_string(facts.cpus)},
                                        {"memory", memory},
                                        {"pods", "110"},
                                        {"ephemeral-storage", "41152812Ki"},
                                        {"hugepages-1Gi", "0"},
                                        {"hugepages-2Mi", "0"}});
  Value allocatable = capacity;
  allocatable.set("memory", std::to_string((facts.memory_bytes >> 10) - 102400) + "Ki");
  allocatable.set("ephemeral-storage", "37926431477");
  Value images = Value::array();
  for (const ImageStatus& image : runtime_.images())
    images.push_back(Value::object({{"names", Value::array({image.ref, image.tags.empty() ? "" : image.tags[0]})},
                                    {"sizeBytes", image.size_bytes}}));
  return Value::object({
      {"addresses", Value::array({Value::object({{"type", "InternalIP"}, {"address", facts.address}}),
                                  Value::object({{"type", "Hostname"}, {"address", facts.hostname}})})},
      {"allocatable", allocatable},
      {"capacity", capacity},
      {"conditions", conditions},
      {"daemonEndpoints", Value::object({{"kubeletEndpoint", Value::object({{"Port", 10250}})}})},
      {"images", images},
      {"nodeInfo", Value::object({{"architecture", "amd64"},
                                  {"bootID", facts.machine_id},
                                  {"containerRuntimeVersion", runtime_.name_and_version()},
                                  {"kernelVersion", facts.kernel_version},
                                  {"kubeProxyVersion", ""},
                                  {"kubeletVersion", options_.version},
                                  {"machineID", facts.machine_id},
                                  {"operatingSystem", "linux"},
                                  {"osImage", facts.os_image},
                                  {"systemUUID", facts.machine_id}})},
  });
}

Task<void> Kubelet::register_node() {
  const NodeAccess::Facts facts = node_.facts();
  Value labels = Value::object({{"beta.kubernetes.io/arch", "amd64"},
                                {"beta.kubernetes.io/os", "linux"},
                                {"kubernetes.io/arch", "amd64"},
                                {"kubernetes.io/hostname", options_.node_name},
                                {"kubernetes.io/os", "linux"}});
  const ObjectKey key{"", options_.node_name};
  for (;;) {
    Value node = Value::object(
        {{"apiVersion", "v1"},
         {"kind", "Node"},
         {"metadata",
          Value::object(
              {{"name", options_.node_name},
               {"labels", labels},
               {"annotations", Value::object({{"volumes.kubernetes.io/controller-managed-attach-detach", "true"}})}})},
         {"status", node_status(Value())}});
    const Result<Object> created = co_await client_->create(resources::kNodes, Object(std::move(node)));
    if (created || created.error().is_already_exists()) break;
    co_await loop_.sleep(milliseconds(400));
  }
  tasks_.spawn(keep_status());
  if (recorder_ != nullptr) {
    Object about(
        Value::object({{"kind", "Node"},
                       {"apiVersion", "v1"},
                       {"metadata", Value::object({{"name", options_.node_name}, {"uid", options_.node_name}})}}));
    recorder_->event(about, "Normal", "Starting", "Starting kubelet.");
  }
}

Task<void> Kubelet::keep_status() {
  const ObjectKey key{"", options_.node_name};
  TimePoint reported{};
  std::string last_network = "?";
  std::size_t last_images = 0;
  for (;;) {
    const std::string network = runtime_.network_not_ready();
    const std::size_t images = runtime_.images().size();
    if (network != last_network || loop_.now() - reported >= kStatusReport ||
        (images != last_images && loop_.now() - reported >= seconds(10))) {
      const Result<Object> current = co_await client_->get(resources::kNodes, key);
      if (current) {
        Value patch = Value::object({{"status", node_status(current->status())}});
        const Result<Object> written =
            co_await client_->patch(resources::kNodes, key, PatchType::kMerge, std::move(patch), "status");
        if (written) {
          reported = loop_.now();
          last_images = images;
          if (network.empty() && last_network != "" && recorder_ != nullptr)
            recorder_->event(*current, "Normal", "NodeReady",
                             "Node " + options_.node_name + " status is now: NodeReady");
          last_network = network;
        }
      } else if (current.error().is_not_found()) {
        tasks_.spawn(register_node());
        co_return;
      }
    }
    co_await loop_.sleep(kStatusCheck);
  }
}

Task<void> Kubelet::keep_lease() {
  const ObjectKey key{"kube-node-lease", options_.node_name};
  for (;;) {
    const std::string now = format_micro_timestamp(loop_.now());
    Value patch = Value::object({{"spec", Value::object({{"renewTime", now}})}});
    const Result<Object> renewed =
        co_await client_->patch(resources::kLeases, key, PatchType::kMerge, std::move(patch));
    if (!renewed && renewed.error().is_not_found()) {
      Value lease = Value::object(
          {{"apiVersion", "coordination.k8s.io/v1"},
           {"kind", "Lease"},
           {"metadata", Value::object({{"name", key.name}, {"namespace", key.ns}})},
           {"spec", Value::object(
                        {{"holderIdentity", options_.node_name}, {"leaseDurationSeconds", 40}, {"renewTime", now}})}});
      (void)co_await client_->create(resources::kLeases, Object(std::move(lease)));
    }
    co_await loop_.sleep(renewed ? kLeaseInterval : Duration(seconds(1)));
  }
}

}  // namespace drydock
