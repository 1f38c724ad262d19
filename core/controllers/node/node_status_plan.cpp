#include "core/controllers/node/node_status_plan.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/controllers/shared/conditions.h"
#include "core/machinery/timestamp.h"

namespace drydock::controllers {
namespace {

struct ConditionTaint {
  const char* condition;
  const char* status;
  const char* key;
};
constexpr std::array kConditionTaints = {
    ConditionTaint{"Ready", "False", "node.kubernetes.io/not-ready"},
    ConditionTaint{"Ready", "Unknown", "node.kubernetes.io/unreachable"},
    ConditionTaint{"MemoryPressure", "True", "node.kubernetes.io/memory-pressure"},
    ConditionTaint{"DiskPressure", "True", "node.kubernetes.io/disk-pressure"},
    ConditionTaint{"NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"},
    ConditionTaint{"PIDPressure", "True", "node.kubernetes.io/pid-pressure"},
};
constexpr const char* kUnschedulable = "node.kubernetes.io/unschedulable";

bool is_managed(const Value& taint) {
  const std::string_view key = taint["key"].as_string();
  const std::string_view effect = taint["effect"].as_string();
  if (effect == "NoExecute") return key == kConditionTaints[0].key || key == kConditionTaints[1].key;
  if (effect != "NoSchedule") return false;
  return key == kUnschedulable ||
         std::ranges::any_of(kConditionTaints, [key](const ConditionTaint& taint_row) { return key == taint_row.key; });
}

}  // namespace

std::string_view readiness(const Object& node) { return find_condition(node.status(), "Ready")["status"].as_string(); }

Value plan_taints(const Object& node, TimePoint now) {
  const Value& current = node.spec()["taints"];
  std::vector<Value> wanted;
  const auto want = [&](const char* key, const char* effect) {
    for (const Value& taint : current.items()) {
      if (taint["key"].as_string() == key && taint["effect"].as_string() == effect) {
        wanted.push_back(taint);
        return;
      }
    }
    Value taint = Value::object({{"key", key}, {"effect", effect}});
    if (effect == std::string_view("NoExecute") || key == std::string_view(kUnschedulable))
      taint.set("timeAdded", format_timestamp(now));
    wanted.push_back(std::move(taint));
  };
  for (const ConditionTaint& row : kConditionTaints) {
    if (find_condition(node.status(), row.condition)["status"].as_string() == row.status) want(row.key, "NoSchedule");
  }
  if (node.spec()["unschedulable"].as_bool()) want(kUnschedulable, "NoSchedule");
  if (readiness(node) == "False") want(kConditionTaints[0].key, "NoExecute");
  if (readiness(node) == "Unknown") want(kConditionTaints[1].key, "NoExecute");

  Value taints = Value::array();
  for (const Value& taint : current.items()) {
    const bool keep = !is_managed(taint) || std::ranges::find(wanted, taint) != wanted.end();
    if (keep) taints.push_back(taint);
  }
  for (Value& taint : wanted) {
    if (std::ranges::find(current.items(), taint) == current.items().end()) taints.push_back(std::move(taint));
  }
  return taints;
}

Value silent_status(const Object& node, TimePoint now) {
  Value status = node.status();
  for (const char* type : {"Ready", "MemoryPressure", "DiskPressure", "PIDPressure"}) {
    const Value& present = find_condition(status, type);
    if (present["status"].as_string() == "Unknown") continue;
    const bool never = present.is_null();
    const Value heartbeat = never ? node.metadata()["creationTimestamp"] : present["lastHeartbeatTime"];
    set_condition(status,
                  never ? Condition{type, "Unknown", "NodeStatusNeverUpdated", "Kubelet never posted node status."}
                        : Condition{type, "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status."},
                  now);
    Value& conditions = status.ref("conditions");
    for (std::size_t i = 0; i < conditions.size(); ++i) {
      if (conditions[i]["type"].as_string() == type) conditions.mutable_item(i).set("lastHeartbeatTime", heartbeat);
    }
  }
  return status;
}

}  // namespace drydock::controllers
