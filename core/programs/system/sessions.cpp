// Acting as somebody, and asking about the machine: su, sudo, who, w, users, hostnamectl, timedatectl.
#include <algorithm>
#include <map>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/process_table.h"
#include "core/host/program.h"
#include "core/host/tty.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/system/programs.h"

namespace drydock {
namespace {

Credentials credentials_of(Process& p, const Account& account) {
  Credentials who;
  who.uid = account.uid;
  who.gid = account.gid;
  for (const AccountGroup& group : groups_of(p)) {
    if (std::find(group.members.begin(), group.members.end(), account.name) != group.members.end())
      who.groups.push_back(group.gid);
  }
  return who;
}

// Runs a program as somebody and passes on what ends it; a missing one is the caller's to tell.
Task<SysResult<int>> run_as(Process& p, const Account& account, Environment environment, std::string directory,
                            std::vector<std::string> argv) {
  SpawnOptions options;
  options.argv = std::move(argv);
  options.environment = std::move(environment);
  options.cwd = std::move(directory);
  options.credentials = credentials_of(p, account);
  const auto child = p.spawn(std::move(options));
  if (!child) co_return child.error();
  p.on_signal(kSigTerm, Process::Disposition::kCatch);
  p.on_signal(kSigInt, Process::Disposition::kIgnore);  // the terminal sends it to the child as well
  for (;;) {
    const auto waited = co_await p.wait(*child);
    if (waited) co_return waited->status.shell_code();
    if (waited.error() != Errno::kIntr) co_return 1;
    if (const auto signal = p.take_signal()) (void)p.kill(*child, *signal);
  }
}

std::string default_path(const Account& account) {
  return account.uid == 0 ? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
                          : "/usr/local/bin:/usr/bin:/bin";
}

// --- su ---

constexpr std::string_view kSuHelp =
    "\n"
    "Usage:\n"
    " su [options] [-] [<user> [<argument>...]]\n"
    "\n"
    "Change the effective user ID and group ID to that of <user>.\n"
    "A mere - implies -l.  If <user> is not given, root is assumed.\n"
    "\n"
    "Options:\n"
    " -m, --preserve-environment      do not reset environment variables\n"
    " -p                              same as -m\n"
    " -g, --group=<group>             specify the primary group\n"
    " -G, --supp-group=<group>        specify a supplemental group\n"
    " -l, --login                     make the shell a login shell\n"
    " -c, --command=<command>         pass a single command to the shell with -c\n"
    " -f, --fast                      pass -f to the shell (for csh or tcsh)\n"
    " -s, --shell=<shell>             run <shell> if /etc/shells allows it\n"
    "\n";

Task<int> su_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kSuHelp);
  if (flags.ended()) co_return flags.exit_code();
  std::vector<std::string> words = flags.operands();
  bool login = flags.has("l");
  if (!words.empty() && words[0] == "-") {
    login = true;
    words.erase(words.begin());
  }
  const std::string name = words.empty() ? "root" : words[0];
  const auto account = account_named(p, name);
  if (!account) {
    co_await p.err("su: user " + name + " does not exist or the user entry does not contain all the required fields\n");
    co_return 1;
  }
  if (p.credentials().uid != 0) {
    co_await p.out("Password: ");
    (void)co_await p.read_line(0);
    (void)co_await p.sleep(seconds(2));
    co_await p.err("\nsu: Authentication failure\n");
    co_return 1;
  }
  const std::string shell = flags.value("s", account->shell.empty() ? "/bin/sh" : account->shell);
  Environment environment = p.environment();
  if (login) {
    Environment fresh;
    if (const auto term = environment.find("TERM"); term != environment.end()) fresh["TERM"] = term->second;
    environment = std::move(fresh);
    environment["PATH"] = default_path(*account);
  }
  if (!flags.has("m") && !flags.has("p")) {
    environment["HOME"] = account->home;
    environment["SHELL"] = shell;
    if (login || account->uid != 0) environment["USER"] = environment["LOGNAME"] = name;
  }
  std::string directory = p.cwd();
  if (login) {
    const bool there = p.exists(account->home);
    if (!there)
      co_await p.err("su: warning: cannot change directory to " + account->home + ": No such file or directory\n");
    else
      directory = account->home;
  }
  std::vector<std::string> argv{shell};
  if (login) argv.emplace_back("-l");
  if (flags.has("c")) argv.insert(argv.end(), {"-c", flags.value("c")});
  if (words.size() > 1) argv.insert(argv.end(), words.begin() + 1, words.end());
  const auto code = co_await run_as(p, *account, std::move(environment), std::move(directory), std::move(argv));
  if (code) co_return *code;
  co_await p.err("su: failed to execute " + shell + ": " + std::string(errno_text(code.error())) + "\n");
  co_return code.error() == Errno::kNoEnt ? 127 : 126;
}

