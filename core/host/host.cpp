#include "core/host/host.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/services.h"

namespace drydock {
namespace {

constexpr std::string_view kProgramMagic =
    "\x7f"
    "ELF drydock ";
constexpr int kMaxInterpreters = 4;  // "#!" files that name "#!" files

// Signals whose default action is to do nothing.
bool ignored_by_default(int signal) { return signal == kSigChld || signal == kSigCont || signal == kSigWinch; }
bool stops_by_default(int signal) {
  return signal == kSigStop || signal == kSigTstp || signal == kSigTtin || signal == kSigTtou;
}

}  // namespace

std::string program_file(std::string_view program, std::string_view version) {
  std::string text(kProgramMagic);
  text += program;
  if (!version.empty()) {
    text += ' ';
    text += version;
  }
  return text + "\n";
}

Host::Host(EventLoop& loop, Prng prng, const ProgramRegistry& programs, HostOptions options,
           std::shared_ptr<NetNamespace> network)
    : loop_(loop), prng_(prng), programs_(programs), options_(std::move(options)), booted_(loop.now()) {
  namespaces_.files = std::make_shared<FileSystem>(Inode::make(FileType::kDirectory, 0755, 0, 0, loop.now()));
  namespaces_.network = std::move(network);
  namespaces_.hostname = std::make_shared<std::string>(options_.name);
  namespaces_.cgroup = std::make_shared<Cgroup>();
  namespaces_.cgroup->path = "/";
  services_ = std::make_unique<ServiceManager>(*this);
  next_pid_ = 2;  // 1 is init, which is the services' manager
}

Host::~Host() {
  services_->stop_all();
  exit_callbacks_.clear();
  // Frames first: their locals refer to processes, files and namespaces.
  for (auto& [pid, process] : processes_) {
    process->tasks_.cancel_all();
    process->main_.reset();
  }
  processes_.clear();
}

// --- programs ---

SysResult<std::string> Host::find_executable(const FileSystem& files, std::string_view name,
                                             std::string_view path_variable, std::string_view cwd) const {
  if (name.empty()) return Errno::kNoEnt;
  if (contains(name, "/")) {
    const std::string path = join_path(cwd, name);
    DRYDOCK_TRY(ConstInodePtr inode, files.look(path));
    if (inode->type == FileType::kDirectory) return Errno::kAcces;
    if ((inode->mode & 0111) == 0) return Errno::kAcces;
    return path;
  }
  bool denied = false;
  for (const std::string& directory : split(path_variable, ':')) {
    const std::string path = join_path(directory.empty() ? cwd : std::string_view(directory), name);
    const auto inode = files.look(path);
    if (!inode || (*inode)->type == FileType::kDirectory) continue;
    if (((*inode)->mode & 0111) != 0) return path;
    denied = true;
  }
  return denied ? Errno::kAcces : Errno::kNoEnt;
}

SysResult<Host::Loaded> Host::load(const FileSystem& files, const Credentials& who, std::string path,
                                   std::vector<std::string> argv, int depth) const {
  if (depth > kMaxInterpreters) return Errno::kLoop;
  DRYDOCK_TRY(ConstInodePtr inode, files.look(path));
  if (inode->type == FileType::kDirectory || (inode->mode & 0111) == 0) return Errno::kAcces;
  if (who.uid != 0 && who.uid != inode->uid && (inode->mode & 0001) == 0 &&
      (who.gid != inode->gid || (inode->mode & 0010) == 0)) {
    return Errno::kAcces;
  }
  const std::string_view content = inode->content();
  const std::string_view first_line = content.substr(0, content.find('\n'));
  if (first_line.starts_with(kProgramMagic)) {
    const std::vector<std::string> words = split_whitespace(first_line.substr(kProgramMagic.size()));
    if (words.empty()) return Errno::kNoExec;
    const ProgramMain main = programs_.find(words[0]);
    if (main == nullptr) return Errno::kNoExec;
    return Loaded{main, words.size() > 1 ? words[1] : "", std::move(argv)};
  }
  if (first_line.starts_with("#!")) {
    const std::string_view rest = trim(first_line.substr(2));
    const std::size_t space = rest.find(' ');
    std::string interpreter(rest.substr(0, space));
    if (interpreter.empty()) return Errno::kNoExec;
    std::vector<std::string> with_interpreter{interpreter};
    if (space != std::string_view::npos) with_interpreter.emplace_back(trim(rest.substr(space)));
    with_interpreter.push_back(path);
    for (std::size_t i = 1; i < argv.size(); ++i) with_interpreter.push_back(std::move(argv[i]));
    return load(files, who, std::move(interpreter), std::move(with_interpreter), depth + 1);
  }
  // A machine that can run files that are no programs of ours has a program without a name for them.
  if (const ProgramMain main = programs_.find("")) return Loaded{main, "", std::move(argv)};
  return Errno::kNoExec;
}

// --- processes ---

Process& Host::make_process(Process* parent, SpawnOptions& options) {
  const Pid pid = next_pid_++;
  auto owned = std::unique_ptr<Process>(new Process(*this, pid));
  Process& process = *owned;
  process.started_ = loop_.now();
  process.parent_ = parent != nullptr ? parent->pid_ : 0;
  process.namespaces_ = options.namespaces  ? *options.namespaces
                        : parent != nullptr ? parent->namespaces_
                                            : namespaces_;
  if (!process.namespaces_.hostname) process.namespaces_.hostname = namespaces_.hostname;
  if (!process.namespaces_.cgroup) process.namespaces_.cgroup = namespaces_.cgroup;
  if (PidNamespace* pids = process.namespaces_.pids.get()) {
    process.inner_pid_ = pids->next++;
    pids->to_host[process.inner_pid_] = pid;
  } else {
    process.inner_pid_ = pid;
  }
  if (parent != nullptr) {
    process.environment_ = parent->environment_;
    process.cwd_ = parent->cwd_;
    process.umask_ = parent->umask_;
    process.credentials_ = parent->credentials_;
    process.tty_ = parent->tty_;
    process.group_ = parent->group_;
    process.session_ = parent->session_;
    process.program_version_ = parent->program_version_;
    if (options.inherit_files) process.files_ = parent->files_;
    for (const auto& [signal, disposition] : parent->dispositions_) {
      // Ignored signals stay ignored over exec; handlers do not.
      if (disposition == Process::Disposition::kIgnore) process.dispositions_[signal] = disposition;
    }
  } else {
    process.group_ = pid;
    process.session_ = pid;
  }
  if (options.environment) process.environment_ = std::make_shared<Environment>(std::move(*options.environment));
  if (options.cwd) process.cwd_ = std::move(*options.cwd);
  if (options.credentials) process.credentials_ = std::move(*options.credentials);
  for (auto& [fd, file] : options.files) process.files_[fd] = std::move(file);
  if (options.group) process.group_ = *options.group == 0 ? pid : *options.group;
  if (options.new_session) {
    process.session_ = pid;
    process.group_ = pid;
    process.tty_ = options.controlling_tty;
    if (process.tty_) process.tty_->set_foreground_group(pid);
  }
  processes_.emplace(pid, std::move(owned));
  return process;
}

Task<void> Host::run_body(Host& host, Process& process) {
  const int code = co_await process.main_body();
  host.terminate(process, ExitStatus{code & 0xff, 0, false});
}

void Host::begin(Process& process, Process::Body body) {
  process.body_ = std::move(body);
  process.main_ = run_body(*this, process);
  const Pid pid = process.pid_;
  loop_.post([this, pid] {
    Process* alive = find(pid);
    if (alive != nullptr && !alive->exit_) alive->main_.start();
  });
}

SysResult<Pid> Host::spawn(Process* parent, SpawnOptions options) {
  if (options.argv.empty()) return Errno::kInval;
  const FileSystem& files = options.namespaces  ? *options.namespaces->files
                            : parent != nullptr ? parent->files()
                                                : *namespaces_.files;
  const Environment* environment = options.environment ? &*options.environment
                                   : parent != nullptr ? parent->environment_.get()
                                                       : nullptr;
  std::string path_variable = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  if (environment != nullptr) {
    const auto at = environment->find("PATH");
    if (at != environment->end()) path_variable = at->second;
  }
  const std::string cwd = options.cwd ? *options.cwd : parent != nullptr ? parent->cwd_ : "/";
  const Credentials who = options.credentials ? *options.credentials
                          : parent != nullptr ? parent->credentials_
                                              : Credentials{};
  DRYDOCK_TRY(std::string path, find_executable(files, options.argv.front(), path_variable, cwd));
  DRYDOCK_TRY(Loaded loaded, load(files, who, path, std::move(options.argv)));
  Process& process = make_process(parent, options);
  process.argv_ = std::move(loaded.argv);
  process.program_version_ = std::move(loaded.version);
  begin(process, loaded.main);
  return process.inner_pid_;
}

Pid Host::spawn_body(Process* parent, Process::Body body, SpawnOptions options) {
  Process& process = make_process(parent, options);
  process.argv_ = !options.argv.empty() ? std::move(options.argv)
                  : parent != nullptr   ? parent->argv_
                                        : std::vector<std::string>{"kthread"};
  begin(process, std::move(body));
  return process.inner_pid_;
}

SysResult<Pid> Host::start(SpawnOptions options) {
  auto inner = spawn(nullptr, std::move(options));
  if (!inner) return inner.error();
  return next_pid_ - 1;  // the host pid just given out
}

Process* Host::find(Pid host_pid) {
  const auto at = processes_.find(host_pid);
  return at == processes_.end() ? nullptr : at->second.get();
}

SysResult<void> Host::signal(Pid host_pid, int signal) {
  Process* process = find(host_pid);
  if (process == nullptr) return Errno::kSrch;
  if (signal != 0 && !process->exit_) deliver(*process, signal);
  return {};
}

void Host::signal_group(Pid group, int signal) {
  std::vector<Pid> members;
  for (const auto& [pid, process] : processes_) {
    if (process->group_ == group) members.push_back(pid);
  }
  for (Pid pid : members) (void)this->signal(pid, signal);
}

void Host::deliver(Process& process, int signal) {
  if (signal == kSigCont || signal == kSigKill) {
    if (process.stopped_) {
      process.stopped_ = false;
      process.stop_reported_ = false;
      process.interrupt_.notify_all();
    }
  }
  if (signal == kSigKill) return terminate(process, ExitStatus{0, kSigKill, false});
  const auto at = process.dispositions_.find(signal);
  const Process::Disposition disposition =
      at == process.dispositions_.end() ? Process::Disposition::kDefault : at->second;
  if (signal != kSigStop) {
    if (disposition == Process::Disposition::kIgnore) return;
    if (disposition == Process::Disposition::kCatch) {
      process.pending_signals_.push_back(signal);
      process.interrupt_.notify_all();
      return;
    }
    // The first process of a pid namespace is shielded from default actions.
    if (process.namespaces_.pids && process.inner_pid_ == 1) return;
  }
  if (ignored_by_default(signal)) return;
  if (stops_by_default(signal)) {
    process.stopped_ = true;
    process.stop_reported_ = false;
    if (Process* parent = find(process.parent_)) parent->child_changed_.notify_all();
    return;
  }
  terminate(process, ExitStatus{0, signal, false});
}

// May be called from inside the process' own coroutine: its frames are destroyed
// later, from the event loop.
void Host::terminate(Process& process, ExitStatus status) {
  if (process.exit_) return;
  process.exit_ = status;
  const Pid pid = process.pid_;
  loop_.post([this, pid] {
    Process* dead = find(pid);
    if (dead == nullptr) return;
    dead->tasks_.cancel_all();
    dead->main_.reset();
    dead->body_ = nullptr;
    dead->files_.clear();
    dead->line_buffers_.clear();
    dead->set_memory(0);
    adopt_children(*dead);
    if (PidNamespace* pids = dead->namespaces_.pids.get()) {
      // When the first process of a namespace ends, the kernel kills the rest.
      if (dead->inner_pid_ == 1) {
        for (const auto& [inner, host_pid] : std::map<Pid, Pid>(pids->to_host)) {
          if (inner != 1) (void)signal(host_pid, kSigKill);
        }
      }
    }
    Process* parent = find(dead->parent_);
    if (parent != nullptr && !parent->exit_) {
      parent->child_changed_.notify_all();
      (void)signal(parent->pid_, kSigChld);
      return;  // a zombie until its parent waits for it
    }
    const ExitStatus status = *dead->exit_;
    std::vector<std::function<void(ExitStatus)>> callbacks;
    const auto at = exit_callbacks_.find(pid);
    if (at != exit_callbacks_.end()) {
      callbacks = std::move(at->second);
      exit_callbacks_.erase(at);
    }
    reap(pid);
    for (auto& callback : callbacks) callback(status);
  });
}

void Host::adopt_children(Process& dead) {
  std::vector<Pid> zombies;
  for (const auto& [pid, process] : processes_) {
    if (process->parent_ != dead.pid_) continue;
    process->parent_ = 0;
    if (process->exit_) zombies.push_back(pid);
  }
  for (Pid pid : zombies) reap(pid);
}

void Host::reap(Pid host_pid) {
  const auto at = processes_.find(host_pid);
  if (at == processes_.end()) return;
  if (PidNamespace* pids = at->second->namespaces_.pids.get()) pids->to_host.erase(at->second->inner_pid_);
  // Whoever reaps may still be inside a call of this process' parent only, never of the process itself.
  processes_.erase(at);
}

void Host::on_exit(Pid host_pid, std::function<void(ExitStatus)> callback) {
  if (find(host_pid) == nullptr) {
    loop_.post([callback = std::move(callback)] { callback(ExitStatus{}); });
    return;
  }
  exit_callbacks_[host_pid].push_back(std::move(callback));
}

Task<ExitStatus> Host::wait_exit(Pid host_pid) {
  auto result = std::make_shared<OneShot<ExitStatus>>(loop_);
  on_exit(host_pid, [result](ExitStatus status) { result->set(status); });
  co_return co_await result->wait();
}

std::shared_ptr<Tty> Host::make_tty(Tty::Sink sink) {
  auto tty = std::make_shared<Tty>(loop_, "pts/" + std::to_string(next_tty_++), std::move(sink));
  tty->signal_group = [this](Pid group, int signal) {
    if (group > 0) signal_group(group, signal);
  };
  return tty;
}

std::int64_t Host::memory_used() const { return namespaces_.cgroup->memory_usage; }

void Host::hash(Hash64& hash) const {
  hash.add(options_.name);
  hash.add(options_.address);
  hash.add(next_pid_);
  for (const auto& [pid, process] : processes_) {
    hash.add(pid);
    hash.add(process->parent_);
    hash.add(process->exit_ ? process->exit_->shell_code() : -1);
    for (const std::string& word : process->argv_) hash.add(word);
    hash.add(process->cwd_);
  }
  namespaces_.files->root()->hash(hash);
  services_->hash(hash);
}

}  // namespace drydock
