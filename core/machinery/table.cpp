#include "core/machinery/table.h"

#include <algorithm>
#include <functional>
#include <map>

#include "core/base/strings.h"
#include "core/machinery/quantity.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

struct Column {
  const char* name;
  const char* type = "string";
  int priority = 0;  // 1: only in wide output
};
using Cells = std::vector<Value>;
struct Printer {
  std::vector<Column> columns;
  std::function<Cells(const Object&, TimePoint)> cells;
};

std::string age_of(const Value& stamp, TimePoint now) {
  const auto when = parse_timestamp(stamp.as_string());
  return when ? human_duration(now - *when) : "<unknown>";
}
std::string age(const Object& object, TimePoint now) { return age_of(object.metadata()["creationTimestamp"], now); }
std::string or_none(std::string text, const char* none = "<none>") { return text.empty() ? none : text; }

std::string label_text(const Value& labels) {
  std::string text;
  for (const Value::Member& label : labels.members())
    text += (text.empty() ? "" : ",") + label.key.str() + "=" + label.value.str();
  return or_none(text);
}

std::string selector_text(const Value& selector) {
  std::string text;
  for (const Value::Member& label : selector["matchLabels"].members())
    text += (text.empty() ? "" : ",") + label.key.str() + "=" + label.value.str();
  for (const Value& expression : selector["matchExpressions"].items()) {
    std::vector<std::string> values;
    for (const Value& value : expression["values"].items()) values.push_back(value.str());
    const std::string_view op = expression["operator"].as_string();
    text += text.empty() ? "" : ",";
    if (op == "Exists")
      text += expression["key"].str();
    else if (op == "DoesNotExist")
      text += "!" + expression["key"].str();
    else
      text += expression["key"].str() + (op == "In" ? " in (" : " notin (") + join(values, ",") + ")";
  }
  return or_none(text);
}

std::string container_field(const Value& pod_spec, const char* field) {
  std::string text;
  for (const Value& container : pod_spec["containers"].items())
    text += (text.empty() ? "" : ",") + container[field].str();
  return text;
}

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

std::string capped(const std::vector<std::string>& list) {
  if (list.empty()) return "<none>";
  std::vector<std::string> shown(list.begin(),
                                 list.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(3, list.size())));
  std::string text = join(shown, ",");
  if (list.size() > 3) text += " + " + std::to_string(list.size() - 3) + " more...";
  return text;
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

// --- workloads ---

Cells deployment_cells(const Object& object, TimePoint now) {
  const Value& status = object.status();
  const Value& pod = object.spec()["template"]["spec"];
  return {object.name(),
          std::to_string(status["readyReplicas"].as_int()) + "/" + std::to_string(object.spec()["replicas"].as_int()),
          status["updatedReplicas"].as_int(),
          status["availableReplicas"].as_int(),
          age(object, now),
          container_field(pod, "name"),
          container_field(pod, "image"),
          selector_text(object.spec()["selector"])};
}

Cells replicas_cells(const Object& object, TimePoint now) {
  const Value& pod = object.spec()["template"]["spec"];
  const bool flat = object.kind() == "ReplicationController";
  return {object.name(),
          object.spec()["replicas"].as_int(),
          object.status()["replicas"].as_int(),
          object.status()["readyReplicas"].as_int(),
          age(object, now),
          container_field(pod, "name"),
          container_field(pod, "image"),
          flat ? label_text(object.spec()["selector"]) : selector_text(object.spec()["selector"])};
}

Cells stateful_cells(const Object& object, TimePoint now) {
  const Value& pod = object.spec()["template"]["spec"];
  return {object.name(),
          std::to_string(object.status()["readyReplicas"].as_int()) + "/" +
              std::to_string(object.spec()["replicas"].as_int()),
          age(object, now), container_field(pod, "name"), container_field(pod, "image")};
}

Cells daemon_cells(const Object& object, TimePoint now) {
  const Value& status = object.status();
  const Value& pod = object.spec()["template"]["spec"];
  return {object.name(),
          status["desiredNumberScheduled"].as_int(),
          status["currentNumberScheduled"].as_int(),
          status["numberReady"].as_int(),
          status["updatedNumberScheduled"].as_int(),
          status["numberAvailable"].as_int(),
          label_text(pod["nodeSelector"]),
          age(object, now),
          container_field(pod, "name"),
          container_field(pod, "image"),
          selector_text(object.spec()["selector"])};
}

