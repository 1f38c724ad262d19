// kubectl delete.
#include "core/base/strings.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/objects/deletion.h"
#include "core/programs/kubectl/objects/mutation.h"

namespace drydock::kubectl {
namespace {

struct Deleted {
  Target target;
  std::string uid;
};

std::string deleted_line(const Target& target, std::string_view operation, bool name_only) {
  if (name_only) return target.title() + "\n";
  const std::string kind = target.resource.group.empty() ? to_lower(target.resource.kind)
                                                         : to_lower(target.resource.kind) + "." + target.resource.group;
  std::string line = kind + " " + go_quote(target.name) + " " + std::string(operation);
  if (target.resource.namespaced) line += " from " + target.ns + " namespace";
  return line + "\n";
}

// Asks before anything is deleted (-i).
Task<bool> confirmed(Session& session, const std::vector<Target>& targets) {
  std::string text = "You are about to delete the following " + std::to_string(targets.size()) + " resource(s):\n";
  for (const Target& target : targets) text += target.title() + "\n";
  co_await session.out(text + "Do you want to continue? (y/N): ");
  const std::optional<std::string> answer = co_await session.process().read_line();
  if (answer && (*answer == "y" || *answer == "Y")) co_return true;
  co_await session.out("deletion is cancelled\n");
  co_return false;
}

}  // namespace

Task<Result<int>> run_delete(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  DeletionOptions options;
  options.cascade = flags.text("cascade");
  options.grace_period = flags.number("grace-period");
  const bool force = flags.on("force");
  const std::string dry_run = flags.text("dry-run");
  if (dry_run != "none" && dry_run != "client" && dry_run != "server" && dry_run != "unchanged") {
    co_return Status::plain("Invalid dry-run value (" + dry_run + "). Must be \"none\", \"server\", or \"client\".");
  }
  options.dry_run = dry_run == "server";
  const bool client_only = dry_run == "client" || dry_run == "unchanged";
  const std::string output = flags.text("output");
  if (!output.empty() && output != "name") {
    co_return session.usage_error("unexpected -o output mode: " + output + ". We only support '-o name'");
  }
  if (flags.on("all") && !flags.text("selector").empty())
    co_return Status::plain("setting 'all' parameter but found a non empty selector. ");
  if (flags.on("all") && !flags.text("field-selector").empty())
    co_return Status::plain("cannot set --all and --field-selector at the same time");
  if (options.grace_period > 0 && force)
    co_return Status::plain("--force and --grace-period greater than 0 cannot be specified together");
  if (flags.on("now")) {
    if (options.grace_period >= 0) co_return Status::plain("--now and --grace-period cannot be specified together");
    options.grace_period = 1;
  }
  if (options.grace_period == 0 && !force) options.grace_period = 1;  // a grace of 0 needs --force
  if (force) options.grace_period = 0;
  // What is selected rather than named may be gone by the time it is deleted.
  const bool selected = flags.on("all") || !flags.text("selector").empty() || !flags.text("field-selector").empty();
  const bool ignore_missing = flags.on("ignore-not-found") || (selected && !flags.changed("ignore-not-found"));

  if (flags.on("all-namespaces"))
    co_await session.warn("deleting cluster-scoped resources, not scoped to the provided namespace");
  SelectionRules rules;
  rules.fetch = false;
  DRYDOCK_CO_TRY(const std::vector<Query> queries, co_await plan_queries(session, std::move(arguments), rules));
  std::vector<Target> targets;
  for (const Query& query : queries) {
    if (!query.name.empty()) {
      targets.push_back({query.resource, query.ns, query.name, query.source, query.manifest});
      continue;
    }
    if (!query.resource.namespaced && session.ns_enforced()) {
      co_await session.warn("deleting cluster-scoped resources, not scoped to the provided namespace");
    }
    HttpQuery selectors;
    if (!flags.text("selector").empty()) selectors.add("labelSelector", flags.text("selector"));
    if (!flags.text("field-selector").empty()) selectors.add("fieldSelector", flags.text("field-selector"));
    DRYDOCK_CO_TRY(const std::vector<Value> items, co_await list_all(session, query.path(), selectors));
    for (const Value& item : items)
      targets.push_back(
          {query.resource, item["metadata"]["namespace"].str(), item["metadata"]["name"].str(), "", item});
  }
  if (force) {
    co_await session.warn(
        "Immediate deletion does not wait for confirmation that the running resource has been terminated. "
        "The resource may continue to run on the cluster indefinitely.");
  }
  if (flags.on("interactive") && !client_only && !targets.empty() && !co_await confirmed(session, targets)) co_return 0;

  std::string operation = force ? "force deleted" : "deleted";
  const std::string mark = client_only ? " (dry run)" : options.dry_run ? " (server dry run)" : "";
  std::vector<Deleted> deleted;
  for (const Target& target : targets) {
    if (client_only) {
      Result<Value> there = co_await session.get(target.path());
      if (!there) {
        if (!(ignore_missing && there.error().is_not_found())) session.add_error(there.error());
        continue;
      }
    } else {
      Result<std::string> uid = co_await delete_target(session, target, options);
      if (!uid) {
        if (ignore_missing && uid.error().is_not_found()) continue;
        session.add_error(with_source(uid.error(), "deleting", target.source));
        continue;
      }
      deleted.push_back({target, *uid});
    }
    std::string line = deleted_line(target, operation, output == "name");
    if (output != "name") line.insert(line.size() - 1, mark);
    co_await session.out(std::move(line));
  }
  if (targets.empty() && session.errors().empty()) co_await session.out("No resources found\n");
  if (!flags.on("wait") || options.dry_run) co_return 0;
  std::optional<TimePoint> deadline;
  if (flags.duration("timeout") > Duration{0}) deadline = session.now() + flags.duration("timeout");
  for (const Deleted& entry : deleted) {
    Result<bool> gone = co_await wait_gone(session, entry.target, entry.uid, deadline);
    if (!gone) {
      // Without the right to look, there is nothing to wait for.
      if (gone.error().is("Forbidden") || gone.error().is("MethodNotAllowed")) co_return 0;
      co_return gone.error();
    }
    if (!*gone)
      session.add_error(Status::plain("timed out waiting for the condition on " + entry.target.plural_title()));
  }
  co_return 0;
}

}  // namespace drydock::kubectl
