// Networking, policy, and what the cluster keeps about itself.
#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/quantity.h"
#include "core/machinery/tables/printers.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

std::int64_t size_of(const Value& list) { return static_cast<std::int64_t>(list.size()); }

std::string load_balancer_text(const Object& object) {
  std::string text;
  for (const Value& ingress : object.status()["loadBalancer"]["ingress"].items())
    text += (text.empty() ? "" : ",") + (ingress["ip"].empty() ? ingress["hostname"].str() : ingress["ip"].str());
  return text;
}

// "pods: 0/1, requests.cpu: 0/500m", limits apart from the rest.
Cells quota_cells(const Object& quota, TimePoint now) {
  std::string requests;
  std::string limits;
  for (const Value::Member& limit : quota.status()["hard"].members()) {
    std::string& text = limit.key.view().starts_with("limits") ? limits : requests;
    const auto used = Quantity::from(quota.status()["used"][limit.key.view()]).value_or(Quantity());
    const auto hard = Quantity::from(limit.value).value_or(Quantity());
    text += (text.empty() ? "" : ", ") + limit.key.str() + ": " + used.str() + "/" + hard.str();
  }
  return {quota.name(), requests, limits, age(quota, now)};
}

// "cpu: 12%/50%", at most two of them.
std::string metric_text(const Object& scaler) {
  std::vector<std::string> texts;
  const Value& metrics = scaler.spec()["metrics"];
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const Value& metric = metrics[i];
    const std::string type = metric["type"].str();
    const std::string field = type.empty() ? "" : std::string(1, static_cast<char>(type[0] | 0x20)) + type.substr(1);
    const Value& source = metric[field];
    const Value& current = scaler.status()["currentMetrics"][i][field]["current"];
    const bool named = type == "Resource" || type == "ContainerResource";
    std::string text = named ? source["name"].str() + ": " : "";
    const Value& target = source["target"];
    if (target["averageUtilization"].is_int()) {
      text += current["averageUtilization"].is_int() ? std::to_string(current["averageUtilization"].as_int()) + "%"
                                                     : "<unknown>";
      text += "/" + std::to_string(target["averageUtilization"].as_int()) + "%";
    } else {
      const bool average = target.has("averageValue");
      const char* which = average ? "averageValue" : "value";
      text += or_none(current[which].str(), "<unknown>") + "/" + target[which].str();
      if (average && type != "Pods" && !named) text += " (avg)";
    }
    texts.push_back(std::move(text));
  }
  if (texts.empty()) return "<none>";
  std::string text = join(std::span(texts).first(std::min<std::size_t>(2, texts.size())), ", ");
  if (texts.size() > 2) text += " + " + std::to_string(texts.size() - 2) + " more...";
  return text;
}

Cells autoscaler_cells(const Object& scaler, TimePoint now) {
  const Value& target = scaler.spec()["scaleTargetRef"];
  return {
      scaler.name(),
      target["kind"].str() + "/" + target["name"].str(),
      metric_text(scaler),
      scaler.spec().has("minReplicas") ? std::to_string(scaler.spec()["minReplicas"].as_int()) : std::string("<unset>"),
      scaler.spec()["maxReplicas"].as_int(),
      scaler.status()["currentReplicas"].as_int(),
      age(scaler, now)};
}

Cells component_cells(const Object& component, TimePoint) {
  std::string state = "Unknown";
  std::string message;
  std::string error;
  for (const Value& condition : component.doc()["conditions"].items()) {
    if (condition["type"].as_string() != "Healthy") continue;
    state = condition["status"].as_string() == "True"    ? "Healthy"
            : condition["status"].as_string() == "False" ? "Unhealthy"
                                                         : "Unknown";
    message = condition["message"].str();
    error = condition["error"].str();
  }
  return {component.name(), state, message, error};
}

Cells service_of_api_cells(const Object& api, TimePoint now) {
  std::string service = "Local";
  if (api.spec()["service"].is_object())
    service = api.spec()["service"]["namespace"].str() + "/" + api.spec()["service"]["name"].str();
  std::string available = "Unknown";
  for (const Value& condition : api.status()["conditions"].items()) {
    if (condition["type"].as_string() != "Available") continue;
    available = condition["status"].str();
    if (available != "True") available += " (" + condition["reason"].str() + ")";
  }
  return {api.name(), service, available, age(api, now)};
}