Cells job_cells(const Object& job, TimePoint now) {
  const Value& status = job.status();
  const Value& spec = job.spec();
  std::string state = "Running";
  for (const Value& condition : status["conditions"].items()) {
    if (condition["status"].as_string() != "True") continue;
    const std::string_view type = condition["type"].as_string();
    if (type == "Complete" || type == "Failed" || type == "Suspended" || type == "FailureTarget") state = type;
  }
  const std::string completions =
      spec.has("completions")
          ? std::to_string(status["succeeded"].as_int()) + "/" + std::to_string(spec["completions"].as_int())
          : std::to_string(status["succeeded"].as_int()) + "/1 of " + std::to_string(spec["parallelism"].as_int(1));
  std::string duration;
  const auto started = parse_timestamp(status["startTime"].as_string());
  const auto ended = parse_timestamp(status["completionTime"].as_string());
  if (started) duration = human_duration((ended ? *ended : now) - *started);
  const Value& pod = spec["template"]["spec"];
  return {job.name(),
          state,
          completions,
          duration,
          age(job, now),
          container_field(pod, "name"),
          container_field(pod, "image"),
          selector_text(spec["selector"])};
}

Cells cron_cells(const Object& cron, TimePoint now) {
  const Value& spec = cron.spec();
  const Value& last = cron.status()["lastScheduleTime"];
  const Value& pod = spec["jobTemplate"]["spec"]["template"]["spec"];
  return {cron.name(),
          spec["schedule"].str(),
          or_none(spec["timeZone"].str()),
          spec["suspend"].as_bool() ? "True" : "False",
          static_cast<std::int64_t>(cron.status()["active"].size()),
          last.empty() ? std::string("<none>") : age_of(last, now),
          age(cron, now),
          container_field(pod, "name"),
          container_field(pod, "image"),
          selector_text(spec["jobTemplate"]["spec"]["selector"])};
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

Cells claim_cells(const Object& claim, TimePoint now) {
  auto modes = [](const Value& list) {
    std::string text;
    for (const Value& mode : list.items()) {
      const std::string_view name = mode.as_string();
      text += std::string(text.empty() ? "" : ",") + (name == "ReadWriteOnce"   ? "RWO"
                                                      : name == "ReadOnlyMany"  ? "ROX"
                                                      : name == "ReadWriteMany" ? "RWX"
                                                                                : "RWOP");
    }
    return text;
  };
  const bool bound = !claim.spec()["volumeName"].empty();
  return {claim.name(),
          claim.deleting() ? std::string("Terminating") : claim.status()["phase"].str(),
          claim.spec()["volumeName"].str(),
          bound ? claim.status()["capacity"]["storage"].str() : std::string(),
          bound ? modes(claim.status()["accessModes"]) : std::string(),
          claim.spec()["storageClassName"].str(),
          "<unset>",
          age(claim, now),
          claim.spec()["volumeMode"].str()};
}

Cells role_binding_cells(const Object& binding, TimePoint now) {
  std::string users, groups, accounts;
  for (const Value& subject : binding.doc()["subjects"].items()) {
    std::string& list = subject["kind"].as_string() == "User"    ? users
                        : subject["kind"].as_string() == "Group" ? groups
                                                                 : accounts;
    list += (list.empty() ? "" : ", ") + (&list == &accounts ? subject["namespace"].str() + "/" : "") +
            subject["name"].str();
  }
  return {binding.name(),
          binding.doc()["roleRef"]["kind"].str() + "/" + binding.doc()["roleRef"]["name"].str(),
          age(binding, now),
          users,
          groups,
          accounts};
}

std::string csr_condition(const Object& request) {
  std::string text;
  for (const Value& condition : request.status()["conditions"].items())
    text += (text.empty() ? "" : ",") + condition["type"].str();
  if (text.empty()) text = "Pending";
  if (!request.status()["certificate"].empty()) text += ",Issued";
  return text;
}

const std::map<std::string, Printer, std::less<>>& printers() {
  static const std::map<std::string, Printer, std::less<>> all{
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
      {"deployments",
       {{{"Name"},
         {"Ready"},
         {"Up-to-date", "integer"},
         {"Available", "integer"},
         {"Age"},
         {"Containers", "string", 1},
         {"Images", "string", 1},
         {"Selector", "string", 1}},
        deployment_cells}},
      {"replicasets",
       {{{"Name"},
         {"Desired", "integer"},
         {"Current", "integer"},
         {"Ready", "integer"},
         {"Age"},
         {"Containers", "string", 1},
         {"Images", "string", 1},
         {"Selector", "string", 1}},
        replicas_cells}},
      {"replicationcontrollers",
       {{{"Name"},
         {"Desired", "integer"},
         {"Current", "integer"},
         {"Ready", "integer"},
         {"Age"},
         {"Containers", "string", 1},
         {"Images", "string", 1},
         {"Selector", "string", 1}},
        replicas_cells}},
      {"statefulsets",
       {{{"Name"}, {"Ready"}, {"Age"}, {"Containers", "string", 1}, {"Images", "string", 1}}, stateful_cells}},
      {"daemonsets",
       {{{"Name"},
         {"Desired", "integer"},
         {"Current", "integer"},
         {"Ready", "integer"},
         {"Up-to-date", "integer"},
         {"Available", "integer"},
         {"Node Selector"},
         {"Age"},
         {"Containers", "string", 1},
         {"Images", "string", 1},
         {"Selector", "string", 1}},
        daemon_cells}},
      {"jobs",
       {{{"Name"},
         {"Status"},
         {"Completions"},
         {"Duration"},
         {"Age"},
         {"Containers", "string", 1},
         {"Images", "string", 1},
         {"Selector", "string", 1}},
        job_cells}},
      {"cronjobs",
       {{{"Name"},
         {"Schedule"},
         {"Timezone"},
         {"Suspend", "boolean"},
         {"Active", "integer"},
         {"Last Schedule"},
         {"Age"},
         {"Containers", "string", 1},
         {"Images", "string", 1},
         {"Selector", "string", 1}},
        cron_cells}},
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
      {"persistentvolumeclaims",
       {{{"Name"},
         {"Status"},
         {"Volume"},
         {"Capacity"},
         {"Access Modes"},
         {"StorageClass"},
         {"VolumeAttributesClass"},
         {"Age"},
         {"VolumeMode", "string", 1}},
        claim_cells}},
      {"leases",
       {{{"Name"}, {"Holder"}, {"Age"}},
        [](const Object& o, TimePoint now) { return Cells{o.name(), o.spec()["holderIdentity"].str(), age(o, now)}; }}},
      {"roles",
       {{{"Name"}, {"Created At"}},
        [](const Object& o, TimePoint) { return Cells{o.name(), o.metadata()["creationTimestamp"]}; }}},
      {"clusterroles",
       {{{"Name"}, {"Created At"}},
        [](const Object& o, TimePoint) { return Cells{o.name(), o.metadata()["creationTimestamp"]}; }}},
      {"rolebindings",
       {{{"Name"},
         {"Role"},
         {"Age"},
         {"Users", "string", 1},
         {"Groups", "string", 1},
         {"ServiceAccounts", "string", 1}},
        role_binding_cells}},
      {"clusterrolebindings",
       {{{"Name"},
         {"Role"},
         {"Age"},
         {"Users", "string", 1},
         {"Groups", "string", 1},
         {"ServiceAccounts", "string", 1}},
        role_binding_cells}},
      {"priorityclasses",
       {{{"Name"}, {"Value", "integer"}, {"Global-Default", "boolean"}, {"Age"}, {"PreemptionPolicy"}},
        [](const Object& o, TimePoint now) {
          return Cells{o.name(), o.doc()["value"], o.doc()["globalDefault"].as_bool() ? "true" : "false", age(o, now),
                       o.doc()["preemptionPolicy"].str()};
        }}},
      {"certificatesigningrequests",
       {{{"Name"}, {"Age"}, {"SignerName"}, {"Requestor"}, {"RequestedDuration"}, {"Condition"}},
        [](const Object& o, TimePoint now) {
          return Cells{o.name(), age(o, now),     o.spec()["signerName"].str(), o.spec()["username"].str(),
                       "<none>", csr_condition(o)};
        }}},
      {"ingresses",
       {{{"Name"}, {"Class"}, {"Hosts"}, {"Address"}, {"Ports"}, {"Age"}},
        [](const Object& o, TimePoint now) {
          std::string hosts;
          for (const Value& rule : o.spec()["rules"].items())
            hosts += (hosts.empty() ? "" : ",") + (rule["host"].empty() ? "*" : rule["host"].str());
          return Cells{o.name(), or_none(o.spec()["ingressClassName"].str()), or_none(hosts, "*"),
                       "",       o.spec()["tls"].empty() ? "80" : "80, 443",  age(o, now)};
        }}},
      {"networkpolicies",
       {{{"Name"}, {"Pod-Selector"}, {"Age"}},
        [](const Object& o, TimePoint now) {
          return Cells{o.name(), selector_text(o.spec()["podSelector"]), age(o, now)};
        }}},
      {"poddisruptionbudgets",
       {{{"Name"}, {"Min Available"}, {"Max Unavailable"}, {"Allowed Disruptions", "integer"}, {"Age"}},
        [](const Object& o, TimePoint now) {
          auto text = [](const Value& v) {
            return v.is_null() ? std::string("N/A") : v.is_int() ? std::to_string(v.as_int()) : v.str();
          };
          return Cells{o.name(), text(o.spec()["minAvailable"]), text(o.spec()["maxUnavailable"]),
                       o.status()["disruptionsAllowed"].as_int(), age(o, now)};
        }}},
      {"controllerrevisions",
       {{{"Name"}, {"Controller"}, {"Revision", "integer"}, {"Age"}},
        [](const Object& o, TimePoint now) {
          const Value& owner = o.controller_ref();
          const std::string api = owner["apiVersion"].str();
          const std::size_t slash = api.find('/');
          const std::string group = slash == std::string::npos ? "" : "." + api.substr(0, slash);
          return Cells{o.name(),
                       owner.is_null() ? std::string("<none>")
                                       : to_lower(owner["kind"].as_string()) + group + "/" + owner["name"].str(),
                       o.doc()["revision"], age(o, now)};
        }}},
      {"storageclasses",
       {{{"Name"}, {"Provisioner"}, {"ReclaimPolicy"}, {"VolumeBindingMode"}, {"AllowVolumeExpansion"}, {"Age"}},
        [](const Object& o, TimePoint now) {
          std::string name(o.name());
          if (o.annotation("storageclass.kubernetes.io/is-default-class") == "true") name += " (default)";
          return Cells{name,
                       o.doc()["provisioner"].str(),
                       o.doc()["reclaimPolicy"].str(),
                       o.doc()["volumeBindingMode"].str(),
                       o.doc()["allowVolumeExpansion"].as_bool() ? "true" : "false",
                       age(o, now)};
        }}},
  };
  return all;
}

const Printer& plain_printer() {
  static const Printer printer{{{"Name"}, {"Age"}},
                               [](const Object& o, TimePoint now) { return Cells{o.name(), age(o, now)}; }};
  return printer;
}

}  // namespace

