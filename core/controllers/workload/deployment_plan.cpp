#include "core/controllers/workload/deployment_plan.h"

#include <algorithm>
#include <cmath>

#include "core/base/strings.h"
#include "core/controllers/shared/conditions.h"
#include "core/controllers/shared/owner_reference.h"
#include "core/controllers/shared/template_hash.h"
#include "core/controllers/workload/deployment_status.h"
#include "core/controllers/workload/int_or_percent.h"

namespace drydock::controllers {
namespace {

constexpr const char* kRevision = "deployment.kubernetes.io/revision";
constexpr const char* kRevisionHistory = "deployment.kubernetes.io/revision-history";
constexpr const char* kDesiredReplicas = "deployment.kubernetes.io/desired-replicas";
constexpr const char* kMaxReplicas = "deployment.kubernetes.io/max-replicas";
constexpr const char* kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";
constexpr const char* kTemplateHash = "pod-template-hash";

std::int64_t wanted(const Object& object) { return object.spec()["replicas"].as_int(1); }
std::int64_t available(const Object& set) { return set.status()["availableReplicas"].as_int(); }
std::int64_t revision_of(const Object& object) { return parse_int(object.annotation(kRevision)).value_or(0); }
bool is_rolling(const Object& deployment) {
  return deployment.spec().get("strategy", "type").as_string() != "Recreate";
}

bool older(const Object& a, const Object& b) {
  const std::string_view created_a = a.metadata()["creationTimestamp"].as_string();
  const std::string_view created_b = b.metadata()["creationTimestamp"].as_string();
  return created_a != created_b ? created_a < created_b : a.name() < b.name();
}

// Whether two templates differ in nothing but the hash label.
bool same_template(const Value& set_template, const Value& deployment_template) {
  Value stripped = set_template;
  Value& labels = stripped.ref("metadata", "labels");
  labels.erase(kTemplateHash);
  if (labels.empty() && !deployment_template["metadata"].has("labels")) stripped.ref("metadata").erase("labels");
  return stripped == deployment_template;
}

bool annotation_is_copied(std::string_view key) {
  return key != kLastApplied && key != kRevision && key != kRevisionHistory && key != kDesiredReplicas &&
         key != kMaxReplicas && key != "deprecated.deployment.rollback.to";
}

bool put_annotation(Object& set, const char* key, const std::string& text) {
  if (set.annotations().has(key) && set.annotation(key) == text) return false;
  set.mutable_doc().ref("metadata", "annotations").set(key, text);
  return true;
}

// Copies what the Deployment's user annotated and notes the revision, keeping
// the revisions that this set had before (after a rollback).
bool annotate_new_set(const Object& deployment, Object& set, std::int64_t revision) {
  bool changed = false;
  for (const Value::Member& annotation : deployment.annotations().members()) {
    if (!annotation_is_copied(annotation.key.view())) continue;
    if (set.annotations()[annotation.key.view()] == annotation.value) continue;
    set.mutable_doc().ref("metadata", "annotations").set(annotation.key, annotation.value);
    changed = true;
  }
  const std::string old_revision(set.annotation(kRevision));
  if (parse_int(old_revision).value_or(0) >= revision) return changed;
  if (!old_revision.empty()) {
    const std::string history(set.annotation(kRevisionHistory));
    put_annotation(set, kRevisionHistory, history.empty() ? old_revision : history + "," + old_revision);
  }
  put_annotation(set, kRevision, std::to_string(revision));
  return true;
}

bool annotate_replicas(const Object& deployment, Object& set) {
  const std::int64_t replicas = wanted(deployment);
  bool changed = put_annotation(set, kDesiredReplicas, std::to_string(replicas));
  changed |= put_annotation(set, kMaxReplicas, std::to_string(replicas + rollout_bounds(deployment).max_surge));
  return changed;
}

std::int64_t new_set_replicas(const Object& deployment, std::int64_t total, std::int64_t current) {
  const std::int64_t replicas = wanted(deployment);
  if (!is_rolling(deployment)) return replicas;
  const std::int64_t limit = replicas + rollout_bounds(deployment).max_surge;
  if (total >= limit) return current;
  return current + std::min(limit - total, replicas - current);
}

// One call of plan_deployment(), with what its steps share.
class Planner {
 public:
  Planner(const Object& deployment, const std::vector<Object>& sets, bool old_pods_running, TimePoint now)
      : deployment_(deployment), sets_(sets), old_pods_running_(old_pods_running), now_(now) {
    std::ranges::sort(sets_, older);
    new_set_ = find_new_replica_set(deployment_, sets_);
    for (const Object& set : sets_) {
      if (!new_set_ || set.uid() != new_set_.uid()) old_sets_.push_back(set);
    }
  }

