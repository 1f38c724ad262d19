#include "core/controllers/workload/int_or_percent.h"

#include "core/base/strings.h"

namespace drydock::controllers {

std::int64_t resolve_int_or_percent(const Value& value, std::int64_t total, Rounding rounding) {
  if (value.is_number()) return value.as_int();
  std::string_view text = value.as_string();
  if (!text.ends_with('%')) return 0;
  text.remove_suffix(1);
  const std::int64_t product = parse_int(text).value_or(0) * total;
  return rounding == Rounding::kUp ? (product + 99) / 100 : product / 100;
}

}  // namespace drydock::controllers
