#include "core/apiserver/resource_cache.h"

#include <algorithm>
#include <utility>

#include "core/base/strings.h"

namespace drydock {
namespace {

constexpr std::size_t kHistoryLimit = 5000;
// A watcher that lets this much wait is dropped: it lists again.
constexpr std::size_t kBacklogLimit = 20000;
constexpr std::string_view kNodeField = "spec.nodeName";

Object with_revision(const Value& document, Revision revision) {
  Object object(document);
  object.mutable_doc().ref("metadata", "resourceVersion") = std::to_string(revision);
  return object;
}

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

Object with_version(const KeyValue& item) { return with_revision(item.value, item.mod_revision); }

Object ResourceCache::Stored::object() const {
  return document.is_null() ? Object() : with_revision(document, revision);
}

void ResourceCache::put(const KeyValue& item, const std::optional<KeyValue>& previous) {
  News news;
  news.current = with_version(item);
  Object& slot = objects_[news.current.key()];
  news.old = std::exchange(slot, news.current);
  // A pod that is bound stays bound.
  if (indexes_nodes_ && news.old.spec()["nodeName"].empty()) {
    if (const Value& node = slot.spec()["nodeName"]; !node.empty()) on_node_[node.str()].push_back(&slot);
  }
  Change change{item.mod_revision, {}, {item.value, item.mod_revision}};
  // A store that has compacted what was there before does not know it any more.
  if (previous)
    change.old = {previous->value, previous->mod_revision};
  else if (news.old)
    change.old = {news.old.doc(), parse_int(news.old.resource_version()).value_or(0)};
  publish(std::move(news));
  keep(std::move(change));
}

void ResourceCache::remove(const ObjectKey& key, Revision revision, const std::optional<KeyValue>& previous) {
  const auto at = objects_.find(key);
  if (at == objects_.end()) return;
  // What is sent about a deletion carries the revision of the deletion.
  Change change{revision, {previous ? previous->value : at->second.doc(), revision}, {}};
  if (const auto node = on_node_.find(at->second.spec()["nodeName"].str()); node != on_node_.end()) {
    std::erase(node->second, &at->second);
    if (node->second.empty()) on_node_.erase(node);
  }
  objects_.erase(at);
  News news;
  news.old = change.old.object();
  publish(std::move(news));
  keep(std::move(change));
}

const std::vector<const Object*>& ResourceCache::on_node(const std::string& node) const {
  static const std::vector<const Object*> none;
  const auto at = on_node_.find(node);
  return at == on_node_.end() ? none : at->second;
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

void ResourceCache::deliver(Watcher& watcher, News& news) {
  const bool was = news.old && watcher.filter.matches(news.old);
  const bool is = news.current && watcher.filter.matches(news.current);
  if (is && !was)
    send(watcher, "ADDED", news.current, &news.added);
  else if (is)
    send(watcher, "MODIFIED", news.current, &news.modified);
  else if (was)
    send(watcher, "DELETED", news.current ? news.current : news.old, &news.deleted);
}

void ResourceCache::publish(News news) {
  std::erase_if(watchers_, [](const Watcher& watcher) { return watcher.stream->peer_closed(); });
  for (Watcher& watcher : watchers_) deliver(watcher, news);
  if (!by_node_.empty()) {
    const std::string now = field_value(news.current, kNodeField);
    const std::string before = news.old ? field_value(news.old, kNodeField) : now;
    for (const std::string& node : {now, before}) {
      auto [first, last] = by_node_.equal_range(node);
      for (auto at = first; at != last;) {
        if (at->second.stream->peer_closed()) {
          at = by_node_.erase(at);
          continue;
        }
        deliver(at->second, news);
        ++at;
      }
      if (now == before) break;
    }
  }
}

void ResourceCache::keep(Change change) {
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

void ResourceCache::reset() {
  for (Watcher& watcher : watchers_) watcher.stream->close();
  for (auto& [node, watcher] : by_node_) watcher.stream->close();
  watchers_.clear();
  by_node_.clear();
  on_node_.clear();
  objects_.clear();
  history_.clear();
  oldest_ = 0;
}

bool ResourceCache::watch(std::shared_ptr<StreamEnd> stream, ObjectFilter filter, Revision after, Transform transform) {
  if (after < oldest_) return false;
  Watcher watcher{std::move(stream), std::move(filter), std::move(transform)};
  for (const Change& change : history_) {
    if (change.revision <= after) continue;
    News news;
    news.old = change.old.object();
    news.current = change.current.object();
    deliver(watcher, news);
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
