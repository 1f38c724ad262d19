#include "core/cel/cel_type.h"

#include <array>
#include <iterator>

#include "core/base/strings.h"

namespace drydock::cel {
namespace {

constexpr const char* kKindNames[] = {
    "!error!",   "dyn",      "null", "bool", "int",  "uint",          "double", "string", "bytes",
    "timestamp", "duration", "list", "map",  "type", "optional_type", "object", "opaque", "param",
};

struct Letter {
  char letter;
  Type::Kind kind;
};
constexpr Letter kLetters[] = {
    {'i', Type::Kind::kInt},      {'u', Type::Kind::kUint}, {'d', Type::Kind::kDouble}, {'s', Type::Kind::kString},
    {'y', Type::Kind::kBytes},    {'o', Type::Kind::kBool}, {'n', Type::Kind::kNull},   {'t', Type::Kind::kTimestamp},
    {'r', Type::Kind::kDuration}, {'*', Type::Kind::kDyn},
};

struct OpaqueLetter {
  char letter;
  const char* name;
};
constexpr OpaqueLetter kOpaques[] = {
    {'q', "kubernetes.Quantity"},
    {'p', "net.IP"},
    {'c', "net.CIDR"},
    {'l', "kubernetes.URL"},
    {'v', "kubernetes.Semver"},
    {'f', "kubernetes.NamedFormat"},
    {'m', "kubernetes.Image"},
    {'a', "kubernetes.authorization.Authorizer"},
    {'h', "kubernetes.authorization.PathCheck"},
    {'g', "kubernetes.authorization.GroupCheck"},
    {'k', "kubernetes.authorization.ResourceCheck"},
    {'e', "kubernetes.authorization.Decision"},
};

constexpr std::string_view kReserved[] = {"true",   "false",    "null", "in",      "as",        "break",
                                          "const",  "continue", "else", "for",     "function",  "if",
                                          "import", "let",      "loop", "package", "namespace", "return"};

bool reserved(std::string_view name) {
  for (const std::string_view word : kReserved) {
    if (word == name) return true;
  }
  return false;
}

struct Escape {
  char letter;
  std::string_view written;
};
constexpr Escape kEscapes[] = {{'.', "__dot__"}, {'-', "__dash__"}, {'/', "__slash__"}};

std::shared_ptr<Type> made(Type::Kind kind) {
  auto type = std::make_shared<Type>();
  type->kind = kind;
  return type;
}

TypeRef with(Type::Kind kind, std::vector<TypeRef> params) {
  auto type = made(kind);
  type->params = std::move(params);
  return type;
}

}  // namespace

std::string Type::str() const {
  switch (kind) {
    case Kind::kObject:
    case Kind::kOpaque:
      return name;
    case Kind::kParam:
      return std::string(1, static_cast<char>('A' + param % 26));
    default:
      break;
  }
  std::string text = kKindNames[static_cast<std::size_t>(kind)];
  if (params.empty()) return text;
  text += "(";
  for (std::size_t i = 0; i < params.size(); ++i) text += (i == 0 ? "" : ", ") + params[i]->str();
  return text + ")";
}

TypeRef type_of(Type::Kind kind) {
  static std::array<TypeRef, std::size(kKindNames)> shared;
  TypeRef& type = shared[static_cast<std::size_t>(kind)];
  if (type == nullptr) type = made(kind);
  return type;
}

TypeRef list_of(TypeRef item) { return with(Type::Kind::kList, {std::move(item)}); }
TypeRef map_of(TypeRef key, TypeRef value) { return with(Type::Kind::kMap, {std::move(key), std::move(value)}); }
TypeRef optional_of(TypeRef value) { return with(Type::Kind::kOptional, {std::move(value)}); }
TypeRef type_type(TypeRef type) { return with(Type::Kind::kType, {std::move(type)}); }

TypeRef opaque_type(std::string_view name) {
  auto type = made(Type::Kind::kOpaque);
  type->name = name;
  return type;
}

TypeRef object_type(std::string name, std::function<TypeRef(std::string_view)> field) {
  auto type = made(Type::Kind::kObject);
  type->name = std::move(name);
  type->field = std::move(field);
  return type;
}

bool same_type(const Type& a, const Type& b) {
  if (&a == &b) return true;
  if (a.kind != b.kind || a.name != b.name || a.param != b.param || a.params.size() != b.params.size()) return false;
  for (std::size_t i = 0; i < a.params.size(); ++i) {
    if (!same_type(*a.params[i], *b.params[i])) return false;
  }
  return true;
}

TypeRef read_type(std::string_view& text) {
  if (text.empty()) return type_of(Type::Kind::kError);
  const char letter = text[0];
  text.remove_prefix(1);
  for (const Letter& known : kLetters) {
    if (known.letter == letter) return type_of(known.kind);
  }
  for (const OpaqueLetter& known : kOpaques) {
    if (known.letter == letter) return opaque_type(known.name);
  }
  if (letter == '?') return optional_of(read_type(text));
  if (letter == '!') return type_type(read_type(text));
  if (letter == '[' || letter == '{') {
    TypeRef first = read_type(text);
    TypeRef second = letter == '{' ? read_type(text) : nullptr;
    text.remove_prefix(1);  // the closing bracket
    return second == nullptr ? list_of(std::move(first)) : map_of(std::move(first), std::move(second));
  }
  auto param = made(Type::Kind::kParam);
  param->param = letter - 'A';
  return param;
}

TypeRef read_type(const char* text) {
  std::string_view view = text;
  return read_type(view);
}

std::string_view opaque_name(char letter) {
  for (const OpaqueLetter& known : kOpaques) {
    if (known.letter == letter) return known.name;
  }
  return "";
}

// https://kubernetes.io/docs/reference/using-api/cel/#escaping
std::string escape_property(std::string_view name) {
  if (reserved(name)) return "__" + std::string(name) + "__";
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return "";
  std::string escaped;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char letter = name[i];
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       (letter >= '0' && letter <= '9') || letter == '_';
    if (name.substr(i, 2) == "__") {
      escaped += "__underscores__";
      ++i;
      continue;
    }
    if (plain) {
      escaped += letter;
      continue;
    }
    bool known = false;
    for (const Escape& escape : kEscapes) {
      if (escape.letter != letter) continue;
      escaped += escape.written;
      known = true;
    }
    if (!known) return "";
  }
  return escaped;
}

std::string unescape_property(std::string_view name) {
  if (name.size() > 4 && name.starts_with("__") && name.ends_with("__") && reserved(name.substr(2, name.size() - 4)))
    return std::string(name.substr(2, name.size() - 4));
  std::string text(name);
  for (const Escape& escape : kEscapes) text = replace_all(text, escape.written, std::string(1, escape.letter));
  return replace_all(text, "__underscores__", "__");
}

}  // namespace drydock::cel
