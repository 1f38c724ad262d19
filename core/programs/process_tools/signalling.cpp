// Programs that find processes and signal them: pgrep, pkill, pidof, killall, kill.
#include <algorithm>
#include <functional>
#include <set>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/process_table.h"
#include "core/host/program.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/process_tools/process_tools.h"
#include "core/programs/text/regex.h"

namespace drydock {
namespace {

constexpr std::size_t kNameLength = 15;
constexpr int kLastSignal = 31;

std::vector<ProcessRow> others(Process& p) {
  std::vector<ProcessRow> rows = process_table(p.host(), p.namespaces().pids, &p);
  std::erase_if(rows, [&](const ProcessRow& row) { return row.pid == p.pid(); });
  return rows;
}

// A machine's init takes no signal from anybody here.
SysResult<void> send(Process& p, Pid pid, int signal) {
  if (pid == 1 && !p.namespaces().pids) return p.credentials().uid == 0 ? SysResult<void>() : Errno::kPerm;
  return p.kill(pid, signal);
}

// A signal given as a flag of its own: "-9", "-KILL", "-SIGKILL"; taken out of `words`.
std::optional<std::string> take_signal_flag(std::vector<std::string>& words, std::string_view letters) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") break;
    if (word.size() < 2 || word[0] != '-' || word[1] == '-') continue;
    const std::string name = word.substr(1);
    const bool digits = name.find_first_not_of("0123456789") == std::string::npos;
    const bool upper = name.size() > 1 &&
                       name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-") == std::string::npos &&
                       name[0] >= 'A' && name[0] <= 'Z';
    if (!digits && !(upper && (signal_number(name) || letters.find(name[0]) == std::string_view::npos))) continue;
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
    return name;
  }
  return std::nullopt;
}

// --- pgrep, pkill ---

constexpr std::string_view kPgrepOptions =
    " -d, --delimiter=<string>  specify output delimiter\n"
    " -l, --list-name           list PID and process name\n"
    " -a, --list-full           list PID and full command line\n"
    " -v, --inverse             negates the matching\n"
    " -w, --lightweight         list all TID\n";
constexpr std::string_view kPkillOptions =
    " -<sig>, --signal <sig>    signal to send (either number or name)\n"
    " -q, --queue=<value>       integer value to be sent with the signal\n"
    " -e, --echo                display what is killed\n";
constexpr std::string_view kSharedOptions =
    " -c, --count               count of matching processes\n"
    " -f, --full                use full process name to match\n"
    " -g, --pgroup=<PGID,...>   match listed process group IDs\n"
    " -G, --group=<GID,...>     match real group IDs\n"
    " -i, --ignore-case         match case insensitively\n"
    " -n, --newest              select most recently started\n"
    " -o, --oldest              select least recently started\n"
    " -O, --older=<seconds>     select where older than seconds\n"
    " -P, --parent=<PPID,...>   match only child processes of the given parent\n"
    " -s, --session=<SID,...>   match session IDs\n"
    " -t, --terminal=<tty,...>  match by controlling terminal\n"
    " -u, --euid=<ID,...>       match by effective IDs\n"
    " -U, --uid=<ID,...>        match by real IDs\n"
    " -x, --exact               match exactly with the command name\n"
    " -F, --pidfile=<file>      read PIDs from file\n"
    " -L, --logpidfile          fail if PID file is not locked\n"
    " -r, --runstates=<state>   match runstates [D,S,Z,...]\n"
    " -A, --ignore-ancestors    exclude our ancestors from results\n"
    "\n"
    " -h, --help     display this help and exit\n"
    " -V, --version  output version information and exit\n"
    "\n"
    "For more details see pgrep(1).\n";

std::set<std::string> listed(const std::string& list) {
  const std::vector<std::string> pieces = split(list, ',');
  return {pieces.begin(), pieces.end()};
}

