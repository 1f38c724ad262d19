// The messages of protobuf bodies, as tables: what kubectl's typed clients and client-go
// send. Field numbers are those of the API's generated.proto files; fields that are not
// here are of no consequence to the server, or nobody sends them so.
#pragma once

#include <string_view>

namespace drydock {

// How a field is written in JSON. Go writes every field that is no pointer, so the zero
// of a kPlainInt or kPlainBool means that it is not set; a pointer's zero is one.
enum class ProtobufShape {
  kText,
  kBytes,
  kInt,
  kPlainInt,
  kBool,
  kPlainBool,
  kTime,
  kMicroTime,
  kMap,          // of texts
  kBytesMap,     // of bytes
  kQuantity,     // a text in a message
  kQuantityMap,  // of those
  kIntOrString,
  kMessage
};
struct ProtobufFieldRow {
  int number;
  const char* name;  // "": the message's fields stand beside the others
  ProtobufShape shape;
  bool repeated = false;
  const char* message = nullptr;  // kMessage: its name
};
struct ProtobufMessageRow {
  const char* name;
  const ProtobufFieldRow* first;
  const ProtobufFieldRow* last;
};

// Null when there is none of that name.
const ProtobufMessageRow* find_protobuf_message(std::string_view name);

}  // namespace drydock
