#include "core/client/event_recorder.h"

#include <algorithm>

#include "core/base/hash.h"
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
      component_(component),
      host_(host),
      source_(Value::object({{"component", component_}})),
      tasks_(loop) {
  if (!host_.empty()) source_.set("host", host_);
}

bool EventRecorder::allowed(std::uint64_t source_key) {
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
  Hash64 hash;
  for (std::string_view part : {about.kind(), about.ns(), about.name(), about.uid()}) hash.add(part);
  if (!allowed(hash.value())) return;
  for (std::string_view part : {field_path, type, reason, std::string_view(message)}) hash.add(part);
  const std::uint64_t key = hash.value();
  if (seen_.size() > kMemoryLimit) seen_.clear();

  // Thousands of events are kept: what they say alike they hold together.
  const std::string ns = about.ns().empty() ? "default" : std::string(about.ns());
  const Value& metadata = about.metadata();
  const Value space = about.ns().empty() ? Value(ns) : metadata["namespace"];
  const Value now = format_timestamp(loop_.now());
  Value involved = Value::object({{"kind", about.doc()["kind"]}, {"name", metadata["name"]}});
  if (!about.ns().empty()) involved.set("namespace", space);
  for (const char* name : {"uid", "resourceVersion"}) {
    if (!metadata[name].empty()) involved.set(name, metadata[name]);
  }
  if (!about.api_version().empty()) involved.set("apiVersion", about.doc()["apiVersion"]);
  if (!field_path.empty()) involved.set("fieldPath", field_path);
  Value document = Value::object({
      {"apiVersion", "v1"},
      {"kind", "Event"},
      {"metadata", Value::object({{"name", std::string(about.name()) + "." +
                                               format("%016llx", static_cast<unsigned long long>(next_stamp()))},
                                  {"namespace", space}})},
      {"involvedObject", involved},
      {"reason", reason},
      {"message", message},
      {"source", source_},
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

Task<void> EventRecorder::post(Object event, std::uint64_t key) {
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const Result<Object> created = co_await client_.create(resources::kEvents, event);
    // An answer, good or bad, is final: a refused event is not worth asking again.
    if (created || created.error().code != 0) co_return;
    co_await loop_.sleep(seconds(10));
  }
  seen_.erase(key);
}

Task<void> EventRecorder::raise(ObjectKey event, Value patch, Object again, std::uint64_t key) {
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
