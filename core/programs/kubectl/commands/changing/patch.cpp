// kubectl patch and replace.
#include "core/machinery/patch.h"
#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/yaml.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/objects/deletion.h"
#include "core/programs/kubectl/objects/mutation.h"

namespace drydock::kubectl {
namespace {

Result<Value> apply_locally(const std::string& type, const Value& object, const Value& patch) {
  if (type == "json") return apply_json_patch(object, patch);
  if (type == "merge") return apply_merge_patch(object, patch);
  return apply_strategic_merge_patch(object, patch);
}

}  // namespace

Task<Result<int>> run_patch(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  const std::string type = flags.text("type");
  std::string text = flags.text("patch");
  const std::string file = flags.text("patch-file");
  if (!text.empty() && !file.empty()) co_return Status::plain("cannot specify --patch and --patch-file together");
  if (text.empty() && file.empty())
    co_return Status::plain("must specify --patch or --patch-file containing the contents of the patch");
  if (type != "json" && type != "merge" && type != "strategic") {
    co_return Status::plain("--type must be one of [json merge strategic], not " + go_quote(type));
  }
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  if (!file.empty()) {
    auto content = session.process().read_file(file);
    if (!content)
      co_return Status::plain("unable to read patch file: open " + file + ": " + to_lower(errno_text(content.error())));
    text = *std::move(content);
  }
  SelectionRules rules;
  rules.fetch = !flags.on("local");
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await select_targets(session, std::move(arguments), rules));
  if (targets.empty()) co_return 0;
  Result<Value> patch = parse_yaml(text);
  if (!patch)
    co_return Status::plain("unable to parse " + go_quote(text) + ": " +
                            replace_all(patch.error().message, "error converting YAML to JSON: ", ""));
  for (const Target& target : targets) {
    Value changed;
    if (flags.on("local") || mutation.client_only()) {
      DRYDOCK_CO_TRY(changed, apply_locally(type, target.object, *patch));
    } else {
      const std::string_view content_type = type == "json"    ? kJsonPatch
                                            : type == "merge" ? kMergePatch
                                                              : kStrategicPatch;
      Result<Value> answer = co_await mutation.patch(target, *patch, content_type, flags.text("subresource"));
      if (!answer) {
        session.add_error(answer.error());
        continue;
      }
      changed = *std::move(answer);
    }
    DRYDOCK_CO_TRY_VOID(
        co_await mutation.report(target, changed, changed == target.object ? "patched (no change)" : "patched"));
  }
  co_return 0;
}

Task<Result<int>> run_replace(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  if (!arguments.empty()) co_return session.usage_error("Unexpected args: [" + join(arguments, " ") + "]");
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  if (!has_manifests(session)) co_return need_manifests();
  const bool force = flags.on("force");
  if (flags.number("grace-period") >= 0 && !force)
    co_return Status::plain("--grace-period must have --force specified");
  if (flags.duration("timeout") != Duration{0} && !force)
    co_return Status::plain("--timeout must have --force specified");
  SelectionRules rules;
  rules.fetch = false;
  rules.validates = true;
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await select_targets(session, {}, rules));
  if (targets.empty() && session.errors().empty()) co_return Status::plain("no objects passed to replace");
  for (const Target& target : targets) {
    Value object = target.object;
    save_config(session, object);
    if (force) {
      DeletionOptions options;
      options.cascade = flags.text("cascade");
      options.grace_period = flags.changed("grace-period") ? flags.number("grace-period") : 0;
      Result<std::string> uid = co_await delete_target(session, target, options);
      if (!uid && !uid.error().is_not_found()) co_return uid.error();
      if (uid) {
        std::string line = to_lower(target.resource.kind) +
                           (target.resource.group.empty() ? "" : "." + target.resource.group) + " " +
                           go_quote(target.name) + " deleted";
        if (target.resource.namespaced) line += " from " + target.ns + " namespace";
        co_await session.out(line + "\n");
        DRYDOCK_CO_TRY(const bool gone, co_await wait_gone(session, target, *uid, std::nullopt));
        (void)gone;
      }
      Result<Value> created = co_await mutation.create(target.resource, target.ns, std::move(object));
      if (!created) {
        session.add_error(with_source(created.error(), "replacing", target.source));
        continue;
      }
      DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, *created, "replaced"));
      continue;
    }
    if (mutation.client_only()) {
      DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, object, "replaced"));
      continue;
    }
    if (object["metadata"]["resourceVersion"].empty()) {
      Result<Value> current = co_await session.get(target.path());
      if (!current) {
        session.add_error(with_source(current.error(), "replacing", target.source));
        continue;
      }
      object.ref("metadata", "resourceVersion") = (*current)["metadata"]["resourceVersion"];
    }
    Result<Value> replaced =
        co_await session.call("PUT", target.path(flags.text("subresource")), mutation.query(true), std::move(object));
    if (!replaced) {
      session.add_error(with_source(replaced.error(), "replacing", target.source));
      continue;
    }
    DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, *replaced, "replaced"));
  }
  co_return 0;
}

}  // namespace drydock::kubectl
