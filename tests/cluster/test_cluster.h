// TestCluster: an API server over a MemoryStore, the controller manager and the
// scheduler, with kubelets that only pretend: pods on their nodes turn Running and
// Ready after a second, and go when they are deleted. All on a virtual clock.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/apiserver/api_server.h"
#include "core/client/loopback_transport.h"
#include "core/controllers/controller_manager.h"
#include "core/scheduler/scheduler.h"
#include "core/store/memory_store.h"

namespace drydock::testing {

class TestCluster {
 public:
  // An API server that lets everybody do everything.
  static ApiServerOptions open_server();
  explicit TestCluster(controllers::ControllerManagerOptions options = {}, ApiServerOptions server = open_server());
  ~TestCluster();

  void add_node(const std::string& name, const char* cpu = "64", const char* memory = "256Gi",
                const char* pods = "500");
  // A node whose kubelet falls silent: no leases, no pod status.
  void silence(const std::string& node) { silent_.insert(node); }

  // Creates or replaces from YAML; fails the test on an error.
  Object create(const ResourceRef& resource, const std::string& yaml);
  Result<Object> get(const ResourceRef& resource, const ObjectKey& key);
  std::vector<Object> list(const ResourceRef& resource, const std::string& ns = "");
  Result<Object> patch(const ResourceRef& resource, const ObjectKey& key, const std::string& yaml);
  Result<Object> remove(const ResourceRef& resource, const ObjectKey& key, const std::string& policy = "");

  void run_for(Duration time) { loop.run_until(loop.now() + time); }
  // Runs until the condition holds; false when it did not within `limit`.
  bool run_until(const std::function<bool()>& condition, Duration limit = std::chrono::minutes(5));

  // Pods with every container ready, by label app.
  std::size_t ready_pods(const std::string& app);

  // Of everything that is stored: equal histories have equal hashes.
  std::uint64_t state_hash() const;
  Client& client() { return client_; }
  // Who listens here is reached by the API server too: webhooks, extension servers.
  LoopbackTransport& transport() { return transport_; }
  template <class T>
  T wait(Task<T> task);

  VirtualClock clock{TimePoint(std::chrono::hours(24 * 365 * 56))};
  EventLoop loop{clock};

 private:
  void pod_changed(const Object& old, const Object& current);
  Task<void> start_pod(Object pod);
  Task<void> stop_pod(Object pod);
  Task<void> heartbeat(std::string node);

  MemoryStore store_{loop};
  LoopbackTransport transport_{loop};
  std::unique_ptr<ApiServer> server_;
  Client client_;
  std::unique_ptr<Informer> pods_;
  std::unique_ptr<controllers::ControllerManager> manager_;
  std::unique_ptr<scheduler::Scheduler> scheduler_;
  std::set<std::string> silent_;
  int next_address_ = 0;
  TaskGroup tasks_{loop};
};

template <class T>
T TestCluster::wait(Task<T> task) {
  std::optional<T> result;
  auto run = [](std::optional<T>& out, Task<T> inner) -> Task<void> { out.emplace(co_await inner); };
  TaskGroup group(loop);
  group.spawn(run(result, std::move(task)));
  DRYDOCK_CHECK(run_until([&result] { return result.has_value(); }));
  return std::move(*result);
}

}  // namespace drydock::testing
