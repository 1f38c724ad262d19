#include "core/programs/coreutils/support.h"

#include <algorithm>
#include <chrono>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/programs/shell/expansion/pattern.h"

namespace drydock {

// --- accounts ---

std::vector<Account> accounts_of(Process& process) {
  std::vector<Account> all;
  for (const std::string& line : split(process.files().read_file("/etc/passwd").value_or(""), '\n')) {
    const std::vector<std::string> parts = split(line, ':');
    if (parts.size() < 4) continue;
    Account account;
    account.name = parts[0];
    account.uid = static_cast<std::uint32_t>(parse_int(parts[2]).value_or(0));
    account.gid = static_cast<std::uint32_t>(parse_int(parts[3]).value_or(0));
    if (parts.size() > 4) account.comment = parts[4];
    if (parts.size() > 5) account.home = parts[5];
    if (parts.size() > 6) account.shell = parts[6];
    all.push_back(std::move(account));
  }
  return all;
}

std::vector<AccountGroup> groups_of(Process& process) {
  std::vector<AccountGroup> all;
  for (const std::string& line : split(process.files().read_file("/etc/group").value_or(""), '\n')) {
    const std::vector<std::string> parts = split(line, ':');
    if (parts.size() < 3) continue;
    AccountGroup group{parts[0], static_cast<std::uint32_t>(parse_int(parts[2]).value_or(0)), {}};
    if (parts.size() > 3 && !parts[3].empty()) group.members = split(parts[3], ',');
    all.push_back(std::move(group));
  }
  return all;
}

std::optional<Account> account_named(Process& process, std::string_view name) {
  for (Account& account : accounts_of(process)) {
    if (account.name == name) return std::move(account);
  }
  return std::nullopt;
}

std::string user_name(Process& process, std::uint32_t uid) {
  for (const Account& account : accounts_of(process)) {
    if (account.uid == uid) return account.name;
  }
  return std::to_string(uid);
}

std::string group_name(Process& process, std::uint32_t gid) {
  for (const AccountGroup& group : groups_of(process)) {
    if (group.gid == gid) return group.name;
  }
  return std::to_string(gid);
}

namespace {

std::optional<std::uint32_t> id_number(std::string_view text) {
  const auto number = parse_int(text);
  if (!number || *number < 0 || *number > 0xfffffffe) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

}  // namespace

std::optional<std::uint32_t> user_id(Process& process, std::string_view name_or_number) {
  if (const auto account = account_named(process, name_or_number)) return account->uid;
  return id_number(name_or_number);
}

std::optional<std::uint32_t> group_id(Process& process, std::string_view name_or_number) {
  for (const AccountGroup& group : groups_of(process)) {
    if (group.name == name_or_number) return group.gid;
  }
  return id_number(name_or_number);
}

// --- texts ---

std::string quoted(std::string_view name) {
  if (name.find('\'') == std::string_view::npos) return "'" + std::string(name) + "'";
  if (name.find_first_of("\"$`\\!") == std::string_view::npos) return "\"" + std::string(name) + "\"";
  return "'" + replace_all(name, "'", "'\\''") + "'";
}

std::string mode_text(const FileStat& info) {
  std::string text(1, info.type == FileType::kDirectory    ? 'd'
                      : info.type == FileType::kSymlink    ? 'l'
                      : info.type == FileType::kCharDevice ? 'c'
                      : info.type == FileType::kFifo       ? 'p'
                      : info.type == FileType::kSocket     ? 's'
                                                           : '-');
  for (int shift : {6, 3, 0}) {
    const std::uint32_t bits = info.mode >> shift;
    const bool special = shift == 6 ? info.mode & 04000 : shift == 3 ? info.mode & 02000 : info.mode & 01000;
    text += bits & 4 ? 'r' : '-';
    text += bits & 2 ? 'w' : '-';
    const char marked = shift == 0 ? 't' : 's';
    text += special ? (bits & 1 ? marked : static_cast<char>(marked - 32)) : bits & 1 ? 'x' : '-';
  }
  return text;
}

std::string type_text(const FileStat& info) {
  switch (info.type) {
    case FileType::kDirectory:
      return "directory";
    case FileType::kSymlink:
      return "symbolic link";
    case FileType::kFifo:
      return "fifo";
    case FileType::kCharDevice:
      return "character special file";
    case FileType::kSocket:
      return "socket";
    case FileType::kRegular:
      break;
  }
  return info.size == 0 ? "regular empty file" : "regular file";
}

std::string human_size(std::uint64_t bytes, std::uint64_t unit) {
  static constexpr char kUnits[] = "KMGTPE";
  if (bytes < unit) return std::to_string(bytes);
  // In integers: tenths of the unit, rounded up as the GNU tools do.
  std::uint64_t scale = unit;
  std::size_t at = 0;
  while (at + 1 < sizeof kUnits - 1 && bytes / scale >= unit) {
    scale *= unit;
    ++at;
  }
  for (;;) {
    const std::uint64_t whole = bytes / scale;
    const std::uint64_t rest = bytes % scale;
    if (whole < 10) {
      const std::uint64_t tenths = whole * 10 + (rest * 10 + scale - 1) / scale;
      if (tenths < 100)
        return format("%d.%d", static_cast<int>(tenths / 10), static_cast<int>(tenths % 10)) + kUnits[at];
    }
    const std::uint64_t rounded = whole + (rest != 0 ? 1 : 0);
    if (rounded < unit || at + 2 >= sizeof kUnits) {
      const char letter = unit == 1000 && at == 0 ? 'k' : kUnits[at];
      return std::to_string(rounded) + letter;
    }
    scale *= unit;
    ++at;
  }
}

std::uint64_t allocated_bytes(const FileStat& info) {
  if (info.type == FileType::kDirectory) return 4096;
  // A short symbolic link is kept in its inode.
  if (info.type != FileType::kRegular) return 0;
  return (info.size + 4095) / 4096 * 4096;
}

std::string path_in(std::string_view directory, std::string_view name) {
  if (directory.empty()) return std::string(name);
  std::string path(directory);
  if (path.back() != '/') path += '/';
  return path + std::string(name);
}

bool matches_pattern(std::string_view pattern, std::string_view text) { return shell::match_pattern(pattern, text); }

std::optional<std::int64_t> parse_size(std::string_view text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  std::int64_t number = 1;
  if (end > 0) {
    const auto digits = parse_int(text.substr(0, end));
    if (!digits) return std::nullopt;
    number = *digits;
  }
  std::string_view suffix = text.substr(end);
  if (suffix.empty()) return end > 0 ? std::optional(number) : std::nullopt;
  if (suffix == "c") return number;
  if (suffix == "w") return number * 2;
  if (suffix == "b") return number * 512;
  const std::size_t power = std::string_view("kKMGTP").find(suffix[0]);
  if (power == std::string_view::npos) return std::nullopt;
  suffix.remove_prefix(1);
  if (!suffix.empty() && suffix != "B" && suffix != "iB") return std::nullopt;
  const std::int64_t unit = suffix == "B" ? 1000 : 1024;
  for (std::size_t i = 0; i <= (power == 0 ? 0 : power - 1); ++i) number *= unit;
  return number;
}

// --- modes ---

std::optional<std::uint32_t> apply_mode(std::string_view spec, std::uint32_t mode, bool directory,
                                        std::uint32_t umask) {
  if (spec.empty()) return std::nullopt;
  if (spec.find_first_not_of("01234567") == std::string_view::npos) {
    std::uint32_t value = 0;
    for (char c : spec) {
      value = value * 8 + static_cast<std::uint32_t>(c - '0');
      if (value > 07777) return std::nullopt;
    }
    // A short octal mode leaves a directory's set-id bits alone.
    return directory && spec.size() < 5 ? value | (mode & 06000) : value;
  }
  for (const std::string& clause : split(spec, ',')) {
    const std::size_t first = clause.find_first_of("+-=");
    if (first == std::string::npos) return std::nullopt;
    std::uint32_t who = 0;
    for (char c : clause.substr(0, first)) {
      if (c != 'u' && c != 'g' && c != 'o' && c != 'a') return std::nullopt;
      who |= c == 'u' ? 04700u : c == 'g' ? 02070u : c == 'o' ? 01007u : 07777u;
    }
    const std::uint32_t reach = who != 0 ? who : 07777 & ~umask;
    for (std::size_t i = first; i < clause.size();) {
      const char operation = clause[i++];
      std::uint32_t bits = 0;
      for (; i < clause.size() && std::string_view("+-=").find(clause[i]) == std::string_view::npos; ++i) {
        switch (clause[i]) {
          case 'r':
            bits |= 0444;
            break;
          case 'w':
            bits |= 0222;
            break;
          case 'x':
            bits |= 0111;
            break;
          case 'X':
            if (directory || (mode & 0111) != 0) bits |= 0111;
            break;
          case 's':
            bits |= 06000;
            break;
          case 't':
            bits |= 01000;
            break;
          case 'u':
            bits |= ((mode >> 6) & 7) * 0111;
            break;
          case 'g':
            bits |= ((mode >> 3) & 7) * 0111;
            break;
          case 'o':
            bits |= (mode & 7) * 0111;
            break;
          default:
            return std::nullopt;
        }
      }
      bits &= reach;
      if (operation == '+') mode |= bits;
      if (operation == '-') mode &= ~bits;
      if (operation == '=') mode = (mode & ~(who != 0 ? who & (directory ? 01777u : 07777u) : 0777u)) | bits;
    }
  }
  return mode;
}

// --- what is said ---

Task<void> report(Process& process, std::string text) {
  co_await process.err(std::string(process.name()) + ": " + text + "\n");
}

Task<bool> confirmed(Process& process, std::string question) {
  co_await process.err(std::string(process.name()) + ": " + question + " ");
  const std::optional<std::string> answer = co_await process.read_line(0);
  co_return answer && !answer->empty() && ((*answer)[0] == 'y' || (*answer)[0] == 'Y');
}

}  // namespace drydock
