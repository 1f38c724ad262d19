// Images that are run for the tools in them, for load, and for watching.
#include "core/runtime/images/recipe.h"

namespace drydock {
namespace {

constexpr std::string_view kNetTools =
    "/usr/bin/curl=curl /usr/bin/dig=dig /usr/bin/host=host /usr/bin/nslookup=nslookup /usr/bin/ip=ip /usr/bin/ss=ss "
    "/usr/bin/ping=ping /usr/bin/traceroute=traceroute /usr/bin/tcpdump=tcpdump /usr/bin/nc=nc /usr/bin/ncat=ncat "
    "/usr/bin/telnet=telnet /usr/bin/iptables=iptables /usr/bin/jq=jq /usr/bin/wget=wget /usr/bin/netstat=netstat "
    "/usr/bin/ifconfig=ifconfig /usr/bin/route=route /usr/bin/arp=arp /bin/bash=bash /usr/bin/vi=vi /usr/bin/vim=vi "
    "/usr/bin/iptables-save=iptables-save";

constexpr ImageFile kMultitoolFiles[] = {
    {"/etc/nginx/nginx.conf",
     "user nginx;\nerror_log /var/log/nginx/error.log warn;\nevents { worker_connections 1024; }\nhttp {\n  "
     "default_type text/html;\n  log_format main '$remote_addr - $remote_user [$time_local] \"$request\" $status "
     "$body_bytes_sent \"$http_referer\" \"$http_user_agent\" \"$http_x_forwarded_for\"';\n  access_log "
     "/var/log/nginx/access.log main;\n  server {\n    listen 80;\n    location / { root /usr/share/nginx/html; index "
     "index.html; }\n  }\n}\n"},
    {"/usr/share/nginx/html/index.html", "WBITT Network MultiTool (with NGINX)\n"},
};

constexpr ImageRecipe kImages[] = {
    {.repositories = "docker.io/curlimages/curl quay.io/curl/curl",
     .base = ImageBase::kAlpine,
     .tags = "7.[65-88].[0-1] 8.[0-16].[0-1] latest",
     .version = "8.16.0",
     .bytes = 9'510'224,
     .programs = "/usr/bin/curl=curl /entrypoint.sh=exec-entrypoint",
     .entrypoint = "/entrypoint.sh",
     .command = "curl",
     .user = 100},
    {.repositories = "docker.io/radial/busyboxplus",
     .base = ImageBase::kBusybox,
     .tags = "latest curl=1.37.0 base=1.37.0",
     .version = "1.37.0",
     .bytes = 4'244'608,
     .programs = "/usr/bin/curl=curl",
     .command = "sh"},
    {.repositories = "docker.io/nicolaka/netshoot",
     .base = ImageBase::kAlpine,
     .tags = "v0.[1-14] latest",
     .version = "v0.14",
     .bytes = 198'711'250,
     .programs = kNetTools,
     .command = "bash",
     .working_directory = "/root"},
    {.repositories = "docker.io/wbitt/network-multitool docker.io/praqma/network-multitool",
     .base = ImageBase::kAlpine,
     .tags = "latest minimal=1.0 extra=1.0 alpine-minimal=1.0 alpine-extra=1.0",
     .version = "1.0",
     .bytes = 22'911'845,
     .programs = "/usr/sbin/nginx=nginx /bin/bash=bash /usr/bin/curl=curl /usr/bin/dig=dig /usr/bin/nslookup=nslookup "
                 "/usr/bin/ip=ip /usr/bin/ss=ss /usr/bin/ping=ping /usr/bin/traceroute=traceroute /usr/bin/jq=jq "
                 "/usr/bin/nc=nc /usr/bin/telnet=telnet /usr/bin/tcpdump=tcpdump "
                 "/docker-entrypoint.sh=exec-entrypoint",
     .entrypoint = "/docker-entrypoint.sh",
     .command = "/usr/sbin/nginx -g daemon\\ off;",
     .ports = "80/tcp 443/tcp 1180/tcp 11443/tcp",
     .files = kMultitoolFiles,
     .directories = "/var/log/nginx",
     .links = "/var/log/nginx/access.log=/dev/stdout /var/log/nginx/error.log=/dev/stderr"},
    {.repositories = "registry.k8s.io/e2e-test-images/jessie-dnsutils k8s.gcr.io/e2e-test-images/jessie-dnsutils "
                     "gcr.io/kubernetes-e2e-test-images/dnsutils",
     .base = ImageBase::kDebian,
     .tags = "1.[0-7]",
     .version = "1.7",
     .bytes = 112'030'336,
     .programs = "/usr/bin/dig=dig /usr/bin/nslookup=nslookup /usr/bin/host=host",
     .command = "sleep infinity"},
    {.repositories = "docker.io/polinux/stress docker.io/progrium/stress docker.io/jazzdd/stress",
     .base = ImageBase::kAlpine,
     .tags = "latest 1.0.4",
     .version = "1.0.4",
     .bytes = 4'041'495,
     .programs = "/usr/bin/stress=stress",
     .command = "stress"},
    {.repositories = "docker.io/alexeiled/stress-ng docker.io/colinianking/stress-ng",
     .base = ImageBase::kAlpine,
     .tags = "latest latest-ubuntu=0.18.00 0.12.05",
     .version = "0.18.00",
     .bytes = 3'290'218,
     .programs = "/stress-ng=stress",
     .entrypoint = "/stress-ng",
     .command = "--help"},
    {.repositories = "docker.io/vish/stress",
     .tags = "latest",
     .version = "1.0",
     .bytes = 1'558'791,
     .programs = "/stress=vish-stress",
     .entrypoint = "/stress"},
    {.repositories = "docker.io/prom/node-exporter quay.io/prometheus/node-exporter",
     .base = ImageBase::kBusybox,
     .tags = "v1.[0-9].[0-2] latest",
     .version = "v1.9.1",
     .bytes = 12'710'403,
     .programs = "/bin/node_exporter=node-exporter",
     .entrypoint = "/bin/node_exporter",
     .user = 65534,
     .ports = "9100/tcp"},
    {.repositories = "docker.io/fluent/fluentd quay.io/fluentd_elasticsearch/fluentd "
                     "docker.io/fluent/fluentd-kubernetes-daemonset registry.k8s.io/fluentd-gcp k8s.gcr.io/fluentd-gcp "
                     "registry.k8s.io/fluentd-elasticsearch k8s.gcr.io/fluentd-elasticsearch "
                     "gcr.io/google_containers/fluentd-elasticsearch",
     .base = ImageBase::kDebian,
     .tags = "1.20 1.30 v1.[0-18].[0-9] v1.[0-18] v2.#.# v3.#.# v4.#.# v5.#.# v1.[1-18]-debian "
             "v1-debian-elasticsearch edge latest",
     .variants = "debian debian-1 debian-elasticsearch7-1 debian-forward-1 1",
     .version = "v1.18.0",
     .bytes = 66'320'091,
     .programs = "/usr/local/bundle/bin/fluentd=fluentd /usr/local/bin/fluentd=fluentd /run.sh=fluentd",
     .command = "fluentd",
     .ports = "24224/tcp 5140/tcp",
     .directories = "/fluentd/etc /fluentd/log"},
    {.repositories = "docker.io/bitnami/kubectl docker.io/rancher/kubectl docker.io/alpine/k8s registry.k8s.io/kubectl",
     .base = ImageBase::kAlpine,
     .tags = "1.#.# 1.# v1.#.# latest",
     .version = "v1.36.3",
     .bytes = 54'112'908,
     .programs = "/usr/bin/kubectl=kubectl /bin/bash=bash /usr/bin/curl=curl /usr/bin/jq=jq",
     .entrypoint = "kubectl",
     .user = 1001},
};

}  // namespace

std::span<const ImageRecipe> tool_images() { return kImages; }

}  // namespace drydock
