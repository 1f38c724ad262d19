#include "core/controllers/shared/pod_control.h"

#include "core/base/strings.h"
#include "core/controllers/shared/keyed_controller.h"

namespace drydock::controllers {

Task<Result<void>> PodControl::create(Object owner, Object pod) {
  Result<Object> created = co_await context_.client.create(resources::kPods, std::move(pod));
  if (!created) {
    // A namespace on its way out is no news.
    if (!contains(created.error().message, "because it is being terminated")) {
      recorder_.event(owner, "Warning", "FailedCreate", "Error creating: " + created.error().message);
    }
    co_return created.error();
  }
  recorder_.event(owner, "Normal", "SuccessfulCreate", "Created pod: " + std::string(created->name()));
  co_return Result<void>();
}

Task<Result<void>> PodControl::remove(Object owner, Object pod) {
  DeleteOptions options;
  options.precondition_uid = std::string(pod.uid());
  Result<Object> removed = co_await context_.client.remove(resources::kPods, pod.key(), options);
  if (!removed) {
    expectations_.saw_deletion(owner.key().str(), std::string(pod.uid()));
    if (removed.error().is_not_found()) co_return Result<void>();
    recorder_.event(owner, "Warning", "FailedDelete", "Error deleting: " + removed.error().message);
    co_return removed.error();
  }
  recorder_.event(owner, "Normal", "SuccessfulDelete", "Deleted pod: " + std::string(pod.name()));
  co_return Result<void>();
}

Task<Result<void>> PodControl::create_many(Object owner, Object pod, std::int64_t count) {
  std::vector<Object> pods(static_cast<std::size_t>(count), pod);
  co_return co_await replace(std::move(owner), std::move(pods), {});
}

Task<Result<void>> PodControl::remove_many(Object owner, std::vector<Object> pods) {
  co_return co_await replace(std::move(owner), {}, std::move(pods));
}

Task<Result<void>> PodControl::replace(Object owner, std::vector<Object> creations, std::vector<Object> deletions) {
  if (creations.empty() && deletions.empty()) co_return Result<void>();
  const std::string key = owner.key().str();
  std::set<std::string> uids;
  for (const Object& pod : deletions) uids.emplace(pod.uid());
  expectations_.expect(key, static_cast<int>(creations.size()), std::move(uids), context_.now());
  std::vector<Task<Result<void>>> removals;
  for (const Object& pod : deletions) removals.push_back(remove(owner, pod));
  Result<void> removed = co_await run_all(context_.loop, std::move(removals));
  std::size_t next = 0;
  std::function<Task<Result<void>>()> make = [&] { return create(owner, creations[next++]); };
  const auto count = static_cast<std::int64_t>(creations.size());
  SlowStartResult created = co_await slow_start(context_.loop, count, std::move(make));
  // What was refused or never tried will not be seen in the cache.
  for (std::int64_t i = created.succeeded; i < count; ++i) expectations_.saw_creation(key);
  if (!created.outcome) co_return std::move(created.outcome);
  co_return removed;
}

ObjectKey observe_owned_pod(Expectations& expectations, std::string_view owner_kind, const Object& old,
                            const Object& current) {
  const Object& pod = current ? current : old;
  const Value& owner = pod.controller_ref();
  if (owner["kind"].as_string() != owner_kind) return {};
  ObjectKey key{std::string(pod.ns()), owner["name"].str()};
  if (!old && !pod.deleting()) expectations.saw_creation(key.str());
  if (!current || pod.deleting()) expectations.saw_deletion(key.str(), std::string(pod.uid()));
  return key;
}

}  // namespace drydock::controllers
