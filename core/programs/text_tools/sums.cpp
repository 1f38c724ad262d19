// md5sum, sha1sum, sha224sum, sha256sum, sha384sum, sha512sum; and cksum's polynomial sum.
#include <algorithm>
#include <array>

#include "core/base/strings.h"
#include "core/pki/digest.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/text_tools/streams.h"
#include "core/programs/text_tools/tools.h"

namespace drydock {
namespace {

struct Algorithm {
  std::string_view program;
  std::string_view name;  // as --tag writes it
  std::string_view bits;
  std::size_t digits;
  pki::Digest kind;
};
constexpr Algorithm kAlgorithms[] = {
    {"md5sum", "MD5", "128", 32, pki::Digest::kMd5},          {"sha1sum", "SHA1", "160", 40, pki::Digest::kSha1},
    {"sha224sum", "SHA224", "224", 56, pki::Digest::kSha224}, {"sha256sum", "SHA256", "256", 64, pki::Digest::kSha256},
    {"sha384sum", "SHA384", "384", 96, pki::Digest::kSha384}, {"sha512sum", "SHA512", "512", 128, pki::Digest::kSha512},
};

std::string help_of(const Algorithm& algorithm) {
  return "Usage: " + std::string(algorithm.program) + " [OPTION]... [FILE]...\nPrint or check " +
         std::string(algorithm.name) + " (" + std::string(algorithm.bits) +
         "-bit) checksums.\n"
         "\n"
         "With no FILE, or when FILE is -, read standard input.\n"
         "  -b, --binary          read in binary mode\n"
         "  -c, --check           read checksums from the FILEs and check them\n"
         "      --tag             create a BSD-style checksum\n"
         "  -t, --text            read in text mode (default)\n"
         "  -z, --zero            end each output line with NUL, not newline,\n"
         "                          and disable file name escaping\n"
         "\n"
         "The following five options are useful only when verifying checksums:\n"
         "      --ignore-missing  don't fail or report status for missing files\n"
         "      --quiet           don't print OK for each successfully verified file\n"
         "      --status          don't output anything, status code shows success\n"
         "      --strict          exit non-zero for improperly formatted checksum lines\n"
         "  -w, --warn            warn about improperly formatted checksum lines\n"
         "\n"
         "      --help        display this help and exit\n"
         "      --version     output version information and exit\n";
}

std::string escaped(std::string_view name) { return replace_all(replace_all(name, "\\", "\\\\"), "\n", "\\n"); }

// What one line of a checksum file asserts.
struct Assertion {
  std::string sum;
  std::string file;
};

std::optional<Assertion> read_assertion(const Algorithm& algorithm, std::string line) {
  if (line.ends_with("\r")) line.pop_back();
  const bool unescape = line.starts_with("\\");
  if (unescape) line.erase(0, 1);
  Assertion found;
  const std::string tag = std::string(algorithm.name) + " (";
  if (line.starts_with(tag)) {
    const std::size_t end = line.rfind(") = ");
    if (end == std::string::npos) return std::nullopt;
    found.file = line.substr(tag.size(), end - tag.size());
    found.sum = line.substr(end + 4);
  } else {
    if (line.size() < algorithm.digits + 2) return std::nullopt;
    found.sum = line.substr(0, algorithm.digits);
    const char mark = line[algorithm.digits + 1];
    const bool marked = line[algorithm.digits] == ' ' && (mark == ' ' || mark == '*');
    if (line[algorithm.digits] != ' ') return std::nullopt;
    found.file = line.substr(algorithm.digits + (marked ? 2 : 1));
  }
  found.sum = to_lower(found.sum);
  if (found.sum.size() != algorithm.digits || found.sum.find_first_not_of("0123456789abcdef") != std::string::npos ||
      found.file.empty())
    return std::nullopt;
  if (unescape) found.file = replace_all(replace_all(found.file, "\\n", "\n"), "\\\\", "\\");
  return found;
}

std::string plural(int count, const char* one, const char* many) {
  return "WARNING: " + std::to_string(count) + " " + (count == 1 ? one : many);
}

Task<bool> check_file(Process& p, const Algorithm& algorithm, const CommandFlags& flags, std::string path) {
  auto text = co_await read_input(p, path);
  if (!text) {
    co_await p.err(p.error_text(path, text.error()) + "\n");
    co_return false;
  }
  const std::string shown = path == "-" ? "'standard input'" : path;
  int malformed = 0, unreadable = 0, wrong = 0, seen = 0, matched = 0;
  int number = 0;
  for (const std::string& line : split_lines(*text)) {
    ++number;
    if (line.starts_with("#")) continue;
    const std::optional<Assertion> assertion = read_assertion(algorithm, line);
    if (!assertion) {
      ++malformed;
      if (flags.has("warn"))
        co_await report(p, shown + ": " + std::to_string(number) + ": improperly formatted " +
                               std::string(algorithm.name) + " checksum line");
      continue;
    }
    ++seen;
    const auto content = co_await read_input(p, assertion->file);
    if (!content) {
      if (flags.has("ignore-missing") && content.error() == Errno::kNoEnt) continue;
      ++unreadable;
      co_await p.err(p.error_text(assertion->file, content.error()) + "\n");
      if (!flags.has("status")) co_await p.out(escaped(assertion->file) + ": FAILED open or read\n");
      continue;
    }
    const bool same = hex_encode(pki::digest(algorithm.kind, *content)) == assertion->sum;
    same ? ++matched : ++wrong;
    if (!flags.has("status") && !(same && flags.has("quiet")))
      co_await p.out(escaped(assertion->file) + (same ? ": OK\n" : ": FAILED\n"));
  }
  if (seen == 0) {
    co_await report(p, shown + ": no properly formatted checksum lines found");
    co_return false;
  }
  if (!flags.has("status")) {
    if (malformed > 0)
      co_await report(p, plural(malformed, "line is improperly formatted", "lines are improperly formatted"));
    if (unreadable > 0)
      co_await report(p, plural(unreadable, "listed file could not be read", "listed files could not be read"));
    if (wrong > 0)
      co_await report(p, plural(wrong, "computed checksum did NOT match", "computed checksums did NOT match"));
    if (flags.has("ignore-missing") && matched == 0) co_await report(p, shown + ": no file was verified");
  }
  co_return wrong == 0 && unreadable == 0 && (matched > 0 || !flags.has("ignore-missing")) &&
      (malformed == 0 || !flags.has("strict"));
}

// POSIX cksum: CRC-32 with the length at the end.
std::uint32_t posix_sum(std::string_view bytes) {
  static const std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> made{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t value = i << 24;
      for (int k = 0; k < 8; ++k) value = value & 0x80000000u ? value << 1 ^ 0x04c11db7u : value << 1;
      made[i] = value;
    }
    return made;
  }();
  std::uint32_t crc = 0;
  const auto add = [&](unsigned char byte) { crc = crc << 8 ^ table[(crc >> 24 ^ byte) & 0xff]; };
  for (char c : bytes) add(static_cast<unsigned char>(c));
  for (std::size_t length = bytes.size(); length > 0; length >>= 8) add(static_cast<unsigned char>(length & 0xff));
  return ~crc;
}

constexpr std::string_view kCksumHelp =
    "Usage: cksum [OPTION]... [FILE]...\n"
    "Print CRC checksum and byte counts of each FILE.\n"
    "\n";

}  // namespace

