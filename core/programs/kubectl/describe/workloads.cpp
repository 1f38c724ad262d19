// Deployments, ReplicaSets, ReplicationControllers, StatefulSets, DaemonSets, Jobs, CronJobs.
#include "core/base/strings.h"
#include "core/machinery/timestamp.h"
#include "core/programs/kubectl/describe/describe.h"

namespace drydock::kubectl {
namespace {

constexpr std::string_view kRevision = "deployment.kubernetes.io/revision";

void write_conditions(const Value& conditions, DescribeWriter& writer) {
  if (conditions.empty()) return;
  writer.line(0, "Conditions:");
  writer.line(1, "Type\tStatus\tReason");
  writer.line(1, "----\t------\t------");
  for (const Value& condition : conditions.items())
    writer.line(1, condition["type"].str() + " \t" + condition["status"].str() + "\t" + condition["reason"].str());
}

Task<Result<void>> write_pods_status(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  Result<std::vector<Value>> pods = co_await pods_of(context.session, context.target.ns, object["spec"]["selector"]);
  writer.field("Pods Status", pods ? pods_status(*pods, object["metadata"]["uid"].as_string())
                                   : "error in fetching pods: " + pods.error().message);
  co_return Result<void>();
}

std::string replica_sets_text(const std::vector<Value>& sets) {
  std::vector<std::string> texts;
  for (const Value& set : sets) {
    texts.push_back(set["metadata"]["name"].str() + " (" + number_text(set["status"]["replicas"]) + "/" +
                    number_text(set["spec"]["replicas"]) + " replicas created)");
  }
  return or_none(join(texts, ", "));
}

}  // namespace

Task<Result<void>> describe_deployment(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  const Value& spec = object["spec"];
  const Value& status = object["status"];
  writer.field("Name", context.target.name);
  writer.field("Namespace", context.target.ns);
  writer.field("CreationTimestamp", long_time(object["metadata"]["creationTimestamp"]));
  writer.labels("Labels", object["metadata"]["labels"]);
  writer.annotations(object["metadata"]["annotations"]);
  writer.field("Selector", selector_text(spec["selector"]));
  writer.field("Replicas", number_text(spec["replicas"]) + " desired | " + number_text(status["updatedReplicas"]) +
                               " updated | " + number_text(status["replicas"]) + " total | " +
                               number_text(status["availableReplicas"]) + " available | " +
                               number_text(status["unavailableReplicas"]) + " unavailable");
  writer.field("StrategyType", spec["strategy"]["type"].as_string());
  writer.field("MinReadySeconds", number_text(spec["minReadySeconds"]));
  if (const Value& rolling = spec["strategy"]["rollingUpdate"]; rolling.is_object()) {
    writer.field("RollingUpdateStrategy", number_text(rolling["maxUnavailable"]) + " max unavailable, " +
                                              number_text(rolling["maxSurge"]) + " max surge");
  }
  describe_pod_template(spec["template"], writer);
  write_conditions(status["conditions"], writer);
  HttpQuery query;
  query.add("labelSelector", selector_text(spec["selector"]));
  DRYDOCK_CO_TRY(const std::vector<Value> sets,
                 co_await list_all(context.session, resources::kReplicaSets.path(context.target.ns), query));
  std::vector<Value> old_sets;
  std::vector<Value> new_sets;
  const std::string revision = object["metadata"]["annotations"][kRevision].str();
  for (const Value& set : sets) {
    bool owned = false;
    for (const Value& reference : set["metadata"]["ownerReferences"].items())
      owned = owned || reference["uid"] == object["metadata"]["uid"];
    if (!owned) continue;
    const bool newest = set["metadata"]["annotations"][kRevision].as_string() == revision;
    (newest ? new_sets : old_sets).push_back(set);
  }
  writer.field("OldReplicaSets", replica_sets_text(old_sets));
  writer.field("NewReplicaSet", replica_sets_text(new_sets));
  co_return co_await describe_events(context, writer);
}

Task<Result<void>> describe_replica_set(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  writer.field("Name", context.target.name);
  writer.field("Namespace", context.target.ns);
  writer.field("Selector", selector_text(object["spec"]["selector"]));
  writer.labels("Labels", object["metadata"]["labels"]);
  writer.annotations(object["metadata"]["annotations"]);
  if (const std::string owner = controller_text(object); !owner.empty()) writer.field("Controlled By", owner);
  writer.field("Replicas", number_text(object["status"]["replicas"]) + " current / " +
                               number_text(object["spec"]["replicas"]) + " desired");
  DRYDOCK_CO_TRY_VOID(co_await write_pods_status(context, writer));
  describe_pod_template(object["spec"]["template"], writer);
  write_conditions(object["status"]["conditions"], writer);
  co_return co_await describe_events(context, writer);
}

Task<Result<void>> describe_stateful_set(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  const Value& spec = object["spec"];
  writer.field("Name", context.target.name);
  writer.field("Namespace", context.target.ns);
  writer.field("CreationTimestamp", long_time(object["metadata"]["creationTimestamp"]));
  writer.field("Selector", selector_text(spec["selector"]));
  writer.labels("Labels", object["metadata"]["labels"]);
  writer.annotations(object["metadata"]["annotations"]);
  writer.field("Replicas",
               number_text(spec["replicas"]) + " desired | " + number_text(object["status"]["replicas"]) + " total");
  writer.field("Update Strategy", spec["updateStrategy"]["type"].as_string());
  if (const Value& rolling = spec["updateStrategy"]["rollingUpdate"]; rolling.has("partition"))
    writer.field("Partition", number_text(rolling["partition"]), 1);
  DRYDOCK_CO_TRY_VOID(co_await write_pods_status(context, writer));
  describe_pod_template(spec["template"], writer);
  if (spec["volumeClaimTemplates"].empty()) {
    writer.field("Volume Claims", "<none>");
  } else {
    writer.line(0, "Volume Claims:");
    for (const Value& claim : spec["volumeClaimTemplates"].items()) {
      writer.field("Name", claim["metadata"]["name"].as_string(), 1);
      writer.field("StorageClass", claim["spec"]["storageClassName"].as_string(), 1);
      writer.labels("  Labels", claim["metadata"]["labels"]);
      writer.annotations(claim["metadata"]["annotations"], "  Annotations");
      writer.field("Capacity",
                   claim["spec"]["resources"]["requests"]["storage"].empty()
                       ? "<default>"
                       : claim["spec"]["resources"]["requests"]["storage"].as_string(),
                   1);
      writer.field("Access Modes", list_text(claim["spec"]["accessModes"]), 1);
    }
  }
  co_return co_await describe_events(context, writer);
}

Task<Result<void>> describe_daemon_set(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  const Value& status = object["status"];
  writer.field("Name", context.target.name);
  writer.field("Namespace", context.target.ns);
  writer.field("Selector", selector_text(object["spec"]["selector"]));
  writer.field("Node-Selector", selector_text(object["spec"]["template"]["spec"]["nodeSelector"]));
  writer.labels("Labels", object["metadata"]["labels"]);
  writer.annotations(object["metadata"]["annotations"]);
  writer.line(0, "Desired Number of Nodes Scheduled: " + number_text(status["desiredNumberScheduled"]));
  writer.line(0, "Current Number of Nodes Scheduled: " + number_text(status["currentNumberScheduled"]));
  writer.line(0, "Number of Nodes Scheduled with Up-to-date Pods: " + number_text(status["updatedNumberScheduled"]));
  writer.line(0, "Number of Nodes Scheduled with Available Pods: " + number_text(status["numberAvailable"]));
  writer.line(0, "Number of Nodes Misscheduled: " + number_text(status["numberMisscheduled"]));
  DRYDOCK_CO_TRY_VOID(co_await write_pods_status(context, writer));
  describe_pod_template(object["spec"]["template"], writer);
  co_return co_await describe_events(context, writer);
}

Task<Result<void>> describe_job(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  const Value& spec = object["spec"];
  const Value& status = object["status"];
  writer.field("Name", context.target.name);
  writer.field("Namespace", context.target.ns);
  if (spec["selector"].is_object()) writer.field("Selector", selector_text(spec["selector"]));
  writer.labels("Labels", object["metadata"]["labels"]);
  writer.annotations(object["metadata"]["annotations"]);
  if (const std::string owner = controller_text(object); !owner.empty()) writer.field("Controlled By", owner);
  if (spec.has("parallelism")) writer.field("Parallelism", number_text(spec["parallelism"]));
  writer.field("Completions", or_unset(spec["completions"]));
  if (!spec["completionMode"].empty()) writer.field("Completion Mode", spec["completionMode"].as_string());
  if (spec.has("suspend")) writer.field("Suspend", yes_no(spec["suspend"].as_bool(), false));
  if (spec.has("backoffLimit")) writer.field("Backoff Limit", number_text(spec["backoffLimit"]));
  if (spec.has("ttlSecondsAfterFinished"))
    writer.field("TTL Seconds After Finished", number_text(spec["ttlSecondsAfterFinished"]));
  if (!status["startTime"].empty()) writer.field("Start Time", long_time(status["startTime"]));
  if (!status["completionTime"].empty()) writer.field("Completed At", long_time(status["completionTime"]));
  const auto start = parse_timestamp(status["startTime"].as_string());
  const auto end = parse_timestamp(status["completionTime"].as_string());
  if (start && end) writer.field("Duration", human_duration(*end - *start));
  if (spec.has("activeDeadlineSeconds"))
    writer.field("Active Deadline Seconds", number_text(spec["activeDeadlineSeconds"]) + "s");
  const std::string ready = status.has("ready") ? " (" + number_text(status["ready"]) + " Ready)" : "";
  writer.field("Pods Statuses", number_text(status["active"]) + " Active" + ready + " / " +
                                    number_text(status["succeeded"]) + " Succeeded / " + number_text(status["failed"]) +
                                    " Failed");
  if (spec["completionMode"].as_string() == "Indexed")
    writer.field("Completed Indexes", or_none(status["completedIndexes"].str()));
  describe_pod_template(spec["template"], writer);
  co_return co_await describe_events(context, writer);
}

Task<Result<void>> describe_cron_job(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  const Value& spec = object["spec"];
  const Value& job = spec["jobTemplate"]["spec"];
  writer.field("Name", context.target.name);
  writer.field("Namespace", context.target.ns);
  writer.labels("Labels", object["metadata"]["labels"]);
  writer.annotations(object["metadata"]["annotations"]);
  writer.field("Schedule", spec["schedule"].as_string());
  writer.field("Time Zone", or_unset(spec["timeZone"]));
  writer.field("Concurrency Policy", spec["concurrencyPolicy"].as_string());
  writer.field("Suspend", spec.has("suspend") ? yes_no(spec["suspend"].as_bool()) : "<unset>");
  writer.field("Successful Job History Limit", or_unset(spec["successfulJobsHistoryLimit"]));
  writer.field("Failed Job History Limit", or_unset(spec["failedJobsHistoryLimit"]));
  writer.field("Starting Deadline Seconds",
               spec.has("startingDeadlineSeconds") ? number_text(spec["startingDeadlineSeconds"]) + "s" : "<unset>");
  writer.field("Selector", job["selector"].is_object() ? selector_text(job["selector"]) : "<unset>");
  writer.field("Parallelism", or_unset(job["parallelism"]));
  writer.field("Completions", or_unset(job["completions"]));
  if (job.has("activeDeadlineSeconds"))
    writer.field("Active Deadline Seconds", number_text(job["activeDeadlineSeconds"]) + "s");
  describe_pod_template(job["template"], writer);
  writer.field("Last Schedule Time", object["status"]["lastScheduleTime"].empty()
                                         ? "<unset>"
                                         : long_time(object["status"]["lastScheduleTime"]));
  std::vector<std::string> active;
  for (const Value& reference : object["status"]["active"].items()) active.push_back(reference["name"].str());
  writer.field("Active Jobs", or_none(join(active, ", ")));
  co_return co_await describe_events(context, writer);
}

}  // namespace drydock::kubectl
