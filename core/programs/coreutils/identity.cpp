// Who and where: id, whoami, groups, logname, hostname, dnsdomainname, uname, arch, tty.
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/proc_files.h"
#include "core/host/process.h"
#include "core/host/tty.h"
#include "core/network/net_namespace.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/programs.h"
#include "core/programs/coreutils/support.h"

namespace drydock {
namespace {

// --- id, whoami, groups, logname ---

constexpr std::string_view kIdHelp =
    "Usage: id [OPTION]... [USER]...\n"
    "Print user and group information for each specified USER,\n"
    "or (when USER omitted) for the current process.\n"
    "\n"
    "  -a             ignore, for compatibility with other versions\n"
    "  -Z, --context  print only the security context of the process\n"
    "  -g, --group    print only the effective group ID\n"
    "  -G, --groups   print all group IDs\n"
    "  -n, --name     print a name instead of a number, for -ugG\n"
    "  -r, --real     print the real ID instead of the effective ID, with -ugG\n"
    "  -u, --user     print only the effective user ID\n"
    "  -z, --zero     delimit entries with NUL characters, not whitespace;\n"
    "                   not permitted in default format\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n"
    "\n"
    "Without any OPTION, print some useful set of identified information.\n";

struct Identity {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> groups;  // the first one is gid
};

void add_group(Identity& who, std::uint32_t gid) {
  if (std::find(who.groups.begin(), who.groups.end(), gid) == who.groups.end()) who.groups.push_back(gid);
}

Identity identity_of(const Process& p) {
  Identity who{p.credentials().uid, p.credentials().gid, {p.credentials().gid}};
  for (const std::uint32_t gid : p.credentials().groups) add_group(who, gid);
  return who;
}

std::optional<Identity> identity_of(Process& p, const std::string& name) {
  std::optional<Account> account = account_named(p, name);
  if (!account) {
    const auto number = parse_int(name);
    for (Account& one : accounts_of(p)) {
      if (number && one.uid == *number) account = std::move(one);
    }
  }
  if (!account) return std::nullopt;
  Identity who{account->uid, account->gid, {account->gid}};
  for (const AccountGroup& group : groups_of(p)) {
    if (std::find(group.members.begin(), group.members.end(), account->name) != group.members.end())
      add_group(who, group.gid);
  }
  return who;
}

// A name, or the number with a complaint.
struct Names {
  Process& process;
  std::string complaints;
  std::string user(std::uint32_t uid) {
    std::string name = user_name(process, uid);
    if (name == std::to_string(uid)) complain("user", name);
    return name;
  }
  std::string group(std::uint32_t gid) {
    std::string name = group_name(process, gid);
    if (name == std::to_string(gid)) complain("group", name);
    return name;
  }
  void complain(const char* kind, const std::string& number) {
    complaints += std::string(process.name()) + ": cannot find name for " + kind + " ID " + number + "\n";
  }
};

std::string full_identity(Process& p, const Identity& who) {
  const auto named = [](std::uint32_t number, const std::string& name) {
    const std::string text = std::to_string(number);
    return name == text ? text : text + "(" + name + ")";
  };
  std::string text =
      "uid=" + named(who.uid, user_name(p, who.uid)) + " gid=" + named(who.gid, group_name(p, who.gid)) + " groups=";
  for (std::size_t i = 0; i < who.groups.size(); ++i)
    text += (i > 0 ? "," : "") + named(who.groups[i], group_name(p, who.groups[i]));
  return text;
}

Task<int> id_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kIdHelp);
  if (flags.ended()) co_return flags.exit_code();
  const int kinds = (flags.has("u") ? 1 : 0) + (flags.has("g") ? 1 : 0) + (flags.has("G") ? 1 : 0);
  std::string problem;
  if (flags.has("Z"))
    problem = "--context (-Z) works only on an SELinux-enabled kernel";
  else if (kinds > 1)
    problem = "cannot print \"only\" of more than one choice";
  else if (kinds == 0 && (flags.has("n") || flags.has("r")))
    problem = "cannot print only names or real IDs in default format";
  else if (kinds == 0 && flags.has("z"))
    problem = "option --zero not permitted in default format";
  if (!problem.empty()) {
    co_await report(p, problem);
    co_return 1;
  }
  const bool zero = flags.has("z");
  const bool named = flags.has("n");
  Names names{p, ""};
  std::vector<std::string> users = flags.operands();
  const bool several = users.size() > 1;
  if (users.empty()) users.emplace_back();
  int code = 0;
  std::string out;
  for (const std::string& user : users) {
    const std::optional<Identity> who = user.empty() ? identity_of(p) : identity_of(p, user);
    if (!who) {
      co_await report(p, quoted(user) + ": no such user");
      code = 1;
      continue;
    }
    if (flags.has("u")) {
      out += named ? names.user(who->uid) : std::to_string(who->uid);
    } else if (flags.has("g")) {
      out += named ? names.group(who->gid) : std::to_string(who->gid);
    } else if (flags.has("G")) {
      for (std::size_t i = 0; i < who->groups.size(); ++i) {
        if (i > 0) out += zero ? '\0' : ' ';
        out += named ? names.group(who->groups[i]) : std::to_string(who->groups[i]);
      }
      if (zero && several) out += '\0';
    } else {
      out += full_identity(p, *who);
    }
    out += zero ? '\0' : '\n';
  }
  co_await p.out(std::move(out));
  if (!names.complaints.empty()) co_await p.err(names.complaints);
  co_return names.complaints.empty() ? code : 1;
}

