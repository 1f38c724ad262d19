// What a file descriptor points to: an open file description, shared by dup()ed
// and inherited descriptors.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/sync.h"
#include "core/base/task.h"
#include "core/host/file_system.h"

namespace drydock {

class Process;
class Tty;

class OpenFile {
 public:
  virtual ~OpenFile() = default;
  // At most `max` bytes; "" is end of file. Waits until there is something.
  // EINTR when a signal that `process` catches came first.
  virtual Task<SysResult<std::string>> read(Process& process, std::size_t max) = 0;
  // Writes everything; EPIPE (and SIGPIPE to `process`) when nobody reads.
  virtual Task<SysResult<void>> write(Process& process, std::string_view bytes) = 0;
  virtual SysResult<std::int64_t> seek(std::int64_t offset, int whence);  // ESPIPE
  virtual Tty* tty() { return nullptr; }
  virtual InodePtr inode() const { return nullptr; }
  // Path it was opened by, "pipe:[…]", "/dev/pts/0": for ls -l /proc/N/fd and lsof.
  virtual std::string description() const = 0;
};
using OpenFilePtr = std::shared_ptr<OpenFile>;

enum OpenFlags : unsigned {
  kOpenRead = 1,
  kOpenWrite = 2,
  kOpenCreate = 4,
  kOpenTruncate = 8,
  kOpenAppend = 16,
  kOpenExclusive = 32,
};

// Read end, write end. A pipe holds 64 KiB; the writer then waits.
std::pair<OpenFilePtr, OpenFilePtr> make_pipe(EventLoop& loop);
OpenFilePtr make_null_file();  // /dev/null
OpenFilePtr open_inode(EventLoop& loop, InodePtr inode, unsigned flags, std::string path);
// Bytes already there, then end of file: here-documents.
OpenFilePtr make_string_source(std::string bytes);
// Calls `sink` with all that is written: container logs, captured output.
OpenFilePtr make_sink(std::function<void(std::string_view)> sink);

}  // namespace drydock
