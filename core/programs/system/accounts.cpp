// Users and groups: getent, useradd, userdel, usermod, groupadd, groupdel, passwd, chpasswd.
// Nobody has a password here: /etc/shadow does not exist, and root may become anybody.
#include <algorithm>
#include <set>

#include "core/base/strings.h"
#include "core/host/program.h"
#include "core/host/tty.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/net/fetch.h"
#include "core/programs/system/programs.h"
#include "core/programs/text_tools/streams.h"

namespace drydock {
namespace {

constexpr std::uint32_t kFirstUser = 1000;
constexpr std::uint32_t kFirstSystem = 201;  // of useradd -r, upwards

// --- getent ---

constexpr std::string_view kGetentHelp =
    "Usage: getent [OPTION...] database [key ...]\n"
    "Get entries from administrative database.\n"
    "\n"
    "  -i, --no-idn               disable IDN encoding\n"
    "  -s, --service=CONFIG       Service configuration to be used\n"
    "\n"
    "Supported databases:\n"
    "ahosts ahostsv4 group hosts networks passwd protocols services\n";

Task<int> getent_hosts(Process& p, std::vector<std::string> keys, bool streams) {
  if (keys.empty()) {
    for (const std::string& line : split_lines(p.read_file("/etc/hosts").value_or(""))) {
      const std::vector<std::string> words = split_whitespace(line.substr(0, line.find('#')));
      if (words.size() < 2 || contains(words[0], ":")) continue;
      co_await p.out(pad_right(words[0], 15) + " " + join(std::span<const std::string>(words).subspan(1), " ") + "\n");
    }
    co_return 0;
  }
  int code = 0;
  for (const std::string& name : keys) {
    // The hosts file answers with all its names of the address.
    std::string from_file;
    for (const std::string& line : split_lines(p.read_file("/etc/hosts").value_or(""))) {
      const std::vector<std::string> words = split_whitespace(line.substr(0, line.find('#')));
      if (words.size() < 2 || contains(words[0], ":") || !from_file.empty()) continue;
      if (words[0] == name || std::find(words.begin() + 1, words.end(), name) != words.end())
        from_file = pad_right(words[0], 15) + " " + join(std::span<const std::string>(words).subspan(1), " ") + "\n";
    }
    if (!from_file.empty() && !streams) {
      co_await p.out(std::move(from_file));
      continue;
    }
    const Resolution found = co_await resolve_name(p, name);
    if (found.kind != Resolution::Kind::kFound || found.addresses.empty()) {
      code = 2;
      continue;
    }
    std::string out;
    for (const Ipv4& address : found.addresses) {
      if (!streams) {
        out += pad_right(address.text(), 15) + " " + name + "\n";
        continue;
      }
      for (const char* kind : {"STREAM", "DGRAM", "RAW"})
        out += pad_right(address.text(), 15) + " " + pad_right(kind, 6) + (out.empty() ? " " + name : std::string()) +
               "\n";
    }
    co_await p.out(std::move(out));
  }
  co_return code;
}

Task<int> getent_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kGetentHelp);
  if (flags.ended()) co_return flags.exit_code();
  if (flags.operands().empty()) {
    co_await p.err(
        "getent: wrong number of arguments\nTry `getent --help' or `getent --usage' for more information.\n");
    co_return 1;
  }
  const std::string database = flags.operands()[0];
  const std::vector<std::string> keys(flags.operands().begin() + 1, flags.operands().end());
  if (database == "hosts") co_return co_await getent_hosts(p, keys, false);
  if (database == "ahosts" || database == "ahostsv4") co_return co_await getent_hosts(p, keys, true);
  static constexpr std::string_view kFiles = " passwd group services protocols networks ";
  if (!contains(kFiles, " " + database + " ")) {
    co_await p.err("Unknown database: " + database +
                   "\nTry `getent --help' or `getent --usage' for more information.\n");
    co_return 1;
  }
  const bool accounts = database == "passwd" || database == "group";
  const std::vector<std::string> lines = split_lines(p.files().read_file("/etc/" + database).value_or(""));
  if (keys.empty()) {
    if (!lines.empty()) co_await p.out(join(lines, "\n") + "\n");
    co_return 0;
  }
  int code = 0;
  for (const std::string& key : keys) {
    bool found = false;
    for (const std::string& line : lines) {
      const std::vector<std::string> parts =
          accounts ? split(line, ':') : split_whitespace(line.substr(0, line.find('#')));
      if (parts.size() < 2) continue;
      const bool same = parts[0] == key || (accounts ? parts.size() > 2 && parts[2] == key
                                                     : std::find(parts.begin(), parts.end(), key) != parts.end());
      if (!same) continue;
      co_await p.out(line + "\n");
      found = true;
      break;
    }
    if (!found) code = 2;
  }
  co_return code;
}

