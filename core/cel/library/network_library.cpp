// IP addresses, networks and URLs.
// https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-ip-address-library
#include <array>
#include <optional>

#include "core/base/strings.h"
#include "core/cel/function.h"

namespace drydock::cel {
namespace {

using Kind = Val::Kind;

struct Address {
  std::array<std::uint8_t, 16> bytes{};  // IPv4: the first four
  int bits = 32;
  std::size_t size() const { return static_cast<std::size_t>(bits) / 8; }
};

std::optional<Address> parse_v4(std::string_view text) {
  Address address;
  const std::vector<std::string> parts = split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  for (std::size_t i = 0; i < 4; ++i) {
    if (parts[i].empty() || parts[i].size() > 3 || (parts[i].size() > 1 && parts[i][0] == '0') ||
        parts[i].find_first_not_of("0123456789") != std::string::npos)
      return std::nullopt;
    const std::int64_t number = parse_int(parts[i]).value_or(256);
    if (number > 255) return std::nullopt;
    address.bytes[i] = static_cast<std::uint8_t>(number);
  }
  return address;
}

std::optional<Address> parse_v6(std::string_view text) {
  Address address;
  address.bits = 128;
  std::size_t at = 0;                   // byte to fill
  std::size_t gap = std::string::npos;  // where "::" is
  if (text.starts_with("::")) {
    gap = 0;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    if (at == 16) return std::nullopt;
    std::uint32_t group = 0;
    std::size_t digits = 0;
    while (digits < text.size() && digits < 5) {
      const std::size_t digit = std::string_view("0123456789abcdef").find(static_cast<char>(text[digits] | 0x20));
      if (digit == std::string_view::npos) break;
      group = group * 16 + static_cast<std::uint32_t>(digit);
      ++digits;
    }
    if (digits < text.size() && text[digits] == '.') {  // an IPv4 address at the end
      const auto v4 = parse_v4(text);
      if (!v4 || at > 12) return std::nullopt;
      for (std::size_t i = 0; i < 4; ++i) address.bytes[at++] = v4->bytes[i];
      text = {};
      break;
    }
    if (digits == 0 || digits > 4) return std::nullopt;
    address.bytes[at++] = static_cast<std::uint8_t>(group >> 8);
    address.bytes[at++] = static_cast<std::uint8_t>(group);
    text.remove_prefix(digits);
    if (text.empty()) break;
    if (text[0] != ':' || text.size() == 1) return std::nullopt;
    text.remove_prefix(1);
    if (text[0] == ':') {
      if (gap != std::string::npos) return std::nullopt;
      gap = at;
      text.remove_prefix(1);
    }
  }
  if (at < 16) {
    if (gap == std::string::npos) return std::nullopt;
    const std::size_t shift = 16 - at;
    for (std::size_t i = at; i-- > gap;) {
      address.bytes[i + shift] = address.bytes[i];
      address.bytes[i] = 0;
    }
    for (std::size_t i = gap; i < gap + shift; ++i) address.bytes[i] = 0;
  } else if (gap != std::string::npos) {
    return std::nullopt;
  }
  return address;
}

std::optional<Address> parse_address(std::string_view text) {
  return text.find(':') == std::string_view::npos ? parse_v4(text) : parse_v6(text);
}

std::string address_text(const Address& address) {
  if (address.bits == 32)
    return format("%u.%u.%u.%u", address.bytes[0], address.bytes[1], address.bytes[2], address.bytes[3]);
  // The longest run of zeros, of two groups at least, becomes "::" (RFC 5952).
  std::size_t best = 8;
  std::size_t best_length = 1;
  const auto group = [&](std::size_t i) { return (address.bytes[2 * i] << 8) | address.bytes[2 * i + 1]; };
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t length = 0;
    while (i + length < 8 && group(i + length) == 0) ++length;
    if (length > best_length) {
      best = i;
      best_length = length;
    }
  }
  std::string text;
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == best) {
      text += "::";
      i += best_length - 1;
      continue;
    }
    if (!text.empty() && !text.ends_with("::")) text += ":";
    text += format("%x", static_cast<unsigned>(group(i)));
  }
  return text;
}

