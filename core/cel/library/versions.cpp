// Semantic versions.
// https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-semver-library
#include <optional>

#include "core/base/strings.h"
#include "core/cel/function.h"

namespace drydock::cel {

// kubernetes_library.cpp: isGreaterThan and its like are quantities', too.
Val compare_quantities(const Call& call, int& order);

namespace {

using Kind = Val::Kind;

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-";

struct VersionBox final : OpaqueBox {
  std::int64_t parts[3] = {0, 0, 0};
  std::vector<std::string> before;  // pre-release identifiers
};

bool numeric(std::string_view text) { return text.find_first_not_of(kDigits) == std::string_view::npos; }

// "v1.2" becomes "1.2.0", "01" "1".
std::string normalized(std::string_view text) {
  if (text.starts_with("v")) text.remove_prefix(1);
  const std::size_t end = std::min(text.find_first_of("-+"), text.size());
  std::vector<std::string> parts = split(text.substr(0, end), '.');
  for (std::string& part : parts) {
    while (part.size() > 1 && part[0] == '0') part.erase(0, 1);
  }
  while (parts.size() < 3) parts.emplace_back("0");
  return join(parts, ".") + std::string(text.substr(end));
}

std::string version_fault(std::string_view text, VersionBox& version) {
  if (text.empty()) return "Version string empty";
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos) return "No Major.Minor.Patch elements found";
  std::string_view patch = text.substr(second + 1);
  const std::string_view numbers[] = {text.substr(0, first), text.substr(first + 1, second - first - 1),
                                      patch.substr(0, patch.find_first_of("-+"))};
  static constexpr const char* kNames[] = {"Major", "Minor", "Patch"};
  for (std::size_t i = 0; i < 3; ++i) {
    if (numbers[i].empty() || !numeric(numbers[i]))
      return "Invalid character(s) found in " + to_lower(kNames[i]) + " number " + go_quote(numbers[i]);
    if (numbers[i].size() > 1 && numbers[i][0] == '0')
      return std::string(kNames[i]) + " number must not contain leading zeroes " + go_quote(numbers[i]);
    const auto number = parse_int(numbers[i]);
    if (!number) return "strconv.ParseUint: parsing " + go_quote(numbers[i]) + ": value out of range";
    version.parts[i] = *number;
  }
  std::string_view build;
  const std::size_t plus = patch.find('+');
  if (plus != std::string_view::npos) {
    build = patch.substr(plus + 1);
    patch = patch.substr(0, plus);
    for (const std::string& part : split(build, '.')) {
      if (part.empty()) return "Build meta data is empty";
      if (part.find_first_not_of(kLetters) != std::string::npos)
        return "Invalid character(s) found in build meta data " + go_quote(part);
    }
  }
  const std::size_t dash = patch.find('-');
  if (dash == std::string_view::npos) return "";
  for (const std::string& part : split(patch.substr(dash + 1), '.')) {
    if (part.empty()) return "Prerelease is empty";
    if (numeric(part) && part.size() > 1 && part[0] == '0')
      return "Numeric PreRelease version must not contain leading zeroes " + go_quote(part);
    if (part.find_first_not_of(kLetters) != std::string::npos)
      return "Invalid character(s) found in prerelease " + go_quote(part);
    version.before.push_back(part);
  }
  return "";
}

int identifier_order(const std::string& a, const std::string& b) {
  const bool numbers[] = {numeric(a), numeric(b)};
  if (numbers[0] != numbers[1]) return numbers[0] ? -1 : 1;
  if (numbers[0] && a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

int version_order(const VersionBox& a, const VersionBox& b) {
  for (std::size_t i = 0; i < 3; ++i) {
    if (a.parts[i] != b.parts[i]) return a.parts[i] < b.parts[i] ? -1 : 1;
  }
  if (a.before.empty() || b.before.empty()) return a.before.empty() == b.before.empty() ? 0 : a.before.empty() ? 1 : -1;
  for (std::size_t i = 0; i < a.before.size() && i < b.before.size(); ++i) {
    if (const int order = identifier_order(a.before[i], b.before[i])) return order;
  }
  return a.before.size() == b.before.size() ? 0 : a.before.size() < b.before.size() ? -1 : 1;
}

const VersionBox* version_box(const Val& value) {
  return value.is_opaque(opaque_name('v')) ? &static_cast<const VersionBox&>(value.opaque()) : nullptr;
}

// The text of the first argument, normalized when the second says so.
bool wanted_text(const Call& call, std::string& text) {
  if (!call[0].is(Kind::kString) || (call.size() == 2 && !call[1].is(Kind::kBool))) return false;
  text = call[0].text();
  if (call.size() == 2 && call[1].boolean()) text = normalized(text);
  return true;
}

Val to_semver(Call& call) {
  std::string text;
  if (!wanted_text(call, text)) return no_such_overload();
  call.traverse(text.size());
  auto box = std::make_shared<VersionBox>();
  const std::string fault = version_fault(text, *box);
  if (!fault.empty()) return Val::error(fault);
  box->type = opaque_name('v');
  for (const std::int64_t part : box->parts) box->key += std::to_string(part) + ".";
  box->key += "-" + join(box->before, ".");  // the build does not count
  return Val::of_box(Kind::kOpaque, std::move(box));
}
Val is_semver(Call& call) {
  std::string text;
  VersionBox box;
  return wanted_text(call, text) ? Val::of_bool(version_fault(text, box).empty()) : no_such_overload();
}
Val part(Call& call, std::size_t which) {
  const VersionBox* version = version_box(call[0]);
  return version == nullptr ? no_such_overload() : Val::of_int(version->parts[which]);
}
Val major_number(Call& call) { return part(call, 0); }
Val minor_number(Call& call) { return part(call, 1); }
Val patch_number(Call& call) { return part(call, 2); }

// The order of two versions or quantities.
Val ordered(const Call& call, int& order) {
  const VersionBox* a = version_box(call[0]);
  const VersionBox* b = version_box(call[1]);
  if (a == nullptr || b == nullptr) return compare_quantities(call, order);
  order = version_order(*a, *b);
  return {};
}
Val is_greater(Call& call) {
  int order = 0;
  const Val fault = ordered(call, order);
  return fault.is_error() ? fault : Val::of_bool(order > 0);
}
Val is_less(Call& call) {
  int order = 0;
  const Val fault = ordered(call, order);
  return fault.is_error() ? fault : Val::of_bool(order < 0);
}
Val compare_to(Call& call) {
  int order = 0;
  const Val fault = ordered(call, order);
  return fault.is_error() ? fault : Val::of_int(order);
}

constexpr Function kFunctions[] = {
    {"semver", "s>v so>v", to_semver},      {"isSemver", "s>o so>o", is_semver},
    {"major", ".v>i", major_number},        {"minor", ".v>i", minor_number},
    {"patch", ".v>i", patch_number},        {"isGreaterThan", ".vv>o .qq>o", is_greater},
    {"isLessThan", ".vv>o .qq>o", is_less}, {"compareTo", ".vv>i .qq>i", compare_to},
};

}  // namespace

std::span<const Function> version_functions() { return kFunctions; }

}  // namespace drydock::cel