// --- changing the files ---

struct Databases {
  std::vector<std::string> users;
  std::vector<std::string> groups;
};

Databases load(Process& p) {
  return {split_lines(p.files().read_file("/etc/passwd").value_or("")),
          split_lines(p.files().read_file("/etc/group").value_or(""))};
}

void store(Process& p, const Databases& all) {
  (void)p.files().write_file("/etc/passwd", join(all.users, "\n") + "\n", p.now());
  (void)p.files().write_file("/etc/group", join(all.groups, "\n") + "\n", p.now());
}

std::size_t line_of(const std::vector<std::string>& lines, std::string_view name) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].starts_with(std::string(name) + ":")) return i;
  }
  return std::string::npos;
}

std::uint32_t free_number(const std::vector<std::string>& users, const std::vector<std::string>& groups,
                          std::uint32_t from) {
  std::set<std::string> taken;
  for (const auto* lines : {&users, &groups}) {
    for (const std::string& line : *lines) {
      const std::vector<std::string> parts = split(line, ':');
      if (parts.size() > 2) taken.insert(parts[2]);
    }
  }
  while (taken.contains(std::to_string(from))) ++from;
  return from;
}

bool valid_name(std::string_view name) {
  if (name.empty() || name.size() > 32) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool later = (c >= '0' && c <= '9') || c == '-' || c == '.' || (c == '$' && i + 1 == name.size());
    if (!letter && (i == 0 || !later)) return false;
  }
  return true;
}

// Puts a user into the groups named, or out of those not named with `only`.
void set_membership(std::vector<std::string>& groups, const std::string& user, const std::vector<std::string>& names,
                    bool only) {
  for (std::string& line : groups) {
    std::vector<std::string> parts = split(line, ':');
    parts.resize(4);
    std::vector<std::string> members = parts[3].empty() ? std::vector<std::string>() : split(parts[3], ',');
    const bool wanted = std::find(names.begin(), names.end(), parts[0]) != names.end();
    const auto there = std::find(members.begin(), members.end(), user);
    if (wanted && there == members.end()) members.push_back(user);
    if (!wanted && only && there != members.end()) members.erase(there);
    parts[3] = join(members, ",");
    line = join(parts, ":");
  }
}

// Everything here is root's: "useradd: Permission denied.\nuseradd: cannot lock /etc/passwd; try again later."
Task<bool> may_change(Process& p, const char* file) {
  if (p.credentials().uid == 0) co_return true;
  const std::string name(p.name());
  co_await p.err(name + ": Permission denied.\n" + name + ": cannot lock " + file + "; try again later.\n");
  co_return false;
}

constexpr std::string_view kUseraddHelp =
    "Usage: useradd [options] LOGIN\n"
    "\n"
    "Options:\n"
    "  -b, --base-dir=BASE_DIR       base directory for the home directory of the\n"
    "                                new account\n"
    "  -c, --comment=COMMENT         GECOS field of the new account\n"
    "  -d, --home-dir=HOME_DIR       home directory of the new account\n"
    "  -g, --gid=GROUP               name or ID of the primary group of the new\n"
    "                                account\n"
    "  -G, --groups=GROUPS           list of supplementary groups of the new\n"
    "                                account\n"
    "  -m, --create-home             create the user's home directory\n"
    "  -M, --no-create-home          do not create the user's home directory\n"
    "  -N, --no-user-group           do not create a group with the same name as\n"
    "                                the user\n"
    "  -o, --non-unique              allow to create users with duplicate\n"
    "                                (non-unique) UID\n"
    "  -p, --password=PASSWORD       encrypted password of the new account\n"
    "  -r, --system                  create a system account\n"
    "  -s, --shell=SHELL             login shell of the new account\n"
    "  -u, --uid=UID                 user ID of the new account\n"
    "  -U, --user-group              create a group with the same name as the user\n";

