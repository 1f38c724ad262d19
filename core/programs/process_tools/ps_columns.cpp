#include "core/programs/process_tools/ps_columns.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/programs/coreutils/support.h"

namespace drydock {
namespace {

constexpr PsColumn kColumns[] = {
    {"pid", "PID", 5, Side::kRight},
    {"tgid", "TGID", 5, Side::kRight},
    {"ppid", "PPID", 5, Side::kRight},
    {"user", "USER", 8, Side::kLeft},
    {"uname", "USER", 8, Side::kLeft},
    {"euser", "EUSER", 8, Side::kLeft},
    {"ruser", "RUSER", 8, Side::kLeft},
    {"uid_name", "UID", 8, Side::kLeft},
    {"uid", "UID", 5, Side::kRight},
    {"euid", "EUID", 5, Side::kRight},
    {"ruid", "RUID", 5, Side::kRight},
    {"gid", "GID", 5, Side::kRight},
    {"egid", "EGID", 5, Side::kRight},
    {"rgid", "RGID", 5, Side::kRight},
    {"group", "GROUP", 8, Side::kLeft},
    {"egroup", "EGROUP", 8, Side::kLeft},
    {"rgroup", "RGROUP", 8, Side::kLeft},
    {"comm", "COMMAND", 15, Side::kLeft},
    {"ucmd", "CMD", 15, Side::kLeft},
    {"ucomm", "COMMAND", 15, Side::kLeft},
    {"fname", "COMMAND", 8, Side::kLeft},
    {"cmd", "CMD", 27, Side::kLeft},
    {"args", "COMMAND", 27, Side::kLeft},
    {"command", "COMMAND", 27, Side::kLeft},
    {"%cpu", "%CPU", 4, Side::kRight},
    {"pcpu", "%CPU", 4, Side::kRight},
    {"%mem", "%MEM", 4, Side::kRight},
    {"pmem", "%MEM", 4, Side::kRight},
    {"vsz", "VSZ", 6, Side::kRight},
    {"vsize", "VSZ", 6, Side::kRight},
    {"rss", "RSS", 5, Side::kRight},
    {"rsz", "RSZ", 5, Side::kRight},
    {"rssize", "RSS", 5, Side::kRight},
    {"sz", "SZ", 5, Side::kRight},
    {"drs", "DRS", 5, Side::kRight},
    {"trs", "TRS", 4, Side::kRight},
    {"maj_flt", "MAJFL", 6, Side::kRight},
    {"min_flt", "MINFL", 6, Side::kRight},
    {"tty", "TT", 8, Side::kLeft},
    {"tt", "TT", 8, Side::kLeft},
    {"tname", "TTY", 8, Side::kLeft},
    {"stat", "STAT", 4, Side::kLeft},
    {"state", "S", 1, Side::kLeft},
    {"s", "S", 1, Side::kLeft},
    {"start", "STARTED", 8, Side::kRight},
    {"start_time", "START", 5, Side::kLeft},
    {"bsdstart", "START", 6, Side::kRight},
    {"stime", "STIME", 5, Side::kLeft},
    {"lstart", "STARTED", 24, Side::kRight},
    {"etime", "ELAPSED", 11, Side::kRight},
    {"etimes", "ELAPSED", 7, Side::kRight},
    {"time", "TIME", 8, Side::kRight},
    {"cputime", "TIME", 8, Side::kRight},
    {"times", "TIME", 8, Side::kRight},
    {"cputimes", "TIME", 8, Side::kRight},
    {"bsdtime", "TIME", 6, Side::kRight},
    {"c", "C", 2, Side::kRight},
    {"ni", "NI", 3, Side::kRight},
    {"nice", "NI", 3, Side::kRight},
    {"pri", "PRI", 3, Side::kRight},
    {"opri", "PRI", 3, Side::kRight},
    {"pgid", "PGID", 5, Side::kRight},
    {"pgrp", "PGRP", 5, Side::kRight},
    {"sid", "SID", 5, Side::kRight},
    {"sess", "SESS", 5, Side::kRight},
    {"session", "SESS", 5, Side::kRight},
    {"tpgid", "TPGID", 5, Side::kRight},
    {"nlwp", "NLWP", 4, Side::kRight},
    {"thcount", "THCNT", 5, Side::kRight},
    {"lwp", "LWP", 5, Side::kRight},
    {"tid", "TID", 5, Side::kRight},
    {"spid", "SPID", 5, Side::kRight},
    {"psr", "PSR", 3, Side::kRight},
    {"wchan", "WCHAN", 6, Side::kLeft},
    {"addr_1", "ADDR", 1, Side::kLeft},
    {"f", "F", 1, Side::kRight},
    {"flags", "F", 1, Side::kRight},
    {"cls", "CLS", 3, Side::kRight},
    {"class", "CLS", 3, Side::kLeft},
    {"policy", "POL", 3, Side::kLeft},
    {"rtprio", "RTPRIO", 6, Side::kRight},
    {"cgroup", "CGROUP", 27, Side::kLeft},
    {"supgid", "SUPGID", 20, Side::kLeft},
    {"label", "LABEL", 31, Side::kLeft},
};

std::string day_or_time(TimePoint when, TimePoint now) {
  return format_time(when, now - when < std::chrono::hours(24) ? "%H:%M" : "%b%d");
}

std::string elapsed(Duration lived) {
  const auto total = std::chrono::duration_cast<seconds>(lived).count();
  std::string text = format("%02d:%02d", static_cast<int>(total / 60 % 60), static_cast<int>(total % 60));
  if (total >= 3600) text = format("%02d:", static_cast<int>(total / 3600 % 24)) + text;
  if (total >= 86400) text = std::to_string(total / 86400) + "-" + text;
  return text;
}

// Names that do not fit their column are shown as far as they go, with a plus sign.
std::string short_user(std::string name, std::size_t width) {
  if (name.size() > width) name = name.substr(0, width - 1) + "+";
  return name;
}

double cpu_percent(const ProcessRow& row, TimePoint now) {
  const Duration lived = now - row.started;
  if (lived <= Duration(0)) return 0;
  return std::min(99.9, 100.0 * static_cast<double>(row.cpu_time.count()) / static_cast<double>(lived.count()));
}

}  // namespace

const PsColumn* ps_column_named(std::string_view name) {
  for (const PsColumn& column : kColumns) {
    if (name == column.name) return &column;
  }
  return nullptr;
}

std::string ps_field(Process& p, const ProcessRow& row, std::string_view name) {
  const auto cpu = static_cast<int>(std::chrono::duration_cast<seconds>(row.cpu_time).count());
  const auto one_of = [&](std::string_view names) { return contains(names, " " + std::string(name) + " "); };
  if (one_of(" pid tgid lwp tid spid ")) return std::to_string(row.pid);
  if (name == "ppid") return std::to_string(row.parent);
  if (one_of(" user uname euser ruser uid_name ")) return short_user(user_name(p, row.who.uid), 8);
  if (one_of(" uid euid ruid ")) return std::to_string(row.who.uid);
  if (one_of(" gid egid rgid ")) return std::to_string(row.who.gid);
  if (one_of(" group egroup rgroup ")) return short_user(group_name(p, row.who.gid), 8);
  if (one_of(" comm ucmd ucomm ")) return row.name + (row.state == 'Z' ? " <defunct>" : "");
  if (name == "fname") return row.name.substr(0, 8);
  if (one_of(" cmd args command ")) return row.command();
  if (one_of(" %cpu pcpu ")) return format("%.1f", cpu_percent(row, p.now()));
  if (one_of(" %mem pmem "))
    return format("%.1f", 100.0 * static_cast<double>(row.resident) /
                              static_cast<double>(std::max<std::int64_t>(1, p.host().options().memory_bytes)));
  if (one_of(" vsz vsize drs ")) return std::to_string(row.virtual_size() >> 10);
  if (one_of(" rss rsz rssize ")) return std::to_string(row.resident >> 10);
  if (name == "sz") return std::to_string(row.virtual_size() >> 12);
  if (one_of(" trs maj_flt min_flt psr times cputimes "))
    return name == "times" || name == "cputimes" ? std::to_string(cpu) : "0";
  if (one_of(" tty tt tname ")) return row.tty.empty() ? "?" : row.tty;
  if (name == "stat") return std::string(1, row.state) + (row.leader ? "s" : "") + (row.foreground ? "+" : "");
  if (one_of(" state s ")) return std::string(1, row.state);
  if (name == "start")
    return format_time(row.started, p.now() - row.started < std::chrono::hours(24) ? "%H:%M:%S" : "%b %d");
  if (one_of(" stime start_time ")) return day_or_time(row.started, p.now());
  if (name == "bsdstart")
    return format_time(row.started, p.now() - row.started < std::chrono::hours(24) ? "%H:%M" : "%b %d");
  if (name == "lstart") return format_time(row.started, "%a %b %e %H:%M:%S %Y");
  if (name == "etime") return elapsed(p.now() - row.started);
  if (name == "etimes") return std::to_string(std::chrono::duration_cast<seconds>(p.now() - row.started).count());
  if (one_of(" time cputime ")) return format("%02d:%02d:%02d", cpu / 3600, cpu / 60 % 60, cpu % 60);
  if (name == "bsdtime") return format("%d:%02d", cpu / 60, cpu % 60);
  if (name == "c") return std::to_string(static_cast<int>(cpu_percent(row, p.now())));
  if (one_of(" ni nice ")) return "0";
  if (name == "pri") return "19";
  if (name == "opri") return "80";
  if (one_of(" pgid pgrp ")) return std::to_string(row.group);
  if (one_of(" sid sess session ")) return std::to_string(row.session);
  if (name == "tpgid") return std::to_string(row.tty_group);
  if (one_of(" nlwp thcount ")) return "1";
  if (one_of(" f flags ")) return row.who.uid == 0 ? "4" : "0";
  if (one_of(" cls class policy ")) return "TS";
  if (name == "cgroup" && row.host_pid != 0) {
    const Process* process = p.host().find(row.host_pid);
    const auto group = process != nullptr ? process->namespaces().cgroup : nullptr;
    return group ? "0::" + (group->path.empty() ? "/" : group->path) : "-";
  }
  return "-";
}

}  // namespace drydock
