// Admission webhooks: what they deny and change, and their configurations.
#include <doctest/doctest.h>

#include "core/base/strings.h"
#include "tests/conformance/custom.h"
#include "tests/conformance/hooks.h"

using namespace drydock;
using namespace drydock::conformance;

namespace {

const std::string kMaps = "/api/v1/namespaces/default/configmaps";
const std::string kPods = "/api/v1/namespaces/default/pods";
const std::string kCreateMaps = "{operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [configmaps]}";

std::string config_map(const std::string& name, const std::string& data = "{mutation-start: 'yes'}") {
  return "{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name + "}, data: " + data + "}";
}

std::string pod(const std::string& name, const std::string& container = "nginx", const std::string& labels = "{}") {
  return "{apiVersion: v1, kind: Pod, metadata: {name: " + name + ", labels: " + labels +
         "}, spec: {containers: [{name: " + container + ", image: nginx}]}}";
}

const std::string kUnwanted = "{webhook-e2e-test: webhook-disallow}";

std::string denial(const std::string& hook, const std::string& why) {
  return "admission webhook \"" + hook + "\" denied the request: " + why;
}

}  // namespace

TEST_CASE_FIXTURE(HookRig,
                  "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny pod and "
                  "configmap creation [Conformance]") {
  make_namespace("exempted", "{skip-webhook: 'yes'}");
  const std::string unexempted =
      ", namespaceSelector: {matchExpressions: [{key: skip-webhook, operator: NotIn, values: "
      "['yes']}]}";
  configure("Validating", "deny",
            hook("deny-unwanted-pods.k8s.io", "/pods",
                 "{operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [pods]}",
                 ", timeoutSeconds: 10" + unexempted) +
                ", " +
                hook("deny-unwanted-configmaps.k8s.io", "/configmaps",
                     "{operations: [CREATE, UPDATE], apiGroups: [''], apiVersions: [v1], resources: [configmaps]}",
                     unexempted));
  Value refusal = refused(400, "POST", kPods, yaml(pod("bad", "webhook-disallow", kUnwanted)));
  CHECK(refusal["message"] ==
        Value(denial("deny-unwanted-pods.k8s.io",
                     "the pod contains unwanted container name; the pod contains unwanted label")));
  CHECK(gone(kPods + "/bad"));
  // One that lets the webhook hang: a timeout, and no pod.
  refusal = refused(500, "POST", kPods, yaml(pod("hanging", "nginx", "{webhook-e2e-test: wait-forever}")));
  CHECK(contains(refusal["message"].as_string(),
                 "failed calling webhook \"deny-unwanted-pods.k8s.io\": failed to call webhook: Post "));
  CHECK(contains(refusal["message"].as_string(), "context deadline exceeded"));
  CHECK(gone(kPods + "/hanging"));
  refusal = refused(400, "POST", kMaps, yaml(config_map("bad", kUnwanted)));
  CHECK(refusal["message"] ==
        Value(denial("deny-unwanted-configmaps.k8s.io", "the configmap contains unwanted key and value")));
  // What is good may not become bad, by PUT or by PATCH.
  Value good = post(kMaps, config_map("good", "{fine: 'yes'}"));
  post(kPods, pod("good"));
  good.set("data", yaml(kUnwanted));
  refused(400, "PUT", kMaps + "/good", good);
  refused(400, "PATCH", kMaps + "/good", yaml("{data: " + kUnwanted + "}"), "application/merge-patch+json");
  CHECK(get(kMaps + "/good")["data"] == yaml("{fine: 'yes'}"));
  // A namespace that the selector leaves out.
  post("/api/v1/namespaces/exempted/configmaps", config_map("bad", kUnwanted));
}

TEST_CASE_FIXTURE(
    HookRig,
    "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny custom resource "
    "creation, update and deletion [Conformance]") {
  define(*this, {"gadgets"});
  const std::string gadgets = "/apis/" + kGroup + "/v1/gadgets";
  configure("Validating", "deny-custom",
            hook("deny-unwanted-custom-resource-data.k8s.io", "/custom-resource",
                 "{operations: [CREATE, UPDATE, DELETE], apiGroups: [" + kGroup +
                     "], apiVersions: [v1], resources: [gadgets]}"));
  const std::string why =
      denial("deny-unwanted-custom-resource-data.k8s.io", "the custom resource contains unwanted data");
  CHECK(refused(400, "POST", gadgets, custom("gadgets", "bad", "{data: " + kUnwanted + "}"))["message"] == Value(why));
  post(gadgets, custom("gadgets", "one", "{data: {fine: 'yes'}}"));
  const Value patch = yaml("{data: " + kUnwanted + "}");
  CHECK(refused(400, "PATCH", gadgets + "/one", patch, "application/merge-patch+json")["message"] == Value(why));
  // One that is bad already, from before there was a webhook, stays too.
  remove(path_of("Validating", "deny-custom"));
  merge(gadgets + "/one", "{data: " + kUnwanted + "}");
  configure("Validating", "deny-custom",
            hook("deny-unwanted-custom-resource-data.k8s.io", "/custom-resource",
                 "{operations: [CREATE, UPDATE, DELETE], apiGroups: [" + kGroup +
                     "], apiVersions: [v1], resources: [gadgets]}"));
  CHECK(refused(400, "DELETE", gadgets + "/one")["message"] == Value(why));
  merge(gadgets + "/one", "{data: {webhook-e2e-test: webhook-allow}}");
  remove(gadgets + "/one");
  CHECK(gone(gadgets + "/one"));
}

