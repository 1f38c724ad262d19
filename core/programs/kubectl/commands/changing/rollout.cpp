// kubectl rollout pause, resume, restart, undo.
#include "core/base/strings.h"
#include "core/machinery/timestamp.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/describe/describe.h"
#include "core/programs/kubectl/objects/mutation.h"
#include "core/programs/kubectl/objects/revisions.h"
#include "core/programs/kubectl/printers/tab_writer.h"

namespace drydock::kubectl {
namespace {

constexpr std::string_view kNoResource = "required resource not specified";

bool is_workload(const Target& target) {
  const std::string& kind = target.resource.kind;
  return kind == "Deployment" || kind == "DaemonSet" || kind == "StatefulSet";
}

SelectionRules rollout_rules() {
  SelectionRules rules;
  rules.needs_resource = kNoResource;
  return rules;
}

Task<Result<int>> set_paused(Session& session, Arguments arguments, bool paused) {
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  DRYDOCK_CO_TRY(const std::vector<Target> targets,
                 co_await select_targets(session, std::move(arguments), rollout_rules()));
  for (const Target& target : targets) {
    const std::string what = target.resource.full_name() + " " + go_quote(target.name);
    if (target.resource.kind != "Deployment") {
      session.add_error(Status::plain(what + (paused ? " pausing is not supported" : " resuming is not supported")));
      continue;
    }
    if (target.object["spec"]["paused"].as_bool() == paused) {
      session.add_error(Status::plain(what + (paused ? " is already paused" : " is not paused")));
      continue;
    }
    Value patch = Value::object({{"spec", Value::object({{"paused", paused ? Value(true) : Value()}})}});
    Result<Value> patched = co_await mutation.patch(target, std::move(patch), kStrategicPatch);
    if (!patched) {
      session.add_error(Status::plain("failed to patch: " + patched.error().message));
      continue;
    }
    DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, *patched, paused ? "paused" : "resumed"));
  }
  co_return 0;
}

}  // namespace

Task<Result<int>> run_rollout_pause(Session& session, Arguments arguments) {
  return set_paused(session, std::move(arguments), true);
}
Task<Result<int>> run_rollout_resume(Session& session, Arguments arguments) {
  return set_paused(session, std::move(arguments), false);
}

Task<Result<int>> run_rollout_restart(Session& session, Arguments arguments) {
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  DRYDOCK_CO_TRY(const std::vector<Target> targets,
                 co_await select_targets(session, std::move(arguments), rollout_rules()));
  for (const Target& target : targets) {
    if (!is_workload(target)) {
      session.add_error(
          Status::plain(target.resource.full_name() + " " + go_quote(target.name) + " restarting is not supported"));
      continue;
    }
    if (target.object["spec"]["paused"].as_bool()) {
      session.add_error(Status::plain(target.resource.full_name() + " " + go_quote(target.name) +
                                      " can't restart paused deployment (run rollout resume first)"));
      continue;
    }
    Value patch = Value::object();
    patch.ref("spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt") =
        format_timestamp(session.now());
    Result<Value> patched = co_await mutation.patch(target, std::move(patch), kStrategicPatch);
    if (!patched) {
      session.add_error(Status::plain("failed to patch: " + patched.error().message));
      continue;
    }
    DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, *patched, "restarted"));
  }
  co_return 0;
}

