// The cluster roles and bindings that every cluster has from the start.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
#include "core/apiserver/access/identity.h"
#include "core/base/strings.h"

namespace drydock {
namespace {

// One line each:
//   "name" begins a role; "name <- Kind subject" binds it, too; "name +label" labels it,
//   "name =labels" gathers the rules of the roles with these labels
//   " groups|resources|verbs" is a rule, " groups|resources|verbs|names" one for some objects,
//   " @urls" one for paths. "core" is the group without a name; READ, CHANGE, ALL and WRITE
//   stand for verbs.
constexpr std::string_view kRoles[] = {
    "cluster-admin <- Group system:masters",
    " *|*|*",
    " @*|*",
    "system:discovery <- Group system:authenticated",
    " @/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/",
    "system:public-info-viewer <- Group system:authenticated system:unauthenticated",
    " @/healthz /livez /readyz /version /version/",
    "system:basic-user <- Group system:authenticated",
    " authorization.k8s.io|selfsubjectaccessreviews selfsubjectrulesreviews|create",
    " authentication.k8s.io|selfsubjectreviews|create",
    "system:monitoring <- Group system:monitoring",
    " @/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*",
    "admin =admin",
    "edit =edit",
    "view =view",
    "system:aggregate-to-admin +admin",
    " authorization.k8s.io|localsubjectaccessreviews|create",
    " rbac.authorization.k8s.io|rolebindings roles|ALL",
    "system:aggregate-to-edit +edit",
    " core|pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy|READ",
    " core|serviceaccounts|impersonate",
    " core|pods pods/attach pods/exec pods/portforward pods/proxy|CHANGE",
    " core|pods/eviction|create",
    " core|configmaps persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets "
    "serviceaccounts "
    "services services/proxy|CHANGE",
    " core|serviceaccounts/token|create",
    " core events.k8s.io|events|CHANGE",
    " apps|daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets "
    "statefulsets/scale|CHANGE",
    " autoscaling|horizontalpodautoscalers|CHANGE",
    " batch|cronjobs jobs|CHANGE",
    " extensions|daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets "
    "replicasets/scale replicationcontrollers/scale|CHANGE",
    " policy|poddisruptionbudgets|CHANGE",
    " networking.k8s.io|ingresses networkpolicies|CHANGE",
    " coordination.k8s.io|leases|ALL",
    " resource.k8s.io|resourceclaims resourceclaimtemplates|CHANGE",
    "system:aggregate-to-view +view",
    " core|configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers "
    "replicationcontrollers/scale serviceaccounts services services/status|READ",
    " core|bindings limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas "
    "resourcequotas/status|READ",
    " core|namespaces|READ",
    " core events.k8s.io|events|READ",
    " discovery.k8s.io|endpointslices|READ",
    " apps|controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status "
    "replicasets "
    "replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status|READ",
    " autoscaling|horizontalpodautoscalers horizontalpodautoscalers/status|READ",
    " batch|cronjobs cronjobs/status jobs jobs/status|READ",
    " extensions|daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses "
    "ingresses/status networkpolicies replicasets replicasets/scale replicasets/status "
    "replicationcontrollers/scale|READ",
    " policy|poddisruptionbudgets poddisruptionbudgets/status|READ",
    " networking.k8s.io|ingresses ingresses/status networkpolicies|READ",
    " resource.k8s.io|resourceclaims resourceclaims/status resourceclaimtemplates|READ",
    "system:heapster",
    " core|events namespaces nodes pods|READ",
    " extensions|deployments|READ",
    // The manager's controllers act as this one user, so it has the rights of all of them.
    "system:kube-controller-manager <- User system:kube-controller-manager",
    " *|*|*",
    " @*",
    "system:kube-scheduler <- User system:kube-scheduler",
    " core events.k8s.io|events|create patch update",
    " coordination.k8s.io|leases|create get list update watch",
    " coordination.k8s.io|leasecandidates|create delete deletecollection get list patch update watch",
    " core|nodes|READ",
    " core|pods|delete get list watch",
    " core|bindings pods/binding|create",
    " core|pods/status|patch update",
    " core|replicationcontrollers services|READ",
    " apps extensions|replicasets|READ",
    " apps|statefulsets|READ",
    " policy|poddisruptionbudgets|READ",
    " core|persistentvolumeclaims persistentvolumes|READ",
    " authentication.k8s.io|tokenreviews|create",
    " authorization.k8s.io|subjectaccessreviews|create",
    " storage.k8s.io|csinodes csidrivers csistoragecapacities storageclasses volumeattachments|READ",
    " core|namespaces|READ",
    " scheduling.k8s.io|priorityclasses|READ",
    " resource.k8s.io|deviceclasses resourceclaims resourceslices|READ",
    " resource.k8s.io|resourceclaims/status|patch update",
    "system:volume-scheduler <- User system:kube-scheduler",
    " core|persistentvolumes|get list patch update watch",
    " storage.k8s.io|storageclasses|READ",
    " core|persistentvolumeclaims|get list patch update watch",
    "system:kube-dns <- ServiceAccount kube-dns",
    " core|endpoints services|list watch",
    "system:kube-aggregator",
    " core|endpoints services|READ",
    "system:legacy-unknown-approver",
    " certificates.k8s.io|signers|approve|kubernetes.io/legacy-unknown",
    "system:kubelet-api-admin",
    " core|nodes|get list proxy watch",
    " core|nodes/configz nodes/healthz nodes/log nodes/metrics nodes/pods nodes/proxy nodes/stats|*",
    "system:node-proxier <- User system:kube-proxy",
    " core|endpoints services|list watch",
    " core|nodes|READ",
    " core events.k8s.io|events|create patch update",
    " discovery.k8s.io|endpointslices|list watch",
    " networking.k8s.io|servicecidrs|list watch",
    "system:node-bootstrapper",
    " certificates.k8s.io|certificatesigningrequests|create get list watch",
    "system:node-problem-detector",
    " core|nodes|get",
    " core|nodes/status|patch",
    " core events.k8s.io|events|create patch update",
    // Bound to nobody: the Node authorizer gives kubelets what they need of it.
    "system:node <- Group",
    " authentication.k8s.io|tokenreviews|create",
    " authorization.k8s.io|localsubjectaccessreviews subjectaccessreviews|create",
    " core|services|READ",
    " core|nodes|create get list watch",
    " core|nodes/status|patch update",
    " core|nodes|patch update",
    " core events.k8s.io|events|create patch update",
    " core|pods|READ",
    " core|pods|create delete",
    " core|pods/status|patch update",
    " core|pods/eviction|create",
    " core|configmaps secrets|READ",
    " core|persistentvolumeclaims persistentvolumes|get",
    " core|endpoints|get",
    " certificates.k8s.io|certificatesigningrequests|create get list watch",
    " coordination.k8s.io|leases|create delete get patch update",
    " storage.k8s.io|volumeattachments|get",
    " core|serviceaccounts/token|create",
    " core|serviceaccounts|READ",
    " core|persistentvolumeclaims/status|get patch update",
    " storage.k8s.io|csidrivers|READ",
    " storage.k8s.io|csinodes|create delete get patch update",
    " node.k8s.io|runtimeclasses|READ",
    " resource.k8s.io|resourceclaims|get",
    " resource.k8s.io|resourceslices|create delete deletecollection get list patch update watch",
    "system:auth-delegator",
    " authentication.k8s.io|tokenreviews|create",
    " authorization.k8s.io|subjectaccessreviews|create",
    "system:persistent-volume-provisioner",
    " core|persistentvolumes|create delete get list watch",
    " core|persistentvolumeclaims|get list update watch",
    " storage.k8s.io|storageclasses|READ",
    " core|events|watch",
    " core events.k8s.io|events|create patch update",
    "system:service-account-issuer-discovery <- Group system:serviceaccounts",
    " @/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/",
    "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
    " certificates.k8s.io|certificatesigningrequests/nodeclient|create",
    "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
    " certificates.k8s.io|certificatesigningrequests/selfnodeclient|create",
    "system:certificates.k8s.io:kube-apiserver-client-approver",
    " certificates.k8s.io|signers|approve|kubernetes.io/kube-apiserver-client",
    "system:certificates.k8s.io:kube-apiserver-client-kubelet-approver",
    " certificates.k8s.io|signers|approve|kubernetes.io/kube-apiserver-client-kubelet",
    "system:certificates.k8s.io:kubelet-serving-approver",
    " certificates.k8s.io|signers|approve|kubernetes.io/kubelet-serving",
    "system:certificates.k8s.io:legacy-unknown-approver",
    " certificates.k8s.io|signers|approve|kubernetes.io/legacy-unknown",
};

// Roles of single controllers: bound to the ServiceAccount of the same name in kube-system.
constexpr std::string_view kControllers[] = {
    "attachdetach-controller",
    " core|persistentvolumeclaims persistentvolumes|list watch",
    " core|nodes|READ",
    " core|nodes/status|patch update",
    " core|pods|list watch",
    " storage.k8s.io|volumeattachments|create delete get list watch",
    " storage.k8s.io|csidrivers csinodes|READ",
    "certificate-controller",
    " certificates.k8s.io|certificatesigningrequests|delete get list watch",
    " certificates.k8s.io|certificatesigningrequests/approval certificatesigningrequests/status|update",
    " certificates.k8s.io|signers|approve sign|kubernetes.io/kube-apiserver-client-kubelet",
    " authorization.k8s.io|subjectaccessreviews|create",
    "clusterrole-aggregation-controller",
    " rbac.authorization.k8s.io|clusterroles|escalate get list patch update watch",
    "cronjob-controller",
    " batch|cronjobs|get list update watch",
    " batch|jobs|create delete get list patch update watch",
    " batch|cronjobs/finalizers cronjobs/status|update",
    " core|pods|delete list",
    "daemon-set-controller",
    " apps extensions|daemonsets|READ",
    " apps extensions|daemonsets/finalizers daemonsets/status|update",
    " core|nodes|list watch",
    " core|pods|create delete list patch watch",
    " core|pods/binding|create",
    " apps|controllerrevisions|create delete get list patch update watch",
    "deployment-controller",
    " apps extensions|deployments|get list update watch",
    " apps extensions|deployments/finalizers deployments/status|update",
    " apps extensions|replicasets|create delete get list patch update watch",
    " core|pods|get list update watch",
    "device-taint-eviction-controller",
    " core|pods|delete get list watch",
    " core|pods/status|patch",
    " resource.k8s.io|deviceclasses resourceclaims resourceslices|READ",
    "disruption-controller",
    " apps extensions|deployments replicasets|READ",
    " core|replicationcontrollers|READ",
    " policy|poddisruptionbudgets|READ",
    " apps|statefulsets|READ",
    " policy|poddisruptionbudgets/status|update",
    " core|pods/status|patch update",
    " *|*/scale|get",
    "endpoint-controller",
    " core|pods services|READ",
    " core|endpoints|create delete get list update",
    " core|endpoints/restricted|create",
    "endpointslice-controller",
    " core|nodes pods services|READ",
    " core|services/finalizers|update",
    " discovery.k8s.io|endpointslices|create delete get list update",
    "endpointslicemirroring-controller",
    " core|endpoints services|READ",
    " core|services/finalizers endpoints/finalizers|update",
    " discovery.k8s.io|endpointslices|create delete get list update",
    "ephemeral-volume-controller",
    " core|pods/finalizers|update",
    " core|pods|READ",
    " core|persistentvolumeclaims|create get list watch",
    "expand-controller",
    " core|persistentvolumes|get list patch update watch",
    " core|persistentvolumeclaims/status|patch update",
    " core|persistentvolumeclaims|READ",
    "generic-garbage-collector",
    " *|*|delete get list patch update watch",
    "horizontal-pod-autoscaler",
    " autoscaling|horizontalpodautoscalers|READ",
    " autoscaling|horizontalpodautoscalers/status|update",
    " *|*/scale|get update",
    " core|pods|list",
    " metrics.k8s.io|pods|list",
    " custom.metrics.k8s.io external.metrics.k8s.io|*|get list",
    "job-controller",
    " batch|jobs|get list patch update watch",
    " batch|jobs/finalizers jobs/status|update",
    " core|pods|create delete list patch watch",
    "legacy-service-account-token-cleaner",
    " core|configmaps|get|kube-apiserver-legacy-service-account-token-tracking",
    " core|secrets|delete patch",
    "namespace-controller",
    " core|namespaces|delete get list watch",
    " core|namespaces/finalize namespaces/status|update",
    " *|*|delete deletecollection get list",
    "node-controller",
    " core|nodes|delete get list patch update watch",
    " core|nodes/status|patch update",
    " core|pods/status|patch update",
    " core|pods|delete get list watch",
    "persistent-volume-binder",
    " core|persistentvolumes|create delete get list update watch",
    " core|persistentvolumes/status persistentvolumeclaims/status|update",
    " core|persistentvolumeclaims|get list update watch",
    " core|pods|create delete get list watch",
    " storage.k8s.io|storageclasses|READ",
    "pod-garbage-collector",
    " core|pods|delete list watch",
    " core|nodes|get list",
    " core|pods/status|patch",
    "pv-protection-controller",
    " core|persistentvolumes|get list update watch",
    "pvc-protection-controller",
    " core|persistentvolumeclaims|get list update watch",
    " core|pods|READ",
    "replicaset-controller",
    " apps extensions|replicasets|get list update watch",
    " apps extensions|replicasets/finalizers replicasets/status|update",
    " core|pods|create delete get list patch watch",
    "replication-controller",
    " core|replicationcontrollers|get list update watch",
    " core|replicationcontrollers/finalizers replicationcontrollers/status|update",
    " core|pods|create delete get list patch watch",
    "resource-claim-controller",
    " core|pods|READ",
    " resource.k8s.io|resourceclaims|create delete get list watch",
    " resource.k8s.io|resourceclaims/status|update",
    "resourcequota-controller",
    " *|*|list watch",
    " core|resourcequotas/status|update",
    "root-ca-cert-publisher",
    " core|configmaps|create update",
    "route-controller",
    " core|nodes|list watch",
    " core|nodes/status|patch",
    "selinux-warning-controller",
    " core|persistentvolumeclaims persistentvolumes pods|READ",
    " storage.k8s.io|csidrivers|READ",
    "service-account-controller",
    " core|serviceaccounts|create",
    "service-ca-cert-publisher",
    " core|configmaps|create update",
    "service-cidrs-controller",
    " networking.k8s.io|servicecidrs|get list patch update watch",
    " networking.k8s.io|servicecidrs/finalizers servicecidrs/status|patch update",
    " networking.k8s.io|ipaddresses|READ",
    "service-controller",
    " core|services|READ",
    " core|services/status|patch update",
    " core|nodes|list watch",
    "statefulset-controller",
    " core|pods|list watch",
    " apps|statefulsets|READ",
    " apps|statefulsets/finalizers statefulsets/status|update",
    " core|pods|create delete get patch update",
    " apps|controllerrevisions|create delete get list patch update watch",
    " core|persistentvolumeclaims|create get",
    "ttl-after-finished-controller",
    " batch|jobs|delete get list watch",
    "ttl-controller",
    " core|nodes|list patch update watch",
    "validatingadmissionpolicy-status-controller",
    " admissionregistration.k8s.io|validatingadmissionpolicies|READ",
    " admissionregistration.k8s.io|validatingadmissionpolicies/status|get patch update",
    "volumeattributesclass-protection-controller",
    " core|persistentvolumeclaims persistentvolumes|READ",
    " storage.k8s.io|volumeattributesclasses|get list update watch",
};

Value words(std::string_view text) {
  if (text == "READ") text = "get list watch";
  if (text == "CHANGE") text = "create delete deletecollection patch update";
  if (text == "ALL") text = "create delete deletecollection get list patch update watch";
  Value list = Value::array();
  for (const std::string& word : split_whitespace(text)) list.push_back(word == "core" ? std::string() : word);
  return list;
}

Value rule(std::string_view line) {
  const std::vector<std::string> parts = split(line, '|');
  if (line.starts_with('@')) {
    return Value::object({{"nonResourceURLs", words(std::string_view(parts[0]).substr(1))},
                          {"verbs", words(parts.size() > 1 ? parts[1] : "get")}});
  }
  Value out =
      Value::object({{"apiGroups", words(parts[0])}, {"resources", words(parts[1])}, {"verbs", words(parts[2])}});
  if (parts.size() > 3) out.set("resourceNames", words(parts[3]));
  return out;
}

Value bootstrapped(const char* kind, const std::string& name) {
  return Value::object({
      {"apiVersion", "rbac.authorization.k8s.io/v1"},
      {"kind", kind},
      {"metadata",
       Value::object({{"name", name},
                      {"annotations", Value::object({{"rbac.authorization.kubernetes.io/autoupdate", "true"}})},
                      {"labels", Value::object({{"kubernetes.io/bootstrapping", "rbac-defaults"}})}})},
  });
}

Value binding(const std::string& role, const std::string& kind, const std::vector<std::string>& names) {
  Value bound = bootstrapped("ClusterRoleBinding", role);
  bound.set("roleRef",
            Value::object({{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "ClusterRole"}, {"name", role}}));
  for (const std::string& name : names) {
    Value subject = Value::object({{"kind", kind}, {"name", name}});
    if (kind == "ServiceAccount")
      subject.set("namespace", "kube-system");
    else
      subject.set("apiGroup", "rbac.authorization.k8s.io");
    bound.ref("subjects").push_back(std::move(subject));
  }
  return bound;
}

}  // namespace

std::vector<Value> bootstrap_policy() {
  std::vector<Value> all;
  std::size_t role = 0;  // whose rules come now
  for (const std::string_view line : kRoles) {
    if (line[0] == ' ') {
      all[role].ref("rules").push_back(rule(line.substr(1)));
      continue;
    }
    const std::vector<std::string> parts = split_whitespace(line);
    role = all.size();
    all.push_back(bootstrapped("ClusterRole", parts[0]));
    all.back().set("rules", Value::array());
    if (parts.size() < 2) continue;
    const std::string label = "rbac.authorization.k8s.io/aggregate-to-";
    if (parts[1][0] == '+') {
      all.back().ref("metadata", "labels").set(label + parts[1].substr(1), "true");
    } else if (parts[1][0] == '=') {
      const Value matched = Value::object({{label + parts[1].substr(1), "true"}});
      const Value selector = Value::object({{"matchLabels", matched}});
      all.back().ref("aggregationRule", "clusterRoleSelectors") = Value::array({selector});
      // Editors may do what viewers may, and administrators what editors may.
      if (parts[0] == "edit") all.back().ref("metadata", "labels").set(label + "admin", "true");
      if (parts[0] == "view") all.back().ref("metadata", "labels").set(label + "edit", "true");
    } else {
      all.push_back(binding(parts[0], parts[2], {parts.begin() + 3, parts.end()}));
    }
  }
  for (const std::string_view line : kControllers) {
    if (line[0] == ' ') {
      all[role].ref("rules").push_back(rule(line.substr(1)));
      continue;
    }
    // Almost every controller reports what it does.
    role = all.size();
    const std::string name = "system:controller:" + std::string(line);
    all.push_back(bootstrapped("ClusterRole", name));
    all.back().set("rules", Value::array());
    all.push_back(binding(name, "ServiceAccount", {std::string(line)}));
  }
  return all;
}

}  // namespace drydock
