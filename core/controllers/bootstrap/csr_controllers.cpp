#include "core/controllers/bootstrap/csr_controllers.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/controllers/shared/conditions.h"
#include "core/machinery/timestamp.h"

namespace drydock::controllers {
namespace {

constexpr const char* kKubeletClientSigner = "kubernetes.io/kube-apiserver-client-kubelet";
const ResourceRef kSubjectAccessReviews{"authorization.k8s.io", "v1", "subjectaccessreviews"};

bool is_kubelet_client_request(const Object& csr, const CsrSubject& subject) {
  if (csr.spec()["signerName"].as_string() != kKubeletClientSigner || subject.has_alternative_names) return false;
  if (subject.organizations != std::vector<std::string>{"system:nodes"} ||
      !subject.common_name.starts_with("system:node:"))
    return false;
  return std::ranges::all_of(csr.spec()["usages"].items(), [](const Value& usage) {
    const std::string_view text = usage.as_string();
    return text == "key encipherment" || text == "digital signature" || text == "client auth";
  });
}

bool is_decided(const Object& csr) {
  return condition_is_true(csr.status(), "Approved") || condition_is_true(csr.status(), "Denied");
}

}  // namespace

CsrApprover::CsrApprover(ControllerContext& context, CsrReader reader)
    : KeyedController(context, "csrapproving", 1),
      csrs_(context.informers.get(resources::kCertificateSigningRequests)),
      reader_(std::move(reader)) {
  enqueue_changes_of(csrs_);
}

Task<Result<bool>> CsrApprover::may(Object csr, std::string subresource) {
  Value attributes = Value::object({{"group", "certificates.k8s.io"},
                                    {"resource", "certificatesigningrequests"},
                                    {"verb", "create"},
                                    {"version", "*"},
                                    {"subresource", subresource}});
  Value spec = Value::object({{"user", csr.spec()["username"]}, {"resourceAttributes", attributes}});
  for (const char* field : {"uid", "groups", "extra"}) {
    if (const Value& value = csr.spec()[field]; !value.empty()) spec.set(field, value);
  }
  Object review(
      Value::object({{"apiVersion", "authorization.k8s.io/v1"}, {"kind", "SubjectAccessReview"}, {"spec", spec}}));
  DRYDOCK_CO_TRY(Object answer, co_await context_.client.create(kSubjectAccessReviews, std::move(review)));
  co_return answer.status()["allowed"].as_bool();
}

Task<Result<void>> CsrApprover::reconcile(ObjectKey key) {
  const Object csr = csrs_.get(key);
  if (!csr || is_decided(csr) || !csr.status()["certificate"].empty()) co_return Result<void>();
  const std::optional<CsrSubject> subject = reader_(base64_decode(csr.spec()["request"].as_string()).value_or(""));
  if (!subject || !is_kubelet_client_request(csr, *subject)) co_return Result<void>();
  struct Recognizer {
    const char* subresource;
    const char* message;
    bool applies;
  };
  const bool is_own = csr.spec()["username"].as_string() == subject->common_name;
  const Recognizer recognizers[] = {
      {"selfnodeclient", "Auto approving self kubelet client certificate after SubjectAccessReview.", is_own},
      {"nodeclient", "Auto approving kubelet client certificate after SubjectAccessReview.", true},
  };
  for (const Recognizer& recognizer : recognizers) {
    if (!recognizer.applies) continue;
    DRYDOCK_CO_TRY(bool allowed, co_await may(csr, recognizer.subresource));
    if (!allowed) continue;
    Object approved = csr;
    set_condition(approved.mutable_doc().ref("status"), {"Approved", "True", "AutoApproved", recognizer.message},
                  context_.now(), true);
    DRYDOCK_CO_TRY_VOID(
        co_await context_.client.update(resources::kCertificateSigningRequests, std::move(approved), "approval"));
    co_return Result<void>();
  }
  co_return Result<void>();
}

CsrSigner::CsrSigner(ControllerContext& context, CsrSigningFunction sign)
    : KeyedController(context, "csrsigning", 1),
      csrs_(context.informers.get(resources::kCertificateSigningRequests)),
      sign_(std::move(sign)) {
  enqueue_changes_of(csrs_);
}

Task<Result<void>> CsrSigner::reconcile(ObjectKey key) {
  const Object csr = csrs_.get(key);
  if (!csr || !condition_is_true(csr.status(), "Approved") || condition_is_true(csr.status(), "Denied") ||
      condition_is_true(csr.status(), "Failed") || !csr.status()["certificate"].empty()) {
    co_return Result<void>();
  }
  if (!csr.spec()["signerName"].as_string().starts_with("kubernetes.io/")) co_return Result<void>();
  CsrSigningJob job{.request_pem = base64_decode(csr.spec()["request"].as_string()).value_or(""),
                    .signer_name = csr.spec()["signerName"].str(),
                    .usages = {},
                    .expiration_seconds = csr.spec()["expirationSeconds"].as_int()};
  for (const Value& usage : csr.spec()["usages"].items()) job.usages.push_back(usage.str());
  Result<std::string> certificate = sign_(job);
  Object next = csr;
  if (certificate) {
    next.mutable_doc().ref("status").set("certificate", base64_encode(*certificate));
  } else {
    set_condition(next.mutable_doc().ref("status"),
                  {"Failed", "True", "SignerValidationFailure", certificate.error().message}, context_.now(), true);
  }
  DRYDOCK_CO_TRY_VOID(co_await context_.client.update_status(resources::kCertificateSigningRequests, std::move(next)));
  co_return Result<void>();
}

}  // namespace drydock::controllers
