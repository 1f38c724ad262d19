#include "core/apiserver/openapi/protobuf.h"

#include <algorithm>
#include <optional>

#include "core/apiserver/openapi/protobuf_messages.h"
#include "core/base/strings.h"
#include "core/machinery/timestamp.h"

namespace drydock {

void ProtobufWriter::varint(std::uint64_t value) {
  while (value >= 0x80) {
    out_ += static_cast<char>((value & 0x7f) | 0x80);
    value >>= 7;
  }
  out_ += static_cast<char>(value);
}

void ProtobufWriter::number(int field, std::uint64_t value) {
  varint(static_cast<std::uint64_t>(field) << 3);
  varint(value);
}

void ProtobufWriter::bytes(int field, std::string_view value) {
  varint(static_cast<std::uint64_t>(field) << 3 | 2);
  varint(value.size());
  out_ += value;
}

bool ProtobufReader::fail() {
  failed_ = true;
  bytes_ = {};
  return false;
}

std::optional<std::uint64_t> ProtobufReader::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64 && !bytes_.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(bytes_[0]);
    bytes_.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  return std::nullopt;
}

bool ProtobufReader::next(ProtobufField& field) {
  if (bytes_.empty()) return false;
  const auto tag = varint();
  if (!tag || (*tag >> 3) == 0 || (*tag >> 3) > 1u << 28) return fail();
  field.number = static_cast<int>(*tag >> 3);
  field.type = static_cast<int>(*tag & 7);
  if (field.type == 0) {
    const auto value = varint();
    if (!value) return fail();
    field.value = *value;
    return true;
  }
  std::size_t size = field.type == 1 ? 8 : 4;
  if (field.type == 2) {
    const auto length = varint();
    if (!length || *length > bytes_.size()) return fail();
    size = static_cast<std::size_t>(*length);
  } else if (field.type != 1 && field.type != 5) {
    return fail();
  }
  if (bytes_.size() < size) return fail();
  field.bytes = bytes_.substr(0, size);
  bytes_.remove_prefix(size);
  return true;
}

