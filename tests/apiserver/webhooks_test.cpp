// Admission webhooks: who is asked, what the answers do, how failures are told.
#include "tests/apiserver/server_rig.h"

#include <functional>

using namespace drydock;
using drydock::testing::ServerRig;
using drydock::testing::status_text;
using drydock::testing::warnings_of;

namespace {

const std::string kMaps = "/api/v1/namespaces/default/configmaps";
const std::string kHooks = "/apis/admissionregistration.k8s.io/v1/";

// A webhook's server: answers each request with what a function makes of it.
class Hook final : public HttpHandler {
 public:
  std::function<Value(const Value& request)> answer = [](const Value&) { return Value::object({{"allowed", true}}); };
  std::vector<Value> asked;
  std::string target;
  EventLoop* slow = nullptr;

  Task<HttpResponse> handle(HttpRequest request) override {
    target = request.path + "?" + request.query.encode();
    const Value review = request.body.document;
    asked.push_back(review["request"]);
    if (slow != nullptr) co_await slow->sleep(seconds(60));
    Value response = answer(review["request"]);
    response.set("uid", review["request"]["uid"]);
    HttpResponse out;
    out.body.document = Value::object(
        {{"apiVersion", "admission.k8s.io/v1"}, {"kind", "AdmissionReview"}, {"response", std::move(response)}});
    co_return out;
  }
};

struct HookRig : ServerRig {
  Hook hook;
  HookRig() { transport.listen("hook", 8443, hook); }
  // A configuration with one webhook for configmaps.
  void configure(const std::string& kind, const std::string& name, const std::string& more = "",
                 const std::string& client = "url: 'https://hook:8443/check'") {
    made(kHooks + (kind == "Mutating" ? "mutating" : "validating") + "webhookconfigurations",
         "{metadata: {name: " + name + "}, webhooks: [{name: " + name +
             ".example.com, admissionReviewVersions: [v1], sideEffects: None, clientConfig: {" + client +
             "}, rules: [{operations: [CREATE, UPDATE, DELETE], apiGroups: [''], apiVersions: [v1], resources: "
             "[configmaps]}]" +
             more + "}]}");
  }
  HttpResponse create(const std::string& name, const std::string& query = "", const std::string& labels = "") {
    return admin("POST", kMaps + query, "{metadata: {name: " + name + ", labels: {" + labels + "}}, data: {a: b}}");
  }
};

Value patch_of(const std::string& steps) {
  return Value::object({{"allowed", true}, {"patchType", "JSONPatch"}, {"patch", base64_encode(steps)}});
}

}  // namespace

TEST_CASE_FIXTURE(HookRig, "a validating webhook sees the request and may deny it") {
  configure("Validating", "guard");
  CHECK(create("one").status == 201);
  REQUIRE(hook.asked.size() == 1);
  const Value& seen = hook.asked[0];
  CHECK(hook.target == "/check?timeout=10s");
  CHECK(seen["operation"].as_string() == "CREATE");
  CHECK(seen["namespace"].as_string() == "default");
  CHECK(seen["name"].as_string() == "one");
  CHECK(dump_json(seen["kind"]) == R"({"group":"","kind":"ConfigMap","version":"v1"})");
  CHECK(seen["userInfo"]["username"].as_string() == "admin");
  CHECK(seen["object"]["data"]["a"].as_string() == "b");
  CHECK(seen["oldObject"].is_null());
  CHECK_FALSE(seen["dryRun"].as_bool(true));
  hook.answer = [](const Value&) {
    return Value::object({{"allowed", false},
                          {"status", Value::object({{"code", 403}, {"reason", "Forbidden"}, {"message", "no maps"}})},
                          {"warnings", Value::array({"think again"})}});
  };
  const HttpResponse denied = create("two");
  CHECK(status_text(denied) == "403 Forbidden: admission webhook \"guard.example.com\" denied the request: no maps");
  CHECK(warnings_of(denied) == "299 - \"think again\"\n");
  hook.answer = [](const Value&) { return Value::object({{"allowed", false}}); };
  CHECK(status_text(admin("DELETE", kMaps + "/one")) ==
        "400 : admission webhook \"guard.example.com\" denied the request without explanation");
  CHECK(hook.asked.back()["operation"].as_string() == "DELETE");
  CHECK(hook.asked.back()["oldObject"]["metadata"]["name"].as_string() == "one");
  // What the rules do not name is not asked about.
  CHECK(admin("POST", "/api/v1/namespaces/default/secrets", "{metadata: {name: s}}").status == 201);
}

