#include "core/host/tty.h"

#include <algorithm>

#include "core/host/process.h"

namespace drydock {
namespace {

constexpr std::size_t kTailLimit = 256;
constexpr std::size_t kLineLimit = 4096;       // a canonical line, as Linux' N_TTY_BUF_SIZE
constexpr std::size_t kInputLimit = 1u << 20;  // what a program has not read yet

class TtyFile final : public OpenFile {
 public:
  explicit TtyFile(std::shared_ptr<Tty> tty) : tty_(std::move(tty)) {}
  Task<SysResult<std::string>> read(Process& process, std::size_t max) override { return tty_->read(process, max); }
  Task<SysResult<void>> write(Process&, std::string_view bytes) override {
    if (tty_->hung_up()) co_return Errno::kIo;
    tty_->write(bytes);
    co_return SysResult<void>();
  }
  Tty* tty() override { return tty_.get(); }
  std::string description() const override { return "/dev/" + tty_->name(); }

 private:
  std::shared_ptr<Tty> tty_;
};

// Bytes of the last UTF-8 character of `text`.
std::size_t last_character_size(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size()) {
    ++size;
    if ((static_cast<unsigned char>(text[text.size() - size]) & 0xc0) != 0x80) break;
  }
  return size;
}

}  // namespace

Tty::Tty(EventLoop& loop, std::string name, Sink sink)
    : loop_(loop), name_(std::move(name)), sink_(std::move(sink)), last_output_(loop.now()), readable_(loop) {}

Tty::~Tty() = default;

OpenFilePtr Tty::open() { return std::make_shared<TtyFile>(shared_from_this()); }

void Tty::emit(std::string_view bytes) {
  last_output_ = loop_.now();
  tail_.append(bytes.size() > kTailLimit ? bytes.substr(bytes.size() - kTailLimit) : bytes);
  if (tail_.size() > kTailLimit) tail_.erase(0, tail_.size() - kTailLimit);
  if (sink_) sink_(bytes);
}

void Tty::write(std::string_view bytes) {
  if (!modes_.map_newline) return emit(bytes);
  std::string mapped;
  mapped.reserve(bytes.size() + 8);
  for (char c : bytes) {
    if (c == '\n') mapped += '\r';
    mapped += c;
  }
  emit(mapped);
}

void Tty::echo(std::string_view bytes) {
  if (modes_.echo) write(bytes);
}

void Tty::input(std::string_view bytes) {
  if (hung_up_) return;
  prompting_ = false;  // the shell says so again once it has read this
  for (char c : bytes) input_byte(c);
}

void Tty::input_byte(char c) {
  if (modes_.signals) {
    const int signal = c == '\x03' ? kSigInt : c == '\x1a' ? kSigTstp : c == '\x1c' ? kSigQuit : 0;
    if (signal != 0) {
      if (modes_.echo) emit(c == '\x03' ? "^C" : c == '\x1a' ? "^Z" : "^\\");
      line_.clear();
      if (signal_group) signal_group(foreground_group_, signal);
      return;
    }
  }
  if (!modes_.canonical) {
    if (input_.size() < kInputLimit) input_ += c;
    echo(std::string_view(&c, 1));
    readable_.notify_all();
    return;
  }
  auto erase = [&](std::size_t characters) {
    while (characters-- > 0 && !line_.empty()) {
      line_.resize(line_.size() - last_character_size(line_));
      if (modes_.echo) emit("\b \b");
    }
  };
  switch (c) {
    case '\x7f':
    case '\b':
      return erase(1);
    case '\x15':
      return erase(line_.size());
    case '\x17': {
      while (!line_.empty() && line_.back() == ' ') erase(1);
      while (!line_.empty() && line_.back() != ' ') erase(1);
      return;
    }
    case '\x04':
      if (line_.empty()) ++pending_eof_;
      input_ += std::exchange(line_, {});
      readable_.notify_all();
      return;
    case '\r':
    case '\n':
      echo("\n");
      line_ += '\n';
      if (input_.size() < kInputLimit) input_ += line_;
      line_.clear();
      readable_.notify_all();
      return;
    default:
      if (line_.size() >= kLineLimit) return;
      line_ += c;
      if (modes_.echo) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 && c != '\t')
          emit(std::string{'^', static_cast<char>(c + 64)});
        else
          emit(std::string_view(&c, 1));
      }
  }
}

Task<SysResult<std::string>> Tty::read(Process& process, std::size_t max) {
  struct Reading {
    explicit Reading(Tty& tty) : tty(tty) { ++tty.readers_waiting_; }
    ~Reading() { --tty.readers_waiting_; }
    Tty& tty;
  };
  const std::shared_ptr<Tty> keep = shared_from_this();
  {
    Reading reading(*this);
    while (input_.empty() && pending_eof_ == 0 && !hung_up_) {
      if (co_await process.wait_event(readable_) == Process::WaitResult::kInterrupted) co_return Errno::kIntr;
    }
  }
  if (input_.empty()) {
    if (pending_eof_ > 0) --pending_eof_;
    co_return std::string();
  }
  std::size_t take = std::min(max, input_.size());
  if (modes_.canonical) {  // a read ends with its line
    const std::size_t newline = input_.find('\n');
    if (newline != std::string::npos) take = std::min(take, newline + 1);
  }
  std::string bytes = input_.substr(0, take);
  input_.erase(0, take);
  co_return bytes;
}

void Tty::set_modes(Modes modes) {
  if (modes_.canonical && !modes.canonical) input_ += std::exchange(line_, {});
  modes_ = modes;
  if (!input_.empty()) readable_.notify_all();
}

void Tty::resize(int columns, int rows) {
  columns_ = std::clamp(columns, 1, 1000);
  rows_ = std::clamp(rows, 1, 1000);
  if (signal_group) signal_group(foreground_group_, kSigWinch);
}

void Tty::hang_up() {
  hung_up_ = true;
  readable_.notify_all();
  if (signal_group) signal_group(foreground_group_, kSigHup);
}

}  // namespace drydock
