// Pods of kubernetes.io/examples and of the Kubernetes By Example tutorial.
#include "core/programs/internet/pages.h"

namespace drydock {
namespace {

constexpr std::string_view kSimplePod = R"yaml(apiVersion: v1
kind: Pod
metadata:
  name: nginx
spec:
  containers:
  - name: nginx
    image: nginx:1.14.2
    ports:
    - containerPort: 80
)yaml";

constexpr std::string_view kShellDemo = R"yaml(apiVersion: v1
kind: Pod
metadata:
  name: shell-demo
spec:
  volumes:
  - name: shared-data
    emptyDir: {}
  containers:
  - name: nginx
    image: nginx
    volumeMounts:
    - name: shared-data
      mountPath: /usr/share/nginx/html
  hostNetwork: true
  dnsPolicy: Default
)yaml";

constexpr std::string_view kTwoContainers = R"yaml(apiVersion: v1
kind: Pod
metadata:
  name: two-containers
spec:
  restartPolicy: Never
  volumes:
  - name: shared-data
    emptyDir: {}
  containers:
  - name: nginx-container
    image: nginx
    volumeMounts:
    - name: shared-data
      mountPath: /usr/share/nginx/html
  - name: debian-container
    image: debian
    volumeMounts:
    - name: shared-data
      mountPath: /pod-data
    command: ["/bin/sh"]
    args: ["-c", "echo Hello from the debian container > /pod-data/index.html"]
)yaml";

constexpr std::string_view kInitContainers = R"yaml(apiVersion: v1
kind: Pod
metadata:
  name: init-demo
spec:
  containers:
  - name: nginx
    image: nginx
    ports:
    - containerPort: 80
    volumeMounts:
    - name: workdir
      mountPath: /usr/share/nginx/html
  initContainers:
  - name: install
    image: busybox:1.28
    command:
    - wget
    - "-O"
    - "/work-dir/index.html"
    - http://info.cern.ch
    volumeMounts:
    - name: workdir
      mountPath: "/work-dir"
  dnsPolicy: Default
  volumes:
  - name: workdir
    emptyDir: {}
)yaml";

constexpr std::string_view kExecLiveness = R"yaml(apiVersion: v1
kind: Pod
metadata:
  labels:
    test: liveness
  name: liveness-exec
spec:
  containers:
  - name: liveness
    image: registry.k8s.io/busybox:1.27.2
    args:
    - /bin/sh
    - -c
    - touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600
    livenessProbe:
      exec:
        command:
        - cat
        - /tmp/healthy
      initialDelaySeconds: 5
      periodSeconds: 5
)yaml";

constexpr std::string_view kHttpLiveness = R"yaml(apiVersion: v1
kind: Pod
metadata:
  labels:
    test: liveness
  name: liveness-http
spec:
  containers:
  - name: liveness
    image: registry.k8s.io/e2e-test-images/agnhost:2.40
    args:
    - liveness
    livenessProbe:
      httpGet:
        path: /healthz
        port: 8080
        httpHeaders:
        - name: Custom-Header
          value: Awesome
      initialDelaySeconds: 3
      periodSeconds: 3
)yaml";

constexpr std::string_view kTcpLiveness = R"yaml(apiVersion: v1
kind: Pod
metadata:
  name: goproxy
  labels:
    app: goproxy
spec:
  containers:
  - name: goproxy
    image: registry.k8s.io/goproxy:0.1
    ports:
    - containerPort: 8080
    readinessProbe:
      tcpSocket:
        port: 8080
      initialDelaySeconds: 15
      periodSeconds: 10
    livenessProbe:
      tcpSocket:
        port: 8080
      initialDelaySeconds: 15
      periodSeconds: 10
)yaml";

constexpr std::string_view kLifecycle = R"yaml(apiVersion: v1
kind: Pod
metadata:
  name: lifecycle-demo
spec:
  containers:
  - name: lifecycle-demo-container
    image: nginx
    lifecycle:
      postStart:
        exec:
          command: ["/bin/sh", "-c", "echo Hello from the postStart handler > /usr/share/message"]
      preStop:
        exec:
          command: ["/bin/sh","-c","nginx -s quit; while killall -0 nginx; do sleep 1; done"]
)yaml";

