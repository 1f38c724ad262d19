// The seeds that every run goes through. DRYDOCK_SIMULATOR_SEED=N runs one seed
// and tells its story; DRYDOCK_SIMULATOR_SEEDS=FIRST-LAST looks for new trouble.
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>

#include "core/base/strings.h"
#include "tests/simulator/simulation.h"

using namespace drydock;
using simulator::Simulation;

namespace {

constexpr std::uint64_t kSeeds[] = {1, 2, 3, 4, 5, 6, 8, 9, 10, 12};
constexpr Duration kChaos = std::chrono::minutes(5);
constexpr Duration kPatience = std::chrono::minutes(15);

// The state hash at the end; complaints fail the test.
std::string simulate(std::uint64_t seed, bool tell) {
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  Simulation simulation(seed);
  if (simulation.boot()) {
    simulation.chaos(kChaos);
    simulation.heal_and_converge(kPatience);
  }
  const auto& complaints = simulation.complaints();
  if (tell || !complaints.empty()) std::fputs(simulation.log().c_str(), stdout);
  for (const std::string& complaint : complaints) FAIL_CHECK("seed " << seed << ": " << complaint);
  std::fflush(stdout);
  return complaints.empty() ? simulation.world().state_hash() : "";
}

}  // namespace

TEST_CASE("clusters converge after faults") {
  if (const char* one = std::getenv("DRYDOCK_SIMULATOR_SEED")) {
    (void)simulate(static_cast<std::uint64_t>(parse_int(one).value_or(1)), true);
    return;
  }
  if (const char* range = std::getenv("DRYDOCK_SIMULATOR_SEEDS")) {
    const auto ends = split(range, '-');
    for (std::int64_t seed = parse_int(ends[0]).value_or(1); seed <= parse_int(ends.back()).value_or(1); ++seed)
      (void)simulate(static_cast<std::uint64_t>(seed), false);
    return;
  }
  for (std::uint64_t seed : kSeeds) (void)simulate(seed, false);
}

TEST_CASE("the same seed gives the same history") {
  if (std::getenv("DRYDOCK_SIMULATOR_SEED") != nullptr || std::getenv("DRYDOCK_SIMULATOR_SEEDS") != nullptr) return;
  CHECK(simulate(11, false) == simulate(11, false));
}
