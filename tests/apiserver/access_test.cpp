// Who may do what: escalation, the Node authorizer, NodeRestriction, certificates.
#include "tests/apiserver/server_rig.h"

using namespace drydock;
using drydock::testing::ServerRig;
using drydock::testing::status_text;

namespace {

const std::string kRbac = "/apis/rbac.authorization.k8s.io/v1";

// A user who may do everything with roles in team and read pods there.
void make_manager(ServerRig& rig) {
  rig.made("/api/v1/namespaces", "{metadata: {name: team}}");
  rig.made(kRbac + "/namespaces/team/roles",
           "{metadata: {name: manager}, rules: [{apiGroups: [rbac.authorization.k8s.io], resources: [roles, "
           "rolebindings], verbs: [create, update, patch, get]}, {apiGroups: [''], resources: [pods], verbs: [get, "
           "list]}]}");
  rig.made(kRbac + "/namespaces/team/rolebindings",
           "{metadata: {name: manager}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: manager}, "
           "subjects: [{kind: User, name: mia, apiGroup: rbac.authorization.k8s.io}]}");
}

void make_node(ServerRig& rig, const std::string& name) {
  rig.made("/api/v1/nodes", "{metadata: {name: " + name + "}}");
}

void make_pod(ServerRig& rig, const std::string& name, const std::string& node, const std::string& spec) {
  rig.made("/api/v1/namespaces/default/pods", "{metadata: {name: " + name + "}, spec: {nodeName: " + node +
                                                  ", containers: [{name: a, image: i}]" + spec + "}}");
}

const std::string kNode1 = "system:node:n1,system:nodes";

}  // namespace

TEST_CASE_FIXTURE(ServerRig, "nobody gives rights that they do not have") {
  make_manager(*this);
  const std::string roles = kRbac + "/namespaces/team/roles";
  CHECK(ask("mia,devs", "POST", roles,
            "{metadata: {name: readers}, rules: [{apiGroups: [''], resources: [pods], verbs: [get, list]}]}")
            .status == 201);
  const HttpResponse more =
      ask("mia,devs", "POST", roles,
          "{metadata: {name: writers}, rules: [{apiGroups: [''], resources: [pods, secrets], verbs: "
          "[get, delete]}, {apiGroups: [apps], resources: [deployments], resourceNames: [web], "
          "verbs: ['*']}]}");
  CHECK(status_text(more) ==
        "403 Forbidden: roles.rbac.authorization.k8s.io \"writers\" is forbidden: user \"mia\" (groups=[\"devs\" "
        "\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n"
        "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"delete\"]}\n"
        "{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\" \"delete\"]}\n"
        "{APIGroups:[\"apps\"], Resources:[\"deployments\"], ResourceNames:[\"web\"], Verbs:[\"*\"]}");
  // Binding a role needs its rights as well.
  const std::string bindings = kRbac + "/namespaces/team/rolebindings";
  const auto bind = [&](const std::string& name, const std::string& kind, const std::string& role) {
    return ask("mia,devs", "POST", bindings,
               "{metadata: {name: " + name + "}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: " + kind +
                   ", name: " + role + "}, subjects: [{kind: User, name: tom, apiGroup: rbac.authorization.k8s.io}]}");
  };
  CHECK(bind("one", "Role", "readers").status == 201);
  CHECK(contains(status_text(bind("two", "ClusterRole", "cluster-admin")),
                 "403 Forbidden: rolebindings.rbac.authorization.k8s.io \"two\" is forbidden: user \"mia\" "
                 "(groups=[\"devs\" \"system:authenticated\"]) is attempting to grant RBAC permissions not currently "
                 "held:\n{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}"));
  CHECK(status_text(bind("three", "Role", "nobody")) ==
        "404 NotFound: roles.rbac.authorization.k8s.io \"nobody\" not found");
  // The verbs escalate and bind let it pass.
  REQUIRE(admin("PATCH", roles + "/manager",
                "[{op: add, path: /rules/-, value: {apiGroups: [rbac.authorization.k8s.io], resources: [roles], verbs: "
                "[escalate]}}, {op: add, path: /rules/-, value: {apiGroups: [rbac.authorization.k8s.io], resources: "
                "[clusterroles], verbs: [bind], resourceNames: [view]}}]",
                "application/json-patch+json")
              .status == 200);
  CHECK(ask("mia,devs", "POST", roles,
            "{metadata: {name: writers}, rules: [{apiGroups: [''], resources: [secrets], verbs: [get]}]}")
            .status == 201);
  CHECK(bind("four", "ClusterRole", "view").status == 201);
  CHECK(bind("five", "ClusterRole", "system:kube-scheduler").status == 403);
}

