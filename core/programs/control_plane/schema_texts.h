// The texts of the API's authors, as an API server's OpenAPI documents carry them.
#pragma once

#include "core/apiserver/openapi/openapi.h"

namespace drydock {

SchemaTexts schema_texts();

}  // namespace drydock
