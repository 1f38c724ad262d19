// agnhost webhook and crd-conversion-webhook: HTTPS servers that answer the reviews of an
// API server, so that one can be tried from a pod.
// https://pkg.go.dev/k8s.io/kubernetes/test/images/agnhost/webhook
#include <algorithm>
#include <memory>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/programs/images/agnhost/agnhost.h"
#include "core/programs/images/serving.h"

namespace drydock::agnhost {
namespace {

constexpr std::string_view kTestLabel = "webhook-e2e-test";
constexpr std::string_view kUnwanted = "webhook-disallow";

Value allow(const std::string& message = "") {
  Value response = Value::object({{"allowed", true}});
  if (!message.empty()) response.ref("status", "message") = message;
  return response;
}

Value deny(const std::string& message) {
  return Value::object(
      {{"allowed", false}, {"status", Value::object({{"message", message}, {"metadata", Value::object()}})}});
}

Value patched(const std::string& steps) {
  return Value::object({{"allowed", true}, {"patchType", "JSONPatch"}, {"patch", base64_encode(steps)}});
}

Value add_label(const Value& request) {
  const Value& labels = request["object"]["metadata"]["labels"];
  if (labels.empty())
    return patched(R"([{ "op": "add", "path": "/metadata/labels", "value": {"added-label": "yes"}}])");
  const char* operation = labels.has("added-label") ? "replace" : "add";
  return patched(std::string(R"([{ "op": ")") + operation +
                 R"(", "path": "/metadata/labels/added-label", "value": "yes" }])");
}

Value judge_pod(const Value& request) {
  const Value& pod = request["object"];
  std::string message;
  const bool name = std::ranges::any_of(pod["spec"]["containers"].items(), [](const Value& container) {
    return contains(container["name"].as_string(), kUnwanted);
  });
  if (name) message += "the pod contains unwanted container name; ";
  if (pod["metadata"]["labels"][kTestLabel].as_string() == kUnwanted) message += "the pod contains unwanted label; ";
  return message.empty() ? allow() : deny(message);
}

Value judge_data(const Value& request, const char* what) {
  for (const Value::Member& entry : request["object"]["data"].members()) {
    if (entry.key.view() == kTestLabel && entry.value.as_string() == kUnwanted) return deny(what);
  }
  return allow();
}

// What one mutation began a second one goes on with.
Value mutate_data(const Value& request) {
  const Value& data = request["object"]["data"];
  const auto is = [&](const char* key) { return data[key].as_string() == "yes"; };
  if (is("mutation-start")) return patched(R"([{ "op": "add", "path": "/data/mutation-stage-1", "value": "yes" }])");
  if (is("mutation-stage-1")) return patched(R"([{ "op": "add", "path": "/data/mutation-stage-2", "value": "yes" }])");
  return allow();
}

Value answer_of(Process& process, const std::string& path, const Value& request) {
  if (path == "/always-allow-delay-5s") return allow("this webhook allows all requests");
  if (path == "/always-deny") return deny("this webhook denies all requests");
  if (path == "/add-label") return add_label(request);
  if (path == "/pods") return judge_pod(request);
  if (path == "/pods/attach") {
    return request["name"].as_string() == "to-be-attached-pod"
               ? deny("attaching to pod 'to-be-attached-pod' is not allowed")
               : allow();
  }
  if (path == "/mutating-pods") {
    return request["object"]["metadata"]["name"].as_string() == "webhook-to-be-mutated"
               ? patched(R"([{"op":"add","path":"/spec/initContainers","value":[{"image":"webhook-added-image",)"
                         R"("name":"webhook-added-init-container","resources":{}}]}])")
               : allow();
  }
  if (path == "/mutating-pods-sidecar") {
    return patched(R"([{"op":"add", "path":"/spec/containers/-","value":{"image":")" + flag(process, "sidecar-image") +
                   R"(","name":"webhook-added-sidecar","resources":{}}}])");
  }
  if (path == "/configmaps") return judge_data(request, "the configmap contains unwanted key and value");
  if (path == "/custom-resource") return judge_data(request, "the custom resource contains unwanted data");
  if (path == "/mutating-configmaps" || path == "/mutating-custom-resource") return mutate_data(request);
  if (path == "/crd") {
    return request["object"]["metadata"]["labels"][kTestLabel].as_string() == kUnwanted
               ? deny("the crd contains unwanted label")
               : allow();
  }
  return {};
}

