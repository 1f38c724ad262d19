// Process: all that a program can see and do: arguments, environment, files,
// children, signals, clock, network. A killed process' coroutine frame is
// destroyed, so programs hold everything in locals and members.
//
//   Task<int> echo_main(Process& p) {
//     co_await p.out(join(p.arguments(), " ") + "\n");
//     co_return 0;
//   }
//
// Paths may be relative (to cwd) in every call. Calls return Errno errors as
// Linux does; Process::error_text(path, errno) words them as GNU tools do.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/prng.h"
#include "core/base/sync.h"
#include "core/base/task.h"
#include "core/host/file_system.h"
#include "core/host/open_file.h"
#include "core/host/program.h"

namespace drydock {

class Host;
class NetNamespace;
class Tty;

using Pid = int;
using Environment = std::map<std::string, std::string, std::less<>>;

// Linux numbers.
enum Signal : int {
  kSigHup = 1,
  kSigInt = 2,
  kSigQuit = 3,
  kSigKill = 9,
  kSigUsr1 = 10,
  kSigUsr2 = 12,
  kSigPipe = 13,
  kSigAlrm = 14,
  kSigTerm = 15,
  kSigChld = 17,
  kSigCont = 18,
  kSigStop = 19,
  kSigTstp = 20,
  kSigTtin = 21,
  kSigTtou = 22,
  kSigWinch = 28,
};
std::string_view signal_name(int signal);            // "TERM"; "" when unknown
std::optional<int> signal_number(std::string_view);  // "TERM", "SIGTERM", "15"

struct ExitStatus {
  int code = 0;
  int signal = 0;  // != 0: killed by it
  bool oom_killed = false;
  int shell_code() const { return signal != 0 ? 128 + signal : code; }
};

struct Credentials {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> groups;
};

// Processes of one container (or of the host): pids as seen inside.
struct PidNamespace {
  Pid next = 1;
  std::map<Pid, Pid> to_host;  // inner pid -> host pid
};

// Accounting of memory and CPU for a group of processes.
struct Cgroup {
  std::string path;                  // "/kubepods/besteffort/pod…"
  std::int64_t memory_limit = 0;     // bytes; 0: none
  std::int64_t memory_usage = 0;     // bytes
  std::int64_t cpu_limit_milli = 0;  // 0: none
  std::int64_t cpu_usage_ns = 0;
  std::shared_ptr<Cgroup> parent;
};

// What a process shares with its children unless it is told otherwise.
struct Namespaces {
  std::shared_ptr<FileSystem> files;
  std::shared_ptr<NetNamespace> network;
  std::shared_ptr<PidNamespace> pids;  // null: the host's own
  std::shared_ptr<std::string> hostname;
  std::shared_ptr<Cgroup> cgroup;
};

struct SpawnOptions {
  std::vector<std::string> argv;           // argv[0] is looked up in PATH unless it has a '/'
  std::optional<Environment> environment;  // else the parent's
  std::optional<std::string> cwd;
  std::map<int, OpenFilePtr> files;  // descriptors 0, 1, 2, …; what is missing is inherited
  bool inherit_files = true;
  std::optional<Pid> group;  // process group; 0: a new one led by the child
  bool new_session = false;
  std::shared_ptr<Tty> controlling_tty;  // with new_session
  std::optional<Credentials> credentials;
  std::optional<Namespaces> namespaces;  // enter other namespaces (containers)
};

class Process {
 public:
  using Body = std::function<Task<int>(Process&)>;

