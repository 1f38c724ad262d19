// Defaults that the API server fills in, per kind, as upstream's SetDefaults_*.
#pragma once

#include "core/machinery/value.h"

namespace drydock {

// `document` has apiVersion and kind. Repeating it changes nothing.
void apply_defaults(Value& document);
void default_pod_spec(Value& spec);

}  // namespace drydock
