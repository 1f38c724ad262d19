// Bytes as numbers: od, hexdump, xxd.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/text_tools/streams.h"
#include "core/programs/text_tools/tools.h"

namespace drydock {
namespace {

bool printable(char c) { return c >= 32 && c < 127; }

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

// --- od ---

constexpr std::string_view kOdHelp =
    "Usage: od [OPTION]... [FILE]...\n"
    "  or:  od [-abcdfilosx]... [FILE] [[+]OFFSET[.][b]]\n"
    "\n"
    "Write an unambiguous representation, octal bytes by default,\n"
    "of FILE to standard output.  With more than one FILE argument,\n"
    "concatenate them in the listed order to form the input.\n"
    "\n"
    "With no FILE, or when FILE is -, read standard input.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -A, --address-radix=RADIX   output format for file offsets; RADIX is one\n"
    "                                of [doxn], for Decimal, Octal, Hex or None\n"
    "  -j, --skip-bytes=BYTES      skip BYTES input bytes first\n"
    "  -N, --read-bytes=BYTES      limit dump to BYTES input bytes\n"
    "  -t, --format=TYPE           select output format or formats\n"
    "  -v, --output-duplicates     do not use * to mark line suppression\n"
    "  -w[BYTES], --width[=BYTES]  output BYTES bytes per output line;\n"
    "                                32 is implied when BYTES is not specified\n"
    "  -a   same as -t a,  select named characters, ignoring high-order bit\n"
    "  -b   same as -t o1, select octal bytes\n"
    "  -c   same as -t c,  select printable characters or backslash escapes\n"
    "  -d   same as -t u2, select unsigned decimal 2-byte units\n"
    "  -i   same as -t dI, select decimal ints\n"
    "  -l   same as -t dL, select decimal longs\n"
    "  -o   same as -t o2, select octal 2-byte units\n"
    "  -s   same as -t d2, select decimal 2-byte units\n"
    "  -x   same as -t x2, select hexadecimal 2-byte units\n"
    "      --help        display this help and exit\n"
    "      --version     output version information and exit\n";

struct OdFormat {
  char kind;  // a c d o u x
  std::size_t size;
  bool text = false;  // z: the characters at the end
  std::size_t width() const {
    if (kind == 'a' || kind == 'c') return 3;
    const std::size_t bits = size * 8;
    if (kind == 'x') return size * 2;
    if (kind == 'o') return (bits + 2) / 3;
    static constexpr std::size_t kSigned[] = {0, 4, 6, 0, 11, 0, 0, 0, 20};
    static constexpr std::size_t kUnsigned[] = {0, 3, 5, 0, 10, 0, 0, 0, 20};
    return kind == 'd' ? kSigned[size] : kUnsigned[size];
  }
};

// "x1z", "o2", "cx1"; what is wrong, or "".
std::string read_formats(const std::string& spec, std::vector<OdFormat>& formats) {
  for (std::size_t i = 0; i < spec.size();) {
    OdFormat one{spec[i++], 1};
    if (one.kind == 'd' || one.kind == 'o' || one.kind == 'u' || one.kind == 'x') {
      one.size = 4;
      const std::size_t digits = i;
      while (i < spec.size() && spec[i] >= '0' && spec[i] <= '9') ++i;
      if (i > digits) {
        const std::string number = spec.substr(digits, i - digits);
        if (number != "1" && number != "2" && number != "4" && number != "8")
          return "invalid type string " + quoted(spec) + ";\nthis system doesn't provide a " + number +
                 "-byte integral type";
        one.size = static_cast<std::size_t>(number[0] - '0');
      } else if (i < spec.size()) {
        static constexpr std::string_view kNames = "CSIL";
        const std::size_t at = kNames.find(spec[i]);
        if (at != std::string_view::npos) {
          one.size = std::size_t{1} << at;
          ++i;
        }
      }
    } else if (one.kind != 'a' && one.kind != 'c') {
      return "invalid character " + quoted(std::string(1, one.kind)) + " in type string " + quoted(spec);
    }
    if (i < spec.size() && spec[i] == 'z') {
      one.text = true;
      ++i;
    }
    formats.push_back(one);
  }
  return "";
}

std::string od_cell(const OdFormat& how, std::string_view bytes) {
  static constexpr const char* kNames[] = {"nul", "soh", "stx", "etx", "eot", "enq", "ack", "bel", "bs",  "ht",  "nl",
                                           "vt",  "ff",  "cr",  "so",  "si",  "dle", "dc1", "dc2", "dc3", "dc4", "nak",
                                           "syn", "etb", "can", "em",  "sub", "esc", "fs",  "gs",  "rs",  "us",  "sp"};
  const std::uint64_t value = little_endian(bytes);
  if (how.kind == 'a') {
    const std::uint64_t low = value & 127;
    return low <= 32 ? kNames[low] : low == 127 ? "del" : std::string(1, static_cast<char>(low));
  }
  if (how.kind == 'c') {
    const char c = bytes[0];
    static constexpr std::string_view kBytes("\0\a\b\t\n\v\f\r", 8);
    static constexpr std::string_view kLetters = "0abtnvfr";
    const std::size_t at = kBytes.find(c);
    if (at != std::string_view::npos) return std::string("\\") + kLetters[at];
    return printable(c) ? std::string(1, c) : format("%03o", static_cast<unsigned char>(c));
  }
  if (how.kind == 'd') {
    const unsigned shift = static_cast<unsigned>(64 - how.size * 8);
    return std::to_string(static_cast<std::int64_t>(value << shift) >> shift);
  }
  if (how.kind == 'u') return std::to_string(value);
  const auto number = static_cast<unsigned long long>(value);
  const int width = static_cast<int>(how.width());
  return how.kind == 'x' ? format("%0*llx", width, number) : format("%0*llo", width, number);
}

std::string address(std::uint64_t at, char radix) {
  const auto number = static_cast<unsigned long long>(at);
  return radix == 'd' ? format("%07llu", number) : radix == 'x' ? format("%06llx", number) : format("%07llo", number);
}

// --- hexdump ---

constexpr std::string_view kHexdumpHelp =
    "\n"
    "Usage:\n"
    " hexdump [options] <file>...\n"
    "\n"
    "Display file contents in hexadecimal, decimal, octal, or ascii.\n"
    "\n"
    "Options:\n"
    " -b, --one-byte-octal      one-byte octal display\n"
    " -c, --one-byte-char       one-byte character display\n"
    " -C, --canonical           canonical hex+ASCII display\n"
    " -d, --two-bytes-decimal   two-byte decimal display\n"
    " -o, --two-bytes-octal     two-byte octal display\n"
    " -x, --two-bytes-hex       two-byte hexadecimal display\n"
    " -e, --format=<format>     format string to be used for displaying data\n"
    " -n, --length=<length>     interpret only length bytes of input\n"
    " -s, --skip=<offset>       skip offset bytes from the beginning\n"
    " -v, --no-squeezing        output identical lines\n"
    "\n"
    " -h, --help                display this help\n"
    " -V, --version             display version\n"
    "\n";

std::string canonical_line(std::string_view bytes) {
  std::string out = "  ";
  std::string text;
  for (std::size_t i = 0; i < 16; ++i) {
    out += i < bytes.size() ? format("%02x ", static_cast<unsigned char>(bytes[i])) : std::string("   ");
    if (i == 7 || i == 15) out += " ";
    if (i < bytes.size()) text += printable(bytes[i]) ? bytes[i] : '.';
  }
  return out + "|" + text + "|";
}

std::string hexdump_line(char kind, std::string_view bytes) {
  std::string out;
  const bool single = kind == 'b' || kind == 'c';
  const std::size_t size = single ? 1 : 2;
  const std::size_t width = kind == 'D' ? 5 : single ? 4 : 8;  // D: the default
  for (std::size_t i = 0; i < 16; i += size) {
    if (i >= bytes.size()) {
      out.append(width, ' ');
      continue;
    }
    const std::string_view unit = bytes.substr(i, size);
    const auto value = static_cast<unsigned>(little_endian(unit));
    out += kind == 'b'   ? format(" %03o", value)
           : kind == 'c' ? pad_left(od_cell({'c', 1}, unit), 4)
           : kind == 'd' ? format("   %05u", value)
           : kind == 'o' ? format("  %06o", value)
           : kind == 'x' ? format("    %04x", value)
                         : format(" %04x", value);
  }
  return out;
}

// The one form of -e that scripts use: ITERATIONS/SIZE "printf format".
Task<int> formatted_dump(Process& p, std::string spec, std::string_view bytes) {
  const std::size_t quote = spec.find('"');
  const std::size_t end = spec.rfind('"');
  const std::string_view counts = trim(std::string_view(spec).substr(0, quote));
  const std::size_t slash = counts.find('/');
  const auto repeat = slash == std::string_view::npos || slash == 0 ? std::optional<std::int64_t>(1)
                                                                    : parse_int(counts.substr(0, slash));
  const auto size =
      slash == std::string_view::npos ? std::optional<std::int64_t>(1) : parse_int(counts.substr(slash + 1));
  if (quote == std::string::npos || end <= quote || !repeat || !size || *repeat < 1 ||
      (*size != 1 && *size != 2 && *size != 4)) {
    co_await p.err("hexdump: bad format {" + spec + "}\n");
    co_return 1;
  }
  std::string pattern = spec.substr(quote + 1, end - quote - 1);
  pattern = replace_all(replace_all(pattern, "\\n", "\n"), "\\t", "\t");
  const std::size_t percent = pattern.find('%');
  const std::size_t kind_at =
      percent == std::string::npos ? percent : pattern.find_first_not_of("0123456789.#-+ ", percent + 1);
  const bool fine =
      kind_at != std::string::npos && std::string_view("xXudocp_").find(pattern[kind_at]) != std::string_view::npos;
  if (percent != std::string::npos && !fine) {
    co_await p.err("hexdump: bad conversion character %" +
                   (kind_at == std::string::npos ? "" : pattern.substr(kind_at, 1)) + "\n");
    co_return 1;
  }
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += static_cast<std::size_t>(*size)) {
    const auto value = static_cast<unsigned>(little_endian(bytes.substr(i, static_cast<std::size_t>(*size))));
    if (percent == std::string::npos) {
      out += pattern;
    } else if (pattern[kind_at] == 'c' || pattern[kind_at] == 'p' || pattern[kind_at] == '_') {
      const bool under = pattern[kind_at] == '_';
      const char shown = printable(bytes[i]) || pattern[kind_at] == 'c' ? bytes[i] : '.';
      out += pattern.substr(0, percent) + shown + pattern.substr(std::min(pattern.size(), kind_at + (under ? 2 : 1)));
    } else {
      out += pattern.substr(0, percent) + format(pattern.substr(percent, kind_at - percent + 1).c_str(), value) +
             pattern.substr(kind_at + 1);
    }
  }
  co_await p.out(std::move(out));
  co_return 0;
}

// --- xxd ---

constexpr std::string_view kXxdHelp =
    "Usage:\n"
    "       xxd [options] [infile [outfile]]\n"
    "    or\n"
    "       xxd -r [-s [-]offset] [-c cols] [-ps] [infile [outfile]]\n"
    "Options:\n"
    "    -a          toggle autoskip: A single '*' replaces nul-lines. Default off.\n"
    "    -b          binary digit dump (incompatible with -ps,-i,-r). Default hex.\n"
    "    -c COLS     format <cols> octets per line. Default 16 (-i: 12, -ps: 30).\n"
    "    -g BYTES    number of octets per group in normal output. Default 2 (-e: 4).\n"
    "    -h          print this summary.\n"
    "    -i          output in C include file style.\n"
    "    -l LEN      stop after <len> octets.\n"
    "    -p          output in postscript plain hexdump style.\n"
    "    -r          reverse operation: convert (or patch) hexdump into binary.\n"
    "    -s OFF      start at <seek> bytes abs. (or +: rel.) infile offset.\n"
    "    -u          use upper case hex letters.\n"
    "    -v          show version: \"xxd 2022-01-14 by Juergen Weigert et al.\".\n";

std::string from_hex(std::string_view text, bool plain) {
  std::string out;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  for (const std::string& line : split_lines(text)) {
    std::string_view rest = line;
    if (!plain) {
      const std::size_t colon = rest.find(':');
      if (colon == std::string_view::npos) continue;
      rest.remove_prefix(colon + 1);
      // Two spaces end the digits; what follows is the text.
      const std::size_t end = rest.find("  ", 1);
      rest = rest.substr(0, end);
    }
    int high = -1;
    for (char c : rest) {
      if (digit(c) < 0) continue;
      if (high < 0) {
        high = digit(c);
      } else {
        out += static_cast<char>(high * 16 + digit(c));
        high = -1;
      }
    }
  }
  return out;
}

}  // namespace

