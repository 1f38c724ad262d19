// ResourceQuotas: what they count, and what can be written to them.
#include <doctest/doctest.h>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/quantity.h"
#include "tests/conformance/rig.h"

using namespace drydock;
using namespace drydock::conformance;

namespace {

const std::string kHere = "/api/v1/namespaces/quotas";
const std::string kQuotas = kHere + "/resourcequotas";
const std::string kPods = kHere + "/pods";

// Everything that a test cluster counts.
constexpr const char* kHard =
    "{pods: '5', services: '10', services.nodeports: '1', services.loadbalancers: '1', replicationcontrollers: '10', "
    "resourcequotas: '1', configmaps: '10', secrets: '10', persistentvolumeclaims: '10', cpu: '1', memory: 500Mi, "
    "ephemeral-storage: 50Gi, requests.storage: 10Gi, count/replicasets.apps: '5', requests.example.com/dongle: '3', "
    "gold.storageclass.storage.k8s.io/persistentvolumeclaims: '10', gold.storageclass.storage.k8s.io/requests.storage: "
    "10Gi}";

std::string quota(const std::string& name, const std::string& hard, const std::string& scopes = "[]") {
  return "{apiVersion: v1, kind: ResourceQuota, metadata: {name: " + name + "}, spec: {hard: " + hard +
         ", scopes: " + scopes + "}}";
}

std::string pod(const std::string& name, const std::string& resources, const std::string& more = "") {
  return "{apiVersion: v1, kind: Pod, metadata: {name: " + name +
         "}, spec: {containers: [{name: pause, image: registry.k8s.io/pause, resources: " + resources + "}]" + more +
         "}}";
}

bool same_amounts(const Value& wanted, const Value& found) {
  for (const Value::Member& member : wanted.members()) {
    const auto want = Quantity::from(member.value);
    const auto have = Quantity::from(found[member.key.view()]);
    if (!want || !have || !(*want == *have)) return false;
  }
  return true;
}

// Waits until the quota's status says that much is used; what is not named does not matter.
void check_used(Rig& rig, const std::string& name, const std::string& used) {
  const Value wanted = yaml(used);
  const bool reached = rig.eventually(
      [&] {
        const Value document = rig.get(kQuotas + "/" + name);
        return same_amounts(document["spec"]["hard"], document["status"]["hard"]) &&
               same_amounts(wanted, document["status"]["used"]);
      },
      seconds(60));
  CHECK_MESSAGE(reached, name, ": wanted ", used, ", found ",
                dump_json(rig.get(kQuotas + "/" + name)["status"]["used"]));
}

constexpr const char* kNothingUsed =
    "{pods: 0, services: 0, services.nodeports: 0, services.loadbalancers: 0, replicationcontrollers: 0, "
    "resourcequotas: 1, secrets: 0, persistentvolumeclaims: 0, cpu: 0, memory: 0, ephemeral-storage: 0, "
    "requests.storage: 0, count/replicasets.apps: 0, requests.example.com/dongle: 0, "
    "gold.storageclass.storage.k8s.io/persistentvolumeclaims: 0, gold.storageclass.storage.k8s.io/requests.storage: 0}";

struct QuotaRig : Rig {
  QuotaRig() {
    make_namespace("quotas");
    REQUIRE(eventually([this] { return !gone(kHere + "/configmaps/kube-root-ca.crt"); }));
  }
  void begin() {
    post(kQuotas, quota("test-quota", kHard));
    check_used(*this, "test-quota", kNothingUsed);
  }
};

}  // namespace

TEST_CASE_FIXTURE(QuotaRig,
                  "[sig-api-machinery] ResourceQuota should create a ResourceQuota and ensure its status is promptly "
                  "calculated. [Conformance]") {
  begin();
  const Value document = get(kQuotas + "/test-quota");
  for (const Value::Member& hard : document["spec"]["hard"].members()) {
    CAPTURE(hard.key.str());
    CHECK(document["status"]["hard"].has(hard.key.view()));
    CHECK(document["status"]["used"].has(hard.key.view()));
  }
}

TEST_CASE_FIXTURE(
    QuotaRig,
    "[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a configMap. "
    "[Conformance]") {
  begin();
  check_used(*this, "test-quota", "{configmaps: 1}");  // kube-root-ca.crt
  post(kHere + "/configmaps", "{apiVersion: v1, kind: ConfigMap, metadata: {name: test}, data: {a: b}}");
  check_used(*this, "test-quota", "{configmaps: 2}");
  remove(kHere + "/configmaps/test");
  check_used(*this, "test-quota", "{configmaps: 1}");
}

