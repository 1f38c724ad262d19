// Vi's :s and :g.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/screen/vi/vi.h"

namespace drydock::screen {
namespace {

// The replacement of :s: & and \0-\9 are what matched, \r a new line, ~ left alone.
std::string replacement_text(const std::string& spec, const std::string& line,
                             const std::vector<Regex::Group>& groups) {
  std::string out;
  auto group = [&](std::size_t n) {
    if (n < groups.size() && groups[n].begin != std::string_view::npos)
      out += line.substr(groups[n].begin, groups[n].end - groups[n].begin);
  };
  for (std::size_t i = 0; i < spec.size(); ++i) {
    if (spec[i] == '&') {
      group(0);
    } else if (spec[i] == '\\' && i + 1 < spec.size()) {
      const char c = spec[++i];
      if (c >= '0' && c <= '9')
        group(static_cast<std::size_t>(c - '0'));
      else if (c == 'r' || c == 'n')
        out += '\n';
      else if (c == 't')
        out += '\t';
      else
        out += c;
    } else {
      out += spec[i];
    }
  }
  return out;
}

std::string count_of(std::size_t count, const char* thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

}  // namespace

Task<void> Vi::substitute(std::string spec, std::size_t first, std::size_t last) {
  if (spec.empty()) spec = last_substitution_;
  if (spec.empty()) {
    complain("E35: No previous regular expression");
    co_return;
  }
  last_substitution_ = spec;
  const char border = spec[0];
  std::vector<std::string> parts(1);
  for (std::size_t i = 1; i < spec.size(); ++i) {
    if (spec[i] == '\\' && i + 1 < spec.size()) {
      if (spec[i + 1] != border || border == '&') parts.back() += '\\';
      parts.back() += spec[++i];
    } else if (spec[i] == border && parts.size() < 3) {
      parts.emplace_back();
    } else {
      parts.back() += spec[i];
    }
  }
  parts.resize(3);
  if (!parts[0].empty()) pattern_ = parts[0];
  const std::string flags(trim(parts[2]));
  const bool every = contains(flags, "g");
  bool asks = contains(flags, "c");
  const bool ignore_case = contains(flags, "i") || (options_.contains("ignorecase") && !contains(flags, "I"));
  const Regex regex = compile_vim_pattern(pattern_, ignore_case);
  if (!regex.ok()) {
    complain("E486: Pattern not found: " + pattern_);
    co_return;
  }
  std::size_t substitutions = 0;
  std::size_t lines = 0;
  bool found_any = false;
  bool quits = false;
  text_.remember(cursor_);
  changing_ = true;
  Position end = cursor_;
  for (std::size_t row = first; row <= last && row < text_.size() && !quits; ++row) {
    std::size_t at = 0;
    bool changed = false;
    while (at <= text_.line(row).size()) {
      const std::string line = text_.line(row);
      const auto match = regex.search(line, at);
      if (!match) break;
      found_any = true;
      const std::size_t begin = (*match)[0].begin;
      const std::size_t stop = (*match)[0].end;
      if (contains(flags, "n")) {
        ++substitutions;
        changed = true;
        at = std::max(stop, begin + 1);
        if (!every) break;
        continue;
      }
      std::string answer = "y";
      if (asks) {
        cursor_ = {row, begin};
        message_ = "replace with " + parts[1] + " (y/n/a/q/l/^E/^Y)?";
        show();
        const Key pressed = co_await key();
        answer = pressed.is(Key::Kind::kText) ? pressed.text : "q";
        message_.clear();
        if (answer == "a") asks = false;
        if (answer == "q" || answer == "l") quits = true;
      }
      if (answer == "y" || answer == "a" || answer == "l") {
        const std::string text = replacement_text(parts[1], line, *match);
        (void)text_.cut({row, begin}, {row, stop});
        const Position behind = text_.insert({row, begin}, text);
        ++substitutions;
        changed = true;
        end = {behind.row, 0};
        last += behind.row - row;
        row = behind.row;
        at = behind.column + (stop == begin ? 1 : 0);
      } else {
        at = std::max(stop, begin + 1);
      }
      if (!every || quits) break;
    }
    if (changed) ++lines;
  }
  if (!found_any) {
    (void)text_.undo(cursor_);
    if (!contains(flags, "e")) complain("E486: Pattern not found: " + pattern_);
    co_return;
  }
  highlight_ = true;
  if (contains(flags, "n")) {
    (void)text_.undo(cursor_);
    say(count_of(substitutions, "match") + (substitutions == 1 ? "" : "") + " on " + count_of(lines, "line"));
    co_return;
  }
  cursor_ = {std::min(end.row, text_.size() - 1), 0};
  cursor_.column = first_non_blank(cursor_.row);
  if (substitutions > 2) say(count_of(substitutions, "substitution") + " on " + count_of(lines, "line"));
}

// :g/pattern/command and :v.
Task<void> Vi::global(std::string spec, std::size_t first, std::size_t last, bool matching) {
  if (spec.empty()) {
    complain("E148: Regular expression missing from global");
    co_return;
  }
  const char border = spec[0];
  std::size_t end = 1;
  while (end < spec.size() && spec[end] != border) end += spec[end] == '\\' ? 2 : 1;
  end = std::min(end, spec.size());
  if (end > 1) pattern_ = spec.substr(1, end - 1);
  std::string what = end + 1 < spec.size() ? spec.substr(end + 1) : "p";
  const Regex regex = compile_vim_pattern(pattern_, options_.contains("ignorecase"));
  std::vector<std::string> wanted;
  std::vector<std::size_t> rows;
  for (std::size_t row = first; row <= last && row < text_.size(); ++row) {
    if (regex.ok() && regex.search(text_.line(row), 0).has_value() == matching) rows.push_back(row);
  }
  if (rows.empty()) {
    complain("E486: Pattern not found: " + pattern_);
    co_return;
  }
  const auto before = static_cast<std::int64_t>(text_.size());
  text_.remember(cursor_);
  if (what == "d" || what == "delete") {
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) (void)text_.cut_lines(*row, *row);
    cursor_ = {std::min(rows.back() - (rows.size() - 1), text_.size() - 1), 0};
    tell_lines(before);
    co_return;
  }
  std::size_t shift = 0;
  for (std::size_t row : rows) {
    const std::size_t size = text_.size();
    cursor_ = {std::min(row + shift, text_.size() - 1), 0};
    co_await command_line(what);
    if (done_) co_return;
    shift += text_.size() - size;
  }
}

}  // namespace drydock::screen
