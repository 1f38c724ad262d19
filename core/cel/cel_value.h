// Val: what a CEL expression evaluates to. Cheap to copy: text is a shared Value, lists,
// maps and opaque values are shared boxes that never change. Errors are values, too:
// they travel through calls, and `&&`, `||` and the macros may absorb them.
// https://github.com/google/cel-spec/blob/master/doc/langdef.md#values
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/cel/cel_type.h"
#include "core/machinery/value.h"

namespace drydock::cel {

class Val;

// What lists, maps and opaque values hold.
struct Box {
  virtual ~Box() = default;
};

struct ListBox : Box {
  virtual std::size_t size() const = 0;
  virtual Val at(std::size_t index) const = 0;
  // The schema's x-kubernetes-list-type and keys; null: an ordinary list.
  virtual const Type* declared() const { return nullptr; }
};

struct MapBox : Box {
  virtual std::size_t size() const = 0;
  virtual bool find(const Val& key, Val& found) const = 0;
  virtual std::pair<Val, Val> entry(std::size_t index) const = 0;  // in the order of keys
};

// An object whose fields are computed when somebody looks: `variables` of a policy.
struct RecordBox : Box {
  virtual bool field(std::string_view name, Val& found) const = 0;
};

// quantity, ip, cidr, url, semver, …: `type` is the name in CEL. Equal when `key` is.
struct OpaqueBox : Box {
  std::string_view type;
  std::string key;
};

class Val {
 public:
  enum class Kind : std::uint8_t {
    kError,
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
    kRecord,
    kOpaque,
  };

  Val() = default;  // null
  static Val of_bool(bool value) { return Val(Kind::kBool, value ? 1 : 0); }
  static Val of_int(std::int64_t value) { return Val(Kind::kInt, value); }
  static Val of_uint(std::uint64_t value) { return Val(Kind::kUint, static_cast<std::int64_t>(value)); }
  static Val of_double(double value);
  static Val of_text(Value text);
  static Val of_string(std::string_view text) { return of_text(Value(text)); }
  static Val of_bytes(std::string_view bytes);
  static Val of_timestamp(std::int64_t seconds, std::int32_t nanos);
  static Val of_duration(std::int64_t nanos) { return Val(Kind::kDuration, nanos); }
  static Val of_list(std::vector<Val> items);
  // Sorted here; of entries with equal keys one stays.
  static Val of_map(std::vector<std::pair<Val, Val>> entries);
  static Val of_type(TypeRef type);
  static Val of_box(Kind kind, std::shared_ptr<const Box> box);
  static Val none();  // optional.none()
  static Val some(Val value);
  static Val error(std::string_view message);
  // A part of a document, seen as its declared type says; without one as JSON.
  static Val of_document(const Value& document, const TypeRef& declared = nullptr);

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  bool is_error() const { return kind_ == Kind::kError; }
  bool is_true() const { return kind_ == Kind::kBool && number_ != 0; }
  bool is_false() const { return kind_ == Kind::kBool && number_ == 0; }
  bool is_number() const { return kind_ == Kind::kInt || kind_ == Kind::kUint || kind_ == Kind::kDouble; }

  bool boolean() const { return number_ != 0; }
  std::int64_t integer() const { return number_; }  // also seconds of a timestamp, nanoseconds of a duration
  std::uint64_t unsigned_integer() const { return static_cast<std::uint64_t>(number_); }
  double real() const;
  std::int32_t nanos() const { return nanos_; }
  std::string_view text() const { return text_.as_string(); }  // of strings, bytes and errors
  const Value& text_value() const { return text_; }
  const ListBox& list() const { return static_cast<const ListBox&>(*box_); }
  const MapBox& map() const { return static_cast<const MapBox&>(*box_); }
  const RecordBox& record() const { return static_cast<const RecordBox&>(*box_); }
  const OpaqueBox& opaque() const { return static_cast<const OpaqueBox&>(*box_); }
  bool is_opaque(std::string_view type) const { return kind_ == Kind::kOpaque && opaque().type == type; }
  const Type& type_value() const;
  TypeRef type_ref() const;
  // Of an optional; null pointer when it has none.
  const Val* held() const;

  // The name of its type, as type() and errors show it.
  std::string type_name() const;
  // The JSON document that it is; false for what has none (types, opaque values).
  bool to_document(Value& document) const;

 private:
  Val(Kind kind, std::int64_t number) : kind_(kind), number_(number) {}

  Kind kind_ = Kind::kNull;
  std::int32_t nanos_ = 0;
  std::int64_t number_ = 0;
  Value text_;
  std::shared_ptr<const Box> box_;
};

// CEL's equality: numbers across their types, lists in order (sets and keyed lists of a
// schema without), different types unequal.
bool equal(const Val& a, const Val& b);
// -1, 0, 1; 2 when the two have no order.
int compare(const Val& a, const Val& b);
// A total order of everything that may be a map's key.
bool key_less(const Val& a, const Val& b);

}  // namespace drydock::cel
