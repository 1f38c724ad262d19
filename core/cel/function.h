// How functions are declared: tables of rows, one a function, which the checker reads
// for its overloads and the evaluator calls.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/cel/cel_value.h"

namespace drydock::cel {

// Arguments of one call, none of them an error, receiver first; what the work costs.
struct Call {
  std::span<const Val> args;
  std::string_view name;
  std::uint64_t cost = 1;  // a function that costs more says so
  const Val& operator[](std::size_t index) const { return args[index]; }
  std::size_t size() const { return args.size(); }
  bool are(Val::Kind first, Val::Kind second) const { return args[0].is(first) && args[1].is(second); }
  // A tenth of the bytes or items, rounded up.
  void traverse(std::size_t size) { cost = (size + 9) / 10; }
  // Work that grows as the product of two sizes: false when it is more than any call may
  // cost, so that nobody begins it.
  bool affords(std::uint64_t first, std::uint64_t second);
};

struct Function {
  std::string_view name;
  // "ii>i .s>o": argument types > result, in read_type's letters; with '.' the first one is
  // the receiver.
  std::string_view overloads;
  Val (*call)(Call& call);  // null: the evaluator itself knows it
};

const Function* find_function(std::string_view name);

// One table a file of library/.
std::span<const Function> operator_functions();
std::span<const Function> conversion_functions();
std::span<const Function> time_functions();
std::span<const Function> string_functions();
std::span<const Function> list_functions();
std::span<const Function> network_functions();
std::span<const Function> kubernetes_functions();
std::span<const Function> version_functions();
std::span<const Function> authorizer_functions();

Val no_such_overload();
Val too_costly();  // of a call that has set a cost which no limit allows
// string.format(list)'s result.
Val format_text(Call& call);
// What makes an item of a schema's set or keyed list the same as another: its keys, or
// all of it, as text.
std::string item_key(const Val& item, const std::vector<std::string>& keys);
// double as string(): the shortest text.
std::string double_text(double number);

}  // namespace drydock::cel
