#include "core/machinery/fields/field_merge.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "core/base/strings.h"
#include "core/machinery/json.h"

namespace drydock {
namespace {

using Kind = FieldType::Kind;

constexpr std::size_t kRememberedParts = 64;

const Value kEmptyMap = Value::object();
const Value kEmptyList = Value::array();

enum class Form { kLeaf, kList, kMap };

// What a part is when it is looked at: a scalar or something atomic is a leaf, and so is
// what is empty on every side, which keeps the difference between empty and absent.
Form form_of(const FieldType& type, const Value* a, const Value* b) {
  const Value& one = a != nullptr && !a->is_null() ? *a : b != nullptr ? *b : kEmptyMap;
  if (type.atomic) return Form::kLeaf;
  const bool map = type.kind == Kind::kMap || (type.kind == Kind::kAny && one.is_object());
  const bool list = type.kind == Kind::kList;
  if (!map && !list) return Form::kLeaf;
  const auto filled = [&](const Value* value) {
    return value != nullptr && !value->empty() && (map ? value->is_object() : value->is_array());
  };
  if (!filled(a) && !filled(b)) return Form::kLeaf;
  return map ? Form::kMap : Form::kList;
}

// The type of a map's field; null: the type has no such field.
const FieldType* type_of(const FieldType& type, Key name) {
  if (type.kind == Kind::kAny) return &type;
  const FieldType::Field* field = type.find(name);
  return field != nullptr ? field->type : type.item;
}

Key field_name(Key name) {
  std::string text("f:");
  text += name.view();
  return Key(text);
}

// The value that tells an item from others: of the key, or what stands for an absent one.
const Value& key_of(const Value& item, const FieldType& list, std::size_t key) {
  const Value* own = item.find(list.keys[key].view());
  return own != nullptr && !own->is_null() ? *own : list.key_defaults[key];
}

bool same_item(const Value& a, const Value& b, const FieldType& list) {
  if (list.keys.empty()) return a == b;
  for (std::size_t i = 0; i < list.keys.size(); ++i) {
    if (!(key_of(a, list, i) == key_of(b, list, i))) return false;
  }
  return true;
}

// An item's name in a set: `k:{"name":"web"}`, `v:"x"`.
Key item_name(const Value& item, const FieldType& list) {
  if (list.keys.empty()) return Key("v:" + dump_json(item, {.escape_html = true}));
  Value keys = Value::object();
  for (std::size_t i = 0; i < list.keys.size(); ++i) {
    const Value& value = key_of(item, list, i);
    if (!value.is_null()) keys.set(list.keys[i], value);
  }
  return Key("k:" + dump_json(keys, {.escape_html = true}));
}

class Comparer {
 public:
  // Null pointer: there is nothing on that side.
  static FieldChanges compare(const Value* before, const Value* after, const FieldType& type) {
    FieldChanges found;
    if (before == nullptr && after == nullptr) return found;
    if (before != nullptr && after != nullptr && before->same_as(*after)) return found;
    if (before == nullptr && type.lasting && type.kind == Kind::kMap && after->size() > 1) return all_of(*after, type);
    return walk(before, after, type);
  }

 private:
  // What is new as a whole. Objects of one template share their parts, which are walked once.
  static FieldChanges all_of(const Value& part, const FieldType& type) {
    struct Known {
      Value part;
      const FieldType* type = nullptr;
      Value added;
    };
    static std::array<Known, kRememberedParts> remembered;  // only saves work
    const auto place = reinterpret_cast<std::uintptr_t>(part.members().data()) / sizeof(Value::Member);
    Known& known = remembered[place % kRememberedParts];
    if (known.type != &type || !known.part.same_as(part)) {
      Value added = field_set::shared(walk(nullptr, &part, type).added);
      known = {part, &type, std::move(added)};
    }
    FieldChanges found;
    found.added = known.added;
    return found;
  }

