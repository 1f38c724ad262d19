// YAML and JSON in and out, as sigs.k8s.io/yaml and encoding/json do it.
#include <doctest/doctest.h>

#include "core/machinery/json.h"
#include "core/machinery/yaml.h"

using namespace drydock;

TEST_CASE("plain scalars by YAML 1.1") {
  const struct {
    const char* yaml;
    const char* json;
  } rows[] = {
      {"a: yes", R"({"a":true})"},
      {"a: off", R"({"a":false})"},
      {"a: y", R"({"a":"y"})"},
      {"a: 0644", R"({"a":420})"},
      {"a: 0x1f", R"({"a":31})"},
      {"a: 1_000", R"({"a":1000})"},
      {"a: 1.5", R"({"a":1.5})"},
      {"a: 1e3", R"({"a":1000})"},
      {"a: ~", R"({"a":null})"},
      {"a: ", R"({"a":null})"},
      {"a: \"1\"", R"({"a":"1"})"},
      {"a: v1.2.3", R"({"a":"v1.2.3"})"},
      {"a: 100m", R"({"a":"100m"})"},
      {"a: -5", R"({"a":-5})"},
      {"a: 1.2.3", R"({"a":"1.2.3"})"},
      {"{a: [1, x]}", R"({"a":[1,"x"]})"},
      {"a: 1e999", R"({"a":"1e999"})"},
      {"a: '007'", R"({"a":"007"})"},
      {"a: 2026-01-01", R"({"a":"2026-01-01"})"},
  };
  for (const auto& row : rows) {
    const auto parsed = parse_yaml(row.yaml);
    REQUIRE(parsed.ok());
    CHECK(dump_json(*parsed) == row.json);
  }
}

TEST_CASE("documents, anchors, merges") {
  const auto documents = parse_yaml_documents("a: 1\n---\n---\nb: 2\n");
  REQUIRE(documents.ok());
  CHECK(documents->size() == 2);
  CHECK(dump_json(*parse_yaml("x: &x {a: 1}\ny:\n  <<: *x\n  b: 2\n")) == R"({"x":{"a":1},"y":{"a":1,"b":2}})");
  CHECK_FALSE(parse_yaml("a: 1\na: 2\n").ok());
  CHECK_FALSE(parse_yaml("a: [1\n").ok());
  CHECK_FALSE(parse_yaml("a: b: c\n").ok());
}

TEST_CASE("what is wrong, in go-yaml's words and lines") {
  const struct {
    const char* yaml;
    const char* message;
  } rows[] = {
      {"a: b: c\n", "yaml: mapping values are not allowed in this context"},
      {"x: 1\na: b: c\n", "yaml: line 2: mapping values are not allowed in this context"},
      {"x: 1\n\ta: b\n", "yaml: line 2: found character that cannot start any token"},
      // The parser counts from 0: the fourth line, and the fifth.
      {"kind: Pod\nmetadata:\n  name: x\n spec: {}\n", "yaml: line 3: did not find expected key"},
      {"apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n spec: [\n", "yaml: line 4: did not find expected key"},
      {"a: 1\nb:\n    c: 1\n   d: 2\n", "yaml: line 3: did not find expected key"},
      {"x: 1\na: [1\nb: 2\n", "yaml: line 2: did not find expected ',' or ']'"},
      {"a: [-.inf]\n", "json: unsupported value: -Inf"},
      {"a: .nan\n", "json: unsupported value: NaN"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.yaml);
    const auto parsed = parse_yaml(row.yaml);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().message == std::string("error converting YAML to JSON: ") + row.message);
  }
}

TEST_CASE("written as kubectl prints") {
  const Value document = *parse_json(
      R"({"spec":{"ports":[{"port":80}],"args":[],"text":"a\nb\n","flag":"true","empty":"","n":null,"star":"*x","colon":"a: b"},"kind":"X"})");
  CHECK(dump_yaml(document) ==
        "kind: X\nspec:\n  args: []\n  colon: 'a: b'\n  empty: \"\"\n  flag: \"true\"\n  \"n\": null\n  ports:\n  - "
        "port: 80\n  star: '*x'\n  text: |\n    a\n    b\n");
  CHECK(dump_yaml(*parse_json(R"([[1,2],{"a":{"b":1}}])")) == "- - 1\n  - 2\n- a:\n    b: 1\n");
}

TEST_CASE("what is written reads back the same") {
  const char* texts[] = {
      R"({"a":"x\ny","b":" lead","c":"trail ","d":"1e3","e":"0x10","f":"null","g":"#no","h":"- x","i":"tab\there","j":"a\n\n","k":"12:30","l":"日本"})",
      R"({"a":[{"b":[{"c":1}]},[],{},""]})", R"("- a\n- b")"};
  for (const char* text : texts) {
    const Value value = *parse_json(text);
    const auto back = parse_yaml(dump_yaml(value));
    REQUIRE(back.ok());
    CHECK(dump_json(*back) == dump_json(value));
    CHECK(dump_json(*parse_json(dump_json(value, {.indent = 4}))) == dump_json(value));
  }
}

TEST_CASE("broken JSON is refused in Go's words") {
  CHECK(parse_json("").error().message == "unexpected end of JSON input");
  CHECK(parse_json("{\"a\":}").error().message == "invalid character '}' looking for beginning of value");
  CHECK(parse_json("{a:1}").error().message == "invalid character 'a' looking for beginning of object key string");
  CHECK_FALSE(parse_json(std::string(5000, '[')).ok());
}