TEST_CASE_FIXTURE(QuotaRig,
                  "[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a secret. "
                  "[Conformance]") {
  begin();
  post(kHere + "/secrets", "{apiVersion: v1, kind: Secret, metadata: {name: test}, stringData: {a: b}}");
  check_used(*this, "test-quota", "{secrets: 1, resourcequotas: 1}");
  remove(kHere + "/secrets/test");
  check_used(*this, "test-quota", "{secrets: 0, resourcequotas: 1}");
}

TEST_CASE_FIXTURE(QuotaRig,
                  "[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a service. "
                  "[Conformance]") {
  begin();
  const std::string services = kHere + "/services";
  const auto service = [](const std::string& name, const std::string& type) {
    return "{apiVersion: v1, kind: Service, metadata: {name: " + name + "}, spec: {type: " + type +
           ", selector: {a: b}, ports: [{port: 80}]}}";
  };
  post(services, service("cluster", "ClusterIP"));
  check_used(*this, "test-quota", "{services: 1, services.nodeports: 0, services.loadbalancers: 0, resourcequotas: 1}");
  post(services, service("node", "NodePort"));
  check_used(*this, "test-quota", "{services: 2, services.nodeports: 1, services.loadbalancers: 0}");
  // A load balancer would need a second node port.
  const Value refusal = refused(403, "POST", services, yaml(service("balanced", "LoadBalancer")));
  CHECK(contains(refusal["message"].as_string(),
                 "exceeded quota: test-quota, requested: services.nodeports=1, used: "
                 "services.nodeports=1, limited: services.nodeports=1"));
  remove(services + "/cluster");
  remove(services + "/node");
  check_used(*this, "test-quota", "{services: 0, services.nodeports: 0, services.loadbalancers: 0, resourcequotas: 1}");
}

TEST_CASE_FIXTURE(QuotaRig,
                  "[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a replica "
                  "set. [Conformance]") {
  begin();
  const std::string sets = "/apis/apps/v1/namespaces/quotas/replicasets";
  post(
      sets,
      "{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: test}, spec: {replicas: 0, selector: {matchLabels: {a: "
      "b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}}");
  check_used(*this, "test-quota", "{count/replicasets.apps: 1}");
  remove(sets + "/test");
  check_used(*this, "test-quota", "{count/replicasets.apps: 0}");
}

TEST_CASE_FIXTURE(
    QuotaRig,
    "[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a replication "
    "controller. [Conformance]") {
  begin();
  const std::string controllers = kHere + "/replicationcontrollers";
  post(controllers,
       "{apiVersion: v1, kind: ReplicationController, metadata: {name: test}, spec: {replicas: 0, selector: {a: b}, "
       "template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}}");
  check_used(*this, "test-quota", "{replicationcontrollers: 1}");
  remove(controllers + "/test");
  check_used(*this, "test-quota", "{replicationcontrollers: 0}");
}

TEST_CASE_FIXTURE(QuotaRig,
                  "[sig-api-machinery] ResourceQuota should create a ResourceQuota and capture the life of a pod. "
                  "[Conformance]") {
  begin();
  const std::string used =
      "{pods: 1, cpu: 500m, memory: 252Mi, ephemeral-storage: 30Gi, requests.example.com/dongle: 2}";
  const std::string both = "{cpu: 500m, memory: 252Mi, ephemeral-storage: 30Gi, example.com/dongle: '2'}";
  post(kPods, pod("test-pod", "{requests: " + both + ", limits: " + both + "}"));
  check_used(*this, "test-quota", used);
  // More than is left: of cpu, and of the extended resource.
  Value refusal =
      refused(403, "POST", kPods,
              yaml(pod("fail-pod",
                       "{requests: {cpu: 600m, memory: 100Mi, ephemeral-storage: 1Gi, example.com/dongle: '0'}, "
                       "limits: {example.com/dongle: '0'}}")));
  CHECK(refusal["message"] == Value("pods \"fail-pod\" is forbidden: exceeded quota: test-quota, requested: cpu=600m, "
                                    "used: cpu=500m, limited: cpu=1"));
  refusal = refused(403, "POST", kPods,
                    yaml(pod("fail-pod-for-extended-resource",
                             "{requests: {cpu: 500m, memory: 100Mi, ephemeral-storage: 10Gi, example.com/dongle: '2'}, "
                             "limits: {cpu: 500m, memory: 100Mi, ephemeral-storage: 10Gi, example.com/dongle: '2'}}")));
  CHECK(contains(refusal["message"].as_string(),
                 "requested: requests.example.com/dongle=2, used: "
                 "requests.example.com/dongle=2, limited: "
                 "requests.example.com/dongle=3"));
  // What a pod asks for does not change through the pod itself.
  Value document = get(kPods + "/test-pod");
  Value resources = yaml(
      "{requests: {cpu: 100m, memory: 100Mi, ephemeral-storage: 1Gi, example.com/dongle: '1'}, limits: "
      "{cpu: 100m, memory: 100Mi, ephemeral-storage: 1Gi, example.com/dongle: '1'}}");
  document.ref("spec", "containers").mutable_item(0).set("resources", std::move(resources));
  refusal = refused(422, "PUT", kPods + "/test-pod", document);
  CHECK(contains(refusal["message"].as_string(), "spec: Forbidden: pod updates may not change fields other than"));
  check_used(*this, "test-quota", used);
  remove(kPods + "/test-pod", yaml("{gracePeriodSeconds: 0}"));
  check_used(*this, "test-quota", "{pods: 0, cpu: 0, memory: 0, ephemeral-storage: 0, requests.example.com/dongle: 0}");
}

