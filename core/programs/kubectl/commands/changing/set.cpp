// kubectl set image, env, resources, selector, serviceaccount, subject.
#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/patch.h"
#include "core/machinery/quantity.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/generators/generators.h"
#include "core/programs/kubectl/objects/mutation.h"

namespace drydock::kubectl {
namespace {

// Where a kind keeps its pod spec.
Value* pod_spec(Value& object) {
  const std::string kind = object["kind"].str();
  if (kind == "Pod") return &object.ref("spec");
  if (kind == "CronJob") return &object.ref("spec", "jobTemplate", "spec", "template", "spec");
  if (object["spec"]["template"]["spec"].is_object()) return &object.ref("spec", "template", "spec");
  return nullptr;
}

struct Split {
  Arguments resources;
  std::vector<std::string> changes;
};

// "deploy/web nginx=nginx:1 sidecar=x": what comes first names the objects.
Split split_changes(const Arguments& arguments, bool removals) {
  Split split;
  for (const std::string& argument : arguments) {
    const bool change = contains(argument, "=") || (removals && argument.size() > 1 && argument.ends_with('-')) ||
                        (removals && argument == "-");
    (change ? split.changes : split.resources).push_back(argument);
  }
  return split;
}

bool matches_pattern(std::string_view pattern, std::string_view name) {
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  return name.starts_with(pattern.substr(0, star)) && name.ends_with(pattern.substr(star + 1)) &&
         name.size() + 1 >= pattern.size();
}

// Sends what `change` does to each target, as a strategic patch.
template <class Function>
Task<Result<int>> change_each(Session& session, Mutation mutation, std::vector<Target> targets, std::string done,
                              Function change) {
  for (const Target& target : targets) {
    Value changed = target.object;
    Result<void> worked = change(target, changed);
    if (!worked) {
      session.add_error(worked.error());
      continue;
    }
    if (mutation.client_only() || session.flags().on("local")) {
      DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, changed, done));
      continue;
    }
    DRYDOCK_CO_TRY(Value patch, three_way_strategic_patch(target.object, changed, target.object));
    if (patch.empty()) continue;
    Result<Value> patched = co_await mutation.patch(target, std::move(patch), kStrategicPatch);
    if (!patched) {
      session.add_error(Status::plain("failed to patch " + done + " to pod template: " + patched.error().message));
      continue;
    }
    DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, *patched, done));
  }
  co_return 0;
}

Task<Result<std::vector<Target>>> targets_of(Session& session, Arguments resources) {
  SelectionRules rules;
  rules.fetch = !session.flags().on("local");
  co_return co_await select_targets(session, std::move(resources), rules);
}

// Runs `edit` for each container that the pattern names; false when there is none.
template <class Function>
bool for_containers(Value& spec, std::string_view pattern, Function edit) {
  bool found = false;
  for (const char* field : {"initContainers", "containers"}) {
    for (std::size_t i = 0; i < spec[field].size(); ++i) {
      if (!matches_pattern(pattern, spec[field][i]["name"].as_string())) continue;
      found = true;
      edit(spec.ref(field).mutable_item(i));
    }
  }
  return found;
}

Status no_template(const Target& target) {
  return Status::plain(target.title() + " the object is not a pod or does not have a pod template: *" +
                       target.resource.version + "." + target.resource.kind);
}

}  // namespace

Task<Result<int>> run_set_image(Session& session, Arguments arguments) {
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  const Split split = split_changes(arguments, false);
  if (!split.resources.empty() || has_manifests(session)) {
    if (split.changes.empty()) co_return Status::plain("at least one image update is required");
  }
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await targets_of(session, split.resources));
  auto change = [&](const Target& target, Value& object) -> Result<void> {
    Value* spec = pod_spec(object);
    if (spec == nullptr) return no_template(target);
    for (const std::string& entry : split.changes) {
      const std::size_t equals = entry.find('=');
      const std::string name = entry.substr(0, equals);
      const std::string image = entry.substr(equals + 1);
      const bool found = for_containers(*spec, name, [&](Value& container) { container.set("image", image); });
      if (!found) return Status::plain("unable to find container named " + go_quote(name));
    }
    return {};
  };
  co_return co_await change_each(session, std::move(mutation), targets, "image updated", change);
}