Task<Result<int>> run_rollout_history(Session& session, Arguments arguments) {
  const std::int64_t wanted = session.flags().number("revision");
  if (wanted < 0) co_return Status::plain("revision must be a positive integer: " + std::to_string(wanted));
  DRYDOCK_CO_TRY(const OutputFormat format, parse_output(session));
  DRYDOCK_CO_TRY(const std::vector<Target> targets,
                 co_await select_targets(session, std::move(arguments), rollout_rules()));
  for (const Target& target : targets) {
    if (!is_workload(target))
      co_return Status::plain("no history viewer has been implemented for " + go_quote(target.resource.kind));
    DRYDOCK_CO_TRY(const std::vector<RolloutRevision> revisions, co_await revisions_of(session, target));
    std::string text = target.title() + " ";
    if (wanted > 0) {
      const RolloutRevision* found = nullptr;
      for (const RolloutRevision& revision : revisions) {
        if (revision.number == wanted) found = &revision;
      }
      if (found == nullptr) co_return Status::plain("unable to find the specified revision");
      if (!format.name.empty()) {
        DRYDOCK_CO_TRY(std::string shown, render(format, found->source, target.resource.kind_name()));
        co_await session.out(std::move(shown));
        continue;
      }
      DescribeWriter writer;
      describe_pod_template(found->pod_template, writer);
      // Go prints this text as it is, tabs and all.
      text += "with revision #" + std::to_string(wanted) + "\n" + writer.text() + "\n";
    } else if (revisions.empty()) {
      text += "\nNo rollout history found.\n";
    } else {
      std::string rows = "REVISION\tCHANGE-CAUSE\n";
      for (const RolloutRevision& revision : revisions)
        rows += std::to_string(revision.number) + "\t" + or_none(revision.change_cause) + "\n";
      text += "\n" + align_tabs(rows, kDescribeTabs) + "\n";
    }
    co_await session.out(std::move(text));
  }
  co_return 0;
}

Task<Result<int>> run_rollout_undo(Session& session, Arguments arguments) {
  const std::int64_t wanted = session.flags().number("to-revision");
  if (wanted < 0) co_return Status::plain("to-revision must be a non-negative integer: " + std::to_string(wanted));
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  DRYDOCK_CO_TRY(const std::vector<Target> targets,
                 co_await select_targets(session, std::move(arguments), rollout_rules()));
  for (const Target& target : targets) {
    if (!is_workload(target))
      co_return Status::plain("no rollbacker has been implemented for " + go_quote(target.resource.kind));
    if (target.object["metadata"]["annotations"].has(kLastApplied)) {
      co_await session.warn(
          "resource " + target.plural_title() +
          " was previously managed with 'kubectl apply'. Rolling back will not update the "
          "kubectl.kubernetes.io/last-applied-configuration annotation, which may cause unexpected behavior on future "
          "'kubectl apply' "
          "operations. Consider using 'kubectl apply' with your previous configuration file instead.");
    }
    if (target.object["spec"]["paused"].as_bool()) {
      co_return Status::plain(
          "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again");
    }
    DRYDOCK_CO_TRY(const std::vector<RolloutRevision> revisions, co_await revisions_of(session, target));
    const RolloutRevision* goal = nullptr;
    if (wanted > 0) {
      for (const RolloutRevision& revision : revisions) {
        if (revision.number == wanted) goal = &revision;
      }
      if (goal == nullptr)
        co_return Status::plain("unable to find specified revision " + std::to_string(wanted) + " in history");
    } else {
      if (revisions.size() < 2) co_return Status::plain("no last revision to roll back to");
      goal = &revisions[revisions.size() - 2];
    }
    if (goal->number == revisions.back().number) {
      DRYDOCK_CO_TRY_VOID(co_await mutation.report(
          target, target.object,
          "skipped rollback (current template already matches revision " + std::to_string(goal->number) + ")"));
      continue;
    }
    if (mutation.client_only()) {
      DescribeWriter writer;
      describe_pod_template(goal->pod_template, writer);
      co_await session.out(target.title() + " " + writer.text() + " (dry run)\n");
      continue;
    }
    Value pod_template = goal->pod_template;
    if (target.resource.kind == "Deployment") pod_template.ref("metadata", "labels").erase("pod-template-hash");
    Value operation = Value::object({{"op", "replace"}, {"path", "/spec/template"}, {"value", pod_template}});
    Value patch = Value::array({operation});
    if (target.resource.kind == "Deployment" && !goal->change_cause.empty()) {
      patch.push_back(Value::object({{"op", "add"},
                                     {"path", "/metadata/annotations/kubernetes.io~1change-cause"},
                                     {"value", goal->change_cause}}));
    }
    Result<Value> patched = co_await mutation.patch(target, std::move(patch), kJsonPatch);
    if (!patched)
      co_return Status::plain("failed restoring revision " + std::to_string(goal->number) + ": " +
                              patched.error().message);
    DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, *patched, "rolled back"));
  }
  co_return 0;
}

}  // namespace drydock::kubectl
