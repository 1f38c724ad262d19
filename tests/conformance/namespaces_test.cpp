// Namespaces: what can be written to them, and how they end.
#include <doctest/doctest.h>

#include "core/base/strings.h"
#include "tests/conformance/rig.h"

using namespace drydock;
using namespace drydock::conformance;

namespace {

const std::string kNamespaces = "/api/v1/namespaces";

std::string pod_named(const std::string& name, const std::string& metadata = "") {
  return "{apiVersion: v1, kind: Pod, metadata: {name: " + name + metadata +
         "}, spec: {containers: [{name: c, image: nginx}]}}";
}

bool lists(const Value& list, std::string_view wanted) {
  for (const Value& item : list.items()) {
    if (item.as_string() == wanted) return true;
  }
  return false;
}

}  // namespace

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] Namespaces [Serial] should apply a finalizer to a Namespace [Conformance]") {
  make_namespace("finalized");
  const std::string path = kNamespaces + "/finalized";
  Value document = get(path);
  document.ref("spec", "finalizers").push_back("e2e.example.com/fakeFinalizer");
  CHECK(lists(put(path + "/finalize", document)["spec"]["finalizers"], "e2e.example.com/fakeFinalizer"));
  CHECK(lists(get(path)["spec"]["finalizers"], "e2e.example.com/fakeFinalizer"));
  document = get(path);
  document.ref("spec", "finalizers") = Value::array({"kubernetes"});
  put(path + "/finalize", document);
  CHECK_FALSE(lists(get(path)["spec"]["finalizers"], "e2e.example.com/fakeFinalizer"));
  CHECK(lists(get(path)["spec"]["finalizers"], "kubernetes"));
  // The finalizer is a reason to stay.
  document = get(path);
  document.ref("spec", "finalizers").push_back("e2e.example.com/fakeFinalizer");
  put(path + "/finalize", document);
  remove(path);
  pass(seconds(30));
  CHECK(get(path)["status"]["phase"] == Value("Terminating"));
  document = get(path);
  document.ref("spec", "finalizers") = Value::array();
  put(path + "/finalize", document);
  CHECK(eventually([&] { return gone(path); }));
}

TEST_CASE_FIXTURE(Rig, "[sig-api-machinery] Namespaces [Serial] should apply an update to a Namespace [Conformance]") {
  make_namespace("updated");
  Value document = get(kNamespaces + "/updated");
  document.ref("metadata", "labels", "updated") = "yes";
  CHECK(put(kNamespaces + "/updated", document)["metadata"]["labels"]["updated"] == Value("yes"));
  const Value read = get(kNamespaces + "/updated");
  CHECK(read["metadata"]["labels"]["updated"] == Value("yes"));
  CHECK(read["metadata"]["labels"]["kubernetes.io/metadata.name"] == Value("updated"));
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] Namespaces [Serial] should apply changes to a namespace status [Conformance]") {
  make_namespace("stated");
  const std::string path = kNamespaces + "/stated/status";
  CHECK(get(path)["status"]["phase"] == Value("Active"));
  const Value patched = merge(path,
                              "{metadata: {annotations: {e2e-patched-ns-status: stated}}, status: {conditions: [{type: "
                              "StatusPatch, status: 'True', reason: E2E, message: Patched by an e2e test}]}}");
  CHECK(patched["metadata"]["annotations"]["e2e-patched-ns-status"] == Value("stated"));
  CHECK(entry(patched["status"]["conditions"], "type", "StatusPatch")["message"] == Value("Patched by an e2e test"));
  CHECK(patched["status"]["phase"] == Value("Active"));
  Value updated = get(path);
  updated.ref("status", "conditions")
      .push_back(yaml("{type: StatusUpdate, status: 'True', reason: E2E, message: Updated by an e2e test}"));
  updated = put(path, updated);
  const Value conditions = get(kNamespaces + "/stated")["status"]["conditions"];
  CHECK(conditions == updated["status"]["conditions"]);
  CHECK(entry(conditions, "type", "StatusUpdate")["message"] == Value("Updated by an e2e test"));
  CHECK(entry(conditions, "type", "StatusPatch")["status"] == Value("True"));
}

