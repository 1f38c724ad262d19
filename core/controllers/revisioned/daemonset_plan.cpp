#include "core/controllers/revisioned/daemonset_plan.h"

#include <algorithm>
#include <map>

#include "core/controllers/shared/owner_reference.h"
#include "core/controllers/workload/int_or_percent.h"

namespace drydock::controllers {
namespace {

constexpr const char* kRevisionHash = "controller-revision-hash";

// Daemons run on nodes that others have to leave.
// https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations
std::vector<Value> daemon_tolerations(bool host_network) {
  const auto exists = [](const char* key, const char* effect) {
    return Value::object({{"key", key}, {"operator", "Exists"}, {"effect", effect}});
  };
  std::vector<Value> tolerations = {
      exists("node.kubernetes.io/not-ready", "NoExecute"),
      exists("node.kubernetes.io/unreachable", "NoExecute"),
      exists("node.kubernetes.io/disk-pressure", "NoSchedule"),
      exists("node.kubernetes.io/memory-pressure", "NoSchedule"),
      exists("node.kubernetes.io/pid-pressure", "NoSchedule"),
      exists("node.kubernetes.io/unschedulable", "NoSchedule"),
  };
  if (host_network) tolerations.push_back(exists("node.kubernetes.io/network-unavailable", "NoSchedule"));
  return tolerations;
}

Value with_daemon_tolerations(const Value& pod_spec) {
  Value tolerations = pod_spec["tolerations"].is_array() ? pod_spec["tolerations"] : Value::array();
  for (const Value& added : daemon_tolerations(pod_spec["hostNetwork"].as_bool())) {
    const bool present =
        std::ranges::any_of(tolerations.items(), [&added](const Value& toleration) { return toleration == added; });
    if (!present) tolerations.push_back(added);
  }
  return tolerations;
}

// The scheduler binds daemon pods as all others; this term leaves it one node.
Value only_node(const std::string& name) {
  Value field = Value::object({{"key", "metadata.name"}, {"operator", "In"}, {"values", Value::array({name})}});
  Value term = Value::object({{"matchFields", Value::array({field})}});
  return Value::object({{"nodeSelectorTerms", Value::array({term})}});
}

Object daemon_pod(const Object& set, const Value& tolerations, const std::string& node, const std::string& hash) {
  Object pod = pod_from_template(set.spec()["template"], set, "apps/v1", "DaemonSet");
  Value& doc = pod.mutable_doc();
  doc.ref("metadata", "labels").set(kRevisionHash, hash);
  if (const Value& generation = set.annotations()["deprecated.daemonset.template.generation"]; !generation.is_null()) {
    doc.ref("metadata", "labels").set("pod-template-generation", generation);
  }
  doc.ref("spec").set("tolerations", tolerations);
  doc.ref("spec", "affinity", "nodeAffinity").set("requiredDuringSchedulingIgnoredDuringExecution", only_node(node));
  return pod;
}

struct NodePods {
  std::vector<const PodView*> all;
  const PodView* current = nullptr;  // of the present template
  const PodView* old = nullptr;
};

class Planner {
 public:
  Planner(const Object& set, const std::string& hash, TimePoint now)
      : set_(set), hash_(hash), now_(now), nodes_(set), min_ready_(set.spec()["minReadySeconds"].as_int()) {}

  DaemonSetPlan plan(const std::vector<const Object*>& nodes, const std::vector<const PodView*>& owned) {
    for (const PodView* pod : owned) {
      by_node_[target_node(pod->object)].all.push_back(pod);
    }
    const Value tolerations = with_daemon_tolerations(set_.spec().get("template", "spec"));
    for (const Object* node : nodes) {
      const NodeFit fit = nodes_.fit(*node);
      const std::string name(node->name());
      NodePods& pods = by_node_[name];
      if (fit.should_run) ++desired_;
      keep_one(pods, fit);
      if (fit.should_run && pods.current == nullptr && pods.old == nullptr && !waiting_for_deletion(pods)) {
        plan_.creates.push_back(daemon_pod(set_, tolerations, name, hash_));
      }
      count(pods, fit);
      known_.push_back(name);
    }
    for (auto& [name, pods] : by_node_) {
      // Pods of nodes that are gone are left to the pod garbage collector.
      if (name.empty()) {
        for (const PodView* pod : pods.all) remove(*pod);
      }
    }
    roll();
    write_status();
    return std::move(plan_);
  }

 private:
  void remove(const PodView& pod) {
    if (!pod.deleting) plan_.deletes.push_back(pod.object);
  }

  static bool waiting_for_deletion(const NodePods& pods) {
    return std::ranges::any_of(pods.all, [](const PodView* pod) { return pod->deleting || pod->finished(); });
  }

  void keep_one(NodePods& pods, NodeFit fit) {
    for (const PodView* pod : pods.all) {
      if (pod->deleting) continue;
      if (!fit.may_stay) {
        remove(*pod);
        continue;
      }
      if (pod->phase == PodPhase::kFailed || pod->phase == PodPhase::kSucceeded) {
        plan_.failed.push_back(pod->object);
        remove(*pod);
        continue;
      }
      const PodView*& slot = pod->object.label(kRevisionHash) == hash_ ? pods.current : pods.old;
      if (slot == nullptr) {
        slot = pod;
      } else if (pod->created < slot->created) {  // the oldest stays
        remove(*slot);
        slot = pod;
      } else {
        remove(*pod);
      }
    }
  }

