// cmp: where two files begin to differ.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/text_tools/streams.h"
#include "core/programs/text_tools/tools.h"

namespace drydock {
namespace {

constexpr std::string_view kCmpHelp =
    "Usage: cmp [OPTION]... FILE1 [FILE2]\n"
    "Compare two files byte by byte.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -b, --print-bytes          print differing bytes\n"
    "  -i, --ignore-initial=SKIP  skip first SKIP bytes of both inputs\n"
    "  -l, --verbose              output byte numbers and differing byte values\n"
    "  -n, --bytes=LIMIT          compare at most LIMIT bytes\n"
    "  -s, --quiet, --silent      suppress all normal output\n"
    "      --help                 display this help and exit\n"
    "\n"
    "If a FILE is '-' or missing, read standard input.\n"
    "Exit status is 0 if inputs are the same, 1 if different, 2 if trouble.\n";

}  // namespace

Task<int> cmp_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kCmpHelp, 2);
  if (flags.ended()) co_return flags.exit_code();
  std::vector<std::string> names = flags.operands();
  if (names.empty() || names.size() > 2) {
    co_await complain_with_hint(p, names.empty() ? "missing operand after 'cmp'" : "extra operand " + quoted(names[2]));
    co_return 2;
  }
  if (names.size() == 1) names.emplace_back("-");
  std::string texts[2];
  for (std::size_t i = 0; i < 2; ++i) {
    auto text = co_await read_input(p, names[i]);
    if (!text) {
      if (!flags.has("s")) co_await p.err(p.error_text(names[i], text.error()) + "\n");
      co_return 2;
    }
    texts[i] = *std::move(text);
  }
  const auto skip = static_cast<std::size_t>(std::max<std::int64_t>(0, parse_size(flags.value("i", "0")).value_or(0)));
  const auto limit = static_cast<std::size_t>(parse_size(flags.value("n", "9223372036854775807")).value_or(INT64_MAX));
  for (std::string& text : texts) text = text.substr(std::min(skip, text.size()), limit);
  const std::size_t shared = std::min(texts[0].size(), texts[1].size());
  std::size_t line = 1;
  std::string out;
  bool differ = false;
  for (std::size_t i = 0; i < shared; ++i) {
    const auto a = static_cast<unsigned char>(texts[0][i]);
    const auto b = static_cast<unsigned char>(texts[1][i]);
    if (a != b) {
      differ = true;
      if (flags.has("s")) co_return 1;
      if (!flags.has("l")) {
        co_await p.out(names[0] + " " + names[1] +
                       " differ: " + (flags.has("b") || p.env("LC_ALL") != "C" ? "byte " : "char ") +
                       std::to_string(i + 1) + ", line " + std::to_string(line) +
                       (flags.has("b") ? format(" is %3o %c %3o %c", a, a, b, b) : std::string()) + "\n");
        co_return 1;
      }
      out += format("%*zu %3o %3o\n", static_cast<int>(std::to_string(shared).size()), i + 1, a, b);
    }
    if (a == '\n') ++line;
  }
  co_await p.out(std::move(out));
  if (texts[0].size() == texts[1].size()) co_return differ ? 1 : 0;
  if (!flags.has("s")) {
    const std::size_t short_one = texts[0].size() < texts[1].size() ? 0 : 1;
    const bool whole_line = shared > 0 && texts[short_one][shared - 1] == '\n';
    co_await p.err("cmp: EOF on " + names[short_one] +
                   (shared == 0 ? " which is empty"
                                : " after byte " + std::to_string(shared) +
                                      (flags.has("l") ? ""
                                       : whole_line   ? ", line " + std::to_string(line - 1)
                                                      : ", in line " + std::to_string(line))) +
                   "\n");
  }
  co_return 1;
}

}  // namespace drydock
