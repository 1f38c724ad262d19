// Kubernetes quantities: "100m", "1.5Gi", "2e3".
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
//
// Kept exactly, as a decimal number of 10^-9 (nano); the form that was written
// (decimal, binary or exponent suffix) decides how it is printed.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/machinery/value.h"

namespace drydock {

class Quantity {
 public:
  enum class Form : std::uint8_t { kDecimal, kBinary, kExponent };
  Quantity() = default;
  static Quantity of(std::int64_t value, Form form = Form::kDecimal);
  static Quantity of_milli(std::int64_t value);
  // nullopt for what upstream refuses ("quantities must match the regular expression …").
  static std::optional<Quantity> parse(std::string_view text);
  // What upstream says of a text that it does not take; "" when it is a quantity.
  static std::string_view fault(std::string_view text);
  // A string or number of a document.
  static std::optional<Quantity> from(const Value& value);

  // Rounded up, as Quantity.Value() and MilliValue().
  std::int64_t value() const;
  std::int64_t milli_value() const;
  bool is_zero() const { return nano_ == 0; }
  // The canonical form: "1500m" stays, "1000m" becomes "1", "1024Mi" becomes "1Gi".
  std::string str() const;
  Quantity operator+(const Quantity& other) const;
  Quantity operator-(const Quantity& other) const;
  std::strong_ordering operator<=>(const Quantity& other) const { return nano_ <=> other.nano_; }
  bool operator==(const Quantity& other) const { return nano_ == other.nano_; }

 private:
  __int128 nano_ = 0;
  Form form_ = Form::kDecimal;
};

// Of a document's field; 0 when absent or unreadable.
std::int64_t quantity_value(const Value& value);
std::int64_t quantity_milli_value(const Value& value);

}  // namespace drydock
