// kubectl wait.
#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/jsonpath.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/connection/watch.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/objects/deletion.h"
#include "core/programs/kubectl/objects/mutation.h"
#include "core/programs/kubectl/printers/output.h"

namespace drydock::kubectl {
namespace {

struct Goal {
  enum class Kind { kDelete, kCreate, kCondition, kJsonPath };
  Kind kind = Kind::kCondition;
  std::string name;   // condition's type, or the path
  std::string value;  // wanted value; for paths "" means: any
};

Result<Goal> parse_goal(const std::string& text) {
  if (to_lower(text) == "delete") return Goal{Goal::Kind::kDelete, "", ""};
  if (to_lower(text) == "create") return Goal{Goal::Kind::kCreate, "", ""};
  if (text.starts_with("condition=")) {
    std::string name = text.substr(10);
    std::string value = "true";
    if (const std::size_t equals = name.find('='); equals != std::string::npos) {
      value = name.substr(equals + 1);
      name = name.substr(0, equals);
    }
    return Goal{Goal::Kind::kCondition, name, value};
  }
  if (text.starts_with("jsonpath=")) {
    std::string path = text.substr(9);
    if (path.size() >= 2 && (path[0] == '\'' || path[0] == '"')) {
      const std::size_t end = path.find(path[0], 1);
      if (end != std::string::npos) path = path.substr(1, end - 1) + path.substr(end + 1);
    }
    const std::size_t close = path.find('}');
    const std::size_t equals = path.find('=', close == std::string::npos ? 0 : close);
    std::string value;
    if (equals != std::string::npos) {
      value = path.substr(equals + 1);
      if (value.empty()) return Status::plain("jsonpath wait has to have a value after equal sign");
      path = path.substr(0, equals);
      if (value.size() >= 2 && (value[0] == '\'' || value[0] == '"') && value.back() == value[0])
        value = value.substr(1, value.size() - 2);
    }
    DRYDOCK_TRY(path, relaxed_jsonpath(path));
    return Goal{Goal::Kind::kJsonPath, path, value};
  }
  return Status::plain("unrecognized condition: " + go_quote(text));
}

bool reached(const Goal& goal, const Value& object) {
  if (goal.kind == Goal::Kind::kCreate) return true;
  if (goal.kind == Goal::Kind::kCondition) {
    for (const Value& condition : object["status"]["conditions"].items()) {
      if (to_lower(condition["type"].as_string()) != to_lower(goal.name)) continue;
      // A condition that is older than the object's last change does not count.
      const Value& observed = condition["observedGeneration"].is_null() ? object["status"]["observedGeneration"]
                                                                        : condition["observedGeneration"];
      if (!observed.is_null() && observed.as_int() < object["metadata"]["generation"].as_int()) return false;
      return to_lower(condition["status"].as_string()) == to_lower(goal.value);
    }
    return false;
  }
  const std::vector<Value> found = find_jsonpath(goal.name, object);
  if (found.empty()) return false;
  if (goal.value.empty()) return true;
  if (found.size() > 1 || found[0].is_object() || found[0].is_array()) return false;
  return (found[0].is_string() ? found[0].str() : dump_json(found[0])) == goal.value;
}

Task<Result<void>> wait_for(Session& session, Target target, Goal goal, TimePoint deadline, Mutation& mutation) {
  const Status timed_out = Status::plain("timed out waiting for the condition on " + target.plural_title());
  if (goal.kind == Goal::Kind::kDelete) {
    const std::string uid = target.object["metadata"]["uid"].str();
    DRYDOCK_CO_TRY(const bool gone, co_await wait_gone(session, target, uid, deadline));
    if (!gone) co_return timed_out;
    co_return co_await mutation.report(target, target.object, "condition met");
  }
  HttpQuery query;
  query.add("fieldSelector", "metadata.name=" + target.name);
  const std::string path = target.resource.ref().path(target.ns);
  while (true) {
    DRYDOCK_CO_TRY(const Value list, co_await session.get(path, query));
    if (!list["items"].empty() && reached(goal, list["items"][0]))
      co_return co_await mutation.report(target, list["items"][0], "condition met");
    HttpQuery watch = query;
    watch.add("resourceVersion", list["metadata"]["resourceVersion"].str());
    DRYDOCK_CO_TRY(ChangeStream changes, co_await ChangeStream::open(session, path, watch));
    while (true) {
      const std::optional<Change> change = co_await changes.next(deadline);
      if (change && change->type != "DELETED" && change->type != "BOOKMARK" && change->type != "ERROR" &&
          reached(goal, change->object)) {
        co_return co_await mutation.report(target, change->object, "condition met");
      }
      if (session.now() >= deadline) co_return timed_out;
      if (!change || change->type == "ERROR") break;
    }
  }
}

}  // namespace

Task<Result<int>> run_wait(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  const std::vector<std::string>& wanted = flags.list("for");
  if (wanted.empty()) co_return Status::plain("unrecognized condition: []");
  std::vector<Goal> goals;
  for (const std::string& text : wanted) {
    DRYDOCK_CO_TRY(Goal goal, parse_goal(text));
    goals.push_back(std::move(goal));
  }
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  Duration timeout = flags.duration("timeout");
  if (timeout < Duration{0}) timeout = std::chrono::hours(24 * 7);
  const TimePoint deadline = session.now() + timeout;
  DRYDOCK_CO_TRY(std::vector<Target> targets, co_await select_targets(session, arguments));
  if (goals[0].kind == Goal::Kind::kDelete) {
    // What is not there has been deleted already.
    std::vector<Status> others;
    for (const Status& error : session.errors()) {
      if (!error.is_not_found()) others.push_back(error);
    }
    session.clear_errors();
    for (Status& error : others) session.add_error(std::move(error));
    if (targets.empty() && session.errors().empty()) co_return 0;
  } else if (goals[0].kind == Goal::Kind::kCreate) {
    while (targets.empty() && session.now() < deadline) {
      session.clear_errors();
      (void)co_await session.process().sleep(seconds(1));
      DRYDOCK_CO_TRY(targets, co_await select_targets(session, arguments));
    }
    if (targets.empty()) {
      session.clear_errors();
      co_return Status::plain("timed out waiting for the condition");
    }
  }
  if (targets.empty() && session.errors().empty()) co_return Status::plain("no matching resources found");
  for (const Target& target : targets) {
    for (const Goal& goal : goals) {
      Result<void> done = co_await wait_for(session, target, goal, deadline, mutation);
      if (!done) session.add_error(done.error());
    }
  }
  co_return 0;
}

}  // namespace drydock::kubectl
