#include "core/machinery/pod_resources.h"

#include <algorithm>

namespace drydock {
namespace {

const Value& spec_amount(const Value& container, const char* list, const char* resource) {
  return container.get("resources", list, resource);
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

bool quota_counts(const Object& quota, const Object& pod) {
  return std::ranges::all_of(quota.spec()["scopes"].items(), [&pod](const Value& scope) {
    const std::string_view name = scope.as_string();
    const bool terminating = pod.spec()["activeDeadlineSeconds"].is_number();
    if (name == "BestEffort") return !has_any_resources(pod);
    if (name == "NotBestEffort") return has_any_resources(pod);
    if (name == "Terminating") return terminating;
    if (name == "NotTerminating") return !terminating;
    return true;
  });
}

std::map<std::string, Quantity> pod_usage(const Object& pod) {
  std::map<std::string, Quantity> used;
  used["pods"] = used["count/pods"] = Quantity::of(1);
  for (const char* list : {"requests", "limits"}) {
    for (const char* resource : {"cpu", "memory", "ephemeral-storage"}) {
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
      if (total.is_zero()) continue;
      used[std::string(list) + "." + resource] = total;
      if (list == std::string_view("requests")) used[resource] = total;
    }
  }
  return used;
}

}  // namespace drydock
