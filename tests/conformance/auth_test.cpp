// ServiceAccounts, their tokens, and who may do what.
#include <doctest/doctest.h>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "tests/conformance/rig.h"

using namespace drydock;
using namespace drydock::conformance;

namespace {

const std::string kDefault = "/api/v1/namespaces/default";
const std::string kAccounts = kDefault + "/serviceaccounts";

std::string account(const std::string& name, const std::string& more = "") {
  return "{apiVersion: v1, kind: ServiceAccount, metadata: {name: " + name + more + "}}";
}

// A request in somebody's name.
HttpResponse as_user(Rig& rig, const std::string& user, const std::string& method, const std::string& path,
                     Value body = {}) {
  HttpRequest request;
  request.method = method;
  request.path = path;
  request.headers.set("Impersonate-User", user);
  request.body.document = std::move(body);
  if (method != "GET") request.headers.set("Content-Type", "application/json");
  return rig.send(std::move(request));
}

}  // namespace

TEST_CASE_FIXTURE(Rig,
                  "[sig-auth] ServiceAccounts should create a serviceAccountToken and ensure a successful TokenReview "
                  "[Conformance]") {
  const Value made = post(kAccounts, account("e2e-sa"));
  const Value answer =
      post(kAccounts + "/e2e-sa/token", "{apiVersion: authentication.k8s.io/v1, kind: TokenRequest, spec: {}}");
  CHECK(answer["kind"] == Value("TokenRequest"));
  const std::string token = answer["status"]["token"].str();
  REQUIRE_FALSE(token.empty());
  CHECK_FALSE(answer["status"]["expirationTimestamp"].empty());
  const auto review = [&](const std::string& text) {
    Value body = yaml("{apiVersion: authentication.k8s.io/v1, kind: TokenReview, metadata: {name: kubernetes}}");
    body.ref("spec", "token") = text;
    return post("/apis/authentication.k8s.io/v1/tokenreviews", body)["status"];
  };
  const Value status = review(token);
  CHECK(status["authenticated"].as_bool());
  CHECK(status["error"].empty());
  CHECK(status["user"]["username"] == Value("system:serviceaccount:default:e2e-sa"));
  CHECK(status["user"]["uid"] == made["metadata"]["uid"]);
  // A token that nobody signed is none.
  CHECK_FALSE(review(token.substr(0, token.size() - 4) + "AAAA")["authenticated"].as_bool());
  // It opens the API, as that account.
  HttpRequest request;
  request.method = "POST";
  request.path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  request.headers.set("Authorization", "Bearer " + token);
  request.headers.set("Content-Type", "application/json");
  request.body.document = yaml("{apiVersion: authentication.k8s.io/v1, kind: SelfSubjectReview}");
  CHECK(send(std::move(request)).body.document["status"]["userInfo"]["username"] ==
        Value("system:serviceaccount:default:e2e-sa"));
  remove(kAccounts + "/e2e-sa");
  CHECK_FALSE(review(token)["authenticated"].as_bool());
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-auth] ServiceAccounts should guarantee kube-root-ca.crt exist in any namespace [Conformance]") {
  make_namespace("rooted");
  const std::string path = "/api/v1/namespaces/rooted/configmaps/kube-root-ca.crt";
  REQUIRE(eventually([&] { return !gone(path); }));
  const Value first = get(path);
  CHECK(contains(first["data"]["ca.crt"].as_string(), "BEGIN CERTIFICATE"));
  remove(path);
  REQUIRE(eventually([&] { return !gone(path); }));
  CHECK(get(path)["data"] == first["data"]);
  CHECK(get(path)["metadata"]["uid"] != first["metadata"]["uid"]);
  Value spoiled = get(path);
  spoiled.set("data", yaml("{ca.crt: ''}"));
  put(path, spoiled);
  CHECK(eventually([&] { return get(path)["data"] == first["data"]; }));
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-auth] ServiceAccounts should run through the lifecycle of a ServiceAccount [Conformance]") {
  Watching watching = watch(kAccounts + "?labelSelector=test-serviceaccount-static=true");
  post(kAccounts, account("testserviceaccount", ", labels: {test-serviceaccount-static: 'true'}"));
  CHECK_FALSE(watching.until("ADDED", "testserviceaccount").is_null());
  const Value patched = strategic(kAccounts + "/testserviceaccount", yaml("{automountServiceAccountToken: false}"));
  CHECK(patched["automountServiceAccountToken"] == Value(false));
  CHECK_FALSE(watching.until("MODIFIED", "testserviceaccount").is_null());
  const Value everywhere = get("/api/v1/serviceaccounts?labelSelector=test-serviceaccount-static=true");
  REQUIRE(names_of(everywhere) == "testserviceaccount ");
  CHECK(everywhere["items"][0]["automountServiceAccountToken"] == Value(false));
  remove(kAccounts + "?labelSelector=test-serviceaccount-static=true");
  CHECK_FALSE(watching.until("DELETED", "testserviceaccount").is_null());
  CHECK(gone(kAccounts + "/testserviceaccount"));
}

