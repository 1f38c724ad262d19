#include "core/programs/coreutils/find/find_expression.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/text/regex.h"

namespace drydock {
namespace {

using Test = std::function<bool(Process&, const FindFile&)>;

// "+5", "-5", "5"
struct Comparison {
  char sign = 0;
  std::int64_t number = 0;
  bool holds(std::int64_t value) const {
    return sign == '+' ? value > number : sign == '-' ? value < number : value == number;
  }
};

std::optional<Comparison> comparison_of(std::string text) {
  Comparison comparison;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    comparison.sign = text[0];
    text.erase(0, 1);
  }
  const auto number = parse_int(text);
  if (!number || *number < 0) return std::nullopt;
  comparison.number = *number;
  return comparison;
}

TimePoint time_of(const FileStat& info, char which) {
  return which == 'a' ? info.accessed : which == 'c' ? info.changed : info.modified;
}

char type_letter(FileType type) {
  switch (type) {
    case FileType::kDirectory:
      return 'd';
    case FileType::kSymlink:
      return 'l';
    case FileType::kFifo:
      return 'p';
    case FileType::kCharDevice:
      return 'c';
    case FileType::kSocket:
      return 's';
    case FileType::kRegular:
      break;
  }
  return 'f';
}

std::string ls_line(Process& p, const FindFile& file) {
  std::string line = format("%9llu %6llu ", static_cast<unsigned long long>(file.info.number),
                            static_cast<unsigned long long>(allocated_bytes(file.info) / 1024)) +
                     mode_text(file.info) + format(" %3u ", file.info.links) +
                     pad_right(user_name(p, file.info.uid), 8) + " " + pad_right(group_name(p, file.info.gid), 8) +
                     format(" %8llu ", static_cast<unsigned long long>(file.info.size)) +
                     format_time(file.info.modified,
                                 p.now() - file.info.modified < seconds(31556952 / 2) ? "%b %e %H:%M" : "%b %e  %Y") +
                     " " + file.path;
  if (file.info.type == FileType::kSymlink) line += " -> " + p.read_link(file.path).value_or("");
  return line + "\n";
}

class Parser {
 public:
  Parser(Process& process, const std::vector<std::string>& words, FindCommand& command)
      : p_(process), words_(words), command_(command) {}

  std::string run() {
    while (at_ < words_.size() && (words_[at_] == "-L" || words_[at_] == "-H" || words_[at_] == "-P")) {
      command_.follow_all = words_[at_] == "-L";
      command_.follow_operands = words_[at_] != "-P";
      ++at_;
    }
    while (at_ < words_.size() && !words_[at_].starts_with("-") && words_[at_] != "(" && words_[at_] != "!")
      command_.starts.push_back(words_[at_++]);
    if (command_.starts.empty()) command_.starts.emplace_back(".");
    command_.expression = list();
    if (problem_.empty() && at_ < words_.size())
      problem_ = words_[at_] == ")" ? "invalid expression; you have too many ')'"
                                    : "paths must precede expression: `" + words_[at_] + "'";
    return problem_;
  }

 private:
  using Node = std::unique_ptr<FindNode>;
  static Node make(FindNode::Kind kind) {
    auto node = std::make_unique<FindNode>();
    node->kind = kind;
    return node;
  }
  bool more() const { return at_ < words_.size() && problem_.empty(); }
  bool take(std::string_view a, std::string_view b = "") {
    if (!more() || (words_[at_] != a && (b.empty() || words_[at_] != b))) return false;
    ++at_;
    return true;
  }

  Node list() {
    Node node = make(FindNode::kList);
    do node->children.push_back(either());
    while (take(","));
    return node;
  }
  Node either() {
    Node node = make(FindNode::kOr);
    do node->children.push_back(both());
    while (take("-o", "-or"));
    return node;
  }
  Node both() {
    Node node = make(FindNode::kAnd);
    while (more() && words_[at_] != ")" && words_[at_] != "," && words_[at_] != "-o" && words_[at_] != "-or") {
      if (take("-a", "-and")) continue;
      const std::size_t before = at_;
      node->children.push_back(one());
      if (at_ == before) break;
    }
    return node;
  }
  Node one() {
    if (take("!", "-not")) {
      Node node = make(FindNode::kNot);
      if (!more()) problem_ = "expected an expression after '" + words_[at_ - 1] + "'";
      node->children.push_back(one());
      return node;
    }
    if (take("(")) {
      if (more() && words_[at_] == ")") problem_ = "invalid expression; empty parentheses are not allowed.";
      Node node = list();
      if (!take(")") && problem_.empty())
        problem_ = "invalid expression; I was expecting to find a ')' somewhere but did not see one.";
      return node;
    }
    if (!more()) return make(FindNode::kAnd);
    return primary(words_[at_++]);
  }