Task<int> useradd_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kUseraddHelp, 2);
  if (flags.ended()) co_return flags.exit_code();
  if (flags.operands().size() != 1) {
    co_await p.err(replace_all(kUseraddHelp, "=", " "));
    co_return 2;
  }
  const std::string name = flags.operands()[0];
  if (!valid_name(name)) {
    co_await report(p, "invalid user name '" + name + "'");
    co_return 3;
  }
  const bool allowed = co_await may_change(p, "/etc/passwd");
  if (!allowed) co_return 1;
  Databases all = load(p);
  if (line_of(all.users, name) != std::string::npos) {
    co_await report(p, "user '" + name + "' already exists");
    co_return 9;
  }
  const bool system = flags.has("r");
  const auto asked = parse_int(flags.value("u", "-1"));
  if (flags.has("u") && (!asked || *asked < 0)) {
    co_await report(p, "invalid user ID '" + flags.value("u") + "'");
    co_return 3;
  }
  if (flags.has("u") && !flags.has("o")) {
    for (const Account& account : accounts_of(p)) {
      if (account.uid != static_cast<std::uint32_t>(*asked)) continue;
      co_await report(p, "UID " + flags.value("u") + " is not unique");
      co_return 4;
    }
  }
  const std::uint32_t uid = flags.has("u") ? static_cast<std::uint32_t>(*asked)
                                           : free_number(all.users, all.groups, system ? kFirstSystem : kFirstUser);
  std::uint32_t gid = uid;
  if (flags.has("g")) {
    const auto known = group_id(p, flags.value("g"));
    if (!known) {
      co_await report(p, "group '" + flags.value("g") + "' does not exist");
      co_return 6;
    }
    gid = *known;
  } else if (flags.has("N")) {
    gid = group_id(p, "users").value_or(100);
  } else if (line_of(all.groups, name) != std::string::npos) {
    co_await report(p, "group " + name + " exists - if you want to add this user to that group, use -g.");
    co_return 9;
  }
  const std::vector<std::string> extra = flags.has("G") ? split(flags.value("G"), ',') : std::vector<std::string>();
  for (const std::string& group : extra) {
    if (line_of(all.groups, group) != std::string::npos) continue;
    co_await report(p, "group '" + group + "' does not exist");
    co_return 6;
  }
  const std::string home = flags.value("d", flags.value("b", "/home") + "/" + name);
  const std::string shell = flags.value("s", p.exists("/bin/bash") ? "/bin/bash" : "/bin/sh");
  if (!flags.has("g") && !flags.has("N")) all.groups.push_back(name + ":x:" + std::to_string(gid) + ":");
  all.users.push_back(name + ":x:" + std::to_string(uid) + ":" + std::to_string(gid) + ":" + flags.value("c") + ":" +
                      home + ":" + shell);
  set_membership(all.groups, name, extra, false);
  store(p, all);
  // Red Hat's login.defs asks for a home, Debian's does not.
  const bool by_default = p.exists("/etc/redhat-release") && !system;
  if ((flags.has("m") || by_default) && !flags.has("M") && !p.exists(home)) {
    (void)p.make_directories(home, 0700);
    (void)p.change_mode(home, 0700);
    (void)p.change_owner(home, uid, gid);
  }
  co_return 0;
}

constexpr std::string_view kUserdelHelp =
    "Usage: userdel [options] LOGIN\n"
    "\n"
    "Options:\n"
    "  -f, --force                   force some actions that would fail otherwise\n"
    "                                e.g. removal of user still logged in\n"
    "                                or files, even if not owned by the user\n"
    "  -r, --remove                  remove home directory and mail spool\n";

Task<int> userdel_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kUserdelHelp, 2);
  if (flags.ended()) co_return flags.exit_code();
  if (flags.operands().size() != 1) {
    co_await p.err(std::string(kUserdelHelp));
    co_return 2;
  }
  const std::string name = flags.operands()[0];
  const auto account = account_named(p, name);
  if (!account) {
    co_await report(p, "user '" + name + "' does not exist");
    co_return 6;
  }
  const bool allowed = co_await may_change(p, "/etc/passwd");
  if (!allowed) co_return 1;
  Databases all = load(p);
  all.users.erase(all.users.begin() + static_cast<std::ptrdiff_t>(line_of(all.users, name)));
  set_membership(all.groups, name, {}, true);
  const std::size_t own = line_of(all.groups, name);
  if (own != std::string::npos && all.groups[own].ends_with(":"))
    all.groups.erase(all.groups.begin() + static_cast<std::ptrdiff_t>(own));
  store(p, all);
  if (flags.has("r") && p.exists(account->home)) (void)p.files().remove_tree(account->home, p.now());
  co_return 0;
}

