// Examples of the documentation's pages on placing pods, connecting services and
// running jobs.
#include "core/programs/internet/pages.h"

namespace drydock {
namespace {

constexpr std::string_view kNodeSelector = R"(apiVersion: v1
kind: Pod
metadata:
  name: nginx
  labels:
    env: test
spec:
  containers:
  - name: nginx
    image: nginx
    imagePullPolicy: IfNotPresent
  nodeSelector:
    disktype: ssd
)";

constexpr std::string_view kRequiredAffinity = R"(apiVersion: v1
kind: Pod
metadata:
  name: nginx
spec:
  affinity:
    nodeAffinity:
      requiredDuringSchedulingIgnoredDuringExecution:
        nodeSelectorTerms:
        - matchExpressions:
          - key: disktype
            operator: In
            values:
            - ssd
  containers:
  - name: nginx
    image: nginx
    imagePullPolicy: IfNotPresent
)";

constexpr std::string_view kPreferredAffinity = R"(apiVersion: v1
kind: Pod
metadata:
  name: nginx
spec:
  affinity:
    nodeAffinity:
      preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 1
        preference:
          matchExpressions:
          - key: disktype
            operator: In
            values:
            - ssd
  containers:
  - name: nginx
    image: nginx
    imagePullPolicy: IfNotPresent
)";

constexpr std::string_view kToleration = R"(apiVersion: v1
kind: Pod
metadata:
  name: nginx
  labels:
    env: test
spec:
  containers:
  - name: nginx
    image: nginx
    imagePullPolicy: IfNotPresent
  tolerations:
  - key: "example-key"
    operator: "Exists"
    effect: "NoSchedule"
)";

constexpr std::string_view kSpread = R"(kind: Pod
apiVersion: v1
metadata:
  name: mypod
  labels:
    foo: bar
spec:
  topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: zone
    whenUnsatisfiable: DoNotSchedule
    labelSelector:
      matchLabels:
        foo: bar
  containers:
  - name: pause
    image: registry.k8s.io/pause:3.1
)";

constexpr std::string_view kPodReplicas = R"(apiVersion: v1
kind: Pod
metadata:
  name: pod1
  labels:
    tier: frontend
spec:
  containers:
  - name: hello1
    image: gcr.io/google-samples/hello-app:2.0

---

apiVersion: v1
kind: Pod
metadata:
  name: pod2
  labels:
    tier: frontend
spec:
  containers:
  - name: hello2
    image: gcr.io/google-samples/hello-app:1.0
)";

constexpr std::string_view kUpdate = R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: nginx-deployment
spec:
  selector:
    matchLabels:
      app: nginx
  template:
    metadata:
      labels:
        app: nginx
    spec:
      containers:
      - name: nginx
        image: nginx:1.16.1
        ports:
        - containerPort: 80
)";

constexpr std::string_view kIndexedJob = R"(apiVersion: batch/v1
kind: Job
metadata:
  name: 'indexed-job'
spec:
  completions: 5
  parallelism: 3
  completionMode: Indexed
  template:
    spec:
      restartPolicy: Never
      initContainers:
      - name: 'input'
        image: 'docker.io/library/bash'
        command:
        - "bash"
        - "-c"
        - |
          items=(foo bar baz qux xyz)
          echo ${items[$JOB_COMPLETION_INDEX]} > /input/data.txt
        volumeMounts:
        - mountPath: /input
          name: input
      containers:
      - name: 'worker'
        image: 'docker.io/library/busybox'
        command:
        - "rev"
        - "/input/data.txt"
        volumeMounts:
        - mountPath: /input
          name: input
      volumes:
      - name: input
        emptyDir: {}
)";

constexpr std::string_view kJobTemplate = R"(apiVersion: batch/v1
kind: Job
metadata:
  name: process-item-$ITEM
  labels:
    jobgroup: jobexample
spec:
  template:
    metadata:
      name: jobexample
      labels:
        jobgroup: jobexample
    spec:
      containers:
      - name: c
        image: busybox:1.28
        command: ["sh", "-c", "echo Processing item $ITEM && sleep 5"]
      restartPolicy: Never
)";

