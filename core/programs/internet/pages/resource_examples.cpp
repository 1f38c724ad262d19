// Examples of the documentation's pages on resources, their defaults, limits and quotas:
// https://kubernetes.io/docs/tasks/administer-cluster/manage-resources/
#include "core/programs/internet/pages.h"

namespace drydock {
namespace {

constexpr std::string_view kMemory1 = R"(apiVersion: v1
kind: Pod
metadata:
  name: memory-demo
  namespace: mem-example
spec:
  containers:
  - name: memory-demo-ctr
    image: polinux/stress
    resources:
      requests:
        memory: "100Mi"
      limits:
        memory: "200Mi"
    command: ["stress"]
    args: ["--vm", "1", "--vm-bytes", "150M", "--vm-hang", "1"]
)";

constexpr std::string_view kMemory2 = R"(apiVersion: v1
kind: Pod
metadata:
  name: memory-demo-2
  namespace: mem-example
spec:
  containers:
  - name: memory-demo-2-ctr
    image: polinux/stress
    resources:
      requests:
        memory: "50Mi"
      limits:
        memory: "100Mi"
    command: ["stress"]
    args: ["--vm", "1", "--vm-bytes", "250M", "--vm-hang", "1"]
)";

constexpr std::string_view kMemory3 = R"(apiVersion: v1
kind: Pod
metadata:
  name: memory-demo-3
  namespace: mem-example
spec:
  containers:
  - name: memory-demo-3-ctr
    image: polinux/stress
    resources:
      requests:
        memory: "1000Gi"
      limits:
        memory: "1000Gi"
    command: ["stress"]
    args: ["--vm", "1", "--vm-bytes", "150M", "--vm-hang", "1"]
)";

constexpr std::string_view kCpu1 = R"(apiVersion: v1
kind: Pod
metadata:
  name: cpu-demo
  namespace: cpu-example
spec:
  containers:
  - name: cpu-demo-ctr
    image: vish/stress
    resources:
      limits:
        cpu: "1"
      requests:
        cpu: "0.5"
    args:
    - -cpus
    - "2"
)";

constexpr std::string_view kCpu2 = R"(apiVersion: v1
kind: Pod
metadata:
  name: cpu-demo-2
  namespace: cpu-example
spec:
  containers:
  - name: cpu-demo-ctr-2
    image: vish/stress
    resources:
      limits:
        cpu: "100"
      requests:
        cpu: "100"
    args:
    - -cpus
    - "2"
)";

constexpr std::string_view kQos2 = R"(apiVersion: v1
kind: Pod
metadata:
  name: qos-demo-2
  namespace: qos-example
spec:
  containers:
  - name: qos-demo-2-ctr
    image: nginx
    resources:
      limits:
        memory: "200Mi"
      requests:
        memory: "100Mi"
)";

constexpr std::string_view kQos3 = R"(apiVersion: v1
kind: Pod
metadata:
  name: qos-demo-3
  namespace: qos-example
spec:
  containers:
  - name: qos-demo-3-ctr
    image: nginx
)";

constexpr std::string_view kQos4 = R"(apiVersion: v1
kind: Pod
metadata:
  name: qos-demo-4
  namespace: qos-example
spec:
  containers:

  - name: qos-demo-4-ctr-1
    image: nginx
    resources:
      requests:
        memory: "200Mi"

  - name: qos-demo-4-ctr-2
    image: redis
)";

constexpr std::string_view kMemoryDefaults = R"(apiVersion: v1
kind: LimitRange
metadata:
  name: mem-limit-range
spec:
  limits:
  - default:
      memory: 512Mi
    defaultRequest:
      memory: 256Mi
    type: Container
)";

constexpr std::string_view kMemoryDefaultsPod = R"(apiVersion: v1
kind: Pod
metadata:
  name: default-mem-demo
spec:
  containers:
  - name: default-mem-demo-ctr
    image: nginx
)";

constexpr std::string_view kMemoryDefaultsPod2 = R"(apiVersion: v1
kind: Pod
metadata:
  name: default-mem-demo-2
spec:
  containers:
  - name: default-mem-demo-2-ctr
    image: nginx
    resources:
      limits:
        memory: "1Gi"
)";

constexpr std::string_view kCpuDefaults = R"(apiVersion: v1
kind: LimitRange
metadata:
  name: cpu-limit-range
spec:
  limits:
  - default:
      cpu: 1
    defaultRequest:
      cpu: 0.5
    type: Container
)";

constexpr std::string_view kMemoryConstraints = R"(apiVersion: v1
kind: LimitRange
metadata:
  name: mem-min-max-demo-lr
