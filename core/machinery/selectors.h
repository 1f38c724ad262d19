// Label and field selectors.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/machinery/value.h"

namespace drydock {

// All requirements must hold. An empty selector matches everything;
// LabelSelector::nothing() matches nothing.
class LabelSelector {
 public:
  enum class Operator { kIn, kNotIn, kExists, kDoesNotExist, kGreaterThan, kLessThan };
  struct Requirement {
    std::string key;
    Operator op = Operator::kIn;
    std::vector<std::string> values;  // sorted
  };

  LabelSelector() = default;
  static LabelSelector nothing();
  static LabelSelector everything() { return {}; }
  // "a=b,c!=d,e in (f,g),!h,i,j>5". Errors as k8s.io/apimachinery/pkg/labels words them.
  static Result<LabelSelector> parse(std::string_view text);
  // {"a": "b"}
  static LabelSelector from_labels(const Value& labels);
  // A metav1.LabelSelector: matchLabels, matchExpressions. Null matches nothing, {} everything.
  static Result<LabelSelector> from_document(const Value& document);

  bool matches(const Value& labels) const;
  bool empty() const { return requirements_.empty() && !nothing_; }
  const std::vector<Requirement>& requirements() const { return requirements_; }
  // "a=b,c in (d,e)"
  std::string str() const;

 private:
  std::vector<Requirement> requirements_;
  bool nothing_ = false;
};

// "metadata.name=x,status.phase!=Running": terms on field paths.
struct FieldTerm {
  std::string path;
  bool equal = true;
  std::string value;
};
// Errors as k8s.io/apimachinery/pkg/fields words them.
Result<std::vector<FieldTerm>> parse_field_selector(std::string_view text);

}  // namespace drydock
