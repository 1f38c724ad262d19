// Lines side by side: column, paste, join, comm.
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/tty.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/text_tools/streams.h"
#include "core/programs/text_tools/tools.h"

namespace drydock {
namespace {

// The lines of a file; a complaint and nothing when it cannot be read.
Task<std::optional<std::vector<std::string>>> lines_of(Process& p, std::string path, char end = '\n') {
  auto text = co_await read_input(p, path);
  if (!text) {
    co_await p.err(p.error_text(path, text.error()) + "\n");
    co_return std::nullopt;
  }
  co_return split_lines(*text, end);
}

// --- column ---

constexpr std::string_view kColumnHelp =
    "\n"
    "Usage:\n"
    " column [options] [<file>...]\n"
    "\n"
    "Columnate lists.\n"
    "\n"
    "Options:\n"
    " -t, --table                      create a table\n"
    " -n, --table-name=<name>          table name for JSON output\n"
    " -O, --table-order=<columns>      specify order of output columns\n"
    " -N, --table-columns=<names>      comma separated columns names\n"
    " -l, --table-columns-limit=<num>  maximal number of input columns\n"
    " -E, --table-noextreme=<columns>  don't count long text from the columns to column width\n"
    " -d, --table-noheadings           don't print header\n"
    " -e, --table-header-repeat        repeat header for each page\n"
    " -H, --table-hide=<columns>       don't print the columns\n"
    " -R, --table-right=<columns>      right align text in these columns\n"
    " -T, --table-truncate=<columns>   truncate text in the columns when necessary\n"
    " -W, --table-wrap=<columns>       wrap text in the columns when necessary\n"
    " -L, --keep-empty-lines           don't ignore empty lines\n"
    " -J, --json                       use JSON output format for table\n"
    "\n"
    " -c, --output-width=<width>       width of output in number of characters\n"
    " -o, --output-separator=<string>  columns separator for table output (default is two spaces)\n"
    " -s, --separator=<string>         possible table delimiters\n"
    " -x, --fillrows                   fill rows before columns\n"
    "\n"
    " -h, --help                       display this help\n"
    " -V, --version                    display version\n"
    "\n";

// Runs of white space separate unless -s names the delimiters; then each one does.
std::vector<std::string> cells_of(const std::string& line, const CommandFlags& flags) {
  std::vector<std::string> cells;
  const std::size_t limit =
      static_cast<std::size_t>(std::max<std::int64_t>(1, parse_int(flags.value("l", "1000000")).value_or(1000000)));
  if (!flags.has("s")) {
    std::size_t at = 0;
    while ((at = line.find_first_not_of(" \t", at)) != std::string::npos) {
      const std::size_t end = cells.size() + 1 == limit ? std::string::npos : line.find_first_of(" \t", at);
      cells.push_back(line.substr(at, end == std::string::npos ? end : end - at));
      if (end == std::string::npos) break;
      at = end;
    }
    return cells;
  }
  const std::string delimiters = flags.value("s");
  for (std::size_t at = 0;;) {
    const std::size_t end = cells.size() + 1 == limit ? std::string::npos : line.find_first_of(delimiters, at);
    cells.push_back(line.substr(at, end == std::string::npos ? end : end - at));
    if (end == std::string::npos) return cells;
    at = end + 1;
  }
}

// Columns by name or number, from 1; "-" or "0" is all of them.
std::vector<std::size_t> chosen_columns(const std::string& list, const std::vector<std::string>& names,
                                        std::size_t count) {
  std::vector<std::size_t> chosen;
  for (const std::string& piece : split(list, ',')) {
    const auto named = std::find(names.begin(), names.end(), piece);
    const auto number = parse_int(piece);
    if (piece == "-" || piece == "0") {
      for (std::size_t i = 0; i < count; ++i) chosen.push_back(i);
    } else if (named != names.end()) {
      chosen.push_back(static_cast<std::size_t>(named - names.begin()));
    } else if (number && *number == -1 && count > 0) {
      chosen.push_back(count - 1);
    } else if (number && *number > 0 && static_cast<std::size_t>(*number) <= count) {
      chosen.push_back(static_cast<std::size_t>(*number) - 1);
    }
  }
  return chosen;
}

std::string table_text(const std::vector<std::string>& lines, const CommandFlags& flags) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> names = flags.has("N") ? split(flags.value("N"), ',') : std::vector<std::string>();
  for (const std::string& line : lines) rows.push_back(cells_of(line, flags));
  std::size_t count = names.size();
  for (const auto& row : rows) count = std::max(count, row.size());
  names.resize(std::max(names.size(), flags.has("N") ? count : 0));
  if (flags.has("N") && !flags.has("d")) rows.insert(rows.begin(), names);
  const std::vector<std::size_t> right = chosen_columns(flags.value("R"), names, count);
  const std::vector<std::size_t> hidden = chosen_columns(flags.value("H"), names, count);
  std::vector<std::size_t> order;
  if (flags.has("O")) order = chosen_columns(flags.value("O"), names, count);
  for (std::size_t i = 0; i < count; ++i) {
    if (std::find(order.begin(), order.end(), i) == order.end()) order.push_back(i);
  }
  std::erase_if(order, [&](std::size_t i) { return std::find(hidden.begin(), hidden.end(), i) != hidden.end(); });
  std::vector<std::size_t> widths(count, 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  }
  const std::string separator = flags.value("o", "  ");
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t k = 0; k < order.size(); ++k) {
      const std::size_t i = order[k];
      const std::string cell = i < row.size() ? row[i] : "";
      const std::string padding(widths[i] - display_width(cell), ' ');
      const bool last = k + 1 == order.size();
      const bool to_right = std::find(right.begin(), right.end(), i) != right.end();
      out += to_right ? padding + cell : last ? cell : cell + padding;
      if (!last) out += separator;
    }
    out += '\n';
  }
  return out;
}

