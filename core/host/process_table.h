// The process table as ps, top, pgrep and /proc show it: what a process may see of
// the others. On a machine, pid 1 is its service manager, which is part of the
// machine and not a Process; in a container only that container's processes exist.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/host/process.h"

namespace drydock {

struct ProcessRow {
  Pid pid = 0;     // these four as seen in the viewer's pid namespace
  Pid parent = 0;  // 0: outside
  Pid group = 0;
  Pid session = 0;
  Pid host_pid = 0;  // 0: the machine's init, which has no Process
  Credentials who;
  std::string name;  // at most 15 bytes, as the kernel keeps it
  std::vector<std::string> argv;
  std::string tty;      // "pts/0", ""
  Pid tty_group = -1;   // the terminal's foreground group
  char state = 'S';     // R: the viewer itself, T: stopped, Z: ended and not waited for
  bool leader = false;  // of its session
  bool foreground = false;
  TimePoint started{};
  Duration cpu_time{0};
  std::int64_t resident = 0;  // bytes
  std::int64_t virtual_size() const { return resident == 0 ? 0 : resident * 4 + (9 << 20); }
  std::string command() const;  // argv in one line; "[name] <defunct>" for a zombie
};

// The number that a process of the machine has in a pid namespace (null: the machine's);
// 0 when it is not in it.
Pid seen_as(Host& host, const std::shared_ptr<PidNamespace>& pids, Pid host_pid);

// By pid. `pids`: a container's namespace, null for the machine's. `viewer`: who runs.
std::vector<ProcessRow> process_table(Host& host, const std::shared_ptr<PidNamespace>& pids, const Process* viewer);
// One of them.
std::optional<ProcessRow> process_row(Host& host, const std::shared_ptr<PidNamespace>& pids, Pid pid,
                                      const Process* viewer);

}  // namespace drydock
