// x-kubernetes-validations of custom resources: what a definition may say, what its
// resources then meet, in upstream's words.
#include <doctest/doctest.h>

#include "core/apiserver/custom/rules.h"
#include "core/base/strings.h"
#include "core/machinery/yaml.h"

using namespace drydock;

namespace {

std::string shown(const std::vector<StatusCause>& causes) {
  std::vector<std::string> lines;
  for (const StatusCause& cause : causes) lines.push_back(cause.field + ": " + cause.message);
  return join(lines, "\n");
}

std::string definition_faults(const std::string& schema) {
  FieldErrors errors;
  check_schema_rules(*parse_yaml(schema), "spec.validation.openAPIV3Schema", errors);
  return shown(errors.causes);
}

struct Verdict {
  std::string causes;
  std::string warnings;
};
Verdict verdict(const std::string& schema, const std::string& document, const std::string& old = "") {
  FieldErrors errors;
  std::vector<std::string> warnings;
  evaluate_schema_rules(*parse_yaml(schema), *parse_yaml(document), old.empty() ? Value() : *parse_yaml(old), errors,
                        warnings);
  return {shown(errors.causes), join(warnings, "\n")};
}

// A schema whose spec has these rules and properties.
std::string spec_schema(const std::string& rules, const std::string& properties) {
  return "{type: object, properties: {spec: {type: object, x-kubernetes-validations: [" + rules + "], properties: {" +
         properties + "}}}}";
}

}  // namespace

TEST_CASE("rules of a definition: what cannot be compiled is refused where it stands") {
  const std::string place = "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0]";
  const std::string integer = "replicas: {type: integer}, name: {type: string}";
  CHECK(definition_faults(spec_schema("{rule: self.replicas <= 5}", integer)).empty());
  CHECK(definition_faults(spec_schema("{rule: self.replica <= 5}", integer)) ==
        place +
            ".rule: Invalid value: \"self.replica <= 5\": compilation failed: ERROR: <input>:1:5: undefined field "
            "'replica'\n | self.replica <= 5\n | ....^");
  CHECK(definition_faults(spec_schema("{rule: self.replicas <= self.name}", integer)) ==
        place +
            ".rule: Invalid value: \"self.replicas <= self.name\": compilation failed: ERROR: <input>:1:15: found no "
            "matching overload for '_<=_' applied to '(int, string)'\n | self.replicas <= self.name\n | "
            "..............^");
  CHECK(definition_faults(spec_schema("{rule: self.replicas + 1}", integer)) ==
        place + ".rule: Invalid value: \"self.replicas + 1\": cel expression must evaluate to a bool");
  CHECK(definition_faults(spec_schema("{rule: 'true', messageExpression: '1'}", integer)) ==
        place + ".messageExpression: Invalid value: \"1\": messageExpression must evaluate to a string");
  CHECK(definition_faults(spec_schema("{rule: ' '}", integer)) ==
        place + ".rule: Required value: rule is not specified");
  CHECK(definition_faults(spec_schema("{rule: 'true', message: ' '}", integer)) ==
        place + ".message: Invalid value: \" \": message must be non-empty if specified");
  CHECK(definition_faults(spec_schema("{rule: \"true &&\\n true\"}", integer)) ==
        place + ".message: Required value: message must be specified if rule contains line breaks");
  CHECK(definition_faults(spec_schema("{rule: 'true', reason: Nope}", integer)) ==
        place +
            ".reason: Unsupported value: \"Nope\": supported values: \"FieldValueRequired\", \"FieldValueInvalid\", "
            "\"FieldValueForbidden\", \"FieldValueDuplicate\"");
  CHECK(definition_faults(spec_schema("{rule: 'true', fieldPath: .nope}", integer)) ==
        place +
            ".fieldPath: Invalid value: \".nope\": fieldPath must be a valid path: does not refer to a valid field");
  // Old values within a list that has no keys correspond to nothing.
  CHECK(definition_faults(spec_schema("",
                                      "list: {type: array, items: {type: object, x-kubernetes-validations: [{rule: "
                                      "self == oldSelf}], properties: {a: {type: string}}}}")) ==
        "spec.validation.openAPIV3Schema.properties[spec].properties[list].items.x-kubernetes-validations[0].rule: "
        "Invalid value: \"self == oldSelf\": oldSelf cannot be used on the uncorrelatable portion of the schema within "
        "spec.validation.openAPIV3Schema.properties[spec].properties[list]");
}

