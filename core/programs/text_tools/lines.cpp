// cat, cut, tee, wc, tac, rev.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/command_flags.h"
#include "core/programs/text_tools/streams.h"
#include "core/programs/text_tools/tools.h"

namespace drydock {
namespace {

constexpr std::string_view kCatHelp =
    "Usage: cat [OPTION]... [FILE]...\n"
    "Concatenate FILE(s) to standard output.\n"
    "\n"
    "With no FILE, or when FILE is -, read standard input.\n"
    "\n"
    "  -A, --show-all           equivalent to -vET\n"
    "  -b, --number-nonblank    number nonempty output lines, overrides -n\n"
    "  -e                       equivalent to -vE\n"
    "  -E, --show-ends          display $ at end of each line\n"
    "  -n, --number             number all output lines\n"
    "  -s, --squeeze-blank      suppress repeated empty output lines\n"
    "  -t                       equivalent to -vT\n"
    "  -T, --show-tabs          display TAB characters as ^I\n"
    "  -u                       (ignored)\n"
    "  -v, --show-nonprinting   use ^ and M- notation, except for LFD and TAB\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";
constexpr std::string_view kTeeHelp =
    "Usage: tee [OPTION]... [FILE]...\n"
    "Copy standard input to each FILE, and also to standard output.\n"
    "\n"
    "  -a, --append              append to the given FILEs, do not overwrite\n"
    "  -i, --ignore-interrupts   ignore interrupt signals\n"
    "  -p                        diagnose errors writing to non pipes\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";
constexpr std::string_view kWcHelp =
    "Usage: wc [OPTION]... [FILE]...\n"
    "Print newline, word, and byte counts for each FILE, and a total line if\n"
    "more than one FILE is specified.  A word is a non-zero-length sequence of\n"
    "printable characters delimited by white space.\n"
    "\n"
    "With no FILE, or when FILE is -, read standard input.\n"
    "\n"
    "The options below may be used to select which counts are printed, always in\n"
    "the following order: newline, word, character, byte, maximum line length.\n"
    "  -c, --bytes            print the byte counts\n"
    "  -m, --chars            print the character counts\n"
    "  -l, --lines            print the newline counts\n"
    "  -L, --max-line-length  print the maximum display width\n"
    "  -w, --words            print the word counts\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";
constexpr std::string_view kCutHelp =
    "Usage: cut OPTION... [FILE]...\n"
    "Print selected parts of lines from each FILE to standard output.\n"
    "\n"
    "With no FILE, or when FILE is -, read standard input.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -b, --bytes=LIST        select only these bytes\n"
    "  -c, --characters=LIST   select only these characters\n"
    "  -d, --delimiter=DELIM   use DELIM instead of TAB for field delimiter\n"
    "  -f, --fields=LIST       select only these fields;  also print any line\n"
    "                            that contains no delimiter character, unless\n"
    "                            the -s option is specified\n"
    "  -n                      (ignored)\n"
    "      --complement        complement the set of selected bytes, characters\n"
    "                            or fields\n"
    "  -s, --only-delimited    do not print lines not containing delimiters\n"
    "      --output-delimiter=STRING  use STRING as the output delimiter\n"
    "                            the default is to use the input delimiter\n"
    "  -z, --zero-terminated   line delimiter is NUL, not newline\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";
constexpr std::string_view kPlainHelp =
    "Usage: tac [OPTION]... [FILE]...\n"
    "Write each FILE to standard output, last line first.\n"
    "\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";
constexpr std::string_view kRevHelp =
    "Usage: rev [options] [file ...]\n"
    "Reverse lines characterwise.\n"
    "\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";

std::string visible(char c) {
  auto byte = static_cast<unsigned char>(c);
  std::string text;
  if (byte >= 128) {
    text = "M-";
    byte = static_cast<unsigned char>(byte - 128);
  }
  if (byte < 32) return text + "^" + static_cast<char>(byte + 64);
  if (byte == 127) return text + "^?";
  return text + static_cast<char>(byte);
}

struct Ranges {
  std::vector<std::pair<std::size_t, std::size_t>> spans;  // from 1, both ends included
  bool complement = false;
  bool has(std::size_t n) const {
    bool inside = false;
    for (const auto& [low, high] : spans) inside = inside || (n >= low && n <= high);
    return inside != complement;
  }
};

// "1,3-5,-2,7-"; what is wrong, in cut's words, or "".
std::string read_ranges(const std::string& list, bool fields, Ranges& ranges) {
  const std::string kind = fields ? "field" : "byte/character position";
  for (const std::string& piece : split(replace_all(list, " ", ","), ',')) {
    const std::size_t dash = piece.find('-');
    const std::string low = piece.substr(0, dash);
    const std::string high = dash == std::string::npos ? low : piece.substr(dash + 1);
    if (piece == "-") return "invalid range with no endpoint: -";
    const auto first = low.empty() && dash != std::string::npos ? std::optional<std::int64_t>(1) : parse_int(low);
    const auto last =
        high.empty() && dash != std::string::npos ? std::optional<std::int64_t>(INT64_MAX) : parse_int(high);
    if (!first || !last) return "invalid " + kind + (fields ? " value" : "") + " '" + piece + "'";
    if (*first < 1) return std::string(fields ? "fields are" : "byte/character positions are") + " numbered from 1";
    if (*last < *first) return "invalid decreasing range";
    ranges.spans.emplace_back(*first, *last);
  }
  return "";
}

}  // namespace

Task<int> cat_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kCatHelp);
  if (flags.ended()) co_return flags.exit_code();
  const bool ends = flags.has("E") || flags.has("A") || flags.has("e");
  const bool tabs = flags.has("T") || flags.has("A") || flags.has("t");
  const bool marks = flags.has("v") || flags.has("A") || flags.has("e") || flags.has("t");
  const bool plain = !ends && !tabs && !marks && !flags.has("n") && !flags.has("b") && !flags.has("s");
  std::vector<std::string> files = flags.operands();
  if (files.empty()) files.emplace_back("-");
  Output out(p);
  int code = 0;
  int number = 0;
  bool was_blank = false;
  bool at_start = true;
  for (const std::string& path : files) {
    auto file = open_input(p, path);
    if (!file) {
      (void)co_await out.flush();
      co_await p.err(p.error_text(path, file.error()) + "\n");
      code = 1;
      continue;
    }
    InputStream input(p, *file, &out);
    std::string line;
    if (plain) {
      while (co_await input.fill()) {
        out.add(input.available());
        input.consume(input.available().size());
      }
    }
    while (!plain && (input.take_line(line) || co_await input.next_line(line))) {
      const bool blank = at_start && line.empty() && input.terminated();
      if (flags.has("s") && blank && was_blank) continue;
      was_blank = blank;
      if (at_start && (flags.has("b") ? !blank : flags.has("n"))) out.add(format("%6d\t", ++number));
      for (char c : line) {
        if (c == '\t')
          out.add(tabs ? "^I" : "\t");
        else
          out.add(marks ? visible(c) : std::string(1, c));
      }
      at_start = input.terminated();
      if (at_start) out.add(ends ? "$\n" : "\n");
    }
    if (input.error()) {
      (void)co_await out.flush();
      co_await p.err(p.error_text(path, *input.error()) + "\n");
      code = 1;
    }
  }
  (void)co_await out.flush();
  co_return code;
}

