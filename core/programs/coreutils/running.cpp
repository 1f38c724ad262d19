// Programs that run programs, or wait: env, printenv, timeout, nohup, nice, setsid,
// chroot, sleep, usleep.
#include <algorithm>
#include <memory>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/host/tty.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/programs.h"
#include "core/programs/coreutils/support.h"

namespace drydock {
namespace {

// Becomes the program; on failure the complaint and exit code that all these tools share.
Task<int> become(Process& p, std::vector<std::string> argv) {
  const std::string tool(p.name());
  const std::string name = argv[0];
  // Without PATH the C library looks where the system's own programs are.
  if (!contains(name, "/") && p.environment().find("PATH") == p.environment().end()) {
    for (const char* directory : {"/bin/", "/usr/bin/"}) {
      if (!p.can_access(directory + name, Process::kExecute)) continue;
      argv[0] = directory + name;
      break;
    }
  }
  const auto result = co_await p.exec(std::move(argv));
  if (result) co_return *result;
  const bool missing = result.error() == Errno::kNoEnt;
  const std::string what = tool == "env" ? quoted(name) : "failed to run command " + quoted(name);
  co_await p.err(tool + ": " + what + ": " + std::string(errno_text(result.error())) + "\n");
  co_return missing ? 127 : 126;
}

// --- env, printenv ---

constexpr std::string_view kEnvHelp =
    "Usage: env [OPTION]... [-] [NAME=VALUE]... [COMMAND [ARG]...]\n"
    "Set each NAME to VALUE in the environment and run COMMAND.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -i, --ignore-environment  start with an empty environment\n"
    "  -0, --null           end each output line with NUL, not newline\n"
    "  -u, --unset=NAME     remove variable from the environment\n"
    "  -C, --chdir=DIR      change working directory to DIR\n"
    "  -S, --split-string=S  process and split S into separate arguments;\n"
    "                        used to pass multiple arguments on shebang lines\n"
    "  -v, --debug          print verbose information for each processing step\n"
    "\n"
    "A mere - implies -i.  If no COMMAND, print the resulting environment.\n";

Task<int> env_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kEnvHelp, 125, CommandFlags::Order::kOptionsFirst);
  if (flags.ended()) co_return flags.exit_code();
  std::vector<std::string> words = flags.operands();
  if (flags.has("S")) {
    const std::vector<std::string> pieces = split_whitespace(flags.value("S"));
    words.insert(words.begin(), pieces.begin(), pieces.end());
  }
  Environment& environment = p.own_environment();
  const bool dash = !words.empty() && words[0] == "-";
  if (flags.has("i") || dash) environment.clear();
  std::size_t next = dash ? 1 : 0;
  for (const std::string& name : flags.values("u")) environment.erase(name);
  for (; next < words.size() && contains(words[next], "="); ++next) {
    const std::size_t equals = words[next].find('=');
    environment[words[next].substr(0, equals)] = words[next].substr(equals + 1);
  }
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(next));
  if (flags.has("C")) {
    const auto moved = p.change_directory(flags.value("C"));
    if (!moved) {
      co_await report(
          p, "cannot change directory to " + quoted(flags.value("C")) + ": " + std::string(errno_text(moved.error())));
      co_return 125;
    }
  }
  if (!words.empty()) co_return co_await become(p, std::move(words));
  std::string out;
  for (const auto& [name, value] : environment)
    out += name + "=" + value + (flags.has("0") ? std::string(1, '\0') : "\n");
  co_await p.out(std::move(out));
  co_return 0;
}

constexpr std::string_view kPrintEnvHelp =
    "Usage: printenv [OPTION]... [VARIABLE]...\n"
    "Print the values of the specified environment VARIABLE(s).\n"
    "If no VARIABLE is specified, print name and value pairs for them all.\n"
    "\n"
    "  -0, --null     end each output line with NUL, not newline\n";

Task<int> printenv_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kPrintEnvHelp, 2, CommandFlags::Order::kOptionsFirst);
  if (flags.ended()) co_return flags.exit_code();
  const std::string end = flags.has("0") ? std::string(1, '\0') : "\n";
  std::string out;
  int code = 0;
  if (flags.operands().empty()) {
    for (const auto& [name, value] : p.environment()) out += name + "=" + value + end;
  }
  for (const std::string& name : flags.operands()) {
    const auto at = p.environment().find(name);
    if (at == p.environment().end())
      code = 1;
    else
      out += at->second + end;
  }
  co_await p.out(std::move(out));
  co_return code;
}

// --- sleep, timeout ---

