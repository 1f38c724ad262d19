#include "core/client/leader_election.h"

#include "core/base/sync.h"
#include "core/machinery/timestamp.h"

namespace drydock {

LeaderElection::LeaderElection(EventLoop& loop, Prng prng, Client& client, LeaderElectionOptions options)
    : loop_(loop), client_(client), options_(std::move(options)), recorder_(loop, client, prng, options_.identity) {}

Task<bool> LeaderElection::try_acquire_or_renew() {
  const TimePoint now = loop_.now();
  const std::string stamp = format_micro_timestamp(now);
  Result<Object> current = co_await client_.get(resources::kLeases, ObjectKey{options_.ns, options_.name});
  if (!current && !current.error().is_not_found()) co_return false;
  const Value held = current ? current->spec() : Value();
  const std::string_view holder = held["holderIdentity"].as_string();
  const bool is_ours = holder == options_.identity;
  if (current && held != observed_spec_) {
    observed_spec_ = held;
    observed_at_ = now;
  }
  if (current && !is_ours && !holder.empty() && observed_at_ + seconds(held["leaseDurationSeconds"].as_int()) > now)
    co_return false;

  Value spec =
      Value::object({{"holderIdentity", options_.identity},
                     {"leaseDurationSeconds", std::chrono::duration_cast<seconds>(options_.lease_duration).count()},
                     {"acquireTime", is_ours ? held["acquireTime"] : Value(stamp)},
                     {"renewTime", stamp},
                     {"leaseTransitions", held["leaseTransitions"].as_int() + (current && !is_ours ? 1 : 0)}});
  Object lease;
  if (current) {
    lease = *current;
  } else {
    Value metadata = Value::object({{"name", options_.name}, {"namespace", options_.ns}});
    lease =
        Object(Value::object({{"apiVersion", "coordination.k8s.io/v1"}, {"kind", "Lease"}, {"metadata", metadata}}));
  }
  lease.mutable_doc().set("spec", std::move(spec));
  Result<Object> written =
      current ? co_await client_.update(resources::kLeases, lease) : co_await client_.create(resources::kLeases, lease);
  if (!written) co_return false;
  observed_spec_ = written->spec();
  observed_at_ = now;
  if (!is_ours) recorder_.event(*written, "Normal", "LeaderElection", options_.identity + " became leader");
  co_return true;
}

Task<void> LeaderElection::acquire() {
  while (!co_await try_acquire_or_renew()) co_await loop_.sleep(options_.retry_period);
}

Task<void> LeaderElection::hold() {
  TimePoint renewed = loop_.now();
  for (;;) {
    co_await loop_.sleep(options_.retry_period);
    const TimePoint end = renewed + options_.renew_deadline;
    const TimePoint begun = loop_.now();
    if (begun >= end) co_return;
    // A server that does not answer must not let a leader believe in a lease that has run out.
    const std::optional<bool> done = co_await with_deadline<bool>(loop_, end, try_acquire_or_renew());
    if (!done) co_return;
    if (*done) renewed = begun;
  }
}

Task<void> LeaderElection::lead(Task<void> work) {
  co_await acquire();
  TaskGroup group(loop_);
  group.spawn(std::move(work));
  co_await hold();
}

}  // namespace drydock
