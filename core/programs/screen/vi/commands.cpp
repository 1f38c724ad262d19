// Vi's command line: ranges and ex commands.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/screen/vi/vi.h"

namespace drydock::screen {
namespace {

struct Option {
  std::string_view name;
  std::string_view brief;
};
constexpr Option kSwitches[] = {
    {"number", "nu"},     {"relativenumber", "rnu"}, {"wrap", "wrap"},      {"list", "list"},      {"paste", "paste"},
    {"ignorecase", "ic"}, {"smartcase", "scs"},      {"hlsearch", "hls"},   {"incsearch", "is"},   {"wrapscan", "ws"},
    {"expandtab", "et"},  {"autoindent", "ai"},      {"smartindent", "si"}, {"cursorline", "cul"}, {"ruler", "ru"},
    {"showmode", "smd"},  {"showcmd", "sc"},         {"readonly", "ro"},    {"compatible", "cp"},  {"syntax", "syn"},
    {"cindent", "cin"},   {"swapfile", "swf"},       {"modifiable", "ma"},  {"hidden", "hid"}};

std::string_view take_word(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && ((text[end] >= 'a' && text[end] <= 'z') || (text[end] >= 'A' && text[end] <= 'Z'))) ++end;
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

}  // namespace

// A line address at text[i]: a row, or nothing (an error is told).
std::optional<std::size_t> Vi::address(std::string_view text, std::size_t& i) {
  std::optional<std::int64_t> row;
  if (i >= text.size()) return std::nullopt;
  if (text[i] >= '0' && text[i] <= '9') {
    std::int64_t number = 0;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') number = number * 10 + (text[i++] - '0');
    row = number - 1;
  } else if (text[i] == '.') {
    row = static_cast<std::int64_t>(cursor_.row);
    ++i;
  } else if (text[i] == '$') {
    row = static_cast<std::int64_t>(text_.size()) - 1;
    ++i;
  } else if (text[i] == '\'' && i + 1 < text.size()) {
    const auto mark = marks_.find(text[i + 1]);
    i += 2;
    if (mark == marks_.end()) {
      complain("E20: Mark not set");
      return std::nullopt;
    }
    row = static_cast<std::int64_t>(mark->second.row);
  } else if (text[i] == '/' || text[i] == '?') {
    const char border = text[i];
    std::size_t end = i + 1;
    while (end < text.size() && text[end] != border) end += text[end] == '\\' ? 2 : 1;
    end = std::min(end, text.size());
    pattern_ = std::string(text.substr(i + 1, end - i - 1));
    i = std::min(text.size(), end + 1);
    const Motion found = search(border == '/', 1);
    if (!found.ok) return std::nullopt;
    message_.clear();
    row = static_cast<std::int64_t>(found.to.row);
  } else if (text[i] == '+' || text[i] == '-') {
    row = static_cast<std::int64_t>(cursor_.row);
  }
  if (!row) return std::nullopt;
  while (i < text.size() && (text[i] == '+' || text[i] == '-')) {
    const std::int64_t sign = text[i++] == '+' ? 1 : -1;
    std::int64_t by = 0;
    bool digits = false;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') {
      by = by * 10 + (text[i++] - '0');
      digits = true;
    }
    *row += sign * (digits ? by : 1);
  }
  return static_cast<std::size_t>(std::max<std::int64_t>(*row, 0));
}

// "3 fewer lines", when it is worth telling.
void Vi::tell_lines(std::int64_t before) {
  const std::int64_t by = static_cast<std::int64_t>(text_.size()) - before;
  if (by > 2) say(std::to_string(by) + " more lines");
  if (by < -2) say(std::to_string(-by) + " fewer lines");
}

