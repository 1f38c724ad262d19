#include "core/machinery/fields/field_set.h"

#include <array>
#include <cstdint>

#include "core/base/strings.h"
#include "core/machinery/json.h"

namespace drydock::field_set {
namespace {

constexpr std::size_t kRemembered = 256;  // sets, and parts of sets

const Key& own_mark() {
  static const Key mark(".");
  return mark;
}

bool is_mark(const Value::Member& member) { return member.key == own_mark(); }

// Where a node's children begin: "." sorts before them.
std::span<const Value::Member> children(const Value& node) {
  const auto members = node.members();
  return !members.empty() && is_mark(members[0]) ? members.subspan(1) : members;
}

// Walks the children of both in the order of their names.
template <class Visit>
void each_pair(const Value& a, const Value& b, Visit visit) {
  const auto left = children(a);
  const auto right = children(b);
  std::size_t i = 0, k = 0;
  const Value none;
  while (i < left.size() || k < right.size()) {
    if (k == right.size() ||
        (i < left.size() && !(left[i].key == right[k].key) && left[i].key.view() < right[k].key.view())) {
      visit(left[i].key, left[i].value, none);
      ++i;
    } else if (i == left.size() || !(left[i].key == right[k].key)) {
      visit(right[k].key, none, right[k].value);
      ++k;
    } else {
      visit(left[i].key, left[i].value, right[k].value);
      ++i;
      ++k;
    }
  }
}

bool member(const Value& node) { return node.is_object() && is_member(node); }

// Nodes; null: nothing there. Each gives `a` itself back when nothing changes.
Value unite_nodes(const Value& a, const Value& b) {
  if (a.is_null()) return b;
  if (b.is_null() || a.same_as(b)) return a;
  Value out = a;
  if (member(b) && !member(a)) mark_member(out);
  const bool was_leaf = a.empty();
  each_pair(a, b, [&](Key name, const Value& left, const Value& right) {
    if (right.is_null()) return;
    Value both = unite_nodes(left, right);
    if (!both.same_as(left)) add_child(out, name, std::move(both));
  });
  if (was_leaf && !out.empty()) mark_member(out);
  return out;
}

// The node again without what is not kept; null when nothing is left.
Value rebuilt(const Value& a, bool own, const std::function<Value(const Value::Member&)>& keep) {
  Value out;
  bool changed = own != member(a);
  for (const Value::Member& child : children(a)) {
    Value kept = keep(child);
    if (!kept.same_as(child.value)) changed = true;
    add_child(out, child.key, std::move(kept));
  }
  if (!changed) return a;
  if (own) mark_member(out);
  return out;
}

Value subtract_nodes(const Value& a, const Value& b, bool below) {
  if (a.is_null() || b.is_null()) return a;
  // Most sets have nothing in common.
  bool common = member(a) && member(b);
  for (const Value::Member& child : children(b)) {
    if (common) break;
    common = a.has(child.key.view());
  }
  if (!common) return a;
  return rebuilt(a, member(a) && !member(b), [&](const Value::Member& child) {
    const Value* other = b.find(child.key.view());
    if (other == nullptr) return child.value;
    if (below && member(*other)) return Value();
    return subtract_nodes(child.value, *other, below);
  });
}

Value intersect_nodes(const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return {};
  if (a.same_as(b)) return a;
  return rebuilt(a, member(a) && member(b), [&](const Value::Member& child) {
    const Value* other = b.find(child.key.view());
    return other == nullptr ? Value() : intersect_nodes(child.value, *other);
  });
}

const Value& root(const Value& set) {
  static const Value nothing;
  return set.empty() ? nothing : set;
}

std::string scalar_text(const Value& value) {
  return value.is_string() ? go_quote(value.as_string()) : dump_json(value);
}

void visit_paths(const Value& node, const std::string& path, const std::function<void(std::string)>& visit) {
  // Members first, then what is below, as upstream's sets are walked.
  for (const Value::Member& child : children(node)) {
    if (is_member(child.value)) visit(path + step_text(child.key.view()));
  }
  for (const Value::Member& child : children(node)) {
    if (!child.value.empty()) visit_paths(child.value, path + step_text(child.key.view()), visit);
  }
}

// Of the names alone: names are interned, so their place in memory will do. Where a set is
// remembered cannot be seen from outside.
std::size_t hash_of(const Value& node) {
  std::size_t hash = node.size();
  const auto mix = [&](Key name) { hash = hash * 31 + reinterpret_cast<std::uintptr_t>(name.view().data()) / 16; };
  for (const Value::Member& child : node.members()) {
    mix(child.key);
    if (!child.value.empty()) mix(child.value.members().back().key);
  }
  return hash;
}

}  // namespace

const Value& leaf() {
  static const Value empty = Value::object();
  return empty;
}

bool is_member(const Value& node) { return node.empty() || is_mark(node.members()[0]); }

void add_child(Value& node, Key name, Value child) {
  if (!child.is_null()) node.set(name, std::move(child));
}

void mark_member(Value& node) {
  if (node.empty())
    node = leaf();
  else
    node.set(own_mark(), leaf());
}

void insert(Value& set, std::initializer_list<std::string_view> path) {
  Value* at = &set;
  for (std::string_view name : path) {
    const bool new_child = !at->has(name);
    // What was a member without children stays one.
    if (new_child && at != &set && at->is_object() && at->empty()) at->set(own_mark(), leaf());
    at = &at->ref(Key(name));
  }
  mark_member(*at);
}

Value of(std::initializer_list<std::initializer_list<std::string_view>> paths) {
  Value set;
  for (const auto& path : paths) insert(set, path);
  return set;
}

bool has(const Value& set, std::initializer_list<std::string_view> path) {
  const Value* at = &set;
  for (std::string_view name : path) {
    at = at->find(name);
    if (at == nullptr) return false;
  }
  return is_member(*at);
}

Value unite(const Value& a, const Value& b) { return unite_nodes(root(a), root(b)); }
Value intersect(const Value& a, const Value& b) { return intersect_nodes(root(a), root(b)); }
Value subtract(const Value& a, const Value& b) { return subtract_nodes(root(a), root(b), false); }
Value subtract_below(const Value& a, const Value& b) { return subtract_nodes(root(a), root(b), true); }

std::string step_text(std::string_view name) {
  const std::string_view rest = name.substr(std::min<std::size_t>(2, name.size()));
  if (name.starts_with("f:")) return "." + std::string(rest);
  if (name.starts_with("v:")) return "[=" + scalar_text(parse_json(rest).value_or(Value())) + "]";
  if (!name.starts_with("k:")) return "[" + std::string(rest) + "]";
  const Value keys = parse_json(rest).value_or(Value());
  std::string text;
  for (const Value::Member& key : keys.members())
    text += (text.empty() ? "[" : ",") + key.key.str() + "=" + scalar_text(key.value);
  return text + "]";
}

void each_path(const Value& set, const std::function<void(std::string)>& visit) { visit_paths(set, "", visit); }

Value shared(const Value& set) {
  if (!set.is_object()) return set;
  if (set.empty()) return leaf();
  static std::array<Value, kRemembered> remembered;  // only saves memory: what is equal is equal
  Value node = set;
  for (const Value::Member& child : set.members()) {
    Value part = shared(child.value);
    if (!part.same_as(child.value)) node.set(child.key, std::move(part));
  }
  Value& slot = remembered[hash_of(node) % kRemembered];
  if (!(slot == node)) slot = node;
  return slot;
}

}  // namespace drydock::field_set