struct Wanted {
  std::optional<Regex> pattern;
  bool whole = false;    // -x
  bool full = false;     // -f
  bool inverse = false;  // -v
  std::set<std::string> groups, parents, sessions, ttys, users, gids, pids;
  std::string states;
  std::optional<std::int64_t> older;
  bool newest = false;
  bool oldest = false;
  bool ignore_ancestors = false;
};

bool matches(Process& p, const Wanted& wanted, const ProcessRow& row) {
  const auto number_in = [](const std::set<std::string>& set, std::int64_t number) {
    return set.empty() || set.contains(std::to_string(number));
  };
  if (!number_in(wanted.groups, row.group) || !number_in(wanted.parents, row.parent) ||
      !number_in(wanted.sessions, row.session) || !number_in(wanted.pids, row.pid))
    return false;
  if (!wanted.ttys.empty() && !wanted.ttys.contains(row.tty)) return false;
  if (!wanted.users.empty() && !wanted.users.contains(user_name(p, row.who.uid)) &&
      !wanted.users.contains(std::to_string(row.who.uid)))
    return false;
  if (!wanted.gids.empty() && !wanted.gids.contains(group_name(p, row.who.gid)) &&
      !wanted.gids.contains(std::to_string(row.who.gid)))
    return false;
  if (!wanted.states.empty() && wanted.states.find(row.state) == std::string::npos) return false;
  if (wanted.older && std::chrono::duration_cast<seconds>(p.now() - row.started).count() < *wanted.older) return false;
  if (!wanted.pattern) return true;
  const std::string text = wanted.full ? (row.state == 'Z' ? row.name : row.command()) : row.name;
  if (!wanted.whole) return wanted.pattern->matches(text);
  const auto found = wanted.pattern->search(text, 0);
  return found && (*found)[0].begin == 0 && (*found)[0].end == text.size();
}

std::vector<ProcessRow> find_all(Process& p, const Wanted& wanted) {
  std::set<Pid> ancestors;
  const std::vector<ProcessRow> rows = others(p);
  if (wanted.ignore_ancestors) {
    for (Pid at = p.parent_pid(); at > 0 && ancestors.insert(at).second;) {
      const auto row = std::find_if(rows.begin(), rows.end(), [&](const ProcessRow& one) { return one.pid == at; });
      at = row == rows.end() ? 0 : row->parent;
    }
  }
  std::vector<ProcessRow> found;
  for (const ProcessRow& row : rows) {
    if (!ancestors.contains(row.pid) && matches(p, wanted, row) != wanted.inverse) found.push_back(row);
  }
  if ((wanted.newest || wanted.oldest) && !found.empty()) {
    ProcessRow best = found[0];
    for (const ProcessRow& row : found) {
      const bool later = row.started > best.started || (row.started == best.started && row.pid > best.pid);
      if (row.pid != best.pid && later == wanted.newest) best = row;
    }
    found = {best};
  }
  return found;
}