TEST_CASE_FIXTURE(ServerRig, "a refusal names the roles that bindings refer to in vain") {
  made(kRbac + "/namespaces/default/rolebindings",
       "{metadata: {name: b}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: gone}, subjects: "
       "[{kind: User, name: tom, apiGroup: rbac.authorization.k8s.io}]}");
  CHECK(status_text(ask("tom", "GET", "/api/v1/namespaces/default/pods")) ==
        "403 Forbidden: pods is forbidden: User \"tom\" cannot list resource \"pods\" in API group \"\" in the "
        "namespace \"default\": RBAC: role.rbac.authorization.k8s.io \"gone\" not found");
}

TEST_CASE_FIXTURE(ServerRig, "a kubelet sees what its pods refer to") {
  make_node(*this, "n1");
  make_node(*this, "n2");
  for (const char* name : {"used", "other"})
    made("/api/v1/namespaces/default/secrets", std::string("{metadata: {name: ") + name + "}}");
  make_pod(*this, "mine", "n1", ", volumes: [{name: v, secret: {secretName: used}}]");
  make_pod(*this, "theirs", "n2", ", volumes: [{name: v, secret: {secretName: other}}]");
  CHECK(ask(kNode1, "GET", "/api/v1/namespaces/default/secrets/used").status == 200);
  CHECK(ask(kNode1, "GET", "/api/v1/namespaces/default/secrets?fieldSelector=metadata.name%3Dused").status == 200);
  CHECK(status_text(ask(kNode1, "GET", "/api/v1/namespaces/default/secrets/other")) ==
        "403 Forbidden: secrets \"other\" is forbidden: User \"system:node:n1\" cannot get resource \"secrets\" in API "
        "group \"\" in the namespace \"default\": no relationship found between node 'n1' and this object");
  CHECK(status_text(ask(kNode1, "GET", "/api/v1/namespaces/default/secrets")) ==
        "403 Forbidden: secrets is forbidden: User \"system:node:n1\" cannot list resource \"secrets\" in API group "
        "\"\" in the namespace \"default\": No Object name found");
  CHECK(
      status_text(ask(kNode1, "GET", "/api/v1/nodes")) ==
      "403 Forbidden: nodes is forbidden: User \"system:node:n1\" cannot list resource \"nodes\" in API group \"\" at "
      "the cluster scope: node 'n1' cannot read all nodes, only its own Node object");
  CHECK(ask(kNode1, "GET", "/api/v1/nodes/n1").status == 200);
  CHECK(ask(kNode1, "GET", "/api/v1/pods?fieldSelector=spec.nodeName%3Dn1").status == 200);
  CHECK(contains(status_text(ask(kNode1, "GET", "/api/v1/pods")),
                 "can only list/watch pods with spec.nodeName field selector"));
  CHECK(ask(kNode1, "GET", "/api/v1/namespaces/default/pods/mine").status == 200);
  CHECK(ask(kNode1, "GET", "/api/v1/namespaces/default/pods/theirs").status == 403);
  // When the pod has gone, so has the right.
  REQUIRE(admin("DELETE", "/api/v1/namespaces/default/pods/mine", "{gracePeriodSeconds: 0}").status == 200);
  CHECK(ask(kNode1, "GET", "/api/v1/namespaces/default/secrets/used").status == 403);
}

