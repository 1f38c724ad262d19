// Workloads of tests, all in namespace default, and what is asked of every kind.
#pragma once

#include <string>

#include "tests/conformance/rig.h"

namespace drydock::conformance {

inline const std::string kApps = "/apis/apps/v1/namespaces/default/";
inline const std::string kCore = "/api/v1/namespaces/default/";
inline const std::string kBatch = "/apis/batch/v1/namespaces/default/";
inline const std::string kPodsHere = kCore + "pods";

// A workload of apps/v1 whose pods have the label app=NAME; `spec` is more of its spec.
std::string workload(const std::string& kind, const std::string& name, int replicas, const std::string& spec = "",
                     const std::string& image = "nginx");
// The same as v1 ReplicationController.
std::string controller(const std::string& name, int replicas, const std::string& image = "nginx");

struct WorkloadRig : Rig {
  WorkloadRig() { add_nodes(3); }
  // Pods of app=NAME, in order of their names.
  std::vector<Value> pods(const std::string& name);
  std::size_t ready(const std::string& name) { return cluster.ready_pods(name); }
  bool until_ready(const std::string& name, std::size_t count, Duration limit = std::chrono::minutes(3)) {
    return eventually([&] { return ready(name) == count && pods(name).size() == count; }, limit);
  }
  // Status read, replaced and patched through its subresource; all of it is read again.
  void check_status(const std::string& path, const std::string& kind);
  // Scale read, written and patched; the object follows.
  void check_scale(const std::string& path, int from, int to, int patched);
  // Found by label, deleted as a collection.
  void check_collection(const std::string& resources, const std::string& selected);
  // A pod's label is changed away from its owner, which lets go of it and makes another.
  void check_release(const std::string& name, std::size_t replicas);
};

}  // namespace drydock::conformance
