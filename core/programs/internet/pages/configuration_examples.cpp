// Examples of the documentation's pages on configuration, storage and security:
// https://kubernetes.io/docs/tasks/configure-pod-container/
#include "core/programs/internet/pages.h"

namespace drydock {
namespace {

constexpr std::string_view kEnvironment = R"(apiVersion: v1
kind: Pod
metadata:
  name: envar-demo
  labels:
    purpose: demonstrate-envars
spec:
  containers:
  - name: envar-demo-container
    image: gcr.io/google-samples/hello-app:2.0
    env:
    - name: DEMO_GREETING
      value: "Hello from the environment"
    - name: DEMO_FAREWELL
      value: "Such a sweet sorrow"
)";

constexpr std::string_view kSecret = R"(apiVersion: v1
kind: Secret
metadata:
  name: test-secret
data:
  username: bXktYXBw
  password: Mzk1MjgkdmRnN0pi
)";

constexpr std::string_view kSecretPod = R"(apiVersion: v1
kind: Pod
metadata:
  name: secret-test-pod
spec:
  containers:
    - name: test-container
      image: nginx
      volumeMounts:
        - name: secret-volume
          mountPath: /etc/secret-volume
          readOnly: true
  volumes:
    - name: secret-volume
      secret:
        secretName: test-secret
)";

constexpr std::string_view kSecretEnvironment = R"(apiVersion: v1
kind: Pod
metadata:
  name: envfrom-secret
spec:
  containers:
  - name: envars-test-container
    image: nginx
    envFrom:
    - secretRef:
        name: test-secret
)";

constexpr std::string_view kConfigMaps = R"(apiVersion: v1
kind: ConfigMap
metadata:
  name: special-config
  namespace: default
data:
  special.how: very
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: env-config
  namespace: default
data:
  log_level: INFO
)";

constexpr std::string_view kMultiKeys = R"(apiVersion: v1
kind: ConfigMap
metadata:
  name: special-config
  namespace: default
data:
  SPECIAL_LEVEL: very
  SPECIAL_TYPE: charm
)";

constexpr std::string_view kConfigMapEnv = R"(apiVersion: v1
kind: Pod
metadata:
  name: dapi-test-pod
spec:
  containers:
    - name: test-container
      image: registry.k8s.io/busybox:1.27.2
      command: [ "/bin/sh", "-c", "env" ]
      env:
        - name: SPECIAL_LEVEL_KEY
          valueFrom:
            configMapKeyRef:
              name: special-config
              key: special.how
  restartPolicy: Never
)";

constexpr std::string_view kConfigMapEnvFrom = R"(apiVersion: v1
kind: Pod
metadata:
  name: dapi-test-pod
spec:
  containers:
    - name: test-container
      image: registry.k8s.io/busybox:1.27.2
      command: [ "/bin/sh", "-c", "env" ]
      envFrom:
      - configMapRef:
          name: special-config
  restartPolicy: Never
)";

constexpr std::string_view kConfigMapVolume = R"(apiVersion: v1
kind: Pod
metadata:
  name: dapi-test-pod
spec:
  containers:
    - name: test-container
      image: registry.k8s.io/busybox:1.27.2
      command: [ "/bin/sh", "-c", "ls /etc/config/" ]
      volumeMounts:
      - name: config-volume
        mountPath: /etc/config
  volumes:
    - name: config-volume
      configMap:
        name: special-config
  restartPolicy: Never
)";

constexpr std::string_view kGame =
    "enemies=aliens\nlives=3\nenemies.cheat=true\nenemies.cheat.level=noGoodRotten\n"
    "secret.code.passphrase=UUDDLRLRBABAS\nsecret.code.allowed=true\nsecret.code.lives=30\n";
constexpr std::string_view kUi =
    "color.good=purple\ncolor.bad=yellow\nallow.textmode=true\nhow.nice.to.look=fairlyNice\n";

constexpr std::string_view kRedisConfig = R"(apiVersion: v1
kind: ConfigMap
metadata:
  name: example-redis-config
data:
  redis-config: ""
)";

constexpr std::string_view kRedisConfigPod = R"(apiVersion: v1
kind: Pod
metadata:
  name: redis
spec:
  containers:
  - name: redis
    image: redis:8.0.2
    command:
      - redis-server
      - "/redis-master/redis.conf"
    env:
    - name: MASTER
      value: "true"
    ports:
    - containerPort: 6379
    resources:
      limits:
        cpu: "0.1"
    volumeMounts:
    - mountPath: /redis-master-data
      name: data
    - mountPath: /redis-master
      name: config
  volumes:
    - name: data
      emptyDir: {}
    - name: config
      configMap:
        name: example-redis-config
        items:
        - key: redis-config
          path: redis.conf
)";

constexpr std::string_view kVolume = R"(apiVersion: v1
kind: PersistentVolume
metadata:
  name: task-pv-volume
  labels:
    type: local
