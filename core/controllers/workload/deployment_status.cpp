#include "core/controllers/workload/deployment_status.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/controllers/shared/conditions.h"
#include "core/controllers/shared/pod_view.h"

namespace drydock::controllers {
namespace {

// int32 max, what `progressDeadlineSeconds: 2147483647` means: no deadline.
constexpr std::int64_t kNoDeadline = 2147483647;

bool has_deadline(const Object& deployment) {
  return deployment.spec()["progressDeadlineSeconds"].as_int(kNoDeadline) != kNoDeadline;
}

Value counts(const DeploymentStatusInput& input) {
  std::int64_t replicas = 0, ready = 0, available = 0, wanted = 0, terminating = 0;
  for (const Object& set : input.sets) {
    wanted += set.spec()["replicas"].as_int(1);
    replicas += set.status()["replicas"].as_int();
    ready += set.status()["readyReplicas"].as_int();
    available += set.status()["availableReplicas"].as_int();
    terminating += set.status()["terminatingReplicas"].as_int();
  }
  Value status = input.deployment.status();
  const auto put = [&status](const char* field, std::int64_t number) {
    if (number != 0)
      status.set(field, number);
    else
      status.erase(field);
  };
  put("observedGeneration", input.deployment.generation());
  put("replicas", replicas);
  put("updatedReplicas", input.new_set ? input.new_set.status()["replicas"].as_int() : 0);
  put("readyReplicas", ready);
  put("availableReplicas", available);
  put("unavailableReplicas", std::max<std::int64_t>(0, wanted - available));
  status.set("terminatingReplicas", terminating);
  return status;
}

bool progressed(const Value& before, const Value& after) {
  const auto old_replicas = [](const Value& status) {
    return status["replicas"].as_int() - status["updatedReplicas"].as_int();
  };
  const auto grew = [&](const char* field) { return after[field].as_int() > before[field].as_int(); };
  return grew("updatedReplicas") || old_replicas(after) < old_replicas(before) || grew("readyReplicas") ||
         grew("availableReplicas");
}

// Like upstream's SetDeploymentCondition: a new message alone changes nothing.
void put_condition(Value& status, const Condition& condition, TimePoint now) {
  const Value& current = find_condition(status, condition.type);
  if (current["status"].as_string() == condition.status && current["reason"].as_string() == condition.reason) return;
  set_condition(status, condition, now, true);
}

TimePoint deadline(const Object& deployment, const Value& progressing) {
  return time_or_epoch(progressing["lastUpdateTime"].as_string()) +
         seconds(deployment.spec()["progressDeadlineSeconds"].as_int());
}

void judge_progress(const DeploymentStatusInput& input, Value& status, TimePoint now) {
  const Object& deployment = input.deployment;
  const Value current = find_condition(deployment.status(), "Progressing");
  const bool done =
      status["replicas"] == status["updatedReplicas"] && current["reason"].as_string() == "NewReplicaSetAvailable";
  if (done) return;
  const std::string subject =
      input.new_set ? "ReplicaSet " + go_quote(input.new_set.name()) : "Deployment " + go_quote(deployment.name());
  if (deployment_complete(deployment, status)) {
    put_condition(status, {"Progressing", "True", "NewReplicaSetAvailable", subject + " has successfully progressed."},
                  now);
  } else if (progressed(deployment.status(), status)) {
    const std::string message = subject + " is progressing.";
    // Every step of progress restarts the deadline: lastUpdateTime moves.
    const Value kept_transition = current["status"].as_string() == "True" ? current["lastTransitionTime"] : Value();
    remove_condition(status, "Progressing");
    set_condition(status, {"Progressing", "True", "ReplicaSetUpdated", message}, now, true);
    if (!kept_transition.is_null()) {
      Value& conditions = status.ref("conditions");
      conditions.mutable_item(conditions.size() - 1).set("lastTransitionTime", kept_transition);
    }
  } else {
    const Value& progressing = find_condition(status, "Progressing");
    const std::string_view reason = progressing["reason"].as_string();
    if (progressing.is_null() || reason == "NewReplicaSetAvailable" || reason == "ProgressDeadlineExceeded") return;
    if (deadline(deployment, progressing) < now) {
      put_condition(status,
                    {"Progressing", "False", "ProgressDeadlineExceeded", subject + " has timed out progressing."}, now);
    }
  }
}

// The new set's failure speaks for the Deployment, or else any old set's.
void copy_replica_failure(const DeploymentStatusInput& input, Value& status, TimePoint now) {
  Value failure;
  for (const Object& set : input.sets) {
    const Value& condition = find_condition(set.status(), "ReplicaFailure");
    if (condition.is_null()) continue;
    const bool is_new = input.new_set && set.uid() == input.new_set.uid();
    if (failure.is_null() || is_new) failure = condition;
  }
  if (failure.is_null()) {
    remove_condition(status, "ReplicaFailure");
    return;
  }
  put_condition(
      status,
      {"ReplicaFailure", failure["status"].as_string(), failure["reason"].as_string(), failure["message"].as_string()},
      now);
}

void note_pause(const Object& deployment, Value& status, TimePoint now) {
  const std::string_view reason = find_condition(status, "Progressing")["reason"].as_string();
  if (reason == "ProgressDeadlineExceeded") return;
  const bool paused = deployment.spec()["paused"].as_bool();
  if (paused && reason != "DeploymentPaused") {
    put_condition(status, {"Progressing", "Unknown", "DeploymentPaused", "Deployment is paused"}, now);
  } else if (!paused && reason == "DeploymentPaused") {
    put_condition(status, {"Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed"}, now);
  }
}

}  // namespace

bool deployment_complete(const Object& deployment, const Value& status) {
  const std::int64_t wanted = deployment.spec()["replicas"].as_int(1);
  return status["updatedReplicas"].as_int() == wanted && status["replicas"].as_int() == wanted &&
         status["availableReplicas"].as_int() == wanted &&
         status["observedGeneration"].as_int() >= deployment.generation();
}

DeploymentStatusPlan plan_deployment_status(const DeploymentStatusInput& input, const ProgressNote& note,
                                            TimePoint now) {
  const Object& deployment = input.deployment;
  DeploymentStatusPlan plan{.status = counts(input)};
  Value& status = plan.status;
  const std::int64_t wanted = deployment.spec()["replicas"].as_int(1);
  if (status["availableReplicas"].as_int() >= wanted - input.bounds.max_unavailable) {
    put_condition(status, {"Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability."},
                  now);
  } else {
    put_condition(
        status, {"Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability."},
        now);
  }
  if (!has_deadline(deployment)) {
    remove_condition(status, "Progressing");
  } else if (!deployment.deleting()) {
    note_pause(deployment, status, now);
    if (!note.reason.empty())
      put_condition(status, {"Progressing", "True", note.reason, note.message}, now);
    else if (input.rolling_out)
      judge_progress(input, status, now);
    const Value& progressing = find_condition(status, "Progressing");
    const std::string_view reason = progressing["reason"].as_string();
    if (input.rolling_out && !progressing.is_null() && reason != "NewReplicaSetAvailable" &&
        reason != "ProgressDeadlineExceeded") {
      plan.recheck = deadline(deployment, progressing) + seconds(1);
    }
  }
  if (input.rolling_out) copy_replica_failure(input, status, now);
  return plan;
}

}  // namespace drydock::controllers