Task<int> tee_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kTeeHelp);
  if (flags.ended()) co_return flags.exit_code();
  if (flags.has("i")) p.on_signal(kSigInt, Process::Disposition::kIgnore);
  std::vector<OpenFilePtr> files;
  int code = 0;
  for (const std::string& path : flags.operands()) {
    auto file = open_output(p, path, flags.has("a"));
    if (file) {
      files.push_back(*file);
    } else {
      co_await p.err(p.error_text(path, file.error()) + "\n");
      code = 1;
    }
  }
  for (;;) {
    const auto piece = co_await p.read(0);
    if (!piece || piece->empty()) co_return code;
    if (!co_await p.write(1, *piece)) code = 1;
    for (const OpenFilePtr& file : files) (void)co_await file->write(p, *piece);
  }
}

namespace {

// What standard input is: a file, or nothing that has a size.
SysResult<FileStat> stat_of_input(Process& p) {
  const OpenFilePtr file = p.file(0);
  const InodePtr inode = file ? file->inode() : nullptr;
  if (!inode) return Errno::kNoEnt;
  return FileSystem::stat_of(*inode);
}

}  // namespace

Task<int> wc_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kWcHelp);
  if (flags.ended()) co_return flags.exit_code();
  std::vector<std::string> files = flags.operands();
  const bool all = flags.given().empty();
  const bool named = !files.empty();
  if (files.empty()) files.emplace_back("-");
  struct Row {
    std::vector<std::uint64_t> counts;
    std::string name;
  };
  std::vector<Row> rows;
  std::vector<std::uint64_t> totals;
  std::uint64_t bytes = 0;
  bool regular = true;
  int code = 0;
  for (const std::string& path : files) {
    const SysResult<FileStat> info = path == "-" ? stat_of_input(p) : p.stat(path);
    auto text = co_await read_input(p, path);
    if (!text) {
      co_await p.err(p.error_text(path, text.error()) + "\n");
      code = 1;
      if (text.error() != Errno::kIsDir) continue;
      text = std::string();
      regular = false;
    }
    regular = regular && info && info->type == FileType::kRegular;
    bytes += text->size();
    std::uint64_t widest = 0;
    for (const std::string& line : split_lines(*text)) {
      std::uint64_t width = 0;
      for (char c : line) width = c == '\t' ? (width / 8 + 1) * 8 : width + 1;
      widest = std::max(widest, width);
    }
    Row row;
    row.name = named ? path : "";
    if (all || flags.has("l"))
      row.counts.push_back(static_cast<std::uint64_t>(std::count(text->begin(), text->end(), '\n')));
    if (all || flags.has("w")) row.counts.push_back(split_whitespace(*text).size());
    if (flags.has("m")) row.counts.push_back(p.env("LC_ALL") == "C" ? text->size() : utf8_length(*text));
    if (all || flags.has("c")) row.counts.push_back(text->size());
    const bool has_width = flags.has("L");
    if (has_width) row.counts.push_back(widest);
    totals.resize(row.counts.size());
    for (std::size_t i = 0; i < row.counts.size(); ++i) {
      const bool is_width = has_width && i + 1 == row.counts.size();
      totals[i] = is_width ? std::max(totals[i], row.counts[i]) : totals[i] + row.counts[i];
    }
    rows.push_back(std::move(row));
  }
  if (files.size() > 1) rows.push_back({totals, "total"});
  // The columns are as wide as the sum of the sizes needs; what has no size gets seven.
  std::size_t width = regular ? std::to_string(bytes).size() : 7;
  if (files.size() == 1 && totals.size() == 1) width = 1;
  std::string out;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.counts.size(); ++i)
      out += (i > 0 ? " " : "") + pad_left(std::to_string(row.counts[i]), width);
    out += (row.name.empty() ? "" : " " + row.name) + "\n";
  }
  co_await p.out(std::move(out));
  co_return code;
}

