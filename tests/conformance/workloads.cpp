#include "tests/conformance/workloads.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/base/strings.h"

namespace drydock::conformance {

std::string workload(const std::string& kind, const std::string& name, int replicas, const std::string& spec,
                     const std::string& image) {
  return "{apiVersion: apps/v1, kind: " + kind + ", metadata: {name: " + name + ", labels: {app: " + name +
         "}}, spec: {" + (kind == "DaemonSet" ? "" : "replicas: " + std::to_string(replicas) + ", ") +
         "selector: {matchLabels: {app: " + name + "}}, template: {metadata: {labels: {app: " + name +
         "}}, spec: {containers: [{name: c, image: '" + image + "'}]}}" + spec + "}}";
}

std::string controller(const std::string& name, int replicas, const std::string& image) {
  return "{apiVersion: v1, kind: ReplicationController, metadata: {name: " + name + ", labels: {app: " + name +
         "}}, spec: {replicas: " + std::to_string(replicas) + ", selector: {app: " + name +
         "}, template: {metadata: {labels: {app: " + name + "}}, spec: {containers: [{name: c, image: '" + image +
         "'}]}}}}";
}

std::vector<Value> WorkloadRig::pods(const std::string& name) {
  const Value list = get(kPodsHere + "?labelSelector=app=" + name);
  return {list["items"].items().begin(), list["items"].items().end()};
}

void WorkloadRig::check_status(const std::string& path, const std::string& kind) {
  const Value before = get(path + "/status");
  CHECK(before["kind"] == Value(kind));
  Watching watching =
      watch(path.substr(0, path.rfind('/')) + "?fieldSelector=metadata.name=" + before["metadata"]["name"].str());
  const char* condition = "type: StatusUpdate, status: 'True', reason: E2E, message: Set from e2e test";
  // Controllers write it too: whoever comes late tries again.
  HttpResponse written;
  for (int attempt = 0; attempt < 5; ++attempt) {
    Value next = get(path + "/status");
    next.ref("status", "conditions").push_back(yaml(std::string("{") + condition + "}"));
    written = send("PUT", path + "/status", next);
    if (written.status != 409) break;
  }
  REQUIRE(written.status == 200);
  CHECK(entry(written.body.document["status"]["conditions"], "type", "StatusUpdate")["reason"] == Value("E2E"));
  bool seen = false;
  for (int i = 0; i < 20 && !seen; ++i) {
    const Value event = watching.next(seconds(5));
    if (event.is_null()) break;
    seen = entry(event["object"]["status"]["conditions"], "type", "StatusUpdate").is_object();
  }
  CHECK(seen);
  const Value patched = merge(
      path + "/status",
      "{metadata: {annotations: {patched: 'yes'}}, status: {conditions: [{type: StatusPatched, status: 'True'}]}}");
  CHECK(entry(patched["status"]["conditions"], "type", "StatusPatched")["status"] == Value("True"));
  CHECK(patched["metadata"]["annotations"]["patched"] == Value("yes"));
  CHECK(patched["spec"] == before["spec"]);
}

void WorkloadRig::check_scale(const std::string& path, int from, int to, int patched) {
  Value scale = get(path + "/scale");
  CHECK(scale["kind"] == Value("Scale"));
  CHECK(scale["apiVersion"] == Value("autoscaling/v1"));
  CHECK(scale["spec"]["replicas"].as_int() == from);
  CHECK(scale["status"]["replicas"].as_int() == from);
  CHECK_FALSE(scale["status"]["selector"].empty());
  scale.ref("metadata", "resourceVersion") = "";
  scale.ref("spec", "replicas") = to;
  CHECK(put(path + "/scale", scale)["spec"]["replicas"].as_int() == to);
  CHECK(get(path)["spec"]["replicas"].as_int() == to);
  CHECK(eventually([&] { return get(path + "/scale")["status"]["replicas"].as_int() == to; }));
  CHECK(merge(path + "/scale", "{spec: {replicas: " + std::to_string(patched) + "}}")["spec"]["replicas"].as_int() ==
        patched);
  CHECK(get(path)["spec"]["replicas"].as_int() == patched);
  CHECK(eventually([&] { return get(path + "/scale")["status"]["replicas"].as_int() == patched; }));
}

void WorkloadRig::check_collection(const std::string& resources, const std::string& selected) {
  const std::string query = "?labelSelector=" + selected;
  CHECK(get(resources + query)["items"].size() == 1);
  remove(resources + query);
  CHECK(eventually([&] { return get(resources + query)["items"].empty(); }));
}

void WorkloadRig::check_release(const std::string& name, std::size_t replicas) {
  const std::string path = kPodsHere + "/" + pods(name).front()["metadata"]["name"].str();
  merge(path, "{metadata: {labels: {app: released}}}");
  CHECK(eventually([&] {
    for (const Value& owner : items_of(get(path)["metadata"]["ownerReferences"])) {
      if (owner["controller"].as_bool()) return false;
    }
    return true;
  }));
  CHECK(until_ready(name, replicas));
}

}  // namespace drydock::conformance
