#include "core/controllers/bootstrap/bootstrap_tokens.h"

#include "core/base/strings.h"
#include "core/controllers/bootstrap/cluster_info_signature.h"

namespace drydock::controllers {
namespace {

const ObjectKey kClusterInfo{"kube-public", "cluster-info"};
constexpr const char* kSignaturePrefix = "jws-kubeconfig-";

TimePoint expiration_of(const Object& token) {
  const std::string text = secret_text(token, "expiration");
  return text.empty() ? TimePoint::max() : time_or_epoch(text);
}

}  // namespace

std::string secret_text(const Object& secret, std::string_view field) {
  return base64_decode(secret.doc()["data"][field].as_string()).value_or("");
}

bool is_bootstrap_token(const Object& secret) {
  return secret.ns() == "kube-system" && secret.doc()["type"].as_string() == "bootstrap.kubernetes.io/token";
}

Object sign_with_tokens(const Object& cluster_info, const std::vector<Object>& tokens, TimePoint now) {
  Object signed_info = cluster_info;
  Value data = Value::object();
  for (const Value::Member& entry : cluster_info.doc()["data"].members()) {
    if (!entry.key.view().starts_with(kSignaturePrefix)) data.set(entry.key, entry.value);
  }
  const std::string kubeconfig = data["kubeconfig"].str();
  for (const Object& token : tokens) {
    if (secret_text(token, "usage-bootstrap-signing") != "true" || expiration_of(token) <= now) continue;
    const std::string id = secret_text(token, "token-id"), secret = secret_text(token, "token-secret");
    if (!id.empty() && !secret.empty()) data.set(kSignaturePrefix + id, sign_cluster_info(kubeconfig, id, secret));
  }
  signed_info.mutable_doc().set("data", std::move(data));
  return signed_info;
}

BootstrapSigner::BootstrapSigner(ControllerContext& context)
    : KeyedController(context, "bootstrapsigner", 1),
      config_maps_(context.informers.get(resources::kConfigMaps)),
      secrets_(context.informers.get(resources::kSecrets)) {
  config_maps_.add_handler([this](const Object&, const Object& current) {
    if (current && current.key() == kClusterInfo) enqueue(kClusterInfo);
  });
  secrets_.add_handler([this](const Object& old, const Object& current) {
    if (is_bootstrap_token(current ? current : old)) enqueue(kClusterInfo);
  });
}

Task<Result<void>> BootstrapSigner::reconcile(ObjectKey key) {
  const Object cluster_info = config_maps_.get(key);
  if (!cluster_info || cluster_info.doc()["data"]["kubeconfig"].empty()) co_return Result<void>();
  std::vector<Object> tokens;
  for (const Object& secret : secrets_.list_namespace("kube-system")) {
    if (is_bootstrap_token(secret)) tokens.push_back(secret);
  }
  Object signed_info = sign_with_tokens(cluster_info, tokens, context_.now());
  if (signed_info != cluster_info)
    DRYDOCK_CO_TRY_VOID(co_await context_.client.update(resources::kConfigMaps, std::move(signed_info)));
  co_return Result<void>();
}

TokenCleaner::TokenCleaner(ControllerContext& context)
    : KeyedController(context, "tokencleaner", 1), secrets_(context.informers.get(resources::kSecrets)) {
  secrets_.add_handler([this](const Object&, const Object& current) {
    if (current && is_bootstrap_token(current)) enqueue(current);
  });
}

Task<Result<void>> TokenCleaner::reconcile(ObjectKey key) {
  const Object token = secrets_.get(key);
  if (!token || !is_bootstrap_token(token)) co_return Result<void>();
  const TimePoint expiration = expiration_of(token);
  if (expiration > context_.now()) {
    enqueue_at(key, expiration);
    co_return Result<void>();
  }
  DeleteOptions options;
  options.precondition_uid = std::string(token.uid());
  Result<Object> removed = co_await context_.client.remove(resources::kSecrets, key, options);
  if (!removed && !removed.error().is_not_found()) co_return removed.error();
  co_return Result<void>();
}

}  // namespace drydock::controllers
