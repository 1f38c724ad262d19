// Workloads: what makes pods from a template.
#include "core/base/strings.h"
#include "core/machinery/selectors.h"
#include "core/machinery/validation/kinds.h"
#include "core/machinery/validation/names.h"

namespace drydock {
namespace {

void int_or_percent(FieldErrors& errors, const Value& value, const std::string& field) {
  if (value.is_int() && value.as_int() < 0) errors.invalid(field, value, "must be greater than or equal to 0");
  if (!value.is_string()) return;
  const std::string text = value.str();
  if (!text.ends_with('%') || !parse_int(text.substr(0, text.size() - 1))) {
    errors.invalid(field, value,
                   "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', "
                   "regex used for validation is '[0-9]+%')");
  } else if (*parse_int(text.substr(0, text.size() - 1)) > 100) {
    errors.invalid(field, value, "must not be greater than 100%");
  }
}

bool is_zero(const Value& value) { return value.is_string() ? value.as_string() == "0%" : value.as_int() == 0; }

void rolling_update(FieldErrors& errors, const Value& rolling, const std::string& path) {
  int_or_percent(errors, rolling["maxUnavailable"], path + ".maxUnavailable");
  int_or_percent(errors, rolling["maxSurge"], path + ".maxSurge");
  if (is_zero(rolling["maxUnavailable"]) && is_zero(rolling["maxSurge"]))
    errors.invalid(path + ".maxUnavailable", rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0");
}

void deployment_strategy(FieldErrors& errors, const Value& strategy) {
  const std::string_view type = strategy["type"].as_string();
  if (type == "Recreate") {
    if (strategy["rollingUpdate"].is_object())
      errors.forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
  } else if (type == "RollingUpdate") {
    rolling_update(errors, strategy["rollingUpdate"], "spec.strategy.rollingUpdate");
  } else {
    errors.unsupported("spec.strategy.type", strategy["type"], {"Recreate", "RollingUpdate"});
  }
}

void stateful_strategy(FieldErrors& errors, const Value& spec) {
  const Value& policy = spec["podManagementPolicy"];
  if (policy.as_string() != "OrderedReady" && policy.as_string() != "Parallel")
    errors.invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'");
  const std::string_view type = spec["updateStrategy"]["type"].as_string();
  if (type == "RollingUpdate")
    errors.non_negative(spec["updateStrategy"]["rollingUpdate"], "partition", "spec.updateStrategy.rollingUpdate");
  else if (type != "OnDelete")
    errors.invalid("spec.updateStrategy", spec["updateStrategy"], "must be 'RollingUpdate' or 'OnDelete'");
}

void daemon_strategy(FieldErrors& errors, const Value& strategy) {
  const std::string_view type = strategy["type"].as_string();
  if (type == "RollingUpdate")
    rolling_update(errors, strategy["rollingUpdate"], "spec.updateStrategy.rollingUpdate");
  else if (type != "OnDelete")
    errors.unsupported("spec.updateStrategy.type", strategy["type"], {"RollingUpdate", "OnDelete"});
}

void selector_and_template(FieldErrors& errors, const Object& object) {
  const Value& spec = object.spec();
  const Value& selector = spec["selector"];
  const bool flat = object.kind() == "ReplicationController";
  if (flat) {
    if (selector.empty()) errors.required("spec.selector");
  } else if (selector.is_null()) {
    errors.required("spec.selector");
  } else {
    validate_label_selector(errors, selector, "spec.selector");
    if (selector["matchLabels"].empty() && selector["matchExpressions"].empty()) {
      static constexpr std::pair<std::string_view, std::string_view> kWords[] = {{"Deployment", "deployment"},
                                                                                 {"ReplicaSet", "replicaset"},
                                                                                 {"DaemonSet", "daemonset"},
                                                                                 {"StatefulSet", "statefulset"}};
      for (const auto& [kind, word] : kWords) {
        if (kind == object.kind())
          errors.invalid("spec.selector", selector, "empty selector is invalid for " + std::string(word));
      }
    }
  }
  const Value& labels = spec["template"]["metadata"]["labels"];
  const Result<LabelSelector> parsed =
      flat ? Result<LabelSelector>(LabelSelector::from_labels(selector)) : LabelSelector::from_document(selector);
  // No selector at all selects nothing, so no label matches it.
  if (parsed && (selector.is_null() || !parsed->empty()) && !parsed->matches(labels))
    errors.invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
  validate_pod_template(errors, spec["template"], "spec.template");
  const Value& restart = spec["template"]["spec"]["restartPolicy"];
  if (restart.as_string() != "Always") errors.unsupported("spec.template.spec.restartPolicy", restart, {"Always"});
  if (spec["template"]["spec"]["activeDeadlineSeconds"].is_int()) {
    errors.forbidden("spec.template.spec.activeDeadlineSeconds",
                     "activeDeadlineSeconds in " +
                         std::string(object.kind() == "Deployment" ? "ReplicaSet" : object.kind()) +
                         " is not Supported");
  }
}

std::string zone_problem(std::string_view zone) {
  if (zone.empty()) return "timeZone must be nil or non-empty string";
  if (to_lower(zone) == "local")
    return "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
  return "";
}

}  // namespace

void validate_workload(FieldErrors& errors, const Object& object) {
  const Value& spec = object.spec();
  const std::string_view kind = object.kind();
  if (kind == "StatefulSet") stateful_strategy(errors, spec);
  errors.non_negative(spec, "replicas", "spec");
  if (kind != "DaemonSet") errors.non_negative(spec, "minReadySeconds", "spec");
  selector_and_template(errors, object);
  if (kind == "DaemonSet") {
    errors.non_negative(spec, "minReadySeconds", "spec");
    daemon_strategy(errors, spec["updateStrategy"]);
  }
  if (kind == "Deployment") deployment_strategy(errors, spec["strategy"]);
  errors.non_negative(spec, "revisionHistoryLimit", "spec");
  const Value& deadline = spec["progressDeadlineSeconds"];
  if (kind == "Deployment" && deadline.is_int()) {
    errors.non_negative(spec, "progressDeadlineSeconds", "spec");
    if (deadline.as_int() <= spec["minReadySeconds"].as_int())
      errors.invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
  }
}

void validate_job_spec(FieldErrors& errors, const Value& spec, const std::string& path) {
  for (const char* field : {"parallelism", "completions", "activeDeadlineSeconds", "backoffLimit",
                            "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"})
    errors.non_negative(spec, field, path);
  const Value& mode = spec["completionMode"];
  if (!mode.is_null()) {
    if (mode.as_string() != "NonIndexed" && mode.as_string() != "Indexed")
      errors.unsupported(path + ".completionMode", mode, {"Indexed", "NonIndexed"});
    if (mode.as_string() == "Indexed" && !spec.has("completions"))
      errors.required(path + ".completions", "when completion mode is Indexed");
  }
  validate_pod_template(errors, spec["template"], path + ".template");
  const Value& restart = spec["template"]["spec"]["restartPolicy"];
  const std::string field = path + ".template.spec.restartPolicy";
  if (restart.as_string() == "Always" || restart.empty())
    errors.required(field, "valid values: \"OnFailure\", \"Never\"");
  else if (restart.as_string() != "OnFailure" && restart.as_string() != "Never")
    errors.unsupported(field, restart, {"OnFailure", "Never"});
}

void validate_cron_job(FieldErrors& errors, const Object& object) {
  const Value& spec = object.spec();
  if (object.name().size() > 52) errors.invalid("metadata.name", object.name(), "must be no more than 52 characters");
  const std::string schedule = spec["schedule"].str();
  if (schedule.empty()) {
    errors.required("spec.schedule");
  } else if (contains(schedule, "TZ=")) {
    errors.invalid("spec.schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
  } else if (!schedule.starts_with('@')) {
    const std::vector<std::string> fields = split_whitespace(schedule);
    if (fields.size() != 5) {
      errors.invalid(
          "spec.schedule", schedule,
          "expected exactly 5 fields, found " + std::to_string(fields.size()) + ": [" + join(fields, " ") + "]");
    }
  }
  if (spec.has("timeZone")) {
    const std::string problem = zone_problem(spec["timeZone"].as_string());
    if (!problem.empty()) errors.invalid("spec.timeZone", spec["timeZone"], problem);
  }
  errors.non_negative(spec, "startingDeadlineSeconds", "spec");
  errors.supported(spec, "concurrencyPolicy", "spec", {"Allow", "Forbid", "Replace"});
  validate_job_spec(errors, spec["jobTemplate"]["spec"], "spec.jobTemplate.spec");
  errors.non_negative(spec, "successfulJobsHistoryLimit", "spec");
  errors.non_negative(spec, "failedJobsHistoryLimit", "spec");
}

}  // namespace drydock
