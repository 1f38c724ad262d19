// date, cal.
#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/programs.h"
#include "core/programs/coreutils/support.h"

namespace drydock {
namespace {

constexpr std::string_view kDateHelp =
    "Usage: date [OPTION]... [+FORMAT]\n"
    "  or:  date [-u|--utc|--universal] [MMDDhhmm[[CC]YY][.ss]]\n"
    "Display date and time in the given FORMAT.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -d, --date=STRING          display time described by STRING, not 'now'\n"
    "  -f, --file=DATEFILE        like --date; once for each line of DATEFILE\n"
    "  -I[FMT], --iso-8601[=FMT]  output date/time in ISO 8601 format.\n"
    "                               FMT='date' for date only (the default),\n"
    "                               'hours', 'minutes', 'seconds', or 'ns'\n"
    "  -R, --rfc-email            output date and time in RFC 5322 format.\n"
    "      --rfc-2822             likewise\n"
    "      --rfc-3339=FMT         output date/time in RFC 3339 format.\n"
    "                               FMT='date', 'seconds', or 'ns'\n"
    "  -r, --reference=FILE       display the last modification time of FILE\n"
    "  -s, --set=STRING           set time described by STRING\n"
    "  -u, --utc, --universal     print or set Coordinated Universal Time (UTC)\n";

constexpr std::string_view kDefaultFormat = "%a %b %e %H:%M:%S %Z %Y";

std::string format_of(const CommandFlags& flags) {
  const std::string chosen = flags.last_of("I R rfc-2822 rfc-3339");
  if (chosen == "R" || chosen == "rfc-2822") return "%a, %d %b %Y %H:%M:%S %z";
  if (chosen.empty()) return std::string(kDefaultFormat);
  const std::string kind = flags.value(chosen, "date");
  const std::string separator = chosen == "I" ? "T" : " ";
  const std::string point = chosen == "I" ? "," : ".";
  if (std::string_view("date").starts_with(kind)) return "%Y-%m-%d";
  if (std::string_view("hours").starts_with(kind)) return "%Y-%m-%d" + separator + "%H%:z";
  if (std::string_view("minutes").starts_with(kind)) return "%Y-%m-%d" + separator + "%H:%M%:z";
  if (std::string_view("seconds").starts_with(kind)) return "%Y-%m-%d" + separator + "%H:%M:%S%:z";
  if (kind == "ns") return "%Y-%m-%d" + separator + "%H:%M:%S" + point + "%N%:z";
  return {};
}

Task<int> date_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kDateHelp);
  if (flags.ended()) co_return flags.exit_code();
  std::string pattern = format_of(flags);
  if (pattern.empty()) {
    const std::string name = flags.last_of("I rfc-3339");
    co_await complain_with_hint(p, "invalid argument " + quoted(flags.value(name)) + " for " +
                                       quoted(name == "I" ? "--iso-8601" : "--rfc-3339"));
    co_return 1;
  }
  bool sets = flags.has("s");
  const std::vector<std::string>& operands = flags.operands();
  if (operands.size() > 1) {
    co_await complain_with_hint(p, "extra operand " + quoted(operands[1]));
    co_return 1;
  }
  if (!operands.empty()) {
    if (operands[0].starts_with("+")) {
      pattern = operands[0].substr(1);
    } else if (operands[0].size() >= 8 && operands[0].find_first_not_of("0123456789.") == std::string::npos) {
      sets = true;
    } else {
      co_await report(p, "invalid date " + quoted(operands[0]));
      co_return 1;
    }
  }
  TimePoint when = p.now();
  std::vector<std::string> texts;
  if (flags.has("d")) texts = {flags.value("d")};
  if (flags.has("s")) texts = {flags.value("s")};
  if (flags.has("r")) {
    const auto info = p.stat(flags.value("r"));
    if (!info) {
      co_await report(p, flags.value("r") + ": " + std::string(errno_text(info.error())));
      co_return 1;
    }
    when = info->modified;
  }
  if (flags.has("f")) {
    const auto text = p.read_file(flags.value("f"));
    if (!text) {
      co_await report(p, flags.value("f") + ": " + std::string(errno_text(text.error())));
      co_return 1;
    }
    texts = split(*text, '\n');
    if (!texts.empty() && texts.back().empty()) texts.pop_back();
  }
  int code = 0;
  // The clock is the world's: one for all machines, so none may set it.
  if (sets) {
    co_await report(p, "cannot set date: " + std::string(errno_text(Errno::kPerm)));
    code = 1;
  }
  if (texts.empty()) co_await p.out(format_time(when, pattern) + "\n");
  for (const std::string& text : texts) {
    const auto parsed = parse_date(text, p.now());
    if (!parsed) {
      co_await report(p, "invalid date " + quoted(text));
      code = 1;
      continue;
    }
    co_await p.out(format_time(*parsed, pattern) + "\n");
  }
  co_return code;
}

