// CustomResourceDefinitions: what is wrong with one, versions and their conversion,
// scale and status of custom resources.
#include "tests/apiserver/server_rig.h"

using namespace drydock;
using drydock::testing::ServerRig;
using drydock::testing::status_text;
using drydock::testing::warnings_of;

namespace {

const std::string kDefinitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const std::string kV1 = "/apis/example.com/v1/namespaces/default/crons";
const std::string kV2 = "/apis/example.com/v2/namespaces/default/crons";

std::string schema(const std::string& properties) {
  return "schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {" + properties +
         "}}, status: {type: object, x-kubernetes-preserve-unknown-fields: true}}}}";
}

std::string definition(const std::string& conversion = "strategy: None") {
  return "{metadata: {name: crons.example.com}, spec: {group: example.com, scope: Namespaced, names: {plural: crons, "
         "kind: Cron}, conversion: {" +
         conversion + "}, versions: [{name: v1, served: true, storage: true, " +
         schema("at: {type: string}, replicas: {type: integer}") +
         ", subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.count, "
         "labelSelectorPath: .status.selector}}}, {name: v2, served: true, storage: false, deprecated: true, " +
         schema("at: {type: string}, zone: {type: string, default: UTC}, replicas: {type: integer}") + "}]}}";
}

// v1 has spec.at "5 4", v2 spec.minute and spec.hour's place in annotations: enough to see
// that a webhook was asked.
class Converter final : public HttpHandler {
 public:
  std::vector<Value> asked;
  std::string failure;
  Task<HttpResponse> handle(HttpRequest request) override {
    const Value review = request.body.document;
    asked.push_back(review["request"]);
    Value objects = Value::array();
    for (const Value& object : review["request"]["objects"].items()) {
      Value changed = object;
      changed.set("apiVersion", review["request"]["desiredAPIVersion"]);
      const std::string at = object["spec"]["at"].str();
      changed.ref("spec").set("at", "via " + review["request"]["desiredAPIVersion"].str() + ": " + at);
      objects.push_back(std::move(changed));
    }
    Value result = Value::object({{"status", failure.empty() ? "Success" : "Failed"}});
    if (!failure.empty()) result.set("message", failure);
    HttpResponse out;
    const Value response = Value::object(
        {{"uid", review["request"]["uid"]}, {"result", result}, {"convertedObjects", std::move(objects)}});
    out.body.document = Value::object(
        {{"apiVersion", "apiextensions.k8s.io/v1"}, {"kind", "ConversionReview"}, {"response", response}});
    co_return out;
  }
};

}  // namespace

TEST_CASE_FIXTURE(ServerRig, "a definition is held against upstream's rules") {
  const struct {
    const char* spec;
    const char* says;
  } rows[] = {
      {"group: example.com, scope: Namespaced, names: {plural: wrongs, kind: Wrong}, versions: [{name: v1, served: "
       "true, "
       "storage: true, schema: {openAPIV3Schema: {}}}]",
       "spec.validation.openAPIV3Schema.type: Required value: must not be empty at the root"},
      {"group: example.com, scope: Namespaced, names: {plural: wrongs, kind: Wrong}, versions: [{name: v1, served: "
       "true, "
       "storage: true, schema: {openAPIV3Schema: {type: object, properties: {a: {}}}}}]",
       "spec.validation.openAPIV3Schema.properties[a].type: Required value: must not be empty for specified "
       "object fields"},
      {"group: example.com, scope: Namespaced, names: {plural: wrongs, kind: Wrong}, conversion: {strategy: Webhook}, "
       "versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]",
       "spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook"},
      {"group: example.com, scope: Everywhere, names: {plural: wrongs, kind: Wrong}, versions: [{name: v1, served: "
       "true, "
       "storage: true, schema: {openAPIV3Schema: {type: object}}}]",
       "spec.scope: Unsupported value: \"Everywhere\": supported values: \"Cluster\", \"Namespaced\""},
  };
  for (const auto& row : rows) {
    const HttpResponse answer =
        admin("POST", kDefinitions, std::string("{metadata: {name: wrongs.example.com}, spec: {") + row.spec + "}}");
    CHECK(answer.status == 422);
    CHECK_MESSAGE(contains(answer.body.document["message"].as_string(), row.says),
                  answer.body.document["message"].str());
  }
  // A name that is taken is not served.
  made(kDefinitions, definition());
  const Value second = made(
      kDefinitions,
      "{metadata: {name: others.example.com}, spec: {group: example.com, scope: Namespaced, names: {plural: others, "
      "kind: Cron}, versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}}");
  CHECK(second["status"]["conditions"][0]["reason"].as_string() == "ListKindConflict");
  CHECK(second["status"]["conditions"][0]["message"].as_string() == "\"CronList\" is already in use");
  CHECK(second["status"]["conditions"][1]["status"].as_string() == "False");
  CHECK(admin("GET", "/apis/example.com/v1/namespaces/default/others").status == 404);
}

