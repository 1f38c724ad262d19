// Subresources: eviction and budgets, tokens, logs' options, ephemeral containers, resize,
// reviews, impersonation.
#include "tests/apiserver/server_rig.h"

using namespace drydock;
using drydock::testing::ServerRig;
using drydock::testing::status_text;

namespace {

const std::string kPods = "/api/v1/namespaces/default/pods";
const std::string kBudgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
const std::string kMerge = "application/merge-patch+json";

void make_pod(ServerRig& rig, const std::string& name) {
  rig.made(kPods,
           "{metadata: {name: " + name +
               ", labels: {app: web}}, spec: {containers: [{name: a, image: i, resources: {requests: {cpu: 100m}, "
               "limits: {cpu: 200m}}}]}}");
  REQUIRE(rig.admin("PATCH", kPods + "/" + name + "/status",
                    "{status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}}", kMerge)
              .status == 200);
}

}  // namespace

TEST_CASE_FIXTURE(ServerRig, "evictions spend what a budget allows") {
  for (const char* name : {"a", "b"}) make_pod(*this, name);
  const auto evict = [&](const std::string& name) {
    return admin("POST", kPods + "/" + name + "/eviction",
                 "{apiVersion: policy/v1, kind: Eviction, metadata: {name: " + name + "}}");
  };
  made(kBudgets, "{metadata: {name: web}, spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}}");
  const HttpResponse early = evict("a");
  CHECK(status_text(early) == "429 TooManyRequests: Cannot evict pod as it would violate the pod's disruption budget.");
  CHECK(early.headers.get("Retry-After") == "10");
  CHECK(early.body.document["details"]["causes"][0]["message"].as_string() ==
        "The disruption budget web is still being processed by the server.");
  REQUIRE(admin("PATCH", kBudgets + "/web/status",
                "{status: {observedGeneration: 1, disruptionsAllowed: 1, desiredHealthy: 1, currentHealthy: 2, "
                "expectedPods: 2}}",
                kMerge)
              .status == 200);
  CHECK(evict("a").status == 201);
  const Value status = admin("GET", kBudgets + "/web").body.document["status"];
  CHECK(status["disruptionsAllowed"].as_int() == 0);
  CHECK(status["disruptedPods"].has("a"));
  const HttpResponse refused = evict("b");
  CHECK(refused.status == 429);
  CHECK(refused.body.document["details"]["causes"][0]["reason"].as_string() == "DisruptionBudget");
  CHECK(refused.body.document["details"]["causes"][0]["message"].as_string() ==
        "The disruption budget web needs 1 healthy pods and has 2 currently");
  made(kBudgets, "{metadata: {name: more}, spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}}");
  CHECK(status_text(evict("b")) ==
        "500 InternalError: This pod has more than one PodDisruptionBudget, which the eviction subresource does not "
        "support.");
  CHECK(admin("POST", kPods + "/b/eviction", "{metadata: {name: a}}").status == 400);
}

TEST_CASE_FIXTURE(ServerRig, "what may be asked of a log") {
  make_pod(*this, "web");
  const struct {
    const char* query;
    const char* says;
  } rows[] = {
      {"tailLines=-1",
       "422 Invalid: PodLogOptions \"web\" is invalid: tailLines: Invalid value: -1: must be greater than or equal to "
       "0"},
      {"limitBytes=0",
       "422 Invalid: PodLogOptions \"web\" is invalid: limitBytes: Invalid value: 0: must be greater than 0"},
      {"sinceSeconds=0",
       "422 Invalid: PodLogOptions \"web\" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0"},
      {"container=nope", "400 BadRequest: container nope is not valid for pod web"},
  };
  for (const auto& row : rows) {
    const bool placed = std::string_view(row.query).starts_with("container");
    if (placed) REQUIRE(admin("POST", kPods + "/web/binding", "{target: {kind: Node, name: n}}").status == 201);
    CHECK(status_text(admin("GET", kPods + "/web/log?" + row.query)) == row.says);
    if (!placed) CHECK(admin("GET", kPods + "/web/log").status == 200);
  }
}