  // --- who and where ---
  Pid pid() const { return inner_pid_; }  // as seen in its own pid namespace
  Pid host_pid() const { return pid_; }
  Pid parent_pid() const;  // in its namespace; 0 when outside
  Pid group() const { return group_; }
  Pid session() const { return session_; }
  Host& host() { return host_; }
  EventLoop& loop();
  Prng& prng();  // the host's stream
  TimePoint now();
  TimePoint started() const { return started_; }
  const std::string& hostname() const { return *namespaces_.hostname; }
  void set_hostname(std::string name) { *namespaces_.hostname = std::move(name); }
  const std::vector<std::string>& argv() const { return argv_; }
  std::span<const std::string> arguments() const { return std::span(argv_).subspan(1); }
  std::string_view name() const;  // base name of argv[0]
  // Version of the executable file's program ("v1.36.3" for kubectl), or "".
  const std::string& program_version() const { return program_version_; }
  const Environment& environment() const { return *environment_; }
  // To change it: a fork shares its parent's until then.
  Environment& own_environment();
  std::string_view env(std::string_view name) const;  // "" when unset
  const Credentials& credentials() const { return credentials_; }
  void set_credentials(Credentials credentials) { credentials_ = std::move(credentials); }
  const Namespaces& namespaces() const { return namespaces_; }
  NetNamespace& network() { return *namespaces_.network; }
  FileSystem& files() { return *namespaces_.files; }
  std::shared_ptr<Tty> controlling_tty() const { return tty_; }
  // Resident memory as the program models it; counts against its cgroup, and
  // over the limit the process is OOM-killed.
  void set_memory(std::int64_t bytes);
  std::int64_t memory() const { return memory_; }
  void add_cpu_time(Duration used);
  Duration cpu_time() const { return cpu_time_; }

  // --- output and input ---
  Task<SysResult<std::string>> read(int fd, std::size_t max = 65536);
  Task<SysResult<void>> write(int fd, std::string_view bytes);  // `bytes` must live until it returns
  Task<void> out(std::string text);                             // standard output; errors (EPIPE) are dropped
  Task<void> err(std::string text);                             // standard error
  Task<std::string> read_all(int fd);                           // until end of file
  // One line without its newline; nullopt at end of file. Buffers per descriptor.
  Task<std::optional<std::string>> read_line(int fd = 0);
  bool is_tty(int fd) const;
  std::shared_ptr<Tty> tty_of(int fd) const;  // null unless a terminal

  // --- descriptors ---
  SysResult<int> open(std::string_view path, unsigned flags, std::uint32_t mode = 0644);
  int add_file(OpenFilePtr file, int at_least = 3);
  void set_file(int fd, OpenFilePtr file);
  OpenFilePtr file(int fd) const;  // null when closed
  void close(int fd);
  const std::map<int, OpenFilePtr>& open_files() const { return files_; }

  // --- files (permission checks included) ---
  const std::string& cwd() const { return cwd_; }
  SysResult<void> change_directory(std::string_view path);
  std::string absolute(std::string_view path) const { return join_path(cwd_, path); }
  std::uint32_t umask() const { return umask_; }
  void set_umask(std::uint32_t mask) { umask_ = mask; }
  SysResult<FileStat> stat(std::string_view path, bool follow = true) const;
  bool exists(std::string_view path) const { return stat(path).ok(); }
  enum Access : unsigned { kRead = 4, kWrite = 2, kExecute = 1 };
  bool can_access(std::string_view path, unsigned access) const;
  SysResult<std::string> read_file(std::string_view path) const;
  SysResult<void> write_file(std::string_view path, std::string content, std::uint32_t mode = 0644);
  SysResult<void> append_file(std::string_view path, std::string_view content, std::uint32_t mode = 0644);
  SysResult<std::vector<std::string>> list_directory(std::string_view path) const;  // sorted, without . and ..
  SysResult<void> make_directory(std::string_view path, std::uint32_t mode = 0755);
  SysResult<void> make_directories(std::string_view path, std::uint32_t mode = 0755);
  SysResult<void> remove_directory(std::string_view path);
  SysResult<void> unlink(std::string_view path);
  SysResult<void> rename(std::string_view from, std::string_view to);
  SysResult<void> link(std::string_view target, std::string_view path);
  SysResult<void> symlink(std::string_view target, std::string_view path);
  SysResult<std::string> read_link(std::string_view path) const;
  SysResult<std::string> real_path(std::string_view path) const;
  SysResult<void> change_mode(std::string_view path, std::uint32_t mode);
  SysResult<void> change_owner(std::string_view path, std::optional<std::uint32_t> uid,
                               std::optional<std::uint32_t> gid, bool follow = true);
  // What is not given stays. EPERM/ENOENT as utimensat.
  SysResult<void> set_times(std::string_view path, std::optional<TimePoint> accessed, std::optional<TimePoint> modified,
                            bool follow = true);
  SysResult<void> set_modified(std::string_view path, TimePoint when) { return set_times(path, when, when); }