Task<int> pgrep_main(Process& p) {
  const bool kills = p.name() == "pkill";
  const std::string name(p.name());
  std::vector<std::string> words(p.arguments().begin(), p.arguments().end());
  std::optional<std::string> signal_text;
  if (kills) {
    signal_text = take_signal_flag(words, "GUPFLOA");
    for (std::size_t i = 0; i < words.size(); ++i) {
      const bool joined = words[i].starts_with("--signal=");
      if (!joined && (words[i] != "--signal" || i + 1 >= words.size())) continue;
      signal_text = joined ? words[i].substr(9) : words[i + 1];
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(i),
                  words.begin() + static_cast<std::ptrdiff_t>(i + (joined ? 1 : 2)));
      break;
    }
  }
  const std::string help = "\nUsage:\n " + name + " [options] <pattern>\n\nOptions:\n" +
                           std::string(kills ? kPkillOptions : kPgrepOptions) + std::string(kSharedOptions);
  const std::string hint = "Try `" + name + " --help' for more information.\n";
  const CommandFlags flags = CommandFlags::parse(words, help);
  if (!flags.problem().empty()) {
    co_await p.err(name + ": " + flags.problem() + "\n" + help);
    co_return 2;
  }
  if (flags.has("help") || flags.has("V")) {
    co_await p.out(flags.has("help") ? replace_all(help, "=<", " <") : name + " from procps-ng 3.3.17\n");
    co_return 0;
  }
  Wanted wanted;
  const bool criterion = flags.has("g") || flags.has("G") || flags.has("P") || flags.has("s") || flags.has("t") ||
                         flags.has("u") || flags.has("U") || flags.has("F") || flags.has("O") || flags.has("r") ||
                         flags.has("n") || flags.has("o");
  if (flags.operands().size() > 1) {
    co_await p.err(name + ": only one pattern can be provided\n" + hint);
    co_return 2;
  }
  if (flags.operands().empty() && !criterion) {
    co_await p.err(name + ": no matching criteria specified\n" + hint);
    co_return 2;
  }
  std::optional<int> signal = kSigTerm;
  if (signal_text) signal = signal_number(*signal_text);
  if (!signal) {
    co_await p.err(name + ": unknown signal name " + *signal_text + "\n");
    co_return 2;
  }
  wanted.whole = flags.has("x");
  wanted.full = flags.has("f");
  wanted.inverse = !kills && flags.has("v");
  wanted.newest = flags.has("n");
  wanted.oldest = flags.has("o");
  wanted.ignore_ancestors = flags.has("A");
  wanted.states = replace_all(flags.value("r"), ",", "");
  if (flags.has("O")) wanted.older = parse_int(flags.value("O"));
  const auto set_of = [&](const char* flag) {
    return flags.has(flag) ? listed(flags.value(flag)) : std::set<std::string>();
  };
  wanted.groups = set_of("g");
  if (wanted.groups.contains("0")) wanted.groups.insert(std::to_string(p.group()));
  wanted.parents = set_of("P");
  wanted.sessions = set_of("s");
  wanted.ttys = set_of("t");
  wanted.users = flags.has("u") ? set_of("u") : set_of("U");
  wanted.gids = set_of("G");
  if (flags.has("F")) {
    const auto text = p.read_file(flags.value("F"));
    const std::vector<std::string> pids = split_whitespace(text.value_or(""));
    if (pids.empty() || !parse_int(pids[0])) {
      co_await p.err(name + ": pidfile not valid\n" + hint);
      co_return 1;
    }
    wanted.pids.insert(pids[0]);
  }
  if (!flags.operands().empty()) {
    const std::string& pattern = flags.operands()[0];
    wanted.pattern = Regex::compile(pattern, Regex::Syntax::kExtended, flags.has("i"));
    if (!wanted.pattern->ok()) {
      co_await p.err(name + ": regex error: " + wanted.pattern->error() + "\n");
      co_return 2;
    }
    if (!wanted.full && pattern.size() > kNameLength && pattern.find_first_of("[](){}|*?+.\\^$") == std::string::npos)
      co_await p.err(name +
                     ": pattern that searches for process name longer than 15 characters will result in zero "
                     "matches\nTry `" +
                     name + " -f' option to match against the complete command line.\n");
  }
  const std::vector<ProcessRow> found = find_all(p, wanted);
  if (kills) {
    std::string out;
    std::size_t sent = 0;
    for (const ProcessRow& row : found) {
      const auto result = send(p, row.pid, *signal);
      if (result) {
        ++sent;
        if (flags.has("e")) out += row.name + " killed (pid " + std::to_string(row.pid) + ")\n";
      } else if (result.error() != Errno::kSrch) {
        co_await p.err("pkill: killing pid " + std::to_string(row.pid) +
                       " failed: " + std::string(errno_text(result.error())) + "\n");
      }
    }
    if (flags.has("c")) out += std::to_string(found.size()) + "\n";
    co_await p.out(std::move(out));
    co_return sent > 0 ? 0 : 1;
  }
  if (flags.has("c")) {
    co_await p.out(std::to_string(found.size()) + "\n");
    co_return found.empty() ? 1 : 0;
  }
  std::vector<std::string> lines;
  for (const ProcessRow& row : found)
    lines.push_back(std::to_string(row.pid) + (flags.has("a")   ? " " + row.command()
                                               : flags.has("l") ? " " + row.name
                                                                : ""));
  if (!lines.empty()) co_await p.out(join(lines, flags.value("d", "\n")) + "\n");
  co_return found.empty() ? 1 : 0;
}

