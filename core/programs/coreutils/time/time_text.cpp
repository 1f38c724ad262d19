// strftime, with GNU date's flags and conversions, in UTC. Ours, because the C
// library's differs between the native build and the browser.
#include <algorithm>
#include <chrono>

#include "core/base/strings.h"
#include "core/machinery/timestamp.h"
#include "core/programs/coreutils/support.h"

namespace drydock {
namespace {

constexpr const char* kDays[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr const char* kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                   "July",    "August",   "September", "October", "November", "December"};

struct Parts {
  int year, month, day, hour, minute, second, weekday, year_day;
  std::int64_t since_epoch;
  int nanoseconds;
  int iso_year, iso_week;
};

bool leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

constexpr std::chrono::sys_seconds kFirst = std::chrono::sys_days(std::chrono::year(1) / std::chrono::January / 1);
constexpr std::chrono::sys_seconds kBehindLast =
    std::chrono::sys_days(std::chrono::year(10000) / std::chrono::January / 1);

Parts parts_of(std::chrono::sys_seconds whole, int nanoseconds) {
  whole = std::clamp(whole, kFirst, kBehindLast - std::chrono::seconds(1));
  const std::tm utc = utc_parts(whole);
  Parts parts{};
  parts.year = utc.tm_year + 1900;
  parts.month = utc.tm_mon + 1;
  parts.day = utc.tm_mday;
  parts.hour = utc.tm_hour;
  parts.minute = utc.tm_min;
  parts.second = utc.tm_sec;
  parts.weekday = utc.tm_wday;
  parts.year_day = utc.tm_yday;
  parts.since_epoch = whole.time_since_epoch().count();
  parts.nanoseconds = nanoseconds;
  // ISO 8601: week 1 is the one with the year's first Thursday.
  const int monday_based = (parts.weekday + 6) % 7;
  int week = (parts.year_day - monday_based + 10) / 7;
  parts.iso_year = parts.year;
  if (week < 1) {
    --parts.iso_year;
    const int last = parts.year_day + (leap(parts.iso_year) ? 366 : 365);
    week = (last - monday_based + 10) / 7;
  } else if (week == 53 && (parts.year_day - monday_based + 3) >= (leap(parts.year) ? 366 : 365)) {
    week = 1;
    ++parts.iso_year;
  }
  parts.iso_week = week;
  return parts;
}

// A number conversion has its own padding and width, which flags override.
struct Field {
  std::string text;
  char padding = '0';
  int width = 0;
};

class TimeText {
 public:
  explicit TimeText(std::chrono::sys_seconds whole, int nanoseconds = 0) : parts_(parts_of(whole, nanoseconds)) {}

