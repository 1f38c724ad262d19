#include "server/io/byte_stream.h"

namespace drydock::server {
namespace {

struct Pipe {
  explicit Pipe(EventLoop& loop) : changed(loop) {}
  std::string bytes;
  bool ended = false;
  Event changed;
};

class MemoryStream final : public ByteStream {
 public:
  MemoryStream(std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out) : in_(std::move(in)), out_(std::move(out)) {}
  ~MemoryStream() override { MemoryStream::abort(); }

  Task<std::string> read(std::optional<TimePoint> deadline) override {
    while (in_->bytes.empty() && !in_->ended) {
      if (!deadline) {
        (void)co_await in_->changed.wait();
      } else if (!co_await in_->changed.wait_until(*deadline)) {
        break;
      }
    }
    co_return std::exchange(in_->bytes, {});
  }
  void write(std::string bytes) override {
    if (out_->ended) return;
    out_->bytes += bytes;
    out_->changed.notify_all();
  }
  std::size_t unsent() const override { return out_->bytes.size(); }
  Task<bool> drained(std::size_t limit, TimePoint deadline) override {
    while (out_->bytes.size() > limit && !out_->ended) {
      // The reader takes everything at once and tells nobody: look again.
      if (out_->changed.loop().now() >= deadline) co_return false;
      co_await out_->changed.loop().sleep(milliseconds(1));
    }
    co_return !out_->ended;
  }
  void close() override {
    out_->ended = true;
    out_->changed.notify_all();
  }
  void abort() override {
    close();
    in_->ended = true;
    in_->changed.notify_all();
  }
  bool ended() const override { return in_->ended && in_->bytes.empty(); }
  Task<void> wait_ended() override {
    while (!in_->ended) (void)co_await in_->changed.wait();
  }

 private:
  std::shared_ptr<Pipe> in_;
  std::shared_ptr<Pipe> out_;
};

}  // namespace

std::pair<std::shared_ptr<ByteStream>, std::shared_ptr<ByteStream>> make_memory_streams(EventLoop& loop) {
  auto there = std::make_shared<Pipe>(loop);
  auto back = std::make_shared<Pipe>(loop);
  return {std::make_shared<MemoryStream>(back, there), std::make_shared<MemoryStream>(there, back)};
}

}  // namespace drydock::server
