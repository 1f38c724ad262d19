// kubectl's JSONPath templates: text with {expressions} over a document.
// https://kubernetes.io/docs/reference/kubectl/jsonpath/
//
//   JsonPath::parse("{range .items[*]}{.metadata.name}{\"\\n\"}{end}")
//
// Known: .field ['field'] [0] [-1] [0:2:1] [0,1] [*] .* ..field @ $
// [?(@.a=="b")] with == != < > <= >= and bare existence; range/end; quoted text.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/machinery/value.h"

namespace drydock {

class JsonPath {
 public:
  // Errors as k8s.io/client-go/util/jsonpath words them ("unclosed action").
  static Result<JsonPath> parse(std::string_view text);

  // What the template prints. A missing field is nothing, or with
  // `allow_missing` false the error "x is not found".
  Result<std::string> print(const Value& data, bool allow_missing = true) const;
  // The values of all expressions outside of ranges, flat.
  Result<std::vector<Value>> find(const Value& data, bool allow_missing = true) const;

  struct Node;

 private:
  std::shared_ptr<const std::vector<Node>> nodes_;
};

}  // namespace drydock
