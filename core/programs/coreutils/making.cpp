// mkdir, ln, touch, mktemp, truncate.
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/programs.h"
#include "core/programs/coreutils/support.h"

namespace drydock {
namespace {

constexpr std::string_view kDirectoryHelp =
    "Usage: mkdir [OPTION]... DIRECTORY...\n"
    "Create the DIRECTORY(ies), if they do not already exist.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -m, --mode=MODE   set file mode (as in chmod), not a=rwx - umask\n"
    "  -p, --parents     no error if existing, make parent directories as needed,\n"
    "                    with their file modes unaffected by any -m option.\n"
    "  -v, --verbose     print a message for each created directory\n"
    "  -Z                set SELinux security context of each created directory\n";

Task<bool> make_one(Process& p, const CommandFlags& flags, std::string path, std::optional<std::uint32_t> mode) {
  std::vector<std::string> steps;
  if (flags.has("p")) {
    std::string prefix = path.starts_with("/") ? "/" : "";
    for (const std::string& part : split(path, '/')) {
      if (part.empty()) continue;
      prefix = prefix.empty() ? part : path_in(prefix, part);
      steps.push_back(prefix);
    }
  }
  if (steps.empty()) steps.push_back(path);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool last = i + 1 == steps.size();
    const auto existing = p.stat(steps[i]);
    const bool directory = existing && existing->type == FileType::kDirectory;
    if (flags.has("p") && directory) continue;
    const auto made =
        existing && !directory && !last ? SysResult<void>(Errno::kNotDir) : p.make_directory(steps[i], 0777);
    if (!made) {
      co_await report(p, "cannot create directory " + quoted(steps[i]) + ": " + std::string(errno_text(made.error())));
      co_return false;
    }
    if (last && mode) (void)p.change_mode(steps[i], *mode);
    if (flags.has("v")) co_await p.out("mkdir: created directory " + quoted(steps[i]) + "\n");
  }
  co_return true;
}

Task<int> mkdir_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kDirectoryHelp);
  if (flags.ended()) co_return flags.exit_code();
  if (flags.operands().empty()) {
    co_await complain_with_hint(p, "missing operand");
    co_return 1;
  }
  std::optional<std::uint32_t> mode;
  if (flags.has("m")) {
    mode = apply_mode(flags.value("m"), 0777, true, p.umask());
    if (!mode) {
      co_await report(p, "invalid mode " + quoted(flags.value("m")));
      co_return 1;
    }
  }
  int code = 0;
  for (const std::string& path : flags.operands()) {
    if (!(co_await make_one(p, flags, path, mode))) code = 1;
  }
  co_return code;
}

// --- ln ---

constexpr std::string_view kLinkHelp =
    "Usage: ln [OPTION]... [-T] TARGET LINK_NAME\n"
    "  or:  ln [OPTION]... TARGET\n"
    "  or:  ln [OPTION]... TARGET... DIRECTORY\n"
    "  or:  ln [OPTION]... -t DIRECTORY TARGET...\n"
    "Create hard links by default, symbolic links with --symbolic.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "      --backup[=CONTROL]      make a backup of each existing destination file\n"
    "  -b                          like --backup but does not accept an argument\n"
    "  -d, -F, --directory         allow the superuser to attempt to hard link directories\n"
    "  -f, --force                 remove existing destination files\n"
    "  -i, --interactive           prompt whether to remove destinations\n"
    "  -L, --logical               dereference TARGETs that are symbolic links\n"
    "  -n, --no-dereference        treat LINK_NAME as a normal file if\n"
    "                                it is a symbolic link to a directory\n"
    "  -P, --physical              make hard links directly to symbolic links\n"
    "  -r, --relative              with -s, create links relative to link location\n"
    "  -s, --symbolic              make symbolic links instead of hard links\n"
    "  -S, --suffix=SUFFIX         override the usual backup suffix\n"
    "  -t, --target-directory=DIRECTORY  specify the DIRECTORY in which to create the links\n"
    "  -T, --no-target-directory   treat LINK_NAME as a normal file always\n"
    "  -v, --verbose               print name of each linked file\n";

