// What a pod specification asks for, as quotas and quality of service see it.
#pragma once

#include <map>
#include <string>

#include "core/machinery/object.h"
#include "core/machinery/quantity.h"

namespace drydock {

// BestEffort, Burstable or Guaranteed.
// https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/
std::string qos_class(const Value& pod_spec);

// What one pod counts with in a quota: "pods", "requests.cpu", "limits.memory", …
std::map<std::string, Quantity> pod_usage(const Object& pod);
// The same of a PersistentVolumeClaim: "requests.storage", and those of its class.
std::map<std::string, Quantity> claim_usage(const Object& claim);
// Does a ResourceQuota count this pod? spec.scopes; scopeSelector's operators on
// PriorityClass are those of admission.
bool quota_counts(const Object& quota, const Object& pod);

}  // namespace drydock
