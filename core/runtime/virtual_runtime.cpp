#include "core/runtime/virtual_runtime.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/proc_files.h"
#include "core/host/tty.h"
#include "core/machinery/timestamp.h"
#include "core/network/network.h"

namespace drydock {
namespace {

constexpr std::int64_t kContainerMemory = 8 << 20;  // what a container's process takes until it says otherwise

std::string nano_timestamp(TimePoint when) {
  const auto fraction = when.time_since_epoch() - std::chrono::floor<std::chrono::seconds>(when.time_since_epoch());
  std::string text = format_timestamp(when);
  text.pop_back();
  return text + format(".%09lldZ", static_cast<long long>(fraction.count()));
}

void add_device(FileSystem& files, const std::string& path, std::shared_ptr<const FileBehaviour> behaviour,
                TimePoint now) {
  auto parent = files.resolve_parent(path);
  if (!parent) return;
  InodePtr inode = Inode::make(FileType::kCharDevice, 0666, 0, 0, now);
  inode->behaviour = std::move(behaviour);
  parent->directory->put_child(parent->name, std::move(inode), now);
}

InodePtr text_file(std::string text, TimePoint now) {
  InodePtr inode = Inode::make(FileType::kRegular, 0644, 0, 0, now);
  inode->set_content(std::move(text), now);
  return inode;
}

}  // namespace

VirtualRuntime::VirtualRuntime(Host& host, ImageRegistry& registry, PodNetworking networking)
    : host_(host), registry_(registry), networking_(std::move(networking)), prng_(host.prng().split("containerd")) {
  FileBehaviour zero;
  zero.read = [] { return std::string(4096, '\0'); };
  FileBehaviour random;
  random.read = [&host] {
    std::string bytes(64, '\0');
    for (char& byte : bytes) byte = static_cast<char>(host.prng().next() & 0xff);
    return bytes;
  };
  devices_ = {std::make_shared<const FileBehaviour>(), std::make_shared<const FileBehaviour>(std::move(zero)),
              std::make_shared<const FileBehaviour>(std::move(random))};
}

VirtualRuntime::~VirtualRuntime() = default;

std::string VirtualRuntime::draw_id() { return prng_.text(64, "0123456789abcdef"); }

// --- sandboxes ---

Task<Result<std::string>> VirtualRuntime::run_sandbox(SandboxConfig config) {
  co_await host_.loop().sleep(milliseconds(prng_.between(90, 260)));
  Sandbox sandbox;
  const std::string id = draw_id();
  sandbox.status.id = id;
  sandbox.status.pod = config.pod;
  sandbox.status.created = host_.loop().now();
  sandbox.namespaces.hostname = std::make_shared<std::string>(config.host_network ? host_.name() : config.hostname);
  sandbox.namespaces.cgroup = std::make_shared<Cgroup>();
  sandbox.namespaces.cgroup->path = "/kubepods/pod" + config.pod.uid;
  sandbox.namespaces.cgroup->parent = host_.namespaces().cgroup;
  if (config.share_process_namespace && !config.host_pid) sandbox.namespaces.pids = std::make_shared<PidNamespace>();
  if (config.host_network) {
    sandbox.namespaces.network = host_.namespaces().network;
  } else {
    sandbox.namespaces.network = host_.network().network().make_namespace(config.pod.str());
    Result<std::string> address = networking_.add(sandbox.namespaces.network, config, id);
    if (!address) {
      networking_.remove(id);
      co_return Status::plain("failed to setup network for sandbox \"" + id + "\": " + address.error().message);
    }
    sandbox.status.address = *address;
  }
  sandbox.status.ready = true;
  sandbox.config = std::move(config);
  sandboxes_.emplace(id, std::move(sandbox));
  co_return id;
}

Task<Result<void>> VirtualRuntime::stop_sandbox(std::string id) {
  const auto at = sandboxes_.find(id);
  if (at == sandboxes_.end() || !at->second.status.ready) co_return Result<void>();
  at->second.status.ready = false;
  for (auto& [container_id, container] : containers_) {
    if (container.status.sandbox_id == id && container.pid != 0) (void)host_.signal(container.pid, kSigKill);
  }
  networking_.remove(id);
  co_return Result<void>();
}

Task<Result<void>> VirtualRuntime::remove_sandbox(std::string id) {
  (void)co_await stop_sandbox(id);
  std::erase_if(containers_, [&](const auto& entry) { return entry.second.status.sandbox_id == id; });
  sandboxes_.erase(id);
  co_return Result<void>();
}

std::optional<SandboxStatus> VirtualRuntime::sandbox(const std::string& id) const {
  const auto at = sandboxes_.find(id);
  return at == sandboxes_.end() ? std::nullopt : std::optional(at->second.status);
}

std::vector<SandboxStatus> VirtualRuntime::sandboxes() const {
  std::vector<SandboxStatus> all;
  for (const auto& [id, sandbox] : sandboxes_) all.push_back(sandbox.status);
  return all;
}

std::shared_ptr<NetNamespace> VirtualRuntime::sandbox_network(const PodIdentity& pod) const {
  for (const auto& [id, sandbox] : sandboxes_) {
    if (sandbox.status.ready && sandbox.status.pod.uid == pod.uid) return sandbox.namespaces.network;
  }
  return nullptr;
}

// --- containers ---

std::vector<Mount> VirtualRuntime::mounts_of(const Container& container, const Sandbox& sandbox) {
  const TimePoint now = host_.loop().now();
  const auto on_disk = [](std::string path, InodePtr root, bool read_only = false) {
    return Mount{std::move(path), "/dev/vda1", "ext4", std::move(root), read_only};
  };
  const std::string resolv = sandbox.config.resolv_conf.empty()
                                 ? host_.files().read_file("/etc/resolv.conf").value_or("")
                                 : sandbox.config.resolv_conf;
  const std::string own =
      sandbox.config.host_network ? "" : sandbox.status.address + "\t" + *sandbox.namespaces.hostname + "\n";
  const std::string hosts =
      "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost "
      "ip6-loopback\nfe00::0\tip6-localnet\n" +
      own + sandbox.config.hosts_file;
  std::vector<Mount> mounts;
  mounts.reserve(3 + container.config.mounts.size());
  mounts.push_back(on_disk("/etc/resolv.conf", text_file(resolv, now)));
  mounts.push_back(on_disk("/etc/hosts", text_file(hosts, now)));
  mounts.push_back(on_disk("/etc/hostname", text_file(*sandbox.namespaces.hostname + "\n", now)));
  for (const ContainerMount& wanted : container.config.mounts) {
    auto source = host_.files().resolve(wanted.host_path);
    if (!source) {
      (void)host_.files().make_directories(wanted.host_path, now);
      source = host_.files().resolve(wanted.host_path);
    }
    if (source) mounts.push_back(on_disk(wanted.container_path, *source, wanted.read_only));
  }
  return mounts;
}

ConstInodePtr VirtualRuntime::base_root(const ImagePtr& image, const std::vector<Mount>& mounts) {
  std::string key = image->ref();
  for (const Mount& mount : mounts) key += (mount.root->type == FileType::kDirectory ? "\nd" : "\nf") + mount.path;
  BaseRoot& base = base_roots_[key];
  if (base.image == image) return base.root;
  const TimePoint now = host_.loop().now();
  FileSystem files(Inode::over(image->root));
  for (const char* directory : {"/dev", "/proc", "/etc", "/tmp", "/sys"}) (void)files.make_directories(directory, now);
  add_device(files, "/dev/null", devices_.null, now);
  add_device(files, "/dev/zero", devices_.zero, now);
  add_device(files, "/dev/urandom", devices_.random, now);
  for (const Mount& mount : mounts) (void)files.mount(mount, now);
  base = {image, files.root()};
  return base.root;
}

Task<Result<std::string>> VirtualRuntime::create_container(std::string sandbox_id, ContainerConfig config) {
  co_await host_.loop().sleep(milliseconds(prng_.between(15, 60)));
  const auto sandbox = sandboxes_.find(sandbox_id);
  if (sandbox == sandboxes_.end())
    co_return Status::plain("failed to find sandbox id \"" + sandbox_id + "\": not found");
  const auto image = images_.find(full_image_name(config.image));
  if (image == images_.end()) co_return Status::plain("failed to resolve image \"" + config.image + "\": not found");
  Container container;
  const std::string id = draw_id();
  container.image = image->second;
  container.status.id = id;
  container.status.sandbox_id = sandbox_id;
  container.status.name = config.name;
  container.status.attempt = config.attempt;
  container.status.image = config.image;
  container.status.image_ref = container.image->ref();
  container.status.created = host_.loop().now();
  container.status.log_path = config.log_path;
  container.namespaces = sandbox->second.namespaces;
  if (!container.namespaces.pids && !sandbox->second.config.host_pid)
    container.namespaces.pids = std::make_shared<PidNamespace>();
  if (config.memory_limit > 0) {
    auto group = std::make_shared<Cgroup>();
    group->path = sandbox->second.namespaces.cgroup->path + "/" + id;
    group->memory_limit = config.memory_limit;
    group->parent = sandbox->second.namespaces.cgroup;
    container.namespaces.cgroup = std::move(group);
  }
  container.config = std::move(config);
  const TimePoint now = host_.loop().now();
  std::vector<Mount> mounts = mounts_of(container, sandbox->second);
  container.namespaces.files = std::make_shared<FileSystem>(Inode::over(base_root(container.image, mounts)));
  add_proc_files(host_, container.namespaces.files, container.namespaces.pids);
  for (Mount& mount : mounts) (void)container.namespaces.files->mount(std::move(mount), now);
  (void)host_.files().make_directories(directory_name(container.config.log_path), now);
  (void)host_.files().write_file(container.config.log_path, "", now);
  if (auto log_file = host_.files().resolve(container.config.log_path)) container.log = *log_file;
  containers_.emplace(id, std::move(container));
  co_return id;
}

Result<SpawnOptions> VirtualRuntime::spawn_options(const Container& container, std::vector<std::string> argv) const {
  SpawnOptions options;
  options.argv = std::move(argv);
  Environment environment;
  for (const auto& [name, value] : container.image->environment) environment[name] = value;
  environment["HOSTNAME"] = *container.namespaces.hostname;
  environment["HOME"] = container.config.user.value_or(container.image->user) == 0 ? "/root" : "/";
  if (container.config.tty) environment["TERM"] = "xterm";
  for (const auto& [name, value] : container.config.environment) environment[name] = value;
  options.environment = std::move(environment);
  options.cwd = container.config.working_directory.empty() ? container.image->working_directory
                                                           : container.config.working_directory;
  options.inherit_files = false;
  Credentials who;
  who.uid = container.config.user.value_or(container.image->user);
  who.gid = container.config.group.value_or(who.uid == 0 ? 0 : who.uid);
  options.credentials = who;
  options.namespaces = container.namespaces;
  options.new_session = true;
  return options;
}

void VirtualRuntime::log(Container& container, const char* stream, std::string_view bytes) {
  std::erase_if(container.attached, [](const std::weak_ptr<StreamEnd>& end) { return end.expired(); });
  for (const auto& weak : container.attached) {
    if (const auto end = weak.lock()) end->send({stream[3] == 'o' ? 1 : 2, std::string(bytes), Value()});
  }
  if (!container.log) return;
  const std::string stamp = nano_timestamp(host_.loop().now()) + " " + stream + " ";
  std::string text;
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    const std::string_view line = bytes.substr(0, newline);
    text += stamp + (newline == std::string_view::npos ? "P " : "F ");
    text += line;
    text += '\n';
    bytes.remove_prefix(std::min(bytes.size(), newline == std::string_view::npos ? line.size() : newline + 1));
  }
  container.log->append(text, host_.loop().now());
}