// --- cal ---

constexpr std::string_view kCalendarHelp =
    "Usage:\n"
    " cal [options] [[[day] month] year]\n"
    "\n"
    "Display a calendar, or some part of it.\n"
    "Without any arguments, display the current month.\n"
    "\n"
    "  -1, --one             show only a single month (default)\n"
    "  -3, --three           show three months spanning the date\n"
    "  -s, --sunday          Sunday as first day of week\n"
    "  -m, --monday          Monday as first day of week\n"
    "  -y, --year            show the whole year\n";

constexpr std::size_t kMonthWidth = 20;

std::string centered(const std::string& text, std::size_t width) {
  const std::size_t left = text.size() < width ? (width - text.size()) / 2 : 0;
  return pad_right(std::string(left, ' ') + text, width);
}

// Eight lines, each as wide as a month.
std::vector<std::string> month_lines(int year, int month, bool monday, bool with_year) {
  std::vector<std::string> lines;
  const TimePoint first = *civil_time(year, month, 1, 0, 0, 0);
  lines.push_back(centered(format_time(first, with_year ? "%B %Y" : "%B"), kMonthWidth));
  lines.push_back(monday ? "Mo Tu We Th Fr Sa Su" : "Su Mo Tu We Th Fr Sa");
  int column = static_cast<int>(parse_int(format_time(first, "%w")).value_or(0));
  if (monday) column = (column + 6) % 7;
  std::string line(static_cast<std::size_t>(column) * 3, ' ');
  for (int day = 1; civil_time(year, month, day, 0, 0, 0); ++day) {
    line += format("%2d ", day);
    if (++column % 7 == 0) {
      line.pop_back();
      lines.push_back(std::exchange(line, {}));
    }
  }
  lines.push_back(line);
  while (lines.size() < 8) lines.emplace_back();
  for (std::string& one : lines) one = pad_right(one.substr(0, kMonthWidth), kMonthWidth);
  return lines;
}

std::string beside(const std::vector<std::vector<std::string>>& months) {
  std::string text;
  for (std::size_t row = 0; row < 8; ++row) {
    for (std::size_t i = 0; i < months.size(); ++i) text += (i > 0 ? "  " : "") + months[i][row];
    text += months.size() > 1 ? "  \n" : "\n";
  }
  return text;
}

Task<int> cal_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kCalendarHelp);
  if (flags.ended()) co_return flags.exit_code();
  std::vector<std::string> operands = flags.operands();
  int year = static_cast<int>(parse_int(format_time(p.now(), "%Y")).value_or(1970));
  int month = static_cast<int>(parse_int(format_time(p.now(), "%-m")).value_or(1));
  bool whole_year = flags.has("y");
  if (!operands.empty()) {
    const auto number = parse_int(operands.back());
    if (!number || *number < 1 || *number > 9999) {
      co_await p.err("cal: illegal year value: use positive integer\n");
      co_return 1;
    }
    year = static_cast<int>(*number);
    if (operands.size() == 1) whole_year = true;
    if (operands.size() > 1) {
      const auto wanted = parse_int(operands[operands.size() - 2]);
      if (!wanted || *wanted < 1 || *wanted > 12) {
        co_await p.err("cal: illegal month value: use 1-12\n");
        co_return 1;
      }
      month = static_cast<int>(*wanted);
    }
  }
  const bool monday = flags.last_of("m s") == "m";
  if (!whole_year) {
    std::vector<std::vector<std::string>> months;
    const int around = flags.has("3") ? 1 : 0;
    for (int i = -around; i <= around; ++i) {
      const int index = year * 12 + month - 1 + i;
      months.push_back(month_lines(index / 12, index % 12 + 1, monday, true));
    }
    co_await p.out(beside(months));
    co_return 0;
  }
  std::string text = centered(std::to_string(year), 3 * kMonthWidth + 4) + "\n\n";
  for (int quarter = 0; quarter < 4; ++quarter) {
    std::vector<std::vector<std::string>> months;
    for (int i = 1; i <= 3; ++i) months.push_back(month_lines(year, quarter * 3 + i, monday, false));
    text += beside(months);
  }
  co_await p.out(text);
  co_return 0;
}

}  // namespace

void register_dates(ProgramRegistry& programs) {
  programs.add("date", date_main);
  programs.add("cal", cal_main);
}

}  // namespace drydock