void Vi::set_options(std::string_view words) {
  for (std::string word : split_whitespace(words)) {
    std::string value;
    const std::size_t equals = word.find_first_of("=:");
    const bool asks = word.ends_with("?");
    const bool flips = word.ends_with("!");
    if (asks || flips) word.pop_back();
    if (equals != std::string::npos) {
      value = word.substr(equals + 1);
      word.resize(equals);
    }
    if (word == "all") continue;
    const bool number_option = word == "ts" || word == "tabstop" || word == "sw" || word == "shiftwidth" ||
                               word == "sts" || word == "softtabstop";
    if (number_option) {
      std::size_t& target = word == "ts" || word == "tabstop" ? tab_stop_ : shift_width_;
      const std::string long_name = word == "ts" || word == "tabstop"                     ? "tabstop"
                                    : word.starts_with("sts") || word.starts_with("soft") ? "softtabstop"
                                                                                          : "shiftwidth";
      if (equals == std::string::npos) {
        say("  " + long_name + "=" + std::to_string(target));
        continue;
      }
      const auto number = parse_int(value);
      if (!number || *number < 0 || *number > 100) {
        complain("E521: Number required after =: " + word + "=" + value);
        return;
      }
      target = *number == 0 ? tab_stop_ : static_cast<std::size_t>(*number);
      continue;
    }
    const bool off = word.starts_with("no") && word != "nowrapscan_";
    std::string name = off ? word.substr(2) : word.starts_with("inv") ? word.substr(3) : word;
    const auto* found = std::find_if(std::begin(kSwitches), std::end(kSwitches),
                                     [&](const Option& each) { return each.name == name || each.brief == name; });
    if (found == std::end(kSwitches)) {
      if (equals != std::string::npos || name == "encoding" || name == "mouse" || name == "background" ||
          name == "ff" || name == "fileformat")
        continue;
      complain("E518: Unknown option: " + word);
      return;
    }
    const std::string long_name(found->name);
    if (asks) {
      say(std::string(options_.contains(long_name) ? "  " : "no") + long_name);
      continue;
    }
    const bool on = (flips || word.starts_with("inv")) ? !options_.contains(long_name) : !off;
    if (on)
      options_.insert(long_name);
    else
      options_.erase(long_name);
    if (long_name == "readonly") read_only_ = on;
    if (long_name == "hlsearch") highlight_ = on;
  }
}

// :!command, with the terminal.
Task<void> Vi::shell_command(std::string command) {
  screen_.leave();
  SpawnOptions options;
  options.argv = {"sh", "-c", std::move(command)};
  const ExitStatus status = co_await process_.run(std::move(options));
  if (status.shell_code() != 0) co_await process_.out("\nshell returned " + std::to_string(status.shell_code()) + "\n");
  co_await process_.out("\nPress ENTER or type command to continue");
  screen_.resume();
  (void)co_await key();
  screen_.invalidate();
}

Task<void> Vi::quit_command(std::string name, bool force) {
  const bool writes = name == "wq" || name == "x" || name == "xit" || name == "exit" || name == "wqa" ||
                      name == "wqall" || name == "xa" || name == "xall";
  if (writes && (name.starts_with("w") || text_.modified || new_file_)) {
    if (!co_await write("", 0, text_.size() - 1, force, false)) co_return;
  }
  if (name == "cq" || name == "cquit") {
    code_ = 1;
    done_ = true;
    co_return;
  }
  if (!force && !writes && text_.modified) {
    complain(name.ends_with("a") || name.ends_with("all") ? "E37: No write since last change (add ! to override)"
                                                          : "E37: No write since last change (add ! to override)");
    co_return;
  }
  if (!force && !name.ends_with("a") && !name.ends_with("all") && file_index_ + 1 < files_.size()) {
    const std::size_t left = files_.size() - file_index_ - 1;
    complain("E173: " + std::to_string(left) + " more file" + (left == 1 ? "" : "s") + " to edit");
    file_index_ = files_.size();  // asked twice, it goes
    co_return;
  }
  done_ = true;
}

