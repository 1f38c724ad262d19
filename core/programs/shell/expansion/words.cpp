// Words to fields: quotes, tilde, parameters, commands, arithmetic, splitting, globs.
// https://www.gnu.org/software/bash/manual/html_node/Shell-Expansions.html
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/programs/shell/expansion/pattern.h"
#include "core/programs/shell/expansion/quoting.h"
#include "core/programs/shell/interpreter.h"
#include "core/programs/shell/syntax/scan.h"

namespace drydock::shell {
namespace {

bool white(char c) { return c == ' ' || c == '\t' || c == '\n'; }

// The home of a user named in /etc/passwd.
std::string home_of(const Process& process, std::string_view user) {
  const auto passwd = process.read_file("/etc/passwd");
  if (!passwd) return user == "root" ? "/root" : "";
  for (const std::string& line : split(*passwd, '\n')) {
    const std::vector<std::string> fields = split(line, ':');
    if (fields.size() > 5 && fields[0] == user) return fields[5];
  }
  return "";
}

}  // namespace

std::string Interpreter::plain_text(const std::vector<Piece>& pieces) {
  std::string text;
  for (const Piece& piece : pieces) text += piece.breaks ? std::string(" ") : piece.text;
  return text;
}

// ~, ~/x, ~root, ~+, ~-: the position behind it.
std::size_t Interpreter::expand_tilde(std::string_view word, std::vector<Piece>& out) const {
  const std::size_t end = std::min(word.find_first_of("/:"), word.size());
  const std::string user(word.substr(1, end - 1));
  std::string home;
  if (user.empty())
    home = is_set("HOME") ? get("HOME") : home_of(process_, "root");
  else if (user == "+" || user == "-")
    home = get(user == "+" ? "PWD" : "OLDPWD");
  else if (std::all_of(user.begin(), user.end(), [](char c) { return name_part(c) || c == '-' || c == '.'; }))
    home = home_of(process_, user);
  if (home.empty()) return 0;
  out.push_back({home, true, false, false});
  return end;
}

Task<void> Interpreter::expand_pieces(std::string_view word, unsigned flags, std::vector<Piece>& out) {
  const bool in_quotes = (flags & kInQuotes) != 0;
  std::size_t i = 0;
  const bool splits = (flags & kSplitLiteral) != 0;
  auto literal = [&](std::string_view text, bool quoted) {
    const bool cut = !quoted && splits;
    if (!out.empty() && out.back().quoted == quoted && out.back().split == cut && !out.back().breaks)
      out.back().text += text;
    else
      out.push_back({std::string(text), quoted, cut, false});
  };
  if (!in_quotes && word.starts_with("~")) i = expand_tilde(word, out);
  while (i < word.size()) {
    if (flow_ != Flow::kNone) co_return;
    const char c = word[i];
    if (c == '\\') {
      if (i + 1 >= word.size()) {
        literal("\\", true);
        break;
      }
      const char next = word[i + 1];
      const bool special = next == '$' || next == '`' || next == '\\' || next == '\n' ||
                           (next == '"' && (flags & kHereDocument) == 0) || (next == '}' && splits);
      if (in_quotes && !special) literal("\\", true);
      if (next != '\n') literal(word.substr(i + 1, 1), true);
      i += 2;
    } else if (c == '\'' && !in_quotes) {
      const std::size_t end = skip_single_quotes(word, i);
      const std::size_t stop = end == kOpenEnd ? word.size() : end - 1;
      out.push_back({std::string(word.substr(i + 1, stop - i - 1)), true, false, false});
      i = std::min(word.size(), stop + 1);
    } else if (c == '"' && (flags & kHereDocument) == 0) {
      if (in_quotes) {  // inside "${x:-"word"}"
        ++i;
        continue;
      }
      const std::size_t end = skip_double_quotes(word, i);
      const std::size_t stop = end == kOpenEnd ? word.size() : end - 1;
      const std::string_view inside = word.substr(i + 1, stop - i - 1);
      // "" is an empty field; "$@" without parameters is none.
      const std::size_t before = out.size();
      co_await expand_pieces(inside, kInQuotes, out);
      if (out.size() == before && !contains(inside, "@")) out.push_back({"", true, false, false});
      i = std::min(word.size(), stop + 1);
    } else if (c == '$' && i + 1 < word.size()) {
      i = co_await expand_dollar(word, i, flags, out);
    } else if (c == '`') {
      const std::size_t end = skip_backquotes(word, i);
      const std::size_t stop = end == kOpenEnd ? word.size() : end - 1;
      std::string command;
      for (std::size_t k = i + 1; k < stop; ++k) {
        const char next = k + 1 < stop ? word[k + 1] : '\0';
        if (word[k] == '\\' && (next == '`' || next == '\\' || next == '$' || (next == '"' && in_quotes))) ++k;
        command += word[k];
      }
      out.push_back({co_await substitute(command), in_quotes, !in_quotes, false});
      i = std::min(word.size(), stop + 1);
    } else if (!in_quotes && (c == '<' || c == '>') && i + 1 < word.size() && word[i + 1] == '(') {
      const std::size_t end = std::min(word.size(), Parser::substitution_end(word, i + 1));
      out.push_back({co_await process_substitution(std::string(word.substr(i, end - i))), true, false, false});
      i = end;
    } else {
      const std::size_t begin = i++;
      constexpr std::string_view kStops = "\\'\"$`<>:";
      while (i < word.size() && kStops.find(word[i]) == std::string_view::npos) ++i;
      literal(word.substr(begin, i - begin), in_quotes);
      // PATH=~/bin:~/sbin
      if ((flags & (kAssignment | kTildes)) != 0 && i < word.size() && word[i] == ':' &&
          word.substr(i + 1).starts_with("~")) {
        literal(":", false);
        const std::size_t used = expand_tilde(word.substr(i + 1), out);
        i += 1 + used;
        if (used == 0) {
          literal("~", false);
          ++i;
        }
      }
    }
  }
}

// What begins with a dollar sign at `i`: the position behind it.
Task<std::size_t> Interpreter::expand_dollar(std::string_view word, std::size_t i, unsigned flags,
                                             std::vector<Piece>& out) {
  const bool in_quotes = (flags & kInQuotes) != 0;
  const char next = word[i + 1];
  const std::size_t found = skip_dollar(word, i, in_quotes);
  const std::size_t end = found == kOpenEnd ? word.size() : found;
  if (next == '\'' && !in_quotes) {
    const std::size_t stop = found == kOpenEnd ? end : end - 1;
    out.push_back({ansi_unquoted(word.substr(i + 2, stop - i - 2)), true, false, false});
    co_return end;
  }
  if (next == '"' && !in_quotes) co_return i + 1;  // $"…": a text nobody translates
  if ((next == '(' && word.substr(i).starts_with("$((") && skip_arithmetic(word, i + 1) != kOpenEnd) || next == '[') {
    const std::size_t border = next == '[' ? 1 : 2;
    const std::string text(word.substr(i + 1 + border, end - i - 1 - 2 * border));
    const std::string expression = co_await expand_arithmetic(text);
    if (flow_ != Flow::kNone) co_return end;
    const auto result = arithmetic(expression);
    if (!result) {
      co_await complain(result.error().message);
      discard(1);
      co_return end;
    }
    out.push_back({std::to_string(*result), in_quotes, !in_quotes, false});
    co_return end;
  }
  if (next == '(') {
    const std::size_t stop = found == kOpenEnd ? end : end - 1;
    const std::string command(word.substr(i + 2, stop - i - 2));
    out.push_back({co_await substitute(command), in_quotes, !in_quotes, false});
    co_return end;
  }
  if (next == '{') {
    const std::size_t stop = found == kOpenEnd ? end : end - 1;
    co_await parameter(word.substr(i + 2, stop - i - 2), flags, out);
    co_return end;
  }
  if (name_start(next)) {
    std::size_t stop = i + 1;
    while (stop < word.size() && name_part(word[stop])) ++stop;
    co_await parameter(word.substr(i + 1, stop - i - 1), flags, out);
    co_return stop;
  }
  if (std::string_view("0123456789@*#?$!-").find(next) != std::string_view::npos) {
    co_await parameter(word.substr(i + 1, 1), flags, out);
    co_return i + 2;
  }
  if (!out.empty() && out.back().quoted && !out.back().breaks)
    out.back().text += '$';
  else
    out.push_back({"$", true, false, false});
  co_return i + 1;
}

std::vector<std::string> Interpreter::split_fields(const std::vector<Piece>& pieces) const {
  std::vector<std::string> fields;
  const Variable* variable = variables_.find("IFS");
  const std::string ifs = variable == nullptr ? " \t\n" : variable->plain().value_or(" \t\n");
  std::string text;     // the field as text
  std::string pattern;  // the field as a pattern: quoted parts escaped
  bool exists = false;
  bool special = false;
  bool after_white = false;  // a field ended with white space: one separator may follow
  auto finish = [&] {
    if (!exists) return;
    special = special && !option("noglob") && is_pattern(pattern);
    std::vector<std::string> matches;
    if (special) matches = glob(pattern);
    if (!matches.empty())
      fields.insert(fields.end(), matches.begin(), matches.end());
    else if (!special || !shopt("nullglob"))
      fields.push_back(text);
    text.clear();
    pattern.clear();
    exists = false;
    special = false;
  };
  for (const Piece& piece : pieces) {
    if (piece.breaks) {
      finish();
      after_white = false;
      continue;
    }
    if (piece.quoted) {
      text += piece.text;
      pattern += escape_pattern(piece.text);
      exists = true;
      after_white = false;
      continue;
    }
    for (char c : piece.text) {
      if (piece.split && ifs.find(c) != std::string::npos) {
        if (white(c)) {
          after_white = after_white || exists;
          finish();
        } else {
          if (!exists && after_white) {
            after_white = false;
            continue;
          }
          exists = true;
          finish();
          after_white = false;
        }
        continue;
      }
      text += c;
      pattern += c;
      exists = true;
      after_white = false;
      special = special || c == '*' || c == '?' || c == '[' || c == '(';
    }
  }
  finish();
  return fields;
}

Task<std::vector<std::string>> Interpreter::expand(std::string word) {
  std::vector<std::string> fields;
  std::vector<std::string> parts;
  if (option("braceexpand") && flavour_ != Flavour::kDash && contains(word, "{"))
    parts = expand_braces(word);
  else
    parts.push_back(word);
  for (const std::string& part : parts) {
    std::vector<Piece> pieces;
    const std::size_t equals = part.find("=~");
    if (equals != std::string::npos && is_assignment(part.substr(0, equals + 1))) {
      // An argument such as --x=~ is none, but name=~/x has its tilde expanded.
      pieces.push_back({part.substr(0, equals + 1), true, false, false});
      co_await expand_pieces(std::string_view(part).substr(equals + 1), kTildes, pieces);
    } else {
      co_await expand_pieces(part, 0, pieces);
    }
    if (flow_ != Flow::kNone) co_return fields;
    for (std::string& field : split_fields(pieces)) fields.push_back(std::move(field));
  }
  if (shopt("failglob") && fields.size() == 1 && is_pattern(word) && fields[0] == word) {
    co_await complain("no match: " + word);
    discard(1);
  }
  co_return fields;
}

Task<std::string> Interpreter::expand_one(std::string word) {
  std::vector<Piece> pieces;
  co_await expand_pieces(word, 0, pieces);
  co_return plain_text(pieces);
}

Task<std::string> Interpreter::expand_pattern(std::string word, bool regex) {
  std::vector<Piece> pieces;
  co_await expand_pieces(word, 0, pieces);
  std::string pattern;
  for (const Piece& piece : pieces) {
    if (piece.breaks)
      pattern += ' ';
    else if (piece.quoted)
      pattern += regex ? escape_regex(piece.text) : escape_pattern(piece.text);
    else
      pattern += piece.text;
  }
  co_return pattern;
}

Task<std::string> Interpreter::expand_arithmetic(std::string text) {
  if (text.find_first_of("$`\"'\\") == std::string::npos) co_return text;
  std::vector<Piece> pieces;
  co_await expand_pieces(text, kInQuotes, pieces);
  co_return plain_text(pieces);
}

std::vector<std::string> Interpreter::glob(const std::string& pattern) const {
  std::vector<std::string> found{pattern.starts_with("/") ? "/" : ""};
  std::vector<std::string> parts;
  std::string part;
  int depth = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {  // at slashes outside brackets
    if (pattern[i] == '(') ++depth;
    if (pattern[i] == ')') --depth;
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      part += pattern[i++];
      part += pattern[i];
    } else if (pattern[i] == '/' && depth <= 0) {
      parts.push_back(std::exchange(part, {}));
    } else {
      part += pattern[i];
    }
  }
  parts.push_back(part);
  const bool folder_only = parts.size() > 1 && parts.back().empty();
  if (folder_only) parts.pop_back();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty()) continue;
    const bool last = i + 1 == parts.size();
    std::vector<std::string> next;
    for (const std::string& base : found) {
      if (!is_pattern(parts[i])) {
        const std::string path = base + unescape_pattern(parts[i]);
        if (process_.stat(path, false)) next.push_back(last && !folder_only ? path : path + "/");
        continue;
      }
      if (parts[i] == "**" && shopt("globstar")) {
        // Every directory below, and at the end every file too.
        std::vector<std::string> open{base};
        while (!open.empty()) {
          const std::string folder = open.back();
          open.pop_back();
          if (!last || !folder.empty()) next.push_back(last ? folder : folder);
          auto names = process_.list_directory(folder.empty() ? "." : folder);
          if (!names) continue;
          for (const std::string& name : *names) {
            if (name.starts_with(".") && !shopt("dotglob")) continue;
            const auto info = process_.stat(folder + name, false);
            if (info && info->type == FileType::kDirectory)
              open.push_back(folder + name + "/");
            else if (last)
              next.push_back(folder + name);
          }
        }
        continue;
      }
      auto names = process_.list_directory(base.empty() ? "." : base);
      if (!names) continue;
      std::vector<std::string> all = *names;
      if (parts[i].starts_with(".")) {
        all.emplace_back(".");
        all.emplace_back("..");
      }
      for (const std::string& name : all) {
        if (name.starts_with(".") && !parts[i].starts_with(".") && !shopt("dotglob")) continue;
        if (!match_pattern(parts[i], name, shopt("nocaseglob"))) continue;
        const auto info = process_.stat(base + name);
        if ((!last || folder_only) && (!info || info->type != FileType::kDirectory)) continue;
        next.push_back(last && !folder_only ? base + name : base + name + "/");
      }
    }
    found = std::move(next);
  }
  std::sort(found.begin(), found.end());
  return found;
}

