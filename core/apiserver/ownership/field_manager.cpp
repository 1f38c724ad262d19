#include "core/apiserver/ownership/field_manager.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

#include "core/apiserver/ownership/managed_entries.h"
#include "core/base/strings.h"
#include "core/machinery/fields/field_merge.h"
#include "core/machinery/json.h"

namespace drydock {
namespace {

constexpr std::size_t kLongestManager = 128;
constexpr const char* kBeforeFirstApply = "before-first-apply";
// The manager whose applies keep the annotation of client-side apply true.
constexpr std::string_view kKubectl = "kubectl";
constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";
constexpr const char* kScaleVersion = "autoscaling/v1";

// What the server itself keeps belongs to nobody.
const Value& stripped() {
  static const Value set = field_set::of({{"f:apiVersion"},
                                          {"f:kind"},
                                          {"f:metadata"},
                                          {"f:metadata", "f:name"},
                                          {"f:metadata", "f:namespace"},
                                          {"f:metadata", "f:creationTimestamp"},
                                          {"f:metadata", "f:selfLink"},
                                          {"f:metadata", "f:uid"},
                                          {"f:metadata", "f:clusterName"},
                                          {"f:metadata", "f:generation"},
                                          {"f:metadata", "f:managedFields"},
                                          {"f:metadata", "f:resourceVersion"}});
  return set;
}

ManagedEntry entry_of(const FieldWriter& writer, std::string_view manager, bool applied) {
  ManagedEntry entry;
  entry.manager = manager.empty() ? std::string_view("unknown") : manager;
  entry.applied = applied;
  entry.api_version = writer.api_version;
  if (!writer.subresource.empty()) entry.subresource = writer.subresource;
  return entry;
}

ManagedEntry& own_entry(ManagedEntries& entries, const ManagedEntry& writer) {
  for (ManagedEntry& entry : entries) {
    if (entry.same_owner(writer)) return entry;
  }
  return entries.emplace_back(writer);
}

// An updater takes what it adds and changes from everybody else, and what it removes is
// nobody's any more.
void update(ManagedEntries& entries, const FieldWriter& writer, std::string_view manager, const Value& live,
            const Value& fresh) {
  const FieldChanges changes = compare_fields(live, fresh, *writer.type).without(writer.reset);
  if (changes.none()) return;
  const Value taken = field_set::unite(changes.modified, changes.added);
  for (ManagedEntry& entry : entries) {
    entry.set_fields(field_set::subtract(field_set::subtract(entry.fields, taken), changes.removed));
  }
  const Value own = field_set::subtract(taken, stripped());
  if (!own.empty()) {
    ManagedEntry& entry = own_entry(entries, entry_of(writer, manager, false));
    entry.fields = field_set::unite(entry.fields, own);
    entry.time = writer.now;
    entry.encoded = Value();
  }
  cap_updaters(entries);
}

Value without_managed_fields(const Value& document) {
  if (!document["metadata"].has("managedFields")) return document;
  Value copy = document;
  copy.ref("metadata").erase("managedFields");
  return copy;
}

struct Conflict {
  ManagedEntry owner;
  Value fields;
};

// 409, with a cause for every field.
Status conflict_error(std::vector<Conflict> conflicts) {
  std::sort(conflicts.begin(), conflicts.end(), [](const Conflict& a, const Conflict& b) {
    const auto key = [](const ManagedEntry& owner) {
      return std::tuple(owner.manager.as_string(), owner.applied ? 0 : 1, owner.api_version.as_string(),
                        owner.subresource.as_string());
    };
    return key(a.owner) < key(b.owner);
  });
  Status status;
  status.code = 409;
  status.reason = "Conflict";
  std::string lines;
  std::string last_path;
  for (const Conflict& conflict : conflicts) {
    const std::string title = conflict.owner.title();
    lines += std::string(lines.empty() ? "" : "\n") + "conflicts with " + title + ":";
    field_set::each_path(conflict.fields, [&](std::string path) {
      status.causes.push_back({"FieldManagerConflict", "conflict with " + title, path});
      lines += "\n- " + path;
      last_path = std::move(path);
    });
  }
  if (status.causes.size() == 1)
    status.message = "Apply failed with 1 conflict: " + status.causes[0].message + ": " + last_path;
  else
    status.message = "Apply failed with " + std::to_string(status.causes.size()) + " conflicts: " + lines;
  return status;
}

// "default/web; apps/v1, Kind=Deployment", "default/a; /v1, Kind=ConfigMap"
std::string object_title(const Value& document) {
  const bool core = !contains(document["apiVersion"].as_string(), "/");
  return document["metadata"]["namespace"].str() + "/" + document["metadata"]["name"].str() + "; " + (core ? "/" : "") +
         document["apiVersion"].str() + ", Kind=" + document["kind"].str();
}

Status server_error(std::string message) {
  Status status;
  status.message = std::move(message);
  return status;
}

class Applier {
 public:
  Applier(const FieldWriter& writer, const Value& live, const Value& config)
      : writer_(writer), live_(live), config_(config), own_(entry_of(writer, writer.manager, true)) {}