  static FieldChanges walk(const Value* before, const Value* after, const FieldType& type) {
    FieldChanges found;
    switch (form_of(type, before, after)) {
      case Form::kLeaf:
        if (before == nullptr)
          found.added = field_set::leaf();
        else if (after == nullptr)
          found.removed = field_set::leaf();
        else if (!(*before == *after))
          found.modified = field_set::leaf();
        return found;
      case Form::kMap:
        maps(before, after, type, found);
        break;
      case Form::kList:
        lists(before, after, type, found);
        break;
    }
    if (before == nullptr) field_set::mark_member(found.added);
    if (after == nullptr) field_set::mark_member(found.removed);
    return found;
  }

  static void add(FieldChanges& found, Key name, FieldChanges child) {
    field_set::add_child(found.added, name, std::move(child.added));
    field_set::add_child(found.modified, name, std::move(child.modified));
    field_set::add_child(found.removed, name, std::move(child.removed));
  }

  // A map's field, or what Go's encoder writes in its place; null pointer: nothing.
  static const Value* present(const Value* map, const Value* value, const FieldType::Field* field) {
    if (map == nullptr || (value != nullptr && !value->is_null())) return value;
    if (field == nullptr || !field->always_written) return nullptr;
    return field->type->kind == Kind::kList ? &kEmptyList : field->type->kind == Kind::kMap ? &kEmptyMap : nullptr;
  }

  static void maps(const Value* before, const Value* after, const FieldType& type, FieldChanges& found) {
    const auto left = before != nullptr ? before->members() : std::span<const Value::Member>();
    const auto right = after != nullptr ? after->members() : std::span<const Value::Member>();
    std::size_t i = 0, k = 0, from = 0;
    while (i < left.size() || k < right.size()) {
      const bool both = i < left.size() && k < right.size() && left[i].key == right[k].key;
      const bool from_left = both || k == right.size() || (i < left.size() && left[i].key.view() < right[k].key.view());
      const Key name = from_left ? left[i].key : right[k].key;
      const Value* old_value = from_left ? &left[i++].value : nullptr;
      const Value* new_value = both || !from_left ? &right[k++].value : nullptr;
      if (both && old_value->same_as(*new_value)) continue;
      const FieldType::Field* field = type.find(name, from);
      const FieldType* inner = type.kind == Kind::kAny ? &type : field != nullptr ? field->type : type.item;
      if (inner == nullptr) continue;
      FieldChanges child = compare(present(before, old_value, field), present(after, new_value, field), *inner);
      if (!child.none()) add(found, field != nullptr ? field->set_name : field_name(name), std::move(child));
    }
  }

  static void lists(const Value* before, const Value* after, const FieldType& type, FieldChanges& found) {
    const auto left = before != nullptr ? before->items() : std::span<const Value>();
    const auto right = after != nullptr ? after->items() : std::span<const Value>();
    std::vector<bool> seen(right.size());
    for (std::size_t i = 0; i < left.size(); ++i) {
      // An item that comes twice is one field with several values.
      if (std::any_of(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(i),
                      [&](const Value& other) { return same_item(other, left[i], type); }))
        continue;
      std::vector<const Value*> old_items, new_items;
      for (const Value& other : left.subspan(i)) {
        if (same_item(other, left[i], type)) old_items.push_back(&other);
      }
      for (std::size_t k = 0; k < right.size(); ++k) {
        if (!same_item(right[k], left[i], type)) continue;
        seen[k] = true;
        new_items.push_back(&right[k]);
      }
      item(old_items, new_items, left[i], type, found);
    }
    for (std::size_t k = 0; k < right.size(); ++k) {
      if (seen[k]) continue;
      std::vector<const Value*> new_items;
      for (std::size_t other = k; other < right.size(); ++other) {
        if (seen[other] || !same_item(right[other], right[k], type)) continue;
        seen[other] = true;
        new_items.push_back(&right[other]);
      }
      item({}, new_items, right[k], type, found);
    }
  }

