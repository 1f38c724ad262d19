#include "core/programs/net/flags.h"

#include <algorithm>

#include "core/base/strings.h"

namespace drydock {

NetFlags NetFlags::parse(std::span<const std::string> arguments, std::span<const FlagSpec> specs) {
  NetFlags flags;
  auto complain = [&](Problem problem, std::string culprit) {
    if (flags.problem_ != Problem::kNone) return;
    flags.problem_ = problem;
    flags.culprit_ = std::move(culprit);
  };
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word.size() < 2 || word[0] != '-') {
      flags.rest_.push_back(word);
      continue;
    }
    if (word == "--") {
      flags.rest_.insert(flags.rest_.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1, arguments.end());
      break;
    }
    if (word.starts_with("--")) {
      const std::size_t equals = word.find('=');
      const std::string name = word.substr(0, equals);
      const auto spec =
          std::find_if(specs.begin(), specs.end(), [&](const FlagSpec& known) { return known.full == name; });
      if (spec == specs.end()) {
        complain(Problem::kUnknown, name);
        continue;
      }
      std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
      if (spec->takes_value && equals == std::string::npos) {
        if (i + 1 >= arguments.size())
          complain(Problem::kMissingValue, name);
        else
          value = arguments[++i];
      }
      flags.given_.push_back({&*spec, std::move(value)});
      continue;
    }
    for (std::size_t at = 1; at < word.size(); ++at) {
      const std::string name = std::string("-") + word[at];
      const auto spec =
          std::find_if(specs.begin(), specs.end(), [&](const FlagSpec& known) { return known.brief == name; });
      if (spec == specs.end()) {
        complain(Problem::kUnknown, name);
        break;
      }
      std::string value;
      if (spec->takes_value) {
        if (at + 1 < word.size())
          value = word.substr(at + 1);
        else if (i + 1 < arguments.size())
          value = arguments[++i];
        else
          complain(Problem::kMissingValue, name);
      }
      flags.given_.push_back({&*spec, std::move(value)});
      if (spec->takes_value) break;
    }
  }
  return flags;
}

bool NetFlags::has(std::string_view name) const {
  return std::any_of(given_.begin(), given_.end(),
                     [&](const Given& one) { return one.spec->brief == name || one.spec->full == name; });
}

std::string_view NetFlags::value(std::string_view name) const {
  for (auto one = given_.rbegin(); one != given_.rend(); ++one) {
    if (one->spec->brief == name || one->spec->full == name) return one->value;
  }
  return {};
}

std::vector<std::string> NetFlags::values(std::string_view name) const {
  std::vector<std::string> all;
  for (const Given& one : given_) {
    if (one.spec->brief == name || one.spec->full == name) all.push_back(one.value);
  }
  return all;
}

std::optional<double> NetFlags::number(std::string_view name) const {
  return has(name) ? parse_double(value(name)) : std::nullopt;
}

}  // namespace drydock