TEST_CASE_FIXTURE(ServerRig, "without a webhook a version is another apiVersion, with its own fields") {
  made(kDefinitions, definition());
  made(kV1, "{apiVersion: example.com/v1, kind: Cron, metadata: {name: a}, spec: {at: x}}");
  const HttpResponse second = admin("GET", kV2 + "/a");
  CHECK(second.body.document["apiVersion"].as_string() == "example.com/v2");
  CHECK(second.body.document["spec"]["zone"].as_string() == "UTC");
  CHECK(warnings_of(second) == "299 - \"example.com/v2 Cron is deprecated\"\n");
  // Written in one version, stored in the other.
  made(kV2, "{apiVersion: example.com/v2, kind: Cron, metadata: {name: b}, spec: {at: y, zone: CET}}");
  const Value first = admin("GET", kV1 + "/b").body.document;
  CHECK(first["apiVersion"].as_string() == "example.com/v1");
  CHECK_FALSE(first["spec"].has("zone"));
  const Value list = admin("GET", kV2).body.document;
  REQUIRE(list["items"].size() == 2);
  for (const Value& item : list["items"].items()) CHECK(item["apiVersion"].as_string() == "example.com/v2");
  const HttpResponse watch = admin("GET", kV2 + "?watch=true&resourceVersion=0");
  REQUIRE(watch.stream != nullptr);
  settle();
  const auto event = watch.stream->try_receive();
  REQUIRE(event.has_value());
  CHECK(event->document["object"]["apiVersion"].as_string() == "example.com/v2");
  // The storage version moves on: what was stored stays known.
  REQUIRE(admin("PATCH", kDefinitions + "/crons.example.com",
                "[{op: replace, path: /spec/versions/0/storage, value: false}, {op: replace, path: "
                "/spec/versions/1/storage, value: true}]",
                "application/json-patch+json")
              .status == 200);
  const Value moved = admin("GET", kDefinitions + "/crons.example.com").body.document;
  CHECK(dump_json(moved["status"]["storedVersions"]) == R"(["v1","v2"])");
  const HttpResponse removed = admin("PATCH", kDefinitions + "/crons.example.com",
                                     "[{op: remove, path: /spec/versions/0}]", "application/json-patch+json");
  CHECK(contains(removed.body.document["message"].as_string(),
                 "status.storedVersions[0]: Invalid value: \"v1\": missing from spec.versions; v1 was previously a "
                 "storage version"));
}

TEST_CASE_FIXTURE(ServerRig, "a conversion webhook turns one version into the other") {
  Converter converter;
  transport.listen("convert", 9443, converter);
  made(kDefinitions, definition("strategy: Webhook, webhook: {conversionReviewVersions: [v1], clientConfig: {url: "
                                "'https://convert:9443/crd'}}"));
  made(kV1, "{apiVersion: example.com/v1, kind: Cron, metadata: {name: a}, spec: {at: x}}");
  CHECK(converter.asked.empty());
  const Value second = admin("GET", kV2 + "/a").body.document;
  CHECK(second["spec"]["at"].as_string() == "via example.com/v2: x");
  REQUIRE(converter.asked.size() == 1);
  CHECK(converter.asked[0]["desiredAPIVersion"].as_string() == "example.com/v2");
  // A list is one question.
  made(kV1, "{apiVersion: example.com/v1, kind: Cron, metadata: {name: b}, spec: {at: y}}");
  const Value list = admin("GET", kV2).body.document;
  CHECK(list["items"][1]["spec"]["at"].as_string() == "via example.com/v2: y");
  CHECK(converter.asked.size() == 2);
  // What is written in v2 is stored in v1.
  made(kV2, "{apiVersion: example.com/v2, kind: Cron, metadata: {name: c}, spec: {at: z}}");
  CHECK(admin("GET", kV1 + "/c").body.document["spec"]["at"].as_string() == "via example.com/v1: z");
  converter.failure = "cannot tell the time";
  CHECK(status_text(admin("GET", kV2 + "/a")) ==
        "500 : conversion webhook for example.com/v1, Kind=Cron failed: cannot tell the time");
}

TEST_CASE_FIXTURE(ServerRig, "custom resources are scaled where their definition says") {
  made(kDefinitions, definition());
  made(kV1, "{apiVersion: example.com/v1, kind: Cron, metadata: {name: a}, spec: {replicas: 2}}");
  REQUIRE(admin("PATCH", kV1 + "/a/status", "{status: {count: 1, selector: app=a}}", "application/merge-patch+json")
              .status == 200);
  const Value scale = admin("GET", kV1 + "/a/scale").body.document;
  CHECK(dump_json(scale["spec"]) == R"({"replicas":2})");
  CHECK(dump_json(scale["status"]) == R"({"replicas":1,"selector":"app=a"})");
  REQUIRE(
      admin("PATCH", kV1 + "/a/scale", "[{op: replace, path: /spec/replicas, value: 5}]", "application/json-patch+json")
          .status == 200);
  CHECK(admin("GET", kV1 + "/a").body.document["spec"]["replicas"].as_int() == 5);
}