  std::string argument(const std::string& name) {
    if (at_ < words_.size()) return words_[at_++];
    if (problem_.empty()) problem_ = "missing argument to `" + name + "'";
    return {};
  }
  void invalid(const std::string& name, const std::string& value) {
    if (problem_.empty()) problem_ = "invalid argument `" + value + "' to `" + name + "'";
  }

  Node tested(Test test) {
    Node node = make(FindNode::kTest);
    node->test = std::move(test);
    return node;
  }
  Node always() {
    return tested([](Process&, const FindFile&) { return true; });
  }
  Node printed(std::function<std::string(Process&, const FindFile&)> print) {
    Node node = make(FindNode::kPrint);
    node->print = std::move(print);
    command_.prints = false;
    return node;
  }

  Node primary(const std::string& name) {
    if (Node node = option(name)) return node;
    if (Node node = name_test(name)) return node;
    if (Node node = property_test(name)) return node;
    if (Node node = time_test(name)) return node;
    if (Node node = action(name)) return node;
    if (problem_.empty())
      problem_ =
          name.starts_with("-") ? "unknown predicate `" + name + "'" : "paths must precede expression: `" + name + "'";
    return always();
  }

  Node option(const std::string& name) {
    if (name == "-depth" || name == "-d") {
      command_.depth_first = true;
      return always();
    }
    if (name == "-maxdepth" || name == "-mindepth") {
      const std::string value = argument(name);
      const auto levels = parse_int(value);
      if (!levels || *levels < 0) {
        if (problem_.empty())
          problem_ = "Expected a positive decimal integer argument to " + name + ", but got " + quoted(value);
        return always();
      }
      (name == "-maxdepth" ? command_.max_depth : command_.min_depth) =
          static_cast<int>(std::min<std::int64_t>(*levels, 1000));
      return always();
    }
    if (name == "-xdev" || name == "-mount" || name == "-noleaf" || name == "-daystart" || name == "-true" ||
        name == "-warn" || name == "-nowarn" || name == "-ignore_readdir_race")
      return always();
    if (name == "-follow") {
      command_.follow_all = true;
      return always();
    }
    if (name == "-regextype") {
      extended_ = contains(argument(name), "ext") || extended_;
      return always();
    }
    if (name == "-false") return tested([](Process&, const FindFile&) { return false; });
    return nullptr;
  }

  Node name_test(const std::string& name) {
    if (name == "-name" || name == "-iname") {
      const bool fold = name == "-iname";
      const std::string pattern = fold ? to_lower(argument(name)) : argument(name);
      return tested([pattern, fold](Process&, const FindFile& file) {
        std::string path = file.path;
        while (path.size() > 1 && path.back() == '/') path.pop_back();
        const std::string last(path == "/" ? std::string_view("/") : base_name(path));
        return matches_pattern(pattern, fold ? to_lower(last) : last);
      });
    }
    if (name == "-path" || name == "-wholename" || name == "-ipath" || name == "-iwholename") {
      const bool fold = name.starts_with("-i");
      const std::string pattern = fold ? to_lower(argument(name)) : argument(name);
      return tested([pattern, fold](Process&, const FindFile& file) {
        return matches_pattern(pattern, fold ? to_lower(file.path) : file.path);
      });
    }
    if (name == "-lname") {
      const std::string pattern = argument(name);
      return tested([pattern](Process& p, const FindFile& file) {
        return file.info.type == FileType::kSymlink && matches_pattern(pattern, p.read_link(file.path).value_or(""));
      });
    }
    if (name == "-regex" || name == "-iregex") {
      const Regex regex = Regex::compile(argument(name), extended_ ? Regex::Syntax::kExtended : Regex::Syntax::kBasic,
                                         name == "-iregex");
      if (!regex.ok() && problem_.empty()) problem_ = "failed to compile regular expression: " + regex.error();
      return tested([regex](Process&, const FindFile& file) {
        const auto match = regex.search(file.path, 0);
        return match && (*match)[0].begin == 0 && (*match)[0].end == file.path.size();
      });
    }
    return nullptr;
  }

