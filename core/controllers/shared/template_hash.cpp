#include "core/controllers/shared/template_hash.h"

#include "core/machinery/json.h"

namespace drydock::controllers {

std::uint32_t fnv32a(std::string_view bytes, std::uint32_t seed) {
  for (char c : bytes) seed = (seed ^ static_cast<std::uint8_t>(c)) * 16777619U;
  return seed;
}

std::string safe_encode(std::string_view text) {
  constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
  std::string encoded;
  for (char c : text) encoded += kAlphabet[static_cast<std::uint8_t>(c) % kAlphabet.size()];
  return encoded;
}

std::string template_hash(const Value& pod_template, std::optional<std::int64_t> collision_count) {
  std::uint32_t hash = fnv32a(dump_json(pod_template));
  if (collision_count) {
    std::string bytes(8, '\0');  // as upstream: a buffer of eight, the number in the first four
    for (int i = 0; i < 4; ++i) bytes[static_cast<std::size_t>(i)] = static_cast<char>(*collision_count >> (8 * i));
    hash = fnv32a(bytes, hash);
  }
  return safe_encode(std::to_string(hash));
}

}  // namespace drydock::controllers