Task<Result<void>> VirtualRuntime::start_container(std::string id) {
  co_await host_.loop().sleep(milliseconds(prng_.between(30, 110)));
  const auto at = containers_.find(id);
  if (at == containers_.end())
    co_return Status::plain("an error occurred when try to find container \"" + id + "\": not found");
  Container& container = at->second;
  std::vector<std::string> argv = container.config.command;
  const bool replaced = !argv.empty();
  if (!replaced) argv = container.image->entrypoint;
  const std::vector<std::string>& tail = !container.config.arguments.empty() ? container.config.arguments
                                         : replaced                          ? std::vector<std::string>()
                                                                             : container.image->arguments;
  argv.insert(argv.end(), tail.begin(), tail.end());
  const std::string prefix =
      "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: "
      "unable to start container process: ";
  auto fail = [&](std::string message) {
    container.status.state = RuntimeContainerState::kExited;
    container.status.exit_code = 128;
    container.status.reason = "StartError";
    container.status.message = message;
    container.status.finished = host_.loop().now();
    return Status::plain(std::move(message));
  };
  if (argv.empty()) co_return fail("no command specified");
  const std::string program = argv[0];
  Result<SpawnOptions> options = spawn_options(container, std::move(argv));
  if (!options) co_return options.error();
  const std::string cid = id;
  auto sink = [this, cid](const char* stream) {
    return make_sink([this, cid, stream](std::string_view bytes) {
      const auto entry = containers_.find(cid);
      if (entry != containers_.end()) log(entry->second, stream, bytes);
    });
  };
  if (container.config.tty) {
    const std::shared_ptr<Tty> line = host_.make_tty([this, cid](std::string_view bytes) {
      const auto entry = containers_.find(cid);
      if (entry != containers_.end()) log(entry->second, "stdout", bytes);
    });
    const OpenFilePtr file = line->open();
    options->files = {{0, file}, {1, file}, {2, file}};
    options->controlling_tty = line;
    container.tty = line;
  } else {
    options->files = {{0, make_null_file()}, {1, sink("stdout")}, {2, sink("stderr")}};
    if (container.config.stdin_open) {
      auto [reader, writer] = make_pipe(host_.loop());
      options->files[0] = std::move(reader);
      container.input = std::move(writer);
    }
  }
  (void)container.namespaces.files->make_directories(*options->cwd, host_.loop().now());
  auto pid = host_.start(*std::move(options));
  if (!pid) {
    const bool path = contains(program, "/");
    const std::string why = pid.error() == Errno::kNoEnt   ? (path ? "stat " + program + ": no such file or directory"
                                                                   : "executable file not found in $PATH")
                            : pid.error() == Errno::kAcces ? "permission denied"
                                                           : "exec format error";
    co_return fail(prefix + "exec: \"" + program + "\": " + why + ": unknown");
  }
  container.pid = *pid;
  container.status.state = RuntimeContainerState::kRunning;
  container.status.started = host_.loop().now();
  if (Process* process = host_.find(*pid)) process->set_memory(kContainerMemory);
  host_.on_exit(*pid, [this, cid](ExitStatus status) { ended(cid, status); });
  co_return Result<void>();
}

