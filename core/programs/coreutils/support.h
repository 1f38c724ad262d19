// What the everyday commands share: users by name, modes, sizes, times and quoted
// names as the GNU tools print and read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/task.h"
#include "core/host/file_system.h"

namespace drydock {

class Process;

// --- /etc/passwd and /etc/group of the process' own root ---
struct Account {
  std::string name;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::string comment;
  std::string home;
  std::string shell;
};
struct AccountGroup {
  std::string name;
  std::uint32_t gid = 0;
  std::vector<std::string> members;
};
std::vector<Account> accounts_of(Process& process);
std::vector<AccountGroup> groups_of(Process& process);
std::optional<Account> account_named(Process& process, std::string_view name);
std::string user_name(Process& process, std::uint32_t uid);   // the number when it has no name
std::string group_name(Process& process, std::uint32_t gid);  // likewise
std::optional<std::uint32_t> user_id(Process& process, std::string_view name_or_number);
std::optional<std::uint32_t> group_id(Process& process, std::string_view name_or_number);

// --- texts ---
std::string quoted(std::string_view name);                               // 'name', "it's"
std::string mode_text(const FileStat& info);                             // "drwxr-xr-x"
std::string type_text(const FileStat& info);                             // "regular empty file"
std::string human_size(std::uint64_t bytes, std::uint64_t unit = 1024);  // "4.0K"; rounded up
std::uint64_t allocated_bytes(const FileStat& info);                     // in blocks of 4096
// date(1)'s and strftime's conversions, in UTC.
std::string format_time(TimePoint when, std::string_view pattern);
// The same for seconds since 1970 that a TimePoint need not hold: from the year 1 to 9999.
std::string format_time(std::chrono::seconds since_epoch, std::string_view pattern);
// What date -d understands: "2026-01-02 03:04:05 UTC", "@0", "1 Jan 2026", "yesterday",
// "next friday", "2 hours ago", "10:30 tomorrow". Zones other than UTC only as "+02:00".
std::optional<TimePoint> parse_date(std::string_view text, TimePoint now);
// Seconds since the epoch of a day and time in UTC; nullopt when there is no such day or time.
std::optional<TimePoint> civil_time(int year, int month, int day, int hour, int minute, int second);
std::string path_in(std::string_view directory, std::string_view name);  // "d" + "x" -> "d/x", "/" + "x" -> "/x"

// The shell's pattern match: * ? [a-z]; * crosses slashes and leading dots.
bool matches_pattern(std::string_view pattern, std::string_view text);

// A number with the suffixes of head, dd, truncate and split: 10, 4k, 2KB, 3M, 1GiB.
std::optional<std::int64_t> parse_size(std::string_view text);

// The mode that "0644" or "u+x,go=r" makes of `mode`; nullopt: not a mode. A clause
// that names nobody ("+x") respects `umask`; X and octal look at `directory`.
std::optional<std::uint32_t> apply_mode(std::string_view spec, std::uint32_t mode, bool directory, std::uint32_t umask);

// --- what is said ---
// "rm: TEXT" to standard error.
Task<void> report(Process& process, std::string text);
// "rm: QUESTION " to standard error, then a line of standard input: does it begin with y?
Task<bool> confirmed(Process& process, std::string question);

}  // namespace drydock
