#include "core/programs/text_tools/awk/value.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/base/strings.h"

namespace drydock::awk {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

// gawk's words for what is no number: always with a sign.
std::string special_text(double number) {
  if (std::isnan(number)) return std::signbit(number) ? "-nan" : "+nan";
  return number < 0 ? "-inf" : "+inf";
}

// One "%…" of a format, taken apart.
struct Conversion {
  bool left = false;
  bool plus = false;
  bool space = false;
  bool alternate = false;
  bool zero = false;
  int width = 0;
  int precision = -1;
  char kind = 's';

  std::string flags() const {
    return std::string(left ? "-" : "") + (plus ? "+" : "") + (space ? " " : "") + (alternate ? "#" : "") +
           (zero ? "0" : "");
  }
};

constexpr int kMaxWidth = 1 << 20;

std::string padded(std::string text, const Conversion& how) {
  const auto width = static_cast<std::size_t>(std::max(0, how.width));
  const std::size_t length = text.size();
  if (length >= width) return text;
  return how.left ? text + std::string(width - length, ' ') : std::string(width - length, ' ') + text;
}

std::string character_of(const Cell& cell) {
  if (cell.kind() == Cell::Kind::kNumber || (cell.kind() == Cell::Kind::kInput && cell.numeric())) {
    const double number = cell.to_number();
    if (number >= 128 && number < 0x110000) {
      const auto code = static_cast<std::uint32_t>(number);
      if (code < 256) return std::string(1, static_cast<char>(code));
      std::string utf8;
      if (code < 0x800) {
        utf8 += static_cast<char>(0xC0 | (code >> 6));
      } else {
        if (code < 0x10000) {
          utf8 += static_cast<char>(0xE0 | (code >> 12));
        } else {
          utf8 += static_cast<char>(0xF0 | (code >> 18));
          utf8 += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
        }
        utf8 += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
      }
      return utf8 + static_cast<char>(0x80 | (code & 0x3F));
    }
    return std::string(1, static_cast<char>(static_cast<long long>(std::fmod(number, 256))));
  }
  return cell.raw_text().substr(0, 1);
}

std::string integer_text(double number, const Conversion& how) {
  if (std::isnan(number) || std::isinf(number)) return padded(special_text(number), how);
  const double whole = std::trunc(number);
  if (std::fabs(whole) >= 9.2e18) {  // beyond 64 bits: all digits of the double
    Conversion wide = how;
    const std::string text = format(("%" + wide.flags() + "*.0f").c_str(), how.width, whole);
    return text;
  }
  const std::string start = "%" + how.flags() + "*";
  const auto value = static_cast<long long>(whole);
  if (how.precision >= 0) return format((start + ".*lld").c_str(), how.width, how.precision, value);
  return format((start + "lld").c_str(), how.width, value);
}

std::string convert(const Conversion& how, const Cell& cell, const std::string& conversion) {
  switch (how.kind) {
    case 'c':
      return padded(character_of(cell), how);
    case 's': {
      std::string text = cell.to_text(conversion);
      if (how.precision >= 0 && text.size() > static_cast<std::size_t>(how.precision))
        text.resize(static_cast<std::size_t>(how.precision));
      return padded(std::move(text), how);
    }
    case 'd':
    case 'i':
      return integer_text(cell.to_number(), how);
    case 'o':
    case 'x':
    case 'X':
    case 'u': {
      const double number = cell.to_number();
      if (number < 0 || std::isnan(number) || number >= 1.8e19) {  // gawk: as a float
        Conversion plain = how;
        plain.kind = 'd';
        return integer_text(number, plain);
      }
      const std::string start = "%" + how.flags() + "*";
      const auto value = static_cast<unsigned long long>(number);
      if (how.precision >= 0) return format((start + ".*ll" + how.kind).c_str(), how.width, how.precision, value);
      return format((start + "ll" + how.kind).c_str(), how.width, value);
    }
    default: {
      const double number = cell.to_number();
      if (std::isnan(number) || std::isinf(number)) return padded(special_text(number), how);
      return format(("%" + how.flags() + "*.*" + how.kind).c_str(), how.width, how.precision < 0 ? 6 : how.precision,
                    number);
    }
  }
}

}  // namespace

double number_prefix(std::string_view text, bool* whole) {
  std::size_t i = 0;
  while (i < text.size() && is_blank(text[i])) ++i;
  const std::size_t begin = i;
  if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
  const std::size_t digits = i;
  bool any = false;
  for (; i < text.size() && is_digit(text[i]); ++i) any = true;
  bool fraction = false;
  if (i < text.size() && text[i] == '.') {
    std::size_t k = i + 1;
    for (; k < text.size() && is_digit(text[k]); ++k) any = true;
    if (any) {
      fraction = true;
      i = k;
    }
  }
  if (!any) {
    if (whole != nullptr) *whole = false;
    const std::string_view rest = text.substr(std::min(digits, text.size()));
    if (digits > begin && (rest.starts_with("inf") || rest.starts_with("nan")) && rest.size() == 3) {
      if (whole != nullptr) *whole = true;
      const double value = rest[0] == 'i' ? HUGE_VAL : std::nan("");
      return text[begin] == '-' ? -value : value;
    }
    return 0;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    std::size_t k = i + 1;
    if (k < text.size() && (text[k] == '+' || text[k] == '-')) ++k;
    if (k < text.size() && is_digit(text[k])) {
      while (k < text.size() && is_digit(text[k])) ++k;
      i = k;
      fraction = true;
    }
  }
  const std::size_t end = i;
  while (i < text.size() && is_blank(text[i])) ++i;
  if (whole != nullptr) *whole = i == text.size();
  if (!fraction && end - begin < 16) {  // the usual case: a short integer
    long long value = 0;
    for (std::size_t k = digits; k < end; ++k) value = value * 10 + (text[k] - '0');
    const auto result = static_cast<double>(value);
    return text[begin] == '-' ? -result : result;
  }
  return std::strtod(std::string(text.substr(begin, end - begin)).c_str(), nullptr);
}

