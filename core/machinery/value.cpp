#include "core/machinery/value.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <unordered_set>
#include <vector>

namespace drydock {
namespace {

const Value kNullValue;
constexpr std::size_t kFewPointers = 64;
constexpr std::size_t kFewMembers = 16;

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

// Nodes never move, so a Key can point into the table. Looked up by text only, never
// iterated: neither hashes nor the order of insertion can reach any state.
const std::string* intern(std::string_view text) {
  static std::unordered_set<std::string, TextHash, std::equal_to<>> table;
  auto at = table.find(text);
  if (at == table.end()) at = table.emplace(text).first;
  return &*at;
}

}  // namespace

Key::Key(std::string_view text) : text_(intern(text)) {}

struct Value::DeferredText {
  std::function<std::string()> make;  // empty once it has been called
  std::string text;
};

struct Value::StringData {
  static constexpr std::uint32_t kDeferred = UINT32_MAX;  // a DeferredText follows, not the bytes

  std::uint32_t references;
  std::uint32_t length;
  char* bytes() { return reinterpret_cast<char*>(this + 1); }
  DeferredText& deferred() { return *std::launder(reinterpret_cast<DeferredText*>(this + 1)); }

  std::string_view view() {
    if (length != kDeferred) return {bytes(), length};
    DeferredText& later = deferred();
    if (later.make) later.text = std::exchange(later.make, nullptr)();
    return later.text;
  }
  void destroy() {
    if (length == kDeferred) deferred().~DeferredText();
    ::operator delete(this);
  }

  static StringData* make(std::string_view text) {
    void* memory = ::operator new(sizeof(StringData) + text.size());
    auto* data = new (memory) StringData{1, static_cast<std::uint32_t>(text.size())};
    if (!text.empty()) std::memcpy(data->bytes(), text.data(), text.size());
    return data;
  }
};

struct Value::ArrayData {
  std::uint32_t references = 1;
  std::vector<Value> items;
};

struct Value::ObjectData {
  std::uint32_t references = 1;
  std::vector<Member> members;

