// tr: sets with ranges, classes, equivalences and repeats; delete, squeeze, complement.
#include <algorithm>
#include <array>

#include "core/base/strings.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/text_tools/streams.h"
#include "core/programs/text_tools/tools.h"

namespace drydock {
namespace {

constexpr std::string_view kTrHelp =
    "Usage: tr [OPTION]... STRING1 [STRING2]\n"
    "Translate, squeeze, and/or delete characters from standard input,\n"
    "writing to standard output.  STRING1 and STRING2 specify arrays of\n"
    "characters ARRAY1 and ARRAY2 that control the action.\n"
    "\n"
    "  -c, -C, --complement    use the complement of ARRAY1\n"
    "  -d, --delete            delete characters in ARRAY1, do not translate\n"
    "  -s, --squeeze-repeats   replace each sequence of a repeated character\n"
    "                            that is listed in the last specified ARRAY,\n"
    "                            with a single occurrence of that character\n"
    "  -t, --truncate-set1     first truncate ARRAY1 to length of ARRAY2\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n"
    "\n"
    "ARRAYs are specified as strings of characters.  Most represent themselves.\n"
    "Interpreted sequences are:\n"
    "\n"
    "  \\NNN            character with octal value NNN (1 to 3 octal digits)\n"
    "  \\\\              backslash\n"
    "  \\a              audible BEL\n"
    "  \\b              backspace\n"
    "  \\f              form feed\n"
    "  \\n              new line\n"
    "  \\r              return\n"
    "  \\t              horizontal tab\n"
    "  \\v              vertical tab\n"
    "  CHAR1-CHAR2     all characters from CHAR1 to CHAR2 in ascending order\n"
    "  [CHAR*]         in ARRAY2, copies of CHAR until length of ARRAY1\n"
    "  [CHAR*REPEAT]   REPEAT copies of CHAR, REPEAT octal if starting with 0\n"
    "  [:alnum:]       all letters and digits\n"
    "  [:alpha:]       all letters\n"
    "  [:blank:]       all horizontal whitespace\n"
    "  [:cntrl:]       all control characters\n"
    "  [:digit:]       all digits\n"
    "  [:graph:]       all printable characters, not including space\n"
    "  [:lower:]       all lower case letters\n"
    "  [:print:]       all printable characters, including space\n"
    "  [:punct:]       all punctuation characters\n"
    "  [:space:]       all horizontal or vertical whitespace\n"
    "  [:upper:]       all upper case letters\n"
    "  [:xdigit:]      all hexadecimal digits\n"
    "  [=CHAR=]        all characters which are equivalent to CHAR\n";

// Classes of the C locale.
bool in_class(std::string_view name, int c) {
  const bool lower = c >= 'a' && c <= 'z';
  const bool upper = c >= 'A' && c <= 'Z';
  const bool digit = c >= '0' && c <= '9';
  const bool print = c >= 32 && c < 127;
  if (name == "lower") return lower;
  if (name == "upper") return upper;
  if (name == "alpha") return lower || upper;
  if (name == "digit") return digit;
  if (name == "alnum") return lower || upper || digit;
  if (name == "xdigit") return digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  if (name == "blank") return c == ' ' || c == '\t';
  if (name == "space") return c == ' ' || (c >= '\t' && c <= '\r');
  if (name == "cntrl") return c < 32 || c == 127;
  if (name == "print") return print;
  if (name == "graph") return print && c != ' ';
  if (name == "punct") return print && c != ' ' && !lower && !upper && !digit;
  return false;
}

constexpr std::string_view kClasses = " alnum alpha blank cntrl digit graph lower print punct space upper xdigit ";

// One written set. Where a class stands is kept: [:lower:] and [:upper:] pair up.
struct Set {
  std::string bytes;
  struct Class {
    std::string name;
    std::size_t at = 0;  // in bytes
  };
  std::vector<Class> classes;
  bool equivalence = false;
  bool repeats = false;
  std::optional<std::size_t> filler;  // where "[c*]" stands in `bytes` (one copy there)
  std::string problem;
};

struct Unit {
  char byte = 0;
  bool escaped = false;
};

std::vector<Unit> units_of(std::string_view spec) {
  std::vector<Unit> units;
  for (std::size_t i = 0; i < spec.size(); ++i) {
    if (spec[i] != '\\' || i + 1 >= spec.size()) {
      units.push_back({spec[i], false});
      continue;
    }
    const char c = spec[++i];
    static constexpr std::string_view kLetters = "abfnrtv";
    static constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v";
    const std::size_t letter = kLetters.find(c);
    if (letter != std::string_view::npos) {
      units.push_back({kMeanings[letter], true});
    } else if (c >= '0' && c <= '7') {
      int value = c - '0';
      for (int digits = 1; digits < 3 && i + 1 < spec.size() && spec[i + 1] >= '0' && spec[i + 1] <= '7' &&
                           value * 8 + (spec[i + 1] - '0') < 256;
           ++digits)
        value = value * 8 + (spec[++i] - '0');
      units.push_back({static_cast<char>(value), true});
    } else {
      units.push_back({c, true});
    }
  }
  return units;
}

Set parse_set(std::string_view spec) {
  Set set;
  const std::vector<Unit> units = units_of(spec);
  const auto plain = [&](std::size_t i, char c) { return i < units.size() && !units[i].escaped && units[i].byte == c; };
  for (std::size_t i = 0; i < units.size();) {
    if (plain(i, '[') && (plain(i + 1, ':') || plain(i + 1, '='))) {
      const char mark = units[i + 1].byte;
      std::size_t end = i + 2;
      while (end < units.size() && !(plain(end, mark) && plain(end + 1, ']'))) ++end;
      if (end < units.size() && (mark == ':' || end > i + 2)) {
        std::string name;
        for (std::size_t k = i + 2; k < end; ++k) name += units[k].byte;
        if (mark == '=') {
          if (name.size() != 1) {
            set.problem = name + ": equivalence class operand must be a single character";
            return set;
          }
          set.equivalence = true;
          set.bytes += name;
        } else {
          if (!contains(kClasses, " " + name + " ") || name.empty()) {
            set.problem = "invalid character class " + quoted(name);
            return set;
          }
          set.classes.push_back({name, set.bytes.size()});
          for (int c = 0; c < 256; ++c) {
            if (in_class(name, c)) set.bytes += static_cast<char>(c);
          }
        }
        i = end + 2;
        continue;
      }
    }
    if (plain(i, '[') && i + 1 < units.size() && plain(i + 2, '*')) {
      std::size_t end = i + 3;
      std::string digits;
      while (end < units.size() && units[end].byte >= '0' && units[end].byte <= '9') digits += units[end++].byte;
      if (plain(end, ']')) {
        set.repeats = true;
        std::int64_t count = 0;
        for (char c : digits) count = std::min<std::int64_t>(count * (digits[0] == '0' ? 8 : 10) + (c - '0'), 65536);
        if (count == 0) {
          if (set.filler) {
            set.problem = "only one [c*] repeat construct may appear in string2";
            return set;
          }
          set.filler = set.bytes.size();
          count = 1;
        }
        set.bytes.append(static_cast<std::size_t>(count), units[i + 1].byte);
        i = end + 1;
        continue;
      }
    }
    if (plain(i + 1, '-') && i + 2 < units.size()) {
      const auto low = static_cast<unsigned char>(units[i].byte);
      const auto high = static_cast<unsigned char>(units[i + 2].byte);
      if (low > high) {
        const auto shown = [](unsigned char c) {
          if (c == '\\') return std::string("\\\\");
          return c >= 32 && c < 127 ? std::string(1, static_cast<char>(c)) : format("\\%03o", c);
        };
        set.problem =
            "range-endpoints of " + quoted(shown(low) + "-" + shown(high)) + " are in reverse collating sequence order";
        return set;
      }
      for (int c = low; c <= high; ++c) set.bytes += static_cast<char>(c);
      i += 3;
      continue;
    }
    set.bytes += units[i++].byte;
  }
  return set;
}

std::string complement_of(const std::string& bytes) {
  std::string rest;
  for (int c = 0; c < 256; ++c) {
    if (bytes.find(static_cast<char>(c)) == std::string::npos) rest += static_cast<char>(c);
  }
  return rest;
}

bool is_case(const std::string& name) { return name == "lower" || name == "upper"; }

// Makes string2 as long as string1, and orders the letters of paired case classes
// alike; what is wrong, or "".
std::string match_lengths(Set& from, Set& to, bool complement, bool truncate) {
  for (const Set::Class& one : to.classes) {
    if (!is_case(one.name))
      return "when translating, the only character classes that may appear in\nstring2 are 'upper' and 'lower'";
  }
  if (to.equivalence) return "[=c=] expressions may not appear in string2 when translating";
  if (to.filler && from.bytes.size() > to.bytes.size() - 1) {
    const std::size_t copies = from.bytes.size() - (to.bytes.size() - 1);
    to.bytes.insert(*to.filler, copies - 1, to.bytes[*to.filler]);
    for (Set::Class& one : to.classes) {
      if (one.at > *to.filler) one.at += copies - 1;
    }
  } else if (to.filler) {
    to.bytes.erase(*to.filler, 1);
  }
  for (const Set::Class& one : to.classes) {
    const bool paired =
        !complement && std::any_of(from.classes.begin(), from.classes.end(),
                                   [&](const Set::Class& other) { return other.at == one.at && is_case(other.name); });
    if (!paired) return "misaligned [:upper:] and/or [:lower:] construct";
  }
  if (to.bytes.empty() && !from.bytes.empty() && !truncate)
    return "when not truncating set1, string2 must be non-empty";
  if (complement && !from.classes.empty() && !to.bytes.empty() &&
      std::any_of(to.bytes.begin(), to.bytes.end(), [&](char c) { return c != to.bytes[0]; }))
    return "when translating with complemented character classes,\n"
           "string2 must map all characters in the domain to one";
  if (truncate)
    from.bytes.resize(std::min(from.bytes.size(), to.bytes.size()));
  else if (to.bytes.size() < from.bytes.size() && !to.bytes.empty()) {
    if (!to.classes.empty() && to.classes.back().at + 26 == to.bytes.size())
      return "when translating with string1 longer than string2,\nthe latter string must not end with a character "
             "class";
    to.bytes.append(from.bytes.size() - to.bytes.size(), to.bytes.back());
  }
  return "";
}

}  // namespace

Task<int> tr_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kTrHelp, 1, CommandFlags::Order::kOptionsFirst);
  if (flags.ended()) co_return flags.exit_code();
  const bool deletes = flags.has("d");
  const bool squeezes = flags.has("s");
  const bool complement = flags.has("c");
  const std::vector<std::string>& words = flags.operands();
  const bool translates = !deletes && words.size() > 1;
  const std::size_t least = deletes == squeezes ? 2 : 1;
  const std::size_t most = deletes && !squeezes ? 1 : 2;
  std::string problem;
  if (words.empty()) {
    problem = "missing operand";
  } else if (words.size() < least) {
    problem = "missing operand after " + quoted(words.back()) + "\n" +
              (deletes ? "Two strings must be given when both deleting and squeezing repeats."
                       : "Two strings must be given when translating.");
  } else if (words.size() > most) {
    problem = "extra operand " + quoted(words[most]);
    if (most == 1) problem += "\nOnly one string may be given when deleting without squeezing repeats.";
  }
  if (!problem.empty()) {
    co_await complain_with_hint(p, problem);
    co_return 1;
  }
  Set from = parse_set(words[0]);
  Set to = words.size() > 1 ? parse_set(words[1]) : Set{};
  problem = !from.problem.empty() ? from.problem : to.problem;
  if (problem.empty() && from.repeats) problem = "the [c*] repeat construct may not appear in string1";
  if (problem.empty() && to.filler && !translates)
    problem = "the [c*] construct may appear in string2 only when translating";
  if (problem.empty() && complement) from.bytes = complement_of(from.bytes);
  if (problem.empty() && translates) problem = match_lengths(from, to, complement, flags.has("t"));
  if (!problem.empty()) {
    co_await report(p, problem);
    co_return 1;
  }
  std::array<char, 256> map{};
  std::array<bool, 256> drop{};
  std::array<bool, 256> squeeze{};
  for (std::size_t c = 0; c < 256; ++c) map[c] = static_cast<char>(c);
  const auto index = [](char c) { return static_cast<std::size_t>(static_cast<unsigned char>(c)); };
  for (std::size_t i = 0; i < from.bytes.size(); ++i) {
    if (deletes) drop[index(from.bytes[i])] = true;
    if (translates && i < to.bytes.size()) map[index(from.bytes[i])] = to.bytes[i];
  }
  if (squeezes) {
    for (char c : words.size() > 1 ? to.bytes : from.bytes) squeeze[index(c)] = true;
  }
  int last = -1;
  for (;;) {
    const auto piece = co_await p.read(0);
    if (!piece || piece->empty()) co_return 0;
    std::string out;
    for (char c : *piece) {
      if (drop[index(c)]) continue;
      const char mapped = map[index(c)];
      if (squeeze[index(mapped)] && last == static_cast<int>(index(mapped))) continue;
      last = static_cast<int>(index(mapped));
      out += mapped;
    }
    if (!out.empty() && !co_await p.write(1, out)) co_return 1;
  }
}

}  // namespace drydock
