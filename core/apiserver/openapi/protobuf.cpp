#include "core/apiserver/openapi/protobuf.h"

#include <algorithm>
#include <optional>

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

// How a field is written in JSON.
enum class Shape { kText, kBytes, kInt, kBool, kTime, kMicroTime, kMap, kMessage, kIntOrString };
struct FieldRow {
  int number;
  const char* name;
  Shape shape;
  bool repeated = false;
  const char* message = nullptr;  // kMessage: its name in kMessages
};
struct MessageRow {
  const char* name;
  const FieldRow* first;
  const FieldRow* last;
};

constexpr FieldRow kOwnerReference[] = {{5, "apiVersion", Shape::kText}, {1, "kind", Shape::kText},
                                        {3, "name", Shape::kText},       {4, "uid", Shape::kText},
                                        {6, "controller", Shape::kBool}, {7, "blockOwnerDeletion", Shape::kBool}};
constexpr FieldRow kObjectMeta[] = {{1, "name", Shape::kText},
                                    {2, "generateName", Shape::kText},
                                    {3, "namespace", Shape::kText},
                                    {5, "uid", Shape::kText},
                                    {6, "resourceVersion", Shape::kText},
                                    {7, "generation", Shape::kInt},
                                    {8, "creationTimestamp", Shape::kTime},
                                    {9, "deletionTimestamp", Shape::kTime},
                                    {10, "deletionGracePeriodSeconds", Shape::kInt},
                                    {11, "labels", Shape::kMap},
                                    {12, "annotations", Shape::kMap},
                                    {13, "ownerReferences", Shape::kMessage, true, "OwnerReference"},
                                    {14, "finalizers", Shape::kText, true}};
constexpr FieldRow kPreconditions[] = {{1, "uid", Shape::kText}, {2, "resourceVersion", Shape::kText}};
constexpr FieldRow kDeleteOptions[] = {{1, "gracePeriodSeconds", Shape::kInt},
                                       {2, "preconditions", Shape::kMessage, false, "Preconditions"},
                                       {3, "orphanDependents", Shape::kBool},
                                       {4, "propagationPolicy", Shape::kText},
                                       {5, "dryRun", Shape::kText, true}};
constexpr FieldRow kEviction[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                  {2, "deleteOptions", Shape::kMessage, false, "DeleteOptions"}};
constexpr FieldRow kResourceAttributes[] = {{1, "namespace", Shape::kText}, {2, "verb", Shape::kText},
                                            {3, "group", Shape::kText},     {4, "version", Shape::kText},
                                            {5, "resource", Shape::kText},  {6, "subresource", Shape::kText},
                                            {7, "name", Shape::kText}};
constexpr FieldRow kNonResourceAttributes[] = {{1, "path", Shape::kText}, {2, "verb", Shape::kText}};
constexpr FieldRow kSelfSubjectAccessReviewSpec[] = {
    {1, "resourceAttributes", Shape::kMessage, false, "ResourceAttributes"},
    {2, "nonResourceAttributes", Shape::kMessage, false, "NonResourceAttributes"}};
constexpr FieldRow kSelfSubjectAccessReview[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                                 {2, "spec", Shape::kMessage, false, "SelfSubjectAccessReviewSpec"}};
constexpr FieldRow kSubjectAccessReviewSpec[] = {
    {1, "resourceAttributes", Shape::kMessage, false, "ResourceAttributes"},
    {2, "nonResourceAttributes", Shape::kMessage, false, "NonResourceAttributes"},
    {3, "user", Shape::kText},
    {4, "groups", Shape::kText, true},
    {6, "uid", Shape::kText}};
