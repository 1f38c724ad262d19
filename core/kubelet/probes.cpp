// Startup, liveness and readiness probes.
// https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-probes
#include <algorithm>

#include "core/base/strings.h"
#include "core/kubelet/kubelet.h"

namespace drydock {
namespace {

// A port of a probe: a number or the name of a container port.
std::uint16_t port_of(const Value& port, const Value& container) {
  if (port.is_int()) return static_cast<std::uint16_t>(port.as_int());
  for (const Value& entry : container["ports"].items()) {
    if (entry["name"] == port) return static_cast<std::uint16_t>(entry["containerPort"].as_int());
  }
  return static_cast<std::uint16_t>(parse_int(port.as_string()).value_or(0));
}

const char* title(const std::string& kind) {
  return kind == "livenessProbe" ? "Liveness" : kind == "readinessProbe" ? "Readiness" : "Startup";
}

}  // namespace

void Kubelet::schedule_probes(Worker& worker, const Value& spec, ContainerRecord& record, TimePoint& next) {
  for (const char* kind : {"startupProbe", "livenessProbe", "readinessProbe"}) {
    const Value& probe = spec[kind];
    if (!probe.is_object()) continue;
    const bool startup = std::string_view(kind) == "startupProbe";
    if (startup == record.started) continue;  // startup first, the others after it
    const auto [at, fresh] = record.probes.emplace(kind, ProbeState{});
    ProbeState& state = at->second;
    if (fresh) {
      state.next = loop_.now() + seconds(probe["initialDelaySeconds"].as_int()) + milliseconds(prng_.between(20, 900));
    }
    if (state.running) continue;
    if (state.next <= loop_.now()) {
      state.running = true;
      tasks_.spawn(run_probe(std::string(worker.pod.uid()), spec["name"].str(), kind));
    } else {
      next = std::min(next, state.next);
    }
  }
}

Task<void> Kubelet::run_probe(std::string uid, std::string container, std::string kind) {
  auto at = workers_.find(uid);
  if (at == workers_.end()) co_return;
  Value spec;
  for (const char* list : {"containers", "initContainers"}) {
    for (const Value& each : at->second->pod.spec()[list].items()) {
      if (each["name"].as_string() == container) spec = each;
    }
  }
  const Value probe = spec[kind];
  const std::string id = at->second->containers[container].id;
  const std::string address = at->second->address;
  const Duration timeout = seconds(std::max<std::int64_t>(1, probe["timeoutSeconds"].as_int(1)));
  std::string problem;
  if (probe["exec"].is_object()) {
    std::vector<std::string> command;
    for (const Value& word : probe["exec"]["command"].items()) command.push_back(word.str());
    const auto result = co_await runtime_.exec_sync(id, std::move(command), timeout);
    if (!result)
      problem = result.error().message == "command timed out"
                    ? "command timed out"
                    : "rpc error: code = Unknown desc = " + result.error().message;
    else if (result->exit_code != 0)
      problem = result->output.empty() ? " " : result->output;
  } else if (probe["httpGet"].is_object()) {
    const Value& get = probe["httpGet"];
    std::string host = get["host"].empty() ? address : get["host"].str();
    std::string path = get["path"].str();
    problem = co_await node_.http_probe(std::move(host), port_of(get["port"], spec),
                                        get["scheme"].as_string() == "HTTPS", std::move(path), timeout);
  } else if (probe["tcpSocket"].is_object()) {
    std::string host = probe["tcpSocket"]["host"].empty() ? address : probe["tcpSocket"]["host"].str();
    problem = co_await node_.tcp_probe(std::move(host), port_of(probe["tcpSocket"]["port"], spec), timeout);
  } else if (probe["grpc"].is_object()) {
    problem = co_await node_.tcp_probe(address, static_cast<std::uint16_t>(probe["grpc"]["port"].as_int()), timeout);
  }
  at = workers_.find(uid);
  if (at == workers_.end()) co_return;
  Worker& worker = *at->second;
  ContainerRecord& record = worker.containers[container];
  if (record.id != id || !record.probes.contains(kind)) co_return;  // another container by now
  ProbeState& state = record.probes[kind];
  state.running = false;
  state.next = loop_.now() + seconds(std::max<std::int64_t>(1, probe["periodSeconds"].as_int(10)));
  if (problem.empty()) {
    ++state.successes;
    state.failures = 0;
    if (state.successes >= std::max<std::int64_t>(1, probe["successThreshold"].as_int(1))) {
      if (kind == "startupProbe") {
        record.started = true;
        record.ready = spec["readinessProbe"].is_null();
      }
      if (kind == "readinessProbe") record.ready = true;
    }
  } else {
    ++state.failures;
    state.successes = 0;
    event(worker, container, "Warning", "Unhealthy", std::string(title(kind)) + " probe failed: " + problem);
    if (state.failures >= std::max<std::int64_t>(1, probe["failureThreshold"].as_int(3))) {
      if (kind == "readinessProbe") {
        record.ready = false;
      } else {
        const std::string what = kind == "livenessProbe" ? "liveness" : "startup";
        tasks_.spawn([](Kubelet& self, std::string pod_uid, Value container_spec, std::string why) -> Task<void> {
          const auto found = self.workers_.find(pod_uid);
          if (found == self.workers_.end()) co_return;
          co_await self.kill_container(*found->second, container_spec,
                                       found->second->containers[container_spec["name"].str()], std::move(why));
        }(*this, uid, spec, "Container " + container + " failed " + what + " probe, will be restarted"));
      }
    }
  }
  poke(worker, loop_.now());
}

}  // namespace drydock