  std::vector<Member>::iterator lower(std::string_view key) {
    return std::lower_bound(members.begin(), members.end(), key,
                            [](const Member& member, std::string_view wanted) { return member.key.view() < wanted; });
  }
};

Value::Value(std::string_view text) : kind_(Kind::kString) { payload_.string = StringData::make(text); }

Value Value::deferred(std::function<std::string()> make) {
  static_assert(sizeof(StringData) % alignof(DeferredText) == 0);
  void* memory = ::operator new(sizeof(StringData) + sizeof(DeferredText));
  auto* data = new (memory) StringData{1, StringData::kDeferred};
  new (data + 1) DeferredText{std::move(make), {}};
  Value value;
  value.payload_.string = data;
  value.kind_ = Kind::kString;
  return value;
}

Value Value::array() {
  Value value;
  value.payload_.array = new ArrayData;
  value.kind_ = Kind::kArray;
  return value;
}

Value Value::array(std::initializer_list<Value> items) {
  Value value = array();
  value.payload_.array->items.assign(items.begin(), items.end());
  return value;
}

Value Value::object() {
  Value value;
  value.payload_.object = new ObjectData;
  value.kind_ = Kind::kObject;
  return value;
}

Value Value::object(std::initializer_list<Member> members) {
  Value value = object();
  value.payload_.object->members.reserve(members.size());
  for (const Member& member : members) value.set(member.key, member.value);
  return value;
}

Value::Value(const Value& other) : payload_(other.payload_), kind_(other.kind_) { retain(); }

Value::~Value() { release(); }

void Value::retain() const {
  if (kind_ == Kind::kString)
    ++payload_.string->references;
  else if (kind_ == Kind::kArray)
    ++payload_.array->references;
  else if (kind_ == Kind::kObject)
    ++payload_.object->references;
}

void Value::release() {
  if (kind_ == Kind::kString) {
    if (--payload_.string->references == 0) payload_.string->destroy();
  } else if (kind_ == Kind::kArray) {
    if (--payload_.array->references == 0) delete payload_.array;
  } else if (kind_ == Kind::kObject) {
    if (--payload_.object->references == 0) delete payload_.object;
  }
}

std::int64_t Value::as_int(std::int64_t fallback) const {
  if (kind_ == Kind::kInt) return payload_.number;
  if (kind_ != Kind::kDouble) return fallback;
  if (payload_.real >= -9.2e18 && payload_.real <= 9.2e18) return static_cast<std::int64_t>(payload_.real);
  return fallback;
}

double Value::as_double(double fallback) const {
  if (kind_ == Kind::kInt) return static_cast<double>(payload_.number);
  return kind_ == Kind::kDouble ? payload_.real : fallback;
}

std::string_view Value::as_string() const {
  if (kind_ != Kind::kString) return {};
  return payload_.string->view();
}

std::size_t Value::size() const {
  switch (kind_) {
    case Kind::kString:
      return payload_.string->view().size();
    case Kind::kArray:
      return payload_.array->items.size();
    case Kind::kObject:
      return payload_.object->members.size();
    default:
      return 0;
  }
}

std::span<const Value> Value::items() const {
  if (kind_ != Kind::kArray) return {};
  return payload_.array->items;
}

const Value& Value::operator[](std::size_t index) const {
  const auto all = items();
  return index < all.size() ? all[index] : kNullValue;
}

Value::ArrayData& Value::own_array() {
  if (kind_ != Kind::kArray) *this = array();
  if (payload_.array->references > 1) {
    auto* copy = new ArrayData;
    copy->items = payload_.array->items;
    --payload_.array->references;
    payload_.array = copy;
  }
  return *payload_.array;
}

Value::ObjectData& Value::own_object(std::size_t more) {
  if (kind_ != Kind::kObject) *this = object();
  if (payload_.object->references > 1) {
    auto* copy = new ObjectData;
    const std::vector<Member>& members = payload_.object->members;
    copy->members.reserve(members.size() + more);
    copy->members.assign(members.begin(), members.end());
    --payload_.object->references;
    payload_.object = copy;
  }
  return *payload_.object;
}

void Value::push_back(Value item) { own_array().items.push_back(std::move(item)); }
Value& Value::mutable_item(std::size_t index) { return own_array().items.at(index); }

void Value::erase_item(std::size_t index) {
  auto& items = own_array().items;
  if (index < items.size()) items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
}

void Value::insert_item(std::size_t index, Value item) {
  auto& items = own_array().items;
  items.insert(items.begin() + static_cast<std::ptrdiff_t>(std::min(index, items.size())), std::move(item));
}

std::span<const Value::Member> Value::members() const {
  if (kind_ != Kind::kObject) return {};
  return payload_.object->members;
}

const Value* Value::find(std::string_view key) const {
  if (kind_ != Kind::kObject) return nullptr;
  const std::vector<Member>& members = payload_.object->members;
  if (members.size() <= kFewMembers && !key.empty()) {  // comparing lengths first beats a binary search
    const char last = key.back();
    for (const Member& member : members) {
      const std::string_view own = member.key.view();
      if (own.size() == key.size() && own.back() == last && std::memcmp(own.data(), key.data(), key.size()) == 0)
        return &member.value;
    }
    return nullptr;
  }
  const auto at = payload_.object->lower(key);
  if (at == payload_.object->members.end() || at->key.view() != key) return nullptr;
  return &at->value;
}

const Value& Value::operator[](std::string_view key) const {
  const Value* found = find(key);
  return found != nullptr ? *found : kNullValue;
}

void Value::set(Key key, Value value) { ref(key) = std::move(value); }

bool Value::erase(std::string_view key) {
  if (!has(key)) return false;
  ObjectData& data = own_object();
  data.members.erase(data.lower(key));
  return true;
}

Value& Value::ref(Key key) {
  if (kind_ == Kind::kObject) {
    std::vector<Member>& had = payload_.object->members;
    // Keys are pointers: a few are compared faster than the texts of a binary search.
    const auto at = had.size() > kFewPointers ? payload_.object->lower(key.view())
                                              : std::find_if(had.begin(), had.end(),
                                                             [key](const Member& member) { return member.key == key; });
    if (at != had.end() && at->key == key)
      return own_object().members[static_cast<std::size_t>(at - had.begin())].value;
  }
  ObjectData& data = own_object(1);
  // Thousands of small objects are kept: growing to twice the size would waste a third
  // of all memory.
  std::vector<Member>& members = data.members;
  if (members.size() == members.capacity()) members.reserve(members.size() + 1 + members.size() / 4);
  return members.insert(data.lower(key.view()), Member{key, Value()})->value;
}

bool Value::same_as(const Value& other) const {
  return kind_ == other.kind_ && payload_.number == other.payload_.number;
}

bool operator==(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) {
    if (a.is_int() && b.is_int()) return a.payload_.number == b.payload_.number;
    return a.as_double() == b.as_double();
  }
  if (a.kind_ != b.kind_) return false;
  switch (a.kind_) {
    case Value::Kind::kNull:
      return true;
    case Value::Kind::kBool:
      return a.payload_.number == b.payload_.number;
    case Value::Kind::kString:
      return a.payload_.string == b.payload_.string || a.as_string() == b.as_string();
    case Value::Kind::kArray:
      return a.payload_.array == b.payload_.array || a.payload_.array->items == b.payload_.array->items;
    case Value::Kind::kObject:
      return a.payload_.object == b.payload_.object ||
             std::equal(
                 a.members().begin(), a.members().end(), b.members().begin(), b.members().end(),
                 [](const Value::Member& x, const Value::Member& y) { return x.key == y.key && x.value == y.value; });
    default:
      return false;
  }
}

std::size_t Value::memory_bytes() const {
  std::size_t bytes = sizeof(Value);
  if (kind_ == Kind::kString) {
    const bool later = payload_.string->length == StringData::kDeferred;
    bytes += sizeof(StringData) +
             (later ? sizeof(DeferredText) + payload_.string->deferred().text.capacity() : payload_.string->length);
  }
  if (kind_ == Kind::kArray) {
    bytes += sizeof(ArrayData);
    for (const Value& item : items()) bytes += item.memory_bytes();
  }
  if (kind_ == Kind::kObject) {
    bytes += sizeof(ObjectData);
    for (const Member& member : members()) bytes += sizeof(Key) + member.value.memory_bytes();
  }
  return bytes;
}

}  // namespace drydock
