// Unified diffs, as `diff -u` prints them.
#pragma once

#include <string>
#include <string_view>

namespace drydock {

// The hunks only ("@@ …"), with three lines of context; "" when the texts are equal.
std::string unified_diff(std::string_view before, std::string_view after);

}  // namespace drydock
