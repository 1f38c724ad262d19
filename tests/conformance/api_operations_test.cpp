// Kinds that serve every operation: priority and fairness, admission policies, certificates.
#include <doctest/doctest.h>

#include "core/base/strings.h"
#include "core/pki/pki.h"
#include "tests/conformance/rig.h"

using namespace drydock;
using namespace drydock::conformance;

namespace {

const std::string kAdmission = "admissionregistration.k8s.io";
const std::string kFlowControl = "flowcontrol.apiserver.k8s.io";

constexpr const char* kMatch =
    "matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: "
    "[deployments]}]}";

constexpr const char* kCondition =
    "[{type: %s, status: 'True', reason: E2E, message: Set by an e2e test, lastTransitionTime: "
    "'2026-01-01T00:00:00Z'}]";

std::string conditions(const char* type) { return "conditions: " + format(kCondition, type); }

}  // namespace

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] API priority and fairness should support FlowSchema API operations "
                  "[Conformance]") {
  check_api_operations(
      *this,
      {kFlowControl,
       "v1",
       "flowschemas",
       "FlowSchema",
       {"status"},
       "{spec: {matchingPrecedence: 10000, priorityLevelConfiguration: {name: global-default}, distinguisherMethod: "
       "{type: ByUser}, rules: [{subjects: [{kind: User, user: {name: example-e2e-non-existent-user}}], "
       "nonResourceRules: [{verbs: ['*'], nonResourceURLs: ['*']}]}]}}",
       "{" + conditions("StatusUpdated") + "}",
       "{" + conditions("StatusPatched") + "}"});
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] API priority and fairness should support PriorityLevelConfiguration API "
                  "operations [Conformance]") {
  check_api_operations(
      *this, {kFlowControl,
              "v1",
              "prioritylevelconfigurations",
              "PriorityLevelConfiguration",
              {"status"},
              "{spec: {type: Limited, limited: {nominalConcurrencyShares: 2, limitResponse: {type: Reject}}}}",
              "{" + conditions("StatusUpdated") + "}",
              "{" + conditions("StatusPatched") + "}"});
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should support "
                  "ValidatingAdmissionPolicy API operations [Conformance]") {
  check_api_operations(
      *this, {kAdmission,
              "v1",
              "validatingadmissionpolicies",
              "ValidatingAdmissionPolicy",
              {"status"},
              "{spec: {" + std::string(kMatch) + ", validations: [{expression: 'object.spec.replicas <= 100'}]}}",
              "{" + conditions("StatusUpdated") + "}",
              "{" + conditions("StatusPatched") + "}"});
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should support "
                  "ValidatingAdmissionPolicyBinding API operations [Conformance]") {
  check_api_operations(*this, {kAdmission,
                               "v1",
                               "validatingadmissionpolicybindings",
                               "ValidatingAdmissionPolicyBinding",
                               {},
                               "{spec: {policyName: replicalimit-policy.example.com, validationActions: [Deny]}}",
                               "",
                               ""});
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should support "
                  "MutatingAdmissionPolicy API operations [Conformance]") {
  check_api_operations(
      *this, {kAdmission,
              "v1",
              "mutatingadmissionpolicies",
              "MutatingAdmissionPolicy",
              {},
              "{spec: {" + std::string(kMatch) +
                  ", reinvocationPolicy: Never, mutations: [{patchType: ApplyConfiguration, applyConfiguration: "
                  "{expression: 'Object{spec: Object.spec{replicas: 1}}'}}]}}",
              "",
              ""});
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] MutatingAdmissionPolicy [Privileged:ClusterAdmin] should support "
                  "MutatingAdmissionPolicyBinding API operations [Conformance]") {
  check_api_operations(*this, {kAdmission,
                               "v1",
                               "mutatingadmissionpolicybindings",
                               "MutatingAdmissionPolicyBinding",
                               {},
                               "{spec: {policyName: replicalimit-policy.example.com}}",
                               "",
                               ""});
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-auth] Certificates API [Privileged:ClusterAdmin] should support CSR API operations "
                  "[Conformance]") {
  Prng prng(5);
  const pki::KeyPair key = pki::generate_key(prng);
  pki::CertificateSpec who;
  who.common_name = "e2e-example";
  const std::string request = base64_encode(*pki::make_request(key.private_pem, who));
  const std::string body =
      "{spec: {request: " + request +
      ", signerName: example.com/e2e-example, expirationSeconds: 3600, usages: [digital signature, "
      "key encipherment, client auth]}}";
  check_api_operations(*this, {"certificates.k8s.io",
                               "v1",
                               "certificatesigningrequests",
                               "CertificateSigningRequest",
                               {"approval", "status"},
                               body,
                               "{conditions: [{type: Failed, status: 'True', reason: E2E, message: m, lastUpdateTime: "
                               "'2026-01-01T00:00:00Z', lastTransitionTime: '2026-01-01T00:00:00Z'}]}",
                               "{certificate: ''}"});

  const std::string path = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  Value document = yaml(body);
  document.set("apiVersion", "certificates.k8s.io/v1");
  document.set("kind", "CertificateSigningRequest");
  document.ref("metadata", "generateName") = "e2e-example-csr-";
  const Value made = post(path, document);
  const std::string own = path + "/" + made["metadata"]["name"].str();
  CHECK(made["spec"]["username"] == Value("admin"));
  CHECK(made["spec"]["expirationSeconds"].as_int() == 3600);
  // Approval: read, written, patched.
  Value approval = get(own + "/approval");
  CHECK(approval["metadata"]["uid"] == made["metadata"]["uid"]);
  approval.ref("status", "conditions") =
      yaml("[{type: Approved, status: 'True', reason: E2E, message: Set from an e2e test}]");
  const Value approved = put(own + "/approval", approval);
  REQUIRE(approved["status"]["conditions"].size() == 1);
  CHECK(approved["status"]["conditions"][0]["type"] == Value("Approved"));
  const Value patched = merge(own + "/approval", "{metadata: {annotations: {patchedapproval: 'true'}}}");
  CHECK(patched["metadata"]["annotations"]["patchedapproval"] == Value("true"));
  CHECK(patched["status"]["conditions"].size() == 1);
  // Status: what a signer writes. Approval is not changed through it.
  Value status = get(own + "/status");
  CHECK(status["status"]["conditions"][0]["type"] == Value("Approved"));
  status.ref("status", "conditions")
      .push_back(yaml("{type: StatusUpdate, status: 'True', reason: E2E, message: Set from an e2e test}"));
  const Value updated = put(own + "/status", status);
  CHECK(entry(updated["status"]["conditions"], "type", "StatusUpdate").is_object());
  const Value again = merge(own + "/status", "{metadata: {annotations: {patchedstatus: 'true'}}}");
  CHECK(again["metadata"]["annotations"]["patchedstatus"] == Value("true"));
  CHECK(get(own)["status"]["conditions"].size() == 2);
  remove(own);
  CHECK(gone(own));
}