Task<int> checksum_main(Process& p) {
  const Algorithm* found = &kAlgorithms[3];
  for (const Algorithm& one : kAlgorithms) {
    if (one.program == p.name()) found = &one;
  }
  const Algorithm& algorithm = *found;
  const std::string help = help_of(algorithm);
  const CommandFlags flags = co_await read_flags(p, help);
  if (flags.ended()) co_return flags.exit_code();
  const std::string early = flags.has("ignore-missing") ? "ignore-missing"
                            : flags.has("status")       ? "status"
                            : flags.has("warn")         ? "warn"
                            : flags.has("quiet")        ? "quiet"
                            : flags.has("strict")       ? "strict"
                                                        : "";
  if (!early.empty() && !flags.has("check")) {
    co_await complain_with_hint(p, "the --" + early + " option is meaningful only when verifying checksums");
    co_return 1;
  }
  std::vector<std::string> files = flags.operands();
  if (files.empty()) files.emplace_back("-");
  int code = 0;
  for (const std::string& path : files) {
    if (flags.has("check")) {
      const bool fine = co_await check_file(p, algorithm, flags, path);
      if (!fine) code = 1;
      continue;
    }
    const auto text = co_await read_input(p, path);
    if (!text) {
      co_await p.err(p.error_text(path, text.error()) + "\n");
      code = 1;
      continue;
    }
    const std::string sum = hex_encode(pki::digest(algorithm.kind, *text));
    const bool zero = flags.has("zero");
    const std::string name = zero ? path : escaped(path);
    const std::string line = flags.has("tag") ? std::string(algorithm.name) + " (" + name + ") = " + sum
                                              : sum + (flags.has("binary") ? " *" : "  ") + name;
    co_await p.out((name != path ? "\\" : "") + line + (zero ? '\0' : '\n'));
  }
  co_return code;
}

Task<int> cksum_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kCksumHelp);
  if (flags.ended()) co_return flags.exit_code();
  std::vector<std::string> files = flags.operands();
  const bool named = !files.empty();
  if (!named) files.emplace_back("-");
  int code = 0;
  for (const std::string& path : files) {
    const auto text = co_await read_input(p, path);
    if (text) {
      co_await p.out(std::to_string(posix_sum(*text)) + " " + std::to_string(text->size()) + (named ? " " + path : "") +
                     "\n");
    } else {
      co_await p.err(p.error_text(path, text.error()) + "\n");
      code = 1;
    }
  }
  co_return code;
}

}  // namespace drydock