std::string number_text(double number, const std::string& conversion) {
  if (std::isnan(number) || std::isinf(number)) return special_text(number);
  if (number == std::trunc(number)) {
    if (std::fabs(number) < 1e16) {
      const auto whole = static_cast<long long>(number);
      return std::to_string(whole);
    }
    return format("%.0f", number);
  }
  if (conversion == "%.6g") return format("%.6g", number);
  std::string problem;
  const Cell cell = Cell::number(number);
  // A format for text ("%s", "%d") would come back here for ever.
  if (contains(conversion, "s")) return format("%.6g", number);
  return format_cells(conversion, std::span(&cell, 1), "%.6g", problem);
}

Cell Cell::number(double value) {
  Cell cell;
  cell.kind_ = Kind::kNumber;
  cell.number_ = value;
  return cell;
}
Cell Cell::string(std::string text) {
  Cell cell;
  cell.kind_ = Kind::kString;
  cell.text_ = std::move(text);
  return cell;
}
Cell Cell::input(std::string text) {
  Cell cell;
  cell.kind_ = Kind::kInput;
  cell.text_ = std::move(text);
  return cell;
}

double Cell::to_number() const {
  if (kind_ == Kind::kNumber) return number_;
  if (kind_ == Kind::kUninitialized) return 0;
  return number_prefix(text_);
}

std::string Cell::to_text(const std::string& conversion) const {
  return kind_ == Kind::kNumber ? number_text(number_, conversion) : text_;
}

bool Cell::numeric() const {
  if (kind_ == Kind::kNumber || kind_ == Kind::kUninitialized) return true;
  if (kind_ == Kind::kString) return false;
  bool whole = false;
  (void)number_prefix(text_, &whole);
  return whole;
}

bool Cell::truth() const {
  if (kind_ == Kind::kNumber) return number_ != 0;
  if (kind_ == Kind::kInput && numeric()) return to_number() != 0;
  return !text_.empty();
}

int compare(const Cell& a, const Cell& b, const std::string& conversion) {
  if (a.numeric() && b.numeric()) {
    const double x = a.to_number();
    const double y = b.to_number();
    return x < y ? -1 : x > y ? 1 : 0;
  }
  return a.to_text(conversion).compare(b.to_text(conversion));
}

Cell& Array::at(const std::string& key) {
  auto [at, made] = elements_.try_emplace(key);
  if (made) at->second.order = next_order_++;
  return at->second.cell;
}

std::vector<std::string> Array::keys() const {
  std::vector<std::pair<std::uint64_t, const std::string*>> ordered;
  ordered.reserve(elements_.size());
  for (const auto& [key, element] : elements_) ordered.emplace_back(element.order, &key);
  std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> keys;
  keys.reserve(ordered.size());
  for (const auto& entry : ordered) keys.push_back(*entry.second);
  return keys;
}

std::string format_cells(std::string_view pattern, std::span<const Cell> arguments, const std::string& conversion,
                         std::string& problem) {
  std::string out;
  std::size_t next = 0;
  auto take = [&]() -> const Cell* { return next < arguments.size() ? &arguments[next++] : nullptr; };
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      out += pattern[i];
      continue;
    }
    const std::size_t begin = i++;
    Conversion how;
    for (; i < pattern.size() && std::string_view("-+ #0'").find(pattern[i]) != std::string_view::npos; ++i) {
      how.left |= pattern[i] == '-';
      how.plus |= pattern[i] == '+';
      how.space |= pattern[i] == ' ';
      how.alternate |= pattern[i] == '#';
      how.zero |= pattern[i] == '0';
    }
    auto count = [&]() {
      int value = 0;
      if (i < pattern.size() && pattern[i] == '*') {
        ++i;
        const Cell* cell = take();
        return cell == nullptr ? 0
                               : static_cast<int>(std::clamp(cell->to_number(), -double{kMaxWidth}, double{kMaxWidth}));
      }
      for (; i < pattern.size() && is_digit(pattern[i]); ++i)
        value = std::min(kMaxWidth, value * 10 + pattern[i] - '0');
      return value;
    };
    how.width = count();
    if (how.width < 0) {
      how.left = true;
      how.width = -how.width;
    }
    if (i < pattern.size() && pattern[i] == '.') {
      ++i;
      how.precision = count();
    }
    while (i < pattern.size() && std::string_view("hlLqjzt").find(pattern[i]) != std::string_view::npos) ++i;
    if (i >= pattern.size()) {
      out += pattern.substr(begin);
      break;
    }
    how.kind = pattern[i];
    if (how.kind == '%') {
      out += '%';
      continue;
    }
    if (std::string_view("cdiouxXeEfFgGaAs").find(how.kind) == std::string_view::npos) {
      out += pattern.substr(begin, i - begin + 1);
      continue;
    }
    const Cell* cell = take();
    if (cell == nullptr) {
      if (problem.empty()) {
        problem = "not enough arguments to satisfy format string\n\t`" + std::string(pattern) + "'\n\t" +
                  std::string(i, ' ') + "^ ran out for this one";
      }
      if (std::string_view("cs").find(how.kind) == std::string_view::npos)
        out += convert(how, Cell::number(0), conversion);
      continue;
    }
    out += convert(how, *cell, conversion);
  }
  return out;
}

}  // namespace drydock::awk
