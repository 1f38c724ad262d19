// Value: one JSON document, or a part of one. 16 bytes, cheap to copy: strings,
// arrays and objects are shared between copies and copied only when one of them
// is changed (copy on write along the changed path). So an unchanged
// sub-document is stored once however many object versions hold it.
//
// - Objects keep their members sorted by key, as Kubernetes' encoders write
//   them: two equal documents always print the same bytes.
// - Reading something that is not there (or of another kind) yields null, 0, ""
//   or an empty span, never an error: documents have been checked against the
//   schema before code reads them.
// - Not thread-safe (the core has one thread).
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace drydock {

// An object key: interned, one pointer. Equal keys have equal pointers; the order
// is that of the text. The table of keys only grows and holds no state of any world.
class Key {
 public:
  Key(std::string_view text);                                    // NOLINT: implicit by design
  Key(const char* text) : Key(std::string_view(text)) {}         // NOLINT
  Key(const std::string& text) : Key(std::string_view(text)) {}  // NOLINT
  std::string_view view() const { return *text_; }
  std::string str() const { return *text_; }
  friend bool operator==(Key a, Key b) { return a.text_ == b.text_; }

 private:
  const std::string* text_;
};

class Value {
 public:
  enum class Kind : std::uint8_t { kNull, kBool, kInt, kDouble, kString, kArray, kObject };
  struct Member;

  Value() = default;
  Value(std::nullptr_t) {}  // NOLINT: implicit by design, here and below
  Value(bool value) : kind_(Kind::kBool) { payload_.number = value ? 1 : 0; }  // NOLINT
  template <std::integral Integer>
    requires(!std::same_as<Integer, bool>)
  Value(Integer value) : kind_(Kind::kInt) {
    payload_.number = static_cast<std::int64_t>(value);
  }  // NOLINT
  Value(double value) : kind_(Kind::kDouble) { payload_.real = value; }  // NOLINT
  Value(std::string_view text);                                          // NOLINT
  Value(const char* text) : Value(std::string_view(text)) {}             // NOLINT
  Value(const std::string& text) : Value(std::string_view(text)) {}      // NOLINT
  // A string whose text is made when somebody first reads it, for what is costly and
  // seldom looked at (a token's signature). `make` must not depend on when it is called.
  static Value deferred(std::function<std::string()> make);
  static Value array();
  static Value array(std::initializer_list<Value> items);
  static Value object();
  static Value object(std::initializer_list<Member> members);

  Value(const Value& other);
  Value(Value&& other) noexcept : payload_(other.payload_), kind_(other.kind_) { other.kind_ = Kind::kNull; }
  Value& operator=(Value other) noexcept {
    swap(other);
    return *this;
  }
  ~Value();
  void swap(Value& other) noexcept {
    std::swap(payload_, other.payload_);
    std::swap(kind_, other.kind_);
  }

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_bool() const { return kind_ == Kind::kBool; }
  bool is_int() const { return kind_ == Kind::kInt; }
  bool is_number() const { return kind_ == Kind::kInt || kind_ == Kind::kDouble; }
  bool is_string() const { return kind_ == Kind::kString; }
  bool is_array() const { return kind_ == Kind::kArray; }
  bool is_object() const { return kind_ == Kind::kObject; }

  bool as_bool(bool fallback = false) const { return is_bool() ? payload_.number != 0 : fallback; }
  std::int64_t as_int(std::int64_t fallback = 0) const;  // a double is truncated
  double as_double(double fallback = 0) const;
  std::string_view as_string() const;  // "" unless a string; valid while any copy of this value lives unchanged
  std::string str() const { return std::string(as_string()); }

  // Number of items, members or (for a string) bytes.
  std::size_t size() const;
  bool empty() const { return size() == 0; }

  // Arrays.
  std::span<const Value> items() const;
  const Value& operator[](std::size_t index) const;
  const Value& operator[](int index) const { return (*this)[static_cast<std::size_t>(index)]; }
  void push_back(Value item);  // null becomes an array first
  Value& mutable_item(std::size_t index);
  void erase_item(std::size_t index);
  void insert_item(std::size_t index, Value item);

  // Objects. get("spec", "nodeName") walks; the path stops at null.
  std::span<const Member> members() const;
  const Value* find(std::string_view key) const;  // nullptr when absent
  bool has(std::string_view key) const { return find(key) != nullptr; }
  const Value& operator[](std::string_view key) const;
  const Value& operator[](const char* key) const { return (*this)[std::string_view(key)]; }
  const Value& operator[](const std::string& key) const { return (*this)[std::string_view(key)]; }
  template <class... Rest>
  const Value& get(std::string_view key, Rest&&... rest) const {
    const Value& child = (*this)[key];
    if constexpr (sizeof...(rest) == 0)
      return child;
    else
      return child.get(std::forward<Rest>(rest)...);
  }

  // Changing: null becomes an object (copy on write). ref("metadata", "labels")
  // creates what is missing; a part that is of another kind is replaced.
  // The reference lives until the next change of the same document.
  void set(Key key, Value value);
  bool erase(std::string_view key);  // true when it was there
  Value& ref(Key key);
  template <class... Rest>
    requires(sizeof...(Rest) > 0)
  Value& ref(Key key, Rest&&... rest) {
    return ref(key).ref(std::forward<Rest>(rest)...);
  }

  // Deep equality; 1 and 1.0 are equal, as in JSON. Shared parts compare at once.
  friend bool operator==(const Value& a, const Value& b);
  // Same bytes in memory: a fast "nothing changed" check, false negatives possible.
  bool same_as(const Value& other) const;

  // Bytes of memory this document holds, shared parts counted in full.
  std::size_t memory_bytes() const;

 private:
  struct StringData;
  struct DeferredText;
  struct ArrayData;
  struct ObjectData;
  union Payload {
    std::int64_t number;
    double real;
    StringData* string;
    ArrayData* array;
    ObjectData* object;
  };
  void retain() const;
  void release();
  ArrayData& own_array();
  ObjectData& own_object(std::size_t more = 0);  // with room for that many members more

  Payload payload_{.number = 0};
  Kind kind_ = Kind::kNull;
};

struct Value::Member {
  Key key;
  Value value;
};

}  // namespace drydock
