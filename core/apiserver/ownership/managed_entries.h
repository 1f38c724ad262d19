// ManagedEntries: metadata.managedFields taken apart: who owns which fields of an object.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/machinery/object.h"

namespace drydock {

struct ManagedEntry {
  Value manager;         // a text, as all that follow
  bool applied = false;  // operation Apply, else Update
  Value api_version;
  Value subresource;  // null: the object itself
  Value time;         // null: never written
  Value fields;       // a field set
  Value encoded;      // as the object has it; null: changed since

  // Whether both are entries of one writer. Appliers are the same in every version.
  bool same_owner(const ManagedEntry& other) const;
  // Puts another set in place; one that is as before changes nothing.
  void set_fields(Value changed);
  // What upstream prints in conflicts: `"kubectl" with subresource "status" using apps/v1`.
  std::string title() const;
};

using ManagedEntries = std::vector<ManagedEntry>;

// An error says what is wrong with the first entry that cannot be understood.
Result<ManagedEntries> decode_managed_fields(const Value& managed_fields);
// In upstream's order, without entries that own nothing; null when none is left. Equal
// entries of many objects are held once.
Value encode_managed_fields(ManagedEntries entries);
// Whether two versions of an object differ in nothing but times of managedFields, so that
// there is nothing to write.
bool changes_nothing(const Object& old, const Object& fresh);
// [{}]: the writer wants no ownership to be known any more.
bool is_reset(const Value& managed_fields);

// At most ten updaters are remembered each by itself; the oldest become "ancient-changes".
void cap_updaters(ManagedEntries& entries);

}  // namespace drydock
