// What the API server makes of requests: paths and verbs, selectors, patches, conflicts,
// watches. Over MemoryStore and LoopbackTransport, as every client of ours reaches it.
#include <doctest/doctest.h>

#include <optional>

#include "core/apiserver/api_server.h"
#include "core/base/strings.h"
#include "core/client/client.h"
#include "core/client/loopback_transport.h"
#include "core/machinery/json.h"
#include "core/machinery/yaml.h"
#include "core/store/memory_store.h"

using namespace drydock;

namespace {

ApiServerOptions options_of_test() {
  ApiServerOptions options;
  options.rbac = false;
  options.credentials.certificate = [](std::string_view) { return Identity{"admin", {"system:masters"}, ""}; };
  options.credentials.token_claims = [](std::string_view) { return Value(); };
  return options;
}

struct ServerRig {
  VirtualClock clock{TimePoint(seconds(1767225600))};
  EventLoop loop{clock};
  MemoryStore store{loop};
  LoopbackTransport transport{loop};
  ApiServer server{loop, Prng(1), store, transport, options_of_test()};
  TaskGroup tasks{loop};
  std::unique_ptr<Client> client;

  ServerRig() {
    transport.listen("api", 6443, server);
    auto serve = [](ApiServer& target) -> Task<void> { (void)co_await target.run(); };
    tasks.spawn(serve(server));
    while (!server.ready() && loop.run_one(loop.now() + seconds(30))) {
    }
    REQUIRE(server.ready());
    Endpoint endpoint;
    endpoint.host = "api";
    endpoint.port = 6443;
    client = std::make_unique<Client>(transport, endpoint, "test");
    for (const char* account : {"default"}) {
      const std::string yaml =
          std::string("{apiVersion: v1, kind: ServiceAccount, metadata: {name: ") + account + ", namespace: default}}";
      (void)wait(client->create(resources::kServiceAccounts, Object(*parse_yaml(yaml))));
    }
  }
  template <class T>
  T wait(Task<T> task) {
    std::optional<T> out;
    auto body = [](Task<T> inner, std::optional<T>& result) -> Task<void> { result.emplace(co_await inner); };
    TaskGroup group(loop);
    group.spawn(body(std::move(task), out));
    while (!out && loop.run_one(loop.now() + seconds(60))) {
    }
    REQUIRE(out.has_value());
    return std::move(*out);
  }
  Result<Object> create(const ResourceRef& resource, const std::string& yaml) {
    return wait(client->create(resource, Object(*parse_yaml(yaml))));
  }
  Object config_map(const std::string& name, const std::string& rest = "data: {a: x}") {
    auto made = create(resources::kConfigMaps, "{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name +
                                                   ", namespace: default}, " + rest + "}");
    REQUIRE_MESSAGE(made.ok(), made.error().message);
    return *made;
  }
  Result<Object> patch(const std::string& name, PatchType type, const std::string& yaml) {
    const ObjectKey key{"default", name};
    return wait(client->patch(resources::kConfigMaps, key, type, *parse_yaml(yaml)));
  }
  HttpResponse request(const std::string& method, const std::string& path, const std::string& query = "",
                       Value body = Value()) {
    HttpRequest made;
    made.method = method;
    made.path = path;
    made.query = HttpQuery::parse(query);
    made.body.document = std::move(body);
    return wait(server.handle(std::move(made)));
  }
};

std::string names(const Value& list) {
  std::string text;
  for (const Value& item : list["items"].items()) text += item["metadata"]["name"].str() + " ";
  return text;
}

}  // namespace

