// What the models leave out: texts of fields whose type is an object of its own,
// and the values that a field may have. The fields a learner looks at first.
#include "core/programs/kubectl/explain_docs.h"

namespace drydock::kubectl {
namespace {

struct Note {
  std::string_view type;  // "" for any
  std::string_view field;
  std::string_view text;
};

#define CONVENTIONS "More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md"
#define STATE CONVENTIONS "#spec-and-status"
#define PROBES "More info: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle#container-probes"
constexpr Note kNotes[] = {
    {"V1Pod", "spec", "Specification of the desired behavior of the pod. " STATE},
    {"V1Pod", "status",
     "Most recently observed status of the pod. This data may not be up to date. Populated by the system. "
     "Read-only. " STATE},
    {"V1PodTemplateSpec", "spec", "Specification of the desired behavior of the pod. " STATE},
    {"V1Deployment", "spec", "Specification of the desired behavior of the Deployment."},
    {"V1Deployment", "status", "Most recently observed status of the Deployment."},
    {"V1DeploymentSpec", "strategy", "The deployment strategy to use to replace existing pods with new ones."},
    {"V1DeploymentSpec", "selector",
     "Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this "
     "deployment. It must match the pod template's labels."},
    {"V1DeploymentSpec", "template",
     "Template describes the pods that will be created. The only allowed template.spec.restartPolicy value is "
     "\"Always\"."},
    {"V1DeploymentStrategy", "rollingUpdate",
     "Rolling update config params. Present only if DeploymentStrategyType = RollingUpdate."},
    {"V1ReplicaSet", "spec", "Spec defines the specification of the desired behavior of the ReplicaSet. " STATE},
    {"V1StatefulSet", "spec", "Spec defines the desired identities of pods in this set."},
    {"V1DaemonSet", "spec", "The desired behavior of this daemon set. " STATE},
    {"V1Job", "spec", "Specification of the desired behavior of a job. " STATE},
    {"V1Job", "status", "Current status of a job. " STATE},
    {"V1CronJob", "spec", "Specification of the desired behavior of a cron job, including the schedule. " STATE},
    {"V1CronJob", "status", "Current status of a cron job. " STATE},
    {"V1Namespace", "spec", "Spec defines the behavior of the Namespace. " STATE},
    {"V1Namespace", "status", "Status describes the current status of a Namespace. " STATE},
    {"V1Ingress", "spec", "spec is the desired state of the Ingress. " STATE},
    {"V1Ingress", "status", "status is the current state of the Ingress. " STATE},
    {"V1Container", "livenessProbe",
     "Periodic probe of container liveness. Container will be restarted if the probe fails. Cannot be "
     "updated. " PROBES},
    {"V1Container", "readinessProbe",
     "Periodic probe of container service readiness. Container will be removed from service endpoints if the probe "
     "fails. Cannot be updated. " PROBES},
    {"V1Container", "resources",
     "Compute Resources required by this container. Cannot be updated. More info: "
     "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/"},
    {"V1Container", "lifecycle",
     "Actions that the management system should take in response to container lifecycle events. Cannot be updated."},
    {"V1PodSpec", "affinity", "If specified, the pod's scheduling constraints"},
    {"V1Probe", "exec", "Exec specifies a command to execute in the container."},
    {"V1Probe", "httpGet", "HTTPGet specifies an HTTP GET request to perform."},
    {"V1Probe", "tcpSocket", "TCPSocket specifies a connection to a TCP port."},
    {"V1Probe", "grpc", "GRPC specifies a GRPC HealthCheckRequest."},
    {"V1EnvVar", "valueFrom", "Source for the environment variable's value. Cannot be used if value is not empty."},
    {"", "metadata", "Standard object's metadata. " CONVENTIONS "#metadata"},
};
#undef PROBES
#undef STATE
#undef CONVENTIONS

constexpr Note kEnums[] = {
    {"V1DeploymentStrategy", "type", "Recreate, RollingUpdate"},
    {"V1DaemonSetUpdateStrategy", "type", "OnDelete, RollingUpdate"},
    {"V1StatefulSetUpdateStrategy", "type", "OnDelete, RollingUpdate"},
    {"V1StatefulSetSpec", "podManagementPolicy", "OrderedReady, Parallel"},
    {"V1PodSpec", "restartPolicy", "Always, Never, OnFailure"},
    {"V1PodSpec", "dnsPolicy", "ClusterFirst, ClusterFirstWithHostNet, Default, None"},
    {"V1PodSpec", "preemptionPolicy", "Never, PreemptLowerPriority"},
    {"V1PodStatus", "phase", "Failed, Pending, Running, Succeeded, Unknown"},
    {"V1PodStatus", "qosClass", "BestEffort, Burstable, Guaranteed"},
    {"V1Container", "imagePullPolicy", "Always, IfNotPresent, Never"},
    {"V1Container", "terminationMessagePolicy", "FallbackToLogsOnError, File"},
    {"V1ContainerPort", "protocol", "SCTP, TCP, UDP"},
    {"V1ServicePort", "protocol", "SCTP, TCP, UDP"},
    {"V1ServiceSpec", "type", "ClusterIP, ExternalName, LoadBalancer, NodePort"},
    {"V1ServiceSpec", "sessionAffinity", "ClientIP, None"},
    {"V1ServiceSpec", "externalTrafficPolicy", "Cluster, Local"},
    {"V1ServiceSpec", "internalTrafficPolicy", "Cluster, Local"},
    {"V1HTTPGetAction", "scheme", "HTTP, HTTPS"},
    {"V1Toleration", "effect", "NoExecute, NoSchedule, PreferNoSchedule"},
    {"V1Toleration", "operator", "Equal, Exists, Gt, Lt"},
    {"V1Taint", "effect", "NoExecute, NoSchedule, PreferNoSchedule"},
    {"V1CronJobSpec", "concurrencyPolicy", "Allow, Forbid, Replace"},
    {"V1JobSpec", "completionMode", "Indexed, NonIndexed"},
};

template <std::size_t kCount>
std::string_view look_up(const Note (&notes)[kCount], std::string_view type, std::string_view field) {
  for (const Note& note : notes) {
    if (note.field == field && (note.type.empty() || note.type == type)) return note.text;
  }
  return "";
}

}  // namespace

std::string_view field_note(std::string_view type, std::string_view field) { return look_up(kNotes, type, field); }
std::string_view field_values(std::string_view type, std::string_view field) { return look_up(kEnums, type, field); }

}  // namespace drydock::kubectl
