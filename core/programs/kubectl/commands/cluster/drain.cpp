// kubectl drain: cordon a node, then evict its pods.
// https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/generators/generators.h"
#include "core/programs/kubectl/objects/deletion.h"
#include "core/programs/kubectl/objects/mutation.h"

namespace drydock::kubectl {
namespace {

constexpr Duration kRetryEviction = seconds(5);
constexpr Duration kLookAgain = seconds(1);

// What stands in the way of a drain, and what is only remarked: in the order of
// upstream's filters.
enum Reason { kDaemonSet, kLocalStorage, kUnreplicated, kReasons };
constexpr const char* kFatal[kReasons] = {
    "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)",
    "cannot delete Pods with local storage (use --delete-emptydir-data to override)",
    "cannot delete Pods that declare no controller (use --force to override)",
};
constexpr const char* kRemark[kReasons] = {
    "ignoring DaemonSet-managed Pods",
    "deleting Pods with local storage",
    "deleting Pods that declare no controller",
};

struct Plan {
  std::vector<Value> evict;
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
};

Plan plan_drain(const Flags& flags, const std::vector<Value>& pods) {
  Plan plan;
  std::vector<std::string> fatal[kReasons];
  std::vector<std::string> remarks[kReasons];
  for (const Value& pod : pods) {
    const Value& metadata = pod["metadata"];
    const std::string title = metadata["namespace"].str() + "/" + metadata["name"].str();
    if (metadata["annotations"].has("kubernetes.io/config.mirror")) continue;
    const bool finished =
        pod["status"]["phase"].as_string() == "Succeeded" || pod["status"]["phase"].as_string() == "Failed";
    std::string controller;
    for (const Value& reference : metadata["ownerReferences"].items()) {
      if (reference["controller"].as_bool()) controller = reference["kind"].str();
    }
    if (controller == "DaemonSet" && !finished) {
      (flags.on("ignore-daemonsets") ? remarks : fatal)[kDaemonSet].push_back(title);
      continue;
    }
    bool blocked = false;
    if (!finished) {
      bool local = false;
      for (const Value& volume : pod["spec"]["volumes"].items()) local = local || volume["emptyDir"].is_object();
      if (local) {
        blocked = !flags.on("delete-emptydir-data");
        (blocked ? fatal : remarks)[kLocalStorage].push_back(title);
      }
      if (controller.empty()) {
        const bool forced = flags.on("force");
        (forced ? remarks : fatal)[kUnreplicated].push_back(title);
        blocked = blocked || !forced;
      }
    }
    if (!blocked) plan.evict.push_back(pod);
  }
  for (int reason = 0; reason < kReasons; ++reason) {
    if (!fatal[reason].empty()) plan.errors.push_back(std::string(kFatal[reason]) + ": " + join(fatal[reason], ", "));
    if (!remarks[reason].empty())
      plan.warnings.push_back(std::string(kRemark[reason]) + ": " + join(remarks[reason], ", "));
  }
  return plan;
}

std::string aggregate(const std::vector<std::string>& errors) {
  return errors.size() == 1 ? errors[0] : "[" + join(errors, ", ") + "]";
}

// Evicts one pod and waits until it is gone; retries while a budget forbids it.
Task<Result<void>> evict(Session& session, Target target, std::optional<TimePoint> deadline) {
  const Flags& flags = session.flags();
  const std::string label = "pods/" + go_quote(target.name) + " -n " + go_quote(target.ns);
  while (true) {
    co_await session.out("evicting pod " + target.ns + "/" + target.name + "\n");
    Result<Value> answer = Value();
    DeletionOptions options;
    options.grace_period = flags.number("grace-period");
    if (flags.on("disable-eviction")) {
      Result<std::string> deleted = co_await delete_target(session, target, options);
      if (!deleted) answer = deleted.error();
    } else {
      Value body = Value::object({{"apiVersion", "policy/v1"},
                                  {"kind", "Eviction"},
                                  {"metadata", Value::object({{"name", target.name}, {"namespace", target.ns}})}});
      if (options.grace_period >= 0) body.ref("deleteOptions", "gracePeriodSeconds") = options.grace_period;
      answer = co_await session.call("POST", target.path("eviction"), {}, std::move(body));
    }
    if (answer || answer.error().is_not_found()) break;
    if (answer.error().code != 429)
      co_return Status::plain("error when evicting " + label + ": " + answer.error().message);
    if (deadline && session.now() >= *deadline) break;
    co_await session.err("error when evicting " + label + " (will retry after 5s): " + answer.error().message + "\n");
    TimePoint next = session.now() + kRetryEviction;
    if (deadline && next > *deadline) next = *deadline;
    (void)co_await session.process().sleep(next - session.now());
    if (deadline && session.now() >= *deadline) break;
  }
  const std::string uid = target.object["metadata"]["uid"].str();
  while (true) {
    if (deadline && session.now() >= *deadline) {
      co_return Status::plain("error when evicting " + label + ": global timeout reached: " + flags.text("timeout"));
    }
    Result<Value> pod = co_await session.get(target.path());
    if (!pod && !pod.error().is_not_found()) co_return pod.error();
    if (!pod || (*pod)["metadata"]["uid"].as_string() != uid) break;
    (void)co_await session.process().sleep(kLookAgain);
  }
  co_await session.out("pod/" + target.name + " evicted\n");
  co_return Result<void>();
}

struct Evictions {
  explicit Evictions(EventLoop& loop) : ended(loop) {}
  std::vector<std::string> errors;
  std::vector<std::string> pending;
  std::size_t left = 0;
  Event ended;
};

Task<void> evict_one(Session& session, Target target, std::optional<TimePoint> deadline, Evictions& all) {
  Result<void> done = co_await evict(session, target, deadline);
  if (!done) {
    all.errors.push_back(done.error().message);
    all.pending.push_back("pod/" + target.name);
  }
  --all.left;
  all.ended.notify_all();
}

// What went wrong with this node, or nothing.
Task<Result<std::vector<std::string>>> drain_node(Session& session, Target node, Mutation& mutation) {
  const Flags& flags = session.flags();
  const bool cordoned = node.object["spec"]["unschedulable"].as_bool();
  if (!cordoned && !mutation.client_only()) {
    Value patch = Value::object({{"spec", Value::object({{"unschedulable", true}})}});
    DRYDOCK_CO_TRY(const Value patched, co_await mutation.patch(node, std::move(patch), kStrategicPatch));
    (void)patched;
  }
  DRYDOCK_CO_TRY_VOID(co_await mutation.report(node, node.object, cordoned ? "already cordoned" : "cordoned"));
  HttpQuery query;
  query.add("fieldSelector", "spec.nodeName=" + node.name);
  if (!flags.text("pod-selector").empty()) query.add("labelSelector", flags.text("pod-selector"));
  DRYDOCK_CO_TRY(const std::vector<Value> pods, co_await list_all(session, resources::kPods.path(""), query));
  const Plan plan = plan_drain(flags, pods);
  if (!plan.errors.empty()) co_return plan.errors;
  if (!plan.warnings.empty()) co_await session.err("Warning: " + join(plan.warnings, "; ") + "\n");
  const ApiResource resource = built_in("", "v1", "pods", "Pod");
  std::optional<TimePoint> deadline;
  if (flags.duration("timeout") > Duration{0}) deadline = session.now() + flags.duration("timeout");
  std::vector<std::string> failures;
  if (mutation.dry_run() != DryRun::kNone) {
    for (const Value& pod : plan.evict) {
      co_await session.out("evicting pod " + pod["metadata"]["namespace"].str() + "/" + pod["metadata"]["name"].str() +
                           (mutation.client_only() ? " (dry run)" : " (server dry run)") + "\n");
    }
  } else {
    Evictions all(session.process().loop());
    all.left = plan.evict.size();
    TaskGroup group(session.process().loop());
    for (const Value& pod : plan.evict) {
      group.spawn(evict_one(session,
                            {resource, pod["metadata"]["namespace"].str(), pod["metadata"]["name"].str(), "", pod},
                            deadline, all));
    }
    while (all.left > 0) co_await all.ended.wait();
    if (!all.errors.empty()) {
      co_await session.err("There are pending pods in node " + go_quote(node.name) +
                           " when an error occurred: " + aggregate(all.errors) + "\n");
      for (const std::string& pod : all.pending) co_await session.err(pod + "\n");
      co_return all.errors;
    }
  }
  DRYDOCK_CO_TRY_VOID(co_await mutation.report(node, node.object, "drained"));
  co_return failures;
}

}  // namespace

Task<Result<int>> run_drain(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  if (arguments.empty() && flags.text("selector").empty()) co_return session.usage_error("USAGE: drain NODE [flags]");
  if (!arguments.empty() && !flags.text("selector").empty())
    co_return session.usage_error("error: cannot specify both a node name and a --selector option");
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  SelectionRules rules;
  rules.default_type = "nodes";
  DRYDOCK_CO_TRY(const std::vector<Target> nodes, co_await select_targets(session, std::move(arguments), rules));
  std::vector<std::pair<std::string, std::vector<std::string>>> failed;
  for (const Target& node : nodes) {
    Result<std::vector<std::string>> problems = co_await drain_node(session, node, mutation);
    const std::vector<std::string> texts = problems ? *problems : std::vector<std::string>{problems.error().message};
    if (texts.empty()) continue;
    failed.emplace_back(node.name, texts);
    co_await session.err("error: unable to drain node " + go_quote(node.name) + " due to error: " + aggregate(texts) +
                         ", continuing command...\n");
  }
  if (failed.empty()) co_return 0;
  std::string text = "There are pending nodes to be drained:\n";
  for (const auto& [name, problems] : failed) {
    text += " " + name + "\n";
    for (const std::string& problem : problems) text += problem + "\n";
  }
  co_await session.err(std::move(text));
  co_return silent_failure();
}

}  // namespace drydock::kubectl
