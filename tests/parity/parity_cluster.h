// ParityCluster: a control plane with three hollow nodes, and a virtual host whose
// kubectl talks to it directly: what the reference transcript was recorded against.
// Only hollow-2 becomes Ready, as there.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/apiserver/api_server.h"
#include "core/base/sync.h"
#include "core/client/loopback_transport.h"
#include "core/controllers/controller_manager.h"
#include "core/host/host.h"
#include "core/network/network.h"
#include "core/scheduler/scheduler.h"
#include "core/store/memory_store.h"

namespace drydock::testing {

struct CommandResult {
  std::string out;
  std::string err;
  int code = 0;
};

class ParityCluster {
 public:
  ParityCluster();
  ~ParityCluster();

  // Puts a file on the host.
  void put_file(const std::string& path, const std::string& content);
  std::string read_file(const std::string& path);
  CommandResult run(std::vector<std::string> argv, const std::string& input = "");
  EventLoop& loop() { return loop_; }
  // Something that answers at an address the API server may call: a kubelet.
  void listen(const std::string& host, std::uint16_t port, HttpHandler& handler) {
    transport_.listen(host, port, handler);
  }
  void run_for(Duration time) { loop_.run_until(loop_.now() + time); }

 private:
  // What the recording's distribution of Kubernetes adds to every cluster.
  Task<void> make_distribution();
  Task<void> make_node(std::string name, bool ready, std::string address);
  void pod_changed(const Object& old, const Object& current);
  Task<void> start_pod(Object pod);
  Task<void> stop_pod(Object pod);
  bool run_until(const std::function<bool()>& condition, Duration limit);

  std::optional<TimePoint> first_pod_;
  VirtualClock clock_;
  EventLoop loop_{clock_};
  MemoryStore store_{loop_};
  LoopbackTransport transport_{loop_};
  std::unique_ptr<ApiServer> server_;
  std::unique_ptr<Client> client_;
  std::unique_ptr<Informer> pods_;
  std::unique_ptr<controllers::ControllerManager> manager_;
  std::unique_ptr<scheduler::Scheduler> scheduler_;
  std::unique_ptr<Network> network_;
  ProgramRegistry programs_;
  std::unique_ptr<Host> host_;
  TaskGroup tasks_{loop_};
};

}  // namespace drydock::testing
