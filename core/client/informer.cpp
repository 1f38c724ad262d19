#include "core/client/informer.h"

#include <algorithm>

namespace drydock {
namespace {

const Object kNoObject;
constexpr const char* kOwnerIndex = "owner";
constexpr const char* kNamespaceIndex = "namespace";
// client-go's reflector: 800 ms doubling to 30 s.
constexpr Duration kFirstBackoff = milliseconds(800);
constexpr Duration kLongestBackoff = seconds(30);

}  // namespace

Informer::Informer(EventLoop& loop, Client& client, ResourceRef resource, std::string ns, ListOptions filter)
    : loop_(loop),
      client_(client),
      resource_(std::move(resource)),
      ns_(std::move(ns)),
      filter_(std::move(filter)),
      synced_event_(loop) {
  add_index(kNamespaceIndex, [](const Object& object) { return std::vector<std::string>{std::string(object.ns())}; });
}

void Informer::add_handler(Handler handler) { handlers_.push_back(std::move(handler)); }
void Informer::add_index(std::string index_name, IndexFunction function) {
  indexes_[std::move(index_name)].function = std::move(function);
}

void Informer::add_owner_index() {
  add_index(kOwnerIndex, [](const Object& object) {
    const Value& owner = object.controller_ref();
    return owner.is_null() ? std::vector<std::string>() : std::vector<std::string>{owner["uid"].str()};
  });
}

void Informer::apply(const Object& object, bool deleted) {
  ObjectKey key = object.key();
  const auto at = objects_.find(key);
  const Object old = at == objects_.end() ? Object() : at->second;
  if (old && !deleted && old.resource_version() == object.resource_version()) return;  // seen in the list already
  if (deleted && !old) return;
  for (auto& [name, index] : indexes_) {
    if (old) {
      for (const std::string& value : index.function(old)) {
        const auto entry = index.keys.find(value);
        if (entry == index.keys.end()) continue;
        entry->second.erase(key);
        if (entry->second.empty()) index.keys.erase(entry);
      }
    }
    if (!deleted) {
      for (std::string& value : index.function(object)) index.keys[std::move(value)].insert(key);
    }
  }
  if (deleted)
    objects_.erase(at);
  else if (at != objects_.end())
    at->second = object;
  else
    objects_.emplace(std::move(key), object);
  for (const Handler& handler : handlers_) {
    if (deleted)
      handler(object ? object : old, kNoObject);
    else
      handler(old, object);
  }
}

void Informer::replace(const ObjectList& list) {
  std::set<ObjectKey> present;
  for (const Object& object : list.items) present.insert(object.key());
  std::vector<Object> gone;
  for (const auto& [key, object] : objects_) {
    if (!present.contains(key)) gone.push_back(object);
  }
  for (const Object& object : gone) apply(object, true);
  for (const Object& object : list.items) apply(object, false);
}

Task<bool> Informer::list_once() {
  Result<ObjectList> list = co_await client_.list(resource_, ns_, filter_);
  if (!list) co_return false;
  replace(*list);
  last_version_ = list->resource_version;
  if (!synced_) {
    synced_ = true;
    synced_event_.notify_all();
  }
  co_return true;
}

// Returns when the watch ended; an empty last_version_ asks for a new list.
Task<void> Informer::watch_once() {
  WatchOptions options;
  options.label_selector = filter_.label_selector;
  options.field_selector = filter_.field_selector;
  options.resource_version = last_version_;
  Result<Watch> opened = co_await client_.watch(resource_, ns_, options);
  if (!opened) {
    if (opened.error().code == 410) last_version_.clear();
    co_return;
  }
  Watch watch = *std::move(opened);
  while (std::optional<WatchEvent> event = co_await watch.next()) {
    if (event->type == WatchEvent::Type::kError) {
      last_version_.clear();
      co_return;
    }
    if (event->type != WatchEvent::Type::kBookmark) apply(event->object, event->type == WatchEvent::Type::kDeleted);
    last_version_ = std::string(event->object.resource_version());
  }
}

Task<void> Informer::run() {
  Duration backoff = kFirstBackoff;
  for (;;) {
    if (last_version_.empty()) {
      if (!co_await list_once()) {
        co_await loop_.sleep(backoff);
        backoff = std::min(backoff * 2, kLongestBackoff);
        continue;
      }
      backoff = kFirstBackoff;
    }
    const TimePoint begun = loop_.now();
    co_await watch_once();
    // A watch that ends at once means a server that is going away: do not hammer it.
    if (loop_.now() - begun < seconds(1)) {
      co_await loop_.sleep(backoff);
      backoff = std::min(backoff * 2, kLongestBackoff);
    } else {
      backoff = kFirstBackoff;
    }
  }
}

Task<void> Informer::wait_synced() {
  while (!synced_) (void)co_await synced_event_.wait();
}

const Object& Informer::get(const ObjectKey& key) const {
  const auto at = objects_.find(key);
  return at == objects_.end() ? kNoObject : at->second;
}

std::vector<Object> Informer::list() const {
  std::vector<Object> all;
  all.reserve(objects_.size());
  for (const auto& [key, object] : objects_) all.push_back(object);
  return all;
}

std::vector<Object> Informer::list_namespace(const std::string& ns) const { return by_index(kNamespaceIndex, ns); }
std::vector<Object> Informer::by_owner(const std::string& owner_uid) const { return by_index(kOwnerIndex, owner_uid); }

std::vector<Object> Informer::by_index(const std::string& index_name, const std::string& value) const {
  std::vector<Object> found;
  const auto index = indexes_.find(index_name);
  DRYDOCK_CHECK(index != indexes_.end());
  const auto keys = index->second.keys.find(value);
  if (keys == index->second.keys.end()) return found;
  found.reserve(keys->second.size());
  for (const ObjectKey& key : keys->second) found.push_back(objects_.at(key));
  return found;
}

}  // namespace drydock
