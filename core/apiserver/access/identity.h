// Who asks, and whether they may: authentication and role-based authorization.
// https://kubernetes.io/docs/reference/access-authn-authz/
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/apiserver/admission/object_view.h"
#include "core/apiserver/request_info.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/machinery/object.h"

namespace drydock {

struct Identity {
  std::string name;  // "kubernetes-admin"
  std::vector<std::string> groups;
  std::string uid;
  // What else an authenticator or impersonation says, by key.
  std::vector<std::pair<std::string, std::vector<std::string>>> extra{};
  bool in_group(std::string_view group) const;
};

// A ServiceAccount as it is known once its token has been believed.
Identity service_account_identity(const std::string& ns, const std::string& name);

// What the server needs of X.509 and tokens, which live elsewhere. Null functions
// mean that such credentials are not accepted.
struct CredentialReaders {
  // Subject of a client certificate that the transport has verified.
  std::function<std::optional<Identity>(std::string_view certificate_pem)> certificate;
  // Claims of a service account token whose signature holds; null otherwise.
  std::function<Value(std::string_view token)> token_claims;
  // Tokens of a static file.
  std::function<std::optional<Identity>(std::string_view token)> static_token;
  // A signed token for the claims.
  std::function<Value(const Value& claims)> sign_token;
  // The organizations that a certificate signing request's subject names.
  std::function<std::vector<std::string>(std::string_view request_pem)> request_organizations;
};

// Looks objects up for authentication and authorization.
struct ObjectSource {
  std::function<Object(std::string_view resource, const ObjectKey& key)> get;
  std::function<void(std::string_view resource, const std::string& ns, const std::function<void(const Object&)>& visit)>
      each;
  // What visit_rules finds for the identity in a namespace, remembered until a role or
  // binding changes; null: it is looked up each time.
  std::function<const std::vector<Value>&(const Identity& who, const std::string& ns)> rules;
  // For the Node authorizer; null: kubelets are users like others.
  ObjectView* view = nullptr;
};

// nullopt: the credentials are bad (401). No credentials give system:anonymous.
std::optional<Identity> authenticate(const HttpRequest& request, const CredentialReaders& readers,
                                     const ObjectSource& objects, TimePoint now);

// The Node authorizer, then RBAC: true when one of them allows it. `why` gets what they
// have to say about a refusal.
bool authorize(const Identity& who, const RequestInfo& info, const std::string& path, const ObjectSource& objects,
               std::string* why = nullptr);
// What allows it: `RBAC: allowed by ClusterRoleBinding "x" of ClusterRole "y" to User "z"`;
// "" when it is no binding that does.
std::string allowed_reason(const Identity& who, const RequestInfo& info, const std::string& path,
                           const ObjectSource& objects);
// Every rule that applies to the identity in a namespace ("" for the cluster), until
// `visit` says false.
void visit_rules(const Identity& who, const std::string& ns, const ObjectSource& objects,
                 const std::function<bool(const Value& rule)>& visit);
// Whom the Impersonate-* headers ask to be, `who` itself without any; an error when
// that is not allowed.
Result<Identity> impersonated(const Identity& who, const HttpHeaders& headers, const ObjectSource& objects);
// `User "x" cannot list resource "pods" in API group "" in the namespace "default"`.
std::string denial_text(const Identity& who, const RequestInfo& info, const std::string& path);

// Cluster roles and bindings that exist from the start (bootstrap_policy.cpp).
std::vector<Value> bootstrap_policy();

}  // namespace drydock
