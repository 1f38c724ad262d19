// PodSecurity: what namespaces' labels forbid, audit and warn of, in upstream's words.
#include "tests/apiserver/server_rig.h"

using namespace drydock;
using drydock::testing::ServerRig;
using drydock::testing::status_text;
using drydock::testing::warnings_of;

namespace {

const std::string kPods = "/api/v1/namespaces/safe/pods";

void make_namespace(ServerRig& rig, const std::string& labels) {
  rig.made("/api/v1/namespaces", "{metadata: {name: safe, labels: {" + labels + "}}}");
  rig.made("/api/v1/namespaces/safe/serviceaccounts", "{metadata: {name: default}}");
}

constexpr const char* kRestrictedContext =
    "allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: {drop: [ALL]}, seccompProfile: {type: "
    "RuntimeDefault}";

}  // namespace

TEST_CASE_FIXTURE(ServerRig, "the restricted level says everything that is wrong with a plain pod") {
  make_namespace(*this, "pod-security.kubernetes.io/enforce: restricted");
  const HttpResponse plain = admin("POST", kPods, "{metadata: {name: web}, spec: {containers: [{name: a, image: i}]}}");
  CHECK(status_text(plain) ==
        "403 Forbidden: pods \"web\" is forbidden: violates PodSecurity \"restricted:latest\": "
        "allowPrivilegeEscalation != false (container \"a\" must set securityContext.allowPrivilegeEscalation=false), "
        "unrestricted capabilities (container \"a\" must set securityContext.capabilities.drop=[\"ALL\"]), "
        "runAsNonRoot != true (pod or container \"a\" must set securityContext.runAsNonRoot=true), "
        "seccompProfile (pod or container \"a\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or "
        "\"Localhost\")");
  const HttpResponse good = admin("POST", kPods,
                                  std::string("{metadata: {name: good}, spec: {containers: [{name: a, image: i, "
                                              "securityContext: {") +
                                      kRestrictedContext + "}}]}}");
  CHECK(good.status == 201);
  // What is bad in itself: host paths and the root user.
  const HttpResponse bad = admin("POST", kPods,
                                 std::string("{metadata: {name: bad}, spec: {hostNetwork: true, volumes: [{name: v, "
                                             "hostPath: {path: /}}], containers: [{name: a, image: i, securityContext: "
                                             "{runAsUser: 0, ") +
                                     kRestrictedContext + "}}]}}");
  CHECK(status_text(bad) ==
        "403 Forbidden: pods \"bad\" is forbidden: violates PodSecurity \"restricted:latest\": host namespaces "
        "(hostNetwork=true), restricted volume types (volume \"v\" uses restricted volume type \"hostPath\"), "
        "runAsUser=0 (container \"a\" must not set runAsUser=0)");
}

