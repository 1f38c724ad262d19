// Kubelet: makes the pods of one node run, and tells the API server about it.
// https://kubernetes.io/docs/concepts/architecture/#kubelet
//
// Pods come from the API server and from manifests in a directory (static pods).
// Each pod has one worker that brings it to the wanted state and then sleeps until
// something happens; nothing polls.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/prng.h"
#include "core/base/sync.h"
#include "core/client/client.h"
#include "core/client/event_recorder.h"
#include "core/client/informer.h"
#include "core/kubelet/container_runtime.h"
#include "core/kubelet/node_access.h"
#include "core/kubelet/volume_payload.h"

namespace drydock {

struct KubeletOptions {
  std::string node_name;
  std::string version;  // "v1.36.3"
  std::string static_pod_path = "/etc/kubernetes/manifests";
  std::vector<std::string> cluster_dns;
  std::string cluster_domain = "cluster.local";
  std::string root_directory = "/var/lib/kubelet";
};

class Kubelet final : public HttpHandler {
 public:
  Kubelet(EventLoop& loop, Prng prng, ContainerRuntime& runtime, NodeAccess& node, KubeletOptions options);
  ~Kubelet() override;
  // The API server; may come later than the static pods. Outlives the kubelet.
  void connect(Client& client);
  // Runs until its frame is destroyed.
  Task<void> run();
  // The kubelet's own server: logs, exec, attach, port-forward, healthz, pods.
  Task<HttpResponse> handle(HttpRequest request) override;

 private:
  struct ProbeState {
    int successes = 0;
    int failures = 0;
    TimePoint next{};
    std::optional<bool> result;
    bool running = false;
  };
  struct ContainerRecord {
    std::string id;
    int restarts = 0;
    TimePoint retry_at{};
    int backoff_step = 0;
    bool started_hook = false;
    std::string waiting_reason;
    std::string waiting_message;
    Value last_state;
    bool ready = false;
    bool started = false;
    std::map<std::string, ProbeState> probes;
    bool killing = false;
    TimePoint image_retry_at{};
    int image_failures = 0;
    bool image_ready = false;
    std::string image_error_reason;
    std::string image_error;
  };
  struct Worker {
    explicit Worker(EventLoop& loop) : wake(loop) {}
    Object pod;  // as wanted
    bool is_static = false;
    bool stopping = false;
    bool wanted_again = false;  // a static pod that comes back while it stops
    bool finished = false;      // nothing of it runs any more
    std::string sandbox;
    std::string address;
    TimePoint sandbox_retry_at{};
    TimePoint started{};
    std::map<std::string, ContainerRecord> containers;
    bool initialized = false;
    bool volumes_ready = false;
    std::string volume_error;
    std::map<std::string, std::string> source_versions;  // "configmaps/ns/name" -> as last written
    std::map<std::string, std::string> fingerprints;     // volume -> what its files were made of
    std::map<std::string, TimePoint> tokens_due;         // volume -> when its token must be renewed
    TimePoint volumes_due = TimePoint::max();            // when to look at them again
    Value last_status;
    Value status;
    bool dirty = true;
    Event wake;
    TimerId timer;
    TimePoint due = TimePoint::max();  // when the timer fires
  };
  // Somebody's ConfigMap or Secret, followed as long as a pod shows it.
  struct SourceWatch {
    explicit SourceWatch(EventLoop& loop) : tasks(loop) {}
    std::unique_ptr<Informer> informer;
    std::set<std::string> users;  // uids
    TaskGroup tasks;              // last, so that it ends first
  };

  // --- node (kubelet_node.cpp) ---
  Task<void> register_node();
  Task<void> keep_lease();
  Task<void> keep_status();
  Value node_status(const Value& previous);

