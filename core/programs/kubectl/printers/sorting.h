// --sort-by: the order of objects by what a path finds in them.
#pragma once

#include <string>
#include <vector>

#include "core/machinery/value.h"

namespace drydock::kubectl {

// Numbers by value, texts in natural order ("a2" before "a10"), missing ones
// first; equal ones stay in their order. `inside` names the member of each value
// that the path is looked up in: "object" for the rows of a table, "" for itself.
void sort_by_path(std::vector<Value>& values, const std::string& path, std::string_view inside = "");

}  // namespace drydock::kubectl
