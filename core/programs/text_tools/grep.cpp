// grep, egrep, fgrep.
#include <algorithm>
#include <deque>

#include "core/base/strings.h"
#include "core/programs/command_flags.h"
#include "core/programs/text/regex.h"
#include "core/programs/text_tools/streams.h"
#include "core/programs/text_tools/tools.h"

namespace drydock {
namespace {

constexpr int kMaxDepth = 64;  // of directories that -r walks

constexpr std::string_view kUsage = "Usage: grep [OPTION]... PATTERNS [FILE]...\n";
constexpr std::string_view kHelp =
    "Usage: grep [OPTION]... PATTERNS [FILE]...\n"
    "Search for PATTERNS in each FILE.\n"
    "Example: grep -i 'hello world' menu.h main.c\n"
    "PATTERNS can contain multiple patterns separated by newlines.\n"
    "\n"
    "Pattern selection and interpretation:\n"
    "  -E, --extended-regexp     PATTERNS are extended regular expressions\n"
    "  -F, --fixed-strings       PATTERNS are strings\n"
    "  -G, --basic-regexp        PATTERNS are basic regular expressions\n"
    "  -P, --perl-regexp         PATTERNS are Perl regular expressions\n"
    "  -e, --regexp=PATTERNS     use PATTERNS for matching\n"
    "  -f, --file=FILE           take PATTERNS from FILE\n"
    "  -i, -y, --ignore-case     ignore case distinctions in patterns and data\n"
    "      --no-ignore-case      do not ignore case distinctions (default)\n"
    "  -w, --word-regexp         match only whole words\n"
    "  -x, --line-regexp         match only whole lines\n"
    "  -z, --null-data           a data line ends in 0 byte, not newline\n"
    "\n"
    "Miscellaneous:\n"
    "  -s, --no-messages         suppress error messages\n"
    "  -v, --invert-match        select non-matching lines\n"
    "  -V, --version             display version information and exit\n"
    "      --help                display this help text and exit\n"
    "\n"
    "Output control:\n"
    "  -m, --max-count=NUM       stop after NUM selected lines\n"
    "  -b, --byte-offset         print the byte offset with output lines\n"
    "  -n, --line-number         print line number with output lines\n"
    "      --line-buffered       flush output on every line\n"
    "  -H, --with-filename       print file name with output lines\n"
    "  -h, --no-filename         suppress the file name prefix on output\n"
    "      --label=LABEL         use LABEL as the standard input file name prefix\n"
    "  -o, --only-matching       show only nonempty parts of lines that match\n"
    "  -q, --quiet, --silent     suppress all normal output\n"
    "      --binary-files=TYPE   assume that binary files are TYPE;\n"
    "                            TYPE is 'binary', 'text', or 'without-match'\n"
    "  -a, --text                equivalent to --binary-files=text\n"
    "  -I                        equivalent to --binary-files=without-match\n"
    "  -d, --directories=ACTION  how to handle directories;\n"
    "                            ACTION is 'read', 'recurse', or 'skip'\n"
    "  -r, --recursive           like --directories=recurse\n"
    "  -R, --dereference-recursive  likewise, but follow all symlinks\n"
    "      --include=GLOB        search only files that match GLOB (a file pattern)\n"
    "      --exclude=GLOB        skip files that match GLOB\n"
    "      --exclude-dir=GLOB    skip directories that match GLOB\n"
    "  -L, --files-without-match  print only names of FILEs with no selected lines\n"
    "  -l, --files-with-matches  print only names of FILEs with selected lines\n"
    "  -c, --count               print only a count of selected lines per FILE\n"
    "  -T, --initial-tab         make tabs line up (if needed)\n"
    "  -Z, --null                print 0 byte after FILE name\n"
    "\n"
    "Context control:\n"
    "  -B, --before-context=NUM  print NUM lines of leading context\n"
    "  -A, --after-context=NUM   print NUM lines of trailing context\n"
    "  -C, --context=NUM         print NUM lines of output context\n"
    "  -NUM                      same as --context=NUM\n"
    "      --color[=WHEN], --colour[=WHEN]  use markers to highlight the matching strings;\n"
    "                            WHEN is 'always', 'never', or 'auto'\n"
    "\n"
    "When FILE is '-', read standard input.  With no FILE, read '.' if\n"
    "recursive, '-' otherwise.  With fewer than two FILEs, assume -h.\n"
    "Exit status is 0 if any line is selected, 1 otherwise;\n"
    "if any error occurs and -q is not given, the exit status is 2.\n";

// * and ? and plain characters: what --include gets.
bool glob_matches(std::string_view glob, std::string_view name) {
  if (glob.empty()) return name.empty();
  if (glob[0] == '*') {
    for (std::size_t i = 0; i <= name.size(); ++i) {
      if (glob_matches(glob.substr(1), name.substr(i))) return true;
    }
    return false;
  }
  return !name.empty() && (glob[0] == '?' || glob[0] == name[0]) && glob_matches(glob.substr(1), name.substr(1));
}

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

class Grep {
 public:
  Grep(Process& process, const CommandFlags& flags) : process_(process), flags_(flags), out_(process) {
    before_ = context("B");
    after_ = context("A");
    if (const std::string most = flags.value("m"); !most.empty()) most_ = parse_int(most).value_or(-1);
    invert_ = flags.has("v");
    numbers_ = flags.has("n");
    only_ = flags.has("o");
    const std::string color = flags.value("color", flags.has("color") ? "auto" : "never");
    color_ = color == "always" || (color == "auto" && process.is_tty(1));
    lists_ = flags.has("l") || flags.has("L") || flags.has("q");
    delimiter_ = flags.has("z") ? '\0' : '\n';
  }