  DeploymentPlan plan() {
    if (!deployment_.deleting()) step();
    DeploymentStatusInput input{deployment_, sets_, new_set_, rollout_bounds(deployment_),
                                !deployment_.deleting() && !paused_or_scaling_};
    DeploymentStatusPlan status = plan_deployment_status(input, creation_note_, now_);
    plan_.status = std::move(status.status);
    plan_.recheck = status.recheck;
    return std::move(plan_);
  }

 private:
  void step() {
    const bool paused = deployment_.spec()["paused"].as_bool();
    paused_or_scaling_ = paused || is_scaling();
    if (paused_or_scaling_) {
      sync_new_set();
      scale_proportionally();
      if (paused) clean_up();
    } else if (is_rolling(deployment_)) {
      roll();
    } else {
      recreate();
    }
  }

  // The user changed spec.replicas since the sets were last scaled.
  bool is_scaling() const {
    return std::ranges::any_of(sets_, [this](const Object& set) {
      const auto desired = parse_int(set.annotation(kDesiredReplicas));
      return wanted(set) > 0 && desired && *desired != wanted(deployment_);
    });
  }

  std::int64_t max_old_revision() const {
    std::int64_t highest = 0;
    for (const Object& set : old_sets_) highest = std::max(highest, revision_of(set));
    return highest;
  }

  // Revision, copied annotations and minReadySeconds of the present set. True
  // when it must be written first.
  bool sync_new_set() {
    if (!new_set_) return false;
    Object updated = new_set_;
    bool changed = annotate_new_set(deployment_, updated, max_old_revision() + 1);
    if (updated.spec()["minReadySeconds"].as_int() != deployment_.spec()["minReadySeconds"].as_int()) {
      updated.mutable_doc().ref("spec").set("minReadySeconds", deployment_.spec()["minReadySeconds"].as_int());
      changed = true;
    }
    note_revision(std::string(updated.annotation(kRevision)));
    if (changed) write(new_set_, updated);
    if (find_condition(deployment_.status(), "Progressing").is_null()) {
      creation_note_ = {"FoundNewReplicaSet", "Found new replica set " + go_quote(new_set_.name())};
    }
    return changed;
  }

  void note_revision(const std::string& revision) {
    if (deployment_.annotation(kRevision) != revision) plan_.revision = revision;
  }

  void create_new_set() {
    const std::int64_t revision = max_old_revision() + 1;
    Object set = new_replica_set(deployment_, old_sets_, revision);
    note_revision(std::to_string(revision));
    creation_note_ = {"NewReplicaSetCreated", "Created new replica set " + go_quote(set.name())};
    plan_.create = std::move(set);
  }

  // A later write to the same set replaces an earlier one of this plan.
  void write(const Object& before, const Object& after) {
    for (ReplicaSetUpdate& update : plan_.updates) {
      if (update.set.uid() != after.uid()) continue;
      update.set = after;
      update.to = wanted(after);
      return;
    }
    plan_.updates.push_back({after, wanted(before), wanted(after)});
  }

  bool scale(const Object& set, std::int64_t replicas) {
    Object updated = set;
    for (const ReplicaSetUpdate& update : plan_.updates) {
      if (update.set.uid() == set.uid()) updated = update.set;
    }
    bool changed = annotate_replicas(deployment_, updated);
    if (wanted(set) != replicas) {
      updated.mutable_doc().ref("spec").set("replicas", replicas);
      changed = true;
    }
    if (changed) write(set, updated);
    return wanted(set) != replicas;
  }

  void roll() {
    if (!new_set_) {
      create_new_set();
      return;
    }
    if (sync_new_set()) return;
    const std::int64_t replicas = wanted(deployment_);
    if (wanted(new_set_) != replicas) {
      const std::int64_t target =
          wanted(new_set_) > replicas ? replicas : new_set_replicas(deployment_, total_wanted(), wanted(new_set_));
      if (scale(new_set_, target)) return;
    }
    if (scale_down_old_sets()) return;
    if (deployment_complete(deployment_, deployment_.status())) clean_up();
  }

  std::int64_t total_wanted() const {
    std::int64_t total = 0;
    for (const Object& set : sets_) total += wanted(set);
    return total;
  }