spec:
  storageClassName: manual
  capacity:
    storage: 10Gi
  accessModes:
    - ReadWriteOnce
  hostPath:
    path: "/mnt/data"
)";

constexpr std::string_view kClaim = R"(apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: task-pv-claim
spec:
  storageClassName: manual
  accessModes:
    - ReadWriteOnce
  resources:
    requests:
      storage: 3Gi
)";

constexpr std::string_view kClaimPod = R"(apiVersion: v1
kind: Pod
metadata:
  name: task-pv-pod
spec:
  volumes:
    - name: task-pv-storage
      persistentVolumeClaim:
        claimName: task-pv-claim
  containers:
    - name: task-pv-container
      image: nginx
      ports:
        - containerPort: 80
          name: "http-server"
      volumeMounts:
        - mountPath: "/usr/share/nginx/html"
          name: task-pv-storage
)";

constexpr std::string_view kSecurityContext = R"(apiVersion: v1
kind: Pod
metadata:
  name: security-context-demo
spec:
  securityContext:
    runAsUser: 1000
    runAsGroup: 3000
    fsGroup: 2000
  volumes:
  - name: sec-ctx-vol
    emptyDir: {}
  containers:
  - name: sec-ctx-demo
    image: busybox:1.28
    command: [ "sh", "-c", "sleep 1h" ]
    volumeMounts:
    - name: sec-ctx-vol
      mountPath: /data/demo
    securityContext:
      allowPrivilegeEscalation: false
)";

constexpr std::string_view kDownwardVolume = R"(apiVersion: v1
kind: Pod
metadata:
  name: kubernetes-downwardapi-volume-example
  labels:
    zone: us-est-coast
    cluster: test-cluster1
    rack: rack-22
  annotations:
    build: two
    builder: john-doe
spec:
  containers:
    - name: client-container
      image: registry.k8s.io/busybox:1.27.2
      command: ["sh", "-c"]
      args:
      - while true; do
          if [[ -e /etc/podinfo/labels ]]; then
            echo -en '\n\n'; cat /etc/podinfo/labels; fi;
          if [[ -e /etc/podinfo/annotations ]]; then
            echo -en '\n\n'; cat /etc/podinfo/annotations; fi;
          sleep 5;
        done;
      volumeMounts:
        - name: podinfo
          mountPath: /etc/podinfo
  volumes:
    - name: podinfo
      downwardAPI:
        items:
          - path: "labels"
            fieldRef:
              fieldPath: metadata.labels
          - path: "annotations"
            fieldRef:
              fieldPath: metadata.annotations
)";

constexpr std::string_view kTermination = R"(apiVersion: v1
kind: Pod
metadata:
  name: termination-demo
spec:
  containers:
  - name: termination-demo-container
    image: debian
    command: ["/bin/sh"]
    args: ["-c", "sleep 10 && echo Sleep expired > /dev/termination-log"]
)";

constexpr WebPage kPages[] = {
    {"kubernetes.io/examples/pods/inject/envars.yaml", kEnvironment},
    {"kubernetes.io/examples/pods/inject/secret.yaml", kSecret},
    {"kubernetes.io/examples/pods/inject/secret-pod.yaml", kSecretPod},
    {"kubernetes.io/examples/pods/inject/pod-secret-envFrom.yaml", kSecretEnvironment},
    {"kubernetes.io/examples/configmap/configmaps.yaml", kConfigMaps},
    {"kubernetes.io/examples/configmap/configmap-multikeys.yaml", kMultiKeys},
    {"kubernetes.io/examples/configmap/game.properties", kGame},
    {"kubernetes.io/examples/configmap/ui.properties", kUi},
    {"kubernetes.io/examples/pods/pod-single-configmap-env-variable.yaml", kConfigMapEnv},
    {"kubernetes.io/examples/pods/pod-configmap-envFrom.yaml", kConfigMapEnvFrom},
    {"kubernetes.io/examples/pods/pod-configmap-volume.yaml", kConfigMapVolume},
    {"kubernetes.io/examples/pods/config/example-redis-config.yaml", kRedisConfig},
    {"kubernetes.io/examples/pods/config/redis-pod.yaml", kRedisConfigPod},
    {"kubernetes.io/examples/pods/storage/pv-volume.yaml", kVolume},
    {"kubernetes.io/examples/pods/storage/pv-claim.yaml", kClaim},
    {"kubernetes.io/examples/pods/storage/pv-pod.yaml", kClaimPod},
    {"kubernetes.io/examples/pods/security/security-context.yaml", kSecurityContext},
    {"kubernetes.io/examples/pods/inject/dapi-volume.yaml", kDownwardVolume},
    {"kubernetes.io/examples/debug/termination.yaml", kTermination},
};

}  // namespace

std::span<const WebPage> configuration_example_pages() { return kPages; }

}  // namespace drydock
