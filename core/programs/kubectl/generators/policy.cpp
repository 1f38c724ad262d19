// kubectl create namespace, serviceaccount, quota, poddisruptionbudget, priorityclass.
#include "core/base/strings.h"
#include "core/machinery/quantity.h"
#include "core/programs/kubectl/connection/session.h"
#include "core/programs/kubectl/generators/generators.h"

namespace drydock::kubectl {
namespace {

Result<Generated> quota(Session& session, const std::string& name) {
  const ApiResource resource = built_in("", "v1", "resourcequotas", "ResourceQuota");
  const Flags& flags = session.flags();
  Value object = new_object(resource, name);
  Value spec = Value::object();
  if (!flags.text("hard").empty()) {
    for (const std::string& pair : split(flags.text("hard"), ',')) {
      const std::size_t equals = pair.find('=');
      if (equals == std::string::npos)
        return Status::plain("Invalid argument syntax " + pair + ", expected <resource>=<value>");
      const auto amount = Quantity::parse(pair.substr(equals + 1));
      if (!amount) return Status::plain(std::string(Quantity::fault(pair.substr(equals + 1))));
      spec.ref("hard", pair.substr(0, equals)) = amount->str();
    }
  }
  if (!flags.text("scopes").empty()) {
    for (const std::string& scope : split(flags.text("scopes"), ',')) spec.ref("scopes").push_back(scope);
  }
  object.set("spec", std::move(spec));
  object.set("status", Value::object());
  return Generated{std::move(object), resource, "failed to create quota: "};
}

Result<Generated> disruption_budget(Session& session, const std::string& name) {
  const ApiResource resource = built_in("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget");
  const Flags& flags = session.flags();
  const std::string minimum = flags.text("min-available");
  const std::string maximum = flags.text("max-unavailable");
  if (flags.text("selector").empty()) return Status::plain("a selector must be specified");
  if (minimum.empty() && maximum.empty())
    return Status::plain("one of min-available or max-unavailable must be specified");
  if (!minimum.empty() && !maximum.empty())
    return Status::plain("min-available and max-unavailable cannot be both specified");
  Value object = new_object(resource, name);
  if (!minimum.empty())
    object.ref("spec", "minAvailable") = int_or_string(minimum);
  else
    object.ref("spec", "maxUnavailable") = int_or_string(maximum);
  DRYDOCK_TRY(Value labels, parse_pairs(flags.text("selector"), "selector"));
  object.ref("spec", "selector", "matchLabels") = std::move(labels);
  object.set(
      "status",
      Value::object({{"currentHealthy", 0}, {"desiredHealthy", 0}, {"disruptionsAllowed", 0}, {"expectedPods", 0}}));
  return Generated{std::move(object), resource, "failed to create poddisruptionbudgets: "};
}

Result<Generated> priority_class(Session& session, const std::string& name) {
  const ApiResource resource = built_in("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", false);
  const Flags& flags = session.flags();
  if (flags.text("preemption-policy") != "Never" && flags.text("preemption-policy") != "PreemptLowerPriority") {
    return Status::plain("preemption-policy must be Never or PreemptLowerPriority");
  }
  Value object = new_object(resource, name);
  object.set("value", flags.number("value"));
  if (flags.on("global-default")) object.set("globalDefault", true);
  if (!flags.text("description").empty()) object.set("description", flags.text("description"));
  object.set("preemptionPolicy", flags.text("preemption-policy"));
  return Generated{std::move(object), resource, "failed to create priorityclass: "};
}

}  // namespace

Result<Generated> generate_policy(Session& session, const std::string& kind, const std::string& name) {
  if (kind == "quota") return quota(session, name);
  if (kind == "poddisruptionbudget") return disruption_budget(session, name);
  if (kind == "priorityclass") return priority_class(session, name);
  if (kind == "serviceaccount") {
    const ApiResource resource = built_in("", "v1", "serviceaccounts", "ServiceAccount");
    return Generated{new_object(resource, name), resource, "failed to create serviceaccount: "};
  }
  const ApiResource resource = built_in("", "v1", "namespaces", "Namespace", false);
  Value object = new_object(resource, name);
  object.set("spec", Value::object());
  object.set("status", Value::object());
  return Generated{std::move(object), resource, ""};
}

}  // namespace drydock::kubectl