  // Null error: conflicts() tells why nothing was applied.
  std::optional<Applied> attempt(ManagedEntries entries, bool force) {
    conflicts_.clear();
    const FieldType& type = *writer_.type;
    const Value merged = merge_fields(live_, config_, type);
    ManagedEntry& own = own_entry(entries, own_);
    const Value last = own.fields;
    const Value mine = field_set::subtract_below(fields_of(config_, type), writer_.reset);
    own.set_fields(mine);
    own.api_version = writer_.api_version;
    const Value pruned = prune(merged, last, entries);
    const FieldChanges all = compare_fields(live_, pruned, type);
    const FieldChanges changes = all.without(writer_.reset);
    const Value taken = field_set::unite(changes.modified, changes.added);
    for (ManagedEntry& entry : entries) {
      if (entry.same_owner(own_)) continue;
      const Value conflict = field_set::intersect(entry.fields, taken);
      if (!conflict.empty()) conflicts_.push_back({entry, conflict});
      entry.set_fields(field_set::subtract(field_set::subtract(entry.fields, conflict), changes.removed));
    }
    if (!force && !conflicts_.empty()) return std::nullopt;
    ManagedEntry& written = own_entry(entries, own_);
    written.fields = field_set::subtract(written.fields, stripped());
    written.encoded = Value();
    if (!all.none()) written.time = writer_.now;
    Applied applied;
    applied.document = all.none() ? live_ : pruned;
    applied.managed_fields = encode_managed_fields(std::move(entries));
    return applied;
  }

  // Whatever client-side apply wrote, and nobody changed since, kubectl may take over.
  bool drop_conflicts_of_client_side_apply() {
    const Value& text = live_["metadata"]["annotations"][kLastApplied];
    if (text.empty()) return false;
    const Value last = parse_json(text.as_string()).value_or(Value());
    if (last["apiVersion"].as_string() != writer_.api_version || !field_errors(last, *writer_.type).empty())
      return false;
    const FieldChanges since = compare_fields(last, live_, *writer_.type);
    Value allowed = fields_of(last, *writer_.type);
    for (const Value* changed : {&since.modified, &since.added, &since.removed})
      allowed = field_set::subtract(allowed, *changed);
    for (Conflict& conflict : conflicts_) conflict.fields = field_set::subtract(conflict.fields, allowed);
    std::erase_if(conflicts_, [](const Conflict& conflict) { return conflict.fields.empty(); });
    return conflicts_.empty();
  }

  std::vector<Conflict>& conflicts() { return conflicts_; }

