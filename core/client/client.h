// Client: Kubernetes verbs over a Transport. One per identity.
//
// Objects are plain documents; a resource is named by group, version and plural,
// so custom resources work as built-in ones do. Errors are the server's Status,
// or a plain one worded as client-go words it when no server answered
// ("Get \"https://10.0.0.2:6443/api/v1/nodes\": dial tcp 10.0.0.2:6443: connect: connection refused").
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/client/transport.h"
#include "core/machinery/object.h"

namespace drydock {

class EventLoop;

// Group, version, plural: {"apps", "v1", "deployments"}; the core group is "".
struct ResourceRef {
  std::string group;
  std::string version;
  std::string resource;
  auto operator<=>(const ResourceRef&) const = default;
  std::string api_version() const { return group.empty() ? version : group + "/" + version; }
  // "/api/v1/namespaces/default/pods/web/log"; ns "" for cluster scope or all namespaces.
  std::string path(std::string_view ns, std::string_view name = "", std::string_view subresource = "") const;
};

// The built-in resources that our own components use.
namespace resources {
extern const ResourceRef kPods, kNodes, kNamespaces, kServices, kEndpoints, kEvents, kSecrets, kConfigMaps,
    kServiceAccounts, kReplicationControllers, kPersistentVolumes, kPersistentVolumeClaims, kDeployments, kReplicaSets,
    kStatefulSets, kDaemonSets, kControllerRevisions, kJobs, kCronJobs, kEndpointSlices, kLeases, kStorageClasses,
    kPodDisruptionBudgets, kPriorityClasses, kCertificateSigningRequests;
}

struct ListOptions {
  std::string label_selector;
  std::string field_selector;
  std::string resource_version;
  std::string resource_version_match;
  std::int64_t limit = 0;
  std::string continue_token;
};
struct WatchOptions {
  std::string label_selector;
  std::string field_selector;
  std::string resource_version;
  bool allow_bookmarks = true;
};
struct DeleteOptions {
  std::string propagation_policy;          // "", "Foreground", "Background", "Orphan"
  std::int64_t grace_period_seconds = -1;  // -1: the object's own
  std::string precondition_uid;
  std::string precondition_resource_version;
};
enum class PatchType { kJson, kMerge, kStrategicMerge, kApply };

struct ObjectList {
  std::vector<Object> items;
  std::string resource_version;
  std::string continue_token;
};

struct WatchEvent {
  enum class Type { kAdded, kModified, kDeleted, kBookmark, kError };
  Type type = Type::kAdded;
  Object object;  // kError: a Status document
};
class Watch {
 public:
  explicit Watch(std::shared_ptr<StreamEnd> stream) : stream_(std::move(stream)) {}
  // nullopt: the server ended the watch; start again from the last resourceVersion.
  Task<std::optional<WatchEvent>> next();

 private:
  std::shared_ptr<StreamEnd> stream_;
};

class Client {
 public:
  // `transport` must outlive the client. `user_agent` names the component, e.g. "kube-scheduler".
  Client(Transport& transport, Endpoint endpoint, std::string user_agent);
  void set_bearer_token(std::string token) { bearer_token_ = std::move(token); }
  const Endpoint& endpoint() const { return endpoint_; }
  Transport& transport() { return transport_; }

  Task<Result<Object>> get(ResourceRef resource, ObjectKey key);
  Task<Result<ObjectList>> list(ResourceRef resource, std::string ns, ListOptions options = {});
  Task<Result<Watch>> watch(ResourceRef resource, std::string ns, WatchOptions options);
  Task<Result<Object>> create(ResourceRef resource, Object object);
  Task<Result<Object>> update(ResourceRef resource, Object object, std::string subresource = "");
  Task<Result<Object>> update_status(ResourceRef resource, Object object) {
    return update(std::move(resource), std::move(object), "status");
  }
  Task<Result<Object>> patch(ResourceRef resource, ObjectKey key, PatchType type, Value patch,
                             std::string subresource = "");
  Task<Result<Object>> remove(ResourceRef resource, ObjectKey key, DeleteOptions options = {});
  // POST to a subresource: binding, eviction, token, …
  Task<Result<Object>> create_subresource(ResourceRef resource, ObjectKey key, std::string subresource, Value body);
  // Anything else. Adds authentication; turns HTTP errors into Status errors.
  Task<Result<HttpResponse>> request(HttpRequest request);

 private:
  Transport& transport_;
  Endpoint endpoint_;
  std::string user_agent_;
  std::string bearer_token_;
};

// Reads a Status document (kind: Status) into the error type, and back.
Status status_from_document(const Value& document, int http_status);
Value status_to_document(const Status& status);

}  // namespace drydock