Task<Result<int>> run_set_env(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  Split split = split_changes(arguments, true);
  for (const std::string& entry : flags.list("env")) split.changes.push_back(entry);
  const bool list = flags.on("list");
  if (split.resources.empty() && !has_manifests(session))
    co_return Status::plain("one or more resources must be specified as <resource> <name> or <resource>/<name>");
  if (split.changes.empty() && !list && flags.text("from").empty())
    co_return Status::plain("at least one environment variable must be provided");
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await targets_of(session, split.resources));
  if (list) {
    for (const Target& target : targets) {
      Value object = target.object;
      Value* spec = pod_spec(object);
      if (spec == nullptr) continue;
      for (const Value& container : (*spec)["containers"].items()) {
        if (!matches_pattern(flags.text("containers"), container["name"].as_string())) continue;
        std::string text =
            "# " + target.resource.kind + " " + target.name + ", container " + container["name"].str() + "\n";
        for (const Value& variable : container["env"].items()) {
          const Value& from = variable["valueFrom"];
          if (from.is_null())
            text += variable["name"].str() + "=" + variable["value"].str() + "\n";
          else if (from["secretKeyRef"].is_object())
            text += "# " + variable["name"].str() + " from secret " + from["secretKeyRef"]["name"].str() + ", key " +
                    from["secretKeyRef"]["key"].str() + "\n";
          else if (from["configMapKeyRef"].is_object())
            text += "# " + variable["name"].str() + " from configmap " + from["configMapKeyRef"]["name"].str() +
                    ", key " + from["configMapKeyRef"]["key"].str() + "\n";
          else if (from["fieldRef"].is_object())
            text += "# " + variable["name"].str() + " from field path " + from["fieldRef"]["fieldPath"].str() + "\n";
          else
            text +=
                "# " + variable["name"].str() + " from resource " + from["resourceFieldRef"]["resource"].str() + "\n";
        }
        co_await session.out(std::move(text));
      }
    }
    co_return 0;
  }
  // --from=configmap/x: every key becomes a variable.
  std::vector<Value> imported;
  if (const std::string from = flags.text("from"); !from.empty()) {
    const Arguments source = {from};
    DRYDOCK_CO_TRY(const std::vector<Target> sources, co_await select_targets(session, source));
    for (const Target& entry : sources) {
      const bool secret = entry.resource.kind == "Secret";
      if (!secret && entry.resource.kind != "ConfigMap")
        co_return Status::plain("unsupported resource specified in --from");
      for (const auto& [key, value] : entry.object["data"].members()) {
        const auto& keys = flags.list("keys");
        if (!keys.empty() && std::find(keys.begin(), keys.end(), key.view()) == keys.end()) continue;
        const std::string name =
            flags.text("prefix") + replace_all(replace_all(to_upper(key.view()), "-", "_"), ".", "_");
        const Value reference = Value::object({{"key", key.view()}, {"name", entry.name}});
        imported.push_back(
            Value::object({{"name", name},
                           {"valueFrom", Value::object({{secret ? "secretKeyRef" : "configMapKeyRef", reference}})}}));
      }
    }
  }
  auto change = [&](const Target& target, Value& object) -> Result<void> {
    Value* spec = pod_spec(object);
    if (spec == nullptr) return no_template(target);
    Status clash;
    auto put = [&](Value& container, const Value& variable) {
      Value& env = container.ref("env");
      for (std::size_t i = 0; i < env.size(); ++i) {
        if (!(env[i]["name"] == variable["name"])) continue;
        if (!flags.on("overwrite"))
          clash = Status::plain("'" + variable["name"].str() + "' already has a value (" + env[i]["value"].str() +
                                "), and --overwrite is false");
        else
          env.mutable_item(i) = variable;
        return;
      }
      env.push_back(variable);
    };
    const bool found = for_containers(*spec, flags.text("containers"), [&](Value& container) {
      for (const Value& variable : imported) put(container, variable);
      for (const std::string& entry : split.changes) {
        const std::size_t equals = entry.find('=');
        if (equals != std::string::npos) {
          put(container, Value::object({{"name", entry.substr(0, equals)}, {"value", entry.substr(equals + 1)}}));
          continue;
        }
        const std::string name = entry.substr(0, entry.size() - 1);
        Value kept = Value::array();
        for (const Value& variable : container["env"].items()) {
          if (variable["name"].as_string() != name) kept.push_back(variable);
        }
        if (kept.empty())
          container.erase("env");
        else
          container.set("env", std::move(kept));
      }
    });
    if (!clash.message.empty()) return clash;
    if (!found)
      return Status::plain(target.title() + " does not have any containers matching " +
                           go_quote(flags.text("containers")));
    return {};
  };
  co_return co_await change_each(session, std::move(mutation), targets, "env updated", change);
}

