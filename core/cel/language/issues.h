// What is wrong with an expression, shown as cel-go shows it:
//
//   ERROR: <input>:1:5: undeclared reference to 'foo' (in container '')
//    | 1 + foo
//    | ....^
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace drydock::cel {

class Issues {
 public:
  // `offset` in code points.
  void add(std::uint32_t offset, std::string message);
  bool empty() const { return found_.empty(); }
  // All of them, by place.
  std::string text(std::string_view source) const;

 private:
  struct Issue {
    std::uint32_t offset;
    std::size_t order;
    std::string message;
  };
  std::vector<Issue> found_;
};

}  // namespace drydock::cel
