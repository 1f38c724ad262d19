// Parts of pods that have a way of their own to be changed: ephemeral containers and
// containers' resources; and what may be asked of a log.
#pragma once

#include <string>

#include "core/base/result.h"
#include "core/machinery/http_message.h"
#include "core/machinery/object.h"

namespace drydock {

// `old` with that part of the document: "ephemeralcontainers" or "resize".
Result<Object> shape_pod_part(const Object& old, const Value& document, const std::string& part);

// PodLogOptions in a query; the refusal names them as upstream does.
Result<void> check_log_options(const HttpQuery& query, const std::string& pod);

}  // namespace drydock
