#include "core/runtime/images/tags.h"

#include <algorithm>

#include "core/base/strings.h"

namespace drydock {
namespace {

constexpr std::int64_t kMostListed = 400;  // versions of one pattern

// One component of a pattern: text around an optional range.
struct Component {
  std::string before;
  std::string after;
  bool number = false;
  bool any = false;
  std::int64_t low = 0;
  std::int64_t high = 0;
};

std::vector<Component> parse_pattern(std::string_view pattern) {
  std::vector<Component> components;
  for (const std::string& piece : split(pattern, '.')) {
    Component component;
    const std::size_t open = piece.find('[');
    if (open != std::string::npos) {
      const std::size_t close = piece.find(']', open);
      const std::size_t dash = piece.find('-', open);
      component.number = true;
      component.before = piece.substr(0, open);
      component.after = piece.substr(close + 1);
      component.low = parse_int(piece.substr(open + 1, dash - open - 1)).value_or(0);
      component.high = parse_int(piece.substr(dash + 1, close - dash - 1)).value_or(0);
    } else {
      component.any = contains(piece, "#");
      component.before = piece;
    }
    components.push_back(std::move(component));
  }
  return components;
}

// '#' stands for a number, everything else for itself.
bool matches_numbers(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] != '#')
    return !text.empty() && text[0] == pattern[0] && matches_numbers(pattern.substr(1), text.substr(1));
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  return digits > 0 && matches_numbers(pattern.substr(1), text.substr(digits));
}

bool matches(const Component& component, std::string_view text) {
  if (component.any) return matches_numbers(component.before, text);
  if (!component.number) return text == component.before;
  if (!text.starts_with(component.before) || !text.ends_with(component.after)) return false;
  if (text.size() <= component.before.size() + component.after.size()) return false;
  const std::string_view digits =
      text.substr(component.before.size(), text.size() - component.before.size() - component.after.size());
  if (digits.size() > 1 && digits[0] == '0') return false;
  if (!std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; })) return false;
  const auto number = parse_int(digits);
  return number && *number >= component.low && *number <= component.high;
}

std::string newest(const Component& component) {
  return component.before + (component.number ? std::to_string(component.high) : "") + component.after;
}

std::optional<std::string> match_pattern(std::string_view pattern, std::string_view tag) {
  const std::size_t equals = pattern.find('=');
  if (equals != std::string_view::npos) {
    if (pattern.substr(0, equals) != tag) return std::nullopt;
    return std::string(pattern.substr(equals + 1));
  }
  const bool shorter = pattern.ends_with("+");
  if (shorter) pattern.remove_suffix(1);
  const std::vector<Component> components = parse_pattern(pattern);
  const std::vector<std::string> pieces = split(tag, '.');
  if (pieces.empty() || pieces.size() > components.size()) return std::nullopt;
  if (pieces.size() < components.size() && !shorter) return std::nullopt;
  std::string version;
  for (std::size_t i = 0; i < components.size(); ++i) {
    if (i < pieces.size() && !matches(components[i], pieces[i])) return std::nullopt;
    version += (i == 0 ? "" : ".") + (i < pieces.size() ? pieces[i] : newest(components[i]));
  }
  return version;
}

std::optional<std::string> plain_version(const ImageRecipe& recipe, std::string_view tag) {
  std::optional<std::string> found;
  for (const std::string& pattern : split_whitespace(recipe.tags)) {
    if (auto version = match_pattern(pattern, tag)) found = std::move(version);
  }
  if (found && tag == "latest" && *found == "latest") found = std::string(recipe.version);
  return found;
}

}  // namespace

std::optional<ImageTag> resolve_image_tag(const ImageRecipe& recipe, std::string_view tag) {
  if (auto version = plain_version(recipe, tag)) return ImageTag{*version, ""};
  std::vector<std::string> variants = split_whitespace(recipe.variants);
  std::sort(variants.begin(), variants.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  for (const std::string& variant : variants) {
    if (tag == variant) return ImageTag{std::string(recipe.version), variant};
    if (!tag.ends_with("-" + variant)) continue;
    if (auto version = plain_version(recipe, tag.substr(0, tag.size() - variant.size() - 1)))
      return ImageTag{*version, variant};
  }
  return std::nullopt;
}

std::vector<std::string> image_versions(const ImageRecipe& recipe) {
  std::vector<std::string> all;
  for (std::string pattern : split_whitespace(recipe.tags)) {
    const std::size_t equals = pattern.find('=');
    if (equals != std::string::npos) pattern = pattern.substr(equals + 1);
    if (pattern.ends_with("+")) pattern.pop_back();
    if (contains(pattern, "#")) continue;
    std::vector<std::string> versions{""};
    bool first = true;
    for (const Component& component : parse_pattern(pattern)) {
      std::vector<std::string> longer;
      for (const std::string& start : versions) {
        const std::string prefix = start + (first ? "" : ".") + component.before;
        if (!component.number) longer.push_back(prefix);
        for (std::int64_t n = component.low; component.number && n <= component.high && n - component.low < kMostListed;
             ++n)
          longer.push_back(prefix + std::to_string(n) + component.after);
      }
      versions = std::move(longer);
      first = false;
    }
    for (std::string& version : versions) {
      if (version == "latest") version = std::string(recipe.version);
      if (std::find(all.begin(), all.end(), version) == all.end()) all.push_back(std::move(version));
    }
  }
  return all;
}

int compare_versions(std::string_view a, std::string_view b) {
  auto numbers = [](std::string_view text) {
    std::vector<std::int64_t> found;
    for (std::string piece : split(text.starts_with("v") ? text.substr(1) : text, '.')) {
      piece = piece.substr(0, piece.find_first_not_of("0123456789"));
      found.push_back(parse_int(piece).value_or(0));
    }
    return found;
  };
  const auto left = numbers(a);
  const auto right = numbers(b);
  for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    const std::int64_t x = i < left.size() ? left[i] : 0;
    const std::int64_t y = i < right.size() ? right[i] : 0;
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}

}  // namespace drydock
