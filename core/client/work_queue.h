// WorkQueue: keys to reconcile. A key that is already waiting is not added
// again; a key added while it is being worked on comes back after done().
// Failed keys return with exponential back-off (5 ms doubling to 1000 s), as
// client-go's default controller rate limiter does.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "core/base/sync.h"

namespace drydock {

class WorkQueue {
 public:
  explicit WorkQueue(EventLoop& loop) : loop_(loop), ready_(loop) {}
  ~WorkQueue();
  void add(std::string key);
  void add_after(std::string key, Duration delay);  // the earliest moment asked for counts
  void add_rate_limited(std::string key);           // after a failure
  void forget(const std::string& key);              // after a success
  int requeues(const std::string& key) const;
  // Waits for the next key and marks it as being worked on.
  Task<std::string> take();
  void done(const std::string& key);
  std::size_t size() const { return queue_.size(); }

 private:
  EventLoop& loop_;
  std::deque<std::string> queue_;
  std::set<std::string> waiting_;
  std::set<std::string> working_;
  std::map<std::string, int> failures_;
  struct Delayed {
    TimePoint due;
    TimerId timer;
  };
  std::map<std::string, Delayed> delayed_;
  Event ready_;
};

}  // namespace drydock
