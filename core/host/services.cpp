#include "core/host/services.h"

#include "core/base/strings.h"
#include "core/host/host.h"

namespace drydock {
namespace {

constexpr std::size_t kJournalLimit = 5000;  // lines per machine

}  // namespace

ServiceManager::~ServiceManager() {
  for (auto& [name, service] : services_) host_.loop().cancel(service.restart_timer);
}

void ServiceManager::add(ServiceUnit unit, bool enabled) {
  Service service;
  service.enabled = enabled;
  service.since = host_.loop().now();
  const std::string name = unit.name;
  service.unit = std::move(unit);
  services_.insert_or_assign(name, std::move(service));
}

std::optional<std::string> ServiceManager::canonical(std::string_view name) const {
  std::string full(name);
  if (!contains(full, ".")) full += ".service";
  if (!services_.contains(full)) return std::nullopt;
  return full;
}

// systemd replaces $NAME and ${NAME} in ExecStart by the words of the variable.
std::vector<std::string> ServiceManager::expand(const ServiceUnit& unit) const {
  std::map<std::string, std::string> variables;
  for (const std::string& path : unit.environment_files) {
    auto text = host_.files().read_file(path);
    if (!text) continue;
    for (const std::string& raw : split(*text, '\n')) {
      const std::string line(trim(raw));
      const std::size_t equals = line.find('=');
      if (line.empty() || line[0] == '#' || equals == std::string::npos) continue;
      std::string value = line.substr(equals + 1);
      if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front()) {
        value = value.substr(1, value.size() - 2);
      }
      variables[line.substr(0, equals)] = value;
    }
  }
  std::vector<std::string> argv;
  for (const std::string& word : unit.command) {
    if (!word.starts_with("$")) {
      argv.push_back(word);
      continue;
    }
    const std::string name = word.starts_with("${") ? word.substr(2, word.size() - 3) : word.substr(1);
    for (std::string& piece : split_whitespace(variables[name])) argv.push_back(std::move(piece));
  }
  return argv;
}

