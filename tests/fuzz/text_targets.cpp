#include "core/base/check.h"
#include "core/cel/cel.h"
#include "core/machinery/json.h"
#include "core/machinery/jsonpath.h"
#include "core/machinery/patch.h"
#include "core/machinery/quantity.h"
#include "core/machinery/selectors.h"
#include "core/machinery/timestamp.h"
#include "core/machinery/yaml.h"
#include "tests/fuzz/targets.h"

namespace drydock::fuzz {
namespace {

constexpr std::size_t kTextLimit = 64 * 1024;

void json(std::string_view bytes) {
  const auto document = parse_json(bytes);
  if (!document) return;
  const std::string text = dump_json(*document);
  const auto again = parse_json(text);
  DRYDOCK_CHECK(again && dump_json(*again) == text);
  (void)dump_json(*document, {2, true});
}

void yaml(std::string_view bytes) {
  if (bytes.size() > kTextLimit) return;
  const auto documents = parse_yaml_documents(bytes);
  if (!documents) return;
  for (const Value& document : *documents) {
    const auto again = parse_yaml(dump_yaml(document));
    DRYDOCK_CHECK(again && dump_json(*again) == dump_json(document));
  }
}

// {"document": …, "patch": …, "current": …}
void patches(std::string_view bytes) {
  const auto input = parse_json(bytes);
  if (!input || !input->is_object()) return;
  const Value& document = (*input)["document"];
  const Value& patch = (*input)["patch"];
  const Value& current = (*input)["current"];
  (void)apply_json_patch(document, patch);
  (void)apply_merge_patch(document, patch);
  (void)apply_strategic_merge_patch(document, patch);
  (void)three_way_merge_patch(document, patch, current);
  const auto made = three_way_strategic_patch(document, patch, current);
  if (made) (void)apply_strategic_merge_patch(current, *made);
  Value fresh = current;
  share_equal_parts(fresh, document);
  DRYDOCK_CHECK(fresh == current);
}

void selectors(std::string_view bytes) {
  static const Value labels = Value::object({{"app", "web"}, {"tier", "1"}, {"empty", ""}});
  if (const auto selector = LabelSelector::parse(bytes)) {
    (void)selector->matches(labels);
    const auto again = LabelSelector::parse(selector->str());
    DRYDOCK_CHECK(again && again->str() == selector->str());
  }
  (void)parse_field_selector(bytes);
  if (const auto document = parse_json(bytes)) {
    if (const auto selector = LabelSelector::from_document(*document)) (void)selector->matches(labels);
  }
}

void jsonpath(std::string_view bytes) {
  static const Value data = *parse_json(
      R"({"items":[{"a":1,"b":"x","c":[1,2,3]},{"a":2.5,"b":null}],"kind":"List","deep":{"deep":{"a":true}}})");
  const auto path = JsonPath::parse(bytes);
  if (!path) return;
  (void)path->print(data);
  (void)path->print(data, false);
  (void)path->find(data);
}

void quantities(std::string_view bytes) {
  if (const auto quantity = Quantity::parse(bytes)) {
    const auto again = Quantity::parse(quantity->str());
    DRYDOCK_CHECK(again && again->str() == quantity->str());
  }
  (void)parse_timestamp(bytes);
}

void cel_expression(std::string_view bytes) { (void)cel::check_cel(bytes); }

constexpr Target kTargets[] = {
    {"json", json},           {"yaml", yaml},         {"patches", patches},
    {"selectors", selectors}, {"jsonpath", jsonpath}, {"quantities", quantities},
    {"cel", cel_expression},
};

}  // namespace

std::span<const Target> text_targets() { return kTargets; }

const Target* find_target(std::string_view name) {
  for (std::span<const Target> targets : {text_targets(), wire_targets()}) {
    for (const Target& target : targets) {
      if (target.name == name) return &target;
    }
  }
  return nullptr;
}

}  // namespace drydock::fuzz
