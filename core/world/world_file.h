// World files (scenarios/*.yaml): what a session starts from.
//
//   apiVersion: drydock.dev/v1
//   kind: World
//   seed: 1
//   version: v1.36.3
//   nodes: 2
//   images:                      # optional: images of one's own, see scenarios/IMAGES.md
//   - {name: shop/api, http: {routes: [{path: /, body: hello}]}}
//   steps:                       # typed at the nodes' terminals, in order
//   - node1$ kubeadm init
//   - run: kubectl wait --for=condition=Ready node --all
//     on: node1
//     expect: condition met      # optional text its output must contain
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/base/result.h"
#include "core/world/world.h"

namespace drydock {

// Errors name the field and, where it helps, the step that failed and what it printed.
Result<std::unique_ptr<World>> make_world(std::string_view yaml, std::optional<std::uint64_t> seed);
// Two empty hosts, node1 and node2: what a console starts with.
std::unique_ptr<World> make_default_world(std::uint64_t seed);

}  // namespace drydock
