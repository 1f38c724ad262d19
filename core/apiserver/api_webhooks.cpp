// Asking the admission webhooks: those that change an object one after the other, those
// that judge it all at once.
#include <memory>
#include <vector>

#include "core/apiserver/admission/webhooks.h"
#include "core/apiserver/api_server.h"
#include "core/apiserver/custom/custom_schema.h"
#include "core/apiserver/outbound/hook_client.h"
#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/patch.h"

namespace drydock {
namespace {

constexpr const char* kGroup = "admissionregistration.k8s.io";
constexpr int kDefaultTimeoutSeconds = 10;

bool fails_open(const Value& hook) { return hook["failurePolicy"].as_string() == "Ignore"; }

// What one webhook said: its response, nothing when it was not or need not be asked.
struct Spoken {
  Value response;
  Status refusal;  // with a message, when the request ends here
};

// Asks one webhook, and makes of its answer what its policies say.
Task<Spoken> ask(HookClient& client, const HookedRequest& request, MatchedHook matched, std::string uid,
                 bool mutating) {
  const Value hook = matched.hook;
  const std::string name = matched.name();
  Spoken spoken;
  const Value review = admission_review(request, matched, uid);
  if (const Value& conditions = hook["matchConditions"]; !conditions.empty()) {
    const Result<bool> holds = match_conditions(conditions, review["request"], request.call);
    if (holds ? !*holds : fails_open(hook)) co_return spoken;
    if (!holds) {
      spoken.refusal = Status::forbidden(request.call.info.group, request.call.info.resource, request.call.info.name,
                                         holds.error().message);
      co_return spoken;
    }
  }
  const std::string effects = hook["sideEffects"].str();
  if (request.dry_run && effects != "None" && effects != "NoneOnDryRun") {
    spoken.refusal = webhook_without_dry_run(name);
    co_return spoken;
  }
  const auto timeout = static_cast<int>(hook["timeoutSeconds"].as_int(kDefaultTimeoutSeconds));
  const Result<Value> answer = co_await client.post(hook["clientConfig"], review, timeout);
  std::string failure;
  if (!answer) {
    failure = "failed to call webhook: " + answer.error().message;
  } else {
    Result<Value> response = admission_response(*answer, uid, mutating);
    if (response)
      spoken.response = *std::move(response);
    else
      failure = response.error().message;
  }
  if (!failure.empty()) {
    if (!fails_open(hook)) spoken.refusal = webhook_failure(name, failure);
    co_return spoken;
  }
  for (const Value& warning : spoken.response["warnings"].items()) request.call.warnings.push_back(warning.str());
  for (const Value::Member& note : spoken.response["auditAnnotations"].members())
    request.call.annotations[name + "/" + note.key.str()] = note.value.str();
  if (!spoken.response["allowed"].as_bool()) spoken.refusal = webhook_denial(name, spoken.response["status"]);
  co_return spoken;
}

// Asks one that may change the object, and does what it says.
Task<Result<void>> ask_and_patch(HookClient& client, HookedRequest& request, MatchedHook hook, std::string uid) {
  const ResourceInfo& resource = request.call.resource;
  const Spoken spoken = co_await ask(client, request, hook, std::move(uid), true);
  if (!spoken.refusal.message.empty()) co_return spoken.refusal;
  const std::string patch = base64_decode(spoken.response["patch"].as_string()).value_or("");
  if (patch.empty() || !request.object) co_return Result<void>();
  const Result<Value> steps = parse_json(patch);
  if (!steps) co_return Status::internal(steps.error().message);
  // The patch is of the version that the webhook was shown.
  Value current = request.object.doc();
  const Value version = current["apiVersion"];
  if (!version.is_null() && hook.version != resource.version)
    current.set("apiVersion", resource.group.empty() ? hook.version : resource.group + "/" + hook.version);
  Result<Value> changed = apply_json_patch(current, *steps);
  if (!changed) co_return Status::internal(changed.error().message);
  if (!version.is_null()) changed->set("apiVersion", version);
  // What a webhook adds is read like a body: without fields that nobody knows, with defaults.
  if (resource.definition.is_object()) {
    const Value& schema = resource.definition["schema"]["openAPIV3Schema"];
    (void)prune_unknown(schema, *changed);
    apply_schema_defaults(schema, *changed);
  }
  request.object = Object(*std::move(changed));
  co_return Result<void>();
}

}  // namespace

bool ApiServer::has_webhooks() {
  return ready_ && (!cache(kGroup, "mutatingwebhookconfigurations").objects().empty() ||
                    !cache(kGroup, "validatingwebhookconfigurations").objects().empty());
}

Task<Result<void>> ApiServer::ask_mutating(Call& call, const Object& old, Value& document) {
  const AdmissionCall admission = admission_of(call);
  HookedRequest request = hooked_request(admission, old, Object(document), call.dry_run);
  DRYDOCK_CO_TRY(const std::vector<MatchedHook> hooks, matching_hooks(request, true));
  std::vector<Value> seen;  // by each, after its own changes
  for (const MatchedHook& hook : hooks) {
    DRYDOCK_CO_TRY_VOID(co_await ask_and_patch(*hooks_, request, hook, prng_.uuid()));
    seen.push_back(request.object.doc());
  }
  // Those that ask for it hear once more of what others have changed since.
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    if (hooks[i].hook["reinvocationPolicy"].as_string() != "IfNeeded" || seen[i] == request.object.doc()) continue;
    DRYDOCK_CO_TRY_VOID(co_await ask_and_patch(*hooks_, request, hooks[i], prng_.uuid()));
  }
  document = request.object.doc();
  co_return Result<void>();
}

Task<Result<void>> ApiServer::ask_validating(Call& call, const Object& old, const Object& updated) {
  const AdmissionCall admission = admission_of(call);
  const HookedRequest request = hooked_request(admission, old, updated, call.dry_run);
  DRYDOCK_CO_TRY(std::vector<MatchedHook> hooks, matching_hooks(request, false));
  if (hooks.empty()) co_return Result<void>();
  std::vector<Spoken> spoken(hooks.size());
  std::size_t open = hooks.size();
  Event done(loop_);
  {
    TaskGroup asking(loop_);
    auto one = [](HookClient& client, const HookedRequest& about, MatchedHook hook, std::string uid, Spoken& out,
                  std::size_t& left, Event& event) -> Task<void> {
      out = co_await ask(client, about, std::move(hook), std::move(uid), false);
      --left;
      event.notify_all();
    };
    for (std::size_t i = 0; i < hooks.size(); ++i)
      asking.spawn(one(*hooks_, request, hooks[i], prng_.uuid(), spoken[i], open, done));
    while (open > 0) (void)co_await done.wait();
  }
  for (const Spoken& each : spoken) {
    if (!each.refusal.message.empty()) co_return each.refusal;
  }
  co_return Result<void>();
}

}  // namespace drydock