// As many columns as fit, moved along by tabs.
std::string list_text(const std::vector<std::string>& entries, std::size_t width, bool across) {
  std::size_t widest = 0;
  for (const std::string& entry : entries) widest = std::max(widest, display_width(entry));
  const std::size_t cell = (widest + 8) / 8 * 8;
  const std::size_t columns = std::max<std::size_t>(1, width / cell);
  const std::size_t rows = (entries.size() + columns - 1) / columns;
  std::string out;
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      const std::size_t at = across ? row * columns + column : column * rows + row;
      if (at >= entries.size()) break;
      out += entries[at];
      const std::size_t next = across ? at + 1 : at + rows;
      if (next >= entries.size() || column + 1 == columns) break;
      for (std::size_t filled = display_width(entries[at]); filled < cell; filled = filled / 8 * 8 + 8) out += '\t';
    }
    out += '\n';
  }
  return out;
}

// --- paste ---

constexpr std::string_view kPasteHelp =
    "Usage: paste [OPTION]... [FILE]...\n"
    "Write lines consisting of the sequentially corresponding lines from\n"
    "each FILE, separated by TABs, to standard output.\n"
    "\n"
    "With no FILE, or when FILE is -, read standard input.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -d, --delimiters=LIST   reuse characters from LIST instead of TABs\n"
    "  -s, --serial            paste one file at a time instead of in parallel\n"
    "  -z, --zero-terminated   line delimiter is NUL, not newline\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";

// "\\0" is no delimiter at all.
std::vector<std::string> delimiters_of(const std::string& list) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] != '\\' || i + 1 >= list.size()) {
      all.emplace_back(1, list[i]);
      continue;
    }
    const char c = list[++i];
    static constexpr std::string_view kLetters = "bfnrtv";
    static constexpr std::string_view kMeanings = "\b\f\n\r\t\v";
    const std::size_t at = kLetters.find(c);
    all.push_back(c == '0' ? "" : std::string(1, at == std::string_view::npos ? c : kMeanings[at]));
  }
  if (all.empty()) all.emplace_back();
  return all;
}

// --- join ---

