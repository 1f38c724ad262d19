// stat, readlink, realpath, basename, dirname, which, whereis.
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/programs.h"
#include "core/programs/coreutils/support.h"

namespace drydock {
namespace {

// --- stat ---

constexpr std::string_view kStatHelp =
    "Usage: stat [OPTION]... FILE...\n"
    "Display file or file system status.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -L, --dereference     follow links\n"
    "  -f, --file-system     display file system status instead of file status\n"
    "      --cached=MODE     specify how to use cached attributes\n"
    "  -c, --format=FORMAT   use the specified FORMAT instead of the default;\n"
    "                          output a newline after each use of FORMAT\n"
    "      --printf=FORMAT   like --format, but interpret backslash escapes,\n"
    "                          and do not output a mandatory trailing newline\n"
    "  -t, --terse           print the information in terse form\n";

constexpr const char* kFullTime = "%Y-%m-%d %H:%M:%S.%N %z";

std::string mount_point_of(Process& p, const std::string& path) {
  const std::string real = p.real_path(path).value_or("/");
  std::string best = "/";
  for (const Mount& mount : p.files().mounts()) {
    if ((real == mount.path || real.starts_with(mount.path + "/")) && mount.path.size() > best.size())
      best = mount.path;
  }
  return best;
}

std::string stat_field(Process& p, char kind, const std::string& path, const FileStat& info) {
  auto epoch = [](TimePoint when) { return format_time(when, "%s"); };
  switch (kind) {
    case 'a':
      return format("%o", info.mode);
    case 'A':
      return mode_text(info);
    case 'b':
      return std::to_string(allocated_bytes(info) / 512);
    case 'B':
      return "512";
    case 'd':
      return "64769";
    case 'D':
      return "fd01";
    case 'f': {
      const std::uint32_t type = info.type == FileType::kDirectory    ? 040000
                                 : info.type == FileType::kSymlink    ? 0120000
                                 : info.type == FileType::kCharDevice ? 020000
                                 : info.type == FileType::kFifo       ? 010000
                                 : info.type == FileType::kSocket     ? 0140000
                                                                      : 0100000;
      return format("%x", type | info.mode);
    }
    case 'F':
      return type_text(info);
    case 'g':
      return std::to_string(info.gid);
    case 'G':
      return group_name(p, info.gid);
    case 'h': {
      std::uint32_t links = info.links;
      if (info.type == FileType::kDirectory) {
        ++links;
        for (const std::string& name : p.list_directory(path).value_or({})) {
          const auto inner = p.stat(path_in(path, name), false);
          if (inner && inner->type == FileType::kDirectory) ++links;
        }
      }
      return std::to_string(links);
    }
    case 'i':
      return std::to_string(info.number);
    case 'm':
      return mount_point_of(p, path);
    case 'n':
      return path;
    case 'N':
      return quoted(path) + (info.type == FileType::kSymlink ? " -> " + quoted(p.read_link(path).value_or("")) : "");
    case 'o':
      return "4096";
    case 's':
      return std::to_string(info.size);
    case 't':
      return info.type == FileType::kCharDevice ? "1" : "0";
    case 'T':
      return info.type == FileType::kCharDevice ? "3" : "0";
    case 'u':
      return std::to_string(info.uid);
    case 'U':
      return user_name(p, info.uid);
    case 'w':
      return "-";
    case 'W':
      return "0";
    case 'x':
      return format_time(info.accessed, kFullTime);
    case 'X':
      return epoch(info.accessed);
    case 'y':
      return format_time(info.modified, kFullTime);
    case 'Y':
      return epoch(info.modified);
    case 'z':
      return format_time(info.changed, kFullTime);
    case 'Z':
      return epoch(info.changed);
    case '%':
      return "%";
    default:
      return "?";
  }
}

// One disk for all: what df tells, too.
std::string file_system_field(char kind, const std::string& path) {
  switch (kind) {
    case 'n':
      return path;
    case 'T':
      return "ext2/ext3";
    case 't':
      return "ef53";
    case 's':
    case 'S':
      return "4096";
    case 'b':
      return "2621440";
    case 'f':
    case 'a':
      return "1966080";
    case 'c':
      return "655360";
    case 'd':
      return "589824";
    case 'l':
      return "255";
    case 'i':
      return "fd0100000000";
    case '%':
      return "%";
    default:
      return "?";
  }
}

std::string expand_stat(const std::string& pattern, bool escapes, const std::function<std::string(char)>& field) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (escapes && pattern[i] == '\\' && i + 1 < pattern.size()) {
      const char c = pattern[++i];
      out += c == 'n' ? '\n' : c == 't' ? '\t' : c == '0' ? '\0' : c;
      continue;
    }
    if (pattern[i] != '%' || i + 1 >= pattern.size()) {
      out += pattern[i];
      continue;
    }
    std::string flags;
    while (i + 1 < pattern.size() &&
           std::string_view("-+ 0#'123456789.").find(pattern[i + 1]) != std::string_view::npos)
      flags += pattern[++i];
    const char kind = ++i < pattern.size() ? pattern[i] : '%';
    std::string text = field(kind);
    std::string width;
    for (char c : flags) {
      if (c == '#' && kind == 'a') text = "0" + text;
      if (c == '-' || (c >= '1' && c <= '9') || (c == '0' && !width.empty())) width += c;
    }
    out += width.empty() ? text : format(("%" + width + "s").c_str(), text.c_str());
  }
  return out;
}

