// Decides which pods a Job creates or deletes, and counts those that finished.
// Pure. https://kubernetes.io/docs/concepts/workloads/controllers/job/
//
// A finished pod keeps the finalizer batch.kubernetes.io/job-tracking until it is
// listed in status.uncountedTerminatedPods; once the finalizer is gone, it moves
// from there into the counts. So each pod counts exactly once, whatever crashes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/controllers/shared/pod_view.h"

namespace drydock::controllers {

struct JobNotice {
  std::string type;  // "Normal", "Warning"
  std::string reason;
  std::string message;
};

struct JobPlan {
  std::vector<Object> creates;  // complete pods
  std::vector<Object> deletes;
  std::vector<Object> release;  // pods whose tracking finalizer may go once `status` is written
  Value status;
  std::vector<JobNotice> notices;
  TimePoint recheck = TimePoint::max();
};

JobPlan plan_job(const Object& job, const std::vector<const PodView*>& owned, TimePoint now);

bool job_finished(const Object& job);

// "0-2,5": indexes as status.completedIndexes writes them.
std::string format_indexes(const std::vector<std::int64_t>& sorted);
std::vector<std::int64_t> parse_indexes(std::string_view text);

}  // namespace drydock::controllers
