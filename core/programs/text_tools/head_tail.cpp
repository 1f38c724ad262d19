// head, tail.
#include <algorithm>
#include <deque>

#include "core/base/strings.h"
#include "core/host/tty.h"
#include "core/programs/command_flags.h"
#include "core/programs/text_tools/streams.h"
#include "core/programs/text_tools/tools.h"

namespace drydock {
namespace {

constexpr Duration kFollowPause = milliseconds(500);

constexpr std::string_view kHeadHelp =
    "Usage: head [OPTION]... [FILE]...\n"
    "Print the first 10 lines of each FILE to standard output.\n"
    "With more than one FILE, precede each with a header giving the file name.\n"
    "\n"
    "With no FILE, or when FILE is -, read standard input.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -c, --bytes=[-]NUM       print the first NUM bytes of each file;\n"
    "                             with the leading '-', print all but the last\n"
    "                             NUM bytes of each file\n"
    "  -n, --lines=[-]NUM       print the first NUM lines instead of the first 10;\n"
    "                             with the leading '-', print all but the last\n"
    "                             NUM lines of each file\n"
    "  -q, --quiet, --silent    never print headers giving file names\n"
    "  -v, --verbose            always print headers giving file names\n"
    "  -z, --zero-terminated    line delimiter is NUL, not newline\n"
    "  -NUM                     the first NUM lines\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";

constexpr std::string_view kTailHelp =
    "Usage: tail [OPTION]... [FILE]...\n"
    "Print the last 10 lines of each FILE to standard output.\n"
    "With more than one FILE, precede each with a header giving the file name.\n"
    "\n"
    "With no FILE, or when FILE is -, read standard input.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -c, --bytes=[+]NUM       output the last NUM bytes; or use -c +NUM to\n"
    "                             output starting with byte NUM of each file\n"
    "  -f, --follow[=HOW]       output appended data as the file grows;\n"
    "                             an absent option argument means 'descriptor'\n"
    "  -F                       same as --follow=name --retry\n"
    "  -n, --lines=[+]NUM       output the last NUM lines, instead of the last 10;\n"
    "                             or use -n +NUM to output starting with line NUM\n"
    "      --pid=PID            with -f, terminate after process ID, PID dies\n"
    "  -q, --quiet, --silent    never output headers giving file names\n"
    "      --retry              keep trying to open a file if it is inaccessible\n"
    "  -s, --sleep-interval=N   with -f, sleep for approximately N seconds\n"
    "                             (default 1.0) between iterations\n"
    "  -v, --verbose            always output headers giving file names\n"
    "  -z, --zero-terminated    line delimiter is NUL, not newline\n"
    "  -NUM                     the last NUM lines\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";

struct Amount {
  std::int64_t number = 10;
  bool bytes = false;
  char sign = ' ';
};

// "10", "-3", "+2", "1K"; nullopt when it is no number.
std::optional<Amount> read_amount(const CommandFlags& flags) {
  Amount amount;
  const std::string which = flags.last_of("c n NUM");
  if (which.empty()) return amount;
  amount.bytes = which == "c";
  std::string text = flags.value(which);
  if (text.starts_with("-") || text.starts_with("+")) {
    amount.sign = text[0];
    text.erase(0, 1);
  }
  static constexpr std::string_view kUnits = "bkKMG";
  static constexpr std::int64_t kFactors[] = {512, 1024, 1024, 1 << 20, 1 << 30};
  std::int64_t factor = 1;
  if (!text.empty()) {
    if (const std::size_t at = kUnits.find(text.back()); at != std::string_view::npos) {
      factor = kFactors[at];
      text.pop_back();
    }
  }
  const auto number = parse_int(text);
  if (!number || *number < 0) return std::nullopt;
  amount.number = *number * factor;
  return amount;
}

Task<void> complain_amount(Process& p, const CommandFlags& flags) {
  const std::string which = flags.last_of("c n NUM");
  const std::string number = flags.value(which);
  co_await p.err(std::string(p.name()) + ": invalid number of " + (which == "c" ? "bytes" : "lines") + ": '" + number +
                 "'\n");
}

bool titled(const CommandFlags& flags, std::size_t files) {
  const std::string how = flags.last_of("q v");
  return how == "v" || (how != "q" && files > 1);
}

Task<void> head_of(InputStream& input, Output& out, Amount amount, char delimiter) {
  if (amount.sign == '-') {  // all but the last
    const std::string all = co_await input.rest();
    std::size_t end = all.size();
    if (amount.bytes) {
      end -= std::min(end, static_cast<std::size_t>(amount.number));
    } else {
      for (std::int64_t i = 0; i < amount.number && end > 0; ++i) {
        const std::size_t at = end < 2 ? std::string::npos : all.rfind(delimiter, end - 2);
        end = at == std::string::npos ? 0 : at + 1;
      }
    }
    out.add(std::string_view(all).substr(0, end));
    co_return;
  }
  if (amount.bytes) {
    auto left = static_cast<std::size_t>(amount.number);
    while (left > 0) {
      if (input.available().empty() && !co_await input.fill()) co_return;
      const std::string_view piece = input.available().substr(0, left);
      out.add(piece);
      left -= piece.size();
      input.consume(piece.size());
      if (out.wants_flush() && !co_await out.flush()) co_return;
    }
    co_return;
  }
  std::string line;
  for (std::int64_t i = 0; i < amount.number; ++i) {
    if (!input.take_line(line, delimiter) && !co_await input.next_line(line, delimiter)) co_return;
    out.add(line);
    if (input.terminated()) out.add(delimiter);
    if (out.wants_flush() && !co_await out.flush()) co_return;
  }
}

std::string_view tail_of(std::string_view all, Amount amount, char delimiter) {
  const auto count = static_cast<std::size_t>(amount.number);
  if (amount.bytes) {
    if (amount.sign == '+') return all.substr(std::min(all.size(), count == 0 ? 0 : count - 1));
    return all.substr(all.size() - std::min(all.size(), count));
  }
  if (amount.sign == '+') {
    std::size_t at = 0;
    for (std::size_t i = 1; i < count && at < all.size(); ++i) {
      const std::size_t newline = all.find(delimiter, at);
      at = newline == std::string_view::npos ? all.size() : newline + 1;
    }
    return all.substr(at);
  }
  if (count == 0) return {};
  std::size_t begin = all.size();
  for (std::size_t i = 0; i < count && begin > 0; ++i) {
    const std::size_t at = begin < 2 ? std::string_view::npos : all.rfind(delimiter, begin - 2);
    begin = at == std::string_view::npos ? 0 : at + 1;
  }
  return all.substr(begin);
}

struct Followed {
  std::string path;
  OpenFilePtr file;  // null: not there (yet)
  InodePtr inode;
  std::size_t seen = 0;
};

}  // namespace

Task<int> head_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kHeadHelp);
  if (flags.ended()) co_return flags.exit_code();
  const auto amount = read_amount(flags);
  if (!amount) {
    co_await complain_amount(p, flags);
    co_return 1;
  }
  std::vector<std::string> files = flags.operands();
  if (files.empty()) files.emplace_back("-");
  const bool headers = titled(flags, files.size());
  Output out(p);
  int code = 0;
  bool first = true;
  for (const std::string& path : files) {
    auto file = open_input(p, path);
    if (!file) {
      (void)co_await out.flush();
      co_await p.err("head: cannot open '" + path + "' for reading: " + std::string(errno_text(file.error())) + "\n");
      code = 1;
      continue;
    }
    if (headers) out.add((first ? "==> " : "\n==> ") + (path == "-" ? "standard input" : path) + " <==\n");
    first = false;
    InputStream input(p, *file, &out);
    co_await head_of(input, out, *amount, flags.has("z") ? '\0' : '\n');
    if (input.error()) {
      (void)co_await out.flush();
      co_await p.err("head: error reading '" + path + "': " + std::string(errno_text(*input.error())) + "\n");
      code = 1;
    }
  }
  (void)co_await out.flush();
  co_return code;
}