  bool scale_down_old_sets() {
    std::vector<std::int64_t> sizes;
    std::int64_t old_total = 0;
    for (const Object& set : old_sets_) {
      sizes.push_back(wanted(set));
      old_total += wanted(set);
    }
    if (old_total == 0) return false;
    const std::int64_t min_available = wanted(deployment_) - rollout_bounds(deployment_).max_unavailable;
    const std::int64_t new_unavailable = wanted(new_set_) - available(new_set_);
    const std::int64_t limit = total_wanted() - min_available - new_unavailable;
    if (limit <= 0) return false;

    // Replicas that serve nobody go first: they cost no availability.
    std::int64_t cleaned = 0;
    for (std::size_t i = 0; i < old_sets_.size() && cleaned < limit; ++i) {
      const std::int64_t unhealthy = sizes[i] - available(old_sets_[i]);
      if (sizes[i] == 0 || unhealthy <= 0) continue;
      const std::int64_t step = std::min(limit - cleaned, unhealthy);
      sizes[i] -= step;
      cleaned += step;
    }
    std::int64_t available_total = available(new_set_);
    for (const Object& set : old_sets_) available_total += available(set);
    std::int64_t spare = available_total - min_available;
    for (std::size_t i = 0; i < old_sets_.size() && spare > 0; ++i) {
      const std::int64_t step = std::min(sizes[i], spare);
      sizes[i] -= step;
      spare -= step;
    }
    bool scaled = false;
    for (std::size_t i = 0; i < old_sets_.size(); ++i) {
      if (sizes[i] != wanted(old_sets_[i])) scaled |= scale(old_sets_[i], sizes[i]);
    }
    return scaled;
  }

  void recreate() {
    bool scaled_down = false;
    for (const Object& set : old_sets_) {
      if (wanted(set) > 0) scaled_down |= scale(set, 0);
    }
    if (sync_new_set() || scaled_down || old_pods_running_) return;
    if (!new_set_) {
      create_new_set();
      return;
    }
    if (scale(new_set_, wanted(deployment_))) return;
    if (deployment_complete(deployment_, deployment_.status())) clean_up();
  }

  // Scaling in the middle of a rollout: every active set gets its share.
  // https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling
  void scale_proportionally() {
    std::vector<Object> active;
    for (const Object& set : sets_) {
      if (wanted(set) > 0) active.push_back(set);
    }
    const std::int64_t replicas = wanted(deployment_);
    if (active.size() <= 1) {
      Object only = active.empty() ? new_set_ : active.front();
      if (!only && !old_sets_.empty()) only = old_sets_.back();
      if (only) scale(only, replicas);
      return;
    }
    if (new_set_saturated()) {
      for (const Object& set : old_sets_) {
        if (wanted(set) > 0) scale(set, 0);
      }
      return;
    }
    if (is_rolling(deployment_)) share_out(std::move(active));
  }

  bool new_set_saturated() const {
    if (!new_set_) return false;
    const std::int64_t replicas = wanted(deployment_);
    return parse_int(new_set_.annotation(kDesiredReplicas)) == replicas && wanted(new_set_) == replicas &&
           available(new_set_) == replicas;
  }

  void share_out(std::vector<Object> active) {
    const std::int64_t replicas = wanted(deployment_);
    std::int64_t total = 0;
    for (const Object& set : active) total += wanted(set);
    const std::int64_t allowed = replicas > 0 ? replicas + rollout_bounds(deployment_).max_surge : 0;
    const std::int64_t to_add = allowed - total;
    // The biggest set takes the rest; among equals the newest grows, the oldest shrinks.
    std::ranges::sort(active, [to_add](const Object& a, const Object& b) {
      if (wanted(a) != wanted(b)) return wanted(a) > wanted(b);
      return to_add > 0 ? older(b, a) : older(a, b);
    });
    std::vector<std::int64_t> sizes;
    std::int64_t added = 0;
    for (const Object& set : active) {
      const std::int64_t share = to_add == 0 ? 0 : proportion(set, to_add, added);
      added += share;
      sizes.push_back(wanted(set) + share);
    }
    if (to_add != 0) sizes[0] = std::max<std::int64_t>(0, sizes[0] + to_add - added);
    for (std::size_t i = 0; i < active.size(); ++i) scale(active[i], sizes[i]);
  }

  std::int64_t proportion(const Object& set, std::int64_t to_add, std::int64_t added) const {
    const std::int64_t replicas = wanted(deployment_);
    if (wanted(set) == 0 || to_add == added) return 0;
    std::int64_t fraction = -wanted(set);
    if (replicas != 0) {
      std::int64_t before = parse_int(set.annotation(kMaxReplicas)).value_or(0);
      if (before == 0) before = deployment_.status()["replicas"].as_int();
      if (before == 0) return 0;
      const std::int64_t now_allowed = replicas + rollout_bounds(deployment_).max_surge;
      const std::int64_t target =
          std::llround(static_cast<double>(wanted(set) * now_allowed) / static_cast<double>(before));
      fraction = target - wanted(set);
    }
    return to_add > 0 ? std::min(fraction, to_add - added) : std::max(fraction, to_add - added);
  }