TEST_CASE_FIXTURE(ServerRig, "a kubelet changes its own node and pods") {
  make_node(*this, "n1");
  make_node(*this, "n2");
  make_pod(*this, "mine", "n1", "");
  make_pod(*this, "theirs", "n2", "");
  const auto patch = [&](const std::string& path, const std::string& body) {
    return status_text(ask(kNode1, "PATCH", path, body, "application/merge-patch+json"));
  };
  CHECK(patch("/api/v1/nodes/n2", "{metadata: {labels: {a: b}}}") ==
        "403 Forbidden: nodes \"n2\" is forbidden: node \"n1\" is not allowed to modify node \"n2\"");
  CHECK(patch("/api/v1/nodes/n1", "{spec: {taints: []}}") ==
        "403 Forbidden: nodes \"n1\" is forbidden: node \"n1\" is not allowed to modify taints");
  CHECK(patch("/api/v1/nodes/n1", "{metadata: {labels: {node-role.kubernetes.io/control-plane: ''}}}") ==
        "403 Forbidden: nodes \"n1\" is forbidden: is not allowed to modify labels: "
        "node-role.kubernetes.io/control-plane");
  CHECK(patch("/api/v1/nodes/n1", "{metadata: {labels: {topology.kubernetes.io/zone: z, mine: x}}}") == "200 : ");
  CHECK(patch("/api/v1/namespaces/default/pods/theirs/status", "{status: {phase: Running}}") ==
        "403 Forbidden: pods \"theirs\" is forbidden: node \"n1\" can only update pod status for pods with "
        "spec.nodeName set to itself");
  CHECK(patch("/api/v1/namespaces/default/pods/mine/status", "{status: {phase: Running}}") == "200 : ");
  CHECK(status_text(ask(kNode1, "POST", "/api/v1/namespaces/default/pods",
                        "{metadata: {name: p}, spec: {nodeName: n1, containers: [{name: a, image: i}]}}")) ==
        "403 Forbidden: pods \"p\" is forbidden: pod does not have \"kubernetes.io/config.mirror\" annotation, node "
        "\"n1\" can only create mirror pods");
  CHECK(status_text(ask(kNode1, "DELETE", "/api/v1/namespaces/default/pods/theirs")) ==
        "403 Forbidden: pods \"theirs\" is forbidden: node \"n1\" can only delete pods with spec.nodeName set to "
        "itself");
}

TEST_CASE_FIXTURE(ServerRig, "approving and signing certificates needs the signer's right") {
  const std::string csrs = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  made(csrs, "{metadata: {name: c}, spec: {request: eA==, signerName: example.com/one, usages: [client auth]}}");
  made(kRbac + "/clusterroles",
       "{metadata: {name: csr}, rules: [{apiGroups: [certificates.k8s.io], resources: [certificatesigningrequests, "
       "certificatesigningrequests/approval], verbs: [get, update, patch]}]}");
  made(
      kRbac + "/clusterrolebindings",
      "{metadata: {name: csr}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: csr}, subjects: "
      "[{kind: User, name: tom, apiGroup: rbac.authorization.k8s.io}]}");
  const std::string approval = "{status: {conditions: [{type: Approved, status: 'True', reason: r}]}}";
  const auto approve = [&] {
    return status_text(ask("tom", "PATCH", csrs + "/c/approval", approval, "application/merge-patch+json"));
  };
  CHECK(
      approve() ==
      "403 Forbidden: certificatesigningrequests.certificates.k8s.io \"c\" is forbidden: user not permitted to approve "
      "requests with signerName \"example.com/one\"");
  REQUIRE(admin("PATCH", kRbac + "/clusterroles/csr",
                "[{op: add, path: /rules/-, value: {apiGroups: [certificates.k8s.io], resources: [signers], verbs: "
                "[approve], resourceNames: [example.com/*]}}]",
                "application/json-patch+json")
              .status == 200);
  CHECK(approve() == "200 : ");
  const Value kept = admin("GET", csrs + "/c").body.document;
  CHECK(kept["status"]["conditions"][0]["type"].as_string() == "Approved");
}