void VirtualRuntime::ended(const std::string& id, ExitStatus status) {
  const auto at = containers_.find(id);
  if (at == containers_.end()) return;
  ContainerStatus& shown = at->second.status;
  shown.state = RuntimeContainerState::kExited;
  shown.exit_code = status.shell_code();
  shown.reason = status.oom_killed ? "OOMKilled" : shown.exit_code == 0 ? "Completed" : "Error";
  shown.finished = host_.loop().now();
  at->second.pid = 0;
  at->second.input = nullptr;
  at->second.tty = nullptr;
  const auto sandbox = sandboxes_.find(shown.sandbox_id);
  if (sandbox != sandboxes_.end() && on_change_) on_change_(sandbox->second.status.pod);
}

Task<Result<void>> VirtualRuntime::stop_container(std::string id, Duration grace) {
  auto at = containers_.find(id);
  if (at == containers_.end() || at->second.pid == 0) co_return Result<void>();
  const Pid pid = at->second.pid;
  const TimePoint deadline = host_.loop().now() + grace;
  const int signal = signal_number(at->second.image->stop_signal).value_or(kSigTerm);
  if (grace > Duration{0}) (void)host_.signal(pid, signal);
  Event gone(host_.loop());
  bool done = false;
  auto alive = std::make_shared<bool>(true);
  host_.on_exit(pid, [&done, &gone, alive](ExitStatus) {
    if (!*alive) return;
    done = true;
    gone.notify_all();
  });
  struct Guard {
    std::shared_ptr<bool> flag;
    ~Guard() { *flag = false; }
  } guard{alive};
  while (!done && grace > Duration{0}) {
    if (!co_await gone.wait_until(deadline)) break;
  }
  if (!done) {
    (void)host_.signal(pid, kSigKill);
    while (!done) (void)co_await gone.wait();
  }
  co_return Result<void>();
}

