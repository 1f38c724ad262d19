// Admission policies in CEL and rules of custom resources through a whole API server.
#include "tests/apiserver/server_rig.h"

using namespace drydock;
using drydock::testing::ServerRig;
using drydock::testing::status_text;
using drydock::testing::warnings_of;

namespace {

constexpr const char* kPolicies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
constexpr const char* kBindings = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";
constexpr const char* kMutating = "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies";
constexpr const char* kMutatingBindings = "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings";
constexpr const char* kMaps = "/api/v1/namespaces/default/configmaps";
constexpr const char* kDeployments = "/apis/apps/v1/namespaces/default/deployments";

std::string policy(const std::string& name, const std::string& resource, const std::string& rest) {
  const std::string group = resource == "deployments" ? "apps" : "''";
  return "{metadata: {name: " + name + "}, spec: {matchConstraints: {resourceRules: [{apiGroups: [" + group +
         "], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [" + resource + "]}]}, " + rest + "}}";
}

std::string binding(const std::string& name, const std::string& rest = "validationActions: [Deny]") {
  return "{metadata: {name: " + name + "-binding}, spec: {policyName: " + name + ", " + rest + "}}";
}

std::string deployment(const std::string& name, int replicas) {
  return "{metadata: {name: " + name + "}, spec: {replicas: " + std::to_string(replicas) +
         ", selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, "
         "image: "
         "nginx}]}}}}";
}

std::string config_map(const std::string& name, const std::string& rest = "data: {a: x}") {
  return "{metadata: {name: " + name + "}, " + rest + "}";
}

}  // namespace

TEST_CASE_FIXTURE(ServerRig, "a validating policy denies, warns, audits: as its binding says") {
  const Value made =
      this->made(kPolicies, policy("demo", "deployments", "validations: [{expression: object.spec.replicas <= 5}]"));
  CHECK(made["spec"]["failurePolicy"].as_string() == "Fail");
  CHECK(dump_json(made["status"]) == R"({"observedGeneration":1,"typeChecking":{}})");
  CHECK(admin("POST", kDeployments, deployment("unbound", 9)).status == 201);
  this->made(kBindings, binding("demo"));
  const HttpResponse refused = admin("POST", kDeployments, deployment("web", 9));
  const std::string why =
      "ValidatingAdmissionPolicy 'demo' with binding 'demo-binding' denied request: failed expression: "
      "object.spec.replicas <= 5";
  CHECK(status_text(refused) == "422 Invalid: deployments.apps \"web\" is forbidden: " + why);
  CHECK(refused.body.document["details"]["causes"][0]["message"].as_string() == why);
  CHECK(admin("POST", kDeployments, deployment("web", 5)).status == 201);
  CHECK(admin("PATCH", std::string(kDeployments) + "/web", "{spec: {replicas: 6}}", "application/merge-patch+json")
            .status == 422);
  // Other resources do not concern it.
  CHECK(admin("POST", kMaps, config_map("free")).status == 201);

  REQUIRE(admin("PATCH", std::string(kBindings) + "/demo-binding", "{spec: {validationActions: [Warn, Audit]}}",
                "application/merge-patch+json")
              .status == 200);
  const HttpResponse warned = admin("POST", kDeployments, deployment("warned", 9));
  CHECK(warned.status == 201);
  CHECK(
      warnings_of(warned) ==
      "299 - \"Validation failed for ValidatingAdmissionPolicy 'demo' with binding 'demo-binding': failed expression: "
      "object.spec.replicas <= 5\"\n");
}