  // --- children ---
  // Starts a program. ENOENT, EACCES, ENOEXEC (neither a program nor "#!").
  SysResult<Pid> spawn(SpawnOptions options);
  // Starts a child that runs `body` with a copy of this process' descriptors,
  // environment and directory: subshells, pipelines of functions.
  Pid fork(Body body, SpawnOptions options = {});
  struct Waited {
    Pid pid = 0;
    ExitStatus status;
    bool stopped = false;  // by job control; it is still there
  };
  // Waits for one child (-1: any). ECHILD, EINTR. With `no_wait`: pid 0 when none has ended.
  Task<SysResult<Waited>> wait(Pid child = -1, bool no_wait = false, bool report_stopped = false);
  // Runs a program and waits for it: {127, 126 as the shell} on failure to start.
  Task<ExitStatus> run(SpawnOptions options);
  // Replaces the program: `co_return co_await p.exec(argv);`. An error returns here.
  Task<SysResult<int>> exec(std::vector<std::string> argv);
  // The path spawn() would run, looked up in PATH.
  SysResult<std::string> find_executable(std::string_view name) const;
  void set_group(Pid group) { group_ = group; }

  // --- time and signals ---
  Task<SysResult<void>> sleep(Duration duration);  // EINTR
  enum class Disposition { kDefault, kIgnore, kCatch };
  void on_signal(int signal, Disposition disposition) { dispositions_[signal] = disposition; }
  // A signal that was caught and not yet taken; blocking calls return EINTR when one comes.
  std::optional<int> take_signal();
  // Waits until a caught signal is there.
  Task<int> wait_signal();
  // To a pid of its own namespace; negative: a process group; ESRCH, EPERM.
  SysResult<void> kill(Pid pid, int signal);
  // Waits for `event` as a system call does: false means EINTR. Honours stop and continue.
  enum class WaitResult { kReady, kInterrupted, kDeadline };
  Task<WaitResult> wait_event(Event& event, std::optional<TimePoint> deadline = std::nullopt);
  bool stopped() const { return stopped_; }
  bool ended() const { return exit_.has_value(); }  // a zombie until its parent waits for it

  // Tasks that live as long as the process (servers' connections, background loops).
  TaskGroup& tasks() { return tasks_; }

  // "cat: nofile: No such file or directory"
  std::string error_text(std::string_view path, Errno error) const;

 private:
  friend class Host;
  Process(Host& host, Pid pid);
  Task<int> main_body() { return body_(*this); }
  // Where a path leads from here, once every directory on the way may be searched.
  SysResult<std::string> searched_path(std::string_view path, bool follow) const;
  SysResult<ConstInodePtr> look(std::string_view path, bool follow = true) const;  // to read
  SysResult<InodePtr> lookup(std::string_view path, bool follow = true) const;     // to change
  SysResult<FileSystem::Parent> lookup_parent(std::string_view path, bool for_change) const;
  bool allowed(const Inode& inode, unsigned access) const;
  bool may_remove(const FileSystem::Parent& parent, const Inode& inode) const;

  Host& host_;
  Pid pid_;
  Pid inner_pid_ = 0;
  Pid parent_ = 0;
  Pid group_ = 0;
  Pid session_ = 0;
  std::vector<std::string> argv_;
  std::string program_version_;
  std::shared_ptr<Environment> environment_ = std::make_shared<Environment>();  // shared by forks
  std::string cwd_ = "/";
  std::uint32_t umask_ = 022;
  Credentials credentials_;
  Namespaces namespaces_;
  std::map<int, OpenFilePtr> files_;
  std::map<int, std::string> line_buffers_;
  std::shared_ptr<Tty> tty_;
  std::map<int, Disposition> dispositions_;
  std::vector<int> pending_signals_;
  bool stopped_ = false;
  bool stop_reported_ = false;
  TimePoint started_{};
  std::int64_t memory_ = 0;
  Duration cpu_time_{0};
  std::optional<ExitStatus> exit_;  // set once it is a zombie
  Event interrupt_;                 // a caught signal, or continue
  Event child_changed_;
  TaskGroup tasks_;
  Body body_;
  Task<void> main_;
};

}  // namespace drydock
