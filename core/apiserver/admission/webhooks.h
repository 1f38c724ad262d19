// Admission webhooks: which of them a request concerns, what they are asked, and what
// their answers mean. The asking itself is api_webhooks.cpp's.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
#pragma once

#include <string>
#include <vector>

#include "core/apiserver/admission/admission.h"

namespace drydock {

// A request as webhooks see it.
struct HookedRequest {
  const AdmissionCall& call;
  std::string_view operation;  // CREATE, UPDATE, DELETE, CONNECT
  Object old;
  Object object;
  Value options;
  bool dry_run = false;
};

HookedRequest hooked_request(const AdmissionCall& call, const Object& old, const Object& object, bool dry_run);

// --- which requests a rule or selector is about; of policies, too ---

// The version under which a rule wants the request; "" when it does not.
std::string matched_version(const HookedRequest& request, const Value& rule, bool equivalent);
Result<bool> in_selected_namespace(const HookedRequest& request, const Value& selector);
Result<bool> selects_object(const HookedRequest& request, const Value& selector);

// One webhook that wants to hear of a request, and under which version.
struct MatchedHook {
  Value hook;
  std::string configuration;  // its configuration's name
  std::string version;        // of the resource, as the rule that matched names it
  std::string name() const { return hook["name"].str(); }
};

// In the order in which they are asked: by configuration, then as listed. An error when
// one cannot be judged.
Result<std::vector<MatchedHook>> matching_hooks(const HookedRequest& request, bool mutating);

// The AdmissionReview for one of them.
Value admission_review(const HookedRequest& request, const MatchedHook& hook, const std::string& uid);

// The response of an answer, or what is wrong with it.
Result<Value> admission_response(const Value& answer, const std::string& uid, bool mutating);

// `admission webhook "x" denied the request: …`, with the webhook's own code and reason.
Status webhook_denial(const std::string& name, const Value& result);
// `Internal error occurred: failed calling webhook "x": …`
Status webhook_failure(const std::string& name, const std::string& why);
// A webhook with side effects is not asked on dry runs.
Status webhook_without_dry_run(const std::string& name);

// matchConditions: CEL over the request (policy/judging.cpp); true when all hold, an error
// when none says no and one cannot be judged.
Result<bool> match_conditions(const Value& conditions, const Value& admission_request, const AdmissionCall& call);

}  // namespace drydock
