// Entry points of the programs that exist only inside images; image_programs.cpp
// names them.
#pragma once

#include "core/base/task.h"

namespace drydock {

class Process;

// systems and languages
Task<int> pause_main(Process& process);
Task<int> busybox_main(Process& process);
Task<int> busybox_httpd_main(Process& process);
Task<int> exec_entrypoint_main(Process& process);
Task<int> python_main(Process& process);
Task<int> perl_main(Process& process);
Task<int> package_manager_main(Process& process);

// web servers
Task<int> nginx_main(Process& process);
Task<int> nginx_entrypoint_main(Process& process);
Task<int> httpd_main(Process& process);
Task<int> http_responder_main(Process& process);

// stores
Task<int> redis_server_main(Process& process);
Task<int> redis_cli_main(Process& process);
Task<int> redis_follower_main(Process& process);

// samples of tutorials
Task<int> simpleservice_main(Process& process);
Task<int> hello_app_main(Process& process);
Task<int> hello_go_main(Process& process);
Task<int> hello_node_main(Process& process);
Task<int> kubernetes_bootcamp_main(Process& process);
Task<int> http_echo_main(Process& process);
Task<int> traefik_whoami_main(Process& process);
Task<int> jwilder_whoami_main(Process& process);
Task<int> echoserver_main(Process& process);
Task<int> http_https_echo_main(Process& process);
Task<int> guestbook_frontend_main(Process& process);
Task<int> hpa_example_main(Process& process);
Task<int> goproxy_main(Process& process);
Task<int> liveness_server_main(Process& process);
Task<int> agnhost_main(Process& process);

// load and watching
Task<int> stress_main(Process& process);
Task<int> vish_stress_main(Process& process);
Task<int> node_exporter_main(Process& process);
Task<int> fluentd_main(Process& process);

// the cluster's own
Task<int> coredns_main(Process& process);

}  // namespace drydock
