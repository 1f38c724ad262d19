#include "core/controllers/network/endpoints_plan.h"

#include <algorithm>
#include <map>

#include "core/controllers/shared/owner_reference.h"
#include "core/machinery/json.h"

namespace drydock::controllers {
namespace {

constexpr const char* kHeadless = "service.kubernetes.io/headless";
constexpr const char* kServiceName = "kubernetes.io/service-name";
constexpr const char* kManagedBy = "endpointslice.kubernetes.io/managed-by";

bool is_headless(const Object& service) { return service.spec()["clusterIP"].as_string() == "None"; }
bool publishes_unready(const Object& service) { return service.spec()["publishNotReadyAddresses"].as_bool(); }

std::string_view address_of(const PodView& pod) {
  const std::string_view first = pod.object.status()["podIPs"][0]["ip"].as_string();
  return first.empty() ? pod.object.status()["podIP"].as_string() : first;
}

Value target_reference(const Object& pod) {
  return Value::object({{"kind", "Pod"}, {"namespace", pod.ns()}, {"name", pod.name()}, {"uid", pod.uid()}});
}

// Pods with a name of their own under the headless Service (StatefulSets).
std::string_view published_hostname(const Object& service, const Object& pod) {
  const bool under_service = pod.spec()["subdomain"].as_string() == service.name() && pod.ns() == service.ns();
  return under_service ? pod.spec()["hostname"].as_string() : std::string_view();
}

std::int64_t container_port(const Object& pod, std::string_view name, std::string_view protocol) {
  for (const char* list : {"containers", "initContainers"}) {
    for (const Value& container : pod.spec()[list].items()) {
      for (const Value& port : container["ports"].items()) {
        const std::string_view port_protocol = port["protocol"].as_string();
        if (port["name"].as_string() == name && (port_protocol.empty() ? "TCP" : port_protocol) == protocol)
          return port["containerPort"].as_int();
      }
    }
  }
  return 0;
}

Value slice_endpoint(const Object& service, const PodView& pod,
                     const std::function<std::string(const std::string&)>& zone_of) {
  const bool terminating = pod.deleting;
  const bool ready = publishes_unready(service) || (pod.ready && !terminating);
  Value endpoint = Value::object(
      {{"addresses", Value::array({address_of(pod)})},
       {"conditions", Value::object({{"ready", ready}, {"serving", pod.ready}, {"terminating", terminating}})},
       {"targetRef", target_reference(pod.object)}});
  if (!pod.node.empty()) {
    endpoint.set("nodeName", pod.node);
    if (const std::string zone = zone_of(pod.node); !zone.empty()) endpoint.set("zone", zone);
  }
  if (const std::string_view hostname = published_hostname(service, pod.object); !hostname.empty())
    endpoint.set("hostname", hostname);
  return endpoint;
}

Value slice_labels(const Object& service) {
  Value labels = service.labels().is_object() ? service.labels() : Value::object();
  labels.set(kServiceName, service.name());
  labels.set(kManagedBy, "endpointslice-controller.k8s.io");
  if (is_headless(service)) labels.set(kHeadless, "");
  return labels;
}

Object new_slice(const Object& service, const Value& ports) {
  Value metadata = Value::object({{"generateName", std::string(service.name()) + "-"},
                                  {"namespace", service.ns()},
                                  {"labels", slice_labels(service)},
                                  {"ownerReferences", Value::array({controller_reference(service, "v1", "Service")})}});
  return Object(Value::object({{"apiVersion", "discovery.k8s.io/v1"},
                               {"kind", "EndpointSlice"},
                               {"metadata", metadata},
                               {"addressType", "IPv4"},
                               {"endpoints", Value::array()},
                               {"ports", ports}}));
}

std::string uid_of(const Value& endpoint) { return endpoint.get("targetRef", "uid").str(); }

// Brings the slices of one port set to hold `desired` (by pod uid).
void plan_port_set(const Object& service, const Value& ports, std::map<std::string, Value> desired,
                   const std::vector<Object>& slices, SlicePlan& plan) {
  const Value labels = slice_labels(service);
  struct Draft {
    Object slice;
    bool changed = false;
  };
  std::vector<Draft> drafts;
  for (const Object& slice : slices) {
    Draft draft{slice};
    Value endpoints = Value::array();
    for (const Value& endpoint : slice.doc()["endpoints"].items()) {
      auto it = desired.find(uid_of(endpoint));
      if (it == desired.end()) {
        draft.changed = true;
        continue;
      }
      if (it->second != endpoint) draft.changed = true;
      endpoints.push_back(std::move(it->second));
      desired.erase(it);
    }
    if (draft.changed) draft.slice.mutable_doc().set("endpoints", std::move(endpoints));
    if (slice.labels() != labels) {
      draft.slice.mutable_doc().ref("metadata").set("labels", labels);
      draft.changed = true;
    }
    drafts.push_back(std::move(draft));
  }
  // New endpoints go where a write is needed anyway, then where there is room.
  std::ranges::sort(drafts, [](const Draft& a, const Draft& b) {
    return a.changed != b.changed ? a.changed : a.slice.name() < b.slice.name();
  });
  for (Draft& draft : drafts) {
    while (!desired.empty() && draft.slice.doc()["endpoints"].size() < kEndpointsPerSliceMax) {
      draft.slice.mutable_doc().ref("endpoints").push_back(std::move(desired.begin()->second));
      desired.erase(desired.begin());
      draft.changed = true;
    }
    if (draft.slice.doc()["endpoints"].empty())
      plan.deletes.push_back(draft.slice);
    else if (draft.changed)
      plan.updates.push_back(draft.slice);
  }
  while (!desired.empty()) {
    Object slice = new_slice(service, ports);
    Value& endpoints = slice.mutable_doc().ref("endpoints");
    while (!desired.empty() && endpoints.size() < kEndpointsPerSliceMax) {
      endpoints.push_back(std::move(desired.begin()->second));
      desired.erase(desired.begin());
    }
    plan.creates.push_back(std::move(slice));
  }
}

}  // namespace

std::vector<Value> resolve_ports(const Object& service, const Object& pod) {
  std::vector<Value> ports;
  for (const Value& service_port : service.spec()["ports"].items()) {
    const std::string_view given = service_port["protocol"].as_string();
    const std::string_view protocol = given.empty() ? "TCP" : given;
    const Value& target = service_port["targetPort"];
    std::int64_t number = target.is_null() ? service_port["port"].as_int() : target.as_int();
    if (target.is_string()) number = container_port(pod, target.as_string(), protocol);
    if (number == 0) continue;
    Value port = Value::object({{"name", service_port["name"].as_string()}, {"port", number}, {"protocol", protocol}});
    if (const Value& application = service_port["appProtocol"]; !application.is_null())
      port.set("appProtocol", application);
    ports.push_back(std::move(port));
  }
  return ports;
}

Object plan_endpoints(const Object& service, const std::vector<const PodView*>& pods, const Object& current) {
  struct Subset {
    Value ports = Value::array();
    std::map<std::string, Value> ready, not_ready;  // by address and pod
  };
  std::map<std::string, Subset> subsets;  // by ports
  for (const PodView* pod : pods) {
    const std::string address(address_of(*pod));
    if (address.empty() || pod->finished() || (pod->deleting && !publishes_unready(service))) continue;
    std::vector<Value> ports = resolve_ports(service, pod->object);
    if (ports.empty() && !service.spec()["ports"].empty()) continue;
    Value port_list = Value::array();
    for (Value& port : ports) {
      if (port["name"].empty()) port.erase("name");
      port_list.push_back(std::move(port));
    }
    Value entry = Value::object({{"ip", address}, {"targetRef", target_reference(pod->object)}});
    if (!pod->node.empty()) entry.set("nodeName", pod->node);
    if (const std::string_view hostname = published_hostname(service, pod->object); !hostname.empty())
      entry.set("hostname", hostname);
    Subset& subset = subsets[dump_json(port_list)];
    subset.ports = std::move(port_list);
    (pod->ready || publishes_unready(service) ? subset.ready : subset.not_ready)
        .insert_or_assign(address + "/" + std::string(pod->object.uid()), std::move(entry));
  }
  Value list = Value::array();
  for (auto& [text, subset] : subsets) {
    Value item = Value::object();
    const auto put = [&item](const char* field, std::map<std::string, Value>& addresses) {
      if (addresses.empty()) return;
      Value entries = Value::array();
      for (auto& [address, entry] : addresses) entries.push_back(std::move(entry));
      item.set(field, std::move(entries));
    };
    put("addresses", subset.ready);
    put("notReadyAddresses", subset.not_ready);
    if (!subset.ports.empty()) item.set("ports", subset.ports);
    list.push_back(std::move(item));
  }
  Object endpoints = current;
  Value& doc = endpoints.mutable_doc();
  if (!current) {
    doc = Value::object({{"apiVersion", "v1"},
                         {"kind", "Endpoints"},
                         {"metadata", Value::object({{"name", service.name()}, {"namespace", service.ns()}})}});
  }
  Value labels = service.labels().is_object() ? service.labels() : Value::object();
  labels.set("endpoints.kubernetes.io/managed-by", "endpoint-controller");
  if (is_headless(service))
    labels.set(kHeadless, "");
  else
    labels.erase(kHeadless);
  doc.ref("metadata").set("labels", std::move(labels));
  if (list.empty())
    doc.erase("subsets");
  else
    doc.set("subsets", std::move(list));
  return endpoints;
}

SlicePlan plan_slices(const Object& service, const std::vector<const PodView*>& pods,
                      const std::vector<Object>& existing,
                      const std::function<std::string(const std::string& node)>& zone_of) {
  struct PortSet {
    Value ports = Value::array();
    std::map<std::string, Value> endpoints;
    std::vector<Object> slices;
  };
  std::map<std::string, PortSet> port_sets;
  for (const PodView* pod : pods) {
    if (address_of(*pod).empty() || pod->finished()) continue;
    Value ports = Value::array();
    for (Value& port : resolve_ports(service, pod->object)) ports.push_back(std::move(port));
    PortSet& set = port_sets[dump_json(ports)];
    set.ports = std::move(ports);
    set.endpoints.emplace(std::string(pod->object.uid()), slice_endpoint(service, *pod, zone_of));
  }
  SlicePlan plan;
  std::vector<Object> stale;
  for (const Object& slice : existing) {
    const Value& ports = slice.doc()["ports"];
    auto it = port_sets.find(dump_json(ports.is_array() ? ports : Value::array()));
    if (it != port_sets.end())
      it->second.slices.push_back(slice);
    else
      stale.push_back(slice);
  }
  for (auto& [text, set] : port_sets) plan_port_set(service, set.ports, std::move(set.endpoints), set.slices, plan);
  // Without endpoints one empty slice stays, so that readers see there are none.
  if (port_sets.empty()) {
    const auto is_placeholder = [](const Object& slice) {
      return slice.doc()["endpoints"].empty() && slice.doc()["ports"].empty();
    };
    const auto placeholder = std::ranges::find_if(stale, is_placeholder);
    if (placeholder != stale.end())
      stale.erase(placeholder);
    else
      plan.creates.push_back(new_slice(service, Value::array()));
  }
  plan.deletes.insert(plan.deletes.end(), stale.begin(), stale.end());
  return plan;
}

}  // namespace drydock::controllers
