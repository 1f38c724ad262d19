// Regular expressions of the shell and the text tools: POSIX basic and extended
// syntax (with GNU's additions), awk's and Perl's, over PCRE2. Work is bounded: a
// pattern that would search for ever matches nothing.
//
// POSIX asks for the leftmost match and, of those, the longest; PCRE2 takes the
// first alternative that fits. Patterns with alternatives are therefore measured
// once more with its DFA matcher. Bytes are matched, as in the C locale.
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
  enum class Syntax { kBasic, kExtended, kAwk, kPerl, kFixed };
  // With `multiline`, ^ and $ also stand at line breaks inside the text.
  static Regex compile(std::string_view pattern, Syntax syntax, bool ignore_case = false, bool multiline = false);
  bool ok() const { return static_cast<bool>(code_); }
  const std::string& error() const { return error_; }  // "Unmatched [, [^, [:, [., or [="
  std::size_t group_count() const { return group_count_; }
  struct Group {
    std::size_t begin = std::string_view::npos;  // npos: took no part
    std::size_t end = std::string_view::npos;
    bool took_part() const { return begin != std::string_view::npos; }
  };
  // Group 0 is the whole match. `from` is where the search starts; what stands before
  // it still counts for anchors and word boundaries.
  std::optional<std::vector<Group>> search(std::string_view text, std::size_t from, bool not_line_start = false) const;
  bool matches(std::string_view text) const;

 private:
  struct Compiled;
  bool find(std::string_view text, std::size_t from, bool not_line_start, bool longest) const;
  std::shared_ptr<Compiled> code_;
  std::size_t group_count_ = 0;
  bool alternatives_ = false;
  std::string error_;
};

}  // namespace drydock
