// EventRecorder: tells people what a component did, as Kubernetes Events.
//
// Repeats are counted, not stored again: the same object, reason and message within
// ten minutes raises `count` and `lastTimestamp`. A source may post 25 events about
// one object at once and one more every five minutes, as client-go's spam filter.
// Posting never delays the caller; what cannot be written is dropped after retries.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/base/prng.h"
#include "core/base/sync.h"
#include "core/client/client.h"

namespace drydock {

class EventRecorder {
 public:
  // `component` and `host` name the source: "kubelet", "node1".
  EventRecorder(EventLoop& loop, Client& client, Prng prng, std::string component, std::string host = "");
  // `about` needs kind, apiVersion and metadata; `type` is "Normal" or "Warning".
  void event(const Object& about, std::string_view type, std::string_view reason, std::string message);
  // About a part of it: "spec.containers{nginx}".
  void event(const Object& about, std::string_view field_path, std::string_view type, std::string_view reason,
             std::string message);

 private:
  struct Seen {
    std::string name;
    std::int64_t count = 0;
    TimePoint last;
  };
  struct Allowance {
    double tokens = 0;
    TimePoint refilled;
  };
  bool allowed(std::uint64_t source_key);
  // Events are named by their time, as client-go does: a list of them is in order.
  std::uint64_t next_stamp();
  Task<void> post(Object event, std::uint64_t key);
  Task<void> raise(ObjectKey event, Value patch, Object again, std::uint64_t key);

  EventLoop& loop_;
  Client& client_;
  Prng prng_;
  std::uint64_t last_stamp_ = 0;
  // Parts that all events of this recorder share.
  Value component_;
  Value host_;
  Value source_;
  std::map<std::uint64_t, Seen> seen_;  // by a hash of all that makes two events the same
  std::map<std::uint64_t, Allowance> allowances_;
  TaskGroup tasks_;
};

}  // namespace drydock
