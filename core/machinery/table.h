// Tables: the columns and cells that `kubectl get` shows, made by the API server.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/machinery/object.h"
#include "core/machinery/resource_registry.h"

namespace drydock {

// A meta.k8s.io/v1 Table. `include_object` is includeObject: "" and "Metadata" put
// metadata into the rows, "Object" everything, "None" nothing.
Value table_document(const ResourceInfo& resource, const std::vector<Object>& objects, TimePoint now,
                     const std::string& resource_version, std::string_view include_object);

}  // namespace drydock