Value table_document(const ResourceInfo& resource, const std::vector<Object>& objects, TimePoint now,
                     const std::string& resource_version, std::string_view include_object) {
  const auto at = printers().find(resource.resource);
  const Printer& printer = at == printers().end() ? plain_printer() : at->second;
  Value columns = Value::array();
  for (const Column& column : printer.columns) {
    const bool is_name = std::string_view(column.name) == "Name";
    columns.push_back(Value::object({{"name", column.name},
                                     {"type", column.type},
                                     {"format", is_name ? "name" : ""},
                                     {"description", ""},
                                     {"priority", column.priority}}));
  }
  Value rows = Value::array();
  for (const Object& object : objects) {
    Value cells = Value::array();
    for (Value& cell : printer.cells(object, now)) cells.push_back(std::move(cell));
    Value row = Value::object({{"cells", std::move(cells)}});
    if (include_object == "Object")
      row.set("object", object.doc());
    else if (include_object != "None")
      row.set("object", Value::object({{"kind", "PartialObjectMetadata"},
                                       {"apiVersion", "meta.k8s.io/v1"},
                                       {"metadata", object.metadata()}}));
    rows.push_back(std::move(row));
  }
  return Value::object({
      {"kind", "Table"},
      {"apiVersion", "meta.k8s.io/v1"},
      {"metadata", Value::object({{"resourceVersion", resource_version}})},
      {"columnDefinitions", std::move(columns)},
      {"rows", std::move(rows)},
  });
}

}  // namespace drydock