  // --- pods (kubelet.cpp) ---
  Task<void> watch_static_pods();
  Task<void> follow_api();
  void want_pod(const Object& pod, bool is_static);
  void drop_pod(const std::string& uid);
  Task<void> work(std::string uid);
  Task<void> sync_pod(Worker& worker);
  Task<void> stop_pod(Worker& worker);
  Task<void> remove_from_api(ObjectKey key, DeleteOptions options);
  Task<bool> sync_container(Worker& worker, const Value& spec, bool init, TimePoint& next);
  Task<bool> ensure_image(Worker& worker, const Value& spec, ContainerRecord& record, TimePoint& next);
  Task<bool> ensure_sandbox(Worker& worker, TimePoint& next);
  Task<void> kill_container(Worker& worker, const Value& spec, ContainerRecord& record, std::string why);
  void poke(Worker& worker, TimePoint when);

  // --- after a restart (recovery.cpp) ---
  void adopt(Worker& worker);
  Task<void> remove_orphans();
  bool sandbox_ready(const Worker& worker) const;

  // --- probes (probes.cpp) ---
  Task<void> run_probe(std::string uid, std::string container, std::string kind);
  void schedule_probes(Worker& worker, const Value& spec, ContainerRecord& record, TimePoint& next);

  // --- volumes (volume_files.cpp) ---
  Task<Result<void>> prepare_volumes(Worker& worker, bool again);
  Task<Result<void>> prepare_volume(Worker& worker, Value volume, bool again);
  Task<Result<void>> collect_source(Worker& worker, Value source, std::uint32_t mode, VolumePayload& payload,
                                    std::string& fingerprint, TimePoint& token_due);
  Result<void> prepare_host_path(const Value& source);
  void write_payload(const std::string& directory, const VolumePayload& payload);
  void watch_sources(Worker& worker);
  void source_changed(const std::string& key, const std::string& version);
  void forget_sources(const std::string& uid);

  // --- environment (volumes.cpp) ---
  std::string volume_directory(const Worker& worker, const std::string& volume) const;
  Task<Result<ContainerConfig>> container_config(Worker& worker, const Value& spec, ContainerRecord& record);
  std::string field_of(const Worker& worker, std::string_view path) const;
  std::string resource_of(const Value& container, const Value& reference) const;
  Task<Result<Object>> lookup(ResourceRef resource, ObjectKey key);

  // --- status (pod_status.cpp) ---
  Value pod_status(Worker& worker);
  Value container_status(Worker& worker, const Value& spec, ContainerRecord& record, bool init);
  Task<void> send_status(Worker& worker);
  Task<void> mirror(Worker& worker);

  // --- server (kubelet_server.cpp) ---
  Task<HttpResponse> serve_logs(const HttpRequest& request, std::vector<std::string> parts);
  Task<HttpResponse> serve_exec(const HttpRequest& request, std::vector<std::string> parts);
  HttpResponse serve_port_forward(const HttpRequest& request, const std::vector<std::string>& parts);
  const Worker* find_worker(const std::string& ns, const std::string& name) const;
  Task<void> follow_log(std::string path, std::shared_ptr<StreamEnd> stream, std::size_t from, bool timestamps,
                        std::string container_id);

  void event(const Worker& worker, const std::string& container, const char* type, const char* reason,
             std::string message);

  EventLoop& loop_;
  Prng prng_;
  ContainerRuntime& runtime_;
  NodeAccess& node_;
  KubeletOptions options_;
  Client* client_ = nullptr;
  std::unique_ptr<EventRecorder> recorder_;
  std::unique_ptr<Informer> pods_;
  std::map<std::string, std::unique_ptr<Worker>> workers_;       // by uid (static: config hash)
  std::map<std::string, std::string> static_files_;              // file -> content
  std::map<std::string, std::string> static_uids_;               // file -> uid
  std::map<std::string, std::string> mirrors_;                   // "ns/name" -> uid of the mirror pod
  std::map<std::string, std::unique_ptr<SourceWatch>> sources_;  // "configmaps/ns/name"
  Value last_conditions_;
  TimePoint ready_since_{};
  Event node_changed_;
  TaskGroup tasks_;
};

}  // namespace drydock