  static void item(const std::vector<const Value*>& before, const std::vector<const Value*>& after, const Value& any,
                   const FieldType& type, FieldChanges& found) {
    if (before.size() <= 1 && after.size() <= 1) {
      const Value* old_item = before.empty() ? nullptr : before[0];
      const Value* new_item = after.empty() ? nullptr : after[0];
      if (old_item != nullptr && new_item != nullptr && old_item->same_as(*new_item)) return;
      FieldChanges child = compare(old_item, new_item, *type.item);
      if (!child.none()) add(found, item_name(any, type), std::move(child));
      return;
    }
    const bool same = std::equal(before.begin(), before.end(), after.begin(), after.end(),
                                 [](const Value* a, const Value* b) { return *a == *b; });
    if (same) return;
    FieldChanges child;
    (before.empty() ? child.added : after.empty() ? child.removed : child.modified) = field_set::leaf();
    add(found, item_name(any, type), std::move(child));
  }
};

// The set of a part, as a node; `found` tells whether the part is itself a member.
Value set_of(const Value& value, const FieldType& type) {
  const bool map = type.kind == Kind::kMap || (type.kind == Kind::kAny && value.is_object());
  if (type.atomic || (!map && type.kind != Kind::kList)) return field_set::leaf();
  Value node;
  if (map) {
    for (const Value::Member& member : value.members()) {
      const FieldType* field = type_of(type, member.key);
      if (field == nullptr) continue;
      Value child = set_of(member.value, *field);
      const bool empty = member.value.is_null() || (member.value.is_object() && member.value.empty());
      if (empty || type.find(member.key) == nullptr) field_set::mark_member(child);
      field_set::add_child(node, field_name(member.key), std::move(child));
    }
    return node;
  }
  for (const Value& item : value.items()) {
    const auto items = value.items();
    const auto same =
        std::count_if(items.begin(), items.end(), [&](const Value& other) { return same_item(other, item, type); });
    Value child = same > 1 ? Value() : set_of(item, *type.item);
    field_set::mark_member(child);
    field_set::add_child(node, item_name(item, type), std::move(child));
  }
  return node;
}

const Value* find_item(const Value& list, const Value& wanted, const FieldType& type) {
  for (const Value& item : list.items()) {
    if (same_item(item, wanted, type)) return &item;
  }
  return nullptr;
}

// The items of both in one order: those of `base` keep theirs, those of `over` come in
// theirs, as near to their neighbours as the two allow.
Value merge_lists(const Value& base, const Value& over, const FieldType& type) {
  std::vector<const Value*> shared;  // items of `over` that `base` has, still to come
  for (const Value& item : over.items()) {
    if (find_item(base, item, type) != nullptr) shared.push_back(&item);
  }
  std::size_t next_shared = 0;
  Value out = Value::array();
  std::vector<const Value*> merged;
  const auto take = [&](const Value& item) {
    merged.push_back(&item);
    const Value* own = find_item(base, item, type);
    out.push_back(own != nullptr ? merge_fields(*own, item, *type.item) : item);
    if (next_shared < shared.size() && same_item(*shared[next_shared], item, type)) ++next_shared;
  };
  const auto is_merged = [&](const Value& item) {
    return std::any_of(merged.begin(), merged.end(), [&](const Value* other) { return same_item(*other, item, type); });
  };
  std::size_t i = 0, k = 0;
  while (i < base.size() || k < over.size()) {
    const Value* left = i < base.size() ? &base[i] : nullptr;
    const Value* right = k < over.size() ? &over[k] : nullptr;
    if (left != nullptr && right != nullptr) {
      if (same_item(*left, *right, type)) {
        take(*right);
        ++i;
        ++k;
        continue;
      }
      // A shared item, but not the one that comes next.
      if (find_item(over, *left, type) != nullptr && next_shared < shared.size() &&
          !same_item(*shared[next_shared], *left, type)) {
        ++i;
        continue;
      }
    }
    if (left != nullptr && find_item(over, *left, type) == nullptr) {
      out.push_back(*left);
      ++i;
      continue;
    }
    if (left != nullptr && is_merged(*left)) {
      ++i;
      continue;
    }
    if (right != nullptr) {
      if (!is_merged(*right)) take(*right);
      ++k;
    } else {
      ++i;
    }
  }
  return out;
}

class Checker {
 public:
  std::vector<std::string> errors;