constexpr std::string_view kWhoamiHelp =
    "Usage: whoami [OPTION]...\n"
    "Print the user name associated with the current effective user ID.\n"
    "Same as id -un.\n"
    "\n";

Task<int> whoami_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kWhoamiHelp);
  if (flags.ended()) co_return flags.exit_code();
  if (!flags.operands().empty()) {
    co_await complain_with_hint(p, "extra operand " + quoted(flags.operands()[0]));
    co_return 1;
  }
  const std::string name = user_name(p, p.credentials().uid);
  if (name == std::to_string(p.credentials().uid)) {
    co_await report(p, "cannot find name for user ID " + name);
    co_return 1;
  }
  co_await p.out(name + "\n");
  co_return 0;
}

constexpr std::string_view kGroupsHelp =
    "Usage: groups [OPTION]... [USERNAME]...\n"
    "Print group memberships for each USERNAME or, if no USERNAME is specified, for\n"
    "the current process (which may differ if the groups database has changed).\n";

Task<int> groups_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kGroupsHelp);
  if (flags.ended()) co_return flags.exit_code();
  Names names{p, ""};
  const auto listed = [&](const Identity& who) {
    std::vector<std::string> words;
    for (const std::uint32_t gid : who.groups) words.push_back(names.group(gid));
    return join(words, " ") + "\n";
  };
  int code = 0;
  std::string out;
  if (flags.operands().empty()) out = listed(identity_of(p));
  for (const std::string& user : flags.operands()) {
    const std::optional<Identity> who = account_named(p, user) ? identity_of(p, user) : std::nullopt;
    if (who) {
      out += user + " : " + listed(*who);
    } else {
      co_await report(p, quoted(user) + ": no such user");
      code = 1;
    }
  }
  co_await p.out(std::move(out));
  if (!names.complaints.empty()) co_await p.err(names.complaints);
  co_return names.complaints.empty() ? code : 1;
}

constexpr std::string_view kLognameHelp =
    "Usage: logname [OPTION]\n"
    "Print the user's login name.\n"
    "\n";

Task<int> logname_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kLognameHelp);
  if (flags.ended()) co_return flags.exit_code();
  if (!p.controlling_tty() || p.namespaces().pids) {
    co_await report(p, "no login name");
    co_return 1;
  }
  // Terminals of the playground are root's; su does not change who logged in.
  co_await p.out("root\n");
  co_return 0;
}

// --- hostname, dnsdomainname ---