// The way from the directory `from` to `to`, both absolute.
std::string relative_path(const std::string& from, const std::string& to) {
  const std::vector<std::string> a = split(from.substr(1), '/');
  const std::vector<std::string> b = split(to.substr(1), '/');
  std::size_t common = 0;
  const std::size_t a_size = a.size() == 1 && a[0].empty() ? 0 : a.size();
  while (common < a_size && common < b.size() && a[common] == b[common]) ++common;
  std::string path;
  for (std::size_t i = common; i < a_size; ++i) path = path_in(path, "..");
  for (std::size_t i = common; i < b.size(); ++i) path = path_in(path, b[i]);
  return path.empty() ? "." : path;
}

Task<bool> link_one(Process& p, const CommandFlags& flags, std::string target, std::string name) {
  const bool symbolic = flags.has("s");
  const std::string kind = symbolic ? "symbolic link " : "hard link ";
  if (!symbolic) {
    const auto info = p.stat(target, flags.has("L"));
    if (!info) {
      co_await report(p, "failed to access " + quoted(target) + ": " + std::string(errno_text(info.error())));
      co_return false;
    }
    if (info->type == FileType::kDirectory) {
      co_await report(p, target + ": hard link not allowed for directory");
      co_return false;
    }
  }
  const auto existing = p.stat(name, false);
  if (existing && flags.last_of("f i") == "i" && !(co_await confirmed(p, "replace " + quoted(name) + "?")))
    co_return true;
  if (existing && (flags.has("b") || flags.has("backup"))) {
    (void)p.rename(name, name + flags.value("suffix", "~"));
  } else if (existing && (flags.has("f") || flags.has("i"))) {
    if (existing->type == FileType::kDirectory) {
      co_await report(p, name + ": cannot overwrite directory");
      co_return false;
    }
    const auto source = p.stat(target, false);
    if (!symbolic && source && source->number == existing->number) {
      co_await report(p, quoted(target) + " and " + quoted(name) + " are the same file");
      co_return false;
    }
    (void)p.unlink(name);
  }
  std::string content = target;
  if (symbolic && flags.has("r")) {
    const std::string directory = p.real_path(directory_name(name)).value_or("/");
    content = relative_path(directory, p.real_path(target).value_or(p.absolute(target)));
  }
  const std::string source = flags.has("L") ? p.real_path(target).value_or(target) : target;
  const auto made = symbolic ? p.symlink(content, name) : p.link(source, name);
  if (!made) {
    const bool gone = made.error() != Errno::kExist && !symbolic;
    co_await report(p, "failed to create " + kind + quoted(name) + (gone ? " => " + quoted(target) : "") + ": " +
                           std::string(errno_text(made.error())));
    co_return false;
  }
  if (flags.has("v")) co_await p.out(quoted(name) + (symbolic ? " -> " : " => ") + quoted(content) + "\n");
  co_return true;
}

Task<int> ln_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kLinkHelp);
  if (flags.ended()) co_return flags.exit_code();
  std::vector<std::string> targets = flags.operands();
  if (targets.empty()) {
    co_await complain_with_hint(p, "missing file operand");
    co_return 1;
  }
  std::string directory = flags.value("t");
  std::string name;
  if (flags.has("T")) {
    if (targets.size() != 2) {
      co_await complain_with_hint(p, targets.size() < 2 ? "missing destination file operand after " + quoted(targets[0])
                                                        : "extra operand " + quoted(targets[2]));
      co_return 1;
    }
    name = targets.back();
    targets.pop_back();
  } else if (!flags.has("t")) {
    if (targets.size() == 1) {
      directory = ".";
    } else {
      const std::string last = targets.back();
      targets.pop_back();
      const auto info = p.stat(last);
      const auto itself = p.stat(last, false);
      const bool link = itself && itself->type == FileType::kSymlink;
      if (info && info->type == FileType::kDirectory && !(flags.has("n") && link)) {
        directory = last;
      } else if (targets.size() > 1) {
        co_await report(
            p, "target " + quoted(last) + ": " + std::string(errno_text(info ? Errno::kNotDir : info.error())));
        co_return 1;
      } else {
        name = last;
      }
    }
  }
  int code = 0;
  for (const std::string& target : targets) {
    std::string trimmed = target;
    while (trimmed.size() > 1 && trimmed.back() == '/') trimmed.pop_back();
    std::string path = name.empty() ? path_in(directory, base_name(trimmed)) : name;
    if (!(co_await link_one(p, flags, target, std::move(path)))) code = 1;
  }
  co_return code;
}