spec:
  limits:
  - max:
      memory: 1Gi
    min:
      memory: 500Mi
    type: Container
)";

constexpr std::string_view kMemoryConstraintsPod = R"(apiVersion: v1
kind: Pod
metadata:
  name: constraints-mem-demo
spec:
  containers:
  - name: constraints-mem-demo-ctr
    image: nginx
    resources:
      limits:
        memory: "800Mi"
      requests:
        memory: "600Mi"
)";

constexpr std::string_view kMemoryConstraintsPod2 = R"(apiVersion: v1
kind: Pod
metadata:
  name: constraints-mem-demo-2
spec:
  containers:
  - name: constraints-mem-demo-2-ctr
    image: nginx
    resources:
      limits:
        memory: "1.5Gi"
      requests:
        memory: "800Mi"
)";

constexpr std::string_view kQuota = R"(apiVersion: v1
kind: ResourceQuota
metadata:
  name: mem-cpu-demo
spec:
  hard:
    requests.cpu: "1"
    requests.memory: 1Gi
    limits.cpu: "2"
    limits.memory: 2Gi
)";

constexpr std::string_view kQuotaPod = R"(apiVersion: v1
kind: Pod
metadata:
  name: quota-mem-cpu-demo
spec:
  containers:
  - name: quota-mem-cpu-demo-ctr
    image: nginx
    resources:
      limits:
        memory: "800Mi"
        cpu: "800m"
      requests:
        memory: "600Mi"
        cpu: "400m"
)";

constexpr std::string_view kQuotaPod2 = R"(apiVersion: v1
kind: Pod
metadata:
  name: quota-mem-cpu-demo-2
spec:
  containers:
  - name: quota-mem-cpu-demo-2-ctr
    image: redis
    resources:
      limits:
        memory: "1Gi"
        cpu: "800m"
      requests:
        memory: "700Mi"
        cpu: "400m"
)";

constexpr std::string_view kPodQuota = R"(apiVersion: v1
kind: ResourceQuota
metadata:
  name: pod-demo
spec:
  hard:
    pods: "2"
)";

constexpr std::string_view kPodQuotaDeployment = R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: pod-quota-demo
spec:
  selector:
    matchLabels:
      purpose: quota-demo
  replicas: 3
  template:
    metadata:
      labels:
        purpose: quota-demo
    spec:
      containers:
      - name: pod-quota-demo
        image: nginx
)";

constexpr WebPage kPages[] = {
    {"kubernetes.io/examples/pods/resource/memory-request-limit.yaml", kMemory1},
    {"kubernetes.io/examples/pods/resource/memory-request-limit-2.yaml", kMemory2},
    {"kubernetes.io/examples/pods/resource/memory-request-limit-3.yaml", kMemory3},
    {"kubernetes.io/examples/pods/resource/cpu-request-limit.yaml", kCpu1},
    {"kubernetes.io/examples/pods/resource/cpu-request-limit-2.yaml", kCpu2},
    {"kubernetes.io/examples/pods/qos/qos-pod-2.yaml", kQos2},
    {"kubernetes.io/examples/pods/qos/qos-pod-3.yaml", kQos3},
    {"kubernetes.io/examples/pods/qos/qos-pod-4.yaml", kQos4},
    {"kubernetes.io/examples/admin/resource/memory-defaults.yaml", kMemoryDefaults},
    {"kubernetes.io/examples/admin/resource/memory-defaults-pod.yaml", kMemoryDefaultsPod},
    {"kubernetes.io/examples/admin/resource/memory-defaults-pod-2.yaml", kMemoryDefaultsPod2},
    {"kubernetes.io/examples/admin/resource/cpu-defaults.yaml", kCpuDefaults},
    {"kubernetes.io/examples/admin/resource/memory-constraints.yaml", kMemoryConstraints},
    {"kubernetes.io/examples/admin/resource/memory-constraints-pod.yaml", kMemoryConstraintsPod},
    {"kubernetes.io/examples/admin/resource/memory-constraints-pod-2.yaml", kMemoryConstraintsPod2},
    {"kubernetes.io/examples/admin/resource/quota-mem-cpu.yaml", kQuota},
    {"kubernetes.io/examples/admin/resource/quota-mem-cpu-pod.yaml", kQuotaPod},
    {"kubernetes.io/examples/admin/resource/quota-mem-cpu-pod-2.yaml", kQuotaPod2},
    {"kubernetes.io/examples/admin/resource/quota-pod.yaml", kPodQuota},
    {"kubernetes.io/examples/admin/resource/quota-pod-deployment.yaml", kPodQuotaDeployment},
};

}  // namespace

std::span<const WebPage> resource_example_pages() { return kPages; }

}  // namespace drydock