constexpr std::string_view kJoinHelp =
    "Usage: join [OPTION]... FILE1 FILE2\n"
    "For each pair of input lines with identical join fields, write a line to\n"
    "standard output.  The default join field is the first, delimited by blanks.\n"
    "\n"
    "When FILE1 or FILE2 (not both) is -, read standard input.\n"
    "\n"
    "  -a FILENUM             also print unpairable lines from file FILENUM, where\n"
    "                           FILENUM is 1 or 2, corresponding to FILE1 or FILE2\n"
    "  -e STRING              replace missing (empty) input fields with STRING;\n"
    "                           I.e., missing fields specified with '-12jo' options\n"
    "  -i, --ignore-case      ignore differences in case when comparing fields\n"
    "  -j FIELD               equivalent to '-1 FIELD -2 FIELD'\n"
    "  -o FORMAT              obey FORMAT while constructing output line\n"
    "  -t CHAR                use CHAR as input and output field separator\n"
    "  -v FILENUM             like -a FILENUM, but suppress joined output lines\n"
    "  -1 FIELD               join on this FIELD of file 1\n"
    "  -2 FIELD               join on this FIELD of file 2\n"
    "      --check-order      check that the input is correctly sorted, even\n"
    "                           if all input lines are pairable\n"
    "      --nocheck-order    do not check that the input is correctly sorted\n"
    "      --header           treat the first line in each file as field headers,\n"
    "                           print them without trying to pair them\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";

struct Joined {
  std::vector<std::vector<std::string>> rows;
  std::size_t field = 0;
};

// --- comm ---

constexpr std::string_view kCommHelp =
    "Usage: comm [OPTION]... FILE1 FILE2\n"
    "Compare sorted files FILE1 and FILE2 line by line.\n"
    "\n"
    "When FILE1 or FILE2 (not both) is -, read standard input.\n"
    "\n"
    "With no options, produce three-column output.  Column one contains\n"
    "lines unique to FILE1, column two contains lines unique to FILE2,\n"
    "and column three contains lines common to both files.\n"
    "\n"
    "  -1                      suppress column 1 (lines unique to FILE1)\n"
    "  -2                      suppress column 2 (lines unique to FILE2)\n"
    "  -3                      suppress column 3 (lines that appear in both files)\n"
    "\n"
    "      --check-order       check that the input is correctly sorted, even\n"
    "                            if all input lines are pairable\n"
    "      --nocheck-order     do not check that the input is correctly sorted\n"
    "      --output-delimiter=STR  separate columns with STR\n"
    "      --total             output a summary\n"
    "  -z, --zero-terminated   line delimiter is NUL, not newline\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";

Task<bool> two_operands(Process& p, const CommandFlags& flags) {
  const std::vector<std::string>& operands = flags.operands();
  if (operands.size() == 2) co_return true;
  co_await complain_with_hint(p, operands.empty()       ? "missing operand"
                                 : operands.size() == 1 ? "missing operand after " + quoted(operands[0])
                                                        : "extra operand " + quoted(operands[2]));
  co_return false;
}

}  // namespace

Task<int> column_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kColumnHelp);
  if (flags.ended()) co_return flags.exit_code();
  std::vector<std::string> files = flags.operands();
  if (files.empty()) files.emplace_back("-");
  std::vector<std::string> lines;
  int code = 0;
  for (const std::string& path : files) {
    auto text = co_await read_input(p, path);
    if (!text) {
      co_await p.err("column: " + path + ": " + std::string(errno_text(text.error())) + "\n");
      code = 1;
      continue;
    }
    for (std::string& line : split_lines(*text)) {
      if (flags.has("L") || !trim(line).empty()) lines.push_back(std::move(line));
    }
  }
  const auto tty = p.tty_of(1);
  const auto columns = parse_int(p.env("COLUMNS"));
  const std::int64_t fallback = tty ? tty->columns() : columns.value_or(80);
  const auto width = parse_int(flags.value("c", std::to_string(fallback)));
  if (!width || *width < 1) {
    co_await report(p, "invalid columns argument: " + quoted(flags.value("c")));
    co_return 1;
  }
  if (!lines.empty())
    co_await p.out(flags.has("t") || flags.has("N")
                       ? table_text(lines, flags)
                       : list_text(lines, static_cast<std::size_t>(*width), flags.has("x")));
  co_return code;
}

