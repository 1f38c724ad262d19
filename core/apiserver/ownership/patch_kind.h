// The patches that a request's media type may ask for.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/result.h"
#include "core/machinery/value.h"

namespace drydock {

enum class PatchKind : std::uint8_t { kJson, kMerge, kStrategicMerge, kApply };

// 415 for any other media type.
Result<PatchKind> patch_kind(std::string_view content_type);
// Not for kApply, which needs to know the object's kind.
Result<Value> apply_patch(PatchKind kind, const Value& current, const Value& patch);

}  // namespace drydock
