// The built-in functions of awk, print and getline.
#include <algorithm>
#include <cmath>
#include <ctime>
#include <utility>

#include "core/base/strings.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/text_tools/awk/compiler.h"
#include "core/programs/text_tools/awk/machine.h"

namespace drydock::awk {
namespace {

// The replacement of sub, gsub (groups == false) and gensub for one match.
std::string replacement_for(std::string_view pattern, std::string_view text, const std::vector<Regex::Group>& match,
                            bool groups) {
  std::string out;
  auto add = [&](const Regex::Group& group) {
    if (group.took_part()) out += text.substr(group.begin, group.end - group.begin);
  };
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      const char next = pattern[i + 1];
      if (next == '&' || next == '\\') {
        out += next;
        ++i;
        continue;
      }
      if (groups && next >= '0' && next <= '9') {
        const auto number = static_cast<std::size_t>(next - '0');
        if (number < match.size()) add(match[number]);
        ++i;
        continue;
      }
      out += c;
    } else if (c == '&') {
      add(match[0]);
    } else {
      out += c;
    }
  }
  return out;
}

// Replaces the `which`th match (0: all). Returns how many were replaced.
int replace_matches(const Regex& regex, const std::string& text, const std::string& pattern, int which, bool groups,
                    std::string& out) {
  int count = 0;
  int seen = 0;
  std::size_t from = 0;
  std::size_t copied = 0;
  bool after_match = false;  // an empty match right behind a match does not count
  while (from <= text.size()) {
    const auto match = regex.search(text, from);
    if (!match) break;
    const Regex::Group whole = (*match)[0];
    const bool empty = whole.begin == whole.end;
    if (empty && after_match && whole.begin == copied) {
      after_match = false;
      from = whole.end + 1;
      continue;
    }
    ++seen;
    if (which == 0 || which == seen) {
      out += text.substr(copied, whole.begin - copied) + replacement_for(pattern, text, *match, groups);
      copied = whole.end;
      ++count;
      after_match = true;
      if (which != 0) break;
    }
    from = empty ? whole.end + 1 : whole.end;
  }
  if (copied < text.size()) out += text.substr(copied);
  return count;
}

}  // namespace

void Machine::substitute(const Instruction& instruction) {
  const auto target = static_cast<Target>(instruction.b);
  const std::string text = pop_text();
  std::string key;
  double index = 0;
  if (target == Target::kElement) key = pop_text();
  if (target == Target::kField) index = pop().to_number();
  const std::string replacement = pop_text();
  const std::string pattern = pop_text();
  std::string changed;
  const int count = replace_matches(regex(pattern), text, replacement, instruction.a != 0 ? 0 : 1, false, changed);
  if (count > 0) store_target(target, instruction.c, key, index, Cell::string(std::move(changed)));
  push_number(count);
}

void Machine::gensub(int count) {
  const std::string text = count > 3 ? pop_text() : record_.text(special_text(kOFS), convfmt_);
  const Cell how = pop();
  const std::string replacement = pop_text();
  const std::string pattern = pop_text();
  const std::string how_text = how.to_text(convfmt_);
  const bool all = how_text.starts_with("g") || how_text.starts_with("G");
  const int which = all ? 0 : std::max(1, static_cast<int>(std::clamp(how.to_number(), 1.0, 1e9)));
  std::string changed;
  (void)replace_matches(regex(pattern), text, replacement, which, true, changed);
  push(Cell::string(std::move(changed)));
}

void Machine::split_into_array(const Instruction& instruction) {
  const int flags = instruction.b / 4;
  const bool given = flags != 0;
  const std::string fs = given ? pop_text() : "";
  const std::string text = pop_text();
  std::string error;
  const Separator how =
      given ? Separator::make(fs, flags == 2, globals_[kIGNORECASE].cell.truth(), regexes_, error) : separator();
  if (!error.empty()) fail("invalid regexp: " + error + ": /" + fs + "/");
  Array& pieces = array(instruction.c);
  pieces.clear();
  int number = 0;
  for (std::string& piece : how.split(text)) pieces.at(std::to_string(++number)) = Cell::input(std::move(piece));
  push_number(number);
}

