#include "core/host/open_file.h"

#include <algorithm>
#include <functional>

#include "core/host/process.h"

namespace drydock {
namespace {

constexpr std::size_t kPipeCapacity = 65536;  // as Linux

struct PipeState {
  explicit PipeState(EventLoop& loop) : readable(loop), writable(loop) {}
  std::string buffer;
  int readers = 1;
  int writers = 1;
  Event readable;
  Event writable;
};

class PipeReader final : public OpenFile {
 public:
  explicit PipeReader(std::shared_ptr<PipeState> state) : state_(std::move(state)) {}
  ~PipeReader() override {
    state_->readers = 0;
    state_->writable.notify_all();
  }
  Task<SysResult<std::string>> read(Process& process, std::size_t max) override {
    const std::shared_ptr<PipeState> state = state_;
    while (state->buffer.empty() && state->writers > 0) {
      if (co_await process.wait_event(state->readable) == Process::WaitResult::kInterrupted) co_return Errno::kIntr;
    }
    std::string bytes = state->buffer.substr(0, max);
    state->buffer.erase(0, bytes.size());
    state->writable.notify_all();
    co_return bytes;
  }
  Task<SysResult<void>> write(Process&, std::string_view) override { co_return Errno::kBadF; }
  std::string description() const override { return "pipe:[0]"; }

 private:
  std::shared_ptr<PipeState> state_;
};

class PipeWriter final : public OpenFile {
 public:
  explicit PipeWriter(std::shared_ptr<PipeState> state) : state_(std::move(state)) {}
  ~PipeWriter() override {
    state_->writers = 0;
    state_->readable.notify_all();
  }
  Task<SysResult<std::string>> read(Process&, std::size_t) override { co_return Errno::kBadF; }
  Task<SysResult<void>> write(Process& process, std::string_view bytes) override {
    const std::shared_ptr<PipeState> state = state_;
    while (!bytes.empty()) {
      while (state->readers > 0 && state->buffer.size() >= kPipeCapacity) {
        if (co_await process.wait_event(state->writable) == Process::WaitResult::kInterrupted) co_return Errno::kIntr;
      }
      if (state->readers == 0) {
        (void)process.kill(process.pid(), kSigPipe);
        co_return Errno::kPipe;
      }
      const std::size_t room = std::min(bytes.size(), kPipeCapacity - state->buffer.size());
      state->buffer.append(bytes.substr(0, room));
      bytes.remove_prefix(room);
      state->readable.notify_all();
    }
    co_return SysResult<void>();
  }
  std::string description() const override { return "pipe:[0]"; }

 private:
  std::shared_ptr<PipeState> state_;
};

class NullFile final : public OpenFile {
 public:
  Task<SysResult<std::string>> read(Process&, std::size_t) override { co_return std::string(); }
  Task<SysResult<void>> write(Process&, std::string_view) override { co_return SysResult<void>(); }
  std::string description() const override { return "/dev/null"; }
};

class InodeFile final : public OpenFile {
 public:
  InodeFile(EventLoop& loop, InodePtr inode, unsigned flags, std::string path)
      : loop_(loop), inode_(std::move(inode)), flags_(flags), path_(std::move(path)) {}

  Task<SysResult<std::string>> read(Process&, std::size_t max) override {
    if ((flags_ & kOpenRead) == 0) co_return Errno::kBadF;
    if (inode_->type == FileType::kDirectory) co_return Errno::kIsDir;
    if (inode_->behaviour && inode_->behaviour->read) {
      if (offset_ == 0) generated_ = inode_->behaviour->read();
      co_return take(generated_, max);
    }
    co_return take(inode_->content(), max);
  }

  Task<SysResult<void>> write(Process&, std::string_view bytes) override {
    if ((flags_ & kOpenWrite) == 0) co_return Errno::kBadF;
    if (inode_->behaviour) co_return inode_->behaviour->write ? inode_->behaviour->write(bytes) : SysResult<void>();
    if ((flags_ & kOpenAppend) != 0 || offset_ == inode_->content().size()) {
      inode_->append(bytes, loop_.now());
      offset_ = inode_->content().size();
      co_return SysResult<void>();
    }
    std::string content = inode_->content();
    if (content.size() < offset_) content.resize(offset_, '\0');
    content.replace(offset_, std::min(bytes.size(), content.size() - offset_), bytes);
    offset_ += bytes.size();
    inode_->set_content(std::move(content), loop_.now());
    co_return SysResult<void>();
  }

  SysResult<std::int64_t> seek(std::int64_t offset, int whence) override {
    const auto base = whence == 0   ? 0
                      : whence == 1 ? static_cast<std::int64_t>(offset_)
                                    : static_cast<std::int64_t>(inode_->content().size());
    if (base + offset < 0) return Errno::kInval;
    offset_ = static_cast<std::size_t>(base + offset);
    return static_cast<std::int64_t>(offset_);
  }
  InodePtr inode() const override { return inode_; }
  std::string description() const override { return path_; }

 private:
  std::string take(const std::string& content, std::size_t max) {
    if (offset_ >= content.size()) return {};
    std::string bytes = content.substr(offset_, max);
    offset_ += bytes.size();
    return bytes;
  }

  EventLoop& loop_;
  InodePtr inode_;
  unsigned flags_;
  std::string path_;
  std::size_t offset_ = 0;
  std::string generated_;
};

class StringSource final : public OpenFile {
 public:
  explicit StringSource(std::string bytes) : bytes_(std::move(bytes)) {}
  Task<SysResult<std::string>> read(Process&, std::size_t max) override {
    std::string piece = bytes_.substr(offset_, max);
    offset_ += piece.size();
    co_return piece;
  }
  Task<SysResult<void>> write(Process&, std::string_view) override { co_return Errno::kBadF; }
  std::string description() const override { return "pipe:[0]"; }

 private:
  std::string bytes_;
  std::size_t offset_ = 0;
};

class SinkFile final : public OpenFile {
 public:
  explicit SinkFile(std::function<void(std::string_view)> sink) : sink_(std::move(sink)) {}
  Task<SysResult<std::string>> read(Process&, std::size_t) override { co_return Errno::kBadF; }
  Task<SysResult<void>> write(Process&, std::string_view bytes) override {
    sink_(bytes);
    co_return SysResult<void>();
  }
  std::string description() const override { return "pipe:[0]"; }

 private:
  std::function<void(std::string_view)> sink_;
};

}  // namespace

SysResult<std::int64_t> OpenFile::seek(std::int64_t, int) { return Errno::kSPipe; }

std::pair<OpenFilePtr, OpenFilePtr> make_pipe(EventLoop& loop) {
  auto state = std::make_shared<PipeState>(loop);
  return {std::make_shared<PipeReader>(state), std::make_shared<PipeWriter>(state)};
}

OpenFilePtr make_null_file() { return std::make_shared<NullFile>(); }

OpenFilePtr open_inode(EventLoop& loop, InodePtr inode, unsigned flags, std::string path) {
  return std::make_shared<InodeFile>(loop, std::move(inode), flags, std::move(path));
}

OpenFilePtr make_string_source(std::string bytes) { return std::make_shared<StringSource>(std::move(bytes)); }
OpenFilePtr make_sink(std::function<void(std::string_view)> sink) {
  return std::make_shared<SinkFile>(std::move(sink));
}

}  // namespace drydock
