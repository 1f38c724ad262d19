#include "core/machinery/timestamp.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/strings.h"

namespace drydock {
namespace {

using namespace std::chrono;

constexpr year kFirstYear{1900};
constexpr year kLastYear{2199};

std::string date_and_time(TimePoint when) {
  const std::tm parts = utc_parts(when);
  // Written for every condition and every line of a log: without printf.
  std::string text = "0000-00-00T00:00:00";
  const auto put = [&text](std::size_t end, int number) {
    for (; number > 0; number /= 10) text[end--] = static_cast<char>('0' + number % 10);
  };
  put(3, parts.tm_year + 1900);
  put(6, parts.tm_mon + 1);
  put(9, parts.tm_mday);
  put(12, parts.tm_hour);
  put(15, parts.tm_min);
  put(18, parts.tm_sec);
  return text;
}

// Reads exactly `count` digits.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int number = 0;
  for (char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return number;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || (text[0] != wanted && text[0] != static_cast<char>(wanted | 0x20))) return false;
  text.remove_prefix(1);
  return true;
}

constexpr std::pair<std::string_view, double> kUnits[] = {{"ns", 1},   {"us", 1e3}, {"µs", 1e3}, {"μs", 1e3},
                                                          {"ms", 1e6}, {"s", 1e9},  {"m", 6e10}, {"h", 3.6e12}};

}  // namespace

std::tm utc_parts(sys_seconds when) {
  const sys_days day = floor<days>(when);
  const year_month_day date{day};
  const hh_mm_ss clock(when - day);
  std::tm parts{};
  parts.tm_year = static_cast<int>(date.year()) - 1900;
  parts.tm_mon = static_cast<int>(static_cast<unsigned>(date.month())) - 1;
  parts.tm_mday = static_cast<int>(static_cast<unsigned>(date.day()));
  parts.tm_hour = static_cast<int>(clock.hours().count());
  parts.tm_min = static_cast<int>(clock.minutes().count());
  parts.tm_sec = static_cast<int>(clock.seconds().count());
  parts.tm_wday = static_cast<int>(weekday(day).c_encoding());
  parts.tm_yday = static_cast<int>((day - sys_days(date.year() / January / 1)).count());
  return parts;
}

std::tm utc_parts(TimePoint when) { return utc_parts(floor<std::chrono::seconds>(when)); }

std::string format_timestamp(TimePoint when) { return date_and_time(when) + "Z"; }

std::string format_micro_timestamp(TimePoint when) {
  const auto fraction = when.time_since_epoch() - floor<std::chrono::seconds>(when.time_since_epoch());
  return date_and_time(when) +
         format(".%06d", static_cast<int>(duration_cast<std::chrono::microseconds>(fraction).count())) + "Z";
}

std::optional<TimePoint> parse_timestamp(std::string_view text) {
  const auto year_part = take_digits(text, 4);
  if (!year_part || !take(text, '-')) return std::nullopt;
  const auto month_part = take_digits(text, 2);
  if (!month_part || !take(text, '-')) return std::nullopt;
  const auto day_part = take_digits(text, 2);
  if (!day_part || !take(text, 'T')) return std::nullopt;
  const auto hour = take_digits(text, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || !take(text, ':')) return std::nullopt;
  const auto second = take_digits(text, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const year_month_day date{year(*year_part), month(static_cast<unsigned>(*month_part)),
                            day(static_cast<unsigned>(*day_part))};
  if (!date.ok()) return std::nullopt;
  Duration fraction{0};
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    Duration::rep unit = 100000000;
    std::size_t digits = 0;
    for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), ++digits) {
      fraction += Duration(unit * (text[0] - '0'));
      unit /= 10;
    }
    if (digits == 0) return std::nullopt;
  }
  Duration zone{0};
  if (!take(text, 'Z')) {
    if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
    const int sign = text[0] == '-' ? -1 : 1;
    text.remove_prefix(1);
    const auto zone_hours = take_digits(text, 2);
    if (!zone_hours || !take(text, ':')) return std::nullopt;
    const auto zone_minutes = take_digits(text, 2);
    if (!zone_minutes) return std::nullopt;
    zone = sign * (hours(*zone_hours) + minutes(*zone_minutes));
  }
  if (!text.empty()) return std::nullopt;
  const year_month_day near{std::clamp(date.year(), kFirstYear, kLastYear), date.month(), date.day()};
  return TimePoint(sys_days(near).time_since_epoch()) + hours(*hour) + minutes(*minute) +
         std::chrono::seconds(*second) + fraction - zone;
}