TEST_CASE_FIXTURE(HookRig,
                  "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should unconditionally reject "
                  "operations on fail closed webhook [Conformance]") {
  make_namespace("closed", "{fail-closed: 'yes'}");
  // Nobody can call it: its authority is not told, so no connection is made.
  configure(
      "Validating", "fail-closed",
      "{name: fail-closed.k8s.io, rules: [" + kCreateMaps + "], clientConfig: " + client_config("/configmaps", false) +
          ", "
          "failurePolicy: Fail, sideEffects: None, admissionReviewVersions: [v1], namespaceSelector: {matchLabels: "
          "{fail-closed: 'yes'}}}");
  const Value refusal = refused(500, "POST", "/api/v1/namespaces/closed/configmaps", yaml(config_map("any")));
  CHECK(refusal["reason"] == Value("InternalError"));
  CHECK(contains(refusal["message"].as_string(),
                 "failed calling webhook \"fail-closed.k8s.io\": failed to call webhook: "));
  CHECK(contains(refusal["message"].as_string(), "x509: certificate signed by unknown authority"));
  CHECK(gone("/api/v1/namespaces/closed/configmaps/any"));
  post(kMaps, config_map("elsewhere"));
}

TEST_CASE_FIXTURE(HookRig,
                  "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate configmap "
                  "[Conformance]") {
  configure("Mutating", "stages",
            hook("adding-configmap-data-stage-1.k8s.io", "/mutating-configmaps", kCreateMaps) + ", " +
                hook("adding-configmap-data-stage-2.k8s.io", "/mutating-configmaps", kCreateMaps));
  const Value made = post(kMaps, config_map("to-be-mutated"));
  CHECK(made["data"] == yaml("{mutation-start: 'yes', mutation-stage-1: 'yes', mutation-stage-2: 'yes'}"));
  CHECK(get(kMaps + "/to-be-mutated")["data"] == made["data"]);
}

TEST_CASE_FIXTURE(HookRig,
                  "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate pod and apply defaults "
                  "after mutation [Conformance]") {
  configure("Mutating", "adding-init-container",
            hook("adding-init-container.k8s.io", "/mutating-pods",
                 "{operations: [CREATE], apiGroups: [''], apiVersions: [v1], resources: [pods]}"));
  const Value made = post(kPods, pod("webhook-to-be-mutated"));
  REQUIRE(made["spec"]["initContainers"].size() == 1);
  CHECK(made["spec"]["initContainers"][0]["name"] == Value("webhook-added-init-container"));
  CHECK(made["spec"]["initContainers"][0]["terminationMessagePolicy"] == Value("File"));
}

TEST_CASE_FIXTURE(
    HookRig,
    "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should not be able to mutate or prevent "
    "deletion of webhook configuration objects [Conformance]") {
  const std::string all =
      "apiGroups: [admissionregistration.k8s.io], apiVersions: ['*'], resources: "
      "[validatingwebhookconfigurations, mutatingwebhookconfigurations]}";
  configure("Validating", "deny-configurations",
            hook("deny-webhook-configuration-deletions.k8s.io", "/always-deny", "{operations: [DELETE], " + all));
  configure("Mutating", "change-configurations",
            hook("add-label-to-webhook-configurations.k8s.io", "/add-label", "{operations: ['*'], " + all));
  for (const char* kind : {"Validating", "Mutating"}) {
    CAPTURE(kind);
    const Value made = configure(kind, "dummy",
                                 hook("dummy.k8s.io", "/x",
                                      "{operations: [CREATE], apiGroups: [''], "
                                      "apiVersions: [v1], resources: [invalid]}"));
    CHECK_FALSE(made["metadata"]["labels"].has("added-label"));
    remove(path_of(kind, "dummy"));
    CHECK(gone(path_of(kind, "dummy")));
  }
  CHECK(server.asked().empty());
}

