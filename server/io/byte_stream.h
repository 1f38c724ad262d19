// ByteStream: one connection as protocol code sees it: bytes in, bytes out, an end.
// Listener makes real ones; tests make pairs in memory (make_memory_streams).
//
// Everything runs on the one EventLoop; nothing blocks.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/base/event_loop.h"
#include "core/base/sync.h"
#include "core/base/task.h"

namespace drydock::server {

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // The next bytes; "" once the peer has ended, the connection broke, or `deadline` passed.
  virtual Task<std::string> read(std::optional<TimePoint> deadline = std::nullopt) = 0;
  // Queues bytes; they leave in order. Dropped when the connection is gone.
  virtual void write(std::string bytes) = 0;
  // Bytes queued and not yet taken by the network.
  virtual std::size_t unsent() const = 0;
  // Waits until at most `limit` bytes are unsent; false when the connection is gone or
  // `deadline` passes first.
  virtual Task<bool> drained(std::size_t limit, TimePoint deadline) = 0;
  // Ends the connection once what is queued has left (or at once).
  virtual void close() = 0;
  virtual void abort() = 0;
  // True when nothing more will come: the peer ended, or the connection broke.
  virtual bool ended() const = 0;
  // Waits for that.
  virtual Task<void> wait_ended() = 0;
};

// Two ends of one connection, in memory.
std::pair<std::shared_ptr<ByteStream>, std::shared_ptr<ByteStream>> make_memory_streams(EventLoop& loop);

}  // namespace drydock::server
