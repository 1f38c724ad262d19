// PodControl creates and deletes pods on behalf of their owner and tells about it
// in the owner's events, worded the same for all workload controllers.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/task.h"
#include "core/controllers/shared/expectations.h"
#include "core/machinery/object.h"

namespace drydock {
class EventRecorder;
}

namespace drydock::controllers {

struct ControllerContext;

class PodControl {
 public:
  PodControl(ControllerContext& context, EventRecorder& recorder, Expectations& expectations)
      : context_(context), recorder_(recorder), expectations_(expectations) {}

  Task<Result<void>> create(Object owner, Object pod);
  // A pod that is gone already counts as deleted.
  Task<Result<void>> remove(Object owner, Object pod);

  // Creates `count` pods like `pod` in growing batches, with expectations set.
  Task<Result<void>> create_many(Object owner, Object pod, std::int64_t count);
  Task<Result<void>> remove_many(Object owner, std::vector<Object> pods);
  // Different pods at once, creations in growing batches; expectations cover both.
  Task<Result<void>> replace(Object owner, std::vector<Object> creations, std::vector<Object> deletions);

 private:
  ControllerContext& context_;
  EventRecorder& recorder_;
  Expectations& expectations_;
};

// Notes pod events in `expectations` and returns the key of the owner of that
// kind, with an empty name when the pod is not of that kind.
ObjectKey observe_owned_pod(Expectations& expectations, std::string_view owner_kind, const Object& old,
                            const Object& current);

}  // namespace drydock::controllers
