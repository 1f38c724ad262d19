#include "core/programs/kubeadm/assets.h"

#include "core/base/strings.h"

namespace drydock::kubeadm {
namespace {

Value host_path_volume(const char* name, const std::string& path, const char* type) {
  return Value::object({{"name", name}, {"hostPath", Value::object({{"path", path}, {"type", type}})}});
}

Value mount(const char* name, const std::string& path, bool read_only) {
  Value out = Value::object({{"name", name}, {"mountPath", path}});
  if (read_only) out.set("readOnly", true);
  return out;
}

Value http_probe(const std::string& host, int port, const char* path, const char* scheme, int failures, int period,
                 int timeout, int delay) {
  Value probe = Value::object({
      {"httpGet", Value::object({{"host", host}, {"path", path}, {"port", port}, {"scheme", scheme}})},
      {"failureThreshold", failures},
      {"periodSeconds", period},
      {"timeoutSeconds", timeout},
  });
  if (delay > 0) probe.set("initialDelaySeconds", delay);
  return probe;
}

// From 1.33 on probes name the port "probe-port" as upstream's templates do; the number works everywhere.
struct StaticPod {
  std::string name;
  std::string image;
  Value command;
  Value resources;
  Value liveness;
  Value readiness;
  Value startup;
  Value volumes = Value::array();
  Value mounts = Value::array();
  Value annotations;
};

Value static_pod(StaticPod part) {
  Value container = Value::object({
      {"name", part.name},
      {"image", part.image},
      {"imagePullPolicy", "IfNotPresent"},
      {"command", part.command},
      {"livenessProbe", part.liveness},
      {"startupProbe", part.startup},
      {"volumeMounts", part.mounts},
      {"resources", part.resources},
  });
  if (!part.readiness.is_null()) container.set("readinessProbe", part.readiness);
  Value metadata = Value::object({
      {"name", part.name},
      {"namespace", "kube-system"},
      {"labels", Value::object({{"component", part.name}, {"tier", "control-plane"}})},
  });
  if (!part.annotations.is_null()) metadata.set("annotations", part.annotations);
  return Value::object({
      {"apiVersion", "v1"},
      {"kind", "Pod"},
      {"metadata", metadata},
      {"spec",
       Value::object({
           {"containers", Value::array({container})},
           {"hostNetwork", true},
           {"priority", 2000001000},
           {"priorityClassName", "system-node-critical"},
           {"securityContext", Value::object({{"seccompProfile", Value::object({{"type", "RuntimeDefault"}})}})},
           {"volumes", part.volumes},
       })},
      {"status", Value::object()},
  });
}

Value requests(const char* cpu, const char* memory = nullptr) {
  Value list = Value::object({{"cpu", cpu}});
  if (memory != nullptr) list.set("memory", memory);
  return Value::object({{"requests", list}});
}

std::string image_of(const InitConfiguration& configuration, const char* name) {
  return configuration.image_repository + "/" + name + ":" + configuration.kubernetes_version;
}

void add_host_certificates(StaticPod& part, const InitConfiguration& configuration) {
  part.volumes.push_back(host_path_volume("ca-certs", "/etc/ssl/certs", "DirectoryOrCreate"));
  part.mounts.push_back(mount("ca-certs", "/etc/ssl/certs", true));
  part.volumes.push_back(host_path_volume("etc-pki", "/etc/pki", "DirectoryOrCreate"));
  part.mounts.push_back(mount("etc-pki", "/etc/pki", true));
  part.volumes.push_back(host_path_volume("k8s-certs", configuration.certificates_dir, "DirectoryOrCreate"));
  part.mounts.push_back(mount("k8s-certs", configuration.certificates_dir, true));
}

Value role_ref(const char* kind, const char* name) {
  return Value::object({{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", kind}, {"name", name}});
}

Value group_subject(const char* name) {
  return Value::object({{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "Group"}, {"name", name}});
}
Value user_subject(const char* name) {
  return Value::object({{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "User"}, {"name", name}});
}
Value account_subject(const char* name) {
  return Value::object({{"kind", "ServiceAccount"}, {"name", name}, {"namespace", "kube-system"}});
}

Value object_of(const char* api_version, const char* kind, const char* name, const char* ns = nullptr) {
  Value metadata = Value::object({{"name", name}});
  if (ns != nullptr) metadata.set("namespace", ns);
  return Value::object({{"apiVersion", api_version}, {"kind", kind}, {"metadata", metadata}});
}

constexpr const char* kRbac = "rbac.authorization.k8s.io/v1";

Value cluster_role_binding(const char* name, const char* role, Value subject) {
  Value out = object_of(kRbac, "ClusterRoleBinding", name);
  out.set("roleRef", role_ref("ClusterRole", role));
  out.set("subjects", Value::array({std::move(subject)}));
  return out;
}

Value role_binding(const char* ns, const char* name, const char* role, Value subjects) {
  Value out = object_of(kRbac, "RoleBinding", name, ns);
  out.set("roleRef", role_ref("Role", role));
  out.set("subjects", std::move(subjects));
  return out;
}

Value rule(Value groups, Value resources, Value verbs, Value names = {}) {
  Value out = Value::object(
      {{"apiGroups", std::move(groups)}, {"resources", std::move(resources)}, {"verbs", std::move(verbs)}});
  if (!names.is_null()) out.set("resourceNames", std::move(names));
  return out;
}

Value role(const char* ns, const char* name, Value rules) {
  Value out = object_of(kRbac, "Role", name, ns);
  out.set("rules", std::move(rules));
  return out;
}

}  // namespace

Value etcd_manifest(const InitConfiguration& configuration) {
  const std::string address = configuration.advertise_address;
  const std::string pki = configuration.certificates_dir + "/etcd";
  StaticPod part;
  part.name = "etcd";
  part.image = configuration.image_repository + "/etcd:" + etcd_image_tag(configuration.minor());
  part.command = Value::array({
      "etcd",
      "--advertise-client-urls=https://" + address + ":2379",
      "--cert-file=" + pki + "/server.crt",
      "--client-cert-auth=true",
      "--data-dir=/var/lib/etcd",
      "--initial-advertise-peer-urls=https://" + address + ":2380",
      "--initial-cluster=" + configuration.node_name + "=https://" + address + ":2380",
      "--key-file=" + pki + "/server.key",
      "--listen-client-urls=https://127.0.0.1:2379,https://" + address + ":2379",
      "--listen-metrics-urls=http://127.0.0.1:2381",
      "--listen-peer-urls=https://" + address + ":2380",
      "--name=" + configuration.node_name,
      "--peer-cert-file=" + pki + "/peer.crt",
      "--peer-client-cert-auth=true",
      "--peer-key-file=" + pki + "/peer.key",
      "--peer-trusted-ca-file=" + pki + "/ca.crt",
      "--snapshot-count=10000",
      "--trusted-ca-file=" + pki + "/ca.crt",
  });
  part.resources = requests("100m", "100Mi");
  part.liveness = http_probe("127.0.0.1", 2381, "/livez", "HTTP", 8, 10, 15, 10);
  part.readiness = http_probe("127.0.0.1", 2381, "/readyz", "HTTP", 3, 1, 15, 0);
  part.startup = http_probe("127.0.0.1", 2381, "/readyz", "HTTP", 24, 10, 15, 10);
  part.volumes = Value::array({host_path_volume("etcd-certs", pki, "DirectoryOrCreate"),
                               host_path_volume("etcd-data", "/var/lib/etcd", "DirectoryOrCreate")});
  part.mounts = Value::array({mount("etcd-data", "/var/lib/etcd", false), mount("etcd-certs", pki, false)});
  part.annotations =
      Value::object({{"kubeadm.kubernetes.io/etcd.advertise-client-urls", "https://" + address + ":2379"}});
  return static_pod(std::move(part));
}

Value api_server_manifest(const InitConfiguration& configuration) {
  const std::string address = configuration.advertise_address;
  const std::string pki = configuration.certificates_dir;
  const int port = configuration.bind_port;
  StaticPod part;
  part.name = "kube-apiserver";
  part.image = image_of(configuration, "kube-apiserver");
  part.command = Value::array({
      "kube-apiserver",
      "--advertise-address=" + address,
      "--allow-privileged=true",
      "--authorization-mode=Node,RBAC",
      "--client-ca-file=" + pki + "/ca.crt",
      "--enable-admission-plugins=NodeRestriction",
      "--enable-bootstrap-token-auth=true",
      "--etcd-cafile=" + pki + "/etcd/ca.crt",
      "--etcd-certfile=" + pki + "/apiserver-etcd-client.crt",
      "--etcd-keyfile=" + pki + "/apiserver-etcd-client.key",
      "--etcd-servers=https://127.0.0.1:2379",
      "--kubelet-client-certificate=" + pki + "/apiserver-kubelet-client.crt",
      "--kubelet-client-key=" + pki + "/apiserver-kubelet-client.key",
      "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
      "--proxy-client-cert-file=" + pki + "/front-proxy-client.crt",
      "--proxy-client-key-file=" + pki + "/front-proxy-client.key",
      "--requestheader-allowed-names=front-proxy-client",
      "--requestheader-client-ca-file=" + pki + "/front-proxy-ca.crt",
      "--requestheader-extra-headers-prefix=X-Remote-Extra-",
      "--requestheader-group-headers=X-Remote-Group",
      "--requestheader-username-headers=X-Remote-User",
      "--secure-port=" + std::to_string(port),
      "--service-account-issuer=https://kubernetes.default.svc." + configuration.dns_domain,
      "--service-account-key-file=" + pki + "/sa.pub",
      "--service-account-signing-key-file=" + pki + "/sa.key",
      "--service-cluster-ip-range=" + configuration.service_subnet,
      "--tls-cert-file=" + pki + "/apiserver.crt",
      "--tls-private-key-file=" + pki + "/apiserver.key",
  });
  part.resources = requests("250m");
  part.liveness = http_probe(address, port, "/livez", "HTTPS", 8, 10, 15, 10);
  part.readiness = http_probe(address, port, "/readyz", "HTTPS", 3, 1, 15, 0);
  part.startup = http_probe(address, port, "/livez", "HTTPS", 24, 10, 15, 10);
  add_host_certificates(part, configuration);
  part.annotations = Value::object(
      {{"kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint", address + ":" + std::to_string(port)}});
  return static_pod(std::move(part));
}

Value controller_manager_manifest(const InitConfiguration& configuration) {
  const std::string pki = configuration.certificates_dir;
  StaticPod part;
  part.name = "kube-controller-manager";
  part.image = image_of(configuration, "kube-controller-manager");
  part.command = Value::array({"kube-controller-manager"});
  if (!configuration.pod_subnet.empty()) part.command.push_back("--allocate-node-cidrs=true");
  for (const std::string& flag : {
           std::string("--authentication-kubeconfig=/etc/kubernetes/controller-manager.conf"),
           std::string("--authorization-kubeconfig=/etc/kubernetes/controller-manager.conf"),
           std::string("--bind-address=127.0.0.1"),
           "--client-ca-file=" + pki + "/ca.crt",
       }) {
    part.command.push_back(flag);
  }
  if (!configuration.pod_subnet.empty()) part.command.push_back("--cluster-cidr=" + configuration.pod_subnet);
  for (const std::string& flag : {
           std::string("--cluster-name=kubernetes"),
           "--cluster-signing-cert-file=" + pki + "/ca.crt",
           "--cluster-signing-key-file=" + pki + "/ca.key",
           std::string("--controllers=*,bootstrapsigner,tokencleaner"),
           std::string("--kubeconfig=/etc/kubernetes/controller-manager.conf"),
           std::string("--leader-elect=true"),
           "--requestheader-client-ca-file=" + pki + "/front-proxy-ca.crt",
           "--root-ca-file=" + pki + "/ca.crt",
           "--service-account-private-key-file=" + pki + "/sa.key",
           "--service-cluster-ip-range=" + configuration.service_subnet,
           std::string("--use-service-account-credentials=true"),
       }) {
    part.command.push_back(flag);
  }
  part.resources = requests("200m");
  part.liveness = http_probe("127.0.0.1", 10257, "/healthz", "HTTPS", 8, 10, 15, 10);
  part.startup = http_probe("127.0.0.1", 10257, "/healthz", "HTTPS", 24, 10, 15, 10);
  add_host_certificates(part, configuration);
  part.volumes.push_back(host_path_volume("kubeconfig", "/etc/kubernetes/controller-manager.conf", "FileOrCreate"));
  part.mounts.push_back(mount("kubeconfig", "/etc/kubernetes/controller-manager.conf", true));
  return static_pod(std::move(part));
}

Value scheduler_manifest(const InitConfiguration& configuration) {
  StaticPod part;
  part.name = "kube-scheduler";
  part.image = image_of(configuration, "kube-scheduler");
  part.command = Value::array({
      "kube-scheduler",
      "--authentication-kubeconfig=/etc/kubernetes/scheduler.conf",
      "--authorization-kubeconfig=/etc/kubernetes/scheduler.conf",
      "--bind-address=127.0.0.1",
      "--kubeconfig=/etc/kubernetes/scheduler.conf",
      "--leader-elect=true",
  });
  part.resources = requests("100m");
  part.liveness = http_probe("127.0.0.1", 10259, "/livez", "HTTPS", 8, 10, 15, 10);
  part.readiness = http_probe("127.0.0.1", 10259, "/readyz", "HTTPS", 3, 1, 15, 0);
  part.startup = http_probe("127.0.0.1", 10259, "/livez", "HTTPS", 24, 10, 15, 10);
  part.volumes.push_back(host_path_volume("kubeconfig", "/etc/kubernetes/scheduler.conf", "FileOrCreate"));
  part.mounts.push_back(mount("kubeconfig", "/etc/kubernetes/scheduler.conf", true));
  return static_pod(std::move(part));
}

Value kubeconfig(std::string_view server, std::string_view ca_pem, const KubeconfigIdentity& identity) {
  Value user = Value::object();
  if (!identity.token.empty()) {
    user.set("token", identity.token);
  } else if (!identity.client_certificate_path.empty()) {
    user.set("client-certificate", identity.client_certificate_path);
    user.set("client-key", identity.client_certificate_path);
  } else {
    user.set("client-certificate-data", base64_encode(identity.client_certificate_pem));
    user.set("client-key-data", base64_encode(identity.client_key_pem));
  }
  const std::string context = identity.user + "@kubernetes";
  return Value::object({
      {"apiVersion", "v1"},
      {"kind", "Config"},
      {"clusters",
       Value::array({Value::object({
           {"name", "kubernetes"},
           {"cluster", Value::object({{"certificate-authority-data", base64_encode(ca_pem)}, {"server", server}})},
       })})},
      {"contexts", Value::array({Value::object({
                       {"name", context},
                       {"context", Value::object({{"cluster", "kubernetes"}, {"user", identity.user}})},
                   })})},
      {"current-context", context},
      {"users", Value::array({Value::object({{"name", identity.user}, {"user", user}})})},
  });
}

std::vector<Value> coredns_objects(const InitConfiguration& configuration) {
  std::vector<Value> all;
  Value config = object_of("v1", "ConfigMap", "coredns", "kube-system");
  config.set("data", Value::object({{"Corefile",
                                     ".:53 {\n"
                                     "    errors\n"
                                     "    health {\n"
                                     "       lameduck 5s\n"
                                     "    }\n"
                                     "    ready\n"
                                     "    kubernetes " +
                                         configuration.dns_domain +
                                         " in-addr.arpa ip6.arpa {\n"
                                         "       pods insecure\n"
                                         "       fallthrough in-addr.arpa ip6.arpa\n"
                                         "       ttl 30\n"
                                         "    }\n"
                                         "    prometheus :9153\n"
                                         "    forward . /etc/resolv.conf {\n"
                                         "       max_concurrent 1000\n"
                                         "    }\n"
                                         "    cache 30 {\n"
                                         "       disable success " +
                                         configuration.dns_domain +
                                         "\n"
                                         "       disable denial " +
                                         configuration.dns_domain +
                                         "\n"
                                         "    }\n"
                                         "    loop\n"
                                         "    reload\n"
                                         "    loadbalance\n"
                                         "}\n"}}));
  all.push_back(std::move(config));
  Value cluster_role = object_of(kRbac, "ClusterRole", "system:coredns");
  cluster_role.set(
      "rules",
      Value::array({
          rule(Value::array({""}), Value::array({"endpoints", "services", "pods", "namespaces"}),
               Value::array({"list", "watch"})),
          rule(Value::array({"discovery.k8s.io"}), Value::array({"endpointslices"}), Value::array({"list", "watch"})),
      }));
  all.push_back(std::move(cluster_role));
  all.push_back(cluster_role_binding("system:coredns", "system:coredns", account_subject("coredns")));
  all.push_back(object_of("v1", "ServiceAccount", "coredns", "kube-system"));

  const Value labels = Value::object({{"k8s-app", "kube-dns"}});
  Value container = Value::object({
      {"name", "coredns"},
      {"image", coredns_image(configuration)},
      {"imagePullPolicy", "IfNotPresent"},
      {"args", Value::array({"-conf", "/etc/coredns/Corefile"})},
      {"resources", Value::object({{"limits", Value::object({{"memory", "170Mi"}})},
                                   {"requests", Value::object({{"cpu", "100m"}, {"memory", "70Mi"}})}})},
      {"ports", Value::array({
                    Value::object({{"containerPort", 53}, {"name", "dns"}, {"protocol", "UDP"}}),
                    Value::object({{"containerPort", 53}, {"name", "dns-tcp"}, {"protocol", "TCP"}}),
                    Value::object({{"containerPort", 9153}, {"name", "metrics"}, {"protocol", "TCP"}}),
                    Value::object({{"containerPort", 8080}, {"name", "liveness-probe"}, {"protocol", "TCP"}}),
                    Value::object({{"containerPort", 8181}, {"name", "readiness-probe"}, {"protocol", "TCP"}}),
                })},
      {"livenessProbe",
       Value::object({
           {"httpGet", Value::object({{"path", "/health"}, {"port", "liveness-probe"}, {"scheme", "HTTP"}})},
           {"initialDelaySeconds", 60},
           {"timeoutSeconds", 5},
           {"successThreshold", 1},
           {"failureThreshold", 5},
       })},
      {"readinessProbe",
       Value::object(
           {{"httpGet", Value::object({{"path", "/ready"}, {"port", "readiness-probe"}, {"scheme", "HTTP"}})}})},
      {"volumeMounts",
       Value::array({Value::object({{"name", "config-volume"}, {"mountPath", "/etc/coredns"}, {"readOnly", true}})})},
      {"securityContext", Value::object({
                              {"allowPrivilegeEscalation", false},
                              {"capabilities", Value::object({{"add", Value::array({"NET_BIND_SERVICE"})},
                                                              {"drop", Value::array({"ALL"})}})},
                              {"readOnlyRootFilesystem", true},
                          })},
  });
  Value pod_spec = Value::object({
      {"priorityClassName", "system-cluster-critical"},
      {"serviceAccountName", "coredns"},
      {"dnsPolicy", "Default"},
      {"nodeSelector", Value::object({{"kubernetes.io/os", "linux"}})},
      {"tolerations", Value::array({
                          Value::object({{"key", "CriticalAddonsOnly"}, {"operator", "Exists"}}),
                          Value::object({{"key", "node-role.kubernetes.io/control-plane"}, {"effect", "NoSchedule"}}),
                      })},
      {"affinity",
       Value::object(
           {{"podAntiAffinity",
             Value::object({{"preferredDuringSchedulingIgnoredDuringExecution",
                             Value::array({Value::object({
                                 {"weight", 100},
                                 {"podAffinityTerm",
                                  Value::object({
                                      {"labelSelector",
                                       Value::object({{"matchExpressions", Value::array({Value::object({
                                                                               {"key", "k8s-app"},
                                                                               {"operator", "In"},
                                                                               {"values", Value::array({"kube-dns"})},
                                                                           })})}})},
                                      {"topologyKey", "kubernetes.io/hostname"},
                                  })},
                             })})}})}})},
      {"containers", Value::array({container})},
      {"volumes",
       Value::array({Value::object({
           {"name", "config-volume"},
           {"configMap",
            Value::object({{"name", "coredns"},
                           {"items", Value::array({Value::object({{"key", "Corefile"}, {"path", "Corefile"}})})}})},
       })})},
  });
  Value deployment = object_of("apps/v1", "Deployment", "coredns", "kube-system");
  deployment.ref("metadata", "labels") = labels;
  deployment.set(
      "spec", Value::object({
                  {"replicas", 2},
                  {"strategy", Value::object({{"type", "RollingUpdate"},
                                              {"rollingUpdate", Value::object({{"maxUnavailable", 1}})}})},
                  {"selector", Value::object({{"matchLabels", labels}})},
                  {"template", Value::object({{"metadata", Value::object({{"labels", labels}})}, {"spec", pod_spec}})},
              }));
  all.push_back(std::move(deployment));

  Value service = object_of("v1", "Service", "kube-dns", "kube-system");
  service.ref("metadata", "labels") = Value::object(
      {{"k8s-app", "kube-dns"}, {"kubernetes.io/cluster-service", "true"}, {"kubernetes.io/name", "CoreDNS"}});
  service.ref("metadata", "annotations") =
      Value::object({{"prometheus.io/port", "9153"}, {"prometheus.io/scrape", "true"}});
  service.set(
      "spec",
      Value::object({
          {"clusterIP", configuration.dns_address()},
          {"ports", Value::array({
                        Value::object({{"name", "dns"}, {"port", 53}, {"protocol", "UDP"}, {"targetPort", 53}}),
                        Value::object({{"name", "dns-tcp"}, {"port", 53}, {"protocol", "TCP"}, {"targetPort", 53}}),
                        Value::object({{"name", "metrics"}, {"port", 9153}, {"protocol", "TCP"}, {"targetPort", 9153}}),
                    })},
          {"selector", labels},
      }));
  all.push_back(std::move(service));
  return all;
}

std::vector<Value> kube_proxy_objects(const InitConfiguration& configuration) {
  std::vector<Value> all;
  all.push_back(object_of("v1", "ServiceAccount", "kube-proxy", "kube-system"));
  Value config = object_of("v1", "ConfigMap", "kube-proxy", "kube-system");
  config.ref("metadata", "labels") = Value::object({{"app", "kube-proxy"}});
  const std::string server = "https://" + configuration.endpoint();
  config.set("data", Value::object({
                         {"config.conf",
                          "apiVersion: kubeproxy.config.k8s.io/v1alpha1\n"
                          "bindAddress: 0.0.0.0\n"
                          "bindAddressHardFail: false\n"
                          "clientConnection:\n"
                          "  acceptContentTypes: \"\"\n"
                          "  burst: 0\n"
                          "  contentType: \"\"\n"
                          "  kubeconfig: /var/lib/kube-proxy/kubeconfig.conf\n"
                          "  qps: 0\n"
                          "clusterCIDR: " +
                              (configuration.pod_subnet.empty() ? std::string("\"\"") : configuration.pod_subnet) +
                              "\n"
                              "kind: KubeProxyConfiguration\n"
                              "mode: \"\"\n"},
                         {"kubeconfig.conf",
                          "apiVersion: v1\n"
                          "kind: Config\n"
                          "clusters:\n"
                          "- cluster:\n"
                          "    certificate-authority: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt\n"
                          "    server: " +
                              server +
                              "\n"
                              "  name: default\n"
                              "contexts:\n"
                              "- context:\n"
                              "    cluster: default\n"
                              "    namespace: default\n"
                              "    user: default\n"
                              "  name: default\n"
                              "current-context: default\n"
                              "users:\n"
                              "- name: default\n"
                              "  user:\n"
                              "    tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token\n"},
                     }));
  all.push_back(std::move(config));
  const Value labels = Value::object({{"k8s-app", "kube-proxy"}});
  Value container = Value::object({
      {"name", "kube-proxy"},
      {"image", image_of(configuration, "kube-proxy")},
      {"imagePullPolicy", "IfNotPresent"},
      {"command", Value::array({"/usr/local/bin/kube-proxy", "--config=/var/lib/kube-proxy/config.conf",
                                "--hostname-override=$(NODE_NAME)"})},
      {"securityContext", Value::object({{"privileged", true}})},
      {"env", Value::array({Value::object({
                  {"name", "NODE_NAME"},
                  {"valueFrom", Value::object({{"fieldRef", Value::object({{"fieldPath", "spec.nodeName"}})}})},
              })})},
      {"volumeMounts", Value::array({
                           mount("kube-proxy", "/var/lib/kube-proxy", false),
                           mount("xtables-lock", "/run/xtables.lock", false),
                           mount("lib-modules", "/lib/modules", true),
                       })},
  });
  Value pod_spec = Value::object({
      {"priorityClassName", "system-node-critical"},
      {"containers", Value::array({container})},
      {"hostNetwork", true},
      {"serviceAccountName", "kube-proxy"},
      {"nodeSelector", Value::object({{"kubernetes.io/os", "linux"}})},
      {"tolerations", Value::array({Value::object({{"operator", "Exists"}})})},
      {"volumes", Value::array({
                      Value::object({{"name", "kube-proxy"}, {"configMap", Value::object({{"name", "kube-proxy"}})}}),
                      host_path_volume("xtables-lock", "/run/xtables.lock", "FileOrCreate"),
                      host_path_volume("lib-modules", "/lib/modules", ""),
                  })},
  });
  Value daemon_set = object_of("apps/v1", "DaemonSet", "kube-proxy", "kube-system");
  daemon_set.ref("metadata", "labels") = labels;
  daemon_set.set(
      "spec", Value::object({
                  {"selector", Value::object({{"matchLabels", labels}})},
                  {"template", Value::object({{"metadata", Value::object({{"labels", labels}})}, {"spec", pod_spec}})},
                  {"updateStrategy", Value::object({{"type", "RollingUpdate"}})},
              }));
  all.push_back(std::move(daemon_set));
  all.push_back(cluster_role_binding("kubeadm:node-proxier", "system:node-proxier", account_subject("kube-proxy")));
  all.push_back(role("kube-system", "kube-proxy",
                     Value::array({rule(Value::array({""}), Value::array({"configmaps"}), Value::array({"get"}),
                                        Value::array({"kube-proxy"}))})));
  all.push_back(role_binding("kube-system", "kube-proxy", "kube-proxy",
                             Value::array({group_subject("system:bootstrappers:kubeadm:default-node-token")})));
  return all;
}

std::vector<Value> bootstrap_objects(const InitConfiguration& configuration) {
  static constexpr const char* kNodeTokens = "system:bootstrappers:kubeadm:default-node-token";
  std::vector<Value> all;
  const Value core = Value::array({""});
  const Value config_maps = Value::array({"configmaps"});
  const Value get = Value::array({"get"});
  if (configuration.minor() >= 29)
    all.push_back(
        cluster_role_binding("kubeadm:cluster-admins", "cluster-admin", group_subject("kubeadm:cluster-admins")));
  Value get_nodes = object_of(kRbac, "ClusterRole", "kubeadm:get-nodes");
  get_nodes.set("rules", Value::array({rule(core, Value::array({"nodes"}), get)}));
  all.push_back(std::move(get_nodes));
  all.push_back(cluster_role_binding("kubeadm:get-nodes", "kubeadm:get-nodes", group_subject(kNodeTokens)));
  all.push_back(
      cluster_role_binding("kubeadm:kubelet-bootstrap", "system:node-bootstrapper", group_subject(kNodeTokens)));
  all.push_back(cluster_role_binding("kubeadm:node-autoapprove-bootstrap",
                                     "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
                                     group_subject(kNodeTokens)));
  all.push_back(cluster_role_binding("kubeadm:node-autoapprove-certificate-rotation",
                                     "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
                                     group_subject("system:nodes")));
  const Value readers = Value::array({group_subject(kNodeTokens), group_subject("system:nodes")});
  all.push_back(role("kube-system", "kubeadm:nodes-kubeadm-config",
                     Value::array({rule(core, config_maps, get, Value::array({"kubeadm-config"}))})));
  all.push_back(role_binding("kube-system", "kubeadm:nodes-kubeadm-config", "kubeadm:nodes-kubeadm-config", readers));
  all.push_back(role("kube-system", "kubeadm:kubelet-config",
                     Value::array({rule(core, config_maps, get, Value::array({"kubelet-config"}))})));
  all.push_back(role_binding("kube-system", "kubeadm:kubelet-config", "kubeadm:kubelet-config", readers));
  all.push_back(role("kube-public", "kubeadm:bootstrap-signer-clusterinfo",
                     Value::array({rule(core, config_maps, get, Value::array({"cluster-info"}))})));
  all.push_back(role_binding("kube-public", "kubeadm:bootstrap-signer-clusterinfo",
                             "kubeadm:bootstrap-signer-clusterinfo", Value::array({user_subject("system:anonymous")})));
  return all;
}

}  // namespace drydock::kubeadm
