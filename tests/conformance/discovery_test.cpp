// Discovery documents, plain and aggregated.
#include <doctest/doctest.h>

#include "core/base/strings.h"
#include "tests/conformance/rig.h"

using namespace drydock;
using namespace drydock::conformance;

namespace {

constexpr const char* kAggregatedTypes[] = {
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
};

// What every cluster serves: group, version, resource.
constexpr const char* kBuiltIn[][3] = {
    {"", "v1", "namespaces"},
    {"", "v1", "pods"},
    {"", "v1", "services"},
    {"", "v1", "configmaps"},
    {"apps", "v1", "deployments"},
    {"apps", "v1", "statefulsets"},
    {"batch", "v1", "jobs"},
    {"batch", "v1", "cronjobs"},
    {"autoscaling", "v2", "horizontalpodautoscalers"},
    {"autoscaling", "v1", "horizontalpodautoscalers"},
    {"admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations"},
    {"apiextensions.k8s.io", "v1", "customresourcedefinitions"},
    {"apiregistration.k8s.io", "v1", "apiservices"},
    {"certificates.k8s.io", "v1", "certificatesigningrequests"},
    {"coordination.k8s.io", "v1", "leases"},
    {"discovery.k8s.io", "v1", "endpointslices"},
    {"events.k8s.io", "v1", "events"},
    {"networking.k8s.io", "v1", "ingresses"},
    {"node.k8s.io", "v1", "runtimeclasses"},
    {"policy", "v1", "poddisruptionbudgets"},
    {"rbac.authorization.k8s.io", "v1", "roles"},
    {"scheduling.k8s.io", "v1", "priorityclasses"},
    {"storage.k8s.io", "v1", "storageclasses"},
};

// A resource in an aggregated document, or null.
Value find_aggregated(const Value& list, std::string_view group, std::string_view version, std::string_view resource) {
  for (const Value& item : list["items"].items()) {
    if (item["metadata"]["name"].as_string() != group) continue;
    return entry(entry(item["versions"], "version", version)["resources"], "resource", resource);
  }
  return {};
}

// As a client does: both roots, aggregated.
Value whole(Rig& rig, const std::string& accept) {
  Value list = rig.get("/api", accept);
  const Value groups = rig.get("/apis", accept);
  for (const Value& item : groups["items"].items()) list.ref("items").push_back(item);
  return list;
}

void check_built_in(const Value& list) {
  for (const auto& [group, version, resource] : kBuiltIn) {
    CAPTURE(group);
    CAPTURE(resource);
    const Value found = find_aggregated(list, group, version, resource);
    REQUIRE(found.is_object());
    CHECK(found["responseKind"]["group"] == Value(group));
    CHECK(found["responseKind"]["version"] == Value(version));
    CHECK_FALSE(found["responseKind"]["kind"].empty());
    CHECK_FALSE(found["verbs"].empty());
    CHECK_FALSE(found["singularResource"].empty());
  }
}

void define_widgets(Rig& rig) {
  rig.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", R"(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.aggregated.example.com}
spec:
  group: aggregated.example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd]}
  versions:
  - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
)");
}