  Task<int> run() {
    std::vector<std::string> files = flags_.operands();
    std::vector<std::string> patterns;
    bool given = false;
    for (const CommandFlags::Given& each : flags_.given()) {
      if (each.name == "e") {
        for (const std::string& line : split(each.value + "\n", '\n')) patterns.push_back(line);
        patterns.pop_back();
        if (each.value.empty()) patterns.emplace_back();
        given = true;
      } else if (each.name == "f") {
        auto text = co_await read_input(process_, each.value);
        if (!text) {
          co_await process_.err("grep: " + each.value + ": " + std::string(errno_text(text.error())) + "\n");
          co_return 2;
        }
        for (std::string& line : split_lines(*text)) patterns.push_back(std::move(line));
        given = true;
      }
    }
    if (!given) {
      if (files.empty()) {
        co_await process_.err(std::string(kUsage) + "Try 'grep --help' for more information.\n");
        co_return 2;
      }
      for (const std::string& line : split(files[0], '\n')) patterns.push_back(line);
      if (patterns.empty()) patterns.emplace_back();
      files.erase(files.begin());
    }
    if (const std::string problem = compile(patterns); !problem.empty()) {
      co_await process_.err("grep: " + problem + "\n");
      co_return 2;
    }
    recursive_ = flags_.has("r") || flags_.has("R") || flags_.value("d") == "recurse";
    if (files.empty()) files.emplace_back(recursive_ ? "" : "-");
    named_ = flags_.last_of("H h") == "H" || ((files.size() > 1 || recursive_) && !flags_.has("h"));
    if (recursive_ && files.size() == 1 && !flags_.has("H")) {
      const auto info = process_.stat(files[0].empty() ? "." : files[0]);
      if (info && info->type != FileType::kDirectory) named_ = false;
    }
    for (const std::string& file : files) {
      co_await visit(file, 0, true);
      if (done_) break;
    }
    (void)co_await out_.flush();
    if (any_ && flags_.has("q")) co_return 0;
    co_return failed_ ? 2 : any_ ? 0 : 1;
  }

 private:
  std::size_t context(std::string_view which) const {
    const std::string own = flags_.value(which);
    const std::string both = flags_.value("C", flags_.value("NUM"));
    return static_cast<std::size_t>(std::max<std::int64_t>(0, parse_int(own.empty() ? both : own).value_or(0)));
  }

  std::string compile(const std::vector<std::string>& patterns) {
    const std::string how = flags_.last_of("E F G P");
    const std::string_view name = process_.name();
    const Regex::Syntax syntax = how == "P"                      ? Regex::Syntax::kPerl
                                 : how == "F" || name == "fgrep" ? Regex::Syntax::kFixed
                                 : how == "E" || name == "egrep" ? Regex::Syntax::kExtended
                                                                 : Regex::Syntax::kBasic;
    for (const std::string& pattern : patterns) {
      if (syntax != Regex::Syntax::kFixed && pattern.size() > 4 && pattern.starts_with("[:") && pattern.ends_with(":]"))
        return "character class syntax is [[:space:]], not [:space:]";
      regexes_.push_back(Regex::compile(pattern, syntax, flags_.has("i") && !flags_.has("no-ignore-case")));
      if (!regexes_.back().ok()) return regexes_.back().error();
    }
    return "";
  }

