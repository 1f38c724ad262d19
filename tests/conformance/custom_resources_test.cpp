// CustomResourceDefinitions: they come, change, and go; what they default and keep.
#include <doctest/doctest.h>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "tests/conformance/custom.h"

using namespace drydock;
using namespace drydock::conformance;

TEST_CASE_FIXTURE(
    Rig,
    "[sig-api-machinery] CustomResourceDefinition Watch [Privileged:ClusterAdmin] CustomResourceDefinition "
    "Watch watch on custom resource definition objects [Conformance]") {
  define(*this, {"noxus"});
  const std::string noxus = "/apis/" + kGroup + "/v1/noxus";
  Watching a = watch(noxus + "?fieldSelector=metadata.name=name1");
  Watching b = watch(noxus + "?fieldSelector=metadata.name=name2");
  const auto instance = [](const std::string& name) {
    return custom("noxus", name, "{content: {key: value}, num: {num1: 9223372036854775807, num2: 1000000}}");
  };
  post(noxus, instance("name1"));
  Value event = a.next();
  CHECK(event["type"] == Value("ADDED"));
  CHECK(event["object"]["num"]["num1"].as_int() == 9223372036854775807);
  CHECK(b.next(seconds(3)).is_null());
  post(noxus, instance("name2"));
  CHECK(b.next()["type"] == Value("ADDED"));
  merge(noxus + "/name1", "{dummy: test}");
  event = a.next();
  CHECK(event["type"] == Value("MODIFIED"));
  CHECK(event["object"]["dummy"] == Value("test"));
  merge(noxus + "/name2", "{dummy: test}");
  CHECK(b.next()["type"] == Value("MODIFIED"));
  remove(noxus + "/name1");
  event = a.next();
  CHECK(event["type"] == Value("DELETED"));
  CHECK(event["object"]["metadata"]["name"] == Value("name1"));
  remove(noxus + "/name2");
  CHECK(b.next()["type"] == Value("DELETED"));

  // The definitions themselves, too.
  Watching definitions = watch(kDefinitions);
  CHECK_FALSE(definitions.until("ADDED", "noxus." + kGroup).is_null());
  define(*this, {"others"});
  CHECK_FALSE(definitions.until("ADDED", "others." + kGroup).is_null());
  merge(kDefinitions + "/others." + kGroup, "{metadata: {labels: {a: b}}}");
  CHECK(definitions.until("MODIFIED", "others." + kGroup)["object"]["metadata"]["labels"]["a"] == Value("b"));
  remove(kDefinitions + "/others." + kGroup);
  CHECK_FALSE(definitions.until("DELETED", "others." + kGroup).is_null());
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple "
                  "CustomResourceDefinition creating/deleting custom resource definition objects works [Conformance]") {
  const Value made = define(*this, {"widgets"});
  CHECK(made["metadata"]["generation"].as_int() == 1);
  const std::string widgets = "/apis/" + kGroup + "/v1/widgets";
  post(widgets, custom("widgets", "one", "{}"));
  remove(kDefinitions + "/widgets." + kGroup);
  CHECK(eventually([&] { return gone(kDefinitions + "/widgets." + kGroup) && gone(widgets); }));
  // What it held is gone with it.
  define(*this, {"widgets"});
  CHECK(get(widgets)["items"].empty());
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple "
                  "CustomResourceDefinition listing custom resource definition objects works [Conformance]") {
  define(*this, {"unlabelled"});
  for (int i = 0; i < 10; ++i) {
    const std::string plural = "labelled" + std::to_string(i);
    define(*this, {plural});
    merge(kDefinitions + "/" + plural + "." + kGroup, "{metadata: {labels: {e2e-list-test-uuid: x}}}");
  }
  const std::string selected = kDefinitions + "?labelSelector=e2e-list-test-uuid=x";
  const Value list = get(selected);
  CHECK(list["items"].size() == 10);
  for (const Value& item : list["items"].items()) CHECK(item["metadata"]["name"].as_string().starts_with("labelled"));
  remove(selected);
  CHECK(eventually([&] { return get(selected)["items"].empty(); }));
  CHECK_FALSE(gone(kDefinitions + "/unlabelled." + kGroup));
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple "
                  "CustomResourceDefinition getting/updating/patching custom resource definition status sub-resource "
                  "works [Conformance]") {
  define(*this, {"stated"});
  const std::string path = kDefinitions + "/stated." + kGroup;
  Value status = get(path + "/status");
  CHECK(status["kind"] == Value("CustomResourceDefinition"));
  CHECK(entry(status["status"]["conditions"], "type", "Established")["status"] == Value("True"));
  const char* updated = "{type: StatusUpdate, status: 'True', reason: E2E, message: Set from e2e test}";
  status.ref("status", "conditions").push_back(yaml(updated));
  CHECK(entry(put(path + "/status", status)["status"]["conditions"], "type", "StatusUpdate")["message"] ==
        Value("Set from e2e test"));
  const Value patched = json_patch(path + "/status", yaml("[{op: add, path: /status/conditions/-, value: {type: "
                                                          "StatusPatched, status: 'True', reason: E2E, message: Set "
                                                          "by patch}}]"));
  CHECK(entry(patched["status"]["conditions"], "type", "StatusPatched")["message"] == Value("Set by patch"));
  const Value read = get(path);
  for (const char* type : {"Established", "NamesAccepted", "StatusUpdate", "StatusPatched"})
    CHECK_MESSAGE(entry(read["status"]["conditions"], "type", type)["status"] == Value("True"), type);
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] custom resource "
                  "defaulting for requests and from storage works [Conformance]") {
  Definition definition{"defaulted"};
  definition.schema = "{type: object, properties: {a: {type: string}, b: {type: string}}}";
  define(*this, definition);
  const std::string path = kDefinitions + "/defaulted." + kGroup;
  const std::string instances = "/apis/" + kGroup + "/v1/defaulted";
  Value first = post(instances, custom("defaulted", "foo", "{}"));
  CHECK_FALSE(first.has("a"));
  // With a default, what was stored without it is read with it.
  const std::string schema = "/spec/versions/0/schema/openAPIV3Schema/properties";
  json_patch(path, yaml("[{op: add, path: " + schema + "/a/default, value: A}]"));
  CHECK(eventually([&] { return get(instances + "/foo")["a"] == Value("A"); }));
  CHECK_FALSE(get(instances + "/foo").has("b"));
  CHECK(get(instances)["items"][0]["a"] == Value("A"));
  // New ones are stored with it.
  const Value second = post(instances, custom("defaulted", "bar", "{}"));
  CHECK(second["a"] == Value("A"));
  CHECK_FALSE(second.has("b"));
  json_patch(path, yaml("[{op: remove, path: " + schema + "/a/default}, {op: add, path: " + schema +
                        "/b/default, value: B}]"));
  CHECK(eventually([&] { return get(instances + "/bar")["b"] == Value("B"); }));
  CHECK(get(instances + "/bar")["a"] == Value("A"));
  CHECK_FALSE(get(instances + "/foo").has("a"));
  CHECK(get(instances + "/foo")["b"] == Value("B"));
}
