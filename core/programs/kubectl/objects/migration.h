// The way from client-side to server-side apply: who wrote the last-applied annotation by
// updates becomes an applier (k8s.io/client-go/util/csaupgrade).
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "core/machinery/value.h"

namespace drydock::kubectl {

// Managers that own the annotation by this operation ("Apply", "Update").
std::set<std::string> owners_of_last_applied(const Value& managed_fields, std::string_view operation);
// What those entries own by updates, `manager` owns by apply. Null: there is nothing to do.
Value migrated_managed_fields(const Value& managed_fields, const std::set<std::string>& client_side,
                              std::string_view manager, std::string_view subresource);

}  // namespace drydock::kubectl