// --- sudo ---

constexpr std::string_view kSudoHelp =
    "sudo - execute a command as another user\n"
    "\n"
    "usage: sudo -h | -K | -k | -V\n"
    "usage: sudo -v [-AknS] [-g group] [-h host] [-p prompt] [-u user]\n"
    "usage: sudo -l [-AknS] [-g group] [-h host] [-p prompt] [-U user] [-u user] [command]\n"
    "usage: sudo [-AbEHknPS] [-C num] [-D directory] [-g group] [-h host] [-p prompt] [-u user] [VAR=value] [-i|-s] "
    "[<command>]\n"
    "\n"
    "Options:\n"
    "  -A, --askpass                 use a helper program for password prompting\n"
    "  -b, --background              run command in the background\n"
    "  -D, --chdir=directory         change the working directory before running command\n"
    "  -E, --preserve-env            preserve user environment when running command\n"
    "  -g, --group=group             run command as the specified group name or ID\n"
    "  -H, --set-home                set HOME variable to target user's home dir\n"
    "  -i, --login                   run login shell as the target user; a command may also be specified\n"
    "  -K, --remove-timestamp        remove timestamp file completely\n"
    "  -k, --reset-timestamp         invalidate timestamp file\n"
    "  -l, --list                    list user's privileges or check a specific command\n"
    "  -n, --non-interactive         non-interactive mode, no prompts are used\n"
    "  -p, --prompt=prompt           use the specified password prompt\n"
    "  -S, --stdin                   read password from standard input\n"
    "  -s, --shell                   run shell as the target user; a command may also be specified\n"
    "  -u, --user=user               run command (or edit file) as specified user name or ID\n"
    "  -V, --version                 display version information and exit\n"
    "  -v, --validate                update user's timestamp without running a command\n";

bool may_sudo(Process& p) {
  if (p.credentials().uid == 0) return true;
  for (const AccountGroup& group : groups_of(p)) {
    if (group.name != "wheel" && group.name != "sudo") continue;
    const std::vector<std::uint32_t>& own = p.credentials().groups;
    if (p.credentials().gid == group.gid || std::find(own.begin(), own.end(), group.gid) != own.end()) return true;
  }
  return false;
}