constexpr std::string_view kUsermodHelp =
    "Usage: usermod [options] LOGIN\n"
    "\n"
    "Options:\n"
    "  -a, --append                  append the user to the supplemental GROUPS\n"
    "                                mentioned by the -G option without removing\n"
    "                                the user from other groups\n"
    "  -c, --comment=COMMENT         new value of the GECOS field\n"
    "  -d, --home=HOME_DIR           new home directory for the user account\n"
    "  -g, --gid=GROUP               force use GROUP as new primary group\n"
    "  -G, --groups=GROUPS           new list of supplementary GROUPS\n"
    "  -l, --login=NEW_LOGIN         new value of the login name\n"
    "  -L, --lock                    lock the user account\n"
    "  -m, --move-home               move contents of the home directory to the\n"
    "                                new location (use only with -d)\n"
    "  -s, --shell=SHELL             new login shell for the user account\n"
    "  -u, --uid=UID                 new UID for the user account\n"
    "  -U, --unlock                  unlock the user account\n";

Task<int> usermod_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kUsermodHelp, 2);
  if (flags.ended()) co_return flags.exit_code();
  if (flags.operands().size() != 1 || flags.given().empty()) {
    co_await p.err(flags.given().empty() ? "usermod: no options\n" : replace_all(kUsermodHelp, "=", " "));
    co_return 2;
  }
  std::string name = flags.operands()[0];
  Databases all = load(p);
  const std::size_t at = line_of(all.users, name);
  if (at == std::string::npos) {
    co_await report(p, "user '" + name + "' does not exist");
    co_return 6;
  }
  const std::vector<std::string> groups = flags.has("G") ? split(flags.value("G"), ',') : std::vector<std::string>();
  for (const std::string& group : groups) {
    if (line_of(all.groups, group) != std::string::npos) continue;
    co_await report(p, "group '" + group + "' does not exist");
    co_return 6;
  }
  const bool allowed = co_await may_change(p, "/etc/passwd");
  if (!allowed) co_return 1;
  std::vector<std::string> parts = split(all.users[at], ':');
  parts.resize(7);
  if (flags.has("g")) {
    const auto gid = group_id(p, flags.value("g"));
    if (!gid) {
      co_await report(p, "group '" + flags.value("g") + "' does not exist");
      co_return 6;
    }
    parts[3] = std::to_string(*gid);
  }
  if (flags.has("u")) parts[2] = flags.value("u");
  if (flags.has("c")) parts[4] = flags.value("c");
  if (flags.has("d")) {
    if (flags.has("m") && p.exists(parts[5])) (void)p.rename(parts[5], flags.value("d"));
    parts[5] = flags.value("d");
  }
  if (flags.has("s")) parts[6] = flags.value("s");
  if (flags.has("G")) set_membership(all.groups, name, groups, !flags.has("a"));
  if (flags.has("l")) {
    for (std::string& line : all.groups) {
      std::vector<std::string> fields = split(line, ':');
      if (fields.size() < 4) continue;
      std::vector<std::string> members = split(fields[3], ',');
      std::replace(members.begin(), members.end(), name, flags.value("l"));
      fields[3] = join(members, ",");
      line = join(fields, ":");
    }
    parts[0] = flags.value("l");
  }
  all.users[at] = join(parts, ":");
  store(p, all);
  co_return 0;
}

constexpr std::string_view kGroupaddHelp =
    "Usage: groupadd [options] GROUP\n"
    "\n"
    "Options:\n"
    "  -f, --force                   exit successfully if the group already exists,\n"
    "                                and cancel -g if the GID is already used\n"
    "  -g, --gid=GID                 use GID for the new group\n"
    "  -o, --non-unique              allow to create groups with duplicate\n"
    "                                (non-unique) GID\n"
    "  -r, --system                  create a system account\n";

Task<int> groupadd_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kGroupaddHelp, 2);
  if (flags.ended()) co_return flags.exit_code();
  if (flags.operands().size() != 1) {
    co_await p.err(replace_all(kGroupaddHelp, "=", " "));
    co_return 2;
  }
  const std::string name = flags.operands()[0];
  Databases all = load(p);
  std::string problem;
  int code = 0;
  if (!valid_name(name)) {
    problem = "'" + name + "' is not a valid group name";
    code = 3;
  } else if (line_of(all.groups, name) != std::string::npos) {
    if (flags.has("f")) co_return 0;
    problem = "group '" + name + "' already exists";
    code = 9;
  }
  for (const AccountGroup& group : groups_of(p)) {
    if (!problem.empty() || !flags.has("g") || flags.has("o") || std::to_string(group.gid) != flags.value("g"))
      continue;
    problem = "GID '" + flags.value("g") + "' already exists";
    code = 4;
  }
  if (!problem.empty()) {
    co_await report(p, problem);
    co_return code;
  }
  const bool allowed = co_await may_change(p, "/etc/group");
  if (!allowed) co_return 1;
  const std::string gid =
      flags.value("g", std::to_string(free_number(all.users, all.groups, flags.has("r") ? kFirstSystem : kFirstUser)));
  all.groups.push_back(name + ":x:" + gid + ":");
  store(p, all);
  co_return 0;
}

