// Field sets, and what is merged how: structured-merge-diff's rules over documents.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "core/base/strings.h"
#include "core/machinery/fields/field_merge.h"
#include "core/machinery/fields/field_rules.h"
#include "core/machinery/json.h"
#include "core/machinery/yaml.h"

using namespace drydock;

namespace {

Value document(const std::string& yaml) { return *parse_yaml(yaml); }
Value set(const std::string& json) { return json.empty() ? Value() : *parse_json(json); }
std::string text(const Value& fields) { return fields.is_null() ? "" : dump_json(fields); }
const FieldType& deployment() { return *builtin_field_type("apps/v1", "Deployment"); }
const FieldType& pod() { return *builtin_field_type("v1", "Pod"); }

const std::string kWeb = R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  strategy: {type: Recreate}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: nginx, image: nginx, ports: [{containerPort: 80}], resources: {}}
)";

}  // namespace

TEST_CASE("sets are united, cut and taken apart") {
  const struct {
    const char *a, *b, *unite, *intersect, *subtract, *below;
  } rows[] = {
      {R"({"f:a":{}})", R"({"f:b":{}})", R"({"f:a":{},"f:b":{}})", "", R"({"f:a":{}})", R"({"f:a":{}})"},
      {R"({"f:a":{}})", R"({"f:a":{}})", R"({"f:a":{}})", R"({"f:a":{}})", "", ""},
      // A member and what is below it are two things.
      {R"({"f:a":{}})", R"({"f:a":{"f:b":{}}})", R"({"f:a":{".":{},"f:b":{}}})", "", R"({"f:a":{}})", R"({"f:a":{}})"},
      {R"({"f:a":{"f:b":{}}})", R"({"f:a":{}})", R"({"f:a":{".":{},"f:b":{}}})", "", R"({"f:a":{"f:b":{}}})", ""},
      {R"({"f:a":{".":{},"f:b":{}}})", R"({"f:a":{"f:b":{}}})", R"({"f:a":{".":{},"f:b":{}}})", R"({"f:a":{"f:b":{}}})",
       R"({"f:a":{}})", R"({"f:a":{}})"},
      {R"({"f:l":{"k:{\"name\":\"x\"}":{".":{},"f:i":{}}}})", R"({"f:l":{"k:{\"name\":\"x\"}":{}}})",
       R"({"f:l":{"k:{\"name\":\"x\"}":{".":{},"f:i":{}}}})", R"({"f:l":{"k:{\"name\":\"x\"}":{}}})",
       R"({"f:l":{"k:{\"name\":\"x\"}":{"f:i":{}}}})", ""},
      {"", R"({"f:a":{}})", R"({"f:a":{}})", "", "", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.a);
    CAPTURE(row.b);
    const Value a = set(row.a), b = set(row.b);
    CHECK(text(field_set::unite(a, b)) == row.unite);
    CHECK(text(field_set::unite(b, a)) == row.unite);
    CHECK(text(field_set::intersect(a, b)) == row.intersect);
    CHECK(text(field_set::subtract(a, b)) == row.subtract);
    CHECK(text(field_set::subtract_below(a, b)) == row.below);
  }
  std::vector<std::string> paths;
  field_set::each_path(
      set(R"({"f:z":{},"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:port":{}}},
      "f:finalizers":{"v:\"a\"":{}}}})"),
      [&](std::string path) { paths.push_back(std::move(path)); });
  CHECK(join(paths, " ") ==
        ".z .spec.finalizers[=\"a\"] .spec.ports[port=80,protocol=\"TCP\"] .spec.ports[port=80,protocol=\"TCP\"].port");
  // Equal sets are one in memory.
  const Value once = field_set::shared(set(R"({"f:a":{"f:b":{},"f:c":{}}})"));
  const Value other = field_set::shared(set(R"({"f:x":{},"f:a":{"f:b":{},"f:c":{}}})"));
  CHECK(field_set::shared(set(R"({"f:a":{"f:b":{},"f:c":{}}})")).same_as(once));
  CHECK(other["f:a"].same_as(once["f:a"]));
}

TEST_CASE("who creates owns what was not there, structs aside") {
  const FieldChanges changes = compare_fields(Value(), document(kWeb), deployment());
  CHECK(changes.modified.is_null());
  CHECK(changes.removed.is_null());
  CHECK(text(changes.added) ==
        R"({"f:apiVersion":{},"f:kind":{},"f:metadata":{"f:labels":{".":{},"f:app":{}},"f:name":{}},)"
        R"("f:spec":{"f:replicas":{},"f:selector":{},"f:strategy":{"f:type":{}},)"
        R"("f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:containers":)"
        R"({"k:{\"name\":\"nginx\"}":{".":{},"f:image":{},"f:name":{},)"
        R"("f:ports":{".":{},"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}},)"
        R"("f:resources":{}}}}}}})");
}

