// The shell's patterns: * ? [set] and the extended ?(…) *(…) +(…) @(…) !(…).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace drydock::shell {

bool match_pattern(std::string_view pattern, std::string_view text, bool ignore_case = false);
// True when a word is a pattern at all: an unescaped * ? or [ … ], or an extended one.
bool is_pattern(std::string_view word);
std::string escape_pattern(std::string_view text);
std::string escape_regex(std::string_view text);
std::string unescape_pattern(std::string_view pattern);
// {a,b} and {1..5}: the words a word stands for, before every other expansion.
std::vector<std::string> expand_braces(const std::string& word);

}  // namespace drydock::shell