TEST_CASE("rules of a definition: what may cost too much is refused") {
  const std::string place = "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: ";
  const std::string advice =
      " (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings "
      "are "
      "declared)";
  const std::string pairs = "{rule: \"self.list.all(x, self.list.all(y, x == y))\"}";
  CHECK(
      definition_faults(spec_schema(pairs, "list: {type: array, items: {type: string}}")) ==
      place + "Forbidden: estimated rule cost exceeds budget by factor of more than 100x" + advice +
          "\nspec.validation.openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule cost total for entire "
          "OpenAPIv3 schema exceeds budget by factor of more than 100x" +
          advice);
  CHECK(definition_faults(spec_schema(pairs, "list: {type: array, maxItems: 50, items: {type: string, maxLength: 20}}"))
            .empty());
  // A rule within a list is evaluated as often as the list has items.
  const auto nested = [&](const std::string& limit) {
    return definition_faults(
        spec_schema("", "list: {type: array, " + limit +
                            "items: {type: string, maxLength: 1000, x-kubernetes-validations: [{rule: "
                            "\"self.matches('^[a-z]+$')\"}]}}"));
  };
  CHECK(nested("maxItems: 100, ").empty());
  CHECK(contains(nested(""), "estimated rule cost exceeds budget by factor of "));
}

TEST_CASE("rules of a resource: verdicts, messages, places") {
  const std::string limits =
      spec_schema("{rule: self.replicas <= self.most}", "replicas: {type: integer}, most: {type: integer}");
  CHECK(verdict(limits, "{spec: {replicas: 3, most: 3}}").causes.empty());
  CHECK(verdict(limits, "{spec: {replicas: 4, most: 3}}").causes ==
        "spec: Invalid value: \"object\": failed rule: self.replicas <= self.most");
  CHECK(verdict(limits, "{spec: {replicas: 4}}").causes ==
        "spec: Invalid value: \"object\": no such key: most evaluating rule: self.replicas <= self.most");
  CHECK(verdict(limits, "{}").causes.empty());

  const std::string told = spec_schema(
      "{rule: self.n < 3, message: too many, messageExpression: \"'n is ' + string(self.n)\", reason: "
      "FieldValueForbidden, fieldPath: .n}",
      "n: {type: integer}");
  CHECK(verdict(told, "{spec: {n: 7}}").causes == "spec.n: Forbidden: n is 7");
  const std::string worded = spec_schema("{rule: self.n < 3, message: too many}", "n: {type: integer}");
  CHECK(verdict(worded, "{spec: {n: 7}}").causes == "spec: Invalid value: \"object\": too many");

  // Of the root, whose own place has no name; metadata shows its names alone.
  const std::string root = "{type: object, x-kubernetes-validations: [{rule: \"self.metadata.name.startsWith('a')\"}]}";
  CHECK(verdict(root, "{metadata: {name: abc}}").causes.empty());
  CHECK(verdict(root, "{metadata: {name: xyz}}").causes ==
        "<nil>: Invalid value: \"object\": failed rule: self.metadata.name.startsWith('a')");

  // Maps, lists, escaped names, formats, int-or-string.
  const std::string kinds = spec_schema(
      "{rule: 'self.labels.all(k, self.labels[k] != k)'}, {rule: \"self.ports.exists(p, p == 'http' || p == 80)\"}, "
      "{rule: self.__namespace__ == self.x__dash__y}, {rule: \"self.at < timestamp('2030-01-01T00:00:00Z')\"}, "
      "{rule: \"self.wait == duration('90s')\"}, {rule: self.ratio > 0.5}",
      "labels: {type: object, maxProperties: 9, additionalProperties: {type: string, maxLength: 9}}, ports: {type: "
      "array, maxItems: 9, items: "
      "{x-kubernetes-int-or-string: true}}, namespace: {type: string}, x-y: {type: string}, at: {type: string, format: "
      "date-time}, wait: {type: string, format: duration}, ratio: {type: number}");
  CHECK(definition_faults(kinds).empty());
  CHECK(verdict(kinds,
                "{spec: {labels: {a: b}, ports: [80, x], namespace: n, x-y: n, at: '2029-01-01T00:00:00Z', wait: "
                "1m30s, ratio: 1}}")
            .causes.empty());
  CHECK(verdict(kinds,
                "{spec: {labels: {a: a}, ports: [x], namespace: n, x-y: m, at: '2031-01-01T00:00:00Z', wait: 1m, "
                "ratio: 0.25}}")
            .causes ==
        "spec: Invalid value: \"object\": failed rule: self.labels.all(k, self.labels[k] != k)\n"
        "spec: Invalid value: \"object\": failed rule: self.ports.exists(p, p == 'http' || p == 80)\n"
        "spec: Invalid value: \"object\": failed rule: self.__namespace__ == self.x__dash__y\n"
        "spec: Invalid value: \"object\": failed rule: self.at < timestamp('2030-01-01T00:00:00Z')\n"
        "spec: Invalid value: \"object\": failed rule: self.wait == duration('90s')\n"
        "spec: Invalid value: \"object\": failed rule: self.ratio > 0.5");

  // Sets do not care for order, lists do.
  const std::string sets =
      spec_schema("{rule: self.a == self.b}",
                  "a: {type: array, x-kubernetes-list-type: set, items: {type: string}}, b: {type: "
                  "array, items: {type: string}}");
  CHECK(verdict(sets, "{spec: {a: [x, y], b: [y, x]}}").causes.empty());

  // What is there is not asked when the resource cannot be read.
  FieldErrors errors;
  errors.required("spec.most");
  std::vector<std::string> warnings;
  evaluate_schema_rules(*parse_yaml(limits), *parse_yaml("{spec: {replicas: 4}}"), Value(), errors, warnings);
  CHECK(shown(errors.causes) ==
        "spec.most: Required value\n<nil>: Invalid value: null: some validation rules were not checked because the "
        "object was invalid; correct the existing errors to complete validation");
}

