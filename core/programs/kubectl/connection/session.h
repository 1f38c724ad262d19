// Session: one run of kubectl: its process, its flags, and the way to the server.
// Made before the command runs; connects when first asked.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/client/client.h"
#include "core/host/process.h"
#include "core/programs/kubectl/connection/discovery.h"
#include "core/programs/kubectl/connection/kubeconfig.h"
#include "core/programs/kubectl/flags.h"

namespace drydock::kubectl {

// How kubectl gets its transport: the virtual network for programs on a virtual
// host, a direct call in tests.
using TransportFactory = std::function<std::unique_ptr<Transport>(Process&)>;

class Session {
 public:
  Session(Process& process, TransportFactory transport_factory)
      : process_(process), transport_factory_(std::move(transport_factory)) {}

  Process& process() { return process_; }
  Flags& flags() { return flags_; }
  TimePoint now() { return process_.now(); }
  // "kubectl create secret": the command's path, for usage errors.
  const std::string& path() const { return path_; }
  void set_path(std::string path) { path_ = std::move(path); }

  // --- output ---
  Task<void> out(std::string text) { return process_.out(std::move(text)); }
  Task<void> err(std::string text) { return process_.err(std::move(text)); }
  // "Warning: …" once per text, as client-go's warning writer does.
  Task<void> warn(std::string text);
  // An error that does not end the command; printed at the end, exit code 1.
  void add_error(Status error) { errors_.push_back(std::move(error)); }
  const std::vector<Status>& errors() const { return errors_; }
  void clear_errors() { errors_.clear(); }
  // "…\nSee 'kubectl get -h' for help and examples"
  Status usage_error(std::string message) const;

  // --- where ---
  Result<const Kubeconfig*> kubeconfig();
  Result<const ResolvedConfig*> config();
  // The namespace commands work in: --namespace, the context's, or "default".
  Result<std::string> ns();
  // Was --namespace given? Then files with another namespace are refused.
  bool ns_enforced() const { return flags_.changed("namespace"); }

  // --- the server ---
  // Sends with authentication and impersonation; prints Warning headers.
  Task<Result<HttpResponse>> send(HttpRequest request);
  // For URLs that are not the API server's.
  Transport& external_transport();
  // GET of a document.
  Task<Result<Value>> get(std::string path, HttpQuery query = {}, std::string accept = "application/json");
  // Any verb with a document as its body; `content_type` "" means JSON.
  Task<Result<Value>> call(std::string method, std::string path, HttpQuery query, Value body,
                           std::string content_type = "");
  // The server's resources, cached on disk for six hours as kubectl does.
  // `quietly`: without the lines of log that a failure gives.
  Task<Result<const Discovery*>> discovery(bool quietly = false);
  // Fetches again: something was not found, and the cache may be stale.
  Task<Result<const Discovery*>> fresh_discovery();
  // The resource a person named; the error is kubectl's.
  Task<Result<ApiResource>> resource(std::string argument);
  Task<Result<ApiResource>> resource_of_kind(std::string api_version, std::string kind);

 private:
  Result<Client*> client();
  Task<Result<void>> fetch_discovery(bool quietly = false);
  Task<void> report_discovery_failure(std::string message);
  std::string cache_path();

  Process& process_;
  TransportFactory transport_factory_;
  Flags flags_;
  std::string path_ = "kubectl";
  std::optional<Kubeconfig> kubeconfig_;
  std::optional<ResolvedConfig> config_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Client> client_;
  std::optional<Discovery> discovery_;
  bool discovery_is_fresh_ = false;
  std::set<std::string> warned_;
  std::vector<Status> errors_;
};

}  // namespace drydock::kubectl