TEST_CASE_FIXTURE(ServerRig, "messages, reasons, conditions, variables, parameters, namespaces, the authorizer") {
  this->made(
      kPolicies,
      policy(
          "limit", "configmaps",
          "paramKind: {apiVersion: v1, kind: ConfigMap}, "
          "matchConditions: [{name: not-limits, expression: \"!object.metadata.name.startsWith('limits')\"}], "
          "variables: [{name: size, expression: size(object.data)}, {name: doubled, expression: "
          "variables.size * 2}], "
          "validations: [{expression: 'variables.doubled <= int(params.data.most) * 2', reason: Forbidden, "
          "messageExpression: \"'has ' + string(variables.size) + ', may have ' + params.data.most\"}, "
          "{expression: \"namespaceObject.metadata.name == 'default'\"}, "
          "{expression: \"request.userInfo.username != 'eve' && request.operation == 'CREATE'\", message: not "
          "you}, {expression: authorizer.group('').resource('secrets').namespace('default').check('list').allowed()}, "
          "{expression: \"authorizer.requestResource.check('create').allowed()\"}]"));
  this->made(kMaps, config_map("limits", "data: {most: '1'}"));
  this->made(kBindings, binding("limit",
                                "validationActions: [Deny], paramRef: {name: limits, namespace: default, "
                                "parameterNotFoundAction: Deny}"));
  CHECK(admin("POST", kMaps, config_map("one")).status == 201);
  CHECK(
      status_text(admin("POST", kMaps, config_map("two", "data: {a: x, b: y}"))) ==
      "403 Forbidden: configmaps \"two\" is forbidden: ValidatingAdmissionPolicy 'limit' with binding 'limit-binding' "
      "denied request: has 2, may have 1");
  CHECK(status_text(admin("POST", kMaps, config_map("none", "immutable: false"))) ==
        "422 Invalid: configmaps \"none\" is forbidden: ValidatingAdmissionPolicy 'limit' with binding 'limit-binding' "
        "denied request: expression 'variables.doubled <= int(params.data.most) * 2' resulted in error: composited "
        "variable \"doubled\" fails to evaluate: composited variable \"size\" fails to evaluate: no such key: data");
  // Eve may write configmaps but not list secrets.
  this->made("/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles",
             "{metadata: {name: maps}, rules: [{apiGroups: [''], resources: [configmaps], verbs: ['*']}]}");
  this->made(
      "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
      "{metadata: {name: maps}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: maps}, subjects: "
      "[{apiGroup: rbac.authorization.k8s.io, kind: User, name: eve}, {apiGroup: rbac.authorization.k8s.io, kind: "
      "User, "
      "name: bob}]}");
  CHECK(contains(status_text(ask("eve", "POST", kMaps, config_map("eve"))), "denied request: not you"));
  CHECK(contains(status_text(ask("bob", "POST", kMaps, config_map("bob"))),
                 "denied request: failed expression: authorizer.group('').resource('secrets')"));
  // A parameter that is not there.
  REQUIRE(admin("DELETE", std::string(kMaps) + "/limits").status == 200);
  CHECK(
      status_text(admin("POST", kMaps, config_map("three"))) ==
      "422 Invalid: configmaps \"three\" is forbidden: ValidatingAdmissionPolicy 'limit' with binding 'limit-binding' "
      "denied request: failed to configure binding: no params found for policy binding with `Deny` "
      "parameterNotFoundAction");
}

TEST_CASE_FIXTURE(ServerRig, "what fails is ignored when the policy says so; selectors choose") {
  this->made(kPolicies,
             policy("lax", "configmaps", "failurePolicy: Ignore, validations: [{expression: object.data.z == 'x'}]"));
  this->made(kBindings, binding("lax"));
  CHECK(admin("POST", kMaps, config_map("one")).status == 201);
  CHECK(admin("POST", kMaps, config_map("bad", "data: {z: y}")).status == 422);
  REQUIRE(admin("PATCH", std::string(kBindings) + "/lax-binding",
                "{spec: {matchResources: {objectSelector: {matchLabels: {judged: 'yes'}}}}}",
                "application/merge-patch+json")
              .status == 200);
  CHECK(admin("POST", kMaps, config_map("bad", "data: {z: y}")).status == 201);
  CHECK(admin("POST", kMaps, "{metadata: {name: worse, labels: {judged: 'yes'}}, data: {z: y}}").status == 422);
}

