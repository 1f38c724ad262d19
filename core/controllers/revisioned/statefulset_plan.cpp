#include "core/controllers/revisioned/statefulset_plan.h"

#include <algorithm>
#include <map>

#include "core/base/strings.h"
#include "core/controllers/shared/owner_reference.h"

namespace drydock::controllers {
namespace {

constexpr const char* kRevisionHash = "controller-revision-hash";

class Planner {
 public:
  Planner(const Object& set, const std::vector<const PodView*>& owned, const StatefulRevisions& revisions,
          TimePoint now)
      : set_(set),
        revisions_(revisions),
        now_(now),
        start_(set.spec().get("ordinals", "start").as_int()),
        end_(start_ + set.spec()["replicas"].as_int(1)),
        min_ready_(set.spec()["minReadySeconds"].as_int()),
        ordered_(set.spec()["podManagementPolicy"].as_string() != "Parallel") {
    for (const PodView* pod : owned) {
      if (const auto ordinal = ordinal_of(set, pod->object)) pods_.emplace(*ordinal, pod);
    }
  }

  StatefulSetPlan plan() {
    write_status();
    if (!set_.deleting() && fill() && condemn()) update();
    return std::move(plan_);
  }

 private:
  bool healthy(const PodView& pod) const {
    return pod.phase == PodPhase::kRunning && !pod.deleting && pod.available(min_ready_, now_);
  }

  std::int64_t partition() const { return set_.spec().get("updateStrategy", "rollingUpdate", "partition").as_int(); }

  // Each step returns whether the next one may follow.
  bool fill() {
    for (std::int64_t ordinal = start_; ordinal < end_; ++ordinal) {
      auto it = pods_.find(ordinal);
      if (it == pods_.end()) {
        plan_.creates.push_back(make(ordinal));
        if (ordered_) return false;
        continue;
      }
      const PodView& pod = *it->second;
      if (pod.finished() && !pod.deleting) {
        plan_.failed.push_back(pod.object);
        plan_.deletes.push_back(pod.object);
        if (ordered_) return false;
        continue;
      }
      if (ordered_ && !healthy(pod)) {
        if (pod.ready && min_ready_ > 0) plan_.recheck = std::min(plan_.recheck, pod.ready_since + seconds(min_ready_));
        return false;
      }
    }
    return true;
  }

  // Pods beyond the wanted number, from the highest down.
  bool condemn() {
    std::vector<const PodView*> condemned;
    for (const auto& [ordinal, pod] : pods_) {
      if (ordinal < start_ || ordinal >= end_) condemned.push_back(pod);
    }
    for (auto it = condemned.rbegin(); it != condemned.rend(); ++it) {
      if ((*it)->deleting) {
        if (ordered_) return false;
        continue;
      }
      plan_.deletes.push_back((*it)->object);
      if (ordered_) return false;
    }
    return true;
  }

  void update() {
    if (set_.spec().get("updateStrategy", "type").as_string() == "OnDelete") return;
    for (auto it = pods_.rbegin(); it != pods_.rend(); ++it) {
      const auto& [ordinal, pod] = *it;
      if (ordinal >= end_) continue;
      if (ordinal < start_ + partition()) return;
      if (pod->object.label(kRevisionHash) != revisions_.update && !pod->deleting) {
        plan_.deletes.push_back(pod->object);
        return;
      }
      if (!healthy(*pod)) return;
    }
  }

  bool wants_current_revision(std::int64_t ordinal) const {
    const Value& strategy = set_.spec()["updateStrategy"];
    if (strategy["type"].as_string() == "OnDelete") return false;
    if (strategy["rollingUpdate"].is_null()) return ordinal < start_ + set_.status()["currentReplicas"].as_int();
    return ordinal < start_ + partition();
  }

