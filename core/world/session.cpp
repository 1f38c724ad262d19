#include "core/world/session.h"

#include <algorithm>

#include "core/machinery/json.h"
#include "core/world/feed_publisher.h"

namespace drydock {
namespace {

// Work per call of advance(): long enough to be fast, short enough for typing.
constexpr Duration kFrameBudget = milliseconds(12);
constexpr std::uint64_t kStepsBetweenLooks = 256;
// While auto runs fast: in a quiet world many steps are minutes.
constexpr std::uint64_t kStepsBetweenCommandLooks = 1;

Value refusal(std::string_view message) { return Value::object({{"error", message}}); }

}  // namespace

Input input_of(const Value& command) {
  Input input;
  input.kind = command["type"].str();
  input.node = command["node"].str();
  input.path = command["path"].str();
  input.terminal = static_cast<TerminalId>(command["terminal"].as_int());
  input.columns = static_cast<int>(command["columns"].as_int(80));
  input.rows = static_cast<int>(command["rows"].as_int(24));
  input.text = input.kind == "input"       ? command["data"].str()
               : input.kind == "writeFile" ? command["content"].str()
                                           : command["yaml"].str();
  return input;
}

Value nodes_document(const std::vector<feed::Host>& hosts) {
  Value nodes = Value::array();
  for (const feed::Host& host : hosts) {
    const char* state = host.state == feed::HostState::kNoCluster  ? ""
                        : host.state == feed::HostState::kNotReady ? "NotReady"
                                                                   : "Ready";
    nodes.push_back(Value::object({
        {"name", host.name},
        {"address", host.address},
        {"memoryBytes", host.memory_bytes},
        {"memoryUsed", host.memory_used},
        {"cpus", host.cpus},
        {"role", host.role},
        {"version", host.version},
        {"state", state},
    }));
  }
  return nodes;
}

Session::Session(WorldOptions options, std::function<Duration()> real_now)
    : real_now_(std::move(real_now)), world_(std::make_unique<World>(std::move(options))) {
  attach();
}

Session::~Session() = default;

void Session::attach() {
  world_->set_output([this](TerminalId terminal, std::string_view bytes) { collect(terminal, bytes); });
  world_->set_terminal_ended([this](TerminalId terminal) { closed_.push_back(terminal); });
  last_nodes_ = Value();
}

void Session::collect(TerminalId terminal, std::string_view bytes) {
  if (!output_.empty() && output_.back().first == terminal)
    output_.back().second += bytes;
  else
    output_.emplace_back(terminal, bytes);
}

Result<Value> Session::replay(std::string_view recording_json) {
  DRYDOCK_TRY(Value recording, parse_json(recording_json));
  output_.clear();
  closed_.clear();
  DRYDOCK_TRY(world_, World::replay(recording,
                                    [this](TerminalId terminal, std::string_view bytes) { collect(terminal, bytes); }));
  attach();
  Value terminals = Value::array();
  for (const auto& [id, terminal] : world_->terminals()) {
    if (terminal.ended) continue;
    terminals.push_back(Value::object({{"terminal", id},
                                       {"node", terminal.node},
                                       {"columns", terminal.tty->columns()},
                                       {"rows", terminal.tty->rows()}}));
  }
  std::erase_if(output_, [this](const auto& printed) { return world_->terminals().at(printed.first).ended; });
  return Value::object({{"terminals", terminals}});
}

Value Session::command(const Value& command) {
  const std::string type = command["type"].str();
  if (type == "clock") {
    PaceMode mode{};
    if (!parse_pace(command["mode"].as_string(), mode))
      return refusal("unknown clock mode \"" + command["mode"].str() + "\"");
    pacer_.set_mode(mode);
    return Value::object();
  }
  if (type == "step") {
    world_->step();
    return Value::object();
  }
  if (type == "recording") return Value::object({{"recording", dump_json(world_->recording())}});
  if (type == "stateHash") return Value::object({{"hash", world_->state_hash()}});
  if (type == "readFile") {
    Host* host = world_->host(command["node"].as_string());
    if (host == nullptr) return refusal("no node \"" + command["node"].str() + "\"");
    auto content = host->files().read_file(command["path"].as_string());
    if (!content) return refusal(errno_text(content.error()));
    return Value::object({{"content", *content}});
  }
  Result<Value> answer = world_->apply(input_of(command));
  if (!answer) return refusal(answer.error().message);
  return *std::move(answer);
}

Duration Session::advance(Duration elapsed) {
  const bool working = world_->command_working();
  const Duration ahead = pacer_.advance(elapsed, working);
  const TimePoint target = ahead == Duration::max() ? TimePoint::max() : world_->now() + ahead;
  if (pacer_.mode() == PaceMode::kPause) return milliseconds(100);
  const Duration begun = real_now_();
  const bool watching = working && pacer_.mode() == PaceMode::kAuto;
  const std::uint64_t steps = watching ? kStepsBetweenCommandLooks : kStepsBetweenLooks;
  for (;;) {
    // Never run past the moment a command ends: the person takes over there, at real pace.
    if (world_->next_due() > target) {
      if (target != TimePoint::max()) world_->advance(target, 0);
      break;
    }
    const TimePoint until = watching || target == TimePoint::max() ? world_->next_due() : target;
    const bool there = world_->advance(until, steps);
    if (watching && !world_->command_working()) return Duration{0};
    if (there && until == target && target != TimePoint::max()) break;
    if (real_now_() - begun > kFrameBudget) return Duration{0};
  }
  if (world_->next_due() == TimePoint::max()) return milliseconds(100);
  const double rate = std::max(0.1, pacer_.rate());
  return Duration(static_cast<Duration::rep>(static_cast<double>((world_->next_due() - world_->now()).count()) / rate));
}

Value Session::clock_document() const {
  return Value::object({
      {"now", std::chrono::duration_cast<milliseconds>(world_->now().time_since_epoch()).count() / 100 * 100},
      {"mode", pace_name(pacer_.mode())},
      {"rate", pacer_.rate()},
      {"working", world_->command_working()},
  });
}

Value Session::drain() {
  Value clock = clock_document();
  Value nodes = nodes_document(world_->feed().hosts());
  const bool same_nodes = nodes == last_nodes_;
  if (output_.empty() && closed_.empty() && same_nodes && clock == last_clock_) return {};
  Value terminals = Value::array();
  for (auto& [terminal, data] : output_) terminals.push_back(Value::object({{"terminal", terminal}, {"data", data}}));
  Value closed = Value::array();
  for (TerminalId terminal : closed_) closed.push_back(terminal);
  output_.clear();
  closed_.clear();
  Value document = Value::object({{"terminals", terminals}, {"closed", closed}, {"clock", clock}});
  if (!same_nodes) document.set("nodes", nodes);
  last_nodes_ = std::move(nodes);
  last_clock_ = std::move(clock);
  return document;
}

std::string Session::take_feed() {
  feed::Clock clock;
  clock.now_ns = world_->now().time_since_epoch().count();
  clock.mode = static_cast<feed::ClockMode>(pacer_.mode());
  clock.rate = pacer_.rate();
  return world_->feed().take(clock);
}

}  // namespace drydock