TEST_CASE_FIXTURE(QuotaRig,
                  "[sig-api-machinery] ResourceQuota should verify ResourceQuota with best effort scope. "
                  "[Conformance]") {
  post(kQuotas, quota("quota-besteffort", "{pods: '5'}", "[BestEffort]"));
  post(kQuotas, quota("quota-not-besteffort", "{pods: '5'}", "[NotBestEffort]"));
  check_used(*this, "quota-besteffort", "{pods: 0}");
  check_used(*this, "quota-not-besteffort", "{pods: 0}");
  post(kPods, pod("besteffort-pod", "{}"));
  check_used(*this, "quota-besteffort", "{pods: 1}");
  check_used(*this, "quota-not-besteffort", "{pods: 0}");
  remove(kPods + "/besteffort-pod", yaml("{gracePeriodSeconds: 0}"));
  check_used(*this, "quota-besteffort", "{pods: 0}");
  post(kPods, pod("burstable-pod", "{requests: {cpu: 500m, memory: 252Mi}, limits: {cpu: '1', memory: 400Mi}}"));
  check_used(*this, "quota-not-besteffort", "{pods: 1}");
  check_used(*this, "quota-besteffort", "{pods: 0}");
  remove(kPods + "/burstable-pod", yaml("{gracePeriodSeconds: 0}"));
  check_used(*this, "quota-not-besteffort", "{pods: 0}");
}

TEST_CASE_FIXTURE(QuotaRig,
                  "[sig-api-machinery] ResourceQuota should verify ResourceQuota with terminating scopes. "
                  "[Conformance]") {
  const std::string hard =
      "{pods: '5', requests.cpu: '1', requests.memory: 500Mi, limits.cpu: '2', limits.memory: 1Gi}";
  const std::string none = "{pods: 0, requests.cpu: 0, requests.memory: 0, limits.cpu: 0, limits.memory: 0}";
  const std::string one = "{pods: 1, requests.cpu: 500m, requests.memory: 200Mi, limits.cpu: 1, limits.memory: 400Mi}";
  const std::string resources = "{requests: {cpu: 500m, memory: 200Mi}, limits: {cpu: '1', memory: 400Mi}}";
  post(kQuotas, quota("quota-terminating", hard, "[Terminating]"));
  post(kQuotas, quota("quota-not-terminating", hard, "[NotTerminating]"));
  check_used(*this, "quota-terminating", none);
  check_used(*this, "quota-not-terminating", none);
  post(kPods, pod("test-pod", resources));
  check_used(*this, "quota-not-terminating", one);
  check_used(*this, "quota-terminating", none);
  remove(kPods + "/test-pod", yaml("{gracePeriodSeconds: 0}"));
  check_used(*this, "quota-not-terminating", none);
  post(kPods, pod("terminating-pod", resources, ", activeDeadlineSeconds: 3600"));
  check_used(*this, "quota-terminating", one);
  check_used(*this, "quota-not-terminating", none);
  remove(kPods + "/terminating-pod", yaml("{gracePeriodSeconds: 0}"));
  check_used(*this, "quota-terminating", none);
}

