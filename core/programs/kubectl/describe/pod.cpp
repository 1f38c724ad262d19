// Pods, and the parts of pods that workloads show: containers, volumes.
#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/timestamp.h"
#include "core/programs/kubectl/describe/describe.h"

namespace drydock::kubectl {
namespace {

std::string probe_text(const Value& probe) {
  const auto number = [&](const char* field) { return std::to_string(probe[field].as_int()); };
  const std::string timing = "delay=" + number("initialDelaySeconds") + "s timeout=" + number("timeoutSeconds") +
                             "s period=" + number("periodSeconds") + "s #success=" + number("successThreshold") +
                             " #failure=" + number("failureThreshold");
  if (probe["exec"].is_object()) return "exec " + list_text(probe["exec"]["command"]) + " " + timing;
  if (const Value& http = probe["httpGet"]; http.is_object()) {
    const std::string path = http["path"].str();
    return "http-get " + to_lower(http["scheme"].as_string()) + "://" + http["host"].str() + ":" +
           number_text(http["port"]) + (path.starts_with('/') || path.empty() ? "" : "/") + path + " " + timing;
  }
  if (const Value& tcp = probe["tcpSocket"]; tcp.is_object())
    return "tcp-socket " + tcp["host"].str() + ":" + number_text(tcp["port"]) + " " + timing;
  if (const Value& grpc = probe["grpc"]; grpc.is_object())
    return "grpc <pod>:" + number_text(grpc["port"]) + " " + grpc["service"].str() + " " + timing;
  return "unknown " + timing;
}

std::string ports_text(const Value& ports, const char* field) {
  std::vector<std::string> texts;
  for (const Value& port : ports.items()) {
    std::string text = number_text(port[field]) + "/" + port["protocol"].str();
    if (!port["name"].empty()) text += " (" + port["name"].str() + ")";
    texts.push_back(std::move(text));
  }
  return join(texts, ", ");
}

void write_state(const char* title, const Value& state, DescribeWriter& writer) {
  if (const Value& running = state["running"]; running.is_object()) {
    writer.field(title, "Running", 2);
    writer.field("Started", long_time(running["startedAt"]), 3);
  } else if (const Value& ended = state["terminated"]; ended.is_object()) {
    writer.field(title, "Terminated", 2);
    if (!ended["reason"].empty()) writer.field("Reason", ended["reason"].as_string(), 3);
    if (!ended["message"].empty()) writer.field("Message", ended["message"].as_string(), 3);
    writer.field("Exit Code", number_text(ended["exitCode"]), 3);
    if (ended["signal"].as_int() > 0) writer.field("Signal", number_text(ended["signal"]), 3);
    writer.field("Started", long_time(ended["startedAt"]), 3);
    writer.field("Finished", long_time(ended["finishedAt"]), 3);
  } else {
    writer.field(title, "Waiting", 2);
    if (!state["waiting"]["reason"].empty()) writer.field("Reason", state["waiting"]["reason"].as_string(), 3);
  }
}

void write_quantities(const char* title, const Value& list, DescribeWriter& writer) {
  if (list.empty()) return;
  writer.line(2, std::string(title) + ":");
  for (const auto& [name, quantity] : list.members()) writer.field(name.view(), number_text(quantity), 3);
}

// What the downward API gives, where it can be told from outside.
std::string field_value(const Value& pod, std::string_view path) {
  if (pod.is_null()) return "";
  if (path == "metadata.name") return pod["metadata"]["name"].str();
  if (path == "metadata.namespace") return pod["metadata"]["namespace"].str();
  if (path == "metadata.uid") return pod["metadata"]["uid"].str();
  return "";
}

void write_environment(const Value& container, const Value& pod, DescribeWriter& writer) {
  if (!container["envFrom"].empty()) {
    writer.line(2, "Environment Variables from:");
    for (const Value& source : container["envFrom"].items()) {
      const bool map = source["configMapRef"].is_object();
      const Value& reference = map ? source["configMapRef"] : source["secretRef"];
      std::string from = map ? "ConfigMap" : "Secret";
      if (!source["prefix"].empty()) from += " with prefix '" + source["prefix"].str() + "'";
      writer.line(
          3, reference["name"].str() + "\t" + from + "\tOptional: " + yes_no(reference["optional"].as_bool(), false));
    }
  }
  writer.line(2, container["env"].empty() ? "Environment:\t<none>" : "Environment:");
  for (const Value& variable : container["env"].items()) {
    const std::string name = variable["name"].str();
    const Value& from = variable["valueFrom"];
    if (const Value& key = from["fieldRef"]; key.is_object()) {
      writer.line(3, name + ":\t" + field_value(pod, key["fieldPath"].as_string()) + " (" + key["apiVersion"].str() +
                         ":" + key["fieldPath"].str() + ")");
    } else if (const Value& amount = from["resourceFieldRef"]; amount.is_object()) {
      writer.line(3, name + ":\t (" + amount["resource"].str() + ")");
    } else if (const Value& secret = from["secretKeyRef"]; secret.is_object()) {
      writer.line(3, name + ":\t<set to the key '" + secret["key"].str() + "' in secret '" + secret["name"].str() +
                         "'>\tOptional: " + yes_no(secret["optional"].as_bool(), false));
    } else if (const Value& map = from["configMapKeyRef"]; map.is_object()) {
      writer.line(3, name + ":\t<set to the key '" + map["key"].str() + "' of config map '" + map["name"].str() +
                         "'>\tOptional: " + yes_no(map["optional"].as_bool(), false));
    } else {
      bool first = true;
      for (const std::string& piece : split(variable["value"].as_string(), '\n'))
        writer.line(3, (std::exchange(first, false) ? name + ":" : "") + "\t" + piece);
    }
  }
}

void write_mounts(const Value& container, DescribeWriter& writer) {
  std::vector<Value> mounts(container["volumeMounts"].items().begin(), container["volumeMounts"].items().end());
  std::sort(mounts.begin(), mounts.end(),
            [](const Value& a, const Value& b) { return a["mountPath"].as_string() < b["mountPath"].as_string(); });
  writer.line(2, mounts.empty() ? "Mounts:\t<none>" : "Mounts:");
  for (const Value& mount : mounts) {
    std::string flags = mount["readOnly"].as_bool() ? "ro" : "rw";
    if (!mount["subPath"].empty()) flags += ",path=\"" + mount["subPath"].str() + "\"";
    writer.line(3, mount["mountPath"].str() + " from " + mount["name"].str() + " (" + flags + ")");
  }
  if (container["volumeDevices"].empty()) return;
  writer.line(2, "Devices:");
  for (const Value& device : container["volumeDevices"].items())
    writer.line(3, device["devicePath"].str() + " from " + device["name"].str());
}

const Value& status_of(const Value& statuses, std::string_view name) {
  static const Value kNone;
  for (const Value& status : statuses.items()) {
    if (status["name"].as_string() == name) return status;
  }
  return kNone;
}

// Volume sources that are a type line and plain fields.
struct SourceField {
  const char* title;
  const char* field;
  char how;  // t: text, b: boolean, o: text or <none>, u: text or <unset>
};
struct SourceKind {
  const char* member;
  const char* type;
  std::vector<SourceField> fields;
};
const std::vector<SourceKind>& source_kinds() {
  static const std::vector<SourceKind> kKinds = {
      {"hostPath", "HostPath (bare host directory volume)", {{"Path", "path", 't'}, {"HostPathType", "type", 'o'}}},
      {"emptyDir",
       "EmptyDir (a temporary directory that shares a pod's lifetime)",
       {{"Medium", "medium", 't'}, {"SizeLimit", "sizeLimit", 'u'}}},
      {"secret",
       "Secret (a volume populated by a Secret)",
       {{"SecretName", "secretName", 't'}, {"Optional", "optional", 'b'}}},
      {"configMap",
       "ConfigMap (a volume populated by a ConfigMap)",
       {{"Name", "name", 't'}, {"Optional", "optional", 'b'}}},
      {"persistentVolumeClaim",
       "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
       {{"ClaimName", "claimName", 't'}, {"ReadOnly", "readOnly", 'b'}}},
      {"nfs",
       "NFS (an NFS mount that lasts the lifetime of a pod)",
       {{"Server", "server", 't'}, {"Path", "path", 't'}, {"ReadOnly", "readOnly", 'b'}}},
      {"iscsi",
       "ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod)",
       {{"TargetPortal", "targetPortal", 't'}, {"IQN", "iqn", 't'}, {"ReadOnly", "readOnly", 'b'}}},
      {"local", "LocalVolume (a persistent volume backed by local storage on a node)", {{"Path", "path", 't'}}},
      {"csi",
       "CSI (a Container Storage Interface (CSI) volume source)",
       {{"Driver", "driver", 't'}, {"FSType", "fsType", 't'}, {"ReadOnly", "readOnly", 'b'}}},
      {"image",
       "Image (a container image or OCI artifact)",
       {{"Reference", "reference", 't'}, {"PullPolicy", "pullPolicy", 't'}}},
  };
  return kKinds;
}

void write_projected(const Value& projected, DescribeWriter& writer) {
  writer.field("Type", "Projected (a volume that contains injected data from multiple sources)", 2);
  for (const Value& source : projected["sources"].items()) {
    if (const Value& secret = source["secret"]; secret.is_object()) {
      writer.field("SecretName", secret["name"].as_string(), 2);
      writer.field("Optional", yes_no(secret["optional"].as_bool(), false), 2);
    } else if (source["downwardAPI"].is_object()) {
      writer.field("DownwardAPI", "true", 2);
    } else if (const Value& map = source["configMap"]; map.is_object()) {
      writer.field("ConfigMapName", map["name"].as_string(), 2);
      writer.field("Optional", yes_no(map["optional"].as_bool(), false), 2);
    } else if (const Value& token = source["serviceAccountToken"]; token.is_object()) {
      writer.field("TokenExpirationSeconds", number_text(token["expirationSeconds"]), 2);
    }
  }
}

}  // namespace

void describe_volume_source(const Value& volume, DescribeWriter& writer) {
  for (const SourceKind& kind : source_kinds()) {
    const Value& source = volume[kind.member];
    if (!source.is_object()) continue;
    writer.field("Type", kind.type, 2);
    for (const SourceField& field : kind.fields) {
      const Value& value = source[field.field];
      std::string text = field.how == 'b' ? yes_no(value.as_bool(), false) : value.str();
      if (field.how == 'o' && value.is_null()) text = "<none>";
      if (field.how == 'u' && value.is_null()) text = "<unset>";
      writer.field(field.title, text, 2);
    }
    return;
  }
  if (volume["projected"].is_object()) {
    write_projected(volume["projected"], writer);
  } else if (const Value& api = volume["downwardAPI"]; api.is_object()) {
    writer.field("Type", "DownwardAPI (a volume populated by information about the pod)", 2);
    writer.line(2, "Items:");
    for (const Value& item : api["items"].items()) {
      const Value& source =
          item["fieldRef"].is_object() ? item["fieldRef"]["fieldPath"] : item["resourceFieldRef"]["resource"];
      writer.line(3, source.str() + " -> " + item["path"].str());
    }
  } else {
    writer.line(1, "<unknown>");
  }
}

void describe_volumes(const Value& volumes, std::string_view space, DescribeWriter& writer) {
  if (volumes.empty()) {
    writer.line(0, std::string(space) + "Volumes:\t<none>");
    return;
  }
  writer.line(0, std::string(space) + "Volumes:");
  for (const Value& volume : volumes.items()) {
    writer.line(1, (space.empty() ? "" : " ") + volume["name"].str() + ":");
    describe_volume_source(volume, writer);
  }
}

void describe_containers(std::string_view label, const Value& containers, const Value& statuses, const Value& pod,
                         std::string_view space, DescribeWriter& writer) {
  if (containers.empty()) {
    writer.line(0, std::string(space) + std::string(label) + ": <none>");
    return;
  }
  writer.line(0, std::string(space) + std::string(label) + ":");
  for (const Value& container : containers.items()) {
    const Value& status = status_of(statuses, container["name"].as_string());
    writer.line(1, (space.empty() ? "" : " ") + container["name"].str() + ":");
    if (status.is_object()) writer.field("Container ID", status["containerID"].as_string(), 2);
    writer.field("Image", container["image"].as_string(), 2);
    if (status.is_object()) writer.field("Image ID", status["imageID"].as_string(), 2);
    const std::string ports = ports_text(container["ports"], "containerPort");
    const bool several = contains(ports, ",");
    writer.field(several ? "Ports" : "Port", or_none(ports), 2);
    writer.field(several ? "Host Ports" : "Host Port", or_none(ports_text(container["ports"], "hostPort")), 2);
    if (const Value& profile = container["securityContext"]["seccompProfile"]; profile.is_object())
      writer.field("SeccompProfile", profile["type"].as_string(), 2);
    for (const char* field : {"command", "args"}) {
      if (container[field].empty()) continue;
      writer.line(2, std::string_view(field) == "command" ? "Command:" : "Args:");
      for (const Value& word : container[field].items()) {
        for (const std::string& piece : split(word.as_string(), '\n')) writer.line(3, piece);
      }
    }
    if (status.is_object()) {
      write_state("State", status["state"], writer);
      if (status["lastState"]["terminated"].is_object()) write_state("Last State", status["lastState"], writer);
      writer.field("Ready", yes_no(status["ready"].as_bool()), 2);
      writer.field("Restart Count", number_text(status["restartCount"]), 2);
    }
    write_quantities("Limits", container["resources"]["limits"], writer);
    write_quantities("Requests", container["resources"]["requests"], writer);
    if (container["livenessProbe"].is_object()) writer.field("Liveness", probe_text(container["livenessProbe"]), 2);
    if (container["readinessProbe"].is_object()) writer.field("Readiness", probe_text(container["readinessProbe"]), 2);
    if (container["startupProbe"].is_object()) writer.field("Startup", probe_text(container["startupProbe"]), 2);
    write_environment(container, pod, writer);
    write_mounts(container, writer);
  }
}

void describe_pod_template(const Value& pod_template, DescribeWriter& writer) {
  writer.line(0, "Pod Template:");
  writer.labels("  Labels", pod_template["metadata"]["labels"]);
  if (!pod_template["metadata"]["annotations"].empty())
    writer.annotations(pod_template["metadata"]["annotations"], "  Annotations");
  const Value& spec = pod_template["spec"];
  if (!spec["serviceAccountName"].empty()) writer.field("  Service Account", spec["serviceAccountName"].as_string());
  if (!spec["initContainers"].empty())
    describe_containers("Init Containers", spec["initContainers"], Value(), Value(), "  ", writer);
  describe_containers("Containers", spec["containers"], Value(), Value(), "  ", writer);
  describe_volumes(spec["volumes"], "  ", writer);
  if (!spec["priorityClassName"].empty()) writer.field("  Priority Class Name", spec["priorityClassName"].as_string());
  writer.labels("  Node-Selectors", spec["nodeSelector"]);
  writer.tolerations("  Tolerations", spec["tolerations"]);
}

Task<Result<void>> describe_pod(DescribeContext& context, DescribeWriter& writer) {
  const Value& pod = context.target.object;
  const Value& metadata = pod["metadata"];
  const Value& spec = pod["spec"];
  const Value& status = pod["status"];
  writer.field("Name", context.target.name);
  writer.field("Namespace", context.target.ns);
  if (spec.has("priority")) writer.field("Priority", number_text(spec["priority"]));
  if (!spec["priorityClassName"].empty()) writer.field("Priority Class Name", spec["priorityClassName"].as_string());
  if (!spec["runtimeClassName"].empty()) writer.field("Runtime Class Name", spec["runtimeClassName"].as_string());
  if (!spec["serviceAccountName"].empty()) writer.field("Service Account", spec["serviceAccountName"].as_string());
  writer.field("Node", spec["nodeName"].empty() ? "<none>" : spec["nodeName"].str() + "/" + status["hostIP"].str());
  if (!status["startTime"].empty()) writer.field("Start Time", long_time(status["startTime"]));
  writer.labels("Labels", metadata["labels"]);
  writer.annotations(metadata["annotations"]);
  if (metadata.has("deletionTimestamp")) {
    const auto when = parse_timestamp(metadata["deletionTimestamp"].as_string());
    const std::string lasts =
        when && context.session.now() > *when ? human_duration(context.session.now() - *when) : "<invalid>";
    writer.field("Status", "Terminating (lasts " + lasts + ")");
    writer.field("Termination Grace Period", number_text(metadata["deletionGracePeriodSeconds"]) + "s");
  } else {
    writer.field("Status", status["phase"].as_string());
  }
  if (!status["reason"].empty()) writer.field("Reason", status["reason"].as_string());
  if (!status["message"].empty()) writer.field("Message", status["message"].as_string());
  if (const Value& profile = spec["securityContext"]["seccompProfile"]; profile.is_object())
    writer.field("SeccompProfile", profile["type"].as_string());
  writer.field("IP", status["podIP"].as_string());
  if (status["podIPs"].empty()) {
    writer.field("IPs", "<none>");
  } else {
    writer.line(0, "IPs:");
    for (const Value& address : status["podIPs"].items()) writer.field("IP", address["ip"].as_string(), 1);
  }
  if (const std::string owner = controller_text(pod); !owner.empty()) writer.field("Controlled By", owner);
  if (!status["nominatedNodeName"].empty()) writer.field("NominatedNodeName", status["nominatedNodeName"].as_string());
  if (!spec["initContainers"].empty())
    describe_containers("Init Containers", spec["initContainers"], status["initContainerStatuses"], pod, "", writer);
  describe_containers("Containers", spec["containers"], status["containerStatuses"], pod, "", writer);
  if (!spec["ephemeralContainers"].empty())
    describe_containers("Ephemeral Containers", spec["ephemeralContainers"], status["ephemeralContainerStatuses"], pod,
                        "", writer);
  if (!spec["readinessGates"].empty()) {
    writer.line(0, "Readiness Gates:");
    writer.line(1, "Type\tStatus");
    for (const Value& gate : spec["readinessGates"].items()) {
      std::string value = "<none>";
      for (const Value& condition : status["conditions"].items()) {
        if (condition["type"] == gate["conditionType"]) value = condition["status"].str();
      }
      writer.line(1, gate["conditionType"].str() + " \t" + value + " ");
    }
  }
  if (!status["conditions"].empty()) {
    writer.line(0, "Conditions:");
    writer.line(1, "Type\tStatus");
    for (const Value& condition : status["conditions"].items())
      writer.line(1, condition["type"].str() + " \t" + condition["status"].str() + " ");
  }
  describe_volumes(spec["volumes"], "", writer);
  writer.field("QoS Class", status["qosClass"].as_string());
  writer.labels("Node-Selectors", spec["nodeSelector"]);
  writer.tolerations("Tolerations", spec["tolerations"]);
  if (!spec["topologySpreadConstraints"].empty()) {
    writer.raw("Topology Spread Constraints:\t");
    bool first = true;
    for (const Value& constraint : spec["topologySpreadConstraints"].items()) {
      if (!std::exchange(first, false)) writer.raw("\t");
      writer.raw(constraint["topologyKey"].str() + ":" + constraint["whenUnsatisfiable"].str() + " when max skew " +
                 number_text(constraint["maxSkew"]) + " is exceeded for selector " +
                 selector_text(constraint["labelSelector"]) + "\n");
    }
  }
  co_return co_await describe_events(context, writer);
}

}  // namespace drydock::kubectl
