#include "core/programs/kubectl/objects/deletion.h"

#include "core/base/strings.h"
#include "core/programs/kubectl/connection/watch.h"

namespace drydock::kubectl {

Result<Value> delete_options(const DeletionOptions& options) {
  Value body = Value::object({{"apiVersion", "v1"}, {"kind", "DeleteOptions"}});
  const std::string& cascade = options.cascade;
  if (cascade == "background" || cascade == "true" || cascade.empty())
    body.set("propagationPolicy", "Background");
  else if (cascade == "foreground")
    body.set("propagationPolicy", "Foreground");
  else if (cascade == "orphan" || cascade == "false")
    body.set("propagationPolicy", "Orphan");
  else
    return Status::plain("invalid cascade value (" + cascade +
                         "). Must be \"background\", \"foreground\", or \"orphan\"");
  if (options.grace_period >= 0) body.set("gracePeriodSeconds", options.grace_period);
  if (options.dry_run) body.set("dryRun", Value::array({Value("All")}));
  return body;
}

Task<Result<std::string>> delete_target(Session& session, Target target, DeletionOptions options) {
  DRYDOCK_CO_TRY(Value body, delete_options(options));
  DRYDOCK_CO_TRY(const Value answer, co_await session.call("DELETE", target.path(), {}, std::move(body)));
  const bool is_status = answer["kind"].as_string() == "Status";
  co_return is_status ? answer["details"]["uid"].str() : answer["metadata"]["uid"].str();
}

Task<Result<bool>> wait_gone(Session& session, Target target, std::string uid, std::optional<TimePoint> deadline) {
  while (true) {
    Result<Value> object = co_await session.get(target.path());
    if (!object) {
      if (object.error().is_not_found()) co_return true;
      co_return object.error();
    }
    if (!uid.empty() && (*object)["metadata"]["uid"].as_string() != uid) co_return true;
    HttpQuery query;
    query.add("fieldSelector", "metadata.name=" + target.name);
    query.add("resourceVersion", (*object)["metadata"]["resourceVersion"].str());
    Result<ChangeStream> changes = co_await ChangeStream::open(session, target.resource.ref().path(target.ns), query);
    if (!changes) {
      if (changes.error().code != 410) co_return changes.error();
      continue;  // too old by now: look again
    }
    bool ended = false;
    while (!ended) {
      std::optional<Change> change = co_await changes->next(deadline);
      if (!change || change->type == "ERROR")
        ended = true;
      else if (change->type == "DELETED")
        co_return true;
    }
    if (deadline && session.now() >= *deadline) co_return false;
  }
}

}  // namespace drydock::kubectl
