// What is right once a cluster has been left in peace.
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/machinery/json.h"
#include "core/network/ip_address.h"
#include "core/programs/control_plane/local_etcd.h"
#include "core/runtime/virtual_runtime.h"
#include "tests/simulator/simulation.h"

namespace drydock::simulator {
namespace {

bool condition(const Value& object, std::string_view type) {
  for (const Value& entry : object["status"]["conditions"].items()) {
    if (entry["type"].as_string() == type) return entry["status"].as_string() == "True";
  }
  return false;
}

std::string name_of(const Value& object) { return object["metadata"]["name"].str(); }

std::string uid_on_node(const Value& pod) {
  // A mirror pod stands for a static pod, which has a uid of its own.
  const Value& hash = pod["metadata"]["annotations"]["kubernetes.io/config.hash"];
  return hash.empty() ? pod["metadata"]["uid"].str() : hash.str();
}

bool finished(const Value& pod) {
  const std::string_view phase = pod["status"]["phase"].as_string();
  return phase == "Succeeded" || phase == "Failed";
}

}  // namespace

// The documents of a resource ("pods/default/") as etcd has them.
std::vector<Value> Simulation::stored(const std::string& resource) {
  std::vector<Value> found;
  const auto* etcd = world_->host("node1")->attached<LocalEtcd>();
  if (etcd == nullptr || !etcd->store) return found;
  const std::string prefix = "/registry/" + resource;
  const auto& items = etcd->store->items();
  for (auto at = items.lower_bound(prefix); at != items.end() && at->first.starts_with(prefix); ++at)
    found.push_back(at->second.value);
  return found;
}

std::vector<std::string> Simulation::judge() {
  std::vector<std::string> out;
  const auto* etcd = world_->host("node1")->attached<LocalEtcd>();
  if (etcd == nullptr || !etcd->running) {
    out.push_back("etcd is not running");
    return out;
  }
  judge_nodes(out);
  judge_pods(out);
  judge_workload(out);
  judge_services(out);
  judge_machines(out);
  return out;
}

void Simulation::judge_nodes(std::vector<std::string>& out) {
  std::set<std::string> names;
  for (const Value& node : stored("minions/")) {
    names.insert(name_of(node));
    if (!condition(node, "Ready")) out.push_back("node " + name_of(node) + " is not Ready");
    if (!node["spec"]["taints"].empty() && name_of(node) != "node1")
      out.push_back("node " + name_of(node) + " has taints: " + dump_json(node["spec"]["taints"]));
  }
  std::set<std::string> hosts;
  for (const auto& [name, host] : world_->hosts()) hosts.insert(name);
  if (names != hosts) out.push_back("the nodes are not the hosts");
}

void Simulation::judge_pods(std::vector<std::string>& out) {
  std::map<std::string, int> daemons;
  for (const Value& pod : stored("pods/")) {
    const std::string name = name_of(pod);
    const std::string_view phase = pod["status"]["phase"].as_string();
    const bool of_job = pod["metadata"]["labels"].has("job-name");
    if (pod["metadata"].has("deletionTimestamp")) out.push_back("pod " + name + " is still terminating");
    if (world_->host(pod["spec"]["nodeName"].as_string()) == nullptr)
      out.push_back("pod " + name + " is on node \"" + pod["spec"]["nodeName"].str() + "\"");
    if (finished(pod) && of_job) continue;
    if (phase != "Running")
      out.push_back("pod " + name + " is " + std::string(phase) + " on " + pod["spec"]["nodeName"].str());
    else if (!condition(pod, "Ready"))
      out.push_back("pod " + name + " is not ready: " + dump_json(pod["status"]["containerStatuses"]));
    for (const Value& owner : pod["metadata"]["ownerReferences"].items()) {
      if (owner["kind"].as_string() == "DaemonSet") ++daemons[owner["name"].str()];
    }
  }
  if (daemons.size() < 2) out.push_back("daemon sets are missing");
  for (const auto& [name, count] : daemons) {
    if (count != static_cast<int>(world_->hosts().size()))
      out.push_back("daemon set " + name + " has " + std::to_string(count) + " pods");
  }
}

void Simulation::judge_workload(std::vector<std::string>& out) {
  std::map<std::string, Value> found;
  for (const Value& deployment : stored("deployments/default/")) found[name_of(deployment)] = deployment;
  for (const auto& [name, wanted] : deployments_) {
    const auto at = found.find(name);
    if (at == found.end()) {
      if (!wanted.deleted && wanted.exists_known) out.push_back("deployment " + name + " was acknowledged and is gone");
      continue;
    }
    if (wanted.deleted && wanted.exists_known) out.push_back("deployment " + name + " was deleted and is there");
    const Value& spec = at->second["spec"];
    const Value& status = at->second["status"];
    const std::int64_t replicas = spec["replicas"].as_int();
    if (wanted.replicas_known && replicas != wanted.replicas)
      out.push_back("deployment " + name + " has " + std::to_string(replicas) + " replicas, acknowledged were " +
                    std::to_string(wanted.replicas));
    const std::string image = spec["template"]["spec"]["containers"][0]["image"].str();
    if (wanted.image_known && image != wanted.image)
      out.push_back("deployment " + name + " has image " + image + ", acknowledged was " + wanted.image);
    if (status["observedGeneration"] != at->second["metadata"]["generation"] ||
        status["replicas"].as_int() != replicas || status["readyReplicas"].as_int() != replicas ||
        status["updatedReplicas"].as_int() != replicas)
      out.push_back("deployment " + name + " is not rolled out: " + dump_json(status));
    std::int64_t pods = 0;
    for (const Value& pod : stored("pods/default/")) {
      if (pod["metadata"]["labels"]["app"].as_string() != name) continue;
      ++pods;
      if (pod["spec"]["containers"][0]["image"].str() != image)
        out.push_back("pod " + name_of(pod) + " has the old image");
    }
    if (pods != replicas)
      out.push_back("deployment " + name + " has " + std::to_string(pods) + " pods of " + std::to_string(replicas));
  }
  std::set<std::string> jobs;
  for (const Value& job : stored("jobs/default/")) {
    jobs.insert(name_of(job));
    if (!condition(job, "Complete") && !condition(job, "Failed"))
      out.push_back("job " + name_of(job) + " has not ended: " + dump_json(job["status"]));
    if (job["status"]["active"].as_int() != 0) out.push_back("job " + name_of(job) + " has ended with active pods");
  }
  for (const std::string& name : jobs_) {
    if (!jobs.contains(name)) out.push_back("job " + name + " was acknowledged and is gone");
  }
}

void Simulation::judge_services(std::vector<std::string>& out) {
  for (const Value& service : stored("services/specs/default/")) {
    const std::string name = name_of(service);
    if (service["spec"]["selector"].empty()) continue;
    std::multiset<std::string> wanted;
    for (const Value& pod : stored("pods/default/")) {
      if (pod["metadata"]["labels"]["app"] == service["spec"]["selector"]["app"])
        wanted.insert(pod["status"]["podIP"].str());
    }
    std::multiset<std::string> given;
    for (const Value& slice : stored("endpointslices/default/")) {
      if (slice["metadata"]["labels"]["kubernetes.io/service-name"].as_string() != name) continue;
      for (const Value& endpoint : slice["endpoints"].items()) {
        if (endpoint["conditions"]["ready"].as_bool(true)) given.insert(endpoint["addresses"][0].str());
      }
    }
    if (wanted != given)
      out.push_back("service " + name + " has " + std::to_string(given.size()) + " endpoints, pods are " +
                    std::to_string(wanted.size()));
  }
}

// Containers, processes and addresses are those of the pods, on every machine.
void Simulation::judge_machines(std::vector<std::string>& out) {
  std::map<std::string, std::string> addresses;
  for (const auto& [node, host] : world_->hosts()) {
    std::map<std::string, std::string> wanted;  // uid -> name
    for (const Value& pod : stored("pods/")) {
      if (pod["spec"]["nodeName"].str() != node || finished(pod)) continue;
      wanted[uid_on_node(pod)] = name_of(pod);
      if (pod["spec"]["hostNetwork"].as_bool()) continue;
      const std::string address = pod["status"]["podIP"].str();
      if (!addresses.emplace(address, name_of(pod)).second)
        out.push_back("pods " + name_of(pod) + " and " + addresses[address] + " have the address " + address);
    }
    const auto* runtime = host->attached<VirtualRuntime>();
    if (runtime == nullptr) {
      out.push_back(node + " has no container runtime");
      continue;
    }
    std::set<std::string> sandboxed;
    std::set<std::string> with_address;
    for (const SandboxStatus& sandbox : runtime->sandboxes()) {
      if (!sandbox.ready) continue;
      if (!wanted.contains(sandbox.pod.uid)) out.push_back(node + " has an orphan sandbox of " + sandbox.pod.name);
      if (!sandboxed.insert(sandbox.pod.uid).second) out.push_back(node + " has two sandboxes of " + sandbox.pod.name);
      if (!sandbox.address.empty()) with_address.insert(sandbox.id);
    }
    for (const auto& [uid, name] : wanted) {
      if (!sandboxed.contains(uid)) out.push_back(node + " has no sandbox of " + name + " (" + uid + ")");
    }
    for (const auto& [pid, process] : host->processes()) {
      const auto& group = process->namespaces().cgroup;
      const std::string path = group ? group->path : "";
      const std::size_t at = path.find("/pod");
      if (!path.starts_with("/kubepods") || at == std::string::npos) continue;
      std::string uid = path.substr(at + 4);
      uid = uid.substr(0, uid.find('/'));
      if (!wanted.contains(uid))
        out.push_back(node + " has an orphan process " + std::string(process->name()) + " of pod " + uid);
    }
    // The reservations of the address plugins name sandboxes.
    const std::string store = "/var/lib/cni/networks";
    for (const std::string& network : host->files().list(store).value_or({})) {
      const std::string folder = join_path(store, network);
      for (const std::string& address : host->files().list(folder).value_or({})) {
        if (!Ipv4::parse(address)) continue;
        const std::string text = host->files().read_file(join_path(folder, address)).value_or("");
        if (!with_address.contains(text.substr(0, text.find('\r')))) {
          out.push_back(node + " has leaked the address " + address);
        }
      }
    }
  }
}

// The API server tells what the store holds, from its cache as well; services answer.
void Simulation::judge_api(std::vector<std::string>& out) {
  Host* host = world_->host("node1");
  for (const char* query : {"", "?resourceVersion=0"}) {
    for (const auto& [path, resource] : {std::pair<std::string, std::string>{"/api/v1/pods", "pods/"},
                                         {"/apis/apps/v1/replicasets", "replicasets/"},
                                         {"/apis/discovery.k8s.io/v1/endpointslices", "endpointslices/"}}) {
      (void)kubectl("get --raw '" + path + query + "' > /root/raw.json");
      auto document = parse_json(host->files().read_file("/root/raw.json").value_or(""));
      std::set<std::string> told;
      if (document) {
        for (const Value& item : (*document)["items"].items())
          told.insert(item["metadata"]["namespace"].str() + "/" + name_of(item) + " " + item["metadata"]["uid"].str());
      }
      std::set<std::string> held;
      for (const Value& item : stored(resource))
        held.insert(item["metadata"]["namespace"].str() + "/" + name_of(item) + " " + item["metadata"]["uid"].str());
      if (told != held)
        out.push_back("the API server tells " + std::to_string(told.size()) + " of " + path + query +
                      ", the store holds " + std::to_string(held.size()));
    }
  }
  for (const Value& service : stored("services/specs/default/")) {
    const std::string name = name_of(service);
    const auto at = deployments_.find(name);
    if (at == deployments_.end()) continue;
    bool has_pods = false;
    for (const Value& pod : stored("pods/default/"))
      has_pods = has_pods || pod["metadata"]["labels"]["app"].as_string() == name;
    if (!has_pods) continue;
    for (const auto& [node, machine] : world_->hosts()) {
      const std::string answer =
          run(node, "curl -s -m 10 -o /dev/null -w '%{http_code}\\n' http://" + service["spec"]["clusterIP"].str());
      if (trim(answer) != "200")
        out.push_back("service " + name + " from " + node + " answers " + std::string(trim(answer)));
    }
  }
}

}  // namespace drydock::simulator