TEST_CASE_FIXTURE(ServerRig, "parts of a pod that change by a way of their own") {
  make_pod(*this, "web");
  const std::string debug = kPods + "/web/ephemeralcontainers";
  const HttpResponse added =
      admin("PATCH", debug, "{spec: {nodeName: other, ephemeralContainers: [{name: dbg, image: busybox}]}}", kMerge);
  CHECK(added.status == 200);
  CHECK(added.body.document["spec"]["ephemeralContainers"][0]["name"].as_string() == "dbg");
  CHECK(added.body.document["spec"]["nodeName"].empty());
  CHECK(added.body.document["metadata"]["generation"].as_int() == 2);
  CHECK(contains(
      status_text(admin("PATCH", debug, "{spec: {ephemeralContainers: [{name: x, image: i}]}}", kMerge)),
      "422 Invalid: Pod \"web\" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers "
      "\"dbg\" may not be removed"));
  CHECK(contains(
      status_text(admin("PATCH", debug, "[{op: add, path: /spec/ephemeralContainers/-, value: {name: a, image: i}}]",
                        "application/json-patch+json")),
      "spec.ephemeralContainers[1].name: Duplicate value: \"a\""));
  const std::string resize = kPods + "/web/resize";
  const HttpResponse grown =
      admin("PATCH", resize, "[{op: replace, path: /spec/containers/0/resources/requests/cpu, value: 150m}]",
            "application/json-patch+json");
  CHECK(grown.body.document["spec"]["containers"][0]["resources"]["requests"]["cpu"].as_string() == "150m");
  CHECK(contains(status_text(admin("PATCH", resize, "[{op: replace, path: /spec/containers/0/resources, value: {}}]",
                                   "application/json-patch+json")),
                 "Pod QOS Class may not change as a result of resizing"));
}

TEST_CASE_FIXTURE(ServerRig, "tokens are bound to what there is") {
  const std::string path = "/api/v1/namespaces/default/serviceaccounts/default/token";
  make_pod(*this, "web");
  made("/api/v1/namespaces/default/serviceaccounts", "{metadata: {name: other}}");
  CHECK(status_text(admin("POST", path, "{spec: {expirationSeconds: 5}}")) ==
        "500 InternalError: Internal error occurred: no service account signing key");
}

TEST_CASE("tokens: durations and bound objects") {
  ApiServerOptions options;
  options.credentials.sign_token = [](const Value& claims) { return Value(dump_json(claims)); };
  ServerRig rig(std::move(options));
  make_pod(rig, "web");
  rig.made("/api/v1/namespaces/default/serviceaccounts", "{metadata: {name: other}}");
  const auto ask = [&](const std::string& account, const std::string& spec) {
    return rig.admin("POST", "/api/v1/namespaces/default/serviceaccounts/" + account + "/token",
                     "{spec: {" + spec + "}}");
  };
  CHECK(contains(status_text(ask("default", "expirationSeconds: 5")),
                 "spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes"));
  CHECK(status_text(ask("other", "boundObjectRef: {apiVersion: v1, kind: Pod, name: web}")) ==
        "400 BadRequest: cannot bind token for serviceaccount \"other\" to pod running with different serviceaccount "
        "name.");
  CHECK(status_text(ask("default", "boundObjectRef: {apiVersion: v1, kind: Pod, name: gone}")) ==
        "404 NotFound: pods \"gone\" not found");
  const HttpResponse good = ask("default", "boundObjectRef: {apiVersion: v1, kind: Pod, name: web}");
  CHECK(good.status == 201);
  CHECK(contains(good.body.document["status"]["token"].as_string(), R"("pod":{"name":"web")"));
}

TEST_CASE_FIXTURE(ServerRig, "reviews say why") {
  const std::string rbac = "/apis/rbac.authorization.k8s.io/v1";
  made(rbac + "/clusterrolebindings",
       "{metadata: {name: viewers}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "
       "system:node-problem-detector}, subjects: [{kind: User, name: tom, apiGroup: rbac.authorization.k8s.io}]}");
  const auto review = [&](const std::string& verb) {
    return admin("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews",
                 "{spec: {user: tom, resourceAttributes: {verb: " + verb + ", resource: nodes}}}")
        .body.document["status"];
  };
  CHECK(
      dump_json(review("get")) ==
      R"({"allowed":true,"reason":"RBAC: allowed by ClusterRoleBinding \"viewers\" of ClusterRole \"system:node-problem-detector\" to User \"tom\""})");
  CHECK(dump_json(review("delete")) == R"({"allowed":false})");
}
