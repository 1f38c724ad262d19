// Manifests of pod network add-ons, in the shape their projects publish.
#include "core/programs/internet/pages.h"

namespace drydock {
namespace {

constexpr std::string_view kWeave = R"(apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: weave-net
      labels: {name: weave-net}
      namespace: kube-system
  - apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata:
      name: weave-net
      labels: {name: weave-net}
    rules:
      - apiGroups: ['']
        resources: [pods, namespaces, nodes]
        verbs: [get, list, watch]
      - apiGroups: [networking.k8s.io]
        resources: [networkpolicies]
        verbs: [get, list, watch]
      - apiGroups: ['']
        resources: [nodes/status]
        verbs: [patch, update]
  - apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata:
      name: weave-net
      labels: {name: weave-net}
    roleRef:
      kind: ClusterRole
      name: weave-net
      apiGroup: rbac.authorization.k8s.io
    subjects:
      - kind: ServiceAccount
        name: weave-net
        namespace: kube-system
  - apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata:
      name: weave-net
      labels: {name: weave-net}
      namespace: kube-system
    rules:
      - apiGroups: ['']
        resources: [configmaps]
        resourceNames: [weave-net]
        verbs: [get, update]
      - apiGroups: ['']
        resources: [configmaps]
        verbs: [create]
  - apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata:
      name: weave-net
      labels: {name: weave-net}
      namespace: kube-system
    roleRef:
      kind: Role
      name: weave-net
      apiGroup: rbac.authorization.k8s.io
    subjects:
      - kind: ServiceAccount
        name: weave-net
        namespace: kube-system
  - apiVersion: apps/v1
    kind: DaemonSet
    metadata:
      name: weave-net
      labels: {name: weave-net}
      namespace: kube-system
    spec:
      minReadySeconds: 5
      selector:
        matchLabels: {name: weave-net}
      template:
        metadata:
          labels: {name: weave-net}
        spec:
          initContainers:
            - name: weave-init
              image: weaveworks/weave-kube:2.8.1
              command: [/home/weave/init.sh]
              securityContext: {privileged: true}
              volumeMounts:
                - {name: cni-bin, mountPath: /host/opt}
                - {name: cni-bin2, mountPath: /host/home}
                - {name: cni-conf, mountPath: /host/etc}
                - {name: lib-modules, mountPath: /lib/modules}
                - {name: xtables-lock, mountPath: /run/xtables.lock, readOnly: false}
          containers:
            - name: weave
              image: weaveworks/weave-kube:2.8.1
              command: [/home/weave/launch.sh]
              env:
                - {name: INIT_CONTAINER, value: "true"}
                - name: HOSTNAME
                  valueFrom:
                    fieldRef: {apiVersion: v1, fieldPath: spec.nodeName}
              readinessProbe:
                httpGet: {host: 127.0.0.1, path: /status, port: 6784}
              resources:
                requests: {cpu: 50m, memory: 100Mi}
              securityContext: {privileged: true}
              volumeMounts:
                - {name: weavedb, mountPath: /weavedb}
                - {name: dbus, mountPath: /host/var/lib/dbus, readOnly: true}
                - {name: cni-machine-id, mountPath: /host/etc/machine-id, readOnly: true}
                - {name: cni-conf, mountPath: /host/etc}
                - {name: xtables-lock, mountPath: /run/xtables.lock, readOnly: false}
            - name: weave-npc
              image: weaveworks/weave-npc:2.8.1
              env:
                - name: HOSTNAME
                  valueFrom:
                    fieldRef: {apiVersion: v1, fieldPath: spec.nodeName}
              resources:
                requests: {cpu: 50m, memory: 100Mi}
              securityContext: {privileged: true}
              volumeMounts:
                - {name: xtables-lock, mountPath: /run/xtables.lock, readOnly: false}
          dnsPolicy: ClusterFirstWithHostNet
          hostNetwork: true
          priorityClassName: system-node-critical
          restartPolicy: Always
          securityContext:
            seLinuxOptions: {}
          serviceAccountName: weave-net
          tolerations:
            - {effect: NoSchedule, operator: Exists}
            - {effect: NoExecute, operator: Exists}
          volumes:
            - {name: weavedb, hostPath: {path: /var/lib/weave}}
            - {name: cni-bin, hostPath: {path: /opt}}
            - {name: cni-bin2, hostPath: {path: /home}}
            - {name: cni-conf, hostPath: {path: /etc}}
            - {name: cni-machine-id, hostPath: {path: /etc/machine-id}}
            - {name: dbus, hostPath: {path: /var/lib/dbus}}
            - {name: lib-modules, hostPath: {path: /lib/modules}}
            - {name: xtables-lock, hostPath: {path: /run/xtables.lock, type: FileOrCreate}}
      updateStrategy: {type: RollingUpdate}
)";

constexpr std::string_view kFlannel = R"(apiVersion: v1
kind: Namespace
metadata:
  labels:
    k8s-app: flannel
    pod-security.kubernetes.io/enforce: privileged
  name: kube-flannel
---
apiVersion: v1
kind: ServiceAccount
metadata:
  labels: {k8s-app: flannel}
  name: flannel
  namespace: kube-flannel
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  labels: {k8s-app: flannel}
  name: flannel
rules:
- apiGroups: [""]
  resources: [pods]
  verbs: [get]
- apiGroups: [""]
  resources: [nodes]
  verbs: [get, list, watch]
- apiGroups: [""]
  resources: [nodes/status]
  verbs: [patch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  labels: {k8s-app: flannel}
  name: flannel
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: flannel
subjects:
- kind: ServiceAccount
  name: flannel
  namespace: kube-flannel
---
apiVersion: v1
kind: ConfigMap
metadata:
  labels: {app: flannel, k8s-app: flannel, tier: node}
  name: kube-flannel-cfg
  namespace: kube-flannel
data:
  cni-conf.json: |
    {
      "name": "cbr0",
      "cniVersion": "0.3.1",
      "plugins": [
        {
          "type": "flannel",
          "delegate": {
            "hairpinMode": true,
            "isDefaultGateway": true
          }
        },
        {
          "type": "portmap",
          "capabilities": {
            "portMappings": true
          }
        }
      ]
    }
  net-conf.json: |
    {
      "Network": "10.244.0.0/16",
      "EnableNFTables": false,
      "Backend": {
        "Type": "vxlan"
      }
    }
---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  labels: {app: flannel, k8s-app: flannel, tier: node}
  name: kube-flannel-ds
  namespace: kube-flannel
spec:
  selector:
    matchLabels: {app: flannel, k8s-app: flannel}
  template:
    metadata:
      labels: {app: flannel, k8s-app: flannel, tier: node}
    spec:
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms:
            - matchExpressions:
              - {key: kubernetes.io/os, operator: In, values: [linux]}
      containers:
      - args: [--ip-masq, --kube-subnet-mgr]
        command: [/opt/bin/flanneld]
        env:
        - name: POD_NAME
          valueFrom:
            fieldRef: {fieldPath: metadata.name}
        - name: POD_NAMESPACE
          valueFrom:
            fieldRef: {fieldPath: metadata.namespace}
        - {name: EVENT_QUEUE_DEPTH, value: "5000"}
        image: ghcr.io/flannel-io/flannel:v0.27.4
        name: kube-flannel
        resources:
          requests: {cpu: 100m, memory: 50Mi}
        securityContext:
          capabilities: {add: [NET_ADMIN, NET_RAW]}
          privileged: false
        volumeMounts:
        - {mountPath: /run/flannel, name: run}
        - {mountPath: /etc/kube-flannel/, name: flannel-cfg}
        - {mountPath: /run/xtables.lock, name: xtables-lock}
      hostNetwork: true
      initContainers:
      - args: [-f, /flannel, /opt/cni/bin/flannel]
        command: [cp]
        image: ghcr.io/flannel-io/flannel-cni-plugin:v1.8.0-flannel1
        name: install-cni-plugin
        volumeMounts:
        - {mountPath: /opt/cni/bin, name: cni-plugin}
      - args: [-f, /etc/kube-flannel/cni-conf.json, /etc/cni/net.d/10-flannel.conflist]
        command: [cp]
        image: ghcr.io/flannel-io/flannel:v0.27.4
        name: install-cni
        volumeMounts:
        - {mountPath: /etc/cni/net.d, name: cni}
        - {mountPath: /etc/kube-flannel/, name: flannel-cfg}
      priorityClassName: system-node-critical
      serviceAccountName: flannel
      tolerations:
      - {effect: NoSchedule, operator: Exists}
      volumes:
      - {hostPath: {path: /run/flannel}, name: run}
      - {hostPath: {path: /opt/cni/bin}, name: cni-plugin}
      - {hostPath: {path: /etc/cni/net.d}, name: cni}
      - {configMap: {name: kube-flannel-cfg}, name: flannel-cfg}
      - {hostPath: {path: /run/xtables.lock, type: FileOrCreate}, name: xtables-lock}
)";

constexpr std::string_view kCalico = R"(apiVersion: v1
kind: ServiceAccount
metadata:
  name: calico-kube-controllers
  namespace: kube-system
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: calico-node
  namespace: kube-system
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: calico-config
  namespace: kube-system
data:
  typha_service_name: "none"
  calico_backend: "bird"
  veth_mtu: "0"
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: calico-kube-controllers
rules:
- apiGroups: [""]
  resources: [nodes, pods]
  verbs: [get, list, watch]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: calico-node
rules:
- apiGroups: [""]
  resources: [pods, nodes, namespaces, configmaps, endpoints, services]
  verbs: [get, list, watch]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [watch, list]
- apiGroups: [""]
  resources: [nodes/status]
  verbs: [patch, update]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: calico-kube-controllers
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: calico-kube-controllers
subjects:
- {kind: ServiceAccount, name: calico-kube-controllers, namespace: kube-system}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: calico-node
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: calico-node
subjects:
- {kind: ServiceAccount, name: calico-node, namespace: kube-system}
---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: calico-node
  namespace: kube-system
  labels: {k8s-app: calico-node}
spec:
  selector:
    matchLabels: {k8s-app: calico-node}
  updateStrategy:
    type: RollingUpdate
    rollingUpdate: {maxUnavailable: 1}
  template:
    metadata:
      labels: {k8s-app: calico-node}
    spec:
      nodeSelector: {kubernetes.io/os: linux}
      hostNetwork: true
      tolerations:
      - {effect: NoSchedule, operator: Exists}
      - {key: CriticalAddonsOnly, operator: Exists}
      - {effect: NoExecute, operator: Exists}
      serviceAccountName: calico-node
      terminationGracePeriodSeconds: 0
      priorityClassName: system-node-critical
      initContainers:
      - name: install-cni
        image: docker.io/calico/cni:v3.31.2
        command: [/opt/cni/bin/install]
        securityContext: {privileged: true}
        volumeMounts:
        - {mountPath: /host/opt/cni/bin, name: cni-bin-dir}
        - {mountPath: /host/etc/cni/net.d, name: cni-net-dir}
      containers:
      - name: calico-node
        image: docker.io/calico/node:v3.31.2
        env:
        - {name: DATASTORE_TYPE, value: kubernetes}
        - name: NODENAME
          valueFrom:
            fieldRef: {fieldPath: spec.nodeName}
        - {name: CALICO_IPV4POOL_IPIP, value: Always}
        securityContext: {privileged: true}
        resources:
          requests: {cpu: 250m}
        volumeMounts:
        - {mountPath: /var/lib/calico, name: var-lib-calico}
        - {mountPath: /run/xtables.lock, name: xtables-lock}
      volumes:
      - {name: var-lib-calico, hostPath: {path: /var/lib/calico, type: DirectoryOrCreate}}
      - {name: cni-bin-dir, hostPath: {path: /opt/cni/bin, type: DirectoryOrCreate}}
      - {name: cni-net-dir, hostPath: {path: /etc/cni/net.d}}
      - {name: xtables-lock, hostPath: {path: /run/xtables.lock, type: FileOrCreate}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: calico-kube-controllers
  namespace: kube-system
  labels: {k8s-app: calico-kube-controllers}
spec:
  replicas: 1
  selector:
    matchLabels: {k8s-app: calico-kube-controllers}
  strategy: {type: Recreate}
  template:
    metadata:
      labels: {k8s-app: calico-kube-controllers}
      name: calico-kube-controllers
      namespace: kube-system
    spec:
      nodeSelector: {kubernetes.io/os: linux}
      tolerations:
      - {key: CriticalAddonsOnly, operator: Exists}
      - {key: node-role.kubernetes.io/control-plane, effect: NoSchedule}
      serviceAccountName: calico-kube-controllers
      priorityClassName: system-cluster-critical
      containers:
      - name: calico-kube-controllers
        image: docker.io/calico/kube-controllers:v3.31.2
        env:
        - {name: ENABLED_CONTROLLERS, value: "node,loadbalancer"}
        - {name: DATASTORE_TYPE, value: kubernetes}
)";

constexpr WebPage kPages[] = {
    {"cloud.weave.works/k8s/net", kWeave},
    {"cloud.weave.works/k8s/v1.36/net.yaml", kWeave},
    {"github.com/weaveworks/weave/releases/download/v2.8.1/weave-daemonset-k8s.yaml", kWeave},
    {"github.com/weaveworks/weave/releases/download/v2.8.1/weave-daemonset-k8s-1.11.yaml", kWeave},
    {"github.com/weaveworks/weave/releases/latest/download/weave-daemonset-k8s.yaml", kWeave},
    {"raw.githubusercontent.com/weaveworks/weave/master/prog/weave-kube/weave-daemonset-k8s-1.11.yaml", kWeave},
    {"raw.githubusercontent.com/coreos/flannel/master/Documentation/kube-flannel.yml", kFlannel},
    {"raw.githubusercontent.com/flannel-io/flannel/master/Documentation/kube-flannel.yml", kFlannel},
    {"github.com/flannel-io/flannel/releases/latest/download/kube-flannel.yml", kFlannel},
    {"github.com/coreos/flannel/raw/master/Documentation/kube-flannel.yml", kFlannel},
    {"docs.projectcalico.org/manifests/calico.yaml", kCalico},
    {"raw.githubusercontent.com/projectcalico/calico/master/manifests/calico.yaml", kCalico},
    {"raw.githubusercontent.com/projectcalico/calico/v3.31.2/manifests/calico.yaml", kCalico},
};

}  // namespace

std::span<const WebPage> network_addon_pages() { return kPages; }

}  // namespace drydock
