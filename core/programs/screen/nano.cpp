// nano's command line.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/screen/nano_editor.h"
#include "core/programs/screen/programs.h"

namespace drydock::screen {

Task<int> nano_main(Process& process) {
  bool numbers = false;
  bool read_only = false;
  std::size_t tab = 8;
  std::string path;
  Position start;
  const std::vector<std::string> words(process.arguments().begin(), process.arguments().end());
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "-V" || word == "--version") {
      co_await process.out(" GNU nano, version 5.6.1\n");
      co_return 0;
    }
    if (word == "-h" || word == "--help") {
      co_await process.out(
          "Usage: nano [OPTIONS] [[+LINE[,COLUMN]] FILE]...\n\n -l         --linenumbers          Show line numbers in "
          "front of the text\n"
          " -v         --view                 View mode (read-only)\n -T <#cols> --tabsize=<#cols>      Set width of a "
          "tab to #cols columns\n"
          " -V         --version              Print version information and exit\n");
      co_return 0;
    }
    if (word.starts_with("+")) {
      const std::vector<std::string> parts = split(word.substr(1), ',');
      start.row = static_cast<std::size_t>(std::max<std::int64_t>(1, parse_int(parts[0]).value_or(1))) - 1;
      if (parts.size() > 1)
        start.column = static_cast<std::size_t>(std::max<std::int64_t>(1, parse_int(parts[1]).value_or(1))) - 1;
    } else if (word == "-l" || word == "--linenumbers") {
      numbers = true;
    } else if (word == "-v" || word == "--view") {
      read_only = true;
    } else if (word == "-T" && i + 1 < words.size()) {
      tab = static_cast<std::size_t>(std::max<std::int64_t>(1, parse_int(words[++i]).value_or(8)));
    } else if (word.size() > 1 && word[0] == '-') {
      continue;
    } else if (path.empty()) {
      path = word;
    }
  }
  std::shared_ptr<Tty> tty = process.tty_of(1);
  if (!tty || !process.is_tty(0)) {
    co_await process.err(process.is_tty(0) ? "Standard output is not a terminal\n"
                                           : "Standard input is not a terminal\n");
    co_return 1;
  }
  Nano editor(process, tty, numbers, read_only, tab);
  co_return co_await editor.run(std::move(path), start);
}

}  // namespace drydock::screen
