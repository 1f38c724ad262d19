// EncodedDocuments: documents as JSON, those that were written before from memory.
//
// The objects of a list, and those of the events that many watchers get, are the very
// documents that the API server's cache holds: each is encoded once while it lives
// there, not once for every reader. A document is known again by where it is stored,
// so it is kept with its text.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>

#include "core/machinery/value.h"

namespace drydock::server {

class EncodedDocuments {
 public:
  // Keeps up to `limit` bytes of text, and forgets the oldest first.
  explicit EncodedDocuments(std::size_t limit = 16 << 20) : limit_(limit) {}
  // What dump_json(document) writes.
  std::string text(const Value& document);
  std::size_t bytes() const { return bytes_; }

 private:
  struct Known {
    Value document;
    std::string text;
  };
  void append_known(std::string& out, const Value& document);

  std::size_t limit_;
  std::size_t bytes_ = 0;
  std::unordered_map<const void*, Known> known_;
  std::deque<const void*> oldest_first_;
};

}  // namespace drydock::server
