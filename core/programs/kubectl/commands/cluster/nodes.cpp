// kubectl cordon, uncordon, taint.
#include "core/base/strings.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/objects/mutation.h"

namespace drydock::kubectl {
namespace {

Task<Result<int>> set_schedulable(Session& session, Arguments arguments, bool schedulable) {
  const Flags& flags = session.flags();
  const std::string word = schedulable ? "uncordon" : "cordon";
  if (arguments.empty() && flags.text("selector").empty())
    co_return session.usage_error("USAGE: " + word + " NODE [flags]");
  if (!arguments.empty() && !flags.text("selector").empty())
    co_return session.usage_error("error: cannot specify both a node name and a --selector option");
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  SelectionRules rules;
  rules.default_type = "nodes";
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await select_targets(session, std::move(arguments), rules));
  for (const Target& target : targets) {
    if (target.object["spec"]["unschedulable"].as_bool() != schedulable) {
      DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, target.object, "already " + word + "ed"));
      continue;
    }
    if (!mutation.client_only()) {
      Value patch = Value::object({{"spec", Value::object({{"unschedulable", schedulable ? Value() : Value(true)}})}});
      Result<Value> patched = co_await mutation.patch(target, std::move(patch), kStrategicPatch);
      if (!patched) {
        session.add_error(
            Status::plain("unable to " + word + " node " + go_quote(target.name) + ": " + patched.error().message));
        continue;
      }
    }
    DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, target.object, word + "ed"));
  }
  co_return 0;
}

struct Taint {
  std::string key, value, effect;
};
struct TaintChanges {
  std::vector<Taint> add;
  std::vector<Taint> remove;  // effect "": whatever it is
};

bool known_effect(std::string_view effect) {
  return effect == "NoSchedule" || effect == "PreferNoSchedule" || effect == "NoExecute";
}

// "key=value:Effect", "key:Effect", "key:Effect-", "key-".
Result<TaintChanges> parse_taints(const std::vector<std::string>& texts) {
  TaintChanges changes;
  for (std::string text : texts) {
    const bool removal = text.ends_with('-');
    if (removal) text.pop_back();
    Taint taint;
    const std::size_t colon = text.find(':');
    if (colon != std::string::npos) {
      taint.effect = text.substr(colon + 1);
      if (!known_effect(taint.effect))
        return Status::plain("invalid taint effect: " + taint.effect + ", unsupported taint effect");
    } else if (!removal) {
      return Status::plain("invalid taint spec: " + text);
    }
    const std::string head = text.substr(0, colon);
    const std::size_t equals = head.find('=');
    taint.key = head.substr(0, equals);
    if (equals != std::string::npos) taint.value = head.substr(equals + 1);
    if (taint.key.empty()) return Status::plain("invalid taint spec: " + text);
    (removal ? changes.remove : changes.add).push_back(std::move(taint));
  }
  return changes;
}

bool same_taint(const Value& there, const Taint& taint) {
  return there["key"].as_string() == taint.key && (taint.effect.empty() || there["effect"].as_string() == taint.effect);
}

}  // namespace

Task<Result<int>> run_cordon(Session& session, Arguments arguments) {
  return set_schedulable(session, std::move(arguments), false);
}
Task<Result<int>> run_uncordon(Session& session, Arguments arguments) {
  return set_schedulable(session, std::move(arguments), true);
}

Task<Result<int>> run_taint(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  Arguments names;
  std::vector<std::string> texts;
  for (const std::string& argument : arguments) {
    const bool taint =
        (contains(argument, "=") && argument[0] != '=') || (contains(argument, ":")) || argument.ends_with('-');
    if (taint)
      texts.push_back(argument);
    else if (!texts.empty())
      co_return Status::plain("all resources must be specified before taint changes: " + argument);
    else
      names.push_back(argument);
  }
  if (names.empty()) co_return Status::plain("one or more resources must be specified as <resource> <name>");
  if (texts.empty()) co_return Status::plain("at least one taint update is required");
  Result<TaintChanges> parsed = parse_taints(texts);
  if (!parsed) co_return session.usage_error(parsed.error().message);
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await select_targets(session, names));
  for (const Target& target : targets) {
    if (target.resource.kind != "Node")
      co_return Status::plain("invalid resource type " + names[0] + ", only node types are supported");
    Value taints = Value::array();
    std::vector<std::string> clashes;
    bool overwritten = false;
    for (const Value& there : target.object["spec"]["taints"].items()) {
      bool replaced = false;
      for (const Taint& taint : parsed->add) {
        if (!same_taint(there, taint)) continue;
        replaced = true;
        overwritten = true;
        if (!flags.on("overwrite")) clashes.push_back(taint.key);
      }
      bool removed = false;
      for (const Taint& taint : parsed->remove) removed = removed || same_taint(there, taint);
      if (!replaced && !removed) taints.push_back(there);
    }
    if (!clashes.empty()) {
      session.add_error(Status::plain("node " + target.name + " already has " + join(clashes, ", ") +
                                      " taint(s) with same effect(s) and --overwrite is false"));
      continue;
    }
    Status missing;
    for (const Taint& taint : parsed->remove) {
      bool found = false;
      for (const Value& there : target.object["spec"]["taints"].items()) found = found || same_taint(there, taint);
      if (!found)
        missing = Status::plain("taint " + go_quote(taint.effect.empty() ? taint.key : taint.key + ":" + taint.effect) +
                                " not found");
    }
    if (!missing.message.empty()) {
      session.add_error(missing);
      continue;
    }
    for (const Taint& taint : parsed->add) {
      Value entry = Value::object({{"key", taint.key}, {"effect", taint.effect}});
      if (!taint.value.empty()) entry.set("value", taint.value);
      taints.push_back(std::move(entry));
    }
    Value result = target.object;
    if (!mutation.client_only()) {
      // Lists of taints merge by key and effect; the whole list is sent instead.
      Value patch = Value::object(
          {{"metadata", Value::object({{"resourceVersion", target.object["metadata"]["resourceVersion"]}})},
           {"spec", Value::object({{"taints", taints.empty() ? Value() : taints}})}});
      Result<Value> patched = co_await mutation.patch(target, std::move(patch), kMergePatch);
      if (!patched) {
        session.add_error(patched.error());
        continue;
      }
      result = *std::move(patched);
    }
    const std::string done = parsed->add.empty()                      ? "untainted"
                             : parsed->remove.empty() && !overwritten ? "tainted"
                                                                      : "modified";
    DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, result, done));
  }
  co_return 0;
}

}  // namespace drydock::kubectl
