#include "core/programs/images/image_programs.h"

#include "core/host/program.h"
#include "core/programs/images/entry_points.h"

namespace drydock {

void register_image_programs(ProgramRegistry& programs) {
  programs.add("pause", pause_main);
  programs.add("busybox", busybox_main);
  programs.add("busybox-httpd", busybox_httpd_main);
  programs.add("exec-entrypoint", exec_entrypoint_main);
  programs.add("python3", python_main);
  programs.add("perl", perl_main);
  for (const char* name : {"apt-get", "apt", "apk", "yum"}) programs.add(name, package_manager_main);
  programs.add("nginx", nginx_main);
  programs.add("nginx-entrypoint", nginx_entrypoint_main);
  programs.add("httpd", httpd_main);
  programs.add("http-responder", http_responder_main);
  programs.add("redis-server", redis_server_main);
  programs.add("redis-cli", redis_cli_main);
  programs.add("gb-redis-follower", redis_follower_main);
  programs.add("simpleservice", simpleservice_main);
  programs.add("hello-app", hello_app_main);
  programs.add("hello-go-gke", hello_go_main);
  programs.add("hello-node", hello_node_main);
  programs.add("kubernetes-bootcamp", kubernetes_bootcamp_main);
  programs.add("http-echo", http_echo_main);
  programs.add("traefik-whoami", traefik_whoami_main);
  programs.add("jwilder-whoami", jwilder_whoami_main);
  programs.add("echoserver", echoserver_main);
  programs.add("http-https-echo", http_https_echo_main);
  programs.add("gb-frontend", guestbook_frontend_main);
  programs.add("hpa-example", hpa_example_main);
  programs.add("goproxy", goproxy_main);
  programs.add("liveness-server", liveness_server_main);
  programs.add("agnhost", agnhost_main);
  programs.add("stress", stress_main);
  programs.add("vish-stress", vish_stress_main);
  programs.add("node-exporter", node_exporter_main);
  programs.add("fluentd", fluentd_main);
  programs.add("coredns", coredns_main);
}

}  // namespace drydock