Task<int> od_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kOdHelp);
  if (flags.ended()) co_return flags.exit_code();
  std::vector<OdFormat> formats;
  for (const CommandFlags::Given& given : flags.given()) {
    static constexpr std::string_view kLetters = "abcdilosx";
    static constexpr const char* kTypes[] = {"a", "o1", "c", "u2", "dI", "dL", "o2", "d2", "x2"};
    const std::size_t at = given.name.size() == 1 ? kLetters.find(given.name[0]) : std::string_view::npos;
    const std::string spec = given.name == "t" ? given.value : at == std::string_view::npos ? "" : kTypes[at];
    const std::string problem = read_formats(spec, formats);
    if (!problem.empty()) {
      co_await report(p, problem);
      co_return 1;
    }
  }
  if (formats.empty()) formats.push_back({'o', 2});
  const std::string radix = flags.value("A", "o");
  if (radix.size() != 1 || !contains("doxn", radix)) {
    co_await report(p, "invalid output address radix '" + radix + "'; it must be one character from [doxn]");
    co_return 1;
  }
  const auto skip = parse_size(flags.value("j", "0"));
  const auto limit = parse_size(flags.value("N", "9223372036854775807"));
  if (!skip || !limit) {
    co_await report(
        p, "invalid " + std::string(!skip ? "-j" : "-N") + " argument " + quoted(flags.value(!skip ? "j" : "N")));
    co_return 1;
  }
  const auto per_line = static_cast<std::size_t>(
      std::max<std::int64_t>(1, flags.has("w") ? parse_int(flags.value("w", "32")).value_or(32) : 16));
  std::string all;
  const bool fine = co_await read_together(p, flags.operands(), all);
  if (static_cast<std::uint64_t>(*skip) > all.size()) {
    co_await report(p, "cannot skip past end of combined input");
    co_return 1;
  }
  const std::string_view bytes =
      std::string_view(all).substr(static_cast<std::size_t>(*skip), static_cast<std::size_t>(*limit));
  // Cells of different formats stand below each other: each byte gets the widest share.
  std::size_t share = 0;
  for (const OdFormat& one : formats) share = std::max(share, (one.width() + 1 + one.size - 1) / one.size);
  if (formats.size() == 1) share = 0;
  Output out(p);
  std::string_view before;
  bool starred = false;
  for (std::size_t i = 0; i < bytes.size(); i += per_line) {
    const std::string_view line = bytes.substr(i, per_line);
    if (!flags.has("v") && i > 0 && line.size() == per_line && line == before) {
      if (!starred) out.add("*\n");
      starred = true;
      continue;
    }
    starred = false;
    before = line;
    bool first = true;
    for (const OdFormat& one : formats) {
      const std::string where = address(static_cast<std::uint64_t>(*skip) + i, radix[0]);
      if (radix != "n") out.add(first ? where : std::string(where.size(), ' '));
      first = false;
      const std::size_t width = std::max(one.width() + 1, share * one.size);
      for (std::size_t k = 0; k < per_line; k += one.size) {
        if (k < line.size())
          out.add(pad_left(od_cell(one, line.substr(k, one.size)), width));
        else if (one.text)
          out.add(std::string(width, ' '));
      }
      if (one.text) {
        out.add("  >");
        for (char c : line) out.add(printable(c) ? c : '.');
        out.add('<');
      }
      out.add('\n');
    }
    if (out.wants_flush() && !co_await out.flush()) co_return 1;
  }
  if (radix != "n") out.add(address(static_cast<std::uint64_t>(*skip) + bytes.size(), radix[0]) + "\n");
  (void)co_await out.flush();
  co_return fine ? 0 : 1;
}