TEST_CASE("what paths and methods ask for") {
  const struct {
    const char* method;
    const char* path;
    const char* query;
    const char* says;  // verb group version namespace resource name subresource
  } rows[] = {
      {"GET", "/api/v1/namespaces/team/pods/web", "", "get//v1/team/pods/web/"},
      {"GET", "/api/v1/namespaces/team/pods", "", "list//v1/team/pods//"},
      {"GET", "/api/v1/pods", "watch=true", "watch//v1//pods//"},
      {"GET", "/api/v1/namespaces/team", "", "get//v1/team/namespaces/team/"},
      {"PUT", "/api/v1/namespaces/team/finalize", "", "update//v1/team/namespaces/team/finalize"},
      {"POST", "/apis/apps/v1/namespaces/team/deployments", "", "create/apps/v1/team/deployments//"},
      {"PATCH", "/apis/apps/v1/namespaces/team/deployments/web/scale", "", "patch/apps/v1/team/deployments/web/scale"},
      {"DELETE", "/api/v1/namespaces/team/pods", "", "deletecollection//v1/team/pods//"},
      {"DELETE", "/api/v1/nodes/n1", "", "delete//v1//nodes/n1/"},
      {"POST", "/api/v1/namespaces/team/pods/web/exec", "command=ls", "create//v1/team/pods/web/exec"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.path);
    HttpRequest request;
    request.method = row.method;
    request.path = row.path;
    request.query = HttpQuery::parse(row.query);
    const RequestInfo info = RequestInfo::parse(request);
    CHECK(info.is_resource);
    const std::vector<std::string> parts{info.verb,     info.group, info.version,    info.ns,
                                         info.resource, info.name,  info.subresource};
    CHECK(join(parts, "/") == row.says);
  }
  for (const char* path : {"/", "/healthz", "/api", "/apis", "/api/v1", "/apis/apps/v1", "/version"}) {
    HttpRequest request;
    request.path = path;
    CAPTURE(path);
    CHECK_FALSE(RequestInfo::parse(request).is_resource);
  }
}

TEST_CASE_FIXTURE(ServerRig, "lists by selectors, and by pages") {
  config_map("a", "data: {}");
  for (const char* name : {"b", "c", "d"}) {
    const bool last = name[0] == 'd';
    REQUIRE(create(resources::kConfigMaps, std::string("{apiVersion: v1, kind: ConfigMap, metadata: {name: ") + name +
                                               ", namespace: default, labels: {tier: " + (last ? "back" : "front") +
                                               ", app: " + name + "}}}")
                .ok());
  }
  const struct {
    const char* query;
    const char* names;
  } rows[] = {
      {"labelSelector=tier=front", "b c "},
      {"labelSelector=tier!=front", "a d "},
      {"labelSelector=tier in (front,back),app notin (c)", "b d "},
      {"labelSelector=!tier", "a "},
      {"labelSelector=tier", "b c d "},
      {"fieldSelector=metadata.name=c", "c "},
      {"fieldSelector=metadata.name!=c&labelSelector=tier", "b d "},
      {"labelSelector=tier=nobody", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.query);
    const HttpResponse found =
        request("GET", "/api/v1/namespaces/default/configmaps", replace_all(row.query, " ", "%20"));
    CHECK(found.status == 200);
    CHECK(names(found.body.document) == row.names);
  }
  CHECK(request("GET", "/api/v1/namespaces/default/configmaps", "labelSelector=a%3D%3D%3Db").status == 400);
  CHECK(request("GET", "/api/v1/namespaces/default/configmaps", "fieldSelector=data.a=x").status == 400);
  // Pages: the same list in pieces.
  const HttpResponse first = request("GET", "/api/v1/namespaces/default/configmaps", "limit=3");
  CHECK(names(first.body.document) == "a b c ");
  const Value& metadata = first.body.document["metadata"];
  CHECK(metadata["remainingItemCount"].as_int() == 1);
  HttpQuery rest;
  rest.add("limit", "3");
  rest.add("continue", metadata["continue"].str());
  const HttpResponse second = request("GET", "/api/v1/namespaces/default/configmaps", rest.encode());
  CHECK(names(second.body.document) == "d ");
  CHECK(second.body.document["metadata"]["continue"].empty());
}

TEST_CASE_FIXTURE(ServerRig, "three kinds of patches") {
  config_map("m", "data: {a: x, b: y}");
  CHECK(dump_json(patch("m", PatchType::kMerge, "{data: {a: z, b: null, c: w}}")->doc()["data"]) ==
        R"({"a":"z","c":"w"})");
  CHECK(dump_json(patch("m", PatchType::kJson, "[{op: add, path: /data/d.e, value: q}, {op: remove, path: /data/c}]")
                      ->doc()["data"]) == R"({"a":"z","d.e":"q"})");
  CHECK_FALSE(patch("m", PatchType::kJson, "[{op: test, path: /data/a, value: other}]").ok());
  CHECK_FALSE(patch("m", PatchType::kJson, "[{op: remove, path: /data/nope}]").ok());
  CHECK(patch("nope", PatchType::kMerge, "{data: {}}").error().message == "configmaps \"nope\" not found");
  // The strategic one merges lists by their keys.
  REQUIRE(
      create(resources::kDeployments,
             "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: default}, spec: {selector: "
             "{matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: one, image: i}, "
             "{name: two, image: i}]}}}}")
          .ok());
  const ObjectKey key{"default", "d"};
  const auto patched = wait(client->patch(
      resources::kDeployments, key, PatchType::kStrategicMerge,
      *parse_yaml("{spec: {template: {spec: {containers: [{name: two, image: j}, {name: three, image: k}]}}}}")));
  REQUIRE_MESSAGE(patched.ok(), patched.error().message);
  std::string images;
  for (const Value& container : patched->spec()["template"]["spec"]["containers"].items())
    images += container["name"].str() + "=" + container["image"].str() + " ";
  CHECK(contains(images, "one=i "));
  CHECK(contains(images, "two=j "));
  CHECK(contains(images, "three=k "));
  CHECK(patched->generation() == 2);
}

