// FieldManager: who owns which fields after a write, and server-side apply.
//
// Pure functions: documents in, documents and managedFields out. The order of steps is that
// of upstream's chain of managers (k8s.io/apimachinery/pkg/util/managedfields).
// https://kubernetes.io/docs/reference/using-api/server-side-apply/
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/machinery/fields/field_type.h"
#include "core/machinery/resource_registry.h"
#include "core/machinery/value.h"

namespace drydock {

// One write as ownership sees it.
struct FieldWriter {
  std::string manager;              // from the request's fieldManager, else its User-Agent
  std::string api_version;          // of the request
  std::string subresource;          // "" for the object itself
  Value now;                        // RFC 3339, as times of entries are written
  const FieldType* type = nullptr;  // of the kind; null: nothing is owned
  Value reset;                      // fields that a write of this kind leaves as they are, so cannot own
};

// metadata.managedFields of `fresh`, which is about to take the place of `live` (null for a
// new object); null: none. Changes nothing that the write does not change.
Value managed_after_update(const FieldWriter& writer, const Value& live, const Value& fresh);

struct Applied {
  Value document;        // without managedFields
  Value managed_fields;  // null: none
};
// `config` applied to `live` (null: there is no object yet). Errors: 409 with a cause for
// each field that another manager owns, unless `force`; others as upstream words them.
Result<Applied> apply_configuration(const FieldWriter& writer, const Value& live, const Value& config, bool force);

// The manager that a request without fieldManager writes as.
std::string manager_of_user_agent(std::string_view user_agent);

// What a write to the object itself or to one of its subresources cannot change.
Value reset_fields(const ResourceInfo& resource, std::string_view subresource);

// The scale subresource shows its object's managedFields in its own terms: who owns the
// object's replicas owns .spec.replicas of the Scale. `replicas`: the path within the object.
Value scale_managed_fields(const Value& of_object, std::string_view replicas);
// And back: the object's managedFields after the Scale's were changed to `of_scale`.
Value object_managed_fields(const Value& of_object, const Value& of_scale, std::string_view replicas,
                            const std::string& api_version);

}  // namespace drydock