constexpr std::string_view kHostnameHelp =
    "Usage: hostname [-b] {hostname|-F file}         set host name (from file)\n"
    "       hostname [-a|-A|-d|-f|-i|-I|-s|-y]       display formatted name\n"
    "       hostname                                 display host name\n"
    "\n"
    "       {yp,nis,}domainname {nisdomain|-F file}  set NIS domain name (from file)\n"
    "       {yp,nis,}domainname                      display NIS domain name\n"
    "\n"
    "       dnsdomainname                            display dns domain name\n"
    "\n"
    "       hostname -V|--version|-h|--help          print info and exit\n"
    "\n"
    "Program name:\n"
    "       {yp,nis,}domainname=hostname -y\n"
    "       dnsdomainname=hostname -d\n"
    "\n"
    "Program options:\n"
    "    -a, --alias            alias names\n"
    "    -A, --all-fqdns        all long host names (FQDNs)\n"
    "    -b, --boot             set default hostname if none available\n"
    "    -d, --domain           DNS domain name\n"
    "    -f, --fqdn, --long     long host name (FQDN)\n"
    "    -F, --file=FILE        read host name or NIS domain name from given file\n"
    "    -i, --ip-address       addresses for the host name\n"
    "    -I, --all-ip-addresses  all addresses for the host\n"
    "    -s, --short            short host name\n"
    "    -y, --yp, --nis        NIS/YP domain name\n"
    "\n"
    "Description:\n"
    "   This command can get or set the host name or the NIS domain name. You can\n"
    "   also get the DNS domain or the FQDN (fully qualified domain name).\n"
    "   Unless you are using bind or NIS for host lookups you can change the\n"
    "   FQDN (Fully Qualified Domain Name) and the DNS domain name (which is\n"
    "   part of the FQDN) in the /etc/hosts file.\n";

// The line of /etc/hosts that knows this name: address, canonical name, aliases.
std::vector<std::string> hosts_line(Process& p, const std::string& name) {
  for (const std::string& line : split(p.read_file("/etc/hosts").value_or(""), '\n')) {
    std::vector<std::string> words = split_whitespace(line.substr(0, line.find('#')));
    if (words.size() > 1 && std::find(words.begin() + 1, words.end(), name) != words.end()) return words;
  }
  return {};
}

bool valid_host_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() == '-' || name.back() == '-') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

Task<int> set_hostname(Process& p, std::string name) {
  if (p.credentials().uid != 0) {
    co_await report(p, "you must be root to change the host name");
    co_return 1;
  }
  if (!valid_host_name(name)) {
    co_await report(p, "the specified hostname is invalid");
    co_return 1;
  }
  p.set_hostname(std::move(name));
  co_return 0;
}

Task<int> hostname_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kHostnameHelp);
  if (flags.ended()) co_return flags.exit_code();
  if (flags.has("F")) {
    const auto text = p.read_file(flags.value("F"));
    if (!text) {
      co_await report(p, "can't open `" + flags.value("F") + "'");
      co_return 1;
    }
    for (const std::string& line : split(*text, '\n')) {
      const std::string name(trim(line));
      if (!name.empty() && name[0] != '#') co_return co_await set_hostname(p, name);
    }
    co_return 0;
  }
  if (!flags.operands().empty()) co_return co_await set_hostname(p, flags.operands()[0]);
  const std::string name = p.hostname();
  const std::string wanted = p.name() == "dnsdomainname" ? "d" : flags.last_of("a A d f i I s y");
  const std::vector<std::string> known = hosts_line(p, name);
  const std::string full = known.empty() ? name : known[1];
  std::string out;
  if (wanted == "i") {
    out = (known.empty() ? p.network().primary_address().text() : known[0]) + "\n";
  } else if (wanted == "I") {
    for (const Ipv4& address : p.network().addresses()) {
      if (!address.text().starts_with("127.")) out += address.text() + " ";
    }
    out += "\n";
  } else if (wanted == "a") {
    for (std::size_t i = 2; i < known.size(); ++i) out += (i > 2 ? " " : "") + known[i];
    out += "\n";
  } else if (wanted == "A") {
    out = full + " \n";
  } else if (wanted == "f") {
    out = full + "\n";
  } else if (wanted == "d") {
    if (contains(full, ".")) out = full.substr(full.find('.') + 1) + "\n";
  } else if (wanted == "s") {
    out = name.substr(0, name.find('.')) + "\n";
  } else if (wanted == "y") {
    co_await report(p, "Local domain name not set");
    co_return 1;
  } else {
    out = name + "\n";
  }
  co_await p.out(std::move(out));
  co_return 0;
}

