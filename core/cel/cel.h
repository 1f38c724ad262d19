// CEL as the API server speaks it: the Common Expression Language with the libraries of
// Kubernetes 1.36 (lists, regex, URL, IP, CIDR, quantity, semver, format, image,
// authorizer, optional types, strings version 2, sets, two-variable macros).
// https://kubernetes.io/docs/reference/using-api/cel/
//
//   Environment environment;
//   environment.variables["self"] = type_of(Type::Kind::kDyn);
//   Compiled compiled = compile("self.replicas <= 5", environment);
//   if (compiled.program == nullptr) return compiled.error;  // "ERROR: <input>:1:…"
//   Activation activation;
//   activation.variables["self"] = Val::of_document(document);
//   Outcome outcome = evaluate(*compiled.program, activation);
//
// Pure: no clock, no I/O. Text, depth, work and memory of hostile expressions are
// bounded; an evaluation ends with an error when its cost passes the limit.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "core/cel/cel_type.h"
#include "core/cel/cel_value.h"
#include "core/cel/language/ast.h"

namespace drydock::cel {

// As k8s.io/apiserver/pkg/apis/cel/config.go.
constexpr std::uint64_t kPerCallLimit = 1'000'000;
constexpr std::int64_t kRuntimeBudget = 10'000'000;
constexpr std::size_t kMostMessageBytes = 5 * 1024;

// What an expression may refer to.
struct Environment {
  // By whole name: "self", "authorizer.requestResource".
  std::map<std::string, TypeRef, std::less<>> variables;
  // Object types that may be built: "JSONPatch{…}". Null function or null: there is none.
  std::function<TypeRef(std::string_view name)> structure;
};

struct Program {
  std::string source;
  NodePtr root;
  TypeRef type;                      // of the result
  std::set<std::string> references;  // variables it looks at
  bool uses(const std::string& variable) const { return references.contains(variable); }
};

struct Compiled {
  std::shared_ptr<const Program> program;  // null: `error` says why
  std::string error;
};
Compiled compile(std::string_view source, const Environment& environment);

struct Activation {
  std::map<std::string, Val, std::less<>> variables;
};

struct Outcome {
  Val value;  // an error's text is what cel-go says
  std::uint64_t cost = 0;
};
Outcome evaluate(const Program& program, const Activation& activation, std::uint64_t limit = kPerCallLimit);

// For fuzzers: parses, checks and evaluates whatever the text is, with `self` and
// `object` as small documents. True when it had a value.
bool check_cel(std::string_view text);

}  // namespace drydock::cel
