#include "core/apiserver/ownership/patch_kind.h"

#include "core/base/strings.h"
#include "core/machinery/patch.h"

namespace drydock {

Result<PatchKind> patch_kind(std::string_view content_type) {
  const std::string_view type = trim(content_type.substr(0, content_type.find(';')));
  if (type == "application/json-patch+json") return PatchKind::kJson;
  if (type == "application/merge-patch+json") return PatchKind::kMerge;
  if (type == "application/strategic-merge-patch+json") return PatchKind::kStrategicMerge;
  if (type == "application/apply-patch+yaml") return PatchKind::kApply;
  Status status = Status::plain(
      "the body of the request was in an unknown format - accepted media types include: "
      "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, "
      "application/apply-patch+yaml");
  status.code = 415;
  status.reason = "UnsupportedMediaType";
  return status;
}

Result<Value> apply_patch(PatchKind kind, const Value& current, const Value& patch) {
  if (kind == PatchKind::kJson) return apply_json_patch(current, patch);
  if (kind == PatchKind::kMerge) return apply_merge_patch(current, patch);
  return apply_strategic_merge_patch(current, patch);
}

}  // namespace drydock
