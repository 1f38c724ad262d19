#include "core/machinery/patch.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/strings.h"

namespace drydock {
namespace {

struct MergeRow {
  std::string_view field;
  std::string_view parent;  // "" : any
  std::string_view key;     // "" : a set of plain values
};
// Lists with patchStrategy=merge; what is not here is replaced.
constexpr MergeRow kMergeRows[] = {
    {"containers", "", "name"},
    {"initContainers", "", "name"},
    {"ephemeralContainers", "", "name"},
    {"volumes", "", "name"},
    {"env", "", "name"},
    {"volumeMounts", "", "mountPath"},
    {"volumeDevices", "", "devicePath"},
    {"ports", "containers", "containerPort"},
    {"ports", "initContainers", "containerPort"},
    {"ports", "ephemeralContainers", "containerPort"},
    {"ports", "spec", "port"},
    {"imagePullSecrets", "", "name"},
    {"hostAliases", "", "ip"},
    {"topologySpreadConstraints", "", "topologyKey"},
    {"conditions", "", "type"},
    {"ownerReferences", "", "uid"},
    {"finalizers", "", ""},
    {"secrets", "", "name"},
    {"addresses", "status", "type"},
    {"resourceClaims", "", "name"},
    {"resourceClaimStatuses", "", "name"},
    {"schedulingGates", "", "name"},
    {"podIPs", "", "ip"},
    {"hostIPs", "", "ip"},
    {"webhooks", "", "name"},
    {"validations", "", ""},
    {"podCIDRs", "", ""},
};

bool same_key(const Value& a, const Value& b, std::string_view key) { return a.has(key) && a[key] == b[key]; }

// --- JSON pointer ---

std::vector<std::string> pointer_parts(std::string_view pointer) {
  std::vector<std::string> parts;
  for (std::string& part : split(pointer, '/')) parts.push_back(replace_all(replace_all(part, "~1", "/"), "~0", "~"));
  if (!parts.empty()) parts.erase(parts.begin());
  return parts;
}

const Value* find_pointer(const Value& document, std::string_view pointer) {
  const Value* at = &document;
  for (const std::string& part : pointer_parts(pointer)) {
    if (at->is_object()) {
      at = at->find(part);
    } else if (at->is_array()) {
      const auto index = parse_int(part);
      at = index && *index >= 0 && static_cast<std::size_t>(*index) < at->size()
               ? &(*at)[static_cast<std::size_t>(*index)]
               : nullptr;
    } else {
      at = nullptr;
    }
    if (at == nullptr) return nullptr;
  }
  return at;
}

enum class Edit { kAdd, kReplace, kRemove };

Result<void> edit(Value& document, const std::vector<std::string>& parts, std::size_t depth, Edit how,
                  const Value& value, const std::string& pointer) {
  if (depth == parts.size()) {
    document = value;
    return {};
  }
  const std::string& part = parts[depth];
  const bool last = depth + 1 == parts.size();
  const std::string op = how == Edit::kAdd ? "add" : how == Edit::kReplace ? "replace" : "remove";
  if (document.is_object()) {
    if (!last || how != Edit::kAdd) {
      if (!document.has(part)) {
        if (how == Edit::kAdd)
          return Status::plain(op + " operation does not apply: doc is missing path: \"" + pointer +
                               "\": missing value");
        return Status::plain(op + " operation does not apply: doc is missing key: " + pointer + ": missing value");
      }
    }
    if (last) {
      if (how == Edit::kRemove)
        document.erase(part);
      else
        document.set(part, value);
      return {};
    }
    return edit(document.ref(part), parts, depth + 1, how, value, pointer);
  }
  if (document.is_array()) {
    std::size_t index = document.size();
    if (part != "-" || how != Edit::kAdd) {
      const auto number = parse_int(part);
      if (!number || *number < 0)
        return Status::plain("jsonpatch " + op + " operation does not apply: invalid array index " + part);
      index = static_cast<std::size_t>(*number);
    }
    const std::size_t limit = last && how == Edit::kAdd ? document.size() + 1 : document.size();
    if (index >= limit)
      return Status::plain("jsonpatch " + op + " operation does not apply: Unable to access invalid index: " + part +
                           ": invalid index referenced");
    if (last) {
      if (how == Edit::kRemove)
        document.erase_item(index);
      else if (how == Edit::kAdd)
        document.insert_item(index, value);
      else
        document.mutable_item(index) = value;
      return {};
    }
    return edit(document.mutable_item(index), parts, depth + 1, how, value, pointer);
  }
  return Status::plain(op + " operation does not apply: doc is missing path: \"" + pointer + "\": missing value");
}

// --- strategic merge ---

class Strategic {
 public:
  Result<Value> merge_map(Value original, const Value& patch, std::string_view parent) {
    const std::string_view directive = patch["$patch"].as_string();
    if (directive == "replace") {
      Value replaced = patch;
      replaced.erase("$patch");
      return replaced;
    }
    if (directive == "delete") return Value::object();
    if (!directive.empty() && directive != "merge")
      return Status::plain("Unknown patch type found: " + std::string(directive));
    if (!original.is_object()) original = Value::object();
    if (patch.has("$retainKeys")) {
      std::vector<std::string> drop;
      for (const Value::Member& member : original.members()) {
        const Value& keep = patch["$retainKeys"];
        const bool kept = std::any_of(keep.items().begin(), keep.items().end(),
                                      [&](const Value& name) { return name.as_string() == member.key.view(); });
        if (!kept) drop.push_back(member.key.str());
      }
      for (const std::string& name : drop) original.erase(name);
    }
    for (const Value::Member& member : patch.members()) {
      const std::string name = member.key.str();
      if (name == "$patch" || name == "$retainKeys" || name.starts_with("$setElementOrder/")) continue;
      if (name.starts_with("$deleteFromPrimitiveList/")) {
        delete_primitives(original, name.substr(25), member.value);
        continue;
      }
      if (member.value.is_null()) {
        original.erase(name);
      } else if (member.value.is_object()) {
        DRYDOCK_TRY(Value merged, merge_map(original[name], member.value, name));
        original.set(member.key, std::move(merged));
      } else if (member.value.is_array()) {
        DRYDOCK_TRY(Value merged, merge_list(original[name], member.value, name, parent));
        original.set(member.key, std::move(merged));
      } else {
        original.set(member.key, member.value);
      }
    }
    for (const Value::Member& member : patch.members()) {
      const std::string_view name = member.key.view();
      if (name.starts_with("$setElementOrder/")) reorder(original, std::string(name.substr(17)), parent, member.value);
    }
    return original;
  }

