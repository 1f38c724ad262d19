// Command-line flags in the manner of Go's pflag, which kubectl uses: long flags,
// shorthand clusters, optional values, "--", and pflag's error texts.
//
// Flags are declared as a compact text, entries separated by spaces:
//   "o,output= A,all-namespaces=false tail=-1 timeout=0s env=[*] filename=[]"
// The default tells the type: true/false, a number, a duration, [] a list that
// splits at commas, [*] a list that does not, anything else a text ('0' is one, too).
// A "!" in front hides a flag from the help.
// "@print", "@files" and "@dry" stand for groups that many commands share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace drydock::kubectl {

class Flags {
 public:
  enum class Kind : std::uint8_t { kBool, kInt, kDuration, kText, kList, kArray };
  struct Flag {
    std::string name;
    char shorthand = 0;
    Kind kind = Kind::kText;
    std::string fallback;  // as declared
    std::string value;
    std::vector<std::string> values;  // lists
    bool changed = false;
    bool hidden = false;  // understood, but no help tells of it
  };

  void declare(std::string_view specification);
  // Flags may stand anywhere before "--". The error is pflag's.
  Result<void> parse(const std::vector<std::string>& arguments);

  const std::vector<std::string>& positional() const { return positional_; }
  // Index in positional() of the first argument after "--", or -1.
  int dash_at() const { return dash_at_; }
  // Shifts the positional arguments: the command's own name parts are taken off.
  void drop_positional(std::size_t count);

  bool known(std::string_view name) const { return find(name) != nullptr; }
  bool changed(std::string_view name) const;
  // Values; a flag that was not declared reads as unset.
  bool on(std::string_view name) const;
  std::string text(std::string_view name) const;
  std::int64_t number(std::string_view name) const;
  Duration duration(std::string_view name) const;
  const std::vector<std::string>& list(std::string_view name) const;

  const std::vector<Flag>& all() const { return flags_; }
  // Does this argument take the next one as its value? ("-n", "--namespace")
  bool takes_next(std::string_view argument) const;

 private:
  const Flag* find(std::string_view name) const;
  Flag* find(std::string_view name);
  Flag* find_shorthand(char shorthand);
  Result<void> set(Flag& flag, std::string value);
  Result<void> parse_long(const std::vector<std::string>& arguments, std::size_t& at);
  Result<void> parse_short(const std::vector<std::string>& arguments, std::size_t& at);

  std::vector<Flag> flags_;
  std::vector<std::string> positional_;
  int dash_at_ = -1;
};

}  // namespace drydock::kubectl
