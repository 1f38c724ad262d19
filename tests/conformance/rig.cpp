#include "tests/conformance/rig.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/yaml.h"
#include "core/pki/pki.h"

namespace drydock::conformance {
namespace {

const Value kNothing;

// Tokens are signed as a real server signs them.
struct Keys {
  pki::KeyPair accounts;
  Keys() {
    Prng prng(11);
    accounts = pki::generate_key(prng);
  }
};

const Keys& keys() {
  static const Keys made;
  return made;
}

ApiServerOptions server_options(Transport& services) {
  ApiServerOptions options = testing::TestCluster::open_server();
  options.to_services = &services;
  options.rbac = true;
  options.credentials.certificate = [](std::string_view) { return Identity{"admin", {"system:masters"}, ""}; };
  options.credentials.token_claims = [](std::string_view token) {
    return pki::verify_token(token, {keys().accounts.public_pem}).value_or(Value());
  };
  options.credentials.sign_token = [](const Value& claims) -> Value {
    return pki::sign_token(keys().accounts.private_pem, claims, "test").value_or("");
  };
  return options;
}

controllers::ControllerManagerOptions manager_options() {
  controllers::ControllerManagerOptions options;
  options.root_ca_pem = "-----BEGIN CERTIFICATE-----\nroot\n-----END CERTIFICATE-----\n";
  return options;
}

Value document_of(const HttpResponse& response) {
  if (!response.body.document.is_null()) return response.body.document;
  auto parsed = parse_json(response.body.bytes);
  return parsed ? *std::move(parsed) : Value(response.body.bytes);
}

Value accepted(const HttpResponse& response, const std::string& what) {
  const Value document = document_of(response);
  const bool well = response.status >= 200 && response.status < 300;
  REQUIRE_MESSAGE(well, what, ": ", response.status, " ", document["message"].str());
  return document;
}

HttpRequest request_for(const std::string& method, const std::string& target) {
  HttpRequest request;
  request.method = method;
  const std::size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string::npos) request.query = HttpQuery::parse(std::string_view(target).substr(mark + 1));
  return request;
}

}  // namespace

Value yaml(std::string_view text) {
  Result<Value> parsed = parse_yaml(text);
  REQUIRE_MESSAGE(parsed.ok(), std::string(text), ": ", parsed.ok() ? "" : parsed.error().message);
  return *std::move(parsed);
}

std::vector<Value> items_of(const Value& list) { return {list.items().begin(), list.items().end()}; }

std::string names_of(const Value& list) {
  std::string names;
  for (const Value& item : list["items"].items()) names += item["metadata"]["name"].str() + " ";
  return names;
}

const Value& entry(const Value& list, std::string_view field, std::string_view value) {
  for (const Value& item : list.items()) {
    if (item[field].as_string() == value) return item;
  }
  return kNothing;
}

Value Watching::next(Duration limit) {
  auto receive = [](std::shared_ptr<StreamEnd> stream, TimePoint deadline) -> Task<Value> {
    while (true) {
      std::optional<StreamMessage> message = co_await stream->receive_until(deadline);
      if (!message) co_return Value();
      Value event = message->document;
      if (event.is_null()) event = parse_json(message->bytes).value_or(Value());
      if (event["type"].as_string() != "BOOKMARK") co_return event;
    }
  };
  return rig_.cluster.wait(receive(stream_, rig_.cluster.loop.now() + limit));
}

Value Watching::until(std::string_view type, std::string_view name, Duration limit) {
  const TimePoint deadline = rig_.cluster.loop.now() + limit;
  while (rig_.cluster.loop.now() < deadline) {
    Value event = next(deadline - rig_.cluster.loop.now());
    if (event.is_null()) break;
    if (event["type"].as_string() == type && event["object"]["metadata"]["name"].as_string() == name) return event;
  }
  return {};
}

Task<Result<HttpResponse>> ServiceTransport::round_trip(const Endpoint& endpoint, HttpRequest request) {
  if (!authority_pem.empty() && endpoint.certificate_authority_pem != authority_pem)
    co_return Status::plain("tls: failed to verify certificate: x509: certificate signed by unknown authority");
  co_return co_await loopback->round_trip(endpoint, std::move(request));
}

Rig::Rig() : cluster(manager_options(), server_options(services)) {
  services.loopback = &cluster.transport();
  const bool begun =
      eventually([this] { return !gone("/api/v1/namespaces/default/serviceaccounts/default"); }, seconds(30));
  REQUIRE(begun);
}

