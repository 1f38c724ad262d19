#include "core/cel/cel_value.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/base/strings.h"
#include "core/cel/function.h"
#include "core/cel/times.h"
#include "core/machinery/json.h"

namespace drydock::cel {
namespace {

struct Items final : ListBox {
  std::vector<Val> items;
  std::size_t size() const override { return items.size(); }
  Val at(std::size_t index) const override { return items[index]; }
};

struct Entries final : MapBox {
  std::vector<std::pair<Val, Val>> entries;
  std::size_t size() const override { return entries.size(); }
  bool find(const Val& key, Val& found) const override {
    // A number finds its equal of another type, too.
    const auto at = std::lower_bound(entries.begin(), entries.end(), key, [](const auto& entry, const Val& wanted) {
      return key_less(entry.first, wanted);
    });
    if (at == entries.end() || !equal(at->first, key)) return false;
    found = at->second;
    return true;
  }
  std::pair<Val, Val> entry(std::size_t index) const override { return entries[index]; }
};

struct DocumentList final : ListBox {
  Value document;
  TypeRef type;
  std::size_t size() const override { return document.size(); }
  Val at(std::size_t index) const override {
    return Val::of_document(document[index], type == nullptr ? nullptr : type->params[0]);
  }
  const Type* declared() const override { return type.get(); }
};

struct DocumentMap final : MapBox {
  Value document;
  TypeRef type;  // null, a map or an object

  std::size_t size() const override { return document.size(); }
  bool find(const Val& key, Val& found) const override {
    if (!key.is(Val::Kind::kString)) return false;
    const bool object = type != nullptr && type->kind == Type::Kind::kObject;
    const Value* value =
        object && type->escaped ? document.find(unescape_property(key.text())) : document.find(key.text());
    if (value == nullptr) return false;
    TypeRef declared;
    if (object) {
      declared = type->field(key.text());
      if (declared == nullptr) return false;  // what a schema does not tell cannot be seen
    } else if (type != nullptr) {
      declared = type->params[1];
    }
    found = Val::of_document(*value, declared);
    return true;
  }
  std::pair<Val, Val> entry(std::size_t index) const override {
    const Value::Member& member = document.members()[index];
    TypeRef declared;
    if (type != nullptr && type->kind == Type::Kind::kObject)
      declared = type->field(type->escaped ? escape_property(member.key.view()) : member.key.str());
    else if (type != nullptr)
      declared = type->params[1];
    return {Val::of_string(member.key.view()), Val::of_document(member.value, declared)};
  }
};

struct Held final : Box {
  Val value;
};
struct NamedType final : Box {
  TypeRef type;
};

// The order of two numbers of any types; 2 with a NaN.
int compare_numbers(const Val& a, const Val& b) {
  using Kind = Val::Kind;
  if (a.is(Kind::kDouble) || b.is(Kind::kDouble)) {
    if (a.is(Kind::kDouble) && b.is(Kind::kDouble)) {
      if (std::isnan(a.real()) || std::isnan(b.real())) return 2;
      return a.real() < b.real() ? -1 : a.real() > b.real() ? 1 : 0;
    }
    if (b.is(Kind::kDouble)) {
      const int turned = compare_numbers(b, a);
      return turned == 2 ? 2 : -turned;
    }
    const double real = a.real();
    if (std::isnan(real)) return 2;
    if (b.is(Kind::kInt)) {
      if (real < -9223372036854775808.0) return -1;
      if (real >= 9223372036854775808.0) return 1;
      const double whole = std::floor(real);
      const auto number = static_cast<std::int64_t>(whole);
      if (number != b.integer()) return number < b.integer() ? -1 : 1;
    } else {
      if (real < 0) return -1;
      if (real >= 18446744073709551616.0) return 1;
      const double whole = std::floor(real);
      const auto number = static_cast<std::uint64_t>(whole);
      if (number != b.unsigned_integer()) return number < b.unsigned_integer() ? -1 : 1;
    }
    return std::floor(real) == real ? 0 : 1;
  }
  if (a.kind() == b.kind()) {
    if (a.is(Kind::kInt)) return a.integer() < b.integer() ? -1 : a.integer() > b.integer() ? 1 : 0;
    return a.unsigned_integer() < b.unsigned_integer() ? -1 : a.unsigned_integer() > b.unsigned_integer() ? 1 : 0;
  }
  const Val& negative = a.is(Kind::kInt) ? a : b;
  const bool turned = &negative == &b;
  const std::uint64_t other = (turned ? a : b).unsigned_integer();
  int order = 0;
  if (negative.integer() < 0 || static_cast<std::uint64_t>(negative.integer()) < other)
    order = -1;
  else if (static_cast<std::uint64_t>(negative.integer()) > other)
    order = 1;
  return turned ? -order : order;
}

// In any order: by their keys, which are all there is of a set's items.
bool equal_keyed(const ListBox& a, const ListBox& b, const std::vector<std::string>& keys) {
  std::vector<std::pair<std::string, std::size_t>> sorted[2];
  for (std::size_t side = 0; side < 2; ++side) {
    const ListBox& list = side == 0 ? a : b;
    for (std::size_t i = 0; i < list.size(); ++i) sorted[side].emplace_back(item_key(list.at(i), keys), i);
    std::sort(sorted[side].begin(), sorted[side].end());
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (sorted[0][i].first != sorted[1][i].first) return false;
    if (!keys.empty() && !equal(a.at(sorted[0][i].second), b.at(sorted[1][i].second))) return false;
  }
  return true;
}

bool equal_lists(const ListBox& a, const ListBox& b) {
  if (a.size() != b.size()) return false;
  for (const Type* declared : {a.declared(), b.declared()}) {
    if (declared == nullptr) continue;
    if (declared->list_type == "set") return equal_keyed(a, b, {});
    if (declared->list_type == "map") return equal_keyed(a, b, declared->map_keys);
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!equal(a.at(i), b.at(i))) return false;
  }
  return true;
}

bool equal_maps(const MapBox& a, const MapBox& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto [key, value] = a.entry(i);
    Val other;
    if (!b.find(key, other) || !equal(value, other)) return false;
  }
  return true;
}

}  // namespace

