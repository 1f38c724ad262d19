// Audit: which requests a policy wants recorded, and the events that record them.
// https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/apiserver/access/identity.h"
#include "core/apiserver/request_info.h"
#include "core/machinery/http_message.h"

namespace drydock {

enum class AuditLevel { kNone, kMetadata, kRequest, kRequestResponse };

// What a policy (audit.k8s.io/v1) says about one request: its first rule that fits.
struct AuditDecision {
  AuditLevel level = AuditLevel::kNone;
  std::vector<std::string> omitted_stages;
  bool omit_managed_fields = false;
  bool wants(std::string_view stage) const;
};
AuditDecision audit_decision(const Value& policy, const Identity& who, const RequestInfo& info,
                             const std::string& path);
// "" or what is wrong with a policy, as kube-apiserver says when it starts.
std::string audit_policy_problem(const Value& policy);

struct AuditedRequest {
  const HttpRequest& http;
  const RequestInfo& info;
  const Identity& who;
  std::string id;
  TimePoint received;
  TimePoint now;
  const std::map<std::string, std::string>& annotations;
};
// `response` is null for the stage RequestReceived.
Value audit_event(const AuditDecision& decision, const AuditedRequest& request, const char* stage,
                  const HttpResponse* response);

}  // namespace drydock