HttpResponse Rig::send(HttpRequest request) {
  if (!request.headers.has("Accept")) request.headers.set("Accept", "application/json");
  request.headers.set("User-Agent", "conformance");
  Endpoint endpoint = cluster.client().endpoint();
  if (request.headers.has("Authorization")) endpoint.client_certificate_pem.clear();
  Result<HttpResponse> answer = cluster.wait(cluster.transport().round_trip(endpoint, std::move(request)));
  REQUIRE_MESSAGE(answer.ok(), (answer.ok() ? "" : answer.error().message));
  return *std::move(answer);
}

HttpResponse Rig::send(const std::string& method, const std::string& target, Value body,
                       const std::string& content_type) {
  HttpRequest request = request_for(method, target);
  if (!body.is_null()) request.headers.set("Content-Type", content_type);
  request.body.document = std::move(body);
  return send(std::move(request));
}

HttpResponse Rig::send_text(const std::string& method, const std::string& target, const std::string& content_type,
                            std::string body) {
  HttpRequest request = request_for(method, target);
  request.headers.set("Content-Type", content_type);
  request.body.bytes = std::move(body);
  return send(std::move(request));
}

Value Rig::get(const std::string& target, const std::string& accept) {
  HttpRequest request = request_for("GET", target);
  if (!accept.empty()) request.headers.set("Accept", accept);
  return accepted(send(std::move(request)), "GET " + target);
}

Value Rig::post(const std::string& target, Value body) {
  return accepted(send("POST", target, std::move(body)), "POST " + target);
}

Value Rig::put(const std::string& target, Value body) {
  return accepted(send("PUT", target, std::move(body)), "PUT " + target);
}

Value Rig::merge(const std::string& target, Value patch) {
  return accepted(send("PATCH", target, std::move(patch), "application/merge-patch+json"), "PATCH " + target);
}

Value Rig::strategic(const std::string& target, Value patch) {
  return accepted(send("PATCH", target, std::move(patch), "application/strategic-merge-patch+json"), "PATCH " + target);
}

Value Rig::json_patch(const std::string& target, Value patch) {
  return accepted(send("PATCH", target, std::move(patch), "application/json-patch+json"), "PATCH " + target);
}

Value Rig::apply(const std::string& target, Value patch) {
  return accepted(send("PATCH", target, std::move(patch), "application/apply-patch+yaml"), "apply " + target);
}

Value Rig::remove(const std::string& target, Value options) {
  return accepted(send("DELETE", target, std::move(options)), "DELETE " + target);
}

Value Rig::refused(int code, const std::string& method, const std::string& target, Value body,
                   const std::string& content_type) {
  const HttpResponse response = send(method, target, std::move(body), content_type);
  const Value document = document_of(response);
  CHECK_MESSAGE(response.status == code, method, " ", target, ": ", document["message"].str());
  CHECK(document["kind"] == Value("Status"));
  CHECK(document["status"] == Value("Failure"));
  return document;
}

bool Rig::gone(const std::string& target) { return send("GET", target).status == 404; }

Watching Rig::watch(const std::string& target) {
  const char* join = contains(target, "?") ? "&" : "?";
  HttpResponse response = send("GET", target + join + "watch=true");
  REQUIRE_MESSAGE(response.stream != nullptr, target, ": ", response.body.document["message"].str());
  return {*this, response.stream};
}

void Rig::make_namespace(const std::string& name, const std::string& labels) {
  post("/api/v1/namespaces",
       "{apiVersion: v1, kind: Namespace, metadata: {name: " + name + ", labels: " + labels + "}}");
  const std::string account = "/api/v1/namespaces/" + name + "/serviceaccounts/default";
  REQUIRE(eventually([&] { return !gone(account); }));
}

void Rig::add_nodes(int count) {
  for (int i = 1; i <= count; ++i) cluster.add_node("node" + std::to_string(i));
}

