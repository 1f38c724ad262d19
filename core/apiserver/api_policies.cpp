// Admission policies in CEL, asked for one request.
#include "core/apiserver/api_server.h"
#include "core/apiserver/policy/mutation.h"
#include "core/apiserver/policy/policy.h"
#include "core/machinery/defaults.h"

namespace drydock {
namespace {

constexpr const char* kGroup = "admissionregistration.k8s.io";

}  // namespace

Result<void> ApiServer::ask_policies(Call& call, const Object& old, const Object& updated) {
  if (!ready_ || cache(kGroup, "validatingadmissionpolicybindings").objects().empty()) return {};
  const AdmissionCall admission = admission_of(call);
  const HookedRequest hooked = hooked_request(admission, old, updated, call.dry_run);
  return judge_by_policies({hooked, registry_});
}

Result<void> ApiServer::change_by_policies(Call& call, const Object& old, Object& object) {
  if (!ready_ || cache(kGroup, "mutatingadmissionpolicybindings").objects().empty()) return {};
  const AdmissionCall admission = admission_of(call);
  const HookedRequest hooked = hooked_request(admission, old, object, call.dry_run);
  Value document = object.doc();
  DRYDOCK_TRY_VOID(change_by_mutating_policies({hooked, registry_}, document));
  if (document == object.doc()) return {};
  if (call.resource->definition.is_null() && call.info.subresource.empty()) apply_defaults(document);
  object = Object(std::move(document));
  return {};
}

std::vector<StatusCause> ApiServer::policy_causes(const Object& object) {
  FieldErrors errors;
  if (object.api_version().starts_with(kGroup)) validate_policy(object, errors);
  return std::move(errors.causes);
}

void ApiServer::note_policy_status(Object& object) {
  if (object.kind() == "ValidatingAdmissionPolicy" && object.api_version().starts_with(kGroup))
    object.mutable_doc().set("status", policy_status(object, registry_));
}

}  // namespace drydock