// --- pidof ---

constexpr std::string_view kPidofHelp =
    "\nUsage:\n pidof [options] [program [...]]\n\nOptions:\n"
    " -s, --single-shot         return one PID only\n"
    " -c, --check-root          omit processes with different root\n"
    " -q,                       quiet mode, only set the exit code\n"
    " -w, --with-workers        show kernel workers too\n"
    " -x                        also find shells running the named scripts\n"
    " -o, --omit-pid=<PID,...>  omit processes with PID\n"
    " -S, --separator=SEP       use SEP as separator put between PIDs\n"
    " -h, --help     display this help and exit\n"
    " -V, --version  output version information and exit\n"
    "\nFor more details see pidof(1).\n";

Task<int> pidof_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kPidofHelp);
  if (flags.ended()) co_return flags.exit_code();
  const std::set<std::string> omitted = listed(replace_all(flags.value("o"), "%PPID", std::to_string(p.parent_pid())));
  std::vector<std::string> found;
  for (const std::string& program : flags.operands()) {
    std::vector<ProcessRow> rows = others(p);
    std::reverse(rows.begin(), rows.end());  // the newest first
    for (const ProcessRow& row : rows) {
      if (row.state == 'Z' || omitted.contains(std::to_string(row.pid)) || row.argv.empty()) continue;
      const bool script =
          flags.has("x") && row.argv.size() > 1 && (row.argv[1] == program || base_name(row.argv[1]) == program);
      if (row.argv[0] == program || base_name(row.argv[0]) == base_name(program) || script)
        found.push_back(std::to_string(row.pid));
    }
  }
  if (found.empty()) co_return 1;
  if (flags.has("s")) found.resize(1);
  if (!flags.has("q")) co_await p.out(join(found, flags.value("S", " ")) + "\n");
  co_return 0;
}

// --- killall ---

constexpr std::string_view kKillallHelp =
    "Usage: killall [OPTION]... [--] NAME...\n"
    "       killall -l, --list\n"
    "       killall -V, --version\n"
    "\n"
    "  -e,--exact          require exact match for very long names\n"
    "  -I,--ignore-case    case insensitive process name match\n"
    "  -g,--process-group  kill process group instead of process\n"
    "  -y,--younger-than=TIME  kill processes younger than TIME\n"
    "  -o,--older-than=TIME    kill processes older than TIME\n"
    "  -i,--interactive    ask for confirmation before killing\n"
    "  -l,--list           list all known signal names\n"
    "  -q,--quiet          don't print complaints\n"
    "  -r,--regexp         interpret NAME as an extended regular expression\n"
    "  -s,--signal=SIGNAL  send this signal instead of SIGTERM\n"
    "  -u,--user=USER      kill only process(es) running as USER\n"
    "  -v,--verbose        report if the signal was successfully sent\n"
    "  -V,--version        display version information\n"
    "  -w,--wait           wait for processes to die\n"
    "\n";