void check_api_operations(Rig& rig, const ApiOperations& row) {
  // Discovery, from the root down.
  const std::string group_version = row.group + "/" + row.version;
  const Value group = entry(rig.get("/apis")["groups"], "name", row.group);
  CHECK(entry(group["versions"], "version", row.version)["groupVersion"] == Value(group_version));
  CHECK(entry(rig.get("/apis/" + row.group)["versions"], "version", row.version).is_object());
  const Value served = rig.get("/apis/" + group_version)["resources"];
  const Value own = entry(served, "name", row.resource);
  REQUIRE(own.is_object());
  CHECK(own["kind"] == Value(row.kind));
  for (const char* verb : {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}) {
    const bool known = std::ranges::any_of(own["verbs"].items(), [&](const Value& v) { return v.as_string() == verb; });
    CHECK_MESSAGE(known, verb);
  }
  for (const std::string& name : row.subresources)
    CHECK_MESSAGE(entry(served, "name", row.resource + "/" + name).is_object(), name);

  const std::string path = "/apis/" + group_version + "/" + row.resource;
  const std::string selected = path + "?labelSelector=special=yes";
  const auto document = [&](const char* name) {
    Value body = yaml(row.body);
    body.set("apiVersion", group_version);
    body.set("kind", row.kind);
    body.ref("metadata", "labels", "special") = "yes";
    body.ref("metadata", "name") = name;
    return body;
  };
  const Value empty = rig.get(selected);
  CHECK(empty["items"].empty());
  for (const char* name : {"one", "two", "three"}) {
    const Value created = rig.post(path, document(name));
    CHECK(created["kind"] == Value(row.kind));
    CHECK(created["metadata"]["name"] == Value(name));
    CHECK_FALSE(created["metadata"]["uid"].empty());
  }
  CHECK(rig.refused(409, "POST", path, document("one"))["reason"] == Value("AlreadyExists"));
  const Value first = rig.get(path + "/one");
  CHECK(first["metadata"]["name"] == Value("one"));
  CHECK(first["metadata"]["labels"]["special"] == Value("yes"));
  CHECK(names_of(rig.get(selected)) == "one three two ");
  CHECK(rig.get(selected)["kind"] == Value(row.kind + "List"));

  Watching watching = rig.watch(selected + "&resourceVersion=" + empty["metadata"]["resourceVersion"].str());
  for (const char* name : {"one", "two", "three"}) CHECK_FALSE(watching.until("ADDED", name, seconds(5)).is_null());

  const Value patched = rig.merge(path + "/one", "{metadata: {annotations: {patched: 'true'}}}");
  CHECK(patched["metadata"]["annotations"]["patched"] == Value("true"));
  const Value seen = watching.until("MODIFIED", "one");
  CHECK(seen["object"]["metadata"]["annotations"]["patched"] == Value("true"));

  Value updated = rig.get(path + "/one");
  updated.ref("metadata", "annotations", "updated") = "true";
  updated = rig.put(path + "/one", updated);
  CHECK(updated["metadata"]["annotations"]["updated"] == Value("true"));
  CHECK(updated["metadata"]["annotations"]["patched"] == Value("true"));
  CHECK(watching.until("MODIFIED", "one")["object"]["metadata"]["annotations"]["updated"] == Value("true"));

  if (!row.status.empty()) {
    const Value before = rig.get(path + "/one/status");
    CHECK(before["kind"] == Value(row.kind));
    CHECK(before["metadata"]["name"] == Value("one"));
    Value with_status = before;
    with_status.set("status", yaml(row.status));
    // Controllers have their own fields in some of these.
    const auto has = [](const Value& status, const std::string& text) {
      const Value wanted = yaml(text);
      return std::ranges::all_of(
          wanted.members(), [&](const Value::Member& member) { return status[member.key.view()] == member.value; });
    };
    const Value written = rig.put(path + "/one/status", with_status);
    CHECK_MESSAGE(has(written["status"], row.status), dump_json(written["status"]));
    const Value again = rig.merge(
        path + "/one/status", "{metadata: {annotations: {patchedstatus: 'true'}}, status: " + row.status_patch + "}");
    CHECK(again["metadata"]["annotations"]["patchedstatus"] == Value("true"));
    CHECK_MESSAGE(has(again["status"], row.status_patch), dump_json(again["status"]));
    CHECK(has(rig.get(path + "/one/status")["status"], row.status_patch));
    CHECK(rig.get(path + "/one")["spec"] == updated["spec"]);
  }

  rig.remove(path + "/one");
  CHECK(rig.eventually([&] { return rig.gone(path + "/one"); }, seconds(30)));
  CHECK_FALSE(watching.until("DELETED", "one").is_null());
  CHECK(names_of(rig.get(selected)) == "three two ");
  rig.remove(selected);
  CHECK(rig.eventually([&] { return rig.get(selected)["items"].empty(); }, seconds(30)));
}

}  // namespace drydock::conformance