Cells flow_cells(const Object& flow, TimePoint now) {
  std::string dangling = "?";
  for (const Value& condition : flow.status()["conditions"].items()) {
    if (condition["type"].as_string() == "Dangling") dangling = condition["status"].str();
  }
  return {flow.name(),
          or_none(flow.spec()["priorityLevelConfiguration"]["name"].str()),
          flow.spec()["matchingPrecedence"].as_int(),
          or_none(flow.spec()["distinguisherMethod"]["type"].str()),
          age(flow, now),
          dangling};
}

Cells level_cells(const Object& level, TimePoint now) {
  const Value& limited = level.spec()["limited"];
  const Value& queuing = limited["limitResponse"]["queuing"];
  auto number = [](const Value& value) {
    return value.is_int() ? std::to_string(value.as_int()) : std::string("<none>");
  };
  return {level.name(),
          level.spec()["type"].str(),
          number(limited.is_object() ? limited["nominalConcurrencyShares"]
                                     : level.spec()["exempt"]["nominalConcurrencyShares"]),
          number(queuing["queues"]),
          number(queuing["handSize"]),
          number(queuing["queueLengthLimit"]),
          age(level, now)};
}

Cells webhook_cells(const Object& hooks, TimePoint now) {
  return {hooks.name(), size_of(hooks.doc()["webhooks"]), age(hooks, now)};
}

std::string kind_text(const Value& param_kind) {
  return param_kind.is_object() ? param_kind["apiVersion"].str() + "/" + param_kind["kind"].str() : "<unset>";
}
Cells policy_cells(const Object& policy, TimePoint now) {
  return {policy.name(), size_of(policy.spec()["validations"]), kind_text(policy.spec()["paramKind"]),
          age(policy, now)};
}
Cells policy_binding_cells(const Object& binding, TimePoint now) {
  const Value& reference = binding.spec()["paramRef"];
  std::string text = "<unset>";
  if (!reference["name"].empty())
    text = (reference["namespace"].empty() ? "*" : reference["namespace"].str()) + "/" + reference["name"].str();
  return {binding.name(), binding.spec()["policyName"].str(), text, age(binding, now)};
}

Cells template_cells(const Object& object, TimePoint) {
  const Value& pod = object.doc()["template"];
  return {object.name(), container_field(pod["spec"], "name"), container_field(pod["spec"], "image"),
          label_text(pod["metadata"]["labels"])};
}

Cells claim_of_device_cells(const Object& claim, TimePoint now) {
  std::string state = claim.deleting() ? "deleted," : "";
  state += claim.status()["allocation"].is_object() ? "allocated" : "pending";
  if (!claim.status()["reservedFor"].empty()) state += ",reserved";
  return {claim.name(), state, age(claim, now)};
}

Cells created_at(const Object& object, TimePoint) { return {object.name(), object.metadata()["creationTimestamp"]}; }

}  // namespace

