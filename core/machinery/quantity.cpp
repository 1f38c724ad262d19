#include "core/machinery/quantity.h"

#include <algorithm>
#include <utility>

#include "core/base/strings.h"

namespace drydock {
namespace {

constexpr __int128 kNano = 1000000000;
constexpr __int128 kLimit = static_cast<__int128>(INT64_MAX) * kNano;

struct Suffix {
  std::string_view text;
  Quantity::Form form;
  int power;  // of ten, or of two
};
constexpr Suffix kSuffixes[] = {
    {"n", Quantity::Form::kDecimal, -9}, {"u", Quantity::Form::kDecimal, -6}, {"m", Quantity::Form::kDecimal, -3},
    {"", Quantity::Form::kDecimal, 0},   {"k", Quantity::Form::kDecimal, 3},  {"M", Quantity::Form::kDecimal, 6},
    {"G", Quantity::Form::kDecimal, 9},  {"T", Quantity::Form::kDecimal, 12}, {"P", Quantity::Form::kDecimal, 15},
    {"E", Quantity::Form::kDecimal, 18}, {"Ki", Quantity::Form::kBinary, 10}, {"Mi", Quantity::Form::kBinary, 20},
    {"Gi", Quantity::Form::kBinary, 30}, {"Ti", Quantity::Form::kBinary, 40}, {"Pi", Quantity::Form::kBinary, 50},
    {"Ei", Quantity::Form::kBinary, 60},
};

__int128 power_of_ten(int exponent) {
  __int128 result = 1;
  while (exponent-- > 0) result *= 10;
  return result;
}

std::int64_t divide_up(__int128 number, __int128 by) {
  const __int128 quotient = number / by;
  return static_cast<std::int64_t>(number % by > 0 ? quotient + 1 : quotient);
}

}  // namespace

Quantity Quantity::of(std::int64_t value, Form form) {
  Quantity quantity;
  quantity.nano_ = static_cast<__int128>(value) * kNano;
  quantity.form_ = form;
  return quantity;
}

Quantity Quantity::of_milli(std::int64_t value) {
  Quantity quantity;
  quantity.nano_ = static_cast<__int128>(value) * (kNano / 1000);
  return quantity;
}

std::optional<Quantity> Quantity::parse(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const std::size_t number_length = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string_view number = text.substr(0, number_length);
  std::string_view suffix = text.substr(number_length);
  if (number.empty() || number == "." || std::count(number.begin(), number.end(), '.') > 1) return std::nullopt;
  Form form = Form::kDecimal;
  int ten = 0;
  int two = 0;
  const auto known = std::find_if(std::begin(kSuffixes), std::end(kSuffixes),
                                  [&](const Suffix& candidate) { return candidate.text == suffix; });
  if (known != std::end(kSuffixes)) {
    form = known->form;
    (form == Form::kBinary ? two : ten) = known->power;
  } else if (suffix.size() > 1 && (suffix[0] == 'e' || suffix[0] == 'E')) {
    const auto exponent = parse_int(suffix.substr(1));
    if (!exponent || *exponent < -18 || *exponent > 18) return std::nullopt;
    form = Form::kExponent;
    ten = static_cast<int>(*exponent);
  } else {
    return std::nullopt;
  }
  // digits * 10^(scale); digits beyond what is kept are rounded up, as upstream does.
  __int128 digits = 0;
  int scale = ten + 9;
  bool lost = false;
  bool after_point = false;
  for (char c : number) {
    if (c == '.') {
      after_point = true;
      continue;
    }
    if (digits > kLimit) {
      lost = lost || c != '0';
      if (!after_point) ++scale;
      continue;
    }
    digits = digits * 10 + (c - '0');
    if (after_point) --scale;
  }
  if (two > 0) {
    if (digits > (kLimit * kNano >> two)) digits = kLimit * kNano >> two;
    digits <<= two;
  }
  __int128 nano = digits;
  if (scale >= 0) {
    for (int i = 0; i < scale; ++i) {
      if (nano > kLimit) break;
      nano *= 10;
    }
  } else {
    const __int128 divisor = power_of_ten(std::min(-scale, 36));
    lost = lost || nano % divisor != 0;
    nano /= divisor;
    if (lost) ++nano;
  }
  Quantity quantity;
  quantity.nano_ = std::min(nano, kLimit);
  if (negative) quantity.nano_ = -quantity.nano_;
  quantity.form_ = form;
  return quantity;
}

// Upstream reads sign, digits, fraction, then letters of suffixes and an exponent; only what
// is left over after that breaks the expression, all else is a suffix that it does not know.
std::string_view Quantity::fault(std::string_view text) {
  if (parse(text)) return "";
  constexpr std::string_view kFormatWrong =
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  if (text.empty()) return kFormatWrong;
  auto skip = [&](std::string_view characters) {
    text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
  };
  if (text[0] == '-' || text[0] == '+') text.remove_prefix(1);
  skip("0123456789");
  if (text.starts_with(".")) text.remove_prefix(1);
  skip("0123456789");
  skip("eEinumkKMGTP");
  if (text.starts_with("-") || text.starts_with("+")) text.remove_prefix(1);
  skip("0123456789");
  return text.empty() ? "unable to parse quantity's suffix" : kFormatWrong;
}

std::optional<Quantity> Quantity::from(const Value& value) {
  if (value.is_string()) return parse(value.as_string());
  if (value.is_int()) return of(value.as_int());
  if (value.is_number()) return parse(format_double(value.as_double()));
  return std::nullopt;
}

std::int64_t Quantity::value() const { return divide_up(nano_, kNano); }
std::int64_t Quantity::milli_value() const { return divide_up(std::min(nano_, kLimit / 1000), kNano / 1000); }

Quantity Quantity::operator+(const Quantity& other) const {
  Quantity sum = is_zero() ? other : *this;
  sum.nano_ = std::min(nano_ + other.nano_, kLimit);
  return sum;
}

Quantity Quantity::operator-(const Quantity& other) const {
  Quantity difference = is_zero() ? other : *this;
  difference.nano_ = nano_ - other.nano_;
  return difference;
}

std::string Quantity::str() const {
  if (nano_ == 0) return "0";
  const bool negative = nano_ < 0;
  __int128 magnitude = negative ? -nano_ : nano_;
  const std::string sign = negative ? "-" : "";
  auto text = [](__int128 number) {
    std::string out;
    for (; number > 0; number /= 10) out.insert(out.begin(), static_cast<char>('0' + static_cast<int>(number % 10)));
    return out.empty() ? std::string("0") : out;
  };
  const bool whole = magnitude % kNano == 0;
  if (form_ == Form::kBinary && whole && magnitude / kNano >= 1024) {
    __int128 number = magnitude / kNano;
    int power = 0;
    while (number % 1024 == 0 && power < 60) {
      number /= 1024;
      power += 10;
    }
    for (const Suffix& suffix : kSuffixes) {
      if (suffix.form == Form::kBinary && suffix.power == power) return sign + text(number) + std::string(suffix.text);
    }
    return sign + text(number);
  }
  int power = -9;
  while (magnitude % 1000 == 0 && power < 18) {
    magnitude /= 1000;
    power += 3;
  }
  if (form_ == Form::kExponent) return sign + text(magnitude) + (power == 0 ? "" : "e" + std::to_string(power));
  for (const Suffix& suffix : kSuffixes) {
    if (suffix.form == Form::kDecimal && suffix.power == power)
      return sign + text(magnitude) + std::string(suffix.text);
  }
  return sign + text(magnitude);
}

std::int64_t quantity_value(const Value& value) {
  const auto quantity = Quantity::from(value);
  return quantity ? quantity->value() : 0;
}

std::int64_t quantity_milli_value(const Value& value) {
  const auto quantity = Quantity::from(value);
  return quantity ? quantity->milli_value() : 0;
}

}  // namespace drydock
