// Workloads.
#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/quantity.h"
#include "core/machinery/tables/printers.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

// --- workloads ---

Cells deployment_cells(const Object& object, TimePoint now) {
  const Value& status = object.status();
  const Value& pod = object.spec()["template"]["spec"];
  return {object.name(),
          std::to_string(status["readyReplicas"].as_int()) + "/" + std::to_string(object.spec()["replicas"].as_int()),
          status["updatedReplicas"].as_int(),
          status["availableReplicas"].as_int(),
          age(object, now),
          container_field(pod, "name"),
          container_field(pod, "image"),
          selector_text(object.spec()["selector"])};
}

Cells replicas_cells(const Object& object, TimePoint now) {
  const Value& pod = object.spec()["template"]["spec"];
  const bool flat = object.kind() == "ReplicationController";
  return {object.name(),
          object.spec()["replicas"].as_int(),
          object.status()["replicas"].as_int(),
          object.status()["readyReplicas"].as_int(),
          age(object, now),
          container_field(pod, "name"),
          container_field(pod, "image"),
          flat ? label_text(object.spec()["selector"]) : selector_text(object.spec()["selector"])};
}

Cells stateful_cells(const Object& object, TimePoint now) {
  const Value& pod = object.spec()["template"]["spec"];
  return {object.name(),
          std::to_string(object.status()["readyReplicas"].as_int()) + "/" +
              std::to_string(object.spec()["replicas"].as_int()),
          age(object, now), container_field(pod, "name"), container_field(pod, "image")};
}

Cells daemon_cells(const Object& object, TimePoint now) {
  const Value& status = object.status();
  const Value& pod = object.spec()["template"]["spec"];
  return {object.name(),
          status["desiredNumberScheduled"].as_int(),
          status["currentNumberScheduled"].as_int(),
          status["numberReady"].as_int(),
          status["updatedNumberScheduled"].as_int(),
          status["numberAvailable"].as_int(),
          label_text(pod["nodeSelector"]),
          age(object, now),
          container_field(pod, "name"),
          container_field(pod, "image"),
          selector_text(object.spec()["selector"])};
}

Cells job_cells(const Object& job, TimePoint now) {
  const Value& status = job.status();
  const Value& spec = job.spec();
  std::string state = "Running";
  for (const Value& condition : status["conditions"].items()) {
    if (condition["status"].as_string() != "True") continue;
    const std::string_view type = condition["type"].as_string();
    if (type == "Complete" || type == "Failed" || type == "Suspended" || type == "FailureTarget") state = type;
  }
  const std::string completions =
      spec.has("completions")
          ? std::to_string(status["succeeded"].as_int()) + "/" + std::to_string(spec["completions"].as_int())
          : std::to_string(status["succeeded"].as_int()) + "/1 of " + std::to_string(spec["parallelism"].as_int(1));
  std::string duration;
  const auto started = parse_timestamp(status["startTime"].as_string());
  const auto ended = parse_timestamp(status["completionTime"].as_string());
  if (started) duration = human_duration((ended ? *ended : now) - *started);
  const Value& pod = spec["template"]["spec"];
  return {job.name(),
          state,
          completions,
          duration,
          age(job, now),
          container_field(pod, "name"),
          container_field(pod, "image"),
          selector_text(spec["selector"])};
}

Cells cron_cells(const Object& cron, TimePoint now) {
  const Value& spec = cron.spec();
  const Value& last = cron.status()["lastScheduleTime"];
  const Value& pod = spec["jobTemplate"]["spec"]["template"]["spec"];
  return {cron.name(),
          spec["schedule"].str(),
          or_none(spec["timeZone"].str()),
          spec["suspend"].as_bool() ? "True" : "False",
          static_cast<std::int64_t>(cron.status()["active"].size()),
          last.empty() ? std::string("<none>") : age_of(last, now),
          age(cron, now),
          container_field(pod, "name"),
          container_field(pod, "image"),
          selector_text(spec["jobTemplate"]["spec"]["selector"])};
}

}  // namespace

void add_workload_printers(PrinterTable& printers) {
  printers.insert({
      {"deployments",
       {{{"Name"},
         {"Ready"},
         {"Up-to-date", "integer"},
         {"Available", "integer"},
         {"Age"},
         {"Containers", "string", 1},
         {"Images", "string", 1},
         {"Selector", "string", 1}},
        deployment_cells}},
      {"replicasets",
       {{{"Name"},
         {"Desired", "integer"},
         {"Current", "integer"},
         {"Ready", "integer"},
         {"Age"},
         {"Containers", "string", 1},
         {"Images", "string", 1},
         {"Selector", "string", 1}},
        replicas_cells}},
      {"replicationcontrollers",
       {{{"Name"},
         {"Desired", "integer"},
         {"Current", "integer"},
         {"Ready", "integer"},
         {"Age"},
         {"Containers", "string", 1},
         {"Images", "string", 1},
         {"Selector", "string", 1}},
        replicas_cells}},
      {"statefulsets",
       {{{"Name"}, {"Ready"}, {"Age"}, {"Containers", "string", 1}, {"Images", "string", 1}}, stateful_cells}},
      {"daemonsets",
       {{{"Name"},
         {"Desired", "integer"},
         {"Current", "integer"},
         {"Ready", "integer"},
         {"Up-to-date", "integer"},
         {"Available", "integer"},
         {"Node Selector"},
         {"Age"},
         {"Containers", "string", 1},
         {"Images", "string", 1},
         {"Selector", "string", 1}},
        daemon_cells}},
      {"jobs",
       {{{"Name"},
         {"Status"},
         {"Completions"},
         {"Duration"},
         {"Age"},
         {"Containers", "string", 1},
         {"Images", "string", 1},
         {"Selector", "string", 1}},
        job_cells}},
      {"cronjobs",
       {{{"Name"},
         {"Schedule"},
         {"Timezone"},
         {"Suspend", "boolean"},
         {"Active", "integer"},
         {"Last Schedule"},
         {"Age"},
         {"Containers", "string", 1},
         {"Images", "string", 1},
         {"Selector", "string", 1}},
        cron_cells}},
      {"controllerrevisions",
       {{{"Name"}, {"Controller"}, {"Revision", "integer"}, {"Age"}},
        [](const Object& o, TimePoint now) {
          const Value& owner = o.controller_ref();
          const std::string api = owner["apiVersion"].str();
          const std::size_t slash = api.find('/');
          const std::string group = slash == std::string::npos ? "" : "." + api.substr(0, slash);
          return Cells{o.name(),
                       owner.is_null() ? std::string("<none>")
                                       : to_lower(owner["kind"].as_string()) + group + "/" + owner["name"].str(),
                       o.doc()["revision"], age(o, now)};
        }}},
  });
}

}  // namespace drydock
