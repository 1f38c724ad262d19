// The hash in names made from a pod template: pod-template-hash of ReplicaSets,
// controller-revision-hash of StatefulSets and DaemonSets. 32-bit FNV-1a over
// the template (and a count of collisions), written with characters that cannot
// form words, as k8s.io/apimachinery/pkg/util/rand.SafeEncodeString does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/machinery/value.h"

namespace drydock::controllers {

std::string template_hash(const Value& pod_template, std::optional<std::int64_t> collision_count);
std::uint32_t fnv32a(std::string_view bytes, std::uint32_t seed = 2166136261U);
std::string safe_encode(std::string_view text);

}  // namespace drydock::controllers