Task<int> paste_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kPasteHelp);
  if (flags.ended()) co_return flags.exit_code();
  std::vector<std::string> files = flags.operands();
  if (files.empty()) files.emplace_back("-");
  const std::vector<std::string> delimiters = delimiters_of(flags.value("d", "\t"));
  const char end = flags.has("z") ? '\0' : '\n';
  std::vector<std::vector<std::string>> all;
  int code = 0;
  std::vector<std::size_t> shared;  // places of "-": they take turns at standard input
  for (const std::string& path : files) {
    if (path == "-" && !flags.has("s")) {
      shared.push_back(all.size());
      all.emplace_back();
      continue;
    }
    auto lines = co_await lines_of(p, path, end);
    if (!lines && !flags.has("s")) co_return 1;
    if (!lines) {
      code = 1;
      continue;
    }
    all.push_back(*std::move(lines));
  }
  if (!shared.empty()) {
    const auto lines = co_await lines_of(p, "-", end);
    for (std::size_t i = 0; lines && i < lines->size(); ++i) all[shared[i % shared.size()]].push_back((*lines)[i]);
  }
  std::string out;
  if (flags.has("s")) {
    for (const auto& lines : all) {
      for (std::size_t i = 0; i < lines.size(); ++i)
        out += (i > 0 ? delimiters[(i - 1) % delimiters.size()] : "") + lines[i];
      out += end;
    }
  } else {
    std::size_t rows = 0;
    for (const auto& lines : all) rows = std::max(rows, lines.size());
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t i = 0; i < all.size(); ++i)
        out += (i > 0 ? delimiters[(i - 1) % delimiters.size()] : "") + (row < all[i].size() ? all[i][row] : "");
      out += end;
    }
  }
  co_await p.out(std::move(out));
  co_return code;
}

Task<int> join_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kJoinHelp);
  if (flags.ended()) co_return flags.exit_code();
  const bool two = co_await two_operands(p, flags);
  if (!two) co_return 1;
  const std::string separator = flags.value("t");
  Joined sides[2];
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string given = flags.value(i == 0 ? "1" : "2", flags.value("j", "1"));
    const auto field = parse_int(given);
    if (!field || *field < 1) {
      co_await report(p, "invalid field number: " + quoted(given));
      co_return 1;
    }
    sides[i].field = static_cast<std::size_t>(*field) - 1;
    const auto lines = co_await lines_of(p, flags.operands()[i]);
    if (!lines) co_return 1;
    for (const std::string& line : *lines)
      sides[i].rows.push_back(separator.empty() ? split_whitespace(line) : split(line, separator[0]));
  }
  const std::string joint = separator.empty() ? " " : separator.substr(0, 1);
  const std::string empty = flags.value("e");
  const auto key = [&](std::size_t side, std::size_t at) {
    const auto& row = sides[side].rows[at];
    const std::string text = sides[side].field < row.size() ? row[sides[side].field] : "";
    return flags.has("i") ? to_lower(text) : text;
  };
  std::string out;
  const auto print = [&](const std::vector<std::string>* a, const std::vector<std::string>* b) {
    std::vector<std::string> cells;
    const std::vector<std::string>* rows[] = {a, b};
    const auto cell = [&](std::size_t side, std::size_t field) {
      const bool there = rows[side] != nullptr && field < rows[side]->size() && !(*rows[side])[field].empty();
      return there ? (*rows[side])[field] : empty;
    };
    const std::size_t main = a != nullptr ? 0 : 1;
    if (flags.has("o") && flags.value("o") != "auto") {
      for (const std::string& piece : split(replace_all(flags.value("o"), " ", ","), ',')) {
        if (piece == "0") {
          cells.push_back(cell(main, sides[main].field));
          continue;
        }
        const std::size_t side = piece.starts_with("2.") ? 1 : 0;
        cells.push_back(
            cell(side, static_cast<std::size_t>(std::max<std::int64_t>(
                           1, parse_int(piece.substr(std::min<std::size_t>(2, piece.size()))).value_or(1))) -
                           1));
      }
    } else {
      cells.push_back(cell(main, sides[main].field));
      for (std::size_t side = 0; side < 2; ++side) {
        for (std::size_t i = 0; rows[side] != nullptr && i < rows[side]->size(); ++i) {
          if (i != sides[side].field) cells.push_back(cell(side, i));
        }
      }
    }
    out += join(cells, joint) + "\n";
  };
  const std::vector<std::string> extra = flags.values("a");
  const std::vector<std::string> only = flags.values("v");
  const auto unpaired = [&](const char* side) {
    return std::find(extra.begin(), extra.end(), side) != extra.end() ||
           std::find(only.begin(), only.end(), side) != only.end();
  };
  std::size_t i = 0;
  std::size_t k = 0;
  auto& left = sides[0].rows;
  auto& right = sides[1].rows;
  if (flags.has("header") && !left.empty() && !right.empty()) {
    print(&left[0], &right[0]);
    i = k = 1;
  }
  bool unsorted[2] = {false, false};
  const auto check = [&](std::size_t side, std::size_t at, std::size_t first) {
    return at > first && key(side, at) < key(side, at - 1);
  };
  const std::size_t first = i;
  while (i < left.size() || k < right.size()) {
    if (i < left.size()) unsorted[0] = unsorted[0] || check(0, i, first);
    if (k < right.size()) unsorted[1] = unsorted[1] || check(1, k, first);
    if (k >= right.size() || (i < left.size() && key(0, i) < key(1, k))) {
      if (unpaired("1")) print(&left[i], nullptr);
      ++i;
    } else if (i >= left.size() || key(1, k) < key(0, i)) {
      if (unpaired("2")) print(nullptr, &right[k]);
      ++k;
    } else {
      std::size_t left_end = i;
      std::size_t right_end = k;
      while (left_end < left.size() && key(0, left_end) == key(0, i)) ++left_end;
      while (right_end < right.size() && key(1, right_end) == key(1, k)) ++right_end;
      for (std::size_t a = i; a < left_end && only.empty(); ++a) {
        for (std::size_t b = k; b < right_end; ++b) print(&left[a], &right[b]);
      }
      i = left_end;
      k = right_end;
    }
  }
  co_await p.out(std::move(out));
  if (flags.has("nocheck-order") || (!unsorted[0] && !unsorted[1])) co_return 0;
  for (std::size_t side = 0; side < 2; ++side) {
    if (!unsorted[side]) continue;
    std::size_t at = 1;
    while (at < sides[side].rows.size() && !check(side, at, 0)) ++at;
    co_await p.err("join: " + flags.operands()[side] + ":" + std::to_string(at + 1) +
                   ": is not sorted: " + join(sides[side].rows[at], joint) + "\n");
  }
  co_await p.err("join: input is not in sorted order\n");
  co_return 1;
}