 private:
  // Takes out what this manager applied last time and does not now, unless others own it.
  Value prune(const Value& merged, const Value& last, const ManagedEntries& entries) const {
    const FieldType& type = *writer_.type;
    if (last.empty()) return merged;
    const auto fields = [&](const Value& document) { return with_named_fields(fields_of(document, type), type); };
    Value pruned = remove_fields(merged, with_named_fields(last, type), type);
    Value owned;
    for (const ManagedEntry& entry : entries) owned = field_set::unite(owned, entry.fields);
    const Value had = fields(merged);
    const Value kept = field_set::unite(fields(pruned), with_named_fields(owned, type));
    pruned = remove_fields(merged, field_set::subtract(had, kept), type);
    // What was never this manager's own stays.
    const Value gone = field_set::subtract(had, fields(pruned));
    return remove_fields(merged, field_set::intersect(gone, with_named_fields(last, type)), type);
  }

  const FieldWriter& writer_;
  const Value& live_;
  const Value& config_;
  ManagedEntry own_;
  std::vector<Conflict> conflicts_;
};

Value set_of_path(std::string_view dotted) {
  Value set = field_set::leaf();
  std::vector<std::string> names = split(dotted, '.');
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    if (name->empty()) continue;
    Value outer = Value::object();
    outer.set("f:" + *name, std::move(set));
    set = std::move(outer);
  }
  return set;
}

}  // namespace

Value managed_after_update(const FieldWriter& writer, const Value& live, const Value& fresh) {
  const Value& had = live["metadata"]["managedFields"];
  const Value& asked = fresh["metadata"]["managedFields"];
  if (writer.type == nullptr) return {};
  ManagedEntries entries;
  bool as_live = true;
  // Only a write to the object itself may say who owns what.
  if (!writer.subresource.empty() || asked.empty() || asked.same_as(had)) {
    entries = decode_managed_fields(had).value_or({});
  } else if (is_reset(asked)) {
    as_live = false;
  } else {
    Result<ManagedEntries> decoded = decode_managed_fields(asked);
    as_live = !decoded || decoded->empty();
    entries = as_live ? decode_managed_fields(had).value_or({}) : *std::move(decoded);
  }
  // Whoever gave up ownership does not get it back by the next write.
  if (entries.empty() && !live["metadata"]["uid"].empty()) return {};
  const std::size_t before = entries.size();
  update(entries, writer, writer.manager, live, fresh);
  const bool same =
      as_live && entries.size() == before &&
      std::all_of(entries.begin(), entries.end(), [](const ManagedEntry& entry) { return !entry.encoded.is_null(); });
  return same ? had : encode_managed_fields(std::move(entries));
}

Result<Applied> apply_configuration(const FieldWriter& writer, const Value& live, const Value& config, bool force) {
  Result<ManagedEntries> decoded = decode_managed_fields(live["metadata"]["managedFields"]);
  if (!decoded) return server_error("failed to decode managed fields: " + decoded.error().message);
  ManagedEntries entries = *std::move(decoded);
  const Value before = without_managed_fields(live);
  if (entries.empty() && before.is_object()) update(entries, writer, kBeforeFirstApply, Value(), before);
  if (config["apiVersion"].as_string() != writer.api_version)
    return Status::bad_request("Incorrect version specified in apply patch. Specified patch version: " +
                               config["apiVersion"].str() + ", expected: " + writer.api_version);
  if (!config["metadata"]["managedFields"].is_null()) return Status::bad_request("metadata.managedFields must be nil");
  if (const std::string wrong = field_errors(config, *writer.type); !wrong.empty())
    return server_error("failed to create typed patch object (" + object_title(config) + "): " + wrong);
  Applier applier(writer, before, config);
  std::optional<Applied> applied = applier.attempt(entries, force);
  if (!applied && writer.manager == kKubectl && applier.drop_conflicts_of_client_side_apply())
    applied = applier.attempt(std::move(entries), true);
  if (!applied) return conflict_error(std::move(applier.conflicts()));
  const Value& annotations = applied->document["metadata"]["annotations"];
  if (writer.manager == kKubectl && !annotations[kLastApplied].empty()) {
    Value shown = config;
    if (shown["metadata"]["annotations"].has(kLastApplied)) shown.ref("metadata", "annotations").erase(kLastApplied);
    applied->document.ref("metadata", "annotations", kLastApplied) = dump_json(shown, {.escape_html = true}) + "\n";
  }
  return *std::move(applied);
}

