// Resources: what pods ask for and nodes offer, as plain numbers.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/machinery/object.h"

namespace drydock::scheduler {

struct Resources {
  std::int64_t milli_cpu = 0;
  std::int64_t memory = 0;             // bytes
  std::int64_t ephemeral_storage = 0;  // bytes
  // Extended resources and huge pages, sorted by name. Few pods have any.
  std::vector<std::pair<std::string, std::int64_t>> extended;

  void add(const Resources& other);
  void subtract(const Resources& other);
  // Component-wise maximum.
  void raise_to(const Resources& other);
  std::int64_t extended_amount(std::string_view name) const;
};

// A ResourceList document: {"cpu": "250m", …}.
Resources resources_from(const Value& list);

// What the scheduler reserves for a pod: its containers together, or the
// biggest init container if that is more; plus overhead.
// https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
Resources pod_requests(const Object& pod);

// As pod_requests, but containers that ask for nothing count with 100m CPU and
// 200 MB, so that pods without requests spread as well.
struct NonZeroRequests {
  std::int64_t milli_cpu = 0;
  std::int64_t memory = 0;
};
NonZeroRequests non_zero_requests(const Object& pod);

}  // namespace drydock::scheduler
