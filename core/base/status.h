// The Kubernetes Status: how every API-level failure travels through Drydock.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
//
// `message` is the text upstream prints, because learners search for it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace drydock {

// One entry of Status.details.causes. `type` is the CauseType, e.g. "FieldValueInvalid".
struct StatusCause {
  std::string type;
  std::string message;
  std::string field;
};

struct Status {
  int code = 500;      // HTTP status code
  std::string reason;  // StatusReason, e.g. "NotFound", "AlreadyExists", "Invalid"
  std::string message;
  std::string name;   // details.name
  std::string group;  // details.group
  std::string kind;   // details.kind (the plural resource for most reasons, as upstream)
  std::string uid;    // details.uid
  std::vector<StatusCause> causes;
  std::int32_t retry_after_seconds = 0;

  // Constructors word the message as k8s.io/apimachinery/pkg/api/errors does.
  // `resource` is plural and lower case; `group` is "" for the core group.
  static Status not_found(std::string_view group, std::string_view resource, std::string_view name);
  static Status already_exists(std::string_view group, std::string_view resource, std::string_view name);
  static Status conflict(std::string_view group, std::string_view resource, std::string_view name,
                         std::string_view why);
  static Status invalid(std::string_view group, std::string_view kind, std::string_view name,
                        std::vector<StatusCause> causes);
  static Status bad_request(std::string message);
  static Status forbidden(std::string_view group, std::string_view resource, std::string_view name,
                          std::string_view why);
  static Status unauthorized();
  static Status method_not_supported(std::string_view group, std::string_view resource, std::string_view action);
  static Status gone(std::string message);     // 410 Expired
  static Status timeout(std::string message);  // 504 Timeout
  static Status internal(std::string_view what);
  static Status service_unavailable(std::string message);

  // A failure below the API (network, files, parse): code 0, the message is all there is.
  // Clients print it as their own error, not as one "from server".
  static Status plain(std::string message);

  bool is(std::string_view wanted_reason) const { return reason == wanted_reason; }
  bool is_not_found() const { return reason == "NotFound"; }
  bool is_conflict() const { return reason == "Conflict"; }
  bool is_already_exists() const { return reason == "AlreadyExists"; }
};

}  // namespace drydock
