#include "core/apiserver/openapi/openapi.h"

#include <set>

#include "core/apiserver/openapi/protobuf.h"
#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "doctest/doctest.h"

namespace drydock {
namespace {

// Every "$ref" below the value.
void collect_references(const Value& value, std::set<std::string>& found) {
  for (const Value& item : value.items()) collect_references(item, found);
  for (const Value::Member& member : value.members()) {
    if (member.key.view() == "$ref" && member.value.is_string())
      found.insert(member.value.str());
    else
      collect_references(member.value, found);
  }
}

SchemaTexts some_texts() {
  SchemaTexts texts;
  texts.of_type = [](std::string_view type) { return type == "V1Pod" ? std::string_view("A pod.") : ""; };
  texts.of_field = [](std::string_view type, std::string_view field) -> SchemaTexts::Field {
    if (type == "V1PodSpec" && field == "containers") return {"List of containers.", true};
    return {};
  };
  return texts;
}

}  // namespace

TEST_CASE("OpenAPI v3: a document for each group and version, complete in itself") {
  const ResourceRegistry registry = ResourceRegistry::builtin();
  const OpenApi openapi(registry, some_texts(), "v1.36.3");
  const Value index = openapi.index();
  CHECK(index["paths"].size() > 20);
  for (const Value::Member& entry : index["paths"].members()) {
    CAPTURE(entry.key.str());
    CHECK(contains(entry.value["serverRelativeURL"].as_string(), openapi.hash(entry.key.view())));
    const Value document = openapi.v3(entry.key.view());
    REQUIRE(document.is_object());
    std::set<std::string> references;
    collect_references(document, references);
    for (const std::string& reference : references) {
      CAPTURE(reference);
      const std::string name = reference.substr(reference.rfind('/') + 1);
      CHECK(document["components"]["schemas"].has(name));
    }
  }
  CHECK(openapi.v3("apis/nosuch/v1").is_null());
  CHECK(openapi.v3("").is_null());
}

TEST_CASE("OpenAPI v3: what kubectl reads of it") {
  const ResourceRegistry registry = ResourceRegistry::builtin();
  const OpenApi openapi(registry, some_texts(), "v1.36.3");
  const Value apps = openapi.v3("apis/apps/v1");
  const Value& schemas = apps["components"]["schemas"];
  const Value& deployment = schemas["io.k8s.api.apps.v1.Deployment"];
  CHECK(deployment["x-kubernetes-group-version-kind"] ==
        parse_json("[{\"group\":\"apps\",\"kind\":\"Deployment\",\"version\":\"v1\"}]").value());
  CHECK(schemas["io.k8s.api.apps.v1.DeploymentSpec"]["properties"]["strategy"]["x-kubernetes-patch-strategy"]
            .as_string() == "retainKeys");
  const Value& pod = schemas["io.k8s.api.core.v1.PodSpec"];
  CHECK(pod["required"] == Value::array({"containers"}));
  CHECK(pod["properties"]["containers"]["x-kubernetes-patch-merge-key"].as_string() == "name");
  CHECK(pod["properties"]["nodeSelector"]["x-kubernetes-map-type"].as_string() == "atomic");
  CHECK(pod["properties"]["tolerations"]["x-kubernetes-list-type"].as_string() == "atomic");
  CHECK(pod["properties"]["volumes"]["x-kubernetes-patch-strategy"].as_string() == "merge,retainKeys");
  const Value& ports = schemas["io.k8s.api.core.v1.Container"]["properties"]["ports"];
  CHECK(ports["x-kubernetes-patch-merge-key"].as_string() == "containerPort");
  const Value& patch = apps["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"];
  CHECK(patch["x-kubernetes-group-version-kind"]["kind"].as_string() == "Deployment");
  std::set<std::string> parameters;
  for (const Value& parameter : patch["parameters"].items()) parameters.insert(parameter["name"].str());
  CHECK(parameters.contains("fieldValidation"));
  CHECK(parameters.contains("dryRun"));
  const Value core = openapi.v3("api/v1");
  CHECK(core["components"]["schemas"]["io.k8s.api.core.v1.ServiceSpec"]["properties"]["ports"]
            ["x-kubernetes-patch-merge-key"]
                .as_string() == "port");
  CHECK(core["components"]["schemas"]["io.k8s.api.core.v1.Pod"]["description"].as_string() == "A pod.");
  CHECK(core["components"]["schemas"].has("io.k8s.api.core.v1.Event"));
  CHECK(openapi.v3("apis/events.k8s.io/v1")["components"]["schemas"].has("io.k8s.api.events.v1.Event"));
}

TEST_CASE("OpenAPI v2: all groups, no dangling reference, and as protobuf") {
  const ResourceRegistry registry = ResourceRegistry::builtin();
  const OpenApi openapi(registry, some_texts(), "v1.36.3");
  const Value document = openapi.v2();
  std::set<std::string> references;
  collect_references(document, references);
  for (const std::string& reference : references) {
    CAPTURE(reference);
    CHECK(document["definitions"].has(reference.substr(reference.rfind('/') + 1)));
  }
  CHECK(document["paths"].has("/api/v1/namespaces/{namespace}/pods/{name}/log"));
  const std::string bytes = openapi_v2_protobuf(document);
  CHECK(
      bytes.starts_with("\x0a\x03"
                        "2.0"));
  CHECK(contains(bytes, "io.k8s.api.apps.v1.Deployment"));
  CHECK(contains(bytes, "x-kubernetes-group-version-kind"));
}

namespace {

std::string wrap(std::string_view api_version, std::string_view kind, const ProtobufWriter& raw) {
  ProtobufWriter meta;
  meta.text(1, api_version);
  meta.text(2, kind);
  ProtobufWriter unknown;
  unknown.message(1, meta);
  unknown.message(2, raw);
  return std::string("k8s\0", 4) + unknown.str();
}

ProtobufWriter entry_of(std::string_view key, std::string_view value) {
  ProtobufWriter entry;
  entry.bytes(1, key);
  entry.bytes(2, value);
  return entry;
}

std::string json_of(const std::string& body) {
  const auto decoded = decode_protobuf_body(body);
  return decoded ? dump_json(*decoded) : decoded.error().message;
}

}  // namespace

TEST_CASE("protobuf bodies of kubectl create: zeros of plain fields are unset, those of pointers are not") {
  ProtobufWriter container;
  container.bytes(1, "nginx");
  container.bytes(2, "nginx:1.27");
  ProtobufWriter port;
  port.number(2, 0);  // hostPort
  port.number(3, 80);
  container.message(6, port);
  ProtobufWriter amount;
  amount.bytes(1, "10m");
  ProtobufWriter resources;
  resources.message(2, entry_of("cpu", amount.str()));
  container.message(8, resources);
  container.number(16, 0);  // stdin
  ProtobufWriter pod;
  pod.message(2, container);
  pod.number(4, 0);  // terminationGracePeriodSeconds
  ProtobufWriter pod_template;
  pod_template.message(2, pod);
  ProtobufWriter selector;
  selector.message(1, entry_of("app", "web"));
  ProtobufWriter spec;
  spec.number(1, 0);  // replicas
  spec.message(2, selector);
  spec.message(3, pod_template);
  spec.number(5, 0);  // minReadySeconds
  ProtobufWriter deployment;
  deployment.message(2, spec);
  CHECK(json_of(wrap("apps/v1", "Deployment", deployment)) ==
        "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"spec\":{\"replicas\":0,\"selector\":{\"matchLabels\":"
        "{\"app\":\"web\"}},\"template\":{\"spec\":{\"containers\":[{\"image\":\"nginx:1.27\",\"name\":\"nginx\","
        "\"ports\":[{\"containerPort\":80}],\"resources\":{\"requests\":{\"cpu\":\"10m\"}}}],"
        "\"terminationGracePeriodSeconds\":0}}}}");

  ProtobufWriter secret;
  secret.message(2, entry_of("a", "b"));
  secret.bytes(3, "Opaque");
  CHECK(json_of(wrap("v1", "Secret", secret)) ==
        "{\"apiVersion\":\"v1\",\"data\":{\"a\":\"Yg==\"},\"kind\":\"Secret\",\"type\":\"Opaque\"}");

  ProtobufWriter budget_spec;
  ProtobufWriter half;
  half.number(1, 1);
  half.bytes(3, "50%");
  budget_spec.message(1, half);
  ProtobufWriter budget;
  budget.message(2, budget_spec);
  CHECK(json_of(wrap("policy/v1", "PodDisruptionBudget", budget)) ==
        "{\"apiVersion\":\"policy/v1\",\"kind\":\"PodDisruptionBudget\",\"spec\":{\"minAvailable\":\"50%\"}}");

  ProtobufWriter http;
  ProtobufWriter path;
  path.bytes(1, "/");
  http.message(1, path);
  ProtobufWriter rule_value;
  rule_value.message(1, http);
  ProtobufWriter rule;
  rule.bytes(1, "x.test");
  rule.message(2, rule_value);
  ProtobufWriter ingress_spec;
  ingress_spec.message(3, rule);
  ProtobufWriter ingress;
  ingress.message(2, ingress_spec);
  CHECK(json_of(wrap("networking.k8s.io/v1", "Ingress", ingress)) ==
        "{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"Ingress\",\"spec\":{\"rules\":[{\"host\":\"x.test\","
        "\"http\":{\"paths\":[{\"path\":\"/\"}]}}]}}");
}

TEST_CASE("protobuf bodies of stock clients") {
  ProtobufWriter attributes;
  attributes.text(1, "default");
  attributes.text(2, "create");
  attributes.text(5, "pods");
  ProtobufWriter spec;
  spec.message(1, attributes);
  ProtobufWriter review;
  review.message(1, ProtobufWriter());
  review.message(2, spec);
  const auto decoded = decode_protobuf_body(wrap("authorization.k8s.io/v1", "SelfSubjectAccessReview", review));
  REQUIRE(decoded.ok());
  CHECK(dump_json(*decoded) ==
        "{\"apiVersion\":\"authorization.k8s.io/v1\",\"kind\":\"SelfSubjectAccessReview\",\"metadata\":{},"
        "\"spec\":{\"resourceAttributes\":{\"namespace\":\"default\",\"resource\":\"pods\",\"verb\":\"create\"}}}");

  ProtobufWriter options;
  options.number(1, 5);
  options.text(4, "Background");
  options.text(5, "All");
  const auto deletion = decode_protobuf_body(wrap("v1", "DeleteOptions", options));
  REQUIRE(deletion.ok());
  CHECK((*deletion)["gracePeriodSeconds"].as_int() == 5);
  CHECK((*deletion)["dryRun"] == Value::array({"All"}));

  ProtobufWriter time;
  time.number(1, 1767225600);
  time.number(2, 500000000);
  ProtobufWriter lease_spec;
  lease_spec.text(1, "me");
  lease_spec.message(4, time);
  ProtobufWriter lease;
  lease.message(2, lease_spec);
  const auto leased = decode_protobuf_body(wrap("coordination.k8s.io/v1", "Lease", lease));
  REQUIRE(leased.ok());
  CHECK((*leased)["spec"]["renewTime"].as_string() == "2026-01-01T00:00:00.500000Z");

  CHECK(decode_protobuf_body("{}").error().code == 400);
  CHECK(decode_protobuf_body(wrap("example.com/v1", "Widget", review)).error().code == 415);
  // Cut anywhere, it is refused or shorter, never read past its end.
  const std::string whole = wrap("authorization.k8s.io/v1", "SelfSubjectAccessReview", review);
  for (std::size_t size = 0; size < whole.size(); ++size) (void)decode_protobuf_body(whole.substr(0, size));
}

}  // namespace drydock
