// Nodes.
#include <algorithm>
#include <map>

#include "core/base/strings.h"
#include "core/machinery/quantity.h"
#include "core/machinery/timestamp.h"
#include "core/programs/kubectl/describe/describe.h"

namespace drydock::kubectl {
namespace {

constexpr std::string_view kRolePrefix = "node-role.kubernetes.io/";

std::string roles(const Value& labels) {
  std::vector<std::string> names;
  for (const auto& [key, value] : labels.members()) {
    if (key.view().starts_with(kRolePrefix))
      names.emplace_back(key.view().substr(kRolePrefix.size()));
    else if (key.view() == "kubernetes.io/role" && !value.empty())
      names.push_back(value.str());
  }
  std::sort(names.begin(), names.end());
  return or_none(join(names, ","));
}

// Requests and limits of a whole pod: the sum of its containers, or more for an init container.
Quantity pod_amount(const Value& spec, const char* which, const char* resource) {
  Quantity total;
  for (const Value& container : spec["containers"].items())
    total = total + Quantity::from(container["resources"][which][resource]).value_or(Quantity());
  for (const Value& container : spec["initContainers"].items()) {
    const Quantity own = Quantity::from(container["resources"][which][resource]).value_or(Quantity());
    if (own > total) total = own;
  }
  return total;
}

std::string share(const Quantity& amount, const Value& allocatable) {
  const std::int64_t all = quantity_milli_value(allocatable);
  return amount.str() + " (" + std::to_string(all == 0 ? 0 : amount.milli_value() * 100 / all) + "%)";
}

void write_resources(const char* title, const Value& list, DescribeWriter& writer) {
  if (list.empty()) return;
  writer.line(0, std::string(title) + ":");
  for (const auto& [name, value] : list.members()) {
    const auto amount = Quantity::parse(number_text(value));
    writer.field(name.view(), amount ? amount->str() : number_text(value), 1);
  }
}

void write_lease(const Result<Value>& lease, DescribeWriter& writer) {
  writer.line(0, "Lease:");
  if (!lease) {
    writer.field("HolderIdentity", "<unset>", 1);
    writer.line(1, "Failed to get lease: " + lease.error().message);
    return;
  }
  const Value& spec = (*lease)["spec"];
  writer.field("HolderIdentity", spec["holderIdentity"].empty() ? "<unset>" : spec["holderIdentity"].as_string(), 1);
  writer.field("AcquireTime", spec["acquireTime"].empty() ? "<unset>" : long_time(spec["acquireTime"]), 1);
  writer.field("RenewTime", spec["renewTime"].empty() ? "<unset>" : long_time(spec["renewTime"]), 1);
}

void write_system_info(const Value& info, DescribeWriter& writer) {
  static constexpr std::pair<const char*, const char*> kFields[] = {
      {"Machine ID", "machineID"},
      {"System UUID", "systemUUID"},
      {"Boot ID", "bootID"},
      {"Kernel Version", "kernelVersion"},
      {"OS Image", "osImage"},
      {"Operating System", "operatingSystem"},
      {"Architecture", "architecture"},
      {"Container Runtime Version", "containerRuntimeVersion"},
      {"Kubelet Version", "kubeletVersion"}};
  writer.line(0, "System Info:");
  for (const auto& [title, field] : kFields) writer.field(title, info[field].as_string(), 1);
  if (!info["kubeProxyVersion"].empty()) writer.field("Kube-Proxy Version", info["kubeProxyVersion"].as_string(), 1);
}

void write_pods(const std::vector<Value>& pods, const Value& allocatable, TimePoint now, DescribeWriter& writer) {
  writer.field("Non-terminated Pods", "(" + std::to_string(pods.size()) + " in total)");
  writer.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
  writer.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
  std::map<std::string, std::pair<Quantity, Quantity>> totals;
  for (const Value& pod : pods) {
    const Value& spec = pod["spec"];
    const auto created = parse_timestamp(pod["metadata"]["creationTimestamp"].as_string());
    writer.line(1, pod["metadata"]["namespace"].str() + "\t" + pod["metadata"]["name"].str() + "\t\t" +
                       share(pod_amount(spec, "requests", "cpu"), allocatable["cpu"]) + "\t" +
                       share(pod_amount(spec, "limits", "cpu"), allocatable["cpu"]) + "\t" +
                       share(pod_amount(spec, "requests", "memory"), allocatable["memory"]) + "\t" +
                       share(pod_amount(spec, "limits", "memory"), allocatable["memory"]) + "\t" +
                       (created ? human_duration(now - *created) : "<unknown>"));
    for (const auto& [name, value] : allocatable.members()) {
      const std::string key = name.str();
      auto& total = totals[key];
      total.first = total.first + pod_amount(spec, "requests", key.c_str());
      total.second = total.second + pod_amount(spec, "limits", key.c_str());
    }
  }
  writer.line(0, "Allocated resources:");
  writer.line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)");
  writer.line(1, "Resource\tRequests\tLimits");
  writer.line(1, "--------\t--------\t------");
  for (const char* name : {"cpu", "memory", "ephemeral-storage"}) {
    const auto& total = totals[name];
    writer.line(1, std::string(name) + "\t" + share(total.first, allocatable[name]) + "\t" +
                       share(total.second, allocatable[name]));
  }
  for (const auto& [name, value] : allocatable.members()) {
    if (name.view() == "cpu" || name.view() == "memory" || name.view() == "ephemeral-storage" || name.view() == "pods")
      continue;
    writer.line(1, name.str() + "\t" + totals[name.str()].first.str() +
                       (name.view().starts_with("hugepages-") ? " (0%)" : "") + "\t" + totals[name.str()].second.str() +
                       (name.view().starts_with("hugepages-") ? " (0%)" : ""));
  }
}

}  // namespace