constexpr std::string_view kCounter = R"yaml(apiVersion: v1
kind: Pod
metadata:
  name: counter
spec:
  containers:
  - name: count
    image: busybox:1.28
    args: [/bin/sh, -c,
            'i=0; while true; do echo "$i: $(date)"; i=$((i+1)); sleep 1; done']
)yaml";

constexpr std::string_view kCommands = R"yaml(apiVersion: v1
kind: Pod
metadata:
  name: command-demo
  labels:
    purpose: demonstrate-command
spec:
  containers:
  - name: command-demo-container
    image: debian
    command: ["printenv"]
    args: ["HOSTNAME", "KUBERNETES_PORT"]
  restartPolicy: OnFailure
)yaml";

constexpr std::string_view kDownwardEnv = R"yaml(apiVersion: v1
kind: Pod
metadata:
  name: dapi-envars-fieldref
spec:
  containers:
  - name: test-container
    image: registry.k8s.io/busybox:1.27.2
    command: [ "sh", "-c"]
    args:
    - while true; do
        echo -en '\n';
        printenv MY_NODE_NAME MY_POD_NAME MY_POD_NAMESPACE;
        printenv MY_POD_IP MY_POD_SERVICE_ACCOUNT;
        sleep 10;
      done;
    env:
    - name: MY_NODE_NAME
      valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
    - name: MY_POD_NAME
      valueFrom: {fieldRef: {fieldPath: metadata.name}}
    - name: MY_POD_NAMESPACE
      valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
    - name: MY_POD_IP
      valueFrom: {fieldRef: {fieldPath: status.podIP}}
    - name: MY_POD_SERVICE_ACCOUNT
      valueFrom: {fieldRef: {fieldPath: spec.serviceAccountName}}
  restartPolicy: Never
)yaml";

constexpr std::string_view kGuaranteed = R"yaml(apiVersion: v1
kind: Pod
metadata:
  name: qos-demo
  namespace: qos-example
spec:
  containers:
  - name: qos-demo-ctr
    image: nginx
    resources:
      limits:
        memory: "200Mi"
        cpu: "700m"
      requests:
        memory: "200Mi"
        cpu: "700m"
)yaml";

constexpr std::string_view kRedisPod = R"yaml(apiVersion: v1
kind: Pod
metadata:
  name: redis
spec:
  containers:
  - name: redis
    image: redis
    volumeMounts:
    - name: redis-storage
      mountPath: /data/redis
  volumes:
  - name: redis-storage
    emptyDir: {}
)yaml";

constexpr std::string_view kShareProcesses = R"yaml(apiVersion: v1
kind: Pod
metadata:
  name: nginx
spec:
  shareProcessNamespace: true
  containers:
  - name: nginx
    image: nginx
  - name: shell
    image: busybox:1.28
    command: ["sleep", "3600"]
    securityContext:
      capabilities:
        add:
        - SYS_PTRACE
    stdin: true
    tty: true
)yaml";

constexpr std::string_view kDnsUtils = R"yaml(apiVersion: v1
kind: Pod
metadata:
  name: dnsutils
  namespace: default
spec:
  containers:
  - name: dnsutils
    image: registry.k8s.io/e2e-test-images/agnhost:2.39
    imagePullPolicy: IfNotPresent
  restartPolicy: Always
)yaml";

constexpr std::string_view kDnsBusybox = R"yaml(apiVersion: v1
kind: Pod
metadata:
  name: busybox
  namespace: default
spec:
  containers:
  - name: busybox
    image: busybox:1.28
    command:
      - sleep
      - "3600"
    imagePullPolicy: IfNotPresent
  restartPolicy: Always
)yaml";

constexpr std::string_view kKbePod = R"yaml(apiVersion: v1
kind: Pod
metadata:
  name: twocontainers
spec:
  containers:
  - name: sise
    image: quay.io/openshiftlabs/simpleservice:0.5.0
    ports:
    - containerPort: 9876
  - name: shell
    image: centos:7
    command:
      - "bin/bash"
      - "-c"
      - "sleep 10000"
)yaml";