Task<int> stat_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kStatHelp);
  if (flags.ended()) co_return flags.exit_code();
  if (flags.operands().empty()) {
    co_await complain_with_hint(p, "missing operand");
    co_return 1;
  }
  const bool escapes = flags.last_of("c printf") == "printf";
  std::string pattern = flags.value(escapes ? "printf" : "c") + (escapes ? "" : "\n");
  const bool disk = flags.has("f");
  const bool formatted = flags.has("c") || flags.has("printf");
  if (!formatted && disk) {
    pattern = flags.has("t") ? "%n %i %l %t %s %S %b %f %a %c %d\n"
                             : "  File: \"%n\"\n    ID: %-8i Namelen: %-7l Type: %T\nBlock size: %-10s Fundamental "
                               "block size: %S\nBlocks: Total: %-10b Free: %-10f Available: %a\nInodes: Total: %-10c "
                               "Free: %d\n";
  }
  int code = 0;
  for (const std::string& path : flags.operands()) {
    const auto info = p.stat(path, flags.has("L") || disk);
    if (!info) {
      co_await report(p, std::string(disk ? "cannot read file system information for " : "cannot statx ") +
                             quoted(path) + ": " + std::string(errno_text(info.error())));
      code = 1;
      continue;
    }
    std::string used = pattern;
    if (!formatted && !disk) {
      const bool device = info->type == FileType::kCharDevice;
      used = flags.has("t")
                 ? "%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o\n"
                 : std::string("  File: ") + (info->type == FileType::kSymlink ? "%N" : "%n") +
                       "\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: 253,1\tInode: %-11i Links: " +
                       (device ? "%-5h Device type: %t,%T" : "%h") +
                       "\nAccess: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\nAccess: %x\nModify: "
                       "%y\nChange: %z\n Birth: -\n";
      if (!flags.has("t")) {
        used = replace_all(used, "%04a", format("%04o", info->mode));
        used = replace_all(used, "%10.10A", "%A");
      }
    }
    const std::function<std::string(char)> field = [&](char kind) {
      return disk ? file_system_field(kind, path) : stat_field(p, kind, path, *info);
    };
    co_await p.out(expand_stat(used, escapes, field));
  }
  co_return code;
}

// --- readlink, realpath ---

constexpr std::string_view kReadLinkHelp =
    "Usage: readlink [OPTION]... FILE...\n"
    "Print value of a symbolic link or canonical file name\n"
    "\n"
    "  -f, --canonicalize            canonicalize by following every symlink in\n"
    "                                every component of the given name recursively;\n"
    "                                all but the last component must exist\n"
    "  -e, --canonicalize-existing   likewise; all components must exist\n"
    "  -m, --canonicalize-missing    likewise, without requirements on components existence\n"
    "  -n, --no-newline              do not output the trailing delimiter\n"
    "  -q, --quiet                   suppress most error messages\n"
    "  -s, --silent                  likewise\n"
    "  -v, --verbose                 report error messages\n"
    "  -z, --zero                    end each output line with NUL, not newline\n";

constexpr std::string_view kRealPathHelp =
    "Usage: realpath [OPTION]... FILE...\n"
    "Print the resolved absolute file name;\n"
    "all but the last component must exist\n"
    "\n"
    "  -e, --canonicalize-existing  all components of the path must exist\n"
    "  -m, --canonicalize-missing   no path components need exist or be a directory\n"
    "  -L, --logical                resolve '..' components before symlinks\n"
    "  -P, --physical               resolve symlinks as encountered (default)\n"
    "  -q, --quiet                  suppress most error messages\n"
    "      --relative-to=DIR        print the resolved path relative to DIR\n"
    "      --relative-base=DIR      print absolute paths unless paths below DIR\n"
    "  -s, --strip, --no-symlinks   don't expand symlinks\n"
    "  -z, --zero                   end each output line with NUL, not newline\n";

