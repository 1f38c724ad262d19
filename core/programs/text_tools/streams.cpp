#include "core/programs/text_tools/streams.h"

#include <algorithm>
#include <utility>

namespace drydock {
namespace {

constexpr Duration kStepTime = microseconds(1) / 5;  // of processor time for one step of a program

}  // namespace

Task<bool> Output::flush() {
  if (failed_) co_return false;
  if (buffer_.empty()) co_return true;
  const std::string bytes = std::exchange(buffer_, {});
  const auto written = file_ ? co_await file_->write(process_, bytes) : co_await process_.write(fd_, bytes);
  if (!written) failed_ = true;
  co_return !failed_;
}

bool InputStream::take_line(std::string& line, char delimiter) {
  if (output_ != nullptr && output_->failed()) return false;
  const std::size_t at = buffer_.find(delimiter, start_ + searched_);
  if (at == std::string::npos) {
    searched_ = buffer_.size() - start_;
    if (!ended_ || start_ == buffer_.size()) return false;
    line.assign(buffer_, start_, std::string::npos);
    start_ = buffer_.size();
    searched_ = 0;
    terminated_ = false;
    return true;
  }
  line.assign(buffer_, start_, at - start_);
  start_ = at + 1;
  searched_ = 0;
  terminated_ = true;
  return true;
}

Task<bool> InputStream::next_line(std::string& line, char delimiter) {
  for (;;) {
    if (take_line(line, delimiter)) co_return true;
    if (ended_ || (output_ != nullptr && output_->failed())) co_return false;
    (void)co_await fill();
  }
}

Task<bool> InputStream::at_end() {
  while (start_ == buffer_.size() && !ended_) (void)co_await fill();
  co_return start_ == buffer_.size();
}

Task<bool> InputStream::fill() {
  if (ended_) co_return false;
  if (output_ != nullptr && !co_await output_->flush()) {
    ended_ = true;
    co_return false;
  }
  if (start_ > 0) {
    buffer_.erase(0, start_);
    start_ = 0;
  }
  auto piece = file_ ? co_await file_->read(process_, 65536) : co_await process_.read(0);
  if (!piece || piece->empty()) {
    if (!piece) error_ = piece.error();
    ended_ = true;
    co_return false;
  }
  buffer_ += *piece;
  co_return true;
}

Task<std::string> InputStream::rest() {
  while (co_await fill()) {
  }
  std::string all = buffer_.substr(start_);
  start_ = buffer_.size();
  co_return all;
}

SysResult<OpenFilePtr> open_input(Process& process, std::string_view path) {
  if (path == "-" || path == "/dev/stdin") return OpenFilePtr();
  DRYDOCK_TRY(int fd, process.open(path, kOpenRead));
  OpenFilePtr file = process.file(fd);
  process.close(fd);
  return file;
}

SysResult<OpenFilePtr> open_output(Process& process, std::string_view path, bool append) {
  if (path == "/dev/stdout" || path == "/dev/stderr") {
    OpenFilePtr file = process.file(path == "/dev/stdout" ? 1 : 2);
    if (!file) return Errno::kBadF;
    return file;
  }
  DRYDOCK_TRY(int fd, process.open(path, kOpenWrite | kOpenCreate | (append ? kOpenAppend : kOpenTruncate), 0666));
  OpenFilePtr file = process.file(fd);
  process.close(fd);
  return file;
}

Task<SysResult<std::string>> read_input(Process& process, std::string path) {
  auto file = open_input(process, path);
  if (!file) co_return file.error();
  InputStream input(process, *file);
  std::string text = co_await input.rest();
  if (input.error()) co_return *input.error();
  co_return text;
}

Task<bool> read_together(Process& p, std::vector<std::string> files, std::string& out) {
  if (files.empty()) files.emplace_back("-");
  bool fine = true;
  for (const std::string& path : files) {
    auto text = co_await read_input(p, path);
    if (text) {
      out += *text;
    } else {
      co_await p.err(p.error_text(path, text.error()) + "\n");
      fine = false;
    }
  }
  co_return fine;
}

std::vector<std::string> split_lines(std::string_view text, char delimiter) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find(delimiter);
    lines.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

Task<void> Breath::take() {
  const Duration used = kStepTime * std::exchange(steps_, 0);
  process_.add_cpu_time(used);
  (void)co_await process_.sleep(used);
}

}  // namespace drydock
