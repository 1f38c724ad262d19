// Pods, nodes, services, events and configuration.
#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/quantity.h"
#include "core/machinery/tables/printers.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

// --- pods ---

bool is_sidecar(const Value& pod_spec, std::string_view name) {
  for (const Value& container : pod_spec["initContainers"].items()) {
    if (container["name"].as_string() == name) return container["restartPolicy"].as_string() == "Always";
  }
  return false;
}

// printPod of k8s.io/kubernetes/pkg/printers/internalversion.
Cells pod_cells(const Object& pod, TimePoint now) {
  const Value& spec = pod.spec();
  const Value& status = pod.status();
  std::string reason = status["phase"].str();
  if (!status["reason"].empty()) reason = status["reason"].str();
  for (const Value& condition : status["conditions"].items()) {
    if (condition["type"].as_string() == "PodScheduled" && condition["reason"].as_string() == "SchedulingGated")
      reason = "SchedulingGated";
  }
  std::int64_t total = static_cast<std::int64_t>(spec["containers"].size());
  std::int64_t ready = 0;
  std::int64_t restarts = 0;
  Value last_restart;
  auto count_restart = [&](const Value& container) {
    restarts += container["restartCount"].as_int();
    const Value& finished = container["lastState"]["terminated"]["finishedAt"];
    if (!finished.empty() && (last_restart.empty() || finished.as_string() > last_restart.as_string()))
      last_restart = finished;
  };
  bool initializing = false;
  const Value& inits = status["initContainerStatuses"];
  for (std::size_t i = 0; i < inits.size(); ++i) {
    const Value& container = inits[i];
    const bool sidecar = is_sidecar(spec, container["name"].as_string());
    if (sidecar) {
      ++total;
      if (container["ready"].as_bool()) ++ready;
    }
    count_restart(container);
    if (initializing) continue;
    const Value& ended = container["state"]["terminated"];
    if (ended.is_object() && ended["exitCode"].as_int() == 0) continue;
    if (sidecar && container["started"].as_bool()) continue;
    initializing = true;
    if (ended.is_object()) {
      const std::string why = ended["reason"].str();
      reason = "Init:" + (!why.empty()                    ? why
                          : ended["signal"].as_int() != 0 ? "Signal:" + std::to_string(ended["signal"].as_int())
                                                          : "ExitCode:" + std::to_string(ended["exitCode"].as_int()));
    } else if (!container["state"]["waiting"]["reason"].empty() &&
               container["state"]["waiting"]["reason"].as_string() != "PodInitializing") {
      reason = "Init:" + container["state"]["waiting"]["reason"].str();
    } else {
      reason = "Init:" + std::to_string(i) + "/" + std::to_string(spec["initContainers"].size());
    }
  }
  if (!initializing) {
    bool has_running = false;
    const Value& statuses = status["containerStatuses"];
    for (std::size_t i = statuses.size(); i-- > 0;) {
      const Value& container = statuses[i];
      count_restart(container);
      const Value& waiting = container["state"]["waiting"];
      const Value& ended = container["state"]["terminated"];
      if (!waiting["reason"].empty())
        reason = waiting["reason"].str();
      else if (!ended["reason"].empty())
        reason = ended["reason"].str();
      else if (ended.is_object())
        reason = ended["signal"].as_int() != 0 ? "Signal:" + std::to_string(ended["signal"].as_int())
                                               : "ExitCode:" + std::to_string(ended["exitCode"].as_int());
      else if (container["ready"].as_bool() && container["state"].has("running")) {
        has_running = true;
        ++ready;
      }
    }
    if (reason == "Completed" && has_running) {
      bool pod_ready = false;
      for (const Value& condition : status["conditions"].items())
        pod_ready =
            pod_ready || (condition["type"].as_string() == "Ready" && condition["status"].as_string() == "True");
      reason = pod_ready ? "Running" : "NotReady";
    }
  }
  if (pod.deleting()) {
    if (status["reason"].as_string() == "NodeLost")
      reason = "Unknown";
    else if (status["phase"].as_string() != "Succeeded" && status["phase"].as_string() != "Failed")
      reason = "Terminating";
  }
  std::string restart_text = std::to_string(restarts);
  if (restarts > 0 && !last_restart.empty()) restart_text += " (" + age_of(last_restart, now) + " ago)";
  std::int64_t gates_met = 0;
  for (const Value& gate : spec["readinessGates"].items()) {
    for (const Value& condition : status["conditions"].items()) {
      if (condition["type"] == gate["conditionType"] && condition["status"].as_string() == "True") ++gates_met;
    }
  }
  return {pod.name(),
          std::to_string(ready) + "/" + std::to_string(total),
          reason,
          restart_text,
          age(pod, now),
          or_none(status["podIP"].str()),
          or_none(spec["nodeName"].str()),
          or_none(status["nominatedNodeName"].str()),
          spec["readinessGates"].empty()
              ? std::string("<none>")
              : std::to_string(gates_met) + "/" + std::to_string(spec["readinessGates"].size())};
}
// --- nodes ---

