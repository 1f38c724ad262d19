// The everyday commands for files and text.
#include <algorithm>
#include <ctime>
#include <functional>
#include <map>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/tty.h"
#include "core/network/net_namespace.h"
#include "core/programs/coreutils/coreutils.h"
#include "core/programs/coreutils/programs.h"
#include "core/programs/text/regex.h"

namespace drydock {
namespace {

// Short flags (joined or not) and operands; long flags by name.
struct Arguments {
  std::string flags;
  std::vector<std::string> longs;
  std::vector<std::string> operands;
  std::map<char, std::string> values;
  bool has(char flag) const { return flags.find(flag) != std::string::npos; }
};

// `known` lists the flags; one followed by ':' takes a value. Prints GNU's error for others.
Task<std::optional<Arguments>> parse_arguments(Process& p, std::string known) {
  Arguments parsed;
  const std::vector<std::string> words(p.arguments().begin(), p.arguments().end());
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") {
      parsed.operands.insert(parsed.operands.end(), words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
      break;
    }
    if (word.starts_with("--")) {
      parsed.longs.push_back(word.substr(2));
      continue;
    }
    if (word.size() < 2 || word[0] != '-') {
      parsed.operands.push_back(word);
      continue;
    }
    for (std::size_t k = 1; k < word.size(); ++k) {
      const std::size_t at = known.find(word[k]);
      if (at == std::string::npos || word[k] == ':') {
        const std::string name(p.name());
        co_await p.err(name + ": invalid option -- '" + word[k] + "'\nTry '" + name +
                       " --help' for more information.\n");
        co_return std::nullopt;
      }
      parsed.flags += word[k];
      if (at + 1 < known.size() && known[at + 1] == ':') {
        parsed.values[word[k]] = k + 1 < word.size() ? word.substr(k + 1) : i + 1 < words.size() ? words[++i] : "";
        break;
      }
    }
  }
  co_return parsed;
}

// The text of each operand, or of standard input; false when one could not be read.
Task<bool> each_input(Process& p, const std::vector<std::string>& operands,
                      std::function<void(const std::string& name, const std::string& text)> use) {
  bool fine = true;
  if (operands.empty()) {
    const std::string text = co_await p.read_all(0);
    use("-", text);
  }
  for (const std::string& path : operands) {
    if (path == "-") {
      const std::string text = co_await p.read_all(0);
      use(path, text);
      continue;
    }
    auto text = p.read_file(path);
    if (text) {
      use(path, *text);
    } else {
      co_await p.err(p.error_text(path, text.error()) + "\n");
      fine = false;
    }
  }
  co_return fine;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines = split(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

Task<int> cat_main(Process& p) {
  auto args = co_await parse_arguments(p, "nAeEtTuvsb");
  if (!args) co_return 1;
  if (args->operands.empty()) {
    for (;;) {
      auto piece = co_await p.read(0);
      if (!piece || piece->empty()) co_return 0;
      if (!co_await p.write(1, *piece)) co_return 1;
    }
  }
  std::string out;
  int number = 1;
  const bool numbered = args->has('n');
  const bool fine = co_await each_input(p, args->operands, [&](const std::string&, const std::string& text) {
    if (!numbered) {
      out += text;
      return;
    }
    for (const std::string& line : lines_of(text)) out += format("%6d\t", number++) + line + "\n";
  });
  co_await p.out(out);
  co_return fine ? 0 : 1;
}

std::string name_of_id(Process& p, const char* file, std::uint32_t id) {
  for (const std::string& line : split(p.read_file(file).value_or(""), '\n')) {
    const std::vector<std::string> parts = split(line, ':');
    if (parts.size() > 2 && parts[2] == std::to_string(id)) return parts[0];
  }
  return std::to_string(id);
}

std::string date_text(TimePoint when, const char* pattern) {
  const std::time_t since = std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch()).count();
  std::tm parts{};
  gmtime_r(&since, &parts);
  char text[128];
  std::strftime(text, sizeof text, pattern, &parts);
  return text;
}

Task<int> id_main(Process& p) {
  auto args = co_await parse_arguments(p, "ugnG");
  if (!args) co_return 1;
  const Credentials& who = p.credentials();
  const std::string user = name_of_id(p, "/etc/passwd", who.uid);
  const std::string group = name_of_id(p, "/etc/group", who.gid);
  if (p.name() == "whoami" || (args->has('u') && args->has('n')))
    co_await p.out(user + "\n");
  else if (args->has('u'))
    co_await p.out(std::to_string(who.uid) + "\n");
  else if (args->has('g') || args->has('G'))
    co_await p.out((args->has('n') ? group : std::to_string(who.gid)) + "\n");
  else
    co_await p.out(format("uid=%u(%s) gid=%u(%s) groups=%u(%s)\n", who.uid, user.c_str(), who.gid, group.c_str(),
                          who.gid, group.c_str()));
  co_return 0;
}

Task<int> hostname_main(Process& p) {
  auto args = co_await parse_arguments(p, "iIfsd");
  if (!args) co_return 1;
  if (args->has('i')) {
    co_await p.out(p.network().primary_address().text() + "\n");
  } else if (args->has('I')) {
    std::string text;
    for (const Ipv4& address : p.network().addresses()) text += address.text() + " ";
    co_await p.out(text + "\n");
  } else {
    co_await p.out(p.hostname() + "\n");
  }
  co_return 0;
}

Task<int> base64_main(Process& p) {
  auto args = co_await parse_arguments(p, "dw:i");
  if (!args) co_return 1;
  const bool decode = args->has('d') || std::count(args->longs.begin(), args->longs.end(), "decode") > 0;
  std::string input;
  if (!co_await each_input(p, args->operands, [&](const std::string&, const std::string& text) { input += text; }))
    co_return 1;
  if (decode) {
    const auto bytes = base64_decode(input);
    if (!bytes) {
      co_await p.err("base64: invalid input\n");
      co_return 1;
    }
    co_await p.out(*bytes);
    co_return 0;
  }
  const std::string text = base64_encode(input);
  const std::size_t width =
      args->has('w') ? static_cast<std::size_t>(std::max<std::int64_t>(0, parse_int(args->values['w']).value_or(76)))
                     : 76;
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += width == 0 ? text.size() : width)
    out += text.substr(i, width == 0 ? std::string::npos : width) + (width == 0 ? "" : "\n");
  co_await p.out(out);
  co_return 0;
}

std::string character_set(std::string_view spec) {
  std::string out;
  for (std::size_t i = 0; i < spec.size(); ++i) {
    if (spec.substr(i).starts_with("[:upper:]")) {
      for (char c = 'A'; c <= 'Z'; ++c) out += c;
      i += 8;
    } else if (spec.substr(i).starts_with("[:lower:]")) {
      for (char c = 'a'; c <= 'z'; ++c) out += c;
      i += 8;
    } else if (spec.substr(i).starts_with("[:digit:]")) {
      out += "0123456789";
      i += 8;
    } else if (spec.substr(i).starts_with("[:space:]")) {
      out += " \t\n\r\f\v";
      i += 8;
    } else if (spec[i] == '\\' && i + 1 < spec.size()) {
      const char c = spec[++i];
      out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    } else if (i + 2 < spec.size() && spec[i + 1] == '-') {
      for (int c = static_cast<unsigned char>(spec[i]); c <= static_cast<unsigned char>(spec[i + 2]); ++c)
        out += static_cast<char>(c);
      i += 2;
    } else {
      out += spec[i];
    }
  }
  return out;
}

Task<int> tr_main(Process& p) {
  auto args = co_await parse_arguments(p, "dscC");
  if (!args) co_return 1;
  if (args->operands.empty()) {
    co_await p.err("tr: missing operand\nTry 'tr --help' for more information.\n");
    co_return 1;
  }
  std::string from = character_set(args->operands[0]);
  const std::string to = args->operands.size() > 1 ? character_set(args->operands[1]) : "";
  const bool complement = args->has('c') || args->has('C');
  const std::string input = co_await p.read_all(0);
  std::string out;
  for (char c : input) {
    const std::size_t at = from.find(c);
    const bool in_set = (at != std::string::npos) != complement;
    if (!in_set) {
      out += c;
    } else if (args->has('d')) {
      continue;
    } else {
      const char mapped = to.empty() ? c : complement || at >= to.size() ? to.back() : to[at];
      if (args->has('s') && !out.empty() && out.back() == mapped) continue;
      out += mapped;
    }
  }
  co_await p.out(out);
  co_return 0;
}

Task<int> grep_main(Process& p) {
  auto args = co_await parse_arguments(p, "ivnrRFEGPoclLwxqhHse:A:B:C:m:");
  if (!args) co_return 2;
  std::string pattern = args->values.contains('e') ? args->values['e'] : "";
  if (!args->values.contains('e')) {
    if (args->operands.empty()) {
      co_await p.err("Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n");
      co_return 2;
    }
    pattern = args->operands[0];
    args->operands.erase(args->operands.begin());
  }
  const Regex::Syntax syntax = args->has('F')                          ? Regex::Syntax::kFixed
                               : args->has('P')                        ? Regex::Syntax::kPerl
                               : args->has('E') || p.name() == "egrep" ? Regex::Syntax::kExtended
                                                                       : Regex::Syntax::kBasic;
  if (args->has('w'))
    pattern = syntax == Regex::Syntax::kBasic ? "\\b\\(" + pattern + "\\)\\b" : "\\b(" + pattern + ")\\b";
  const Regex regex = Regex::compile(pattern, syntax, args->has('i'));
  if (!regex.ok()) {
    co_await p.err("grep: " + regex.error() + "\n");
    co_return 2;
  }
  const auto after = parse_int(args->values.contains('A')   ? args->values['A']
                               : args->values.contains('C') ? args->values['C']
                                                            : "0")
                         .value_or(0);
  const auto before = parse_int(args->values.contains('B')   ? args->values['B']
                                : args->values.contains('C') ? args->values['C']
                                                             : "0")
                          .value_or(0);
  const bool named = (args->operands.size() > 1 || args->has('H')) && !args->has('h');
  std::string out;
  bool any = false;
  const bool fine = co_await each_input(p, args->operands, [&](const std::string& name, const std::string& text) {
    const std::vector<std::string> lines = lines_of(text);
    std::int64_t count = 0;
    std::int64_t shown_up_to = -1;
    std::int64_t tail = 0;
    const std::string prefix = named ? name + ":" : "";
    for (std::size_t i = 0; i < lines.size(); ++i) {
      auto match = regex.search(lines[i], 0);
      if (match && args->has('x') && ((*match)[0].begin != 0 || (*match)[0].end != lines[i].size())) match.reset();
      const bool hit = match.has_value() != args->has('v');
      const auto number = static_cast<std::int64_t>(i);
      auto print = [&](std::int64_t at, char mark) {
        if (at <= shown_up_to) return;
        shown_up_to = at;
        out += (named ? name + mark : "") + (args->has('n') ? std::to_string(at + 1) + mark : "") +
               lines[static_cast<std::size_t>(at)] + "\n";
      };
      if (hit) {
        any = true;
        ++count;
        if (args->has('c') || args->has('l') || args->has('q') || args->has('L')) continue;
        if (args->has('o') && !args->has('v')) {
          std::size_t from = 0;
          while (match && (*match)[0].end > (*match)[0].begin) {
            out += prefix + lines[i].substr((*match)[0].begin, (*match)[0].end - (*match)[0].begin) + "\n";
            from = (*match)[0].end;
            match = regex.search(lines[i], from, true);
          }
          continue;
        }
        for (std::int64_t k = std::max<std::int64_t>(0, number - before); k < number; ++k) print(k, '-');
        print(number, ':');
        tail = after;
      } else if (tail > 0) {
        print(number, '-');
        --tail;
      }
    }
    if (args->has('c')) out += prefix + std::to_string(count) + "\n";
    if (args->has('l') && count > 0) out += name + "\n";
    if (args->has('L') && count == 0) out += name + "\n";
  });
  if (!args->has('q')) co_await p.out(out);
  co_return !fine && !args->has('s') ? 2 : any ? 0 : 1;
}

Task<int> head_main(Process& p) {
  std::int64_t count = 10;
  std::vector<std::string> files;
  bool bytes = false;
  bool follow = false;
  const bool tail = p.name() == "tail";
  const std::vector<std::string> words(p.arguments().begin(), p.arguments().end());
  bool from_start = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string word = words[i];
    if (word == "-f" || word == "-F")
      follow = true;
    else if (word.starts_with("-n") || word.starts_with("-c")) {
      bytes = word[1] == 'c';
      std::string number = word.size() > 2 ? word.substr(2) : i + 1 < words.size() ? words[++i] : "";
      from_start = number.starts_with("+");
      count = parse_int(number).value_or(10);
    } else if (word.size() > 1 && word[0] == '-' && parse_int(word.substr(1)))
      count = *parse_int(word.substr(1));
    else if (word.starts_with("-") && word.size() > 1) {
      co_await p.err(std::string(p.name()) + ": invalid option -- '" + word.substr(1, 1) + "'\nTry '" +
                     std::string(p.name()) + " --help' for more information.\n");
      co_return 1;
    } else
      files.push_back(word);
  }
  std::string out;
  const bool fine = co_await each_input(p, files, [&](const std::string& name, const std::string& text) {
    if (files.size() > 1) out += (out.empty() ? "" : "\n") + std::string("==> ") + name + " <==\n";
    if (bytes) {
      const auto size = static_cast<std::size_t>(std::max<std::int64_t>(0, count));
      out += tail ? text.substr(text.size() > size ? text.size() - size : 0) : text.substr(0, size);
      return;
    }
    const std::vector<std::string> lines = lines_of(text);
    const auto size = static_cast<std::int64_t>(lines.size());
    std::int64_t first = tail ? (from_start ? count - 1 : std::max<std::int64_t>(0, size - count)) : 0;
    std::int64_t last = tail ? size : count < 0 ? size + count : std::min(count, size);
    for (std::int64_t i = std::max<std::int64_t>(0, first); i < last; ++i)
      out += lines[static_cast<std::size_t>(i)] + "\n";
  });
  co_await p.out(out);
  if (!tail || !follow || files.empty()) co_return fine ? 0 : 1;
  if (auto tty = p.tty_of(1)) tty->set_following(true);
  std::size_t seen = p.read_file(files[0]).value_or("").size();
  for (;;) {
    (void)co_await p.sleep(milliseconds(500));
    const std::string text = p.read_file(files[0]).value_or("");
    if (text.size() > seen) co_await p.out(text.substr(seen));
    seen = text.size();
  }
}

