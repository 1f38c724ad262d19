// Lines numbered, folded, cut up and mixed: nl, fold, expand, unexpand, split, shuf.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/text/regex.h"
#include "core/programs/text_tools/streams.h"
#include "core/programs/text_tools/tools.h"

namespace drydock {
namespace {

constexpr std::string_view kNlHelp =
    "Usage: nl [OPTION]... [FILE]...\n"
    "Write each FILE to standard output, with line numbers added.\n"
    "\n"
    "With no FILE, or when FILE is -, read standard input.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -b, --body-numbering=STYLE      use STYLE for numbering body lines\n"
    "  -d, --section-delimiter=CC      use CC for logical page delimiters\n"
    "  -f, --footer-numbering=STYLE    use STYLE for numbering footer lines\n"
    "  -h, --header-numbering=STYLE    use STYLE for numbering header lines\n"
    "  -i, --line-increment=NUMBER     line number increment at each line\n"
    "  -l, --join-blank-lines=NUMBER   group of NUMBER empty lines counted as one\n"
    "  -n, --number-format=FORMAT      insert line numbers according to FORMAT\n"
    "  -p, --no-renumber               do not reset line numbers for each section\n"
    "  -s, --number-separator=STRING   add STRING after (possible) line number\n"
    "  -v, --starting-line-number=NUMBER  first line number for each section\n"
    "  -w, --number-width=NUMBER       use NUMBER columns for line numbers\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";

constexpr std::string_view kFoldHelp =
    "Usage: fold [OPTION]... [FILE]...\n"
    "Wrap input lines in each FILE, writing to standard output.\n"
    "\n"
    "With no FILE, or when FILE is -, read standard input.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -b, --bytes         count bytes rather than columns\n"
    "  -s, --spaces        break at spaces\n"
    "  -w, --width=WIDTH   use WIDTH columns instead of 80\n"
    "  -NUM                likewise\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";

constexpr std::string_view kExpandHelp =
    "Usage: expand [OPTION]... [FILE]...\n"
    "Convert tabs in each FILE to spaces, writing to standard output.\n"
    "\n"
    "With no FILE, or when FILE is -, read standard input.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -i, --initial    do not convert tabs after non blanks\n"
    "  -t, --tabs=LIST  have tabs N characters apart, not 8\n"
    "  -NUM             likewise\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";

constexpr std::string_view kUnexpandHelp =
    "Usage: unexpand [OPTION]... [FILE]...\n"
    "Convert blanks in each FILE to tabs, writing to standard output.\n"
    "\n"
    "With no FILE, or when FILE is -, read standard input.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -a, --all        convert all blanks, instead of just initial blanks\n"
    "      --first-only  convert only leading sequences of blanks (overrides -a)\n"
    "  -t, --tabs=N     have tabs N characters apart instead of 8 (enables -a)\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";

constexpr std::string_view kSplitHelp =
    "Usage: split [OPTION]... [FILE [PREFIX]]\n"
    "Output pieces of FILE to PREFIXaa, PREFIXab, ...;\n"
    "default size is 1000 lines, and default PREFIX is 'x'.\n"
    "\n"
    "With no FILE, or when FILE is -, read standard input.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -a, --suffix-length=N   generate suffixes of length N (default 2)\n"
    "      --additional-suffix=SUFFIX  append an additional SUFFIX to file names\n"
    "  -b, --bytes=SIZE        put SIZE bytes per output file\n"
    "  -C, --line-bytes=SIZE   put at most SIZE bytes of records per output file\n"
    "  -d                      use numeric suffixes starting at 0, not alphabetic\n"
    "      --numeric-suffixes[=FROM]  same as -d, but allow setting the start value\n"
    "  -x                      use hex suffixes starting at 0, not alphabetic\n"
    "  -e, --elide-empty-files  do not generate empty output files with '-n'\n"
    "  -l, --lines=NUMBER      put NUMBER lines/records per output file\n"
    "  -n, --number=CHUNKS     generate CHUNKS output files\n"
    "  -NUM                    same as -l NUM\n"
    "      --verbose           print a diagnostic just before each\n"
    "                            output file is opened\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";

constexpr std::string_view kShufHelp =
    "Usage: shuf [OPTION]... [FILE]\n"
    "  or:  shuf -e [OPTION]... [ARG]...\n"
    "  or:  shuf -i LO-HI [OPTION]...\n"
    "Write a random permutation of the input lines to standard output.\n"
    "\n"
    "With no FILE, or when FILE is -, read standard input.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -e, --echo                treat each ARG as an input line\n"
    "  -i, --input-range=LO-HI   treat each number LO through HI as an input line\n"
    "  -n, --head-count=COUNT    output at most COUNT lines\n"
    "  -o, --output=FILE         write result to FILE instead of standard output\n"
    "      --random-source=FILE  get random bytes from FILE\n"
    "  -r, --repeat              output lines can be repeated\n"
    "  -z, --zero-terminated     line delimiter is NUL, not newline\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";

constexpr std::int64_t kMostNumbers = 1 << 22;  // of shuf -i: they lie in memory

// "a", "t", "n" or "pREGEX".
struct NumberStyle {
  char kind = 't';
  std::optional<Regex> pattern;
  bool numbers(const std::string& line) const {
    return kind == 'a' || (kind == 't' && !line.empty()) || (kind == 'p' && pattern && pattern->matches(line));
  }
};

std::string suffix_of(std::size_t number, std::size_t length, unsigned base, char zero) {
  std::string text(length, zero);
  for (std::size_t i = length; i-- > 0; number /= base) {
    const auto digit = static_cast<char>(number % base);
    text[i] = base == 26   ? static_cast<char>('a' + digit)
              : digit < 10 ? static_cast<char>('0' + digit)
                           : static_cast<char>('a' + digit - 10);
  }
  return text;
}

}  // namespace

Task<int> nl_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kNlHelp);
  if (flags.ended()) co_return flags.exit_code();
  NumberStyle styles[3];  // header, body, footer
  static constexpr const char* kNames[] = {"h", "b", "f"};
  static constexpr const char* kParts[] = {"header", "body", "footer"};
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string given = flags.value(kNames[i], i == 1 ? "t" : "n");
    if (given.empty() || std::string_view("atnp").find(given[0]) == std::string_view::npos) {
      co_await complain_with_hint(p, std::string("invalid ") + kParts[i] + " numbering style: " + quoted(given));
      co_return 1;
    }
    styles[i].kind = given[0];
    if (given[0] == 'p') styles[i].pattern = Regex::compile(given.substr(1), Regex::Syntax::kBasic);
  }
  const auto start = parse_int(flags.value("v", "1"));
  const auto step = parse_int(flags.value("i", "1"));
  const auto width = parse_int(flags.value("w", "6"));
  const auto blanks = parse_int(flags.value("l", "1"));
  const std::string layout = flags.value("n", "rn");
  const auto invalid = [](const char* what, const std::string& given, bool out_of_range) {
    return std::string("invalid ") + what + ": " + quoted(given) +
           (out_of_range ? ": Numerical result out of range" : "");
  };
  std::string problem;
  if (!start) problem = invalid("starting line number", flags.value("v"), false);
  if (!step) problem = invalid("line number increment", flags.value("i"), false);
  if (!width || *width < 1) problem = invalid("line number field width", flags.value("w"), width.has_value());
  if (!blanks || *blanks < 1) problem = invalid("line number of blank lines", flags.value("l"), blanks.has_value());
  if (!problem.empty()) {
    co_await report(p, problem);
    co_return 1;
  }
  if (layout != "ln" && layout != "rn" && layout != "rz") {
    co_await complain_with_hint(p, "invalid line numbering format: " + quoted(layout));
    co_return 1;
  }
  std::string text;
  const bool fine = co_await read_together(p, flags.operands(), text);
  const std::string separator = flags.value("s", "\t");
  const std::string mark = flags.value("d", "\\:").size() == 1 ? flags.value("d") + ":" : flags.value("d", "\\:");
  std::int64_t number = *start;
  std::int64_t empty = 0;
  std::size_t part = 1;
  Output out(p);
  for (const std::string& line : split_lines(text)) {
    if (!mark.empty() && (line == mark || line == mark + mark || line == mark + mark + mark)) {
      part = line.size() / mark.size() == 3 ? 0 : line.size() / mark.size() == 2 ? 1 : 2;
      if (part == 0 && !flags.has("p")) number = *start;
      out.add("\n");
      continue;
    }
    bool numbered = styles[part].numbers(line);
    if (numbered && line.empty() && *blanks > 1) {
      numbered = ++empty == *blanks;
      if (numbered) empty = 0;
    } else if (!line.empty()) {
      empty = 0;
    }
    const auto columns = static_cast<std::size_t>(*width);
    if (numbered) {
      std::string digits = std::to_string(number);
      if (layout == "rz" && digits.size() < columns) digits.insert(number < 0 ? 1 : 0, columns - digits.size(), '0');
      out.add(layout == "ln" ? pad_right(digits, columns) : pad_left(digits, columns));
      out.add(separator + line + "\n");
      number += *step;
    } else {
      out.add(std::string(columns + separator.size(), ' ') + line + "\n");
    }
    if (out.wants_flush() && !co_await out.flush()) co_return 1;
  }
  (void)co_await out.flush();
  co_return fine ? 0 : 1;
}