Task<int> sudo_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kSudoHelp, 1, CommandFlags::Order::kOptionsFirst);
  if (flags.ended()) co_return flags.exit_code();
  const std::string own = user_name(p, p.credentials().uid);
  if (flags.has("V")) {
    co_await p.out("Sudo version 1.9.13p3\n");
    co_return 0;
  }
  if (flags.has("K") || (flags.has("k") && flags.operands().empty())) co_return 0;
  if (!may_sudo(p)) {
    // Of a password there is none to ask for: the answer that follows a right one.
    co_await p.err(own + " is not in the sudoers file.  This incident will be reported.\n");
    co_return 1;
  }
  if (flags.has("v")) co_return 0;
  if (flags.has("l")) {
    co_await p.out("User " + own + " may run the following commands on " + p.hostname() + ":\n    (ALL) " +
                   (own == "root" ? "ALL" : "NOPASSWD: ALL") + "\n");
    co_return 0;
  }
  std::string user = flags.value("u", "root");
  if (user.starts_with("#")) user = user_name(p, static_cast<std::uint32_t>(parse_int(user.substr(1)).value_or(0)));
  const auto account = account_named(p, user);
  if (!account) {
    co_await p.err("sudo: unknown user " + user + "\nsudo: error initializing audit plugin sudoers_audit\n");
    co_return 1;
  }
  std::vector<std::string> argv = flags.operands();
  Environment environment;
  if (flags.has("E") || p.credentials().uid == 0) {
    environment = p.environment();
  } else {
    for (const char* kept : {"TERM", "LANG", "LC_ALL", "DISPLAY", "COLORTERM"}) {
      const auto at = p.environment().find(kept);
      if (at != p.environment().end()) environment[kept] = at->second;
    }
  }
  environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  environment["USER"] = environment["LOGNAME"] = user;
  environment["HOME"] = account->home;
  environment["SHELL"] = account->shell.empty() ? "/bin/sh" : account->shell;
  environment["SUDO_USER"] = own;
  environment["SUDO_UID"] = std::to_string(p.credentials().uid);
  environment["SUDO_GID"] = std::to_string(p.credentials().gid);
  environment["SUDO_COMMAND"] = join(argv, " ");
  while (!argv.empty() && contains(argv[0], "=") && !argv[0].starts_with("=")) {
    environment[argv[0].substr(0, argv[0].find('='))] = argv[0].substr(argv[0].find('=') + 1);
    argv.erase(argv.begin());
  }
  std::string directory = flags.has("D") ? p.absolute(flags.value("D")) : p.cwd();
  if (flags.has("i") || flags.has("s")) {
    std::vector<std::string> shell{environment["SHELL"]};
    if (flags.has("i")) {
      shell.emplace_back("-l");
      if (p.exists(account->home)) directory = account->home;
    }
    if (!argv.empty()) shell.insert(shell.end(), {"-c", join(argv, " ")});
    argv = std::move(shell);
  }
  if (argv.empty()) {
    co_await p.err(
        "usage: sudo -h | -K | -k | -V\nusage: sudo -v [-AknS] [-g group] [-h host] [-p prompt] [-u "
        "user]\nusage: sudo -l [-AknS] [-g group] [-h host] [-p prompt] [-U user] [-u user] [command]\n"
        "usage: sudo [-AbEHknPS] [-C num] [-D directory] [-g group] [-h host] [-p prompt] [-u user] "
        "[VAR=value] [-i|-s] [<command>]\n");
    co_return 1;
  }
  const std::string name = argv[0];
  const auto code = co_await run_as(p, *account, std::move(environment), std::move(directory), std::move(argv));
  if (code) co_return *code;
  co_await p.err("sudo: " +
                 (code.error() == Errno::kNoEnt
                      ? name + ": command not found"
                      : "unable to execute " + name + ": " + std::string(errno_text(code.error()))) +
                 "\n");
  co_return 1;
}

// --- who, w, users ---

struct Session {
  std::string user;
  std::string tty;
  TimePoint since{};
  std::string command;
};

// One for each terminal: its leader is who logged in, and the newest in front is what runs.
std::vector<Session> sessions(Process& p) {
  std::map<std::string, Session> by_tty;
  for (const ProcessRow& row : process_table(p.host(), p.namespaces().pids, &p)) {
    if (row.tty.empty() || p.namespaces().pids) continue;
    Session& session = by_tty[row.tty];
    if (session.tty.empty() || row.leader) {
      session.user = user_name(p, row.who.uid);
      session.tty = row.tty;
      session.since = row.started;
      if (session.command.empty()) session.command = row.command();
    }
    if (row.foreground) session.command = row.command();
  }
  std::vector<Session> all;
  for (auto& [tty, session] : by_tty) all.push_back(std::move(session));
  return all;
}

