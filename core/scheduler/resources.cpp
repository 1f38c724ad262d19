#include "core/scheduler/resources.h"

#include <algorithm>

#include "core/machinery/quantity.h"

namespace drydock::scheduler {
namespace {

std::int64_t& extended_slot(Resources& resources, std::string_view name) {
  auto it = std::ranges::lower_bound(resources.extended, name, {}, &std::pair<std::string, std::int64_t>::first);
  if (it == resources.extended.end() || it->first != name) it = resources.extended.emplace(it, std::string(name), 0);
  return it->second;
}

bool is_sidecar(const Value& init_container) { return init_container["restartPolicy"].as_string() == "Always"; }

// Folds the containers of a pod as the resource model does: `of` reads one
// container, the type has add() and raise_to().
template <class Amount, class Of>
Amount fold_containers(const Value& spec, Of of) {
  Amount running;
  for (const Value& container : spec["containers"].items()) running.add(of(container));
  Amount starting, sidecars;
  for (const Value& container : spec["initContainers"].items()) {
    Amount amount = of(container);
    if (is_sidecar(container)) {
      running.add(amount);
      sidecars.add(amount);
      starting.raise_to(sidecars);
    } else {
      amount.add(sidecars);
      starting.raise_to(amount);
    }
  }
  running.raise_to(starting);
  return running;
}

struct CpuAndMemory {
  std::int64_t milli_cpu = 0;
  std::int64_t memory = 0;
  void add(const CpuAndMemory& other) {
    milli_cpu += other.milli_cpu;
    memory += other.memory;
  }
  void raise_to(const CpuAndMemory& other) {
    milli_cpu = std::max(milli_cpu, other.milli_cpu);
    memory = std::max(memory, other.memory);
  }
};

constexpr std::int64_t kDefaultMilliCpu = 100;
constexpr std::int64_t kDefaultMemory = 200LL * 1024 * 1024;

}  // namespace

void Resources::add(const Resources& other) {
  milli_cpu += other.milli_cpu;
  memory += other.memory;
  ephemeral_storage += other.ephemeral_storage;
  for (const auto& [name, amount] : other.extended) extended_slot(*this, name) += amount;
}

void Resources::subtract(const Resources& other) {
  milli_cpu -= other.milli_cpu;
  memory -= other.memory;
  ephemeral_storage -= other.ephemeral_storage;
  for (const auto& [name, amount] : other.extended) extended_slot(*this, name) -= amount;
}

void Resources::raise_to(const Resources& other) {
  milli_cpu = std::max(milli_cpu, other.milli_cpu);
  memory = std::max(memory, other.memory);
  ephemeral_storage = std::max(ephemeral_storage, other.ephemeral_storage);
  for (const auto& [name, amount] : other.extended) {
    std::int64_t& slot = extended_slot(*this, name);
    slot = std::max(slot, amount);
  }
}

std::int64_t Resources::extended_amount(std::string_view name) const {
  auto it = std::ranges::lower_bound(extended, name, {}, &std::pair<std::string, std::int64_t>::first);
  return it != extended.end() && it->first == name ? it->second : 0;
}

Resources resources_from(const Value& list) {
  Resources resources;
  for (const Value::Member& entry : list.members()) {
    const std::string_view name = entry.key.view();
    if (name == "cpu") {
      resources.milli_cpu = quantity_milli_value(entry.value);
    } else if (name == "memory") {
      resources.memory = quantity_value(entry.value);
    } else if (name == "ephemeral-storage") {
      resources.ephemeral_storage = quantity_value(entry.value);
    } else if (name != "pods") {
      extended_slot(resources, name) = quantity_value(entry.value);
    }
  }
  return resources;
}

Resources pod_requests(const Object& pod) {
  const Value& spec = pod.spec();
  Resources requests = fold_containers<Resources>(
      spec, [](const Value& container) { return resources_from(container.get("resources", "requests")); });
  // Requests of the pod as a whole replace the containers' sum.
  const Value& pod_level = spec.get("resources", "requests");
  if (!pod_level.empty()) {
    const Resources whole = resources_from(pod_level);
    if (pod_level.has("cpu")) requests.milli_cpu = whole.milli_cpu;
    if (pod_level.has("memory")) requests.memory = whole.memory;
  }
  if (const Value& overhead = spec["overhead"]; !overhead.empty()) requests.add(resources_from(overhead));
  return requests;
}

NonZeroRequests non_zero_requests(const Object& pod) {
  const CpuAndMemory folded = fold_containers<CpuAndMemory>(pod.spec(), [](const Value& container) {
    const Value& requests = container.get("resources", "requests");
    return CpuAndMemory{requests.has("cpu") ? quantity_milli_value(requests["cpu"]) : kDefaultMilliCpu,
                        requests.has("memory") ? quantity_value(requests["memory"]) : kDefaultMemory};
  });
  return {folded.milli_cpu, folded.memory};
}

}  // namespace drydock::scheduler