TEST_CASE_FIXTURE(Rig, "[sig-api-machinery] Namespaces [Serial] should patch a Namespace [Conformance]") {
  make_namespace("patched");
  merge(kNamespaces + "/patched", "{metadata: {labels: {testLabel: testValue}}}");
  CHECK(get(kNamespaces + "/patched")["metadata"]["labels"]["testLabel"] == Value("testValue"));
  strategic(kNamespaces + "/patched", yaml("{metadata: {labels: {other: value}}}"));
  const Value labels = get(kNamespaces + "/patched")["metadata"]["labels"];
  CHECK(labels["testLabel"] == Value("testValue"));
  CHECK(labels["other"] == Value("value"));
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] Namespaces [Serial] should ensure that all pods are removed when a namespace is "
                  "deleted [Conformance]") {
  add_nodes(1);
  make_namespace("nsdelete");
  const std::string pods = kNamespaces + "/nsdelete/pods";
  post(pods, pod_named("test-pod"));
  REQUIRE(eventually([&] { return get(pods + "/test-pod")["status"]["phase"] == Value("Running"); }));
  remove(kNamespaces + "/nsdelete");
  // Nothing new comes while it ends.
  const Value late = refused(403, "POST", pods, yaml(pod_named("late")));
  CHECK(late["message"].as_string().ends_with(
      "unable to create new content in namespace nsdelete because it is being terminated"));
  CHECK(entry(late["details"]["causes"], "reason", "NamespaceTerminating")["message"] ==
        Value("namespace nsdelete is being terminated"));
  CHECK(eventually([&] { return gone(kNamespaces + "/nsdelete"); }));
  make_namespace("nsdelete");
  CHECK(get(pods)["items"].empty());
}

TEST_CASE_FIXTURE(
    Rig,
    "[sig-api-machinery] Namespaces [Serial] should ensure that all services are removed when a namespace "
    "is deleted [Conformance]") {
  make_namespace("nsdelete");
  const std::string services = kNamespaces + "/nsdelete/services";
  post(services,
       "{apiVersion: v1, kind: Service, metadata: {name: test-service}, spec: {selector: {a: b}, ports: [{port: "
       "80}]}}");
  remove(kNamespaces + "/nsdelete");
  CHECK(eventually([&] { return gone(kNamespaces + "/nsdelete"); }));
  make_namespace("nsdelete");
  CHECK(get(services)["items"].empty());
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] OrderedNamespaceDeletion namespace deletion should delete pod first "
                  "[Conformance]") {
  add_nodes(1);
  make_namespace("ordered");
  const std::string ns = kNamespaces + "/ordered";
  const std::string finalizers = ", finalizers: [e2e.example.com/finalizer]";
  post(ns + "/pods", pod_named("testpod", finalizers));
  post(ns + "/configmaps",
       "{apiVersion: v1, kind: ConfigMap, metadata: {name: testcm" + finalizers + "}, data: {a: b}}");
  remove(ns);
  REQUIRE(eventually([&] { return get(ns + "/pods/testpod")["metadata"].has("deletionTimestamp"); }));
  // As long as the pod is there, nothing else goes.
  pass(seconds(60));
  CHECK_FALSE(get(ns + "/configmaps/testcm")["metadata"].has("deletionTimestamp"));
  const Value conditions = get(ns)["status"]["conditions"];
  CHECK(entry(conditions, "type", "NamespaceContentRemaining")["message"] ==
        Value("Some resources are remaining: pods. has 1 resource instances"));
  CHECK(entry(conditions, "type", "NamespaceDeletionContentFailure")["status"] == Value("False"));
  json_patch(ns + "/pods/testpod", yaml("[{op: remove, path: /metadata/finalizers}]"));
  REQUIRE(eventually([&] { return gone(ns + "/pods/testpod"); }));
  CHECK(eventually([&] { return get(ns + "/configmaps/testcm")["metadata"].has("deletionTimestamp"); }));
  json_patch(ns + "/configmaps/testcm", yaml("[{op: remove, path: /metadata/finalizers}]"));
  CHECK(eventually([&] { return gone(ns); }));
}