std::string format_go_duration(Duration duration) {
  const auto total = duration.count();
  if (total == 0) return "0s";
  const bool negative = total < 0;
  const auto magnitude = negative ? 0 - static_cast<std::uint64_t>(total) : static_cast<std::uint64_t>(total);
  // A number with its fraction, trailing zeros dropped.
  auto decimal = [](std::uint64_t value, std::uint64_t unit) {
    std::string text = std::to_string(value / unit);
    std::string fraction = std::to_string(value % unit + unit).substr(1);
    while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
    return fraction.empty() ? text : text + "." + fraction;
  };
  std::string text;
  if (magnitude < 1000) {
    text = std::to_string(magnitude) + "ns";
  } else if (magnitude < 1000000) {
    text = decimal(magnitude, 1000) + "µs";
  } else if (magnitude < 1000000000) {
    text = decimal(magnitude, 1000000) + "ms";
  } else {
    const std::uint64_t whole_minutes = magnitude / 60000000000;
    text = decimal(magnitude % 60000000000, 1000000000) + "s";
    if (whole_minutes > 0) text = std::to_string(whole_minutes % 60) + "m" + text;
    if (whole_minutes >= 60) text = std::to_string(whole_minutes / 60) + "h" + text;
  }
  return negative ? "-" + text : text;
}

std::optional<Duration> parse_go_duration(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text == "0") return Duration{0};
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    const std::size_t length = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto number = parse_double(text.substr(0, length));
    if (length == 0 || !number) return std::nullopt;
    text.remove_prefix(length);
    const std::pair<std::string_view, double>* best = nullptr;
    for (const auto& unit : kUnits) {
      if (text.starts_with(unit.first) && (best == nullptr || unit.first.size() > best->first.size())) best = &unit;
    }
    if (best == nullptr) return std::nullopt;
    text.remove_prefix(best->first.size());
    total += *number * best->second;
  }
  if (total > 9.2e18) return std::nullopt;
  return Duration(static_cast<Duration::rep>(std::llround(negative ? -total : total)));
}

std::string human_duration(Duration duration) {
  const auto total = duration_cast<std::chrono::seconds>(duration).count();
  if (total < -1) return "<invalid>";
  if (total < 0) return "0s";
  if (total < 120) return std::to_string(total) + "s";
  const auto whole_minutes = total / 60;
  auto with_rest = [](long long value, const char* unit, long long rest, const char* rest_unit) {
    return std::to_string(value) + unit + (rest == 0 ? "" : std::to_string(rest) + rest_unit);
  };
  if (whole_minutes < 10) return with_rest(whole_minutes, "m", total % 60, "s");
  if (whole_minutes < 180) return std::to_string(whole_minutes) + "m";
  const auto whole_hours = total / 3600;
  if (whole_hours < 8) return with_rest(whole_hours, "h", whole_minutes % 60, "m");
  if (whole_hours < 48) return std::to_string(whole_hours) + "h";
  const auto whole_days = whole_hours / 24;
  if (whole_hours < 24 * 8) return with_rest(whole_days, "d", whole_hours % 24, "h");
  if (whole_hours < 24 * 365 * 2) return std::to_string(whole_days) + "d";
  const auto whole_years = whole_days / 365;
  if (whole_hours < 24 * 365 * 8) return with_rest(whole_years, "y", whole_days % 365, "d");
  return std::to_string(whole_years) + "y";
}

}  // namespace drydock
