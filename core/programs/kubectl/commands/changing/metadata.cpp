// kubectl label and annotate.
#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/validation/names.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/objects/mutation.h"

namespace drydock::kubectl {
namespace {

struct Wording {
  const char* field;     // "labels"
  const char* singular;  // "label"
  const char* done;      // "labeled"
};
constexpr Wording kLabels{"labels", "label", "labeled"};
constexpr Wording kAnnotations{"annotations", "annotation", "annotated"};

struct Updates {
  std::vector<std::string> resources;
  Value set = Value::object();
  std::vector<std::string> remove;
};

bool is_pair(const std::string& argument) {
  return (contains(argument, "=") && argument[0] != '=') || (argument.size() > 1 && argument.ends_with('-'));
}

Result<Updates> parse_updates(const Arguments& arguments, const Wording& wording) {
  Updates updates;
  bool pairs = false;
  for (const std::string& argument : arguments) {
    if (!pairs && !is_pair(argument)) {
      updates.resources.push_back(argument);
      continue;
    }
    if (!is_pair(argument))
      return Status::plain("all resources must be specified before " + std::string(wording.singular) +
                           " changes: " + argument);
    pairs = true;
    const std::size_t equals = argument.find('=');
    if (equals != std::string::npos && wording.field == kLabels.field) {
      const std::vector<std::string> wrong = label_value_problems(argument.substr(equals + 1));
      if (!wrong.empty()) return Status::plain("invalid label value: " + go_quote(argument) + ": " + join(wrong, "; "));
    }
    if (equals != std::string::npos)
      updates.set.set(argument.substr(0, equals), argument.substr(equals + 1));
    else
      updates.remove.push_back(argument.substr(0, argument.size() - 1));
  }
  for (const std::string& key : updates.remove) {
    if (updates.set.has(key))
      return Status::plain("can not both modify and remove " +
                           std::string(wording.singular == kLabels.singular ? "a label" : "an annotation") +
                           " in the same command");
  }
  return updates;
}

// The error of a change that --overwrite would be needed for.
Result<void> check_overwrites(const Value& current, const Updates& updates, const Wording& wording) {
  std::vector<std::string> clashes;
  for (const auto& [key, value] : updates.set.members()) {
    const Value* there = current.find(key.view());
    if (there != nullptr && !(*there == value))
      clashes.push_back("'" + key.str() + "' already has a value (" + there->str() + ")");
  }
  if (clashes.empty()) return {};
  if (wording.field == kLabels.field) {
    std::vector<std::string> lines;
    for (const std::string& clash : clashes) lines.push_back(clash + ", and --overwrite is false");
    return Status::plain(lines.size() == 1 ? lines[0] : "[" + join(lines, ", ") + "]");
  }
  return Status::plain("--overwrite is false but found the following declared annotation(s): " + join(clashes, "; "));
}

Task<Result<int>> list_pairs(Session& session, std::vector<Target> targets, Wording wording) {
  std::string text;
  for (const Target& target : targets) {
    if (targets.size() > 1)
      text += "Listing " + std::string(wording.field) + " for " + target.resource.kind + "." + target.resource.group +
              "/" + target.name + ":\n";
    for (const auto& [key, value] : target.object["metadata"][wording.field].members())
      text += (targets.size() > 1 ? " " : "") + key.str() + "=" + value.str() + "\n";
  }
  co_await session.out(std::move(text));
  co_return 0;
}

Task<Result<int>> change_metadata(Session& session, Arguments arguments, Wording wording) {
  const Flags& flags = session.flags();
  DRYDOCK_CO_TRY(Updates updates, parse_updates(arguments, wording));
  if (updates.resources.empty() && !has_manifests(session)) {
    co_return Status::plain("one or more resources must be specified as <resource> <name> or <resource>/<name>");
  }
  const bool list = flags.on("list");
  if (updates.set.empty() && updates.remove.empty() && !list)
    co_return Status::plain("at least one " + std::string(wording.singular) + " update is required");
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  SelectionRules rules;
  rules.fetch = !flags.on("local");
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await select_targets(session, updates.resources, rules));
  if (list) co_return co_await list_pairs(session, targets, wording);
  for (const Target& target : targets) {
    const Value& current = target.object["metadata"][wording.field];
    if (!flags.on("overwrite")) {
      Result<void> allowed = check_overwrites(current, updates, wording);
      if (!allowed) {
        session.add_error(allowed.error());
        continue;
      }
    }
    Value changed = target.object;
    Value patch = Value::object();
    for (const auto& [key, value] : updates.set.members()) {
      changed.ref("metadata", wording.field, key) = value;
      patch.ref("metadata", wording.field, key) = value;
    }
    for (const std::string& key : updates.remove) {
      if (!current.has(key) && wording.field == kLabels.field)
        co_await session.out("label " + go_quote(key) + " not found.\n");
      changed.ref("metadata", wording.field).erase(key);
      patch.ref("metadata", wording.field, key) = Value();
    }
    if (changed["metadata"][wording.field].empty()) changed.ref("metadata").erase(wording.field);
    if (!flags.text("resource-version").empty())
      patch.ref("metadata", "resourceVersion") = flags.text("resource-version");
    std::string done = wording.done;
    if (wording.field == kLabels.field) {
      const bool same = changed == target.object;
      const bool shorter = dump_json(changed).size() < dump_json(target.object).size();
      done = same ? "not labeled" : !flags.on("overwrite") && shorter ? "unlabeled" : "labeled";
    }
    if (!mutation.client_only() && !flags.on("local") && !(changed == target.object)) {
      Result<Value> patched = co_await mutation.patch(target, patch, kMergePatch);
      if (!patched) {
        session.add_error(patched.error());
        continue;
      }
      changed = *std::move(patched);
    }
    DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, changed, done));
  }
  co_return 0;
}

}  // namespace

Task<Result<int>> run_label(Session& session, Arguments arguments) {
  return change_metadata(session, std::move(arguments), kLabels);
}
Task<Result<int>> run_annotate(Session& session, Arguments arguments) {
  return change_metadata(session, std::move(arguments), kAnnotations);
}

}  // namespace drydock::kubectl
