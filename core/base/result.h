// Result<T, E>: a value or the reason why there is none. E is Status for
// everything API-shaped and Errno for system calls of a virtual host.
//
//   Result<int> r = parse(text);
//   if (!r) return r.error();
//   use(*r);
//
// In a function or coroutine that returns a Result itself:
//   DRYDOCK_TRY(int value, parse(text));          // return r.error()
//   DRYDOCK_CO_TRY(int value, co_await fetch());  // co_return r.error()
#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "core/base/check.h"
#include "core/base/status.h"

namespace drydock {

template <class T, class E = Status>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit by design
  Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT
  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & {
    DRYDOCK_CHECK(ok());
    return std::get<0>(state_);
  }
  const T& value() const& {
    DRYDOCK_CHECK(ok());
    return std::get<0>(state_);
  }
  T&& value() && {
    DRYDOCK_CHECK(ok());
    return std::get<0>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const E& error() const& {
    DRYDOCK_CHECK(!ok());
    return std::get<1>(state_);
  }
  E&& error() && {
    DRYDOCK_CHECK(!ok());
    return std::get<1>(std::move(state_));
  }
  T value_or(T fallback) const { return ok() ? value() : std::move(fallback); }

 private:
  std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  using value_type = void;
  Result() = default;
  Result(E error) : error_(std::move(error)) {}  // NOLINT: implicit by design
  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const E& error() const& {
    DRYDOCK_CHECK(!ok());
    return *error_;
  }
  E&& error() && {
    DRYDOCK_CHECK(!ok());
    return std::move(*error_);
  }

 private:
  std::optional<E> error_;
};

}  // namespace drydock

#define DRYDOCK_CONCAT_INNER(a, b) a##b
#define DRYDOCK_CONCAT(a, b) DRYDOCK_CONCAT_INNER(a, b)
#define DRYDOCK_TRY_IMPL(declaration, expression, temporary, return_keyword) \
  auto temporary = (expression);                                             \
  if (!temporary) return_keyword std::move(temporary).error();               \
  declaration = *std::move(temporary)
#define DRYDOCK_TRY(declaration, ...) \
  DRYDOCK_TRY_IMPL(declaration, (__VA_ARGS__), DRYDOCK_CONCAT(try_result_, __LINE__), return)
#define DRYDOCK_CO_TRY(declaration, ...) \
  DRYDOCK_TRY_IMPL(declaration, (__VA_ARGS__), DRYDOCK_CONCAT(try_result_, __LINE__), co_return)
// For Result<void>.
#define DRYDOCK_TRY_VOID(...)                                                                             \
  if (auto DRYDOCK_CONCAT(try_result_, __LINE__) = (__VA_ARGS__); !DRYDOCK_CONCAT(try_result_, __LINE__)) \
  return std::move(DRYDOCK_CONCAT(try_result_, __LINE__)).error()
#define DRYDOCK_CO_TRY_VOID(...)                                                                          \
  if (auto DRYDOCK_CONCAT(try_result_, __LINE__) = (__VA_ARGS__); !DRYDOCK_CONCAT(try_result_, __LINE__)) \
  co_return std::move(DRYDOCK_CONCAT(try_result_, __LINE__)).error()