// What must exist: 'e' all of it, 'f' all but the last part, 'm' nothing.
SysResult<std::string> canonical(Process& p, const std::string& path, char mode) {
  if (path.empty()) return Errno::kNoEnt;
  const auto real = p.real_path(path);
  if (real || mode == 'e') return real;
  std::string trimmed = path;
  while (trimmed.size() > 1 && trimmed.back() == '/') trimmed.pop_back();
  // A link that leads nowhere: go on with where it points.
  const auto link = p.stat(trimmed, false);
  if (link && link->type == FileType::kSymlink) {
    const std::string target = p.read_link(trimmed).value_or("");
    const std::string onward = target.starts_with("/") ? target : path_in(directory_name(p.absolute(trimmed)), target);
    if (onward != trimmed && real.error() != Errno::kLoop) return canonical(p, onward, mode);
    return real.error();
  }
  const std::string parent(directory_name(trimmed));
  if (mode == 'f') {
    if (real.error() != Errno::kNoEnt) return real.error();
    const auto directory = p.real_path(parent);
    if (!directory) return directory.error();
    return path_in(*directory, base_name(trimmed));
  }
  if (parent == trimmed || parent == ".") return p.absolute(trimmed);
  const auto directory = canonical(p, parent, mode);
  return path_in(directory.value_or("/"), base_name(trimmed));
}

Task<int> readlink_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kReadLinkHelp);
  if (flags.ended()) co_return flags.exit_code();
  if (flags.operands().empty()) {
    co_await complain_with_hint(p, "missing operand");
    co_return 1;
  }
  const std::string mode = flags.last_of("f e m");
  const std::string end = flags.has("z")                                   ? std::string(1, '\0')
                          : flags.has("n") && flags.operands().size() == 1 ? ""
                                                                           : "\n";
  int code = 0;
  for (const std::string& path : flags.operands()) {
    const auto text = mode.empty() ? p.read_link(path) : canonical(p, path, mode[0]);
    if (text) {
      co_await p.out(*text + end);
      continue;
    }
    code = 1;
    if (flags.has("v")) co_await report(p, path + ": " + std::string(errno_text(text.error())));
  }
  co_return code;
}

std::string relative_to(const std::string& from, const std::string& to) {
  const std::vector<std::string> a = from == "/" ? std::vector<std::string>() : split(from.substr(1), '/');
  const std::vector<std::string> b = to == "/" ? std::vector<std::string>() : split(to.substr(1), '/');
  std::size_t common = 0;
  while (common < a.size() && common < b.size() && a[common] == b[common]) ++common;
  std::string path;
  for (std::size_t i = common; i < a.size(); ++i) path = path_in(path, "..");
  for (std::size_t i = common; i < b.size(); ++i) path = path_in(path, b[i]);
  return path.empty() ? "." : path;
}

Task<int> realpath_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kRealPathHelp);
  if (flags.ended()) co_return flags.exit_code();
  if (flags.operands().empty()) {
    co_await complain_with_hint(p, "missing operand");
    co_return 1;
  }
  const std::string chosen = flags.last_of("e m");
  const char mode = chosen.empty() ? 'f' : chosen[0];
  int code = 0;
  for (const std::string& path : flags.operands()) {
    SysResult<std::string> real = flags.has("s") ? SysResult<std::string>(p.absolute(path)) : canonical(p, path, mode);
    if (!real) {
      code = 1;
      if (!flags.has("q")) co_await report(p, path + ": " + std::string(errno_text(real.error())));
      continue;
    }
    std::string text = *real;
    const std::string base = flags.value("relative-to", flags.value("relative-base"));
    if (!base.empty()) {
      const std::string from = canonical(p, base, 'm').value_or("/");
      const bool below = text == from || text.starts_with(path_in(from, ""));
      if (flags.has("relative-to") || below) text = relative_to(from, text);
    }
    co_await p.out(text + (flags.has("z") ? std::string(1, '\0') : "\n"));
  }
  co_return code;
}

// --- basename, dirname ---

constexpr std::string_view kBaseNameHelp =
    "Usage: basename NAME [SUFFIX]\n"
    "  or:  basename OPTION... NAME...\n"
    "Print NAME with any leading directory components removed.\n"
    "If specified, also remove a trailing SUFFIX.\n"
    "\n"
    "  -a, --multiple       support multiple arguments and treat each as a NAME\n"
    "  -s, --suffix=SUFFIX  remove a trailing SUFFIX; implies -a\n"
    "  -z, --zero           end each output line with NUL, not newline\n";

constexpr std::string_view kDirectoryNameHelp =
    "Usage: dirname [OPTION] NAME...\n"
    "Output each NAME with its last non-slash component and trailing slashes\n"
    "removed; if NAME contains no /'s, output '.' (meaning the current directory).\n"
    "\n"
    "  -z, --zero     end each output line with NUL, not newline\n";

