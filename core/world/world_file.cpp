#include "core/world/world_file.h"

#include "core/base/strings.h"
#include "core/machinery/yaml.h"
#include "core/world/console.h"

namespace drydock {
namespace {

constexpr std::int64_t kNodeLimit = 5000;

Result<void> add_nodes(World& world, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    Input input;
    input.kind = "addNode";
    auto added = world.apply(std::move(input));
    if (!added) return added.error();
  }
  return {};
}

}  // namespace

std::unique_ptr<World> make_default_world(std::uint64_t seed) {
  WorldOptions options;
  options.seed = seed;
  auto world = std::make_unique<World>(std::move(options));
  DRYDOCK_CHECK(add_nodes(*world, 2).ok());
  return world;
}

Result<std::unique_ptr<World>> make_world(std::string_view yaml, std::optional<std::uint64_t> seed) {
  DRYDOCK_TRY(Value document, parse_yaml(yaml));
  if (document["kind"].as_string() != "World") return Status::plain("kind: must be World");
  for (const Value::Member& member : document.members()) {
    const std::string_view key = member.key.view();
    if (key != "apiVersion" && key != "kind" && key != "seed" && key != "version" && key != "nodes" && key != "steps" &&
        key != "description" && key != "images") {
      return Status::plain("unknown field \"" + std::string(key) + "\"");
    }
  }
  WorldOptions options;
  options.seed = seed.value_or(static_cast<std::uint64_t>(document["seed"].as_int(1)));
  if (const Value& version = document["version"]; version.is_number()) {
    return Status::plain("version: must be text: put it in quotes");
  } else if (!version.empty()) {
    auto parsed = parse_version(version.as_string());
    if (!parsed) return Status::plain("version: " + parsed.error().message);
    options.version = *std::move(parsed);
  }
  const Value& nodes = document["nodes"];
  if (!nodes.is_null() && (!nodes.is_int() || nodes.as_int() < 0 || nodes.as_int() > kNodeLimit)) {
    return Status::plain("nodes: must be a number from 0 to " + std::to_string(kNodeLimit));
  }
  auto world = std::make_unique<World>(std::move(options));
  DRYDOCK_TRY_VOID(add_nodes(*world, nodes.as_int(2)));
  if (!document["images"].is_null() && !document["images"].is_array()) return Status::plain("images: must be a list");
  std::size_t image_number = 0;
  for (const Value& image : document["images"].items()) {
    Input input;
    input.kind = "defineImage";
    input.text = dump_yaml(image);
    auto defined = world->apply(std::move(input));
    if (!defined) return Status::plain("images[" + std::to_string(image_number) + "]: " + defined.error().message);
    ++image_number;
  }
  std::string output;
  Console console(*world, ConsoleOptions{.plain = true}, [&output](std::string_view bytes) { output += bytes; });
  std::size_t number = 0;
  for (const Value& step : document["steps"].items()) {
    const std::string where = "steps[" + std::to_string(number++) + "]";
    std::string line = step.is_string() ? step.str() : step["on"].str() + "$ " + step["run"].str();
    if (!step.is_string() && (step["run"].empty() || step["on"].empty()))
      return Status::plain(where + ": needs \"run\" and \"on\"");
    output.clear();
    auto done = console.line(line);
    if (!done) return Status::plain(where + ": " + done.error().message);
    const std::string expected = step["expect"].str();
    if (!expected.empty() && !contains(output, expected)) {
      return Status::plain(where + ": expected \"" + expected + "\" in the output of \"" + line + "\", which was:\n" +
                           output);
    }
  }
  world->set_output(nullptr);
  return world;
}

}  // namespace drydock
