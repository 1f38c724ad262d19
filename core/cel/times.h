// Timestamps (years 1 to 9999) and durations, which are wider than the core's clock.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace drydock::cel {

struct Moment {
  std::int64_t seconds = 0;  // since 1970
  std::int32_t nanos = 0;
};

// RFC 3339; nullopt for anything else, or outside of the years.
std::optional<Moment> parse_moment(std::string_view text);
std::string format_moment(const Moment& moment);  // in UTC, as few digits of a fraction as it has
bool moment_in_range(std::int64_t seconds);
// The calendar's parts: tm_mon and tm_yday from 0, tm_wday from Sunday.
std::tm moment_parts(std::int64_t seconds);
// Seconds east of UTC of "UTC", "+02:00", "-08:00"; nullopt for unknown zones.
std::optional<std::int64_t> zone_offset(std::string_view zone);

// time.ParseDuration, in nanoseconds.
std::optional<std::int64_t> parse_duration_nanos(std::string_view text);
// Seconds with a fraction, as CEL's string(duration): "90s", "1.5s".
std::string format_duration_seconds(std::int64_t nanos);

}  // namespace drydock::cel
