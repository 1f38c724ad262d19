#include "core/controllers/cluster/service_account_tokens.h"

#include "core/base/strings.h"

namespace drydock::controllers {
namespace {

constexpr const char* kTokenType = "kubernetes.io/service-account-token";
constexpr const char* kAccountName = "kubernetes.io/service-account.name";
constexpr const char* kAccountUid = "kubernetes.io/service-account.uid";

bool is_account_token(const Object& secret) { return secret.doc()["type"].as_string() == kTokenType; }

}  // namespace

ServiceAccountTokenController::ServiceAccountTokenController(ControllerContext& context, AccountTokenSigner sign,
                                                             std::string root_ca_pem)
    : KeyedController(context, "serviceaccount-token-controller"),
      sign_(std::move(sign)),
      root_ca_pem_(std::move(root_ca_pem)),
      accounts_(context.informers.get(resources::kServiceAccounts)),
      secrets_(context.informers.get(resources::kSecrets)) {
  secrets_.add_handler([this](const Object&, const Object& current) {
    if (current && is_account_token(current)) enqueue(current);
  });
  accounts_.add_handler([this](const Object& old, const Object& current) {
    if (old && current) return;
    const Object& account = current ? current : old;
    for (const Object& secret : secrets_.list_namespace(std::string(account.ns()))) {
      if (is_account_token(secret) && secret.annotation(kAccountName) == account.name()) enqueue(secret);
    }
  });
}

Task<Result<void>> ServiceAccountTokenController::reconcile(ObjectKey key) {
  const Object secret = secrets_.get(key);
  if (!secret || !is_account_token(secret) || secret.deleting()) co_return Result<void>();
  const Object account = accounts_.get({key.ns, std::string(secret.annotation(kAccountName))});
  const std::string_view bound_uid = secret.annotation(kAccountUid);
  if (!account || (!bound_uid.empty() && bound_uid != account.uid())) {
    DeleteOptions options;
    options.precondition_uid = std::string(secret.uid());
    Result<Object> removed = co_await context_.client.remove(resources::kSecrets, key, options);
    if (!removed && !removed.error().is_not_found()) co_return removed.error();
    co_return Result<void>();
  }
  Object next = secret;
  Value& doc = next.mutable_doc();
  doc.ref("metadata", "annotations").set(kAccountUid, account.uid());
  Value& data = doc.ref("data");
  if (data["token"].empty()) data.set("token", base64_encode(sign_(account, secret)));
  if (!root_ca_pem_.empty()) data.set("ca.crt", base64_encode(root_ca_pem_));
  data.set("namespace", base64_encode(key.ns));
  if (next != secret) DRYDOCK_CO_TRY_VOID(co_await context_.client.update(resources::kSecrets, std::move(next)));
  co_return Result<void>();
}

}  // namespace drydock::controllers
