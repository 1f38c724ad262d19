#include "core/programs/kubectl/printers/sorting.h"

#include <algorithm>

#include "core/programs/kubectl/printers/output.h"

namespace drydock::kubectl {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

// As github.com/fvbommel/sortorder compares: runs of digits by their number.
bool natural_less(std::string_view a, std::string_view b) {
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (digit(a[i]) && digit(b[j])) {
      while (i < a.size() && a[i] == '0') ++i;
      while (j < b.size() && b[j] == '0') ++j;
      std::size_t end_a = i;
      std::size_t end_b = j;
      while (end_a < a.size() && digit(a[end_a])) ++end_a;
      while (end_b < b.size() && digit(b[end_b])) ++end_b;
      if (end_a - i != end_b - j) return end_a - i < end_b - j;
      const int order = a.substr(i, end_a - i).compare(b.substr(j, end_b - j));
      if (order != 0) return order < 0;
      i = end_a;
      j = end_b;
      continue;
    }
    if (a[i] != b[j]) return a[i] < b[j];
    ++i;
    ++j;
  }
  return a.size() - i < b.size() - j;
}

bool less(const std::vector<Value>& left, const std::vector<Value>& right) {
  if (left.empty() || right.empty()) return left.empty() && !right.empty();
  if (left[0].is_number() && right[0].is_number()) return left[0].as_double() < right[0].as_double();
  return natural_less(left[0].as_string(), right[0].as_string());
}

struct Entry {
  std::size_t place;
  std::vector<Value> key;
  Value value;
};

}  // namespace

void sort_by_path(std::vector<Value>& values, const std::string& path, std::string_view inside) {
  std::vector<Entry> entries;
  for (const Value& value : values) {
    entries.push_back({entries.size(), find_jsonpath(path, inside.empty() ? value : value[inside]), value});
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    if (less(a.key, b.key)) return true;
    return !less(b.key, a.key) && a.place < b.place;
  });
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::move(entries[i].value);
}

}  // namespace drydock::kubectl
