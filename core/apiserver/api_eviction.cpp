// Eviction: a deletion that disruption budgets may forbid.
// https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
#include <algorithm>
#include <optional>
#include <vector>

#include "core/apiserver/api_server.h"
#include "core/base/strings.h"
#include "core/machinery/selectors.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

constexpr int kTries = 5;
constexpr std::int32_t kProcessingRetrySeconds = 10;

bool is_ready(const Object& pod) {
  return std::ranges::any_of(pod.status()["conditions"].items(), [](const Value& condition) {
    return condition["type"].as_string() == "Ready" && condition["status"].as_string() == "True";
  });
}

// Pods that no budget counts: not yet running, ended, or on their way.
bool uncounted(const Object& pod) {
  const std::string_view phase = pod.status()["phase"].as_string();
  return phase == "Pending" || phase == "Succeeded" || phase == "Failed" || pod.deleting();
}

Status too_many(std::string why, std::int32_t retry_seconds) {
  Status status = Status::plain("Cannot evict pod as it would violate the pod's disruption budget.");
  status.code = 429;
  status.reason = "TooManyRequests";
  status.retry_after_seconds = retry_seconds;
  status.causes.push_back({"DisruptionBudget", std::move(why), ""});
  return status;
}

// A pod that is not ready anyway may go when its budget's policy says so.
bool unhealthy_may_go(const Object& budget, const Object& pod) {
  if (is_ready(pod) || pod.status()["phase"].as_string() != "Running") return false;
  if (budget.spec()["unhealthyPodEvictionPolicy"].as_string() == "AlwaysAllow") return true;
  const std::int64_t desired = budget.status()["desiredHealthy"].as_int();
  return desired > 0 && budget.status()["currentHealthy"].as_int() >= desired;
}

// Why the budget forbids it now.
std::optional<Status> refused_by(const Object& budget) {
  const Value& status = budget.status();
  const std::string name(budget.name());
  if (status["observedGeneration"].as_int() < budget.generation())
    return too_many("The disruption budget " + name + " is still being processed by the server.",
                    kProcessingRetrySeconds);
  if (status["disruptionsAllowed"].as_int() > 0) return std::nullopt;
  for (const Value& condition : status["conditions"].items()) {
    if (condition["type"].as_string() == "DisruptionAllowed" && condition["reason"].as_string() == "SyncFailed")
      return too_many(
          "The disruption budget " + name +
              " does not allow evicting pods currently because it failed sync: " + condition["message"].str(),
          0);
  }
  return too_many("The disruption budget " + name + " needs " + std::to_string(status["desiredHealthy"].as_int()) +
                      " healthy pods and has " + std::to_string(status["currentHealthy"].as_int()) + " currently",
                  0);
}

}  // namespace

// Takes one disruption from the budget, so that the next eviction sees one less.
Task<Result<void>> ApiServer::spend_disruption(ObjectKey budget_key, std::string pod) {
  Call call;
  call.resource = registry_.find("policy", "v1", "poddisruptionbudgets");
  call.info.group = "policy";
  call.info.resource = "poddisruptionbudgets";
  for (int attempt = 0;; ++attempt) {
    DRYDOCK_CO_TRY(const KeyValue stored, co_await read(call, budget_key));
    Object budget(stored.value);
    if (std::optional<Status> refusal = refused_by(budget)) co_return *std::move(refusal);
    Value& status = budget.mutable_doc().ref("status");
    status.set("disruptionsAllowed", status["disruptionsAllowed"].as_int() - 1);
    status.ref("disruptedPods").set(pod, format_timestamp(loop_.now()));
    const Result<Object> written = co_await write(call, budget, stored.mod_revision);
    if (written) co_return Result<void>();
    if (!written.error().is_conflict() || attempt + 1 >= kTries) co_return written.error();
  }
}

Task<ApiServer::Answer> ApiServer::evict(Call& call) {
  DRYDOCK_CO_TRY(Value body, decode_body(call));
  const ObjectKey key{call.info.ns, call.info.name};
  const std::string named = body["metadata"]["name"].str();
  if (!named.empty() && named != key.name)
    co_return Status::bad_request("name in URL does not match name in Eviction object");
  DRYDOCK_CO_TRY(KeyValue stored, co_await read(call, key));
  const Object pod(stored.value);
  DRYDOCK_CO_TRY_VOID(co_await admit_connect(call, pod, body));
  if (!uncounted(pod)) {
    std::vector<Object> budgets;
    const auto& all_budgets = cache("policy", "poddisruptionbudgets").objects();
    for (auto at = all_budgets.lower_bound({key.ns, ""}); at != all_budgets.end() && at->first.ns == key.ns; ++at) {
      const auto selector = LabelSelector::from_document(at->second.spec()["selector"]);
      if (selector && selector->matches(pod.labels())) budgets.push_back(at->second);
    }
    if (budgets.size() > 1) {
      Status several = Status::plain(
          "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.");
      several.code = 500;
      several.reason = "InternalError";
      co_return several;
    }
    if (!budgets.empty() && !unhealthy_may_go(budgets[0], pod)) {
      if (std::optional<Status> refusal = refused_by(budgets[0])) co_return *std::move(refusal);
      if (!call.dry_run) DRYDOCK_CO_TRY_VOID(co_await spend_disruption(budgets[0].key(), key.name));
    }
  }
  Value options = body["deleteOptions"].is_object() ? body["deleteOptions"] : Value::object();
  DRYDOCK_CO_TRY(const Object gone, co_await delete_object(call, stored, options));
  (void)gone;
  HttpResponse response;
  response.status = 201;
  response.body.document = Value::object(
      {{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", Value::object()}, {"status", "Success"}, {"code", 201}});
  co_return response;
}

}  // namespace drydock
