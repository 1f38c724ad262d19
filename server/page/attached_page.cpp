#include "server/page/attached_page.h"

#include <vector>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/world/feed_publisher.h"
#include "core/world/session.h"
#include "server/cluster/cluster.h"

namespace drydock::server {
namespace {

constexpr int kCommands = 0;
constexpr int kMessages = 1;
constexpr int kFeed = 2;
constexpr Duration kSlice = milliseconds(16);      // terminal output is gathered this long
constexpr Duration kLook = milliseconds(100);      // the clock's face shows tenths of seconds
constexpr Duration kFeedEvery = milliseconds(50);  // as the worker's picture
// A page that takes no more than this gets no new pictures until it has.
constexpr std::size_t kBacklog = 64;

HttpResponse refused(int status, std::string text) {
  HttpResponse response;
  response.status = status;
  response.headers.set("Content-Type", "text/plain; charset=utf-8");
  response.body.bytes = std::move(text);
  return response;
}

Value refusal(std::string_view message) { return Value::object({{"error", message}}); }

// In time that does not depend on where they differ.
bool same_token(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char different = 0;
  for (std::size_t i = 0; i < a.size(); ++i) different |= static_cast<unsigned char>(a[i] ^ b[i]);
  return different == 0;
}

}  // namespace

// One open page.
struct AttachedPage::Viewer {
  Viewer(World& world, std::shared_ptr<StreamEnd> link)
      : stream(std::move(link)), publisher(world), printed(world.loop()), tasks(world.loop()) {}
  void say(const Value& message) { stream->send({kMessages, dump_json(message), Value()}); }