constexpr std::string_view kWhoHelp =
    "Usage: who [OPTION]... [ FILE | ARG1 ARG2 ]\n"
    "Print information about users who are currently logged in.\n"
    "\n"
    "  -a, --all         same as -b -d --login -p -r -t -T -u\n"
    "  -b, --boot        time of last system boot\n"
    "  -H, --heading     print line of column headings\n"
    "  -m                only hostname and user associated with stdin\n"
    "  -q, --count       all login names and number of users logged on\n"
    "  -r, --runlevel    print current runlevel\n"
    "  -s, --short       print only name, line, and time (default)\n"
    "  -T, -w, --mesg    add user's message status as +, - or ?\n"
    "  -u, --users       list users logged in\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";

Task<int> who_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kWhoHelp);
  if (flags.ended()) co_return flags.exit_code();
  const auto tty = p.controlling_tty();
  const bool mine = flags.has("m") || flags.operands().size() == 2;
  std::string out;
  std::vector<std::string> names;
  if (flags.has("H")) out += "NAME     LINE         TIME             COMMENT\n";
  if (flags.has("b") || flags.has("a"))
    out += "         system boot  " + format_time(p.host().booted(), "%Y-%m-%d %H:%M") + "\n";
  if (flags.has("r") || flags.has("a"))
    out += "         run-level 3  " + format_time(p.host().booted(), "%Y-%m-%d %H:%M") + "\n";
  for (const Session& session : sessions(p)) {
    if (mine && (!tty || tty->name() != session.tty)) continue;
    names.push_back(session.user);
    if ((flags.has("b") || flags.has("r")) && !flags.has("a")) continue;
    if (!flags.has("q"))
      out += pad_right(session.user, 8) + (flags.has("T") ? " + " : " ") + pad_right(session.tty, 12) + " " +
             format_time(session.since, "%Y-%m-%d %H:%M") + "\n";
  }
  if (flags.has("q")) out += join(names, " ") + "\n# users=" + std::to_string(names.size()) + "\n";
  co_await p.out(std::move(out));
  co_return 0;
}

Task<int> users_main(Process& p) {
  std::vector<std::string> names;
  for (const Session& session : sessions(p)) names.push_back(session.user);
  std::sort(names.begin(), names.end());
  if (!names.empty()) co_await p.out(join(names, " ") + "\n");
  co_return 0;
}

constexpr std::string_view kWHelp =
    "\n"
    "Usage:\n"
    " w [options] [user]\n"
    "\n"
    "Options:\n"
    " -h, --no-header     do not print header\n"
    " -u, --no-current    ignore current process username\n"
    " -s, --short         short format\n"
    " -f, --from          show remote hostname field\n"
    " -o, --old-style     old style output\n"
    " -i, --ip-addr       display IP address instead of hostname (if possible)\n"
    "     --help     display this help and exit\n"
    " -V, --version  output version information and exit\n";

Task<int> w_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kWHelp);
  if (flags.ended()) co_return flags.exit_code();
  const std::vector<Session> all = sessions(p);
  std::string out;
  if (!flags.has("h")) {
    const auto up = std::chrono::duration_cast<std::chrono::minutes>(p.now() - p.host().booted()).count();
    const std::vector<std::string> load = split_whitespace(p.read_file("/proc/loadavg").value_or("0.00 0.00 0.00"));
    out += format_time(p.now(), " %H:%M:%S up ") +
           (up < 60 ? std::to_string(up) + " min"
                    : format("%2lld:%02lld", static_cast<long long>(up / 60), static_cast<long long>(up % 60))) +
           format(",  %zu user", all.size()) + (all.size() == 1 ? "" : "s") + ",  load average: " +
           join(std::span<const std::string>(load).first(std::min<std::size_t>(3, load.size())), ", ") +
           "\nUSER     TTY      FROM             LOGIN@   IDLE   JCPU   PCPU WHAT\n";
  }
  for (const Session& session : all) {
    if (!flags.operands().empty() && session.user != flags.operands()[0]) continue;
    out += pad_right(session.user, 8) + " " + pad_right(session.tty, 8) + " " + pad_right("-", 16) + " " +
           format_time(session.since, "%H:%M") + "    0.00s  0.00s  0.00s " + session.command + "\n";
  }
  co_await p.out(std::move(out));
  co_return 0;
}

