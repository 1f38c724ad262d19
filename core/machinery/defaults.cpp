#include "core/machinery/defaults.h"

#include <string>

#include "core/base/strings.h"
#include "core/machinery/quantity.h"

namespace drydock {
namespace {

void set_default(Value& object, const char* name, Value value) {
  if (!object.has(name) || object[name].is_null()) object.set(name, std::move(value));
}

void default_probe(Value& container, const char* name) {
  if (!container[name].is_object()) return;
  Value& probe = container.ref(name);
  set_default(probe, "timeoutSeconds", 1);
  set_default(probe, "periodSeconds", 10);
  set_default(probe, "successThreshold", 1);
  set_default(probe, "failureThreshold", 3);
  if (probe["httpGet"].is_object()) {
    Value& get = probe.ref("httpGet");
    if (get["path"].empty()) get.set("path", "/");
    set_default(get, "scheme", "HTTP");
  }
  if (probe["grpc"].is_object()) set_default(probe.ref("grpc"), "service", "");
}

// Upstream: "latest" or no tag is pulled always, what has a tag only when absent.
const char* pull_policy(std::string_view image) {
  if (contains(image, "@")) return "IfNotPresent";
  const std::string_view name = image.substr(image.rfind('/') == std::string_view::npos ? 0 : image.rfind('/') + 1);
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos || name.substr(colon + 1) == "latest" ? "Always" : "IfNotPresent";
}

// Quantities in their canonical form: 9000 is "9k".
void canonical(Value& object, const char* list) {
  const Value before = object[list];
  for (const Value::Member& entry : before.members()) {
    const auto quantity = Quantity::from(entry.value);
    if (quantity && quantity->str() != entry.value.as_string()) object.ref(list).set(entry.key, quantity->str());
  }
}
void canonical_resources(Value& holder) {
  if (!holder["resources"].is_object()) return;
  for (const char* list : {"limits", "requests"}) {
    if (holder["resources"][list].is_object()) canonical(holder.ref("resources"), list);
  }
}

void default_container(Value& container, bool ephemeral) {
  set_default(container, "imagePullPolicy", pull_policy(container["image"].as_string()));
  set_default(container, "terminationMessagePath", "/dev/termination-log");
  set_default(container, "terminationMessagePolicy", "File");
  if (!container.has("resources")) container.set("resources", Value::object());
  for (std::size_t i = 0; i < container["ports"].size(); ++i)
    set_default(container.ref("ports").mutable_item(i), "protocol", "TCP");
  for (std::size_t i = 0; i < container["env"].size(); ++i) {
    const Value& from = container["env"][i]["valueFrom"];
    if (from["fieldRef"].is_object())
      set_default(container.ref("env").mutable_item(i).ref("valueFrom", "fieldRef"), "apiVersion", "v1");
    if (from["resourceFieldRef"].is_object())
      set_default(container.ref("env").mutable_item(i).ref("valueFrom", "resourceFieldRef"), "divisor", "0");
  }
  canonical_resources(container);
  // A limit without a request is its own request.
  const Value limits = container["resources"]["limits"];
  if (!ephemeral) {
    for (const Value::Member& limit : limits.members()) {
      if (!container["resources"]["requests"].has(limit.key.view()))
        container.ref("resources", "requests").set(limit.key, limit.value);
    }
    for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"}) default_probe(container, probe);
  }
}

void default_mode(Value& volume, const char* source) {
  if (volume[source].is_object()) set_default(volume.ref(source), "defaultMode", 420);
}

void default_volume(Value& volume) {
  if (volume.size() == 1) volume.set("emptyDir", Value::object());
  for (const char* source : {"secret", "configMap", "projected", "downwardAPI"}) default_mode(volume, source);
  if (volume["hostPath"].is_object()) set_default(volume.ref("hostPath"), "type", "");
  const Value& sources = volume["projected"]["sources"];
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (volume["projected"]["sources"][i]["serviceAccountToken"].is_object()) {
      set_default(volume.ref("projected", "sources").mutable_item(i).ref("serviceAccountToken"), "expirationSeconds",
                  3600);
    }
  }
}

void default_template(Value& spec) {
  if (spec["template"]["spec"].is_object()) default_pod_spec(spec.ref("template", "spec"));
}

void default_match(Value& spec, const char* name) {
  if (!spec[name].is_object()) return;
  Value& match = spec.ref(name);
  set_default(match, "matchPolicy", "Equivalent");
  for (const char* selector : {"namespaceSelector", "objectSelector"}) set_default(match, selector, Value::object());
  for (const char* rules : {"resourceRules", "excludeResourceRules"}) {
    for (std::size_t i = 0; i < match[rules].size(); ++i) set_default(match.ref(rules).mutable_item(i), "scope", "*");
  }
}

void default_admission_policy(Value& spec, std::string_view kind) {
  if (kind.ends_with("Binding")) return default_match(spec, "matchResources");
  set_default(spec, "failurePolicy", "Fail");
  default_match(spec, "matchConstraints");
}

void default_rolling(Value& strategy, bool surge) {
  if (strategy["type"].as_string() != "RollingUpdate") return;
  Value& rolling = strategy.ref("rollingUpdate");
  if (!rolling.is_object()) rolling = Value::object();
  if (surge) {
    set_default(rolling, "maxUnavailable", "25%");
    set_default(rolling, "maxSurge", "25%");
  } else {
    set_default(rolling, "maxUnavailable", 1);
    set_default(rolling, "maxSurge", 0);
  }
}

void default_service(Value& spec) {
  set_default(spec, "type", "ClusterIP");
  set_default(spec, "sessionAffinity", "None");
  if (spec["sessionAffinity"].as_string() == "ClientIP" && !spec["sessionAffinityConfig"].is_object()) {
    spec.ref("sessionAffinityConfig", "clientIP", "timeoutSeconds") = 10800;
  }
  const std::string type = spec["type"].str();
  if (type != "ExternalName") set_default(spec, "internalTrafficPolicy", "Cluster");
  if (type == "NodePort" || type == "LoadBalancer") set_default(spec, "externalTrafficPolicy", "Cluster");
  if (type == "LoadBalancer") set_default(spec, "allocateLoadBalancerNodePorts", true);
  for (std::size_t i = 0; i < spec["ports"].size(); ++i) {
    Value& port = spec.ref("ports").mutable_item(i);
    set_default(port, "protocol", "TCP");
    set_default(port, "targetPort", port["port"]);
  }
}

void default_job(Value& spec) {
  set_default(spec, "completionMode", "NonIndexed");
  set_default(spec, "suspend", false);
  set_default(spec, "podReplacementPolicy", spec.has("podFailurePolicy") ? "Failed" : "TerminatingOrFailed");
  set_default(spec, "backoffLimit", spec.has("backoffLimitPerIndex") ? Value(2147483647) : Value(6));
  if (!spec.has("completions") && !spec.has("parallelism")) spec.set("completions", 1);
  set_default(spec, "parallelism", 1);
  default_template(spec);
}

// Labels of the template, where an object has none of its own.
void default_labels(Value& document) {
  const Value labels = document["spec"]["template"]["metadata"]["labels"];
  if (document["metadata"]["labels"].empty() && !labels.empty()) document.ref("metadata", "labels") = labels;
}

// The status that a kind has before any controller wrote one.
void default_status(Value& document, std::string_view kind) {
  if (document.has("status")) return;
  const Value none = Value::object();
  if (kind == "Service" || kind == "Ingress")
    document.set("status", Value::object({{"loadBalancer", none}}));
  else if (kind == "PersistentVolume" || kind == "PersistentVolumeClaim")
    document.set("status", Value::object({{"phase", "Pending"}}));
  else if (kind == "Deployment" || kind == "Job" || kind == "CronJob" || kind == "ResourceQuota")
    document.set("status", none);
  else if (kind == "ReplicaSet" || kind == "ReplicationController")
    document.set("status", Value::object({{"replicas", 0}}));
  else if (kind == "StatefulSet")
    document.set("status", Value::object({{"availableReplicas", 0}, {"replicas", 0}}));
  else if (kind == "DaemonSet")
    document.set("status", Value::object({{"currentNumberScheduled", 0},
                                          {"desiredNumberScheduled", 0},
                                          {"numberMisscheduled", 0},
                                          {"numberReady", 0}}));
  else if (kind == "PodDisruptionBudget")
    document.set(
        "status",
        Value::object({{"currentHealthy", 0}, {"desiredHealthy", 0}, {"disruptionsAllowed", 0}, {"expectedPods", 0}}));
  else if (kind == "HorizontalPodAutoscaler")
    document.set("status", Value::object({{"currentMetrics", Value()}, {"desiredReplicas", 0}}));
}

// Decoded bytes: stringData becomes data.
void default_secret(Value& secret) {
  set_default(secret, "type", "Opaque");
  const Value plain = secret["stringData"];
  for (const Value::Member& member : plain.members())
    secret.ref("data").set(member.key, base64_encode(member.value.as_string()));
  secret.erase("stringData");
}

}  // namespace

