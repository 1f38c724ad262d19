#include "core/apiserver/ownership/managed_entries.h"

#include <algorithm>
#include <array>

#include "core/base/strings.h"
#include "core/machinery/fields/field_set.h"

namespace drydock {
namespace {

constexpr std::size_t kMostUpdaters = 10;
constexpr const char* kAncient = "ancient-changes";
constexpr std::size_t kRememberedEntries = 64;

Value encoded(const ManagedEntry& entry) {
  static const Value fields_v1("FieldsV1"), apply("Apply"), update("Update");
  Value out = Value::object({{"apiVersion", entry.api_version},
                             {"fieldsType", fields_v1},
                             {"fieldsV1", field_set::shared(entry.fields)},
                             {"manager", entry.manager},
                             {"operation", entry.applied ? apply : update}});
  if (!entry.subresource.empty()) out.set("subresource", entry.subresource);
  if (!entry.time.empty()) out.set("time", entry.time);
  // Objects that are written alike in one second share their entries.
  static std::array<Value, kRememberedEntries> remembered;
  const std::size_t place = std::hash<std::string_view>()(entry.manager.as_string()) + entry.fields.size() * 7 +
                            (entry.subresource.empty() ? 0 : 3);
  Value& slot = remembered[place % kRememberedEntries];
  if (!(slot == out)) slot = out;
  return slot;
}

bool same_but_times(const Value& a, const Value& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].same_as(b[i])) continue;
    for (const char* name : {"manager", "operation", "subresource", "apiVersion", "fieldsType", "fieldsV1"}) {
      if (!(a[i][name] == b[i][name])) return false;
    }
  }
  return true;
}

}  // namespace

bool ManagedEntry::same_owner(const ManagedEntry& other) const {
  return manager == other.manager && applied == other.applied &&
         subresource.as_string() == other.subresource.as_string() && (applied || api_version == other.api_version);
}

void ManagedEntry::set_fields(Value changed) {
  if (changed.same_as(fields)) return;
  fields = std::move(changed);
  encoded = Value();
}

std::string ManagedEntry::title() const {
  std::string text = go_quote(manager.as_string());
  if (!subresource.empty()) text += " with subresource " + go_quote(subresource.as_string());
  if (!applied) text += " using " + api_version.str();
  return text;
}

Result<ManagedEntries> decode_managed_fields(const Value& managed_fields) {
  ManagedEntries entries;
  entries.reserve(managed_fields.size());
  for (std::size_t i = 0; i < managed_fields.items().size(); ++i) {
    const Value& document = managed_fields[i];
    const std::string_view operation = document["operation"].as_string();
    if (operation != "Apply" && operation != "Update") return Status::plain("operation must be `Apply` or `Update`");
    if (document["apiVersion"].empty()) return Status::plain("apiVersion must not be empty");
    const std::string_view type = document["fieldsType"].as_string();
    const std::string place = " in managed fields entry " + std::to_string(i);
    if (type.empty()) return Status::plain("missing fieldsType" + place);
    if (type != "FieldsV1") return Status::plain("invalid fieldsType " + go_quote(type) + place);
    ManagedEntry entry;
    entry.manager = document["manager"];
    entry.applied = operation == "Apply";
    entry.api_version = document["apiVersion"];
    entry.subresource = document["subresource"];
    entry.time = document["time"];
    entry.fields = document["fieldsV1"];
    entry.encoded = document;
    entries.push_back(std::move(entry));
  }
  return entries;
}

Value encode_managed_fields(ManagedEntries entries) {
  std::erase_if(entries, [](const ManagedEntry& entry) { return entry.fields.empty(); });
  if (entries.empty()) return {};
  std::sort(entries.begin(), entries.end(), [](const ManagedEntry& a, const ManagedEntry& b) {
    if (a.applied != b.applied) return a.applied;
    // Times of one form are ordered as their texts are; none is the oldest.
    const auto key = [](const ManagedEntry& entry) {
      return std::array{entry.time.as_string(), entry.manager.as_string(), entry.api_version.as_string(),
                        entry.subresource.as_string()};
    };
    return key(a) < key(b);
  });
  Value out = Value::array();
  for (const ManagedEntry& entry : entries) out.push_back(entry.encoded.is_null() ? encoded(entry) : entry.encoded);
  return out;
}

bool changes_nothing(const Object& old, const Object& fresh) {
  const Value& before = old.metadata()["managedFields"];
  const Value& after = fresh.metadata()["managedFields"];
  if (before.same_as(after) || !same_but_times(before, after)) return fresh == old;
  Value compared = fresh.doc();
  compared.ref("metadata").set("managedFields", before);
  return compared == old.doc();
}

bool is_reset(const Value& managed_fields) {
  return managed_fields.size() == 1 && managed_fields[0].is_object() && managed_fields[0].empty();
}

void cap_updaters(ManagedEntries& entries) {
  std::vector<std::size_t> updaters;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!entries[i].applied && !entries[i].fields.empty()) updaters.push_back(i);
  }
  if (updaters.size() <= kMostUpdaters) return;
  std::sort(updaters.begin(), updaters.end(), [&](std::size_t a, std::size_t b) {
    const auto& x = entries[a];
    const auto& y = entries[b];
    if (!(x.time == y.time)) return x.time.as_string() < y.time.as_string();
    const int order = x.manager.as_string().compare(y.manager.as_string());
    return order != 0 ? order < 0 : a < b;
  });
  // The oldest of each version waits for a second one; with it the bucket is made.
  struct Bucket {
    Value version;
    std::size_t first;
    bool made;
  };
  std::vector<Bucket> buckets;
  std::size_t left = updaters.size();
  for (const std::size_t at : updaters) {
    if (left <= kMostUpdaters) break;
    ManagedEntry& entry = entries[at];
    auto bucket = std::find_if(buckets.begin(), buckets.end(),
                               [&](const Bucket& known) { return known.version == entry.api_version; });
    if (bucket == buckets.end()) {
      buckets.push_back({entry.api_version, at, false});
      continue;
    }
    ManagedEntry& kept = entries[bucket->first];
    if (!bucket->made) {
      kept.manager = kAncient;
      kept.subresource = Value();
      kept.encoded = Value();
      bucket->made = true;
    }
    kept.set_fields(field_set::unite(entry.fields, kept.fields));
    kept.time = entry.time;
    kept.encoded = Value();
    entry.set_fields(Value());
    --left;
  }
}

}  // namespace drydock