std::string trimmed_slashes(std::string name) {
  while (name.size() > 1 && name.back() == '/') name.pop_back();
  return name;
}

Task<int> basename_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kBaseNameHelp, 1, CommandFlags::Order::kOptionsFirst);
  if (flags.ended()) co_return flags.exit_code();
  std::vector<std::string> names = flags.operands();
  if (names.empty()) {
    co_await complain_with_hint(p, "missing operand");
    co_return 1;
  }
  std::string suffix = flags.value("s");
  if (!flags.has("a") && !flags.has("s")) {
    if (names.size() > 2) {
      co_await complain_with_hint(p, "extra operand " + quoted(names[2]));
      co_return 1;
    }
    if (names.size() == 2) {
      suffix = names[1];
      names.pop_back();
    }
  }
  for (const std::string& name : names) {
    const std::string trimmed = trimmed_slashes(name);
    std::string text(trimmed == "/" ? std::string_view("/") : base_name(trimmed));
    if (!suffix.empty() && text.size() > suffix.size() && text.ends_with(suffix))
      text.resize(text.size() - suffix.size());
    co_await p.out(text + (flags.has("z") ? std::string(1, '\0') : "\n"));
  }
  co_return 0;
}

Task<int> dirname_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kDirectoryNameHelp);
  if (flags.ended()) co_return flags.exit_code();
  if (flags.operands().empty()) {
    co_await complain_with_hint(p, "missing operand");
    co_return 1;
  }
  for (const std::string& name : flags.operands()) {
    const std::string text = trimmed_slashes(std::string(directory_name(trimmed_slashes(name))));
    co_await p.out(text + (flags.has("z") ? std::string(1, '\0') : "\n"));
  }
  co_return 0;
}

// --- which, whereis ---

constexpr std::string_view kWhichHelp =
    "Usage: which [options] [--] COMMAND [...]\n"
    "Write the full path of COMMAND(s) to standard output.\n"
    "\n"
    "  -a, --all         print all matches in PATH, not just the first\n"
    "      --skip-alias  ignore option --read-alias; don't read stdin\n"
    "      --tty-only    stop processing options on the right if not on tty\n";

std::vector<std::string> executables_named(Process& p, const std::string& name,
                                           const std::vector<std::string>& folders) {
  std::vector<std::string> found;
  for (const std::string& folder : folders) {
    const std::string path = path_in(folder.empty() ? "." : folder, name);
    const auto info = p.stat(path);
    if (info && info->type != FileType::kDirectory && (info->mode & 0111) != 0) found.push_back(path);
  }
  return found;
}

Task<int> which_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kWhichHelp);
  if (flags.ended()) co_return flags.exit_code();
  int code = flags.operands().empty() ? 1 : 0;
  for (const std::string& name : flags.operands()) {
    const bool path = contains(name, "/");
    const std::vector<std::string> folders = split(p.env("PATH"), ':');
    std::vector<std::string> found;
    if (!path)
      found = executables_named(p, name, folders);
    else if (p.can_access(name, Process::kExecute))
      found.push_back(name);
    if (found.empty()) {
      code = 1;
      // As CentOS' which has it; Debian's says nothing.
      const std::size_t slash = name.rfind('/');
      co_await p.err("which: no " + (path ? name.substr(slash + 1) : name) + " in (" +
                     (path ? name.substr(0, slash) : std::string(p.env("PATH"))) + ")\n");
      continue;
    }
    if (!flags.has("a")) found.resize(1);
    co_await p.out(join(found, "\n") + "\n");
  }
  co_return code;
}

constexpr std::string_view kWhereIsHelp =
    "Usage:\n"
    " whereis [options] [-BMS <dir>... -f] <name>\n"
    "\n"
    "Locate the binary, source, and manual-page files for a command.\n"
    "\n"
    "  -b         search only for binaries\n"
    "  -m         search only for manuals and infos\n"
    "  -s         search only for sources\n";

Task<int> whereis_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kWhereIsHelp);
  if (flags.ended()) co_return flags.exit_code();
  const std::vector<std::string> folders = {"/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/opt/bin"};
  for (const std::string& name : flags.operands()) {
    std::string text = std::string(base_name(name)) + ":";
    if (!flags.has("m") && !flags.has("s")) {
      for (const std::string& path : executables_named(p, std::string(base_name(name)), folders)) text += " " + path;
    }
    co_await p.out(text + "\n");
  }
  co_return 0;
}

}  // namespace

void register_paths(ProgramRegistry& programs) {
  programs.add("stat", stat_main);
  programs.add("readlink", readlink_main);
  programs.add("realpath", realpath_main);
  programs.add("basename", basename_main);
  programs.add("dirname", dirname_main);
  programs.add("which", which_main);
  programs.add("whereis", whereis_main);
}

}  // namespace drydock