Val Val::of_double(double value) { return {Kind::kDouble, std::bit_cast<std::int64_t>(value)}; }
double Val::real() const {
  if (kind_ == Kind::kInt) return static_cast<double>(number_);
  if (kind_ == Kind::kUint) return static_cast<double>(unsigned_integer());
  return std::bit_cast<double>(number_);
}

Val Val::of_text(Value text) {
  Val made(Kind::kString, 0);
  made.text_ = std::move(text);
  return made;
}
Val Val::of_bytes(std::string_view bytes) {
  Val made = of_string(bytes);
  made.kind_ = Kind::kBytes;
  return made;
}
Val Val::error(std::string_view message) {
  Val made = of_string(message);
  made.kind_ = Kind::kError;
  return made;
}
Val Val::of_timestamp(std::int64_t seconds, std::int32_t nanos) {
  Val made(Kind::kTimestamp, seconds);
  made.nanos_ = nanos;
  return made;
}
Val Val::of_box(Kind kind, std::shared_ptr<const Box> box) {
  Val made(kind, 0);
  made.box_ = std::move(box);
  return made;
}
Val Val::of_list(std::vector<Val> items) {
  auto box = std::make_shared<Items>();
  box->items = std::move(items);
  return of_box(Kind::kList, std::move(box));
}
Val Val::of_map(std::vector<std::pair<Val, Val>> entries) {
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return key_less(a.first, b.first); });
  auto box = std::make_shared<Entries>();
  for (auto& entry : entries) {
    if (!box->entries.empty() && equal(box->entries.back().first, entry.first))
      box->entries.back() = std::move(entry);
    else
      box->entries.push_back(std::move(entry));
  }
  return of_box(Kind::kMap, std::move(box));
}
Val Val::of_type(TypeRef type) {
  auto box = std::make_shared<NamedType>();
  box->type = std::move(type);
  return of_box(Kind::kType, std::move(box));
}
Val Val::none() { return of_box(Kind::kOptional, nullptr); }
Val Val::some(Val value) {
  auto box = std::make_shared<Held>();
  box->value = std::move(value);
  return of_box(Kind::kOptional, std::move(box));
}
const Val* Val::held() const { return box_ == nullptr ? nullptr : &static_cast<const Held&>(*box_).value; }
const Type& Val::type_value() const { return *static_cast<const NamedType&>(*box_).type; }
TypeRef Val::type_ref() const { return static_cast<const NamedType&>(*box_).type; }

Val Val::of_document(const Value& document, const TypeRef& declared) {
  const Type::Kind wanted = declared == nullptr ? Type::Kind::kDyn : declared->kind;
  switch (document.kind()) {
    case Value::Kind::kNull:
      return {};
    case Value::Kind::kBool:
      return of_bool(document.as_bool());
    case Value::Kind::kInt:
      if (wanted == Type::Kind::kDouble) return of_double(static_cast<double>(document.as_int()));
      return of_int(document.as_int());
    case Value::Kind::kDouble:
      if (wanted == Type::Kind::kInt) return of_int(document.as_int());
      return of_double(document.as_double());
    case Value::Kind::kString:
      if (wanted == Type::Kind::kTimestamp) {
        std::string text = document.str();
        if (text.size() == 10) text += "T00:00:00Z";  // format: date
        const auto moment = parse_moment(text);
        return moment ? of_timestamp(moment->seconds, moment->nanos)
                      : error("Invalid timestamp: " + go_quote(document.as_string()));
      }
      if (wanted == Type::Kind::kDuration) {
        const auto nanos = parse_duration_nanos(document.as_string());
        return nanos ? of_duration(*nanos) : error("Invalid duration " + go_quote(document.as_string()));
      }
      if (wanted == Type::Kind::kBytes) {
        const auto bytes = base64_decode(document.as_string());
        return bytes ? of_bytes(*bytes) : error("failed to decode base64 data");
      }
      return of_text(document);
    case Value::Kind::kArray: {
      auto box = std::make_shared<DocumentList>();
      box->document = document;
      if (wanted == Type::Kind::kList) box->type = declared;
      return of_box(Kind::kList, std::move(box));
    }
    case Value::Kind::kObject: {
      auto box = std::make_shared<DocumentMap>();
      box->document = document;
      if (wanted == Type::Kind::kObject || wanted == Type::Kind::kMap) box->type = declared;
      return of_box(Kind::kMap, std::move(box));
    }
  }
  return {};
}