TEST_CASE_FIXTURE(HookRig,
                  "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate custom resource "
                  "[Conformance]") {
  define(*this, {"gadgets"});
  const std::string rules =
      "{operations: [CREATE, UPDATE], apiGroups: [" + kGroup + "], apiVersions: [v1], resources: [gadgets]}";
  configure("Mutating", "change-custom",
            hook("mutate-custom-resource-data-stage-1.k8s.io", "/mutating-custom-resource", rules) + ", " +
                hook("mutate-custom-resource-data-stage-2.k8s.io", "/mutating-custom-resource", rules));
  const Value made =
      post("/apis/" + kGroup + "/v1/gadgets", custom("gadgets", "cr", "{data: {mutation-start: 'yes'}}"));
  CHECK(made["data"] == yaml("{mutation-start: 'yes', mutation-stage-1: 'yes', mutation-stage-2: 'yes'}"));
}

TEST_CASE_FIXTURE(HookRig,
                  "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should mutate custom resource with "
                  "pruning [Conformance]") {
  Definition definition{"gadgets"};
  definition.schema =
      "{type: object, properties: {data: {type: object, properties: {mutation-start: {type: string}, "
      "mutation-stage-1: {type: string}}}}}";
  define(*this, definition);
  const std::string rules =
      "{operations: [CREATE, UPDATE], apiGroups: [" + kGroup + "], apiVersions: [v1], resources: [gadgets]}";
  configure("Mutating", "change-custom",
            hook("mutate-custom-resource-data-stage-1.k8s.io", "/mutating-custom-resource", rules) + ", " +
                hook("mutate-custom-resource-data-stage-2.k8s.io", "/mutating-custom-resource", rules));
  const Value made =
      post("/apis/" + kGroup + "/v1/gadgets", custom("gadgets", "cr", "{data: {mutation-start: 'yes'}}"));
  CHECK(made["data"] == yaml("{mutation-start: 'yes', mutation-stage-1: 'yes'}"));
}

TEST_CASE_FIXTURE(HookRig,
                  "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should deny crd creation "
                  "[Conformance]") {
  configure("Validating", "deny-crd",
            hook("deny-crd-with-unwanted-label.k8s.io", "/crd",
                 "{operations: [CREATE], apiGroups: [apiextensions.k8s.io], apiVersions: ['*'], resources: "
                 "[customresourcedefinitions]}"));
  Value document = definition_document({"unwanted"});
  document.ref("metadata", "labels") = yaml(kUnwanted);
  CHECK(refused(400, "POST", kDefinitions, document)["message"] ==
        Value(denial("deny-crd-with-unwanted-label.k8s.io", "the crd contains unwanted label")));
  define(*this, {"wanted"});
}

TEST_CASE_FIXTURE(HookRig,
                  "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should honor timeout [Conformance]") {
  const auto slow = [&](const std::string& more) {
    configure("Validating", "slow",
              hook("allow-configmap-with-delay-webhook.k8s.io", "/always-allow-delay-5s", kCreateMaps, more));
  };
  const auto create = [&] { return send("POST", kMaps, yaml(config_map("slow"))); };
  slow(", timeoutSeconds: 1, failurePolicy: Fail");
  HttpResponse answer = create();
  CHECK(answer.status == 500);
  CHECK(contains(answer.body.document["message"].as_string(),
                 "failed calling webhook \"allow-configmap-with-delay-webhook.k8s.io\""));
  CHECK(contains(answer.body.document["message"].as_string(),
                 "/always-allow-delay-5s?timeout=1s\": context deadline "
                 "exceeded"));
  for (const char* more : {", timeoutSeconds: 1, failurePolicy: Ignore", ", timeoutSeconds: 10, failurePolicy: Fail",
                           ", failurePolicy: Fail"}) {
    CAPTURE(more);
    remove(path_of("Validating", "slow"));
    slow(more);
    CHECK(create().status == 201);
    remove(kMaps + "/slow");
  }
}

TEST_CASE_FIXTURE(
    HookRig,
    "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] patching/updating a validating webhook "
    "should work [Conformance]") {
  configure("Validating", "changing", hook("deny-unwanted-configmaps.k8s.io", "/configmaps", kCreateMaps));
  refused(400, "POST", kMaps, yaml(config_map("bad", kUnwanted)));
  Value document = get(path_of("Validating", "changing"));
  document.ref("webhooks").mutable_item(0).ref("rules").mutable_item(0).set("operations", yaml("[UPDATE]"));
  put(path_of("Validating", "changing"), document);
  post(kMaps, config_map("bad", kUnwanted));
  remove(kMaps + "/bad");
  json_patch(path_of("Validating", "changing"),
             yaml("[{op: replace, path: /webhooks/0/rules/0/operations, value: [CREATE]}]"));
  refused(400, "POST", kMaps, yaml(config_map("bad", kUnwanted)));
}

