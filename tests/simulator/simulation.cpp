#include "tests/simulator/simulation.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/services.h"
#include "core/machinery/timestamp.h"
#include "core/network/network.h"
#include "core/world/world_file.h"

namespace drydock::simulator {
namespace {

constexpr std::size_t kDeploymentLimit = 5;
constexpr std::size_t kFaultLimit = 3;  // at once
constexpr const char* kImages[] = {"nginx:1.25", "nginx:1.27", "httpd:2.4"};
constexpr const char* kControlPlane[] = {"kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler"};
constexpr const char* kManifests = "/etc/kubernetes/manifests/";

}  // namespace

Simulation::Simulation(std::uint64_t seed) : seed_(seed), prng_(seed * 7919 + 1) {}
Simulation::~Simulation() {
  console_.reset();
  world_.reset();
}

void Simulation::note(const std::string& what) { log_ += format_timestamp(world_->now()) + " " + what + "\n"; }

bool Simulation::boot() {
  const auto workers = prng_.between(1, 3);
  flannel_ = prng_.chance(0.4);
  std::string yaml = "apiVersion: drydock.dev/v1\nkind: World\nnodes: " + std::to_string(workers + 1) + "\nsteps:\n";
  auto step = [&](const std::string& node, const std::string& command, const std::string& expect) {
    yaml += "- on: " + node + "\n  run: " + command + "\n";
    if (!expect.empty()) yaml += "  expect: " + expect + "\n";
  };
  const std::string token = "--token abcdef.0123456789abcdef";
  step("node1", "kubeadm init " + token + (flannel_ ? " --pod-network-cidr 10.244.0.0/16" : ""),
       "initialized successfully");
  step("node1", "mkdir -p $HOME/.kube && cp /etc/kubernetes/admin.conf $HOME/.kube/config", "");
  if (flannel_)
    step("node1", "kubectl apply -f https://github.com/flannel-io/flannel/releases/latest/download/kube-flannel.yml",
         "created");
  else
    step("node1", "kubectl apply -n kube-system -f https://cloud.weave.works/k8s/net?k8s-version=1.36", "created");
  for (std::int64_t i = 2; i <= workers + 1; ++i)
    step("node" + std::to_string(i),
         "kubeadm join 10.0.0.2:6443 " + token + " --discovery-token-unsafe-skip-ca-verification",
         "This node has joined the cluster");
  step("node1", "kubectl wait --for=condition=Ready node --all --timeout=5m", "condition met");
  step("node1", "kubectl wait --for=condition=Ready pod --all -A --timeout=5m", "condition met");
  auto made = make_world(yaml, seed_);
  if (!made) {
    complaints_.push_back("the cluster does not come up: " + made.error().message);
    return false;
  }
  world_ = *std::move(made);
  ConsoleOptions options;
  options.plain = true;
  options.command_limit = seconds(40);
  console_ = std::make_unique<Console>(*world_, options, [this](std::string_view bytes) { output_ += bytes; });
  note("a control plane and " + std::to_string(workers) + " workers on " + (flannel_ ? "flannel" : "weave"));
  return true;
}

std::string Simulation::run(const std::string& node, const std::string& command) {
  output_.clear();
  const auto done = console_->line(node + "$ " + command);
  if (!done) complaints_.push_back(command + ": " + done.error().message);
  return output_;
}

void Simulation::pass(Duration time) { world_->advance(world_->now() + time, UINT64_MAX); }

std::string Simulation::any_host() {
  auto at = world_->hosts().begin();
  std::advance(at, static_cast<std::ptrdiff_t>(prng_.below(world_->hosts().size())));
  return at->first;
}

std::string Simulation::any_worker() {
  auto at = world_->hosts().begin();
  std::advance(at, 1 + static_cast<std::ptrdiff_t>(prng_.below(world_->hosts().size() - 1)));
  return at->first;
}

WantedDeployment* Simulation::any_deployment(std::string& name) {
  std::vector<std::string> alive;
  for (const auto& [key, wanted] : deployments_) {
    if (!wanted.deleted && wanted.exists_known) alive.push_back(key);
  }
  if (alive.empty()) return nullptr;
  name = alive[prng_.below(alive.size())];
  return &deployments_[name];
}

void Simulation::chaos(Duration time) {
  const TimePoint end = world_->now() + time;
  while (world_->now() < end) {
    if (prng_.chance(0.6) || faults_.size() >= kFaultLimit)
      work();
    else
      fault();
    pass(milliseconds(prng_.between(200, 12000)));
    repair(false);
  }
}

// One thing a person does. What is acknowledged has to hold afterwards.
void Simulation::work() {
  std::string name;
  const auto dice = prng_.below(100);
  const bool create = deployments_.empty() || (dice < 20 && deployments_.size() < kDeploymentLimit);
  if (create) {
    name = "app" + std::to_string(next_name_++);
    WantedDeployment wanted;
    wanted.replicas = static_cast<int>(prng_.between(1, 5));
    wanted.image = kImages[prng_.below(std::size(kImages))];
    const std::string answer = kubectl("create deployment " + name + " --image=" + wanted.image +
                                       " --replicas=" + std::to_string(wanted.replicas));
    wanted.exists_known = contains(answer, "created");
    if (wanted.exists_known && prng_.chance(0.7))
      wanted.exposed = contains(kubectl("expose deployment " + name + " --port=80"), "exposed");
    deployments_[name] = wanted;
    note("create " + name + ": " + std::string(trim(answer)));
    return;
  }
  if (dice < 30) {
    name = "job" + std::to_string(next_name_++);
    const std::string answer = kubectl("create job " + name + " --image=busybox -- sh -c 'sleep " +
                                       std::to_string(prng_.between(1, 15)) + "'");
    (contains(answer, "created") ? jobs_ : maybe_jobs_).insert(name);
    note("job " + name + ": " + std::string(trim(answer)));
    return;
  }
  WantedDeployment* wanted = any_deployment(name);
  if (wanted == nullptr) return;
  std::string answer;
  if (dice < 50) {
    const int replicas = static_cast<int>(prng_.between(0, 6));
    answer = kubectl("scale deployment " + name + " --replicas=" + std::to_string(replicas));
    wanted->replicas = replicas;
    wanted->replicas_known = contains(answer, "scaled");
  } else if (dice < 65) {
    const std::string image = kImages[prng_.below(std::size(kImages))];
    answer = kubectl("set image deployment/" + name + " '*=" + image + "'");
    // Nothing is printed when the image was the same.
    wanted->image_known =
        contains(answer, "updated") || (answer.empty() && wanted->image_known && wanted->image == image);
    wanted->image = image;
  } else if (dice < 75) {
    answer = kubectl("rollout restart deployment/" + name);
  } else if (dice < 90) {
    answer = kubectl("delete --wait=false $(kubectl get pods -l app=" + name + " -o name | head -n " +
                     std::to_string(prng_.between(1, 2)) + ")");
  } else {
    answer = kubectl("delete deployment " + name);
    wanted->deleted = true;
    wanted->exists_known = contains(answer, "deleted");
  }
  note("work on " + name + " (" + std::to_string(dice) + "): " + std::string(trim(answer)));
}

void Simulation::kill_process(const std::string& node, const std::string& program) {
  Host* host = world_->host(node);
  std::vector<Pid> candidates;
  for (const auto& [pid, process] : host->processes()) {
    const std::string_view name = process->name();
    if (program.empty() ? name != "bash" && name != "kubectl" : name == program) candidates.push_back(pid);
  }
  if (candidates.empty()) return;
  const Pid victim = candidates[prng_.below(candidates.size())];
  note("kill " + std::to_string(victim) + " (" + std::string(host->find(victim)->name()) + ") on " + node);
  (void)host->signal(victim, kSigKill);
}

void Simulation::fault() {
  const TimePoint until = world_->now() + milliseconds(prng_.between(500, 90000));
  const auto dice = prng_.below(100);
  if (dice < 25) {
    kill_process(any_host(), "");
  } else if (dice < 40) {
    kill_process("node1", kControlPlane[prng_.below(std::size(kControlPlane))]);
  } else if (dice < 50) {
    const std::string node = any_host();
    note("restart the kubelet of " + node);
    world_->host(node)->services().restart("kubelet");
  } else if (dice < 58) {
    const std::string node = any_host();
    note("stop the kubelet of " + node);
    world_->host(node)->services().stop("kubelet");
    faults_.push_back({until, "kubelet", node, ""});
  } else if (dice < 63) {
    const std::string node = any_host();
    note("restart containerd of " + node);
    world_->host(node)->services().restart("containerd");
  } else if (dice < 78) {
    const std::string node = prng_.chance(0.3) ? "node1" : any_worker();
    note("cut the link of " + node);
    world_->network().set_host_link(world_->host(node)->network(), false);
    faults_.push_back({until, "link", node, ""});
  } else if (dice < 90) {
    const std::string manifest = std::string(kControlPlane[prng_.below(std::size(kControlPlane))]) + ".yaml";
    note("move away " + manifest);
    run("node1", "mv " + (kManifests + manifest) + " /root/");
    faults_.push_back({until, "manifest", "node1", manifest});
  } else if (dice < 95) {
    note("slow network");
    world_->network().lan().set_added_latency(milliseconds(prng_.between(5, 150)));
    faults_.push_back({until, "latency", "", ""});
  } else if (world_->hosts().size() > 2 && deleted_nodes_.empty()) {
    const std::string node = any_worker();
    note("delete " + node);
    std::erase_if(faults_, [&](const Fault& fault) { return fault.node == node; });
    Input input;
    input.kind = "deleteNode";
    input.node = node;
    (void)world_->apply(std::move(input));
    deleted_nodes_.insert(node);
  }
}

void Simulation::repair(bool all) {
  for (std::size_t i = 0; i < faults_.size();) {
    const Fault fault = faults_[i];
    if (!all && fault.until > world_->now()) {
      ++i;
      continue;
    }
    faults_.erase(faults_.begin() + static_cast<std::ptrdiff_t>(i));
    note("repair " + fault.kind + " " + fault.node + " " + fault.detail);
    if (fault.kind == "kubelet") world_->host(fault.node)->services().start("kubelet");
    if (fault.kind == "link") world_->network().set_host_link(world_->host(fault.node)->network(), true);
    if (fault.kind == "manifest") run("node1", "mv -f /root/" + fault.detail + " " + kManifests);
    if (fault.kind == "latency") world_->network().lan().set_added_latency(Duration{0});
  }
}

void Simulation::heal_and_converge(Duration limit) {
  repair(true);
  note("healed");
  const TimePoint start = world_->now();
  std::vector<std::string> open = {"not looked yet"};
  while (!open.empty() && world_->now() < start + limit) {
    pass(seconds(10));
    for (const std::string& node : deleted_nodes_) {
      if (!stored("minions/" + node).empty()) note("delete node: " + std::string(trim(kubectl("delete node " + node))));
    }
    open = judge();
  }
  if (open.empty()) {
    judge_api(open);
    note("converged after " + std::to_string((world_->now() - start) / seconds(1)) + " s");
  }
  complaints_.insert(complaints_.end(), open.begin(), open.end());
}

}  // namespace drydock::simulator
