// sort, uniq.
#include <algorithm>
#include <cmath>

#include "core/base/strings.h"
#include "core/programs/command_flags.h"
#include "core/programs/text_tools/streams.h"
#include "core/programs/text_tools/tools.h"

namespace drydock {
namespace {

constexpr std::string_view kSortHelp =
    "Usage: sort [OPTION]... [FILE]...\n"
    "  or:  sort [OPTION]... --files0-from=F\n"
    "Write sorted concatenation of all FILE(s) to standard output.\n"
    "\n"
    "With no FILE, or when FILE is -, read standard input.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "Ordering options:\n"
    "\n"
    "  -b, --ignore-leading-blanks  ignore leading blanks\n"
    "  -d, --dictionary-order      consider only blanks and alphanumeric characters\n"
    "  -f, --ignore-case           fold lower case to upper case characters\n"
    "  -g, --general-numeric-sort  compare according to general numerical value\n"
    "  -i, --ignore-nonprinting    consider only printable characters\n"
    "  -M, --month-sort            compare (unknown) < 'JAN' < ... < 'DEC'\n"
    "  -h, --human-numeric-sort    compare human readable numbers (e.g., 2K 1G)\n"
    "  -n, --numeric-sort          compare according to string numerical value\n"
    "  -r, --reverse               reverse the result of comparisons\n"
    "  -V, --version-sort          natural sort of (version) numbers within text\n"
    "\n"
    "Other options:\n"
    "\n"
    "  -c, --check                 check for sorted input; do not sort\n"
    "  -C                          like -c, but do not report first bad line\n"
    "  -k, --key=KEYDEF            sort via a key; KEYDEF gives location and type\n"
    "  -m, --merge                 merge already sorted files; do not sort\n"
    "  -o, --output=FILE           write result to FILE instead of standard output\n"
    "  -s, --stable                stabilize sort by disabling last-resort comparison\n"
    "  -t, --field-separator=SEP   use SEP instead of non-blank to blank transition\n"
    "  -u, --unique                with -c, check for strict ordering;\n"
    "                              without -c, output only the first of an equal run\n"
    "  -z, --zero-terminated       line delimiter is NUL, not newline\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";

struct Key {
  std::size_t from_field = 1;
  std::size_t from_character = 1;
  std::size_t to_field = 0;  // 0: to the end of the line
  std::size_t to_character = 0;
  std::string how;  // of "bdfgiMhnrV"
};

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Sign, magnitude and unit of what a text begins with, as -n and -h read it.
double leading_number(std::string_view text, bool human) {
  std::size_t i = 0;
  while (i < text.size() && is_blank(text[i])) ++i;
  std::size_t end = i;
  if (end < text.size() && text[end] == '-') ++end;
  bool point = false;
  while (end < text.size() && (is_digit(text[end]) || (text[end] == '.' && !point))) point |= text[end++] == '.';
  const double value = parse_double(std::string(text.substr(i, end - i)) + (point ? "0" : "")).value_or(0);
  if (!human || value == 0) return value;
  static constexpr std::string_view kUnits = "KMGTPEZY";
  const char unit = end < text.size() ? (text[end] == 'k' ? 'K' : text[end]) : '\0';
  const std::size_t rank = unit == '\0' ? std::string_view::npos : kUnits.find(unit);
  // Units count before magnitudes: 1G is more than 2000M.
  const double scale = rank == std::string_view::npos ? 1 : std::pow(1e6, static_cast<double>(rank + 1));
  return value * scale;
}

int month_of(std::string_view text) {
  static constexpr std::string_view kMonths[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                 "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
  const std::string name = to_upper(trim(text).substr(0, 3));
  for (int i = 0; i < 12; ++i) {
    if (kMonths[i] == name) return i + 1;
  }
  return 0;
}

int compare_versions(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  std::size_t k = 0;
  while (i < a.size() && k < b.size()) {
    if (is_digit(a[i]) && is_digit(b[k])) {
      while (i < a.size() && a[i] == '0') ++i;
      while (k < b.size() && b[k] == '0') ++k;
      std::size_t x = i;
      std::size_t y = k;
      while (x < a.size() && is_digit(a[x])) ++x;
      while (y < b.size() && is_digit(b[y])) ++y;
      if (x - i != y - k) return x - i < y - k ? -1 : 1;
      if (const int order = a.substr(i, x - i).compare(b.substr(k, y - k)); order != 0) return order;
      i = x;
      k = y;
      continue;
    }
    if (a[i] != b[k]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[k]) ? -1 : 1;
    ++i;
    ++k;
  }
  return i < a.size() ? 1 : k < b.size() ? -1 : 0;
}

int compare_texts(std::string_view a, std::string_view b, const std::string& how) {
  auto has = [&](char c) { return how.find(c) != std::string::npos; };
  auto order = [](double x, double y) { return x < y ? -1 : x > y ? 1 : 0; };
  if (has('n') || has('h')) return order(leading_number(a, has('h')), leading_number(b, has('h')));
  if (has('g')) {
    auto value = [](std::string_view text) { return std::strtod(std::string(trim(text)).c_str(), nullptr); };
    return order(value(a), value(b));
  }
  if (has('M')) return order(month_of(a), month_of(b));
  if (has('V')) return compare_versions(a, b);
  if (!has('d') && !has('f') && !has('i')) return a.compare(b);
  auto filtered = [&](std::string_view text) {
    std::string out;
    for (char c : text) {
      const bool letter = is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (has('d') && !letter && !is_blank(c)) continue;
      if (has('i') && (c < 32 || c > 126)) continue;
      out += has('f') && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    }
    return out;
  };
  return filtered(a).compare(filtered(b));
}

class Sorter {
 public:
  // What is wrong with -k and -t, in sort's words; "" when nothing is.
  std::string configure(const CommandFlags& flags) {
    for (const char* flag : {"b", "d", "f", "g", "i", "M", "h", "n", "r", "V"}) {
      if (flags.has(flag)) global_ += flag;
    }
    if (flags.has("t")) {
      std::string separator = flags.value("t");
      if (separator == "\\0") separator = std::string(1, '\0');
      if (separator.empty()) return "empty tab";
      if (separator.size() > 1) return "multi-character tab '" + separator + "'";
      separator_ = separator[0];
    }
    for (const std::string& text : flags.values("k")) {
      Key key;
      if (std::string problem = read_key(text, key); !problem.empty()) return problem;
      keys_.push_back(key);
    }
    stable_ = flags.has("s");
    unique_ = flags.has("u");
    return "";
  }

  // Without the last resort: equal keys are equal (uniqueness, -c -u).
  int compare_keys(const std::string& a, const std::string& b) const {
    if (keys_.empty()) {
      const std::string_view x = start(a);
      const std::string_view y = start(b);
      const int order = compare_texts(x, y, global_);
      return contains(global_, "r") ? -order : order;
    }
    for (const Key& key : keys_) {
      const std::string& how = key.how.empty() ? global_ : key.how;
      const int order = compare_texts(cut(a, key, how), cut(b, key, how), how);
      if (order != 0) return contains(how, "r") ? -order : order;
    }
    return 0;
  }
  int compare(const std::string& a, const std::string& b) const {
    const int order = compare_keys(a, b);
    if (order != 0 || stable_ || unique_) return order;
    return contains(global_, "r") ? b.compare(a) : a.compare(b);
  }

  void sort(std::vector<std::string>& lines) const {
    std::vector<std::size_t> order(lines.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      const int how = compare(lines[a], lines[b]);
      return how != 0 ? how < 0 : a < b;
    });
    std::vector<std::string> sorted;
    sorted.reserve(lines.size());
    for (std::size_t i : order) {
      if (unique_ && !sorted.empty() && compare_keys(sorted.back(), lines[i]) == 0) continue;
      sorted.push_back(std::move(lines[i]));
    }
    lines = std::move(sorted);
  }

 private:
  std::string_view start(std::string_view text) const {
    if (contains(global_, "b"))
      while (!text.empty() && is_blank(text[0])) text.remove_prefix(1);
    return text;
  }
  static std::string read_key(const std::string& text, Key& key) {
    std::size_t i = 0;
    auto number = [&](std::size_t& out) {
      const std::size_t begin = i;
      out = 0;
      for (; i < text.size() && is_digit(text[i]); ++i)
        out = std::min<std::size_t>(out * 10 + static_cast<std::size_t>(text[i] - '0'), 1000000000);
      return i > begin;
    };
    auto options = [&] {
      for (; i < text.size() && std::string_view("bdfgiMhnrV").find(text[i]) != std::string_view::npos; ++i)
        key.how += text[i];
    };
    if (!number(key.from_field)) return "invalid number at field start: invalid count at start of '" + text + "'";
    if (key.from_field == 0) return "-: invalid field specification '" + text + "'";
    if (i < text.size() && text[i] == '.') {
      ++i;
      if (!number(key.from_character))
        return "invalid number after '.': invalid count at start of '" + text.substr(i) + "'";
    }
    options();
    if (i < text.size() && text[i] == ',') {
      ++i;
      if (!number(key.to_field)) return "invalid number after ',': invalid count at start of '" + text.substr(i) + "'";
      if (i < text.size() && text[i] == '.') {
        ++i;
        (void)number(key.to_character);
      }
      options();
    }
    if (i < text.size()) return "stray character in field spec: invalid field specification '" + text + "'";
    return "";
  }
  // Where field `number` (from 1) begins; blanks before a field belong to it.
  std::size_t field_begin(std::string_view line, std::size_t number) const {
    std::size_t at = 0;
    for (std::size_t i = 1; i < number && at < line.size(); ++i) {
      at = field_end(line, at);
      if (separator_ && at < line.size()) ++at;
    }
    return at;
  }
  std::size_t field_end(std::string_view line, std::size_t at) const {
    if (separator_) return std::min(line.find(*separator_, at), line.size());
    while (at < line.size() && is_blank(line[at])) ++at;
    while (at < line.size() && !is_blank(line[at])) ++at;
    return at;
  }
  std::string_view cut(std::string_view line, const Key& key, const std::string& how) const {
    std::size_t begin = field_begin(line, key.from_field);
    if (contains(how, "b"))
      while (begin < line.size() && is_blank(line[begin])) ++begin;
    begin = std::min(line.size(), begin + key.from_character - 1);
    std::size_t end = line.size();
    if (key.to_field != 0) {
      end = field_begin(line, key.to_field);
      end = key.to_character == 0 ? field_end(line, end) : std::min(line.size(), end + key.to_character);
    }
    return end > begin ? line.substr(begin, end - begin) : std::string_view();
  }

  std::string global_;
  std::optional<char> separator_;
  std::vector<Key> keys_;
  bool stable_ = false;
  bool unique_ = false;
};

constexpr std::string_view kUniqHelp =
    "Usage: uniq [OPTION]... [INPUT [OUTPUT]]\n"
    "Filter adjacent matching lines from INPUT (or standard input),\n"
    "writing to OUTPUT (or standard output).\n"
    "\n"
    "With no options, matching lines are merged to the first occurrence.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -c, --count           prefix lines by the number of occurrences\n"
    "  -d, --repeated        only print duplicate lines, one for each group\n"
    "  -D                    print all duplicate lines\n"
    "  -f, --skip-fields=N   avoid comparing the first N fields\n"
    "  -i, --ignore-case     ignore differences in case when comparing\n"
    "  -s, --skip-chars=N    avoid comparing the first N characters\n"
    "  -u, --unique          only print unique lines\n"
    "  -z, --zero-terminated     line delimiter is NUL, not newline\n"
    "  -w, --check-chars=N   compare no more than N characters in lines\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";

}  // namespace

Task<int> sort_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kSortHelp, 2);
  if (flags.ended()) co_return flags.exit_code();
  Sorter sorter;
  if (const std::string problem = sorter.configure(flags); !problem.empty()) {
    co_await p.err("sort: " + problem + "\n");
    co_return 2;
  }
  std::vector<std::string> files = flags.operands();
  if (files.empty()) files.emplace_back("-");
  const char delimiter = flags.has("z") ? '\0' : '\n';
  const bool check = flags.has("c") || flags.has("C");
  if (check && files.size() > 1) {
    co_await p.err("sort: extra operand '" + files[1] + "' not allowed with -c\n");
    co_return 2;
  }
  std::vector<std::string> lines;
  for (const std::string& path : files) {
    auto text = co_await read_input(p, path);
    if (!text) {
      const bool opened = text.error() == Errno::kIsDir;
      co_await p.err(std::string("sort: ") + (opened ? "read failed" : "cannot read") + ": " + path + ": " +
                     std::string(errno_text(text.error())) + "\n");
      co_return 2;
    }
    for (std::string& line : split_lines(*text, delimiter)) lines.push_back(std::move(line));
  }
  if (check) {
    for (std::size_t i = 1; i < lines.size(); ++i) {
      const bool fine = flags.has("u") ? sorter.compare_keys(lines[i - 1], lines[i]) < 0
                                       : sorter.compare(lines[i - 1], lines[i]) <= 0;
      if (fine) continue;
      if (flags.has("c"))
        co_await p.err("sort: " + files[0] + ":" + std::to_string(i + 1) + ": disorder: " + lines[i] + "\n");
      co_return 1;
    }
    co_return 0;
  }
  sorter.sort(lines);
  std::string out;
  for (const std::string& line : lines) {
    out += line;
    out += delimiter;
  }
  if (flags.has("o")) {
    const std::string path = flags.value("o");
    const auto written = p.write_file(path, std::move(out), 0666);
    if (written) co_return 0;
    co_await p.err("sort: open failed: " + path + ": " + std::string(errno_text(written.error())) + "\n");
    co_return 2;
  }
  co_await p.out(std::move(out));
  co_return 0;
}