Task<int> fold_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kFoldHelp);
  if (flags.ended()) co_return flags.exit_code();
  const std::string given = flags.value("w", flags.value("NUM", "80"));
  const auto width = parse_int(given);
  if (!width || *width < 1) {
    co_await report(p, "invalid number of columns: " + quoted(given));
    co_return 1;
  }
  std::string text;
  const bool fine = co_await read_together(p, flags.operands(), text);
  const auto limit = static_cast<std::size_t>(*width);
  const bool bytes = flags.has("b");
  const auto after = [&](std::size_t column, char c) {
    if (bytes) return column + 1;
    return c == '\t' ? column / 8 * 8 + 8 : c == '\b' ? (column > 0 ? column - 1 : 0) : c == '\r' ? 0 : column + 1;
  };
  std::string out;
  std::string line;
  std::size_t column = 0;
  for (char c : text) {
    if (c == '\n') {
      out += line + '\n';
      line.clear();
      column = 0;
      continue;
    }
    if (after(column, c) > limit && !line.empty()) {
      const std::size_t blank = flags.has("s") ? line.find_last_of(" \t") : std::string::npos;
      const std::size_t cut = blank == std::string::npos ? line.size() : blank + 1;
      out += line.substr(0, cut) + '\n';
      line.erase(0, cut);
      column = 0;
      for (char kept : line) column = after(column, kept);
    }
    line += c;
    column = after(column, c);
  }
  co_await p.out(out + line);
  co_return fine ? 0 : 1;
}