TEST_CASE_FIXTURE(QuotaRig,
                  "[sig-api-machinery] ResourceQuota should be able to update and delete ResourceQuota. "
                  "[Conformance]") {
  const std::string path = kQuotas + "/test-quota";
  post(kQuotas, quota("test-quota", "{cpu: '1', memory: 500Mi}"));
  Value document = get(path);
  CHECK(document["spec"]["hard"] == yaml("{cpu: '1', memory: 500Mi}"));
  CHECK(eventually([&] { return get(path)["status"]["hard"] == document["spec"]["hard"]; }));
  document = get(path);
  document.ref("spec", "hard") = yaml("{cpu: '2', memory: 1Gi}");
  CHECK(put(path, document)["spec"]["hard"] == yaml("{cpu: '2', memory: 1Gi}"));
  CHECK(get(path)["spec"]["hard"] == yaml("{cpu: '2', memory: 1Gi}"));
  CHECK(eventually([&] { return get(path)["status"]["hard"] == yaml("{cpu: '2', memory: 1Gi}"); }));
  remove(path);
  CHECK(refused(404, "GET", path)["reason"] == Value("NotFound"));
}

TEST_CASE_FIXTURE(QuotaRig,
                  "[sig-api-machinery] ResourceQuota should manage the lifecycle of a ResourceQuota [Conformance]") {
  const std::string path = kQuotas + "/e2e-quota";
  const Value created =
      post(kQuotas,
           "{apiVersion: v1, kind: ResourceQuota, metadata: {name: e2e-quota, labels: {e2e-rq: x}}, spec: "
           "{hard: {cpu: '1', memory: 500Mi}}}");
  CHECK(created["spec"]["hard"] == yaml("{cpu: '1', memory: 500Mi}"));
  const std::string everywhere = "/api/v1/resourcequotas?labelSelector=e2e-rq=x";
  CHECK(names_of(get(everywhere)) == "e2e-quota ");
  const Value patched = strategic(path, yaml("{metadata: {labels: {e2e-rq: patched}}, spec: {hard: {memory: 750Mi}}}"));
  CHECK(patched["metadata"]["labels"]["e2e-rq"] == Value("patched"));
  CHECK(patched["spec"]["hard"] == yaml("{cpu: '1', memory: 750Mi}"));
  remove(kQuotas + "?labelSelector=e2e-rq=patched");
  CHECK(gone(path));
  CHECK(get("/api/v1/resourcequotas?labelSelector=e2e-rq=patched")["items"].empty());
}

TEST_CASE_FIXTURE(QuotaRig,
                  "[sig-api-machinery] ResourceQuota should apply changes to a resourcequota status [Conformance]") {
  const std::string path = kQuotas + "/e2e-status";
  post(kQuotas, quota("e2e-status", "{cpu: 500m, memory: 500Mi}"));
  const auto settled = [&] {
    const Value document = get(path);
    return document["status"]["hard"] == document["spec"]["hard"];
  };
  REQUIRE(eventually(settled));
  Watching watching = watch(kQuotas + "?fieldSelector=metadata.name=e2e-status&resourceVersion=" +
                            get(path)["metadata"]["resourceVersion"].str());
  // What is written to a status is there, until the controller says what is so.
  Value document = get(path);
  document.ref("status", "hard") = yaml("{cpu: '1', memory: 1Gi}");
  CHECK(put(path + "/status", document)["status"]["hard"] == yaml("{cpu: '1', memory: 1Gi}"));
  CHECK(watching.next()["object"]["status"]["hard"] == yaml("{cpu: '1', memory: 1Gi}"));
  CHECK(watching.next()["object"]["status"]["hard"] == yaml("{cpu: 500m, memory: 500Mi}"));
  const Value patched = strategic(path, yaml("{spec: {hard: {cpu: '2', memory: 2Gi}}}"));
  CHECK(patched["spec"]["hard"] == yaml("{cpu: '2', memory: 2Gi}"));
  CHECK(eventually(settled));
  const Value again = merge(path + "/status", "{status: {hard: {cpu: '3', memory: 3Gi}}}");
  CHECK(again["status"]["hard"] == yaml("{cpu: '3', memory: 3Gi}"));
  CHECK(eventually(settled));
  const Value read = get(path + "/status");
  CHECK(read["kind"] == Value("ResourceQuota"));
  CHECK(read["status"]["hard"] == yaml("{cpu: '2', memory: 2Gi}"));
  CHECK(merge(path + "/status", "{status: {hard: {cpu: 750m}}}")["spec"]["hard"] == yaml("{cpu: '2', memory: 2Gi}"));
  CHECK(eventually(settled));
  CHECK(get(path)["spec"]["hard"] == yaml("{cpu: '2', memory: 2Gi}"));
}
