#include "core/proxy/chain_names.h"

#include <cstdint>

#include "core/base/strings.h"

namespace drydock::proxy {
namespace {

std::string hashed(std::string_view prefix, const std::string& text) {
  constexpr std::size_t kHashLength = 16;
  return std::string(prefix) + base32_encode(sha256(text)).substr(0, kHashLength);
}

std::string key_of(std::string_view service_port, std::string_view protocol) {
  return std::string(service_port) + to_lower(protocol);
}

}  // namespace

std::string base32_encode(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string encoded;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (char c : bytes) {
    buffer = buffer << 8 | static_cast<std::uint8_t>(c);
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      encoded += kAlphabet[buffer >> bits & 31];
    }
  }
  if (bits > 0) encoded += kAlphabet[buffer << (5 - bits) & 31];
  while (encoded.size() % 8 != 0) encoded += '=';
  return encoded;
}

std::string service_chain(std::string_view service_port, std::string_view protocol) {
  return hashed("KUBE-SVC-", key_of(service_port, protocol));
}
std::string local_chain(std::string_view service_port, std::string_view protocol) {
  return hashed("KUBE-SVL-", key_of(service_port, protocol));
}
std::string external_chain(std::string_view service_port, std::string_view protocol) {
  return hashed("KUBE-EXT-", key_of(service_port, protocol));
}
std::string endpoint_chain(std::string_view service_port, std::string_view protocol, std::string_view endpoint) {
  return hashed("KUBE-SEP-", key_of(service_port, protocol) + std::string(endpoint));
}

}  // namespace drydock::proxy
