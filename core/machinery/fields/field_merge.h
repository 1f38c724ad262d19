// What structured-merge-diff does with documents of a FieldType: says which fields they
// have, in which two differ, lays one over another and takes fields out.
// https://github.com/kubernetes-sigs/structured-merge-diff
#pragma once

#include <string>

#include "core/machinery/fields/field_set.h"
#include "core/machinery/fields/field_type.h"
#include "core/machinery/value.h"

namespace drydock {

// Field sets; null: none.
struct FieldChanges {
  Value added, modified, removed;
  bool none() const { return added.is_null() && modified.is_null() && removed.is_null(); }
  // Without what is in `ignored` or below.
  FieldChanges without(const Value& ignored) const;
};
// What it takes to get from `before` to `after`. Parts that the two share cost nothing.
FieldChanges compare_fields(const Value& before, const Value& after, const FieldType& type);

// Every field that the document has, as one who applies it would own them.
Value fields_of(const Value& document, const FieldType& type);
// `over` laid over `base`: lists by their keys, atomic ones and values as a whole.
Value merge_fields(const Value& base, const Value& over, const FieldType& type);
// The document without these fields; what gets empty by it goes too.
Value remove_fields(const Value& document, const Value& fields, const FieldType& type);
// The set with the structs that its paths go through as members.
Value with_named_fields(const Value& set, const FieldType& type);
// "" or why the document is not of the type, in upstream's words.
std::string field_errors(const Value& document, const FieldType& type);

}  // namespace drydock
