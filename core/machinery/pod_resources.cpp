#include "core/machinery/pod_resources.h"

#include <algorithm>
#include <set>

namespace drydock {
namespace {

const Value& spec_amount(const Value& container, const char* list, const std::string& resource) {
  return container.get("resources", list, resource);
}

// What the containers ask for or are limited in.
std::set<std::string> resources_of(const Object& pod, const char* list) {
  std::set<std::string> names;
  for (const char* containers : {"containers", "initContainers"}) {
    for (const Value& container : pod.spec()[containers].items()) {
      for (const Value::Member& amount : container["resources"][list].members()) names.insert(amount.key.str());
    }
  }
  return names;
}

bool has_any_resources(const Object& pod) {
  return std::ranges::any_of(pod.spec()["containers"].items(), [](const Value& container) {
    return !container.get("resources", "requests").empty() || !container.get("resources", "limits").empty();
  });
}

}  // namespace

std::string qos_class(const Value& spec) {
  bool any = false;
  bool all = true;
  for (const char* list : {"containers", "initContainers"}) {
    for (const Value& container : spec[list].items()) {
      const Value& resources = container["resources"];
      for (const char* resource : {"cpu", "memory"}) {
        const Value& limit = resources["limits"][resource];
        const Value& request = resources["requests"][resource].is_null() ? limit : resources["requests"][resource];
        if (!limit.is_null() || !request.is_null()) any = true;
        if (limit.is_null() || !(Quantity::from(limit) == Quantity::from(request))) all = false;
      }
    }
  }
  return !any ? "BestEffort" : all ? "Guaranteed" : "Burstable";
}

namespace {

// Does a pod look at pods of other namespaces to find its place?
bool crosses_namespaces(const Value& spec) {
  for (const char* kind : {"podAffinity", "podAntiAffinity"}) {
    for (const char* list :
         {"requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution"}) {
      for (const Value& term : spec["affinity"][kind][list].items()) {
        const Value& selected = term.has("podAffinityTerm") ? term["podAffinityTerm"] : term;
        if (!selected["namespaces"].empty() || selected.has("namespaceSelector")) return true;
      }
    }
  }
  return false;
}

bool scope_holds(std::string_view scope, std::string_view op, const Value& values, const Object& pod) {
  if (scope == "PriorityClass") {
    const std::string_view name = pod.spec()["priorityClassName"].as_string();
    const bool listed =
        std::ranges::any_of(values.items(), [&](const Value& value) { return value.as_string() == name; });
    if (op == "In") return listed;
    if (op == "NotIn") return !listed;
    return (op == "DoesNotExist") == name.empty();
  }
  const bool terminating = pod.spec()["activeDeadlineSeconds"].is_number();
  bool holds = true;
  if (scope == "BestEffort") holds = !has_any_resources(pod);
  if (scope == "NotBestEffort") holds = has_any_resources(pod);
  if (scope == "Terminating") holds = terminating;
  if (scope == "NotTerminating") holds = !terminating;
  if (scope == "CrossNamespacePodAffinity") holds = crosses_namespaces(pod.spec());
  return holds;
}

}  // namespace

bool quota_counts(const Object& quota, const Object& pod) {
  return std::ranges::all_of(
             quota.spec()["scopes"].items(),
             [&pod](const Value& scope) { return scope_holds(scope.as_string(), "Exists", {}, pod); }) &&
         std::ranges::all_of(quota.spec()["scopeSelector"]["matchExpressions"].items(), [&pod](const Value& each) {
           return scope_holds(each["scopeName"].as_string(), each["operator"].as_string(), each["values"], pod);
         });
}

std::map<std::string, Quantity> pod_usage(const Object& pod) {
  std::map<std::string, Quantity> used;
  used["pods"] = used["count/pods"] = Quantity::of(1);
  for (const char* list : {"requests", "limits"}) {
    const bool requests = list == std::string_view("requests");
    for (const std::string& resource : resources_of(pod, list)) {
      // Of what is not divisible only requests are limited: huge pages, devices.
      const bool compute = resource == "cpu" || resource == "memory" || resource == "ephemeral-storage";
      if (!compute && !requests) continue;
      Quantity running, starting;
      for (const Value& container : pod.spec()["containers"].items())
        running = running + Quantity::from(spec_amount(container, list, resource)).value_or(Quantity());
      for (const Value& container : pod.spec()["initContainers"].items()) {
        const Quantity amount = Quantity::from(spec_amount(container, list, resource)).value_or(Quantity());
        if (container["restartPolicy"].as_string() == "Always")
          running = running + amount;
        else
          starting = std::max(starting, amount);
      }
      const Quantity total = std::max(running, starting);
      if (compute && total.is_zero()) continue;
      used[std::string(list) + "." + resource] = total;
      if (requests && (compute || resource.starts_with("hugepages-"))) used[resource] = total;
    }
  }
  return used;
}

std::map<std::string, Quantity> claim_usage(const Object& claim) {
  const Quantity storage = Quantity::from(claim.spec()["resources"]["requests"]["storage"]).value_or(Quantity());
  std::map<std::string, Quantity> used{{"persistentvolumeclaims", Quantity::of(1)},
                                       {"count/persistentvolumeclaims", Quantity::of(1)},
                                       {"requests.storage", storage}};
  const std::string name = claim.spec()["storageClassName"].str();
  if (name.empty()) return used;
  used[name + ".storageclass.storage.k8s.io/persistentvolumeclaims"] = Quantity::of(1);
  used[name + ".storageclass.storage.k8s.io/requests.storage"] = storage;
  return used;
}

}  // namespace drydock
