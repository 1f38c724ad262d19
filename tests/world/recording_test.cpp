// Inputs, the log of them, and the hash by which two worlds are told apart.
#include <doctest/doctest.h>

#include "core/machinery/json.h"
#include "core/world/console.h"
#include "core/world/world.h"

using namespace drydock;

namespace {

Input input_of(const std::string& kind, const std::string& node = "") {
  Input input;
  input.kind = kind;
  input.node = node;
  return input;
}

// Types `command` at node1 and lets it end.
void run(World& world, const std::string& command) {
  Console console(world, {}, [](std::string_view) {});
  REQUIRE(console.line("node1$ " + command).ok());
  console.finish();
}

}  // namespace

TEST_CASE("inputs as documents") {
  Input input = input_of("writeFile", "node1");
  input.path = "/root/a";
  input.text = "x\ny";
  input.step = 7;
  input.time = TimePoint(milliseconds(1767225600123));
  const auto back = Input::from_document(input.to_document());
  REQUIRE(back.ok());
  CHECK(back->kind == "writeFile");
  CHECK(back->node == "node1");
  CHECK(back->path == "/root/a");
  CHECK(back->text == "x\ny");
  CHECK(back->step == 7);
  CHECK(back->time == input.time);
  CHECK_FALSE(Input::from_document(*parse_json("{\"kind\":\"nonsense\"}")).ok());
  CHECK_FALSE(Input::from_document(*parse_json("[]")).ok());
}

TEST_CASE("what is refused leaves no trace in the log") {
  World world({.seed = 3});
  REQUIRE(world.apply(input_of("addNode")).ok());
  const std::string before = dump_json(world.recording()["inputs"]);
  CHECK_FALSE(world.apply(input_of("deleteNode", "node9")).ok());
  CHECK_FALSE(world.apply(input_of("openTerminal", "node9")).ok());
  CHECK_FALSE(world.apply(input_of("nonsense")).ok());
  CHECK(dump_json(world.recording()["inputs"]) == before);
}

TEST_CASE("a recording replays to the same hash; any difference shows in it") {
  World world({.seed = 5});
  REQUIRE(world.apply(input_of("addNode")).ok());
  run(world, "echo hello > /root/a; sleep 2; date");
  const std::string hash = world.state_hash();
  const auto again = World::replay(world.recording());
  REQUIRE(again.ok());
  CHECK((*again)->state_hash() == hash);
  CHECK((*again)->now() == world.now());
  CHECK((*again)->host("node1")->files().read_file("/root/a").value_or("") == "hello\n");

  World other({.seed = 5});
  REQUIRE(other.apply(input_of("addNode")).ok());
  run(other, "echo hallo > /root/a; sleep 2; date");
  CHECK(other.state_hash() != hash);
  World seeded({.seed = 6});
  REQUIRE(seeded.apply(input_of("addNode")).ok());
  run(seeded, "echo hello > /root/a; sleep 2; date");
  CHECK(seeded.state_hash() != hash);
  CHECK_FALSE(World::replay(*parse_json("{}")).ok());
}