namespace {

constexpr int kDepthLimit = 20;

using Shape = ProtobufShape;
using FieldRow = ProtobufFieldRow;
using MessageRow = ProtobufMessageRow;

std::optional<Value> decode_message(std::string_view bytes, const MessageRow& message, int depth);

std::optional<Value> decode_time(std::string_view bytes, bool micro) {
  ProtobufReader reader(bytes);
  ProtobufField field;
  std::int64_t whole = 0;
  std::int64_t nanos = 0;
  while (reader.next(field)) {
    if (field.number == 1) whole = static_cast<std::int64_t>(field.value);
    if (field.number == 2) nanos = static_cast<std::int64_t>(field.value);
  }
  if (reader.failed()) return std::nullopt;
  // Go's zero time, and an absent one.
  constexpr std::int64_t kYears = 253402300799;  // 9999-12-31
  if (whole <= 0 || whole > kYears || nanos < 0 || nanos >= 1000000000) return Value();
  const TimePoint when{seconds(whole) + nanoseconds(nanos)};
  return Value(micro ? format_micro_timestamp(when) : format_timestamp(when));
}

// The value of the field `number` of a message with one interesting field, or "".
std::optional<std::string> decode_text_of(std::string_view bytes, int number) {
  ProtobufReader reader(bytes);
  ProtobufField field;
  std::string text;
  while (reader.next(field)) {
    if (field.number == number && field.type == 2) text = std::string(field.bytes);
  }
  return reader.failed() ? std::nullopt : std::optional(text);
}

std::optional<Value> decode_int_or_string(std::string_view bytes) {
  ProtobufReader reader(bytes);
  ProtobufField field;
  bool text = false;
  std::int64_t number = 0;
  std::string words;
  while (reader.next(field)) {
    if (field.number == 1) text = field.value == 1;
    if (field.number == 2) number = static_cast<std::int64_t>(field.value);
    if (field.number == 3) words = std::string(field.bytes);
  }
  if (reader.failed()) return std::nullopt;
  return text ? Value(words) : Value(number);
}

// Adds one entry of a map to `map`.
bool decode_entry(const ProtobufField& field, Shape shape, Value& map) {
  if (field.type != 2) return false;
  ProtobufReader entry(field.bytes);
  ProtobufField part;
  std::string key;
  std::string_view value;
  while (entry.next(part)) {
    if (part.number == 1) key = std::string(part.bytes);
    if (part.number == 2) value = part.bytes;
  }
  if (entry.failed()) return false;
  std::optional<std::string> text(value);
  if (shape == Shape::kBytesMap) text = base64_encode(value);
  if (shape == Shape::kQuantityMap) text = decode_text_of(value, 1);
  if (text) map.set(key, *text);
  return text.has_value();
}

std::optional<Value> decode_field(const ProtobufField& field, const FieldRow& row, int depth) {
  const bool number = row.shape == Shape::kInt || row.shape == Shape::kPlainInt || row.shape == Shape::kBool ||
                      row.shape == Shape::kPlainBool;
  if (number != (field.type == 0) || (!number && field.type != 2)) return std::nullopt;
  switch (row.shape) {
    case Shape::kText:
      return Value(std::string(field.bytes));
    case Shape::kBytes:
      return Value(base64_encode(field.bytes));
    case Shape::kPlainInt:
      if (field.value == 0) return Value();
      [[fallthrough]];
    case Shape::kInt:
      return Value(static_cast<std::int64_t>(field.value));
    case Shape::kPlainBool:
      if (field.value == 0) return Value();
      [[fallthrough]];
    case Shape::kBool:
      return Value(field.value != 0);
    case Shape::kTime:
    case Shape::kMicroTime:
      return decode_time(field.bytes, row.shape == Shape::kMicroTime);
    case Shape::kMessage: {
      const MessageRow* inner = find_protobuf_message(row.message);
      return inner == nullptr ? std::nullopt : decode_message(field.bytes, *inner, depth + 1);
    }
    case Shape::kQuantity: {
      const std::optional<std::string> text = decode_text_of(field.bytes, 1);
      return text ? std::optional<Value>(Value(*text)) : std::nullopt;
    }
    case Shape::kIntOrString:
      return decode_int_or_string(field.bytes);
    case Shape::kMap:
    case Shape::kBytesMap:
    case Shape::kQuantityMap:
      break;
  }
  return std::nullopt;
}

std::optional<Value> decode_message(std::string_view bytes, const MessageRow& message, int depth) {
  if (depth > kDepthLimit) return std::nullopt;
  Value document = Value::object();
  ProtobufReader reader(bytes);
  ProtobufField field;
  while (reader.next(field)) {
    const FieldRow* row = std::find_if(message.first, message.last,
                                       [&](const FieldRow& candidate) { return candidate.number == field.number; });
    if (row == message.last) continue;  // fields we do not know are of no consequence
    if (row->shape == Shape::kMap || row->shape == Shape::kBytesMap || row->shape == Shape::kQuantityMap) {
      if (!decode_entry(field, row->shape, document.ref(row->name))) return std::nullopt;
      continue;
    }
    std::optional<Value> value = decode_field(field, *row, depth);
    if (!value) return std::nullopt;
    // Go writes every plain field: empty texts and zero times mean that it is not set.
    const bool unset = value->is_null() || (value->is_string() && value->empty());
    if (*row->name == 0) {
      for (const auto& [name, member] : value->members()) document.set(name, member);
    } else if (row->repeated) {
      document.ref(row->name).push_back(*std::move(value));
    } else if (!unset) {
      document.set(row->name, *std::move(value));
    }
  }
  if (reader.failed()) return std::nullopt;
  return document;
}

}  // namespace

Result<Value> decode_protobuf_body(std::string_view body) {
  constexpr std::string_view kMagic("k8s\0", 4);
  const Status broken = Status::bad_request(
      "provided data does not appear to be a protobuf message, expected prefix "
      "[107 56 115 0]");
  if (!body.starts_with(kMagic)) return broken;
  ProtobufReader unknown(body.substr(kMagic.size()));
  ProtobufField field;
  std::string api_version;
  std::string kind;
  std::string_view raw;
  while (unknown.next(field)) {
    if (field.number == 2) raw = field.bytes;
    if (field.number != 1) continue;
    ProtobufReader meta(field.bytes);
    ProtobufField part;
    while (meta.next(part)) {
      if (part.number == 1) api_version = std::string(part.bytes);
      if (part.number == 2) kind = std::string(part.bytes);
    }
    if (meta.failed()) return broken;
  }
  if (unknown.failed()) return broken;
  // Two groups' kinds of one name differ.
  const bool new_event = kind == "Event" && api_version.starts_with("events.k8s.io/");
  const bool old_scaler = kind == "HorizontalPodAutoscaler" && api_version == "autoscaling/v1";
  const MessageRow* message = find_protobuf_message(new_event    ? "NewEvent"
                                                    : old_scaler ? "HorizontalPodAutoscalerV1"
                                                                 : kind);
  if (kind.empty() || message == nullptr) {
    Status status = Status::plain("the body of the request was in an unknown format - accepted media types include: " +
                                  std::string("application/json, application/yaml"));
    status.code = 415;
    status.reason = "UnsupportedMediaType";
    return status;
  }
  std::optional<Value> document = decode_message(raw, *message, 0);
  if (!document) return Status::bad_request("unable to decode the protobuf message of kind " + kind);
  document->set("apiVersion", api_version);
  document->set("kind", kind);
  return *std::move(document);
}

}  // namespace drydock
