#include "core/cel/times.h"

#include <chrono>

#include "core/base/strings.h"
#include "core/machinery/timestamp.h"

namespace drydock::cel {
namespace {

constexpr std::int64_t kFirstSecond = -62135596800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253402300799;   // 9999-12-31T23:59:59Z

// `count` digits at the start of the text, taken off it; -1 when they are not there.
int digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return -1;
  int number = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    number = number * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return number;
}

bool take(std::string_view& text, char letter) {
  if (text.empty() || text[0] != letter) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

bool moment_in_range(std::int64_t seconds) { return seconds >= kFirstSecond && seconds <= kLastSecond; }

std::tm moment_parts(std::int64_t seconds) {
  std::tm parts = utc_parts(std::chrono::sys_seconds(std::chrono::seconds(seconds)));
  return parts;
}

std::optional<Moment> parse_moment(std::string_view text) {
  using namespace std::chrono;
  const int year_number = digits(text, 4);
  if (year_number < 0 || !take(text, '-')) return std::nullopt;
  const int month_number = digits(text, 2);
  if (month_number < 0 || !take(text, '-')) return std::nullopt;
  const int day_number = digits(text, 2);
  const year_month_day date{year{year_number}, month{static_cast<unsigned>(month_number)},
                            day{static_cast<unsigned>(day_number)}};
  if (day_number < 0 || !date.ok() || !take(text, 'T')) return std::nullopt;
  const int hour = digits(text, 2);
  if (hour < 0 || hour > 23 || !take(text, ':')) return std::nullopt;
  const int minute = digits(text, 2);
  if (minute < 0 || minute > 59 || !take(text, ':')) return std::nullopt;
  const int second = digits(text, 2);
  if (second < 0 || second > 59) return std::nullopt;
  Moment moment;
  if (take(text, '.')) {
    std::int32_t scale = 100'000'000;
    std::size_t count = 0;
    while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
      moment.nanos += (text[0] - '0') * scale;
      scale /= 10;
      ++count;
      text.remove_prefix(1);
    }
    if (count == 0) return std::nullopt;
  }
  std::int64_t offset = 0;
  if (!take(text, 'Z')) {
    const bool west = take(text, '-');
    if (!west && !take(text, '+')) return std::nullopt;
    const int hours = digits(text, 2);
    if (hours < 0 || hours > 23 || !take(text, ':')) return std::nullopt;
    const int minutes = digits(text, 2);
    if (minutes < 0 || minutes > 59) return std::nullopt;
    offset = (hours * 60 + minutes) * (west ? -60 : 60);
  }
  if (!text.empty()) return std::nullopt;
  moment.seconds =
      sys_days(date).time_since_epoch().count() * std::int64_t{86400} + hour * 3600 + minute * 60 + second - offset;
  if (!moment_in_range(moment.seconds)) return std::nullopt;
  return moment;
}

std::string format_moment(const Moment& moment) {
  const std::tm parts = moment_parts(moment.seconds);
  std::string text = format("%04d-%02d-%02dT%02d:%02d:%02d", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                            parts.tm_hour, parts.tm_min, parts.tm_sec);
  if (moment.nanos != 0) {
    text += format(".%09d", moment.nanos);
    while (text.back() == '0') text.pop_back();
  }
  return text + "Z";
}

std::optional<std::int64_t> zone_offset(std::string_view zone) {
  if (zone.empty() || zone == "UTC") return 0;
  const bool west = take(zone, '-');
  if (!west) take(zone, '+');
  const int hours = digits(zone, 2);
  if (hours < 0 || !take(zone, ':')) return std::nullopt;
  const int minutes = digits(zone, 2);
  if (minutes < 0 || minutes > 59 || !zone.empty()) return std::nullopt;
  return (hours * 60 + minutes) * (west ? -60 : 60);
}

std::optional<std::int64_t> parse_duration_nanos(std::string_view text) {
  const auto duration = parse_go_duration(text);
  if (!duration) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(*duration).count();
}

std::string format_duration_seconds(std::int64_t nanos) {
  const bool negative = nanos < 0;
  const std::uint64_t size = negative ? 0 - static_cast<std::uint64_t>(nanos) : static_cast<std::uint64_t>(nanos);
  std::string text = (negative ? "-" : "") + std::to_string(size / 1'000'000'000);
  if (size % 1'000'000'000 != 0) {
    text += format(".%09d", static_cast<int>(size % 1'000'000'000));
    while (text.back() == '0') text.pop_back();
  }
  return text + "s";
}

}  // namespace drydock::cel
