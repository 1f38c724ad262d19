#include "core/machinery/validation/names.h"

#include <algorithm>

#include "core/base/strings.h"

namespace drydock {
namespace {

constexpr const char* kLabel =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr const char* kSubdomain =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr const char* kLabel1035 =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')";
constexpr const char* kWildcard =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of "
    "lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', "
    "regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr const char* kNamePart =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
    "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
constexpr const char* kLabelValue =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
constexpr const char* kConfigKey =
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or "
    "'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

bool lower(char c) { return c >= 'a' && c <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return lower(c) || (c >= 'A' && c <= 'Z'); }
bool alphanumeric(char c) { return letter(c) || digit(c); }

std::string at_most(std::size_t bytes) { return "must be no more than " + std::to_string(bytes) + " bytes"; }

// [a-z0-9]([-a-z0-9]*[a-z0-9])?
bool is_label(std::string_view text) {
  if (text.empty() || text.front() == '-' || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return lower(c) || digit(c) || c == '-'; });
}
bool is_subdomain(std::string_view text) {
  const std::vector<std::string> parts = split(text, '.');
  return std::all_of(parts.begin(), parts.end(), [](const std::string& part) { return is_label(part); });
}
// ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]
bool is_name_part(std::string_view text) {
  if (text.empty() || !alphanumeric(text.front()) || !alphanumeric(text.back())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

Problems qualified(std::string_view text, const std::string& what) {
  Problems problems;
  const std::vector<std::string> parts = split(text, '/');
  std::string name = parts[0];
  if (parts.size() == 2) {
    name = parts[1];
    if (parts[0].empty())
      problems.emplace_back("prefix part must be non-empty");
    else
      for (const std::string& problem : dns_subdomain_problems(parts[0])) problems.push_back("prefix part " + problem);
  } else if (parts.size() > 2) {
    problems.push_back(what + " " + kNamePart +
                       " with an optional DNS subdomain prefix and '/' (e.g. "
                       "'example.com/MyName')");
    return problems;
  }
  if (name.empty())
    problems.emplace_back("name part must be non-empty");
  else if (name.size() > 63)
    problems.push_back("name part " + at_most(63));
  if (!is_name_part(name)) problems.push_back("name part " + std::string(kNamePart));
  return problems;
}

bool is_ipv4(std::string_view text) {
  const std::vector<std::string> parts = split(text, '.');
  if (parts.size() != 4) return false;
  return std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
    if (part.empty() || part.size() > 3 || (part.size() > 1 && part[0] == '0')) return false;
    return std::all_of(part.begin(), part.end(), digit) && *parse_int(part) <= 255;
  });
}
bool is_ipv6(std::string_view text) {
  if (text.find(':') == std::string_view::npos || contains(text, ":::")) return false;
  const bool shortened = contains(text, "::");
  std::size_t groups = 0;
  for (const std::string& part : split(text, ':')) {
    if (part.empty()) continue;
    if (part.size() > 4) return false;
    for (char c : part) {
      if (!digit(c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F')) return false;
    }
    ++groups;
  }
  return shortened ? groups < 8 : groups == 8;
}

}  // namespace

Problems dns_label_problems(std::string_view text) {
  Problems problems;
  if (text.size() > 63) problems.push_back(at_most(63));
  if (!is_label(text)) problems.emplace_back(kLabel);
  return problems;
}
Problems dns_subdomain_problems(std::string_view text) {
  Problems problems;
  if (text.size() > 253) problems.push_back(at_most(253));
  if (!is_subdomain(text)) problems.emplace_back(kSubdomain);
  return problems;
}
Problems dns_1035_problems(std::string_view text) {
  Problems problems;
  if (text.size() > 63) problems.push_back(at_most(63));
  if (!is_label(text) || digit(text.front())) problems.emplace_back(kLabel1035);
  return problems;
}
Problems wildcard_subdomain_problems(std::string_view text) {
  Problems problems;
  if (text.size() > 253) problems.push_back(at_most(253));
  if (!text.starts_with("*.") || !is_subdomain(text.substr(2))) problems.emplace_back(kWildcard);
  return problems;
}
Problems label_key_problems(std::string_view text) { return qualified(text, "a valid label key"); }
Problems qualified_name_problems(std::string_view text) { return qualified(text, "a valid label key"); }
Problems label_value_problems(std::string_view text) {
  Problems problems;
  if (text.size() > 63) problems.push_back(at_most(63));
  if (!text.empty() && !is_name_part(text)) problems.emplace_back(kLabelValue);
  return problems;
}
Problems path_segment_problems(std::string_view text) {
  if (text == ".") return {"may not be '.'"};
  if (text == "..") return {"may not be '..'"};
  Problems problems;
  if (contains(text, "/")) problems.emplace_back("may not contain '/'");
  if (contains(text, "%")) problems.emplace_back("may not contain '%'");
  return problems;
}
Problems port_name_problems(std::string_view text) {
  Problems problems;
  if (text.size() > 15) problems.push_back(at_most(15));
  if (!std::all_of(text.begin(), text.end(), [](char c) { return lower(c) || digit(c) || c == '-'; }))
    problems.emplace_back("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!std::any_of(text.begin(), text.end(), lower)) problems.emplace_back("must contain at least one letter (a-z)");
  if (contains(text, "--")) problems.emplace_back("must not contain consecutive hyphens");
  if (!text.empty() && (text.front() == '-' || text.back() == '-'))
    problems.emplace_back("must not begin or end with a hyphen");
  return problems;
}
Problems environment_name_problems(std::string_view text) {
  if (text.empty()) return {"environment variable name must be non-empty"};
  const bool fine = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~' && c != '='; });
  if (fine) return {};
  return {"a valid environment variable name must consist only of printable ASCII characters other than '='"};
}
Problems config_key_problems(std::string_view text) {
  Problems problems;
  if (text.size() > 253) problems.push_back(at_most(253));
  const bool fine = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return alphanumeric(c) || c == '-' || c == '_' || c == '.';
  });
  if (!fine) problems.emplace_back(kConfigKey);
  if (text == ".") problems.emplace_back("must not be '.'");
  if (text == "..") problems.emplace_back("must not be '..'");
  if (text.starts_with("..") && text.size() > 2) problems.emplace_back("must not start with '..'");
  return problems;
}
Problems ip_problems(std::string_view text) {
  if (is_ipv4(text) || is_ipv6(text)) return {};
  return {"must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"};
}
Problems cidr_problems(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const std::string_view address = text.substr(0, slash);
    const auto bits = parse_int(text.substr(slash + 1));
    if (bits && *bits >= 0 && ((is_ipv4(address) && *bits <= 32) || (is_ipv6(address) && *bits <= 128))) return {};
  }
  return {"must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"};
}

}  // namespace drydock
