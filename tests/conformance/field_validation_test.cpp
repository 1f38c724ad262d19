// What a server says about fields that no type has, and about those given twice.
#include <doctest/doctest.h>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "tests/conformance/custom.h"

using namespace drydock;
using namespace drydock::conformance;

namespace {

const std::string kDeployments = "/apis/apps/v1/namespaces/default/deployments";
const std::string kSchema =
    "{type: object, properties: {spec: {type: object, properties: {foo: {type: string}, cronSpec: {type: string, "
    "pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$'}, ports: {type: array, x-kubernetes-list-map-keys: "
    "[containerPort, protocol], x-kubernetes-list-type: map, items: {type: object, required: [containerPort, "
    "protocol], "
    "properties: {containerPort: {type: integer, format: int32}, hostPort: {type: integer, format: int32}, name: "
    "{type: "
    "string}, protocol: {type: string}}}}}}}}";

std::string message_of(const HttpResponse& response) { return response.body.document["message"].str(); }

// Every Warning header's text.
std::vector<std::string> warnings_of(const HttpResponse& response) {
  std::vector<std::string> texts;
  for (const auto& [name, value] : response.headers.fields()) {
    if (to_lower(name) == "warning") texts.push_back(value);
  }
  return texts;
}

std::string apply_path(const std::string& plural, const std::string& name) {
  return "/apis/" + kGroup + "/v1/" + plural + "/" + name + "?fieldManager=e2e&fieldValidation=Strict";
}

HttpResponse apply_text(Rig& rig, const std::string& target, const std::string& body) {
  return rig.send_text("PATCH", target, "application/apply-patch+yaml", body);
}

std::string custom_text(const std::string& plural, const std::string& rest) {
  return "apiVersion: " + kGroup + "/v1\nkind: " + kind_of(plural) + "\nmetadata:\n  name: mytest\n" + rest;
}

}  // namespace

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] FieldValidation should detect unknown metadata fields of a typed object "
                  "[Conformance]") {
  const std::string text = R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"dep","unknownMeta":"foo",
    "labels":{"app":"nginx"}},"spec":{"selector":{"matchLabels":{"app":"nginx"}},"template":{"metadata":{
    "unknownNested":"foo","labels":{"app":"nginx"}},"spec":{"containers":[{"name":"nginx","image":"nginx"}]}}}})";
  const HttpResponse answer = send_text("POST", kDeployments + "?fieldValidation=Strict", "application/json", text);
  CHECK(answer.status == 400);
  CHECK(contains(message_of(answer), "strict decoding error: unknown field \"metadata.unknownMeta\""));
  CHECK(contains(message_of(answer), "unknown field \"spec.template.metadata.unknownNested\""));
  CHECK(gone(kDeployments + "/dep"));
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] FieldValidation should create/apply a CR with unknown fields for CRD with no "
                  "validation schema [Conformance]") {
  define(*this, {"free"});
  const HttpResponse answer = apply_text(*this, apply_path("free", "mytest"),
                                         custom_text("free", "spec:\n  unknown1: val1\n  cronSpec: '* * * * */5'\n"));
  CHECK_MESSAGE(answer.status == 201, message_of(answer));
  CHECK(get("/apis/" + kGroup + "/v1/free/mytest")["spec"]["unknown1"] == Value("val1"));
  const HttpResponse created = send_text(
      "POST", "/apis/" + kGroup + "/v1/free?fieldValidation=Strict", "application/json",
      R"({"apiVersion":")" + kGroup + R"(/v1","kind":"Free","metadata":{"name":"other"},"what":{"ever":[1]}})");
  CHECK(created.status == 201);
  CHECK(created.body.document["what"]["ever"][0].as_int() == 1);
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] FieldValidation should create/apply a valid CR for CRD with validation schema "
                  "[Conformance]") {
  define(*this, {"shaped", kSchema});
  const HttpResponse answer = apply_text(
      *this, apply_path("shaped", "mytest"),
      custom_text("shaped",
                  "spec:\n  foo: foo1\n  cronSpec: '* * * * */5'\n  ports:\n  - name: x\n    containerPort: 80\n"
                  "    protocol: TCP\n"));
  CHECK_MESSAGE(answer.status == 201, message_of(answer));
  CHECK(warnings_of(answer).empty());
  const Value read = get("/apis/" + kGroup + "/v1/shaped/mytest");
  CHECK(read["spec"]["foo"] == Value("foo1"));
  CHECK(read["spec"]["ports"][0]["containerPort"].as_int() == 80);
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] FieldValidation should create/apply an invalid CR with extra properties for CRD "
                  "with validation schema [Conformance]") {
  define(*this, {"shaped", kSchema});
  const std::string body =
      "spec:\n  foo: foo1\n  extraProp: unknown\n  cronSpec: '* * * * */5'\n  ports:\n  - name: x\n    containerPort: "
      "80\n"
      "    protocol: TCP\n    extraPort: unknown\n";
  HttpResponse answer = apply_text(*this, apply_path("shaped", "mytest"), custom_text("shaped", body));
  CHECK(answer.status >= 400);
  CHECK_MESSAGE(contains(message_of(answer), ".spec.extraProp: field not declared in schema"), message_of(answer));
  answer = send_text("POST", "/apis/" + kGroup + "/v1/shaped?fieldValidation=Strict", "application/yaml",
                     custom_text("shaped", body));
  CHECK(answer.status == 400);
  CHECK(contains(message_of(answer),
                 "strict decoding error: unknown field \"spec.extraProp\", unknown field \"spec.ports[0].extraPort\""));
  CHECK(gone("/apis/" + kGroup + "/v1/shaped/mytest"));
  // A wrong value is wrong in any mode.
  answer = send_text("POST", "/apis/" + kGroup + "/v1/shaped", "application/yaml",
                     custom_text("shaped", "spec:\n  cronSpec: hourly\n"));
  CHECK(answer.status == 422);
  CHECK(contains(message_of(answer), "spec.cronSpec: Invalid value: \"hourly\": spec.cronSpec in body should match"));
}