TEST_CASE_FIXTURE(ServerRig, "versions, conflicts, preconditions, dry runs") {
  const Object first = config_map("v");
  Object change = first;
  change.mutable_doc().ref("data", "a") = "new";
  const auto second = wait(client->update(resources::kConfigMaps, change));
  REQUIRE(second.ok());
  CHECK(second->resource_version() != first.resource_version());
  CHECK(second->uid() == first.uid());
  // With the version of before it is refused, without one it goes.
  const auto stale = wait(client->update(resources::kConfigMaps, change));
  REQUIRE_FALSE(stale.ok());
  CHECK(stale.error().message ==
        "Operation cannot be fulfilled on configmaps \"v\": the object has been modified; please apply your changes to "
        "the latest version and try again");
  change.mutable_doc().ref("metadata").erase("resourceVersion");
  CHECK(wait(client->update(resources::kConfigMaps, change)).ok());
  CHECK(create(resources::kConfigMaps, "{apiVersion: v1, kind: ConfigMap, metadata: {name: v, namespace: default}}")
            .error()
            .message == "configmaps \"v\" already exists");

  const HttpResponse dry = request("DELETE", "/api/v1/namespaces/default/configmaps/v", "dryRun=All");
  CHECK(dry.status == 200);
  CHECK(request("GET", "/api/v1/namespaces/default/configmaps/v").status == 200);
  DeleteOptions other;
  other.precondition_uid = "somebody-else";
  const ObjectKey key{"default", "v"};
  const auto refused = wait(client->remove(resources::kConfigMaps, key, other));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().is_conflict());
  CHECK(wait(client->remove(resources::kConfigMaps, key)).ok());
  CHECK(wait(client->remove(resources::kConfigMaps, key)).error().is_not_found());
}

TEST_CASE_FIXTURE(ServerRig, "malformed quantities are refused with the document") {
  const HttpResponse refused = request(
      "POST", "/api/v1/namespaces/default/pods", "",
      *parse_yaml("{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i, resources: "
                  "{limits: {memory: 100x}}}]}}"));
  CHECK(refused.status == 400);
  CHECK(refused.body.document["message"].str() ==
        "Pod in version \"v1\" cannot be handled as a Pod: quantities must match the regular expression "
        "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  CHECK(refused.body.document["reason"].str() == "BadRequest");
}

TEST_CASE_FIXTURE(ServerRig, "a watch tells everything after its version, as its selector sees it") {
  const Object before = config_map("w0");
  WatchOptions options;
  options.resource_version = std::string(before.resource_version());
  options.label_selector = "show=yes";
  auto opened = wait(client->watch(resources::kConfigMaps, "default", options));
  REQUIRE(opened.ok());
  Watch watch = *std::move(opened);
  REQUIRE(create(resources::kConfigMaps,
                 "{apiVersion: v1, kind: ConfigMap, metadata: {name: w1, namespace: default, labels: {show: 'yes'}}}")
              .ok());
  config_map("w2");
  REQUIRE(patch("w2", PatchType::kMerge, "{metadata: {labels: {show: 'yes'}}}").ok());
  REQUIRE(patch("w2", PatchType::kMerge, "{data: {b: c}}").ok());
  REQUIRE(patch("w1", PatchType::kMerge, "{metadata: {labels: {show: 'no'}}}").ok());
  std::string seen;
  for (int i = 0; i < 4; ++i) {
    const auto event = wait(watch.next());
    REQUIRE(event.has_value());
    const WatchEvent::Type type = event->type;
    seen += (type == WatchEvent::Type::kAdded      ? "+"
             : type == WatchEvent::Type::kModified ? "~"
             : type == WatchEvent::Type::kDeleted  ? "-"
                                                   : "?") +
            std::string(event->object.name()) + " ";
  }
  // Who starts to match is added, who stops is deleted.
  CHECK(seen == "+w1 +w2 ~w2 -w1 ");
}