Task<int> expand_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kExpandHelp);
  if (flags.ended()) co_return flags.exit_code();
  std::vector<std::size_t> stops;  // one: a distance
  for (const std::string& piece : split(replace_all(flags.value("t", flags.value("NUM", "8")), " ", ","), ',')) {
    const auto number = parse_int(piece);
    if (!number || *number < 1) {
      co_await report(
          p, number ? std::string("tab size cannot be 0") : "tab size contains invalid character(s): " + quoted(piece));
      co_return 1;
    }
    stops.push_back(static_cast<std::size_t>(*number));
  }
  std::string text;
  const bool fine = co_await read_together(p, flags.operands(), text);
  std::string out;
  std::size_t column = 0;
  bool leading = true;
  for (char c : text) {
    if (c == '\t' && (leading || !flags.has("i"))) {
      std::size_t next = column + 1;  // beyond the last stop a tab is a space
      if (stops.size() == 1) next = (column / stops[0] + 1) * stops[0];
      for (const std::size_t stop : stops) {
        if (stops.size() > 1 && stop > column) {
          next = stop;
          break;
        }
      }
      out.append(next - column, ' ');
      column = next;
      continue;
    }
    out += c;
    leading = c == '\n' || (leading && (c == ' ' || c == '\t'));
    column = c == '\n' ? 0 : c == '\b' ? (column > 0 ? column - 1 : 0) : column + 1;
  }
  co_await p.out(std::move(out));
  co_return fine ? 0 : 1;
}

