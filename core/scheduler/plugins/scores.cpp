#include "core/scheduler/plugins/scores.h"

#include <algorithm>

namespace drydock::scheduler {

void normalize_scores(std::vector<std::int64_t>& scores, bool reverse) {
  const std::int64_t highest = scores.empty() ? 0 : std::ranges::max(scores);
  for (std::int64_t& score : scores) {
    const std::int64_t scaled = highest == 0 ? 0 : score * kScoreMax / highest;
    score = reverse ? kScoreMax - scaled : scaled;
  }
}

bool TaintTolerationScore::prepare(const PodInfo&, const ClusterCache&, const std::vector<const NodeInfo*>& feasible) {
  return std::ranges::any_of(feasible, [](const NodeInfo* node) { return !node->taints.empty(); });
}

// Counts the taints that the pod would rather not have.
std::int64_t TaintTolerationScore::score(const PodInfo& pod, const NodeInfo& node) const {
  return std::ranges::count_if(node.taints, [&pod](const Taint& taint) {
    return taint.effect == "PreferNoSchedule" && !tolerates(pod.tolerations, taint);
  });
}

std::int64_t NodeAffinityScore::score(const PodInfo& pod, const NodeInfo& node) const {
  std::int64_t sum = 0;
  for (const NodeSelectorTerm& term : pod.node_selection.preferred) {
    if (term.matches(node.name, node.object.labels())) sum += term.weight;
  }
  return sum;
}

namespace {

// Image names in a node's status carry a tag always.
std::string with_tag(const std::string& image) {
  const std::size_t slash = image.rfind('/');
  const std::size_t colon = image.rfind(':');
  const bool tagged = colon != std::string::npos && (slash == std::string::npos || colon > slash);
  return tagged ? image : image + ":latest";
}

constexpr std::int64_t kMegabyte = 1024 * 1024;
constexpr std::int64_t kImageSizeMin = 23 * kMegabyte;                // below: not worth a point
constexpr std::int64_t kImageSizeMaxPerContainer = 1000 * kMegabyte;  // above: full score

}  // namespace

bool ImageLocality::prepare(const PodInfo& pod, const ClusterCache& cache, const std::vector<const NodeInfo*>&) {
  images_.clear();
  for (const std::string& image : pod.images) {
    if (const ClusterCache::ImageState* state = cache.find_image(with_tag(image))) images_.push_back(state);
  }
  node_count_ = static_cast<std::int64_t>(cache.nodes().size());
  return !images_.empty();
}

std::int64_t ImageLocality::score(const PodInfo& pod, const NodeInfo& node) const {
  std::int64_t bytes = 0;
  for (const ClusterCache::ImageState* image : images_) {
    if (!image->nodes.contains(node.index)) continue;
    // Weighted by how many nodes have it, so that one early puller is not flooded.
    const double share = static_cast<double>(image->nodes.size()) / static_cast<double>(node_count_);
    bytes += static_cast<std::int64_t>(static_cast<double>(image->size) * share);
  }
  const std::int64_t highest = kImageSizeMaxPerContainer * static_cast<std::int64_t>(pod.images.size());
  bytes = std::clamp(bytes, kImageSizeMin, highest);
  return kScoreMax * (bytes - kImageSizeMin) / (highest - kImageSizeMin);
}

}  // namespace drydock::scheduler