TEST_CASE("rules of a resource: old values, what was wrong before") {
  const std::string fixed = spec_schema("",
                                        "name: {type: string, x-kubernetes-validations: [{rule: self == oldSelf, "
                                        "message: is immutable}]}");
  CHECK(verdict(fixed, "{spec: {name: b}}").causes.empty());
  CHECK(verdict(fixed, "{spec: {name: b}}", "{spec: {name: b}}").causes.empty());
  CHECK(verdict(fixed, "{spec: {name: b}}", "{spec: {name: a}}").causes ==
        "spec.name: Invalid value: \"string\": is immutable");
  const std::string optional =
      spec_schema("{rule: \"oldSelf.hasValue() || self.n == 1\", optionalOldSelf: true, message: starts with one}",
                  "n: {type: integer}");
  CHECK(verdict(optional, "{spec: {n: 2}}").causes == "spec: Invalid value: \"object\": starts with one");
  CHECK(verdict(optional, "{spec: {n: 2}}", "{spec: {n: 1}}").causes.empty());
  // Items of a keyed list correspond by their keys.
  const std::string keyed = spec_schema(
      "",
      "list: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [k], items: {type: object, "
      "properties: {k: {type: string}, v: {type: integer}}, x-kubernetes-validations: [{rule: self.v >= oldSelf.v}]}}");
  CHECK(verdict(keyed, "{spec: {list: [{k: b, v: 2}, {k: a, v: 1}]}}", "{spec: {list: [{k: a, v: 1}, {k: b, v: 3}]}}")
            .causes == "spec.list[0]: Invalid value: \"object\": failed rule: self.v >= oldSelf.v");
  // A value that was as bad before only warns.
  const std::string limit =
      spec_schema("", "n: {type: integer, x-kubernetes-validations: [{rule: self < 3}]}, m: {type: integer}");
  const Verdict kept = verdict(limit, "{spec: {n: 5, m: 2}}", "{spec: {n: 5, m: 1}}");
  CHECK(kept.causes.empty());
  CHECK(kept.warnings == "spec.n: Invalid value: \"integer\": failed rule: self < 3");
  CHECK(verdict(limit, "{spec: {n: 6}}", "{spec: {n: 5}}").causes ==
        "spec.n: Invalid value: \"integer\": failed rule: self < 3");
}