Task<int> unexpand_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kUnexpandHelp);
  if (flags.ended()) co_return flags.exit_code();
  const auto distance = parse_int(flags.value("t", "8"));
  if (!distance || *distance < 1) {
    co_await report(p, "tab size contains invalid character(s): " + quoted(flags.value("t")));
    co_return 1;
  }
  const auto stop = static_cast<std::size_t>(*distance);
  const bool everywhere = (flags.has("a") || flags.has("t")) && !flags.has("first-only");
  std::string text;
  const bool fine = co_await read_together(p, flags.operands(), text);
  std::string out;
  std::size_t column = 0;
  std::size_t blanks = 0;  // spaces held back
  bool leading = true;
  for (char c : text) {
    if ((c == ' ' || c == '\t') && (leading || everywhere)) {
      const std::size_t next = c == '\t' ? (column / stop + 1) * stop : column + 1;
      blanks += next - column;
      column = next;
      // A single space before a stop stays one.
      if (column % stop == 0 && (blanks > 1 || c == '\t' || leading)) {
        out += '\t';
        blanks = 0;
      }
      continue;
    }
    out.append(blanks, ' ');
    blanks = 0;
    out += c;
    leading = c == '\n';
    column = c == '\n' ? 0 : column + 1;
  }
  out.append(blanks, ' ');
  co_await p.out(std::move(out));
  co_return fine ? 0 : 1;
}

Task<int> split_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kSplitHelp);
  if (flags.ended()) co_return flags.exit_code();
  const std::vector<std::string>& operands = flags.operands();
  if (operands.size() > 2) {
    co_await complain_with_hint(p, "extra operand " + quoted(operands[2]));
    co_return 1;
  }
  const std::string how = flags.last_of("b C l n NUM");
  const std::string amount = how.empty() ? "1000" : flags.value(how);
  const bool by_lines_chunks = how == "n" && amount.starts_with("l/");
  const auto size = parse_size(by_lines_chunks ? amount.substr(2) : amount);
  if (!size || *size < 1) {
    const char* what = how == "b" || how == "C" ? "invalid number of bytes: "
                       : how == "n"             ? "invalid number of chunks: "
                                                : "invalid number of lines: ";
    co_await report(p, what + quoted(amount));
    co_return 1;
  }
  const std::string path = operands.empty() ? "-" : operands[0];
  const std::string prefix = operands.size() > 1 ? operands[1] : "x";
  const auto read = co_await read_input(p, path);
  if (!read) {
    co_await report(p, "cannot open " + quoted(path) + " for reading: " + std::string(errno_text(read.error())));
    co_return 1;
  }
  const std::string_view text = *read;
  const auto unit = static_cast<std::size_t>(*size);
  std::vector<std::string_view> pieces;
  if (how == "n") {
    const std::size_t share = text.size() / unit;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < unit; ++i) {
      std::size_t end = i + 1 == unit ? text.size() : (i + 1) * share + std::min(i + 1, text.size() % unit);
      if (by_lines_chunks && end > begin && end < text.size()) {
        const std::size_t newline = text.find('\n', end - 1);
        end = newline == std::string_view::npos ? text.size() : newline + 1;
      }
      end = std::max(end, begin);
      if (end > begin || !flags.has("e")) pieces.push_back(text.substr(begin, end - begin));
      begin = end;
    }
  } else {
    for (std::size_t begin = 0; begin < text.size();) {
      std::size_t end = begin;
      if (how == "b") {
        end = begin + unit;
      } else if (how == "C") {
        // Whole lines as long as they fit; a line that never fits is cut.
        while (end < text.size()) {
          const std::size_t newline = text.find('\n', end);
          const std::size_t next = newline == std::string_view::npos ? text.size() : newline + 1;
          if (next - begin > unit) break;
          end = next;
        }
        if (end == begin) end = begin + unit;
      } else {
        for (std::size_t lines = 0; lines < unit && end < text.size(); ++lines) {
          const std::size_t newline = text.find('\n', end);
          end = newline == std::string_view::npos ? text.size() : newline + 1;
        }
      }
      end = std::min(end, text.size());
      pieces.push_back(text.substr(begin, end - begin));
      begin = end;
    }
  }
  const bool decimal = flags.has("d") || flags.has("numeric-suffixes");
  const unsigned base = decimal ? 10 : flags.has("x") ? 16 : 26;
  const auto first =
      static_cast<std::size_t>(std::max<std::int64_t>(0, parse_int(flags.value("numeric-suffixes", "0")).value_or(0)));
  auto length = static_cast<std::size_t>(std::clamp<std::int64_t>(parse_int(flags.value("a", "2")).value_or(2), 1, 9));
  std::size_t most = 1;
  for (std::size_t i = 0; i < length; ++i) most *= base;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (first + i >= most) {
      co_await report(p, "output file suffixes exhausted");
      co_return 1;
    }
    const std::string name = prefix + suffix_of(first + i, length, base, '0') + flags.value("additional-suffix");
    if (flags.has("verbose")) co_await p.out("creating file " + quoted(name) + "\n");
    const auto written = p.write_file(name, std::string(pieces[i]));
    if (!written) {
      co_await report(p, name + ": " + std::string(errno_text(written.error())));
      co_return 1;
    }
  }
  co_return 0;
}

