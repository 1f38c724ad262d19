// kubectl logs.
#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/timestamp.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/connection/streaming.h"
#include "core/programs/kubectl/connection/watch.h"
#include "core/programs/kubectl/describe/describe.h"
#include "core/programs/kubectl/errors.h"

namespace drydock::kubectl {
namespace {

constexpr std::string_view kUsage =
    "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs "
    "command";
constexpr std::int64_t kSelectorTail = 10;

struct Source {
  Target pod;
  std::string container;
};

HttpQuery log_query(const Flags& flags, const std::string& container, bool selecting) {
  HttpQuery query;
  query.add("container", container);
  if (flags.on("follow")) query.add("follow", "true");
  if (flags.number("limit-bytes") > 0) query.add("limitBytes", flags.text("limit-bytes"));
  if (flags.on("previous")) query.add("previous", "true");
  if (flags.duration("since") > Duration{0})
    query.add("sinceSeconds", std::to_string(std::chrono::duration_cast<seconds>(flags.duration("since")).count()));
  if (!flags.text("since-time").empty()) query.add("sinceTime", flags.text("since-time"));
  const std::int64_t tail = flags.changed("tail") ? flags.number("tail") : selecting ? kSelectorTail : -1;
  if (tail >= 0) query.add("tailLines", std::to_string(tail));
  if (flags.on("timestamps")) query.add("timestamps", "true");
  return query;
}

// Puts "[pod/web/nginx] " in front of each line.
class Prefixer {
 public:
  explicit Prefixer(std::string prefix) : prefix_(std::move(prefix)) {}
  std::string add(std::string_view bytes) {
    if (prefix_.empty()) return std::string(bytes);
    std::string text;
    for (char c : bytes) {
      if (std::exchange(at_start_, c == '\n')) text += prefix_;
      text += c;
    }
    return text;
  }