Task<int> comm_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kCommHelp);
  if (flags.ended()) co_return flags.exit_code();
  const bool two = co_await two_operands(p, flags);
  if (!two) co_return 1;
  const char end = flags.has("z") ? '\0' : '\n';
  const auto left = co_await lines_of(p, flags.operands()[0], end);
  if (!left) co_return 1;
  const auto right = co_await lines_of(p, flags.operands()[1], end);
  if (!right) co_return 1;
  const std::string delimiter = flags.value("output-delimiter", "\t");
  const bool shown[] = {!flags.has("1"), !flags.has("2"), !flags.has("3")};
  std::int64_t totals[3] = {0, 0, 0};
  std::string out;
  const auto put = [&](std::size_t column, const std::string& line) {
    ++totals[column];
    if (!shown[column]) return;
    for (std::size_t i = 0; i < column; ++i) out += shown[i] ? delimiter : "";
    out += line + end;
  };
  std::size_t i = 0;
  std::size_t k = 0;
  while (i < left->size() || k < right->size()) {
    if (k >= right->size() || (i < left->size() && (*left)[i] < (*right)[k])) {
      put(0, (*left)[i++]);
    } else if (i >= left->size() || (*right)[k] < (*left)[i]) {
      put(1, (*right)[k++]);
    } else {
      put(2, (*left)[i++]);
      ++k;
    }
  }
  if (flags.has("total"))
    out += std::to_string(totals[0]) + delimiter + std::to_string(totals[1]) + delimiter + std::to_string(totals[2]) +
           delimiter + "total" + end;
  co_await p.out(std::move(out));
  if (flags.has("nocheck-order")) co_return 0;
  int code = 0;
  for (std::size_t side = 0; side < 2; ++side) {
    const std::vector<std::string>& lines = side == 0 ? *left : *right;
    if (std::is_sorted(lines.begin(), lines.end())) continue;
    co_await report(p, "file " + std::to_string(side + 1) + " is not in sorted order");
    code = 1;
  }
  if (code != 0) co_await report(p, "input is not in sorted order");
  co_return code;
}

}  // namespace drydock