Cells node_cells(const Object& node, TimePoint now) {
  std::vector<std::string> states;
  for (const Value& condition : node.status()["conditions"].items()) {
    if (condition["type"].as_string() == "Ready")
      states.push_back(condition["status"].as_string() == "True"      ? "Ready"
                       : condition["status"].as_string() == "Unknown" ? "NotReady"
                                                                      : "NotReady");
  }
  if (states.empty()) states.push_back("Unknown");
  if (node.spec()["unschedulable"].as_bool()) states.push_back("SchedulingDisabled");
  std::vector<std::string> roles;
  for (const Value::Member& label : node.labels().members()) {
    const std::string_view key = label.key.view();
    if (key.starts_with("node-role.kubernetes.io/")) {
      if (key.size() > 24) roles.emplace_back(key.substr(24));
    } else if (key == "kubernetes.io/role" && !label.value.empty()) {
      roles.push_back(label.value.str());
    }
  }
  std::string internal, external;
  for (const Value& address : node.status()["addresses"].items()) {
    if (address["type"].as_string() == "InternalIP" && internal.empty()) internal = address["address"].str();
    if (address["type"].as_string() == "ExternalIP" && external.empty()) external = address["address"].str();
  }
  const Value& info = node.status()["nodeInfo"];
  auto known = [](const Value& value) { return or_none(value.str(), "<unknown>"); };
  return {node.name(),
          join(states, ","),
          or_none(join(roles, ",")),
          age(node, now),
          info["kubeletVersion"].str(),
          or_none(internal),
          or_none(external),
          known(info["osImage"]),
          known(info["kernelVersion"]),
          known(info["containerRuntimeVersion"])};
}
// --- services and endpoints ---

std::string ports_text(const Value& ports) {
  std::string text;
  for (const Value& port : ports.items()) {
    text += (text.empty() ? "" : ",") + std::to_string(port["port"].as_int());
    if (port["nodePort"].as_int() > 0) text += ":" + std::to_string(port["nodePort"].as_int());
    text += "/" + port["protocol"].str();
  }
  return or_none(text);
}

Cells service_cells(const Object& service, TimePoint now) {
  const Value& spec = service.spec();
  std::string external;
  for (const Value& address : spec["externalIPs"].items()) external += (external.empty() ? "" : ",") + address.str();
  const std::string type = spec["type"].str();
  if (type == "LoadBalancer") {
    for (const Value& ingress : service.status()["loadBalancer"]["ingress"].items()) {
      external +=
          (external.empty() ? "" : ",") + (ingress["ip"].empty() ? ingress["hostname"].str() : ingress["ip"].str());
    }
    if (external.empty()) external = "<pending>";
  }
  if (type == "ExternalName") external = spec["externalName"].str();
  return {service.name(),
          type,
          or_none(spec["clusterIP"].str()),
          or_none(external),
          ports_text(spec["ports"]),
          age(service, now),
          label_text(spec["selector"])};
}

Cells endpoints_cells(const Object& endpoints, TimePoint now) {
  std::vector<std::string> all;
  for (const Value& subset : endpoints.doc()["subsets"].items()) {
    for (const Value& port : subset["ports"].items()) {
      for (const Value& address : subset["addresses"].items())
        all.push_back(address["ip"].str() + ":" + std::to_string(port["port"].as_int()));
    }
    if (subset["ports"].empty()) {
      for (const Value& address : subset["addresses"].items()) all.push_back(address["ip"].str());
    }
  }
  return {endpoints.name(), capped(all), age(endpoints, now)};
}