// "1.5", "2m", "inf"; nullopt: not an interval.
std::optional<Duration> interval_of(std::string_view text) {
  constexpr double kLongest = 9e9;  // seconds; what a Duration holds
  if (text == "infinity" || text == "inf") return Duration(static_cast<Duration::rep>(kLongest * 1e9));
  double unit = 1;
  if (!text.empty()) {
    const char suffix = text.back();
    if (suffix == 's' || suffix == 'm' || suffix == 'h' || suffix == 'd') {
      unit = suffix == 'm' ? 60 : suffix == 'h' ? 3600 : suffix == 'd' ? 86400 : 1;
      text.remove_suffix(1);
    }
  }
  const auto number = parse_double(text);
  if (!number || !(*number >= 0)) return std::nullopt;
  return Duration(static_cast<Duration::rep>(std::min(*number * unit, kLongest) * 1e9));
}

constexpr std::string_view kSleepHelp =
    "Usage: sleep NUMBER[SUFFIX]...\n"
    "  or:  sleep OPTION\n"
    "Pause for NUMBER seconds.  SUFFIX may be 's' for seconds (the default),\n"
    "'m' for minutes, 'h' for hours or 'd' for days.  NUMBER need not be an\n"
    "integer.  Given two or more arguments, pause for the amount of time\n"
    "specified by the sum of their values.\n"
    "\n";

Task<int> sleep_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kSleepHelp);
  if (flags.ended()) co_return flags.exit_code();
  if (flags.operands().empty()) {
    co_await complain_with_hint(p, "missing operand");
    co_return 1;
  }
  Duration total{0};
  std::string problem;
  for (const std::string& word : flags.operands()) {
    const auto interval = interval_of(word);
    if (!interval) problem += (problem.empty() ? "" : "\nsleep: ") + ("invalid time interval " + quoted(word));
    // Several of the longest would pass what the clock can hold.
    total = std::min(total + interval.value_or(Duration(0)), *interval_of("inf"));
  }
  if (!problem.empty()) {
    co_await complain_with_hint(p, problem);
    co_return 1;
  }
  (void)co_await p.sleep(total);
  co_return 0;
}

Task<int> usleep_main(Process& p) {
  const auto number = parse_int(p.arguments().empty() ? "1" : p.arguments()[0]);
  if (!number || *number < 0) {
    co_await p.err("usleep: bad number\n");
    co_return 1;
  }
  (void)co_await p.sleep(microseconds(*number));
  co_return 0;
}

constexpr std::string_view kTimeoutHelp =
    "Usage: timeout [OPTION] DURATION COMMAND [ARG]...\n"
    "  or:  timeout [OPTION]\n"
    "Start COMMAND, and kill it if still running after DURATION.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "      --preserve-status\n"
    "                 exit with the same status as COMMAND, even when the\n"
    "                   command times out\n"
    "      --foreground\n"
    "                 when not running timeout directly from a shell prompt,\n"
    "                   allow COMMAND to read from the TTY and get TTY signals\n"
    "  -k, --kill-after=DURATION\n"
    "                 also send a KILL signal if COMMAND is still running\n"
    "                   this long after the initial signal was sent\n"
    "  -s, --signal=SIGNAL\n"
    "                 specify the signal to be sent on timeout;\n"
    "                   SIGNAL may be a name like 'HUP' or a number;\n"
    "                   see 'kill -l' for a list of signals\n"
    "  -v, --verbose  diagnose to stderr any signal sent upon timeout\n"
    "\n"
    "If the command times out, and --preserve-status is not set, then exit with\n"
    "status 124.  Otherwise, exit with the status of COMMAND.\n";

struct Alarm {
  Pid child = 0;
  Duration after{0};
  Duration kill_after{0};  // 0: never
  int signal = kSigTerm;
  bool whole_group = true;
  std::string announcement;  // with -v
  bool rang = false;
  bool killed = false;
};

Task<void> ring(Process& p, std::shared_ptr<Alarm> alarm) {
  Event never(p.loop());
  (void)co_await never.wait_for(alarm->after);
  alarm->rang = true;
  for (int signal = alarm->signal;; signal = kSigKill) {
    if (!alarm->announcement.empty()) {
      co_await p.err("timeout: sending signal " + std::string(signal_name(signal)) + " to command " +
                     alarm->announcement + "\n");
    }
    alarm->killed = signal == kSigKill;
    (void)p.kill(alarm->child, signal);
    if (alarm->whole_group && signal != kSigKill) {
      p.on_signal(signal, Process::Disposition::kIgnore);  // it is in that group itself
      (void)p.kill(0, signal);
    }
    if (signal != kSigKill) (void)p.kill(alarm->child, kSigCont);
    if (signal == kSigKill || alarm->kill_after == Duration(0)) co_return;
    (void)co_await never.wait_for(alarm->kill_after);
  }
}

