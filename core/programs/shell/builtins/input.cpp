// read, mapfile.
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/tty.h"
#include "core/programs/shell/builtins/builtins.h"

namespace drydock::shell {
namespace {

// Puts a terminal's modes back whatever happens.
struct ModesGuard {
  explicit ModesGuard(std::shared_ptr<Tty> tty) : tty(std::move(tty)) {
    if (this->tty) before = this->tty->modes();
  }
  ~ModesGuard() {
    if (tty) tty->set_modes(before);
  }
  std::shared_ptr<Tty> tty;
  Tty::Modes before;
};

struct Separators {
  std::string ifs;
  bool is(char c) const { return ifs.find(c) != std::string::npos; }
  bool white(char c) const { return is(c) && (c == ' ' || c == '\t' || c == '\n'); }
};

// A character that backslash took its meaning from is marked in `quoted`.
struct Line {
  std::string text;
  std::vector<bool> quoted;
};

// The next field of `line` from `at`; the last field takes the rest.
std::string next_field(const Line& line, std::size_t& at, const Separators& separators, bool last) {
  auto cuts = [&](std::size_t i) { return !line.quoted[i] && separators.is(line.text[i]); };
  auto white = [&](std::size_t i) { return !line.quoted[i] && separators.white(line.text[i]); };
  while (at < line.text.size() && white(at)) ++at;
  std::size_t end = at;
  if (!last) {
    while (end < line.text.size() && !cuts(end)) ++end;
    const std::string field = line.text.substr(at, end - at);
    at = end;
    while (at < line.text.size() && white(at)) ++at;
    if (at < line.text.size() && cuts(at)) {
      ++at;
      while (at < line.text.size() && white(at)) ++at;
    }
    return field;
  }
  end = line.text.size();
  while (end > at && white(end - 1)) --end;
  // One separator at the very end belongs to the last field's end: "a:" is "a".
  if (end > at && cuts(end - 1) &&
      std::none_of(line.text.begin() + static_cast<std::ptrdiff_t>(at),
                   line.text.begin() + static_cast<std::ptrdiff_t>(end) - 1, [&](char c) { return separators.is(c); }))
    --end;
  const std::string field = line.text.substr(at, end - at);
  at = line.text.size();
  return field;
}

// Reads from a file until a moment; EINTR as a kind of its own.
enum class Got { kByte, kEnd, kInterrupted, kTimeout };

}  // namespace

Task<int> Builtins::read_() {
  const auto given = co_await options("ersa:d:i:n:N:p:t:u:",
                                      "read [-ers] [-a array] [-d delim] [-i text] [-n nchars] "
                                      "[-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]");
  if (!given) co_return 2;
  const bool raw = has(*given, 'r');
  const int fd = has(*given, 'u') ? static_cast<int>(parse_int(value(*given, 'u')).value_or(-1)) : 0;
  const std::string delimiter_text = value(*given, 'd');
  const char delimiter = !has(*given, 'd') ? '\n' : delimiter_text.empty() ? '\0' : delimiter_text[0];
  const bool exact = has(*given, 'N');
  const std::int64_t limit = exact              ? parse_int(value(*given, 'N')).value_or(0)
                             : has(*given, 'n') ? parse_int(value(*given, 'n')).value_or(0)
                                                : -1;
  std::vector<std::string> names(argv_.begin() + static_cast<std::ptrdiff_t>(next_), argv_.end());
  for (const std::string& name : names) {
    const std::string base = name.substr(0, name.find('['));
    if (!is_name(base)) co_return co_await complain("`" + name + "': not a valid identifier");
  }
  const OpenFilePtr file = process_.file(fd);
  if (!file) co_return co_await complain(std::to_string(fd) + ": invalid file descriptor: Bad file descriptor");
  const auto tty = process_.tty_of(fd);
  if (has(*given, 'p') && tty) co_await process_.err(value(*given, 'p'));
  const ModesGuard guard(tty);
  if (tty && (has(*given, 's') || limit >= 0 || delimiter != '\n')) {
    Tty::Modes modes = tty->modes();
    if (has(*given, 's')) modes.echo = false;
    if (limit >= 0 || delimiter != '\n') modes.canonical = false;
    tty->set_modes(modes);
  }
  std::optional<Duration> timeout;
  if (has(*given, 't')) {
    const auto given_seconds = parse_double(value(*given, 't'));
    if (!given_seconds || *given_seconds < 0)
      co_return co_await complain(value(*given, 't') + ": invalid timeout specification");
    timeout = Duration(static_cast<Duration::rep>(*given_seconds * 1e9));
  }
  Line line;
  bool ended = false;
  bool timed_out = false;
  bool interrupted = false;
  bool escaped = false;
  std::int64_t count = 0;
  const bool seeks = !tty && file->seek(0, 1).ok();
  std::string buffer;
  std::size_t used = 0;
  const TimePoint deadline = process_.now() + timeout.value_or(Duration{0});
  while (limit < 0 || count < limit) {
    if (used >= buffer.size()) {
      buffer.clear();
      used = 0;
      SysResult<std::string> piece = std::string();
      if (timeout) {
        const auto got = co_await with_deadline(process_.loop(), deadline, file->read(process_, 1));
        if (!got) {
          timed_out = true;
          break;
        }
        piece = *got;
      } else {
        piece = co_await file->read(process_, seeks ? 4096 : 1);
      }
      if (!piece && piece.error() == Errno::kIntr) {
        shell_.collect_signals();
        // A trap that is set for it runs, and reading goes on; otherwise the command ends.
        bool trapped = !shell_.caught_.empty();
        for (int signal : shell_.caught_) trapped = trapped && shell_.traps_.contains(std::string(signal_name(signal)));
        const bool harmless = std::all_of(shell_.caught_.begin(), shell_.caught_.end(),
                                          [](int signal) { return signal == kSigWinch || signal == kSigChld; });
        if (harmless) {
          shell_.caught_.clear();
          continue;
        }
        interrupted = !trapped;
        if (interrupted) break;
        co_await shell_.run_pending_traps();
        if (shell_.flow_ != Flow::kNone) break;
        continue;
      }
      if (!piece || piece->empty()) {
        ended = true;
        break;
      }
      buffer = *piece;
    }
    const char c = buffer[used++];
    if (escaped) {
      escaped = false;
      if (c == '\n') continue;  // the line goes on
      line.text += c;
      line.quoted.push_back(true);
    } else if (c == '\\' && !raw) {
      escaped = true;
      continue;
    } else if (c == delimiter && !exact) {
      break;
    } else {
      if (c == '\0') continue;
      line.text += c;
      line.quoted.push_back(false);
    }
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) ++count;
  }
  if (seeks && used < buffer.size()) (void)file->seek(-static_cast<std::int64_t>(buffer.size() - used), 1);
  if (tty && has(*given, 's') && false) co_await process_.err("\n");
  if (interrupted) co_return 130;
  const int code = timed_out ? 142 : ended ? 1 : 0;
  const Variable* variable = shell_.variables_.find("IFS");
  const Separators separators{variable == nullptr ? " \t\n" : variable->plain().value_or(" \t\n")};
  std::size_t at = 0;
  if (has(*given, 'a')) {
    std::vector<std::string> fields;
    while (at < line.text.size()) {
      while (at < line.text.size() && !line.quoted[at] && separators.white(line.text[at])) ++at;
      if (at < line.text.size()) fields.push_back(next_field(line, at, separators, false));
    }
    (void)shell_.set_array(value(*given, 'a'), fields);
    co_return code;
  }
  if (names.empty() || exact) {
    (void)shell_.set(names.empty() ? "REPLY" : names[0], line.text);
    for (std::size_t i = 1; i < names.size(); ++i) (void)shell_.set(names[i], "");
    co_return code;
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string field = next_field(line, at, separators, i + 1 == names.size());
    bool stored = true;
    if (const std::size_t bracket = names[i].find('['); bracket != std::string::npos) {
      const std::string base = names[i].substr(0, bracket);
      const std::string key = co_await shell_.key_of(base, names[i].substr(bracket + 1, names[i].size() - bracket - 2));
      stored = shell_.set_element(base, key, field);
    } else {
      stored = shell_.set(names[i], field);
    }
    if (!stored) {
      co_await shell_.complain(names[i] + ": readonly variable");
      co_return 1;
    }
  }
  co_return code;
}