struct AddressBox final : OpaqueBox {
  Address address;
  int length = 0;  // of a network
};

Val address_value(const Address& address) {
  auto box = std::make_shared<AddressBox>();
  box->type = opaque_name('p');
  box->key = address_text(address);
  box->address = address;
  return Val::of_box(Kind::kOpaque, std::move(box));
}
Val network_value(const Address& address, int length) {
  auto box = std::make_shared<AddressBox>();
  box->type = opaque_name('c');
  box->key = address_text(address) + "/" + std::to_string(length);
  box->address = address;
  box->length = length;
  return Val::of_box(Kind::kOpaque, std::move(box));
}

bool mapped_v4(const Address& address) {
  if (address.bits == 32) return false;
  for (std::size_t i = 0; i < 10; ++i) {
    if (address.bytes[i] != 0) return false;
  }
  return address.bytes[10] == 0xff && address.bytes[11] == 0xff;
}

// Why a text is no address; "" when it is one.
std::string address_fault(std::string_view text, Address& address) {
  const std::string before = "IP Address " + go_quote(text) + " parse error during conversion from string: ";
  if (text.find('%') != std::string_view::npos && text.find(':') != std::string_view::npos)
    return "IP address " + go_quote(text) + " with zone value is not allowed";
  const auto parsed = parse_address(text);
  if (!parsed) return before + "ParseAddr(" + go_quote(text) + "): unable to parse IP";
  if (mapped_v4(*parsed)) return "IPv4-mapped IPv6 address " + go_quote(text) + " is not allowed";
  address = *parsed;
  return "";
}

std::string network_fault(std::string_view text, Address& address, int& length) {
  const std::string before = "network address parse error during conversion from string: ";
  const std::string quoted = "netip.ParsePrefix(" + go_quote(text) + "): ";
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return before + quoted + "no '/'";
  const auto parsed = parse_address(text.substr(0, slash));
  if (!parsed) return before + quoted + "ParseAddr(" + go_quote(text.substr(0, slash)) + "): unable to parse IP";
  const std::string_view bits = text.substr(slash + 1);
  if (bits.empty() || bits.find_first_not_of("0123456789") != std::string_view::npos ||
      (bits.size() > 1 && bits[0] == '0'))
    return before + quoted + "bad bits after slash: " + go_quote(bits);
  const std::int64_t number = parse_int(bits).value_or(999);
  if (number > parsed->bits) return before + quoted + "prefix length out of range";
  if (mapped_v4(*parsed)) return "IPv4-mapped IPv6 address " + go_quote(text) + " is not allowed";
  address = *parsed;
  length = static_cast<int>(number);
  return "";
}

const AddressBox* address_box(const Val& value, char type) {
  return value.is_opaque(opaque_name(type)) ? &static_cast<const AddressBox&>(value.opaque()) : nullptr;
}

Val to_ip(Call& call) {
  if (const AddressBox* network = address_box(call[0], 'c')) return address_value(network->address);
  if (!call[0].is(Kind::kString)) return no_such_overload();
  call.traverse(call[0].text().size());
  Address address;
  const std::string fault = address_fault(call[0].text(), address);
  return fault.empty() ? address_value(address) : Val::error(fault);
}
Val is_ip(Call& call) {
  Address address;
  return call[0].is(Kind::kString) ? Val::of_bool(address_fault(call[0].text(), address).empty()) : no_such_overload();
}
Val is_canonical(Call& call) {
  if (!call[0].is(Kind::kString)) return no_such_overload();
  Address address;
  const std::string fault = address_fault(call[0].text(), address);
  return fault.empty() ? Val::of_bool(address_text(address) == call[0].text()) : Val::error(fault);
}
Val to_cidr(Call& call) {
  if (!call[0].is(Kind::kString)) return no_such_overload();
  call.traverse(call[0].text().size());
  Address address;
  int length = 0;
  const std::string fault = network_fault(call[0].text(), address, length);
  return fault.empty() ? network_value(address, length) : Val::error(fault);
}
Val is_cidr(Call& call) {
  Address address;
  int length = 0;
  return call[0].is(Kind::kString) ? Val::of_bool(network_fault(call[0].text(), address, length).empty())
                                   : no_such_overload();
}

