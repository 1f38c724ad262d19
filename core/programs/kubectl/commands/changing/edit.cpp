// kubectl edit, apply edit-last-applied.
#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/patch.h"
#include "core/machinery/resource_registry.h"
#include "core/machinery/yaml.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/objects/mutation.h"
#include "core/programs/kubectl/objects/temporary.h"

namespace drydock::kubectl {
namespace {

constexpr std::string_view kIntroduction =
    "# Please edit the object below. Lines beginning with a '#' will be ignored,\n"
    "# and an empty file will abort the edit. If an error occurs while saving this file will be\n"
    "# reopened with the relevant failures.\n"
    "#\n";

std::string without_comments(std::string_view text) {
  std::string kept;
  for (const std::string& line : split(text, '\n')) {
    if (!line.starts_with('#')) kept += line + "\n";
  }
  while (kept.ends_with("\n\n")) kept.pop_back();
  return kept;
}

// $KUBE_EDITOR, $EDITOR or vi on the file; the text as it was left.
Task<Result<std::string>> open_editor(Session& session, std::string path, std::string text) {
  Process& process = session.process();
  auto written = process.write_file(path, std::move(text), 0600);
  if (!written) co_return Status::plain("open " + path + ": " + to_lower(errno_text(written.error())));
  std::string editor(process.env("KUBE_EDITOR"));
  if (editor.empty()) editor = process.env("EDITOR");
  if (editor.empty()) editor = "vi";
  SpawnOptions options;
  if (contains(editor, " "))
    options.argv = {"sh", "-c", editor + " " + path};
  else
    options.argv = {editor, path};
  const ExitStatus status = co_await process.run(std::move(options));
  if (status.shell_code() == 127) co_return Status::plain("unable to launch the editor " + go_quote(editor));
  if (status.shell_code() != 0) co_return Status::plain("there was a problem with the editor " + go_quote(editor));
  auto content = process.read_file(path);
  if (!content) co_return Status::plain("open " + path + ": " + to_lower(errno_text(content.error())));
  co_return *std::move(content);
}

struct EditWords {
  std::string done;         // "edited"
  bool annotation = false;  // edits the last-applied annotation
};

Value shown_object(const Target& target, const EditWords& words) {
  if (!words.annotation) return without_managed_fields(target.object);
  return parse_json(target.object["metadata"]["annotations"][kLastApplied].as_string()).value_or(Value());
}

// Sends the difference between what was shown and what came back.
Task<Result<Value>> save(Session& session, Mutation& mutation, Target target, Value before, Value after,
                         EditWords words) {
  if (words.annotation) {
    Value patch = Value::object();
    patch.ref("metadata", "annotations", kLastApplied) = dump_json(after, {.escape_html = true}) + "\n";
    co_return co_await mutation.patch(target, patch, kMergePatch);
  }
  if (after["metadata"]["name"] != before["metadata"]["name"])
    co_return Status::plain("At least one of apiVersion, kind and name was changed");
  const bool known =
      ResourceRegistry::builtin().find_kind(target.resource.api_version(), target.resource.kind) != nullptr;
  Value patch;
  if (known) {
    DRYDOCK_CO_TRY(patch, three_way_strategic_patch(before, after, before));
  } else
    patch = three_way_merge_patch(before, after, before);
  co_return co_await session.call("PATCH", target.path(session.flags().text("subresource")), mutation.query(true),
                                  std::move(patch), std::string(known ? kStrategicPatch : kMergePatch));
}

std::string comment_lines(const std::string& text) {
  std::string lines;
  for (const std::string& line : split(text, '\n')) {
    if (!line.empty()) lines += "# " + line + "\n";
  }
  return lines;
}

Task<Result<int>> edit(Session& session, Arguments arguments, EditWords words) {
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await select_targets(session, std::move(arguments)));
  for (const Target& target : targets) {
    const Value before = shown_object(target, words);
    if (before.is_null())
      co_return Status::plain("no last-applied-configuration annotation found on resource: " + target.name);
    const std::string path = "/tmp/kubectl-edit-" + random_digits(session.process()) + ".yaml";
    const std::string original = dump_yaml(before);
    std::string header(kIntroduction);
    std::string text = original;
    bool failed_before = false;
    while (true) {
      const std::string offered = text;
      DRYDOCK_CO_TRY(const std::string edited, co_await open_editor(session, path, header + text));
      text = without_comments(edited);
      if (failed_before && text == offered) {
        co_await session.err("A copy of your changes has been stored to \"" + path + "\"\n");
        co_return Status::plain("Edit cancelled, no valid changes were saved.");
      }
      if (text == original || text == original + "\n") {
        (void)session.process().unlink(path);
        co_await session.err("Edit cancelled, no changes made.\n");
        break;
      }
      if (trim(text).empty()) {
        (void)session.process().unlink(path);
        co_await session.err("Edit cancelled, saved file was empty.\n");
        break;
      }
      Result<Value> after = parse_yaml(text);
      Result<Value> saved = Value();
      if (!after)
        saved = Status::plain("error parsing edited-file: " + after.error().message);
      else if (mutation.client_only())
        saved = *after;
      else
        saved = co_await save(session, mutation, target, before, *after, words);
      if (saved) {
        (void)session.process().unlink(path);
        DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, *saved, words.done));
        break;
      }
      // The file comes back with what is wrong with it.
      failed_before = true;
      std::string reasons;
      if (saved.error().is("Invalid")) {
        reasons = "# " + target.resource.full_name() + " " + go_quote(target.name) + " was not valid:\n";
        for (const StatusCause& cause : saved.error().causes)
          reasons += "# * " + cause.field + ": " + cause.message + "\n";
      } else {
        reasons = comment_lines(error_text(saved.error()));
      }
      header = std::string(kIntroduction) + reasons + "#\n";
      co_await session.err(error_text(saved.error()));
    }
  }
  co_return 0;
}

}  // namespace

Task<Result<int>> run_edit(Session& session, Arguments arguments) {
  return edit(session, std::move(arguments), {"edited", false});
}
Task<Result<int>> run_apply_edit_last_applied(Session& session, Arguments arguments) {
  return edit(session, std::move(arguments), {"edited", true});
}

}  // namespace drydock::kubectl