// --- hostnamectl, timedatectl ---

std::string release_field(Process& p, std::string_view name) {
  for (const std::string& line : split(p.read_file("/etc/os-release").value_or(""), '\n')) {
    if (!line.starts_with(std::string(name) + "=")) continue;
    return replace_all(line.substr(name.size() + 1), "\"", "");
  }
  return "";
}

Task<int> hostnamectl_main(Process& p) {
  std::vector<std::string> words;
  for (const std::string& word : p.arguments()) {
    if (!word.starts_with("-")) words.push_back(word);
  }
  const std::string verb = words.empty() ? "status" : words[0];
  if (verb == "set-hostname" || (verb == "hostname" && words.size() > 1)) {
    if (words.size() < 2) {
      co_await p.err("Too few arguments.\n");
      co_return 1;
    }
    if (p.credentials().uid != 0) {
      co_await p.err("Could not set property: Access denied\n");
      co_return 1;
    }
    p.set_hostname(words[1]);
    (void)p.write_file("/etc/hostname", words[1] + "\n");
    co_return 0;
  }
  if (verb == "hostname") {
    co_await p.out(p.hostname() + "\n");
    co_return 0;
  }
  if (verb != "status") {
    co_await p.err("Unknown command verb '" + verb + "'.\n");
    co_return 1;
  }
  // The same number that the kubelet reports.
  const std::string id = hex_encode(sha256(p.host().options().name)).substr(0, 32);
  co_await p.out("   Static hostname: " + p.hostname() +
                 "\n         Icon name: computer-vm\n           Chassis: vm\n"
                 "        Machine ID: " +
                 id + "\n           Boot ID: " + id + "\n    Virtualization: kvm\n  Operating System: " +
                 release_field(p, "PRETTY_NAME") + "\n       CPE OS Name: " + release_field(p, "CPE_NAME") +
                 "\n            Kernel: Linux " + p.host().options().kernel_version + "\n      Architecture: x86-64\n");
  co_return 0;
}

Task<int> timedatectl_main(Process& p) {
  std::vector<std::string> words;
  for (const std::string& word : p.arguments()) {
    if (!word.starts_with("-")) words.push_back(word);
  }
  const std::string verb = words.empty() ? "status" : words[0];
  if (verb == "set-timezone" || verb == "set-ntp" || verb == "set-local-rtc" || verb == "set-time") {
    // The playground's clock is its own, and tells UTC.
    const bool fine = (verb == "set-timezone" && words.size() > 1 && (words[1] == "UTC" || words[1] == "Etc/UTC")) ||
                      (verb == "set-ntp" && words.size() > 1);
    if (fine) co_return 0;
    co_await p.err(words.size() < 2 ? std::string("Too few arguments.\n")
                   : verb == "set-timezone"
                       ? "Failed to set time zone: Invalid or not installed time zone '" + words[1] + "'\n"
                       : std::string("Failed to set time: NTP unit is active\n"));
    co_return 1;
  }
  if (verb == "list-timezones") {
    co_await p.out("UTC\n");
    co_return 0;
  }
  if (verb != "status") {
    co_await p.err("Unknown command verb " + verb + ".\n");
    co_return 1;
  }
  const std::string now = format_time(p.now(), "%a %Y-%m-%d %H:%M:%S");
  co_await p.out("               Local time: " + now + " UTC\n           Universal time: " + now +
                 " UTC\n                 RTC time: " + now +
                 "\n                Time zone: UTC (UTC, +0000)\nSystem clock synchronized: yes\n"
                 "              NTP service: active\n          RTC in local TZ: no\n");
  co_return 0;
}

}  // namespace

void register_sessions(ProgramRegistry& programs) {
  programs.add("su", su_main);
  programs.add("sudo", sudo_main);
  programs.add("who", who_main);
  programs.add("users", users_main);
  programs.add("w", w_main);
  programs.add("hostnamectl", hostnamectl_main);
  programs.add("timedatectl", timedatectl_main);
}

}  // namespace drydock