  Node property_test(const std::string& name) {
    if (name == "-type" || name == "-xtype") {
      const std::string letters = argument(name);
      if (letters.find_first_not_of("bcdpflsD,") != std::string::npos) {
        if (problem_.empty()) problem_ = "Unknown argument to " + name + ": " + letters.substr(0, 1);
      }
      const bool follow = name == "-xtype";
      return tested([letters, follow](Process& p, const FindFile& file) {
        FileType type = file.info.type;
        if (follow) {
          if (const auto to = p.stat(file.path)) type = to->type;
        }
        return letters.find(type_letter(type)) != std::string::npos;
      });
    }
    if (name == "-empty") {
      return tested([](Process& p, const FindFile& file) {
        if (file.info.type == FileType::kDirectory) return p.list_directory(file.path).value_or({"x"}).empty();
        return file.info.type == FileType::kRegular && file.info.size == 0;
      });
    }
    if (name == "-size") {
      const std::string text = argument(name);
      std::string digits = text;
      std::int64_t unit = 512;
      if (!digits.empty() && !(digits.back() >= '0' && digits.back() <= '9')) {
        const char letter = digits.back();
        digits.pop_back();
        unit = letter == 'c'   ? 1
               : letter == 'w' ? 2
               : letter == 'b' ? 512
               : letter == 'k' ? 1024
               : letter == 'M' ? 1 << 20
               : letter == 'G' ? 1 << 30
                               : 0;
      }
      const auto wanted = comparison_of(digits);
      if (!wanted || unit == 0) {
        if (problem_.empty())
          problem_ = unit == 0 ? "invalid -size type `" + text.substr(text.size() - 1) + "'"
                               : "Invalid argument `" + text + "' to -size";
        return always();
      }
      return tested([wanted = *wanted, unit](Process&, const FindFile& file) {
        return wanted.holds((static_cast<std::int64_t>(file.info.size) + unit - 1) / unit);
      });
    }
    if (name == "-perm") return permission_test(argument(name));
    if (name == "-user" || name == "-uid" || name == "-group" || name == "-gid") {
      const std::string value = argument(name);
      const bool user = name == "-user" || name == "-uid";
      const auto id = user ? user_id(p_, value) : group_id(p_, value);
      if (!id && problem_.empty())
        problem_ = value + " is not the name of " + (user ? "a known user" : "an existing group");
      return tested([id = id.value_or(0), user](Process&, const FindFile& file) {
        return (user ? file.info.uid : file.info.gid) == id;
      });
    }
    if (name == "-nouser" || name == "-nogroup") {
      const bool user = name == "-nouser";
      return tested([user](Process& p, const FindFile& file) {
        return parse_int(user ? user_name(p, file.info.uid) : group_name(p, file.info.gid)).has_value();
      });
    }
    if (name == "-links" || name == "-inum") {
      const std::string value = argument(name);
      const auto wanted = comparison_of(value);
      if (!wanted) invalid(name, value);
      const bool links = name == "-links";
      return tested([wanted = wanted.value_or(Comparison{}), links](Process&, const FindFile& file) {
        return wanted.holds(links ? file.info.links : static_cast<std::int64_t>(file.info.number));
      });
    }
    if (name == "-samefile") {
      const std::string value = argument(name);
      const auto info = p_.stat(value, false);
      if (!info && problem_.empty()) problem_ = quoted(value) + ": " + std::string(errno_text(info.error()));
      const std::uint64_t number = info ? info->number : 0;
      return tested([number](Process&, const FindFile& file) { return file.info.number == number; });
    }
    if (name == "-readable" || name == "-writable" || name == "-executable") {
      const unsigned access = name == "-readable"   ? Process::kRead
                              : name == "-writable" ? Process::kWrite
                                                    : Process::kExecute;
      return tested([access](Process& p, const FindFile& file) { return p.can_access(file.path, access); });
    }
    return nullptr;
  }

