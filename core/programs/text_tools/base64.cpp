// base64 and base32, piece by piece.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/text_tools/streams.h"
#include "core/programs/text_tools/tools.h"

namespace drydock {
namespace {

std::string help_of(const std::string& name) {
  std::string number = name.substr(4);
  return "Usage: " + name + " [OPTION]... [FILE]\nBase" + number +
         " encode or decode FILE, or standard input, to standard output.\n"
         "\n"
         "With no FILE, or when FILE is -, read standard input.\n"
         "\n"
         "Mandatory arguments to long options are mandatory for short options too.\n"
         "  -d, --decode          decode data\n"
         "  -i, --ignore-garbage  when decoding, ignore non-alphabet characters\n"
         "  -w, --wrap=COLS       wrap encoded lines after COLS character (default 76).\n"
         "                          Use 0 to disable line wrapping\n"
         "      --help        display this help and exit\n"
         "      --version     output version information and exit\n"
         "\n"
         "The data are encoded as described for the base" +
         number +
         " alphabet in RFC 4648.\n"
         "When decoding, the input may contain newlines in addition to the bytes of\n"
         "the formal base" +
         number +
         " alphabet.  Use --ignore-garbage to attempt to recover\n"
         "from any other non-alphabet bytes in the encoded stream.\n";
}

// 3 bytes are 4 letters, or 5 bytes 8.
struct Coding {
  std::string_view alphabet;
  unsigned bits;
  std::size_t letters;
  std::size_t bytes;
};
constexpr Coding kBase64{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 6, 4, 3};
constexpr Coding kBase32{"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5, 8, 5};

std::string encode(const Coding& coding, std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += coding.bytes) {
    const std::string_view group = bytes.substr(i, coding.bytes);
    std::uint64_t value = 0;
    for (std::size_t k = 0; k < coding.bytes; ++k)
      value = value << 8 | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0u);
    const std::size_t used = (group.size() * 8 + coding.bits - 1) / coding.bits;
    for (std::size_t k = 0; k < coding.letters; ++k) {
      const std::size_t shift = (coding.letters - 1 - k) * coding.bits;
      out += k < used ? coding.alphabet[value >> shift & ((1u << coding.bits) - 1)] : '=';
    }
  }
  return out;
}

// One group of letters; false when it is none.
bool decode_group(const Coding& coding, std::string_view group, std::string& out) {
  const std::size_t end = std::min(group.find('='), group.size());
  if (end == 0 || group.find_first_not_of('=', end) != std::string_view::npos) return false;
  std::uint64_t value = 0;
  for (std::size_t k = 0; k < coding.letters; ++k) {
    const std::size_t digit = k < end ? coding.alphabet.find(group[k]) : 0;
    if (digit == std::string_view::npos) return false;
    value = value << coding.bits | digit;
  }
  const std::size_t whole = end * coding.bits / 8;
  // So many letters must stand for a whole number of bytes, with fewer bits over than one letter has.
  if (end * coding.bits - whole * 8 >= coding.bits || whole == 0) return false;
  for (std::size_t k = 0; k < whole; ++k) out += static_cast<char>(value >> ((coding.bytes - 1 - k) * 8) & 0xff);
  return true;
}

}  // namespace

Task<int> base64_main(Process& p) {
  const std::string name = p.name() == "base32" ? "base32" : "base64";
  const Coding& coding = name == "base32" ? kBase32 : kBase64;
  const std::string help = help_of(name);
  const CommandFlags flags = co_await read_flags(p, help);
  if (flags.ended()) co_return flags.exit_code();
  const auto wrap = parse_int(flags.value("w", "76"));
  if (!wrap || *wrap < 0) {
    co_await report(p, "invalid wrap size: " + quoted(flags.value("w")));
    co_return 1;
  }
  if (flags.operands().size() > 1) {
    co_await complain_with_hint(p, "extra operand " + quoted(flags.operands()[1]));
    co_return 1;
  }
  const std::string path = flags.operands().empty() ? "-" : flags.operands()[0];
  auto file = open_input(p, path);
  if (!file) {
    co_await p.err(p.error_text(path, file.error()) + "\n");
    co_return 1;
  }
  InputStream input(p, *file);
  Output out(p);
  std::string pending;  // bytes or letters of a group that is not whole yet
  std::size_t column = 0;
  const auto add_wrapped = [&](std::string_view letters) {
    while (!letters.empty()) {
      const std::size_t room = *wrap == 0 ? letters.size() : static_cast<std::size_t>(*wrap) - column;
      const std::string_view part = letters.substr(0, room);
      out.add(part);
      column += part.size();
      letters.remove_prefix(part.size());
      if (*wrap > 0 && column == static_cast<std::size_t>(*wrap)) {
        out.add('\n');
        column = 0;
      }
    }
  };
  bool invalid = false;
  bool ended = false;
  while (!ended && !invalid) {
    ended = !co_await input.fill();
    const std::string_view fresh = input.available();
    if (!flags.has("d")) {
      pending += fresh;
      input.consume(fresh.size());
      const std::size_t whole = ended ? pending.size() : pending.size() / coding.bytes * coding.bytes;
      add_wrapped(encode(coding, std::string_view(pending).substr(0, whole)));
      pending.erase(0, whole);
    } else {
      for (char c : fresh) {
        if (c == '\n') continue;
        if (flags.has("i") && c != '=' && coding.alphabet.find(c) == std::string_view::npos) continue;
        pending += c;
      }
      input.consume(fresh.size());
      std::size_t at = 0;
      std::string bytes;
      for (; !invalid && at < pending.size(); at += coding.letters) {
        if (pending.size() - at < coding.letters && !ended) break;
        const std::string_view group = std::string_view(pending).substr(at, coding.letters);
        if (group.size() == coding.letters) {
          invalid = !decode_group(coding, group, bytes);
        } else {
          // What can be told of an unfinished group is still printed.
          std::string partial(group);
          partial.resize(coding.letters, '=');
          (void)decode_group(coding, partial, bytes);
          invalid = true;
        }
      }
      pending.erase(0, std::min(at, pending.size()));
      out.add(bytes);
    }
    if (!co_await out.flush()) co_return 1;
  }
  if (!flags.has("d") && *wrap > 0 && column > 0) out.add('\n');
  (void)co_await out.flush();
  if (input.error()) {
    co_await p.err(p.error_text("read error", *input.error()) + "\n");
    co_return 1;
  }
  if (invalid) co_await report(p, "invalid input");
  co_return invalid ? 1 : 0;
}

}  // namespace drydock