Val family(Call& call) {
  const AddressBox* ip = address_box(call[0], 'p');
  return ip == nullptr ? no_such_overload() : Val::of_int(ip->address.bits == 32 ? 4 : 6);
}

Val judged(Call& call, bool (*judge)(const Address&)) {
  const AddressBox* ip = address_box(call[0], 'p');
  return ip == nullptr ? no_such_overload() : Val::of_bool(judge(ip->address));
}
bool unspecified(const Address& address) { return address.bytes == Address{}.bytes; }
bool loopback(const Address& address) {
  if (address.bits == 32) return address.bytes[0] == 127;
  Address one;
  one.bytes[15] = 1;
  return address.bytes == one.bytes;
}
bool link_local(const Address& address) {
  if (address.bits == 32) return address.bytes[0] == 169 && address.bytes[1] == 254;
  return address.bytes[0] == 0xfe && (address.bytes[1] & 0xc0) == 0x80;
}
bool multicast(const Address& address) {
  return address.bits == 32 ? (address.bytes[0] & 0xf0) == 0xe0 : address.bytes[0] == 0xff;
}
bool link_local_multicast(const Address& address) {
  if (address.bits == 32) return address.bytes[0] == 224 && address.bytes[1] == 0 && address.bytes[2] == 0;
  return address.bytes[0] == 0xff && (address.bytes[1] & 0x0f) == 0x02;
}
bool global_unicast(const Address& address) {
  const Address broadcast{{255, 255, 255, 255}, 32};
  if (address.bits == 32 && address.bytes == broadcast.bytes) return false;
  return !unspecified(address) && !loopback(address) && !multicast(address) && !link_local(address);
}
Val is_unspecified(Call& call) { return judged(call, unspecified); }
Val is_loopback(Call& call) { return judged(call, loopback); }
Val is_link_local(Call& call) { return judged(call, link_local); }
Val is_link_local_multicast(Call& call) { return judged(call, link_local_multicast); }
Val is_global_unicast(Call& call) { return judged(call, global_unicast); }

Address masked(Address address, int length) {
  for (int bit = length; bit < address.bits; ++bit)
    address.bytes[static_cast<std::size_t>(bit) / 8] &= static_cast<std::uint8_t>(~(0x80 >> (bit % 8)));
  return address;
}

bool inside(const AddressBox& network, const Address& address) {
  return network.address.bits == address.bits &&
         masked(network.address, network.length).bytes == masked(address, network.length).bytes;
}

Val contains_ip(Call& call) {
  const AddressBox* network = address_box(call[0], 'c');
  if (network == nullptr) return no_such_overload();
  if (const AddressBox* ip = address_box(call[1], 'p')) return Val::of_bool(inside(*network, ip->address));
  if (!call[1].is(Kind::kString)) return no_such_overload();
  Address address;
  const std::string fault = address_fault(call[1].text(), address);
  return fault.empty() ? Val::of_bool(inside(*network, address)) : Val::error(fault);
}
Val contains_cidr(Call& call) {
  const AddressBox* network = address_box(call[0], 'c');
  if (network == nullptr) return no_such_overload();
  Address address;
  int length = 0;
  if (const AddressBox* other = address_box(call[1], 'c')) {
    address = other->address;
    length = other->length;
  } else if (call[1].is(Kind::kString)) {
    const std::string fault = network_fault(call[1].text(), address, length);
    if (!fault.empty()) return Val::error(fault);
  } else {
    return no_such_overload();
  }
  return Val::of_bool(length >= network->length && inside(*network, address));
}
Val mask(Call& call) {
  const AddressBox* network = address_box(call[0], 'c');
  return network == nullptr ? no_such_overload()
                            : network_value(masked(network->address, network->length), network->length);
}
Val prefix_length(Call& call) {
  const AddressBox* network = address_box(call[0], 'c');
  return network == nullptr ? no_such_overload() : Val::of_int(network->length);
}

