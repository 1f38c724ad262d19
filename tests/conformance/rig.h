// Rig: a cluster as conformance tests meet it: an API server with its controllers,
// scheduler and pretended kubelets on a virtual clock, spoken to by plain requests.
//
// The administrator speaks unless a request says otherwise (impersonation, tokens). Each
// test makes its own cluster, so names need not be unique.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/machinery/http_message.h"
#include "tests/cluster/test_cluster.h"

namespace drydock::conformance {

// "{a: b}" as a document; the test fails when it is no YAML.
Value yaml(std::string_view text);
// Copies of a list's items: they outlive an answer that nobody keeps.
std::vector<Value> items_of(const Value& list);
// Names of a list's items, in order, each followed by a space.
std::string names_of(const Value& list);
// The entry whose `field` is `value`, or null.
const Value& entry(const Value& list, std::string_view field, std::string_view value);

class Rig;

// A watch that is open.
class Watching {
 public:
  Watching(Rig& rig, std::shared_ptr<StreamEnd> stream) : rig_(rig), stream_(std::move(stream)) {}
  // The next event, {"type", "object"}; bookmarks are passed over. Null when none comes within `limit`.
  Value next(Duration limit = seconds(30));
  // The next event of that type about an object of that name. Others are passed over.
  Value until(std::string_view type, std::string_view name, Duration limit = seconds(60));
  void close() { stream_->close(); }
  bool ended() const { return stream_->peer_closed(); }

 private:
  Rig& rig_;
  std::shared_ptr<StreamEnd> stream_;
};

// How the API server reaches services: over the loopback, except that nobody connects who
// does not know the authority of a server's certificate.
class ServiceTransport final : public Transport {
 public:
  Task<Result<HttpResponse>> round_trip(const Endpoint& endpoint, HttpRequest request) override;
  Transport* loopback = nullptr;
  std::string authority_pem;  // "": nobody asks
};

class Rig {
 public:
  Rig();

  // `target` is a path, with a query behind a question mark.
  HttpResponse send(HttpRequest request);
  HttpResponse send(const std::string& method, const std::string& target, Value body = {},
                    const std::string& content_type = "application/json");
  // A body as text, as it goes over the wire.
  HttpResponse send_text(const std::string& method, const std::string& target, const std::string& content_type,
                         std::string body);
  // Must succeed; the answer's document.
  Value get(const std::string& target, const std::string& accept = "");
  Value post(const std::string& target, Value body);
  Value put(const std::string& target, Value body);
  Value merge(const std::string& target, Value patch);
  Value strategic(const std::string& target, Value patch);
  Value json_patch(const std::string& target, Value patch);
  Value apply(const std::string& target, Value patch);
  Value remove(const std::string& target, Value options = {});
  // Must be refused with that code; the Status.
  Value refused(int code, const std::string& method, const std::string& target, Value body = {},
                const std::string& content_type = "application/json");
  // GET answers 404.
  bool gone(const std::string& target);
  Watching watch(const std::string& target);

  // Bodies in YAML.
  Value post(const std::string& target, const std::string& text) { return post(target, yaml(text)); }
  Value post(const std::string& target, const char* text) { return post(target, yaml(text)); }
  Value merge(const std::string& target, const std::string& text) { return merge(target, yaml(text)); }
  Value merge(const std::string& target, const char* text) { return merge(target, yaml(text)); }
  // A namespace with its ServiceAccount.
  void make_namespace(const std::string& name, const std::string& labels = "{}");
  void add_nodes(int count);

  bool eventually(const std::function<bool()>& condition, Duration limit = std::chrono::minutes(2)) {
    return cluster.run_until(condition, limit);
  }
  void pass(Duration time) { cluster.run_for(time); }

  ServiceTransport services;
  testing::TestCluster cluster;
};

// What every kind can do that its API serves in full: discovery, create, get, list, watch,
// patch, update, status, delete, deletecollection.
struct ApiOperations {
  std::string group;
  std::string version;
  std::string resource;
  std::string kind;
  std::vector<std::string> subresources;
  // Without metadata: the rest of an object.
  std::string body;
  // What a status is replaced by, and patched with, through its subresource; "" for kinds without one.
  std::string status;
  std::string status_patch;
};
void check_api_operations(Rig& rig, const ApiOperations& row);

}  // namespace drydock::conformance