  std::string expand(std::string_view pattern) const {
    std::string out;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i] != '%') {
        out += pattern[i];
        continue;
      }
      const std::size_t start = i++;
      char padding = 0;
      bool upper = false;
      bool swap = false;
      for (; i < pattern.size() && std::string_view("-_0^#+").find(pattern[i]) != std::string_view::npos; ++i) {
        if (pattern[i] == '^')
          upper = true;
        else if (pattern[i] == '#')
          swap = true;
        else
          padding = pattern[i];
      }
      int width = -1;
      for (; i < pattern.size() && pattern[i] >= '0' && pattern[i] <= '9'; ++i)
        width = std::min(1000, std::max(0, width) * 10 + (pattern[i] - '0'));
      std::size_t colons = 0;
      for (; i < pattern.size() && pattern[i] == ':'; ++i) ++colons;
      if (i < pattern.size() && (pattern[i] == 'E' || pattern[i] == 'O')) ++i;
      Field field;
      if (i >= pattern.size() || !convert(pattern[i], colons, field)) {
        out += pattern.substr(start, i - start + 1);
        continue;
      }
      if (upper) field.text = to_upper(field.text);
      if (swap) field.text = pattern[i] == 'Z' || pattern[i] == 'p' ? to_lower(field.text) : to_upper(field.text);
      if (pattern[i] == 'N') {
        // Here the width cuts: %3N is milliseconds.
        if (width > 0 && width < 9) field.text.resize(static_cast<std::size_t>(width));
        out += field.text;
        continue;
      }
      if (padding == '-') {
        out += field.text;
        continue;
      }
      if (padding == '_') field.padding = ' ';
      if (padding == '0') field.padding = '0';
      const auto wanted = static_cast<std::size_t>(width >= 0 ? width : field.width);
      if (field.text.size() < wanted) out += std::string(wanted - field.text.size(), field.padding);
      out += field.text;
    }
    return out;
  }

 private:
  static Field number(std::int64_t value, int width, char padding = '0') {
    return {std::to_string(value), padding, width};
  }
  static Field text(std::string value) { return {std::move(value), ' ', 0}; }

  bool convert(char kind, std::size_t colons, Field& field) const {
    const int hour12 = parts_.hour % 12 == 0 ? 12 : parts_.hour % 12;
    switch (kind) {
      case 'Y':
        field = number(parts_.year, 4);
        break;
      case 'C':
        field = number(parts_.year / 100, 2);
        break;
      case 'y':
        field = number(parts_.year % 100, 2);
        break;
      case 'G':
        field = number(parts_.iso_year, 4);
        break;
      case 'g':
        field = number(parts_.iso_year % 100, 2);
        break;
      case 'm':
        field = number(parts_.month, 2);
        break;
      case 'd':
        field = number(parts_.day, 2);
        break;
      case 'e':
        field = number(parts_.day, 2, ' ');
        break;
      case 'j':
        field = number(parts_.year_day + 1, 3);
        break;
      case 'H':
        field = number(parts_.hour, 2);
        break;
      case 'k':
        field = number(parts_.hour, 2, ' ');
        break;
      case 'I':
        field = number(hour12, 2);
        break;
      case 'l':
        field = number(hour12, 2, ' ');
        break;
      case 'M':
        field = number(parts_.minute, 2);
        break;
      case 'S':
        field = number(parts_.second, 2);
        break;
      case 's':
        field = number(parts_.since_epoch, 1);
        break;
      case 'N':
        field = text(format("%09d", parts_.nanoseconds));
        break;
      case 'u':
        field = number(parts_.weekday == 0 ? 7 : parts_.weekday, 1);
        break;
      case 'w':
        field = number(parts_.weekday, 1);
        break;
      case 'U':
        field = number((parts_.year_day + 7 - parts_.weekday) / 7, 2);
        break;
      case 'W':
        field = number((parts_.year_day + 7 - (parts_.weekday + 6) % 7) / 7, 2);
        break;
      case 'V':
        field = number(parts_.iso_week, 2);
        break;
      case 'q':
        field = number((parts_.month + 2) / 3, 1);
        break;
      case 'a':
        field = text(std::string(kDays[parts_.weekday], 3));
        break;
      case 'A':
        field = text(kDays[parts_.weekday]);
        break;
      case 'b':
      case 'h':
        field = text(std::string(kMonths[parts_.month - 1], 3));
        break;
      case 'B':
        field = text(kMonths[parts_.month - 1]);
        break;
      case 'p':
        field = text(parts_.hour < 12 ? "AM" : "PM");
        break;
      case 'P':
        field = text(parts_.hour < 12 ? "am" : "pm");
        break;
      case 'Z':
        field = text("UTC");
        break;
      case 'z':
        field = text(colons == 0 ? "+0000" : colons == 1 ? "+00:00" : colons == 2 ? "+00:00:00" : "+00");
        break;
      case 'n':
        field = text("\n");
        break;
      case 't':
        field = text("\t");
        break;
      case '%':
        field = text("%");
        break;
      case 'D':
      case 'x':
        field = text(expand("%m/%d/%y"));
        break;
      case 'F':
        field = text(expand("%Y-%m-%d"));
        break;
      case 'T':
      case 'X':
        field = text(expand("%H:%M:%S"));
        break;
      case 'R':
        field = text(expand("%H:%M"));
        break;
      case 'r':
        field = text(expand("%I:%M:%S %p"));
        break;
      case 'c':
        field = text(expand("%a %b %e %H:%M:%S %Y"));
        break;
      default:
        return false;
    }
    return true;
  }

  Parts parts_;
};

}  // namespace

std::string format_time(TimePoint when, std::string_view pattern) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(when);
  return TimeText(whole, static_cast<int>((when - whole).count())).expand(pattern);
}

std::string format_time(std::chrono::seconds since_epoch, std::string_view pattern) {
  return TimeText(std::chrono::sys_seconds(since_epoch)).expand(pattern);
}

}  // namespace drydock
