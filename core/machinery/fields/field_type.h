// FieldType: what merging must know of a kind's fields: structured-merge-diff's schema.
// Built-in kinds get theirs from the schema table and FieldRules, custom ones from their
// definition's OpenAPI schema (x-kubernetes-list-type and its like).
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/machinery/value.h"

namespace drydock {

struct FieldType {
  enum class Kind : std::uint8_t {
    kAny,     // whatever stands there: maps are granular (or atomic), lists atomic
    kScalar,  // of any kind
    kString,
    kNumber,
    kBool,
    kList,
    kMap,  // and structs
  };
  struct Field {
    Key name;
    Key set_name;  // "f:" before it
    const FieldType* type;
    bool always_written;  // FieldRules' is_always_written
  };

  Kind kind = Kind::kAny;
  bool atomic = false;              // of lists, maps and kAny
  std::vector<Key> keys;            // of lists that are maps; a list that is neither they nor atomic is a set
  std::vector<Value> key_defaults;  // beside keys; null: none
  const FieldType* item = nullptr;  // of lists; of maps the type of every field not named below; null: there is none
  std::vector<Field> fields;        // by name

  bool lasting = false;  // of built-in kinds: it is there as long as the program

  void add_field(std::string_view name, const FieldType* type, bool always_written = false);
  const Field* find(Key name) const {
    std::size_t from = 0;
    return find(name, from);
  }
  // For names that come in order: `from` is where the last one was found.
  const Field* find(Key name, std::size_t& from) const;
  bool is_set() const { return kind == Kind::kList && !atomic && keys.empty(); }
};

// The type of a built-in kind ("apps/v1", "Deployment"); null when it is not known. Types
// live as long as the program.
const FieldType* builtin_field_type(std::string_view api_version, std::string_view kind);

// Types of custom kinds. Null schema: nothing is known of the kind.
class CustomFieldTypes {
 public:
  // The type for this schema (a version's openAPIV3Schema), made anew when it has changed.
  // It lives until the next schema of the same `kind`.
  const FieldType& of(const std::string& kind, const Value& schema);

 private:
  struct Made {
    Value schema;
    std::list<FieldType> types;
  };
  std::map<std::string, Made> made_;
};

}  // namespace drydock
