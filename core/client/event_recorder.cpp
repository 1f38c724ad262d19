#include "core/client/event_recorder.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

constexpr Duration kSameEventWindow = std::chrono::minutes(10);
constexpr double kBurst = 25;
constexpr double kRefillPerSecond = 1.0 / 300;
constexpr std::size_t kMemoryLimit = 4096;  // events remembered, as client-go's LRU
constexpr int kTries = 3;

// The low bits of an event's name are drawn, so that two components that speak
// about one object at one moment do not clash.
constexpr std::uint64_t kDrawnBits = 0xfff;

}  // namespace

EventRecorder::EventRecorder(EventLoop& loop, Client& client, Prng prng, std::string component, std::string host)
    : loop_(loop),
      client_(client),
      prng_(prng),
      component_(std::move(component)),
      host_(std::move(host)),
      tasks_(loop) {}

bool EventRecorder::allowed(const std::string& source_key) {
  if (allowances_.size() > kMemoryLimit) allowances_.clear();
  const auto [at, fresh] = allowances_.emplace(source_key, Allowance{kBurst, loop_.now()});
  Allowance& allowance = at->second;
  const double elapsed = std::chrono::duration<double>(loop_.now() - allowance.refilled).count();
  allowance.tokens = std::min(kBurst, allowance.tokens + elapsed * kRefillPerSecond);
  allowance.refilled = loop_.now();
  if (allowance.tokens < 1) return false;
  allowance.tokens -= 1;
  return true;
}

void EventRecorder::event(const Object& about, std::string_view type, std::string_view reason, std::string message) {
  event(about, "", type, reason, std::move(message));
}

void EventRecorder::event(const Object& about, std::string_view field_path, std::string_view type,
                          std::string_view reason, std::string message) {
  const std::string kind(about.kind());
  const std::string object_key =
      kind + "/" + std::string(about.ns()) + "/" + std::string(about.name()) + "/" + std::string(about.uid());
  if (!allowed(object_key)) return;
  const std::string ns = about.ns().empty() ? "default" : std::string(about.ns());
  const std::string now = format_timestamp(loop_.now());
  const std::string key =
      object_key + "/" + std::string(field_path) + "/" + std::string(type) + "/" + std::string(reason) + "/" + message;
  if (seen_.size() > kMemoryLimit) seen_.clear();

  Value involved = Value::object({{"kind", kind}, {"name", about.name()}});
  if (!about.ns().empty()) involved.set("namespace", about.ns());
  if (!about.api_version().empty()) involved.set("apiVersion", about.api_version());
  if (!about.uid().empty()) involved.set("uid", about.uid());
  if (!about.resource_version().empty()) involved.set("resourceVersion", about.resource_version());
  if (!field_path.empty()) involved.set("fieldPath", field_path);
  Value source = Value::object({{"component", component_}});
  if (!host_.empty()) source.set("host", host_);
  Value document = Value::object({
      {"apiVersion", "v1"},
      {"kind", "Event"},
      {"metadata", Value::object({{"name", std::string(about.name()) + "." +
                                               format("%016llx", static_cast<unsigned long long>(next_stamp()))},
                                  {"namespace", ns}})},
      {"involvedObject", involved},
      {"reason", reason},
      {"message", message},
      {"source", source},
      {"firstTimestamp", now},
      {"lastTimestamp", now},
      {"count", 1},
      {"type", type},
      {"eventTime", Value()},
      {"reportingComponent", component_},
      {"reportingInstance", host_},
  });
  const auto at = seen_.find(key);
  if (at != seen_.end() && loop_.now() - at->second.last < kSameEventWindow) {
    at->second.last = loop_.now();
    const std::int64_t count = ++at->second.count;
    Value patch = Value::object({{"count", count}, {"lastTimestamp", now}, {"message", message}});
    tasks_.spawn(raise({ns, at->second.name}, std::move(patch), Object(std::move(document)), key));
    return;
  }
  Object fresh(std::move(document));
  seen_[key] = {std::string(fresh.name()), 1, loop_.now()};
  tasks_.spawn(post(std::move(fresh), key));
}

Task<void> EventRecorder::post(Object event, std::string key) {
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const Result<Object> created = co_await client_.create(resources::kEvents, event);
    // An answer, good or bad, is final: a refused event is not worth asking again.
    if (created || created.error().code != 0) co_return;
    co_await loop_.sleep(seconds(10));
  }
  seen_.erase(key);
}

Task<void> EventRecorder::raise(ObjectKey event, Value patch, Object again, std::string key) {
  const Result<Object> patched = co_await client_.patch(resources::kEvents, event, PatchType::kMerge, std::move(patch));
  if (patched || !patched.error().is_not_found()) co_return;
  // It has expired meanwhile: start a new one.
  seen_[key] = {std::string(again.name()), 1, loop_.now()};
  co_await post(std::move(again), key);
}

std::uint64_t EventRecorder::next_stamp() {
  const auto now = static_cast<std::uint64_t>(loop_.now().time_since_epoch().count()) & ~kDrawnBits;
  last_stamp_ = std::max(now, last_stamp_ + kDrawnBits + 1);
  return last_stamp_ | (prng_.next() & kDrawnBits);
}

}  // namespace drydock