Task<int> timeout_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kTimeoutHelp, 125, CommandFlags::Order::kOptionsFirst);
  if (flags.ended()) co_return flags.exit_code();
  std::vector<std::string> argv = flags.operands();
  if (argv.size() < 2) {
    co_await p.err("Try 'timeout --help' for more information.\n");
    co_return 125;
  }
  auto alarm = std::make_shared<Alarm>();
  const auto after = interval_of(argv[0]);
  const auto kill_after = interval_of(flags.value("k", "0"));
  const auto signal = signal_number(flags.value("s", "TERM"));
  if (!after || !kill_after || !signal) {
    co_await complain_with_hint(p, !signal ? flags.value("s") + ": invalid signal"
                                           : "invalid time interval " + quoted(!after ? argv[0] : flags.value("k")));
    co_return 125;
  }
  alarm->after = *after;
  alarm->kill_after = *kill_after;
  alarm->signal = *signal;
  alarm->whole_group = !flags.has("foreground");
  if (flags.has("v")) alarm->announcement = quoted(argv[1]);
  if (alarm->whole_group) p.set_group(p.host_pid());
  argv.erase(argv.begin());
  const std::string name = argv[0];
  SpawnOptions options;
  options.argv = std::move(argv);
  const auto child = p.spawn(std::move(options));
  if (!child) {
    co_await report(p, "failed to run command " + quoted(name) + ": " + std::string(errno_text(child.error())));
    co_return child.error() == Errno::kNoEnt ? 127 : 126;
  }
  alarm->child = *child;
  if (*after > Duration(0)) p.tasks().spawn(ring(p, alarm));
  p.on_signal(kSigTerm, Process::Disposition::kCatch);
  for (;;) {
    const auto waited = co_await p.wait(*child);
    if (waited) {
      if (alarm->rang && alarm->killed && waited->status.signal == kSigKill) co_return 137;
      if (alarm->rang && !flags.has("preserve-status")) co_return 124;
      co_return waited->status.shell_code();
    }
    if (waited.error() != Errno::kIntr) co_return 125;
    if (const auto caught = p.take_signal()) (void)p.kill(*child, *caught);
  }
}

// --- nohup, nice, setsid, chroot ---

constexpr std::string_view kNohupHelp =
    "Usage: nohup COMMAND [ARG]...\n"
    "  or:  nohup OPTION\n"
    "Run COMMAND, ignoring hangup signals.\n"
    "\n";

Task<int> nohup_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kNohupHelp, 125, CommandFlags::Order::kOptionsFirst);
  if (flags.ended()) co_return flags.exit_code();
  if (flags.operands().empty()) {
    co_await complain_with_hint(p, "missing operand");
    co_return 125;
  }
  const bool input = p.is_tty(0);
  const bool output = p.is_tty(1);
  if (input) p.set_file(0, make_null_file());
  std::string note = input ? "ignoring input" : "";
  if (output) {
    std::string path = "nohup.out";
    auto fd = p.open(path, kOpenWrite | kOpenCreate | kOpenAppend, 0600);
    if (!fd) {
      path = path_in(p.env("HOME"), "nohup.out");
      fd = p.open(path, kOpenWrite | kOpenCreate | kOpenAppend, 0600);
    }
    if (!fd) {
      co_await report(p, "failed to open " + quoted(path) + ": " + std::string(errno_text(fd.error())));
      co_return 125;
    }
    note += (note.empty() ? "" : " and ") + ("appending output to " + quoted(path));
    if (!note.empty()) co_await report(p, note);
    p.set_file(1, p.file(*fd));
    p.close(*fd);
    if (p.is_tty(2)) p.set_file(2, p.file(1));
  } else {
    if (!note.empty()) co_await report(p, note);
    if (p.is_tty(2)) p.set_file(2, p.file(1));
  }
  p.on_signal(kSigHup, Process::Disposition::kIgnore);
  co_return co_await become(p, flags.operands());
}

constexpr std::string_view kNiceHelp =
    "Usage: nice [OPTION] [COMMAND [ARG]...]\n"
    "Run COMMAND with an adjusted niceness, which affects process scheduling.\n"
    "With no COMMAND, print the current niceness.\n"
    "\n"
    "  -n, --adjustment=N   add integer N to the niceness (default 10)\n"
    "  -NUM                 likewise\n";