Task<int> cut_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kCutHelp);
  if (flags.ended()) co_return flags.exit_code();
  const int kinds = (flags.has("b") ? 1 : 0) + (flags.has("c") ? 1 : 0) + (flags.has("f") ? 1 : 0);
  const bool fields = flags.has("f");
  Ranges ranges;
  ranges.complement = flags.has("complement");
  std::string problem;
  if (kinds == 0)
    problem = "you must specify a list of bytes, characters, or fields";
  else if (kinds > 1)
    problem = "only one list may be specified";
  else if (flags.has("d") && !fields)
    problem = "an input delimiter may be specified only when operating on fields";
  else if (flags.has("d") && flags.value("d").size() > 1)
    problem = "the delimiter must be a single character";
  else if (flags.has("s") && !fields)
    problem = "suppressing non-delimited lines makes sense\n\tonly when operating on fields";
  else
    problem = read_ranges(flags.value(fields ? "f" : flags.has("b") ? "b" : "c"), fields, ranges);
  if (!problem.empty()) {
    co_await complain_with_hint(p, problem);
    co_return 1;
  }
  const std::string given = flags.value("d");
  const char delimiter = !flags.has("d") ? '\t' : given.empty() ? '\0' : given[0];
  const char end = flags.has("z") ? '\0' : '\n';
  const std::string joint = flags.value("output-delimiter", fields ? std::string(1, delimiter) : "");
  std::vector<std::string> files = flags.operands();
  if (files.empty()) files.emplace_back("-");
  Output out(p);
  int code = 0;
  for (const std::string& path : files) {
    auto file = open_input(p, path);
    if (!file) {
      (void)co_await out.flush();
      co_await p.err(p.error_text(path, file.error()) + "\n");
      code = 1;
      continue;
    }
    InputStream input(p, *file, &out);
    std::string line;
    while (input.take_line(line, end) || co_await input.next_line(line, end)) {
      if (out.wants_flush()) (void)co_await out.flush();
      if (fields) {
        if (!contains(line, std::string_view(&delimiter, 1))) {
          if (!flags.has("s")) out.add(line + end);
          continue;
        }
        const std::vector<std::string> pieces = split(line, delimiter);
        bool first = true;
        for (std::size_t i = 0; i < pieces.size(); ++i) {
          if (!ranges.has(i + 1)) continue;
          if (!first) out.add(joint);
          out.add(pieces[i]);
          first = false;
        }
      } else {
        bool before = false;
        bool any = false;
        for (std::size_t i = 0; i < line.size(); ++i) {
          const bool wanted = ranges.has(i + 1);
          if (wanted && !before && any) out.add(joint);
          if (wanted) out.add(line[i]);
          any = any || wanted;
          before = wanted;
        }
      }
      out.add(end);
    }
    if (input.error()) {
      (void)co_await out.flush();
      co_await p.err(p.error_text(path, *input.error()) + "\n");
      code = 1;
    }
  }
  (void)co_await out.flush();
  co_return code;
}

