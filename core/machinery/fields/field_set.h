// FieldSet: a set of a document's fields, in the form that managedFields have it (FieldsV1):
//   {"f:spec":{"f:replicas":{},"f:template":{".":{},"f:metadata":{}}}}
// holds .spec.replicas, .spec.template and .spec.template.metadata, but not .spec.
//
// A set is an ordinary Value, so equal parts are shared and a set is written and read
// without being converted. The names of children: "f:" a field, "k:{…}" an item of a list
// by its keys, "v:…" an item of a set by its value, "i:N" by its place. A child {} is a
// member without children; "." marks a member that has some. Null is the empty set.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/machinery/value.h"

namespace drydock::field_set {

// The one member without children.
const Value& leaf();
// A set of these paths, each written ".f:spec.f:replicas" without the first dot.
Value of(std::initializer_list<std::initializer_list<std::string_view>> paths);
void insert(Value& set, std::initializer_list<std::string_view> path);

// Whether a node (not the root) is itself a member.
bool is_member(const Value& node);
bool has(const Value& set, std::initializer_list<std::string_view> path);

Value unite(const Value& a, const Value& b);
Value intersect(const Value& a, const Value& b);
Value subtract(const Value& a, const Value& b);
// As subtract, and what is below a member of `b` goes too.
Value subtract_below(const Value& a, const Value& b);

// Visits each member as upstream prints paths: `.spec.containers[name="web"].image`.
void each_path(const Value& set, const std::function<void(std::string)>& visit);
// `[name="web"]`, `.image`: how upstream prints one step.
std::string step_text(std::string_view name);

// The same set, parts of it held once with equal ones that were seen lately.
Value shared(const Value& set);

// For those who build sets: adds a child unless it is null, and marks a node a member.
void add_child(Value& node, Key name, Value child);
void mark_member(Value& node);

}  // namespace drydock::field_set
