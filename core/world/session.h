// Session: a World behind JSON commands, paced against real time: what the page's
// worker and other front ends talk to.
//
// Commands ({"type": …}; answers are objects, with "error" when refused):
//   addNode -> {"node"}            deleteNode {"node"}
//   openTerminal {"node","columns","rows"} -> {"terminal"}
//   closeTerminal {"terminal"}     input {"terminal","data"}
//   resize {"terminal","columns","rows"}
//   writeFile {"node","path","content"}     readFile {"node","path"} -> {"content"}
//   defineImage {"yaml"} -> {"name"}
//   clock {"mode"}                 step
//   recording -> {"recording"}     stateHash -> {"hash"}
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/machinery/value.h"
#include "core/world/feed.h"
#include "core/world/pacer.h"
#include "core/world/world.h"

namespace drydock {

// The input that a command of the list's first six lines means, not yet stamped.
Input input_of(const Value& command);
// [{"name","address","memoryBytes","memoryUsed","cpus","role","version","state"}]
Value nodes_document(const std::vector<feed::Host>& hosts);

class Session {
 public:
  // `real_now` gives monotonic real time, for work budgets only: it never reaches the world.
  Session(WorldOptions options, std::function<Duration()> real_now);
  ~Session();

  World& world() { return *world_; }
  // Replaces the world by the end of a recording. Answers the terminals that are open
  // there, {"terminals":[{"terminal","node","columns","rows"}]}; what they printed comes
  // with the next drain().
  Result<Value> replay(std::string_view recording_json);
  Value command(const Value& command);
  // Moves on by `elapsed` of real time, within a frame's budget of work. Returns the
  // real time until there is more to do.
  Duration advance(Duration elapsed);

  // What came out since the last call, or null when nothing did:
  // {"terminals":[{"terminal","data"}],"closed":[…],"nodes":[…],"clock":{…}}.
  Value drain();
  // The view's deltas since the last call.
  std::string take_feed();

 private:
  void attach();
  void collect(TerminalId terminal, std::string_view bytes);
  Value clock_document() const;

  std::function<Duration()> real_now_;
  std::unique_ptr<World> world_;
  Pacer pacer_;
  std::vector<std::pair<TerminalId, std::string>> output_;
  std::vector<TerminalId> closed_;
  Value last_nodes_;
  Value last_clock_;
};

}  // namespace drydock
