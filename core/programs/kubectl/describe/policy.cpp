// Roles, bindings, autoscalers, disruption budgets.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/kubectl/describe/describe.h"

namespace drydock::kubectl {

Task<Result<void>> describe_role(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  writer.field("Name", context.target.name);
  writer.labels("Labels", object["metadata"]["labels"]);
  writer.annotations(object["metadata"]["annotations"]);
  writer.line(0, "PolicyRule:");
  writer.line(1, "Resources\tNon-Resource URLs\tResource Names\tVerbs");
  writer.line(1, "---------\t-----------------\t--------------\t-----");
  // One row for each resource; rows of one resource and the same names are joined.
  struct Row {
    std::string resource, urls, names;
    std::vector<std::string> verbs;
  };
  std::vector<Row> rows;
  auto add = [&](std::string resource, std::string urls, std::string names, const Value& verbs) {
    for (Row& row : rows) {
      if (row.resource != resource || row.urls != urls || row.names != names) continue;
      for (const Value& verb : verbs.items()) {
        if (std::find(row.verbs.begin(), row.verbs.end(), verb.as_string()) == row.verbs.end())
          row.verbs.push_back(verb.str());
      }
      return;
    }
    Row row{std::move(resource), std::move(urls), std::move(names), {}};
    for (const Value& verb : verbs.items()) row.verbs.push_back(verb.str());
    rows.push_back(std::move(row));
  };
  for (const Value& rule : object["rules"].items()) {
    for (const Value& url : rule["nonResourceURLs"].items()) add("", "[" + url.str() + "]", "[]", rule["verbs"]);
    for (const Value& group : rule["apiGroups"].items()) {
      for (const Value& resource : rule["resources"].items()) {
        // "deployments.apps/scale": the group stands before the subresource.
        const std::string name = resource.str();
        const std::size_t slash = name.find('/');
        const std::string with_group = group.empty() ? name
                                                     : name.substr(0, slash) + "." + group.str() +
                                                           (slash == std::string::npos ? "" : name.substr(slash));
        if (rule["resourceNames"].empty()) add(with_group, "[]", "[]", rule["verbs"]);
        for (const Value& only : rule["resourceNames"].items())
          add(with_group, "[]", "[" + only.str() + "]", rule["verbs"]);
      }
    }
  }
  // The order of the rules' texts in Go: verbs, group, resource, names, addresses.
  auto text_of = [](const Row& row) {
    const std::size_t slash = row.resource.find('/');
    const std::string whole = row.resource.substr(0, slash);
    const std::size_t dot = whole.find('.');
    const std::string group = dot == std::string::npos ? "" : whole.substr(dot + 1);
    const std::string rest = slash == std::string::npos ? "" : row.resource.substr(slash);
    return "[" + join(row.verbs, " ") + "],APIGroups:[" + group + "],Resources:[" + whole.substr(0, dot) + rest +
           "],ResourceNames:" + row.names + ",NonResourceURLs:" + row.urls;
  };
  std::sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) { return text_of(a) < text_of(b); });
  for (const Row& row : rows)
    writer.line(1, row.resource + "\t" + row.urls + "\t" + row.names + "\t[" + join(row.verbs, " ") + "]");
  co_return Result<void>();
}

Task<Result<void>> describe_role_binding(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  writer.field("Name", context.target.name);
  writer.labels("Labels", object["metadata"]["labels"]);
  writer.annotations(object["metadata"]["annotations"]);
  writer.line(0, "Role:");
  writer.field("Kind", object["roleRef"]["kind"].as_string(), 1);
  writer.field("Name", object["roleRef"]["name"].as_string(), 1);
  writer.line(0, "Subjects:");
  writer.line(1, "Kind\tName\tNamespace");
  writer.line(1, "----\t----\t---------");
  for (const Value& subject : object["subjects"].items()) {
    writer.line(1, subject["kind"].str() + "\t" + subject["name"].str() + "\t" + subject["namespace"].str());
  }
  co_return Result<void>();
}

Task<Result<void>> describe_autoscaler(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  const Value& spec = object["spec"];
  const Value& status = object["status"];
  writer.field("Name", context.target.name);
  writer.field("Namespace", context.target.ns);
  writer.labels("Labels", object["metadata"]["labels"]);
  writer.annotations(object["metadata"]["annotations"]);
  writer.field("CreationTimestamp", long_time(object["metadata"]["creationTimestamp"]));
  writer.field("Reference", spec["scaleTargetRef"]["kind"].str() + "/" + spec["scaleTargetRef"]["name"].str());
  writer.field("Metrics", "( current / target )");
  for (std::size_t i = 0; i < spec["metrics"].size(); ++i) {
    const Value& metric = spec["metrics"][i];
    const Value& now = status["currentMetrics"][i];
    if (const Value& resource = metric["resource"]; resource.is_object()) {
      const Value& goal = resource["target"];
      const Value& current = now["resource"]["current"];
      if (goal.has("averageUtilization")) {
        const std::string there =
            current["averageUtilization"].is_null()
                ? "<unknown>"
                : number_text(current["averageUtilization"]) + "% (" + number_text(current["averageValue"]) + ")";
        writer.field("resource " + resource["name"].str() + " on pods  (as a percentage of request)",
                     there + " / " + number_text(goal["averageUtilization"]) + "%", 1);
      } else {
        const std::string there =
            current["averageValue"].is_null() ? "<unknown>" : number_text(current["averageValue"]);
        writer.field("resource " + resource["name"].str() + " on pods",
                     there + " / " + number_text(goal["averageValue"]), 1);
      }
    } else {
      writer.line(1, "<unknown metric type " + go_quote(metric["type"].as_string()) + ">");
    }
  }
  writer.field("Min replicas", spec.has("minReplicas") ? number_text(spec["minReplicas"]) : "<unset>");
  writer.field("Max replicas", number_text(spec["maxReplicas"]));
  writer.field(spec["scaleTargetRef"]["kind"].str() + " pods", number_text(status["currentReplicas"]) + " current / " +
                                                                   number_text(status["desiredReplicas"]) + " desired");
  if (!status["conditions"].empty()) {
    writer.line(0, "Conditions:");
    writer.line(1, "Type\tStatus\tReason\tMessage");
    writer.line(1, "----\t------\t------\t-------");
    for (const Value& condition : status["conditions"].items()) {
      writer.line(1, condition["type"].str() + "\t" + condition["status"].str() + "\t" + condition["reason"].str() +
                         "\t" + condition["message"].str());
    }
  }
  co_return co_await describe_events(context, writer);
}

Task<Result<void>> describe_disruption_budget(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  const Value& status = object["status"];
  writer.field("Name", context.target.name);
  writer.field("Namespace", context.target.ns);
  if (object["spec"].has("minAvailable"))
    writer.field("Min available", number_text(object["spec"]["minAvailable"]));
  else if (object["spec"].has("maxUnavailable"))
    writer.field("Max unavailable", number_text(object["spec"]["maxUnavailable"]));
  writer.field("Selector", selector_text(object["spec"]["selector"]));
  writer.line(0, "Status:");
  writer.field("Allowed disruptions", number_text(status["disruptionsAllowed"]), 2);
  writer.field("Current", number_text(status["currentHealthy"]), 2);
  writer.field("Desired", number_text(status["desiredHealthy"]), 2);
  writer.field("Total", number_text(status["expectedPods"]), 2);
  co_return co_await describe_events(context, writer);
}

}  // namespace drydock::kubectl
