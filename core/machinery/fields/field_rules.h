// FieldRules: how the lists and maps of built-in types are merged: which lists are maps by
// some keys of their items, which are sets, which maps are replaced as a whole, and what
// patches do with them. What is not told here: a list is atomic, a map is granular.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
#pragma once

#include <string>
#include <string_view>

namespace drydock {

struct FieldRule {
  enum class List { kAtomic, kSet, kMap };
  List list = List::kAtomic;
  std::string_view map_keys;        // of kMap, with commas between: "containerPort,protocol"
  std::string_view patch_strategy;  // "", "merge", "merge,retainKeys", "retainKeys", "replace"
  std::string_view patch_merge_key;
  // Of maps and structs: "atomic", "granular", "" (as the type itself says).
  std::string_view map_type;
};

// `type` as the schema table has it ("V1PodSpec").
FieldRule field_rule(std::string_view type, std::string_view field);
// Whether a struct is owned and replaced as a whole wherever it stands.
bool is_atomic_type(std::string_view type);
// Whether Go's encoder always writes the field, since it is a struct and no pointer (or a
// list without omitempty): such a field is never added, only filled.
bool is_always_written(std::string_view type, std::string_view field);
// What stands for an absent key of a list's item ("TCP"); "" when nothing does.
std::string_view key_default(std::string_view type, std::string_view field);

// "CoreV1Event" -> "Event", "V1beta1Foo" -> "Foo": what follows the version.
std::string_view bare_type(std::string_view type);
// The type inside "Array<T>" and "{[key:string]:T;}", one level deep; "" for others.
std::string_view item_type(std::string_view type);

}  // namespace drydock