TEST_CASE_FIXTURE(HookRig,
                  "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] patching/updating a mutating webhook "
                  "should work [Conformance]") {
  configure("Mutating", "changing", hook("adding-configmap-data-stage-1.k8s.io", "/mutating-configmaps", kCreateMaps));
  Value document = get(path_of("Mutating", "changing"));
  document.ref("webhooks").mutable_item(0).ref("rules").mutable_item(0).set("operations", yaml("[UPDATE]"));
  put(path_of("Mutating", "changing"), document);
  CHECK_FALSE(post(kMaps, config_map("one"))["data"].has("mutation-stage-1"));
  json_patch(path_of("Mutating", "changing"),
             yaml("[{op: replace, path: /webhooks/0/rules/0/operations, value: [CREATE]}]"));
  CHECK(post(kMaps, config_map("two"))["data"]["mutation-stage-1"] == Value("yes"));
}

TEST_CASE_FIXTURE(
    HookRig,
    "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] listing validating webhooks should work "
    "[Conformance]") {
  for (int i = 0; i < 10; ++i)
    configure("Validating", "listed-" + std::to_string(i),
              hook("deny-unwanted-configmaps.k8s.io", "/configmaps", kCreateMaps), "{e2e-list-test-uuid: x}");
  const std::string selected = path_of("Validating") + "?labelSelector=e2e-list-test-uuid=x";
  CHECK(get(selected)["items"].size() == 10);
  refused(400, "POST", kMaps, yaml(config_map("bad", kUnwanted)));
  remove(selected);
  CHECK(get(selected)["items"].empty());
  post(kMaps, config_map("bad", kUnwanted));
}

TEST_CASE_FIXTURE(
    HookRig,
    "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] listing mutating webhooks should work "
    "[Conformance]") {
  for (int i = 0; i < 10; ++i)
    configure("Mutating", "listed-" + std::to_string(i),
              hook("adding-configmap-data-stage-1.k8s.io", "/mutating-configmaps", kCreateMaps),
              "{e2e-list-test-uuid: x}");
  const std::string selected = path_of("Mutating") + "?labelSelector=e2e-list-test-uuid=x";
  CHECK(get(selected)["items"].size() == 10);
  CHECK(post(kMaps, config_map("one"))["data"]["mutation-stage-1"] == Value("yes"));
  remove(selected);
  CHECK(get(selected)["items"].empty());
  CHECK_FALSE(post(kMaps, config_map("two"))["data"].has("mutation-stage-1"));
}

TEST_CASE_FIXTURE(HookRig,
                  "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should be able to create and update "
                  "validating webhook configurations with match conditions [Conformance]") {
  configure("Validating", "matching",
            hook("v.k8s.io", "/configmaps", kCreateMaps,
                 ", matchConditions: [{name: expression-1, expression: "
                 "\"object.metadata.namespace == 'default'\"}]"));
  const std::string path = path_of("Validating", "matching");
  Value document = get(path);
  CHECK(document["webhooks"][0]["matchConditions"] ==
        yaml("[{name: expression-1, expression: \"object.metadata.namespace == 'default'\"}]"));
  const Value more = yaml(
      "[{name: expression-1, expression: \"object.metadata.namespace == 'default'\"}, {name: "
      "expression-2, expression: \"object.metadata.name.startsWith('x')\"}]");
  document.ref("webhooks").mutable_item(0).set("matchConditions", more);
  put(path, document);
  CHECK(get(path)["webhooks"][0]["matchConditions"] == more);
}

TEST_CASE_FIXTURE(HookRig,
                  "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should be able to create and update "
                  "mutating webhook configurations with match conditions [Conformance]") {
  configure("Mutating", "matching",
            hook("m.k8s.io", "/mutating-configmaps", kCreateMaps,
                 ", matchConditions: [{name: expression-1, expression: "
                 "\"object.metadata.namespace == 'default'\"}]"));
  const std::string path = path_of("Mutating", "matching");
  Value document = get(path);
  CHECK(document["webhooks"][0]["matchConditions"].size() == 1);
  const Value more = yaml("[{name: expression-2, expression: \"object.metadata.namespace == 'other'\"}]");
  document.ref("webhooks").mutable_item(0).set("matchConditions", more);
  put(path, document);
  CHECK(get(path)["webhooks"][0]["matchConditions"] == more);
}