TEST_CASE_FIXTURE(ServerRig, "the baseline level, one fault at a time") {
  make_namespace(*this, "pod-security.kubernetes.io/enforce: baseline");
  const struct {
    const char* spec;
    const char* says;
  } rows[] = {
      {"containers: [{name: a, image: i, securityContext: {privileged: true}}]",
       "privileged (container \"a\" must not set securityContext.privileged=true)"},
      {"hostPID: true, hostIPC: true, containers: [{name: a, image: i}]",
       "host namespaces (hostPID=true, hostIPC=true)"},
      {"containers: [{name: a, image: i}], volumes: [{name: x, hostPath: {path: /}}, {name: y, hostPath: {path: /}}]",
       "hostPath volumes (volumes \"x\", \"y\")"},
      {"containers: [{name: a, image: i, ports: [{containerPort: 80, hostPort: 80}, {containerPort: 443, hostPort: "
       "443}]}]",
       "hostPort (container \"a\" uses hostPorts 443, 80)"},
      {"containers: [{name: a, image: i, securityContext: {capabilities: {add: [SYS_ADMIN, CHOWN, NET_RAW]}}}]",
       "non-default capabilities (container \"a\" must not include \"NET_RAW\", \"SYS_ADMIN\" in "
       "securityContext.capabilities.add)"},
      {"securityContext: {seccompProfile: {type: Unconfined}}, containers: [{name: a, image: i}]",
       "seccompProfile (pod must not set securityContext.seccompProfile.type to \"Unconfined\")"},
      {"securityContext: {sysctls: [{name: kernel.msgmax, value: '1'}]}, containers: [{name: a, image: i}]",
       "forbidden sysctls (kernel.msgmax)"},
      {"securityContext: {seLinuxOptions: {type: spc_t, user: u}}, containers: [{name: a, image: i}]",
       "seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type \"spc_t\"; user may not be set)"},
      {"containers: [{name: a, image: i, securityContext: {appArmorProfile: {type: Unconfined}}}]",
       "forbidden AppArmor profile (container \"a\" must not set AppArmor profile type to \"Unconfined\")"},
      {"containers: [{name: a, image: i, livenessProbe: {httpGet: {host: 10.0.0.1, port: 80}}}]",
       "probe or lifecycle host (container \"a\" uses probe or lifecycle host \"10.0.0.1\")"},
  };
  for (const auto& row : rows) {
    const HttpResponse answer = admin("POST", kPods, std::string("{metadata: {name: p}, spec: {") + row.spec + "}}");
    CHECK(status_text(answer) ==
          std::string("403 Forbidden: pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\": ") + row.says);
  }
  CHECK(admin("POST", kPods, "{metadata: {name: p}, spec: {containers: [{name: a, image: i}]}}").status == 201);
}

TEST_CASE_FIXTURE(ServerRig, "warnings: of pods, of workloads, of what already runs when the level rises") {
  make_namespace(*this, "pod-security.kubernetes.io/warn: baseline, pod-security.kubernetes.io/warn-version: v1.30");
  const HttpResponse pod =
      admin("POST", kPods, "{metadata: {name: a}, spec: {hostNetwork: true, containers: [{name: a, image: i}]}}");
  CHECK(pod.status == 201);
  CHECK(warnings_of(pod) ==
        "299 - \"would violate PodSecurity \\\"baseline:v1.30\\\": host namespaces (hostNetwork=true)\"\n");
  const HttpResponse deployment = admin(
      "POST", "/apis/apps/v1/namespaces/safe/deployments",
      "{metadata: {name: d}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: "
      "{hostIPC: true, containers: [{name: a, image: i}]}}}}");
  CHECK(deployment.status == 201);
  CHECK(contains(warnings_of(deployment), "would violate PodSecurity \\\"baseline:v1.30\\\": host namespaces"));
  made(kPods, "{metadata: {name: b}, spec: {hostNetwork: true, containers: [{name: a, image: i}]}}");
  const HttpResponse raised =
      admin("PATCH", "/api/v1/namespaces/safe", "{metadata: {labels: {pod-security.kubernetes.io/enforce: baseline}}}",
            "application/merge-patch+json");
  CHECK(raised.status == 200);
  CHECK(warnings_of(raised) ==
        "299 - \"existing pods in namespace \\\"safe\\\" violate the new PodSecurity enforce level "
        "\\\"baseline:latest\\\"\"\n"
        "299 - \"a (and 1 other pod): host namespaces\"\n");
  // Labels that cannot be understood are refused when they come.
  const HttpResponse wrong =
      admin("PATCH", "/api/v1/namespaces/safe", "{metadata: {labels: {pod-security.kubernetes.io/audit: strict}}}",
            "application/merge-patch+json");
  CHECK(status_text(wrong) ==
        "422 Invalid: Namespace \"safe\" is invalid: metadata.labels[pod-security.kubernetes.io/audit]: Invalid value: "
        "\"strict\": must be one of privileged, baseline, restricted");
}