constexpr FieldRow kSubjectAccessReview[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                             {2, "spec", Shape::kMessage, false, "SubjectAccessReviewSpec"}};
constexpr FieldRow kSelfSubjectRulesReviewSpec[] = {{1, "namespace", Shape::kText}};
constexpr FieldRow kSelfSubjectRulesReview[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                                {2, "spec", Shape::kMessage, false, "SelfSubjectRulesReviewSpec"}};
constexpr FieldRow kSelfSubjectReview[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"}};
constexpr FieldRow kTokenReviewSpec[] = {{1, "token", Shape::kText}, {2, "audiences", Shape::kText, true}};
constexpr FieldRow kTokenReview[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                     {2, "spec", Shape::kMessage, false, "TokenReviewSpec"}};
constexpr FieldRow kBoundObjectReference[] = {
    {1, "kind", Shape::kText}, {2, "apiVersion", Shape::kText}, {3, "name", Shape::kText}, {4, "uid", Shape::kText}};
constexpr FieldRow kTokenRequestSpec[] = {{1, "audiences", Shape::kText, true},
                                          {4, "expirationSeconds", Shape::kInt},
                                          {3, "boundObjectRef", Shape::kMessage, false, "BoundObjectReference"}};
constexpr FieldRow kTokenRequest[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                      {2, "spec", Shape::kMessage, false, "TokenRequestSpec"}};
constexpr FieldRow kLeaseSpec[] = {{1, "holderIdentity", Shape::kText},   {2, "leaseDurationSeconds", Shape::kInt},
                                   {3, "acquireTime", Shape::kMicroTime}, {4, "renewTime", Shape::kMicroTime},
                                   {5, "leaseTransitions", Shape::kInt},  {6, "strategy", Shape::kText},
                                   {7, "preferredHolder", Shape::kText}};
constexpr FieldRow kLease[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                               {2, "spec", Shape::kMessage, false, "LeaseSpec"}};
constexpr FieldRow kObjectReference[] = {{1, "kind", Shape::kText},       {2, "namespace", Shape::kText},
                                         {3, "name", Shape::kText},       {4, "uid", Shape::kText},
                                         {5, "apiVersion", Shape::kText}, {6, "resourceVersion", Shape::kText},
                                         {7, "fieldPath", Shape::kText}};
constexpr FieldRow kEventSource[] = {{1, "component", Shape::kText}, {2, "host", Shape::kText}};
constexpr FieldRow kEventSeries[] = {{1, "count", Shape::kInt}, {2, "lastObservedTime", Shape::kMicroTime}};
constexpr FieldRow kEvent[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                               {2, "involvedObject", Shape::kMessage, false, "ObjectReference"},
                               {3, "reason", Shape::kText},
                               {4, "message", Shape::kText},
                               {5, "source", Shape::kMessage, false, "EventSource"},
                               {6, "firstTimestamp", Shape::kTime},
                               {7, "lastTimestamp", Shape::kTime},
                               {8, "count", Shape::kInt},
                               {9, "type", Shape::kText},
                               {10, "eventTime", Shape::kMicroTime},
                               {11, "series", Shape::kMessage, false, "EventSeries"},
                               {12, "action", Shape::kText},
                               {13, "related", Shape::kMessage, false, "ObjectReference"},
                               {14, "reportingComponent", Shape::kText},
                               {15, "reportingInstance", Shape::kText}};
constexpr FieldRow kNewEvent[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                  {2, "eventTime", Shape::kMicroTime},
                                  {3, "series", Shape::kMessage, false, "EventSeries"},
                                  {4, "reportingController", Shape::kText},
                                  {5, "reportingInstance", Shape::kText},
                                  {6, "action", Shape::kText},
                                  {7, "reason", Shape::kText},
                                  {8, "regarding", Shape::kMessage, false, "ObjectReference"},
                                  {9, "related", Shape::kMessage, false, "ObjectReference"},
                                  {10, "note", Shape::kText},
                                  {11, "type", Shape::kText},
                                  {12, "deprecatedSource", Shape::kMessage, false, "EventSource"},
                                  {13, "deprecatedFirstTimestamp", Shape::kTime},
                                  {14, "deprecatedLastTimestamp", Shape::kTime},
                                  {15, "deprecatedCount", Shape::kInt}};
constexpr FieldRow kBinding[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                 {2, "target", Shape::kMessage, false, "ObjectReference"}};
constexpr FieldRow kScaleSpec[] = {{1, "replicas", Shape::kInt}};
constexpr FieldRow kScale[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                               {2, "spec", Shape::kMessage, false, "ScaleSpec"}};
constexpr FieldRow kConfigMap[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"}, {2, "data", Shape::kMap}};
constexpr FieldRow kNamespaceSpec[] = {{1, "finalizers", Shape::kText, true}};
constexpr FieldRow kNamespace[] = {{1, "metadata", Shape::kMessage, false, "ObjectMeta"},
                                   {2, "spec", Shape::kMessage, false, "NamespaceSpec"}};

#define DRYDOCK_MESSAGE(name) {#name, std::begin(k##name), std::end(k##name)}
constexpr MessageRow kMessages[] = {
    DRYDOCK_MESSAGE(OwnerReference),
    DRYDOCK_MESSAGE(ObjectMeta),
    DRYDOCK_MESSAGE(Preconditions),
    DRYDOCK_MESSAGE(DeleteOptions),
    DRYDOCK_MESSAGE(Eviction),
    DRYDOCK_MESSAGE(ResourceAttributes),
    DRYDOCK_MESSAGE(NonResourceAttributes),
    DRYDOCK_MESSAGE(SelfSubjectAccessReviewSpec),
    DRYDOCK_MESSAGE(SelfSubjectAccessReview),
    DRYDOCK_MESSAGE(SubjectAccessReviewSpec),
    DRYDOCK_MESSAGE(SubjectAccessReview),
    DRYDOCK_MESSAGE(SelfSubjectRulesReviewSpec),
    DRYDOCK_MESSAGE(SelfSubjectRulesReview),
    DRYDOCK_MESSAGE(SelfSubjectReview),
    DRYDOCK_MESSAGE(TokenReviewSpec),
    DRYDOCK_MESSAGE(TokenReview),
    DRYDOCK_MESSAGE(BoundObjectReference),
    DRYDOCK_MESSAGE(TokenRequestSpec),
    DRYDOCK_MESSAGE(TokenRequest),
    DRYDOCK_MESSAGE(LeaseSpec),
    DRYDOCK_MESSAGE(Lease),
    DRYDOCK_MESSAGE(ObjectReference),
    DRYDOCK_MESSAGE(EventSource),
    DRYDOCK_MESSAGE(EventSeries),
    DRYDOCK_MESSAGE(Event),
    DRYDOCK_MESSAGE(NewEvent),
    DRYDOCK_MESSAGE(Binding),
    DRYDOCK_MESSAGE(ScaleSpec),
    DRYDOCK_MESSAGE(Scale),
    DRYDOCK_MESSAGE(ConfigMap),
    DRYDOCK_MESSAGE(NamespaceSpec),
    DRYDOCK_MESSAGE(Namespace),
};
#undef DRYDOCK_MESSAGE

const MessageRow* find_message(std::string_view name) {
  for (const MessageRow& row : kMessages) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

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

std::optional<Value> decode_field(const ProtobufField& field, const FieldRow& row, int depth) {
  const bool number = row.shape == Shape::kInt || row.shape == Shape::kBool;
  if (number != (field.type == 0) || (!number && field.type != 2)) return std::nullopt;
  switch (row.shape) {
    case Shape::kText:
      return Value(std::string(field.bytes));
    case Shape::kBytes:
      return Value(base64_encode(field.bytes));
    case Shape::kInt:
      return Value(static_cast<std::int64_t>(field.value));
    case Shape::kBool:
      return Value(field.value != 0);
    case Shape::kTime:
    case Shape::kMicroTime:
      return decode_time(field.bytes, row.shape == Shape::kMicroTime);
    case Shape::kMessage: {
      const MessageRow* inner = find_message(row.message);
      return inner == nullptr ? std::nullopt : decode_message(field.bytes, *inner, depth + 1);
    }
    case Shape::kMap:
    case Shape::kIntOrString:
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
    if (row->shape == Shape::kMap) {
      ProtobufReader entry(field.bytes);
      ProtobufField part;
      std::string key;
      std::string value;
      while (entry.next(part)) (part.number == 1 ? key : value) = std::string(part.bytes);
      if (entry.failed() || field.type != 2) return std::nullopt;
      document.ref(row->name).set(key, value);
      continue;
    }
    std::optional<Value> value = decode_field(field, *row, depth);
    if (!value) return std::nullopt;
    // Go writes every plain field: empty texts and zero times mean that it is not set.
    const bool unset = value->is_null() || (value->is_string() && value->empty());
    if (row->repeated)
      document.ref(row->name).push_back(*std::move(value));
    else if (!unset)
      document.set(row->name, *std::move(value));
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
  const bool new_event = kind == "Event" && api_version.starts_with("events.k8s.io/");
  const MessageRow* message = find_message(new_event ? "NewEvent" : kind);
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