// --- URLs: url.ParseRequestURI ---
struct UrlBox final : OpaqueBox {
  std::string scheme, host, path, query;
};

std::string url_fault(std::string_view text, UrlBox& url) {
  const auto fault = [&](const std::string& why) {
    return "URL parse error during conversion from string: parse " + go_quote(text) + ": " + why;
  };
  if (text.empty()) return fault("empty url");
  for (const char letter : text) {
    if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f)
      return "URL parse error during conversion from string: net/url: invalid control character in URL";
  }
  std::string_view rest = text;
  const std::size_t colon = rest.find(':');
  const std::size_t other = rest.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
  if (colon == 0) return fault("missing protocol scheme");
  const bool letter_first = (rest[0] >= 'a' && rest[0] <= 'z') || (rest[0] >= 'A' && rest[0] <= 'Z');
  if (colon != std::string_view::npos && other == colon && letter_first) {
    url.scheme = to_lower(rest.substr(0, colon));
    rest.remove_prefix(colon + 1);
  } else if (colon != std::string_view::npos && (other == std::string_view::npos || other >= colon) && !letter_first) {
    return fault("first path segment in URL cannot contain colon");
  }
  if (const std::size_t mark = rest.find('?'); mark != std::string_view::npos) {
    url.query = rest.substr(mark + 1);
    rest = rest.substr(0, mark);
  }
  if (!rest.starts_with("/")) {
    // Neither an absolute path nor "scheme:opaque".
    return url.scheme.empty() ? fault("invalid URI for request") : fault("invalid URI for request");
  }
  if (rest.starts_with("//") && !url.scheme.empty()) {
    rest.remove_prefix(2);
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    std::string_view authority = rest.substr(0, slash);
    rest.remove_prefix(slash);
    if (const std::size_t user = authority.rfind('@'); user != std::string_view::npos)
      authority.remove_prefix(user + 1);
    if (authority.find(' ') != std::string_view::npos) return fault("invalid character \" \" in host name");
    const std::size_t port = authority.starts_with("[") ? authority.find("]:") : authority.rfind(':');
    if (authority.starts_with("[") && authority.find(']') == std::string_view::npos)
      return fault("missing ']' in host");
    if (port != std::string_view::npos) {
      const std::string_view digits = authority.substr(port + (authority.starts_with("[") ? 2 : 1));
      if (digits.find_first_not_of("0123456789") != std::string_view::npos)
        return fault("invalid port " + go_quote(":" + std::string(digits)) + " after host");
    }
    url.host = authority;
  }
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] != '%') continue;
    static constexpr std::string_view kHex = "0123456789abcdefABCDEF";
    if (i + 2 >= rest.size() || kHex.find(rest[i + 1]) == std::string_view::npos ||
        kHex.find(rest[i + 2]) == std::string_view::npos)
      return fault("invalid URL escape " + go_quote(rest.substr(i, 3)));
  }
  url.path = rest;
  return "";
}

std::string escaped_path(std::string_view path) {
  static constexpr std::string_view kPlain = "-_.~$&+,/:;=@%!'()*";
  std::string text;
  for (const char letter : path) {
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       (letter >= '0' && letter <= '9') || kPlain.find(letter) != std::string_view::npos;
    if (plain)
      text += letter;
    else
      text += "%" + to_upper(hex_encode(std::string_view(&letter, 1)));
  }
  return text;
}

