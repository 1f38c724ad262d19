// Finds the ends of quoted and nested parts of shell text. Each function takes the
// position of the opening character and gives the one behind the closing character,
// or npos when the part is not closed.
#pragma once

#include <cstddef>
#include <string_view>

namespace drydock::shell {

constexpr std::size_t kOpenEnd = std::string_view::npos;

std::size_t skip_single_quotes(std::string_view text, std::size_t i);
std::size_t skip_ansi_quotes(std::string_view text, std::size_t i);  // at the quote of $'…'
std::size_t skip_double_quotes(std::string_view text, std::size_t i);
std::size_t skip_backquotes(std::string_view text, std::size_t i);
// At "$": ${…}, $(…), $((…)), $'…' (unless in double quotes), or the dollar sign alone.
std::size_t skip_dollar(std::string_view text, std::size_t i, bool in_quotes = false);
// At an opening bracket: up to its partner, quotes and nested parts skipped.
std::size_t skip_brackets(std::string_view text, std::size_t i, char open, char close);
// At the "{" of ${…}.
std::size_t skip_parameter(std::string_view text, std::size_t i, bool in_quotes = false);
// At "((": the position behind "))"; npos when it is open or no arithmetic at all.
std::size_t skip_arithmetic(std::string_view text, std::size_t i);

}  // namespace drydock::shell
