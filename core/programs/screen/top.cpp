// top: the processes of this machine (or container), by what they use.
#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>
#include <optional>
#include <set>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/screen/programs.h"
#include "core/programs/screen/screen.h"

namespace drydock::screen {
namespace {

struct Entry {
  Pid pid = 0;
  std::string user;
  std::int64_t memory = 0;
  Duration cpu{0};
  double load = 0;  // percent of one CPU since the last look
  char state = 'S';
  std::string command;
  std::string full;
};

enum class Order { kCpu, kMemory, kTime, kPid };

struct TopOptions {
  bool batch = false;
  std::int64_t rounds = 0;  // 0: for ever
  double delay = 3;
  Order order = Order::kCpu;
  bool reverse = false;
  bool full_command = false;
  bool idle = true;
  std::set<Pid> pids;
  std::string user;
};

std::string user_of(Process& process, std::uint32_t uid) {
  const auto passwd = process.read_file("/etc/passwd");
  for (const std::string& line : split(passwd ? *passwd : "", '\n')) {
    const std::vector<std::string> fields = split(line, ':');
    if (fields.size() > 2 && fields[2] == std::to_string(uid)) return fields[0];
  }
  return uid == 0 ? "root" : std::to_string(uid);
}

class Top {
 public:
  Top(Process& process, TopOptions options) : process_(process), options_(std::move(options)) {}

  void look() {
    const TimePoint now = process_.now();
    const double elapsed =
        std::max(0.001, std::chrono::duration<double>(now - last_look_.value_or(now - seconds(1))).count());
    entries_.clear();
    std::map<Pid, Duration> used;
    for (const auto& [pid, each] : process_.host().processes()) {
      if (process_.namespaces().pids && each->namespaces().pids != process_.namespaces().pids) continue;
      Entry entry;
      entry.pid = process_.namespaces().pids ? each->pid() : pid;
      if (!options_.pids.empty() && !options_.pids.contains(entry.pid)) continue;
      entry.user = user_of(process_, each->credentials().uid);
      if (!options_.user.empty() && entry.user != options_.user) continue;
      entry.memory = each->memory();
      entry.cpu = each->cpu_time();
      const auto before = used_.find(pid);
      const Duration since = before == used_.end() ? Duration{0} : entry.cpu - before->second;
      entry.load = last_look_ ? std::min(100.0, std::chrono::duration<double>(since).count() / elapsed * 100) : 0;
      used[pid] = entry.cpu;
      entry.state = each.get() == &process_ ? 'R' : each->stopped() ? 'T' : 'S';
      entry.command = std::string(each->name());
      entry.full = join(each->argv(), " ");
      entries_.push_back(std::move(entry));
    }
    used_ = std::move(used);
    last_look_ = now;
    auto before = [this](const Entry& a, const Entry& b) {
      switch (options_.order) {
        case Order::kCpu:
          if (a.load != b.load) return a.load > b.load;
          break;
        case Order::kMemory:
          if (a.memory != b.memory) return a.memory > b.memory;
          break;
        case Order::kTime:
          if (a.cpu != b.cpu) return a.cpu > b.cpu;
          break;
        case Order::kPid:
          return a.pid > b.pid;
      }
      return a.pid < b.pid;
    };
    std::sort(entries_.begin(), entries_.end(), before);
    if (options_.reverse) std::reverse(entries_.begin(), entries_.end());
  }