// --- uname, arch ---

constexpr std::string_view kUnameHelp =
    "Usage: uname [OPTION]...\n"
    "Print certain system information.  With no OPTION, same as -s.\n"
    "\n"
    "  -a, --all                print all information, in the following order,\n"
    "                             except omit -p and -i if unknown:\n"
    "  -s, --kernel-name        print the kernel name\n"
    "  -n, --nodename           print the network node hostname\n"
    "  -r, --kernel-release     print the kernel release\n"
    "  -v, --kernel-version     print the kernel version\n"
    "  -m, --machine            print the machine hardware name\n"
    "  -p, --processor          print the processor type (non-portable)\n"
    "  -i, --hardware-platform  print the hardware platform (non-portable)\n"
    "  -o, --operating-system   print the operating system\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";

Task<int> uname_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kUnameHelp);
  if (flags.ended()) co_return flags.exit_code();
  if (!flags.operands().empty()) {
    co_await complain_with_hint(p, "extra operand " + quoted(flags.operands()[0]));
    co_return 1;
  }
  const bool busybox = p.program_version() == "busybox";
  const bool all = flags.has("a");
  // Red Hat's uname knows the processor and the platform; Debian's and busybox's do not.
  const bool known = p.exists("/etc/redhat-release");
  std::vector<std::string> words;
  if (all || flags.has("s") || flags.given().empty()) words.emplace_back("Linux");
  if (all || flags.has("n")) words.push_back(p.hostname());
  if (all || flags.has("r")) words.push_back(p.host().options().kernel_version);
  if (all || flags.has("v")) words.emplace_back(kKernelBuild);
  if (all || flags.has("m")) words.emplace_back("x86_64");
  if ((all && known) || flags.has("p")) words.emplace_back(known ? "x86_64" : "unknown");
  if ((all && known) || flags.has("i")) words.emplace_back(known ? "x86_64" : "unknown");
  if (all || flags.has("o")) words.emplace_back(busybox && p.exists("/etc/alpine-release") ? "Linux" : "GNU/Linux");
  co_await p.out(join(words, " ") + "\n");
  co_return 0;
}

constexpr std::string_view kArchHelp =
    "Usage: arch [OPTION]...\n"
    "Print machine architecture.\n"
    "\n";

Task<int> arch_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kArchHelp);
  if (flags.ended()) co_return flags.exit_code();
  co_await p.out("x86_64\n");
  co_return 0;
}

// --- tty ---

constexpr std::string_view kTtyHelp =
    "Usage: tty [OPTION]...\n"
    "Print the file name of the terminal connected to standard input.\n"
    "\n"
    "  -s, --silent, --quiet   print nothing, only return an exit status\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";

Task<int> tty_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kTtyHelp, 2);
  if (flags.ended()) co_return flags.exit_code();
  const auto tty = p.tty_of(0);
  if (!flags.has("s")) co_await p.out(tty ? "/dev/" + tty->name() + "\n" : std::string("not a tty\n"));
  co_return tty ? 0 : 1;
}

}  // namespace

void register_identity(ProgramRegistry& programs) {
  programs.add("id", id_main);
  programs.add("whoami", whoami_main);
  programs.add("groups", groups_main);
  programs.add("logname", logname_main);
  programs.add("hostname", hostname_main);
  programs.add("dnsdomainname", hostname_main);
  programs.add("uname", uname_main);
  programs.add("arch", arch_main);
  programs.add("tty", tty_main);
}

}  // namespace drydock
