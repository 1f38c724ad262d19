#include "core/programs/command_flags.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/process.h"

namespace drydock {

std::vector<CommandFlags::Declared> CommandFlags::declared_in(std::string_view help) {
  std::vector<Declared> all;
  for (const std::string& line : split(help, '\n')) {
    const std::string_view text = trim(line);
    if (line.empty() || line[0] != ' ' || !text.starts_with("-")) continue;
    const std::string_view names = text.substr(0, text.find("  "));
    Declared flag;
    for (const std::string& piece : split(names, ',')) {
      std::string_view name = trim(piece);
      if (!name.starts_with("-")) continue;
      const bool full = name.starts_with("--");
      name.remove_prefix(full ? 2 : 1);
      std::string_view rest;
      if (full) {
        const std::size_t end = std::min(name.find_first_of("=[ "), name.size());
        rest = name.substr(end);
        name = name.substr(0, end);
      } else if (name != "NUM") {
        rest = name.substr(1);
        name = name.substr(0, 1);
      }
      if (name == "NUM" || rest.starts_with("=") || rest.starts_with(" ")) flag.value = Declared::Value::kRequired;
      if (rest.starts_with("[")) flag.value = Declared::Value::kOptional;
      flag.names.emplace_back(name);
    }
    if (!flag.names.empty()) all.push_back(std::move(flag));
  }
  return all;
}

CommandFlags CommandFlags::parse(std::span<const std::string> arguments, std::string_view help, Order order) {
  CommandFlags flags;
  flags.declared_ = declared_in(help);
  for (std::size_t i = 0; i < arguments.size() && flags.problem_.empty(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--") {
      flags.operands_.insert(flags.operands_.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                             arguments.end());
      break;
    }
    if (word.size() < 2 || word[0] != '-') {
      if (order == Order::kOptionsFirst) {
        flags.operands_.assign(arguments.begin() + static_cast<std::ptrdiff_t>(i), arguments.end());
        break;
      }
      flags.operands_.push_back(word);
    } else if (word.starts_with("--")) {
      flags.take_long(word, arguments, i);
    } else {
      flags.take_short(word, arguments, i);
    }
  }
  return flags;
}

void CommandFlags::take_long(const std::string& word, std::span<const std::string> arguments, std::size_t& at) {
  const std::size_t equals = word.find('=');
  const std::string typed = word.substr(2, equals == std::string::npos ? equals : equals - 2);
  const Declared* chosen = nullptr;
  std::string full;
  std::vector<std::string> candidates;
  bool ambiguous = false;
  for (const Declared& flag : declared_) {
    for (const std::string& name : flag.names) {
      if (name.size() < 2 || name == "NUM" || !name.starts_with(typed)) continue;
      ambiguous = ambiguous || (chosen != nullptr && chosen != &flag);
      if (chosen == nullptr || name == typed) {
        chosen = &flag;
        full = name;
      }
      candidates.push_back(name);
    }
  }
  if (full == typed) ambiguous = false;  // an exact name beats those that begin with it
  if (chosen == nullptr) {
    problem_ = "unrecognized option '" + word + "'";
    return;
  }
  if (ambiguous) {
    problem_ = "option '" + word + "' is ambiguous; possibilities:";
    for (const std::string& name : candidates) problem_ += " '--" + name + "'";
    return;
  }
  Given given{chosen->names[0], "", false};
  if (equals != std::string::npos) {
    if (chosen->value == Declared::Value::kNone) {
      problem_ = "option '--" + full + "' doesn't allow an argument";
      return;
    }
    given.value = word.substr(equals + 1);
    given.has_value = true;
  } else if (chosen->value == Declared::Value::kRequired) {
    if (at + 1 >= arguments.size()) {
      problem_ = "option '--" + full + "' requires an argument";
      return;
    }
    given.value = arguments[++at];
    given.has_value = true;
  }
  given_.push_back(std::move(given));
}

void CommandFlags::take_short(const std::string& word, std::span<const std::string> arguments, std::size_t& at) {
  for (std::size_t k = 1; k < word.size(); ++k) {
    const std::string letter(1, word[k]);
    const auto flag = std::find_if(declared_.begin(), declared_.end(), [&](const Declared& known) {
      return std::find(known.names.begin(), known.names.end(), letter) != known.names.end();
    });
    if (flag == declared_.end()) {
      const auto number = std::find_if(declared_.begin(), declared_.end(),
                                       [](const Declared& known) { return known.names[0] == "NUM"; });
      if (number != declared_.end() && word[k] >= '0' && word[k] <= '9') {
        std::size_t end = k;
        while (end < word.size() && word[end] >= '0' && word[end] <= '9') ++end;
        given_.push_back({"NUM", word.substr(k, end - k), true});
        k = end - 1;
        continue;
      }
      problem_ = "invalid option -- '" + letter + "'";
      return;
    }
    Given given{flag->names[0], "", false};
    if (flag->value != Declared::Value::kNone && k + 1 < word.size()) {
      given.value = word.substr(k + 1);
      given.has_value = true;
      k = word.size();
    } else if (flag->value == Declared::Value::kRequired) {
      if (at + 1 >= arguments.size()) {
        problem_ = "option requires an argument -- '" + letter + "'";
        return;
      }
      given.value = arguments[++at];
      given.has_value = true;
    }
    given_.push_back(std::move(given));
  }
}

std::string CommandFlags::canonical(std::string_view name) const {
  for (const Declared& flag : declared_) {
    if (std::find(flag.names.begin(), flag.names.end(), name) != flag.names.end()) return flag.names[0];
  }
  return std::string(name);
}

const CommandFlags::Given* CommandFlags::find(std::string_view name) const {
  const std::string wanted = canonical(name);
  const auto at =
      std::find_if(given_.rbegin(), given_.rend(), [&](const Given& given) { return given.name == wanted; });
  return at == given_.rend() ? nullptr : &*at;
}

std::string CommandFlags::value(std::string_view name, std::string_view fallback) const {
  const Given* given = find(name);
  return given != nullptr && given->has_value ? given->value : std::string(fallback);
}

std::vector<std::string> CommandFlags::values(std::string_view name) const {
  const std::string wanted = canonical(name);
  std::vector<std::string> all;
  for (const Given& given : given_) {
    if (given.name == wanted && given.has_value) all.push_back(given.value);
  }
  return all;
}

std::string CommandFlags::last_of(std::string_view names) const {
  std::string last;
  std::vector<std::pair<std::string, std::string>> wanted;  // canonical, as asked
  for (std::string& name : split_whitespace(names)) wanted.emplace_back(canonical(name), name);
  for (const Given& given : given_) {
    for (const auto& [known, asked] : wanted) {
      if (given.name == known) last = asked;
    }
  }
  return last;
}

Task<void> complain_with_hint(Process& process, std::string text) {
  const std::string name(process.name());
  co_await process.err(name + ": " + text + "\nTry '" + name + " --help' for more information.\n");
}

Task<CommandFlags> read_flags(Process& process, std::string_view help, int error_code, CommandFlags::Order order) {
  std::vector<std::string> arguments(process.arguments().begin(), process.arguments().end());
  co_return co_await read_flags_of(process, std::move(arguments), help, error_code, order);
}

Task<CommandFlags> read_flags_of(Process& process, std::vector<std::string> arguments, std::string_view help,
                                 int error_code, CommandFlags::Order order) {
  CommandFlags flags = CommandFlags::parse(arguments, std::string(help) + "      --help\n      --version\n", order);
  if (!flags.problem().empty()) {
    co_await complain_with_hint(process, flags.problem());
    flags.ended_ = true;
    flags.exit_code_ = error_code;
  } else if (flags.has("help")) {
    std::string text(help);
    if (!contains(help, "--help ")) text += "      --help     display this help and exit\n";
    if (!contains(help, "--version ")) text += "      --version  output version information and exit\n";
    co_await process.out(std::move(text));
    flags.ended_ = true;
  } else if (flags.has("version")) {
    co_await process.out(std::string(process.name()) + " (Drydock, after the GNU tool of that name)\n");
    flags.ended_ = true;
  }
  co_return flags;
}

}  // namespace drydock
