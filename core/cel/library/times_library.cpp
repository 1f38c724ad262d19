// The parts of timestamps, in UTC or a zone, and of durations.
#include "core/base/strings.h"
#include "core/cel/function.h"
#include "core/cel/times.h"

namespace drydock::cel {
namespace {

using Kind = Val::Kind;

constexpr std::int64_t kNanos = 1'000'000'000;

// The part that `of_parts` reads off the calendar.
Val calendar(const Call& call, std::int64_t (*of_parts)(const std::tm&)) {
  if (!call[0].is(Kind::kTimestamp)) return no_such_overload();
  std::int64_t seconds = call[0].integer();
  if (call.size() == 2) {
    if (!call[1].is(Kind::kString)) return no_such_overload();
    const auto offset = zone_offset(call[1].text());
    if (!offset) return Val::error("unknown time zone " + std::string(call[1].text()));
    seconds += *offset;
  }
  return Val::of_int(of_parts(moment_parts(seconds)));
}

// Of a duration the whole of it, in that unit.
Val clock(const Call& call, std::int64_t (*of_parts)(const std::tm&), std::int64_t unit_nanos) {
  if (call[0].is(Kind::kDuration)) return Val::of_int(call[0].integer() / unit_nanos);
  return calendar(call, of_parts);
}

Val year(Call& call) {
  return calendar(call, [](const std::tm& parts) { return std::int64_t{parts.tm_year} + 1900; });
}
Val month(Call& call) {
  return calendar(call, [](const std::tm& parts) { return std::int64_t{parts.tm_mon}; });
}
Val date(Call& call) {
  return calendar(call, [](const std::tm& parts) { return std::int64_t{parts.tm_mday}; });
}
Val day_of_month(Call& call) {
  return calendar(call, [](const std::tm& parts) { return std::int64_t{parts.tm_mday} - 1; });
}
Val day_of_week(Call& call) {
  return calendar(call, [](const std::tm& parts) { return std::int64_t{parts.tm_wday}; });
}
Val day_of_year(Call& call) {
  return calendar(call, [](const std::tm& parts) { return std::int64_t{parts.tm_yday}; });
}
Val hours(Call& call) {
  return clock(call, [](const std::tm& parts) { return std::int64_t{parts.tm_hour}; }, 3600 * kNanos);
}
Val minutes(Call& call) {
  return clock(call, [](const std::tm& parts) { return std::int64_t{parts.tm_min}; }, 60 * kNanos);
}
Val whole_seconds(Call& call) {
  return clock(call, [](const std::tm& parts) { return std::int64_t{parts.tm_sec}; }, kNanos);
}
Val milliseconds(Call& call) {
  if (call[0].is(Kind::kTimestamp)) return Val::of_int(call[0].nanos() / 1'000'000);
  return clock(call, nullptr, 1'000'000);
}

constexpr std::string_view kOfTimestamp = ".t>i .ts>i";
constexpr std::string_view kOfBoth = ".t>i .ts>i .r>i";

constexpr Function kFunctions[] = {
    {"getFullYear", kOfTimestamp, year},
    {"getMonth", kOfTimestamp, month},
    {"getDate", kOfTimestamp, date},
    {"getDayOfMonth", kOfTimestamp, day_of_month},
    {"getDayOfWeek", kOfTimestamp, day_of_week},
    {"getDayOfYear", kOfTimestamp, day_of_year},
    {"getHours", kOfBoth, hours},
    {"getMinutes", kOfBoth, minutes},
    {"getSeconds", kOfBoth, whole_seconds},
    {"getMilliseconds", kOfBoth, milliseconds},
};

}  // namespace

std::span<const Function> time_functions() { return kFunctions; }

}  // namespace drydock::cel
