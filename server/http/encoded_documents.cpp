#include "server/http/encoded_documents.h"

#include "core/machinery/json.h"

namespace drydock::server {

// The outermost object; its "items" and "object" are what is shared.
std::string EncodedDocuments::text(const Value& document) {
  const bool list = document["items"].is_array();
  const bool event = document["object"].is_object() && document["type"].is_string();
  if (!list && !event) return dump_json(document);
  std::string out;
  // What grows slowly is copied again and again.
  if (list && !known_.empty()) out.reserve(document["items"].size() * (bytes_ / known_.size() * 5 / 4 + 1) + 1024);
  char before = '{';
  for (const Value::Member& member : document.members()) {
    out += before;
    before = ',';
    out += dump_json(member.key.view());
    out += ':';
    if (event && member.key.view() == "object") {
      append_known(out, member.value);
    } else if (list && member.key.view() == "items") {
      char between = '[';
      for (const Value& item : member.value.items()) {
        out += between;
        between = ',';
        append_known(out, item);
      }
      out += member.value.empty() ? "[]" : "]";
    } else {
      out += dump_json(member.value);
    }
  }
  out += '}';
  return out;
}

void EncodedDocuments::append_known(std::string& out, const Value& document) {
  if (!document.is_object() || document.empty()) {
    out += dump_json(document);
    return;
  }
  const void* where = document.members().data();
  const auto at = known_.find(where);
  if (at != known_.end()) {
    out += at->second.text;
    return;
  }
  std::string text = dump_json(document);
  out += text;
  if (text.size() > limit_ / 16) return;
  bytes_ += text.size();
  known_.emplace(where, Known{document, std::move(text)});
  oldest_first_.push_back(where);
  while (bytes_ > limit_) {
    const auto oldest = known_.find(oldest_first_.front());
    bytes_ -= oldest->second.text.size();
    known_.erase(oldest);
    oldest_first_.pop_front();
  }
}

}  // namespace drydock::server
