// IntOrString fields such as maxSurge: a number, or a percentage of a total.
#pragma once

#include <cstdint>

#include "core/machinery/value.h"

namespace drydock::controllers {

enum class Rounding { kUp, kDown };

// 0 for what is neither (validation has refused it).
std::int64_t resolve_int_or_percent(const Value& value, std::int64_t total, Rounding rounding);

}  // namespace drydock::controllers
