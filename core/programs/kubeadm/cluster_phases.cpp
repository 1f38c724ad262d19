// What kubeadm does through an API server: waiting, applying objects, tokens.
#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/process.h"
#include "core/machinery/json.h"
#include "core/machinery/timestamp.h"
#include "core/programs/kubeadm/assets.h"
#include "core/programs/kubeadm/phases.h"

namespace drydock::kubeadm {
namespace {

constexpr Duration kPollInterval = milliseconds(500);

struct KindRow {
  const char* kind;
  const char* plural;
};
// The kinds that kubeadm applies.
constexpr KindRow kKinds[] = {
    {"ConfigMap", "configmaps"},
    {"Secret", "secrets"},
    {"Service", "services"},
    {"ServiceAccount", "serviceaccounts"},
    {"Deployment", "deployments"},
    {"DaemonSet", "daemonsets"},
    {"Role", "roles"},
    {"RoleBinding", "rolebindings"},
    {"ClusterRole", "clusterroles"},
    {"ClusterRoleBinding", "clusterrolebindings"},
};

}  // namespace

Result<ResourceRef> resource_of(const Value& object) {
  const std::string api_version = object["apiVersion"].str();
  const std::size_t slash = api_version.find('/');
  for (const KindRow& row : kKinds) {
    if (object["kind"].as_string() != row.kind) continue;
    if (slash == std::string::npos) return ResourceRef{"", api_version, row.plural};
    return ResourceRef{api_version.substr(0, slash), api_version.substr(slash + 1), row.plural};
  }
  return Status::plain("no matches for kind " + go_quote(object["kind"].as_string()));
}

Client Session::client(const Endpoint& endpoint) {
  return Client(*transport_, endpoint, "kubeadm/" + default_kubernetes_version(process_));
}

Task<Result<Duration>> Session::wait_for(std::function<Task<bool>()> check, Duration timeout) {
  const TimePoint begun = process_.now();
  for (;;) {
    if (co_await check()) co_return process_.now() - begun;
    if (process_.now() - begun >= timeout) co_return Status::plain("context deadline exceeded");
    (void)co_await process_.sleep(kPollInterval);
  }
}

Task<bool> Session::healthy(Endpoint endpoint, std::string path) {
  HttpRequest request;
  request.path = std::move(path);
  const Result<HttpResponse> answer = co_await transport_->round_trip(endpoint, std::move(request));
  co_return answer.ok() && answer->status == 200;
}

Task<Result<void>> Session::apply(Client& client, Value object) {
  DRYDOCK_CO_TRY(ResourceRef resource, resource_of(object));
  // Addresses given out by the API server make creation fail for a moment on a very young cluster.
  for (int attempt = 0;; ++attempt) {
    const Result<Object> created = co_await client.create(resource, Object(object));
    if (created) co_return Result<void>();
    if (created.error().is_already_exists()) {
      const ObjectKey key = Object(object).key();
      const Result<Object> current = co_await client.get(resource, key);
      if (!current) co_return current.error();
      Value updated = object;
      updated.ref("metadata", "resourceVersion") = current->resource_version();
      const Result<Object> done = co_await client.update(resource, Object(updated));
      if (done) co_return Result<void>();
      if (!done.error().is_conflict() || attempt >= 5) co_return done.error();
    } else if (attempt >= 5 || created.error().code == 422 || created.error().code == 403) {
      co_return created.error();
    }
    (void)co_await process_.sleep(kPollInterval);
  }
}

Result<std::string> ca_hash(std::string_view ca_pem) {
  DRYDOCK_TRY(pki::CertificateInfo info, pki::inspect(ca_pem));
  return "sha256:" + info.public_key_sha256;
}

Value token_secret(const std::string& token, TimePoint expires, bool never, const std::string& description,
                   const std::vector<std::string>& usages, const std::vector<std::string>& groups) {
  const std::string id = token.substr(0, 6);
  Value data = Value::object({{"token-id", base64_encode(id)}, {"token-secret", base64_encode(token.substr(7))}});
  if (!never) data.set("expiration", base64_encode(format_timestamp(expires)));
  for (const std::string& usage : usages) data.set("usage-bootstrap-" + usage, base64_encode("true"));
  if (!groups.empty()) data.set("auth-extra-groups", base64_encode(join(groups, ",")));
  if (!description.empty()) data.set("description", base64_encode(description));
  return Value::object({
      {"apiVersion", "v1"},
      {"kind", "Secret"},
      {"metadata", Value::object({{"name", "bootstrap-token-" + id}, {"namespace", "kube-system"}})},
      {"type", "bootstrap.kubernetes.io/token"},
      {"data", data},
  });
}

Task<int> fail_phase(Process& process, std::string phase, std::string text) {
  co_await process.err((phase.empty() ? "error: " : "error: error execution phase " + phase + ": ") + text +
                       (text.ends_with("\n") ? "" : "\n") +
                       "To see the stack trace of this error execute with --v=5 or higher\n");
  co_return text.starts_with("[preflight]") ? 2 : 1;
}

Task<int> fail_usage(Process& process, std::string command, std::string text) {
  co_await process.err("error: " + text + "\nTo see the stack trace of this error execute with --v=5 or higher\n");
  if (text.starts_with("unknown flag") || text.starts_with("unknown shorthand")) {
    co_await process.err("See '" + command + " --help' for usage.\n");
  }
  co_return text.starts_with("unknown command") ? 1 : 3;
}

}  // namespace drydock::kubeadm
