// World: a session: hosts on a network, one clock, one seed. Everything from
// outside enters as an Input, is stamped with the exact moment, and logged: the log
// is the recording, and replaying it gives the same world, bit for bit.
//
//   World world({.seed = 7});
//   world.apply(Input::add_node());
//   world.advance(world.now() + seconds(10), 100000);
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/event_loop.h"
#include "core/base/hash.h"
#include "core/base/prng.h"
#include "core/base/result.h"
#include "core/host/host.h"
#include "core/machinery/value.h"

namespace drydock {

class Network;
class Internet;
class ImageRegistry;
class FeedPublisher;

struct WorldOptions {
  std::uint64_t seed = 1;
  TimePoint start = TimePoint(seconds(1767225600));  // 2026-01-01T00:00:00Z
  std::string version;                               // "v1.36.3"; "" means the default
};

// Terminals are numbered from 1 in the order of opening.
using TerminalId = int;

// Something from outside, with the moment it came in. `kind` and the fields it uses:
//   addNode, deleteNode(node), openTerminal(node, columns, rows), closeTerminal(terminal),
//   input(terminal, text), resize(terminal, columns, rows), writeFile(node, path, text),
//   defineImage(text).
struct Input {
  std::string kind;
  std::string node;
  std::string path;
  std::string text;
  TerminalId terminal = 0;
  int columns = 80;
  int rows = 24;
  // The moment: callbacks run so far, and the clock. Filled in by World::apply.
  std::uint64_t step = 0;
  TimePoint time{};

  Value to_document() const;
  static Result<Input> from_document(const Value& document);
};

class World {
 public:
  explicit World(WorldOptions options);
  ~World();
  World(const World&) = delete;

  const WorldOptions& options() const { return options_; }
  EventLoop& loop() { return loop_; }
  TimePoint now() const { return loop_.now(); }

  // Applies an input now and logs it. The document answers what came of it:
  // {"node": "node1"}, {"terminal": 3}; an error is for the person.
  Result<Value> apply(Input input);

  // Runs what is due until `until`, at most `budget` callbacks. True when it got there.
  bool advance(TimePoint until, std::uint64_t budget);
  // Runs exactly one callback, however far in the future it is.
  bool step() { return loop_.run_one(); }
  TimePoint next_due() const { return loop_.next_due(); }
  // Moves the clock without running anything: for a world that follows real time, whose
  // loop somebody else runs. What is due by then runs late, in its order.
  void follow(TimePoint now) { clock_.wait_until(now); }

  // --- recording and replay ---
  // {"drydock":1,"seed":…,"start":…,"version":…,"inputs":[…],"end":{"step":…,"time":…}}
  Value recording() const;
  // A new world with the recording's seed, its inputs applied at their moments, run to its end.
  // `output` hears what its terminals print on the way.
  using Output = std::function<void(TerminalId, std::string_view)>;
  static Result<std::unique_ptr<World>> replay(const Value& recording, Output output = {});
  // 16 hex digits over everything that can influence the future.
  std::string state_hash() const;

  // --- reading ---
  const std::map<std::string, std::unique_ptr<Host>>& hosts() const { return hosts_; }
  Host* host(std::string_view name);
  struct Terminal {
    std::string node;
    std::shared_ptr<Tty> tty;
    Pid shell = 0;
    bool ended = false;
  };
  const std::map<TerminalId, Terminal>& terminals() const { return terminals_; }
  // The number that the next terminal gets.
  TerminalId next_terminal() const { return next_terminal_; }
  // What terminals print: called as it happens.
  void set_output(Output output) { output_ = std::move(output); }
  void set_terminal_ended(std::function<void(TerminalId)> ended) { ended_ = std::move(ended); }
  // True while the terminal waits for its person: at a prompt, or a program reading from it.
  bool waiting_for_person(TerminalId terminal) const;
  // True while some terminal's foreground command is at work and somebody waits for it.
  bool command_working() const;
  FeedPublisher& feed() { return *feed_; }
  Network& network() { return *network_; }
  Internet& internet() { return *internet_; }
  ImageRegistry& images() { return *images_; }

 private:
  Result<Value> add_node();
  Result<Value> delete_node(const std::string& name);
  Result<Value> open_terminal(const Input& input);
  Result<Value> perform(const Input& input);

  WorldOptions options_;
  VirtualClock clock_;
  EventLoop loop_;
  Prng prng_;
  ProgramRegistry programs_;
  std::unique_ptr<ProgramRegistry> on_nodes_;  // what nodes have installed
  std::unique_ptr<Network> network_;
  std::unique_ptr<ImageRegistry> images_;
  std::unique_ptr<Internet> internet_;
  std::map<std::string, std::unique_ptr<Host>> hosts_;
  std::map<TerminalId, Terminal> terminals_;
  Output output_;
  std::function<void(TerminalId)> ended_;
  std::unique_ptr<FeedPublisher> feed_;
  std::vector<Input> log_;
  int next_node_ = 1;
  TerminalId next_terminal_ = 1;
};

// Versions a session may choose, newest first.
std::vector<std::string> offered_versions();
std::string default_version();
// The version that somebody asks for: "1.30" and "v1.30" are the newest 1.30 offered,
// "1.30.2" is v1.30.2; an error names what is offered.
Result<std::string> parse_version(std::string_view text);

}  // namespace drydock
