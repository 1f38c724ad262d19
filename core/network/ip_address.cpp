#include "core/network/ip_address.h"

#include "core/base/strings.h"

namespace drydock {

std::optional<Ipv4> Ipv4::parse(std::string_view text) {
  if (text == "::1") return kLoopbackAddress;
  std::uint32_t bits = 0;
  int parts = 0;
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view part = text.substr(0, dot);
    if (part.empty() || part.size() > 3) return std::nullopt;
    std::uint32_t number = 0;
    for (char c : part) {
      if (c < '0' || c > '9') return std::nullopt;
      number = number * 10 + static_cast<std::uint32_t>(c - '0');
    }
    if (number > 255) return std::nullopt;
    bits = bits << 8 | number;
    ++parts;
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  if (parts != 4) return std::nullopt;
  return Ipv4{bits};
}

std::string Ipv4::text() const {
  std::string text;
  for (const int shift : {24, 16, 8, 0}) {
    if (shift < 24) text += '.';
    text += std::to_string(bits >> shift & 255);
  }
  return text;
}

std::optional<Cidr> Cidr::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = Ipv4::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string_view::npos) return Cidr{*address, 32};
  const std::string_view rest = text.substr(slash + 1);
  if (const auto length = parse_int(rest)) {
    if (*length < 0 || *length > 32) return std::nullopt;
    return Cidr{*address, static_cast<int>(*length)};
  }
  // "10.0.0.0/255.255.255.0"
  const auto mask = Ipv4::parse(rest);
  if (!mask) return std::nullopt;
  for (int length = 0; length <= 32; ++length) {
    if (Cidr{*address, length}.mask() == *mask) return Cidr{*address, length};
  }
  return std::nullopt;
}

std::string Cidr::text() const { return address.text() + "/" + std::to_string(length); }

std::string endpoint_text(Ipv4 address, std::uint16_t port) { return address.text() + ":" + std::to_string(port); }

}  // namespace drydock
