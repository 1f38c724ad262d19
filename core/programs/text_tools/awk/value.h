// Values of awk: each is text, a number, or what came from input and counts as a
// number when it looks like one (POSIX "numeric string").
// https://pubs.opengroup.org/onlinepubs/9699919799/utilities/awk.html
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::awk {

class Cell {
 public:
  enum class Kind : std::uint8_t { kUninitialized, kNumber, kString, kInput };

  Cell() = default;
  static Cell number(double value);
  static Cell string(std::string text);
  static Cell input(std::string text);  // a field, an element of split(), getline, ARGV, -v

  Kind kind() const { return kind_; }
  double to_number() const;
  // `conversion` is CONVFMT, or OFMT for print; integers never use it.
  std::string to_text(const std::string& conversion) const;
  bool truth() const;
  bool numeric() const;  // compares as a number
  bool is_string() const { return kind_ == Kind::kString; }
  const std::string& raw_text() const { return text_; }

 private:
  Kind kind_ = Kind::kUninitialized;
  double number_ = 0;
  std::string text_;
};

// < 0, 0, > 0 as awk's relational operators see it.
int compare(const Cell& a, const Cell& b, const std::string& conversion);

// Elements keep the order they came in, which is the order of "for (k in a)".
class Array {
 public:
  Cell& at(const std::string& key);  // makes the element when it is missing
  bool contains(const std::string& key) const { return elements_.contains(key); }
  void erase(const std::string& key) { elements_.erase(key); }
  void clear() { elements_.clear(); }
  std::size_t size() const { return elements_.size(); }
  std::vector<std::string> keys() const;

 private:
  struct Element {
    Cell cell;
    std::uint64_t order = 0;
  };
  std::map<std::string, Element> elements_;
  std::uint64_t next_order_ = 0;
};
using ArrayPtr = std::shared_ptr<Array>;

// "12abc" -> 12. `whole` tells whether nothing but blanks was left.
double number_prefix(std::string_view text, bool* whole = nullptr);
std::string number_text(double number, const std::string& conversion);
// printf and sprintf. `problem` is set when arguments are missing.
std::string format_cells(std::string_view pattern, std::span<const Cell> arguments, const std::string& conversion,
                         std::string& problem);

}  // namespace drydock::awk