TEST_CASE_FIXTURE(HookRig, "mutating webhooks patch one after the other, and hear again when they ask for it") {
  configure("Mutating", "a-first", ", reinvocationPolicy: IfNeeded");
  configure("Mutating", "b-second");
  hook.answer = [](const Value& request) {
    const Value& data = request["object"]["data"];
    if (!data.has("first")) return patch_of(R"([{"op":"add","path":"/data/first","value":"1"}])");
    if (!data.has("second")) return patch_of(R"([{"op":"add","path":"/data/second","value":"2"}])");
    return Value::object({{"allowed", true}});
  };
  const HttpResponse made = create("m");
  CHECK(dump_json(made.body.document["data"]) == R"({"a":"b","first":"1","second":"2"})");
  CHECK(hook.asked.size() == 3);
  CHECK(hook.asked[2]["object"]["data"].has("second"));
}

TEST_CASE_FIXTURE(HookRig, "selectors, scopes and dry runs decide who is asked") {
  configure("Validating", "labelled", ", objectSelector: {matchLabels: {watch: me}}");
  configure("Validating", "elsewhere", ", namespaceSelector: {matchLabels: {team: x}}");
  create("a");
  CHECK(hook.asked.empty());
  create("b", "", "watch: me");
  CHECK(hook.asked.size() == 1);
  REQUIRE(
      admin("PATCH", "/api/v1/namespaces/default", "{metadata: {labels: {team: x}}}", "application/merge-patch+json")
          .status == 200);
  create("c", "?dryRun=All");
  REQUIRE(hook.asked.size() == 2);
  CHECK(hook.asked[1]["dryRun"].as_bool());
  made(kHooks + "validatingwebhookconfigurations",
       "{metadata: {name: effects}, webhooks: [{name: effects.example.com, admissionReviewVersions: [v1], sideEffects: "
       "Some, clientConfig: {url: 'https://hook:8443/'}, rules: [{operations: [CREATE], apiGroups: ['*'], apiVersions: "
       "['*'], resources: ['*/*']}]}]}");
  CHECK(status_text(create("d", "?dryRun=All")) ==
        "400 BadRequest: admission webhook \"effects.example.com\" does not support dry run");
}

TEST_CASE_FIXTURE(HookRig, "a webhook that fails closes the door, or leaves it open") {
  configure("Validating", "gone", "", "url: 'https://nobody:8443/x'");
  CHECK(status_text(create("a")) ==
        "500 InternalError: Internal error occurred: failed calling webhook \"gone.example.com\": failed to call "
        "webhook: Post \"https://nobody:8443/x?timeout=10s\": dial tcp nobody:8443: connect: connection refused");
  const std::string configuration = kHooks + "validatingwebhookconfigurations/gone";
  REQUIRE(admin("PATCH", configuration, "[{op: add, path: /webhooks/0/failurePolicy, value: Ignore}]",
                "application/json-patch+json")
              .status == 200);
  CHECK(create("a").status == 201);
  REQUIRE(admin("DELETE", configuration).status == 200);
  configure("Validating", "slow", ", timeoutSeconds: 2");
  hook.slow = &loop;
  CHECK(status_text(create("b")) ==
        "500 InternalError: Internal error occurred: failed calling webhook \"slow.example.com\": failed to call "
        "webhook: Post \"https://hook:8443/check?timeout=2s\": context deadline exceeded");
  hook.slow = nullptr;
  hook.answer = [](const Value&) { return patch_of("[]"); };
  CHECK(status_text(create("b")) ==
        "500 InternalError: Internal error occurred: failed calling webhook \"slow.example.com\": received invalid "
        "webhook response: validating webhook may not return response.patch");
}

TEST_CASE_FIXTURE(HookRig, "a webhook behind a service is reached at its address, under its name") {
  configure("Validating", "behind", "", "service: {namespace: default, name: hook, path: /v}");
  CHECK(status_text(create("a")) ==
        "500 InternalError: Internal error occurred: failed calling webhook \"behind.example.com\": failed to call "
        "webhook: Post \"https://hook.default.svc:443/v?timeout=10s\": service \"hook\" not found");
  const Value service = made("/api/v1/namespaces/default/services",
                             "{metadata: {name: hook}, spec: {ports: [{port: 443, targetPort: 8443}]}}");
  transport.listen(service["spec"]["clusterIP"].str(), 443, hook);
  CHECK(create("a").status == 201);
  CHECK(hook.target == "/v?timeout=10s");
}

TEST_CASE_FIXTURE(HookRig, "matchConditions ask for the service account that they name, not for the caller") {
  // The caller may do everything, the account nothing: whoever is asked for decides.
  const std::string may = ".group('').resource('secrets').namespace('default').check('list').allowed()";
  const auto condition = [&](const std::string& whose) {
    return ", matchConditions: [{name: may-list, expression: \"" + whose + may + "\"}]";
  };
  configure("Validating", "of-account", condition("authorizer.serviceAccount('default', 'default')"));
  CHECK(create("one").status == 201);
  CHECK(hook.asked.empty());
  configure("Validating", "of-caller", condition("authorizer"));
  CHECK(create("two").status == 201);
  CHECK(hook.asked.size() == 1);
  CHECK(create("three").status == 201);
  CHECK(hook.asked.size() == 2);
}
