// The shell's variables: scalars, arrays, associative arrays, their attributes, and
// the values that functions' locals hide.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::shell {

// The order in which bash walks an associative array: by its hash table's buckets.
// People compare what they see with what books show.
struct AssociativeOrder {
  bool operator()(const std::string& a, const std::string& b) const;
};

struct Variable {
  enum class Kind { kScalar, kIndexed, kAssociative };
  Kind kind = Kind::kScalar;
  bool has_value = false;  // `declare x` makes one without
  bool exported = false;
  bool read_only = false;
  bool integer = false;
  bool lower = false;
  bool upper = false;
  bool reference = false;  // declare -n: `value` names the variable meant
  std::string value;
  std::map<std::int64_t, std::string> items;
  std::map<std::string, std::string, AssociativeOrder> table;

  static Variable scalar(std::string value, bool exported = false);
  static Variable list(const std::vector<std::string>& values);
  // The value a plain $name means: an array's is element 0.
  std::optional<std::string> plain() const;
  std::vector<std::string> values() const;
  std::vector<std::string> keys() const;
  std::size_t size() const;
  // "-", "-r", "-aix": as declare -p writes it.
  std::string attributes() const;
};

class Variables {
 public:
  // Follows references; null when there is none.
  Variable* find(std::string_view name);
  const Variable* find(std::string_view name) const;
  Variable* find_itself(std::string_view name);  // the reference, not what it names
  Variable& make(const std::string& name);
  void erase(const std::string& name);
  // The name a reference leads to; the name itself for others.
  std::string resolve(std::string_view name) const;
  const std::map<std::string, Variable, std::less<>>& all() const { return all_; }

  // Functions: names made local are given back at the end.
  void open_scope() { scopes_.emplace_back(); }
  std::vector<std::string> close_scope();  // names whose variables changed back
  bool in_function() const { return !scopes_.empty(); }
  void make_local(const std::string& name);
  bool is_local(const std::string& name) const;
  // The global variable of that name, behind any locals (declare -g).
  Variable& make_global(const std::string& name);

 private:
  std::map<std::string, Variable, std::less<>> all_;
  std::vector<std::map<std::string, std::optional<Variable>>> scopes_;
};

}  // namespace drydock::shell
