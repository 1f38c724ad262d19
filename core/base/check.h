// CHECK guards our own invariants: a failure is a bug of Drydock, never of its
// user, and stops the program with file and line. User input must be answered
// with a Result instead.
#pragma once

namespace drydock {
[[noreturn]] void check_failed(const char* expression, const char* file, int line);
}  // namespace drydock

#define DRYDOCK_CHECK(expression) \
  (static_cast<bool>(expression) ? void(0) : ::drydock::check_failed(#expression, __FILE__, __LINE__))
