// LimitRanger and ResourceQuota: what a namespace's policies add to new objects, and
// what they refuse.
// https://kubernetes.io/docs/concepts/policy/limit-range/
// https://kubernetes.io/docs/concepts/policy/resource-quotas/
#include <algorithm>
#include <map>

#include "core/apiserver/api_server.h"
#include "core/base/strings.h"
#include "core/machinery/pod_resources.h"

namespace drydock {
namespace {

// Fills what a container leaves open; tells which resources it filled.
std::vector<std::string> fill(Value& container, const char* list, const Value& defaults) {
  std::vector<std::string> filled;
  for (const Value::Member& entry : defaults.members()) {
    if (container["resources"][list].has(entry.key.view())) continue;
    container.ref("resources", list).set(entry.key, entry.value);
    filled.push_back(entry.key.str());
  }
  return filled;
}

void apply_limit_range(const Object& range, Value& pod) {
  std::vector<std::string> notes;
  for (const Value& limit : range.spec()["limits"].items()) {
    if (limit["type"].as_string() != "Container") continue;
    for (const char* containers : {"containers", "initContainers"}) {
      for (std::size_t i = 0; i < pod["spec"][containers].size(); ++i) {
        Value& container = pod.ref("spec", containers).mutable_item(i);
        const std::string what =
            std::string_view(containers) == "containers" ? " for container " : " for init container ";
        const std::vector<std::string> requests = fill(container, "requests", limit["defaultRequest"]);
        const std::vector<std::string> limits = fill(container, "limits", limit["default"]);
        if (!requests.empty()) notes.push_back(join(requests, ", ") + " request" + what + container["name"].str());
        if (!limits.empty()) notes.push_back(join(limits, ", ") + " limit" + what + container["name"].str());
      }
    }
  }
  if (!notes.empty())
    pod.ref("metadata", "annotations")
        .set("kubernetes.io/limit-ranger", "LimitRanger plugin set: " + join(notes, "; "));
}

// "maximum cpu usage per Container is 1, but limit is 2"
void check_bounds(const Value& limit, const Value& resources, const std::string& type,
                  std::vector<std::string>& problems) {
  for (const Value::Member& bound : limit["min"].members()) {
    const auto least = Quantity::from(bound.value).value_or(Quantity());
    const std::string start = "minimum " + bound.key.str() + " usage per " + type + " is " + least.str();
    const auto request = Quantity::from(resources["requests"][bound.key.view()]);
    const auto most = Quantity::from(resources["limits"][bound.key.view()]);
    if (!request)
      problems.push_back(start + ".  No request is specified");
    else if (*request < least)
      problems.push_back(start + ", but request is " + request->str());
    if (most && *most < least) problems.push_back(start + ", but limit is " + most->str());
  }
  for (const Value::Member& bound : limit["max"].members()) {
    const auto most = Quantity::from(bound.value).value_or(Quantity());
    const std::string start = "maximum " + bound.key.str() + " usage per " + type + " is " + most.str();
    const auto request = Quantity::from(resources["requests"][bound.key.view()]);
    const auto given = Quantity::from(resources["limits"][bound.key.view()]);
    if (!given)
      problems.push_back(start + ".  No limit is specified");
    else if (*given > most)
      problems.push_back(start + ", but limit is " + given->str());
    if (request && *request > most) problems.push_back(start + ", but request is " + request->str());
  }
}

// "cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000"
void check_ratio(const Value& limit, const Value& resources, const std::string& type,
                 std::vector<std::string>& problems) {
  for (const Value::Member& bound : limit["maxLimitRequestRatio"].members()) {
    const std::string_view name = bound.key.view();
    const auto most = Quantity::from(bound.value).value_or(Quantity());
    const auto request = Quantity::from(resources["requests"][name]).value_or(Quantity());
    const auto given = Quantity::from(resources["limits"][name]).value_or(Quantity());
    const std::string start = std::string(name) + " max limit to request ratio per " + type + " is " + most.str();
    if (request.is_zero()) {
      problems.push_back(start + ", but no request is specified or request is 0");
    } else if (given.is_zero()) {
      problems.push_back(start + ", but no limit is specified or limit is 0");
    } else {
      const double ratio = static_cast<double>(given.milli_value()) / static_cast<double>(request.milli_value());
      if (ratio * 1000 > static_cast<double>(most.milli_value()))
        problems.push_back(start + ", but provided ratio is " + format("%f", ratio));
    }
  }
}

// What all containers of a pod ask for together; a resource that one of them leaves open
// is left open.
Value pod_total(const Value& spec) {
  Value total = Value::object();
  for (const char* list : {"requests", "limits"}) {
    std::map<std::string, Quantity> sums;
    std::map<std::string, std::size_t> counted;
    const auto containers = spec["containers"].items();
    for (const Value& container : containers) {
      for (const Value::Member& amount : container["resources"][list].members()) {
        sums[amount.key.str()] = sums[amount.key.str()] + Quantity::from(amount.value).value_or(Quantity());
        ++counted[amount.key.str()];
      }
    }
    for (const auto& [name, sum] : sums) {
      if (counted[name] != containers.size()) continue;
      Quantity most = sum;
      for (const Value& container : spec["initContainers"].items())
        most = std::max(most, Quantity::from(container["resources"][list][name]).value_or(Quantity()));
      total.ref(list).set(name, most.str());
    }
  }
  return total;
}

// What every container must say when a quota limits it.
constexpr std::string_view kMustBeGiven[] = {"cpu",        "memory",       "requests.cpu", "requests.memory",
                                             "limits.cpu", "limits.memory"};

std::string quota_text(const std::map<std::string, Quantity>& amounts) {
  std::string text;
  for (const auto& [name, amount] : amounts) text += (text.empty() ? "" : ",") + name + "=" + amount.str();
  return text;
}

// How a quota names objects of a resource: "pods", "count/deployments.apps".
std::vector<std::string> count_names(const ResourceInfo& resource) {
  const std::string full = resource.resource + (resource.group.empty() ? "" : "." + resource.group);
  std::vector<std::string> names{"count/" + full};
  for (const char* plain :
       {"services", "secrets", "configmaps", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas"}) {
    if (resource.group.empty() && resource.resource == plain) names.emplace_back(plain);
  }
  return names;
}

std::map<std::string, Quantity> usage_of(const ResourceInfo& resource, const Object& object) {
  if (resource.resource == "pods") return pod_usage(object);
  if (resource.resource == "persistentvolumeclaims") return claim_usage(object);
  std::map<std::string, Quantity> used;
  for (const std::string& name : count_names(resource)) used[name] = Quantity::of(1);
  if (resource.resource == "services") {
    std::int64_t node_ports = 0;
    const std::string_view type = object.spec()["type"].as_string();
    if (type == "NodePort" || type == "LoadBalancer")
      node_ports = static_cast<std::int64_t>(object.spec()["ports"].size());
    used["services.nodeports"] = Quantity::of(node_ports);
    used["services.loadbalancers"] = Quantity::of(type == "LoadBalancer" ? 1 : 0);
  }
  return used;
}

}  // namespace

Result<void> ApiServer::admit_limits(Call& call, Value& document) {
  const bool pod = call.info.resource == "pods";
  const bool claim = call.info.resource == "persistentvolumeclaims";
  if (!pod && !claim) return {};
  const auto& ranges = cache("", "limitranges").objects();
  std::vector<std::string> problems;
  for (auto range = ranges.lower_bound({call.info.ns, ""}); range != ranges.end() && range->first.ns == call.info.ns;
       ++range) {
    if (pod) apply_limit_range(range->second, document);
    for (const Value& limit : range->second.spec()["limits"].items()) {
      const std::string type = limit["type"].str();
      if (pod && type == "Container") {
        for (const char* list : {"containers", "initContainers"}) {
          for (const Value& container : document["spec"][list].items()) {
            check_bounds(limit, container["resources"], type, problems);
            check_ratio(limit, container["resources"], type, problems);
          }
        }
      }
      if (pod && type == "Pod") {
        const Value total = pod_total(document["spec"]);
        check_bounds(limit, total, type, problems);
        check_ratio(limit, total, type, problems);
      }
      if (claim && type == "PersistentVolumeClaim") {
        Value resources = document["spec"]["resources"];
        resources.set("limits", resources["requests"]);
        check_bounds(limit, resources, type, problems);
      }
    }
  }
  if (problems.empty()) return {};
  const std::string text = problems.size() == 1 ? problems[0] : "[" + join(problems, ", ") + "]";
  return Status::forbidden(call.info.group, call.info.resource, document["metadata"]["name"].as_string(), text);
}

Result<void> ApiServer::admit_quota(Call& call, const Value& document) {
  const auto& quotas = cache("", "resourcequotas").objects();
  const Object object(document);
  for (auto at = quotas.lower_bound({call.info.ns, ""}); at != quotas.end() && at->first.ns == call.info.ns; ++at) {
    const Object& quota = at->second;
    const bool pod = call.info.resource == "pods";
    if (pod && !quota_counts(quota, object)) continue;
    const std::map<std::string, Quantity> wanted = usage_of(*call.resource, object);
    // What must be given, because the quota limits it.
    if (pod) {
      std::vector<std::string> missing;
      for (const Value::Member& hard : quota.spec()["hard"].members()) {
        const std::string name = hard.key.str();
        if (std::ranges::find(kMustBeGiven, name) == std::end(kMustBeGiven) || wanted.contains(name)) continue;
        std::vector<std::string> containers;
        for (const Value& container : document["spec"]["containers"].items())
          containers.push_back(container["name"].str());
        missing.push_back(name + " for: " + join(containers, ","));
      }
      if (!missing.empty()) {
        return Status::forbidden("", "pods", object.name(),
                                 "failed quota: " + at->first.name + ": must specify " + join(missing, "; "));
      }
    }
    std::map<std::string, Quantity> used;
    for (const auto& [key, other] : cache(*call.resource).objects()) {
      if (key.ns != call.info.ns || (pod && !quota_counts(quota, other))) continue;
      const std::string_view phase = other.status()["phase"].as_string();
      if (pod && (phase == "Succeeded" || phase == "Failed")) continue;
      for (const auto& [name, amount] : usage_of(*call.resource, other)) used[name] = used[name] + amount;
    }
    std::map<std::string, Quantity> over_wanted, over_used, over_hard;
    for (const Value::Member& hard : quota.spec()["hard"].members()) {
      const std::string name = hard.key.str();
      const auto asked = wanted.find(name);
      const auto most = Quantity::from(hard.value);
      if (asked == wanted.end() || !most || used[name] + asked->second <= *most) continue;
      over_wanted[name] = asked->second;
      over_used[name] = used[name];
      over_hard[name] = *most;
    }
    if (over_wanted.empty()) continue;
    return Status::forbidden(call.info.group, call.info.resource, object.name(),
                             "exceeded quota: " + at->first.name + ", requested: " + quota_text(over_wanted) +
                                 ", used: " + quota_text(over_used) + ", limited: " + quota_text(over_hard));
  }
  return {};
}

}  // namespace drydock
