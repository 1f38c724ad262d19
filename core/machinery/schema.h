// Schema: the shape of every built-in type, from the table that schema_gen makes of
// the official client's models.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace drydock {

// One text a type, ended by null: "V1PodSpec activeDeadlineSeconds=number containers=Array<V1Container> …".
extern const char* const kSchemaLines[];

class Schema {
 public:
  // A field's type: "string", "number", "boolean", "time", "bytes", "intorstring", "any",
  // "Array<T>", "{[key:string]:T;}", or another type's name.
  using Fields = std::map<std::string_view, std::string_view>;
  static const Schema& builtin();
  // Null for types that are not known (custom resources).
  const Fields* find(std::string_view type) const;
  // The type of a kind: ("apps/v1", "Deployment") -> "V1Deployment"; "" when unknown.
  std::string_view type_of(std::string_view api_version, std::string_view kind) const;

 private:
  Schema();
  std::map<std::string_view, Fields> types_;
};

}  // namespace drydock
