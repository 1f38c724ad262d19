// Pod Security Standards: what the levels baseline and restricted forbid of a pod.
// https://kubernetes.io/docs/concepts/security/pod-security-standards/
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/machinery/value.h"

namespace drydock {

// A level and the version of its definition.
struct PodSecurityLevel {
  enum Level { kPrivileged, kBaseline, kRestricted };
  static constexpr int kLatest = 1000;
  Level level = kPrivileged;
  int minor = kLatest;
  std::string str() const;  // "restricted:latest", "baseline:v1.25"
  bool operator==(const PodSecurityLevel&) const = default;
};

struct PodSecurityPolicy {
  PodSecurityLevel enforce, audit, warn;
  // What is wrong with the labels themselves.
  std::vector<StatusCause> causes;
};
// What a namespace's labels ask for.
PodSecurityPolicy pod_security_policy(const Value& labels);

struct PodSecurityVerdict {
  std::vector<std::string> reasons;  // "privileged"
  std::vector<std::string> details;  // "privileged (container \"a\" must not set …)"
  bool allowed() const { return reasons.empty(); }
};
PodSecurityVerdict check_pod_security(const PodSecurityLevel& level, const Value& metadata, const Value& spec);

}  // namespace drydock
