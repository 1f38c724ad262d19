// Services and small applications of kubernetes.io/examples.
#include "core/programs/internet/pages.h"

namespace drydock {
namespace {

constexpr std::string_view kNginxApp = R"yaml(apiVersion: v1
kind: Service
metadata:
  name: my-nginx-svc
  labels:
    app: nginx
spec:
  type: LoadBalancer
  ports:
  - port: 80
  selector:
    app: nginx
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: my-nginx
  labels:
    app: nginx
spec:
  replicas: 3
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
        image: nginx:1.14.2
        ports:
        - containerPort: 80
)yaml";

constexpr std::string_view kRunMyNginx = R"yaml(apiVersion: apps/v1
kind: Deployment
metadata:
  name: my-nginx
spec:
  selector:
    matchLabels:
      run: my-nginx
  replicas: 2
  template:
    metadata:
      labels:
        run: my-nginx
    spec:
      containers:
      - name: my-nginx
        image: nginx
        ports:
        - containerPort: 80
)yaml";

constexpr std::string_view kNginxService = R"yaml(apiVersion: v1
kind: Service
metadata:
  name: my-nginx
  labels:
    run: my-nginx
spec:
  ports:
  - port: 80
    protocol: TCP
  selector:
    run: my-nginx
)yaml";

constexpr std::string_view kLoadBalancer = R"yaml(apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app.kubernetes.io/name: load-balancer-example
  name: hello-world
spec:
  replicas: 5
  selector:
    matchLabels:
      app.kubernetes.io/name: load-balancer-example
  template:
    metadata:
      labels:
        app.kubernetes.io/name: load-balancer-example
    spec:
      containers:
      - image: gcr.io/google-samples/hello-app:2.0
        name: hello-world
        ports:
        - containerPort: 8080
)yaml";

constexpr std::string_view kHelloApplication = R"yaml(apiVersion: apps/v1
kind: Deployment
metadata:
  name: hello-world
spec:
  selector:
    matchLabels:
      run: load-balancer-example
  replicas: 2
  template:
    metadata:
      labels:
        run: load-balancer-example
    spec:
      containers:
        - name: hello-world
          image: us-docker.pkg.dev/google-samples/containers/gke/hello-app:2.0
          ports:
            - containerPort: 8080
              protocol: TCP
)yaml";

constexpr std::string_view kRedisLeader = R"yaml(apiVersion: apps/v1
kind: Deployment
metadata:
  name: redis-leader
spec:
  replicas: 1
  selector:
    matchLabels:
      app: redis
      role: leader
      tier: backend
  template:
    metadata:
      labels:
        app: redis
        role: leader
        tier: backend
    spec:
      containers:
      - name: leader
        image: docker.io/redis:6.0.5
        resources:
          requests:
            cpu: 100m
            memory: 100Mi
        ports:
        - containerPort: 6379
)yaml";

constexpr std::string_view kRedisLeaderService = R"yaml(apiVersion: v1
kind: Service
metadata:
  name: redis-leader
  labels:
    app: redis
    role: leader
    tier: backend
spec:
  ports:
  - port: 6379
  selector:
    app: redis
    role: leader
    tier: backend
)yaml";

constexpr std::string_view kRedisFollower = R"yaml(apiVersion: apps/v1
kind: Deployment
metadata:
  name: redis-follower
spec:
  replicas: 2
  selector:
    matchLabels:
      app: redis
      role: follower
      tier: backend
  template:
    metadata:
      labels:
        app: redis
        role: follower
        tier: backend
    spec:
      containers:
      - name: follower
        image: us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower:v2
        resources:
          requests:
            cpu: 100m
            memory: 100Mi
        ports:
        - containerPort: 6379
)yaml";

constexpr std::string_view kRedisFollowerService = R"yaml(apiVersion: v1
kind: Service
metadata:
  name: redis-follower
  labels:
    app: redis
    role: follower
    tier: backend
spec:
  ports:
  - port: 6379
  selector:
    app: redis
    role: follower
    tier: backend
)yaml";

constexpr std::string_view kGuestbookFrontend = R"yaml(apiVersion: apps/v1
kind: Deployment
metadata:
  name: frontend
spec:
  replicas: 3
  selector:
    matchLabels:
      app: guestbook
      tier: frontend
  template:
    metadata:
      labels:
        app: guestbook
        tier: frontend
    spec:
      containers:
      - name: php-redis
        image: us-docker.pkg.dev/google-samples/containers/gke/gb-frontend:v5
        env:
        - name: GET_HOSTS_FROM
          value: "dns"
        resources:
          requests:
            cpu: 100m
            memory: 100Mi
        ports:
        - containerPort: 80
)yaml";

constexpr std::string_view kGuestbookFrontendService = R"yaml(apiVersion: v1
kind: Service
metadata:
  name: frontend
  labels:
    app: guestbook
    tier: frontend
spec:
  ports:
  - port: 80
  selector:
    app: guestbook
    tier: frontend
)yaml";

constexpr std::string_view kPhpApache = R"yaml(apiVersion: apps/v1
kind: Deployment
metadata:
  name: php-apache
spec:
  selector:
    matchLabels:
      run: php-apache
  template:
    metadata:
      labels:
        run: php-apache
    spec:
      containers:
      - name: php-apache
        image: registry.k8s.io/hpa-example
        ports:
        - containerPort: 80
        resources:
          limits:
            cpu: 500m
          requests:
            cpu: 200m
---
apiVersion: v1
kind: Service
metadata:
  name: php-apache
  labels:
    run: php-apache
spec:
  ports:
  - port: 80
  selector:
    run: php-apache
)yaml";

constexpr std::string_view kNamespaceDev = R"yaml({
  "apiVersion": "v1",
  "kind": "Namespace",
  "metadata": {
    "name": "development",
    "labels": {
      "name": "development"
    }
  }
}
)yaml";

constexpr std::string_view kNamespaceProd = R"yaml({
  "apiVersion": "v1",
  "kind": "Namespace",
  "metadata": {
    "name": "production",
    "labels": {
      "name": "production"
    }
  }
}
)yaml";

constexpr WebPage kPages[] = {
    {"kubernetes.io/examples/application/nginx-app.yaml", kNginxApp},
    {"kubernetes.io/examples/service/networking/run-my-nginx.yaml", kRunMyNginx},
    {"kubernetes.io/examples/service/networking/nginx-svc.yaml", kNginxService},
    {"kubernetes.io/examples/service/load-balancer-example.yaml", kLoadBalancer},
    {"kubernetes.io/examples/service/access/hello-application.yaml", kHelloApplication},
    {"kubernetes.io/examples/application/guestbook/redis-leader-deployment.yaml", kRedisLeader},
    {"kubernetes.io/examples/application/guestbook/redis-leader-service.yaml", kRedisLeaderService},
    {"kubernetes.io/examples/application/guestbook/redis-follower-deployment.yaml", kRedisFollower},
    {"kubernetes.io/examples/application/guestbook/redis-follower-service.yaml", kRedisFollowerService},
    {"kubernetes.io/examples/application/guestbook/frontend-deployment.yaml", kGuestbookFrontend},
    {"kubernetes.io/examples/application/guestbook/frontend-service.yaml", kGuestbookFrontendService},
    {"kubernetes.io/examples/application/php-apache.yaml", kPhpApache},
    {"kubernetes.io/examples/admin/namespace-dev.json", kNamespaceDev},
    {"kubernetes.io/examples/admin/namespace-prod.json", kNamespaceProd},
};

}  // namespace

std::span<const WebPage> service_example_pages() { return kPages; }

}  // namespace drydock