TEST_CASE_FIXTURE(Rig, "[sig-auth] ServiceAccounts should update a ServiceAccount [Conformance]") {
  Value made = post(kAccounts, account("e2e-sa"));
  CHECK_FALSE(made.has("automountServiceAccountToken"));
  made.set("automountServiceAccountToken", true);
  CHECK(put(kAccounts + "/e2e-sa", made)["automountServiceAccountToken"] == Value(true));
  CHECK(get(kAccounts + "/e2e-sa")["automountServiceAccountToken"] == Value(true));
}

TEST_CASE_FIXTURE(Rig, "[sig-auth] SubjectReview should support SubjectReview API operations [Conformance]") {
  post(kAccounts, account("e2e"));
  const std::string user = "system:serviceaccount:default:e2e";
  const std::string attributes = "{verb: get, resource: configmaps, namespace: default, version: v1}";
  const auto allowed = [&](const std::string& kind, const std::string& path) {
    Value body =
        yaml("{apiVersion: authorization.k8s.io/v1, kind: " + kind + ", spec: {resourceAttributes: " + attributes +
             ", groups: ['system:authenticated', 'system:serviceaccounts']}}");
    body.ref("spec", "user") = user;
    if (kind == "LocalSubjectAccessReview") body.ref("metadata", "namespace") = "default";
    const Value answer = post("/apis/authorization.k8s.io/v1" + path, body);
    CHECK(answer["kind"] == Value(kind));
    CHECK(answer["status"]["allowed"].is_bool());
    return answer["status"]["allowed"].as_bool();
  };
  post(kDefault + "/configmaps", "{apiVersion: v1, kind: ConfigMap, metadata: {name: seen}}");
  const auto compare = [&](bool expected) {
    const HttpResponse tried = as_user(*this, user, "GET", kDefault + "/configmaps/seen");
    CHECK(tried.status == (expected ? 200 : 403));
    // The account asks for itself, through its impersonation.
    const HttpResponse own = as_user(*this, user, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                                     yaml("{apiVersion: authorization.k8s.io/v1, kind: SelfSubjectAccessReview, spec: "
                                          "{resourceAttributes: " +
                                          attributes + "}}"));
    CHECK(own.status == 201);
    CHECK(own.body.document["status"]["allowed"] == Value(expected));
    CHECK(allowed("SubjectAccessReview", "/subjectaccessreviews") == expected);
    CHECK(allowed("LocalSubjectAccessReview", "/namespaces/default/localsubjectaccessreviews") == expected);
  };
  compare(false);
  const std::string rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/default";
  post(rbac + "/roles",
       "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: reader}, rules: [{apiGroups: [''], "
       "resources: [configmaps], verbs: [get]}]}");
  post(rbac + "/rolebindings",
       "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: reader}, roleRef: {apiGroup: "
       "rbac.authorization.k8s.io, kind: Role, name: reader}, subjects: [{kind: ServiceAccount, name: e2e, namespace: "
       "default}]}");
  compare(true);
}