void default_pod_spec(Value& spec) {
  set_default(spec, "dnsPolicy", "ClusterFirst");
  set_default(spec, "restartPolicy", "Always");
  set_default(spec, "schedulerName", "default-scheduler");
  set_default(spec, "terminationGracePeriodSeconds", 30);
  set_default(spec, "securityContext", Value::object());
  if (!spec["serviceAccountName"].empty())
    spec.set("serviceAccount", spec["serviceAccountName"]);
  else if (!spec["serviceAccount"].empty())
    spec.set("serviceAccountName", spec["serviceAccount"]);
  for (const char* list : {"containers", "initContainers", "ephemeralContainers"}) {
    for (std::size_t i = 0; i < spec[list].size(); ++i)
      default_container(spec.ref(list).mutable_item(i), std::string_view(list) == "ephemeralContainers");
  }
  for (std::size_t i = 0; i < spec["volumes"].size(); ++i) default_volume(spec.ref("volumes").mutable_item(i));
  if (spec["hostNetwork"].as_bool()) {
    for (std::size_t i = 0; i < spec["containers"].size(); ++i) {
      for (std::size_t k = 0; k < spec["containers"][i]["ports"].size(); ++k) {
        Value& port = spec.ref("containers").mutable_item(i).ref("ports").mutable_item(k);
        set_default(port, "hostPort", port["containerPort"]);
      }
    }
  }
}