// --- touch ---

constexpr std::string_view kTouchHelp =
    "Usage: touch [OPTION]... FILE...\n"
    "Update the access and modification times of each FILE to the current time.\n"
    "\n"
    "A FILE argument that does not exist is created empty, unless -c or -h\n"
    "is supplied.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -a                     change only the access time\n"
    "  -c, --no-create        do not create any files\n"
    "  -d, --date=STRING      parse STRING and use it instead of current time\n"
    "  -f                     (ignored)\n"
    "  -h, --no-dereference   affect each symbolic link instead of any referenced\n"
    "                         file\n"
    "  -m                     change only the modification time\n"
    "  -r, --reference=FILE   use this file's times instead of current time\n"
    "  -t STAMP               use [[CC]YY]MMDDhhmm[.ss] instead of current time\n"
    "      --time=WORD        change the specified time: access, atime, use: like -a;\n"
    "                         modify, mtime: like -m\n";

// [[CC]YY]MMDDhhmm[.ss]
std::optional<TimePoint> parse_stamp(std::string_view text, TimePoint now) {
  int second = 0;
  const std::size_t dot = text.find('.');
  if (dot != std::string_view::npos) {
    const auto number = parse_int(text.substr(dot + 1));
    if (!number || text.size() - dot != 3) return std::nullopt;
    second = static_cast<int>(*number);
    text = text.substr(0, dot);
  }
  if (text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  int year = static_cast<int>(parse_int(format_time(now, "%Y")).value_or(1970));
  auto two = [&] {
    const int value = (text[0] - '0') * 10 + (text[1] - '0');
    text.remove_prefix(2);
    return value;
  };
  if (text.size() == 12) {
    year = two() * 100;
    year += two();
  } else if (text.size() == 10) {
    const int short_year = two();
    year = short_year + (short_year < 69 ? 2000 : 1900);
  } else if (text.size() != 8) {
    return std::nullopt;
  }
  const int month = two();
  const int day = two();
  const int hour = two();
  return civil_time(year, month, day, hour, two(), second);
}

Task<int> touch_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kTouchHelp);
  if (flags.ended()) co_return flags.exit_code();
  if (flags.operands().empty()) {
    co_await complain_with_hint(p, "missing file operand");
    co_return 1;
  }
  TimePoint accessed = p.now();
  TimePoint modified = p.now();
  if (flags.has("r")) {
    const auto info = p.stat(flags.value("r"));
    if (!info) {
      co_await report(
          p, "failed to get attributes of " + quoted(flags.value("r")) + ": " + std::string(errno_text(info.error())));
      co_return 1;
    }
    accessed = info->accessed;
    modified = info->modified;
  }
  const std::string given = flags.last_of("d t");
  if (!given.empty()) {
    const std::string text = flags.value(given);
    const auto when = given == "d" ? parse_date(text, p.now()) : parse_stamp(text, p.now());
    if (!when) {
      co_await report(p, "invalid date format " + quoted(text));
      co_return 1;
    }
    accessed = modified = *when;
  }
  const std::string word = flags.value("time");
  const bool only_access = flags.has("a") || word == "access" || word == "atime" || word == "use";
  const bool only_modified = flags.has("m") || word == "modify" || word == "mtime";
  int code = 0;
  for (const std::string& path : flags.operands()) {
    const bool follow = !flags.has("h");
    const bool there = p.stat(path, follow).ok();
    SysResult<void> done;
    if (!there) {
      if (flags.has("c") || flags.has("h")) continue;
      done = path.ends_with("/") ? SysResult<void>(Errno::kNoEnt) : p.write_file(path, "", 0666);
    }
    if (done) {
      done = p.set_times(path, only_modified && !only_access ? std::nullopt : std::optional(accessed),
                         only_access && !only_modified ? std::nullopt : std::optional(modified), follow);
    }
    if (!done) {
      co_await report(p, std::string(there ? "setting times of " : "cannot touch ") + quoted(path) + ": " +
                             std::string(errno_text(done.error())));
      code = 1;
    }
  }
  co_return code;
}