constexpr std::string_view kRedisJobPod = R"(apiVersion: v1
kind: Pod
metadata:
  name: redis-master
  labels:
    app: redis
spec:
  containers:
    - name: master
      image: redis
      env:
        - name: MASTER
          value: "true"
      ports:
        - containerPort: 6379
)";

constexpr std::string_view kRedisJobService = R"(apiVersion: v1
kind: Service
metadata:
  name: redis
spec:
  ports:
    - port: 6379
      targetPort: 6379
  selector:
    app: redis
)";

constexpr std::string_view kBackend = R"(---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: backend
spec:
  selector:
    matchLabels:
      app: hello
      tier: backend
      track: stable
  replicas: 3
  template:
    metadata:
      labels:
        app: hello
        tier: backend
        track: stable
    spec:
      containers:
        - name: hello
          image: "gcr.io/google-samples/hello-go-gke:1.0"
          ports:
            - name: http
              containerPort: 80
...
)";

constexpr std::string_view kBackendService = R"(---
apiVersion: v1
kind: Service
metadata:
  name: hello
spec:
  selector:
    app: hello
    tier: backend
  ports:
  - protocol: TCP
    port: 80
    targetPort: http
...
)";

constexpr std::string_view kFrontend = R"(---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: frontend
spec:
  selector:
    matchLabels:
      app: hello
      tier: frontend
      track: stable
  replicas: 1
  template:
    metadata:
      labels:
        app: hello
        tier: frontend
        track: stable
    spec:
      containers:
        - name: nginx
          image: "gcr.io/google-samples/hello-frontend:1.0"
          lifecycle:
            preStop:
              exec:
                command: ["/usr/sbin/nginx","-s","quit"]
...
)";

constexpr std::string_view kFrontendService = R"(---
apiVersion: v1
kind: Service
metadata:
  name: frontend
spec:
  selector:
    app: hello
    tier: frontend
  ports:
  - protocol: "TCP"
    port: 80
    targetPort: 80
  type: LoadBalancer
...
)";

constexpr std::string_view kNginxPolicy = R"(apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: access-nginx
spec:
  podSelector:
    matchLabels:
      app: nginx
  ingress:
  - from:
    - podSelector:
        matchLabels:
          access: "true"
)";

constexpr std::string_view kDenyIngress = R"(---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny-ingress
spec:
  podSelector: {}
  policyTypes:
  - Ingress
)";

constexpr std::string_view kDenyEgress = R"(---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny-egress
spec:
  podSelector: {}
  policyTypes:
  - Egress
)";

constexpr std::string_view kDenyAll = R"(---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny-all
spec:
  podSelector: {}
  policyTypes:
  - Ingress
  - Egress
)";

constexpr std::string_view kAllowIngress = R"(---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-all-ingress
spec:
  podSelector: {}
  ingress:
  - {}
  policyTypes:
  - Ingress
)";

constexpr std::string_view kMinimalIngress = R"(apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: minimal-ingress
  annotations:
    nginx.ingress.kubernetes.io/rewrite-target: /
spec:
  ingressClassName: nginx-example
  rules:
  - http:
      paths:
      - path: /testpath
        pathType: Prefix
        backend:
          service:
            name: test
            port:
              number: 80
)";

constexpr std::string_view kCustomDns = R"(apiVersion: v1
kind: Pod
metadata:
  namespace: default
  name: dns-example
spec:
  containers:
    - name: test
      image: nginx
  dnsPolicy: "None"
  dnsConfig:
    nameservers:
      - 192.0.2.1
    searches:
      - ns1.svc.cluster-domain.example
      - my.dns.search.suffix
    options:
      - name: ndots
        value: "2"
      - name: edns0
)";

constexpr std::string_view kAutoscaler = R"(apiVersion: autoscaling/v1
kind: HorizontalPodAutoscaler
metadata:
  name: php-apache
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: php-apache
  minReplicas: 1
  maxReplicas: 10
  targetCPUUtilizationPercentage: 50
)";

