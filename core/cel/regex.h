// Regular expressions in RE2's syntax, over PCRE2: what RE2 lacks (look-around,
// backreferences, possessive repetition, recursion) is refused in Go's words.
// https://github.com/google/re2/wiki/Syntax
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace drydock::cel {

class Regex {
 public:
  explicit Regex(std::string_view pattern);
  // "error parsing regexp: …"; "" when the pattern is one.
  static std::string fault(std::string_view pattern);
  const std::string& fault() const { return fault_; }
  // The first match at or after `from`; false when there is none, or none within any
  // reason. Going back and forth in the text adds to `cost`.
  bool find(std::string_view text, std::size_t from, std::size_t& start, std::size_t& end, std::uint64_t& cost) const;
  bool found_in(std::string_view text, std::uint64_t& cost) const;

 private:
  struct Code;
  struct CodeDeleter {
    void operator()(Code* code) const;
  };
  std::string fault_;
  std::unique_ptr<Code, CodeDeleter> code_;
};

}  // namespace drydock::cel