Task<Result<void>> VirtualRuntime::remove_container(std::string id) {
  const auto at = containers_.find(id);
  if (at != containers_.end() && at->second.pid == 0) containers_.erase(at);
  co_return Result<void>();
}

std::optional<ContainerStatus> VirtualRuntime::container(const std::string& id) const {
  const auto at = containers_.find(id);
  return at == containers_.end() ? std::nullopt : std::optional(at->second.status);
}

std::vector<ContainerStatus> VirtualRuntime::containers() const {
  std::vector<ContainerStatus> all;
  for (const auto& [id, container] : containers_) all.push_back(container.status);
  return all;
}

Result<std::string> VirtualRuntime::read_log(const std::string& log_path) const {
  auto text = host_.files().read_file(log_path);
  if (!text)
    return Status::plain("failed to try resolving symlinks in path \"" + log_path + "\": lstat " + log_path +
                         ": no such file or directory");
  return *std::move(text);
}

// --- images ---

namespace {
ImageStatus image_status(const Image& image) { return {image.ref(), {image.name}, image.size_bytes}; }
}  // namespace

std::optional<ImageStatus> VirtualRuntime::image(const std::string& name) const {
  const auto at = images_.find(full_image_name(name));
  return at == images_.end() ? std::nullopt : std::optional(image_status(*at->second));
}

