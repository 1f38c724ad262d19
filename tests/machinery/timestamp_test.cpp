// Times as Kubernetes, Go and the C library's strftime write them.
#include <doctest/doctest.h>

#include "core/machinery/timestamp.h"

using namespace drydock;

TEST_CASE("a moment's text and its parts") {
  struct Row {
    std::int64_t since;  // seconds since 1970
    const char* text;
    int weekday, day_of_year;
  };
  const Row rows[] = {
      {0, "1970-01-01T00:00:00Z", 4, 0},
      {-1, "1969-12-31T23:59:59Z", 3, 364},
      {951782400, "2000-02-29T00:00:00Z", 2, 59},
      {1767225599, "2025-12-31T23:59:59Z", 3, 364},
      {1735689599, "2024-12-31T23:59:59Z", 2, 365},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const TimePoint when(std::chrono::seconds(row.since));
    CHECK(format_timestamp(when) == row.text);
    CHECK(parse_timestamp(row.text) == when);
    const std::tm parts = utc_parts(when);
    char text[32];
    CHECK(std::string(text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)) == row.text);
    CHECK(parts.tm_wday == row.weekday);
    CHECK(parts.tm_yday == row.day_of_year);
  }
  // Further away than nanoseconds count: still read, and still in order.
  CHECK(*parse_timestamp("7026-01-01T00:00:00Z") > *parse_timestamp("2026-01-01T00:00:00Z"));
  CHECK(*parse_timestamp("0001-01-01T00:00:00Z") < *parse_timestamp("1970-01-01T00:00:00Z"));
  const TimePoint with_fraction(std::chrono::milliseconds(1767225600123));
  CHECK(format_timestamp(with_fraction) == "2026-01-01T00:00:00Z");
  CHECK(format_micro_timestamp(with_fraction) == "2026-01-01T00:00:00.123000Z");
}
