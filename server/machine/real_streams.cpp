#include "server/machine/real_streams.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "server/machine/real_files.h"

namespace drydock::server {
namespace {

// Tells real files from others without type names: it begins every description.
constexpr std::string_view kDescription = "/proc/self/fd/";

class RealInput final : public OpenFile {
 public:
  RealInput(RealTime& driver, std::shared_ptr<RealTerminal> terminal)
      : driver_(driver), terminal_(std::move(terminal)) {}
  Task<SysResult<std::string>> read(Process& process, std::size_t max) override {
    if (terminal_) terminal_->follow();
    // A read that was given up goes on in its thread; the next one takes over what it brings.
    if (!state_) {
      state_ = std::make_shared<State>(driver_.loop());
      std::thread([state = state_, &driver = driver_, max] {
        std::string bytes(max, '\0');
        ssize_t count = 0;
        do {
          count = ::read(0, bytes.data(), bytes.size());
        } while (count < 0 && errno == EINTR);
        const int error = count < 0 ? errno : 0;
        bytes.resize(static_cast<std::size_t>(count > 0 ? count : 0));
        driver.post([state, bytes = std::move(bytes), error] {
          state->result = error == 0 ? SysResult<std::string>(bytes) : SysResult<std::string>(errno_of(error));
          state->ready.notify_all();
        });
      }).detach();
    }
    const std::shared_ptr<State> state = state_;
    while (!state->result) {
      if (co_await process.wait_event(state->ready) == Process::WaitResult::kInterrupted) co_return Errno::kIntr;
    }
    state_.reset();
    co_return *std::move(state->result);
  }
  Task<SysResult<void>> write(Process&, std::string_view) override { co_return Errno::kBadF; }
  Tty* tty() override { return terminal_ ? terminal_->tty().get() : nullptr; }
  std::string description() const override { return std::string(kDescription) + "0"; }

 private:
  struct State {
    explicit State(EventLoop& loop) : ready(loop) {}
    drydock::Event ready;
    std::optional<SysResult<std::string>> result;
  };
  RealTime& driver_;
  std::shared_ptr<RealTerminal> terminal_;
  std::shared_ptr<State> state_;
};

class RealOutput final : public OpenFile {
 public:
  RealOutput(int descriptor, std::shared_ptr<RealTerminal> terminal)
      : descriptor_(descriptor), terminal_(std::move(terminal)) {}
  Task<SysResult<std::string>> read(Process&, std::size_t) override { co_return Errno::kBadF; }
  Task<SysResult<void>> write(Process&, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) co_return errno_of(errno);
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    co_return SysResult<void>();
  }
  Tty* tty() override { return terminal_ ? terminal_->tty().get() : nullptr; }
  std::string description() const override { return std::string(kDescription) + std::to_string(descriptor_); }

 private:
  int descriptor_;
  std::shared_ptr<RealTerminal> terminal_;
};

}  // namespace

std::shared_ptr<RealTerminal> RealTerminal::of(EventLoop& loop, int descriptor) {
  if (::isatty(descriptor) == 0) return nullptr;
  return std::shared_ptr<RealTerminal>(new RealTerminal(loop, descriptor));
}

RealTerminal::RealTerminal(EventLoop& loop, int descriptor)
    : descriptor_(descriptor), tty_(std::make_shared<Tty>(loop, "tty", [](std::string_view) {})) {
  follow_size();
}

void RealTerminal::follow_size() {
  winsize size = {};
  if (::ioctl(descriptor_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0)
    tty_->resize(size.ws_col, size.ws_row);
}

void RealTerminal::follow() {
  if (tty_->modes().canonical) return restore();
  if (found_) return;
  termios modes = {};
  if (::tcgetattr(descriptor_, &modes) != 0) return;
  found_ = modes;
  ::cfmakeraw(&modes);
  ::tcsetattr(descriptor_, TCSADRAIN, &modes);
}

void RealTerminal::restore() {
  if (found_) ::tcsetattr(descriptor_, TCSADRAIN, &*found_);
  found_.reset();
}

OpenFilePtr real_input(RealTime& driver, std::shared_ptr<RealTerminal> terminal) {
  return std::make_shared<RealInput>(driver, std::move(terminal));
}

OpenFilePtr real_output(int descriptor, std::shared_ptr<RealTerminal> terminal) {
  return std::make_shared<RealOutput>(descriptor, std::move(terminal));
}

int real_descriptor(const OpenFilePtr& file) {
  if (!file) return -1;
  const std::string text = file->description();
  if (!text.starts_with(kDescription)) return -1;
  return static_cast<int>(parse_int(std::string_view(text).substr(kDescription.size())).value_or(-1));
}

}  // namespace drydock::server
