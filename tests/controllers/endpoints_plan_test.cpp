#include "core/controllers/network/endpoints_plan.h"

#include "doctest/doctest.h"
#include "tests/controllers/fixtures.h"

using namespace drydock;
using namespace drydock::controllers;
using namespace drydock::controllers::fixtures;

namespace {

Object service(
    const char* spec =
        "{clusterIP: 10.96.0.9, selector: {app: web}, ports: [{port: 80, targetPort: http, protocol: TCP}]}") {
  return yaml(std::string("{metadata: {name: web, namespace: default, uid: svc}, spec: ") + spec + "}");
}

PodView& web_pod(Pods& pods, const std::string& name, const std::string& ip) {
  PodView& pod = pods.add(name);
  Value& doc = pod.object.mutable_doc();
  doc.ref("status").set("podIP", ip);
  doc.ref("status").set("podIPs", Value::array({Value::object({{"ip", ip}})}));
  doc.ref("spec").set("containers", parse_yaml("[{name: c, ports: [{name: http, containerPort: 8080}]}]").value());
  return pod;
}

std::string no_zone(const std::string&) { return ""; }

}  // namespace

TEST_CASE("Endpoints: ready and not ready addresses, named target ports") {
  Pods pods;
  web_pod(pods, "a", "10.244.1.2");
  web_pod(pods, "b", "10.244.1.3").ready = false;
  web_pod(pods, "c", "10.244.1.4").deleting = true;
  const Object endpoints = plan_endpoints(service(), pods.refer(), Object());
  const Value& subset = endpoints.doc()["subsets"][0];
  REQUIRE(endpoints.doc()["subsets"].size() == 1);
  REQUIRE(subset["addresses"].size() == 1);
  CHECK(subset["addresses"][0]["ip"].as_string() == "10.244.1.2");
  CHECK(subset["addresses"][0].get("targetRef", "name").as_string() == "a");
  REQUIRE(subset["notReadyAddresses"].size() == 1);
  CHECK(subset["ports"][0]["port"].as_int() == 8080);
  CHECK(endpoints.label("endpoints.kubernetes.io/managed-by") == "endpoint-controller");
  CHECK(plan_endpoints(service(), pods.refer(), endpoints) == endpoints);
}

TEST_CASE("EndpointSlices: conditions, 100 a slice, changes touch one slice") {
  Pods pods;
  for (int i = 0; i < 150; ++i) web_pod(pods, "p" + std::to_string(i), "10.244.1." + std::to_string(i));
  SlicePlan plan = plan_slices(service(), pods.refer(), {}, no_zone);
  REQUIRE(plan.creates.size() == 2);
  CHECK(plan.creates[0].doc()["endpoints"].size() == 100);
  CHECK(plan.creates[0].label("kubernetes.io/service-name") == "web");
  CHECK(plan.creates[0].doc()["ports"][0]["port"].as_int() == 8080);
  std::vector<Object> slices = plan.creates;
  slices[0].mutable_doc().ref("metadata").set("name", "web-aaaaa");
  slices[1].mutable_doc().ref("metadata").set("name", "web-bbbbb");
  SlicePlan same = plan_slices(service(), pods.refer(), slices, no_zone);
  CHECK(same.creates.empty());
  CHECK(same.updates.empty());
  CHECK(same.deletes.empty());
  web_pod(pods, "new", "10.244.2.1");
  SlicePlan one_more = plan_slices(service(), pods.refer(), slices, no_zone);
  CHECK(one_more.creates.empty());
  REQUIRE(one_more.updates.size() == 1);
  CHECK(one_more.updates[0].name() == "web-bbbbb");
}

TEST_CASE("a Service without pods keeps one empty slice; a terminating pod serves on") {
  const SlicePlan empty = plan_slices(service(), {}, {}, no_zone);
  REQUIRE(empty.creates.size() == 1);
  CHECK(empty.creates[0].doc()["endpoints"].empty());
  CHECK(plan_slices(service(), {}, empty.creates, no_zone).creates.empty());
  Pods pods;
  web_pod(pods, "a", "10.244.1.2").deleting = true;
  const SlicePlan leaving = plan_slices(service(), pods.refer(), empty.creates, no_zone);
  REQUIRE(leaving.creates.size() == 1);
  const Value& conditions = leaving.creates[0].doc()["endpoints"][0]["conditions"];
  CHECK_FALSE(conditions["ready"].as_bool(true));
  CHECK(conditions["serving"].as_bool());
  CHECK(conditions["terminating"].as_bool());
  CHECK(leaving.deletes.size() == 1);
}
