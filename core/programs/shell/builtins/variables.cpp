// export, readonly, declare, typeset, local, unset, let.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/shell/builtins/builtins.h"
#include "core/programs/shell/expansion/quoting.h"

namespace drydock::shell {
namespace {

// The name that an argument such as "x", "x=1", "x+=1", "x[2]=1" is about.
std::string name_in(const std::string& word) {
  std::size_t end = 0;
  while (end < word.size() && name_part(word[end])) ++end;
  return word.substr(0, end);
}

bool names_variable(const std::string& word) {
  const std::string name = name_in(word);
  if (!is_name(name)) return false;
  return name.size() == word.size() || is_assignment(word) || word[name.size()] == '[';
}

std::string quoted_for_assignment(const std::string& text) { return single_quoted(text); }

}  // namespace

// "declare -x NAME="value"", as declare -p prints.
std::string Builtins::declaration(const std::string& name, const Variable& variable) const {
  std::string text = "declare " + variable.attributes() + " " + name;
  if (!variable.has_value) return text + "\n";
  if (variable.kind == Variable::Kind::kScalar) return text + "=" + double_quoted(variable.value) + "\n";
  text += "=(";
  bool first = true;
  for (const auto& [index, item] : variable.items) {
    text += (first ? "[" : " [") + std::to_string(index) + "]=" + double_quoted(item);
    first = false;
  }
  for (const auto& [key, item] : variable.table) {
    const bool plain = quote_when_needed(key) == key;
    text += "[" + (plain ? key : double_quoted(key)) + "]=" + double_quoted(item) + " ";
  }
  return text + ")\n";
}

Task<int> Builtins::list_variables(std::string flags) {
  std::string text;
  for (const auto& [name, variable] : shell_.variables_.all()) {
    const std::string own = variable.attributes();
    const bool wanted =
        std::all_of(flags.begin(), flags.end(), [&](char c) { return own.find(c) != std::string::npos; });
    if (wanted) text += declaration(name, variable);
  }
  co_return co_await print(text);
}

Task<int> Builtins::list_functions(bool names_only, std::vector<std::string> wanted) {
  std::string text;
  int code = 0;
  if (wanted.empty()) {
    for (const auto& [name, body] : shell_.functions_) wanted.push_back(name);
    for (const std::string& name : wanted)
      text += names_only ? "declare -f " + name + "\n" : name + " () \n" + unparse(*shell_.functions_.at(name)) + "\n";
    co_return co_await print(text);
  }
  for (const std::string& name : wanted) {
    const auto at = shell_.functions_.find(name);
    if (at == shell_.functions_.end())
      code = 1;
    else
      text += names_only ? name + "\n" : name + " () \n" + unparse(*at->second) + "\n";
  }
  co_await process_.out(text);
  co_return code;
}

Task<int> Builtins::export_() {
  const bool read_only = argv_[0] == "readonly";
  const auto given =
      co_await options(read_only ? "aAfp" : "fnp", read_only ? "readonly [-aAf] [name[=value] ...] or readonly -p"
                                                             : "export [-fn] [name[=value] ...] or export -p");
  if (!given) co_return 2;
  if (next_ >= argv_.size()) {
    if (shell_.is_bash()) co_return co_await list_variables(read_only ? "r" : "x");
    std::string text;
    for (const auto& [name, variable] : shell_.variables_.all()) {
      if (!(read_only ? variable.read_only : variable.exported)) continue;
      text += argv_[0] + " " + name + (variable.has_value ? "=" + single_quoted(variable.value) : "") + "\n";
    }
    co_return co_await print(text);
  }
  int code = 0;
  for (std::size_t i = next_; i < argv_.size(); ++i) {
    const std::string word = argv_[i];
    if (has(*given, 'f')) {
      if (!shell_.functions_.contains(word)) code = co_await complain(word + ": not a function");
      continue;
    }
    if (!names_variable(word)) {
      code = co_await complain("`" + word + "': not a valid identifier");
      continue;
    }
    const std::string name = name_in(word);
    if (name.size() < word.size()) {
      const std::size_t equals = word.find('=');
      const std::string assignment =
          compound_.contains(i) ? word : word.substr(0, equals + 1) + quoted_for_assignment(word.substr(equals + 1));
      if (has(*given, 'A')) shell_.variables_.make(name).kind = Variable::Kind::kAssociative;
      const Variable* existing = shell_.variables_.find(name);
      if (existing != nullptr && existing->read_only) {
        co_await shell_.complain(name + ": readonly variable");
        code = 1;
        continue;
      }
      if (!co_await shell_.assign(assignment, nullptr)) {
        code = 1;
        continue;
      }
    }
    Variable& variable = shell_.variables_.make(name);
    if (read_only) {
      variable.read_only = true;
    } else if (has(*given, 'n')) {
      variable.exported = false;
      process_.own_environment().erase(name);
    } else {
      variable.exported = true;
      if (variable.has_value && variable.kind == Variable::Kind::kScalar)
        process_.own_environment()[name] = variable.value;
    }
  }
  co_return code;
}

Task<int> Builtins::declare() {
  const bool local = argv_[0] == "local";
  if (local && !shell_.variables_.in_function()) co_return co_await complain("can only be used in a function");
  // Options with "+" take an attribute away.
  std::set<char> clear;
  Options given;
  while (next_ < argv_.size() && argv_[next_].size() > 1 && (argv_[next_][0] == '-' || argv_[next_][0] == '+')) {
    const std::string word = argv_[next_++];
    if (word == "--") break;
    for (char c : word.substr(1)) {
      if (std::string_view("aAfFgiIlnrtuxp").find(c) == std::string_view::npos) {
        co_await shell_.complain(argv_[0] + ": " + word.substr(0, 1) + c + ": invalid option");
        co_await process_.err(argv_[0] + ": usage: " + argv_[0] +
                              (local ? " [option] name[=value] ...\n" : " [-aAfFgiIlnrtux] [-p] [name[=value] ...]\n"));
        co_return 2;
      }
      if (word[0] == '+')
        clear.insert(c);
      else
        given.emplace_back(c, "");
    }
  }
  const bool make_local = shell_.variables_.in_function() && !has(given, 'g') && !has(given, 'p');
  co_return co_await declare_with(given, std::move(clear), make_local);
}

Task<int> Builtins::declare_with(const Options& given, std::set<char> clear, bool make_local) {
  const std::vector<std::string> operands(argv_.begin() + static_cast<std::ptrdiff_t>(std::min(next_, argv_.size())),
                                          argv_.end());
  if (has(given, 'f') || has(given, 'F')) co_return co_await list_functions(has(given, 'F'), operands);
  std::string flags;
  for (const auto& [letter, text] : given) {
    if (letter != 'p' && letter != 'g') flags += letter;
  }
  if (operands.empty()) {
    if (has(given, 'p') || !flags.empty()) co_return co_await list_variables(flags);
    std::string text;
    for (const auto& [name, variable] : shell_.variables_.all()) {
      if (variable.has_value && variable.kind == Variable::Kind::kScalar)
        text += name + "=" + quote_when_needed(variable.value) + "\n";
    }
    co_return co_await print(text);
  }
  int code = 0;
  for (std::size_t i = next_; i < argv_.size(); ++i) {
    const std::string word = argv_[i];
    if (has(given, 'p')) {
      const Variable* variable = shell_.variables_.find_itself(word);
      if (variable == nullptr)
        code = co_await complain(word + ": not found");
      else
        co_await process_.out(declaration(word, *variable));
      continue;
    }
    if (argv_[0] == "local" && word == "-") continue;
    if (!names_variable(word)) {
      code = co_await complain("`" + word + "': not a valid identifier");
      continue;
    }
    const std::string name = name_in(word);
    const Variable* existing = shell_.variables_.find_itself(name);
    if (existing != nullptr && existing->read_only && (name.size() < word.size() || clear.contains('r'))) {
      if (clear.contains('r') || shell_.variables_.is_local(name) || !make_local || true) {
        code = co_await complain(name + ": readonly variable");
        continue;
      }
    }
    if (make_local) shell_.variables_.make_local(name);
    Variable& variable = has(given, 'g') ? shell_.variables_.make_global(name)
                         : has(given, 'n')
                             ? (shell_.variables_.find_itself(name) != nullptr ? *shell_.variables_.find_itself(name)
                                                                               : shell_.variables_.make(name))
                             : shell_.variables_.make(name);
    if (has(given, 'A') && variable.kind != Variable::Kind::kAssociative) {
      if (variable.kind == Variable::Kind::kIndexed) {
        code = co_await complain(name + ": cannot convert indexed to associative array");
        continue;
      }
      variable.kind = Variable::Kind::kAssociative;
    }
    if (has(given, 'a') && variable.kind == Variable::Kind::kScalar) {
      variable.kind = Variable::Kind::kIndexed;
      if (variable.has_value) variable.items[0] = variable.value;
    }
    if (has(given, 'i')) variable.integer = true;
    if (has(given, 'l')) variable.lower = true;
    if (has(given, 'u')) variable.upper = true;
    if (has(given, 'l')) variable.upper = false;
    if (has(given, 'u')) variable.lower = false;
    if (has(given, 'x')) variable.exported = true;
    if (clear.contains('i')) variable.integer = false;
    if (clear.contains('l')) variable.lower = false;
    if (clear.contains('u')) variable.upper = false;
    if (clear.contains('x')) {
      variable.exported = false;
      process_.own_environment().erase(name);
    }
    if (clear.contains('n')) variable.reference = false;
    const std::size_t equals = word.find('=');
    if (has(given, 'n')) {
      variable.has_value = true;
      variable.value = equals == std::string::npos ? variable.value : word.substr(equals + 1);
      variable.reference = true;
    } else if (equals != std::string::npos && name.size() < word.size()) {
      if (has(given, 'g') && shell_.variables_.in_function() && !compound_.contains(i)) {
        variable.value = word.substr(equals + 1);
        variable.has_value = true;
      } else {
        const std::string assignment =
            compound_.contains(i) ? word : word.substr(0, equals + 1) + quoted_for_assignment(word.substr(equals + 1));
        if (!co_await shell_.assign(assignment, nullptr)) code = 1;
      }
    }
    Variable& after = has(given, 'g') ? shell_.variables_.make_global(name) : shell_.variables_.make(name);
    if (has(given, 'r')) after.read_only = true;
    if (after.exported && after.has_value && after.kind == Variable::Kind::kScalar)
      process_.own_environment()[name] = after.value;
  }
  co_return code;
}

Task<int> Builtins::unset_() {
  const auto given = co_await options("fnv", "unset [-f] [-v] [-n] [name ...]");
  if (!given) co_return 2;
  int code = 0;
  for (std::size_t i = next_; i < argv_.size(); ++i) {
    const std::string word = argv_[i];
    const std::string name = name_in(word);
    const Variable* variable = shell_.variables_.find(name);
    if (has(*given, 'f') || (!has(*given, 'v') && variable == nullptr && shell_.functions_.contains(word))) {
      const auto at = shell_.functions_.find(word);
      if (at != shell_.functions_.end()) shell_.functions_.erase(at);
      continue;
    }
    if (!has(*given, 'v') && !names_variable(word)) continue;
    if (!names_variable(word) || contains(word, "=")) {
      code = co_await complain("`" + word + "': not a valid identifier");
      continue;
    }
    if (variable == nullptr) continue;
    if (variable->read_only) {
      code = co_await complain(name + ": cannot unset: readonly variable");
      continue;
    }
    if (name.size() == word.size()) {
      shell_.unset(has(*given, 'n') ? name : shell_.variables_.resolve(name));
      continue;
    }
    const std::string subscript = word.substr(name.size() + 1, word.size() - name.size() - 2);
    if (subscript == "@" || subscript == "*") {
      shell_.unset(name);
      continue;
    }
    const std::string key = variable->kind == Variable::Kind::kAssociative ? co_await shell_.expand_one(subscript)
                                                                           : co_await shell_.key_of(name, subscript);
    Variable& target = shell_.variables_.make(name);
    if (target.kind == Variable::Kind::kAssociative) {
      target.table.erase(key);
    } else if (target.kind == Variable::Kind::kIndexed) {
      std::int64_t index = parse_int(key).value_or(0);
      if (index < 0 && !target.items.empty()) index += target.items.rbegin()->first + 1;
      target.items.erase(index);
    } else if (key == "0") {
      shell_.unset(name);
    } else {
      code = co_await complain(name + ": not an array variable");
    }
  }
  co_return code;
}

Task<int> Builtins::let() {
  if (argv_.size() < 2) co_return co_await complain("expression expected");
  std::int64_t last = 0;
  for (std::size_t i = 1; i < argv_.size(); ++i) {
    const auto result = shell_.arithmetic(argv_[i]);
    if (!result) co_return co_await complain(result.error().message);
    last = *result;
  }
  co_return last != 0 ? 0 : 1;
}

}  // namespace drydock::shell
