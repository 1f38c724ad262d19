// free, uptime, nproc: what the machine has and how long it has been up.
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/process.h"
#include "core/host/program.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/programs.h"
#include "core/programs/coreutils/support.h"

namespace drydock {
namespace {

constexpr std::string_view kFreeHelp =
    "\n"
    "Usage:\n"
    " free [options]\n"
    "\n"
    "Options:\n"
    "  -b, --bytes         show output in bytes\n"
    "  -k, --kibi          show output in kibibytes\n"
    "  -m, --mebi          show output in mebibytes\n"
    "  -g, --gibi          show output in gibibytes\n"
    "  -h, --human         show human-readable output\n"
    "  -t, --total         show total for RAM + swap\n"
    "  -w, --wide          wide output\n"
    "      --help     display this help and exit\n"
    "  -V, --version  output version information and exit\n";

constexpr std::string_view kUptimeHelp =
    "\n"
    "Usage:\n"
    " uptime [options]\n"
    "\n"
    "Options:\n"
    "  -p, --pretty   show uptime in pretty format\n"
    "  -s, --since    system up since\n"
    "      --help     display this help and exit\n"
    "  -V, --version  output version information and exit\n";

constexpr std::string_view kNprocHelp =
    "Usage: nproc [OPTION]...\n"
    "Print the number of processing units available to the current process,\n"
    "which may be less than the number of online processors\n"
    "\n"
    "      --all      print the number of installed processors\n"
    "      --ignore=N  if possible, exclude N processing units\n"
    "      --help     display this help and exit\n"
    "      --version  output version information and exit\n";

// As free -h: three digits at the most, "1.5Gi".
std::string human(std::int64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "Ki", "Mi", "Gi", "Ti"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  if (unit == 0) return std::to_string(bytes) + "B";
  return format(value < 10 ? "%.1f%s" : "%.0f%s", value, kUnits[unit]);
}

std::string plural(std::int64_t count, const char* unit) {
  return std::to_string(count) + " " + unit + (count == 1 ? "" : "s");
}

Task<int> free_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kFreeHelp);
  if (flags.ended()) co_return flags.exit_code();
  const std::string unit = flags.last_of("b k m g h");
  const int shift = unit == "b" ? 0 : unit == "m" ? 20 : unit == "g" ? 30 : 10;
  const auto shown = [&](std::int64_t bytes) { return unit == "h" ? human(bytes) : std::to_string(bytes >> shift); };
  const std::int64_t total = p.host().options().memory_bytes;
  const std::int64_t used = p.host().memory_used();
  const std::int64_t left = std::max<std::int64_t>(0, total - used);
  const bool wide = flags.has("wide");
  std::string out =
      wide ? "               total        used        free      shared     buffers       cache   available\n"
           : "               total        used        free      shared  buff/cache   available\n";
  const auto row = [&](const char* name, std::initializer_list<std::int64_t> values) {
    std::string line = name;
    line.resize(7, ' ');
    bool first = true;
    for (const std::int64_t value : values) {
      line += pad_left(shown(value), first ? 13 : 12);
      first = false;
    }
    out += line + "\n";
  };
  if (wide)
    row("Mem:", {total, used, left, 0, 0, 0, left});
  else
    row("Mem:", {total, used, left, 0, 0, left});
  row("Swap:", {0, 0, 0});
  if (flags.has("total")) row("Total:", {total, used, left});
  co_await p.out(std::move(out));
  co_return 0;
}

Task<int> uptime_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kUptimeHelp);
  if (flags.ended()) co_return flags.exit_code();
  const auto seconds_of = [](auto duration) {
    return static_cast<std::int64_t>(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
  };
  const std::int64_t up = seconds_of(p.now() - p.host().booted());
  const std::int64_t days = up / 86400;
  const std::int64_t hours = up / 3600 % 24;
  const std::int64_t minutes = up / 60 % 60;
  if (flags.has("since")) {
    co_await p.out(format_time(p.host().booted(), "%F %T\n"));
    co_return 0;
  }
  if (flags.has("pretty")) {
    std::vector<std::string> parts;
    if (days > 0) parts.push_back(plural(days, "day"));
    if (hours > 0) parts.push_back(plural(hours, "hour"));
    if (minutes > 0 || parts.empty()) parts.push_back(plural(minutes, "minute"));
    co_await p.out("up " + join(parts, ", ") + "\n");
    co_return 0;
  }
  std::string text = format_time(p.now(), " %T up ");
  if (days > 0) text += plural(days, "day") + ", ";
  text += hours > 0 ? format("%2lld:%02lld", static_cast<long long>(hours), static_cast<long long>(minutes))
                    : std::to_string(minutes) + " min";
  const std::vector<std::string> load = split_whitespace(p.read_file("/proc/loadavg").value_or("0.00 0.00 0.00"));
  text += ",  0 users,  load average: " + join(std::vector<std::string>(load.begin(), load.begin() + 3), ", ") + "\n";
  co_await p.out(std::move(text));
  co_return 0;
}

Task<int> nproc_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kNprocHelp);
  if (flags.ended()) co_return flags.exit_code();
  const auto ignored = parse_int(flags.value("ignore", "0"));
  if (!ignored) {
    co_await complain_with_hint(p, "'" + flags.value("ignore") + "': invalid number to ignore");
    co_return 1;
  }
  co_await p.out(std::to_string(std::max<std::int64_t>(1, p.host().options().cpus - *ignored)) + "\n");
  co_return 0;
}

}  // namespace

void register_machine(ProgramRegistry& programs) {
  programs.add("free", free_main);
  programs.add("uptime", uptime_main);
  programs.add("nproc", nproc_main);
}

}  // namespace drydock