  std::shared_ptr<StreamEnd> stream;
  FeedPublisher publisher;
  drydock::Event printed;
  std::vector<std::pair<TerminalId, std::string>> output;
  std::vector<TerminalId> closed;
  Value nodes;
  TaskGroup tasks;
};

AttachedPage::AttachedPage(World& world, Cluster& cluster, Store& store, PageFiles files, std::string token)
    : world_(world),
      cluster_(cluster),
      store_(store),
      files_(std::move(files)),
      token_(std::move(token)),
      tasks_(world.loop()) {
  world_.set_output([this](TerminalId terminal, std::string_view bytes) {
    const auto owner = owners_.find(terminal);
    if (owner == owners_.end()) return;
    auto& output = owner->second->output;
    if (!output.empty() && output.back().first == terminal)
      output.back().second += bytes;
    else
      output.emplace_back(terminal, bytes);
    owner->second->printed.notify_all();
  });
  world_.set_terminal_ended([this](TerminalId terminal) {
    const auto owner = owners_.find(terminal);
    if (owner == owners_.end()) return;
    owner->second->closed.push_back(terminal);
    owner->second->printed.notify_all();
    owners_.erase(owner);
  });
}

AttachedPage::~AttachedPage() {
  tasks_.cancel_all();
  world_.set_output({});
  world_.set_terminal_ended({});
}

Task<HttpResponse> AttachedPage::handle(HttpRequest request) {
  if (request.path == "/session") co_return open_session(std::move(request));
  co_return files_.serve(request);
}

HttpResponse AttachedPage::open_session(HttpRequest request) {
  if (!request.upgrade) return refused(426, "this is a WebSocket of the page\n");
  // A page from elsewhere in the same browser may know the port, but is not ours.
  const std::string_view origin = request.headers.get("Origin");
  if (!origin.empty() && origin != "http://" + std::string(request.headers.get("Host")))
    return refused(403, "another site's page may not attach\n");
  if (!same_token(request.query.get("token"), token_))
    return refused(403, "the token is not this server's: open the address that drydock serve printed\n");
  auto viewer = std::make_shared<Viewer>(world_, std::move(request.upgrade));
  tasks_.spawn(run(viewer));
  HttpResponse switched;
  switched.status = 101;
  return switched;
}

// What the page hears, until it goes away.
Task<void> AttachedPage::run(std::shared_ptr<Viewer> viewer) {
  EventLoop& loop = world_.loop();
  viewer->say(Value::object({{"kind", "ready"},
                             {"live", true},
                             {"versions", Value::array()},
                             {"terminals", Value::array()},
                             {"started", world_.options().start.time_since_epoch().count() / 1'000'000}}));
  viewer->tasks.spawn(read_commands(viewer));
  viewer->tasks.spawn(follow_store(viewer));
  TimePoint last_feed{};
  TimePoint last_clock{};
  while (!viewer->stream->peer_closed()) {
    if (viewer->output.empty() && viewer->closed.empty()) (void)co_await viewer->printed.wait_until(loop.now() + kLook);
    co_await loop.sleep(kSlice);
    const bool tick = loop.now() - last_clock >= kLook;
    if (!viewer->output.empty() || !viewer->closed.empty() || tick) {
      Value terminals = Value::array();
      for (auto& [terminal, data] : viewer->output)
        terminals.push_back(Value::object({{"terminal", terminal}, {"data", std::move(data)}}));
      Value closed = Value::array();
      for (TerminalId terminal : viewer->closed) closed.push_back(terminal);
      viewer->output.clear();
      viewer->closed.clear();
      const Value clock =
          Value::object({{"now", std::chrono::duration_cast<milliseconds>(loop.now().time_since_epoch()).count()},
                         {"mode", "1x"},
                         {"rate", 1},
                         {"working", false}});
      Value outputs = Value::object({{"terminals", terminals}, {"closed", closed}, {"clock", clock}});
      // All machines are gone through for it: not for every piece of output.
      if (tick) {
        last_clock = loop.now();
        Value nodes = nodes_document(viewer->publisher.hosts());
        if (nodes != viewer->nodes) outputs.set("nodes", nodes);
        viewer->nodes = std::move(nodes);
      }
      viewer->say(Value::object({{"kind", "outputs"}, {"outputs", outputs}}));
    }
    if (loop.now() - last_feed < kFeedEvery || viewer->stream->backlog() > kBacklog) continue;
    last_feed = loop.now();
    feed::Clock face;
    face.now_ns = loop.now().time_since_epoch().count();
    face.mode = feed::ClockMode::kReal;
    std::string bytes = viewer->publisher.take(face);
    if (!bytes.empty()) viewer->stream->send({kFeed, std::move(bytes), Value()});
  }
  // Its terminals go with the page: nobody else could reach them.
  std::vector<TerminalId> left;
  for (const auto& [terminal, owner] : owners_) {
    if (owner == viewer.get()) left.push_back(terminal);
  }
  for (TerminalId terminal : left) {
    owners_.erase(terminal);
    Input hang_up;
    hang_up.kind = "closeTerminal";
    hang_up.terminal = terminal;
    (void)world_.apply(std::move(hang_up));
  }
  viewer->tasks.cancel_all();
}

Task<void> AttachedPage::read_commands(std::shared_ptr<Viewer> viewer) {
  while (std::optional<StreamMessage> message = co_await viewer->stream->receive()) {
    if (message->channel != kCommands) continue;
    const Result<Value> asked = parse_json(message->bytes);
    if (!asked || (*asked)["kind"].as_string() != "command") continue;
    viewer->say(
        Value::object({{"kind", "answer"}, {"id", (*asked)["id"]}, {"answer", answer(*viewer, (*asked)["command"])}}));
  }
  viewer->printed.notify_all();
}

// What the store holds, then its changes, for the picture. A picture that would stand
// still from then on is worse than none: the page then says that it has lost the cluster.
Task<void> AttachedPage::follow_store(std::shared_ptr<Viewer> viewer) {
  const std::string first = "/registry/";
  RangeRequest all;
  all.key = first;
  all.range_end = prefix_end(first);
  const Result<RangeResult> now = co_await store_.range(all);
  if (!now) {
    viewer->stream->close();
    co_return;
  }
  for (const KeyValue& item : now->items) viewer->publisher.on_change(item.key, item.value, false);
  const Revision next = now->revision + 1;
  auto watch = co_await store_.watch(first, prefix_end(first), next);
  while (watch) {
    const Result<std::vector<StoreEvent>> events = co_await (*watch)->next();
    if (!events) break;
    for (const StoreEvent& event : *events) {
      const bool gone = event.deleted;
      viewer->publisher.on_change(event.item.key, gone && event.previous ? event.previous->value : event.item.value,
                                  gone);
    }
  }
  viewer->stream->close();
}

Value AttachedPage::answer(Viewer& viewer, const Value& command) {
  const std::string type = command["type"].str();
  if (type == "clock" || type == "step") return refusal("the clock of a served cluster is the machine's");
  if (type == "recording" || type == "stateHash" || type == "memory")
    return refusal("a served cluster is not recorded: its state is in its store");
  if (type == "addNode") {
    const Result<std::string> added = cluster_.add_node();
    return added ? Value::object({{"node", *added}}) : refusal(added.error().message);
  }
  if (type == "readFile") {
    Host* host = world_.host(command["node"].as_string());
    if (host == nullptr) return refusal("no node \"" + command["node"].str() + "\"");
    auto content = host->files().read_file(command["path"].as_string());
    if (!content) return refusal(errno_text(content.error()));
    return Value::object({{"content", *content}});
  }
  if (type == "openTerminal") write_kubeconfig(command["node"].str());
  Input input = input_of(command);
  const TerminalId terminal = input.terminal;
  // A terminal belongs to the page that opened it.
  if (terminal != 0 && (!owners_.contains(terminal) || owners_[terminal] != &viewer))
    return refusal("no terminal " + std::to_string(terminal));
  if (type == "openTerminal") {
    // The prompt may be printed before the answer is there: the next number is ours.
    const TerminalId next = world_.next_terminal();
    owners_[next] = &viewer;
    const Result<Value> opened = world_.apply(std::move(input));
    if (opened) return *opened;
    owners_.erase(next);
    return refusal(opened.error().message);
  }
  const Result<Value> done = world_.apply(std::move(input));
  if (type == "closeTerminal") owners_.erase(terminal);
  return done ? *done : refusal(done.error().message);
}

// kubectl in a terminal of the page works at once, as on a machine that an operator has
// set up for himself; nodes that no page looks at hold no such key.
void AttachedPage::write_kubeconfig(const std::string& node) {
  Host* host = world_.host(node);
  const std::string path = "/root/.kube/config";
  if (host == nullptr || host->files().read_file(path)) return;
  const Result<std::string> text = cluster_.admin_kubeconfig();
  if (!text) return;
  (void)host->files().make_directories("/root/.kube", world_.now());
  (void)host->files().write_file(path, *text, world_.now(), 0600);
}

}  // namespace drydock::server
