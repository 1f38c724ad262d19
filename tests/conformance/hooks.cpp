#include "tests/conformance/hooks.h"

#include <doctest/doctest.h>

#include "core/base/strings.h"
#include "core/machinery/json.h"

namespace drydock::conformance {
namespace {

const std::string kAuthority = "-----BEGIN CERTIFICATE-----\nhooks\n-----END CERTIFICATE-----\n";
constexpr std::uint16_t kPort = 8443;

struct Verdict {
  bool allowed = true;
  std::string message;
  Value patch;
};

Verdict deny(std::string message) { return {false, std::move(message), {}}; }

Value add_operation(const std::string& path, Value value) {
  return Value::object({{"op", "add"}, {"path", path}, {"value", std::move(value)}});
}

// Two stages: each adds a key when the one before is there.
Verdict next_stage(const Value& data) {
  Verdict verdict;
  if (data["mutation-start"].as_string() == "yes")
    verdict.patch.push_back(add_operation("/data/mutation-stage-1", "yes"));
  if (data["mutation-stage-1"].as_string() == "yes")
    verdict.patch.push_back(add_operation("/data/mutation-stage-2", "yes"));
  return verdict;
}

Verdict judge(const std::string& path, const Value& request) {
  const Value& object = request["operation"].as_string() == "DELETE" ? request["oldObject"] : request["object"];
  const std::string_view mark = object["metadata"]["labels"]["webhook-e2e-test"].as_string();
  const bool unwanted_data = object["data"]["webhook-e2e-test"].as_string() == "webhook-disallow";
  if (path == "/always-deny") return deny("this webhook denies all requests");
  if (path == "/pods") {
    std::vector<std::string> reasons;
    for (const Value& container : object["spec"]["containers"].items()) {
      if (contains(container["name"].as_string(), "webhook-disallow"))
        reasons.emplace_back("the pod contains unwanted container name");
    }
    if (mark == "webhook-disallow") reasons.emplace_back("the pod contains unwanted label");
    return reasons.empty() ? Verdict() : deny(join(reasons, "; "));
  }
  if (path == "/pods/attach") return deny("attaching to pod '" + request["name"].str() + "' is not allowed");
  if (path == "/configmaps" && unwanted_data) return deny("the configmap contains unwanted key and value");
  if (path == "/custom-resource" && unwanted_data) return deny("the custom resource contains unwanted data");
  if (path == "/crd" && mark == "webhook-disallow") return deny("the crd contains unwanted label");
  if (path == "/mutating-configmaps" || path == "/mutating-custom-resource") return next_stage(object["data"]);
  Verdict verdict;
  if (path == "/mutating-pods")
    verdict.patch.push_back(
        add_operation("/spec/initContainers",
                      yaml("[{image: 'webhook-added-image', name: webhook-added-init-container, resources: {}}]")));
  if (path == "/add-label") {
    if (object["metadata"]["labels"].empty())
      verdict.patch.push_back(add_operation("/metadata/labels", yaml("{added-label: 'yes'}")));
    else
      verdict.patch.push_back(add_operation("/metadata/labels/added-label", "yes"));
  }
  return verdict;
}

// v1 has "hostPort", v2 "host" and "port".
Value converted(Value object, const std::string& wanted) {
  const std::string version = wanted.substr(wanted.find('/') + 1);
  if (version == "v2" && object.has("hostPort")) {
    const std::vector<std::string> parts = split(object["hostPort"].as_string(), ':');
    object.set("host", parts[0]);
    object.set("port", parts.size() > 1 ? parts[1] : "");
    object.erase("hostPort");
  } else if (version == "v1" && object.has("host")) {
    object.set("hostPort", object["host"].str() + ":" + object["port"].str());
    object.erase("host");
    object.erase("port");
  }
  object.set("apiVersion", wanted);
  return object;
}

}  // namespace

Task<HttpResponse> HookServer::handle(HttpRequest request) {
  asked_.push_back(request.path);
  Value review = request.body.document;
  if (review.is_null()) review = parse_json(request.body.bytes).value_or(Value());
  const Value asked = review["request"];
  Value response = Value::object({{"uid", asked["uid"]}});
  if (request.path == "/crdconvert") {
    Value objects = Value::array();
    for (const Value& object : asked["objects"].items())
      objects.push_back(converted(object, asked["desiredAPIVersion"].str()));
    response.set("convertedObjects", std::move(objects));
    response.set("result", Value::object({{"status", "Success"}}));
  } else {
    if (request.path == "/always-allow-delay-5s") co_await loop_.sleep(seconds(5));
    if (asked["object"]["metadata"]["labels"]["webhook-e2e-test"].as_string() == "wait-forever")
      co_await loop_.sleep(std::chrono::hours(1));
    const Verdict verdict = judge(request.path, asked);
    response.set("allowed", verdict.allowed);
    if (!verdict.message.empty()) response.set("status", Value::object({{"message", verdict.message}}));
    if (!verdict.patch.is_null()) {
      response.set("patchType", "JSONPatch");
      response.set("patch", base64_encode(dump_json(verdict.patch)));
    }
  }
  HttpResponse answer;
  answer.headers.set("Content-Type", "application/json");
  answer.body.document = Value::object(
      {{"apiVersion", review["apiVersion"]}, {"kind", review["kind"]}, {"response", std::move(response)}});
  co_return answer;
}

HookRig::HookRig() : server(cluster.loop) {
  services.authority_pem = kAuthority;
  const Value service = post("/api/v1/namespaces/default/services",
                             "{apiVersion: v1, kind: Service, metadata: {name: e2e-test-webhook}, spec: {selector: "
                             "{webhook: 'true'}, ports: [{port: 8443, targetPort: 8444}]}}");
  cluster.transport().listen(service["spec"]["clusterIP"].str(), kPort, server);
}

std::string HookRig::client_config(const std::string& path, bool with_authority) const {
  return "{service: {namespace: default, name: e2e-test-webhook, port: 8443, path: " + path + "}" +
         (with_authority ? ", caBundle: " + base64_encode(kAuthority) : "") + "}";
}

std::string HookRig::hook(const std::string& name, const std::string& path, const std::string& rules,
                          const std::string& more) const {
  return "{name: " + name + ", rules: [" + rules + "], clientConfig: " + client_config(path) +
         ", sideEffects: None, admissionReviewVersions: [v1, v1beta1]" + more + "}";
}

std::string HookRig::path_of(const std::string& kind, const std::string& name) {
  return "/apis/admissionregistration.k8s.io/v1/" + to_lower(kind) + "webhookconfigurations" +
         (name.empty() ? "" : "/" + name);
}

Value HookRig::configure(const std::string& kind, const std::string& name, const std::string& webhooks,
                         const std::string& labels) {
  return post(path_of(kind), "{apiVersion: admissionregistration.k8s.io/v1, kind: " + kind +
                                 "WebhookConfiguration, metadata: {name: " + name + ", labels: " + labels +
                                 "}, webhooks: [" + webhooks + "]}");
}

}  // namespace drydock::conformance
