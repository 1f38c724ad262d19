#include "core/programs/screen/vi/text.h"

#include <algorithm>
#include <cctype>

#include "core/base/strings.h"
#include "core/programs/screen/screen.h"

namespace drydock::screen {
namespace {

constexpr std::size_t kUndoLimit = 1000;

}  // namespace

std::string ViText::whole() const {
  std::string text;
  for (const std::string& each : lines) text += each + "\n";
  return text;
}

void ViText::load(std::string_view text) {
  lines = split(text, '\n');
  if (lines.size() > 1 && lines.back().empty()) lines.pop_back();
  if (lines.empty()) lines.emplace_back();
  modified = false;
  undo_.clear();
  redo_.clear();
}

void ViText::remember(Position cursor) {
  undo_.push_back({lines, cursor, modified});
  if (undo_.size() > kUndoLimit) undo_.erase(undo_.begin());
  redo_.clear();
  modified = true;
}

std::optional<Position> ViText::undo(Position cursor) {
  while (!undo_.empty() && undo_.back().lines == lines) undo_.pop_back();  // nothing had changed
  if (undo_.empty()) return std::nullopt;
  redo_.push_back({lines, cursor, modified});
  State state = std::move(undo_.back());
  undo_.pop_back();
  lines = std::move(state.lines);
  modified = state.modified;
  return state.cursor;
}

std::optional<Position> ViText::redo() {
  if (redo_.empty()) return std::nullopt;
  State state = std::move(redo_.back());
  redo_.pop_back();
  undo_.push_back({lines, state.cursor, modified});
  lines = std::move(state.lines);
  modified = state.modified;
  return state.cursor;
}

std::string ViText::copy(Position from, Position to) const {
  if (from.row == to.row) return lines[from.row].substr(from.column, to.column - from.column);
  std::string text = lines[from.row].substr(from.column) + "\n";
  for (std::size_t row = from.row + 1; row < to.row; ++row) text += lines[row] + "\n";
  return text + lines[to.row].substr(0, to.column);
}

std::string ViText::cut(Position from, Position to) {
  std::string text = copy(from, to);
  const std::string rest = lines[to.row].substr(to.column);
  lines[from.row].resize(from.column);
  lines[from.row] += rest;
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(from.row) + 1,
              lines.begin() + static_cast<std::ptrdiff_t>(to.row) + 1);
  return text;
}

Position ViText::insert(Position at, std::string_view text) {
  const std::string rest = lines[at.row].substr(at.column);
  lines[at.row].resize(at.column);
  const std::vector<std::string> pieces = split(text, '\n');
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i > 0) lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(++at.row), "");
    lines[at.row] += pieces[i];
  }
  at.column = lines[at.row].size();
  lines[at.row] += rest;
  return at;
}

std::string ViText::copy_lines(std::size_t first, std::size_t last) const {
  std::string text;
  for (std::size_t row = first; row <= last && row < lines.size(); ++row) text += lines[row] + "\n";
  return text;
}

std::string ViText::cut_lines(std::size_t first, std::size_t last) {
  std::string text = copy_lines(first, last);
  last = std::min(last, lines.size() - 1);
  lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(first),
              lines.begin() + static_cast<std::ptrdiff_t>(last) + 1);
  if (lines.empty()) lines.emplace_back();
  return text;
}

void ViText::insert_lines(std::size_t row, std::string_view text) {
  if (text.ends_with("\n")) text.remove_suffix(1);
  const std::vector<std::string> more = split(text, '\n');
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(std::min(row, lines.size())), more.begin(), more.end());
}

Regex compile_vim_pattern(const std::string& pattern, bool ignore_case) {
  std::string out;
  bool very_magic = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      const char next = pattern[++i];
      switch (next) {
        case 'c':
          ignore_case = true;
          break;
        case 'C':
          ignore_case = false;
          break;
        case 'v':
          very_magic = true;
          break;
        case 'm':
          very_magic = false;
          break;
        case '<':
        case '>':
          out += very_magic ? std::string(1, next) : "\\b";
          break;
        case '(':
        case ')':
        case '|':
        case '+':
        case '?':
        case '{':
        case '}':
          out += very_magic ? "\\" + std::string(1, next) : std::string(1, next);
          break;
        case '=':
          out += very_magic ? "=" : "?";
          break;
        case '/':
          out += '/';
          break;
        case 'a':
          out += "[A-Za-z]";
          break;
        case 'l':
          out += "[a-z]";
          break;
        case 'u':
          out += "[A-Z]";
          break;
        case 'x':
          out += "[0-9A-Fa-f]";
          break;
        case 'h':
          out += "[A-Za-z_]";
          break;
        case 'z':
          if (i + 1 < pattern.size() && pattern[i + 1] == 's') out += "\\K";
          ++i;
          break;
        default:
          out += '\\';
          out += next;
      }
      continue;
    }
    if (very_magic && (c == '<' || c == '>'))
      out += "\\b";
    else if (very_magic && c == '=')
      out += '?';
    else if (!very_magic && std::string_view("()|+?{}").find(c) != std::string_view::npos)
      out += std::string("\\") + c;
    else
      out += c;
  }
  return Regex::compile(out, Regex::Syntax::kPerl, ignore_case);
}

std::optional<Found> find_forwards(const ViText& text, const Regex& pattern, Position from, bool wrap) {
  for (std::size_t turn = 0; turn <= text.size(); ++turn) {
    const std::size_t row = (from.row + turn) % text.size();
    const bool wrapped = from.row + turn >= text.size();
    if (wrapped && !wrap) return std::nullopt;
    const std::string& line = text.line(row);
    std::size_t at = turn == 0 ? next_character(line, from.column) : 0;
    if (turn == 0 && from.column >= line.size()) continue;
    const auto match = pattern.search(line, at);
    if (match) return Found{{row, (*match)[0].begin}, (*match)[0].end, wrapped};
  }
  return std::nullopt;
}

std::optional<Found> find_backwards(const ViText& text, const Regex& pattern, Position from, bool wrap) {
  for (std::size_t turn = 0; turn <= text.size(); ++turn) {
    const bool wrapped = turn > from.row;
    if (wrapped && !wrap) return std::nullopt;
    const std::size_t row = (from.row + text.size() * 2 - turn) % text.size();
    const std::string& line = text.line(row);
    std::optional<Found> last;
    for (std::size_t at = 0; at <= line.size();) {
      const auto match = pattern.search(line, at);
      if (!match) break;
      if (turn == 0 && (*match)[0].begin >= from.column) break;
      last = Found{{row, (*match)[0].begin}, (*match)[0].end, wrapped};
      at = std::max((*match)[0].begin + 1, at + 1);
    }
    if (last) return last;
  }
  return std::nullopt;
}

int kind_of(std::string_view line, std::size_t column, bool big) {
  if (column >= line.size() || line[column] == ' ' || line[column] == '\t') return 0;
  const auto c = static_cast<unsigned char>(line[column]);
  if (big || std::isalnum(c) != 0 || c == '_' || c >= 0x80) return 2;
  return 1;
}

}  // namespace drydock::screen
