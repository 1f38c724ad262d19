#include "core/programs/kubectl/flags.h"

#include "core/base/strings.h"
#include "core/machinery/timestamp.h"

namespace drydock::kubectl {
namespace {

constexpr std::string_view kPrintFlags =
    "allow-missing-template-keys=true o,output= show-managed-fields=false template=";
constexpr std::string_view kFileFlags = "f,filename=[] k,kustomize= R,recursive=false";
constexpr std::string_view kDryRunFlags = "dry-run=none";

// The value a flag has when it is given without one (pflag's NoOptDefVal), or "".
std::string_view value_when_bare(const Flags::Flag& flag) {
  if (flag.kind == Flags::Kind::kBool) return "true";
  if (flag.name == "dry-run") return "unchanged";
  if (flag.name == "validate") return "strict";
  if (flag.name == "cascade") return "background";
  return "";
}

Flags::Kind kind_of(std::string_view fallback) {
  using Kind = Flags::Kind;
  if (fallback == "true" || fallback == "false") return Kind::kBool;
  if (fallback.starts_with("[*")) return Kind::kArray;
  if (fallback.starts_with('[')) return Kind::kList;
  if (parse_int(fallback)) return Kind::kInt;
  if (fallback.ends_with('s') && parse_go_duration(fallback)) return Kind::kDuration;
  return Kind::kText;
}

std::string label(const Flags::Flag& flag) {
  return flag.shorthand == 0 ? "--" + flag.name : std::string("-") + flag.shorthand + ", --" + flag.name;
}

Status invalid_value(const Flags::Flag& flag, const std::string& value, const std::string& why) {
  return Status::plain("invalid argument " + go_quote(value) + " for \"" + label(flag) + "\" flag: " + why);
}

bool is_bool_text(std::string_view text) {
  for (std::string_view known : {"1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False"}) {
    if (text == known) return true;
  }
  return false;
}

bool is_true_text(std::string_view text) {
  return is_bool_text(text) && (text[0] == '1' || text[0] == 't' || text[0] == 'T');
}

// One line of comma-separated values, with Go's encoding/csv quoting.
std::vector<std::string> split_values(std::string_view text) {
  std::vector<std::string> values;
  if (text.empty()) return values;
  std::string current;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"' && (quoted || current.empty())) {
      quoted = !quoted;
    } else if (text[i] == ',' && !quoted) {
      values.push_back(std::move(current));
      current.clear();
    } else {
      current += text[i];
    }
  }
  values.push_back(std::move(current));
  return values;
}

}  // namespace

void Flags::declare(std::string_view specification) {
  for (const std::string& entry : split_whitespace(specification)) {
    if (entry == "@print") {
      declare(kPrintFlags);
      continue;
    }
    if (entry == "@files") {
      declare(kFileFlags);
      continue;
    }
    if (entry == "@dry") {
      declare(kDryRunFlags);
      continue;
    }
    Flag flag;
    std::string_view rest = entry;
    if (rest.starts_with('!')) {
      flag.hidden = true;
      rest.remove_prefix(1);
    }
    if (rest.size() > 2 && rest[1] == ',') {
      flag.shorthand = rest[0];
      rest.remove_prefix(2);
    }
    const std::size_t equals = rest.find('=');
    flag.name = std::string(rest.substr(0, equals));
    flag.fallback = std::string(rest.substr(equals + 1));
    flag.kind = kind_of(flag.fallback);
    if (flag.fallback.size() >= 2 && flag.fallback.starts_with('\'') && flag.fallback.ends_with('\''))
      flag.fallback = flag.fallback.substr(1, flag.fallback.size() - 2);
    if (flag.kind == Kind::kList && flag.fallback.size() > 2)
      flag.values = split_values(std::string_view(flag.fallback).substr(1, flag.fallback.size() - 2));
    flag.value = flag.fallback;
    if (find(flag.name) != nullptr) continue;  // a command's own flag wins over the global one
    flags_.push_back(std::move(flag));
  }
}

const Flags::Flag* Flags::find(std::string_view name) const {
  for (const Flag& flag : flags_) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}
Flags::Flag* Flags::find(std::string_view name) { return const_cast<Flag*>(std::as_const(*this).find(name)); }

Flags::Flag* Flags::find_shorthand(char shorthand) {
  for (Flag& flag : flags_) {
    if (flag.shorthand == shorthand) return &flag;
  }
  return nullptr;
}

