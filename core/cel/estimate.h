// What an expression may cost at most, from the limits of the types that it looks at.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#resource-use-by-validation-functions
#pragma once

#include <cstdint>

#include "core/cel/cel.h"

namespace drydock::cel {

// Saturates at UINT64_MAX: something has no limit.
std::uint64_t estimate_cost(const Program& program);
std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b);

}  // namespace drydock::cel
