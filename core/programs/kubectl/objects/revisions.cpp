#include "core/programs/kubectl/objects/revisions.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/kubectl/describe/describe.h"

namespace drydock::kubectl {
namespace {

constexpr std::string_view kRevision = "deployment.kubernetes.io/revision";
constexpr std::string_view kChangeCause = "kubernetes.io/change-cause";

bool owned_by(const Value& object, const Value& owner) {
  for (const Value& reference : object["metadata"]["ownerReferences"].items()) {
    if (reference["controller"].as_bool() && reference["uid"] == owner["metadata"]["uid"]) return true;
  }
  return false;
}

}  // namespace

Task<Result<std::vector<RolloutRevision>>> revisions_of(Session& session, Target target) {
  const bool deployment = target.resource.kind == "Deployment";
  HttpQuery query;
  query.add("labelSelector", selector_text(target.object["spec"]["selector"]));
  const ResourceRef& history = deployment ? resources::kReplicaSets : resources::kControllerRevisions;
  DRYDOCK_CO_TRY(const std::vector<Value> items, co_await list_all(session, history.path(target.ns), query));
  std::vector<RolloutRevision> revisions;
  for (const Value& item : items) {
    if (!owned_by(item, target.object)) continue;
    RolloutRevision revision;
    const Value& annotations = item["metadata"]["annotations"];
    revision.change_cause = annotations[kChangeCause].str();
    revision.source = item;
    if (deployment) {
      const auto number = parse_int(annotations[kRevision].as_string());
      if (!number) continue;
      revision.number = *number;
      revision.pod_template = item["spec"]["template"];
    } else {
      revision.number = item["revision"].as_int();
      revision.pod_template = item["data"]["spec"]["template"];
    }
    revisions.push_back(std::move(revision));
  }
  std::sort(revisions.begin(), revisions.end(),
            [](const RolloutRevision& a, const RolloutRevision& b) { return a.number < b.number; });
  co_return revisions;
}

}  // namespace drydock::kubectl
