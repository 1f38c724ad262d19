#include "core/cel/language/issues.h"

#include <algorithm>

namespace drydock::cel {
namespace {

constexpr std::size_t kMostIssues = 100;

// Where the code point begins that the offset counts to.
std::size_t byte_of(std::string_view source, std::uint32_t offset) {
  std::size_t at = 0;
  for (; offset > 0 && at < source.size(); --offset) {
    ++at;
    while (at < source.size() && (static_cast<unsigned char>(source[at]) & 0xc0) == 0x80) ++at;
  }
  return at;
}

}  // namespace

void Issues::add(std::uint32_t offset, std::string message) {
  if (found_.size() < kMostIssues) found_.push_back({offset, found_.size(), std::move(message)});
}

std::string Issues::text(std::string_view source) const {
  std::vector<Issue> sorted = found_;
  std::sort(sorted.begin(), sorted.end(), [](const Issue& a, const Issue& b) {
    return a.offset != b.offset ? a.offset < b.offset : a.order < b.order;
  });
  std::string text;
  for (const Issue& issue : sorted) {
    const std::size_t at = byte_of(source, issue.offset);
    const std::size_t newline = at == 0 ? std::string_view::npos : source.rfind('\n', at - 1);
    const std::size_t start = newline == std::string_view::npos ? 0 : newline + 1;
    const std::string_view before = source.substr(start, at - start);
    std::string_view line = source.substr(start);
    line = line.substr(0, line.find('\n'));
    const auto row = 1 + std::count(source.begin(), source.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    std::size_t column = 1;
    std::string marks;
    for (std::size_t i = 0; i < before.size(); ++i) {
      const auto byte = static_cast<unsigned char>(before[i]);
      if ((byte & 0xc0) == 0x80) continue;
      ++column;
      // Wide characters get wide dots, so that the mark stands below.
      marks += byte < 0x80 ? "." : "\xef\xbc\x8e";
    }
    if (!text.empty()) text += "\n";
    text += "ERROR: <input>:" + std::to_string(row) + ":" + std::to_string(column) + ": " + issue.message + "\n | ";
    for (const char letter : line) text += letter == '\t' ? ' ' : letter;
    const bool wide = at < source.size() && static_cast<unsigned char>(source[at]) >= 0x80;
    text += "\n | " + marks + (wide ? "\xef\xbc\xbe" : "^");
  }
  return text;
}

}  // namespace drydock::cel
