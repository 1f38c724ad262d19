// kubectl diff.
#include "core/base/strings.h"
#include "core/base/unified_diff.h"
#include "core/machinery/timestamp.h"
#include "core/machinery/yaml.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/objects/applying.h"
#include "core/programs/kubectl/objects/temporary.h"
#include "core/programs/kubectl/printers/output.h"

namespace drydock::kubectl {
namespace {

// The object as it would be after apply: what the server says in a dry run.
Task<Result<Value>> merged_object(Session& session, const Target& target, const Value& live, bool exists) {
  const Flags& flags = session.flags();
  HttpQuery query;
  query.add("dryRun", "All");
  if (flags.on("server-side")) {
    query.add("fieldManager", flags.changed("field-manager") ? flags.text("field-manager") : "kubectl");
    if (flags.on("force-conflicts")) query.add("force", "true");
    co_return co_await session.call("PATCH", target.path(), query, target.object, std::string(kApplyPatch));
  }
  query.add("fieldManager", flags.text("field-manager"));
  const Value modified = with_last_applied(target.object);
  if (!exists) co_return co_await session.call("POST", target.resource.ref().path(target.ns), query, target.object);
  DRYDOCK_CO_TRY(const ApplyPatch patch, apply_patch(target.resource, modified, live));
  if (patch.body.empty()) co_return live;
  // The annotation is not what a person wants to compare.
  Value body = patch.body;
  Value annotations = body["metadata"]["annotations"];
  annotations.erase(kLastApplied);
  if (annotations.empty() && body["metadata"].is_object())
    body.ref("metadata").erase("annotations");
  else if (body["metadata"].is_object())
    body.ref("metadata", "annotations") = annotations;
  if (body["metadata"].is_object() && body["metadata"].empty()) body.erase("metadata");
  if (body.empty()) co_return live;
  co_return co_await session.call("PATCH", target.path(), query, std::move(body), std::string(patch.type));
}

// Values of Secrets are not shown; only that they differ.
void mask_secret(Value& before, Value& after) {
  if (before["kind"].as_string() != "Secret" && after["kind"].as_string() != "Secret") return;
  Value keys = Value::object();
  for (const Value* object : {&before, &after}) {
    for (const auto& [key, value] : (*object)["data"].members()) keys.set(key, true);
  }
  for (const auto& [key, present] : keys.members()) {
    const bool both = before["data"].has(key.view()) && after["data"].has(key.view());
    const bool differ = both && !(before["data"][key.view()] == after["data"][key.view()]);
    if (before["data"].has(key.view())) before.ref("data", key) = differ ? "*** (before)" : "***";
    if (after["data"].has(key.view())) after.ref("data", key) = differ ? "*** (after)" : "***";
  }
}

std::string file_time(TimePoint when) {
  const std::string text = format_timestamp(when);
  const auto fraction = std::chrono::duration_cast<nanoseconds>(when.time_since_epoch()).count() % 1'000'000'000;
  return text.substr(0, 10) + " " + text.substr(11, 8) + format(".%09lld +0000", static_cast<long long>(fraction));
}

struct ComparedFile {
  std::string name, live, merged;
};

// $KUBECTL_EXTERNAL_DIFF compares two folders; its exit code is ours.
Task<Result<int>> run_external(Session& session, std::string program, std::string live_folder,
                               std::string merged_folder, std::vector<ComparedFile> files) {
  Process& process = session.process();
  for (const std::string& folder : {live_folder, merged_folder}) (void)process.make_directories(folder, 0700);
  for (const ComparedFile& file : files) {
    (void)process.write_file(live_folder + "/" + file.name, file.live, 0600);
    (void)process.write_file(merged_folder + "/" + file.name, file.merged, 0600);
  }
  SpawnOptions options;
  options.argv = split_whitespace(program);
  options.argv.push_back(live_folder);
  options.argv.push_back(merged_folder);
  const ExitStatus status = co_await process.run(std::move(options));
  for (const std::string& folder : {live_folder, merged_folder}) {
    for (const ComparedFile& file : files) (void)process.unlink(folder + "/" + file.name);
    (void)process.remove_directory(folder);
  }
  const int code = status.shell_code();
  if (code == 127) co_return exit_code(2, "error: failed to run " + go_quote(program));
  co_return code;
}

}  // namespace

Task<Result<int>> run_diff(Session& session, Arguments arguments) {
  if (!arguments.empty()) co_return session.usage_error("Unexpected args: [" + join(arguments, " ") + "]");
  if (!has_manifests(session)) co_return exit_code(2, "error: must specify one of -f and -k");
  SelectionRules rules;
  rules.fetch = false;
  Result<std::vector<Target>> targets = co_await select_targets(session, {}, rules);
  if (!targets) co_return exit_code(2, std::string(trim(error_text(targets.error()))));
  const std::string folder = temporary_folder(session.process());
  const std::string live_folder = folder + "/LIVE-" + random_digits(session.process());
  const std::string merged_folder = folder + "/MERGED-" + random_digits(session.process());
  const std::string external(session.process().env("KUBECTL_EXTERNAL_DIFF"));
  std::string text;
  std::vector<ComparedFile> files;
  for (const Target& target : *targets) {
    Result<Value> live = co_await session.get(target.path());
    const bool exists = live.ok();
    if (!exists && !live.error().is_not_found()) co_return exit_code(2, std::string(trim(error_text(live.error()))));
    Result<Value> merged = co_await merged_object(session, target, exists ? *live : Value(), exists);
    if (!merged) co_return exit_code(2, std::string(trim(error_text(merged.error()))));
    const bool shows_owners = session.flags().on("show-managed-fields");
    Value before = exists && !shows_owners ? without_managed_fields(*live) : exists ? *live : Value();
    Value after = shows_owners ? *merged : without_managed_fields(*merged);
    if (exists) mask_secret(before, after);
    const std::string live_text = exists ? dump_yaml(before) : "";
    const std::string merged_text = dump_yaml(after);
    const std::string hunks = external.empty() ? unified_diff(live_text, merged_text) : "";
    if (hunks.empty() && external.empty()) continue;
    const std::string group = target.resource.group.empty() ? "" : target.resource.group + ".";
    const std::string name =
        group + target.resource.version + "." + target.resource.kind + "." + target.ns + "." + target.name;
    if (!external.empty()) {
      files.push_back({name, live_text, merged_text});
      continue;
    }
    const std::string stamp = file_time(session.now());
    text += "diff -u -N " + live_folder + "/" + name + " " + merged_folder + "/" + name + "\n";
    text += "--- " + live_folder + "/" + name + "\t" + stamp + "\n+++ " + merged_folder + "/" + name + "\t" + stamp +
            "\n" + hunks;
  }
  if (!external.empty()) co_return co_await run_external(session, external, live_folder, merged_folder, files);
  if (text.empty()) co_return 0;
  co_await session.out(std::move(text));
  co_return 1;
}

}  // namespace drydock::kubectl