  // The first match at or behind `from` that -w and -x allow; the longest of all patterns'.
  std::optional<Regex::Group> find(const std::string& line, std::size_t from) const {
    std::optional<Regex::Group> best;
    for (const Regex& regex : regexes_) {
      for (std::size_t at = from; at <= line.size();) {
        const auto match = regex.search(line, at);
        if (!match) break;
        const Regex::Group whole = (*match)[0];
        const bool fits = flags_.has("x")
                              ? whole.begin == 0 && whole.end == line.size()
                              : !flags_.has("w") || ((whole.begin == 0 || !is_word(line[whole.begin - 1])) &&
                                                     (whole.end == line.size() || !is_word(line[whole.end])));
        if (fits) {
          if (!best || whole.begin < best->begin || (whole.begin == best->begin && whole.end > best->end)) best = whole;
          break;
        }
        at = whole.begin + 1;
      }
    }
    return best;
  }

  Task<void> complain(std::string text) {
    failed_ = true;
    if (flags_.has("s")) co_return;
    (void)co_await out_.flush();
    co_await process_.err("grep: " + text + "\n");
  }

  Task<void> visit(std::string path, int depth, bool from_command_line) {
    const std::string shown = path;
    const bool here = path.empty();
    const auto info = path == "-" ? SysResult<FileStat>(Errno::kNoEnt) : process_.stat(here ? "." : path);
    if (info && info->type == FileType::kDirectory) {
      if (!recursive_) {
        if (flags_.value("d") != "skip") {
          (void)co_await out_.flush();
          if (!flags_.has("s")) co_await process_.err("grep: " + path + ": Is a directory\n");
        }
        co_return;
      }
      if (depth > kMaxDepth) co_return;
      auto names = process_.list_directory(here ? "." : path);
      if (!names) {
        co_await complain(path + ": " + std::string(errno_text(names.error())));
        co_return;
      }
      for (const std::string& name : *names) {
        if (done_) co_return;
        const std::string child = here ? name : path.ends_with("/") ? path + name : path + "/" + name;
        const auto inner = process_.stat(child, flags_.has("R"));
        if (!inner || (inner->type == FileType::kSymlink && !flags_.has("R"))) continue;
        const bool folder = inner->type == FileType::kDirectory;
        if (!folder && inner->type != FileType::kRegular) continue;
        if (folder ? excluded(name, "exclude-dir") : excluded(name, "exclude") || !included(name)) continue;
        co_await visit(child, depth + 1, false);
      }
      co_return;
    }
    if (from_command_line && path != "-" && excluded(std::string(base_name(path)), "exclude")) co_return;
    auto file = open_input(process_, path);
    if (!file) {
      co_await complain(path + ": " + std::string(errno_text(file.error())));
      co_return;
    }
    const std::string label = path == "-" ? flags_.value("label", "(standard input)") : path;
    InputStream input(process_, *file, &out_);
    co_await search(input, label);
  }
  bool excluded(const std::string& name, std::string_view flag) const {
    const std::vector<std::string> globs = flags_.values(flag);
    return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) { return glob_matches(glob, name); });
  }
  bool included(const std::string& name) const {
    const std::vector<std::string> globs = flags_.values("include");
    return globs.empty() ||
           std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) { return glob_matches(glob, name); });
  }

  std::string paint(const char* color, const std::string& text) const {
    return color_ ? std::string("\x1b[") + color + "m\x1b[K" + text + "\x1b[m\x1b[K" : text;
  }
  std::string prefix(const std::string& label, std::size_t number, std::size_t offset, char mark) const {
    const std::string sign = paint("36", std::string(1, mark));
    std::string text;
    if (named_) text += paint("35", label) + (flags_.has("Z") ? std::string(1, '\0') : sign);
    if (numbers_) text += paint("32", std::to_string(number)) + sign;
    if (flags_.has("b")) text += paint("32", std::to_string(offset)) + sign;
    return text;
  }
  std::string painted_line(const std::string& line) const {
    if (!color_ || invert_) return line;
    std::string text;
    std::size_t from = 0;
    while (auto match = find(line, from)) {
      if (match->end == match->begin) break;
      text +=
          line.substr(from, match->begin - from) + paint("01;31", line.substr(match->begin, match->end - match->begin));
      from = match->end;
    }
    return text + line.substr(from);
  }

  Task<void> search(InputStream& input, std::string label) {
    struct Earlier {
      std::string line;
      std::size_t number;
      std::size_t offset;
    };
    std::deque<Earlier> earlier;
    std::string line;
    std::size_t number = 0;
    std::size_t offset = 0;
    std::size_t last_shown = 0;
    std::size_t trailing = 0;
    std::int64_t count = 0;
    bool binary = false;
    const bool contexts = before_ > 0 || after_ > 0;
    while (most_ != 0 && (input.take_line(line, delimiter_) || co_await input.next_line(line, delimiter_))) {
      ++number;
      const std::size_t begin = offset;
      offset += line.size() + 1;
      if (delimiter_ == '\n' && !flags_.has("a") && line.find('\0') != std::string::npos) binary = true;
      if (binary && (flags_.has("I") || flags_.value("binary-files") == "without-match")) break;
      const auto match = find(line, 0);
      const bool hit = match.has_value() != invert_;
      auto separate = [&](std::size_t first) {
        if (contexts && !only_ && last_shown != 0 && first > last_shown + 1) out_.add(paint("36", "--") + "\n");
      };
      if (hit) {
        any_ = true;
        ++count;
        if (lists_) break;
        if (flags_.has("c")) {
          if (most_ > 0 && count >= most_) break;
          continue;
        }
        if (binary) {
          out_.add("grep: " + label + ": binary file matches\n");
          break;
        }
        if (only_) {
          if (!invert_) print_parts(line, label, number, begin);
        } else {
          separate(earlier.empty() ? number : earlier.front().number);
          for (const Earlier& each : earlier)
            out_.add(prefix(label, each.number, each.offset, '-') + each.line + delimiter_);
          earlier.clear();
          out_.add(prefix(label, number, begin, ':') + painted_line(line) + delimiter_);
          last_shown = number;
          trailing = after_;
        }
        if (most_ > 0 && count >= most_) {
          if (trailing == 0) break;
          while (trailing-- > 0 && co_await input.next_line(line, delimiter_)) {
            if (find(line, 0).has_value() != invert_) break;
            out_.add(prefix(label, ++number, offset, '-') + line + delimiter_);
          }
          break;
        }
      } else if (trailing > 0 && !lists_ && !flags_.has("c")) {
        --trailing;
        out_.add(prefix(label, number, begin, '-') + line + delimiter_);
        last_shown = number;
      } else if (before_ > 0) {
        earlier.push_back({line, number, begin});
        if (earlier.size() > before_) earlier.pop_front();
      }
      if (flags_.has("line-buffered") || out_.wants_flush()) (void)co_await out_.flush();
    }
    if (flags_.has("q")) {
      done_ = any_;
      co_return;
    }
    if (input.error()) {
      co_await complain(label + ": " + std::string(errno_text(*input.error())));
      co_return;
    }
    const std::string end = flags_.has("Z") ? std::string(1, '\0') : "\n";
    if (flags_.has("L")) {
      if (count == 0) out_.add(paint("35", label) + end);
    } else if (flags_.has("l")) {
      if (count > 0) out_.add(paint("35", label) + end);
    } else if (flags_.has("c")) {
      out_.add((named_ ? paint("35", label) + paint("36", ":") : "") + std::to_string(count) + "\n");
    }
  }

  void print_parts(const std::string& line, const std::string& label, std::size_t number, std::size_t begin) {
    std::size_t from = 0;
    while (from <= line.size()) {
      const auto match = find(line, from);
      if (!match) return;
      if (match->end > match->begin) {
        out_.add(prefix(label, number, begin + match->begin, ':') +
                 paint("01;31", line.substr(match->begin, match->end - match->begin)) + "\n");
        from = match->end;
      } else {
        from = match->end + 1;
      }
    }
  }

  Process& process_;
  const CommandFlags& flags_;
  Output out_;
  std::vector<Regex> regexes_;
  std::size_t before_ = 0;
  std::size_t after_ = 0;
  std::int64_t most_ = -1;
  bool invert_ = false;
  bool numbers_ = false;
  bool only_ = false;
  bool color_ = false;
  bool lists_ = false;
  bool named_ = false;
  bool recursive_ = false;
  bool any_ = false;
  bool failed_ = false;
  bool done_ = false;
  char delimiter_ = '\n';
};

}  // namespace

Task<int> grep_main(Process& p) {
  const CommandFlags flags = CommandFlags::parse(p.arguments(), kHelp);
  if (flags.has("help")) {
    co_await p.out(std::string(kHelp));
    co_return 0;
  }
  if (flags.has("V")) {
    co_await p.out("grep (GNU grep) 3.8\n");
    co_return 0;
  }
  if (!flags.problem().empty()) {
    co_await p.err("grep: " + flags.problem() + "\n" + std::string(kUsage) +
                   "Try 'grep --help' for more information.\n");
    co_return 2;
  }
  for (const char* flag : {"A", "B", "C"}) {
    if (!flags.has(flag) || parse_int(flags.value(flag))) continue;
    co_await p.err("grep: " + flags.value(flag) + ": invalid context length argument\n");
    co_return 2;
  }
  Grep grep(p, flags);
  co_return co_await grep.run();
}

}  // namespace drydock