// What "a%20b+c" stands for.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      plain += ' ';
    } else if (text[i] == '%' && i + 2 < text.size()) {
      int code = 0;
      for (const char digit : text.substr(i + 1, 2)) {
        const std::size_t number = std::string_view("0123456789abcdef").find(static_cast<char>(digit | 0x20));
        code = code * 16 + (number == std::string_view::npos ? 0 : static_cast<int>(number));
      }
      plain += static_cast<char>(code);
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

const UrlBox* url_box(const Call& call) {
  return call[0].is_opaque(opaque_name('l')) ? &static_cast<const UrlBox&>(call[0].opaque()) : nullptr;
}

Val to_url(Call& call) {
  if (!call[0].is(Kind::kString)) return no_such_overload();
  call.traverse(call[0].text().size());
  auto box = std::make_shared<UrlBox>();
  const std::string fault = url_fault(call[0].text(), *box);
  if (!fault.empty()) return Val::error(fault);
  box->type = opaque_name('l');
  box->key = call[0].text();
  return Val::of_box(Kind::kOpaque, std::move(box));
}
Val is_url(Call& call) {
  UrlBox box;
  return call[0].is(Kind::kString) ? Val::of_bool(url_fault(call[0].text(), box).empty()) : no_such_overload();
}
Val get_scheme(Call& call) {
  const UrlBox* url = url_box(call);
  return url == nullptr ? no_such_overload() : Val::of_string(url->scheme);
}
Val get_host(Call& call) {
  const UrlBox* url = url_box(call);
  return url == nullptr ? no_such_overload() : Val::of_string(url->host);
}
// "[::1]:80" is "::1" and "80".
Val host_part(Call& call, bool port) {
  const UrlBox* url = url_box(call);
  if (url == nullptr) return no_such_overload();
  std::string_view host = url->host;
  std::string_view number;
  const std::size_t bracket = host.find(']');
  const std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    number = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  if (host.starts_with("[") && host.ends_with("]")) host = host.substr(1, host.size() - 2);
  return Val::of_string(port ? number : host);
}
Val get_hostname(Call& call) { return host_part(call, false); }
Val get_port(Call& call) { return host_part(call, true); }
Val get_escaped_path(Call& call) {
  const UrlBox* url = url_box(call);
  return url == nullptr ? no_such_overload() : Val::of_string(escaped_path(url->path));
}
Val get_query(Call& call) {
  const UrlBox* url = url_box(call);
  if (url == nullptr) return no_such_overload();
  std::vector<std::pair<std::string, std::vector<Val>>> all;
  for (const std::string& piece : split(url->query, '&')) {
    if (piece.empty() || piece.find(';') != std::string::npos) continue;
    const std::size_t sign = piece.find('=');
    const std::string key = unescaped(piece.substr(0, sign));
    Val value = Val::of_string(sign == std::string::npos ? "" : unescaped(piece.substr(sign + 1)));
    bool known = false;
    for (auto& entry : all) {
      if (entry.first != key) continue;
      entry.second.push_back(value);
      known = true;
    }
    if (!known) all.push_back({key, {value}});
  }
  std::vector<std::pair<Val, Val>> entries;
  for (auto& entry : all) entries.emplace_back(Val::of_string(entry.first), Val::of_list(std::move(entry.second)));
  return Val::of_map(std::move(entries));
}

constexpr Function kFunctions[] = {
    {"ip", "s>p .c>p", to_ip},
    {"isIP", "s>o", is_ip},
    {"ip.isCanonical", "s>o", is_canonical},
    {"family", ".p>i", family},
    {"isUnspecified", ".p>o", is_unspecified},
    {"isLoopback", ".p>o", is_loopback},
    {"isLinkLocalMulticast", ".p>o", is_link_local_multicast},
    {"isLinkLocalUnicast", ".p>o", is_link_local},
    {"isGlobalUnicast", ".p>o", is_global_unicast},
    {"cidr", "s>c", to_cidr},
    {"isCIDR", "s>o", is_cidr},
    {"containsIP", ".cs>o .cp>o", contains_ip},
    {"containsCIDR", ".cs>o .cc>o", contains_cidr},
    {"masked", ".c>c", mask},
    {"prefixLength", ".c>i", prefix_length},
    {"url", "s>l", to_url},
    {"isURL", "s>o", is_url},
    {"getScheme", ".l>s", get_scheme},
    {"getHost", ".l>s", get_host},
    {"getHostname", ".l>s", get_hostname},
    {"getPort", ".l>s", get_port},
    {"getEscapedPath", ".l>s", get_escaped_path},
    {"getQuery", ".l>{s[s]}", get_query},
};

}  // namespace

std::span<const Function> network_functions() { return kFunctions; }

}  // namespace drydock::cel
