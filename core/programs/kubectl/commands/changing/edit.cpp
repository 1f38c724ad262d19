// kubectl edit, apply edit-last-applied.
// https://kubernetes.io/docs/reference/kubectl/generated/kubectl_edit/
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
constexpr std::string_view kAnnotationIntroduction =
    "# Please edit the 'last-applied-configuration' annotations below.\n"
    "# Lines beginning with a '#' will be ignored, and an empty file will abort the edit.\n"
    "#\n";

std::string without_comments(std::string_view text) {
  std::string kept;
  for (const std::string& line : split(text, '\n')) {
    if (!trim(line).starts_with('#')) kept += line + "\n";
  }
  while (kept.ends_with("\n\n")) kept.pop_back();
  return kept;
}

// What two texts are compared by: their documents, or what is no comment where there is none.
std::string meaning(std::string_view text) {
  const Result<Value> document = parse_yaml(text);
  return document ? dump_json(*document) : without_comments(text);
}

struct EditWords {
  std::string_view introduction;
  std::string done;         // "edited"
  bool annotation = false;  // edits the last-applied annotation
};

// Why the file is opened again: "# * field: message" lines below a title.
struct Reason {
  std::string title;
  std::vector<std::string> details;
};

std::string in_comment(const std::string& text) { return replace_all(text, "\n", "\n# "); }

std::string header_text(const EditWords& words, const std::vector<Reason>& reasons) {
  std::string text(words.introduction);
  for (const Reason& reason : reasons) {
    text += "# " + in_comment(reason.title) + (reason.details.empty() ? "\n" : ":\n");
    for (const std::string& detail : reason.details) text += "# * " + in_comment(detail) + "\n";
    text += "#\n";
  }
  return text;
}

Value shown_object(const Target& target, const EditWords& words, bool owners) {
  if (!words.annotation) return owners ? target.object : without_managed_fields(target.object);
  return parse_json(target.object["metadata"]["annotations"][kLastApplied].as_string()).value_or(Value());
}

class Editor {
 public:
  Editor(Session& session, Mutation& mutation, std::vector<Target> targets, EditWords words)
      : session_(session), mutation_(mutation), targets_(std::move(targets)), words_(std::move(words)) {
    json_ = session.flags().text("output") == "json";
  }

  Task<Result<int>> run() {
    DRYDOCK_CO_TRY(const Value document, before());
    const std::string original = json_ ? dump_json(document, {.indent = 4}) + "\n" : dump_yaml(document);
    std::string body = original;
    std::string edited;
    while (true) {
      const std::string offered = edited;
      const bool again = !reasons_.empty();
      const std::string last_path = path_;
      const std::string header = json_ ? "" : header_text(words_, std::exchange(reasons_, {}));
      Result<std::string> opened = co_await open_editor(header + body);
      if (!opened) co_return co_await preserved(opened.error(), last_path);
      edited = *std::move(opened);
      if (again && meaning(offered) == meaning(edited))
        co_return co_await preserved(Status::plain("Edit cancelled, no valid changes were saved."), path_);
      if (!last_path.empty()) (void)session_.process().unlink(last_path);
      body = without_comments(edited);
      if (meaning(original) == meaning(edited)) {
        (void)session_.process().unlink(path_);
        co_await session_.err("Edit cancelled, no changes made.\n");
        co_return 0;
      }
      if (trim(body).empty()) {
        (void)session_.process().unlink(path_);
        co_await session_.err("Edit cancelled, saved file was empty.\n");
        co_return 0;
      }
      Result<Value> after = parse_yaml(body);
      if (!after) {
        std::string why = after.error().message;
        if (!why.starts_with("error converting YAML to JSON")) why = "error converting YAML to JSON: " + why;
        reasons_.push_back({"The edited file had a syntax error: error parsing edited-file: " + why, {}});
        continue;
      }
      DRYDOCK_CO_TRY(const Outcome outcome, co_await save_all(document, *after));
      if (outcome == Outcome::kDone) {
        (void)session_.process().unlink(path_);
        co_return 0;
      }
      if (outcome == Outcome::kAgain) continue;
      co_await session_.err(outcome == Outcome::kGone
                                ? "The edits you made on deleted resources have been saved to " + go_quote(path_) + "\n"
                                : "You can run `kubectl replace -f " + path_ + "` to try this update again.\n");
      co_return 1;
    }
  }

 private:
  enum class Outcome { kDone, kAgain, kRetry, kGone };

  // What the editor shows: the object, or a List of several.
  Result<Value> before() const {
    Value items = Value::array();
    for (const Target& target : targets_) {
      Value shown = shown_object(target, words_, mutation_.format().show_managed_fields);
      if (shown.is_null())
        return Status::plain("no last-applied-configuration annotation found on resource: " + target.name);
      if (targets_.size() == 1) return shown;
      items.push_back(std::move(shown));
    }
    return Value::object(
        {{"apiVersion", "v1"}, {"items", std::move(items)}, {"kind", "List"}, {"metadata", Value::object()}});
  }