void Machine::match_text(const Instruction& instruction) {
  const std::string pattern = pop_text();
  const std::string text = pop_text();
  const auto match = regex(pattern).search(text, 0);
  const double begin = match ? static_cast<double>((*match)[0].begin) + 1 : 0;
  store(kRSTART, Cell::number(begin));
  store(kRLENGTH, Cell::number(match ? static_cast<double>((*match)[0].end - (*match)[0].begin) : -1));
  if (instruction.b > 2) {
    Array& groups = array(instruction.c);
    groups.clear();
    for (std::size_t i = 0; match && i < match->size(); ++i) {
      const Regex::Group& group = (*match)[i];
      if (!group.took_part()) continue;
      const std::string number = std::to_string(i);
      groups.at(number) = Cell::input(text.substr(group.begin, group.end - group.begin));
      groups.at(number + special_text(kSUBSEP) + "start") = Cell::number(static_cast<double>(group.begin) + 1);
      groups.at(number + special_text(kSUBSEP) + "length") = Cell::number(static_cast<double>(group.end - group.begin));
    }
  }
  push_number(begin);
}

void Machine::sort_array(const Instruction& instruction, bool keys) {
  const Array& from = array(static_cast<int>(pop().to_number()));
  std::vector<Cell> values;
  Array copy = from;
  for (const std::string& key : from.keys()) values.push_back(keys ? Cell::string(key) : copy.at(key));
  // gawk's order: numbers before texts.
  std::sort(values.begin(), values.end(), [&](const Cell& a, const Cell& b) {
    if (a.numeric() != b.numeric()) return a.numeric();
    return compare(a, b, convfmt_) < 0;
  });
  Array& to = array(instruction.c);
  to.clear();
  for (std::size_t i = 0; i < values.size(); ++i) to.at(std::to_string(i + 1)) = std::move(values[i]);
  push_number(static_cast<double>(values.size()));
}

void Machine::bits(Builtin which, int count) {
  auto whole = [&](double number) {
    return number < 0 ? std::uint64_t{0} : static_cast<std::uint64_t>(std::min(number, 9007199254740992.0));
  };
  if (which == Builtin::kCompl) return push_number(static_cast<double>(~whole(pop().to_number()) & ((1ULL << 53) - 1)));
  std::uint64_t result = whole(pop().to_number());
  for (int i = 1; i < count; ++i) {
    const std::uint64_t next = whole(pop().to_number());
    switch (which) {
      case Builtin::kAnd:
        result &= next;
        break;
      case Builtin::kOr:
        result |= next;
        break;
      case Builtin::kXor:
        result ^= next;
        break;
      case Builtin::kLshift:
        result = result < 64 ? (next << result) & ((1ULL << 53) - 1) : 0;
        break;
      default:
        result = result < 64 ? next >> result : 0;
    }
  }
  push_number(static_cast<double>(result));
}

std::string Machine::time_text(int count) {
  if (count > 2) (void)pop();  // UTC or not: our hosts' time is UTC
  std::chrono::seconds when = std::chrono::floor<std::chrono::seconds>(process_.now().time_since_epoch());
  if (count > 1) when = std::chrono::seconds(static_cast<std::int64_t>(std::clamp(pop().to_number(), -1e15, 1e15)));
  const std::string pattern = count > 0 ? pop_text() : "%a %b %e %H:%M:%S %Z %Y";
  return format_time(when, pattern);
}

double Machine::make_time(const std::string& text) const {
  const std::vector<std::string> words = split_whitespace(text);
  if (words.size() < 6) return -1;
  std::int64_t parts[6];
  for (std::size_t i = 0; i < 6; ++i) {
    const auto number = parse_int(words[i]);
    if (!number) return -1;
    parts[i] = *number;
  }
  std::tm when{};
  when.tm_year = static_cast<int>(parts[0] - 1900);
  when.tm_mon = static_cast<int>(parts[1] - 1);
  when.tm_mday = static_cast<int>(parts[2]);
  when.tm_hour = static_cast<int>(parts[3]);
  when.tm_min = static_cast<int>(parts[4]);
  when.tm_sec = static_cast<int>(parts[5]);
  return static_cast<double>(timegm(&when));
}

