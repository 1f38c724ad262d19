// What `date -d` and `touch -d` understand.
// https://www.gnu.org/software/coreutils/manual/html_node/Date-input-formats.html
#include <chrono>

#include "core/base/strings.h"
#include "core/programs/coreutils/support.h"

namespace drydock {
namespace {

constexpr std::string_view kMonths[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                        "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view kDays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::string_view kOrdinals[] = {"first",   "second", "third", "fourth", "fifth",    "sixth",
                                          "seventh", "eighth", "ninth", "tenth",  "eleventh", "twelfth"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z'); }

class DateParser {
 public:
  DateParser(std::string text, TimePoint now) : text_(std::move(text)), now_(now) {}

  std::optional<TimePoint> run() {
    const auto whole = std::chrono::floor<std::chrono::days>(now_);
    const std::chrono::year_month_day today(whole);
    year_ = static_cast<int>(today.year());
    month_ = static_cast<int>(static_cast<unsigned>(today.month()));
    day_ = static_cast<int>(static_cast<unsigned>(today.day()));
    for (;;) {
      skip_space();
      if (at_ >= text_.size()) break;
      if (!item()) return std::nullopt;
    }
    return result(whole);
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == ','))
      ++at_;
  }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool eat(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  std::string digits() {
    std::string run;
    while (is_digit(peek())) run += text_[at_++];
    return run;
  }
  static int value(const std::string& run) { return static_cast<int>(parse_int(run).value_or(0)); }
  std::string word() {
    std::string run;
    while (is_letter(peek())) run += text_[at_++];
    if (peek() == '.') ++at_;
    return run;
  }

  bool item() {
    if (eat('@')) return epoch();
    const char c = peek();
    if (is_digit(c)) return number_item();
    if (c == '+' || c == '-') return signed_item();
    if (is_letter(c)) return word_item();
    return false;
  }

  // "@1234.5"
  bool epoch() {
    const bool negative = eat('-');
    const auto whole = parse_int(digits());
    if (!whole) return false;
    Duration since = seconds(negative ? -*whole : *whole);
    if (eat('.')) since += fraction();
    absolute_ = TimePoint(since);
    return true;
  }

  Duration fraction() {
    std::string run = digits();
    run.resize(9, '0');
    return nanoseconds(parse_int(run).value_or(0));
  }

  bool number_item() {
    const std::size_t start = at_;
    const std::string run = digits();
    if (peek() == ':') return clock(value(run));
    if (peek() == '-' && is_digit(peek(1))) {  // 2026-01-02
      ++at_;
      const std::string month = digits();
      if (!eat('-')) return false;
      return date(run.size() <= 2 ? value(run) + (value(run) < 69 ? 2000 : 1900) : value(run), value(month),
                  value(digits()), true);
    }
    if (peek() == '-' && is_letter(peek(1))) {  // 2-Jan-2026
      ++at_;
      const int month = month_of(word());
      if (month == 0) return false;
      if (!eat('-')) return date(year_, month, value(run), false);
      return date(value(digits()), month, value(run), false);
    }
    if (eat('/')) {  // 1/2/2026, 1/2, 2026/1/2
      const std::string second = digits();
      if (run.size() >= 4) return eat('/') && date(value(run), value(second), value(digits()), false);
      return date(eat('/') ? value(digits()) : year_, value(run), value(second), false);
    }
    if (run.size() == 8 && !has_date_)
      return date(value(run.substr(0, 4)), value(run.substr(4, 2)), value(run.substr(6)), true);
    skip_space();
    if (is_letter(peek())) {
      const std::size_t before = at_;
      const std::string name = word();
      if (name == "am" || name == "pm") {
        at_ = before;
        return meridian(value(run), 0, 0);
      }
      if (const int month = month_of(name)) {  // 2 Jan [2026]
        skip_space();
        const std::size_t here = at_;
        const std::string year = is_digit(peek()) ? digits() : "";
        if (year.size() == 4 && peek() != ':') return date(value(year), month, value(run), false);
        at_ = here;
        return date(year_, month, value(run), false);
      }
      at_ = before;
      if (name == "t" || name == "utc" || name == "gmt" || name == "z") return false;
      return relative(value(run));
    }
    if (run.size() == 4 && has_date_ && has_time_) {  // "Thu Jan  1 00:00:00 UTC 2026"
      year_ = value(run);
      return true;
    }
    if (run.size() == 4 || run.size() <= 2) {  // a bare "1430" or "14"
      if (has_time_) return false;
      at_ = start + run.size();
      return run.size() == 4 ? time_is(value(run.substr(0, 2)), value(run.substr(2)), 0) : time_is(value(run), 0, 0);
    }
    return false;
  }

  // A zone after a time, else "+2 days".
  bool signed_item() {
    const bool negative = peek() == '-';
    const std::size_t before = at_++;
    skip_space();
    const std::string run = digits();
    if (run.empty()) return false;
    if (has_time_ && !has_zone_ && before > 0 &&
        (run.size() == 4 || peek() == ':' || (run.size() == 2 && !unit_follows()))) {
      int minutes = run.size() == 4 ? value(run.substr(0, 2)) * 60 + value(run.substr(2)) : value(run) * 60;
      if (eat(':')) minutes += value(digits());
      zone_minutes_ = negative ? -minutes : minutes;
      has_zone_ = true;
      return true;
    }
    return relative(negative ? -value(run) : value(run));
  }
  bool unit_follows() {
    std::size_t ahead = 0;
    while (peek(ahead) == ' ') ++ahead;
    return is_letter(peek(ahead));
  }

  bool word_item() {
    const std::string name = word();
    if (name == "now" || name == "today" || name == "at" || name == "on") return true;
    if (name == "yesterday" || name == "tomorrow") {
      days_ += name == "tomorrow" ? 1 : -1;
      return true;
    }
    if (name == "midnight" || name == "noon") return time_is(name == "noon" ? 12 : 0, 0, 0);
    if (name == "utc" || name == "gmt" || name == "z" || name == "ut") {
      has_zone_ = true;
      return true;
    }
    if (name == "t") return has_date_ && is_digit(peek());
    if (name == "ago") return negate();
    if (name == "next" || name == "last" || name == "this") {
      const int count = name == "next" ? 1 : name == "last" ? -1 : 0;
      skip_space();
      const std::size_t before = at_;
      const int weekday = weekday_of(word());
      if (weekday >= 0) {
        weekday_ = weekday;
        weekday_count_ = count;
        return true;
      }
      at_ = before;
      return relative(count);
    }
    for (std::size_t i = 0; i < std::size(kOrdinals); ++i) {
      if (name == kOrdinals[i] && name != "second") return relative(static_cast<int>(i) + 1);
    }
    if (const int weekday = weekday_of(name); weekday >= 0) {
      weekday_ = weekday;
      weekday_count_ = 0;
      return true;
    }
    if (const int month = month_of(name)) {  // Jan 2[, 2026]
      skip_space();
      if (!is_digit(peek())) return date(year_, month, day_, false);
      const int day = value(digits());
      const std::size_t here = at_;
      skip_space();
      const std::string year = is_digit(peek()) ? digits() : "";
      if (year.size() == 4 && peek() != ':') return date(value(year), month, day, false);
      at_ = here;
      return date(year_, month, day, false);
    }
    at_ -= name.size();
    return relative(1);  // "day" alone is one day
  }

  static int month_of(std::string_view name) {
    if (name.size() < 3) return 0;
    for (std::size_t i = 0; i < std::size(kMonths); ++i) {
      if (name.substr(0, 3) == kMonths[i]) return static_cast<int>(i) + 1;
    }
    return 0;
  }
  static int weekday_of(std::string_view name) {
    static constexpr std::string_view kFull[] = {"sunday",   "monday", "tuesday", "wednesday",
                                                 "thursday", "friday", "saturday"};
    for (std::size_t i = 0; i < std::size(kDays); ++i) {
      if (name == kDays[i] || name == kFull[i] || (name.size() > 3 && kFull[i].starts_with(name)))
        return static_cast<int>(i);
    }
    return -1;
  }

  bool date(int year, int month, int day, bool time_may_follow) {
    year_ = year;
    month_ = month;
    day_ = day;
    has_date_ = true;
    if (time_may_follow && peek() == 't') ++at_;
    return true;
  }

  bool clock(int hour) {
    ++at_;
    const int minute = value(digits());
    int second = 0;
    if (eat(':')) {
      second = value(digits());
      if (eat('.') || eat(',')) fraction_ = fraction();
    }
    const std::size_t before = at_;
    skip_space();
    if (peek() == 'a' || peek() == 'p') {
      const std::size_t here = at_;
      const std::string name = word();
      at_ = here;
      if (name == "am" || name == "pm") return meridian(hour, minute, second);
    }
    at_ = before;
    if (peek() == 'z') {
      ++at_;
      has_zone_ = true;
    }
    return time_is(hour, minute, second);
  }

  bool meridian(int hour, int minute, int second) {
    const std::string name = word();
    if (hour < 1 || hour > 12) return false;
    return time_is(hour % 12 + (name == "pm" ? 12 : 0), minute, second);
  }

  bool time_is(int hour, int minute, int second) {
    if (hour > 24 || minute > 59 || second > 60) return false;
    hour_ = hour;
    minute_ = minute;
    second_ = second;
    has_time_ = true;
    return true;
  }

  // COUNT times the unit that follows; "ago" may come behind.
  bool relative(int count) {
    skip_space();
    std::string unit = word();
    if (unit.size() > 1 && unit.back() == 's') unit.pop_back();
    last_ = {};
    if (unit == "sec" || unit == "second")
      last_.time = seconds(count);
    else if (unit == "min" || unit == "minute")
      last_.time = std::chrono::minutes(count);
    else if (unit == "hour")
      last_.time = std::chrono::hours(count);
    else if (unit == "day")
      last_.days = count;
    else if (unit == "week")
      last_.days = 7 * count;
    else if (unit == "fortnight")
      last_.days = 14 * count;
    else if (unit == "month")
      last_.months = count;
    else if (unit == "year")
      last_.months = 12 * count;
    else
      return false;
    add(last_, 1);
    skip_space();
    const std::size_t before = at_;
    if (word() == "ago") return negate();
    at_ = before;
    return true;
  }
  struct Shift {
    Duration time{0};
    int days = 0;
    int months = 0;
  };
  void add(const Shift& shift, int sign) {
    time_ += shift.time * sign;
    days_ += shift.days * sign;
    months_ += shift.months * sign;
  }
  bool negate() {
    add(last_, -2);
    return true;
  }

  std::optional<TimePoint> result(std::chrono::sys_days today) const {
    if (absolute_) return *absolute_ + time_ + std::chrono::days(days_);
    const bool dated = has_date_ || weekday_ >= 0;
    Duration in_day = now_ - TimePoint(today.time_since_epoch());
    if (has_time_ || dated) in_day = Duration(0);
    if (has_time_) in_day = std::chrono::hours(hour_) + std::chrono::minutes(minute_) + seconds(second_) + fraction_;
    if (!civil_time(year_, month_, day_, 0, 0, 0)) return std::nullopt;
    const int months = year_ * 12 + month_ - 1 + months_;
    // A day beyond its month's end runs over into the next month, as mktime has it.
    std::chrono::sys_days day =
        std::chrono::sys_days(std::chrono::year(months / 12) /
                              std::chrono::month(static_cast<unsigned>(months % 12) + 1) / std::chrono::day(1)) +
        std::chrono::days(day_ - 1);
    day += std::chrono::days(days_);
    if (weekday_ >= 0) {
      const int current = static_cast<int>(std::chrono::weekday(day).c_encoding());
      int ahead = (weekday_ - current + 7) % 7;
      if (weekday_count_ > 0 && ahead == 0) ahead = 7;
      if (weekday_count_ < 0) ahead -= 7;
      if (!has_date_) day += std::chrono::days(ahead);
    }
    return TimePoint(day.time_since_epoch()) + in_day + time_ - std::chrono::minutes(zone_minutes_);
  }

  std::string text_;
  TimePoint now_;
  std::size_t at_ = 0;
  std::optional<TimePoint> absolute_;
  int year_ = 1970, month_ = 1, day_ = 1, hour_ = 0, minute_ = 0, second_ = 0;
  Duration fraction_{0};
  bool has_date_ = false, has_time_ = false, has_zone_ = false;
  int zone_minutes_ = 0;
  int weekday_ = -1;
  int weekday_count_ = 0;
  Duration time_{0};
  int days_ = 0;
  int months_ = 0;
  Shift last_;
};

}  // namespace

std::optional<TimePoint> civil_time(int year, int month, int day, int hour, int minute, int second) {
  const std::chrono::year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (month < 1 || day < 1 || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return TimePoint(std::chrono::sys_days(date).time_since_epoch()) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + seconds(second);
}

std::optional<TimePoint> parse_date(std::string_view text, TimePoint now) {
  return DateParser(to_lower(text), now).run();
}

}  // namespace drydock
