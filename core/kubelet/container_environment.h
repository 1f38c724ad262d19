// What a container's environment is made of: pure parts, no lookups.
// https://kubernetes.io/docs/tasks/inject-data-application/
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/machinery/object.h"
#include "core/machinery/value.h"

namespace drydock {

using EnvironmentList = std::vector<std::pair<std::string, std::string>>;

// $(NAME) is replaced by what is defined before, the last one of that name; an unknown
// one stays as it is; $$ stands for $.
std::string expand_variables(std::string_view text, const EnvironmentList& known);

// The variables by which a service is found: WEB_SERVICE_HOST, WEB_PORT_80_TCP and their
// like, as Docker's links had them. None for headless services.
void add_service_links(EnvironmentList& environment, const Object& service);

// A resource's amount in units of `divisor` ("" and 0: 1), rounded up.
std::string divided_amount(const Value& amount, const Value& divisor);

}  // namespace drydock