bool has_widgets(const Value& list) {
  const Value found = find_aggregated(list, "aggregated.example.com", "v1", "widgets");
  return found["responseKind"]["kind"] == Value("Widget") && found["scope"] == Value("Namespaced");
}

}  // namespace

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] AggregatedDiscovery should support aggregated discovery interface "
                  "[Conformance]") {
  // client-go asks for v2, v2beta1 and plain discovery, in that order.
  const std::string accept = std::string(kAggregatedTypes[0]) + "," + kAggregatedTypes[1] + ",application/json";
  const Value list = whole(*this, accept);
  CHECK(list["kind"] == Value("APIGroupDiscoveryList"));
  CHECK(list["apiVersion"] == Value("apidiscovery.k8s.io/v2"));
  check_built_in(list);
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] AggregatedDiscovery should support aggregated discovery interface for CRDs "
                  "[Conformance]") {
  const std::string accept = std::string(kAggregatedTypes[0]) + "," + kAggregatedTypes[1] + ",application/json";
  CHECK_FALSE(has_widgets(whole(*this, accept)));
  define_widgets(*this);
  CHECK(eventually([&] { return has_widgets(whole(*this, accept)); }, seconds(30)));
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery endpoint Accept "
                  "headers [Conformance]") {
  for (const char* accept : kAggregatedTypes) {
    const Value list = whole(*this, accept);
    CHECK(list["kind"] == Value("APIGroupDiscoveryList"));
    check_built_in(list);
    for (const char* root : {"/api", "/apis"}) {
      HttpRequest request;
      request.path = root;
      request.headers.set("Accept", accept);
      CHECK(send(std::move(request)).headers.get("Content-Type") == accept);
    }
  }
  // Who does not ask for it gets what there always was.
  CHECK(get("/api")["kind"] == Value("APIVersions"));
  CHECK(get("/apis")["kind"] == Value("APIGroupList"));
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery request for CRDs "
                  "[Conformance]") {
  define_widgets(*this);
  for (const char* accept : kAggregatedTypes) {
    CAPTURE(accept);
    CHECK(eventually([&] { return has_widgets(get("/apis", accept)); }, seconds(30)));
  }
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] Discovery should locate the groupVersion and a resource within each APIGroup "
                  "[Conformance]") {
  const Value groups = get("/apis")["groups"];
  CHECK(groups.size() >= 15);
  std::vector<std::string> group_versions{"v1"};
  for (const Value& group : groups.items()) {
    for (const Value& version : group["versions"].items()) {
      CHECK(version["groupVersion"] == Value(group["name"].str() + "/" + version["version"].str()));
      group_versions.push_back(version["groupVersion"].str());
    }
  }
  for (const std::string& group_version : group_versions) {
    CAPTURE(group_version);
    const Value list = get((group_version == "v1" ? "/api/" : "/apis/") + group_version);
    CHECK(list["kind"] == Value("APIResourceList"));
    CHECK(list["groupVersion"] == Value(group_version));
    CHECK_FALSE(list["resources"].empty());
    for (const Value& resource : list["resources"].items()) {
      CAPTURE(resource["name"].str());
      CHECK_FALSE(resource["name"].empty());
      CHECK_FALSE(resource["kind"].empty());
      CHECK_FALSE(resource["verbs"].empty());
    }
  }
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] Discovery should validate PreferredVersion for each APIGroup [Conformance]") {
  const Value groups = get("/apis")["groups"];
  REQUIRE_FALSE(groups.empty());
  for (const Value& group : groups.items()) {
    const std::string name = group["name"].str();
    CAPTURE(name);
    if (name.ends_with(".example.com")) continue;
    const std::string preferred = group["preferredVersion"]["groupVersion"].str();
    const Value own = get("/apis/" + name);
    CHECK(own["kind"] == Value("APIGroup"));
    CHECK(own["preferredVersion"]["groupVersion"] == Value(preferred));
    CHECK(entry(own["versions"], "groupVersion", preferred).is_object());
  }
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] AdmissionWebhook [Privileged:ClusterAdmin] should include webhook resources in "
                  "discovery documents [Conformance]") {
  const Value group = entry(get("/apis")["groups"], "name", "admissionregistration.k8s.io");
  REQUIRE(group.is_object());
  CHECK(entry(group["versions"], "groupVersion", "admissionregistration.k8s.io/v1")["version"] == Value("v1"));
  CHECK(entry(get("/apis/admissionregistration.k8s.io")["versions"], "version", "v1").is_object());
  const Value resources = get("/apis/admissionregistration.k8s.io/v1")["resources"];
  CHECK(entry(resources, "name", "mutatingwebhookconfigurations").is_object());
  CHECK(entry(resources, "name", "validatingwebhookconfigurations").is_object());
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] CustomResourceDefinition resources [Privileged:ClusterAdmin] should include "
                  "custom resource definition resources in discovery documents [Conformance]") {
  const Value group = entry(get("/apis")["groups"], "name", "apiextensions.k8s.io");
  REQUIRE(group.is_object());
  CHECK(entry(group["versions"], "groupVersion", "apiextensions.k8s.io/v1")["version"] == Value("v1"));
  const Value own = get("/apis/apiextensions.k8s.io");
  CHECK(entry(own["versions"], "groupVersion", "apiextensions.k8s.io/v1").is_object());
  const Value resources = get("/apis/apiextensions.k8s.io/v1")["resources"];
  CHECK(entry(resources, "name", "customresourcedefinitions")["kind"] == Value("CustomResourceDefinition"));
}
