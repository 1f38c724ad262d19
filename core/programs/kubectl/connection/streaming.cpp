#include "core/programs/kubectl/connection/streaming.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/tty.h"
#include "core/machinery/json.h"
#include "core/machinery/timestamp.h"
#include "core/programs/kubectl/describe/describe.h"
#include "core/programs/kubectl/errors.h"

namespace drydock::kubectl {
namespace {

constexpr std::string_view kDefaultContainer = "kubectl.kubernetes.io/default-container";
enum Channel : int { kStdin = 0, kStdout = 1, kStderr = 2, kError = 3, kResize = 4, kClose = 255 };

// The local terminal in raw mode, handed on to the container, for as long as it lives.
class RawTerminal {
 public:
  explicit RawTerminal(std::shared_ptr<Tty> tty) : tty_(std::move(tty)) {
    if (!tty_) return;
    saved_ = tty_->modes();
    Tty::Modes raw = tty_->raw_modes();
    raw.map_newline = false;  // the far terminal does that
    tty_->set_modes(raw);
    tty_->set_relaying(true);
  }
  ~RawTerminal() {
    if (!tty_) return;
    tty_->set_modes(saved_);
    tty_->set_relaying(false);
  }
  RawTerminal(const RawTerminal&) = delete;

 private:
  std::shared_ptr<Tty> tty_;
  Tty::Modes saved_;
};

StreamMessage resize_message(int columns, int rows) {
  StreamMessage message;
  message.channel = kResize;
  message.bytes = "{\"Width\":" + std::to_string(columns) + ",\"Height\":" + std::to_string(rows) + "}";
  message.document = Value::object({{"Height", rows}, {"Width", columns}});
  return message;
}

// Sends what is typed (or piped in), and the terminal's size when it changes.
Task<void> pump_input(Process& process, std::shared_ptr<StreamEnd> stream) {
  while (true) {
    SysResult<std::string> bytes = co_await process.read(0);
    if (!bytes || bytes->empty()) break;
    StreamMessage message;
    message.channel = kStdin;
    message.bytes = *std::move(bytes);
    if (!stream->send(std::move(message))) co_return;
  }
  StreamMessage close;
  close.channel = kClose;
  close.bytes = std::string(1, static_cast<char>(kStdin));
  stream->send(std::move(close));
}

Task<void> pump_resizes(Process& process, std::shared_ptr<Tty> tty, std::shared_ptr<StreamEnd> stream) {
  int columns = 0;
  int rows = 0;
  while (true) {
    if (tty->columns() != columns || tty->rows() != rows) {
      columns = tty->columns();
      rows = tty->rows();
      if (!stream->send(resize_message(columns, rows))) co_return;
    }
    // The window seldom changes; a look now and then is enough.
    Event never(process.loop());
    co_await never.wait_for(milliseconds(250));
  }
}

// How the process ended, from the Status on the error channel.
Result<void> outcome(const Value& status) {
  if (status["status"].as_string() == "Success") return {};
  if (status["reason"].as_string() == "NonZeroExitCode") {
    for (const Value& cause : status["details"]["causes"].items()) {
      if (cause["reason"].as_string() != "ExitCode") continue;
      const std::int64_t code = parse_int(cause["message"].as_string()).value_or(1);
      return exit_code(static_cast<int>(code), "command terminated with exit code " + std::to_string(code));
    }
  }
  return Status::plain(status["message"].empty() ? "unknown error" : status["message"].str());
}

}  // namespace

Task<Result<void>> stream_container(Session& session, std::string path, HttpQuery query, StreamOptions options) {
  Process& process = session.process();
  if (options.stdin_open) query.add("stdin", "true");
  if (!query.has("stdout")) query.add("stdout", "true");
  if (options.tty)
    query.add("tty", "true");
  else
    query.add("stderr", "true");
  auto [mine, theirs] = StreamEnd::make_pair(process.loop());
  HttpRequest request;
  request.path = std::move(path);
  request.query = std::move(query);
  request.headers.add("Connection", "Upgrade");
  request.headers.add("Upgrade", "websocket");
  request.headers.add("Sec-Websocket-Protocol", "v5.channel.k8s.io");
  request.upgrade = std::move(theirs);
  Result<HttpResponse> response = co_await session.send(std::move(request));
  if (!response) {
    if (response.error().is_not_found() || response.error().is("BadRequest") || response.error().is("Forbidden"))
      co_return response.error();
    co_return response.error();
  }
  const std::shared_ptr<StreamEnd> stream = mine;
  std::shared_ptr<Tty> terminal = options.tty ? process.tty_of(0) : nullptr;
  RawTerminal raw(terminal);
  TaskGroup pumps(process.loop());
  if (terminal) pumps.spawn(pump_resizes(process, terminal, stream));
  if (options.has_input) {
    StreamMessage input;
    input.channel = kStdin;
    input.bytes = options.input;
    if (!input.bytes.empty()) stream->send(std::move(input));
    StreamMessage close;
    close.channel = kClose;
    close.bytes = std::string(1, static_cast<char>(kStdin));
    stream->send(std::move(close));
  } else if (options.stdin_open) {
    pumps.spawn(pump_input(process, stream));
  }
  Result<void> result;
  while (true) {
    std::optional<StreamMessage> message = co_await stream->receive();
    if (!message) break;
    if (message->channel == kStdout) {
      if (options.capture)
        options.capture(message->bytes);
      else
        co_await process.out(std::move(message->bytes));
    } else if (message->channel == kStderr) {
      co_await process.err(std::move(message->bytes));
    } else if (message->channel == kError) {
      const Value status =
          message->document.is_null() ? parse_json(message->bytes).value_or(Value()) : message->document;
      result = outcome(status);
    }
  }
  co_return result;
}

Task<Result<std::string>> choose_container(Session& session, Value pod, std::string wanted, bool quiet) {
  std::vector<std::string> names;
  for (const Value& container : pod["spec"]["containers"].items()) names.push_back(container["name"].str());
  std::vector<std::string> others;
  for (const char* field : {"initContainers", "ephemeralContainers"}) {
    for (const Value& container : pod["spec"][field].items()) others.push_back(container["name"].str());
  }
  const std::string pod_name = pod["metadata"]["name"].str();
  if (!wanted.empty()) {
    const bool known = std::find(names.begin(), names.end(), wanted) != names.end() ||
                       std::find(others.begin(), others.end(), wanted) != others.end();
    if (!known) {
      for (const char* field : {"initContainers", "ephemeralContainers"}) {
        for (const Value& container : pod["spec"][field].items())
          names.push_back(container["name"].str() + (field[0] == 'i' ? " (init)" : " (ephem)"));
      }
      co_return Status::plain("container " + wanted + " is not valid for pod " + pod_name +
                              " out of: " + join(names, ", "));
    }
    co_return wanted;
  }
  const std::string annotated = pod["metadata"]["annotations"][kDefaultContainer].str();
  if (!annotated.empty() && std::find(names.begin(), names.end(), annotated) != names.end()) co_return annotated;
  if (names.empty()) co_return Status::plain("pod " + pod_name + " has no containers");
  if (names.size() + others.size() > 1 && !quiet) {
    std::vector<std::string> list = names;
    for (const Value& container : pod["spec"]["ephemeralContainers"].items())
      list.push_back(container["name"].str() + " (ephem)");
    for (const Value& container : pod["spec"]["initContainers"].items())
      list.push_back(container["name"].str() + " (init)");
    co_await session.err("Defaulted container " + go_quote(names[0]) + " out of: " + join(list, ", ") + "\n");
  }
  co_return names[0];
}

Task<Result<Target>> pod_for(Session& session, std::vector<std::string> arguments, std::string usage) {
  SelectionRules rules;
  rules.default_type = "pods";
  rules.needs_resource = usage;
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await select_targets(session, std::move(arguments), rules));
  if (targets.empty()) {
    const Status error = session.errors().empty() ? Status::plain(usage) : session.errors()[0];
    session.clear_errors();
    co_return error;
  }
  if (targets.size() > 1) co_return Status::plain("cannot exec into multiple objects at a time");
  const Target& target = targets[0];
  if (target.resource.kind == "Pod") co_return target;
  Value selector = target.object["spec"]["selector"];
  if (selector.is_null()) co_return Status::plain("cannot attach to *" + target.resource.kind + ": no selector");
  const TimePoint deadline = session.now() + (session.flags().duration("pod-running-timeout") > Duration{0}
                                                  ? session.flags().duration("pod-running-timeout")
                                                  : seconds(20));
  while (true) {
    DRYDOCK_CO_TRY(std::vector<Value> pods, co_await pods_of(session, target.ns, selector));
    // The one that serves best: ready, running, oldest first.
    std::sort(pods.begin(), pods.end(), [](const Value& a, const Value& b) {
      auto rank = [](const Value& pod) {
        return pod["metadata"].has("deletionTimestamp") ? 2 : pod["status"]["phase"].as_string() == "Running" ? 0 : 1;
      };
      if (rank(a) != rank(b)) return rank(a) < rank(b);
      const std::string_view left = a["metadata"]["creationTimestamp"].as_string();
      const std::string_view right = b["metadata"]["creationTimestamp"].as_string();
      return left != right ? left < right : a["metadata"]["name"].as_string() < b["metadata"]["name"].as_string();
    });
    if (!pods.empty()) {
      DRYDOCK_CO_TRY(ApiResource resource, co_await session.resource("pods"));
      co_return Target{std::move(resource), target.ns, pods[0]["metadata"]["name"].str(), "", pods[0]};
    }
    if (session.now() >= deadline) co_return Status::plain("timed out waiting for the condition");
    (void)co_await session.process().sleep(milliseconds(200));
  }
}

Task<bool> terminal_for(Session& session, bool wanted_tty, bool wants_stdin) {
  if (!wanted_tty) co_return false;
  if (wants_stdin && session.process().tty_of(0)) co_return true;
  co_await session.err("Unable to use a TTY - input is not a terminal or the right kind of file\n");
  co_return false;
}

}  // namespace drydock::kubectl
