// A getopt for the network tools, whose texts of complaint all differ.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace drydock {

// One option: {"-o", "--output", true}. Either name may be "".
struct FlagSpec {
  std::string_view brief;
  std::string_view full;
  bool takes_value = false;
};

class NetFlags {
 public:
  static NetFlags parse(std::span<const std::string> arguments, std::span<const FlagSpec> specs);

  // By either name.
  bool has(std::string_view name) const;
  std::string_view value(std::string_view name) const;  // the last one; ""
  std::vector<std::string> values(std::string_view name) const;
  std::optional<double> number(std::string_view name) const;  // nullopt when absent or no number
  const std::vector<std::string>& rest() const { return rest_; }

  // What was wrong, if anything.
  enum class Problem { kNone, kUnknown, kMissingValue };
  Problem problem() const { return problem_; }
  const std::string& culprit() const { return culprit_; }  // "-x" or "--xyz"

 private:
  struct Given {
    const FlagSpec* spec;
    std::string value;
  };
  std::vector<Given> given_;
  std::vector<std::string> rest_;
  Problem problem_ = Problem::kNone;
  std::string culprit_;
};

}  // namespace drydock
