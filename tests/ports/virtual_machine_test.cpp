// The virtual clock and the virtual machine's container runtime keep their contracts.
#include <doctest/doctest.h>

#include "core/base/strings.h"
#include "core/base/sync.h"
#include "core/network/net_namespace.h"
#include "core/runtime/virtual_runtime.h"
#include "core/world/world.h"
#include "tests/ports/clock_suite.h"
#include "tests/ports/container_runtime_suite.h"

using namespace drydock;

TEST_CASE("VirtualClock keeps the Clock contract") {
  VirtualClock clock{TimePoint(seconds(1767225600))};
  check_clock_contract({clock, {}});
}

TEST_CASE("VirtualRuntime keeps the ContainerRuntime contract") {
  World world({.seed = 3});
  Input add;
  add.kind = "addNode";
  REQUIRE(world.apply(add).ok());
  Host& host = *world.host("node1");
  int next = 2;
  std::vector<std::string> networks;
  PodNetworking networking;
  networking.not_ready = [] { return std::string(); };
  networking.add = [&](const std::shared_ptr<NetNamespace>&, const SandboxConfig&,
                       const std::string& id) -> Result<std::string> {
    networks.push_back(id);
    return "10.244.0." + std::to_string(next++);
  };
  networking.remove = [&](const std::string& id) { std::erase(networks, id); };
  VirtualRuntime runtime(host, world.images(), networking);

  ContainerRuntimeUnderTest test{.owner = nullptr, .runtime = runtime, .loop = world.loop()};
  test.run = [&](Task<void> task) {
    bool done = false;
    auto body = [](Task<void> inner, bool& out) -> Task<void> {
      co_await inner;
      out = true;
    };
    TaskGroup group(world.loop());
    group.spawn(body(std::move(task), done));
    const TimePoint limit = world.now() + std::chrono::hours(1);
    while (!done && world.loop().run_one(limit)) {
    }
    REQUIRE(done);
  };
  test.write_host_file = [&](const std::string& path, const std::string& text) {
    REQUIRE(host.files().make_directories(directory_name(path), world.now()).ok());
    REQUIRE(host.files().write_file(path, text, world.now()).ok());
  };
  test.read_host_file = [&](const std::string& path) { return host.files().read_file(path).value_or(""); };
  check_container_runtime_contract(test);
  CHECK(networks.empty());  // every address was given back
}