Cells slice_cells(const Object& slice, TimePoint now) {
  std::vector<std::string> ports, addresses;
  for (const Value& port : slice.doc()["ports"].items())
    ports.push_back(port["port"].is_null() ? "*" : std::to_string(port["port"].as_int()));
  for (const Value& endpoint : slice.doc()["endpoints"].items()) {
    for (const Value& address : endpoint["addresses"].items()) addresses.push_back(address.str());
  }
  return {slice.name(), slice.doc()["addressType"].str(), ports.empty() ? std::string("<unset>") : capped(ports),
          addresses.empty() ? std::string("<unset>") : capped(addresses), age(slice, now)};
}
// --- the rest ---

Cells event_cells(const Object& event, TimePoint now) {
  const Value& doc = event.doc();
  const Value& about = doc["involvedObject"];
  const Value& last = doc["lastTimestamp"].empty()
                          ? (doc["eventTime"].empty() ? doc["metadata"]["creationTimestamp"] : doc["eventTime"])
                          : doc["lastTimestamp"];
  const Value& first = doc["firstTimestamp"].empty() ? last : doc["firstTimestamp"];
  const std::int64_t count = std::max<std::int64_t>(1, doc["count"].as_int());
  std::string seen = age_of(last, now);
  if (count > 1) seen += " (x" + std::to_string(count) + " over " + age_of(first, now) + ")";
  std::string source = doc["source"]["component"].str();
  if (!doc["source"]["host"].empty()) source += ", " + doc["source"]["host"].str();
  return {seen,
          doc["type"].str(),
          doc["reason"].str(),
          to_lower(about["kind"].as_string()) + "/" + about["name"].str(),
          about["fieldPath"].str(),
          source,
          std::string(trim(doc["message"].as_string())),
          age_of(first, now),
          count,
          event.name()};
}

std::int64_t size_of(const Value& a, const Value& b = {}) { return static_cast<std::int64_t>(a.size() + b.size()); }

}  // namespace

void add_core_printers(PrinterTable& printers) {
  printers.insert({
      {"pods",
       {{{"Name"},
         {"Ready"},
         {"Status"},
         {"Restarts"},
         {"Age"},
         {"IP", "string", 1},
         {"Node", "string", 1},
         {"Nominated Node", "string", 1},
         {"Readiness Gates", "string", 1}},
        pod_cells}},
      {"nodes",
       {{{"Name"},
         {"Status"},
         {"Roles"},
         {"Age"},
         {"Version"},
         {"Internal-IP", "string", 1},
         {"External-IP", "string", 1},
         {"OS-Image", "string", 1},
         {"Kernel-Version", "string", 1},
         {"Container-Runtime", "string", 1}},
        node_cells}},
      {"services",
       {{{"Name"}, {"Type"}, {"Cluster-IP"}, {"External-IP"}, {"Port(s)"}, {"Age"}, {"Selector", "string", 1}},
        service_cells}},
      {"endpoints", {{{"Name"}, {"Endpoints"}, {"Age"}}, endpoints_cells}},
      {"endpointslices", {{{"Name"}, {"AddressType"}, {"Ports"}, {"Endpoints"}, {"Age"}}, slice_cells}},
      {"events",
       {{{"Last Seen"},
         {"Type"},
         {"Reason"},
         {"Object"},
         {"Subobject", "string", 1},
         {"Source", "string", 1},
         {"Message"},
         {"First Seen", "string", 1},
         {"Count", "string", 1},
         {"Name", "string", 1}},
        event_cells}},
      {"namespaces",
       {{{"Name"}, {"Status"}, {"Age"}},
        [](const Object& o, TimePoint now) { return Cells{o.name(), o.status()["phase"].str(), age(o, now)}; }}},
      {"secrets",
       {{{"Name"}, {"Type"}, {"Data"}, {"Age"}},
        [](const Object& o, TimePoint now) {
          return Cells{o.name(), o.doc()["type"].str(), size_of(o.doc()["data"]), age(o, now)};
        }}},
      {"configmaps",
       {{{"Name"}, {"Data"}, {"Age"}},
        [](const Object& o, TimePoint now) {
          return Cells{o.name(), size_of(o.doc()["data"], o.doc()["binaryData"]), age(o, now)};
        }}},
      {"serviceaccounts",
       {{{"Name"}, {"Age"}}, [](const Object& o, TimePoint now) { return Cells{o.name(), age(o, now)}; }}},
  });
}

}  // namespace drydock