TEST_CASE_FIXTURE(ServerRig, "policies and bindings are checked as they are written") {
  const auto causes = [&](const std::string& path, const std::string& body) {
    const HttpResponse answer = admin("POST", path, body);
    std::vector<std::string> lines;
    for (const Value& cause : answer.body.document["details"]["causes"].items())
      lines.push_back(cause["field"].str() + ": " + cause["message"].str());
    return join(lines, "\n");
  };
  CHECK(
      causes(kPolicies, policy("bad", "configmaps",
                               "validations: [{expression: object.x +, reason: Nope}, {expression: '1'}, {}]")) ==
      "spec.validations[0].expression: Invalid value: \"object.x +\": compilation failed: ERROR: <input>:1:11: Syntax "
      "error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, "
      "NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | object.x +\n | ..........^\n"
      "spec.validations[0].reason: Unsupported value: \"Nope\": supported values: \"Forbidden\", \"Invalid\", "
      "\"RequestEntityTooLarge\", \"Unauthorized\"\n"
      "spec.validations[1].expression: Invalid value: \"1\": must evaluate to bool\n"
      "spec.validations[2].expression: Required value: expression is not specified");
  CHECK(causes(kPolicies, "{metadata: {name: bad}, spec: {}}") ==
        "spec.matchConstraints: Required value\n"
        "spec.validations: Required value: validations or auditAnnotations must contain at least one item\n"
        "spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item");
  CHECK(causes(kPolicies, policy("bad", "configmaps",
                                 "variables: [{name: a-b, expression: 'true'}], validations: [{expression: "
                                 "\"variables.nope == params.x\"}]")) ==
        "spec.variables[0].name: Invalid value: \"a-b\": name is not a valid CEL identifier\n"
        "spec.validations[0].expression: Invalid value: \"variables.nope == params.x\": compilation failed: ERROR: "
        "<input>:1:10: undefined field 'nope'\n | variables.nope == params.x\n | .........^\nERROR: <input>:1:19: "
        "undeclared reference to 'params' (in container '')\n | variables.nope == params.x\n | ..................^");
  CHECK(
      causes(kBindings, binding("x", "validationActions: [Deny, Warn], paramRef: {}")) ==
      "spec.paramRef: Required value: one of name or selector must be specified\n"
      "spec.paramRef.parameterNotFoundAction: Required value\n"
      "spec.validationActions: Invalid value: [\"Deny\",\"Warn\"]: must not contain both Deny and Warn (repeating the "
      "same validation failure information in the API response and headers serves no purpose)");
  // What does not fit the type is told in the status.
  const Value typed = this->made(kPolicies, policy("typed", "deployments",
                                                   "validations: [{expression: object.replicas > 1}, {expression: "
                                                   "object.spec.replicas > 1}]"));
  CHECK(
      dump_json(typed["status"]["typeChecking"]) ==
      R"({"expressionWarnings":[{"fieldRef":"spec.validations[0].expression","warning":"apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^"}]})");
}