void Machine::numeric_builtin(Builtin which, int count) {
  switch (which) {
    case Builtin::kAtan2: {
      const double x = pop().to_number();
      const double y = pop().to_number();
      return push_number(std::atan2(y, x));
    }
    case Builtin::kRand:
      return push_number(random_.unit());
    case Builtin::kSrand: {
      const double before = seed_;
      seed_ = count > 0
                  ? pop().to_number()
                  : static_cast<double>(std::chrono::duration_cast<seconds>(process_.now().time_since_epoch()).count());
      random_ = Prng(static_cast<std::uint64_t>(static_cast<std::int64_t>(seed_)));
      return push_number(before);
    }
    default:
      break;
  }
  const double x = pop().to_number();
  switch (which) {
    case Builtin::kSin:
      return push_number(std::sin(x));
    case Builtin::kCos:
      return push_number(std::cos(x));
    case Builtin::kExp:
      return push_number(std::exp(x));
    case Builtin::kLog:
    case Builtin::kSqrt: {
      const bool log = which == Builtin::kLog;
      if (x < 0) {
        warnings_.push_back(std::string(process_.name()) + ": cmd. line:" + std::to_string(line_) +
                            ": warning: " + (log ? "log: received" : "sqrt: called with") + " negative argument " +
                            number_text(x, "%.6g") + "\n");
        return push_number(-std::nan(""));
      }
      return push_number(log ? std::log(x) : std::sqrt(x));
    }
    default:
      return push_number(std::trunc(x));
  }
}

void Machine::builtin(const Instruction& i) {
  const auto which = static_cast<Builtin>(i.a);
  switch (which) {
    case Builtin::kLength: {
      const std::string text = i.b > 0 ? pop_text() : record_.text(special_text(kOFS), convfmt_);
      return push_number(static_cast<double>(text.size()));
    }
    case Builtin::kSubstr: {
      // As gawk: positions lose their fraction, and what lies before the text does not count.
      const double limit = 1e15;
      const double length = i.b > 2 ? pop().to_number() : limit;
      double begin = pop().to_number();
      const std::string text = pop_text();
      if (std::isnan(length) || std::isnan(begin)) return push(Cell::string(""));
      begin = std::max(std::trunc(begin), 1.0);
      double end = begin + (length >= limit ? limit : std::trunc(length));
      end = std::min(end, static_cast<double>(text.size()) + 1);
      if (end <= begin) return push(Cell::string(""));
      return push(
          Cell::string(text.substr(static_cast<std::size_t>(begin) - 1, static_cast<std::size_t>(end - begin))));
    }
    case Builtin::kIndex: {
      const std::string piece = pop_text();
      const std::size_t at = pop_text().find(piece);
      return push_number(at == std::string::npos ? 0 : static_cast<double>(at) + 1);
    }
    case Builtin::kSplit:
      return split_into_array(i);
    case Builtin::kGensub:
      return gensub(i.b);
    case Builtin::kMatch:
      return match_text(i);
    case Builtin::kSprintf: {
      Instruction formatted = i;
      formatted.a = i.b;
      formatted.c = 1;
      std::string text = print_text(formatted);
      return push(Cell::string(std::move(text)));
    }
    case Builtin::kToLower:
      return push(Cell::string(to_lower(pop_text())));
    case Builtin::kToUpper:
      return push(Cell::string(to_upper(pop_text())));
    case Builtin::kStrftime:
      return push(Cell::string(time_text(i.b)));
    case Builtin::kSystime:
      return push_number(
          static_cast<double>(std::chrono::duration_cast<seconds>(process_.now().time_since_epoch()).count()));
    case Builtin::kMktime:
      if (i.b > 1) (void)pop();
      return push_number(make_time(pop_text()));
    case Builtin::kAnd:
    case Builtin::kOr:
    case Builtin::kXor:
    case Builtin::kLshift:
    case Builtin::kRshift:
    case Builtin::kCompl:
      return bits(which, i.b);
    case Builtin::kStrtonum: {
      const std::string text = pop_text();
      if (text.starts_with("0x") || text.starts_with("0X"))
        return push_number(static_cast<double>(std::strtoull(text.c_str(), nullptr, 16)));
      if (text.size() > 1 && text[0] == '0' && text.find_first_not_of("01234567") == std::string::npos)
        return push_number(static_cast<double>(std::strtoull(text.c_str(), nullptr, 8)));
      return push_number(number_prefix(text));
    }
    case Builtin::kAsort:
    case Builtin::kAsorti:
      return sort_array(i, which == Builtin::kAsorti);
    case Builtin::kTypeof: {
      const Cell value = pop();
      switch (value.kind()) {
        case Cell::Kind::kNumber:
          return push(Cell::string("number"));
        case Cell::Kind::kString:
          return push(Cell::string("string"));
        case Cell::Kind::kInput:
          return push(Cell::string(value.numeric() ? "strnum" : "string"));
        default:
          return push(Cell::string("untyped"));
      }
    }
    default:
      return numeric_builtin(which, i.b);
  }
}

