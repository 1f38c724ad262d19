// kubectl rollout status.
#include "core/base/strings.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/connection/watch.h"
#include "core/programs/kubectl/describe/describe.h"
#include "core/programs/kubectl/objects/selection.h"

namespace drydock::kubectl {
namespace {

struct Progress {
  std::string message;
  bool done = false;
};

Result<Progress> deployment_progress(const Value& object, std::int64_t revision) {
  const std::string name = go_quote(object["metadata"]["name"].as_string());
  const Value& status = object["status"];
  if (revision > 0 &&
      object["metadata"]["annotations"]["deployment.kubernetes.io/revision"].as_string() != std::to_string(revision)) {
    return Status::plain("desired revision (" + std::to_string(revision) +
                         ") is different from the running revision (" +
                         object["metadata"]["annotations"]["deployment.kubernetes.io/revision"].str() + ")");
  }
  if (object["metadata"]["generation"].as_int() > status["observedGeneration"].as_int())
    return Progress{"Waiting for deployment spec update to be observed...\n"};
  for (const Value& condition : status["conditions"].items()) {
    if (condition["type"].as_string() == "Progressing" &&
        condition["reason"].as_string() == "ProgressDeadlineExceeded") {
      return Status::plain("deployment " + name + " exceeded its progress deadline");
    }
  }
  const std::int64_t wanted = object["spec"]["replicas"].as_int(1);
  const std::int64_t updated = status["updatedReplicas"].as_int();
  const std::string head = "Waiting for deployment " + name + " rollout to finish: ";
  if (updated < wanted)
    return Progress{head + std::to_string(updated) + " out of " + std::to_string(wanted) +
                    " new replicas have been updated...\n"};
  if (const std::int64_t old = status["replicas"].as_int() - updated; old > 0)
    return Progress{head + std::to_string(old) + " old replicas are pending termination...\n"};
  if (const std::int64_t available = status["availableReplicas"].as_int(); available < updated) {
    return Progress{head + std::to_string(available) + " of " + std::to_string(updated) +
                    " updated replicas are available...\n"};
  }
  return Progress{"deployment " + name + " successfully rolled out\n", true};
}

Result<Progress> daemon_set_progress(const Value& object) {
  const std::string name = go_quote(object["metadata"]["name"].as_string());
  const Value& status = object["status"];
  if (object["spec"]["updateStrategy"]["type"].as_string() != "RollingUpdate")
    return Status::plain("rollout status is only available for RollingUpdate strategy type");
  if (object["metadata"]["generation"].as_int() > status["observedGeneration"].as_int())
    return Progress{"Waiting for daemon set spec update to be observed...\n"};
  const std::int64_t wanted = status["desiredNumberScheduled"].as_int();
  const std::string head = "Waiting for daemon set " + name + " rollout to finish: ";
  if (const std::int64_t updated = status["updatedNumberScheduled"].as_int(); updated < wanted) {
    return Progress{head + std::to_string(updated) + " out of " + std::to_string(wanted) +
                    " new pods have been updated...\n"};
  }
  if (const std::int64_t available = status["numberAvailable"].as_int(); available < wanted) {
    return Progress{head + std::to_string(available) + " of " + std::to_string(wanted) +
                    " updated pods are available...\n"};
  }
  return Progress{"daemon set " + name + " successfully rolled out\n", true};
}

Result<Progress> stateful_set_progress(const Value& object) {
  const Value& status = object["status"];
  const Value& strategy = object["spec"]["updateStrategy"];
  if (strategy["type"].as_string() != "RollingUpdate")
    return Status::plain("rollout status is only available for RollingUpdate strategy type");
  if (status["observedGeneration"].as_int() == 0 ||
      object["metadata"]["generation"].as_int() > status["observedGeneration"].as_int()) {
    return Progress{"Waiting for statefulset spec update to be observed...\n"};
  }
  const std::int64_t wanted = object["spec"]["replicas"].as_int(1);
  const std::int64_t updated = status["updatedReplicas"].as_int();
  if (const std::int64_t ready = status["readyReplicas"].as_int(); ready < wanted)
    return Progress{"Waiting for " + std::to_string(wanted - ready) + " pods to be ready...\n"};
  if (const std::int64_t partition = strategy["rollingUpdate"]["partition"].as_int(); partition > 0) {
    if (updated < wanted - partition) {
      return Progress{"Waiting for partitioned roll out to finish: " + std::to_string(updated) + " out of " +
                      std::to_string(wanted - partition) + " new pods have been updated...\n"};
    }
    return Progress{"partitioned roll out complete: " + std::to_string(updated) + " new pods have been updated...\n",
                    true};
  }
  if (status["updateRevision"] != status["currentRevision"]) {
    return Progress{"waiting for statefulset rolling update to complete " + std::to_string(updated) +
                    " pods at revision " + status["updateRevision"].str() + "...\n"};
  }
  return Progress{"statefulset rolling update complete " + number_text(status["currentReplicas"]) +
                      " pods at revision " + status["currentRevision"].str() + "...\n",
                  true};
}

Result<Progress> progress_of(const Target& target, const Value& object, std::int64_t revision) {
  if (target.resource.kind == "Deployment") return deployment_progress(object, revision);
  if (target.resource.kind == "DaemonSet") return daemon_set_progress(object);
  if (target.resource.kind == "StatefulSet") return stateful_set_progress(object);
  return Status::plain("no status viewer has been implemented for " + target.resource.kind);
}

Task<Result<void>> follow(Session& session, Target target, std::optional<TimePoint> deadline) {
  const std::int64_t revision = session.flags().number("revision");
  const bool watching = session.flags().on("watch");
  HttpQuery query;
  query.add("fieldSelector", "metadata.name=" + target.name);
  const std::string path = target.resource.ref().path(target.ns);
  while (true) {
    DRYDOCK_CO_TRY(const Value list, co_await session.get(path, query));
    if (list["items"].empty()) co_return Status::plain("object has been deleted");
    DRYDOCK_CO_TRY(const Progress first, progress_of(target, list["items"][0], revision));
    co_await session.out(first.message);
    if (first.done || !watching) co_return Result<void>();
    HttpQuery watch = query;
    watch.add("resourceVersion", list["metadata"]["resourceVersion"].str());
    DRYDOCK_CO_TRY(ChangeStream changes, co_await ChangeStream::open(session, path, watch));
    while (true) {
      const std::optional<Change> change = co_await changes.next(deadline);
      if (deadline && session.now() >= *deadline) co_return Status::plain("timed out waiting for the condition");
      if (!change || change->type == "ERROR") break;  // start again from a fresh list
      if (change->type == "DELETED") co_return Status::plain("object has been deleted");
      if (change->type == "BOOKMARK") continue;
      DRYDOCK_CO_TRY(const Progress now, progress_of(target, change->object, revision));
      co_await session.out(now.message);
      if (now.done) co_return Result<void>();
    }
  }
}

}  // namespace

Task<Result<int>> run_rollout_status(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  if (flags.number("revision") < 0)
    co_return Status::plain("revision must be a positive integer: " + flags.text("revision"));
  SelectionRules rules;
  rules.needs_resource = "required resource not specified";
  rules.lists = true;
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await select_targets(session, std::move(arguments), rules));
  std::optional<TimePoint> deadline;
  if (flags.duration("timeout") > Duration{0}) deadline = session.now() + flags.duration("timeout");
  for (const Target& target : targets) DRYDOCK_CO_TRY_VOID(co_await follow(session, target, deadline));
  co_return 0;
}

}  // namespace drydock::kubectl
