#include "server/store/etcd/watches.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>

namespace drydock::server::etcd {
namespace {

constexpr std::size_t kBatchLimit = 1000;  // events handed on at once
constexpr Duration kBetweenStreams = milliseconds(50);

}  // namespace

struct EtcdWatches::Watcher {
  explicit Watcher(EventLoop& loop) : changed(loop) {}
  std::int64_t id = 0;
  std::string key;
  std::string range_end;
  Revision next = 0;  // revision to go on with; 0: from whenever etcd has heard of it
  std::deque<StoreEvent> pending;
  std::optional<Status> error;
  Event changed;

  void fail(Status why) {
    error = std::move(why);
    changed.notify_all();
  }
};

struct EtcdWatches::Hub {
  explicit Hub(EventLoop& loop) : wanted(loop) {}
  std::map<std::int64_t, std::shared_ptr<Watcher>> watchers;
  std::int64_t next_id = 1;
  GrpcCall* stream = nullptr;  // while it is open
  Event wanted;

  void create(const Watcher& watcher) {
    stream->send(watch_create_request(watcher.id, watcher.key, watcher.range_end, watcher.next));
  }
  void add(const std::shared_ptr<Watcher>& watcher) {
    watcher->id = next_id++;
    watchers[watcher->id] = watcher;
    if (stream != nullptr) create(*watcher);
    wanted.notify_all();
  }
  void remove(std::int64_t id) {
    if (watchers.erase(id) != 0 && stream != nullptr) stream->send(watch_cancel_request(id));
  }
  void take(WatchAnswer answer) {
    const auto at = watchers.find(answer.watch_id);
    if (at == watchers.end()) return;  // cancelled a moment ago
    const std::shared_ptr<Watcher> watcher = at->second;
    if (answer.canceled) {
      watchers.erase(at);
      watcher->fail(
          answer.compact_revision != 0
              ? compacted_status()
              : Status::plain(answer.cancel_reason.empty() ? "etcdserver: watch canceled" : answer.cancel_reason));
      return;
    }
    // The answer to the request says from where on a watch "from now" hears everything.
    if (answer.created) {
      if (watcher->next == 0) watcher->next = answer.revision + 1;
      watcher->changed.notify_all();
      return;
    }
    const Revision expected = watcher->next;
    for (StoreEvent& event : answer.events) {
      if (event.item.mod_revision < expected) continue;
      watcher->next = std::max(watcher->next, event.item.mod_revision + 1);
      watcher->pending.push_back(std::move(event));
    }
    // Without events: progress. Nothing up to this revision is still to come.
    if (answer.events.empty()) watcher->next = std::max(watcher->next, answer.revision + 1);
    if (!watcher->pending.empty()) watcher->changed.notify_all();
  }
};

class EtcdWatches::Handle final : public StoreWatch {
 public:
  Handle(std::weak_ptr<Hub> hub, std::shared_ptr<Watcher> watcher)
      : hub_(std::move(hub)), watcher_(std::move(watcher)) {}
  ~Handle() override {
    if (const auto hub = hub_.lock()) hub->remove(watcher_->id);
  }
  // True once it is known from which revision on it hears everything.
  Task<bool> begun(TimePoint deadline) {
    while (watcher_->next == 0 && !watcher_->error) {
      if (!co_await watcher_->changed.wait_until(deadline)) break;
    }
    co_return watcher_->next != 0 || watcher_->error.has_value();
  }
  Task<Result<std::vector<StoreEvent>>> next() override {
    std::deque<StoreEvent>& pending = watcher_->pending;
    while (pending.empty() && !watcher_->error) (void)co_await watcher_->changed.wait();
    if (pending.empty()) co_return *watcher_->error;
    const auto count = static_cast<std::ptrdiff_t>(std::min(pending.size(), kBatchLimit));
    std::vector<StoreEvent> batch(std::make_move_iterator(pending.begin()),
                                  std::make_move_iterator(pending.begin() + count));
    pending.erase(pending.begin(), pending.begin() + count);
    co_return batch;
  }

 private:
  std::weak_ptr<Hub> hub_;
  std::shared_ptr<Watcher> watcher_;
};

EtcdWatches::EtcdWatches(EtcdConnection& connection, KnownDocuments& known)
    : connection_(connection),
      known_(known),
      hub_(std::make_shared<Hub>(connection.loop())),
      tasks_(connection.loop()) {
  tasks_.spawn(run());
}

EtcdWatches::~EtcdWatches() {
  tasks_.cancel_all();
  hub_->stream = nullptr;
  for (const auto& [id, watcher] : hub_->watchers)
    watcher->fail(Status::service_unavailable("etcdserver: server stopped"));
}

Task<Result<std::unique_ptr<StoreWatch>>> EtcdWatches::watch(std::string key, std::string range_end, Revision start) {
  const auto watcher = std::make_shared<Watcher>(connection_.loop());
  watcher->key = std::move(key);
  watcher->range_end = std::move(range_end);
  watcher->next = start;
  auto handle = std::make_unique<Handle>(hub_, watcher);
  hub_->add(watcher);
  if (!co_await handle->begun(connection_.deadline())) co_return Status::plain("context deadline exceeded");
  co_return std::unique_ptr<StoreWatch>(std::move(handle));
}

Task<void> EtcdWatches::run() {
  EventLoop& loop = connection_.loop();
  const std::vector<std::pair<std::string, std::string>> require_leader{{"hasleader", "true"}};
  for (;;) {
    while (hub_->watchers.empty()) (void)co_await hub_->wanted.wait();
    const Result<EtcdConnection::Channel> channel = co_await connection_.channel(connection_.deadline());
    if (!channel) continue;
    const std::unique_ptr<GrpcCall> stream = (*channel)->start("/etcdserverpb.Watch/Watch", require_leader);
    hub_->stream = stream.get();
    for (const auto& [id, watcher] : hub_->watchers) hub_->create(*watcher);
    while (std::optional<std::string> message = co_await stream->receive()) {
      Result<WatchAnswer> answer = watch_answer(*message, known_);
      if (answer) {
        hub_->take(*std::move(answer));
        continue;
      }
      // What cannot be read would be missing: nobody may go on as if it were not there.
      for (const auto& [id, watcher] : std::exchange(hub_->watchers, {})) watcher->fail(answer.error());
      break;
    }
    hub_->stream = nullptr;
    // A member without a leader ends its streams: another one may have one.
    if (stream->status().is(GrpcCode::kUnavailable)) connection_.distrust(*channel);
    co_await loop.sleep(kBetweenStreams);
  }
}

}  // namespace drydock::server::etcd
