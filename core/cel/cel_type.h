// Type: what the checker knows of an expression: CEL's types and those that
// Kubernetes declares (custom resources' schemas, opaque types of its libraries).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::cel {

struct Type;
using TypeRef = std::shared_ptr<const Type>;

struct Type {
  enum class Kind : std::uint8_t {
    kError,
    kDyn,
    kNull,
    kBool,
    kInt,
    kUint,
    kDouble,
    kString,
    kBytes,
    kTimestamp,
    kDuration,
    kList,
    kMap,
    kType,
    kOptional,
    kObject,
    kOpaque,
    kParam,
  };
  Kind kind = Kind::kDyn;
  std::string name;             // of objects and opaque types; the name of anything else follows from its kind
  std::vector<TypeRef> params;  // list: item; map: key, value; type and optional: one
  int param = 0;                // kParam: which one
  // Objects: null for a field that there is not.
  std::function<TypeRef(std::string_view field)> field;
  // Objects whose fields are names of a document as they stand, in need of escaping in CEL.
  bool escaped = false;
  // Of schemas: the most items, members or bytes, for estimates; how equality works.
  std::uint64_t most = UINT64_MAX;
  std::uint64_t least_bytes = 1;  // of one in JSON
  std::string list_type;
  std::vector<std::string> map_keys;

  // "list(map(string, dyn))", as error texts show it.
  std::string str() const;
};

TypeRef type_of(Type::Kind kind);  // shared ones, without parameters
TypeRef list_of(TypeRef item);
TypeRef map_of(TypeRef key, TypeRef value);
TypeRef optional_of(TypeRef value);
TypeRef type_type(TypeRef type);
TypeRef opaque_type(std::string_view name);
TypeRef object_type(std::string name, std::function<TypeRef(std::string_view)> field);
bool same_type(const Type& a, const Type& b);

// A type in the letters of the function tables; takes what it reads off `text`:
// i int, u uint, d double, s string, y bytes, o bool, n null, t timestamp, r duration,
// * dyn, A B C parameters, [X] list, {XY} map, ?X optional, !X type(X); opaque: q quantity,
// p IP, c CIDR, l URL, v semver, f format, m image, a authorizer, h path check, g group
// check, k resource check, e decision.
TypeRef read_type(std::string_view& text);
TypeRef read_type(const char* text);
// The name of an opaque type by its letter.
std::string_view opaque_name(char letter);

// How a property's name is written in an expression ("__namespace__", "a__dash__b");
// "" when it cannot be.
std::string escape_property(std::string_view name);
std::string unescape_property(std::string_view name);

}  // namespace drydock::cel