  // $KUBE_EDITOR, $EDITOR or vi on a new file; the text as it was left.
  Task<Result<std::string>> open_editor(std::string text) {
    Process& process = session_.process();
    path_ = temporary_folder(process) + "/kubectl-edit-" + random_digits(process) + (json_ ? ".json" : ".yaml");
    auto written = process.write_file(path_, std::move(text), 0600);
    if (!written) co_return Status::plain("open " + path_ + ": " + to_lower(errno_text(written.error())));
    std::string editor(process.env("KUBE_EDITOR"));
    if (editor.empty()) editor = process.env("EDITOR");
    if (editor.empty()) editor = "vi";
    SpawnOptions options;
    if (contains(editor, "\"") || contains(editor, "'") || contains(editor, "\\"))
      options.argv = {"/bin/bash", "-c", editor + " " + go_quote(path_)};
    else
      options.argv = split_whitespace(editor + " " + path_);
    const bool looked_up = !contains(options.argv[0], "/");
    const std::string shown = go_quote(options.argv[0] == "/bin/bash" ? "/bin/bash -c " + editor : editor);
    const ExitStatus status = co_await process.run(std::move(options));
    if (status.shell_code() == 127 && looked_up) co_return Status::plain("unable to launch the editor " + shown);
    if (status.shell_code() != 0) co_return Status::plain("there was a problem with the editor " + shown);
    auto content = process.read_file(path_);
    if (!content) co_return Status::plain("open " + path_ + ": " + to_lower(errno_text(content.error())));
    co_return *std::move(content);
  }

  Task<Status> preserved(Status error, std::string path) {
    if (!path.empty() && session_.process().exists(path))
      co_await session_.err("A copy of your changes has been stored to " + go_quote(path) + "\n");
    co_return error;
  }

  Task<Result<Outcome>> save_all(Value document, Value edited) {
    const bool several = targets_.size() > 1;
    Outcome outcome = Outcome::kDone;
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      const Target& target = targets_[i];
      const Value old = several ? document["items"][i] : document;
      Value current = edited;
      if (several) {
        current = Value();
        for (const Value& item : edited["items"].items()) {
          if (item["kind"] == old["kind"] && item["metadata"]["name"] == old["metadata"]["name"]) current = item;
        }
        if (current.is_null()) continue;
      }
      if (current == old) {
        DRYDOCK_CO_TRY_VOID(co_await mutation_.report(target, target.object, "skipped"));
        continue;
      }
      const bool same = current["apiVersion"] == old["apiVersion"] && current["kind"] == old["kind"] &&
                        current["metadata"]["name"] == old["metadata"]["name"];
      if (!same)
        co_return co_await preserved(Status::plain("At least one of apiVersion, kind and name was changed"), path_);
      const Result<Value> saved = co_await save(target, old, std::move(current));
      if (saved) {
        DRYDOCK_CO_TRY_VOID(co_await mutation_.report(target, *saved, words_.done));
        continue;
      }
      const std::string name = target.resource.full_name() + " " + go_quote(target.name);
      if (saved.error().is("Invalid")) {
        Reason reason{name + " was not valid", {}};
        for (const StatusCause& cause : saved.error().causes)
          reason.details.push_back(cause.field + ": " + cause.message);
        reasons_.push_back(std::move(reason));
        co_await session_.err("error: " + name + " is invalid\n");
        if (outcome == Outcome::kDone) outcome = Outcome::kAgain;
      } else if (saved.error().is_not_found()) {
        co_await session_.err("error: " + name + " could not be found on the server\n");
        outcome = Outcome::kGone;
      } else {
        co_await session_.err("error: " + name + " could not be patched: " + saved.error().message + "\n");
        outcome = Outcome::kRetry;
      }
    }
    co_return outcome;
  }

  // Sends the difference between what was shown and what came back.
  Task<Result<Value>> save(Target target, Value old, Value current) {
    if (mutation_.client_only()) co_return current;
    if (words_.annotation) {
      Value patch = Value::object();
      patch.ref("metadata", "annotations", kLastApplied) = dump_json(current, {.escape_html = true}) + "\n";
      co_return co_await mutation_.patch(target, patch, kMergePatch);
    }
    const bool known =
        ResourceRegistry::builtin().find_kind(target.resource.api_version(), target.resource.kind) != nullptr;
    Value patch;
    if (known) {
      DRYDOCK_CO_TRY(patch, three_way_strategic_patch(old, current, old));
    } else
      patch = three_way_merge_patch(old, current, old);
    if (session_.flags().on("output-patch")) co_await session_.out("Patch: " + dump_json(patch) + "\n");
    co_return co_await session_.call("PATCH", target.path(session_.flags().text("subresource")), mutation_.query(true),
                                     std::move(patch), std::string(known ? kStrategicPatch : kMergePatch));
  }

  Session& session_;
  Mutation& mutation_;
  std::vector<Target> targets_;
  EditWords words_;
  bool json_ = false;
  std::string path_;  // of the file that the editor had last
  std::vector<Reason> reasons_;
};

Task<Result<int>> edit(Session& session, Arguments arguments, EditWords words) {
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  DRYDOCK_CO_TRY(std::vector<Target> targets, co_await select_targets(session, std::move(arguments)));
  if (targets.empty()) {
    if (session.errors().empty()) co_return Status::plain("edit cancelled, no objects found");
    co_return 0;
  }
  Editor editor(session, mutation, std::move(targets), std::move(words));
  co_return co_await editor.run();
}

}  // namespace

Task<Result<int>> run_edit(Session& session, Arguments arguments) {
  return edit(session, std::move(arguments), {kIntroduction, "edited", false});
}
Task<Result<int>> run_apply_edit_last_applied(Session& session, Arguments arguments) {
  return edit(session, std::move(arguments), {kAnnotationIntroduction, "edited", true});
}

}  // namespace drydock::kubectl
