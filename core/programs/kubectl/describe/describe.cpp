#include "core/programs/kubectl/describe/describe.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/selectors.h"
#include "core/machinery/timestamp.h"
#include "core/programs/kubectl/objects/mutation.h"
#include "core/programs/kubectl/printers/tab_writer.h"

namespace drydock::kubectl {
namespace {

constexpr std::size_t kMaxAnnotation = 140;

struct Row {
  std::string_view group;
  std::string_view kind;
  Describer describe;
};
constexpr Row kDescribers[] = {
    {"", "Pod", describe_pod},
    {"", "ReplicationController", describe_replica_set},
    {"", "Node", describe_node},
    {"", "Service", describe_service},
    {"", "Endpoints", describe_endpoints},
    {"", "ConfigMap", describe_config_map},
    {"", "Secret", describe_secret},
    {"", "ServiceAccount", describe_service_account},
    {"", "Namespace", describe_namespace},
    {"", "PersistentVolume", describe_persistent_volume},
    {"", "PersistentVolumeClaim", describe_volume_claim},
    {"", "ResourceQuota", describe_quota},
    {"", "LimitRange", describe_limit_range},
    {"apps", "Deployment", describe_deployment},
    {"apps", "ReplicaSet", describe_replica_set},
    {"apps", "StatefulSet", describe_stateful_set},
    {"apps", "DaemonSet", describe_daemon_set},
    {"batch", "Job", describe_job},
    {"batch", "CronJob", describe_cron_job},
    {"autoscaling", "HorizontalPodAutoscaler", describe_autoscaler},
    {"policy", "PodDisruptionBudget", describe_disruption_budget},
    {"discovery.k8s.io", "EndpointSlice", describe_endpoint_slice},
    {"networking.k8s.io", "Ingress", describe_ingress},
    {"networking.k8s.io", "IngressClass", describe_ingress_class},
    {"networking.k8s.io", "NetworkPolicy", describe_network_policy},
    {"storage.k8s.io", "StorageClass", describe_storage_class},
    {"scheduling.k8s.io", "PriorityClass", describe_priority_class},
    {"certificates.k8s.io", "CertificateSigningRequest", describe_certificate_request},
    {"rbac.authorization.k8s.io", "Role", describe_role},
    {"rbac.authorization.k8s.io", "ClusterRole", describe_role},
    {"rbac.authorization.k8s.io", "RoleBinding", describe_role_binding},
    {"rbac.authorization.k8s.io", "ClusterRoleBinding", describe_role_binding},
};

// Go's RFC1123Z: "Tue, 24 Nov 2026 09:20:51 +0000".
std::string rfc1123(TimePoint when) {
  static constexpr const char* kDays[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};  // the epoch was a Thursday
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string text = format_timestamp(when);
  const auto days = std::chrono::floor<std::chrono::days>(when).time_since_epoch().count();
  const auto month = parse_int(text.substr(5, 2)).value_or(1) - 1;
  return std::string(kDays[((days % 7) + 7) % 7]) + ", " + text.substr(8, 2) + " " + kMonths[month] + " " +
         text.substr(0, 4) + " " + text.substr(11, 8) + " +0000";
}

std::string since(const Value& timestamp, TimePoint now) {
  const auto when = parse_timestamp(timestamp.as_string());
  return when ? human_duration(now - *when) : "<unknown>";
}

// Upstream sorts by this field alone; what has none comes first.
TimePoint event_time(const Value& event) {
  return parse_timestamp(event["lastTimestamp"].as_string()).value_or(TimePoint{});
}

}  // namespace

void DescribeWriter::labels(std::string_view title, const Value& labels) {
  text_.append(title).append(":\t");
  if (labels.empty()) text_ += "<none>\n";
  bool first = true;
  for (const auto& [key, value] : labels.members()) {
    if (!std::exchange(first, false)) text_ += '\t';
    text_ += key.str() + "=" + value.str() + "\n";
  }
}

void DescribeWriter::annotations(const Value& annotations, std::string_view title) {
  text_.append(title).append(":\t");
  bool first = true;
  for (const auto& [key, value] : annotations.members()) {
    if (key.view() == kLastApplied) continue;
    if (!std::exchange(first, false)) text_ += '\t';
    std::string content = value.str();
    if (content.ends_with('\n')) content.pop_back();
    if (content.size() + key.view().size() + 2 <= kMaxAnnotation && !contains(content, "\n")) {
      text_ += key.str() + ": " + content + "\n";
      continue;
    }
    text_ += key.str() + ":\n";
    for (const std::string& piece : split(content, '\n')) {
      const bool cut = piece.size() > kMaxAnnotation - 2;
      text_ += "\t  " + (cut ? piece.substr(0, kMaxAnnotation - 2) + "..." : piece) + "\n";
    }
  }
  if (first) text_ += "<none>\n";
}

void DescribeWriter::tolerations(std::string_view title, const Value& tolerations) {
  text_.append(title).append(":\t");
  if (tolerations.empty()) text_ += "<none>\n";
  std::vector<Value> sorted(tolerations.items().begin(), tolerations.items().end());
  std::sort(sorted.begin(), sorted.end(), [](const Value& a, const Value& b) {
    const int order = a["key"].as_string().compare(b["key"].as_string());
    return order != 0 ? order < 0 : a["effect"].as_string() < b["effect"].as_string();
  });
  bool first = true;
  for (const Value& toleration : sorted) {
    if (!std::exchange(first, false)) text_ += '\t';
    const std::string key = toleration["key"].str();
    const std::string effect = toleration["effect"].str();
    text_ += key;
    if (!toleration["value"].empty()) text_ += "=" + toleration["value"].str();
    if (!effect.empty()) text_ += ":" + effect;
    if (toleration["operator"].as_string() == "Exists" && toleration["value"].empty())
      text_ += key.empty() && effect.empty() ? "op=Exists" : " op=Exists";
    if (toleration.has("tolerationSeconds")) text_ += " for " + number_text(toleration["tolerationSeconds"]) + "s";
    text_ += '\n';
  }
}

Task<Result<void>> describe_events(DescribeContext& context, DescribeWriter& writer) {
  if (!context.events) co_return Result<void>();
  const Value& metadata = context.target.object["metadata"];
  HttpQuery query;
  std::string selector = "involvedObject.name=" + context.target.name;
  if (context.target.resource.namespaced) selector += ",involvedObject.namespace=" + context.target.ns;
  // Some components name a node by its name where its uid belongs.
  if (context.target.resource.kind == "Node")
    selector += ",involvedObject.kind=Node";
  else
    selector += ",involvedObject.uid=" + metadata["uid"].str();
  query.add("fieldSelector", selector);
  Result<std::vector<Value>> found =
      co_await list_all(context.session, resources::kEvents.path(context.target.ns), query);
  std::vector<Value> events = found ? *std::move(found) : std::vector<Value>();
  if (events.empty()) {
    writer.field("Events", "<none>");
    co_return Result<void>();
  }
  std::vector<std::pair<TimePoint, std::size_t>> order;
  for (const Value& event : events) order.emplace_back(event_time(event), order.size());
  std::sort(order.begin(), order.end());
  writer.line(0, "Events:");
  writer.line(1, "Type\tReason\tAge\tFrom\tMessage");
  writer.line(1, "----\t------\t----\t----\t-------");
  const TimePoint now = context.session.now();
  for (const auto& [when, at] : order) {
    const Value& event = events[at];
    const std::string first =
        since(event["firstTimestamp"].empty() ? event["eventTime"] : event["firstTimestamp"], now);
    std::string age = first;
    if (event["series"].is_object()) {
      age = since(event["series"]["lastObservedTime"], now) + " (x" + number_text(event["series"]["count"]) + " over " +
            first + ")";
    } else if (event["count"].as_int() > 1) {
      age = since(event["lastTimestamp"], now) + " (x" + number_text(event["count"]) + " over " + first + ")";
    }
    const std::string from =
        event["source"]["component"].empty() ? event["reportingComponent"].str() : event["source"]["component"].str();
    // Which container it is about stands in front.
    const std::string place = event["involvedObject"]["fieldPath"].str();
    writer.line(1, event["type"].str() + "\t" + event["reason"].str() + "\t" + age + "\t" + from + "\t" +
                       (place.empty() ? "" : place + ": ") + std::string(trim(event["message"].as_string())));
  }
  co_return Result<void>();
}

Task<Result<std::string>> describe(Session& session, Target target, bool with_events) {
  Describer describer = describe_generic;
  for (const Row& row : kDescribers) {
    if (row.kind == target.resource.kind && row.group == target.resource.group) describer = row.describe;
  }
  DescribeContext context{session, std::move(target), with_events};
  DescribeWriter writer;
  DRYDOCK_CO_TRY_VOID(co_await describer(context, writer));
  co_return align_tabs(writer.text(), kDescribeTabs);
}

Task<Result<std::vector<Value>>> pods_of(Session& session, std::string ns, const Value& selector) {
  // ReplicationControllers hold a plain map of labels.
  const bool plain = !selector.has("matchLabels") && !selector.has("matchExpressions");
  LabelSelector wanted = LabelSelector::from_labels(selector);
  if (!plain) {
    DRYDOCK_CO_TRY(wanted, LabelSelector::from_document(selector));
  }
  HttpQuery query;
  query.add("labelSelector", wanted.str());
  co_return co_await list_all(session, resources::kPods.path(ns), query);
}

std::string pods_status(const std::vector<Value>& pods, std::string_view owner_uid) {
  int running = 0, waiting = 0, succeeded = 0, failed = 0;
  for (const Value& pod : pods) {
    bool owned = false;
    for (const Value& reference : pod["metadata"]["ownerReferences"].items()) {
      owned = owned || (reference["controller"].as_bool() && reference["uid"].as_string() == owner_uid);
    }
    if (!owned) continue;
    const std::string_view phase = pod["status"]["phase"].as_string();
    (phase == "Running" ? running : phase == "Pending" ? waiting : phase == "Succeeded" ? succeeded : failed)++;
  }
  return format("%d Running / %d Waiting / %d Succeeded / %d Failed", running, waiting, succeeded, failed);
}

std::string long_time(const Value& timestamp) {
  const auto when = parse_timestamp(timestamp.as_string());
  return when ? rfc1123(*when) : "";
}
std::string or_none(std::string text) { return text.empty() ? "<none>" : text; }
std::string or_unset(const Value& value) { return value.is_null() ? "<unset>" : number_text(value); }
std::string number_text(const Value& value) {
  return value.is_string() ? value.str() : value.is_null() ? "0" : dump_json(value);
}
std::string yes_no(bool value, bool capital) {
  return value ? (capital ? "True" : "true") : (capital ? "False" : "false");
}

std::string join_texts(const Value& array, std::string_view separator) {
  std::vector<std::string> texts;
  for (const Value& item : array.items()) texts.push_back(item.str());
  return join(texts, separator);
}
std::string list_text(const Value& array) { return "[" + join_texts(array, " ") + "]"; }

std::string selector_text(const Value& selector) {
  if (selector.is_null()) return "<none>";
  const bool plain = !selector.has("matchLabels") && !selector.has("matchExpressions");
  if (plain) return or_none(LabelSelector::from_labels(selector).str());
  Result<LabelSelector> parsed = LabelSelector::from_document(selector);
  return parsed ? or_none(parsed->str()) : "<error>";
}

std::string controller_text(const Value& object) {
  for (const Value& reference : object["metadata"]["ownerReferences"].items()) {
    if (reference["controller"].as_bool()) return reference["kind"].str() + "/" + reference["name"].str();
  }
  return "";
}

std::string access_modes_text(const Value& modes) {
  std::vector<std::string> texts;
  for (const Value& mode : modes.items()) {
    const std::string_view name = mode.as_string();
    texts.push_back(name == "ReadWriteOnce"   ? "RWO"
                    : name == "ReadOnlyMany"  ? "ROX"
                    : name == "ReadWriteMany" ? "RWX"
                                              : "RWOP");
  }
  return join(texts, ",");
}

}  // namespace drydock::kubectl