  // The five lines on top, a gap, the heading, then the processes.
  std::vector<std::string> picture(std::size_t columns, std::size_t height, const std::string& message) {
    Host& host = process_.host();
    std::vector<std::string> rows;
    const std::string clock = format_time(process_.now(), "%H:%M:%S");
    const auto up = std::chrono::duration_cast<std::chrono::minutes>(process_.now() - host.booted()).count();
    std::string uptime =
        up < 60 ? std::to_string(up) + " min"
                : format("%2lld:%02lld", static_cast<long long>(up / 60 % 24), static_cast<long long>(up % 60));
    if (up >= 1440) uptime = std::to_string(up / 1440) + (up < 2880 ? " day, " : " days, ") + uptime;
    std::size_t sleeping = 0;
    std::size_t stopped = 0;
    std::size_t running = 0;
    double busy = 0;
    for (const Entry& entry : entries_) {
      sleeping += entry.state == 'S' ? 1 : 0;
      stopped += entry.state == 'T' ? 1 : 0;
      running += entry.state == 'R' ? 1 : 0;
      busy += entry.load;
    }
    std::set<std::string> terminals;
    for (const auto& [pid, each] : host.processes()) {
      if (const auto tty = each->controlling_tty()) terminals.insert(tty->name());
    }
    const double us = std::min(100.0, busy / std::max(1, host.options().cpus));
    rows.push_back(std::string("top - ") + clock + " up " + uptime + ",  " + std::to_string(terminals.size()) +
                   (terminals.size() == 1 ? " user" : " users") +
                   format(",  load average: %.2f, %.2f, %.2f", busy / 100, busy / 100, busy / 100));
    rows.push_back(format("Tasks: %3zu total, %3zu running, %3zu sleeping, %3zu stopped, %3d zombie", entries_.size(),
                          running, sleeping, stopped, 0));
    rows.push_back(format("%%Cpu(s): %4.1f us, %4.1f sy,  0.0 ni, %4.1f id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st",
                          us * 0.8, us * 0.2, 100 - us));
    const double mega = 1 << 20;
    const double total = static_cast<double>(host.options().memory_bytes) / mega;
    const double taken = static_cast<double>(host.memory_used()) / mega;
    const double cached = total * 0.2;
    rows.push_back(format("MiB Mem : %8.1f total, %8.1f free, %8.1f used, %8.1f buff/cache", total,
                          std::max(0.0, total - taken - cached), taken, cached));
    rows.push_back(format("MiB Swap: %8.1f total, %8.1f free, %8.1f used. %8.1f avail Mem", 0.0, 0.0, 0.0,
                          std::max(0.0, total - taken)));
    rows.push_back(message);
    const std::string heading = "    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND";
    rows.push_back(options_.batch ? heading : reversed(pad_right(heading, columns)));
    for (const Entry& entry : entries_) {
      if (!options_.batch && rows.size() >= height) break;
      if (!options_.idle && entry.load < 0.05) continue;
      const auto hundredths = std::chrono::duration_cast<milliseconds>(entry.cpu).count() / 10;
      const std::string time =
          format("%lld:%02lld.%02lld", static_cast<long long>(hundredths / 6000),
                 static_cast<long long>(hundredths / 100 % 60), static_cast<long long>(hundredths % 100));
      const std::int64_t kilobytes = entry.memory / 1024;
      std::string row =
          format("%7d %-8.8s  20   0 %7lld %6lld %6lld %c %5.1f %5.1f %9s ", entry.pid, entry.user.c_str(),
                 static_cast<long long>(kilobytes * 4 + 9000), static_cast<long long>(kilobytes),
                 static_cast<long long>(kilobytes / 2), entry.state, entry.load,
                 100.0 * static_cast<double>(entry.memory) / static_cast<double>(host.options().memory_bytes),
                 time.c_str()) +
          (options_.full_command ? entry.full : entry.command);
      row = cut_columns(row, 0, options_.batch ? 512 : columns);
      rows.push_back(!options_.batch && entry.state == 'R' ? bold(row) : row);
    }
    for (std::size_t i = 0; i + 2 < rows.size() && i < 5; ++i)
      rows[i] = cut_columns(rows[i], 0, options_.batch ? 512 : columns);
    return rows;
  }

  Task<int> batch() {
    for (std::int64_t round = 0; options_.rounds == 0 || round < options_.rounds; ++round) {
      if (round > 0 && !co_await process_.sleep(Duration(static_cast<Duration::rep>(options_.delay * 1e9))))
        co_return 0;
      look();
      const std::vector<std::string> rows = picture(512, 0, "");
      co_await process_.out((round > 0 ? "\n" : "") + join(rows, "\n") + "\n");
    }
    co_return 0;
  }

  Task<std::string> ask(Screen& screen, std::string question) {
    std::string text;
    for (;;) {
      screen.paint(picture(screen.columns(), screen.rows(), question + " " + text), 5,
                   display_width(question) + 1 + display_width(text));
      const Key pressed = co_await screen.key();
      if (pressed.is(Key::Kind::kEnter)) co_return text;
      if (pressed.is(Key::Kind::kEscape) || pressed.is(Key::Kind::kClosed) || pressed.is_control('C'))
        co_return std::string();
      if (pressed.is(Key::Kind::kBackspace) && !text.empty()) text.pop_back();
      if (pressed.is(Key::Kind::kText)) text += pressed.text;
    }
  }

