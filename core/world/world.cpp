#include "core/world/world.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/services.h"
#include "core/machinery/json.h"
#include "core/network/network.h"
#include "core/programs/internet/internet.h"
#include "core/programs/node/node_programs.h"
#include "core/runtime/image_registry.h"
#include "core/world/feed_publisher.h"
#include "core/world/node_setup.h"
#include "core/world/prompt.h"

namespace drydock {
namespace {

constexpr std::string_view kDefaultVersion = "v1.36.3";
constexpr std::size_t kNodeLimit = 5000;
constexpr std::size_t kInputLimit = 1u << 20;  // bytes of one input
// Prompts of programs that we cannot ask (a pod's shell behind kubectl exec) count
// once the terminal has been quiet this long.
constexpr Duration kPromptQuiet = milliseconds(120);
constexpr Duration kRelayQuiet = std::chrono::minutes(2);

constexpr std::string_view kKinds[] = {"addNode", "deleteNode", "openTerminal", "closeTerminal",
                                       "input",   "resize",     "writeFile",    "defineImage"};

}  // namespace

std::string default_version() { return std::string(kDefaultVersion); }

// The last patch release of each minor version.
std::vector<std::string> offered_versions() {
  return {"v1.36.3",  "v1.35.6",  "v1.34.9",  "v1.33.13", "v1.32.13", "v1.31.14", "v1.30.14", "v1.29.15",
          "v1.28.15", "v1.27.16", "v1.26.15", "v1.25.16", "v1.24.17", "v1.23.17", "v1.22.17", "v1.21.14",
          "v1.20.15", "v1.19.16", "v1.18.20", "v1.17.17", "v1.16.15", "v1.15.12", "v1.14.10"};
}

Result<std::string> parse_version(std::string_view text) {
  std::string wanted(text);
  if (!wanted.starts_with('v')) wanted.insert(0, "v");
  const std::vector<std::string> numbers = split(wanted.substr(1), '.');
  const bool whole = std::all_of(numbers.begin(), numbers.end(),
                                 [](const std::string& number) { return parse_int(number).value_or(-1) >= 0; });
  const std::vector<std::string> offered = offered_versions();
  for (const std::string& version : offered) {
    if (!whole || numbers.size() < 2 || numbers.size() > 3) break;
    const std::string minor = version.substr(0, version.rfind('.'));
    if (wanted == minor) return version;
    if (wanted.starts_with(minor + ".")) return wanted;
  }
  return Status::plain(go_quote(text) + " is no version that is offered: " + join(offered, ", "));
}

Value Input::to_document() const {
  Value document = Value::object({{"kind", kind}, {"step", step}, {"time", time.time_since_epoch().count()}});
  if (!node.empty()) document.set("node", node);
  if (!path.empty()) document.set("path", path);
  if (!text.empty()) document.set("text", text);
  if (terminal != 0) document.set("terminal", terminal);
  if (kind == "openTerminal" || kind == "resize") {
    document.set("columns", columns);
    document.set("rows", rows);
  }
  return document;
}

Result<Input> Input::from_document(const Value& document) {
  Input input;
  input.kind = document["kind"].str();
  if (std::find(std::begin(kKinds), std::end(kKinds), input.kind) == std::end(kKinds))
    return Status::plain("unknown input kind \"" + input.kind + "\"");
  input.node = document["node"].str();
  input.path = document["path"].str();
  input.text = document["text"].str();
  input.terminal = static_cast<TerminalId>(document["terminal"].as_int());
  input.columns = static_cast<int>(document["columns"].as_int(80));
  input.rows = static_cast<int>(document["rows"].as_int(24));
  input.step = static_cast<std::uint64_t>(document["step"].as_int());
  input.time = TimePoint(Duration(document["time"].as_int()));
  return input;
}

World::World(WorldOptions options)
    : options_(std::move(options)),
      clock_(options_.start),
      loop_(clock_),
      prng_(options_.seed),
      on_nodes_(std::make_unique<ProgramRegistry>()) {
  if (options_.version.empty()) options_.version = kDefaultVersion;
  register_all_programs(programs_, *on_nodes_);
  network_ = std::make_unique<Network>(loop_, prng_.split("network"));
  images_ = std::make_unique<ImageRegistry>(loop_, prng_.split("images"));
  internet_ = std::make_unique<Internet>(*network_);
  feed_ = std::make_unique<FeedPublisher>(*this);
}

World::~World() {
  feed_.reset();
  terminals_.clear();
  hosts_.clear();  // processes go before the network they use
  internet_.reset();
  images_.reset();
  network_.reset();
}

Host* World::host(std::string_view name) {
  const auto at = hosts_.find(std::string(name));
  return at == hosts_.end() ? nullptr : at->second.get();
}

Result<Value> World::add_node() {
  if (hosts_.size() >= kNodeLimit)
    return Status::plain("a session holds at most " + std::to_string(kNodeLimit) + " nodes");
  HostOptions machine;
  machine.name = "node" + std::to_string(next_node_++);
  const Ipv4 address = network_->next_host_address();
  machine.address = address.text();
  std::shared_ptr<NetNamespace> stack = network_->attach_host(machine.name, address);
  const std::string name = machine.name;
  auto host = std::make_unique<Host>(loop_, prng_.split(name), programs_, std::move(machine), std::move(stack));
  set_up_node(*host, *on_nodes_, options_.version);
  install_container_runtime(*host, *images_);
  host->services().start_enabled();
  hosts_.emplace(name, std::move(host));
  return Value::object({{"node", name}});
}

Result<Value> World::delete_node(const std::string& name) {
  const auto at = hosts_.find(name);
  if (at == hosts_.end()) return Status::plain("no node named \"" + name + "\"");
  for (auto& [id, terminal] : terminals_) {
    if (terminal.node != name || terminal.ended) continue;
    terminal.ended = true;
    if (ended_) ended_(id);
  }
  std::erase_if(terminals_, [&](const auto& entry) { return entry.second.node == name; });
  hosts_.erase(at);
  return Value::object();
}

Result<Value> World::open_terminal(const Input& input) {
  Host* machine = host(input.node);
  if (machine == nullptr) return Status::plain("no node named \"" + input.node + "\"");
  const TerminalId id = next_terminal_++;
  Terminal terminal;
  terminal.node = input.node;
  terminal.tty = machine->make_tty([this, id](std::string_view bytes) {
    if (output_) output_(id, bytes);
  });
  terminal.tty->resize(input.columns, input.rows);
  if (id == 1 || std::none_of(terminals_.begin(), terminals_.end(),
                              [&](const auto& entry) { return entry.second.node == input.node; })) {
    terminal.tty->write(machine->files().read_file("/etc/motd").value_or(""));
  }
  SpawnOptions login;
  login.argv = {"bash", "--login"};
  login.environment =
      Environment{{"HOME", "/root"},      {"HOSTNAME", machine->name()},
                  {"LOGNAME", "root"},    {"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
                  {"SHELL", "/bin/bash"}, {"TERM", "xterm-256color"},
                  {"USER", "root"}};
  login.cwd = "/root";
  login.new_session = true;
  login.controlling_tty = terminal.tty;
  const OpenFilePtr file = terminal.tty->open();
  login.files = {{0, file}, {1, file}, {2, file}};
  auto pid = machine->start(std::move(login));
  if (!pid) return Status::plain("bash: " + std::string(errno_text(pid.error())));
  terminal.shell = *pid;
  machine->on_exit(*pid, [this, id](ExitStatus) {
    const auto at = terminals_.find(id);
    if (at == terminals_.end() || at->second.ended) return;
    at->second.ended = true;
    if (ended_) ended_(id);
  });
  terminals_.emplace(id, std::move(terminal));
  return Value::object({{"terminal", id}});
}

Result<Value> World::perform(const Input& input) {
  if (input.text.size() > kInputLimit)
    return Status::plain("input is too large: " + std::to_string(input.text.size()) + " bytes, at most " +
                         std::to_string(kInputLimit));
  if (input.kind == "addNode") return add_node();
  if (input.kind == "deleteNode") return delete_node(input.node);
  if (input.kind == "openTerminal") return open_terminal(input);
  if (input.kind == "defineImage") {
    DRYDOCK_TRY(std::string name, images_->define(input.text));
    return Value::object({{"name", name}});
  }
  if (input.kind == "writeFile") {
    Host* machine = host(input.node);
    if (machine == nullptr) return Status::plain("no node named \"" + input.node + "\"");
    const std::string path = join_path("/root", input.path);
    auto made = machine->files().make_directories(directory_name(path), now());
    auto written = made ? machine->files().write_file(path, input.text, now()) : made;
    if (!written) return Status::plain(path + ": " + std::string(errno_text(written.error())));
    return Value::object();
  }
  const auto at = terminals_.find(input.terminal);
  if (at == terminals_.end()) return Status::plain("no terminal " + std::to_string(input.terminal));
  if (input.kind == "input") {
    at->second.tty->input(input.text);
  } else if (input.kind == "resize") {
    at->second.tty->resize(input.columns, input.rows);
  } else if (input.kind == "closeTerminal") {
    at->second.tty->hang_up();
    if (Host* machine = host(at->second.node)) (void)machine->signal(at->second.shell, kSigHup);
    at->second.ended = true;
  } else {
    return Status::plain("unknown input kind \"" + input.kind + "\"");
  }
  return Value::object();
}

Result<Value> World::apply(Input input) {
  input.step = loop_.steps();
  input.time = now();
  Result<Value> answer = perform(input);
  if (answer) log_.push_back(std::move(input));
  return answer;
}

bool World::advance(TimePoint until, std::uint64_t budget) {
  for (std::uint64_t run = 0; loop_.next_due() <= until; ++run) {
    if (run >= budget) return false;
    loop_.run_one(until);
  }
  if (until != TimePoint::max()) clock_.wait_until(until);
  return true;
}

Value World::recording() const {
  Value inputs = Value::array();
  for (const Input& input : log_) inputs.push_back(input.to_document());
  return Value::object({
      {"drydock", 1},
      {"seed", static_cast<std::int64_t>(options_.seed)},
      {"start", options_.start.time_since_epoch().count()},
      {"version", options_.version},
      {"inputs", inputs},
      {"end", Value::object({{"step", loop_.steps()}, {"time", now().time_since_epoch().count()}})},
  });
}

Result<std::unique_ptr<World>> World::replay(const Value& recording, Output output) {
  if (recording["drydock"].as_int() != 1) return Status::plain("not a recording of a Drydock session");
  WorldOptions options;
  options.seed = static_cast<std::uint64_t>(recording["seed"].as_int());
  options.start = TimePoint(Duration(recording["start"].as_int()));
  options.version = recording["version"].str();
  auto world = std::make_unique<World>(std::move(options));
  world->set_output(std::move(output));
  // Runs to the exact moment: so many callbacks, then the clock.
  auto run_to = [&](std::uint64_t step, TimePoint time) -> Result<void> {
    while (world->loop_.steps() < step) {
      if (!world->loop_.run_one())
        return Status::plain("the recording does not fit: nothing left to run at step " +
                             std::to_string(world->loop_.steps()));
    }
    if (world->now() > time)
      return Status::plain("the recording does not fit: the clock is past step " + std::to_string(step));
    world->clock_.wait_until(time);
    return {};
  };
  std::size_t number = 0;
  for (const Value& document : recording["inputs"].items()) {
    const std::string where = "inputs[" + std::to_string(number++) + "]: ";
    auto input = Input::from_document(document);
    if (!input) return Status::plain(where + input.error().message);
    const auto there = run_to(input->step, input->time);
    if (!there) return Status::plain(where + there.error().message);
    const auto applied = world->apply(*std::move(input));
    if (!applied) return Status::plain(where + applied.error().message);
  }
  const Value& end = recording["end"];
  DRYDOCK_TRY_VOID(run_to(static_cast<std::uint64_t>(end["step"].as_int()), TimePoint(Duration(end["time"].as_int()))));
  return world;
}

std::string World::state_hash() const {
  Hash64 hash;
  hash.add(options_.seed);
  hash.add(options_.version);
  hash.add(now().time_since_epoch().count());
  hash.add(loop_.steps());
  network_->hash(hash);
  for (const auto& [name, host] : hosts_) {
    host->hash(hash);
    host->network().hash(hash);
  }
  for (const auto& [id, terminal] : terminals_) {
    hash.add(id);
    hash.add(terminal.tty->output_tail());
  }
  return format("%016llx", static_cast<unsigned long long>(hash.value()));
}

bool World::waiting_for_person(TerminalId id) const {
  const auto at = terminals_.find(id);
  if (at == terminals_.end() || at->second.ended) return true;
  const Tty& tty = *at->second.tty;
  // Input that the shell has not read yet is no prompt any more.
  if (tty.prompting()) return tty.reader_waiting();
  if (!tty.reader_waiting()) return false;
  if (!tty.relaying()) return true;
  // What runs far away may wait for input without a prompt (cat): then only time tells.
  const Duration quiet = now() - tty.last_output();
  return quiet >= kRelayQuiet || (quiet >= kPromptQuiet && ends_with_prompt(tty.output_tail()));
}

bool World::command_working() const {
  return std::any_of(terminals_.begin(), terminals_.end(), [this](const auto& entry) {
    const Terminal& terminal = entry.second;
    return !terminal.ended && !terminal.tty->following() && !waiting_for_person(entry.first);
  });
}

}  // namespace drydock
