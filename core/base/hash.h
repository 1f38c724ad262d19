// Hash64: a running, order-sensitive 64-bit hash for state_hash() and seeds.
// Stable over builds and platforms; not for security (see sha256.h).
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>

namespace drydock {

class Hash64 {
 public:
  template <std::integral Integer>
  void add(Integer number) {
    const auto bits = static_cast<std::uint64_t>(number);
    for (int shift = 0; shift < 64; shift += 8) add_byte(static_cast<std::uint8_t>(bits >> shift));
  }
  // The length is part of the hash, so ("ab","c") differs from ("a","bc").
  void add(std::string_view bytes) {
    add(static_cast<std::uint64_t>(bytes.size()));
    for (char c : bytes) add_byte(static_cast<std::uint8_t>(c));
  }
  std::uint64_t value() const {
    std::uint64_t z = state_;  // finalizer: spreads the last bytes over the word
    z = (z ^ (z >> 33)) * 0xff51afd7ed558ccdULL;
    z = (z ^ (z >> 33)) * 0xc4ceb9fe1a85ec53ULL;
    return z ^ (z >> 33);
  }

 private:
  void add_byte(std::uint8_t byte) { state_ = (state_ ^ byte) * 0x100000001b3ULL; }
  std::uint64_t state_ = 0xcbf29ce484222325ULL;  // FNV-1a
};

}  // namespace drydock
