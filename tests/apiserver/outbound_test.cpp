// What the API server passes on: aggregated APIs, proxied ports; and what it records.
#include "core/apiserver/access/audit.h"
#include "tests/apiserver/server_rig.h"

using namespace drydock;
using drydock::testing::ServerRig;
using drydock::testing::status_text;

namespace {

// A server behind an APIService: says what it serves, and what it was asked.
class Extension final : public HttpHandler {
 public:
  bool broken = false;
  std::vector<HttpRequest> asked;
  Task<HttpResponse> handle(HttpRequest request) override {
    asked.push_back(request);
    HttpResponse out;
    if (broken) {
      out.status = 500;
      out.body.bytes = "broken";
    } else if (request.path == "/apis/metrics.example.com/v1") {
      out.body.document = *parse_yaml(
          "{kind: APIResourceList, apiVersion: v1, groupVersion: metrics.example.com/v1, resources: [{name: loads, "
          "singularName: load, namespaced: true, kind: Load, verbs: [get, list]}]}");
    } else {
      out.body.document = Value::object({{"kind", "LoadList"}, {"path", request.path}});
    }
    co_return out;
  }
};

Value condition_of(ServerRig& rig, const std::string& name) {
  return rig.admin("GET", "/apis/apiregistration.k8s.io/v1/apiservices/" + name)
      .body.document["status"]["conditions"][0];
}

}  // namespace

TEST_CASE_FIXTURE(ServerRig, "an aggregated API is looked at, listed and asked as the user") {
  Extension extension;
  made("/apis/apiregistration.k8s.io/v1/apiservices",
       "{metadata: {name: v1.metrics.example.com}, spec: {group: metrics.example.com, version: v1, "
       "groupPriorityMinimum: "
       "100, versionPriority: 100, insecureSkipTLSVerify: true, service: {namespace: default, name: ext, port: 443}}}");
  settle(seconds(1));
  CHECK(condition_of(*this, "v1.metrics.example.com")["reason"].as_string() == "ServiceNotFound");
  CHECK(condition_of(*this, "v1.metrics.example.com")["message"].as_string() ==
        "service/ext in \"default\" is not present");
  const std::string loads = "/apis/metrics.example.com/v1/namespaces/default/loads";
  const HttpResponse away = admin("GET", loads);
  CHECK(away.status == 503);
  CHECK(away.body.bytes == "service unavailable\n");
  const Value service = made("/api/v1/namespaces/default/services",
                             "{metadata: {name: ext}, spec: {ports: [{port: 443, targetPort: 8443}]}}");
  settle(seconds(31));
  CHECK(condition_of(*this, "v1.metrics.example.com")["reason"].as_string() == "MissingEndpoints");
  made(
      "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
      "{metadata: {name: ext-1, labels: {kubernetes.io/service-name: ext}}, addressType: IPv4, endpoints: [{addresses: "
      "[10.244.0.9], conditions: {ready: true}}], ports: [{port: 8443}]}");
  settle(seconds(31));
  CHECK(condition_of(*this, "v1.metrics.example.com")["reason"].as_string() == "FailedDiscoveryCheck");
  transport.listen(service["spec"]["clusterIP"].str(), 443, extension);
  settle(seconds(31));
  CHECK(condition_of(*this, "v1.metrics.example.com")["message"].as_string() == "all checks passed");
  const HttpResponse answer = ask("mia,system:masters", "GET", loads);
  CHECK(answer.body.document["path"].as_string() == loads);
  const HttpHeaders& headers = extension.asked.back().headers;
  CHECK(headers.get("X-Remote-User") == "mia");
  CHECK(headers.get("X-Remote-Group") == "system:masters");
  CHECK_FALSE(headers.has("Authorization"));
  const Value groups = admin("GET", "/apis").body.document["groups"];
  CHECK(groups[groups.size() - 1]["name"].as_string() == "metrics.example.com");
  // It is a right like others to ask there.
  CHECK(ask("tom", "GET", loads).status == 403);
  extension.broken = true;
  settle(seconds(31));
  CHECK(condition_of(*this, "v1.metrics.example.com")["reason"].as_string() == "FailedDiscoveryCheck");
}