Task<int> tail_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kTailHelp);
  if (flags.ended()) co_return flags.exit_code();
  const auto amount = read_amount(flags);
  if (!amount) {
    co_await complain_amount(p, flags);
    co_return 1;
  }
  const bool by_name = flags.has("F") || flags.value("follow") == "name";
  const bool follow = flags.has("F") || flags.has("f");
  const bool retry = flags.has("F") || flags.has("retry");
  std::vector<std::string> files = flags.operands();
  if (files.empty()) files.emplace_back("-");
  const bool headers = titled(flags, files.size());
  const char delimiter = flags.has("z") ? '\0' : '\n';
  Output out(p);
  std::vector<Followed> followed;
  std::string last_shown;
  int code = 0;
  bool first = true;
  for (const std::string& path : files) {
    auto file = open_input(p, path);
    if (!file) {
      (void)co_await out.flush();
      co_await p.err("tail: cannot open '" + path + "' for reading: " + std::string(errno_text(file.error())) + "\n");
      code = 1;
      if (retry) followed.push_back({path, nullptr, nullptr, 0});
      continue;
    }
    if (headers) out.add((first ? "==> " : "\n==> ") + (path == "-" ? "standard input" : path) + " <==\n");
    first = false;
    last_shown = path;
    InputStream input(p, *file, &out);
    const std::string all = co_await input.rest();
    if (input.error()) {
      (void)co_await out.flush();
      co_await p.err("tail: error reading '" + path + "': " + std::string(errno_text(*input.error())) + "\n");
      code = 1;
      continue;
    }
    out.add(tail_of(all, *amount, delimiter));
    if (*file) followed.push_back({path, *file, (*file)->inode(), all.size()});
  }
  (void)co_await out.flush();
  if (!follow) co_return code;
  if (followed.empty()) {
    if (code != 0) co_await p.err("tail: no files remaining\n");
    co_return code;
  }
  if (auto tty = p.tty_of(1)) tty->set_following(true);
  const double pause = parse_double(flags.value("s")).value_or(0);
  const Duration between =
      pause > 0 ? Duration(static_cast<Duration::rep>(std::min(pause, 1e6) * 1e9)) : Duration(kFollowPause);
  for (;;) {
    if (!co_await p.sleep(between)) co_return 1;
    for (Followed& each : followed) {
      if (by_name || !each.inode) {
        auto again = open_input(p, each.path);
        const InodePtr inode = again && *again ? (*again)->inode() : nullptr;
        if (!inode && each.inode) {
          co_await p.err("tail: '" + each.path + "' has become inaccessible: No such file or directory\n");
          each.inode = nullptr;
        } else if (inode && inode != each.inode) {
          const bool replaced = each.inode != nullptr;
          co_await p.err("tail: '" + each.path + "' has " +
                         (replaced ? "been replaced;  following new file\n" : "appeared;  following new file\n"));
          each.inode = inode;
          each.seen = 0;
        }
      }
      if (!each.inode) continue;
      const std::size_t size = each.inode->content().size();
      if (size < each.seen) {
        co_await p.err("tail: " + each.path + ": file truncated\n");
        each.seen = 0;
      }
      if (size == each.seen) continue;
      if (headers && last_shown != each.path) out.add("\n==> " + each.path + " <==\n");
      last_shown = each.path;
      out.add(std::string_view(each.inode->content()).substr(each.seen));
      each.seen = size;
      if (!co_await out.flush()) co_return 1;
    }
  }
}

}  // namespace drydock