Task<int> uniq_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kUniqHelp);
  if (flags.ended()) co_return flags.exit_code();
  const std::vector<std::string>& operands = flags.operands();
  if (operands.size() > 2) {
    co_await complain_with_hint(p, "extra operand '" + operands[2] + "'");
    co_return 1;
  }
  auto file = open_input(p, operands.empty() ? "-" : operands[0]);
  if (!file) {
    co_await p.err("uniq: " + operands[0] + ": " + std::string(errno_text(file.error())) + "\n");
    co_return 1;
  }
  OpenFilePtr target = p.file(1);
  if (operands.size() > 1) {
    auto opened = open_output(p, operands[1], false);
    if (!opened) {
      co_await p.err("uniq: " + operands[1] + ": " + std::string(errno_text(opened.error())) + "\n");
      co_return 1;
    }
    target = *opened;
  }
  const auto fields = parse_int(flags.value("f")).value_or(0);
  const auto characters = static_cast<std::size_t>(std::max<std::int64_t>(0, parse_int(flags.value("s")).value_or(0)));
  const auto most = parse_int(flags.value("w"));
  const char delimiter = flags.has("z") ? '\0' : '\n';
  auto key_of = [&](const std::string& line) {
    std::size_t at = 0;
    for (std::int64_t i = 0; i < fields; ++i) {
      while (at < line.size() && is_blank(line[at])) ++at;
      while (at < line.size() && !is_blank(line[at])) ++at;
    }
    at = std::min(line.size(), at + characters);
    std::string key = line.substr(at, most ? static_cast<std::size_t>(*most) : std::string::npos);
    return flags.has("i") ? to_upper(key) : key;
  };
  if (!target) co_return 1;
  Output out(p, target);
  InputStream input(p, *file, &out);
  std::vector<std::string> group;  // its first line, and all of them for -D
  std::size_t count = 0;
  std::string key;
  std::string line;
  auto finish = [&] {
    if (count == 0) return;
    const bool wanted = flags.has("D") || flags.has("d") ? count > 1 && !flags.has("u") : !flags.has("u") || count == 1;
    if (!wanted) return;
    for (const std::string& each : group) {
      if (flags.has("c")) out.add(format("%7zu ", count));
      out.add(each + delimiter);
    }
  };
  while (input.take_line(line, delimiter) || co_await input.next_line(line, delimiter)) {
    std::string next = key_of(line);
    if (count > 0 && next == key) {
      ++count;
      if (flags.has("D")) group.push_back(line);
      continue;
    }
    finish();
    group = {line};
    key = std::move(next);
    count = 1;
    if (out.wants_flush()) (void)co_await out.flush();
  }
  finish();
  (void)co_await out.flush();
  co_return 0;
}

}  // namespace drydock
