#include "core/host/process_table.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/tty.h"

namespace drydock {
namespace {

constexpr std::size_t kNameLength = 15;  // TASK_COMM_LEN - 1
constexpr std::int64_t kInitMemory = 9 << 20;

ProcessRow init_row(Host& host) {
  ProcessRow init;
  init.pid = init.group = init.session = 1;
  init.name = "systemd";
  init.argv = {"/usr/lib/systemd/systemd", "--switched-root", "--system", "--deserialize", "22"};
  init.leader = true;
  init.started = host.booted();
  init.resident = kInitMemory;
  return init;
}

ProcessRow row_of(Host& host, const std::shared_ptr<PidNamespace>& pids, const Process& process,
                  const Process* viewer) {
  ProcessRow row;
  row.host_pid = process.host_pid();
  row.pid = pids ? process.pid() : process.host_pid();
  row.parent = process.parent_pid();
  if (!pids && process.namespaces().pids) {
    // A container's process seen from outside: the numbers are the machine's.
    const auto& inner = process.namespaces().pids->to_host;
    const auto at = inner.find(row.parent);
    row.parent = at == inner.end() ? 1 : at->second;
  }
  row.group = seen_as(host, pids, process.group());
  row.session = seen_as(host, pids, process.session());
  row.who = process.credentials();
  row.name = std::string(process.name().substr(0, kNameLength));
  row.argv = process.argv();
  if (const auto tty = process.controlling_tty()) {
    row.tty = tty->name();
    row.tty_group = tty->foreground_group();
    row.foreground = row.tty_group == process.group();
  }
  row.state = &process == viewer ? 'R' : process.ended() ? 'Z' : process.stopped() ? 'T' : 'S';
  row.leader = process.session() == process.host_pid();
  row.started = process.started();
  row.cpu_time = process.cpu_time();
  row.resident = process.memory();
  return row;
}

}  // namespace

Pid seen_as(Host& host, const std::shared_ptr<PidNamespace>& pids, Pid host_pid) {
  if (!pids) return host_pid;
  const Process* process = host.find(host_pid);
  return process != nullptr && process->namespaces().pids == pids ? process->pid() : 0;
}

std::string ProcessRow::command() const {
  if (state == 'Z') return "[" + name + "] <defunct>";
  return argv.empty() ? "[" + name + "]" : join(argv, " ");
}

std::vector<ProcessRow> process_table(Host& host, const std::shared_ptr<PidNamespace>& pids, const Process* viewer) {
  std::vector<ProcessRow> rows;
  if (!pids) rows.push_back(init_row(host));
  for (const auto& [host_pid, process] : host.processes()) {
    if (pids && process->namespaces().pids != pids) continue;
    rows.push_back(row_of(host, pids, *process, viewer));
  }
  std::sort(rows.begin(), rows.end(), [](const ProcessRow& a, const ProcessRow& b) { return a.pid < b.pid; });
  return rows;
}

std::optional<ProcessRow> process_row(Host& host, const std::shared_ptr<PidNamespace>& pids, Pid pid,
                                      const Process* viewer) {
  if (!pids && pid == 1) return init_row(host);
  Pid host_pid = pid;
  if (pids) {
    const auto at = pids->to_host.find(pid);
    if (at == pids->to_host.end()) return std::nullopt;
    host_pid = at->second;
  }
  const Process* process = host.find(host_pid);
  if (process == nullptr) return std::nullopt;
  return row_of(host, pids, *process, viewer);
}

}  // namespace drydock