TEST_CASE("who applies owns what the configuration says") {
  CHECK(text(fields_of(document(kWeb), deployment())) ==
        R"({"f:apiVersion":{},"f:kind":{},"f:metadata":{"f:labels":{"f:app":{}},"f:name":{}},)"
        R"("f:spec":{"f:replicas":{},"f:selector":{},"f:strategy":{"f:type":{}},)"
        R"("f:template":{"f:metadata":{"f:labels":{"f:app":{}}},"f:spec":{"f:containers":)"
        R"({"k:{\"name\":\"nginx\"}":{".":{},"f:image":{},"f:name":{},)"
        R"("f:ports":{"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}},)"
        R"("f:resources":{}}}}}}})");
}

TEST_CASE("what differs between two versions") {
  const struct {
    const char *before, *after, *added, *modified, *removed;
  } rows[] = {
      {"{spec: {containers: [{name: a, image: x}]}}", "{spec: {containers: [{name: a, image: y}]}}", "",
       R"({"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{"f:image":{}}}}})", ""},
      // The order of a list that is a map tells nothing.
      {"{spec: {containers: [{name: a}, {name: b}]}}", "{spec: {containers: [{name: b}, {name: a}]}}", "", "", ""},
      {"{spec: {containers: [{name: a, image: x}]}}", "{spec: {containers: [{name: b}]}}",
       R"({"f:spec":{"f:containers":{"k:{\"name\":\"b\"}":{".":{},"f:name":{}}}}})", "",
       R"({"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:image":{},"f:name":{}}}}})"},
      // Atomic lists and maps are one field.
      {"{spec: {tolerations: [{key: a}]}}", "{spec: {tolerations: [{key: b}]}}", "",
       R"({"f:spec":{"f:tolerations":{}}})", ""},
      {"{spec: {nodeSelector: {a: b}}}", "{spec: {nodeSelector: {a: c}}}", "", R"({"f:spec":{"f:nodeSelector":{}}})",
       ""},
      {"{metadata: {finalizers: [a]}}", "{metadata: {finalizers: [a, b]}}",
       R"({"f:metadata":{"f:finalizers":{"v:\"b\"":{}}}})", "", ""},
      {"{metadata: {labels: {a: x}}}", "{metadata: {}}", "", "", R"({"f:metadata":{"f:labels":{".":{},"f:a":{}}}})"},
      // Empty and absent are two things; null is absent.
      {"{spec: {}}", "{spec: {securityContext: {}}}", R"({"f:spec":{"f:securityContext":{}}})", "", ""},
      {"{spec: {nodeName: null}}", "{spec: {}}", "", "", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.after);
    const FieldChanges changes = compare_fields(document(row.before), document(row.after), pod());
    CHECK(text(changes.added) == row.added);
    CHECK(text(changes.modified) == row.modified);
    CHECK(text(changes.removed) == row.removed);
  }
}

TEST_CASE("one document over another") {
  const struct {
    const char *base, *over, *merged;
  } rows[] = {
      {"{spec: {containers: [{name: a, image: x}, {name: b}]}}", "{spec: {containers: [{name: a, image: y}]}}",
       "{spec: {containers: [{name: a, image: y}, {name: b}]}}"},
      {"{spec: {containers: [{name: a}, {name: b}]}}", "{spec: {containers: [{name: c}, {name: b}, {name: a}]}}",
       "{spec: {containers: [{name: c}, {name: b}, {name: a}]}}"},
      {"{spec: {containers: [{name: x}, {name: a}]}}", "{spec: {containers: [{name: a}, {name: c}]}}",
       "{spec: {containers: [{name: x}, {name: a}, {name: c}]}}"},
      {"{metadata: {finalizers: [b, a]}}", "{metadata: {finalizers: [a, c]}}", "{metadata: {finalizers: [b, a, c]}}"},
      {"{spec: {tolerations: [{key: a}]}}", "{spec: {tolerations: [{key: b}]}}", "{spec: {tolerations: [{key: b}]}}"},
      {"{metadata: {labels: {a: x, b: y}}}", "{metadata: {labels: {a: z}}}", "{metadata: {labels: {a: z, b: y}}}"},
      // An item without protocol is the one with TCP.
      {"{spec: {containers: [{name: a, ports: [{containerPort: 80, protocol: TCP, name: x}]}]}}",
       "{spec: {containers: [{name: a, ports: [{containerPort: 80, name: y}]}]}}",
       "{spec: {containers: [{name: a, ports: [{containerPort: 80, protocol: TCP, name: y}]}]}}"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.over);
    CHECK(dump_json(merge_fields(document(row.base), document(row.over), pod())) == dump_json(document(row.merged)));
  }
}

TEST_CASE("fields are taken out, and what they leave empty") {
  const Value had =
      document("{metadata: {labels: {a: x}, name: p}, spec: {containers: [{name: a, image: x}, {name: b}]}}");
  CHECK(dump_json(remove_fields(had, set(R"({"f:metadata":{"f:labels":{"f:a":{}}}})"), pod())) ==
        R"({"metadata":{"name":"p"},"spec":{"containers":[{"image":"x","name":"a"},{"name":"b"}]}})");
  CHECK(dump_json(remove_fields(had, set(R"({"f:spec":{"f:containers":{"k:{\"name\":\"b\"}":{},
          "k:{\"name\":\"a\"}":{"f:image":{}}}}})"),
                                pod())) ==
        R"({"metadata":{"labels":{"a":"x"},"name":"p"},"spec":{"containers":[{"name":"a"}]}})");
  CHECK(text(with_named_fields(set(R"({"f:metadata":{"f:labels":{"f:a":{}}}})"), pod())) ==
        R"({"f:metadata":{".":{},"f:labels":{".":{},"f:a":{}}}})");
}