Task<Result<int>> run_set_resources(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await targets_of(session, arguments));
  if (targets.empty()) co_return 0;
  if (flags.text("limits").empty() && flags.text("requests").empty()) {
    co_return Status::plain("you must specify an update to requests or limits (in the form of --requests/--limits)");
  }
  auto change = [&](const Target& target, Value& object) -> Result<void> {
    Value* spec = pod_spec(object);
    if (spec == nullptr) return no_template(target);
    Status bad;
    const bool found = for_containers(*spec, flags.text("containers"), [&](Value& container) {
      for (const char* field : {"limits", "requests"}) {
        for (const std::string& pair : split(flags.text(field), ',')) {
          if (pair.empty()) continue;
          const std::size_t equals = pair.find('=');
          if (equals == std::string::npos) {
            bad = Status::plain("invalid argument syntax " + pair + ", expected <resource>=<value>");
            continue;
          }
          const auto quantity = Quantity::parse(pair.substr(equals + 1));
          if (!quantity) {
            bad = Status::plain(std::string(Quantity::fault(pair.substr(equals + 1))));
            continue;
          }
          if (quantity->is_zero())
            container.ref("resources", field).erase(pair.substr(0, equals));
          else
            container.ref("resources", field, pair.substr(0, equals)) = quantity->str();
        }
      }
    });
    if (!bad.message.empty()) return bad;
    if (!found) return Status::plain("unable to find container named " + flags.text("containers"));
    return {};
  };
  co_return co_await change_each(session, std::move(mutation), targets, "resource requirements updated", change);
}

Task<Result<int>> run_set_selector(Session& session, Arguments arguments) {
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  if (arguments.empty()) co_return Status::plain("one selector is required");
  const std::string expression = arguments.back();
  arguments.pop_back();
  DRYDOCK_CO_TRY(const Value labels, parse_pairs(expression, "selector"));
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await targets_of(session, arguments));
  for (const Target& target : targets) {
    if (target.resource.kind != "Service") {
      session.add_error(Status::plain("setting a selector is only supported for Services"));
      continue;
    }
    // The new selector takes the old one's place: what is not in it goes.
    Value patch = Value::object();
    for (const auto& [key, value] : target.object["spec"]["selector"].members())
      patch.ref("spec", "selector", key) = Value();
    for (const auto& [key, value] : labels.members()) patch.ref("spec", "selector", key) = value;
    Value changed = target.object;
    changed.ref("spec", "selector") = labels;
    if (!mutation.client_only() && !session.flags().on("local")) {
      DRYDOCK_CO_TRY(changed, co_await mutation.patch(target, patch, kMergePatch));
    }
    DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, changed, "selector updated"));
  }
  co_return 0;
}

Task<Result<int>> run_set_serviceaccount(Session& session, Arguments arguments) {
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  if (arguments.empty()) co_return Status::plain("serviceaccount is required");
  const std::string account = arguments.back();
  arguments.pop_back();
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await targets_of(session, arguments));
  auto change = [&](const Target& target, Value& object) -> Result<void> {
    Value* spec = pod_spec(object);
    if (spec == nullptr) return no_template(target);
    spec->set("serviceAccountName", account);
    if (spec->has("serviceAccount")) spec->set("serviceAccount", account);
    return {};
  };
  co_return co_await change_each(session, std::move(mutation), targets, "serviceaccount updated", change);
}

Task<Result<int>> run_set_subject(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await targets_of(session, arguments));
  if (targets.empty()) co_return 0;
  if (flags.list("user").empty() && flags.list("group").empty() && flags.list("serviceaccount").empty()) {
    co_return Status::plain("you must specify at least one value of user, group or serviceaccount");
  }
  for (const Target& target : targets) {
    Value changed = target.object;
    std::vector<Value> added;
    constexpr const char* kGroup = "rbac.authorization.k8s.io";
    for (const std::string& name : flags.list("user"))
      added.push_back(Value::object({{"apiGroup", kGroup}, {"kind", "User"}, {"name", name}}));
    for (const std::string& name : flags.list("group"))
      added.push_back(Value::object({{"apiGroup", kGroup}, {"kind", "Group"}, {"name", name}}));
    for (const std::string& name : flags.list("serviceaccount")) {
      const std::vector<std::string> parts = split(name, ':');
      if (parts.size() != 2) co_return Status::plain("serviceaccount must be <namespace>:<name>");
      added.push_back(Value::object({{"kind", "ServiceAccount"}, {"name", parts[1]}, {"namespace", parts[0]}}));
    }
    for (const Value& subject : added) {
      bool known = false;
      for (const Value& there : changed["subjects"].items()) known = known || there == subject;
      if (!known) changed.ref("subjects").push_back(subject);
    }
    if (changed == target.object && !flags.on("local")) continue;  // nothing to tell, either
    const Value patch = Value::object({{"subjects", changed["subjects"]}});
    if (!mutation.client_only() && !flags.on("local")) {
      DRYDOCK_CO_TRY(changed, co_await mutation.patch(target, patch, kMergePatch));
    }
    DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, changed, "subjects updated"));
  }
  co_return 0;
}

}  // namespace drydock::kubectl