constexpr std::string_view kBudget = R"(apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: zk-pdb
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app: zookeeper
)";

constexpr std::string_view kLoggingStreams = R"yaml(apiVersion: v1
kind: Pod
metadata:
  name: counter
spec:
  containers:
  - name: count
    image: busybox:1.28
    args:
    - /bin/sh
    - -c
    - >
      i=0;
      while true;
      do
        echo "$i: $(date)" >> /var/log/1.log;
        echo "$(date) INFO $i" >> /var/log/2.log;
        i=$((i+1));
        sleep 1;
      done
    volumeMounts:
    - name: varlog
      mountPath: /var/log
  - name: count-log-1
    image: busybox:1.28
    args: [/bin/sh, -c, 'tail -n+1 -F /var/log/1.log']
    volumeMounts:
    - name: varlog
      mountPath: /var/log
  - name: count-log-2
    image: busybox:1.28
    args: [/bin/sh, -c, 'tail -n+1 -F /var/log/2.log']
    volumeMounts:
    - name: varlog
      mountPath: /var/log
  volumes:
  - name: varlog
    emptyDir: {}
)yaml";

constexpr WebPage kPages[] = {
    {"kubernetes.io/examples/pods/pod-nginx.yaml", kNodeSelector},
    {"kubernetes.io/examples/pods/pod-nginx-required-affinity.yaml", kRequiredAffinity},
    {"kubernetes.io/examples/pods/pod-nginx-preferred-affinity.yaml", kPreferredAffinity},
    {"kubernetes.io/examples/pods/pod-with-toleration.yaml", kToleration},
    {"kubernetes.io/examples/pods/topology-spread-constraints/one-constraint.yaml", kSpread},
    {"kubernetes.io/examples/pods/pod-rs.yaml", kPodReplicas},
    {"kubernetes.io/examples/application/update_deployment.yaml", kUpdate},
    {"kubernetes.io/examples/application/job/indexed-job-vol.yaml", kIndexedJob},
    {"kubernetes.io/examples/application/job/job-tmpl.yaml", kJobTemplate},
    {"kubernetes.io/examples/application/job/redis/redis-pod.yaml", kRedisJobPod},
    {"kubernetes.io/examples/application/job/redis/redis-service.yaml", kRedisJobService},
    {"kubernetes.io/examples/service/access/backend-deployment.yaml", kBackend},
    {"kubernetes.io/examples/service/access/backend-service.yaml", kBackendService},
    {"kubernetes.io/examples/service/access/frontend-deployment.yaml", kFrontend},
    {"kubernetes.io/examples/service/access/frontend-service.yaml", kFrontendService},
    {"kubernetes.io/examples/service/networking/nginx-policy.yaml", kNginxPolicy},
    {"kubernetes.io/examples/service/networking/network-policy-default-deny-ingress.yaml", kDenyIngress},
    {"kubernetes.io/examples/service/networking/network-policy-default-deny-egress.yaml", kDenyEgress},
    {"kubernetes.io/examples/service/networking/network-policy-default-deny-all.yaml", kDenyAll},
    {"kubernetes.io/examples/service/networking/network-policy-allow-all-ingress.yaml", kAllowIngress},
    {"kubernetes.io/examples/service/networking/minimal-ingress.yaml", kMinimalIngress},
    {"kubernetes.io/examples/service/networking/custom-dns.yaml", kCustomDns},
    {"kubernetes.io/examples/application/hpa/php-apache.yaml", kAutoscaler},
    {"kubernetes.io/examples/policy/zookeeper-pod-disruption-budget-maxunavailable.yaml", kBudget},
    {"kubernetes.io/examples/admin/logging/two-files-counter-pod-streaming-sidecar.yaml", kLoggingStreams},
};

}  // namespace

std::span<const WebPage> scheduling_example_pages() { return kPages; }

}  // namespace drydock
