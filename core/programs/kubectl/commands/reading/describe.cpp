// kubectl describe, events.
#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/timestamp.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/connection/bare_resource.h"
#include "core/programs/kubectl/connection/watch.h"
#include "core/programs/kubectl/describe/describe.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/printers/output.h"
#include "core/programs/kubectl/printers/tab_writer.h"

namespace drydock::kubectl {
namespace {

std::string event_age(const Value& event, TimePoint now) {
  auto since = [&](const Value& stamp) {
    const auto when = parse_timestamp(stamp.as_string());
    return when ? human_duration(now - *when) : std::string("<unknown>");
  };
  const std::string first = since(event["firstTimestamp"].empty() ? event["eventTime"] : event["firstTimestamp"]);
  if (event["series"].is_object())
    return since(event["series"]["lastObservedTime"]) + " (x" + number_text(event["series"]["count"]) + " over " +
           first + ")";
  if (event["count"].as_int() > 1)
    return since(event["lastTimestamp"]) + " (x" + number_text(event["count"]) + " over " + first + ")";
  return first;
}

std::string event_stamp(const Value& event) {
  for (const Value* stamp : {&event["series"]["lastObservedTime"], &event["lastTimestamp"], &event["eventTime"]}) {
    if (!stamp->empty()) return stamp->str();
  }
  return event["metadata"]["creationTimestamp"].str();
}

std::vector<std::string> event_row(const Value& event, bool with_namespace, TimePoint now) {
  std::vector<std::string> row;
  if (with_namespace) row.push_back(event["metadata"]["namespace"].str());
  row.insert(row.end(), {event_age(event, now), event["type"].str(), event["reason"].str(),
                         event["involvedObject"]["kind"].str() + "/" + event["involvedObject"]["name"].str(),
                         std::string(trim(event["message"].as_string()))});
  return row;
}

}  // namespace

Task<Result<int>> run_describe(Session& session, Arguments arguments) {
  if (arguments.empty() && !has_manifests(session)) {
    co_return Status::plain(
        "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of "
        "supported resources.");
  }
  SelectionRules rules;
  rules.lists = true;
  const Arguments words = arguments;
  DRYDOCK_CO_TRY(std::vector<Query> queries, co_await plan_queries(session, std::move(arguments), rules));
  const bool with_events = session.flags().on("show-events");
  std::vector<Target> targets;
  bool by_prefix = false;
  for (const Query& query : queries) {
    if (!query.name.empty()) {
      Result<Value> object = co_await session.get(query.path());
      if (object) {
        targets.push_back({query.resource, query.ns, query.name, "", *std::move(object)});
        continue;
      }
      // Not there by that name: perhaps the beginning of some names.
      std::size_t matches = 0;
      if (object.error().is_not_found() && words.size() == 2) {
        DRYDOCK_CO_TRY(const std::vector<Value> items,
                       co_await list_all(session, query.resource.ref().path(query.ns), {}));
        for (const Value& item : items) {
          if (!item["metadata"]["name"].as_string().starts_with(query.name)) continue;
          ++matches;
          by_prefix = true;
          targets.push_back(
              {query.resource, item["metadata"]["namespace"].str(), item["metadata"]["name"].str(), "", item});
        }
      }
      if (matches == 0) session.add_error(object.error());
      continue;
    }
    HttpQuery selectors;
    if (!session.flags().text("selector").empty()) selectors.add("labelSelector", session.flags().text("selector"));
    DRYDOCK_CO_TRY(const std::vector<Value> items, co_await list_all(session, query.path(), selectors));
    for (const Value& item : items)
      targets.push_back(
          {query.resource, item["metadata"]["namespace"].str(), item["metadata"]["name"].str(), "", item});
  }
  bool first = true;
  if (by_prefix) {
    for (const Target& target : targets) {
      DRYDOCK_CO_TRY(std::string text, co_await describe(session, target, with_events));
      co_await session.out(text + "\n");
    }
    co_return 0;
  }
  for (const Target& target : targets) {
    DRYDOCK_CO_TRY(std::string text, co_await describe(session, target, with_events));
    if (!std::exchange(first, false)) text.insert(0, "\n\n");
    co_await session.out(std::move(text));
  }
  if (targets.empty() && session.errors().empty()) {
    DRYDOCK_CO_TRY(const std::string ns, session.ns());
    const bool one_namespace =
        !session.flags().on("all-namespaces") && !queries.empty() && queries[0].resource.namespaced;
    co_await session.err(one_namespace ? "No resources found in " + ns + " namespace.\n" : "No resources found\n");
  }
  co_return 0;
}

Task<Result<int>> run_events(Session& session, Arguments) {
  const Flags& flags = session.flags();
  DRYDOCK_CO_TRY(const OutputFormat format, parse_output(session));
  HttpQuery query;
  if (!flags.text("for").empty()) {
    const std::string subject = flags.text("for");
    const std::size_t slash = subject.find('/');
    if (slash == std::string::npos || slash == 0 || slash + 1 == subject.size())
      co_return Status::plain("--for must be in resource/name form");
    DRYDOCK_CO_TRY(const ApiResource resource, co_await bare_resource(session, subject.substr(0, slash)));
    query.add("fieldSelector",
              "involvedObject.kind=" + resource.kind + ",involvedObject.name=" + subject.substr(slash + 1));
  }
  for (const std::string& type : flags.list("types")) {
    if (to_lower(type) != "normal" && to_lower(type) != "warning")
      co_return Status::plain("valid --types are Normal or Warning");
  }
  const bool across = flags.on("all-namespaces");
  DRYDOCK_CO_TRY(const std::string ns, session.ns());
  const std::string path = resources::kEvents.path(across ? "" : ns);
  DRYDOCK_CO_TRY(std::vector<Value> events, co_await list_all(session, path, query));
  auto wanted = [&](const Value& event) {
    if (flags.list("types").empty()) return true;
    return std::any_of(flags.list("types").begin(), flags.list("types").end(),
                       [&](const std::string& type) { return to_lower(type) == to_lower(event["type"].as_string()); });
  };
  std::erase_if(events, [&](const Value& event) { return !wanted(event); });
  std::sort(events.begin(), events.end(), [](const Value& a, const Value& b) {
    const std::string left = event_stamp(a);
    const std::string right = event_stamp(b);
    return left != right ? left < right : a["metadata"]["name"].as_string() < b["metadata"]["name"].as_string();
  });
  if (!format.name.empty()) {
    Value list = Value::object(
        {{"apiVersion", "v1"}, {"kind", "List"}, {"metadata", Value::object()}, {"items", Value::array()}});
    for (const Value& event : events) list.ref("items").push_back(event);
    DRYDOCK_CO_TRY(std::string text, render(format, list, ""));
    co_await session.out(std::move(text));
    co_return 0;
  }
  if (events.empty() && !flags.on("watch")) {
    co_await session.err(across ? "No events found.\n" : "No events found in " + ns + " namespace.\n");
    co_return 0;
  }
  TableAligner aligner;
  std::vector<std::vector<std::string>> rows;
  if (!flags.on("no-headers")) {
    rows.push_back({"LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"});
    if (across) rows[0].insert(rows[0].begin(), "NAMESPACE");
  }
  for (const Value& event : events) rows.push_back(event_row(event, across, session.now()));
  co_await session.out(aligner.lines(rows));
  if (!flags.on("watch")) co_return 0;
  Following following(session.process());
  DRYDOCK_CO_TRY(const Value list, co_await session.get(path, query));
  query.add("resourceVersion", list["metadata"]["resourceVersion"].str());
  DRYDOCK_CO_TRY(ChangeStream changes, co_await ChangeStream::open(session, path, query));
  while (true) {
    const std::optional<Change> change = co_await changes.next();
    if (!change || change->type == "ERROR") break;
    if (change->type == "BOOKMARK" || change->type == "DELETED" || !wanted(change->object)) continue;
    co_await session.out(aligner.lines({event_row(change->object, across, session.now())}));
  }
  co_return 0;
}

}  // namespace drydock::kubectl