 private:
  std::string prefix_;
  bool at_start_ = true;
};

Task<Result<void>> print_log(Session& session, Source source, HttpQuery query, std::string prefix) {
  HttpRequest request;
  request.path = source.pod.path("log");
  request.query = std::move(query);
  request.headers.add("Accept", "application/json, */*");
  DRYDOCK_CO_TRY(HttpResponse response, co_await session.send(std::move(request)));
  Prefixer prefixer(std::move(prefix));
  if (!response.body.empty()) co_await session.out(prefixer.add(response.body.text()));
  while (response.stream) {
    const std::optional<StreamMessage> message = co_await response.stream->receive();
    if (!message) break;
    co_await session.out(prefixer.add(message->bytes));
  }
  co_return Result<void>();
}

// All containers, init ones first, as --all-containers takes them.
std::vector<std::string> all_containers(const Value& pod) {
  std::vector<std::string> names;
  for (const char* field : {"initContainers", "containers", "ephemeralContainers"}) {
    for (const Value& container : pod["spec"][field].items()) names.push_back(container["name"].str());
  }
  return names;
}

// One task per source, for following several at once.
Task<void> follow_one(Session& session, Source source, HttpQuery query, std::string prefix, Result<void>& result,
                      std::size_t& left, Event& ended) {
  Result<void> done = co_await print_log(session, std::move(source), std::move(query), std::move(prefix));
  if (!done) result = done.error();
  --left;
  ended.notify_all();
}

}  // namespace

Task<Result<int>> run_logs(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  const bool selecting = !flags.text("selector").empty();
  const bool all = flags.on("all-containers");
  if (arguments.empty() && !selecting) co_return session.usage_error(std::string(kUsage));
  if (!arguments.empty() && selecting) co_return session.usage_error("only a selector (-l) or a POD name is allowed");
  std::string container = flags.text("container");
  if (arguments.size() == 2 && !contains(arguments[0], "/")) {
    if (!container.empty()) co_return session.usage_error("only one of -c or an inline [CONTAINER] arg is allowed");
    container = arguments[1];
    arguments.pop_back();
  } else if (arguments.size() == 2) {
    container = arguments[1];
    arguments.pop_back();
  }
  if (arguments.size() > 2) co_return session.usage_error(std::string(kUsage));
  if (all && !container.empty())
    co_return Status::plain("--all-containers=true should not be specified with container name " + container);
  if (flags.on("previous") && flags.on("follow"))
    co_return Status::plain("only one of follow (-f) or previous (-p) is allowed");
  if (flags.changed("tail") && flags.number("tail") < -1)
    co_return Status::plain("--tail must be greater than or equal to -1");

  std::vector<Target> pods;
  if (selecting || flags.on("all-pods")) {
    DRYDOCK_CO_TRY(const std::string ns, session.ns());
    DRYDOCK_CO_TRY(const ApiResource resource, co_await session.resource("pods"));
    HttpQuery query;
    std::string selector = flags.text("selector");
    if (!selecting) {
      DRYDOCK_CO_TRY(const std::vector<Target> owners, co_await select_targets(session, arguments));
      if (owners.empty()) co_return 0;
      selector = selector_text(owners[0].object["spec"]["selector"]);
    }
    query.add("labelSelector", selector);
    DRYDOCK_CO_TRY(const std::vector<Value> items, co_await list_all(session, resource.ref().path(ns), query));
    for (const Value& item : items) pods.push_back({resource, ns, item["metadata"]["name"].str(), "", item});
    if (pods.empty()) {
      co_await session.err("No resources found in " + ns + " namespace.\n");
      co_return 0;
    }
  } else {
    const bool bare = !contains(arguments[0], "/");
    Result<Target> found = co_await pod_for(session, arguments, std::string(kUsage));
    if (!found && found.error().is_not_found()) {
      // logs words this one itself.
      DRYDOCK_CO_TRY(const std::string ns, session.ns());
      co_return Status::plain("error from server (NotFound): " + found.error().message + " in namespace " +
                              go_quote(ns));
    }
    if (!found) co_return found.error();
    Target pod = *std::move(found);
    if (!bare && !arguments[0].starts_with("po") && !flags.on("prefix")) {
      const std::string ns = pod.ns;
      DRYDOCK_CO_TRY(const ApiResource owner,
                     co_await session.resource(arguments[0].substr(0, arguments[0].find('/'))));
      DRYDOCK_CO_TRY(const Value object,
                     co_await session.get(owner.ref().path(ns, arguments[0].substr(arguments[0].find('/') + 1))));
      DRYDOCK_CO_TRY(const std::vector<Value> siblings, co_await pods_of(session, ns, object["spec"]["selector"]));
      if (siblings.size() > 1)
        co_await session.err("Found " + std::to_string(siblings.size()) + " pods, using pod/" + pod.name + "\n");
    }
    pods.push_back(std::move(pod));
  }

  if (flags.changed("since") && !flags.text("since-time").empty())
    co_return Status::plain("at most one of `sinceTime` or `sinceSeconds` may be specified");
  std::vector<Source> sources;
  for (const Target& pod : pods) {
    if (all) {
      for (const std::string& name : all_containers(pod.object)) sources.push_back({pod, name});
      continue;
    }
    DRYDOCK_CO_TRY(const std::string chosen, co_await choose_container(session, pod.object, container));
    sources.push_back({pod, chosen});
  }
  auto prefix_of = [&](const Source& source) {
    return flags.on("prefix") ? "[pod/" + source.pod.name + "/" + source.container + "] " : std::string();
  };
  if (!flags.on("follow")) {
    for (const Source& source : sources) {
      Result<void> printed =
          co_await print_log(session, source, log_query(flags, source.container, selecting), prefix_of(source));
      if (printed) continue;
      if (!flags.on("ignore-errors")) co_return printed.error();
      co_await session.out("error: " + printed.error().message + "\n");
    }
    co_return 0;
  }
  const std::int64_t most = flags.number("max-log-requests");
  if (static_cast<std::int64_t>(sources.size()) > most) {
    co_return Status::plain("you are attempting to follow " + std::to_string(sources.size()) +
                            " log streams, but maximum allowed concurrency is " + std::to_string(most) +
                            ", use --max-log-requests to increase the limit");
  }
  Following following(session.process());
  Result<void> result;
  std::size_t left = sources.size();
  Event ended(session.process().loop());
  TaskGroup group(session.process().loop());
  for (const Source& source : sources) {
    group.spawn(follow_one(session, source, log_query(flags, source.container, selecting), prefix_of(source), result,
                           left, ended));
  }
  while (left > 0) co_await ended.wait();
  if (!result) co_return result.error();
  co_return 0;
}

}  // namespace drydock::kubectl
