// Regular expressions of the shell and the text tools: POSIX basic and extended
// syntax (with GNU's additions) and Perl's, over PCRE2. Work is bounded: a pattern
// that would search for ever matches nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drydock {

class Regex {
 public:
  enum class Syntax { kBasic, kExtended, kPerl, kFixed };
  static Regex compile(std::string_view pattern, Syntax syntax, bool ignore_case = false);
  bool ok() const { return static_cast<bool>(code_); }
  const std::string& error() const { return error_; }  // "Unmatched [ or [^"
  struct Group {
    std::size_t begin = std::string_view::npos;  // npos: took no part
    std::size_t end = std::string_view::npos;
  };
  // Group 0 is the whole match.
  std::optional<std::vector<Group>> search(std::string_view text, std::size_t from, bool not_line_start = false) const;

 private:
  std::shared_ptr<void> code_;
  std::string error_;
};

}  // namespace drydock
