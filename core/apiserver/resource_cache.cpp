#include "core/apiserver/resource_cache.h"

#include <algorithm>

#include "core/base/strings.h"

namespace drydock {
namespace {

constexpr std::size_t kHistoryLimit = 5000;
// A watcher that lets this much wait is dropped: it lists again.
constexpr std::size_t kBacklogLimit = 20000;
constexpr std::string_view kNodeField = "spec.nodeName";

std::string node_of(const ObjectFilter& filter) {
  for (const FieldTerm& term : filter.fields) {
    if (term.path == kNodeField && term.equal) return term.value;
  }
  return {};
}

}  // namespace

std::string field_value(const Object& object, std::string_view path) {
  if (path == "metadata.name") return std::string(object.name());
  if (path == "metadata.namespace") return std::string(object.ns());
  const Value* at = &object.doc();
  for (const std::string& part : split(path, '.')) at = &(*at)[part];
  if (at->is_bool()) return at->as_bool() ? "true" : "false";
  if (at->is_int()) return std::to_string(at->as_int());
  if (at->is_null() && path == "spec.unschedulable") return "false";
  return at->str();
}

bool ObjectFilter::matches(const Object& object) const {
  if (!ns.empty() && object.ns() != ns) return false;
  for (const FieldTerm& term : fields) {
    if ((field_value(object, term.path) == term.value) != term.equal) return false;
  }
  return labels.matches(object.labels());
}

void ResourceCache::put(const Object& object, Revision revision) {
  Object& slot = objects_[object.key()];
  Change change;
  change.revision = revision;
  change.old = slot;
  change.current = object;
  slot = object;
  publish(std::move(change));
}

void ResourceCache::remove(const ObjectKey& key, Revision revision) {
  const auto at = objects_.find(key);
  if (at == objects_.end()) return;
  Change change;
  change.revision = revision;
  change.old = at->second;
  // What is sent about a deletion carries the revision of the deletion.
  change.old.mutable_doc().ref("metadata", "resourceVersion") = std::to_string(revision);
  objects_.erase(at);
  publish(std::move(change));
}

bool ResourceCache::send(Watcher& watcher, const char* type, const Object& object, Value* shared) {
  Value document;
  if (!watcher.transform) {
    if (shared->is_null()) *shared = Value::object({{"type", type}, {"object", object.doc()}});
    document = *shared;
  } else {
    document = Value::object({{"type", type}, {"object", watcher.transform(object)}});
  }
  if (watcher.stream->backlog() > kBacklogLimit) {
    watcher.stream->close();
    return false;
  }
  return watcher.stream->send({1, "", std::move(document)});
}

void ResourceCache::deliver(Watcher& watcher, Change& change) {
  const bool was = change.old && watcher.filter.matches(change.old);
  const bool is = change.current && watcher.filter.matches(change.current);
  if (is && !was)
    send(watcher, "ADDED", change.current, &change.added);
  else if (is)
    send(watcher, "MODIFIED", change.current, &change.modified);
  else if (was)
    send(watcher, "DELETED", change.current ? change.current : change.old, &change.deleted);
}

void ResourceCache::publish(Change change) {
  std::erase_if(watchers_, [](const Watcher& watcher) { return watcher.stream->peer_closed(); });
  for (Watcher& watcher : watchers_) deliver(watcher, change);
  if (!by_node_.empty()) {
    const std::string now = field_value(change.current, kNodeField);
    const std::string before = change.old ? field_value(change.old, kNodeField) : now;
    for (const std::string& node : {now, before}) {
      auto [first, last] = by_node_.equal_range(node);
      for (auto at = first; at != last;) {
        if (at->second.stream->peer_closed()) {
          at = by_node_.erase(at);
          continue;
        }
        deliver(at->second, change);
        ++at;
      }
      if (now == before) break;
    }
  }
  history_.push_back(std::move(change));
  if (history_.size() > kHistoryLimit) {
    oldest_ = history_.front().revision;
    history_.pop_front();
  }
}

void ResourceCache::forget_before(Revision revision) {
  if (revision <= oldest_) return;
  oldest_ = revision;
  while (!history_.empty() && history_.front().revision <= revision) history_.pop_front();
}

bool ResourceCache::watch(std::shared_ptr<StreamEnd> stream, ObjectFilter filter, Revision after, Transform transform) {
  if (after < oldest_) return false;
  Watcher watcher{std::move(stream), std::move(filter), std::move(transform)};
  for (Change& change : history_) {
    if (change.revision > after) deliver(watcher, change);
  }
  std::string node = node_of(watcher.filter);
  if (node.empty())
    watchers_.push_back(std::move(watcher));
  else
    by_node_.emplace(std::move(node), std::move(watcher));
  return true;
}

void ResourceCache::watch_from_state(std::shared_ptr<StreamEnd> stream, ObjectFilter filter, Transform transform,
                                     Value bookmark) {
  Watcher watcher{std::move(stream), std::move(filter), std::move(transform)};
  for (const auto& [key, object] : objects_) {
    Value shared;
    if (watcher.filter.matches(object)) send(watcher, "ADDED", object, &shared);
  }
  if (!bookmark.is_null())
    watcher.stream->send({1, "", Value::object({{"type", "BOOKMARK"}, {"object", std::move(bookmark)}})});
  std::string node = node_of(watcher.filter);
  if (node.empty())
    watchers_.push_back(std::move(watcher));
  else
    by_node_.emplace(std::move(node), std::move(watcher));
}

}  // namespace drydock
