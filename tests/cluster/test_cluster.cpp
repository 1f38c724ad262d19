#include "tests/cluster/test_cluster.h"

#include "core/base/strings.h"
#include "core/machinery/timestamp.h"
#include "core/machinery/yaml.h"
#include "doctest/doctest.h"

namespace drydock::testing {
namespace {

Endpoint server_endpoint() {
  Endpoint endpoint;
  endpoint.host = "10.0.0.2";
  endpoint.port = 6443;
  endpoint.client_certificate_pem = "test";  // for servers that read certificates
  return endpoint;
}

}  // namespace

ApiServerOptions TestCluster::open_server() {
  ApiServerOptions options;
  options.advertise_address = "10.0.0.2";
  options.rbac = false;
  return options;
}

TestCluster::TestCluster(controllers::ControllerManagerOptions options, ApiServerOptions server)
    : server_(std::make_unique<ApiServer>(loop, Prng(1), store_, transport_, std::move(server))),
      client_(transport_, server_endpoint(), "test") {
  transport_.listen("10.0.0.2", 6443, *server_);
  auto serve = [](ApiServer& server) -> Task<void> { (void)co_await server.run(); };
  tasks_.spawn(serve(*server_));
  REQUIRE(run_until([this] { return server_->ready(); }));
  pods_ = std::make_unique<Informer>(loop, client_, resources::kPods);
  pods_->add_handler([this](const Object& old, const Object& current) { pod_changed(old, current); });
  tasks_.spawn(pods_->run());
  manager_ = std::make_unique<controllers::ControllerManager>(loop, Prng(2), client_, std::move(options));
  tasks_.spawn(manager_->run());
  scheduler_ = std::make_unique<scheduler::Scheduler>(loop, Prng(3), client_);
  tasks_.spawn(scheduler_->run());
  run_for(seconds(1));
}

TestCluster::~TestCluster() { tasks_.cancel_all(); }

bool TestCluster::run_until(const std::function<bool()>& condition, Duration limit) {
  // Asked every 10 ms of virtual time: conditions may walk all pods.
  const TimePoint deadline = loop.now() + limit;
  while (!condition()) {
    if (loop.now() >= deadline) return false;
    loop.run_until(loop.now() + milliseconds(10));
  }
  return true;
}

void TestCluster::add_node(const std::string& name, const char* cpu, const char* memory, const char* pods) {
  Value amounts = Value::object({{"cpu", cpu}, {"memory", memory}, {"pods", pods}});
  Value ready = Value::object({{"type", "Ready"},
                               {"status", "True"},
                               {"reason", "KubeletReady"},
                               {"lastHeartbeatTime", format_timestamp(loop.now())},
                               {"lastTransitionTime", format_timestamp(loop.now())}});
  Value metadata = Value::object({{"name", name}, {"labels", Value::object({{"kubernetes.io/hostname", name}})}});
  Value status =
      Value::object({{"capacity", amounts}, {"allocatable", amounts}, {"conditions", Value::array({ready})}});
  Object node(Value::object({{"apiVersion", "v1"}, {"kind", "Node"}, {"metadata", metadata}, {"status", status}}));
  Result<Object> created = wait(client_.create(resources::kNodes, node));
  REQUIRE_MESSAGE(created, (created ? "" : created.error().message));
  // Controllers write to the node as soon as it is there: a patch does not mind.
  Value patch = Value::object({{"status", status}});
  Result<Object> updated =
      wait(client_.patch(resources::kNodes, created->key(), PatchType::kStrategicMerge, patch, "status"));
  REQUIRE_MESSAGE(updated, (updated ? "" : updated.error().message));
  tasks_.spawn(heartbeat(name));
}

Task<void> TestCluster::heartbeat(std::string node) {
  while (!silent_.contains(node)) {
    Value spec = Value::object(
        {{"holderIdentity", node}, {"leaseDurationSeconds", 40}, {"renewTime", format_micro_timestamp(loop.now())}});
    Result<Object> lease = co_await client_.get(resources::kLeases, ObjectKey{"kube-node-lease", node});
    if (lease) {
      Object next = *lease;
      next.mutable_doc().set("spec", spec);
      (void)co_await client_.update(resources::kLeases, next);
    } else {
      Value metadata = Value::object({{"name", node}, {"namespace", "kube-node-lease"}});
      Object fresh(Value::object(
          {{"apiVersion", "coordination.k8s.io/v1"}, {"kind", "Lease"}, {"metadata", metadata}, {"spec", spec}}));
      (void)co_await client_.create(resources::kLeases, fresh);
    }
    co_await loop.sleep(seconds(10));
  }
}

void TestCluster::pod_changed(const Object& old, const Object& current) {
  if (!current || current.spec()["nodeName"].empty() || silent_.contains(current.spec()["nodeName"].str())) return;
  if (current.deleting()) {
    if (!old || !old.deleting()) tasks_.spawn(stop_pod(current));
  } else if (!old || old.spec()["nodeName"].empty()) {
    tasks_.spawn(start_pod(current));
  }
}

Task<void> TestCluster::start_pod(Object pod) {
  co_await loop.sleep(seconds(1));
  const int number = ++next_address_;
  const std::string address = "10.244." + std::to_string(number / 250) + "." + std::to_string(number % 250 + 1);
  const std::string stamp = format_timestamp(loop.now());
  // Containers of a Job's pods end by themselves, unless their fate is another.
  const bool ends = pod.spec()["restartPolicy"].as_string() != "Always" && pod.label("fate") != "runs";
  const bool fails = pod.label("fate") == "fails";
  Value ready = Value::object({{"type", "Ready"}, {"status", ends ? "False" : "True"}, {"lastTransitionTime", stamp}});
  Value status = Value::object({{"phase", !ends   ? "Running"
                                          : fails ? "Failed"
                                                  : "Succeeded"},
                                {"podIP", address},
                                {"podIPs", Value::array({Value::object({{"ip", address}})})},
                                {"startTime", stamp},
                                {"conditions", Value::array({ready})}});
  Value patch = Value::object({{"status", status}});
  (void)co_await client_.patch(resources::kPods, pod.key(), PatchType::kStrategicMerge, patch, "status");
}

Task<void> TestCluster::stop_pod(Object pod) {
  co_await loop.sleep(milliseconds(500));
  DeleteOptions options;
  options.grace_period_seconds = 0;
  (void)co_await client_.remove(resources::kPods, pod.key(), options);
}

Object TestCluster::create(const ResourceRef& resource, const std::string& yaml) {
  Result<Object> created = wait(client_.create(resource, Object(parse_yaml(yaml).value())));
  REQUIRE_MESSAGE(created, (created ? "" : created.error().message));
  return *created;
}

Result<Object> TestCluster::get(const ResourceRef& resource, const ObjectKey& key) {
  return wait(client_.get(resource, key));
}

std::vector<Object> TestCluster::list(const ResourceRef& resource, const std::string& ns) {
  Result<ObjectList> listed = wait(client_.list(resource, ns));
  REQUIRE(listed);
  return listed->items;
}

Result<Object> TestCluster::patch(const ResourceRef& resource, const ObjectKey& key, const std::string& yaml) {
  return wait(client_.patch(resource, key, PatchType::kMerge, parse_yaml(yaml).value()));
}

Result<Object> TestCluster::remove(const ResourceRef& resource, const ObjectKey& key, const std::string& policy) {
  DeleteOptions options;
  options.propagation_policy = policy;
  return wait(client_.remove(resource, key, options));
}

std::uint64_t TestCluster::state_hash() const {
  Hash64 hash;
  store_.hash(hash);
  return hash.value();
}

std::size_t TestCluster::ready_pods(const std::string& app) {
  std::size_t ready = 0;
  for (const auto& [key, pod] : pods_->objects()) {
    if (pod.label("app") == app && !pod.deleting() && controllers::view_pod(pod).ready) ++ready;
  }
  return ready;
}

}  // namespace drydock::testing
