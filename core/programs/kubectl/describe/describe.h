// kubectl describe: one describer per kind, worded as k8s.io/kubectl/pkg/describe.
// Describers write lines whose cells end at tabs; the text is aligned at the end.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/programs/kubectl/objects/selection.h"

namespace drydock::kubectl {

// Lines with levels of indentation (two spaces each).
class DescribeWriter {
 public:
  void line(int level, std::string_view text) {
    text_.append(static_cast<std::size_t>(level) * 2, ' ');
    text_ += text;
    text_ += '\n';
  }
  // "Title:\tvalue"
  void field(std::string_view title, std::string_view value, int level = 0) {
    text_.append(static_cast<std::size_t>(level) * 2, ' ');
    text_.append(title).append(":\t").append(value) += '\n';
  }
  void raw(std::string_view text) { text_ += text; }
  const std::string& text() const { return text_; }

  // "Labels:\ta=b\n\tc=d"
  void labels(std::string_view title, const Value& labels);
  void annotations(const Value& annotations, std::string_view title = "Annotations");
  void tolerations(std::string_view title, const Value& tolerations);

 private:
  std::string text_;
};

// What describers may ask for.
struct DescribeContext {
  Session& session;
  Target target;
  bool events = true;
};

using Describer = Task<Result<void>> (*)(DescribeContext& context, DescribeWriter& writer);

// The whole description, aligned.
Task<Result<std::string>> describe(Session& session, Target target, bool with_events);

// The events of an object, as the last part of a description.
Task<Result<void>> describe_events(DescribeContext& context, DescribeWriter& writer);
// The pods that a selector finds, for "Pods Status".
Task<Result<std::vector<Value>>> pods_of(Session& session, std::string ns, const Value& selector);
std::string pods_status(const std::vector<Value>& pods, std::string_view owner_uid);

// Parts of pods that workloads show too.
void describe_pod_template(const Value& pod_template, DescribeWriter& writer);
void describe_containers(std::string_view label, const Value& containers, const Value& statuses, const Value& pod,
                         std::string_view space, DescribeWriter& writer);
void describe_volumes(const Value& volumes, std::string_view space, DescribeWriter& writer);
void describe_volume_source(const Value& volume, DescribeWriter& writer);

// --- words ---
std::string long_time(const Value& timestamp);        // "Tue, 24 Nov 2026 09:20:51 +0000"; "" when unset
std::string or_none(std::string text);                // "<none>" when empty
std::string or_unset(const Value& value);             // "<unset>" when absent
std::string selector_text(const Value& selector);     // metav1.FormatLabelSelector
std::string number_text(const Value& value);          // numbers and IntOrStrings
std::string yes_no(bool value, bool capital = true);  // True, False
std::string list_text(const Value& array);            // [a b]
std::string join_texts(const Value& array, std::string_view separator);
std::string controller_text(const Value& object);   // "ReplicaSet/web-1", or ""
std::string access_modes_text(const Value& modes);  // "RWO,ROX"

// --- describers, by file ---
Task<Result<void>> describe_pod(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_deployment(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_replica_set(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_stateful_set(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_daemon_set(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_job(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_cron_job(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_node(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_service(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_endpoints(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_endpoint_slice(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_ingress(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_ingress_class(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_network_policy(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_config_map(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_secret(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_service_account(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_namespace(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_persistent_volume(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_volume_claim(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_storage_class(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_role(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_role_binding(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_quota(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_limit_range(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_autoscaler(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_disruption_budget(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_priority_class(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_certificate_request(DescribeContext& context, DescribeWriter& writer);
Task<Result<void>> describe_generic(DescribeContext& context, DescribeWriter& writer);

}  // namespace drydock::kubectl