  void count(const NodePods& pods, NodeFit fit) {
    const PodView* pod = pods.current != nullptr ? pods.current : pods.old;
    if (!fit.should_run) {
      if (std::ranges::any_of(pods.all, [](const PodView* any) { return !any->finished(); })) ++misscheduled_;
      return;
    }
    if (pod == nullptr) {
      if (!pods.all.empty()) ++scheduled_;
      return;
    }
    ++scheduled_;
    if (pod->ready) ++ready_;
    if (pod->available(min_ready_, now_))
      ++available_;
    else if (pod->ready)
      plan_.recheck = std::min(plan_.recheck, pod->ready_since + seconds(min_ready_));
    if (pod == pods.current) ++updated_;
  }

  void roll() {
    if (set_.spec().get("updateStrategy", "type").as_string() == "OnDelete") return;
    const Value& rolling = set_.spec().get("updateStrategy", "rollingUpdate");
    const std::int64_t max_surge = resolve_int_or_percent(rolling["maxSurge"], desired_, Rounding::kUp);
    if (max_surge > 0) {
      surge(max_surge);
      return;
    }
    const Value one = 1;
    const std::int64_t max_unavailable = std::max<std::int64_t>(
        1, resolve_int_or_percent(rolling.has("maxUnavailable") ? rolling["maxUnavailable"] : one, desired_,
                                  Rounding::kUp));
    std::int64_t unavailable = 0;
    std::vector<const PodView*> candidates;
    for (const std::string& name : known_) {
      const NodePods& pods = by_node_[name];
      if (pods.current != nullptr) {
        if (!pods.current->available(min_ready_, now_)) ++unavailable;
      } else if (pods.old == nullptr) {
        if (!pods.all.empty()) ++unavailable;
      } else if (!pods.old->available(min_ready_, now_)) {
        ++unavailable;
        remove(*pods.old);  // serves nobody: replacing it costs nothing
      } else {
        candidates.push_back(pods.old);
      }
    }
    for (const PodView* pod : candidates) {
      if (unavailable >= max_unavailable) break;
      ++unavailable;
      remove(*pod);
    }
  }

  // New pods start beside the old ones, which go once the new ones are available.
  void surge(std::int64_t max_surge) {
    const Value tolerations = with_daemon_tolerations(set_.spec().get("template", "spec"));
    std::int64_t surging = 0;
    std::vector<const std::string*> candidates;
    for (const std::string& name : known_) {
      const NodePods& pods = by_node_[name];
      if (pods.old == nullptr) continue;
      if (pods.current == nullptr) {
        candidates.push_back(&name);
      } else if (pods.current->available(min_ready_, now_)) {
        remove(*pods.old);
      } else {
        ++surging;
      }
    }
    for (const std::string* name : candidates) {
      if (surging >= max_surge) break;
      ++surging;
      plan_.creates.push_back(daemon_pod(set_, tolerations, *name, hash_));
    }
  }

  void write_status() {
    Value status = set_.status();
    status.set("currentNumberScheduled", scheduled_);
    status.set("numberMisscheduled", misscheduled_);
    status.set("desiredNumberScheduled", desired_);
    status.set("numberReady", ready_);
    const auto put = [&status](const char* field, std::int64_t number) {
      if (number != 0)
        status.set(field, number);
      else
        status.erase(field);
    };
    put("observedGeneration", set_.generation());
    put("updatedNumberScheduled", updated_);
    put("numberAvailable", available_);
    put("numberUnavailable", desired_ - available_);
    plan_.status = std::move(status);
  }

  const Object& set_;
  const std::string& hash_;
  TimePoint now_;
  DaemonSetNodes nodes_;
  std::int64_t min_ready_;
  std::map<std::string, NodePods> by_node_;
  std::vector<std::string> known_;
  std::int64_t desired_ = 0, scheduled_ = 0, misscheduled_ = 0, ready_ = 0, available_ = 0, updated_ = 0;
  DaemonSetPlan plan_;
};

}  // namespace

DaemonSetNodes::DaemonSetNodes(const Object& set)
    : selection_(read_node_selection(set.spec().get("template", "spec"))),
      node_name_(set.spec().get("template", "spec", "nodeName").str()),
      tolerations_(read_tolerations(with_daemon_tolerations(set.spec().get("template", "spec")))) {}

NodeFit DaemonSetNodes::fit(const Object& node) const {
  const std::string name(node.name());
  if ((!node_name_.empty() && node_name_ != name) || !selection_.matches(name, node.labels())) return {};
  NodeFit fit{.should_run = true, .may_stay = true};
  for (const Taint& taint : read_taints(node.spec()["taints"])) {
    if (taint.effect == "PreferNoSchedule" || tolerates(tolerations_, taint)) continue;
    fit.should_run = false;
    if (taint.effect == "NoExecute") fit.may_stay = false;
  }
  return fit;
}

std::string target_node(const Object& pod) {
  if (const std::string_view bound = pod.spec()["nodeName"].as_string(); !bound.empty()) return std::string(bound);
  const Value& required = pod.spec().get("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution");
  for (const Value& term : required["nodeSelectorTerms"].items()) {
    for (const Value& field : term["matchFields"].items()) {
      if (field["key"].as_string() == "metadata.name") return field["values"][0].str();
    }
  }
  return "";
}

DaemonSetPlan plan_daemon_set(const Object& set, const std::vector<const Object*>& nodes,
                              const std::vector<const PodView*>& owned, const std::string& hash, TimePoint now) {
  return Planner(set, hash, now).plan(nodes, owned);
}

}  // namespace drydock::controllers