void ServiceManager::launch(Service& service) {
  const std::string name = service.unit.name;
  SpawnOptions options;
  options.argv = expand(service.unit);
  options.environment =
      Environment{{"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}, {"HOME", "/root"}};
  options.cwd = "/";
  options.group = 0;
  options.new_session = true;
  options.inherit_files = false;
  auto pid_slot = std::make_shared<Pid>(0);
  const std::string identifier(options.argv.empty() ? "" : base_name(options.argv.front()));
  auto sink = make_sink([this, name, identifier, pid_slot](std::string_view bytes) {
    const auto at = services_.find(name);
    if (at == services_.end()) return;
    std::string& partial = at->second.partial_line;
    partial += bytes;
    for (std::size_t newline; (newline = partial.find('\n')) != std::string::npos;) {
      log(name, identifier, *pid_slot, partial.substr(0, newline));
      partial.erase(0, newline + 1);
    }
  });
  options.files = {{0, make_null_file()}, {1, sink}, {2, sink}};
  auto pid = host_.start(std::move(options));
  service.since = host_.loop().now();
  if (!pid) {
    log(name, "systemd", 1,
        service.unit.name + ": Failed to locate executable: " + std::string(errno_text(pid.error())));
    service.pid = 0;
    service.last_exit = {203, 0, false};
    service.state = ServiceState::kFailed;
    return;
  }
  *pid_slot = *pid;
  service.pid = *pid;
  service.state = ServiceState::kActive;
  log(name, "systemd", 1, "Started " + service.unit.description + ".");
  host_.on_exit(*pid, [this, name, pid = *pid](ExitStatus status) { ended(name, pid, status); });
}

void ServiceManager::ended(const std::string& name, Pid pid, ExitStatus status) {
  const auto at = services_.find(name);
  if (at == services_.end() || at->second.pid != pid) return;
  Service& service = at->second;
  service.pid = 0;
  service.last_exit = status;
  service.since = host_.loop().now();
  if (!service.wanted) {
    service.state = ServiceState::kInactive;
    log(name, "systemd", 1, "Stopped " + service.unit.description + ".");
    return;
  }
  const bool failed = status.signal != 0 || status.code != 0;
  if (status.signal != 0) {
    log(name, "systemd", 1,
        name + ": Main process exited, code=killed, status=" + std::to_string(status.signal) + "/" +
            std::string(signal_name(status.signal)));
  } else if (failed) {
    log(name, "systemd", 1,
        name + ": Main process exited, code=exited, status=" + std::to_string(status.code) + "/FAILURE");
    log(name, "systemd", 1, name + ": Failed with result 'exit-code'.");
  }
  if (!service.unit.restart_always) {
    service.state = failed ? ServiceState::kFailed : ServiceState::kInactive;
    return;
  }
  service.state = ServiceState::kActivating;
  service.restart_timer = host_.loop().call_after(service.unit.restart_delay, [this, name] {
    const auto again = services_.find(name);
    if (again == services_.end() || !again->second.wanted) return;
    again->second.restart_timer = {};
    ++again->second.restarts;
    log(name, "systemd", 1,
        name + ": Scheduled restart job, restart counter is at " + std::to_string(again->second.restarts) + ".");
    launch(again->second);
  });
}

bool ServiceManager::start(std::string_view name) {
  const auto full = canonical(name);
  if (!full) return false;
  Service& service = services_.at(*full);
  service.wanted = true;
  if (service.pid != 0) return true;
  host_.loop().cancel(service.restart_timer);
  service.restarts = 0;
  launch(service);
  return true;
}

bool ServiceManager::stop(std::string_view name) {
  const auto full = canonical(name);
  if (!full) return false;
  Service& service = services_.at(*full);
  service.wanted = false;
  host_.loop().cancel(service.restart_timer);
  if (service.pid != 0) {
    log(*full, "systemd", 1, "Stopping " + service.unit.description + "...");
    (void)host_.signal(service.pid, kSigTerm);
  } else {
    service.state = ServiceState::kInactive;
  }
  return true;
}

bool ServiceManager::restart(std::string_view name) {
  const auto full = canonical(name);
  if (!full) return false;
  Service& service = services_.at(*full);
  if (service.pid == 0) return start(*full);
  const Pid old = std::exchange(service.pid, 0);  // its end is no longer ours to act on
  log(*full, "systemd", 1, "Stopping " + service.unit.description + "...");
  (void)host_.signal(old, kSigTerm);
  service.wanted = true;
  service.state = ServiceState::kActivating;
  host_.on_exit(old, [this, unit = *full](ExitStatus) {
    const auto at = services_.find(unit);
    if (at == services_.end() || !at->second.wanted || at->second.pid != 0) return;
    log(unit, "systemd", 1, "Stopped " + at->second.unit.description + ".");
    launch(at->second);
  });
  return true;
}

bool ServiceManager::set_enabled(std::string_view name, bool enabled) {
  const auto full = canonical(name);
  if (!full) return false;
  services_.at(*full).enabled = enabled;
  return true;
}

void ServiceManager::start_enabled() {
  for (const std::string& name : names()) {
    if (services_.at(name).enabled) start(name);
  }
}

void ServiceManager::stop_all() {
  for (auto& [name, service] : services_) {
    service.wanted = false;
    service.pid = 0;
    host_.loop().cancel(service.restart_timer);
  }
}

std::optional<ServiceManager::View> ServiceManager::view(std::string_view name) const {
  const auto full = canonical(name);
  if (!full) return std::nullopt;
  const Service& service = services_.at(*full);
  return View{service.unit,  service.enabled,   service.state,   service.pid,
              service.since, service.last_exit, service.restarts};
}

std::vector<std::string> ServiceManager::names() const {
  std::vector<std::string> all;
  for (const auto& [name, service] : services_) all.push_back(name);
  return all;
}

void ServiceManager::log(std::string unit, std::string identifier, Pid pid, std::string_view text) {
  journal_.push_back({host_.loop().now(), std::move(unit), std::move(identifier), pid, std::string(text)});
  ++journal_written_;
  if (journal_.size() > kJournalLimit) journal_.pop_front();
}

void ServiceManager::hash(Hash64& hash) const {
  for (const auto& [name, service] : services_) {
    hash.add(name);
    hash.add(static_cast<int>(service.state));
    hash.add(service.pid);
    hash.add(service.restarts);
  }
  hash.add(journal_written_);
}

}  // namespace drydock