  Node permission_test(const std::string& text) {
    const char kind = !text.empty() && (text[0] == '-' || text[0] == '/') ? text[0] : '\0';
    const auto mode = apply_mode(kind == 0 ? text : text.substr(1), 0, false, 0);
    if (!mode && problem_.empty()) problem_ = "invalid mode " + quoted(text);
    return tested([kind, mode = mode.value_or(0)](Process&, const FindFile& file) {
      const std::uint32_t bits = file.info.mode & 07777;
      return kind == '-' ? (bits & mode) == mode : kind == '/' ? mode == 0 || (bits & mode) != 0 : bits == mode;
    });
  }

  Node time_test(const std::string& name) {
    if (name == "-mtime" || name == "-atime" || name == "-ctime" || name == "-mmin" || name == "-amin" ||
        name == "-cmin") {
      const std::string value = argument(name);
      const auto wanted = comparison_of(value);
      if (!wanted) invalid(name, value);
      const char which = name[1];
      const bool minutes = name.ends_with("min");
      const Duration unit = minutes ? Duration(std::chrono::minutes(1)) : Duration(std::chrono::hours(24));
      return tested([wanted = wanted.value_or(Comparison{}), which, unit, minutes](Process& p, const FindFile& file) {
        const Duration age = p.now() - time_of(file.info, which);
        // Days are cut off; minutes are rounded up.
        const std::int64_t whole = minutes ? (age + unit - Duration(1)) / unit : age / unit;
        return wanted.holds(whole);
      });
    }
    if (name == "-newer" || name == "-anewer" || name == "-cnewer" ||
        (name.starts_with("-newer") && name.size() == 8)) {
      const std::string value = argument(name);
      const bool pair = name.size() == 8 && name.starts_with("-newer");
      const char which = pair ? name[6] : name[1] == 'n' ? 'm' : name[1];
      TimePoint reference{};
      if (pair && name[7] == 't') {
        const auto when = parse_date(value, p_.now());
        if (!when && problem_.empty())
          problem_ = "I cannot figure out how to interpret " + quoted(value) + " as a date or time";
        reference = when.value_or(TimePoint{});
      } else {
        const auto info = p_.stat(value);
        if (!info && problem_.empty()) problem_ = quoted(value) + ": " + std::string(errno_text(info.error()));
        if (info) reference = time_of(*info, pair ? name[7] : 'm');
      }
      return tested(
          [which, reference](Process&, const FindFile& file) { return time_of(file.info, which) > reference; });
    }
    return nullptr;
  }

  Node action(const std::string& name) {
    if (name == "-print") return printed([](Process&, const FindFile& file) { return file.path + "\n"; });
    if (name == "-print0")
      return printed([](Process&, const FindFile& file) { return file.path + std::string(1, '\0'); });
    if (name == "-ls") return printed(ls_line);
    if (name == "-printf") {
      const std::string pattern = argument(name);
      return printed([pattern](Process& p, const FindFile& file) { return find_printf(p, file, pattern); });
    }
    if (name == "-fprint") {
      const std::string path = argument(name);
      (void)p_.write_file(path, "", 0666);
      return printed([path](Process& p, const FindFile& file) {
        (void)p.append_file(path, file.path + "\n");
        return std::string();
      });
    }
    if (name == "-prune") return make(FindNode::kPrune);
    if (name == "-quit") return make(FindNode::kQuit);
    if (name == "-delete") {
      command_.depth_first = true;
      command_.prints = false;
      return make(FindNode::kDelete);
    }
    if (name == "-exec" || name == "-execdir" || name == "-ok" || name == "-okdir") return execution(name);
    return nullptr;
  }

  Node execution(const std::string& name) {
    Node node = make(FindNode::kExecute);
    node->in_directory = name.ends_with("dir");
    node->asks = name.starts_with("-ok");
    command_.prints = false;
    while (at_ < words_.size() && words_[at_] != ";") {
      if (words_[at_] == "+" && !node->words.empty() && node->words.back() == "{}") {
        node->batch = true;
        node->words.pop_back();
        break;
      }
      node->words.push_back(words_[at_++]);
    }
    if (at_ >= words_.size()) {
      if (problem_.empty()) problem_ = "missing argument to `" + name + "'";
      return node;
    }
    ++at_;
    if (node->words.empty()) {
      if (problem_.empty()) problem_ = "invalid argument `;' to `" + name + "'";
    }
    if (node->batch) command_.batches.push_back(node.get());
    return node;
  }

