#include "core/controllers/shared/conditions.h"

#include "core/machinery/timestamp.h"

namespace drydock::controllers {

const Value& find_condition(const Value& status, std::string_view type) {
  static const Value absent;
  for (const Value& condition : status["conditions"].items()) {
    if (condition["type"].as_string() == type) return condition;
  }
  return absent;
}

bool condition_is_true(const Value& status, std::string_view type) {
  return find_condition(status, type)["status"].as_string() == "True";
}

bool set_condition(Value& status, const Condition& wanted, TimePoint now, bool with_update_time) {
  const Value& current = find_condition(status, wanted.type);
  const bool same_status = current["status"].as_string() == wanted.status;
  if (same_status && current["reason"].as_string() == wanted.reason &&
      current["message"].as_string() == wanted.message) {
    return false;
  }
  const Value stamp = format_timestamp(now);
  Value next = Value::object({{"type", wanted.type}, {"status", wanted.status}});
  if (!wanted.reason.empty()) next.set("reason", wanted.reason);
  if (!wanted.message.empty()) next.set("message", wanted.message);
  next.set("lastTransitionTime", same_status ? current["lastTransitionTime"] : stamp);
  if (with_update_time) next.set("lastUpdateTime", stamp);
  Value& conditions = status.ref("conditions");
  if (conditions.is_null()) conditions = Value::array();
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    if (conditions[i]["type"].as_string() != wanted.type) continue;
    conditions.mutable_item(i) = std::move(next);
    return true;
  }
  conditions.push_back(std::move(next));
  return true;
}

bool remove_condition(Value& status, std::string_view type) {
  const std::span<const Value> items = status["conditions"].items();
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i]["type"].as_string() != type) continue;
    status.ref("conditions").erase_item(i);
    return true;
  }
  return false;
}

}  // namespace drydock::controllers
