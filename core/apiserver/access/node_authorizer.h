// The Node authorizer: a kubelet reads only what its pods refer to, and its own Node.
// https://kubernetes.io/docs/reference/access-authn-authz/node/
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/apiserver/access/identity.h"
#include "core/apiserver/admission/object_view.h"

namespace drydock {

constexpr std::string_view kNodesGroup = "system:nodes";
constexpr std::string_view kNodePrefix = "system:node:";

// Names of what a pod's specification refers to, in its namespace.
struct PodReferences {
  std::set<std::string> secrets, config_maps, claims;
};
PodReferences references_of(const Object& pod);

// nullopt: allowed. Otherwise why not, "" when there is nothing to say; RBAC may still
// allow it.
std::optional<std::string> node_denial(const std::string& node, const RequestInfo& info, ObjectView& objects);

}  // namespace drydock
