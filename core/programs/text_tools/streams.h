// How the text tools read and write: files and standard input piece by piece, so
// that a pipe's reader sees a line when its writer wrote it, and output gathered
// until somebody waits.
//
//   Output out(p);
//   InputStream in(p, nullptr, &out);              // standard input
//   std::string line;
//   while (in.take_line(line) || co_await in.next_line(line)) out.add(line + "\n");
//   co_await out.flush();
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/task.h"
#include "core/host/process.h"

namespace drydock {

class Output {
 public:
  explicit Output(Process& process, int fd = 1) : process_(process), fd_(fd) {}
  Output(Process& process, OpenFilePtr file) : process_(process), fd_(-1), file_(std::move(file)) {}
  void add(std::string_view bytes) { buffer_ += bytes; }
  void add(char byte) { buffer_ += byte; }
  bool wants_flush() const { return buffer_.size() >= kLimit; }
  bool empty() const { return buffer_.empty(); }
  // False once nobody reads any more, or the file takes nothing.
  Task<bool> flush();
  bool failed() const { return failed_; }

 private:
  static constexpr std::size_t kLimit = 32768;
  Process& process_;
  int fd_;
  OpenFilePtr file_;
  std::string buffer_;
  bool failed_ = false;
};

class InputStream {
 public:
  // Null: standard input. `output` is flushed before a read that may wait.
  InputStream(Process& process, OpenFilePtr file, Output* output = nullptr)
      : process_(process), file_(std::move(file)), output_(output) {}

  // The next line, without its delimiter, if it is there already / when it is there.
  bool take_line(std::string& line, char delimiter = '\n');
  Task<bool> next_line(std::string& line, char delimiter = '\n');
  // Whether the line taken last ended with the delimiter (the last one may not).
  bool terminated() const { return terminated_; }
  // Whether nothing follows; waits to know.
  Task<bool> at_end();
  // What was read and not taken; fill() reads more and is false at the end.
  std::string_view available() const { return std::string_view(buffer_).substr(start_); }
  void consume(std::size_t count) { start_ += count; }
  Task<bool> fill();
  Task<std::string> rest();
  bool ended() const { return ended_; }
  std::optional<Errno> error() const { return error_; }

 private:
  Process& process_;
  OpenFilePtr file_;
  Output* output_;
  std::string buffer_;
  std::size_t start_ = 0;
  std::size_t searched_ = 0;  // bytes behind start_ known to hold no delimiter
  bool ended_ = false;
  bool terminated_ = true;
  std::optional<Errno> error_;
};

// "-" and /dev/stdin give a null file: standard input.
SysResult<OpenFilePtr> open_input(Process& process, std::string_view path);
// Creates or truncates (appends to) a file; /dev/stdout and /dev/stderr are the process' own.
SysResult<OpenFilePtr> open_output(Process& process, std::string_view path, bool append);
// The whole of a file or of standard input ("-").
Task<SysResult<std::string>> read_input(Process& process, std::string path);
// All files (none: standard input) in one text; complains of those that cannot be read
// and is false then.
Task<bool> read_together(Process& p, std::vector<std::string> files, std::string& out);
// Lines without their ends; a last line without newline counts.
std::vector<std::string> split_lines(std::string_view text, char delimiter = '\n');

// Lets the world go on in a loop that does not wait: count one step.
class Breath {
 public:
  explicit Breath(Process& process, int steps_per_breath = 20000)
      : process_(process), steps_per_breath_(steps_per_breath) {}
  bool due() { return ++steps_ >= steps_per_breath_; }
  Task<void> take();

 private:
  Process& process_;
  int steps_per_breath_;
  int steps_ = 0;
};

}  // namespace drydock
