// The small admission plugins: classes of priority, storage, ingress and runtime.
#include "tests/apiserver/server_rig.h"

using namespace drydock;
using drydock::testing::ServerRig;
using drydock::testing::status_text;

namespace {

const std::string kPods = "/api/v1/namespaces/default/pods";
const std::string kPriorities = "/apis/scheduling.k8s.io/v1/priorityclasses";
const std::string kClaims = "/api/v1/namespaces/default/persistentvolumeclaims";

std::string pod(const std::string& name, const std::string& rest) {
  return "{metadata: {name: " + name + "}, spec: {containers: [{name: a, image: i}]" + rest + "}}";
}

}  // namespace

TEST_CASE_FIXTURE(ServerRig, "priorities come from classes, the default one included") {
  CHECK(made(kPods, pod("plain", ""))["spec"]["priority"].as_int(-1) == 0);
  CHECK(made(kPods, pod("critical", ", priorityClassName: system-node-critical"))["spec"]["priority"].as_int() ==
        2000001000);
  made(kPriorities, "{metadata: {name: high}, value: 1000, preemptionPolicy: Never}");
  const Value high = made(kPods, pod("high", ", priorityClassName: high"));
  CHECK(high["spec"]["priority"].as_int() == 1000);
  CHECK(high["spec"]["preemptionPolicy"].as_string() == "Never");
  CHECK(status_text(admin("POST", kPods, pod("p", ", priorityClassName: nope"))) ==
        "403 Forbidden: pods \"p\" is forbidden: no PriorityClass with name nope was found");
  CHECK(status_text(admin("POST", kPods, pod("p", ", priority: 7"))) ==
        "403 Forbidden: pods \"p\" is forbidden: the integer value of priority (7) must not be provided in pod spec; "
        "priority admission controller computed 0 from the given PriorityClass name");
  made(kPriorities, "{metadata: {name: usual}, value: 10, globalDefault: true}");
  CHECK(
      status_text(admin("POST", kPriorities, "{metadata: {name: other}, value: 20, globalDefault: true}")) ==
      "403 Forbidden: priorityclasses.scheduling.k8s.io \"other\" is forbidden: PriorityClass usual is already marked "
      "as default. Only one default can exist");
  const Value usual = made(kPods, pod("usual", ""));
  CHECK(usual["spec"]["priorityClassName"].as_string() == "usual");
  CHECK(usual["spec"]["priority"].as_int() == 10);
}

TEST_CASE_FIXTURE(ServerRig, "claims and ingresses get the default class") {
  const std::string claim = "accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}";
  const std::string classes = "/apis/storage.k8s.io/v1/storageclasses";
  CHECK_FALSE(made(kClaims, "{metadata: {name: none}, spec: {" + claim + "}}")["spec"].has("storageClassName"));
  made(classes, "{metadata: {name: slow}, provisioner: p}");
  made(classes,
       "{metadata: {name: fast, annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}, provisioner: p, "
       "allowVolumeExpansion: false}");
  const auto class_of = [&](const std::string& name, const std::string& rest) {
    return made(kClaims, "{metadata: {name: " + name + "}, spec: {" + claim + rest + "}}")["spec"]["storageClassName"];
  };
  CHECK(class_of("a", "").as_string() == "fast");
  CHECK(class_of("b", ", storageClassName: slow").as_string() == "slow");
  CHECK(class_of("c", ", storageClassName: ''").as_string().empty());
  // Growing is for bound claims of classes that allow it.
  const auto grow = [&] {
    return status_text(admin("PATCH", kClaims + "/a", "{spec: {resources: {requests: {storage: 2Gi}}}}",
                             "application/merge-patch+json"));
  };
  CHECK(contains(grow(), "Only bound persistent volume claims can be expanded"));
  REQUIRE(admin("PATCH", kClaims + "/a/status", "{status: {phase: Bound}}", "application/merge-patch+json").status ==
          200);
  CHECK(contains(grow(),
                 "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must "
                 "support resize"));
  made("/apis/networking.k8s.io/v1/ingressclasses",
       "{metadata: {name: nginx, annotations: {ingressclass.kubernetes.io/is-default-class: 'true'}}, spec: "
       "{controller: example.com/c}}");
  const Value ingress = made("/apis/networking.k8s.io/v1/namespaces/default/ingresses",
                             "{metadata: {name: i}, spec: {defaultBackend: {service: {name: s, port: {number: 80}}}}}");
  CHECK(ingress["spec"]["ingressClassName"].as_string() == "nginx");
}

