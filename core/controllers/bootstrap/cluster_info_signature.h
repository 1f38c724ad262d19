// The signature that lets a joining node trust kube-public/cluster-info with
// nothing but a bootstrap token: a detached JWS, HS256, keyed with the token's
// secret. https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/#configmap-signing
#pragma once

#include <string>
#include <string_view>

namespace drydock::controllers {

// "<header>..<signature>", as it stands under jws-kubeconfig-<token_id>.
std::string sign_cluster_info(std::string_view kubeconfig, std::string_view token_id, std::string_view token_secret);

std::string hmac_sha256(std::string_view key, std::string_view message);

}  // namespace drydock::controllers