 private:
  static void delete_primitives(Value& original, const std::string& field, const Value& values) {
    Value kept = Value::array();
    for (const Value& item : original[field].items()) {
      if (std::none_of(values.items().begin(), values.items().end(), [&](const Value& value) { return value == item; }))
        kept.push_back(item);
    }
    original.set(field, std::move(kept));
  }

  Result<Value> merge_list(const Value& original, const Value& patch, std::string_view field, std::string_view parent) {
    bool primitive = false;
    const std::string_view key = merge_key_of(field, parent, primitive);
    if (primitive) {
      Value merged = original.is_array() ? original : Value::array();
      for (const Value& item : patch.items()) {
        if (std::none_of(merged.items().begin(), merged.items().end(), [&](const Value& have) { return have == item; }))
          merged.push_back(item);
      }
      return merged;
    }
    if (key.empty()) return patch;
    Value merged = original.is_array() ? original : Value::array();
    for (const Value& item : patch.items()) {
      if (item["$patch"].as_string() == "replace") {
        Value replaced = Value::array();
        for (const Value& other : patch.items()) {
          if (!other.has("$patch")) replaced.push_back(other);
        }
        return replaced;
      }
    }
    for (const Value& item : patch.items()) {
      if (!item.is_object() || !item.has(key)) {
        return Status::plain("map: " + std::string("does not contain declared merge key: ") + std::string(key));
      }
      std::size_t at = 0;
      while (at < merged.size() && !same_key(merged[at], item, key)) ++at;
      if (item["$patch"].as_string() == "delete") {
        if (at < merged.size()) merged.erase_item(at);
        continue;
      }
      DRYDOCK_TRY(Value result, merge_map(at < merged.size() ? merged[at] : Value::object(), item, field));
      if (at < merged.size())
        merged.mutable_item(at) = std::move(result);
      else
        merged.push_back(std::move(result));
    }
    return merged;
  }