Task<int> Builtins::mapfile() {
  const auto given =
      co_await options("d:n:O:s:tu:C:c:", argv_[0] +
                                              " [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] "
                                              "[-C callback] [-c quantum] [array]");
  if (!given) co_return 2;
  const std::string array = next_ < argv_.size() ? argv_[next_] : "MAPFILE";
  if (!is_name(array)) co_return co_await complain("`" + array + "': not a valid identifier");
  const int fd = has(*given, 'u') ? static_cast<int>(parse_int(value(*given, 'u')).value_or(0)) : 0;
  const std::string delimiter_text = value(*given, 'd');
  const char delimiter = !has(*given, 'd') ? '\n' : delimiter_text.empty() ? '\0' : delimiter_text[0];
  const std::int64_t most = parse_int(value(*given, 'n')).value_or(0);
  std::int64_t skip = parse_int(value(*given, 's')).value_or(0);
  std::int64_t index = parse_int(value(*given, 'O')).value_or(0);
  if (!has(*given, 'O')) (void)shell_.set_array(array, {});
  std::int64_t read = 0;
  while (most == 0 || read < most) {
    std::string line;
    const bool closed = co_await read_input_line(process_, fd, line, delimiter);
    if (!closed && line.empty()) break;
    if (skip-- <= 0) {
      if (closed && !has(*given, 't')) line += delimiter;
      (void)shell_.set_element(array, std::to_string(index++), line);
      ++read;
    }
    if (!closed) break;
  }
  co_return 0;
}

}  // namespace drydock::shell
