#include "core/controllers/revisioned/controller_history.h"

#include <algorithm>

#include "core/controllers/shared/owner_reference.h"
#include "core/controllers/shared/template_hash.h"

namespace drydock::controllers {
namespace {

constexpr const char* kRevisionHash = "controller-revision-hash";

// What a revision stores: a strategic merge patch that puts the template back.
Value revision_data(const Object& owner) {
  Value pod_template = owner.spec()["template"];
  pod_template.set("$patch", "replace");
  return Value::object({{"spec", Value::object({{"template", pod_template}})}});
}

bool lower(const Object& a, const Object& b) {
  const std::int64_t revision_a = a.doc()["revision"].as_int(), revision_b = b.doc()["revision"].as_int();
  return revision_a != revision_b ? revision_a < revision_b : a.name() < b.name();
}

}  // namespace

HistoryPlan plan_history(const Object& owner, std::string_view owner_kind, const std::vector<Object>& revisions,
                         const std::vector<std::string>& hashes_in_use) {
  HistoryPlan plan;
  std::vector<Object> sorted = revisions;
  std::ranges::sort(sorted, lower);
  const Value data = revision_data(owner);
  const std::int64_t newest = sorted.empty() ? 0 : sorted.back().doc()["revision"].as_int();
  const auto same =
      std::ranges::find_if(sorted, [&data](const Object& revision) { return revision.doc()["data"] == data; });
  if (same != sorted.end()) {
    plan.current_name = std::string(same->name());
    plan.current_hash = std::string(same->label(kRevisionHash));
    if (same->doc()["revision"].as_int() < newest) {
      plan.update = *same;
      plan.update->mutable_doc().set("revision", newest + 1);
    }
  } else {
    const Value& collisions = owner.status()["collisionCount"];
    plan.current_hash =
        template_hash(data, collisions.is_int() ? std::optional<std::int64_t>(collisions.as_int()) : std::nullopt);
    plan.current_name = std::string(owner.name()) + "-" + plan.current_hash;
    Value labels = owner.spec().get("template", "metadata", "labels");
    labels.set(kRevisionHash, plan.current_hash);
    Value metadata =
        Value::object({{"name", plan.current_name},
                       {"namespace", owner.ns()},
                       {"labels", labels},
                       {"ownerReferences", Value::array({controller_reference(owner, "apps/v1", owner_kind)})}});
    if (!owner.annotations().empty()) metadata.set("annotations", owner.annotations());
    plan.create = Object(Value::object({{"apiVersion", "apps/v1"},
                                        {"kind", "ControllerRevision"},
                                        {"metadata", metadata},
                                        {"data", data},
                                        {"revision", newest + 1}}));
  }
  const std::int64_t limit = owner.spec()["revisionHistoryLimit"].as_int(10);
  std::vector<Object> unused;
  for (const Object& revision : sorted) {
    const std::string hash(revision.label(kRevisionHash));
    if (hash != plan.current_hash && std::ranges::find(hashes_in_use, hash) == hashes_in_use.end())
      unused.push_back(revision);
  }
  const std::int64_t surplus = static_cast<std::int64_t>(unused.size()) - limit;
  for (std::int64_t i = 0; i < surplus; ++i) plan.deletes.push_back(unused[static_cast<std::size_t>(i)]);
  return plan;
}

}  // namespace drydock::controllers