  void clean_up() {
    const Value& limit = deployment_.spec()["revisionHistoryLimit"];
    if (limit.is_null()) return;
    std::vector<Object> history;
    for (const Object& set : old_sets_) {
      if (!set.deleting()) history.push_back(set);
    }
    const std::int64_t surplus = static_cast<std::int64_t>(history.size()) - limit.as_int();
    if (surplus <= 0) return;
    std::ranges::sort(history, [](const Object& a, const Object& b) {
      return revision_of(a) != revision_of(b) ? revision_of(a) < revision_of(b) : older(a, b);
    });
    for (std::size_t i = 0; i < static_cast<std::size_t>(surplus); ++i) {
      const Object& set = history[i];
      const bool settled = set.generation() <= set.status()["observedGeneration"].as_int();
      if (set.status()["replicas"].as_int() == 0 && wanted(set) == 0 && settled) plan_.deletes.push_back(set);
    }
  }

  const Object& deployment_;
  std::vector<Object> sets_;
  std::vector<Object> old_sets_;
  Object new_set_;
  bool old_pods_running_;
  bool paused_or_scaling_ = false;
  TimePoint now_;
  ProgressNote creation_note_;
  DeploymentPlan plan_;
};

}  // namespace

RolloutBounds rollout_bounds(const Object& deployment) {
  const std::int64_t replicas = wanted(deployment);
  if (!is_rolling(deployment)) return {};
  const Value& rolling = deployment.spec().get("strategy", "rollingUpdate");
  static const Value quarter = "25%";
  const Value& surge = rolling.has("maxSurge") ? rolling["maxSurge"] : quarter;
  const Value& unavailable = rolling.has("maxUnavailable") ? rolling["maxUnavailable"] : quarter;
  RolloutBounds bounds{resolve_int_or_percent(surge, replicas, Rounding::kUp),
                       resolve_int_or_percent(unavailable, replicas, Rounding::kDown)};
  // Both may round to zero; then nothing could ever move.
  if (bounds.max_surge == 0 && bounds.max_unavailable == 0) bounds.max_unavailable = 1;
  bounds.max_unavailable = std::min(bounds.max_unavailable, replicas);
  return bounds;
}

Object find_new_replica_set(const Object& deployment, const std::vector<Object>& sets) {
  Object found;
  for (const Object& set : sets) {
    if (!same_template(set.spec()["template"], deployment.spec()["template"])) continue;
    if (!found || older(set, found)) found = set;
  }
  return found;
}

Object new_replica_set(const Object& deployment, const std::vector<Object>& old_sets, std::int64_t revision) {
  const Value& pod_template = deployment.spec()["template"];
  const Value& collisions = deployment.status()["collisionCount"];
  const std::string hash = template_hash(
      pod_template, collisions.is_int() ? std::optional<std::int64_t>(collisions.as_int()) : std::nullopt);
  Value labelled = pod_template;
  labelled.ref("metadata", "labels").set(kTemplateHash, hash);
  Value selector = deployment.spec()["selector"];
  selector.ref("matchLabels").set(kTemplateHash, hash);
  std::int64_t total = 0;
  for (const Object& set : old_sets) total += wanted(set);
  Value spec = Value::object(
      {{"replicas", new_set_replicas(deployment, total, 0)}, {"selector", selector}, {"template", labelled}});
  if (const std::int64_t min_ready = deployment.spec()["minReadySeconds"].as_int(); min_ready != 0)
    spec.set("minReadySeconds", min_ready);
  Value metadata =
      Value::object({{"name", std::string(deployment.name()) + "-" + hash},
                     {"namespace", deployment.ns()},
                     {"labels", labelled.get("metadata", "labels")},
                     {"ownerReferences", Value::array({controller_reference(deployment, "apps/v1", "Deployment")})}});
  Object set(
      Value::object({{"apiVersion", "apps/v1"}, {"kind", "ReplicaSet"}, {"metadata", metadata}, {"spec", spec}}));
  annotate_new_set(deployment, set, revision);
  annotate_replicas(deployment, set);
  return set;
}

DeploymentPlan plan_deployment(const Object& deployment, const std::vector<Object>& sets, bool old_pods_running,
                               TimePoint now) {
  return Planner(deployment, sets, old_pods_running, now).plan();
}

}  // namespace drydock::controllers