// hostPort in v1, host and port in v2.
Value converted(Value object, const std::string& wanted, std::string& problem) {
  const std::string from = object["apiVersion"].str();
  object.set("apiVersion", wanted);
  const std::string version = wanted.substr(wanted.find('/') + 1);
  if (version == "v2" && object.has("hostPort")) {
    const std::vector<std::string> parts = split(object["hostPort"].as_string(), ':');
    if (parts.size() != 2) problem = "invalid hostPort value `" + object["hostPort"].str() + "`";
    object.erase("hostPort");
    object.set("host", parts[0]);
    object.set("port", parts.size() > 1 ? parts[1] : "");
  } else if (version == "v1" && object.has("host")) {
    object.set("hostPort", object["host"].str() + ":" + object["port"].str());
    object.erase("host");
    object.erase("port");
  } else if (version != "v1" && version != "v2") {
    problem = "unexpected conversion version \"" + wanted + "\"";
  }
  return object;
}

Value conversion_of(const Value& review) {
  const Value& request = review["request"];
  std::string problem;
  Value objects = Value::array();
  for (const Value& object : request["objects"].items())
    objects.push_back(converted(object, request["desiredAPIVersion"].str(), problem));
  Value response = Value::object({{"uid", request["uid"]}});
  if (problem.empty()) {
    response.set("convertedObjects", std::move(objects));
    response.set("result", Value::object({{"status", "Success"}}));
  } else {
    response.set("result", Value::object({{"status", "Failed"}, {"message", problem}}));
  }
  return response;
}

Task<HttpResponse> review_answer(Process& process, HttpRequest request, bool conversion) {
  if (request.path == "/readyz") co_return text_page(200, "text/plain", "ok");
  if (request.path == "/always-allow-delay-5s") (void)co_await process.sleep(seconds(5));
  const Value review =
      request.body.document.is_null() ? parse_json(request.body.bytes).value_or(Value()) : request.body.document;
  co_await process.err(klog(process, "handling request: " + request.path));
  Value response = conversion ? conversion_of(review) : answer_of(process, request.path, review["request"]);
  if (response.is_null() || (conversion && request.path != "/crdconvert"))
    co_return text_page(404, "text/plain; charset=utf-8", "404 page not found\n");
  response.set("uid", review["request"]["uid"]);
  HttpResponse out;
  out.headers.set("Content-Type", "application/json");
  out.body.document = Value::object(
      {{"kind", review["kind"]}, {"apiVersion", review["apiVersion"]}, {"response", std::move(response)}});
  co_return out;
}

Task<int> serve_reviews(Process& process, bool conversion) {
  HttpListenerOptions secure;
  secure.owner = {process.host_pid(), "agnhost"};
  const std::string path = flag(process, "tls-cert-file");
  if (!path.empty()) {
    const auto certificate = process.read_file(path);
    if (!certificate) {
      co_await process.err(klog(process, "open " + path + ": no such file or directory"));
      co_return 1;
    }
    secure.certificate_pem = *certificate;
  }
  const auto port = static_cast<std::uint16_t>(parse_int(flag(process, "port", "443")).value_or(443));
  for (const int signal : {kSigTerm, kSigInt, kSigQuit}) process.on_signal(signal, Process::Disposition::kCatch);
  FunctionHandler handler(
      [&process, conversion](HttpRequest request) { return review_answer(process, std::move(request), conversion); });
  auto listener = HttpListener::open(process.namespaces().network, port, handler, secure);
  if (!listener) {
    co_await process.err("panic: listen tcp :" + std::to_string(port) +
                         ": bind: " + to_lower(errno_text(listener.error())) + "\n");
    co_return 2;
  }
  (void)co_await process.wait_signal();
  co_return 0;
}

}  // namespace

Task<int> webhook(Process& process) { co_return co_await serve_reviews(process, false); }
Task<int> crd_conversion_webhook(Process& process) { co_return co_await serve_reviews(process, true); }

}  // namespace drydock::agnhost