Result<void> Flags::set(Flag& flag, std::string value) {
  switch (flag.kind) {
    case Kind::kBool:
      if (!is_bool_text(value))
        return invalid_value(flag, value, "strconv.ParseBool: parsing " + go_quote(value) + ": invalid syntax");
      value = is_true_text(value) ? "true" : "false";
      break;
    case Kind::kInt:
      if (!parse_int(value))
        return invalid_value(flag, value, "strconv.ParseInt: parsing " + go_quote(value) + ": invalid syntax");
      break;
    case Kind::kDuration:
      if (!parse_go_duration(value)) return invalid_value(flag, value, "time: invalid duration " + go_quote(value));
      break;
    case Kind::kList: {
      if (!flag.changed) flag.values.clear();
      for (std::string& piece : split_values(value)) flag.values.push_back(std::move(piece));
      break;
    }
    case Kind::kArray:
      flag.values.push_back(value);
      break;
    case Kind::kText:
      break;
  }
  flag.value = std::move(value);
  flag.changed = true;
  return {};
}

Result<void> Flags::parse_long(const std::vector<std::string>& arguments, std::size_t& at) {
  const std::string& argument = arguments[at];
  const std::size_t equals = argument.find('=');
  const std::string name = argument.substr(2, equals == std::string::npos ? std::string::npos : equals - 2);
  if (name.empty() || name[0] == '-') return Status::plain("bad flag syntax: " + argument);
  Flag* flag = find(name);
  if (flag == nullptr) return Status::plain("unknown flag: --" + name);
  if (equals != std::string::npos) return set(*flag, argument.substr(equals + 1));
  const std::string_view bare = value_when_bare(*flag);
  if (!bare.empty()) return set(*flag, std::string(bare));
  if (at + 1 >= arguments.size()) return Status::plain("flag needs an argument: --" + name);
  return set(*flag, arguments[++at]);
}

Result<void> Flags::parse_short(const std::vector<std::string>& arguments, std::size_t& at) {
  const std::string cluster = arguments[at].substr(1);
  for (std::size_t i = 0; i < cluster.size(); ++i) {
    Flag* flag = find_shorthand(cluster[i]);
    if (flag == nullptr)
      return Status::plain(std::string("unknown shorthand flag: '") + cluster[i] + "' in -" + cluster);
    if (cluster.size() > i + 2 && cluster[i + 1] == '=') return set(*flag, cluster.substr(i + 2));
    const std::string_view bare = value_when_bare(*flag);
    if (!bare.empty()) {
      DRYDOCK_TRY_VOID(set(*flag, std::string(bare)));
      continue;
    }
    if (i + 1 < cluster.size()) return set(*flag, cluster.substr(i + 1));
    if (at + 1 >= arguments.size())
      return Status::plain(std::string("flag needs an argument: '") + cluster[i] + "' in -" + cluster);
    return set(*flag, arguments[++at]);
  }
  return {};
}

Result<void> Flags::parse(const std::vector<std::string>& arguments) {
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    const std::string& argument = arguments[at];
    if (argument == "--") {
      dash_at_ = static_cast<int>(positional_.size());
      positional_.insert(positional_.end(), arguments.begin() + static_cast<std::ptrdiff_t>(at) + 1, arguments.end());
      return {};
    }
    if (argument.size() < 2 || argument[0] != '-') {
      positional_.push_back(argument);
    } else if (argument[1] == '-') {
      DRYDOCK_TRY_VOID(parse_long(arguments, at));
    } else {
      DRYDOCK_TRY_VOID(parse_short(arguments, at));
    }
  }
  return {};
}

void Flags::drop_positional(std::size_t count) {
  positional_.erase(positional_.begin(), positional_.begin() + static_cast<std::ptrdiff_t>(count));
  if (dash_at_ >= 0) dash_at_ -= static_cast<int>(count);
}

bool Flags::takes_next(std::string_view argument) const {
  if (argument.size() < 2 || argument[0] != '-' || argument.find('=') != std::string_view::npos) return false;
  for (const Flag& flag : flags_) {
    const bool matches = argument[1] == '-'
                             ? argument.substr(2) == flag.name
                             : flag.shorthand != 0 && argument.back() == flag.shorthand && argument.size() == 2;
    if (matches) return value_when_bare(flag).empty();
  }
  return false;
}

bool Flags::changed(std::string_view name) const {
  const Flag* flag = find(name);
  return flag != nullptr && flag->changed;
}
bool Flags::on(std::string_view name) const {
  const Flag* flag = find(name);
  return flag != nullptr && flag->value == "true";
}
std::string Flags::text(std::string_view name) const {
  const Flag* flag = find(name);
  const bool single = flag != nullptr && flag->kind != Kind::kList && flag->kind != Kind::kArray;
  return single ? flag->value : "";
}
std::int64_t Flags::number(std::string_view name) const {
  const Flag* flag = find(name);
  return flag == nullptr ? 0 : parse_int(flag->value).value_or(0);
}
Duration Flags::duration(std::string_view name) const {
  const Flag* flag = find(name);
  return flag == nullptr ? Duration{0} : parse_go_duration(flag->value).value_or(Duration{0});
}
const std::vector<std::string>& Flags::list(std::string_view name) const {
  static const std::vector<std::string> kNone;
  const Flag* flag = find(name);
  return flag == nullptr ? kNone : flag->values;
}

}  // namespace drydock::kubectl