  Process& p_;
  const std::vector<std::string>& words_;
  FindCommand& command_;
  std::size_t at_ = 0;
  bool extended_ = false;
  std::string problem_;
};

// %t, %T and their kin: "Thu Jan  1 00:00:00.0000000000 2026", or one conversion of %Tk.
std::string time_field(TimePoint when, char kind) {
  if (kind == '@') return format_time(when, "%s.%N") + "0";
  if (kind == '+') return format_time(when, "%Y-%m-%d+%H:%M:%S.%N") + "0";
  if (kind == 'S') return format_time(when, "%S.%N") + "0";
  if (kind == 'T' || kind == 'X') return format_time(when, "%H:%M:%S.%N") + "0";
  return format_time(when, std::string("%") + kind);
}

}  // namespace

std::string parse_find(Process& process, const std::vector<std::string>& words, FindCommand& command) {
  return Parser(process, words, command).run();
}

std::string find_printf(Process& process, const FindFile& file, const std::string& pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      const char c = pattern[++i];
      out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == '0' ? '\0' : c;
      continue;
    }
    if (pattern[i] != '%' || i + 1 >= pattern.size()) {
      out += pattern[i];
      continue;
    }
    std::string flags;
    while (i + 1 < pattern.size() && std::string_view("-+ 0123456789.#").find(pattern[i + 1]) != std::string_view::npos)
      flags += pattern[++i];
    const char kind = ++i < pattern.size() ? pattern[i] : '%';
    std::string text;
    switch (kind) {
      case 'p':
        text = file.path;
        break;
      case 'f':
        text = file.path == "/" ? "/" : std::string(base_name(file.path));
        break;
      case 'h':
        text = contains(file.path, "/") ? std::string(directory_name(file.path)) : ".";
        break;
      case 'P':
        text = file.path.size() > file.start.size() ? file.path.substr(file.start.size()) : "";
        if (text.starts_with("/")) text.erase(0, 1);
        break;
      case 'H':
        text = file.start;
        break;
      case 's':
        text = std::to_string(file.info.size);
        break;
      case 'b':
        text = std::to_string(allocated_bytes(file.info) / 512);
        break;
      case 'k':
        text = std::to_string(allocated_bytes(file.info) / 1024);
        break;
      case 'm':
        text = format("%o", file.info.mode);
        break;
      case 'M':
        text = mode_text(file.info);
        break;
      case 'u':
        text = user_name(process, file.info.uid);
        break;
      case 'g':
        text = group_name(process, file.info.gid);
        break;
      case 'U':
        text = std::to_string(file.info.uid);
        break;
      case 'G':
        text = std::to_string(file.info.gid);
        break;
      case 'n':
        text = std::to_string(file.info.links);
        break;
      case 'i':
        text = std::to_string(file.info.number);
        break;
      case 'd':
        text = std::to_string(file.depth);
        break;
      case 'y':
        text = std::string(1, type_letter(file.info.type));
        break;
      case 'Y': {
        const auto to = process.stat(file.path);
        text = to ? std::string(1, type_letter(to->type)) : "N";
        break;
      }
      case 'l':
        text = file.info.type == FileType::kSymlink ? process.read_link(file.path).value_or("") : "";
        break;
      case 'a':
      case 'c':
      case 't':
        text = format_time(time_of(file.info, kind == 't' ? 'm' : kind), "%a %b %e %H:%M:%S.%N0 %Y");
        break;
      case 'A':
      case 'C':
      case 'T':
        text = time_field(time_of(file.info, kind == 'T' ? 'm' : to_lower(std::string(1, kind))[0]),
                          ++i < pattern.size() ? pattern[i] : '@');
        break;
      case '%':
        text = "%";
        break;
      default:
        text = std::string("%") + kind;
    }
    out += flags.empty() ? text : format(("%" + flags + "s").c_str(), text.c_str());
  }
  return out;
}

}  // namespace drydock