Task<void> Machine::waiting_builtin(Instruction instruction) {
  const auto which = static_cast<Builtin>(instruction.a);
  if (which == Builtin::kFflush) {
    if (instruction.b == 0) {
      co_await channels_.flush_all();
      push_number(0);
      co_return;
    }
    std::string name = pop_text();
    const bool fine = co_await channels_.flush(std::move(name));
    push_number(fine ? 0 : -1);
    co_return;
  }
  if (which == Builtin::kClose && instruction.b > 1) (void)pop();
  std::string name = pop_text();
  const int result = which == Builtin::kSystem ? co_await channels_.system(std::move(name))
                                               : co_await channels_.close(std::move(name));
  push_number(result);
}

// --- print and getline ---

std::string Machine::print_text(const Instruction& instruction) {
  const std::size_t first = stack_.size() - static_cast<std::size_t>(instruction.a);
  std::string text;
  if (instruction.c != 0) {
    const std::string pattern = stack_[first].to_text(convfmt_);
    std::string problem;
    text = format_cells(pattern, std::span(stack_).subspan(first + 1), convfmt_, problem);
    if (!problem.empty()) fail(problem);
    stack_.resize(first);
    return text;
  }
  if (instruction.a == 0) {
    text = record_.text(special_text(kOFS), convfmt_);
  } else {
    const std::string ofs = special_text(kOFS);
    const std::string ofmt = special_text(kOFMT);
    for (std::size_t i = first; i < stack_.size(); ++i) {
      if (i > first) text += ofs;
      text += stack_[i].to_text(ofmt);
    }
    stack_.resize(first);
  }
  return text + special_text(kORS);
}

Task<void> Machine::print(Instruction instruction) {
  std::string name;
  std::string text;
  const bool fine = attempt([&] {
    name = pop_text();
    text = print_text(instruction);
    if (name.empty()) fail("expression for `>' redirection has null string value");
  });
  if (!fine) co_return;
  std::string problem;
  Output* output = co_await channels_.writer(static_cast<char>(instruction.b), name, problem);
  if (output == nullptr) {
    failure_ = FatalError{"cannot redirect to `" + name + "': " + problem, line_};
    co_return;
  }
  output->add(text);
  const bool at_once = name == "/dev/stderr";
  if (at_once) (void)co_await channels_.out().flush();
  if (at_once || output->wants_flush()) (void)co_await output->flush();
}

Task<void> Machine::getline(Instruction instruction) {
  const auto target = static_cast<Target>(instruction.b);
  std::string key;
  double index = 0;
  if (target == Target::kElement) key = pop_text();
  if (target == Target::kField) index = pop().to_number();
  std::string record;
  bool found = false;
  if (instruction.a == 0) {
    found = co_await next_record(record);
    if (failure_) co_return;
    if (found) count_record();
  } else {
    std::string name = pop_text();
    InputStream* input = co_await channels_.reader(static_cast<char>(instruction.a), std::move(name));
    if (input == nullptr) {
      push_number(-1);
      co_return;
    }
    RecordEnd end;
    if (!attempt([&] { end = record_end(); })) co_return;
    std::string ended_by;
    found = co_await read_record(*input, end, record, ended_by);
    if (!found && input->error()) {
      push_number(-1);
      co_return;
    }
    if (found && instruction.a == '|') globals_[kNR].cell = Cell::number(globals_[kNR].cell.to_number() + 1);
  }
  if (found) {
    const bool fine = attempt([&] {
      if (target == Target::kNone)
        set_record(std::move(record));
      else
        store_target(target, instruction.c, key, index, Cell::input(std::move(record)));
    });
    if (!fine) co_return;
  }
  push_number(found ? 1 : 0);
}

}  // namespace drydock::awk