TEST_CASE_FIXTURE(ServerRig, "ports of pods and services are reached through the server") {
  Extension page;
  made(
      "/api/v1/namespaces/default/pods",
      "{metadata: {name: web}, spec: {containers: [{name: a, image: i, ports: [{name: http, containerPort: 8080}]}]}}");
  REQUIRE(admin("PATCH", "/api/v1/namespaces/default/pods/web/status", "{status: {podIP: 10.244.0.9}}",
                "application/merge-patch+json")
              .status == 200);
  const auto path_of = [&](const std::string& path) { return admin("GET", path).body.document["path"].str(); };
  CHECK(status_text(admin("GET", "/api/v1/namespaces/default/pods/web/proxy/")) ==
        "503 ServiceUnavailable: error trying to reach service: dial tcp 10.244.0.9:8080: connect: connection refused");
  transport.listen("10.244.0.9", 8080, page);
  CHECK(path_of("/api/v1/namespaces/default/pods/web/proxy/a/b") == "/a/b");
  CHECK(path_of("/api/v1/namespaces/default/pods/http:web:http/proxy/") == "/");
  made("/api/v1/namespaces/default/services",
       "{metadata: {name: web}, spec: {ports: [{name: main, port: 80, targetPort: http}]}}");
  CHECK(status_text(admin("GET", "/api/v1/namespaces/default/services/web:main/proxy/")) ==
        "503 ServiceUnavailable: no endpoints available for service \"web\"");
  made(
      "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices",
      "{metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}, addressType: IPv4, endpoints: [{addresses: "
      "[10.244.0.9], conditions: {ready: true}}], ports: [{name: main, port: 8080}]}");
  CHECK(path_of("/api/v1/namespaces/default/services/web:80/proxy/x") == "/x");
  CHECK(path_of("/api/v1/namespaces/default/services/web/proxy/x") == "/x");
  CHECK(status_text(admin("GET", "/api/v1/namespaces/default/services/none/proxy/")) ==
        "404 NotFound: services \"none\" not found");
}

TEST_CASE("the audit log records what its policy says") {
  std::vector<Value> events;
  ApiServerOptions options;
  options.audit_policy = *parse_yaml(
      "{apiVersion: audit.k8s.io/v1, kind: Policy, omitStages: [RequestReceived], rules: [{level: None, users: "
      "[quiet]}, "
      "{level: RequestResponse, resources: [{group: '', resources: [configmaps]}]}, {level: Metadata, verbs: "
      "[delete]}]}");
  options.audit = [&](const Value& event) { events.push_back(event); };
  ServerRig rig(std::move(options));
  events.clear();
  rig.made("/api/v1/namespaces/default/configmaps", "{metadata: {name: m}, data: {a: b}}");
  REQUIRE(events.size() == 1);
  const Value& made = events[0];
  CHECK(made["level"].as_string() == "RequestResponse");
  CHECK(made["stage"].as_string() == "ResponseComplete");
  CHECK(made["verb"].as_string() == "create");
  CHECK(made["requestURI"].as_string() == "/api/v1/namespaces/default/configmaps");
  CHECK(made["user"]["username"].as_string() == "admin");
  CHECK(dump_json(made["objectRef"]) ==
        R"({"apiVersion":"v1","name":"m","namespace":"default","resource":"configmaps"})");
  CHECK(made["responseStatus"]["code"].as_int() == 201);
  CHECK(made["requestObject"]["data"]["a"].as_string() == "b");
  CHECK(made["responseObject"]["metadata"].has("uid"));
  CHECK(made["annotations"]["authorization.k8s.io/decision"].as_string() == "allow");
  rig.ask("quiet", "GET", "/api/v1/namespaces/default/configmaps");
  rig.admin("GET", "/api/v1/namespaces/default/secrets");
  CHECK(events.size() == 1);
  rig.ask("tom", "DELETE", "/api/v1/namespaces/default/secrets/s");
  REQUIRE(events.size() == 2);
  CHECK(events[1]["level"].as_string() == "Metadata");
  CHECK(events[1]["responseStatus"]["reason"].as_string() == "Forbidden");
  CHECK(events[1]["annotations"]["authorization.k8s.io/decision"].as_string() == "forbid");
  CHECK_FALSE(events[1].has("requestObject"));
  CHECK(audit_policy_problem(*parse_yaml("{apiVersion: audit.k8s.io/v1, kind: Policy}")) ==
        "loaded illegal policy with 0 rules");
}
