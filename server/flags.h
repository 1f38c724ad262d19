// Flags of the native program's commands: --name VALUE, --name=VALUE, switches.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::server {

struct Flag {
  std::string_view name;  // "--seed"
  bool takes_value = false;
};

class Flags {
 public:
  // False after an error message on standard error.
  bool parse(std::string_view command, const std::vector<std::string>& arguments, const std::vector<Flag>& known);
  bool has(std::string_view name) const;
  std::optional<std::string> get(std::string_view name) const;  // last one wins
  std::vector<std::string> all(std::string_view name) const;
  const std::vector<std::string>& positional() const { return positional_; }

 private:
  std::vector<std::pair<std::string, std::string>> values_;
  std::vector<std::string> positional_;
};

}  // namespace drydock::server
