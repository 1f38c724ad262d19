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
  void pass(Duration time) {
    const TimePoint end = loop.now() + time;
    while (loop.run_one(end)) {
    }
    clock.wait_until(end);
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

TEST_CASE_FIXTURE(ServerRig, "what is older than five minutes is compacted") {
  const std::string old(config_map("c0").resource_version());
  (void)config_map("c1");
  const std::string path = "/api/v1/namespaces/default/configmaps";
  const std::string exact = "resourceVersionMatch=Exact&resourceVersion=" + old;
  pass(std::chrono::minutes(4));
  CHECK(names(request("GET", path, exact).body.document) == "c0 ");
  pass(std::chrono::minutes(7));
  const HttpResponse late = request("GET", path, exact);
  CHECK(late.status == 410);
  CHECK(late.body.document["reason"] == Value("Expired"));
  WatchOptions options;
  options.resource_version = old;
  auto watch = wait(client->watch(resources::kConfigMaps, "default", options));
  if (watch) {
    const auto event = wait(watch->next());
    REQUIRE(event.has_value());
    CHECK(event->type == WatchEvent::Type::kError);
  } else {
    CHECK(watch.error().reason == "Expired");
  }
  // What stands now is as it was.
  CHECK(names(request("GET", path).body.document) == "c0 c1 ");
}

TEST_CASE_FIXTURE(ServerRig, "lists of one revision: exact, in pages, too old, too new") {
  const std::string path = "/api/v1/namespaces/default/configmaps";
  for (const char* name : {"a", "b", "c"}) (void)config_map(name);
  const HttpResponse now = request("GET", path);
  const std::string version = now.body.document["metadata"]["resourceVersion"].str();
  const HttpResponse first = request("GET", path, "limit=1");
  const std::string token = first.body.document["metadata"]["continue"].str();
  // What happens between two pages is not in them.
  REQUIRE(wait(client->remove(resources::kConfigMaps, {"default", "b"}, {})).ok());
  (void)config_map("bb");
  HttpQuery rest;
  rest.add("continue", token);
  rest.add("limit", "1");
  const HttpResponse second = request("GET", path, rest.encode());
  CHECK(names(second.body.document) == "b ");
  CHECK(second.body.document["metadata"]["resourceVersion"] == first.body.document["metadata"]["resourceVersion"]);
  CHECK(second.body.document["metadata"]["remainingItemCount"].as_int() == 1);
  CHECK(names(request("GET", path).body.document) == "a bb c ");
  CHECK(names(request("GET", path, "resourceVersionMatch=Exact&resourceVersion=" + version).body.document) == "a b c ");
  CHECK(names(request("GET", path, "resourceVersionMatch=NotOlderThan&resourceVersion=" + version).body.document) ==
        "a bb c ");
  CHECK(names(request("GET", path, "limit=2&resourceVersion=" + version).body.document) == "a b ");
  CHECK(names(request("GET", "/api/v1/configmaps",
                      "fieldSelector=metadata.namespace=default&resourceVersionMatch=Exact&resourceVersion=" + version)
                  .body.document) == "a b c ");
  // With a selector nobody counts what is left.
  CHECK_FALSE(request("GET", path, "limit=1&labelSelector=!x").body.document["metadata"].has("remainingItemCount"));

  const struct {
    const char* query;
    int status;
    const char* message;
  } rows[] = {
      {"resourceVersionMatch=Exact", 422,
       "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden "
       "unless resourceVersion is provided"},
      {"resourceVersionMatch=Exact&resourceVersion=0", 422,
       "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" is "
       "forbidden for resourceVersion \"0\""},
      {"resourceVersionMatch=Often&resourceVersion=1", 422,
       "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Unsupported value: \"Often\": supported "
       "values: \"Exact\", \"NotOlderThan\", \"\""},
      {"sendInitialEvents=true", 422,
       "ListOptions.meta.k8s.io \"\" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for "
       "list"},
      {"continue=zz", 400, "continue key is not valid: illegal base64 data at input byte 0"},
      {"limit=-1", 400, "strconv.ParseInt: parsing \"-1\": invalid syntax"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.query);
    const HttpResponse refused = request("GET", path, row.query);
    CHECK(refused.status == row.status);
    CHECK(refused.body.document["message"] == Value(row.message));
  }
  const HttpResponse early = request("GET", path, "resourceVersion=999999&resourceVersionMatch=NotOlderThan");
  CHECK(early.status == 504);
  CHECK(early.body.document["message"].as_string().starts_with("Too large resource version: 999999, current: "));
  CHECK(early.body.document["details"]["causes"][0]["reason"] == Value("ResourceVersionTooLarge"));

  // A token that has outlived its revision comes back as one that reads on from the newest state.
  pass(std::chrono::minutes(11));
  const HttpResponse late = request("GET", path, rest.encode());
  CHECK(late.status == 410);
  CHECK(late.body.document["reason"] == Value("Expired"));
  HttpQuery onward;
  onward.add("continue", late.body.document["metadata"]["continue"].str());
  CHECK(names(request("GET", path, onward.encode()).body.document) == "bb c ");
}
