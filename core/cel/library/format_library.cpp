// "%s has %d of %.2f".format([…]).
// https://github.com/google/cel-go/tree/master/ext#format
#include <algorithm>
#include <cmath>

#include "core/base/strings.h"
#include "core/cel/function.h"
#include "core/cel/times.h"

namespace drydock::cel {
namespace {

using Kind = Val::Kind;

constexpr std::size_t kMostText = std::size_t{1} << 22;
constexpr int kMostPrecision = 1000;

// A value inside of a list or map is written as a literal is.
bool shown(const Val& value, bool inside, std::string& text, int depth = 0) {
  if (text.size() > kMostText || depth > 100) return false;
  switch (value.kind()) {
    case Kind::kNull:
      text += "null";
      return true;
    case Kind::kBool:
      text += value.boolean() ? "true" : "false";
      return true;
    case Kind::kInt:
      text += std::to_string(value.integer());
      return true;
    case Kind::kUint:
      text += std::to_string(value.unsigned_integer());
      return true;
    case Kind::kDouble:
      if (inside && std::isfinite(value.real()))
        text += format("%.6f", value.real());
      else
        text += double_text(value.real());
      return true;
    case Kind::kString:
      text += inside ? "\"" + std::string(value.text()) + "\"" : std::string(value.text());
      return true;
    case Kind::kBytes:
      text += inside ? "b\"" + std::string(value.text()) + "\"" : std::string(value.text());
      return true;
    case Kind::kTimestamp: {
      const std::string moment = format_moment({value.integer(), value.nanos()});
      text += inside ? "timestamp(\"" + moment + "\")" : moment;
      return true;
    }
    case Kind::kDuration: {
      const std::string duration = format_duration_seconds(value.integer());
      text += inside ? "duration(\"" + duration + "\")" : duration;
      return true;
    }
    case Kind::kType:
      text += value.type_value().str();
      return true;
    case Kind::kList:
      text += "[";
      for (std::size_t i = 0; i < value.list().size(); ++i) {
        if (i > 0) text += ", ";
        if (!shown(value.list().at(i), true, text, depth + 1)) return false;
      }
      text += "]";
      return true;
    case Kind::kMap:
      text += "{";
      for (std::size_t i = 0; i < value.map().size(); ++i) {
        if (i > 0) text += ", ";
        const auto [key, item] = value.map().entry(i);
        if (!shown(key, true, text, depth + 1)) return false;
        text += ": ";
        if (!shown(item, true, text, depth + 1)) return false;
      }
      text += "}";
      return true;
    default:
      return false;
  }
}

std::string digits(std::uint64_t number, unsigned base, bool upper) {
  std::string text;
  do {
    const auto digit = static_cast<char>(number % base);
    text += static_cast<char>(digit < 10 ? '0' + digit : (upper ? 'A' : 'a') + digit - 10);
    number /= base;
  } while (number != 0);
  std::reverse(text.begin(), text.end());
  return text;
}

std::string failure(const char* clause, const char* wants, const Val& given) {
  return "error during formatting: " + std::string(clause) + " clause can only be used on " + wants + ", was given " +
         given.type_name();
}

// One clause's text; "" and a reason in `wrong` when the value is not for it.
std::string clause(char letter, int precision, const Val& value, std::string& wrong) {
  std::string text;
  switch (letter) {
    case 's':
      if (!shown(value, false, text))
        wrong = failure("string", "strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps",
                        value);
      return text;
    case 'd':
      if (value.is(Kind::kInt)) return std::to_string(value.integer());
      if (value.is(Kind::kUint)) return std::to_string(value.unsigned_integer());
      if (value.is(Kind::kDouble) && !std::isfinite(value.real())) return double_text(value.real());
      wrong = failure("decimal", "integers", value);
      return "";
    case 'f':
    case 'e':
      if (!value.is_number()) {
        wrong = failure(letter == 'f' ? "fixed-point" : "scientific", "doubles", value);
        return "";
      }
      if (!std::isfinite(value.real())) return double_text(value.real());
      return letter == 'f' ? format("%.*f", precision, value.real()) : format("%.*e", precision, value.real());
    case 'b':
      if (value.is(Kind::kBool)) return value.boolean() ? "1" : "0";
      [[fallthrough]];
    case 'o':
    case 'x':
    case 'X': {
      const unsigned base = letter == 'b' ? 2 : letter == 'o' ? 8 : 16;
      if (value.is(Kind::kUint)) return digits(value.unsigned_integer(), base, letter == 'X');
      if (value.is(Kind::kInt)) {
        const bool negative = value.integer() < 0;
        const std::uint64_t size = negative ? 0 - value.unsigned_integer() : value.unsigned_integer();
        return (negative ? "-" : "") + digits(size, base, letter == 'X');
      }
      if (base == 16 && (value.is(Kind::kString) || value.is(Kind::kBytes))) {
        text = hex_encode(value.text());
        return letter == 'X' ? to_upper(text) : text;
      }
      wrong = base == 2   ? failure("binary", "integers and bools", value)
              : base == 8 ? failure("octal", "integers", value)
                          : failure("hex", "integers, byte buffers, and strings", value);
      return "";
    }
    default:
      wrong = "could not parse formatting clause: unrecognized formatting clause \"" + std::string(1, letter) + "\"";
      return "";
  }
}

}  // namespace

Val format_text(Call& call) {
  if (!call.are(Kind::kString, Kind::kList)) return no_such_overload();
  const std::string_view pattern = call[0].text();
  const ListBox& values = call[1].list();
  std::string text;
  std::size_t used = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      text += pattern[i];
      continue;
    }
    if (++i >= pattern.size()) return Val::error("unexpected end of string");
    if (pattern[i] == '%') {
      text += '%';
      continue;
    }
    int precision = 6;
    if (pattern[i] == '.') {
      precision = 0;
      for (++i; i < pattern.size() && pattern[i] >= '0' && pattern[i] <= '9'; ++i)
        precision = std::min(precision * 10 + (pattern[i] - '0'), kMostPrecision);
      if (i >= pattern.size()) return Val::error("could not find end of precision specifier");
    }
    if (used >= values.size()) return Val::error("index " + std::to_string(used) + " out of range");
    std::string wrong;
    text += clause(pattern[i], precision, values.at(used++), wrong);
    if (!wrong.empty()) return Val::error(wrong);
    if (text.size() > kMostText) return Val::error("text too large");
  }
  call.traverse(pattern.size() + text.size());
  return Val::of_string(text);
}

}  // namespace drydock::cel
