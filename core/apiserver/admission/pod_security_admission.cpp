// PodSecurity: namespaces' labels say which standard their pods must meet.
// https://kubernetes.io/docs/concepts/security/pod-security-admission/
#include <algorithm>

#include "core/apiserver/admission/admission.h"
#include "core/apiserver/admission/pod_security.h"
#include "core/base/strings.h"

namespace drydock {
namespace {

constexpr std::size_t kMostPodsChecked = 3000;
constexpr std::string_view kAnnotation = "pod-security.kubernetes.io/";

// Where a workload keeps its pods' template; null for what has none.
const Value* pod_template(std::string_view group, std::string_view resource, const Object& object) {
  const bool core = group.empty();
  if (core && resource == "podtemplates") return &object.doc()["template"];
  if (group == "batch" && resource == "cronjobs") return &object.spec()["jobTemplate"]["spec"]["template"];
  const bool has_one = (core && resource == "replicationcontrollers") || (group == "batch" && resource == "jobs") ||
                       (group == "apps" && (resource == "deployments" || resource == "replicasets" ||
                                            resource == "statefulsets" || resource == "daemonsets"));
  return has_one ? &object.spec()["template"] : nullptr;
}

// Does an update change what the standards speak about? Of running pods only images and
// seccomp annotations may change, and containers for debugging may come.
bool significant(const Object& old, const Object& pod) {
  for (const char* list : {"containers", "initContainers", "ephemeralContainers"}) {
    const Value& before = old.spec()[list];
    const Value& after = pod.spec()[list];
    if (before.size() != after.size()) return true;
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (!(before[i]["image"] == after[i]["image"])) return true;
    }
  }
  const auto seccomp = [](const Object& object) {
    Value found = Value::object();
    for (const Value::Member& annotation : object.annotations().members()) {
      if (contains(annotation.key.view(), "seccomp.security.alpha.kubernetes.io/"))
        found.set(annotation.key, annotation.value);
    }
    return found;
  };
  return !(seccomp(old) == seccomp(pod));
}

// Pods that a namespace's new level would refuse; one line for all with the same faults.
void warn_of_pods(const AdmissionCall& call, const std::string& ns, const PodSecurityLevel& level) {
  struct Group {
    std::string first;
    int count = 0;
  };
  std::map<std::string, Group> groups;
  const ObjectView::Objects& pods = call.objects.all("", "pods");
  std::size_t all = 0;
  for (auto at = pods.lower_bound({ns, ""}); at != pods.end() && at->first.ns == ns; ++at) {
    if (++all > kMostPodsChecked) continue;
    const PodSecurityVerdict verdict = check_pod_security(level, at->second.metadata(), at->second.spec());
    if (verdict.allowed()) continue;
    Group& group = groups[join(verdict.reasons, ", ")];
    if (group.count++ == 0) group.first = at->first.name;
  }
  if (all > kMostPodsChecked) {
    call.warnings.push_back("new PodSecurity enforce level only checked against the first " +
                            std::to_string(kMostPodsChecked) + " of " + std::to_string(all) + " existing pods");
  }
  if (groups.empty()) return;
  call.warnings.push_back("existing pods in namespace " + go_quote(ns) + " violate the new PodSecurity enforce level " +
                          go_quote(level.str()));
  std::vector<std::string> lines;
  for (const auto& [reasons, group] : groups) {
    std::string line = group.first;
    if (group.count == 2) line += " (and 1 other pod)";
    if (group.count > 2) line += " (and " + std::to_string(group.count - 1) + " other pods)";
    lines.push_back(line + ": " + reasons);
  }
  std::sort(lines.begin(), lines.end());
  call.warnings.insert(call.warnings.end(), lines.begin(), lines.end());
}

Result<void> admit_namespace(const AdmissionCall& call, const Object& old, const Object& updated) {
  PodSecurityPolicy policy = pod_security_policy(updated.labels());
  if (!old) {
    if (policy.causes.empty()) return {};
    return Status::invalid("", "Namespace", updated.name(), std::move(policy.causes));
  }
  if (old.labels() == updated.labels()) return {};
  const PodSecurityPolicy before = pod_security_policy(old.labels());
  if (!policy.causes.empty()) {
    Status refusal = Status::invalid("", "Namespace", updated.name(), std::move(policy.causes));
    std::vector<StatusCause> known = before.causes;
    if (known.empty() || Status::invalid("", "Namespace", updated.name(), std::move(known)).message != refusal.message)
      return refusal;
  }
  const bool relaxed = policy.enforce.minor == before.enforce.minor && policy.enforce.level <= before.enforce.level;
  if (relaxed || policy.enforce.level == PodSecurityLevel::kPrivileged) return {};
  warn_of_pods(call, std::string(updated.name()), policy.enforce);
  return {};
}

std::string violation(const PodSecurityLevel& level, const PodSecurityVerdict& verdict) {
  return "violate PodSecurity " + go_quote(level.str()) + ": " + join(verdict.details, ", ");
}

}  // namespace

Result<void> admit_pod_security(const AdmissionCall& call, const Object& old, const Object& updated) {
  if (!updated) return {};
  const std::string& resource = call.info.resource;
  const std::string& subresource = call.info.subresource;
  if (resource == "namespaces" && call.info.group.empty())
    return subresource.empty() ? admit_namespace(call, old, updated) : Result<void>();
  const bool pod = resource == "pods" && call.info.group.empty();
  if (pod && !subresource.empty() && subresource != "ephemeralcontainers" && subresource != "resize") return {};
  const Value* of_workload = pod ? nullptr : pod_template(call.info.group, resource, updated);
  if (!pod && (of_workload == nullptr || !subresource.empty() || of_workload->is_null())) return {};

  const ObjectView::Objects& namespaces = call.objects.all("", "namespaces");
  const auto ns = namespaces.find({"", call.info.ns});
  if (ns == namespaces.end()) return {};
  // Most namespaces ask for nothing.
  const Value& labels = ns->second.labels();
  const bool asks = std::ranges::any_of(
      labels.members(), [](const Value::Member& label) { return label.key.view().starts_with(kAnnotation); });
  if (!asks || (pod && old && !significant(old, updated))) return {};
  const PodSecurityPolicy policy = pod_security_policy(labels);
  const Value& metadata = pod ? updated.metadata() : (*of_workload)["metadata"];
  const Value& spec = pod ? updated.spec() : (*of_workload)["spec"];
  if (!policy.causes.empty()) {
    call.annotations[std::string(kAnnotation) + "error"] =
        "Failed to parse policy: " + policy.causes[0].field + ": " + policy.causes[0].message;
  }
  if (pod) {
    call.annotations[std::string(kAnnotation) + "enforce-policy"] = policy.enforce.str();
    const PodSecurityVerdict verdict = check_pod_security(policy.enforce, metadata, spec);
    if (!verdict.allowed())
      return admission_forbidden(
          call, updated, "violates PodSecurity " + go_quote(policy.enforce.str()) + ": " + join(verdict.details, ", "));
  }
  const PodSecurityVerdict audit = check_pod_security(policy.audit, metadata, spec);
  if (!audit.allowed())
    call.annotations[std::string(kAnnotation) + "audit-violations"] = "would " + violation(policy.audit, audit);
  const PodSecurityVerdict warn = check_pod_security(policy.warn, metadata, spec);
  if (!warn.allowed()) call.warnings.push_back("would " + violation(policy.warn, warn));
  return {};
}

}  // namespace drydock