  Task<int> interactive(std::shared_ptr<Tty> tty) {
    Screen screen(process_, tty, false);
    std::string message;
    std::int64_t rounds = 0;
    look();
    for (;;) {
      screen.paint(picture(screen.columns(), screen.rows(), message), 5, 0);
      message.clear();
      const Duration delay = Duration(static_cast<Duration::rep>(options_.delay * 1e9));
      const Key pressed = co_await screen.key(delay);
      using Kind = Key::Kind;
      if (pressed.is(Kind::kTimeout)) {
        if (options_.rounds > 0 && ++rounds >= options_.rounds) break;
        look();
        continue;
      }
      if (pressed.is(Kind::kClosed) || pressed.is_text("q") || pressed.is_control('C')) break;
      if (pressed.is_control('Z')) {
        co_await screen.suspend();
      } else if (pressed.is_text("M") || pressed.is_text("P") || pressed.is_text("T") || pressed.is_text("N")) {
        options_.order = pressed.text == "M"   ? Order::kMemory
                         : pressed.text == "P" ? Order::kCpu
                         : pressed.text == "T" ? Order::kTime
                                               : Order::kPid;
      } else if (pressed.is_text("R")) {
        options_.reverse = !options_.reverse;
      } else if (pressed.is_text("c")) {
        options_.full_command = !options_.full_command;
      } else if (pressed.is_text("i")) {
        options_.idle = !options_.idle;
      } else if (pressed.is_text("d") || pressed.is_text("s")) {
        const std::string text = co_await ask(screen, format("Change delay from %.1f to", options_.delay));
        if (const auto value = parse_double(text); value && *value > 0)
          options_.delay = *value;
        else if (!text.empty())
          message = " Unacceptable floating point";
      } else if (pressed.is_text("k")) {
        const std::string text = co_await ask(
            screen,
            "PID to signal/kill [default pid = " + (entries_.empty() ? "" : std::to_string(entries_[0].pid)) + "]");
        if (const auto pid = parse_int(text)) {
          const std::string name = co_await ask(screen, "Send pid " + text + " signal [15/sigterm]");
          const auto signal = name.empty() ? std::optional<int>(kSigTerm) : signal_number(name);
          const auto sent = signal ? process_.kill(static_cast<Pid>(*pid), *signal) : SysResult<void>(Errno::kInval);
          if (!sent)
            message = " Failed signal pid '" + text + "' with '" + (name.empty() ? "15" : name) +
                      "': " + std::string(errno_text(sent.error()));
        }
      } else if (pressed.is_text("h") || pressed.is_text("?")) {
        const std::vector<std::string> rows = {"Help for Interactive Commands - top from procps-ng 3.3.17",
                                               "",
                                               "  M,P,T,N   Sort by: 'M' memory; 'P' cpu; 'T' time; 'N' pid",
                                               "  R         Reverse the order",
                                               "  c         Command name or line",
                                               "  i         Idle tasks on or off",
                                               "  k         Kill a task",
                                               "  d or s    Set update interval",
                                               "  q         Quit",
                                               "",
                                               "Type 'q' or <Esc> to continue"};
        screen.paint(rows, rows.size(), 0);
        (void)co_await screen.key();
      }
      look();
    }
    screen.leave();
    co_await process_.out(format("\x1b[%zu;1H\n", screen.rows()));
    co_return 0;
  }

 private:
  Process& process_;
  TopOptions options_;
  std::vector<Entry> entries_;
  std::map<Pid, Duration> used_;
  std::optional<TimePoint> last_look_;
};

}  // namespace

Task<int> top_main(Process& process) {
  TopOptions options;
  const std::vector<std::string> words(process.arguments().begin(), process.arguments().end());
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string letters = words[i].starts_with("-") ? words[i].substr(1) : words[i];
    for (std::size_t k = 0; k < letters.size(); ++k) {
      const char c = letters[k];
      auto value = [&] {
        std::string text = letters.substr(k + 1);
        k = letters.size();
        if (text.empty() && i + 1 < words.size()) text = words[++i];
        return text;
      };
      if (c == 'b') {
        options.batch = true;
      } else if (c == 'c') {
        options.full_command = true;
      } else if (c == 'i') {
        options.idle = false;
      } else if (c == 'n') {
        const std::string text = value();
        const auto number = parse_int(text);
        if (!number || *number < 1) {
          co_await process.err("top: bad iterations argument '" + text + "'\n");
          co_return 1;
        }
        options.rounds = *number;
      } else if (c == 'd') {
        const std::string text = value();
        const auto number = parse_double(text);
        if (!number || *number < 0) {
          co_await process.err("top: bad delay interval '" + text + "'\n");
          co_return 1;
        }
        options.delay = std::max(0.1, *number);
      } else if (c == 'p') {
        for (const std::string& text : split(value(), ',')) {
          const auto pid = parse_int(text);
          if (!pid) {
            co_await process.err("top: bad pid '" + text + "'\n");
            co_return 1;
          }
          options.pids.insert(static_cast<Pid>(*pid));
        }
      } else if (c == 'u' || c == 'U') {
        options.user = value();
      } else if (c == 'o') {
        const std::string field = value();
        options.order = field.ends_with("MEM")      ? Order::kMemory
                        : field.ends_with("PID")    ? Order::kPid
                        : field.starts_with("TIME") ? Order::kTime
                                                    : Order::kCpu;
      } else if (c == 'v' || c == 'h') {
        co_await process.out(
            "  procps-ng 3.3.17\nUsage:\n  top -hv | -bcEeHiOSs1 -d secs -n max -u|U user -p pid(s) -o field -w "
            "[cols]\n");
        co_return 0;
      } else if (std::string_view("HSsEew1O").find(c) == std::string_view::npos) {
        co_await process.err(
            "top: unknown option '" + std::string(1, c) +
            "'\nUsage:\n  top -hv | -bcEeHiOSs1 -d secs -n max -u|U user -p pid(s) -o field -w [cols]\n");
        co_return 1;
      }
    }
  }
  const auto tty = process.tty_of(1);
  const bool batch = options.batch;
  Top top(process, std::move(options));
  if (batch) co_return co_await top.batch();
  if (!tty) {
    co_await process.err("top: failed tty get\n");
    co_return 1;
  }
  co_return co_await top.interactive(tty);
}

}  // namespace drydock::screen