Task<void> Vi::command_line(std::string text) {
  std::size_t i = 0;
  while (i < text.size() && (text[i] == ' ' || text[i] == ':')) ++i;
  if (i >= text.size() || text[i] == '"') co_return;
  // The range.
  std::size_t first = cursor_.row;
  std::size_t last = cursor_.row;
  int addresses = 0;
  if (text[i] == '%') {
    first = 0;
    last = text_.size() - 1;
    addresses = 2;
    ++i;
  } else {
    const bool could =
        i < text.size() && std::string_view("0123456789.$'/?+-,").find(text[i]) != std::string_view::npos;
    if (could) {
      if (text[i] != ',') {
        const auto row = address(text, i);
        if (!row) co_return;
        first = last = *row;
        addresses = 1;
      }
      if (i < text.size() && (text[i] == ',' || text[i] == ';')) {
        ++i;
        const auto row = address(text, i);
        if (error_) co_return;
        last = row.value_or(cursor_.row);
        addresses = 2;
      }
    }
  }
  const std::string_view left = std::string_view(text).substr(i);
  std::string_view rest = left;
  if (first > last) std::swap(first, last);
  if (rest.empty()) {  // :12
    if (last >= text_.size()) {
      cursor_.row = text_.size() - 1;
    } else {
      cursor_.row = last;
    }
    marks_['\''] = cursor_;
    cursor_.column = first_non_blank(cursor_.row);
    co_return;
  }
  if (last >= text_.size()) {
    complain("E16: Invalid range");
    co_return;
  }
  while (!rest.empty() && rest[0] == ' ') rest.remove_prefix(1);
  const std::string all(rest);
  std::string name(take_word(rest));
  if (name.empty()) {
    name = std::string(rest.substr(0, 1));
    rest.remove_prefix(1);
  }
  // s, g and v take their pattern right behind the letter, d and y a register.
  if (name.size() > 1 && (name[0] == 's') && !rest.empty() && false) name = "s";
  bool force = false;
  const bool takes_force = name != "s" && name != "g" && name != "!";
  if (takes_force && rest.starts_with("!")) {
    force = true;
    rest.remove_prefix(1);
  }
  const std::string argument(trim(rest));
  const auto before = static_cast<std::int64_t>(text_.size());
  auto begin_change = [&] {
    text_.remember(cursor_);
    changing_ = true;
  };
  if (name == "q" || name == "quit" || name == "qa" || name == "qall" || name == "wq" || name == "x" || name == "xit" ||
      name == "exit" || name == "wqa" || name == "wqall" || name == "xa" || name == "xall" || name == "cq" ||
      name == "cquit") {
    if ((name == "wq" || name == "x") && !argument.empty()) {
      if (co_await write(argument, first, addresses == 0 ? text_.size() - 1 : last, force, false)) done_ = true;
      co_return;
    }
    co_await quit_command(name, force);
  } else if (name == "w" || name == "write" || name == "wa" || name == "wall" || name == "up" || name == "update" ||
             name == "sav" || name == "saveas") {
    if (argument.starts_with("!") || (force && !argument.empty() && rest.starts_with("!")))
      co_return co_await shell_command(argument.substr(1));
    const bool append = argument.starts_with(">>");
    const std::string target(trim(append ? std::string_view(argument).substr(2) : std::string_view(argument)));
    if (addresses == 0) {
      first = 0;
      last = text_.size() - 1;
    }
    (void)co_await write(target, first, last, force, append);
    if (name.starts_with("sav") && !target.empty()) path_ = target;
  } else if (name == "e" || name == "edit" || name == "ed" || name == "view" || name == "sp" || name == "split" ||
             name == "vs" || name == "vsplit" || name == "tabe" || name == "tabnew") {
    if (!force && text_.modified) {
      complain("E37: No write since last change (add ! to override)");
      co_return;
    }
    if (argument.empty() && path_.empty()) {
      complain("E32: No file name");
      co_return;
    }
    (void)load(argument.empty() ? path_ : argument);
  } else if (name == "ene" || name == "enew") {
    path_.clear();
    text_.load("");
    cursor_ = {};
  } else if (name == "n" || name == "next" || name == "N" || name == "Next" || name == "prev" || name == "previous") {
    const bool forwards = name == "n" || name == "next";
    if (!force && text_.modified) {
      complain("E37: No write since last change (add ! to override)");
    } else if (forwards ? file_index_ + 1 >= files_.size() : file_index_ == 0) {
      complain(files_.size() < 2 ? "E163: There is only one file to edit"
               : forwards        ? "E165: Cannot go beyond last file"
                                 : "E164: Cannot go before first file");
    } else {
      file_index_ += forwards ? 1 : static_cast<std::size_t>(-1);
      (void)load(files_[file_index_]);
    }
  } else if (name == "r" || name == "read") {
    std::string content;
    if (argument.starts_with("!")) {
      SpawnOptions options;
      options.argv = {"sh", "-c", argument.substr(1)};
      options.files[0] = make_null_file();
      auto sink = make_sink([&content](std::string_view bytes) { content += bytes; });
      options.files[1] = sink;
      options.files[2] = sink;
      (void)co_await process_.run(std::move(options));
    } else {
      const auto read = process_.read_file(argument.empty() ? path_ : argument);
      if (!read) {
        complain("E484: Can't open file " + argument);
        co_return;
      }
      content = *read;
    }
    if (content.empty()) co_return;
    begin_change();
    text_.insert_lines(addresses > 0 ? last + 1 : cursor_.row + 1, content);
    cursor_ = {(addresses > 0 ? last : cursor_.row) + 1, 0};
    tell_lines(before);
  } else if (name == "f" || name == "file") {
    if (!argument.empty()) path_ = argument;
    say(shown_name() + (text_.modified ? " [Modified]" : "") + " line " + std::to_string(cursor_.row + 1) + " of " +
        std::to_string(text_.size()) + " --" + std::to_string((cursor_.row + 1) * 100 / text_.size()) + "%--");
  } else if (name == "se" || name == "set" || name == "setl" || name == "setlocal") {
    set_options(argument);
  } else if (name == "s" || name == "substitute" ||
             (name[0] == 's' && name.size() <= 4 && name.find_first_not_of("sgcinI") == std::string::npos)) {
    std::string spec = all.substr(1);
    if (name == "substitute") spec = all.substr(10);
    if (name.size() > 1 && name != "substitute") spec.clear();
    co_await substitute(std::string(trim(spec)).empty() ? "" : spec, first, last);
  } else if (name == "g" || name == "global" || name == "v" || name == "vglobal") {
    const bool inverted = name[0] == 'v' || rest.starts_with("!");
    if (rest.starts_with("!")) rest.remove_prefix(1);
    if (addresses == 0) {
      first = 0;
      last = text_.size() - 1;
    }
    co_await global(std::string(rest), first, last, !inverted);
  } else if (name == "d" || name == "delete" || name == "de" || name == "del") {
    begin_change();
    yank(text_.copy_lines(first, last), true, true);
    (void)text_.cut_lines(first, last);
    cursor_ = {std::min(first, text_.size() - 1), 0};
    cursor_.column = first_non_blank(cursor_.row);
    tell_lines(before);
  } else if (name == "y" || name == "yank") {
    yank(text_.copy_lines(first, last), true, false);
    if (last - first > 1) say(std::to_string(last - first + 1) + " lines yanked");
  } else if (name == "pu" || name == "put") {
    begin_change();
    cursor_.row = last;
    register_ = argument.empty() ? '"' : argument[0];
    const auto stored = registers_.find(register_);
    if (stored != registers_.end()) text_.insert_lines(last + 1, stored->second.text);
    cursor_.row = std::min(last + 1, text_.size() - 1);
  } else if (name == ">" || name == "<") {
    begin_change();
    int by = 1;
    for (char c : argument) by += c == name[0] ? 1 : 0;
    shift_lines(first, last, name == ">" ? by : -by);
    cursor_ = {last, first_non_blank(last)};
  } else if (name == "m" || name == "move" || name == "t" || name == "co" || name == "copy") {
    std::size_t k = 0;
    std::size_t target = 0;
    if (argument != "0") {
      const auto row = address(argument, k);
      if (!row) {
        if (!error_) complain("E16: Invalid range");
        co_return;
      }
      target = *row + 1;
    }
    begin_change();
    const std::string moved = text_.copy_lines(first, last);
    const std::size_t count = last - first + 1;
    if (name[0] == 'm') {
      if (target > first && target <= last) co_return;
      (void)text_.cut_lines(first, last);
      if (target > last) target -= count;
    }
    text_.insert_lines(target, moved);
    cursor_ = {std::min(target + count, text_.size()) - 1, 0};
  } else if (name == "j" || name == "join") {
    begin_change();
    cursor_.row = first;
    join_lines(std::max<std::size_t>(2, last - first + 1), true);
  } else if (name == "sor" || name == "sort") {
    begin_change();
    const auto begin = text_.lines.begin() + static_cast<std::ptrdiff_t>(addresses == 0 ? 0 : first);
    const auto end = addresses == 0 ? text_.lines.end() : text_.lines.begin() + static_cast<std::ptrdiff_t>(last) + 1;
    std::sort(begin, end);
    if (force) std::reverse(begin, end);
    if (contains(argument, "u")) text_.lines.erase(std::unique(begin, end), end);
  } else if (name == "norm" || name == "normal") {
    const std::vector<Key> keys = keys_of(argument);
    begin_change();
    for (std::size_t row = first; row <= last && row < text_.size(); ++row) {
      cursor_ = {row, 0};
      std::deque<Key> outer = std::exchange(replay_, {});
      replay_.assign(keys.begin(), keys.end());
      Key escape;
      escape.kind = Key::Kind::kEscape;
      replay_.push_back(escape);
      while (!replay_.empty() && !done_) co_await normal();
      replay_ = std::move(outer);
    }
  } else if (name == "u" || name == "undo") {
    if (const auto at = text_.undo(cursor_)) cursor_ = *at;
  } else if (name == "red" || name == "redo") {
    if (const auto at = text_.redo()) cursor_ = *at;
  } else if (name == "noh" || name == "nohlsearch") {
    highlight_ = false;
  } else if (name == "!") {
    if (addresses > 0) {
      // The lines through a filter.
      std::string out;
      SpawnOptions options;
      options.argv = {"sh", "-c", argument};
      options.files[0] = make_string_source(text_.copy_lines(first, last));
      auto sink = make_sink([&out](std::string_view bytes) { out += bytes; });
      options.files[1] = sink;
      options.files[2] = sink;
      (void)co_await process_.run(std::move(options));
      begin_change();
      (void)text_.cut_lines(first, last);
      if (!out.empty()) text_.insert_lines(first, out);
      if (text_.size() > 1 && first == 0 && last + 1 >= static_cast<std::size_t>(before)) text_.lines.pop_back();
      say(std::to_string(last - first + 1) + " lines filtered");
      cursor_ = {std::min(first, text_.size() - 1), 0};
    } else {
      co_await shell_command(argument);
    }
  } else if (name == "sh" || name == "shell") {
    co_await shell_command("exec \"${SHELL:-sh}\"");
  } else if (name == "k" || name == "ma" || name == "mark") {
    if (!argument.empty()) marks_[argument[0]] = {last, 0};
  } else if (name == "reg" || name == "registers" || name == "di" || name == "display") {
    std::string shown = "Type Name Content";
    for (const auto& [letter, stored] : registers_)
      shown += std::string("   \"") + letter + "   " + replace_all(stored.text, "\n", "^J");
    say(shown);
  } else if (name == "p" || name == "print" || name == "nu" || name == "number" || name == "#" || name == "P") {
    cursor_ = {last, first_non_blank(last)};
    say(text_.line(last));
  } else if (name == "=") {
    say("line " + std::to_string(addresses == 0 ? text_.size() : last + 1));
  } else if (name == "syntax" || name == "syn" || name == "filetype" || name == "colorscheme" || name == "colo" ||
             name == "retab" || name == "ret" || name == "map" || name == "noremap" || name == "let" || name == "hi" ||
             name == "highlight" || name == "autocmd" || name == "au" || name == "only" || name == "on") {
    if (name.starts_with("ret")) {
      begin_change();
      for (std::string& line : text_.lines) {
        if (options_.contains("expandtab")) line = replace_all(line, "\t", std::string(tab_stop_, ' '));
      }
    }
  } else if (name == "ver" || name == "version") {
    say("VIM - Vi IMproved 8.2");
  } else if (name == "h" || name == "help") {
    complain("E433: No tags file");
  } else if (name == "pwd" || name == "pw") {
    say(process_.cwd());
  } else if (name == "cd") {
    const auto moved = process_.change_directory(argument.empty() ? std::string(process_.env("HOME")) : argument);
    if (!moved) complain("E344: Can't find directory \"" + argument + "\" in cdpath");
  } else {
    complain("E492: Not an editor command: " + text.substr(text.find_first_not_of(": ")));
  }
}

}  // namespace drydock::screen