std::string manager_of_user_agent(std::string_view user_agent) {
  const std::string_view first = user_agent.substr(0, user_agent.find('/'));
  std::string manager;
  for (const char letter : first) {
    if (static_cast<unsigned char>(letter) >= ' ' && letter != 127 && manager.size() < kLongestManager)
      manager.push_back(letter);
  }
  return manager;
}

Value reset_fields(const ResourceInfo& resource, std::string_view subresource) {
  static const Value status = field_set::of({{"f:status"}});
  static const Value spec = field_set::of({{"f:spec"}});
  static const Value all_but_status = field_set::of({{"f:metadata"}, {"f:spec"}});
  static const Value deployment = field_set::of({{"f:metadata", "f:labels"}, {"f:spec"}});
  static const Value pod =
      field_set::of({{"f:metadata", "f:deletionTimestamp"}, {"f:metadata", "f:ownerReferences"}, {"f:spec"}});
  static const Value pod_part = field_set::of({{"f:metadata"}, {"f:status"}});
  if (subresource.empty()) return resource.has_subresource("status") ? status : Value();
  if (subresource == "ephemeralcontainers" || subresource == "resize") return pod_part;
  if (resource.definition.is_object()) return all_but_status;
  static constexpr std::string_view kStatusAlone[] = {"customresourcedefinitions", "apiservices", "flowschemas",
                                                      "prioritylevelconfigurations", "volumeattachments"};
  if (std::find(std::begin(kStatusAlone), std::end(kStatusAlone), resource.resource) != std::end(kStatusAlone))
    return all_but_status;
  if (resource.resource == "deployments") return deployment;
  return resource.resource == "pods" ? pod : spec;
}

Value scale_managed_fields(const Value& of_object, std::string_view replicas) {
  const Value path = set_of_path(replicas);
  ManagedEntries entries;
  for (ManagedEntry& entry : decode_managed_fields(of_object).value_or({})) {
    if (field_set::intersect(entry.fields, path).empty()) continue;
    entry.api_version = kScaleVersion;
    entry.set_fields(set_of_path("spec.replicas"));
    entry.encoded = Value();
    entries.push_back(std::move(entry));
  }
  return encode_managed_fields(std::move(entries));
}

Value object_managed_fields(const Value& of_object, const Value& of_scale, std::string_view replicas,
                            const std::string& api_version) {
  const Value path = set_of_path(replicas);
  const Value scale_path = set_of_path("spec.replicas");
  ManagedEntries entries = decode_managed_fields(of_object).value_or({});
  ManagedEntries owners = decode_managed_fields(of_scale).value_or({});
  std::erase_if(owners,
                [&](const ManagedEntry& owner) { return field_set::intersect(owner.fields, scale_path).empty(); });
  for (ManagedEntry& owner : owners) {
    owner.api_version = api_version;
    owner.fields = path;
    owner.encoded = Value();
  }
  for (ManagedEntry& entry : entries) {
    const auto owner =
        std::find_if(owners.begin(), owners.end(), [&](const ManagedEntry& other) { return other.same_owner(entry); });
    if (owner == owners.end()) {
      entry.set_fields(field_set::subtract(entry.fields, path));
      continue;
    }
    entry.set_fields(field_set::unite(entry.fields, path));
    if (!(entry.time == owner->time)) {
      entry.time = owner->time;
      entry.encoded = Value();
    }
    owners.erase(owner);
  }
  std::move(owners.begin(), owners.end(), std::back_inserter(entries));
  return encode_managed_fields(std::move(entries));
}

}  // namespace drydock
