#include "core/controllers/shared/pod_view.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/timestamp.h"

namespace drydock::controllers {
namespace {

PodPhase phase_of(std::string_view text) {
  if (text == "Running") return PodPhase::kRunning;
  if (text == "Succeeded") return PodPhase::kSucceeded;
  if (text == "Failed") return PodPhase::kFailed;
  if (text == "Unknown") return PodPhase::kUnknown;
  return PodPhase::kPending;
}

}  // namespace

TimePoint time_or_epoch(std::string_view text) { return parse_timestamp(text).value_or(TimePoint{}); }

PodView view_pod(const Object& pod) {
  PodView view;
  view.object = pod;
  view.ns = pod.ns();
  view.name = pod.name();
  view.labels = pod.labels();
  view.node = pod.spec()["nodeName"].str();
  view.phase = phase_of(pod.status()["phase"].as_string());
  view.deleting = pod.deleting();
  view.created = time_or_epoch(pod.metadata()["creationTimestamp"].as_string());
  for (const Value& condition : pod.status()["conditions"].items()) {
    if (condition["type"].as_string() != "Ready" || condition["status"].as_string() != "True") continue;
    view.ready = true;
    view.ready_since = time_or_epoch(condition["lastTransitionTime"].as_string());
  }
  for (const Value& container : pod.status()["containerStatuses"].items()) {
    view.restarts = std::max(view.restarts, static_cast<std::int32_t>(container["restartCount"].as_int()));
  }
  if (auto cost = parse_int(pod.annotation("controller.kubernetes.io/pod-deletion-cost"))) {
    view.deletion_cost = static_cast<std::int32_t>(*cost);
  }
  return view;
}

}  // namespace drydock::controllers
