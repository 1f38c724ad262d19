#include "core/machinery/node_selection.h"

#include <algorithm>

#include "core/base/strings.h"

namespace drydock {
namespace {

bool matches_requirement(const NodeRequirement& requirement, const std::string& node_name, const Value& node_labels) {
  const Value name_value = requirement.field ? Value(node_name) : Value();
  const Value* label = requirement.field ? &name_value : node_labels.find(requirement.key);
  const auto listed = [&] {
    return std::ranges::find(requirement.values, label->as_string()) != requirement.values.end();
  };
  if (requirement.op == "In") return label != nullptr && listed();
  if (requirement.op == "NotIn") return label == nullptr || !listed();
  if (requirement.op == "Exists") return label != nullptr;
  if (requirement.op == "DoesNotExist") return label == nullptr;
  if (label == nullptr || requirement.values.empty()) return false;
  const auto have = parse_int(label->as_string()), bound = parse_int(requirement.values.front());
  if (!have || !bound) return false;
  return requirement.op == "Gt" ? *have > *bound : requirement.op == "Lt" && *have < *bound;
}

NodeSelectorTerm read_term(const Value& document, std::int64_t weight) {
  NodeSelectorTerm term{.weight = weight};
  for (const char* list : {"matchExpressions", "matchFields"}) {
    for (const Value& document_requirement : document[list].items()) {
      NodeRequirement requirement{document_requirement["key"].str(),
                                  document_requirement["operator"].str(),
                                  {},
                                  list == std::string_view("matchFields")};
      for (const Value& value : document_requirement["values"].items()) requirement.values.push_back(value.str());
      term.requirements.push_back(std::move(requirement));
    }
  }
  return term;
}

}  // namespace

std::vector<Taint> read_taints(const Value& list) {
  std::vector<Taint> taints;
  for (const Value& taint : list.items())
    taints.push_back({taint["key"].str(), taint["value"].str(), taint["effect"].str()});
  return taints;
}

std::vector<Toleration> read_tolerations(const Value& list) {
  std::vector<Toleration> tolerations;
  for (const Value& toleration : list.items()) {
    tolerations.push_back({toleration["key"].str(), toleration["value"].str(), toleration["effect"].str(),
                           toleration["operator"].as_string() == "Exists", toleration["tolerationSeconds"].as_int(-1)});
  }
  return tolerations;
}

bool Toleration::tolerates(const Taint& taint) const {
  if (!effect.empty() && effect != taint.effect) return false;
  if (!key.empty() && key != taint.key) return false;
  return exists || (key == taint.key && value == taint.value);
}

bool tolerates(const std::vector<Toleration>& tolerations, const Taint& taint) {
  return std::ranges::any_of(tolerations,
                             [&taint](const Toleration& toleration) { return toleration.tolerates(taint); });
}

bool NodeSelectorTerm::matches(const std::string& node_name, const Value& node_labels) const {
  return !requirements.empty() && std::ranges::all_of(requirements, [&](const NodeRequirement& requirement) {
    return matches_requirement(requirement, node_name, node_labels);
  });
}

bool NodeSelection::matches(const std::string& node_name, const Value& node_labels) const {
  for (const auto& [key, value] : labels) {
    const Value* label = node_labels.find(key);
    if (label == nullptr || label->as_string() != value) return false;
  }
  if (!has_required_terms) return true;
  return std::ranges::any_of(required,
                             [&](const NodeSelectorTerm& term) { return term.matches(node_name, node_labels); });
}

NodeSelection read_node_selection(const Value& pod_spec) {
  NodeSelection selection;
  for (const Value::Member& label : pod_spec["nodeSelector"].members())
    selection.labels.emplace_back(label.key.str(), label.value.str());
  const Value& affinity = pod_spec.get("affinity", "nodeAffinity");
  const Value& required = affinity["requiredDuringSchedulingIgnoredDuringExecution"];
  selection.has_required_terms = required.is_object();
  for (const Value& term : required["nodeSelectorTerms"].items()) selection.required.push_back(read_term(term, 0));
  for (const Value& weighted : affinity["preferredDuringSchedulingIgnoredDuringExecution"].items()) {
    selection.preferred.push_back(read_term(weighted["preference"], weighted["weight"].as_int()));
  }
  return selection;
}

}  // namespace drydock