Task<int> shuf_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kShufHelp);
  if (flags.ended()) co_return flags.exit_code();
  const char end = flags.has("z") ? '\0' : '\n';
  std::vector<std::string> lines;
  const auto count = parse_int(flags.value("n", "9223372036854775807"));
  if (!count || *count < 0) {
    co_await report(p, "invalid line count: " + quoted(flags.value("n")));
    co_return 1;
  }
  if (flags.has("i")) {
    const std::string range = flags.value("i");
    const std::size_t dash = range.find('-', 1);
    const auto low = parse_int(range.substr(0, dash));
    const auto high = dash == std::string::npos ? std::nullopt : parse_int(range.substr(dash + 1));
    if (!low || !high || *low < 0 || *high + 1 < *low || *high - *low > kMostNumbers) {
      co_await report(p, "invalid input range: " + quoted(range));
      co_return 1;
    }
    for (std::int64_t number = *low; number <= *high; ++number) lines.push_back(std::to_string(number));
  } else if (flags.has("e")) {
    lines = flags.operands();
  } else {
    if (flags.operands().size() > 1) {
      co_await complain_with_hint(p, "extra operand " + quoted(flags.operands()[1]));
      co_return 1;
    }
    const std::string path = flags.operands().empty() ? "-" : flags.operands()[0];
    const auto text = co_await read_input(p, path);
    if (!text) {
      co_await p.err(p.error_text(path, text.error()) + "\n");
      co_return 1;
    }
    lines = split_lines(*text, end);
  }
  std::string out;
  Output stream(p);
  const auto draw = [&](std::size_t below) {
    return static_cast<std::size_t>(p.prng().between(0, static_cast<std::int64_t>(below) - 1));
  };
  if (flags.has("r")) {
    if (lines.empty()) {
      co_await report(p, "no lines to repeat");
      co_return 1;
    }
    Breath breath(p);
    for (std::int64_t i = 0; i < *count; ++i) {
      stream.add(lines[draw(lines.size())] + end);
      if (stream.wants_flush() && !co_await stream.flush()) co_return 1;
      if (breath.due()) co_await breath.take();
    }
    (void)co_await stream.flush();
    co_return 0;
  }
  const std::size_t wanted = std::min(lines.size(), static_cast<std::size_t>(*count));
  for (std::size_t i = 0; i < wanted; ++i) {
    std::swap(lines[i], lines[i + draw(lines.size() - i)]);
    out += lines[i] + end;
  }
  if (flags.has("o")) {
    const auto written = p.write_file(flags.value("o"), std::move(out));
    if (!written) co_await p.err(p.error_text(flags.value("o"), written.error()) + "\n");
    co_return written ? 0 : 1;
  }
  co_await p.out(std::move(out));
  co_return 0;
}

}  // namespace drydock