Task<Result<void>> describe_node(DescribeContext& context, DescribeWriter& writer) {
  const Value& node = context.target.object;
  const Value& spec = node["spec"];
  const Value& status = node["status"];
  writer.field("Name", context.target.name);
  writer.field("Roles", roles(node["metadata"]["labels"]));
  writer.labels("Labels", node["metadata"]["labels"]);
  writer.annotations(node["metadata"]["annotations"]);
  writer.field("CreationTimestamp", long_time(node["metadata"]["creationTimestamp"]));
  std::vector<std::string> taints;
  for (const Value& taint : spec["taints"].items()) {
    taints.push_back(taint["key"].str() + (taint["value"].empty() ? "" : "=" + taint["value"].str()) + ":" +
                     taint["effect"].str());
  }
  writer.field("Taints", or_none(join(taints, "\n\t")));
  writer.field("Unschedulable", yes_no(spec["unschedulable"].as_bool(), false));
  const Result<Value> lease =
      co_await context.session.get(resources::kLeases.path("kube-node-lease", context.target.name));
  write_lease(lease, writer);
  if (!status["conditions"].empty()) {
    writer.line(0, "Conditions:");
    writer.line(1, "Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
    writer.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    for (const Value& condition : status["conditions"].items()) {
      writer.line(1, condition["type"].str() + " \t" + condition["status"].str() + " \t" +
                         long_time(condition["lastHeartbeatTime"]) + " \t" +
                         long_time(condition["lastTransitionTime"]) + " \t" + condition["reason"].str() + " \t" +
                         condition["message"].str());
    }
  }
  writer.line(0, "Addresses:");
  for (const Value& address : status["addresses"].items())
    writer.field(address["type"].as_string(), address["address"].as_string(), 1);
  write_resources("Capacity", status["capacity"], writer);
  write_resources("Allocatable", status["allocatable"], writer);
  write_system_info(status["nodeInfo"], writer);
  if (!spec["podCIDR"].empty()) writer.field("PodCIDR", spec["podCIDR"].as_string());
  if (!spec["podCIDRs"].empty()) writer.field("PodCIDRs", join_texts(spec["podCIDRs"], ","));
  if (!spec["providerID"].empty()) writer.field("ProviderID", spec["providerID"].as_string());
  HttpQuery query;
  query.add("fieldSelector", "spec.nodeName=" + context.target.name + ",status.phase!=Succeeded,status.phase!=Failed");
  DRYDOCK_CO_TRY(const std::vector<Value> pods, co_await list_all(context.session, resources::kPods.path(""), query));
  write_pods(pods, status["allocatable"].empty() ? status["capacity"] : status["allocatable"], context.session.now(),
             writer);
  co_return co_await describe_events(context, writer);
}

}  // namespace drydock::kubectl
