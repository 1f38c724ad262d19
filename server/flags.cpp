#include "server/flags.h"

#include <algorithm>
#include <cstdio>

namespace drydock::server {

bool Flags::parse(std::string_view command, const std::vector<std::string>& arguments, const std::vector<Flag>& known) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (!word.starts_with("--")) {
      positional_.push_back(word);
      continue;
    }
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const auto flag =
        std::find_if(known.begin(), known.end(), [&](const Flag& candidate) { return candidate.name == name; });
    const char* problem = nullptr;
    if (flag == known.end())
      problem = "unknown flag";
    else if (!flag->takes_value && equals != std::string::npos)
      problem = "flag takes no value";
    else if (flag->takes_value && equals == std::string::npos && i + 1 >= arguments.size())
      problem = "flag needs a value";
    if (problem != nullptr) {
      std::fprintf(stderr, "drydock %s: %s: %s\n", std::string(command).c_str(), problem, name.c_str());
      return false;
    }
    if (!flag->takes_value)
      values_.emplace_back(name, "");
    else
      values_.emplace_back(name, equals != std::string::npos ? word.substr(equals + 1) : arguments[++i]);
  }
  return true;
}

bool Flags::has(std::string_view name) const { return get(name).has_value(); }

std::optional<std::string> Flags::get(std::string_view name) const {
  for (auto entry = values_.rbegin(); entry != values_.rend(); ++entry) {
    if (entry->first == name) return entry->second;
  }
  return std::nullopt;
}

std::vector<std::string> Flags::all(std::string_view name) const {
  std::vector<std::string> found;
  for (const auto& [key, value] : values_) {
    if (key == name) found.push_back(value);
  }
  return found;
}

}  // namespace drydock::server
