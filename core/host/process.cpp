#include "core/host/process.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/tty.h"

namespace drydock {
namespace {

struct SignalName {
  int number;
  const char* name;
};
constexpr SignalName kSignalNames[] = {
    {1, "HUP"},   {2, "INT"},     {3, "QUIT"},  {4, "ILL"},    {5, "TRAP"},  {6, "ABRT"},  {7, "BUS"},   {8, "FPE"},
    {9, "KILL"},  {10, "USR1"},   {11, "SEGV"}, {12, "USR2"},  {13, "PIPE"}, {14, "ALRM"}, {15, "TERM"}, {16, "STKFLT"},
    {17, "CHLD"}, {18, "CONT"},   {19, "STOP"}, {20, "TSTP"},  {21, "TTIN"}, {22, "TTOU"}, {23, "URG"},  {24, "XCPU"},
    {25, "XFSZ"}, {26, "VTALRM"}, {27, "PROF"}, {28, "WINCH"}, {29, "IO"},   {30, "PWR"},  {31, "SYS"},
};

constexpr std::string_view kProcSelf = "/proc/self";  // means another directory to each process

// Puts the process' own directory in its place.
void name_self(std::string& path, Pid pid, bool follow) {
  if ((path == kProcSelf && follow) || (path.starts_with(kProcSelf) && path[kProcSelf.size()] == '/'))
    path.replace(0, kProcSelf.size(), "/proc/" + std::to_string(pid));
}

}  // namespace

std::string_view signal_name(int signal) {
  for (const SignalName& entry : kSignalNames) {
    if (entry.number == signal) return entry.name;
  }
  return {};
}

std::optional<int> signal_number(std::string_view text) {
  if (const auto number = parse_int(text)) {
    if (*number < 0 || *number > 64) return std::nullopt;
    return static_cast<int>(*number);
  }
  const std::string upper = to_upper(text);
  std::string_view name = upper;
  if (name.starts_with("SIG")) name.remove_prefix(3);
  if (name == "EXIT") return 0;
  if (name == "POLL") name = "IO";
  if (name == "CLD") name = "CHLD";
  if (name == "IOT") name = "ABRT";
  for (const SignalName& entry : kSignalNames) {
    if (name == entry.name) return entry.number;
  }
  return std::nullopt;
}

Process::Process(Host& host, Pid pid)
    : host_(host), pid_(pid), interrupt_(host.loop()), child_changed_(host.loop()), tasks_(host.loop()) {}

EventLoop& Process::loop() { return host_.loop(); }
Prng& Process::prng() { return host_.prng(); }
TimePoint Process::now() { return host_.loop().now(); }

Pid Process::parent_pid() const {
  const Process* parent = host_.find(parent_);
  if (parent == nullptr || parent->namespaces_.pids != namespaces_.pids) return namespaces_.pids ? 0 : 1;
  return parent->inner_pid_;
}

std::string_view Process::name() const { return argv_.empty() ? std::string_view() : base_name(argv_.front()); }

std::string_view Process::env(std::string_view name) const {
  const auto at = environment_->find(name);
  return at == environment_->end() ? std::string_view() : std::string_view(at->second);
}

Environment& Process::own_environment() {
  if (environment_.use_count() != 1) environment_ = std::make_shared<Environment>(*environment_);
  return *environment_;
}

void Process::set_memory(std::int64_t bytes) {
  for (Cgroup* group = namespaces_.cgroup.get(); group != nullptr; group = group->parent.get()) {
    group->memory_usage += bytes - memory_;
  }
  memory_ = bytes;
  for (Cgroup* group = namespaces_.cgroup.get(); group != nullptr; group = group->parent.get()) {
    if (group->memory_limit > 0 && group->memory_usage > group->memory_limit && !exit_) {
      // As with memory.oom.group, which kubelets set: the whole group goes.
      for (const auto& [pid, other] : host_.processes_) {
        for (const Cgroup* of = other->namespaces_.cgroup.get(); of != nullptr; of = of->parent.get()) {
          if (of == group) host_.terminate(*other, ExitStatus{0, kSigKill, true});
        }
      }
      return;
    }
  }
}

void Process::add_cpu_time(Duration used) {
  cpu_time_ += used;
  for (Cgroup* group = namespaces_.cgroup.get(); group != nullptr; group = group->parent.get()) {
    group->cpu_usage_ns += used.count();
  }
}

// --- output and input ---

Task<SysResult<std::string>> Process::read(int fd, std::size_t max) {
  const auto buffered = line_buffers_.find(fd);
  if (buffered != line_buffers_.end() && !buffered->second.empty()) {
    std::string bytes = buffered->second.substr(0, max);
    buffered->second.erase(0, bytes.size());
    co_return bytes;
  }
  const OpenFilePtr open = file(fd);
  if (!open) co_return Errno::kBadF;
  co_return co_await open->read(*this, max);
}

Task<SysResult<void>> Process::write(int fd, std::string_view bytes) {
  const OpenFilePtr open = file(fd);
  if (!open) co_return Errno::kBadF;
  co_return co_await open->write(*this, bytes);
}

Task<void> Process::out(std::string text) { (void)co_await write(1, text); }
Task<void> Process::err(std::string text) { (void)co_await write(2, text); }

Task<std::string> Process::read_all(int fd) {
  std::string all;
  for (;;) {
    auto piece = co_await read(fd);
    if (!piece || piece->empty()) co_return all;
    all += *piece;
  }
}

Task<std::optional<std::string>> Process::read_line(int fd) {
  for (;;) {
    std::string& buffer = line_buffers_[fd];
    const std::size_t newline = buffer.find('\n');
    if (newline != std::string::npos) {
      std::string line = buffer.substr(0, newline);
      buffer.erase(0, newline + 1);
      co_return line;
    }
    const OpenFilePtr open = file(fd);
    if (!open) co_return std::nullopt;
    auto piece = co_await open->read(*this, 65536);
    std::string& again = line_buffers_[fd];
    if (!piece || piece->empty()) {
      if (again.empty()) co_return std::nullopt;
      co_return std::exchange(again, {});
    }
    again += *piece;
  }
}

std::shared_ptr<Tty> Process::tty_of(int fd) const {
  const OpenFilePtr open = file(fd);
  Tty* tty = open ? open->tty() : nullptr;
  return tty != nullptr ? tty->shared_from_this() : nullptr;
}

bool Process::is_tty(int fd) const { return tty_of(fd) != nullptr; }

// --- descriptors ---

SysResult<int> Process::open(std::string_view path, unsigned flags, std::uint32_t mode) {
  const std::string full = absolute(path);
  if (full == "/dev/tty") {
    if (!tty_) return Errno::kNxio;
    return add_file(tty_->open());
  }
  auto inode = lookup(full);
  if (!inode) {
    if (inode.error() != Errno::kNoEnt || (flags & kOpenCreate) == 0) return inode.error();
    DRYDOCK_TRY(FileSystem::Parent parent, lookup_parent(full, true));
    InodePtr created = Inode::make(FileType::kRegular, mode & ~umask_, credentials_.uid, credentials_.gid, now());
    parent.directory->put_child(parent.name, created, now());
    return add_file(open_inode(loop(), created, flags, full));
  }
  if ((flags & kOpenExclusive) != 0) return Errno::kExist;
  const bool writes = (flags & kOpenWrite) != 0;
  if ((*inode)->type == FileType::kDirectory && writes) return Errno::kIsDir;
  if ((flags & kOpenRead) != 0 && !allowed(**inode, kRead)) return Errno::kAcces;
  if (writes && !allowed(**inode, kWrite)) return Errno::kAcces;
  if (writes && !(*inode)->behaviour && files().read_only(full)) return Errno::kRoFs;
  if (writes && (flags & kOpenTruncate) != 0 && !(*inode)->behaviour) (*inode)->set_content("", now());
  return add_file(open_inode(loop(), *inode, flags, full));
}

int Process::add_file(OpenFilePtr file, int at_least) {
  int fd = at_least;
  while (files_.contains(fd)) ++fd;
  files_[fd] = std::move(file);
  return fd;
}

void Process::set_file(int fd, OpenFilePtr file) {
  line_buffers_.erase(fd);
  files_[fd] = std::move(file);
}

OpenFilePtr Process::file(int fd) const {
  const auto at = files_.find(fd);
  return at == files_.end() ? nullptr : at->second;
}

void Process::close(int fd) {
  line_buffers_.erase(fd);
  files_.erase(fd);
}

// --- files ---

bool Process::allowed(const Inode& inode, unsigned access) const {
  if (credentials_.uid == 0) {
    return (access & kExecute) == 0 || inode.type == FileType::kDirectory || (inode.mode & 0111) != 0;
  }
  unsigned bits = inode.mode & 7;
  if (inode.uid == credentials_.uid) {
    bits = (inode.mode >> 6) & 7;
  } else if (inode.gid == credentials_.gid ||
             std::count(credentials_.groups.begin(), credentials_.groups.end(), inode.gid) > 0) {
    bits = (inode.mode >> 3) & 7;
  }
  return (bits & access) == access;
}

SysResult<std::string> Process::searched_path(std::string_view path, bool follow) const {
  if (path.empty()) return Errno::kNoEnt;
  std::string full = absolute(path);
  if (credentials_.uid != 0) {
    std::string prefix;
    for (const std::string& part : split(directory_name(full), '/')) {
      if (!part.empty()) prefix += "/" + part;
      DRYDOCK_TRY(ConstInodePtr directory, namespaces_.files->look(prefix.empty() ? "/" : prefix));
      if (directory->type == FileType::kDirectory && !allowed(*directory, kExecute)) return Errno::kAcces;
    }
  }
  if (path.back() == '/' && full != "/") full += '/';
  name_self(full, inner_pid_, follow);
  return full;
}

SysResult<ConstInodePtr> Process::look(std::string_view path, bool follow) const {
  DRYDOCK_TRY(const std::string full, searched_path(path, follow));
  return namespaces_.files->look(full, follow);
}

SysResult<InodePtr> Process::lookup(std::string_view path, bool follow) const {
  DRYDOCK_TRY(const std::string full, searched_path(path, follow));
  return namespaces_.files->resolve(full, follow);
}

SysResult<FileSystem::Parent> Process::lookup_parent(std::string_view path, bool for_change) const {
  if (path.empty()) return Errno::kNoEnt;
  const std::string full = absolute(path);
  DRYDOCK_TRY(FileSystem::Parent parent, namespaces_.files->resolve_parent(full));
  if (for_change) {
    if (parent.read_only) return Errno::kRoFs;
    if (!allowed(*parent.directory, kWrite | kExecute)) return Errno::kAcces;
  }
  return parent;
}

SysResult<void> Process::change_directory(std::string_view path) {
  DRYDOCK_TRY(ConstInodePtr inode, look(path));
  if (inode->type != FileType::kDirectory) return Errno::kNotDir;
  if (!allowed(*inode, kExecute)) return Errno::kAcces;
  cwd_ = absolute(path);
  return {};
}

SysResult<FileStat> Process::stat(std::string_view path, bool follow) const {
  DRYDOCK_TRY(InodePtr inode, lookup(path, follow));
  (void)namespaces_.files->number_of(*inode);
  return FileSystem::stat_of(*inode);
}

// In sticky directories (/tmp) only the owner of a file, or of the directory, may take it away.
bool Process::may_remove(const FileSystem::Parent& parent, const Inode& inode) const {
  if (credentials_.uid == 0 || (parent.directory->mode & 01000) == 0) return true;
  return credentials_.uid == inode.uid || credentials_.uid == parent.directory->uid;
}

bool Process::can_access(std::string_view path, unsigned access) const {
  const auto inode = look(path);
  return inode.ok() && allowed(**inode, access);
}

SysResult<std::string> Process::read_file(std::string_view path) const {
  DRYDOCK_TRY(ConstInodePtr inode, look(path));
  if (inode->type == FileType::kDirectory) return Errno::kIsDir;
  if (!allowed(*inode, kRead)) return Errno::kAcces;
  return inode->read();
}

SysResult<void> Process::write_file(std::string_view path, std::string content, std::uint32_t mode) {
  DRYDOCK_TRY(int fd, open(path, kOpenWrite | kOpenCreate | kOpenTruncate, mode));
  const InodePtr inode = file(fd)->inode();
  close(fd);
  if (!inode) return Errno::kInval;
  if (inode->behaviour) return inode->behaviour->write ? inode->behaviour->write(content) : SysResult<void>();
  inode->set_content(std::move(content), now());
  return {};
}

SysResult<void> Process::append_file(std::string_view path, std::string_view content, std::uint32_t mode) {
  DRYDOCK_TRY(int fd, open(path, kOpenWrite | kOpenCreate | kOpenAppend, mode));
  const InodePtr inode = file(fd)->inode();
  close(fd);
  if (inode && !inode->behaviour) inode->append(content, now());
  return {};
}

SysResult<std::vector<std::string>> Process::list_directory(std::string_view path) const {
  DRYDOCK_TRY(ConstInodePtr inode, look(path));
  if (inode->type != FileType::kDirectory) return Errno::kNotDir;
  if (!allowed(*inode, kRead)) return Errno::kAcces;
  return inode->names();
}

SysResult<void> Process::make_directory(std::string_view path, std::uint32_t mode) {
  if (look(path, false)) return Errno::kExist;
  DRYDOCK_TRY(FileSystem::Parent parent, lookup_parent(path, true));
  parent.directory->put_child(
      parent.name, Inode::make(FileType::kDirectory, mode & ~umask_, credentials_.uid, credentials_.gid, now()), now());
  return {};
}

SysResult<void> Process::make_directories(std::string_view path, std::uint32_t mode) {
  std::string prefix;
  for (const std::string& part : split(absolute(path), '/')) {
    if (part.empty()) continue;
    prefix += "/" + part;
    const auto existing = look(prefix);
    if (existing) {
      if ((*existing)->type != FileType::kDirectory) return Errno::kNotDir;
      continue;
    }
    DRYDOCK_TRY_VOID(make_directory(prefix, mode));
  }
  return {};
}

SysResult<void> Process::remove_directory(std::string_view path) {
  DRYDOCK_TRY(InodePtr inode, lookup(path, false));
  if (inode->type != FileType::kDirectory) return Errno::kNotDir;
  if (!inode->empty_directory()) return Errno::kNotEmpty;
  DRYDOCK_TRY(FileSystem::Parent parent, lookup_parent(path, true));
  if (parent.directory->child(parent.name) != inode) return Errno::kBusy;  // a mount point
  if (!may_remove(parent, *inode)) return Errno::kPerm;
  if (!parent.directory->remove_child(parent.name, now())) return Errno::kBusy;
  return {};
}

SysResult<void> Process::unlink(std::string_view path) {
  DRYDOCK_TRY(InodePtr inode, lookup(path, false));
  if (inode->type == FileType::kDirectory) return Errno::kIsDir;
  DRYDOCK_TRY(FileSystem::Parent parent, lookup_parent(path, true));
  if (parent.directory->child(parent.name) != inode) return Errno::kBusy;  // a mount point
  if (!may_remove(parent, *inode)) return Errno::kPerm;
  if (inode->links > 0) --inode->links;
  inode->changed = now();
  parent.directory->remove_child(parent.name, now());
  return {};
}

SysResult<void> Process::rename(std::string_view from, std::string_view to) {
  DRYDOCK_TRY(InodePtr inode, lookup(from, false));
  DRYDOCK_TRY(FileSystem::Parent source, lookup_parent(from, true));
  DRYDOCK_TRY(FileSystem::Parent target, lookup_parent(to, true));
  if (source.directory->child(source.name) != inode) return Errno::kBusy;
  if (!may_remove(source, *inode)) return Errno::kPerm;
  if (inode->type == FileType::kDirectory && (absolute(to) + "/").starts_with(absolute(from) + "/") &&
      absolute(to) != absolute(from)) {
    return Errno::kInval;
  }
  if (const InodePtr existing = target.directory->child(target.name)) {
    if (existing == inode) return {};
    if (!may_remove(target, *existing)) return Errno::kPerm;
    if (files().resolve(absolute(to), false).value_or(existing) != existing) return Errno::kBusy;  // a mount point
    const bool directory = existing->type == FileType::kDirectory;
    if (directory && inode->type != FileType::kDirectory) return Errno::kIsDir;
    if (!directory && inode->type == FileType::kDirectory) return Errno::kNotDir;
    if (directory && !existing->empty_directory()) return Errno::kNotEmpty;
  }
  source.directory->remove_child(source.name, now());
  target.directory->put_child(target.name, std::move(inode), now());
  return {};
}

SysResult<void> Process::link(std::string_view target, std::string_view path) {
  DRYDOCK_TRY(InodePtr inode, lookup(target, false));
  if (inode->type == FileType::kDirectory) return Errno::kPerm;
  if (look(path, false)) return Errno::kExist;
  DRYDOCK_TRY(FileSystem::Parent parent, lookup_parent(path, true));
  ++inode->links;
  inode->changed = now();
  parent.directory->put_child(parent.name, std::move(inode), now());
  return {};
}

SysResult<void> Process::symlink(std::string_view target, std::string_view path) {
  if (look(path, false)) return Errno::kExist;
  DRYDOCK_TRY(FileSystem::Parent parent, lookup_parent(path, true));
  InodePtr inode = Inode::make(FileType::kSymlink, 0777, credentials_.uid, credentials_.gid, now());
  inode->set_content(std::string(target), now());
  parent.directory->put_child(parent.name, std::move(inode), now());
  return {};
}

SysResult<std::string> Process::read_link(std::string_view path) const {
  DRYDOCK_TRY(ConstInodePtr inode, look(path, false));
  if (inode->type != FileType::kSymlink) return Errno::kInval;
  if (absolute(path) == kProcSelf) return std::to_string(inner_pid_);
  if (inode->behaviour && inode->behaviour->read) return inode->behaviour->read();
  return inode->content();
}

SysResult<std::string> Process::real_path(std::string_view path) const {
  std::string full = absolute(path);
  name_self(full, inner_pid_, true);
  return namespaces_.files->real_path(full);
}

SysResult<void> Process::change_mode(std::string_view path, std::uint32_t mode) {
  DRYDOCK_TRY(InodePtr inode, lookup(path));
  if (credentials_.uid != 0 && credentials_.uid != inode->uid) return Errno::kPerm;
  if (files().read_only(absolute(path))) return Errno::kRoFs;
  inode->mode = mode & 07777;
  inode->changed = now();
  return {};
}

SysResult<void> Process::change_owner(std::string_view path, std::optional<std::uint32_t> uid,
                                      std::optional<std::uint32_t> gid, bool follow) {
  DRYDOCK_TRY(InodePtr inode, lookup(path, follow));
  if (credentials_.uid != 0) {
    // The owner may give a file to one of their own groups, and to nobody else.
    const bool member = gid && (*gid == credentials_.gid || *gid == inode->gid ||
                                std::count(credentials_.groups.begin(), credentials_.groups.end(), *gid) > 0);
    if (credentials_.uid != inode->uid || uid.value_or(inode->uid) != inode->uid || (gid && !member))
      return Errno::kPerm;
  }
  if (files().read_only(absolute(path))) return Errno::kRoFs;
  if (uid) inode->uid = *uid;
  if (gid) inode->gid = *gid;
  inode->changed = now();
  return {};
}

SysResult<void> Process::set_times(std::string_view path, std::optional<TimePoint> accessed,
                                   std::optional<TimePoint> modified, bool follow) {
  DRYDOCK_TRY(InodePtr inode, lookup(path, follow));
  if (credentials_.uid != 0 && credentials_.uid != inode->uid && !allowed(*inode, kWrite)) return Errno::kAcces;
  if (files().read_only(absolute(path))) return Errno::kRoFs;
  if (accessed) inode->accessed = *accessed;
  if (modified) inode->modified = *modified;
  inode->changed = now();
  return {};
}

// --- children ---

SysResult<Pid> Process::spawn(SpawnOptions options) { return host_.spawn(this, std::move(options)); }
Pid Process::fork(Body body, SpawnOptions options) {
  return host_.spawn_body(this, std::move(body), std::move(options));
}

SysResult<std::string> Process::find_executable(std::string_view name) const {
  return host_.find_executable(*namespaces_.files, name, env("PATH"), cwd_);
}

Task<SysResult<Process::Waited>> Process::wait(Pid child, bool no_wait, bool report_stopped) {
  for (;;) {
    bool have_child = false;
    for (const auto& [host_pid, process] : host_.processes()) {
      if (process->parent_ != pid_) continue;
      if (child > 0 && process->inner_pid_ != child) continue;
      have_child = true;
      if (process->exit_) {
        Waited waited{process->inner_pid_, *process->exit_, false};
        host_.reap(host_pid);
        co_return waited;
      }
      if (report_stopped && process->stopped_ && !process->stop_reported_) {
        process->stop_reported_ = true;
        co_return Waited{process->inner_pid_, {}, true};
      }
    }
    if (!have_child) co_return Errno::kChild;
    if (no_wait) co_return Waited{};
    if (co_await wait_event(child_changed_) == WaitResult::kInterrupted) co_return Errno::kIntr;
  }
}

Task<ExitStatus> Process::run(SpawnOptions options) {
  auto pid = spawn(std::move(options));
  if (!pid) co_return ExitStatus{pid.error() == Errno::kNoEnt ? 127 : 126, 0, false};
  for (;;) {
    auto waited = co_await wait(*pid);
    if (waited) co_return waited->status;
    if (waited.error() != Errno::kIntr) co_return ExitStatus{1, 0, false};
  }
}

Task<SysResult<int>> Process::exec(std::vector<std::string> argv) {
  DRYDOCK_CHECK(!argv.empty());
  auto path = find_executable(argv.front());
  if (!path) co_return path.error();
  auto loaded = host_.load(*namespaces_.files, credentials_, *path, std::move(argv));
  if (!loaded) co_return loaded.error();
  argv_ = std::move(loaded->argv);
  program_version_ = std::move(loaded->version);
  for (auto& [signal, disposition] : dispositions_) {
    if (disposition == Disposition::kCatch) disposition = Disposition::kDefault;
  }
  co_return co_await loaded->main(*this);
}

// --- time and signals ---

Task<Process::WaitResult> Process::wait_event(Event& event, std::optional<TimePoint> deadline) {
  if (!pending_signals_.empty()) co_return WaitResult::kInterrupted;
  const Event::Woken woken = co_await event.wait_either(interrupt_, deadline);
  while (stopped_) (void)co_await interrupt_.wait();
  if (woken == Event::Woken::kNotified) co_return WaitResult::kReady;
  if (woken == Event::Woken::kDeadline) co_return WaitResult::kDeadline;
  // Continued after a stop, without a signal to handle: to the caller, a spurious wake-up.
  co_return pending_signals_.empty() ? WaitResult::kReady : WaitResult::kInterrupted;
}

Task<SysResult<void>> Process::sleep(Duration duration) {
  const TimePoint deadline = now() + duration;
  while (now() < deadline || stopped_) {
    if (!pending_signals_.empty()) co_return Errno::kIntr;
    if (stopped_)
      (void)co_await interrupt_.wait();
    else
      (void)co_await interrupt_.wait_until(deadline);
  }
  co_return SysResult<void>();
}

std::optional<int> Process::take_signal() {
  if (pending_signals_.empty()) return std::nullopt;
  const int signal = pending_signals_.front();
  pending_signals_.erase(pending_signals_.begin());
  return signal;
}

Task<int> Process::wait_signal() {
  while (pending_signals_.empty()) (void)co_await interrupt_.wait();
  co_return *take_signal();
}

SysResult<void> Process::kill(Pid pid, int signal) {
  auto to_host = [&](Pid inner) -> Pid {
    if (!namespaces_.pids) return inner;
    const auto at = namespaces_.pids->to_host.find(inner);
    return at == namespaces_.pids->to_host.end() ? -1 : at->second;
  };
  if (pid > 0) {
    const Process* target = host_.find(to_host(pid));
    if (target == nullptr) return Errno::kSrch;
    if (credentials_.uid != 0 && credentials_.uid != target->credentials_.uid) return Errno::kPerm;
    return host_.signal(target->pid_, signal);
  }
  if (pid == 0 || pid < -1) {
    const Pid group = pid == 0 ? group_ : to_host(-pid);
    bool found = false;
    for (const auto& [host_pid, process] : host_.processes()) found = found || process->group_ == group;
    if (!found) return Errno::kSrch;
    host_.signal_group(group, signal);
    return {};
  }
  for (const auto& [host_pid, process] : host_.processes()) {  // -1: everybody but init and itself
    if (process->namespaces_.pids == namespaces_.pids && process->inner_pid_ != 1 && process.get() != this) {
      (void)host_.signal(host_pid, signal);
    }
  }
  return {};
}

std::string Process::error_text(std::string_view path, Errno error) const {
  return std::string(name()) + ": " + std::string(path) + ": " + std::string(errno_text(error));
}

}  // namespace drydock