Task<int> hexdump_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kHexdumpHelp);
  if (flags.ended()) co_return flags.exit_code();
  const auto skip = parse_size(flags.value("s", "0"));
  const auto limit = parse_size(flags.value("n", "9223372036854775807"));
  if (!skip || !limit) {
    co_await report(p, "failed to parse " + std::string(!skip ? "offset" : "length") + ": " +
                           quoted(flags.value(!skip ? "s" : "n")));
    co_return 1;
  }
  std::string all;
  const bool fine = co_await read_together(p, flags.operands(), all);
  if (!fine && all.empty()) {
    co_await p.err("hexdump: all input file arguments failed\n");
    co_return 1;
  }
  const auto start = std::min(static_cast<std::size_t>(*skip), all.size());
  const std::string_view bytes = std::string_view(all).substr(start, static_cast<std::size_t>(*limit));
  if (flags.has("e")) co_return co_await formatted_dump(p, flags.value("e"), bytes);
  const std::string chosen = flags.last_of("b c C d o x");
  const bool canonical = chosen == "C" || p.name() == "hd";
  const char kind = chosen.empty() || canonical ? 'D' : chosen[0];
  Output out(p);
  std::string_view before;
  bool starred = false;
  const auto where = [&](std::size_t at) {
    return format(canonical ? "%08llx" : "%07llx", static_cast<unsigned long long>(start + at));
  };
  for (std::size_t i = 0; i < bytes.size(); i += 16) {
    const std::string_view line = bytes.substr(i, 16);
    if (!flags.has("v") && i > 0 && line.size() == 16 && line == before) {
      if (!starred) out.add("*\n");
      starred = true;
      continue;
    }
    starred = false;
    before = line;
    out.add(where(i) + (canonical ? canonical_line(line) : hexdump_line(kind, line)) + "\n");
    if (out.wants_flush() && !co_await out.flush()) co_return 1;
  }
  if (!bytes.empty()) out.add(where(bytes.size()) + "\n");
  (void)co_await out.flush();
  co_return fine ? 0 : 1;
}