// Programs here take no time that a niceness could stretch; it is checked and passed over.
Task<int> nice_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kNiceHelp, 125, CommandFlags::Order::kOptionsFirst);
  if (flags.ended()) co_return flags.exit_code();
  const std::string adjustment = flags.value("n", flags.value("NUM", "10"));
  if (!parse_int(adjustment)) {
    co_await report(p, "invalid adjustment " + quoted(adjustment));
    co_return 125;
  }
  if (flags.operands().empty()) {
    co_await p.out("0\n");
    co_return 0;
  }
  co_return co_await become(p, flags.operands());
}

constexpr std::string_view kSetsidHelp =
    "Usage:\n"
    " setsid [options] <program> [arguments ...]\n"
    "\n"
    "Run a program in a new session.\n"
    "\n"
    "  -c, --ctty     set the controlling terminal to the current one\n"
    "  -f, --fork     always fork\n"
    "  -w, --wait     wait program to exit, and use the same return\n";

Task<int> setsid_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kSetsidHelp, 1, CommandFlags::Order::kOptionsFirst);
  if (flags.ended()) co_return flags.exit_code();
  if (flags.operands().empty()) {
    co_await p.err("setsid: no command specified\nTry 'setsid --help' for more information.\n");
    co_return 1;
  }
  SpawnOptions options;
  options.argv = flags.operands();
  options.new_session = true;
  const auto child = p.spawn(std::move(options));
  if (!child) {
    co_await p.err("setsid: failed to execute " + flags.operands()[0] + ": " + std::string(errno_text(child.error())) +
                   "\n");
    co_return child.error() == Errno::kNoEnt ? 127 : 126;
  }
  if (!flags.has("w")) co_return 0;
  const auto waited = co_await p.wait(*child);
  co_return waited ? waited->status.shell_code() : 1;
}

constexpr std::string_view kChrootHelp =
    "Usage: chroot [OPTION] NEWROOT [COMMAND [ARG]...]\n"
    "Run COMMAND with root directory set to NEWROOT.\n"
    "\n"
    "      --groups=G_LIST        specify supplementary groups as g1,g2,..,gN\n"
    "      --userspec=USER:GROUP  specify user and group (ID or name) to use\n"
    "      --skip-chdir           do not change working directory to '/'\n"
    "\n"
    "If no command is given, run '\"$SHELL\" -i' (default: '/bin/sh -i').\n";

Task<int> chroot_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kChrootHelp, 125, CommandFlags::Order::kOptionsFirst);
  if (flags.ended()) co_return flags.exit_code();
  std::vector<std::string> argv = flags.operands();
  if (argv.empty()) {
    co_await complain_with_hint(p, "missing operand");
    co_return 125;
  }
  const std::string root = argv[0];
  argv.erase(argv.begin());
  const auto real = p.real_path(root);
  auto inode = real ? p.files().resolve(*real) : SysResult<InodePtr>(real.error());
  Errno problem = inode ? Errno::kNotDir : inode.error();
  if (p.credentials().uid != 0) problem = Errno::kPerm;
  if (!inode || (*inode)->type != FileType::kDirectory || p.credentials().uid != 0) {
    co_await report(p, "cannot change root directory to " + quoted(root) + ": " + std::string(errno_text(problem)));
    co_return 125;
  }
  // The new root sees what is mounted below it.
  auto files = std::make_shared<FileSystem>(*inode);
  for (Mount mount : p.files().mounts()) {
    if (!mount.path.starts_with(*real == "/" ? *real : *real + "/")) continue;
    if (*real != "/") mount.path.erase(0, real->size());
    (void)files->mount(std::move(mount), p.now());
  }
  Namespaces inside = p.namespaces();
  inside.files = std::move(files);
  if (argv.empty()) argv = {p.env("SHELL").empty() ? "/bin/sh" : std::string(p.env("SHELL")), "-i"};
  const std::string name = argv[0];
  SpawnOptions options;
  options.argv = std::move(argv);
  options.namespaces = std::move(inside);
  options.cwd = "/";
  const auto child = p.spawn(std::move(options));
  if (!child) {
    co_await report(p, "failed to run command " + quoted(name) + ": " + std::string(errno_text(child.error())));
    co_return child.error() == Errno::kNoEnt ? 127 : 126;
  }
  for (;;) {
    const auto waited = co_await p.wait(*child);
    if (waited) co_return waited->status.shell_code();
    if (waited.error() != Errno::kIntr) co_return 125;
  }
}

}  // namespace

void register_running(ProgramRegistry& programs) {
  programs.add("env", env_main);
  programs.add("printenv", printenv_main);
  programs.add("sleep", sleep_main);
  programs.add("usleep", usleep_main);
  programs.add("timeout", timeout_main);
  programs.add("nohup", nohup_main);
  programs.add("nice", nice_main);
  programs.add("setsid", setsid_main);
  programs.add("chroot", chroot_main);
}

}  // namespace drydock