std::string signal_names(std::size_t width) {
  std::string out;
  std::string line;
  for (int number = 1; number <= kLastSignal; ++number) {
    const std::string name(signal_name(number));
    if (name.empty()) continue;
    if (!line.empty() && line.size() + 1 + name.size() > width) {
      out += line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + name;
  }
  return out + line + "\n";
}

Task<int> killall_main(Process& p) {
  std::vector<std::string> words(p.arguments().begin(), p.arguments().end());
  const std::optional<std::string> given = take_signal_flag(words, "IV");
  const CommandFlags flags = CommandFlags::parse(words, kKillallHelp);
  if (flags.has("l")) {
    co_await p.out(signal_names(78));
    co_return 0;
  }
  if (flags.has("V")) {
    co_await p.out("killall (PSmisc) 23.6\n");
    co_return 0;
  }
  if (!flags.problem().empty() || (flags.operands().empty() && !flags.has("u"))) {
    if (!flags.problem().empty()) co_await p.err("killall: " + flags.problem() + "\n");
    co_await p.err(replace_all(replace_all(kKillallHelp, "=TIME", " TIME"), "=", " "));
    co_return 1;
  }
  const std::string signal_text = given ? *given : flags.value("s", "TERM");
  const std::optional<int> signal = signal_number(signal_text);
  if (!signal) {
    co_await p.err(signal_text + ": unknown signal; killall -l lists signals.\n");
    co_return 1;
  }
  const std::string user = flags.value("u");
  if (!user.empty() && !user_id(p, user)) {
    co_await p.err("Cannot find user " + user + "\n");
    co_return 1;
  }
  std::vector<std::string> names = flags.operands();
  if (names.empty()) names.emplace_back();  // with -u alone: everybody
  bool any = false;
  bool missed = false;
  std::vector<Pid> killed;
  for (const std::string& name : names) {
    std::optional<Regex> pattern;
    if (flags.has("r")) {
      pattern = Regex::compile(name, Regex::Syntax::kExtended, flags.has("I"));
      if (!pattern->ok()) {
        co_await p.err("killall: Bad regular expression: " + name + "\n");
        co_return 1;
      }
    }
    bool found = false;
    for (const ProcessRow& row : others(p)) {
      if (row.state == 'Z') continue;
      if (!user.empty() && row.who.uid != *user_id(p, user)) continue;
      const std::string_view own = row.argv.empty() ? std::string_view(row.name) : base_name(row.argv[0]);
      const bool same = name.empty()          ? true
                        : pattern             ? pattern->matches(own)
                        : contains(name, "/") ? !row.argv.empty() && row.argv[0] == name
                        : flags.has("I")      ? to_lower(own) == to_lower(name)
                                              : own == name;
      if (!same) continue;
      if (flags.has("i")) {
        co_await p.out("Kill " + row.name + "(" + std::to_string(row.pid) + ") ? (y/N) ");
        const auto answer = co_await p.read_line(0);
        if (!answer || answer->empty() || ((*answer)[0] != 'y' && (*answer)[0] != 'Y')) continue;
      }
      const auto result = send(p, flags.has("g") ? -row.group : row.pid, *signal);
      if (result) {
        found = true;
        killed.push_back(row.pid);
        if (flags.has("v"))
          co_await p.err("Killed " + row.name + "(" + std::to_string(row.pid) + ") with signal " +
                         std::to_string(*signal) + "\n");
      } else {
        co_await p.err(row.name + "(" + std::to_string(row.pid) + "): " + std::string(errno_text(result.error())) +
                       "\n");
      }
    }
    if (!found && !flags.has("q") && !name.empty()) co_await p.err(name + ": no process found\n");
    any = any || found;
    missed = missed || !found;
  }
  if (flags.has("w")) {
    const auto alive = [&] {
      return std::any_of(killed.begin(), killed.end(), [&](Pid pid) {
        const auto row = process_row(p.host(), p.namespaces().pids, pid, &p);
        return row && row->state != 'Z';
      });
    };
    while (alive()) {
      if (!co_await p.sleep(milliseconds(100))) break;
    }
  }
  co_return any && !missed ? 0 : 1;
}

// --- kill ---

constexpr std::string_view kKillUsage =
    "\nUsage:\n kill [options] <pid> [...]\n\nOptions:\n <pid> [...]            send signal to every <pid> listed\n"
    " -<signal>, -s, --signal <signal>\n                        specify the <signal> to be sent\n"
    " -q, --queue <value>    integer value to be sent with the signal\n"
    " -l, --list=[<signal>]  list all signal names, or convert one to a name\n"
    " -L, --table            list all signal names in a nice table\n\n"
    " -h, --help     display this help and exit\n -V, --version  output version information and exit\n\n"
    "For more details see kill(1).\n";

std::string signal_table() {
  std::string out;
  int column = 0;
  for (int number = 1; number <= kLastSignal; ++number) {
    const std::string name(signal_name(number));
    if (name.empty()) continue;
    out += format("%2d ", number) + (++column % 7 == 0 ? name + "\n" : pad_right(name, 8));
  }
  return out + (column % 7 == 0 ? "" : "\n");
}

Task<int> kill_main(Process& p) {
  std::vector<std::string> words(p.arguments().begin(), p.arguments().end());
  std::string signal_text = "TERM";
  std::vector<std::string> targets;
  bool flags_end = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (flags_end || word.size() < 2 || word[0] != '-') {
      targets.push_back(word);
    } else if (word == "--") {
      flags_end = true;
    } else if (word == "-l" || word == "--list" || word.starts_with("--list=")) {
      const std::string one = word.starts_with("--list=") ? word.substr(7) : i + 1 < words.size() ? words[i + 1] : "";
      if (one.empty()) {
        co_await p.out(signal_names(78));
        co_return 0;
      }
      auto number = parse_int(one);
      if (number && *number > 128 && *number <= 128 + kLastSignal) *number -= 128;
      const std::string name =
          number ? std::string(signal_name(static_cast<int>(std::clamp<std::int64_t>(*number, 0, 99)))) : std::string();
      const auto named = number ? std::optional<int>() : signal_number(one);
      if (name.empty() && !named) {
        co_await p.err("kill: unknown signal name " + one + "\n");
        co_return 1;
      }
      co_await p.out((number ? name : std::to_string(*named)) + "\n");
      co_return 0;
    } else if (word == "-L" || word == "--table") {
      co_await p.out(signal_table());
      co_return 0;
    } else if (word == "-h" || word == "--help") {
      co_await p.out(std::string(kKillUsage));
      co_return 0;
    } else if (word == "-V" || word == "--version") {
      co_await p.out("kill from procps-ng 3.3.17\n");
      co_return 0;
    } else if (word == "-s" || word == "--signal" || word == "-n") {
      signal_text = i + 1 < words.size() ? words[++i] : "";
    } else if (word.starts_with("--signal=")) {
      signal_text = word.substr(9);
    } else if (word.starts_with("-s") && signal_number(word.substr(2))) {
      signal_text = word.substr(2);
    } else if (i == 0) {
      signal_text = word.substr(1);
    } else {
      targets.push_back(word);  // a process group
    }
  }
  const std::optional<int> signal = signal_number(signal_text);
  if (!signal) {
    co_await p.err("kill: unknown signal name " + signal_text + "\n" + std::string(kKillUsage));
    co_return 1;
  }
  if (targets.empty()) {
    co_await p.err(std::string(kKillUsage));
    co_return 1;
  }
  int code = 0;
  for (const std::string& target : targets) {
    const auto pid = parse_int(target);
    if (!pid || *pid > 1 << 30 || *pid < -(1 << 30)) {
      co_await p.err("kill: failed to parse argument: '" + target + "'\n");
      code = 1;
      continue;
    }
    const auto sent = send(p, static_cast<Pid>(*pid), *signal);
    if (!sent) {
      co_await p.err("kill: (" + target + "): " + std::string(errno_text(sent.error())) + "\n");
      code = 1;
    }
  }
  co_return code;
}

}  // namespace

void register_signalling(ProgramRegistry& programs) {
  programs.add("pgrep", pgrep_main);
  programs.add("pkill", pgrep_main);
  programs.add("pidof", pidof_main);
  programs.add("killall", killall_main);
  programs.add("kill", kill_main);
}

}  // namespace drydock