std::string Val::type_name() const {
  static constexpr const char* kNames[] = {"error",
                                           "null_type",
                                           "bool",
                                           "int",
                                           "uint",
                                           "double",
                                           "string",
                                           "bytes",
                                           "google.protobuf.Timestamp",
                                           "google.protobuf.Duration",
                                           "list",
                                           "map",
                                           "type",
                                           "optional_type",
                                           "object",
                                           ""};
  if (kind_ == Kind::kOpaque) return std::string(opaque().type);
  return kNames[static_cast<std::size_t>(kind_)];
}

bool Val::to_document(Value& document) const {
  switch (kind_) {
    case Kind::kNull:
      document = Value();
      return true;
    case Kind::kBool:
      document = boolean();
      return true;
    case Kind::kInt:
    case Kind::kUint:
      document = number_;
      return true;
    case Kind::kDouble:
      document = real();
      return true;
    case Kind::kString:
      document = text_;
      return true;
    case Kind::kBytes:
      document = base64_encode(text());
      return true;
    case Kind::kTimestamp:
      document = format_moment({number_, nanos_});
      return true;
    case Kind::kDuration:
      document = format_duration_seconds(number_);
      return true;
    case Kind::kList: {
      document = Value::array();
      for (std::size_t i = 0; i < list().size(); ++i) {
        Value item;
        if (!list().at(i).to_document(item)) return false;
        document.push_back(std::move(item));
      }
      return true;
    }
    case Kind::kMap: {
      document = Value::object();
      for (std::size_t i = 0; i < map().size(); ++i) {
        const auto [key, held] = map().entry(i);
        Value item;
        if (!key.is(Kind::kString) || !held.to_document(item)) return false;
        document.set(Key(key.text()), std::move(item));
      }
      return true;
    }
    case Kind::kOptional:
      if (held() != nullptr) return held()->to_document(document);
      document = Value();
      return true;
    default:
      return false;
  }
}

bool equal(const Val& a, const Val& b) {
  using Kind = Val::Kind;
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == 0;
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
    case Kind::kDuration:
      return a.integer() == b.integer();
    case Kind::kTimestamp:
      return a.integer() == b.integer() && a.nanos() == b.nanos();
    case Kind::kString:
    case Kind::kBytes:
      return a.text() == b.text();
    case Kind::kList:
      return equal_lists(a.list(), b.list());
    case Kind::kMap:
      return equal_maps(a.map(), b.map());
    case Kind::kType:
      // The types of values have no parameters.
      return a.type_value().kind == b.type_value().kind && a.type_value().name == b.type_value().name;
    case Kind::kOptional:
      if (a.held() == nullptr || b.held() == nullptr) return a.held() == b.held();
      return equal(*a.held(), *b.held());
    case Kind::kOpaque:
      return a.opaque().type == b.opaque().type && a.opaque().key == b.opaque().key;
    default:
      return false;
  }
}

int compare(const Val& a, const Val& b) {
  using Kind = Val::Kind;
  if (a.is_number() && b.is_number()) return compare_numbers(a, b);
  if (a.kind() != b.kind()) return 2;
  const auto order = [](auto left, auto right) { return left < right ? -1 : left > right ? 1 : 0; };
  switch (a.kind()) {
    case Kind::kBool:
    case Kind::kDuration:
      return order(a.integer(), b.integer());
    case Kind::kTimestamp:
      return a.integer() != b.integer() ? order(a.integer(), b.integer()) : order(a.nanos(), b.nanos());
    case Kind::kString:
    case Kind::kBytes:
      return order(a.text(), b.text());
    default:
      return 2;
  }
}

std::string item_key(const Val& item, const std::vector<std::string>& keys) {
  Value document;
  if (keys.empty() || !item.is(Val::Kind::kMap)) return item.to_document(document) ? dump_json(document) : "";
  std::string text;
  for (const std::string& key : keys) {
    Val found;
    if (item.map().find(Val::of_string(key), found) && found.to_document(document)) text += dump_json(document);
    text += "\n";
  }
  return text;
}

bool key_less(const Val& a, const Val& b) {
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == -1;
  if (a.kind() != b.kind())
    return (a.is_number() ? Val::Kind::kInt : a.kind()) < (b.is_number() ? Val::Kind::kInt : b.kind());
  return compare(a, b) == -1;
}

}  // namespace drydock::cel