TEST_CASE_FIXTURE(ServerRig, "runtime classes bring overhead and places, nodes their first taint") {
  CHECK(status_text(admin("POST", kPods, pod("p", ", runtimeClassName: gvisor"))) ==
        "403 Forbidden: pods \"p\" is forbidden: pod rejected: RuntimeClass \"gvisor\" not found");
  made("/apis/node.k8s.io/v1/runtimeclasses",
       "{metadata: {name: gvisor}, handler: runsc, overhead: {podFixed: {memory: 10Mi}}, scheduling: {nodeSelector: "
       "{sandbox: 'yes'}}}");
  const Value boxed = made(kPods, pod("p", ", runtimeClassName: gvisor"));
  CHECK(boxed["spec"]["overhead"]["memory"].as_string() == "10Mi");
  CHECK(boxed["spec"]["nodeSelector"]["sandbox"].as_string() == "yes");
  CHECK(
      contains(status_text(admin("POST", kPods, pod("q", ", runtimeClassName: gvisor, nodeSelector: {sandbox: 'no'}"))),
               "conflict: runtimeClass.scheduling.nodeSelector[sandbox] = yes; pod.spec.nodeSelector[sandbox] = no"));
  const Value node = made("/api/v1/nodes", "{metadata: {name: n, labels: {topology.kubernetes.io/zone: z}}}");
  CHECK(node["spec"]["taints"][0]["key"].as_string() == "node.kubernetes.io/not-ready");
  // A pod that is bound learns where it is.
  made(kPods, pod("placed", ""));
  REQUIRE(admin("POST", kPods + "/placed/binding", "{target: {kind: Node, name: n}}").status == 201);
  const Value placed = admin("GET", kPods + "/placed").body.document;
  CHECK(placed["metadata"]["labels"]["topology.kubernetes.io/zone"].as_string() == "z");
}

TEST_CASE_FIXTURE(ServerRig, "limit ranges of containers, pods and ratios; quotas of one priority") {
  made("/api/v1/namespaces/default/limitranges",
       "{metadata: {name: l}, spec: {limits: [{type: Container, maxLimitRequestRatio: {cpu: '2'}}, {type: Pod, max: "
       "{memory: 1Gi}}]}}");
  const auto ask_pod = [&](const std::string& name, const std::string& resources) {
    return status_text(admin(
        "POST", kPods,
        "{metadata: {name: " + name + "}, spec: {containers: [{name: a, image: i, resources: {" + resources + "}}]}}"));
  };
  CHECK(
      ask_pod("p", "requests: {cpu: 100m, memory: 1Gi}, limits: {cpu: 400m, memory: 2Gi}") ==
      "403 Forbidden: pods \"p\" is forbidden: [cpu max limit to request ratio per Container is 2, but provided ratio "
      "is 4.000000, maximum memory usage per Pod is 1Gi, but limit is 2Gi]");
  CHECK(ask_pod("q", "requests: {cpu: 100m}, limits: {cpu: 200m, memory: 1Gi}") == "201 : ");
  made("/api/v1/namespaces", "{metadata: {name: limited}}");
  made("/api/v1/namespaces/limited/serviceaccounts", "{metadata: {name: default}}");
  made("/api/v1/namespaces/limited/resourcequotas",
       "{metadata: {name: none-critical}, spec: {hard: {pods: '0'}, scopeSelector: {matchExpressions: [{scopeName: "
       "PriorityClass, operator: In, values: [system-node-critical]}]}}}");
  const std::string pods = "/api/v1/namespaces/limited/pods";
  CHECK(admin("POST", pods, pod("plain", "")).status == 201);
  CHECK(status_text(admin("POST", pods, pod("high", ", priorityClassName: system-node-critical"))) ==
        "403 Forbidden: pods \"high\" is forbidden: exceeded quota: none-critical, requested: pods=1, used: pods=0, "
        "limited: pods=0");
}