void add_cluster_printers(PrinterTable& printers) {
  printers.insert({
      {"leases",
       {{{"Name"}, {"Holder"}, {"Age"}},
        [](const Object& o, TimePoint now) { return Cells{o.name(), o.spec()["holderIdentity"].str(), age(o, now)}; }}},
      {"priorityclasses",
       {{{"Name"}, {"Value", "integer"}, {"Global-Default", "boolean"}, {"Age"}, {"PreemptionPolicy"}},
        [](const Object& o, TimePoint now) {
          return Cells{o.name(), o.doc()["value"], o.doc()["globalDefault"].as_bool() ? "true" : "false", age(o, now),
                       o.doc()["preemptionPolicy"].str()};
        }}},
      {"ingresses",
       {{{"Name"}, {"Class"}, {"Hosts"}, {"Address"}, {"Ports"}, {"Age"}},
        [](const Object& o, TimePoint now) {
          std::string hosts;
          for (const Value& rule : o.spec()["rules"].items())
            hosts += (hosts.empty() ? "" : ",") + (rule["host"].empty() ? "*" : rule["host"].str());
          return Cells{o.name(),
                       or_none(o.spec()["ingressClassName"].str()),
                       or_none(hosts, "*"),
                       load_balancer_text(o),
                       o.spec()["tls"].empty() ? "80" : "80, 443",
                       age(o, now)};
        }}},
      {"networkpolicies",
       {{{"Name"}, {"Pod-Selector"}, {"Age"}},
        [](const Object& o, TimePoint now) {
          return Cells{o.name(), selector_text(o.spec()["podSelector"]), age(o, now)};
        }}},
      {"poddisruptionbudgets",
       {{{"Name"}, {"Min Available"}, {"Max Unavailable"}, {"Allowed Disruptions", "integer"}, {"Age"}},
        [](const Object& o, TimePoint now) {
          auto text = [](const Value& v) {
            return v.is_null() ? std::string("N/A") : v.is_int() ? std::to_string(v.as_int()) : v.str();
          };
          return Cells{o.name(), text(o.spec()["minAvailable"]), text(o.spec()["maxUnavailable"]),
                       o.status()["disruptionsAllowed"].as_int(), age(o, now)};
        }}},
      {"resourcequotas", {{{"Name"}, {"Request"}, {"Limit"}, {"Age"}}, quota_cells}},
      {"limitranges", {{{"Name"}, {"Created At"}}, created_at}},
      {"customresourcedefinitions", {{{"Name"}, {"Created At"}}, created_at}},
      {"horizontalpodautoscalers",
       {{{"Name"}, {"Reference"}, {"Targets"}, {"MinPods"}, {"MaxPods", "integer"}, {"Replicas", "integer"}, {"Age"}},
        autoscaler_cells}},
      {"componentstatuses", {{{"Name"}, {"Status"}, {"Message"}, {"Error"}}, component_cells}},
      {"apiservices", {{{"Name"}, {"Service"}, {"Available"}, {"Age"}}, service_of_api_cells}},
      {"flowschemas",
       {{{"Name"},
         {"PriorityLevel"},
         {"MatchingPrecedence", "integer"},
         {"DistinguisherMethod"},
         {"Age"},
         {"MissingPL"}},
        flow_cells}},
      {"prioritylevelconfigurations",
       {{{"Name"}, {"Type"}, {"NominalConcurrencyShares"}, {"Queues"}, {"HandSize"}, {"QueueLengthLimit"}, {"Age"}},
        level_cells}},
      {"mutatingwebhookconfigurations", {{{"Name"}, {"Webhooks", "integer"}, {"Age"}}, webhook_cells}},
      {"validatingwebhookconfigurations", {{{"Name"}, {"Webhooks", "integer"}, {"Age"}}, webhook_cells}},
      {"validatingadmissionpolicies", {{{"Name"}, {"Validations", "integer"}, {"ParamKind"}, {"Age"}}, policy_cells}},
      {"validatingadmissionpolicybindings", {{{"Name"}, {"PolicyName"}, {"ParamRef"}, {"Age"}}, policy_binding_cells}},
      {"podtemplates", {{{"Name"}, {"Containers"}, {"Images"}, {"Pod Labels"}}, template_cells}},
      {"resourceclaims", {{{"Name"}, {"State"}, {"Age"}}, claim_of_device_cells}},
      {"resourceslices",
       {{{"Name"}, {"Node"}, {"Driver"}, {"Pool"}, {"Age"}},
        [](const Object& o, TimePoint now) {
          return Cells{o.name(), or_none(o.spec()["nodeName"].str(), "<unset>"), o.spec()["driver"].str(),
                       o.spec()["pool"]["name"].str(), age(o, now)};
        }}},
      {"ingressclasses",
       {{{"Name"}, {"Controller"}, {"Parameters"}, {"Age"}},
        [](const Object& o, TimePoint now) {
          const Value& parameters = o.spec()["parameters"];
          std::string text = "<none>";
          if (parameters.is_object()) {
            text = parameters["kind"].str();
            if (!parameters["apiGroup"].empty()) text += "." + parameters["apiGroup"].str();
            text += "/" + parameters["name"].str();
          }
          return Cells{o.name(), o.spec()["controller"].str(), text, age(o, now)};
        }}},
      {"runtimeclasses",
       {{{"Name"}, {"Handler"}, {"Age"}},
        [](const Object& o, TimePoint now) { return Cells{o.name(), o.doc()["handler"].str(), age(o, now)}; }}},
      {"ipaddresses",
       {{{"Name"}, {"ParentRef"}},
        [](const Object& o, TimePoint) {
          const Value& parent = o.spec()["parentRef"];
          return Cells{o.name(),
                       parent["resource"].str() + "/" + parent["namespace"].str() + "/" + parent["name"].str()};
        }}},
      {"servicecidrs",
       {{{"Name"}, {"CIDRs"}, {"Age"}},
        [](const Object& o, TimePoint now) {
          std::string text;
          for (const Value& range : o.spec()["cidrs"].items()) text += (text.empty() ? "" : ",") + range.str();
          return Cells{o.name(), text, age(o, now)};
        }}},
  });
}

}  // namespace drydock
