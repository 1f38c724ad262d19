// drydock console and drydock replay: virtual worlds, headless.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/world/console.h"
#include "core/world/world.h"
#include "core/world/world_file.h"
#include "server/commands.h"
#include "server/flags.h"

namespace drydock::server {
namespace {

constexpr const char* kConsoleUsage =
    "Usage: drydock console [FLAGS] < LINES\n"
    "\n"
    "Reads lines \"node1$ COMMAND\" from standard input, runs each to its end in virtual\n"
    "time and prints what a terminal would show. Other lines are typed as they are.\n"
    "\"node1> ihello<Esc>:wq<Enter>\" presses keys without an Enter of its own, for vi and\n"
    "its like: <Esc> <Enter> <Tab> <Up> <C-x> <A-x> <F1> and so on; <lt> is '<'.\n"
    "\n"
    "Flags:\n"
    "  --world FILE                 start from a world file (scenarios/*.yaml); else two empty hosts\n"
    "  --seed N                     seed of the world (default 1)\n"
    "  --plain                      commands' output alone, no prompts\n"
    "  --file NODE-PATH=LOCAL-PATH  put a local file on node1 first; may be repeated\n"
    "  --state-hash                 print the state hash as the last line\n"
    "  --record FILE                write the session's recording\n";

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

int fail(const std::string& text) {
  std::fprintf(stderr, "drydock: %s\n", text.c_str());
  return 1;
}

// For the end of a command: the world's memory goes with the process. Taking thousands
// of pods apart one by one would only make the user wait.
void leave_standing(std::unique_ptr<World> world) {
  [[maybe_unused]] static World* kept;
  kept = world.release();
}

}  // namespace

std::string kubernetes_version() { return default_version(); }

int console_command(const std::vector<std::string>& arguments) {
  Flags flags;
  if (!flags.parse("console", arguments,
                   {{"--world", true},
                    {"--seed", true},
                    {"--plain"},
                    {"--file", true},
                    {"--state-hash"},
                    {"--record", true},
                    {"--help"}}))
    return 2;
  if (flags.has("--help")) {
    std::fputs(kConsoleUsage, stdout);
    return 0;
  }
  if (!flags.positional().empty()) {
    std::fprintf(stderr, "drydock console: unexpected argument: %s\n", flags.positional()[0].c_str());
    return 2;
  }
  std::optional<std::uint64_t> seed;
  if (flags.has("--seed")) {
    const auto number = parse_int(*flags.get("--seed"));
    if (!number || *number < 0) return fail("--seed: not a number: " + *flags.get("--seed"));
    seed = static_cast<std::uint64_t>(*number);
  }
  std::unique_ptr<World> world;
  if (flags.has("--world")) {
    const std::string path = *flags.get("--world");
    const auto text = read_file(path);
    if (!text) return fail("cannot read world file " + path);
    auto made = make_world(*text, seed);
    if (!made) return fail(path + ": " + made.error().message);
    world = *std::move(made);
  } else {
    world = make_default_world(seed.value_or(1));
  }
  for (const std::string& pair : flags.all("--file")) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) return fail("--file: expected NODE-PATH=LOCAL-PATH, got " + pair);
    const auto content = read_file(pair.substr(equals + 1));
    if (!content) return fail("--file: cannot read " + pair.substr(equals + 1));
    Input input;
    input.kind = "writeFile";
    input.node = "node1";
    input.path = pair.substr(0, equals);
    input.text = *content;
    const auto written = world->apply(std::move(input));
    if (!written) return fail("--file: " + written.error().message);
  }
  ConsoleOptions options;
  options.plain = flags.has("--plain");
  Console console(*world, options, [](std::string_view bytes) {
    std::fwrite(bytes.data(), 1, bytes.size(), stdout);
    std::fflush(stdout);
  });
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto done = console.line(line);
    if (!done) return fail(done.error().message);
  }
  console.finish();
  if (flags.has("--record")) {
    std::ofstream out(*flags.get("--record"), std::ios::binary);
    out << dump_json(world->recording()) << "\n";
    if (!out) return fail("cannot write " + *flags.get("--record"));
  }
  if (flags.has("--state-hash")) std::printf("%s%s\n", console.line_open() ? "\n" : "", world->state_hash().c_str());
  leave_standing(std::move(world));
  return 0;
}

int replay_command(const std::vector<std::string>& arguments) {
  Flags flags;
  if (!flags.parse("replay", arguments, {{"--help"}})) return 2;
  if (flags.has("--help") || flags.positional().size() != 1) {
    std::fputs("Usage: drydock replay RECORDING\n\nRuns a recorded session to its end and prints its state hash.\n",
               flags.has("--help") ? stdout : stderr);
    return flags.has("--help") ? 0 : 2;
  }
  const std::string path = flags.positional()[0];
  const auto text = read_file(path);
  if (!text) return fail("cannot read " + path);
  auto document = parse_json(*text);
  if (!document) return fail(path + ": " + document.error().message);
  auto world = World::replay(*document);
  if (!world) return fail(path + ": " + world.error().message);
  std::printf("%s\n", (*world)->state_hash().c_str());
  leave_standing(*std::move(world));
  return 0;
}

}  // namespace drydock::server
