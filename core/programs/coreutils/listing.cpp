// ls, dir, vdir.
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/host/tty.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/columns.h"
#include "core/programs/coreutils/programs.h"
#include "core/programs/coreutils/support.h"

namespace drydock {
namespace {

constexpr std::string_view kHelp =
    "Usage: ls [OPTION]... [FILE]...\n"
    "List information about the FILEs (the current directory by default).\n"
    "Sort entries alphabetically if none of -cftuvSUX nor --sort is specified.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -a, --all                  do not ignore entries starting with .\n"
    "  -A, --almost-all           do not list implied . and ..\n"
    "  -b, --escape               print C-style escapes for nongraphic characters\n"
    "  -B, --ignore-backups       do not list implied entries ending with ~\n"
    "  -c                         with -lt: sort by, and show, ctime; with -l: show ctime\n"
    "  -C                         list entries by columns\n"
    "      --color[=WHEN]         color the output WHEN\n"
    "  -d, --directory            list directories themselves, not their contents\n"
    "  -f                         list all entries in directory order\n"
    "  -F, --classify[=WHEN]      append indicator (one of */=>@|) to entries WHEN\n"
    "      --file-type            likewise, except do not append '*'\n"
    "      --format=WORD          across -x, commas -m, horizontal -x, long -l,\n"
    "                               single-column -1, verbose -l, vertical -C\n"
    "      --full-time            like -l --time-style=full-iso\n"
    "  -g                         like -l, but do not list owner\n"
    "      --group-directories-first  group directories before files\n"
    "  -G, --no-group             in a long listing, don't print group names\n"
    "  -h, --human-readable       with -l and -s, print sizes like 1K 234M 2G etc.\n"
    "      --si                   likewise, but use powers of 1000 not 1024\n"
    "  -H, --dereference-command-line  follow symbolic links listed on the command line\n"
    "  -i, --inode                print the index number of each file\n"
    "  -I, --ignore=PATTERN       do not list implied entries matching shell PATTERN\n"
    "  -k, --kibibytes            default to 1024-byte blocks for file system usage\n"
    "  -l                         use a long listing format\n"
    "  -L, --dereference          show information for the file a symbolic link points to\n"
    "  -m                         fill width with a comma separated list of entries\n"
    "  -n, --numeric-uid-gid      like -l, but list numeric user and group IDs\n"
    "  -N, --literal              print entry names without quoting\n"
    "  -o                         like -l, but do not list group information\n"
    "  -p                         append / indicator to directories\n"
    "  -q, --hide-control-chars   print ? instead of nongraphic characters\n"
    "  -Q, --quote-name           enclose entry names in double quotes\n"
    "  -r, --reverse              reverse order while sorting\n"
    "  -R, --recursive            list subdirectories recursively\n"
    "  -s, --size                 print the allocated size of each file, in blocks\n"
    "  -S                         sort by file size, largest first\n"
    "      --sort=WORD            none (-U), size (-S), time (-t), version (-v), extension (-X)\n"
    "      --time=WORD            atime, access, use (-u); ctime, status (-c); mtime\n"
    "      --time-style=TIME_STYLE  full-iso, long-iso, iso, locale, or +FORMAT\n"
    "  -t                         sort by time, newest first\n"
    "  -u                         with -lt: sort by, and show, access time\n"
    "  -U                         do not sort; list entries in directory order\n"
    "  -v                         natural sort of (version) numbers within text\n"
    "  -w, --width=COLS           set output width to COLS.  0 means no limit\n"
    "  -x                         list entries by lines instead of by columns\n"
    "  -X                         sort alphabetically by entry extension\n"
    "  -Z, --context              print any security context of each file\n"
    "  -1                         list one file per line\n";

constexpr int kMaxDirectories = 20000;               // of one -R
constexpr Duration kRecent = seconds(31556952 / 2);  // half a year: beyond, the year is shown

struct Entry {
  std::string name;  // as shown
  std::string path;
  FileStat info;
  std::string target;  // of a symbolic link
  bool target_is_directory = false;
  bool dangling = false;
};

enum class Format { kLong, kColumns, kAcross, kCommas, kSingle };

struct Style {
  Format format = Format::kSingle;
  char sort = 'n';     // n(ame) S t v X U
  char time = 'm';     // m, a, c
  char indicator = 0;  // 0, '/', 't' (file type), 'F'
  bool color = false;
  char quoting = 'N';  // N(one), s(hell), Q, b
  std::string time_style;
  std::size_t width = 80;
  std::uint64_t unit = 0;  // of -h and --si; 0: plain numbers
  bool owner = true;
  bool group = true;
};

std::string_view extension_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot);
}

