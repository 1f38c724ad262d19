#include "core/controllers/batch/cron_schedule.h"

#include <array>

#include "core/base/strings.h"

namespace drydock::controllers {
namespace {

struct FieldRange {
  std::int64_t low, high;
  std::string_view names;  // three letters each, from `low` on
};
constexpr FieldRange kMinutes{0, 59, ""}, kHours{0, 23, ""}, kDays{1, 31, ""},
    kMonths{1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"}, kWeekdays{0, 6, "sunmontuewedthufrisat"};

std::optional<std::int64_t> parse_number(const std::string& text, const FieldRange& range) {
  if (const auto number = parse_int(text)) return number;
  const std::size_t at = text.size() == 3 ? range.names.find(to_lower(text)) : std::string_view::npos;
  if (at == std::string_view::npos || at % 3 != 0) return std::nullopt;
  return range.low + static_cast<std::int64_t>(at / 3);
}

// "*/15", "1-5", "mon,wed", "10-20/2".
std::optional<std::uint64_t> parse_field(const std::string& text, const FieldRange& range) {
  std::uint64_t bits = 0;
  for (const std::string& piece : split(text, ',')) {
    const std::size_t slash = piece.find('/');
    const std::string span = piece.substr(0, slash);
    std::int64_t step = 1, low = range.low, high = range.high;
    if (slash != std::string::npos) {
      const auto parsed = parse_int(piece.substr(slash + 1));
      if (!parsed || *parsed <= 0) return std::nullopt;
      step = *parsed;
    }
    if (span != "*" && span != "?") {
      const std::size_t dash = span.find('-');
      const auto first = parse_number(span.substr(0, dash), range);
      const auto last = dash == std::string::npos ? first : parse_number(span.substr(dash + 1), range);
      if (!first || !last) return std::nullopt;
      low = *first;
      // "5/15" means from 5 on.
      if (dash != std::string::npos || slash == std::string::npos) high = *last;
    }
    if (low < range.low || high > range.high || low > high) return std::nullopt;
    for (std::int64_t value = low; value <= high; value += step) bits |= 1ULL << value;
  }
  return bits;
}

bool is_any(const std::string& text) { return text.starts_with("*") || text.starts_with("?"); }
bool has(std::uint64_t bits, unsigned value) { return (bits >> value & 1) != 0; }

}  // namespace

std::optional<CronSchedule> CronSchedule::parse(std::string_view text) {
  struct Nickname {
    std::string_view name, fields;
  };
  constexpr std::array kNicknames = {Nickname{"@yearly", "0 0 1 1 *"},  Nickname{"@annually", "0 0 1 1 *"},
                                     Nickname{"@monthly", "0 0 1 * *"}, Nickname{"@weekly", "0 0 * * 0"},
                                     Nickname{"@daily", "0 0 * * *"},   Nickname{"@midnight", "0 0 * * *"},
                                     Nickname{"@hourly", "0 * * * *"}};
  for (const Nickname& nickname : kNicknames) {
    if (text == nickname.name) return parse(nickname.fields);
  }
  const std::vector<std::string> fields = split_whitespace(text);
  if (fields.size() != 5) return std::nullopt;
  const auto minutes = parse_field(fields[0], kMinutes), hours = parse_field(fields[1], kHours),
             days = parse_field(fields[2], kDays), months = parse_field(fields[3], kMonths),
             weekdays = parse_field(fields[4], kWeekdays);
  if (!minutes || !hours || !days || !months || !weekdays) return std::nullopt;
  CronSchedule schedule;
  schedule.minutes_ = *minutes;
  schedule.hours_ = *hours;
  schedule.days_ = *days;
  schedule.months_ = *months;
  schedule.weekdays_ = *weekdays;
  schedule.any_day_ = is_any(fields[2]);
  schedule.any_weekday_ = is_any(fields[4]);
  return schedule;
}

std::optional<TimePoint> CronSchedule::next(TimePoint time) const {
  using namespace std::chrono;
  constexpr int kDaysAhead = 5 * 366;
  const auto first = floor<minutes>(time) + minutes(1);
  auto day = floor<days>(first);
  for (int i = 0; i < kDaysAhead; ++i, day += days(1)) {
    const year_month_day date{day};
    if (!has(months_, static_cast<unsigned>(date.month()))) continue;
    const bool day_fits = has(days_, static_cast<unsigned>(date.day()));
    const bool weekday_fits = has(weekdays_, weekday(day).c_encoding());
    // When both are restricted either may match, as in every cron.
    const bool fits = any_day_ || any_weekday_ ? day_fits && weekday_fits : day_fits || weekday_fits;
    if (!fits) continue;
    const auto from = i == 0 ? duration_cast<minutes>(first - day).count() : 0;
    for (auto minute = from; minute < 24 * 60; ++minute) {
      if (has(hours_, static_cast<unsigned>(minute / 60)) && has(minutes_, static_cast<unsigned>(minute % 60))) {
        return time_point_cast<Duration>(sys_time<Duration>(day)) + minutes(minute);
      }
    }
  }
  return std::nullopt;
}

}  // namespace drydock::controllers
