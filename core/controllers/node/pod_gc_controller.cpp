#include "core/controllers/node/pod_gc_controller.h"

#include <algorithm>

#include "core/machinery/timestamp.h"

namespace drydock::controllers {
namespace {

constexpr Duration kCheckPeriod = seconds(20);
// A node that is missing may only be late in the cache.
constexpr Duration kQuarantine = seconds(40);

}  // namespace

PodGcController::PodGcController(ControllerContext& context, std::int64_t terminated_pods_max)
    : context_(context), nodes_(context.informers.get(resources::kNodes)), terminated_pods_max_(terminated_pods_max) {}

Task<void> PodGcController::run() {
  co_await context_.informers.wait_synced();
  while (true) {
    co_await context_.loop.sleep(kCheckPeriod);
    for (const Object& pod : collect()) co_await remove(pod, !pod.spec()["nodeName"].empty());
  }
}

std::vector<Object> PodGcController::collect() {
  std::vector<Object> garbage;
  const TimePoint now = context_.now();
  std::map<std::string, TimePoint> still_missing;
  for (const std::string& node : context_.pods.node_names()) {
    if (nodes_.get({"", node})) continue;
    auto known = missing_nodes_.find(node);
    const TimePoint since = known == missing_nodes_.end() ? now : known->second;
    still_missing.emplace(node, since);
    if (since + kQuarantine > now) continue;
    for (const PodView* pod : context_.pods.on_node(node)) garbage.push_back(pod->object);
  }
  missing_nodes_ = std::move(still_missing);
  std::vector<const PodView*> finished;
  for (const PodView* pod : context_.pods.not_running()) {
    if (pod->deleting && pod->node.empty())
      garbage.push_back(pod->object);
    else if (pod->finished())
      finished.push_back(pod);
  }
  const std::int64_t surplus = static_cast<std::int64_t>(finished.size()) - terminated_pods_max_;
  if (surplus > 0) {
    std::ranges::sort(finished, [](const PodView* a, const PodView* b) {
      return a->created != b->created ? a->created < b->created : a->object.uid() < b->object.uid();
    });
    for (std::int64_t i = 0; i < surplus; ++i) garbage.push_back(finished[static_cast<std::size_t>(i)]->object);
  }
  return garbage;
}

Task<void> PodGcController::remove(Object pod, bool orphaned) {
  if (orphaned && pod.status()["phase"].as_string() != "Succeeded" && pod.status()["phase"].as_string() != "Failed") {
    Value condition = Value::object({{"type", "DisruptionTarget"},
                                     {"status", "True"},
                                     {"reason", "DeletionByPodGC"},
                                     {"message", "PodGC: node no longer exists"},
                                     {"lastTransitionTime", format_timestamp(context_.now())}});
    Value status = Value::object({{"phase", "Failed"}, {"conditions", Value::array({condition})}});
    Value patch = Value::object({{"status", status}});
    // The deletion below is what counts; the reason is for whoever looks.
    (void)co_await context_.client.patch(resources::kPods, pod.key(), PatchType::kStrategicMerge, std::move(patch),
                                         "status");
  }
  DeleteOptions options;
  options.grace_period_seconds = 0;
  (void)co_await context_.client.remove(resources::kPods, pod.key(), options);
}

}  // namespace drydock::controllers