class Listing {
 public:
  Listing(Process& process, const CommandFlags& flags) : p_(process), flags_(flags) {}

  Task<int> run() {
    if (!(co_await choose_style())) co_return 2;
    std::vector<std::string> operands = flags_.operands();
    if (operands.empty()) operands.emplace_back(".");
    std::vector<Entry> files;
    std::vector<Entry> directories;
    const bool plain_links = flags_.has("d") || style_.indicator == 'F' || style_.format == Format::kLong;
    for (const std::string& path : operands) {
      const bool follow = flags_.has("L") || flags_.has("H") || !plain_links;
      auto info = p_.stat(path, follow);
      if (!info && follow && !flags_.has("L")) info = p_.stat(path, false);
      if (!info) {
        co_await report(p_, "cannot access " + quoted(path) + ": " + std::string(errno_text(info.error())));
        code_ = 2;
        continue;
      }
      Entry entry = make_entry(path, path, *info);
      (info->type == FileType::kDirectory && !flags_.has("d") ? directories : files).push_back(std::move(entry));
    }
    sort(files);
    sort(directories);
    std::string text = shown(files, false);
    const bool titled = operands.size() > 1 || flags_.has("R");
    // A stack, so that a directory's sub-directories come right after it.
    std::vector<std::pair<std::string, bool>> waiting;  // path, named by the user
    for (auto at = directories.rbegin(); at != directories.rend(); ++at) waiting.emplace_back(at->path, true);
    bool first = files.empty();
    for (int count = 0; !waiting.empty() && count < kMaxDirectories; ++count) {
      const auto [path, operand] = waiting.back();
      waiting.pop_back();
      auto names = p_.list_directory(path);
      if (!names) {
        co_await p_.out(std::exchange(text, {}));
        co_await report(p_, "cannot open directory " + quoted(path) + ": " + std::string(errno_text(names.error())));
        code_ = std::max(code_, operand ? 2 : 1);
        continue;
      }
      std::vector<Entry> entries = entries_of(path, *std::move(names));
      if (!first) text += "\n";
      first = false;
      if (titled) text += decorated_title(path) + ":\n";
      text += shown(entries, true);
      if (flags_.has("R")) {
        for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
          if (entry->info.type == FileType::kDirectory && entry->name != "." && entry->name != "..")
            waiting.emplace_back(entry->path, false);
        }
      }
    }
    co_await p_.out(text);
    co_return code_;
  }

 private:
  Task<bool> choose_style() {
    const auto tty = p_.tty_of(1);
    const std::string program(p_.name());
    style_.format = program == "vdir" ? Format::kLong : tty || program == "dir" ? Format::kColumns : Format::kSingle;
    if (tty) style_.quoting = 's';
    if (program != "ls") style_.quoting = 'b';
    style_.width = tty ? static_cast<std::size_t>(std::max(1, tty->columns())) : 80;
    if (flags_.has("width")) {
      const auto width = parse_int(flags_.value("width"));
      if (!width || *width < 0) {
        co_await report(p_, "invalid line width: " + quoted(flags_.value("width")));
        co_return false;
      }
      style_.width = *width == 0 ? SIZE_MAX : static_cast<std::size_t>(*width);
    }
    for (const CommandFlags::Given& given : flags_.given()) {
      const std::string word = given.value;
      if (given.name == "l" || given.name == "g" || given.name == "o" || given.name == "n" ||
          given.name == "full-time") {
        style_.format = Format::kLong;
        if (given.name == "g") style_.owner = false;
        if (given.name == "o") style_.group = false;
        if (given.name == "full-time") style_.time_style = "full-iso";
      } else if (given.name == "G") {
        style_.group = false;
      } else if (given.name == "1") {
        if (style_.format != Format::kLong) style_.format = Format::kSingle;
      } else if (given.name == "C") {
        style_.format = Format::kColumns;
      } else if (given.name == "x") {
        style_.format = Format::kAcross;
      } else if (given.name == "m") {
        style_.format = Format::kCommas;
      } else if (given.name == "format") {
        style_.format = word == "long" || word == "verbose"        ? Format::kLong
                        : word == "single-column"                  ? Format::kSingle
                        : word == "commas"                         ? Format::kCommas
                        : word == "across" || word == "horizontal" ? Format::kAcross
                                                                   : Format::kColumns;
      } else if (given.name == "h") {
        style_.unit = 1024;
      } else if (given.name == "si") {
        style_.unit = 1000;
      } else if (given.name == "S" || given.name == "t" || given.name == "v" || given.name == "X" ||
                 given.name == "U") {
        style_.sort = given.name[0];
      } else if (given.name == "f") {
        style_.sort = 'U';
      } else if (given.name == "sort") {
        style_.sort = word == "size"        ? 'S'
                      : word == "time"      ? 't'
                      : word == "version"   ? 'v'
                      : word == "extension" ? 'X'
                      : word == "none"      ? 'U'
                                            : 'n';
      } else if (given.name == "c" || given.name == "u") {
        style_.time = given.name == "c" ? 'c' : 'a';
        time_named_ = true;
      } else if (given.name == "time") {
        style_.time = word == "ctime" || word == "status" ? 'c' : word == "mtime" || word == "modification" ? 'm' : 'a';
        time_named_ = true;
      } else if (given.name == "p") {
        style_.indicator = '/';
      } else if (given.name == "F") {
        style_.indicator = wanted(word, tty != nullptr) ? 'F' : '\0';
      } else if (given.name == "file-type") {
        style_.indicator = 't';
      } else if (given.name == "color") {
        if (!word.empty() && word != "always" && word != "auto" && word != "never" && word != "tty" && word != "none" &&
            word != "yes" && word != "no" && word != "force" && word != "if-tty") {
          co_await p_.err("ls: invalid argument " + quoted(word) +
                          " for '--color'\nValid arguments are:\n  - 'always', 'yes', 'force'\n  - 'never', 'no', "
                          "'none'\n  - 'auto', 'tty', 'if-tty'\nTry 'ls --help' for more information.\n");
          co_return false;
        }
        style_.color = wanted(word, tty != nullptr);
      } else if (given.name == "Q") {
        style_.quoting = 'Q';
      } else if (given.name == "b") {
        style_.quoting = 'b';
      } else if (given.name == "N") {
        style_.quoting = 'N';
      } else if (given.name == "time-style") {
        style_.time_style = word;
      }
    }
    // -c and -u alone sort by that time, too, unless there is a long format.
    if (time_named_ && style_.format != Format::kLong && style_.sort == 'n') style_.sort = 't';
    co_return true;
  }

  static bool wanted(const std::string& when, bool tty) {
    if (when == "never" || when == "no" || when == "none") return false;
    return when == "auto" || when == "tty" || when == "if-tty" ? tty : true;
  }

  Entry make_entry(const std::string& name, const std::string& path, const FileStat& info) const {
    Entry entry{name, path, info, "", false, false};
    if (info.type == FileType::kSymlink) {
      entry.target = p_.read_link(path).value_or("");
      const auto to = p_.stat(path);
      entry.dangling = !to;
      entry.target_is_directory = to && to->type == FileType::kDirectory;
      if (to && flags_.has("L")) {
        entry.info = *to;
        entry.target.clear();
      }
    }
    return entry;
  }

  std::vector<Entry> entries_of(const std::string& directory, std::vector<std::string> names) const {
    const bool all = flags_.has("a") || flags_.has("f");
    if (all && !flags_.has("A")) names.insert(names.begin(), {".", ".."});
    if (flags_.last_of("a A") == "a" && flags_.has("A")) names.insert(names.begin(), {".", ".."});
    std::vector<Entry> entries;
    for (const std::string& name : names) {
      if (name.starts_with(".") && !all && !flags_.has("A")) continue;
      if (flags_.has("B") && name.ends_with("~")) continue;
      const std::vector<std::string> ignored = flags_.values("I");
      if (std::any_of(ignored.begin(), ignored.end(),
                      [&](const std::string& pattern) { return matches_pattern(pattern, name); }))
        continue;
      const std::string path = path_in(directory, name);
      const auto info = p_.stat(path, false);
      if (info) entries.push_back(make_entry(name, path, *info));
    }
    sort(entries);
    return entries;
  }

  TimePoint time_of(const Entry& entry) const {
    return style_.time == 'a' ? entry.info.accessed : style_.time == 'c' ? entry.info.changed : entry.info.modified;
  }

  void sort(std::vector<Entry>& entries) const {
    const bool grouped = flags_.has("group-directories-first");
    auto less = [&](const Entry& a, const Entry& b) {
      switch (style_.sort) {
        case 'S':
          if (a.info.size != b.info.size) return a.info.size > b.info.size;
          break;
        case 't':
          if (time_of(a) != time_of(b)) return time_of(a) > time_of(b);
          break;
        case 'v':
          if (version_less(a.name, b.name)) return true;
          if (version_less(b.name, a.name)) return false;
          break;
        case 'X':
          if (extension_of(a.name) != extension_of(b.name)) return extension_of(a.name) < extension_of(b.name);
          break;
        default:
          break;
      }
      return a.name < b.name;
    };
    if (style_.sort == 'U') return;
    const bool reversed = flags_.has("r");
    auto is_directory = [](const Entry& entry) {
      return entry.info.type == FileType::kDirectory || entry.target_is_directory;
    };
    std::sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
      if (grouped && is_directory(a) != is_directory(b)) return is_directory(a);
      return reversed ? less(b, a) : less(a, b);
    });
  }

  // --- how a name looks ---

  std::string quoted_name(const std::string& name) const {
    std::string text;
    switch (style_.quoting) {
      case 's': {
        const bool safe = name.find_first_of(" \t\n'\"\\$&|;<>()*?[]`!#=^") == std::string::npos && name[0] != '~';
        return safe ? name : quoted(name);
      }
      case 'Q':
        for (char c : name) text += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
        return "\"" + text + "\"";
      case 'b':
        for (char c : name)
          text += c == ' ' ? "\\ " : c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\\' ? "\\\\" : std::string(1, c);
        return text;
      default:
        return name;
    }
  }

  static const char* color_of(const FileStat& info, bool dangling) {
    (void)dangling;
    switch (info.type) {
      case FileType::kDirectory:
        if ((info.mode & 01002) == 01002) return "30;42";
        if ((info.mode & 0002) != 0) return "34;42";
        return (info.mode & 01000) != 0 ? "37;44" : "01;34";
      case FileType::kSymlink:
        return "01;36";
      case FileType::kFifo:
        return "33";
      case FileType::kSocket:
        return "01;35";
      case FileType::kCharDevice:
        return "01;33";
      case FileType::kRegular:
        break;
    }
    if ((info.mode & 04000) != 0) return "37;41";
    if ((info.mode & 02000) != 0) return "30;43";
    return (info.mode & 0111) != 0 ? "01;32" : "";
  }

  std::string painted(const std::string& text, const char* color) {
    if (!style_.color || *color == '\0') return text;
    const std::string reset = std::exchange(painted_yet_, true) ? "" : "\x1b[0m";
    return reset + "\x1b[" + color + "m" + text + "\x1b[0m";
  }

  std::string indicator(const FileStat& info, bool long_link) const {
    if (style_.indicator == 0) return "";
    if (info.type == FileType::kDirectory) return "/";
    if (style_.indicator == '/') return "";
    if (info.type == FileType::kSymlink) return long_link ? "" : "@";
    if (info.type == FileType::kFifo) return "|";
    if (info.type == FileType::kSocket) return "=";
    return style_.indicator == 'F' && info.type == FileType::kRegular && (info.mode & 0111) != 0 ? "*" : "";
  }

  // The name with its inode number, size, quotes and indicator.
  Cell cell(const Entry& entry, std::size_t number_width, std::size_t size_width) {
    Cell cell;
    std::string prefix;
    if (flags_.has("i")) prefix += pad_left(std::to_string(entry.info.number), number_width) + " ";
    if (flags_.has("s")) prefix += pad_left(blocks(entry.info), size_width) + " ";
    const std::string name = quoted_name(entry.name);
    if (some_quoted_ && name == entry.name) prefix += " ";
    const std::string tail = indicator(entry.info, false);
    cell.text = prefix + painted(name, color_of(entry.info, entry.dangling)) + tail;
    cell.width = display_width(prefix) + display_width(name) + tail.size();
    return cell;
  }

  std::string decorated_title(const std::string& path) const {
    return style_.quoting == 's' || style_.quoting == 'Q' ? quoted_name(path) : path;
  }

  std::string blocks(const FileStat& info) const {
    const std::uint64_t bytes = allocated_bytes(info);
    return style_.unit != 0 ? human_size(bytes, style_.unit) : std::to_string(bytes / 1024);
  }
  std::string size_text(const FileStat& info) const {
    if (info.type == FileType::kCharDevice) return "1, 3";
    return style_.unit != 0 ? human_size(info.size, style_.unit) : std::to_string(info.size);
  }

  std::string date(const Entry& entry) const {
    const TimePoint when = time_of(entry);
    const bool recent = when <= p_.now() && p_.now() - when < kRecent;
    const std::string& name = style_.time_style;
    if (name == "full-iso") return format_time(when, "%Y-%m-%d %H:%M:%S.%N %z");
    if (name == "long-iso") return format_time(when, "%Y-%m-%d %H:%M");
    if (name == "iso") return format_time(when, recent ? "%m-%d %H:%M" : "%Y-%m-%d ");
    if (name.starts_with("+")) return format_time(when, name.substr(1));
    return format_time(when, recent ? "%b %e %H:%M" : "%b %e  %Y");
  }

  // --- formats ---

  std::string shown(const std::vector<Entry>& entries, bool of_directory) {
    std::string text;
    if (of_directory && (style_.format == Format::kLong || flags_.has("s"))) {
      std::uint64_t total = 0;
      for (const Entry& entry : entries) total += allocated_bytes(entry.info);
      text = "total " + (style_.unit != 0 ? human_size(total, style_.unit) : std::to_string(total / 1024)) + "\n";
    }
    some_quoted_ = false;
    if (style_.quoting == 's' && style_.format != Format::kCommas && style_.format != Format::kSingle) {
      some_quoted_ = std::any_of(entries.begin(), entries.end(),
                                 [&](const Entry& entry) { return quoted_name(entry.name) != entry.name; });
    }
    if (style_.format == Format::kLong) return text + long_rows(entries);
    std::size_t number_width = 0;
    std::size_t size_width = 0;
    for (const Entry& entry : entries) {
      number_width = std::max(number_width, std::to_string(entry.info.number).size());
      size_width = std::max(size_width, blocks(entry.info).size());
    }
    std::vector<Cell> cells;
    for (const Entry& entry : entries) cells.push_back(cell(entry, number_width, size_width));
    if (cells.empty()) return text;
    if (style_.format == Format::kColumns || style_.format == Format::kAcross)
      return text + in_columns(cells, style_.width, style_.format == Format::kAcross, !style_.color);
    if (style_.format == Format::kCommas) return text + in_commas(cells, style_.width);
    for (const Cell& one : cells) text += one.text + "\n";
    return text;
  }

  std::string long_rows(const std::vector<Entry>& entries) {
    std::vector<std::vector<std::string>> rows;  // number, blocks, links, owner, group, size
    std::vector<std::size_t> widths(6, 0);
    const bool numeric = flags_.has("n");
    for (const Entry& entry : entries) {
      const FileStat& info = entry.info;
      std::vector<std::string> row = {
          std::to_string(info.number),
          blocks(info),
          std::to_string(info.links + (info.type == FileType::kDirectory ? subdirectories(entry.path) + 1 : 0)),
          numeric ? std::to_string(info.uid) : user_name(p_, info.uid),
          numeric ? std::to_string(info.gid) : group_name(p_, info.gid),
          size_text(info)};
      for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
      rows.push_back(std::move(row));
    }
    std::string text;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const Entry& entry = entries[i];
      const std::vector<std::string>& row = rows[i];
      if (flags_.has("i")) text += pad_left(row[0], widths[0]) + " ";
      if (flags_.has("s")) text += pad_left(row[1], widths[1]) + " ";
      text += mode_text(entry.info) + " " + pad_left(row[2], widths[2]) + " ";
      if (style_.owner) text += pad_right(row[3], widths[3]) + " ";
      if (style_.group) text += pad_right(row[4], widths[4]) + " ";
      if (flags_.has("Z")) text += "? ";
      text += pad_left(row[5], widths[5]) + " " + date(entry) + " ";
      const std::string name = quoted_name(entry.name);
      if (some_quoted_ && name == entry.name) text += " ";
      text += painted(name, color_of(entry.info, entry.dangling));
      if (entry.target.empty()) {
        text += indicator(entry.info, true);
      } else {
        const auto to = p_.stat(entry.path);
        text += " -> " + (to ? painted(quoted_name(entry.target), color_of(*to, false)) + indicator(*to, true)
                             : quoted_name(entry.target));
      }
      text += "\n";
    }
    return text;
  }

  // A directory is linked by its own "." and by the ".." of each directory in it.
  std::uint32_t subdirectories(const std::string& path) const {
    std::uint32_t count = 0;
    for (const std::string& name : p_.list_directory(path).value_or({})) {
      const auto info = p_.stat(path_in(path, name), false);
      if (info && info->type == FileType::kDirectory) ++count;
    }
    return count;
  }

  Process& p_;
  const CommandFlags& flags_;
  Style style_;
  bool time_named_ = false;
  bool some_quoted_ = false;
  bool painted_yet_ = false;
  int code_ = 0;
};

Task<int> ls_main(Process& process) {
  const CommandFlags flags = co_await read_flags(process, kHelp, 2);
  if (flags.ended()) co_return flags.exit_code();
  Listing listing(process, flags);
  co_return co_await listing.run();
}

}  // namespace

void register_listing(ProgramRegistry& programs) {
  for (const char* name : {"ls", "dir", "vdir"}) programs.add(name, ls_main);
}

}  // namespace drydock
