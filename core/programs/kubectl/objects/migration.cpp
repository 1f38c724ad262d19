#include "core/programs/kubectl/objects/migration.h"

#include <algorithm>
#include <vector>

#include "core/machinery/fields/field_set.h"
#include "core/programs/kubectl/objects/mutation.h"

namespace drydock::kubectl {
namespace {

bool is_entry(const Value& entry, std::string_view manager, std::string_view operation, std::string_view subresource) {
  return entry["manager"].as_string() == manager && entry["operation"].as_string() == operation &&
         entry["subresource"].as_string() == subresource;
}

}  // namespace

std::set<std::string> owners_of_last_applied(const Value& managed_fields, std::string_view operation) {
  const std::string annotation = "f:" + std::string(kLastApplied);
  std::set<std::string> owners;
  for (const Value& entry : managed_fields.items()) {
    if (entry["operation"].as_string() == operation &&
        field_set::has(entry["fieldsV1"], {"f:metadata", "f:annotations", annotation}))
      owners.insert(entry["manager"].str());
  }
  return owners;
}

Value migrated_managed_fields(const Value& managed_fields, const std::set<std::string>& client_side,
                              std::string_view manager, std::string_view subresource) {
  std::vector<Value> entries(managed_fields.items().begin(), managed_fields.items().end());
  bool changed = false;
  for (const std::string& name : client_side) {
    const auto updates = [&](const Value& entry) { return is_entry(entry, name, "Update", subresource); };
    auto applier = std::find_if(entries.begin(), entries.end(),
                                [&](const Value& entry) { return is_entry(entry, manager, "Apply", subresource); });
    if (applier == entries.end()) {
      applier = std::find_if(entries.begin(), entries.end(), updates);
      if (applier == entries.end()) continue;
      applier->set("operation", "Apply");
      applier->set("manager", manager);
      changed = true;
    }
    const auto same_version = std::find_if(entries.begin(), entries.end(), [&](const Value& entry) {
      return updates(entry) && entry["apiVersion"] == (*applier)["apiVersion"];
    });
    if (same_version != entries.end())
      applier->set("fieldsV1", field_set::unite((*applier)["fieldsV1"], (*same_version)["fieldsV1"]));
    changed = std::erase_if(entries, updates) > 0 || changed;
  }
  if (!changed) return {};
  Value out = Value::array();
  for (Value& entry : entries) out.push_back(std::move(entry));
  return out;
}

}  // namespace drydock::kubectl