  void check(const Value& value, const FieldType& type, const std::string& path) {
    if (value.is_null()) return;
    switch (type.kind) {
      case Kind::kAny:
        return;
      case Kind::kScalar:
        if (value.is_object() || value.is_array()) say(path, "expected any scalar, got &{" + go_value(value) + "}");
        return;
      case Kind::kNumber:
        if (!value.is_number()) say(path, "expected numeric (int or float), got " + go_type(value));
        return;
      case Kind::kString:
        if (!value.is_string())
          say(path, "expected string, got &value.valueUnstructured{Value:" + go_value(value, true) + "}");
        return;
      case Kind::kBool:
        if (!value.is_bool()) say(path, "expected boolean, got &{" + go_value(value) + "}");
        return;
      case Kind::kMap:
        if (!value.is_object()) return say(path, "expected map, got &{" + go_value(value) + "}");
        for (const Value::Member& member : value.members()) {
          const std::string here = path + "." + member.key.str();
          const FieldType* field = type_of(type, member.key);
          if (field == nullptr)
            say(here, "field not declared in schema");
          else
            check(member.value, *field, here);
        }
        return;
      case Kind::kList:
        if (!value.is_array()) return say(path, "expected list, got &{" + go_value(value) + "}");
        list(value, type, path);
        return;
    }
  }

 private:
  void say(const std::string& path, const std::string& text) {
    errors.push_back(path.empty() ? text : path + ": " + text);
  }

  void list(const Value& value, const FieldType& type, const std::string& path) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (type.atomic) {
        check(value[i], *type.item, path + "[" + std::to_string(i) + "]");
        continue;
      }
      if (const std::string why = unnamed(value[i], type); !why.empty()) {
        say(path, "element " + std::to_string(i) + ": " + why);
        return;
      }
      const std::string step = field_set::step_text(item_name(value[i], type).view());
      for (std::size_t k = 0; k < i; ++k) {
        if (same_item(value[k], value[i], type)) {
          say(path, "duplicate entries for key " + step);
          break;
        }
      }
      check(value[i], *type.item, path + step);
    }
  }

  static std::string unnamed(const Value& item, const FieldType& type) {
    if (type.keys.empty()) {
      if (item.is_object()) return "associative list without keys has an element that's a map type";
      if (item.is_array()) return "not supported: associative list with lists as elements";
      return item.is_null() ? "associative list without keys has an element that's an explicit null" : "";
    }
    if (item.is_null()) return "associative list with keys may not have a null element";
    if (!item.is_object()) return "associative list with keys may not have non-map elements";
    bool any = false;
    for (std::size_t i = 0; i < type.keys.size(); ++i) {
      if (!key_of(item, type, i).is_null())
        any = true;
      else if (type.keys.size() == 1)
        return "associative list with keys has an element that omits key field " + go_quote(type.keys[i].view()) +
               " (and doesn't have default value)";
    }
    return any ? "" : "associative list with keys has an element that omits all key fields";
  }

  static std::string go_type(const Value& value) {
    if (value.is_string()) return "string";
    if (value.is_bool()) return "bool";
    if (value.is_array()) return "[]interface {}";
    if (value.is_object()) return "map[string]interface {}";
    return value.is_int() ? "int64" : "float64";
  }

  // As %v prints it, or %#v for the outermost.
  static std::string go_value(const Value& value, bool detailed = false) {
    if (value.is_string()) return detailed ? go_quote(value.as_string()) : value.str();
    if (value.is_null()) return detailed ? "interface {}(nil)" : "<nil>";
    if (!value.is_array() && !value.is_object()) return dump_json(value);
    std::string text;
    for (const Value& item : value.items())
      text += (text.empty() ? "" : detailed ? ", " : " ") + go_value(item, detailed);
    for (const Value::Member& member : value.members()) {
      if (!text.empty()) text += detailed ? ", " : " ";
      text += (detailed ? go_quote(member.key.view()) : member.key.str()) + ":" + go_value(member.value, detailed);
    }
    if (detailed) return go_type(value) + "{" + text + "}";
    return value.is_array() ? "[" + text + "]" : "map[" + text + "]";
  }
};

}  // namespace