  StatefulPodCreation make(std::int64_t ordinal) const {
    const bool current = wants_current_revision(ordinal) && revisions_.current_template.is_object();
    const Value& pod_template = current ? revisions_.current_template : set_.spec()["template"];
    StatefulPodCreation creation{pod_from_template(pod_template, set_, "apps/v1", "StatefulSet"), {}};
    const std::string name = std::string(set_.name()) + "-" + std::to_string(ordinal);
    Value& doc = creation.pod.mutable_doc();
    Value& metadata = doc.ref("metadata");
    metadata.erase("generateName");
    metadata.set("name", name);
    Value& labels = metadata.ref("labels");
    labels.set("statefulset.kubernetes.io/pod-name", name);
    labels.set("apps.kubernetes.io/pod-index", std::to_string(ordinal));
    labels.set(kRevisionHash, current ? revisions_.current : revisions_.update);
    Value& spec = doc.ref("spec");
    spec.set("hostname", name);
    if (const Value& service = set_.spec()["serviceName"]; !service.empty()) spec.set("subdomain", service);
    add_claims(creation, name);
    return creation;
  }

  void add_claims(StatefulPodCreation& creation, const std::string& pod_name) const {
    const Value& templates = set_.spec()["volumeClaimTemplates"];
    if (templates.empty()) return;
    Value volumes = Value::array();
    for (const Value& claim_template : templates.items()) {
      const std::string volume = claim_template.get("metadata", "name").str();
      const std::string claim_name = volume + "-" + pod_name;
      volumes.push_back(
          Value::object({{"name", volume}, {"persistentVolumeClaim", Value::object({{"claimName", claim_name}})}}));
      Value metadata = claim_template["metadata"];
      metadata.set("name", claim_name);
      metadata.set("namespace", set_.ns());
      for (const Value::Member& label : set_.spec().get("selector", "matchLabels").members())
        metadata.ref("labels").set(label.key, label.value);
      creation.claims.emplace_back(Value::object({{"apiVersion", "v1"},
                                                  {"kind", "PersistentVolumeClaim"},
                                                  {"metadata", metadata},
                                                  {"spec", claim_template["spec"]}}));
    }
    // Volumes of the template with a claim's name give way to the claim.
    for (const Value& volume : creation.pod.spec()["volumes"].items()) {
      const bool replaced = std::ranges::any_of(
          templates.items(), [&volume](const Value& t) { return t.get("metadata", "name") == volume["name"]; });
      if (!replaced) volumes.push_back(volume);
    }
    creation.pod.mutable_doc().ref("spec").set("volumes", std::move(volumes));
  }

  void write_status() {
    std::int64_t replicas = 0, ready = 0, available = 0, current = 0, updated = 0;
    for (const auto& [ordinal, pod] : pods_) {
      ++replicas;
      if (pod->phase == PodPhase::kRunning && pod->ready) {
        ++ready;
        if (pod->available(min_ready_, now_)) ++available;
      }
      if (pod->deleting) continue;
      const std::string_view revision = pod->object.label(kRevisionHash);
      if (revision == revisions_.current) ++current;
      if (revision == revisions_.update) ++updated;
    }
    std::string current_revision = revisions_.current;
    const bool rolled_out = updated == replicas && ready == replicas && replicas == end_ - start_ &&
                            set_.spec().get("updateStrategy", "type").as_string() != "OnDelete";
    if (rolled_out) {
      current = updated;
      current_revision = revisions_.update;
    }
    Value status = set_.status();
    const auto put = [&status](const char* field, std::int64_t number) {
      if (number != 0)
        status.set(field, number);
      else
        status.erase(field);
    };
    status.set("replicas", replicas);
    status.set("availableReplicas", available);
    put("readyReplicas", ready);
    put("currentReplicas", current);
    put("updatedReplicas", updated);
    put("observedGeneration", set_.generation());
    status.set("currentRevision", current_revision);
    status.set("updateRevision", revisions_.update);
    if (!status.has("collisionCount")) status.set("collisionCount", 0);
    plan_.status = std::move(status);
  }

  const Object& set_;
  const StatefulRevisions& revisions_;
  TimePoint now_;
  std::int64_t start_, end_, min_ready_;
  bool ordered_;
  std::map<std::int64_t, const PodView*> pods_;
  StatefulSetPlan plan_;
};

}  // namespace

std::optional<std::int64_t> ordinal_of(const Object& set, const Object& pod) {
  const std::string_view name = pod.name();
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || name.substr(0, dash) != set.name()) return std::nullopt;
  return parse_int(name.substr(dash + 1));
}

StatefulSetPlan plan_stateful_set(const Object& set, const std::vector<const PodView*>& owned,
                                  const StatefulRevisions& revisions, TimePoint now) {
  return Planner(set, owned, revisions, now).plan();
}

}  // namespace drydock::controllers
