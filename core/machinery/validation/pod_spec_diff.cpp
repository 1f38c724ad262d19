// What a refused pod update would have changed: a diff of the specifications as the
// API server holds them, Go's internal types with their own field names and order.
#include <map>

#include "core/base/strings.h"
#include "core/base/unified_diff.h"
#include "core/machinery/json.h"
#include "core/machinery/validation/kinds.h"

namespace drydock {
namespace {

// Fields in the order of k8s.io/kubernetes/pkg/apis/core/types.go, each "Name" or
// "Name:shape"; the JSON name is Name with a small first letter unless "=name" gives
// it. Shapes: s "", i 0, b false (values); Type a struct; *Type a pointer to one;
// [Type] a list of them; none: whatever is there, or null.
const std::map<std::string_view, std::string_view>& shapes() {
  static const std::map<std::string_view, std::string_view> all{
      {"PodSpec",
       "Volumes:[Volume] InitContainers:[Container] Containers:[Container] EphemeralContainers:[Container] "
       "RestartPolicy:s TerminationGracePeriodSeconds ActiveDeadlineSeconds DNSPolicy=dnsPolicy:s NodeSelector "
       "ServiceAccountName:s AutomountServiceAccountToken NodeName:s SecurityContext:*PodSecurity "
       "ImagePullSecrets:[Reference] Hostname:s Subdomain:s SetHostnameAsFQDN=setHostnameAsFQDN HostnameOverride "
       "Affinity SchedulerName:s Tolerations:[Toleration] HostAliases PriorityClassName:s Priority PreemptionPolicy "
       "DNSConfig=dnsConfig ReadinessGates RuntimeClassName Overhead EnableServiceLinks TopologySpreadConstraints "
       "OS=os SchedulingGates ResourceClaims Resources"},
      {"PodSecurity",
       "HostNetwork:b HostPID=hostPID:b HostIPC=hostIPC:b ShareProcessNamespace HostUsers "
       "SELinuxOptions=seLinuxOptions WindowsOptions RunAsUser RunAsGroup RunAsNonRoot SupplementalGroups "
       "SupplementalGroupsPolicy FSGroup=fsGroup FSGroupChangePolicy=fsGroupChangePolicy Sysctls SeccompProfile "
       "AppArmorProfile SELinuxChangePolicy=seLinuxChangePolicy"},
      {"Reference", "Name:s"},
      {"Toleration", "Key:s Operator:s Value:s Effect:s TolerationSeconds"},
      {"Volume",
       "Name:s HostPath:*HostPath EmptyDir:*EmptyDir GCEPersistentDisk=gcePersistentDisk "
       "AWSElasticBlockStore=awsElasticBlockStore GitRepo Secret:*SecretVolume NFS=nfs:*NFS ISCSI=iscsi Glusterfs "
       "PersistentVolumeClaim:*Claim RBD=rbd Quobyte FlexVolume Cinder CephFS=cephfs Flocker "
       "DownwardAPI:*DownwardVolume FC=fc AzureFile ConfigMap:*ConfigMapVolume VsphereVolume AzureDisk "
       "PhotonPersistentDisk Projected:*Projected PortworxVolume ScaleIO=scaleIO StorageOS=storageos CSI=csi Ephemeral "
       "Image"},
      {"HostPath", "Path:s Type"},
      {"EmptyDir", "Medium:s SizeLimit"},
      {"NFS", "Server:s Path:s ReadOnly:b"},
      {"Claim", "ClaimName:s ReadOnly:b"},
      {"SecretVolume", "SecretName:s Items:[KeyToPath] DefaultMode Optional"},
      {"ConfigMapVolume", "Name:s Items:[KeyToPath] DefaultMode Optional"},
      {"DownwardVolume", "Items:[DownwardFile] DefaultMode"},
      {"Projected", "Sources:[Projection] DefaultMode"},
      {"Projection",
       "Secret:*Projected1 DownwardAPI:*DownwardProjection ConfigMap:*Projected1 ServiceAccountToken:*TokenProjection "
       "ClusterTrustBundle PodCertificate"},
      {"Projected1", "Name:s Items:[KeyToPath] Optional"},
      {"DownwardProjection", "Items:[DownwardFile]"},
      {"TokenProjection", "Audience:s ExpirationSeconds:i Path:s"},
      {"KeyToPath", "Key:s Path:s Mode"},
      {"DownwardFile", "Path:s FieldRef:*FieldRef ResourceFieldRef Mode"},
      {"FieldRef", "APIVersion=apiVersion:s FieldPath:s"},
      {"Container",
       "Name:s Image:s Command Args WorkingDir:s Ports:[Port] EnvFrom Env:[Variable] Resources:Resources ResizePolicy "
       "RestartPolicy RestartPolicyRules VolumeMounts:[Mount] VolumeDevices LivenessProbe:*Probe ReadinessProbe:*Probe "
       "StartupProbe:*Probe Lifecycle TerminationMessagePath:s TerminationMessagePolicy:s ImagePullPolicy:s "
       "SecurityContext Stdin:b StdinOnce:b TTY=tty:b"},
      {"Port", "Name:s HostPort:i ContainerPort:i Protocol:s HostIP=hostIP:s"},
      {"Variable", "Name:s Value:s ValueFrom"},
      {"Resources", "Limits Requests Claims"},
      {"Mount", "Name:s ReadOnly:b RecursiveReadOnly MountPath:s SubPath:s MountPropagation SubPathExpr:s"},
      {"Probe",
       "Exec HTTPGet=httpGet:*HttpGet TCPSocket=tcpSocket GRPC=grpc InitialDelaySeconds:i TimeoutSeconds:i "
       "PeriodSeconds:i SuccessThreshold:i FailureThreshold:i TerminationGracePeriodSeconds"},
      {"HttpGet", "Path:s Port Host:s Scheme:s HTTPHeaders=httpHeaders"},
  };
  return all;
}

void write(std::string& out, const Value& value, std::string_view shape, std::size_t depth);

void write_any(std::string& out, const Value& value, std::size_t depth) {
  const std::string margin(depth + 1, ' ');
  if ((!value.is_object() && !value.is_array()) || value.empty()) {
    out += dump_json(value);
    return;
  }
  bool first = true;
  out += value.is_object() ? "{\n" : "[\n";
  for (const Value& item : value.items()) {
    out += std::string(first ? "" : ",\n") + margin;
    write_any(out, item, depth + 1);
    first = false;
  }
  for (const Value::Member& member : value.members()) {
    out += std::string(first ? "" : ",\n") + margin + go_quote(member.key.view()) + ": ";
    write_any(out, member.value, depth + 1);
    first = false;
  }
  out += "\n" + std::string(depth, ' ') + (value.is_object() ? "}" : "]");
}

void write_struct(std::string& out, const Value& value, std::string_view type, std::size_t depth) {
  out += "{\n";
  bool first = true;
  for (const std::string& entry : split_whitespace(shapes().at(type))) {
    const std::size_t colon = entry.find(':');
    std::string name = entry.substr(0, colon);
    const std::string shape = colon == std::string::npos ? "" : entry.substr(colon + 1);
    std::string json_name;
    if (const std::size_t equals = name.find('='); equals != std::string::npos) {
      json_name = name.substr(equals + 1);
      name.resize(equals);
    } else {
      json_name = name;
      json_name[0] = static_cast<char>(json_name[0] | 0x20);
    }
    out += std::string(first ? "" : ",\n") + std::string(depth + 1, ' ') + "\"" + name + "\": ";
    first = false;
    Value member = value[json_name];
    // The internal security context holds what the API keeps beside it.
    if (type == "PodSpec" && name == "SecurityContext") {
      for (const char* host : {"hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "hostUsers"}) {
        if (value.has(host)) member.set(host, value[host]);
      }
    }
    write(out, member, shape, depth + 1);
  }
  out += "\n" + std::string(depth, ' ') + "}";
}

void write(std::string& out, const Value& value, std::string_view shape, std::size_t depth) {
  if (shape.empty()) return write_any(out, value, depth);
  if (shape == "s") return write_any(out, value.is_null() ? Value("") : value, depth);
  if (shape == "i") return write_any(out, value.is_null() ? Value(0) : value, depth);
  if (shape == "b") return write_any(out, value.is_null() ? Value(false) : value, depth);
  if (shape[0] == '*') {
    if (value.is_null()) return write_any(out, value, depth);
    return write_struct(out, value, shape.substr(1), depth);
  }
  if (shape[0] != '[') return write_struct(out, value, shape, depth);
  if (value.empty()) return write_any(out, Value(), depth);
  out += "[\n";
  for (std::size_t i = 0; i < value.size(); ++i) {
    out += std::string(i == 0 ? "" : ",\n") + std::string(depth + 1, ' ');
    write_struct(out, value[i], shape.substr(1, shape.size() - 2), depth + 1);
  }
  out += "\n" + std::string(depth, ' ') + "]";
}

}  // namespace

std::string pod_spec_diff(const Value& old, const Value& updated) {
  std::string before;
  std::string after;
  write_struct(before, old, "PodSpec", 0);
  write_struct(after, updated, "PodSpec", 0);
  return unified_diff(before, after);
}

}  // namespace drydock