// --- mktemp ---

constexpr std::string_view kTemporaryHelp =
    "Usage: mktemp [OPTION]... [TEMPLATE]\n"
    "Create a temporary file or directory, safely, and print its name.\n"
    "TEMPLATE must contain at least 3 consecutive 'X's in last component.\n"
    "If TEMPLATE is not specified, use tmp.XXXXXXXXXX, and --tmpdir is implied.\n"
    "Files are created u+rw, and directories u+rwx, minus umask restrictions.\n"
    "\n"
    "  -d, --directory     create a directory, not a file\n"
    "  -u, --dry-run       do not create anything; merely print a name (unsafe)\n"
    "  -q, --quiet         suppress diagnostics about file/dir-creation failure\n"
    "      --suffix=SUFF   append SUFF to TEMPLATE; SUFF must not contain a slash.\n"
    "  -p DIR              interpret TEMPLATE relative to DIR\n"
    "      --tmpdir[=DIR]  likewise; without DIR, $TMPDIR if set, else /tmp\n"
    "  -t                  interpret TEMPLATE as a single file name component,\n"
    "                        relative to $TMPDIR\n";

Task<int> mktemp_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kTemporaryHelp);
  if (flags.ended()) co_return flags.exit_code();
  if (flags.operands().size() > 1) {
    co_await complain_with_hint(p, "too many templates");
    co_return 1;
  }
  const bool named = !flags.operands().empty();
  std::string pattern = named ? flags.operands()[0] : "tmp.XXXXXXXXXX";
  const std::string temporary = p.env("TMPDIR").empty() ? "/tmp" : std::string(p.env("TMPDIR"));
  if (flags.has("p") || flags.has("tmpdir") || flags.has("t") || !named) {
    std::string directory = flags.value("p", flags.value("tmpdir"));
    if (directory.empty()) directory = temporary;
    pattern = path_in(directory, pattern);
  }
  std::string suffix = flags.value("suffix");
  if (!flags.has("suffix")) {
    const std::size_t last = pattern.rfind('X');
    if (last != std::string::npos) {
      suffix = pattern.substr(last + 1);
      pattern.resize(last + 1);
    }
  }
  std::size_t first = pattern.size();
  while (first > 0 && pattern[first - 1] == 'X') --first;
  if (pattern.size() - first < 3) {
    co_await report(p, "too few X's in template " + quoted(pattern + suffix));
    co_return 1;
  }
  static constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  std::string path;
  do {
    path = pattern.substr(0, first);
    while (path.size() < pattern.size())
      path += kLetters[static_cast<std::size_t>(p.prng().between(0, static_cast<std::int64_t>(kLetters.size()) - 1))];
    path += suffix;
  } while (p.exists(path));
  if (!flags.has("u")) {
    const bool directory = flags.has("d");
    const auto made = directory ? p.make_directory(path, 0700) : p.write_file(path, "", 0600);
    if (!made) {
      if (!flags.has("q"))
        co_await report(p, std::string("failed to create ") + (directory ? "directory" : "file") + " via template " +
                               quoted(pattern + suffix) + ": " + std::string(errno_text(made.error())));
      co_return 1;
    }
  }
  co_await p.out(path + "\n");
  co_return 0;
}

// --- truncate ---

constexpr std::int64_t kLargestFile = 64 << 20;  // what this machine's disk takes in one file