Task<Result<ImageStatus>> VirtualRuntime::pull_image(std::string name) {
  const std::string full = full_image_name(name);
  Result<ImagePtr> found = registry_.find(full);
  if (!found) {
    co_await host_.loop().sleep(milliseconds(prng_.between(700, 1900)));
    co_return Status::plain("rpc error: code = " + std::string(found.error().code == 404 ? "NotFound" : "Unknown") +
                            " desc = failed to pull and unpack image \"" + full + "\": " + found.error().message);
  }
  const ImagePtr image = *found;
  co_await host_.loop().sleep(images_.contains(full) ? Duration(milliseconds(prng_.between(300, 800)))
                                                     : registry_.pull_time(*image));
  images_[full] = image;
  co_return image_status(*image);
}

std::optional<VirtualRuntime::Details> VirtualRuntime::details(const std::string& container_id) const {
  const auto at = containers_.find(container_id);
  if (at == containers_.end()) return std::nullopt;
  const Container& container = at->second;
  return Details{container.config, container.image, container.pid, container.namespaces.cgroup};
}

ImagePtr VirtualRuntime::find_image(const std::string& wanted) const {
  const auto named = images_.find(full_image_name(wanted));
  if (named != images_.end()) return named->second;
  const std::string id = wanted.starts_with("sha256:") ? wanted : "sha256:" + wanted;
  for (const auto& [name, image] : images_) {
    if (wanted.size() >= 4 && image->id.starts_with(id)) return image;
    if (image->ref() == full_image_name(wanted)) return image;
  }
  return nullptr;
}

void VirtualRuntime::remove_image(const Image& image) {
  const std::string id = image.id;
  std::erase_if(images_, [&](const auto& entry) { return entry.second->id == id; });
}

std::vector<ImageStatus> VirtualRuntime::images() const {
  std::vector<ImageStatus> all;
  for (const auto& [name, image] : images_) all.push_back(image_status(*image));
  return all;
}

}  // namespace drydock
