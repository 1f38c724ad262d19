// Simulation: a seed draws a cluster, a workload and faults; then everything is
// healed and the cluster must converge. In the manner of TigerBeetle's VOPR.
//
// Everything happens in virtual time and is drawn from the seed, so a failure is
// rerun with DRYDOCK_SIMULATOR_SEED=N. The story is told by log().
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/base/prng.h"
#include "core/world/console.h"
#include "core/world/world.h"

namespace drydock::simulator {

// What the cluster must show in the end. Unknown: the write was not acknowledged
// (the API server was away), so both outcomes are right.
struct WantedDeployment {
  int replicas = 0;
  bool replicas_known = true;
  std::string image;
  bool image_known = true;
  bool exposed = false;
  bool exists_known = true;
  bool deleted = false;
};

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed);
  ~Simulation();

  // Boots the cluster. False, with complaints, when even that fails.
  bool boot();
  // Workload and faults for so long.
  void chaos(Duration time);
  // Takes every fault back, then waits until the cluster is as it should be.
  void heal_and_converge(Duration limit);

  const std::vector<std::string>& complaints() const { return complaints_; }
  const std::string& log() const { return log_; }
  World& world() { return *world_; }

 private:
  // --- doing ---
  std::string run(const std::string& node, const std::string& command);
  std::string kubectl(const std::string& arguments) { return run("node1", "kubectl " + arguments); }
  void note(const std::string& what);
  void pass(Duration time);
  void work();
  void fault();
  void repair(bool all);  // faults whose time is over, or all of them
  std::string any_host();
  std::string any_worker();
  WantedDeployment* any_deployment(std::string& name);
  void kill_process(const std::string& node, const std::string& program);

  // --- judging (simulation_judge.cpp) ---
  std::vector<std::string> judge();
  void judge_nodes(std::vector<std::string>& out);
  void judge_workload(std::vector<std::string>& out);
  void judge_pods(std::vector<std::string>& out);
  void judge_services(std::vector<std::string>& out);
  void judge_machines(std::vector<std::string>& out);
  void judge_api(std::vector<std::string>& out);
  std::vector<Value> stored(const std::string& resource);

  struct Fault {
    TimePoint until;
    std::string kind;
    std::string node;
    std::string detail;
  };
  std::uint64_t seed_;
  Prng prng_;
  std::unique_ptr<World> world_;
  std::unique_ptr<Console> console_;
  std::string output_;
  std::string log_;
  std::vector<std::string> complaints_;
  std::map<std::string, WantedDeployment> deployments_;
  std::set<std::string> jobs_;        // created for sure
  std::set<std::string> maybe_jobs_;  // perhaps
  std::vector<Fault> faults_;
  std::set<std::string> deleted_nodes_;
  int next_name_ = 1;
  bool flannel_ = false;
};

}  // namespace drydock::simulator
