// The steps of kubeadm that touch the host or the cluster. Each prints what the
// real phase prints and returns the error text that ends the command.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/task.h"
#include "core/client/client.h"
#include "core/pki/pki.h"
#include "core/programs/kubeadm/configuration.h"

namespace drydock {
class Process;
}

namespace drydock::kubeadm {

// A kubeadm command at work on one host.
class Session {
 public:
  explicit Session(Process& process);
  ~Session();
  Process& process() { return process_; }
  Transport& transport() { return *transport_; }
  Task<void> say(std::string line);  // one line on standard output

  // --- host ---
  Task<Result<void>> run_preflight(std::vector<PreflightError> errors, const std::vector<std::string>& ignored);
  Task<Result<void>> pull_images(const std::vector<std::string>& images);
  Result<void> write(const std::string& path, std::string content, std::uint32_t mode = 0600);
  Result<std::string> read(const std::string& path);
  Task<Result<void>> start_kubelet(const Value& configuration, const std::string& flags);

  // --- API ---
  Client client(const Endpoint& endpoint);
  // Repeats `check` every 500 ms until it holds; the error names what was waited for.
  Task<Result<Duration>> wait_for(std::function<Task<bool>()> check, Duration timeout);
  // GET over the host's network: true when the answer is 200.
  Task<bool> healthy(Endpoint endpoint, std::string path);
  Task<Result<void>> apply(Client& client, Value object);

 private:
  Process& process_;
  std::unique_ptr<Transport> transport_;
};

std::vector<PreflightError> init_preflight(Process& process, const InitConfiguration& configuration);
std::vector<PreflightError> join_preflight(Process& process, const JoinConfiguration& configuration);

// Writes every key and certificate that is not there yet.
Task<Result<void>> phase_certs(Session& session, const InitConfiguration& configuration);
Task<Result<void>> phase_kubeconfig(Session& session, const InitConfiguration& configuration);
Task<Result<void>> phase_manifests(Session& session, const InitConfiguration& configuration);

// A bootstrap token's Secret in kube-system.
Value token_secret(const std::string& token, TimePoint expires, bool never, const std::string& description,
                   const std::vector<std::string>& usages, const std::vector<std::string>& groups);
// "sha256:…" of the certificate's public key.
Result<std::string> ca_hash(std::string_view ca_pem);
Result<ResourceRef> resource_of(const Value& object);

Task<int> run_init(Process& process, std::vector<std::string> arguments);
Task<int> run_join(Process& process, std::vector<std::string> arguments);
Task<int> run_reset(Process& process, std::vector<std::string> arguments);
Task<int> run_token(Process& process, std::vector<std::string> arguments);
Task<int> run_config(Process& process, std::vector<std::string> arguments);
Task<int> run_version(Process& process, std::vector<std::string> arguments);
Task<int> run_certs(Process& process, std::vector<std::string> arguments);

// Prints "error: …" as kubeadm does for a failed phase or bad flags; returns its exit code.
Task<int> fail_phase(Process& process, std::string phase, std::string text);
Task<int> fail_usage(Process& process, std::string command, std::string text);

}  // namespace drydock::kubeadm
