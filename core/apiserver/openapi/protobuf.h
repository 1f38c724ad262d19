// Protocol buffers on the wire, as far as an API server needs them: writing messages
// field by field, and reading the bodies that kubectl and client-go send.
// https://protobuf.dev/programming-guides/encoding/
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/machinery/value.h"

namespace drydock {

class ProtobufWriter {
 public:
  void number(int field, std::uint64_t value);
  void boolean(int field, bool value) {
    if (value) number(field, 1);
  }
  void text(int field, std::string_view value) {
    if (!value.empty()) bytes(field, value);
  }
  void bytes(int field, std::string_view value);  // also nested messages, empty ones included
  void message(int field, const ProtobufWriter& inner) { bytes(field, inner.out_); }
  const std::string& str() const { return out_; }

 private:
  void varint(std::uint64_t value);
  std::string out_;
};

// One field as it stands on the wire.
struct ProtobufField {
  int number = 0;
  int type = 0;
  std::uint64_t value = 0;  // type 0
  std::string_view bytes;   // types 1, 2 and 5
  std::int64_t integer() const { return static_cast<std::int64_t>(value); }
};

// Reads a message field by field; `bytes` outlives it.
class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view bytes) : bytes_(bytes) {}
  // False at the end and after an error.
  bool next(ProtobufField& field);
  bool failed() const { return failed_; }

 private:
  bool fail();
  std::optional<std::uint64_t> varint();
  std::string_view bytes_;
  bool failed_ = false;
};

constexpr std::string_view kProtobufType = "application/vnd.kubernetes.protobuf";

// A body of that content type as a document: "k8s\0", then runtime.Unknown around a
// message whose kind it names. Kinds that our clients do not send so give 415.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
Result<Value> decode_protobuf_body(std::string_view body);

}  // namespace drydock