Task<int> xxd_main(Process& p) {
  // "-ps" and "-plain" are one flag, as are "-cols 8" and "-c8".
  std::vector<std::string> words;
  for (const std::string& word : p.arguments())
    words.push_back(word == "-ps" || word == "-plain" || word == "-postscript" ? "-p"
                    : word == "-bits"                                          ? "-b"
                    : word == "-revert"                                        ? "-r"
                    : word == "-include"                                       ? "-i"
                    : word == "-cols"                                          ? "-c"
                    : word == "-len"                                           ? "-l"
                                                                               : word);
  const CommandFlags flags = CommandFlags::parse(words, kXxdHelp);
  if (!flags.problem().empty() || flags.has("h")) {
    co_await p.err(std::string(kXxdHelp));
    co_return 1;
  }
  if (flags.has("v")) {
    co_await p.err("xxd 2022-01-14 by Juergen Weigert et al.\n");
    co_return 0;
  }
  const std::string path = flags.operands().empty() ? "-" : flags.operands()[0];
  auto text = co_await read_input(p, path);
  if (!text) {
    co_await p.err("xxd: " + path + ": " + std::string(errno_text(text.error())) + "\n");
    co_return 2;
  }
  const auto number = [&](const char* flag, std::int64_t fallback) {
    return static_cast<std::size_t>(std::max<std::int64_t>(0, parse_int(flags.value(flag)).value_or(fallback)));
  };
  std::string out;
  const std::size_t start = std::min(number("s", 0), text->size());
  const std::string_view bytes = std::string_view(*text).substr(start, flags.has("l") ? number("l", 0) : text->size());
  const bool upper = flags.has("u");
  const auto hex = [&](char c) { return format(upper ? "%02X" : "%02x", static_cast<unsigned char>(c)); };
  if (flags.has("r")) {
    out = from_hex(*text, flags.has("p"));
  } else if (flags.has("p")) {
    const std::size_t columns = flags.has("c") && number("c", 30) == 0 ? SIZE_MAX : number("c", 30);
    for (std::size_t i = 0; i < bytes.size(); ++i)
      out += hex(bytes[i]) + ((i + 1) % columns == 0 || i + 1 == bytes.size() ? "\n" : "");
  } else if (flags.has("i")) {
    const std::size_t columns = std::max<std::size_t>(1, number("c", 12));
    std::string name = path;
    for (char& c : name) {
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) c = '_';
    }
    if (path != "-") out += "unsigned char " + name + "[] = {\n";
    for (std::size_t i = 0; i < bytes.size(); ++i)
      out += (i % columns == 0 ? "  0x" : " 0x") + hex(bytes[i]) +
             (i + 1 == bytes.size()    ? "\n"
              : (i + 1) % columns == 0 ? ",\n"
                                       : ",");
    if (path != "-") out += "};\nunsigned int " + name + "_len = " + std::to_string(bytes.size()) + ";\n";
  } else {
    const bool binary = flags.has("b");
    const std::size_t columns = std::max<std::size_t>(1, number("c", binary ? 6 : 16));
    const std::size_t group =
        flags.has("g") && number("g", 2) == 0 ? columns : std::max<std::size_t>(1, number("g", binary ? 1 : 2));
    const std::size_t cell = binary ? 8 : 2;
    const std::size_t full = columns * cell + (columns - 1) / group;
    for (std::size_t i = 0; i < bytes.size(); i += columns) {
      const std::string_view line = bytes.substr(i, columns);
      std::string digits;
      std::string shown;
      for (std::size_t k = 0; k < line.size(); ++k) {
        if (k > 0 && k % group == 0) digits += ' ';
        if (binary) {
          for (int bit = 7; bit >= 0; --bit) digits += static_cast<unsigned char>(line[k]) >> bit & 1 ? '1' : '0';
        } else {
          digits += hex(line[k]);
        }
        shown += printable(line[k]) ? line[k] : '.';
      }
      out += format("%08zx: ", start + i) + pad_right(digits, full) + "  " + shown + "\n";
    }
  }
  if (flags.operands().size() > 1) {
    const auto written = p.write_file(flags.operands()[1], std::move(out));
    if (written) co_return 0;
    co_await p.err("xxd: " + flags.operands()[1] + ": " + std::string(errno_text(written.error())) + "\n");
    co_return 3;
  }
  co_await p.out(std::move(out));
  co_return 0;
}

}  // namespace drydock