void apply_defaults(Value& document) {
  const std::string kind = document["kind"].str();
  const bool has_spec = document["spec"].is_object();
  if (kind == "Secret") return default_secret(document);
  if (kind == "PodTemplate") return default_template(document);
  if (kind == "Namespace" && !has_spec) document.set("spec", Value::object());
  if (kind == "ClusterRoleBinding" || kind == "RoleBinding") {
    set_default(document.ref("roleRef"), "apiGroup", "rbac.authorization.k8s.io");
    for (std::size_t i = 0; i < document["subjects"].size(); ++i) {
      Value& subject = document.ref("subjects").mutable_item(i);
      if (subject["kind"].as_string() != "ServiceAccount")
        set_default(subject, "apiGroup", "rbac.authorization.k8s.io");
    }
    return;
  }
  if (kind == "StorageClass") {
    set_default(document, "reclaimPolicy", "Delete");
    set_default(document, "volumeBindingMode", "Immediate");
    return;
  }
  if (kind == "PriorityClass") return set_default(document, "preemptionPolicy", "PreemptLowerPriority");
  if (contains(kind, "AdmissionPolicy") && has_spec) return default_admission_policy(document.ref("spec"), kind);
  if (!has_spec) return;
  default_status(document, kind);
  Value& spec = document.ref("spec");
  if (kind == "Pod") {
    default_pod_spec(spec);
    set_default(spec, "enableServiceLinks", true);
  } else if (kind == "Service") {
    default_service(spec);
  } else if (kind == "Deployment") {
    set_default(spec, "replicas", 1);
    set_default(spec, "revisionHistoryLimit", 10);
    set_default(spec, "progressDeadlineSeconds", 600);
    set_default(spec.ref("strategy"), "type", "RollingUpdate");
    default_rolling(spec.ref("strategy"), true);
    default_template(spec);
  } else if (kind == "ReplicaSet" || kind == "ReplicationController") {
    set_default(spec, "replicas", 1);
    if (kind == "ReplicationController" && spec["selector"].empty())
      spec.set("selector", spec["template"]["metadata"]["labels"]);
    default_template(spec);
    default_labels(document);
  } else if (kind == "DaemonSet") {
    set_default(spec, "revisionHistoryLimit", 10);
    set_default(spec.ref("updateStrategy"), "type", "RollingUpdate");
    default_rolling(spec.ref("updateStrategy"), false);
    default_template(spec);
    set_default(document.ref("metadata", "annotations"), "deprecated.daemonset.template.generation", "1");
  } else if (kind == "StatefulSet") {
    set_default(spec, "replicas", 1);
    set_default(spec, "revisionHistoryLimit", 10);
    set_default(spec, "podManagementPolicy", "OrderedReady");
    set_default(spec.ref("updateStrategy"), "type", "RollingUpdate");
    if (spec["updateStrategy"]["type"].as_string() == "RollingUpdate")
      set_default(spec.ref("updateStrategy", "rollingUpdate"), "partition", 0);
    Value& retention = spec.ref("persistentVolumeClaimRetentionPolicy");
    set_default(retention, "whenDeleted", "Retain");
    set_default(retention, "whenScaled", "Retain");
    default_template(spec);
  } else if (kind == "Job") {
    default_job(spec);
    // The controller's own labels and selector.
    if (!spec["manualSelector"].as_bool() && !spec["selector"].is_object()) {
      const Value uid = document["metadata"]["uid"];
      const Value name = document["metadata"]["name"];
      Value& labels = spec.ref("template", "metadata", "labels");
      for (const char* prefix : {"", "batch.kubernetes.io/"}) {
        labels.set(std::string(prefix) + "controller-uid", uid);
        labels.set(std::string(prefix) + "job-name", name);
      }
      spec.ref("selector", "matchLabels").set("batch.kubernetes.io/controller-uid", uid);
    }
    default_labels(document);
  } else if (kind == "CronJob") {
    set_default(spec, "concurrencyPolicy", "Allow");
    set_default(spec, "suspend", false);
    set_default(spec, "successfulJobsHistoryLimit", 3);
    set_default(spec, "failedJobsHistoryLimit", 1);
    default_template(spec.ref("jobTemplate", "spec"));
  } else if (kind == "PersistentVolumeClaim") {
    set_default(spec, "volumeMode", "Filesystem");
    canonical_resources(spec);
  } else if (kind == "ResourceQuota") {
    canonical(spec, "hard");
  } else if (kind == "PersistentVolume") {
    canonical(spec, "capacity");
    if (spec["hostPath"].is_object()) set_default(spec.ref("hostPath"), "type", "");
    set_default(spec, "volumeMode", "Filesystem");
    set_default(spec, "persistentVolumeReclaimPolicy", "Retain");
  } else if (kind == "Ingress") {
    for (std::size_t i = 0; i < spec["rules"].size(); ++i) {
      for (std::size_t k = 0; k < spec["rules"][i]["http"]["paths"].size(); ++k) {
        set_default(spec.ref("rules").mutable_item(i).ref("http", "paths").mutable_item(k), "pathType",
                    "ImplementationSpecific");
      }
    }
  } else if (kind == "NetworkPolicy") {
    if (spec["policyTypes"].empty()) {
      Value types = Value::array({"Ingress"});
      if (!spec["egress"].empty()) types.push_back("Egress");
      spec.set("policyTypes", std::move(types));
    }
    for (const char* way : {"ingress", "egress"}) {
      for (std::size_t i = 0; i < spec[way].size(); ++i) {
        for (std::size_t j = 0; j < spec[way][i]["ports"].size(); ++j)
          set_default(spec.ref(way).mutable_item(i).ref("ports").mutable_item(j), "protocol", "TCP");
      }
    }
  } else if (kind == "HorizontalPodAutoscaler") {
    set_default(spec, "minReplicas", 1);
  }
}

}  // namespace drydock