// The output of a command, without its last newlines.
Task<std::string> Interpreter::substitute(std::string text) {
  // $(< file)
  const std::string_view trimmed = trim(text);
  if (trimmed.starts_with("<") && !trimmed.starts_with("<<") && !trimmed.starts_with("<(") &&
      trimmed.find_first_of(";|&\n") == std::string_view::npos) {
    const std::string path = co_await expand_one(std::string(trim(trimmed.substr(1))));
    const auto content = process_.read_file(path);
    ++substituted_;
    status_ = content ? 0 : 1;
    if (!content) co_await complain(path + ": " + std::string(errno_text(content.error())));
    std::string output = content ? *content : "";
    while (output.ends_with("\n")) output.pop_back();
    co_return output;
  }
  auto [reader, writer] = make_pipe(process_.loop());
  SpawnOptions options;
  options.files[1] = std::move(writer);
  auto snapshot = std::make_shared<const Interpreter>(*this, process_);
  const int first_line = line_;
  const Pid child = process_.fork(
      [snapshot, text, first_line](Process& forked) -> Task<int> {
        Interpreter shell(*snapshot, forked);
        if (!shell.option("posix") && !shell.shopt("inherit_errexit")) shell.set_option("errexit", false);
        shell.condition_depth_ = 0;
        const std::string source = shell.interactive ? shell.name_ : shell.name_;
        int code = co_await shell.run_text(text, source, first_line);
        co_await shell.run_exit_trap();
        co_return shell.exiting() || shell.flow_ == Flow::kDiscard ? shell.exit_code_ : code;
      },
      std::move(options));
  std::string output;
  for (;;) {
    auto piece = co_await reader->read(process_, 65536);
    if (!piece) {
      if (piece.error() != Errno::kIntr) break;
      collect_signals();
      continue;
    }
    if (piece->empty()) break;
    output += *piece;
  }
  for (;;) {
    const auto waited = co_await process_.wait(child);
    ++substituted_;
    if (waited) status_ = waited->status.shell_code();
    if (waited || waited.error() != Errno::kIntr) {
      if (waited && waited->status.signal == kSigInt && interactive && !in_subshell_) discard(130);
      break;
    }
    collect_signals();
  }
  std::erase(output, '\0');
  while (output.ends_with("\n")) output.pop_back();
  co_return output;
}

}  // namespace drydock::shell
