// ServiceManager: the systemd of a virtual machine: units, restarts, journal.
// `systemctl` and `journalctl` (core/programs/system) talk to it.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/event_loop.h"
#include "core/base/hash.h"
#include "core/host/process.h"

namespace drydock {

class Host;

struct ServiceUnit {
  std::string name;         // "kubelet.service"
  std::string description;  // "kubelet: The Kubernetes Node Agent"
  std::string documentation;
  std::string fragment_path;          // "/usr/lib/systemd/system/kubelet.service"
  std::vector<std::string> drop_ins;  // full paths
  std::vector<std::string> command;   // argv; may use $VARIABLES of environment_files
  std::vector<std::string> environment_files;
  bool restart_always = true;
  Duration restart_delay = seconds(10);
};

enum class ServiceState { kInactive, kActive, kActivating, kFailed };  // kActivating: waiting for its restart

class ServiceManager {
 public:
  explicit ServiceManager(Host& host) : host_(host) {}
  ~ServiceManager();

  void add(ServiceUnit unit, bool enabled);
  // "kubelet" finds "kubelet.service".
  std::optional<std::string> canonical(std::string_view name) const;
  bool start(std::string_view name);  // false: no such unit
  bool stop(std::string_view name);
  bool restart(std::string_view name);
  bool set_enabled(std::string_view name, bool enabled);
  void start_enabled();  // at boot
  void stop_all();       // the machine goes away

  struct View {
    ServiceUnit unit;
    bool enabled = false;
    ServiceState state = ServiceState::kInactive;
    Pid main_pid = 0;
    TimePoint since{};
    ExitStatus last_exit;
    int restarts = 0;
  };
  std::optional<View> view(std::string_view name) const;
  std::vector<std::string> names() const;

  // The journal: what services write, newest last; bounded.
  struct JournalLine {
    TimePoint time;
    std::string unit;
    std::string identifier;
    Pid pid = 0;
    std::string text;
  };
  const std::deque<JournalLine>& journal() const { return journal_; }
  void log(std::string unit, std::string identifier, Pid pid, std::string_view text);
  // Number of lines ever written: followers compare it.
  std::uint64_t journal_written() const { return journal_written_; }
  void hash(Hash64& hash) const;

 private:
  struct Service {
    ServiceUnit unit;
    bool enabled = false;
    bool wanted = false;
    ServiceState state = ServiceState::kInactive;
    Pid pid = 0;
    TimePoint since{};
    ExitStatus last_exit;
    int restarts = 0;
    TimerId restart_timer;
    std::string partial_line;
  };
  void launch(Service& service);
  void ended(const std::string& name, Pid pid, ExitStatus status);
  std::vector<std::string> expand(const ServiceUnit& unit) const;

  Host& host_;
  std::map<std::string, Service> services_;
  std::deque<JournalLine> journal_;
  std::uint64_t journal_written_ = 0;
};

}  // namespace drydock
