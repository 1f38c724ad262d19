#include "core/scheduler/pod_info.h"

namespace drydock::scheduler {
namespace {

std::vector<std::string> strings(const Value& list) {
  std::vector<std::string> texts;
  for (const Value& item : list.items()) texts.push_back(item.str());
  return texts;
}

// A selector that the API server has let in is valid; an absent one matches nothing.
LabelSelector selector_from(const Value& document) {
  Result<LabelSelector> selector = LabelSelector::from_document(document);
  return selector ? *selector : LabelSelector::nothing();
}

// matchLabelKeys add the pod's own values of these keys to the selector.
Value with_match_label_keys(const Value& term, const Object& pod) {
  Value selector = term["labelSelector"];
  for (const Value& key : term["matchLabelKeys"].items()) {
    if (const Value* label = pod.labels().find(key.as_string()))
      selector.ref("matchLabels").set(key.as_string(), *label);
  }
  return selector;
}

AffinityTerm read_affinity_term(const Value& document, const Object& pod, std::int64_t weight) {
  AffinityTerm term{.topology_key = document["topologyKey"].str(),
                    .selector = selector_from(with_match_label_keys(document, pod)),
                    .namespaces = strings(document["namespaces"]),
                    .namespace_selector = std::nullopt,
                    .weight = weight};
  if (const Value* selector = document.find("namespaceSelector")) term.namespace_selector = selector_from(*selector);
  if (term.namespaces.empty() && !term.namespace_selector) term.namespaces.emplace_back(pod.ns());
  return term;
}

PodAffinity read_affinity(const Value& document, const Object& pod) {
  PodAffinity affinity;
  for (const Value& term : document["requiredDuringSchedulingIgnoredDuringExecution"].items()) {
    affinity.required.push_back(read_affinity_term(term, pod, 0));
  }
  for (const Value& weighted : document["preferredDuringSchedulingIgnoredDuringExecution"].items()) {
    affinity.preferred.push_back(read_affinity_term(weighted["podAffinityTerm"], pod, weighted["weight"].as_int()));
  }
  return affinity;
}

void read_ports(PodInfo& info, const Value& containers) {
  for (const Value& container : containers.items()) {
    for (const Value& port : container["ports"].items()) {
      const std::int64_t number = port["hostPort"].as_int();
      if (number == 0) continue;
      const std::string_view ip = port["hostIP"].as_string();
      const std::string_view protocol = port["protocol"].as_string();
      info.host_ports.push_back(
          {std::string(ip.empty() ? "0.0.0.0" : ip), std::string(protocol.empty() ? "TCP" : protocol), number});
    }
  }
}

}  // namespace

PodInfo read_pod(const Object& pod) {
  PodInfo info;
  const Value& spec = pod.spec();
  info.object = pod;
  info.key = pod.key();
  info.uid = std::string(pod.uid());
  info.owner_uid = pod.controller_ref()["uid"].str();
  info.node_name = spec["nodeName"].str();
  info.priority = spec["priority"].as_int();
  info.may_preempt = spec["preemptionPolicy"].as_string() != "Never";
  info.requests = pod_requests(pod);
  info.non_zero = non_zero_requests(pod);
  info.tolerations = read_tolerations(spec["tolerations"]);
  info.node_selection = read_node_selection(spec);
  if (const Value* affinity = spec.find("affinity")) {
    info.affinity = read_affinity((*affinity)["podAffinity"], pod);
    info.anti_affinity = read_affinity((*affinity)["podAntiAffinity"], pod);
  }
  for (const Value& constraint : spec["topologySpreadConstraints"].items()) {
    info.spread.push_back({.topology_key = constraint["topologyKey"].str(),
                           .max_skew = constraint["maxSkew"].as_int(1),
                           .min_domains = constraint["minDomains"].as_int(1),
                           .required = constraint["whenUnsatisfiable"].as_string() != "ScheduleAnyway",
                           .honor_taints = constraint["nodeTaintsPolicy"].as_string() == "Honor",
                           .honor_affinity = constraint["nodeAffinityPolicy"].as_string() != "Ignore",
                           .selector = selector_from(with_match_label_keys(constraint, pod))});
  }
  read_ports(info, spec["containers"]);
  read_ports(info, spec["initContainers"]);
  for (const Value& container : spec["containers"].items()) info.images.push_back(container["image"].str());
  return info;
}

}  // namespace drydock::scheduler
