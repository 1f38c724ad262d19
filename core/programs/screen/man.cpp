// man, apropos, whatis: short pages of our own words, from one table.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/screen/manual_pages.h"
#include "core/programs/screen/pager.h"
#include "core/programs/screen/programs.h"

namespace drydock::screen {
namespace {

constexpr std::size_t kPageWidth = 78;

// Letters struck twice, as nroff makes bold ones.
std::string struck(std::string_view text) {
  std::string out;
  for (char c : text) out += c == ' ' ? std::string(1, c) : std::string(1, c) + "\b" + c;
  return out;
}

// Words in lines of the page's width behind an indent.
std::string filled(std::string_view text, std::size_t indent) {
  std::string out;
  std::string line(indent, ' ');
  for (const std::string& word : split_whitespace(text)) {
    if (line.size() > indent && line.size() + 1 + word.size() > kPageWidth) {
      out += line + "\n";
      line.assign(indent, ' ');
    }
    line += (line.size() > indent ? " " : "") + word;
  }
  return out + line + "\n";
}

std::string page(const ManualPage& entry) {
  const std::string title = to_upper(entry.name) + "(" + std::string(entry.section) + ")";
  const std::string middle = entry.section == "8"   ? "System Administration"
                             : entry.section == "5" ? "File Formats"
                                                    : "User Commands";
  std::string head = title;
  const std::size_t gap =
      kPageWidth > 2 * title.size() + middle.size() ? (kPageWidth - 2 * title.size() - middle.size()) / 2 : 1;
  head += std::string(gap, ' ') + middle;
  head +=
      std::string(kPageWidth > head.size() + title.size() ? kPageWidth - head.size() - title.size() : 1, ' ') + title;
  std::string text = head + "\n\n" + struck("NAME") + "\n" +
                     filled(std::string(entry.name) + " - " + std::string(entry.summary), 7) + "\n" +
                     struck("SYNOPSIS") + "\n";
  for (const std::string& line : split(entry.synopsis, '\n')) {
    const std::size_t space = std::min(line.find(' '), line.size());
    text += "       " + struck(std::string_view(line).substr(0, space)) + line.substr(space) + "\n";
  }
  text += "\n" + struck("DESCRIPTION") + "\n";
  for (const std::string& paragraph : split(entry.description, '\n')) {
    if (paragraph.empty()) continue;
    // "-n NUMBER: what it does" is an option.
    const std::size_t colon = paragraph.find(": ");
    if (paragraph[0] == '-' && colon != std::string::npos)
      text += "       " + struck(paragraph.substr(0, colon)) + "\n" + filled(paragraph.substr(colon + 2), 14) + "\n";
    else
      text += filled(paragraph, 7) + "\n";
  }
  return text;
}

}  // namespace

Task<int> man_main(Process& process) {
  const std::string program(process.name());
  std::vector<std::string> names;
  std::string section;
  bool keyword = program == "apropos";
  bool brief = program == "whatis";
  bool where = false;
  for (const std::string& word : process.arguments()) {
    if (word == "-k" || word == "--apropos") {
      keyword = true;
    } else if (word == "-f" || word == "--whatis") {
      brief = true;
    } else if (word == "-w" || word == "--where" || word == "--path") {
      where = true;
    } else if (word == "-V" || word == "--version") {
      co_await process.out("man 2.9.3\n");
      co_return 0;
    } else if (word.size() > 1 && word[0] == '-') {
      continue;
    } else if (word.size() == 1 && word[0] >= '1' && word[0] <= '9' && names.empty() && !keyword) {
      section = word;
    } else {
      names.push_back(word);
    }
  }
  if (names.empty()) {
    if (program != "man")
      co_await process.err(program + " what?\n");
    else if (!section.empty())
      co_await process.err("No manual entry for " + section + "\n");
    else
      co_await process.err("What manual page do you want?\nFor example, try 'man man'.\n");
    co_return 1;
  }
  int code = 0;
  if (keyword || brief) {
    for (const std::string& name : names) {
      bool found = false;
      for (const ManualPage& entry : manual_pages()) {
        const bool matches =
            brief ? entry.name == name
                  : contains(to_lower(entry.name), to_lower(name)) || contains(to_lower(entry.summary), to_lower(name));
        if (!matches) continue;
        found = true;
        co_await process.out(pad_right(std::string(entry.name) + " (" + std::string(entry.section) + ")", 20) + " - " +
                             std::string(entry.summary) + "\n");
      }
      if (found) continue;
      co_await process.err(name + ": nothing appropriate.\n");
      code = 16;
    }
    co_return code;
  }
  for (const std::string& name : names) {
    const auto pages = manual_pages();
    const auto entry = std::find_if(pages.begin(), pages.end(), [&](const ManualPage& each) {
      return each.name == name && (section.empty() || each.section == section);
    });
    if (entry == pages.end()) {
      co_await process.err("No manual entry for " + name + (section.empty() ? "" : " in section " + section) + "\n");
      code = 16;
      continue;
    }
    if (where) {
      co_await process.out("/usr/share/man/man" + std::string(entry->section) + "/" + name + "." +
                           std::string(entry->section) + ".gz\n");
      continue;
    }
    const int shown = co_await page_text(
        process, "Manual page " + name + "(" + std::string(entry->section) + ") line 1 (press h for help or q to quit)",
        page(*entry));
    if (shown != 0) code = shown;
  }
  co_return code;
}

}  // namespace drydock::screen
