#include "server/store/etcd/messages.h"

#include "core/apiserver/openapi/protobuf.h"
#include "core/machinery/json.h"

namespace drydock::server::etcd {
namespace {

constexpr std::size_t kMostKnown = 500000;

Status unreadable(const char* what) {
  return Status::plain(std::string("rpc error: code = Internal desc = cannot read etcd's ") + what);
}

std::uint64_t unsigned_of(std::int64_t number) { return static_cast<std::uint64_t>(number); }

// A number that is left out when it is zero, as proto3 does.
void write(ProtobufWriter& out, int field, std::int64_t number) {
  if (number != 0) out.number(field, unsigned_of(number));
}

Revision header_revision(std::string_view bytes) {
  ProtobufReader reader(bytes);
  ProtobufField field;
  Revision revision = 0;
  while (reader.next(field)) {
    if (field.number == 3) revision = field.integer();
  }
  return revision;
}

Result<KeyValue> key_value(std::string_view bytes, KnownDocuments& known) {
  ProtobufReader reader(bytes);
  ProtobufField field;
  KeyValue item;
  std::string_view text;
  while (reader.next(field)) {
    if (field.number == 1) item.key = std::string(field.bytes);
    if (field.number == 2) item.create_revision = field.integer();
    if (field.number == 3) item.mod_revision = field.integer();
    if (field.number == 4) item.version = field.integer();
    if (field.number == 5) text = field.bytes;
    if (field.number == 6) item.lease = field.integer();
  }
  if (reader.failed()) return unreadable("key and value");
  if (item.version == 0) return item;  // of a deletion
  if (const Value* document = known.find(item.key, item.mod_revision)) {
    item.value = *document;
    return item;
  }
  Result<Value> document = parse_json(text);
  if (!document) return Status::plain("unable to decode the value of " + item.key + ": " + document.error().message);
  item.value = *std::move(document);
  return item;
}

Result<void> read_key_values(std::string_view bytes, int number, std::vector<KeyValue>& out, KnownDocuments& known) {
  ProtobufReader reader(bytes);
  ProtobufField field;
  while (reader.next(field)) {
    if (field.number != number) continue;
    DRYDOCK_TRY(KeyValue item, key_value(field.bytes, known));
    out.push_back(std::move(item));
  }
  if (reader.failed()) return unreadable("answer");
  return {};
}

ProtobufWriter write_op(const StoreOp& op) {
  ProtobufWriter inner;
  ProtobufWriter out;
  inner.text(1, op.key);
  if (op.type == StoreOp::Type::kPut) {
    inner.bytes(2, dump_json(op.value));
    write(inner, 3, op.lease);
    out.message(2, inner);
  } else if (op.type == StoreOp::Type::kDelete) {
    inner.text(2, op.range_end);
    inner.boolean(3, true);  // prev_kv
    out.message(3, inner);
  } else {
    out.message(1, inner);
  }
  return out;
}

Result<StoreEvent> event_of(std::string_view bytes, KnownDocuments& known) {
  ProtobufReader reader(bytes);
  ProtobufField field;
  StoreEvent event;
  std::string_view current;
  std::string_view previous;
  while (reader.next(field)) {
    if (field.number == 1) event.deleted = field.value == 1;
    if (field.number == 2) current = field.bytes;
    if (field.number == 3) previous = field.bytes;
  }
  if (reader.failed()) return unreadable("event");
  // Before the new document takes the old one's place among those that are known.
  if (!previous.empty()) {
    DRYDOCK_TRY(event.previous, key_value(previous, known));
  }
  DRYDOCK_TRY(event.item, key_value(current, known));
  if (event.deleted)
    known.forget(event.item.key, event.item.mod_revision);
  else
    known.remember(event.item.key, event.item.mod_revision, event.item.value);
  return event;
}

}  // namespace

const Value* KnownDocuments::find(std::string_view key, Revision revision) const {
  const auto at = documents_.find(key);
  return at == documents_.end() || at->second.revision != revision ? nullptr : &at->second.document;
}

void KnownDocuments::remember(const std::string& key, Revision revision, const Value& document) {
  if (documents_.size() >= kMostKnown) documents_.clear();
  Known& known = documents_[key];
  if (known.revision < revision) known = {revision, document};
}

void KnownDocuments::forget(std::string_view key, Revision revision) {
  const auto at = documents_.find(key);
  if (at != documents_.end() && at->second.revision < revision) documents_.erase(at);
}

std::string range_request(const RangeRequest& request) {
  ProtobufWriter out;
  out.text(1, request.key);
  out.text(2, request.range_end);
  write(out, 3, request.limit);
  write(out, 4, request.revision);
  out.boolean(9, request.count_only);
  return out.str();
}

Result<RangeResult> range_result(std::string_view bytes, KnownDocuments& known) {
  ProtobufReader reader(bytes);
  ProtobufField field;
  RangeResult result;
  while (reader.next(field)) {
    if (field.number == 1) result.revision = header_revision(field.bytes);
    if (field.number == 3) result.more = field.value != 0;
    if (field.number == 4) result.count = field.integer();
  }
  if (reader.failed()) return unreadable("range");
  DRYDOCK_TRY_VOID(read_key_values(bytes, 2, result.items, known));
  return result;
}

std::string txn_request(const TxnRequest& request) {
  ProtobufWriter out;
  for (const StoreCompare& compare : request.compares) {
    ProtobufWriter inner;
    inner.number(2, 2);  // target MOD; the result is EQUAL, 0
    inner.text(3, compare.key);
    inner.number(6, unsigned_of(compare.mod_revision));
    out.message(1, inner);
  }
  for (const StoreOp& op : request.success) out.message(2, write_op(op));
  for (const StoreOp& op : request.failure) out.message(3, write_op(op));
  return out.str();
}

Result<TxnResult> txn_result(std::string_view bytes, const TxnRequest& request, KnownDocuments& known) {
  ProtobufReader reader(bytes);
  ProtobufField field;
  TxnResult result;
  std::vector<std::string_view> answers;
  while (reader.next(field)) {
    if (field.number == 1) result.revision = header_revision(field.bytes);
    if (field.number == 2) result.succeeded = field.value != 0;
    if (field.number == 3) answers.push_back(field.bytes);
  }
  if (reader.failed()) return unreadable("transaction");
  for (const std::string_view answer : answers) {
    ProtobufReader op(answer);
    ProtobufField part;
    while (op.next(part)) {
      if (part.number != 1 && part.number != 3) continue;
      const bool got = part.number == 1;
      DRYDOCK_TRY_VOID(read_key_values(part.bytes, got ? 2 : 3, got ? result.gets : result.previous, known));
    }
    if (op.failed()) return unreadable("transaction");
  }
  for (const StoreOp& op : result.succeeded ? request.success : request.failure) {
    if (op.type == StoreOp::Type::kPut) known.remember(op.key, result.revision, op.value);
  }
  return result;
}

std::string compaction_request(Revision revision) {
  ProtobufWriter out;
  write(out, 1, revision);
  return out.str();
}

std::string lease_grant_request(std::int64_t ttl_seconds) {
  ProtobufWriter out;
  write(out, 1, ttl_seconds);
  return out.str();
}

std::string lease_request(LeaseId lease) {
  ProtobufWriter out;
  write(out, 1, lease);
  return out.str();
}

Result<LeaseAnswer> lease_answer(std::string_view bytes) {
  ProtobufReader reader(bytes);
  ProtobufField field;
  LeaseAnswer answer;
  while (reader.next(field)) {
    if (field.number == 2) answer.id = field.integer();
    if (field.number == 3) answer.ttl_seconds = field.integer();
  }
  if (reader.failed()) return unreadable("lease");
  return answer;
}

std::string watch_create_request(std::int64_t watch_id, const std::string& key, const std::string& range_end,
                                 Revision start) {
  ProtobufWriter inner;
  inner.text(1, key);
  inner.text(2, range_end);
  write(inner, 3, start);
  inner.boolean(4, true);  // progress_notify: an idle watch hears now and then how far it is
  inner.boolean(6, true);  // prev_kv
  write(inner, 7, watch_id);
  ProtobufWriter out;
  out.message(1, inner);
  return out.str();
}

std::string watch_cancel_request(std::int64_t watch_id) {
  ProtobufWriter inner;
  write(inner, 1, watch_id);
  ProtobufWriter out;
  out.message(2, inner);
  return out.str();
}

Result<WatchAnswer> watch_answer(std::string_view bytes, KnownDocuments& known) {
  ProtobufReader reader(bytes);
  ProtobufField field;
  WatchAnswer answer;
  while (reader.next(field)) {
    if (field.number == 1) answer.revision = header_revision(field.bytes);
    if (field.number == 2) answer.watch_id = field.integer();
    if (field.number == 3) answer.created = field.value != 0;
    if (field.number == 4) answer.canceled = field.value != 0;
    if (field.number == 5) answer.compact_revision = field.integer();
    if (field.number == 6) answer.cancel_reason = std::string(field.bytes);
    if (field.number != 11) continue;
    DRYDOCK_TRY(StoreEvent event, event_of(field.bytes, known));
    answer.events.push_back(std::move(event));
  }
  if (reader.failed()) return unreadable("watch");
  return answer;
}

Status compacted_status() { return Status::gone("etcdserver: mvcc: required revision has been compacted"); }

}  // namespace drydock::server::etcd