constexpr std::string_view kGroupdelHelp =
    "Usage: groupdel [options] GROUP\n"
    "\n"
    "Options:\n"
    "  -f, --force                   delete group even if it is the primary group of a user\n";

Task<int> groupdel_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kGroupdelHelp, 2);
  if (flags.ended()) co_return flags.exit_code();
  if (flags.operands().size() != 1) {
    co_await p.err(std::string(kGroupdelHelp));
    co_return 2;
  }
  const std::string name = flags.operands()[0];
  Databases all = load(p);
  const std::size_t at = line_of(all.groups, name);
  if (at == std::string::npos) {
    co_await report(p, "group '" + name + "' does not exist");
    co_return 6;
  }
  const std::uint32_t gid = group_id(p, name).value_or(0);
  for (const Account& account : accounts_of(p)) {
    if (account.gid != gid || flags.has("f")) continue;
    co_await report(p, "cannot remove the primary group of user '" + account.name + "'");
    co_return 8;
  }
  const bool allowed = co_await may_change(p, "/etc/group");
  if (!allowed) co_return 1;
  all.groups.erase(all.groups.begin() + static_cast<std::ptrdiff_t>(at));
  store(p, all);
  co_return 0;
}

// --- passwd, chpasswd: asked for and thrown away, since nothing asks for one ---

Task<std::optional<std::string>> ask_secret(Process& p, std::string prompt) {
  co_await p.out(std::move(prompt));
  const auto tty = p.tty_of(0);
  Tty::Modes before;
  if (tty) {
    before = tty->modes();
    Tty::Modes hidden = before;
    hidden.echo = false;
    tty->set_modes(hidden);
  }
  std::optional<std::string> answer = co_await p.read_line(0);
  if (tty) tty->set_modes(before);
  co_await p.out("\n");
  co_return answer;
}

Task<int> passwd_main(Process& p) {
  std::string user = user_name(p, p.credentials().uid);
  bool from_input = false;
  for (const std::string& word : p.arguments()) {
    if (word == "--stdin")
      from_input = true;
    else if (word == "-l" || word == "-u" || word == "-d" || word == "-e" || word == "-S")
      continue;
    else if (word.starts_with("-")) {
      co_await p.err("passwd: bad argument " + word + ": unknown option\n");
      co_return 1;
    } else {
      user = word;
    }
  }
  if (!account_named(p, user)) {
    co_await p.err("passwd: Unknown user name '" + user + "'.\n");
    co_return 1;
  }
  if (p.credentials().uid != 0 && user != user_name(p, p.credentials().uid)) {
    co_await p.err("passwd: Only root can specify a user name.\n");
    co_return 1;
  }
  co_await p.out("Changing password for user " + user + ".\n");
  const auto first = from_input ? co_await p.read_line(0) : co_await ask_secret(p, "New password: ");
  const auto again = from_input ? first : co_await ask_secret(p, "Retype new password: ");
  if (!first || first->empty()) {
    co_await p.err("passwd: Authentication token manipulation error\n");
    co_return 1;
  }
  if (first != again) {
    co_await p.err("Sorry, passwords do not match.\npasswd: Authentication token manipulation error\n");
    co_return 1;
  }
  co_await p.out("passwd: all authentication tokens updated successfully.\n");
  co_return 0;
}

Task<int> chpasswd_main(Process& p) {
  int number = 0;
  int code = 0;
  while (const auto line = co_await p.read_line(0)) {
    ++number;
    const std::string name = line->substr(0, line->find(':'));
    const std::string where = "chpasswd: line " + std::to_string(number) + ": ";
    if (!contains(*line, ":")) {
      co_await p.err(where + "missing new password\n");
      code = 1;
    } else if (!account_named(p, name)) {
      co_await p.err(where + "user '" + name + "' does not exist\n");
      code = 1;
    }
  }
  co_return code;
}

}  // namespace

void register_accounts(ProgramRegistry& programs) {
  programs.add("getent", getent_main);
  programs.add("useradd", useradd_main);
  programs.add("userdel", userdel_main);
  programs.add("usermod", usermod_main);
  programs.add("groupadd", groupadd_main);
  programs.add("groupdel", groupdel_main);
  programs.add("passwd", passwd_main);
  programs.add("chpasswd", chpasswd_main);
}

}  // namespace drydock