constexpr std::string_view kTruncateHelp =
    "Usage: truncate OPTION... FILE...\n"
    "Shrink or extend the size of each FILE to the specified size\n"
    "\n"
    "A FILE argument that does not exist is created.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -c, --no-create        do not create any files\n"
    "  -o, --io-blocks        treat SIZE as number of IO blocks instead of bytes\n"
    "  -r, --reference=RFILE  base size on RFILE\n"
    "  -s, --size=SIZE        set or adjust the file size by SIZE bytes\n";

Task<int> truncate_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kTruncateHelp);
  if (flags.ended()) co_return flags.exit_code();
  if (!flags.has("s") && !flags.has("r")) {
    co_await complain_with_hint(p, "you must specify either '--size' or '--reference'");
    co_return 1;
  }
  if (flags.operands().empty()) {
    co_await complain_with_hint(p, "missing file operand");
    co_return 1;
  }
  std::string text = flags.value("s", "+0");
  char change = 0;
  if (!text.empty() && std::string_view("+-<>/%").find(text[0]) != std::string_view::npos) {
    change = text[0];
    text.erase(0, 1);
  }
  auto amount = parse_size(text);
  if (!amount || ((change == '/' || change == '%') && *amount == 0)) {
    co_await report(p, amount ? "division by zero" : "Invalid number: " + quoted(flags.value("s")));
    co_return 1;
  }
  if (flags.has("o")) *amount *= 4096;
  std::optional<std::int64_t> base;
  if (flags.has("r")) {
    const auto info = p.stat(flags.value("r"));
    if (!info) {
      co_await report(p, "cannot stat " + quoted(flags.value("r")) + ": " + std::string(errno_text(info.error())));
      co_return 1;
    }
    base = static_cast<std::int64_t>(info->size);
  }
  int code = 0;
  for (const std::string& path : flags.operands()) {
    if (flags.has("c") && !p.exists(path)) continue;
    std::string bytes = p.read_file(path).value_or("");
    const std::int64_t size = base.value_or(static_cast<std::int64_t>(bytes.size()));
    std::int64_t wanted = *amount;
    if (change == '+') wanted = size + *amount;
    if (change == '-') wanted = size - *amount;
    if (change == '<') wanted = std::min(size, *amount);
    if (change == '>') wanted = std::max(size, *amount);
    if (change == '/') wanted = size / *amount * *amount;
    if (change == '%') wanted = (size + *amount - 1) / *amount * *amount;
    const bool fits = wanted <= kLargestFile;
    if (fits) bytes.resize(static_cast<std::size_t>(std::max<std::int64_t>(0, wanted)), '\0');
    const auto written = fits ? p.write_file(path, std::move(bytes), 0666) : SysResult<void>(Errno::kFBig);
    if (!written) {
      co_await report(p, (fits ? "cannot open " + quoted(path) + " for writing"
                               : "failed to truncate " + quoted(path) + " at " + std::to_string(wanted) + " bytes") +
                             ": " + std::string(errno_text(written.error())));
      code = 1;
    }
  }
  co_return code;
}

constexpr std::string_view kHardLinkHelp =
    "Usage: link FILE1 FILE2\n"
    "  or:  link OPTION\n"
    "Call the link function to create a link named FILE2 to an existing FILE1.\n"
    "\n";

Task<int> link_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kHardLinkHelp);
  if (flags.ended()) co_return flags.exit_code();
  const std::vector<std::string>& words = flags.operands();
  if (words.size() != 2) {
    co_await complain_with_hint(p, words.empty()       ? "missing operand"
                                   : words.size() == 1 ? "missing operand after " + quoted(words[0])
                                                       : "extra operand " + quoted(words[2]));
    co_return 1;
  }
  const auto made = p.link(words[0], words[1]);
  if (made) co_return 0;
  co_await report(p, "cannot create link " + quoted(words[1]) + " to " + quoted(words[0]) + ": " +
                         std::string(errno_text(made.error())));
  co_return 1;
}

}  // namespace

void register_making(ProgramRegistry& programs) {
  programs.add("mkdir", mkdir_main);
  programs.add("ln", ln_main);
  programs.add("link", link_main);
  programs.add("touch", touch_main);
  programs.add("mktemp", mktemp_main);
  programs.add("truncate", truncate_main);
}

}  // namespace drydock