  // Items named by `order` come in that order; others keep their place relative to their neighbours.
  static void reorder(Value& original, const std::string& field, std::string_view parent, const Value& order) {
    const Value& list = original[field];
    if (!list.is_array()) return;
    bool primitive = false;
    const std::string_view key = merge_key_of(field, parent, primitive);
    auto rank = [&](const Value& item) -> std::size_t {
      for (std::size_t i = 0; i < order.size(); ++i) {
        if (primitive ? order[i] == item : same_key(order[i], item, key)) return i;
      }
      return order.size();
    };
    std::vector<Value> named, all(list.items().begin(), list.items().end());
    for (const Value& item : all) {
      if (rank(item) < order.size()) named.push_back(item);
    }
    std::sort(named.begin(), named.end(), [&](const Value& a, const Value& b) { return rank(a) < rank(b); });
    std::size_t next = 0;
    Value sorted = Value::array();
    for (const Value& item : all) sorted.push_back(rank(item) < order.size() ? named[next++] : item);
    original.set(field, std::move(sorted));
  }
};

// The patch that adds and changes (not deletes) to reach `modified` from `from`.
Value diff_additions(const Value& from, const Value& modified, std::string_view parent);

// Element order of a merged list, as kubectl sends it.
Value element_order(const Value& list, std::string_view key, bool primitive) {
  Value order = Value::array();
  for (const Value& item : list.items()) order.push_back(primitive ? item : Value::object({{key, item[key]}}));
  return order;
}

Value diff_list_additions(const Value& from, const Value& modified, std::string_view key, bool primitive,
                          std::string_view field) {
  Value patch = Value::array();
  for (const Value& item : modified.items()) {
    if (primitive) {
      if (std::none_of(from.items().begin(), from.items().end(), [&](const Value& have) { return have == item; }))
        patch.push_back(item);
      continue;
    }
    const Value* existing = nullptr;
    for (const Value& have : from.items()) {
      if (same_key(have, item, key)) existing = &have;
    }
    if (existing == nullptr) {
      patch.push_back(item);
      continue;
    }
    Value difference = diff_additions(*existing, item, field);
    if (difference.empty()) continue;
    difference.set(key, item[key]);
    patch.push_back(std::move(difference));
  }
  return patch;
}

Value diff_additions(const Value& from, const Value& modified, std::string_view parent) {
  Value patch = Value::object();
  for (const Value::Member& member : modified.members()) {
    const std::string_view name = member.key.view();
    const Value* existing = from.find(name);
    if (existing != nullptr && *existing == member.value) continue;
    if (existing != nullptr && existing->is_object() && member.value.is_object()) {
      Value difference = diff_additions(*existing, member.value, name);
      if (!difference.empty()) patch.set(member.key, std::move(difference));
      continue;
    }
    bool primitive = false;
    const std::string_view key = merge_key_of(name, parent, primitive);
    if (existing != nullptr && existing->is_array() && member.value.is_array() && (primitive || !key.empty())) {
      Value difference = diff_list_additions(*existing, member.value, key, primitive, name);
      if (difference.empty()) continue;
      patch.set(member.key, std::move(difference));
      patch.set("$setElementOrder/" + std::string(name), element_order(member.value, key, primitive));
      continue;
    }
    patch.set(member.key, member.value);
  }
  return patch;
}

// Adds to `patch` the deletions: what `original` had and `modified` has not.
void add_deletions(Value& patch, const Value& original, const Value& modified, const Value& current,
                   std::string_view parent) {
  for (const Value::Member& member : original.members()) {
    const std::string name = member.key.str();
    const Value* wanted = modified.find(name);
    if (wanted == nullptr) {
      if (current.has(name)) patch.set(member.key, Value());
      continue;
    }
    if (member.value.is_object() && wanted->is_object()) {
      Value inner = patch[name].is_object() ? patch[name] : Value::object();
      add_deletions(inner, member.value, *wanted, current[name], name);
      if (!inner.empty()) patch.set(member.key, std::move(inner));
      continue;
    }
    bool primitive = false;
    const std::string_view key = merge_key_of(name, parent, primitive);
    if (!member.value.is_array() || !wanted->is_array() || (key.empty() && !primitive)) continue;
    Value items = patch[name].is_array() ? patch[name] : Value::array();
    Value removed_primitives = Value::array();
    for (const Value& item : member.value.items()) {
      const Value* kept = nullptr;
      for (const Value& candidate : wanted->items()) {
        if (primitive ? candidate == item : same_key(candidate, item, key)) kept = &candidate;
      }
      const Value* present = nullptr;
      for (const Value& candidate : current[name].items()) {
        if (primitive ? candidate == item : same_key(candidate, item, key)) present = &candidate;
      }
      if (kept == nullptr && present != nullptr) {
        if (primitive)
          removed_primitives.push_back(item);
        else
          items.push_back(Value::object({{"$patch", "delete"}, {key, item[key]}}));
      } else if (kept != nullptr && present != nullptr && !primitive) {
        std::size_t at = 0;
        while (at < items.size() && !same_key(items[at], item, key)) ++at;
        Value inner = at < items.size() ? items[at] : Value::object();
        const std::size_t before = inner.size();
        add_deletions(inner, item, *kept, *present, name);
        if (inner.size() == before && at == items.size()) continue;
        if (inner.empty()) continue;
        inner.set(key, item[key]);
        if (at < items.size())
          items.mutable_item(at) = std::move(inner);
        else
          items.push_back(std::move(inner));
      }
    }
    if (!removed_primitives.empty()) patch.set("$deleteFromPrimitiveList/" + name, std::move(removed_primitives));
    if (!items.empty()) {
      patch.set(member.key, std::move(items));
      patch.set("$setElementOrder/" + name, element_order(*wanted, key, primitive));
    }
  }
}

}  // namespace

std::string_view merge_key_of(std::string_view field, std::string_view parent, bool& primitive) {
  primitive = false;
  for (const MergeRow& row : kMergeRows) {
    if (row.field != field || (!row.parent.empty() && row.parent != parent)) continue;
    primitive = row.key.empty();
    return row.key;
  }
  return {};
}

Result<Value> apply_json_patch(const Value& document, const Value& patch) {
  if (!patch.is_array()) return Status::plain("json: cannot unmarshal object into Go value of type jsonpatch.Patch");
  Value result = document;
  for (const Value& step : patch.items()) {
    const std::string op = step["op"].str();
    const std::string path = step["path"].str();
    const std::vector<std::string> parts = pointer_parts(path);
    if (op == "add") {
      DRYDOCK_TRY_VOID(edit(result, parts, 0, Edit::kAdd, step["value"], path));
    } else if (op == "replace") {
      DRYDOCK_TRY_VOID(edit(result, parts, 0, Edit::kReplace, step["value"], path));
    } else if (op == "remove") {
      DRYDOCK_TRY_VOID(edit(result, parts, 0, Edit::kRemove, Value(), path));
    } else if (op == "move" || op == "copy") {
      const std::string from = step["from"].str();
      const Value* source = find_pointer(result, from);
      if (source == nullptr)
        return Status::plain(op + " operation does not apply: doc is missing from path: " + from + ": missing value");
      const Value moved = *source;
      if (op == "move") DRYDOCK_TRY_VOID(edit(result, pointer_parts(from), 0, Edit::kRemove, Value(), from));
      DRYDOCK_TRY_VOID(edit(result, parts, 0, Edit::kAdd, moved, path));
    } else if (op == "test") {
      const Value* found = find_pointer(result, path);
      if (!(found != nullptr ? *found == step["value"] : step["value"].is_null()))
        return Status::plain("testing value " + path + " failed: test failed");
    } else {
      return Status::plain("Unexpected kind: " + op);
    }
  }
  return result;
}

Value apply_merge_patch(const Value& document, const Value& patch) {
  if (!patch.is_object()) return patch;
  Value result = document.is_object() ? document : Value::object();
  for (const Value::Member& member : patch.members()) {
    if (member.value.is_null())
      result.erase(member.key.view());
    else
      result.set(member.key, apply_merge_patch(result[member.key.view()], member.value));
  }
  return result;
}

void share_equal_parts(Value& fresh, const Value& old) {
  if (fresh.same_as(old)) return;
  if (fresh == old) {
    fresh = old;
  } else if (fresh.is_object() && old.is_object()) {
    for (const Value::Member& member : old.members()) {
      const Value* mine = fresh.find(member.key.view());
      if (mine != nullptr && !mine->same_as(member.value)) share_equal_parts(fresh.ref(member.key), member.value);
    }
  } else if (fresh.is_array() && old.is_array()) {
    for (std::size_t i = 0; i < std::min(fresh.size(), old.size()); ++i)
      share_equal_parts(fresh.mutable_item(i), old[i]);
  }
}

Result<Value> apply_strategic_merge_patch(const Value& document, const Value& patch) {
  if (!patch.is_object())
    return Status::plain("cannot restore struct from: " + std::string(patch.is_array() ? "array" : "value"));
  return Strategic().merge_map(document, patch, "");
}

Result<Value> three_way_strategic_patch(const Value& original, const Value& modified, const Value& current) {
  Value patch = diff_additions(current, modified, "");
  add_deletions(patch, original, modified, current, "");
  return patch;
}

Value three_way_merge_patch(const Value& original, const Value& modified, const Value& current) {
  Value patch = Value::object();
  for (const Value::Member& member : modified.members()) {
    const Value& have = current[member.key.view()];
    if (have == member.value) continue;
    if (have.is_object() && member.value.is_object()) {
      Value inner = three_way_merge_patch(original[member.key.view()], member.value, have);
      if (!inner.empty()) patch.set(member.key, std::move(inner));
    } else {
      patch.set(member.key, member.value);
    }
  }
  for (const Value::Member& member : original.members()) {
    if (!modified.has(member.key.view()) && current.has(member.key.view()))
      patch.set(member.key, Value());
    else if (member.value.is_object() && modified[member.key.view()].is_object() &&
             current[member.key.view()] == modified[member.key.view()])
      continue;
  }
  return patch;
}

}  // namespace drydock
