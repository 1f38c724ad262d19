// Ipv4, Cidr: addresses and networks of the virtual world. IPv6 exists only as
// the loopback name ::1, which the parser takes for 127.0.0.1.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drydock {

struct Ipv4 {
  std::uint32_t bits = 0;  // host byte order
  auto operator<=>(const Ipv4&) const = default;
  static std::optional<Ipv4> parse(std::string_view text);
  std::string text() const;
  bool any() const { return bits == 0; }
  bool loopback() const { return (bits >> 24) == 127; }
  Ipv4 next(std::uint32_t steps = 1) const { return Ipv4{bits + steps}; }
};

constexpr Ipv4 kLoopbackAddress{0x7f000001};

// An address with the length of its network: 10.0.0.2/24 keeps the 2.
struct Cidr {
  Ipv4 address;
  int length = 32;
  auto operator<=>(const Cidr&) const = default;
  // "10.0.0.0/24"; a bare address is a /32.
  static std::optional<Cidr> parse(std::string_view text);
  std::string text() const;
  Ipv4 mask() const { return Ipv4{length == 0 ? 0 : ~std::uint32_t{0} << (32 - length)}; }
  Ipv4 network() const { return Ipv4{address.bits & mask().bits}; }
  Ipv4 broadcast() const { return Ipv4{address.bits | ~mask().bits}; }
  bool contains(Ipv4 other) const { return ((address.bits ^ other.bits) & mask().bits) == 0; }
};

// "10.0.0.2:6443"
std::string endpoint_text(Ipv4 address, std::uint16_t port);

}  // namespace drydock