FieldChanges FieldChanges::without(const Value& ignored) const {
  if (ignored.empty()) return *this;
  return {field_set::subtract_below(added, ignored), field_set::subtract_below(modified, ignored),
          field_set::subtract_below(removed, ignored)};
}

FieldChanges compare_fields(const Value& before, const Value& after, const FieldType& type) {
  if (before.empty() && after.empty()) return {};
  return Comparer::compare(before.is_object() ? &before : &kEmptyMap, after.is_object() ? &after : &kEmptyMap, type);
}

Value fields_of(const Value& document, const FieldType& type) { return set_of(document, type); }

Value merge_fields(const Value& base, const Value& over, const FieldType& type) {
  if (base.same_as(over)) return base;
  switch (form_of(type, &base, &over)) {
    case Form::kLeaf:
      return over;
    case Form::kList:
      if (over.empty()) return base;
      return base.empty() ? over : merge_lists(base, over, type);
    case Form::kMap:
      break;
  }
  Value out = base.is_object() ? base : Value::object();
  for (const Value::Member& member : over.members()) {
    const FieldType* field = type_of(type, member.key);
    const Value* own = base.find(member.key.view());
    Value merged = own != nullptr && field != nullptr ? merge_fields(*own, member.value, *field) : member.value;
    if (own == nullptr || !merged.same_as(*own)) out.set(member.key, std::move(merged));
  }
  return out;
}

Value remove_fields(const Value& document, const Value& fields, const FieldType& type) {
  if (fields.empty() || document.empty()) return document;
  const bool map = type.kind == Kind::kMap || (type.kind == Kind::kAny && document.is_object());
  if (map && document.is_object()) {
    if (type.atomic) return {};
    Value out = document;
    for (const Value::Member& member : document.members()) {
      const Value* node = fields.find(field_name(member.key).view());
      if (node == nullptr) continue;
      const FieldType* field = type_of(type, member.key);
      Value left =
          field_set::is_member(*node) || field == nullptr ? Value() : remove_fields(member.value, *node, *field);
      if (left.is_null())
        out.erase(member.key.view());
      else if (!left.same_as(member.value))
        out.set(member.key, std::move(left));
    }
    return out.empty() ? Value() : out;
  }
  if (type.kind != Kind::kList || !document.is_array()) return document;
  if (type.atomic) return {};
  Value out = Value::array();
  for (const Value& item : document.items()) {
    const Value* node = fields.find(item_name(item, type).view());
    if (node == nullptr)
      out.push_back(item);
    else if (!field_set::is_member(*node))
      out.push_back(remove_fields(item, *node, *type.item));
  }
  return out.empty() ? Value() : out;
}

Value with_named_fields(const Value& set, const FieldType& type) {
  Value out = set;
  for (const Value::Member& child : set.members()) {
    const std::string_view name = child.key.view();
    if (name == "." || child.value.empty()) continue;
    const FieldType* below = nullptr;
    bool named = false;
    if (name.starts_with("f:") && (type.kind == Kind::kMap || type.kind == Kind::kAny)) {
      const Key field(name.substr(2));
      named = type.find(field) != nullptr;
      below = type_of(type, field);
    } else if (type.kind == Kind::kList) {
      below = type.item;
    }
    Value part = below != nullptr ? with_named_fields(child.value, *below) : child.value;
    if (named) field_set::mark_member(part);
    if (!part.same_as(child.value)) out.set(child.key, std::move(part));
  }
  return out;
}

std::string field_errors(const Value& document, const FieldType& type) {
  Checker checker;
  checker.check(document, type, "");
  if (checker.errors.size() <= 1) return checker.errors.empty() ? "" : checker.errors[0];
  std::string text = "errors:";
  for (const std::string& error : checker.errors) text += "\n  " + error;
  return text;
}

}  // namespace drydock