TEST_CASE_FIXTURE(ServerRig, "mutating policies merge configurations and apply patches") {
  this->made(kMutating,
             policy("label", "configmaps",
                    "reinvocationPolicy: Never, mutations: [{patchType: ApplyConfiguration, applyConfiguration: "
                    "{expression: \"Object{metadata: Object.metadata{labels: {'by': request.userInfo.username}}}\"}}, "
                    "{patchType: JSONPatch, jsonPatch: {expression: \"[JSONPatch{op: 'add', path: '/data/b', value: "
                    "object.metadata.labels.by + '!'}]\"}}]"));
  this->made(kMutatingBindings, "{metadata: {name: label-binding}, spec: {policyName: label}}");
  const Value map = this->made(kMaps, config_map("one"));
  CHECK(dump_json(map["metadata"]["labels"]) == R"({"by":"admin"})");
  CHECK(dump_json(map["data"]) == R"({"a":"x","b":"admin!"})");
  // Lists with keys are merged by them; what can only be replaced as a whole is refused.
  const std::string template_of =
      "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{";
  this->made(kMutating,
             policy("pull", "deployments",
                    "reinvocationPolicy: Never, mutations: [{patchType: ApplyConfiguration, applyConfiguration: "
                    "{expression: \"" +
                        template_of +
                        "containers: object.spec.template.spec.containers.map(c, "
                        "Object.spec.template.spec.containers{name: c.name, imagePullPolicy: 'Never'})}}}}\"}}]"));
  this->made(kMutatingBindings, "{metadata: {name: pull-binding}, spec: {policyName: pull}}");
  const Value container = this->made(kDeployments, deployment("web", 1))["spec"]["template"]["spec"]["containers"][0];
  CHECK(container["imagePullPolicy"].as_string() == "Never");
  CHECK(container["image"].as_string() == "nginx");
  this->made(
      kMutating,
      policy("select", "deployments",
             "reinvocationPolicy: Never, mutations: [{patchType: ApplyConfiguration, applyConfiguration: "
             "{expression: \"Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {'x': 'y'}}}}\"}}]"));
  this->made(kMutatingBindings, "{metadata: {name: select-binding}, spec: {policyName: select}}");
  CHECK(contains(
      status_text(admin("POST", kDeployments, deployment("other", 1))),
      "policy 'select' with binding 'select-binding' denied request: invalid ApplyConfiguration: may not mutate "
      "atomic arrays, maps or structs: .spec.selector"));
  const HttpResponse bad = admin("POST", kMutating,
                                 policy("bad", "configmaps",
                                        "reinvocationPolicy: Never, mutations: [{patchType: JSONPatch, jsonPatch: "
                                        "{expression: \"'x'\"}}]"));
  CHECK(bad.body.document["details"]["causes"][0]["message"].as_string() ==
        "Invalid value: \"'x'\": must evaluate to list(JSONPatch)");
}

TEST_CASE_FIXTURE(ServerRig, "custom resources: rules, ratcheting, fields to select by") {
  const std::string definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const auto definition = [](const std::string& rule) {
    return "{metadata: {name: ships.x.io}, spec: {group: x.io, scope: Namespaced, names: {plural: ships, kind: Ship}, "
           "versions: [{name: v1, served: true, storage: true, selectableFields: [{jsonPath: .spec.color}], schema: "
           "{openAPIV3Schema: {type: object, properties: {spec: {type: object, x-kubernetes-validations: [{rule: \"" +
           rule + "\"}], properties: {crew: {type: integer}, most: {type: integer}, color: {type: string}}}}}}}]}}";
  };
  const HttpResponse bad = admin("POST", definitions, definition("self.crews <= 3"));
  CHECK(
      status_text(bad) ==
      "422 Invalid: CustomResourceDefinition.apiextensions.k8s.io \"ships.x.io\" is invalid: "
      "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: \"self.crews "
      "<= 3\": compilation failed: ERROR: <input>:1:5: undefined field 'crews'\n | self.crews <= 3\n | ....^");
  this->made(definitions, definition("self.crew <= self.most"));
  const std::string ships = "/apis/x.io/v1/namespaces/default/ships";
  CHECK(
      status_text(
          admin("POST", ships, "{apiVersion: x.io/v1, kind: Ship, metadata: {name: a}, spec: {crew: 4, most: 3}}")) ==
      "422 Invalid: Ship.x.io \"a\" is invalid: spec: Invalid value: \"object\": failed rule: self.crew <= self.most");
  this->made(ships, "{apiVersion: x.io/v1, kind: Ship, metadata: {name: a}, spec: {crew: 3, most: 3, color: red}}");
  this->made(ships, "{apiVersion: x.io/v1, kind: Ship, metadata: {name: b}, spec: {crew: 3, most: 3, color: blue}}");
  const HttpResponse red = admin("GET", ships + "?fieldSelector=spec.color%3Dred");
  CHECK(red.body.document["items"].size() == 1);
  CHECK(admin("GET", ships + "?fieldSelector=spec.crew%3D3").status == 400);
  CHECK(admin("PATCH", ships + "/a", "{spec: {crew: 5}}", "application/merge-patch+json").status == 422);
}
