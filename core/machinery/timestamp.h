// Times and durations as Kubernetes and Go write them.
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"

namespace drydock {

// metav1.Time: "2026-01-01T00:00:00Z"; MicroTime: "2026-01-01T00:00:00.000000Z".
std::string format_timestamp(TimePoint when);
std::string format_micro_timestamp(TimePoint when);
// The calendar's parts in UTC, for printf. Not gmtime: in WASM that asks JavaScript.
std::tm utc_parts(std::chrono::sys_seconds when);
std::tm utc_parts(TimePoint when);
// RFC 3339 with any fraction and zone. Years before 1900 and after 2199 count as those:
// nanoseconds reach no further, differences included, and all that is asked of such a
// moment is whether it is past.
std::optional<TimePoint> parse_timestamp(std::string_view text);

// time.Duration.String(): "1m30s", "501.379823ms", "0s".
std::string format_go_duration(Duration duration);
// time.ParseDuration: "1h", "1.5s", "100ms", "-3m"; "0" alone needs no unit.
std::optional<Duration> parse_go_duration(std::string_view text);

// duration.HumanDuration, kubectl's AGE: "5s", "2m30s", "3h5m", "4d", "2y10d".
std::string human_duration(Duration duration);

}  // namespace drydock
