// Remembered: what was made of documents (compiled policies, rules), kept by the
// documents' identity: whoever looks at one in a cache shares it. It only saves work.
#pragma once

#include <cstddef>
#include <deque>
#include <utility>

#include "core/machinery/value.h"

namespace drydock {

template <class Made>
class Remembered {
 public:
  // The oldest goes when there are more than `limit`.
  explicit Remembered(std::size_t limit) : limit_(limit) {}
  // `make(document)` at the first call with it. The reference holds until `limit` others
  // have been made.
  template <class Make>
  const Made& of(const Value& document, const Make& make) {
    for (const auto& [known, made] : entries_) {
      if (known.same_as(document)) return made;
    }
    if (entries_.size() == limit_) entries_.pop_front();
    return entries_.emplace_back(document, make(document)).second;
  }

 private:
  std::size_t limit_;
  std::deque<std::pair<Value, Made>> entries_;
};

}  // namespace drydock