constexpr std::string_view kKbeConstraint = R"yaml(apiVersion: v1
kind: Pod
metadata:
  name: constraintpod
spec:
  containers:
  - name: sise
    image: quay.io/openshiftlabs/simpleservice:0.5.0
    ports:
    - containerPort: 9876
    resources:
      limits:
        memory: "64Mi"
        cpu: "500m"
)yaml";

constexpr std::string_view kKbeController = R"yaml(apiVersion: v1
kind: ReplicationController
metadata:
  name: rcex
spec:
  replicas: 1
  selector:
    app: sise
  template:
    metadata:
      name: somename
      labels:
        app: sise
    spec:
      containers:
      - name: sise
        image: quay.io/openshiftlabs/simpleservice:0.5.0
        ports:
        - containerPort: 9876
)yaml";

constexpr std::string_view kKbeService = R"yaml(apiVersion: v1
kind: Service
metadata:
  name: simpleservice
spec:
  ports:
    - port: 80
      targetPort: 9876
  selector:
    app: sise
)yaml";

constexpr WebPage kPages[] = {
    {"kubernetes.io/examples/pods/simple-pod.yaml", kSimplePod},
    {"kubernetes.io/examples/application/shell-demo.yaml", kShellDemo},
    {"kubernetes.io/examples/pods/two-container-pod.yaml", kTwoContainers},
    {"kubernetes.io/examples/pods/init-containers.yaml", kInitContainers},
    {"kubernetes.io/examples/pods/probe/exec-liveness.yaml", kExecLiveness},
    {"kubernetes.io/examples/pods/probe/http-liveness.yaml", kHttpLiveness},
    {"kubernetes.io/examples/pods/probe/tcp-liveness-readiness.yaml", kTcpLiveness},
    {"kubernetes.io/examples/pods/lifecycle-events.yaml", kLifecycle},
    {"kubernetes.io/examples/debug/counter-pod.yaml", kCounter},
    {"kubernetes.io/examples/pods/commands.yaml", kCommands},
    {"kubernetes.io/examples/pods/inject/dapi-envars-pod.yaml", kDownwardEnv},
    {"kubernetes.io/examples/pods/qos/qos-pod.yaml", kGuaranteed},
    {"kubernetes.io/examples/pods/storage/redis.yaml", kRedisPod},
    {"kubernetes.io/examples/pods/share-process-namespace.yaml", kShareProcesses},
    {"kubernetes.io/examples/admin/dns/dnsutils.yaml", kDnsUtils},
    {"kubernetes.io/examples/admin/dns/busybox.yaml", kDnsBusybox},
    {"raw.githubusercontent.com/openshift-evangelists/kbe/main/specs/pods/pod.yaml", kKbePod},
    {"raw.githubusercontent.com/openshift-evangelists/kbe/master/specs/pods/pod.yaml", kKbePod},
    {"raw.githubusercontent.com/mhausenblas/kbe/master/specs/pods/pod.yaml", kKbePod},
    {"raw.githubusercontent.com/openshift-evangelists/kbe/main/specs/pods/constraint-pod.yaml", kKbeConstraint},
    {"raw.githubusercontent.com/openshift-evangelists/kbe/master/specs/pods/constraint-pod.yaml", kKbeConstraint},
    {"raw.githubusercontent.com/mhausenblas/kbe/master/specs/pods/constraint-pod.yaml", kKbeConstraint},
    {"raw.githubusercontent.com/openshift-evangelists/kbe/main/specs/rcs/rc.yaml", kKbeController},
    {"raw.githubusercontent.com/openshift-evangelists/kbe/master/specs/rcs/rc.yaml", kKbeController},
    {"raw.githubusercontent.com/mhausenblas/kbe/master/specs/rcs/rc.yaml", kKbeController},
    {"raw.githubusercontent.com/openshift-evangelists/kbe/main/specs/services/svc.yaml", kKbeService},
    {"raw.githubusercontent.com/openshift-evangelists/kbe/master/specs/services/svc.yaml", kKbeService},
    {"raw.githubusercontent.com/mhausenblas/kbe/master/specs/services/svc.yaml", kKbeService},
};

}  // namespace

std::span<const WebPage> pod_example_pages() { return kPages; }

}  // namespace drydock