Task<int> tac_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kPlainHelp);
  if (flags.ended()) co_return flags.exit_code();
  std::vector<std::string> files = flags.operands();
  if (files.empty()) files.emplace_back("-");
  int code = 0;
  for (const std::string& path : files) {
    auto text = co_await read_input(p, path);
    if (!text) {
      co_await p.err("tac: failed to open '" + path + "' for reading: " + std::string(errno_text(text.error())) + "\n");
      code = 1;
      continue;
    }
    const std::vector<std::string> lines = split_lines(*text);
    std::string out;
    for (std::size_t i = lines.size(); i-- > 0;)
      out += lines[i] + (i + 1 == lines.size() && !text->ends_with("\n") ? "" : "\n");
    co_await p.out(std::move(out));
  }
  co_return code;
}

Task<int> rev_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kRevHelp);
  if (flags.ended()) co_return flags.exit_code();
  std::vector<std::string> files = flags.operands();
  if (files.empty()) files.emplace_back("-");
  int code = 0;
  for (const std::string& path : files) {
    auto text = co_await read_input(p, path);
    if (!text) {
      co_await p.err("rev: cannot open " + path + ": " + std::string(errno_text(text.error())) + "\n");
      code = 1;
      continue;
    }
    std::string out;
    for (const std::string& line : split_lines(*text)) out += std::string(line.rbegin(), line.rend()) + "\n";
    if (!text->empty() && !text->ends_with("\n")) out.pop_back();
    co_await p.out(std::move(out));
  }
  co_return code;
}

}  // namespace drydock