Task<int> wc_main(Process& p) {
  auto args = co_await parse_arguments(p, "lwcm");
  if (!args) co_return 1;
  if (args->flags.empty()) args->flags = "lwc";
  std::string out;
  const bool fine = co_await each_input(p, args->operands, [&](const std::string& name, const std::string& text) {
    std::string row;
    auto add = [&](std::size_t number) {
      row += (row.empty() && args->flags.size() == 1 && args->operands.size() < 2 ? ""
              : args->operands.empty()                                            ? "      "
                                                                                  : " ") +
             std::to_string(number);
    };
    if (args->has('l')) add(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')));
    if (args->has('w')) add(split_whitespace(text).size());
    if (args->has('c')) add(text.size());
    if (args->has('m')) add(utf8_length(text));
    out += std::string(trim(row)) + (name == "-" ? "" : " " + name) + "\n";
  });
  co_await p.out(out);
  co_return fine ? 0 : 1;
}

Task<int> sort_main(Process& p) {
  auto args = co_await parse_arguments(p, "nrufbhVk:t:s");
  if (!args) co_return 2;
  std::vector<std::string> lines;
  const bool fine = co_await each_input(p, args->operands, [&](const std::string&, const std::string& text) {
    for (std::string& line : lines_of(text)) lines.push_back(std::move(line));
  });
  const std::string key_spec = args->values.contains('k') ? args->values['k'] : "";
  const auto field = static_cast<std::size_t>(
      std::max<std::int64_t>(1, parse_int(key_spec.substr(0, key_spec.find_first_of(",nr."))).value_or(1)));
  const bool numeric = args->has('n') || args->has('h') || contains(key_spec, "n");
  auto key_of = [&](const std::string& line) {
    if (key_spec.empty()) return line;
    const std::vector<std::string> fields = args->values.contains('t')
                                                ? split(line, args->values['t'].empty() ? ' ' : args->values['t'][0])
                                                : split_whitespace(line);
    return fields.size() >= field ? fields[field - 1] : std::string();
  };
  auto number_of = [](const std::string& text) {
    const std::size_t end = std::min(text.find_first_not_of("+-0123456789."), text.size());
    return parse_double(text.substr(0, end)).value_or(0);
  };
  std::sort(lines.begin(), lines.end(), [&](const std::string& a, const std::string& b) {
    const std::string x = args->has('f') ? to_upper(key_of(a)) : key_of(a);
    const std::string y = args->has('f') ? to_upper(key_of(b)) : key_of(b);
    if (numeric && number_of(x) != number_of(y)) return number_of(x) < number_of(y);
    return x != y ? x < y : a < b;
  });
  if (args->has('r') || contains(key_spec, "r")) std::reverse(lines.begin(), lines.end());
  if (args->has('u')) lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  std::string out;
  for (const std::string& line : lines) out += line + "\n";
  co_await p.out(out);
  co_return fine ? 0 : 2;
}

Task<int> seq_main(Process& p) {
  std::vector<std::int64_t> numbers;
  for (const std::string& word : p.arguments()) numbers.push_back(parse_int(word).value_or(1));
  if (numbers.empty()) {
    co_await p.err("seq: missing operand\nTry 'seq --help' for more information.\n");
    co_return 1;
  }
  const std::int64_t first = numbers.size() > 1 ? numbers[0] : 1;
  const std::int64_t step = numbers.size() > 2 ? numbers[1] : 1;
  std::string out;
  for (std::int64_t i = first; step > 0 && i <= numbers.back() && out.size() < (1u << 22); i += step)
    out += std::to_string(i) + "\n";
  co_await p.out(out);
  co_return 0;
}

Task<int> uname_main(Process& p) {
  auto args = co_await parse_arguments(p, "asrnmvo");
  if (!args) co_return 1;
  const HostOptions& machine = p.host().options();
  if (args->has('a'))
    co_await p.out("Linux " + p.hostname() + " " + machine.kernel_version + " #1 SMP x86_64 x86_64 x86_64 GNU/Linux\n");
  else if (args->has('r'))
    co_await p.out(machine.kernel_version + "\n");
  else if (args->has('n'))
    co_await p.out(p.hostname() + "\n");
  else if (args->has('m'))
    co_await p.out("x86_64\n");
  else
    co_await p.out("Linux\n");
  co_return 0;
}

Task<int> ps_main(Process& p) {
  std::string out = "    PID TTY          TIME CMD\n";
  const std::string flags = p.arguments().empty() ? "" : p.arguments()[0];
  const bool wide = contains(flags, "u") || contains(flags, "f");
  if (wide) out = "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n";
  for (const auto& [pid, process] : p.host().processes()) {
    if (process->namespaces().pids != p.namespaces().pids && p.namespaces().pids) continue;
    const int shown = p.namespaces().pids ? process->pid() : pid;
    const std::string command = join(process->argv(), " ");
    if (wide) {
      out += pad_right(name_of_id(p, "/etc/passwd", process->credentials().uid), 9) +
             format("%7d  0.0  0.0 %6lld %5lld ?        S    ", shown, static_cast<long long>(process->memory() >> 9),
                    static_cast<long long>(process->memory() >> 10)) +
             date_text(process->started(), "%H:%M") + "   0:00 " + command + "\n";
    } else {
      out += format("%7d ?        00:00:00 ", shown) + std::string(process->name()) + "\n";
    }
  }
  co_await p.out(out);
  co_return 0;
}

}  // namespace

void register_coreutils(ProgramRegistry& programs) {
  register_listing(programs);
  register_copying(programs);
  register_removing(programs);
  register_making(programs);
  register_ownership(programs);
  register_find(programs);
  register_paths(programs);
  register_running(programs);
  register_xargs(programs);
  register_dates(programs);
  register_expressions(programs);
  register_disk(programs);
  register_machine(programs);
  programs.add("cat", cat_main);
  programs.add("id", id_main);
  programs.add("whoami", id_main);
  programs.add("hostname", hostname_main);
  programs.add("base64", base64_main);
  programs.add("tr", tr_main);
  programs.add("grep", grep_main);
  programs.add("egrep", grep_main);
  programs.add("head", head_main);
  programs.add("tail", head_main);
  programs.add("wc", wc_main);
  programs.add("sort", sort_main);
  programs.add("seq", seq_main);
  programs.add("uname", uname_main);
  programs.add("ps", ps_main);
}

}  // namespace drydock
