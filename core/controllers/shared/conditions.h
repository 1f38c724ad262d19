// Conditions of a status: {type, status, reason, message, last…Time} lists.
// https://kubernetes.io/docs/reference/using-api/api-concepts/
#pragma once

#include <string_view>

#include "core/base/clock.h"
#include "core/machinery/value.h"

namespace drydock::controllers {

struct Condition {
  std::string_view type;
  std::string_view status;  // "True", "False", "Unknown"
  std::string_view reason;
  std::string_view message;
};

// The condition of that type in `status.conditions`, or null.
const Value& find_condition(const Value& status, std::string_view type);
bool condition_is_true(const Value& status, std::string_view type);

// Adds or replaces a condition. lastTransitionTime moves only when the status
// changes; lastUpdateTime, where `with_update_time`, on every change. Returns
// whether anything changed.
bool set_condition(Value& status, const Condition& condition, TimePoint now, bool with_update_time = false);
bool remove_condition(Value& status, std::string_view type);

}  // namespace drydock::controllers