TEST_CASE("what is wrong with a configuration, in upstream's words") {
  const struct {
    const char *yaml, *says;
  } rows[] = {
      {"{spec: {replicas: 1}}", ""},
      {"{spec: {foo: 1}}", ".spec.foo: field not declared in schema"},
      {"{spec: {replicas: x}}", ".spec.replicas: expected numeric (int or float), got string"},
      {"{spec: {paused: 'yes'}}", ".spec.paused: expected boolean, got &{yes}"},
      {"{spec: {template: {spec: {containers: [{name: c, env: [{name: E, value: 8080}]}]}}}}",
       ".spec.template.spec.containers[name=\"c\"].env[name=\"E\"].value: expected string, got "
       "&value.valueUnstructured{Value:8080}"},
      {"{spec: {template: {spec: {containers: [{image: x}]}}}}",
       ".spec.template.spec.containers: element 0: associative list with keys has an element that omits key field "
       "\"name\" (and doesn't have default value)"},
      {"{spec: {template: {spec: {containers: [{name: c}, {name: c}]}}}}",
       ".spec.template.spec.containers: duplicate entries for key [name=\"c\"]"},
      {"{spec: {template: []}}", ".spec.template: expected map, got &{[]}"},
      {"{spec: {foo: 1, bar: 2}}",
       "errors:\n  .spec.bar: field not declared in schema\n  .spec.foo: field not declared in schema"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.yaml);
    CHECK(field_errors(document(row.yaml), deployment()) == row.says);
  }
}

TEST_CASE("custom kinds are merged as their schema says") {
  const Value schema = document(R"(
type: object
properties:
  spec:
    type: object
    properties:
      parts: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [id, zone],
              items: {type: object, properties: {id: {type: string}, zone: {type: string, default: near}, size: {type: integer}}}}
      tags: {type: array, x-kubernetes-list-type: set, items: {type: string}}
      whole: {type: array, items: {type: string}}
      box: {type: object, x-kubernetes-map-type: atomic, additionalProperties: {type: string}}
      open: {type: object, x-kubernetes-preserve-unknown-fields: true}
)");
  CustomFieldTypes types;
  const FieldType& type = types.of("things.example.org/v1", schema);
  CHECK(&types.of("things.example.org/v1", schema) == &type);
  const Value thing = document(
      "{apiVersion: example.org/v1, kind: Thing, metadata: {name: t}, spec: {parts: [{id: a, size: 1}], tags: [x], "
      "whole: [y], "
      "box: {a: b}, open: {deep: {er: 1}}}}");
  CHECK(field_errors(thing, type) == "");
  CHECK(text(fields_of(thing, type)["f:spec"]) ==
        R"({"f:box":{},"f:open":{"f:deep":{".":{},"f:er":{}}},"f:parts":{"k:{\"id\":\"a\",\"zone\":\"near\"}":)"
        R"({".":{},"f:id":{},"f:size":{}}},"f:tags":{"v:\"x\"":{}},"f:whole":{}})");
  // Unlike built-in kinds, an object without spec has none.
  CHECK(text(compare_fields(Value(), document("{spec: {tags: [x]}}"), type).added) ==
        R"({"f:spec":{".":{},"f:tags":{".":{},"v:\"x\"":{}}}})");
  CHECK(field_errors(document("{spec: {foo: 1}}"), type) == ".spec.foo: field not declared in schema");
}

TEST_CASE("the rules are those of the reference") {
  const std::filesystem::path table("../shared/reference/field-semantics-1.36.tsv");
  if (!std::filesystem::exists(table)) return;
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);
  int rows = 0;
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = split(line, '\t');
    REQUIRE(cells.size() >= 7);
    CAPTURE(line);
    const std::vector<std::string> name = split(cells[0], '.');
    std::string version = name[name.size() - 2];
    version[0] = 'V';
    const std::string type = version + name.back();
    ++rows;
    if (cells[1] == "(self)") {
      CHECK(is_atomic_type(type) == (cells[6] == "atomic"));
      continue;
    }
    const FieldRule rule = field_rule(type, cells[1]);
    const char* list = rule.list == FieldRule::List::kMap   ? "map"
                       : rule.list == FieldRule::List::kSet ? "set"
                                                            : "atomic";
    if (!cells[4].empty()) CHECK(list == cells[4]);
    CHECK(rule.patch_strategy == cells[2]);
    CHECK(rule.patch_merge_key == cells[3]);
    CHECK(rule.map_keys == cells[5]);
    CHECK(rule.map_type == cells[6]);
  }
  CHECK(rows > 400);
}
