// Small text helpers. All are pure and work on bytes unless they say UTF-8.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace drydock {

std::vector<std::string> split(std::string_view text, char separator);  // "a,,b" -> a, "", b; "" -> ""
std::vector<std::string> split_whitespace(std::string_view text);       // no empty pieces
std::string join(std::span<const std::string> pieces, std::string_view separator);
std::string_view trim(std::string_view text);  // ASCII white space at both ends
std::string to_lower(std::string_view text);   // ASCII
std::string to_upper(std::string_view text);   // ASCII
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);
bool contains(std::string_view text, std::string_view piece);
// The whole text as a decimal number; nullopt for anything else, overflow included.
std::optional<std::int64_t> parse_int(std::string_view text);
std::optional<double> parse_double(std::string_view text);
// Shortest text that reads back as the same number, as strconv.FormatFloat(x, 'g', -1, 64)
// and encoding/json do.
std::string format_double(double number);
// Go's strconv.Quote: what upstream prints for %q.
std::string go_quote(std::string_view text);
std::string pad_right(std::string_view text, std::size_t width);
std::string pad_left(std::string_view text, std::size_t width);
// Number of Unicode code points in UTF-8 text / terminal columns it fills (CJK counts two).
std::size_t utf8_length(std::string_view text);
std::size_t display_width(std::string_view text);

// printf into a string; the compiler checks the arguments.
std::string format(const char* pattern, ...) __attribute__((format(printf, 1, 2)));

std::string base64_encode(std::string_view bytes);
std::string base64url_encode(std::string_view bytes);             // no padding
std::optional<std::string> base64_decode(std::string_view text);  // strict; ignores line breaks
std::string hex_encode(std::string_view bytes);
std::string sha256(std::string_view bytes);  // 32 raw bytes

}  // namespace drydock
