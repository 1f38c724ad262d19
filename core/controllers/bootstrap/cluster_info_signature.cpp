#include "core/controllers/bootstrap/cluster_info_signature.h"

#include "core/base/strings.h"

namespace drydock::controllers {

std::string hmac_sha256(std::string_view key, std::string_view message) {
  constexpr std::size_t kBlock = 64;
  std::string padded = key.size() > kBlock ? sha256(key) : std::string(key);
  padded.resize(kBlock, '\0');
  std::string inner, outer;
  for (char c : padded) {
    inner += static_cast<char>(c ^ 0x36);
    outer += static_cast<char>(c ^ 0x5c);
  }
  return sha256(outer + sha256(inner + std::string(message)));
}

std::string sign_cluster_info(std::string_view kubeconfig, std::string_view token_id, std::string_view token_secret) {
  const std::string header = base64url_encode("{\"alg\":\"HS256\",\"kid\":" + go_quote(token_id) + "}");
  return header + ".." + base64url_encode(hmac_sha256(token_secret, header + "." + base64url_encode(kubeconfig)));
}

}  // namespace drydock::controllers
