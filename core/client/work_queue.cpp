#include "core/client/work_queue.h"

#include <algorithm>

namespace drydock {
namespace {

constexpr Duration kFirstDelay = milliseconds(5);
constexpr Duration kLongestDelay = seconds(1000);

}  // namespace

WorkQueue::~WorkQueue() {
  for (const auto& [key, delayed] : delayed_) loop_.cancel(delayed.timer);
}

void WorkQueue::add(std::string key) {
  if (!waiting_.insert(key).second) return;
  if (working_.contains(key)) return;  // comes back after done()
  queue_.push_back(std::move(key));
  ready_.notify_one();
}

void WorkQueue::add_after(std::string key, Duration delay) {
  if (delay <= Duration{0}) return add(std::move(key));
  const TimePoint due = loop_.now() + delay;
  const auto at = delayed_.find(key);
  if (at != delayed_.end()) {
    if (at->second.due <= due) return;
    loop_.cancel(at->second.timer);
  }
  const TimerId timer = loop_.call_at(due, [this, key] {
    delayed_.erase(key);
    add(key);
  });
  delayed_[key] = {due, timer};
}

void WorkQueue::add_rate_limited(std::string key) {
  const int failures = failures_[key]++;
  Duration delay = kFirstDelay;
  for (int i = 0; i < failures && delay < kLongestDelay; ++i) delay *= 2;
  add_after(std::move(key), std::min(delay, kLongestDelay));
}

void WorkQueue::forget(const std::string& key) { failures_.erase(key); }

int WorkQueue::requeues(const std::string& key) const {
  const auto at = failures_.find(key);
  return at == failures_.end() ? 0 : at->second;
}

Task<std::string> WorkQueue::take() {
  while (queue_.empty()) (void)co_await ready_.wait();
  std::string key = std::move(queue_.front());
  queue_.pop_front();
  waiting_.erase(key);
  working_.insert(key);
  co_return key;
}

void WorkQueue::done(const std::string& key) {
  working_.erase(key);
  if (!waiting_.contains(key)) return;
  queue_.push_back(key);
  ready_.notify_one();
}

}  // namespace drydock
