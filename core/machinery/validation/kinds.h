// Validation of the built-in kinds, one function a kind or family; validation.cpp
// chooses among them. Each adds what it finds to `errors`, in upstream's order.
#pragma once

#include <set>
#include <string>

#include "core/machinery/object.h"
#include "core/machinery/validation/field_errors.h"

namespace drydock {

// pods.cpp, containers.cpp, volumes.cpp, pod_spec_diff.cpp
void validate_pod_spec(FieldErrors& errors, const Value& spec, const std::string& path);
void validate_pod_template(FieldErrors& errors, const Value& pod_template, const std::string& path);
void validate_containers(FieldErrors& errors, const Value& spec, const std::string& path,
                         const std::set<std::string>& volumes);
void validate_volumes(FieldErrors& errors, const Value& volumes, const std::string& path, std::set<std::string>& names);
void validate_resources(FieldErrors& errors, const Value& resources, const std::string& path);
// Hunks of a unified diff; "" when nothing differs.
std::string pod_spec_diff(const Value& old, const Value& updated);

// workloads.cpp
void validate_workload(FieldErrors& errors, const Object& object);  // Deployment, ReplicaSet, …
void validate_job_spec(FieldErrors& errors, const Value& spec, const std::string& path);
void validate_cron_job(FieldErrors& errors, const Object& object);

// networking.cpp
void validate_service(FieldErrors& errors, const Object& object);
void validate_ingress(FieldErrors& errors, const Object& object);
void validate_network_policy(FieldErrors& errors, const Object& object);

// storage.cpp
void validate_claim_spec(FieldErrors& errors, const Value& spec, const std::string& path);
void validate_persistent_volume(FieldErrors& errors, const Object& object);
void validate_storage_class(FieldErrors& errors, const Object& object);

// configuration.cpp
void validate_config_map(FieldErrors& errors, const Object& object);
void validate_secret(FieldErrors& errors, const Object& object);
void validate_resource_quota(FieldErrors& errors, const Object& object);
void validate_limit_range(FieldErrors& errors, const Object& object);
void validate_node(FieldErrors& errors, const Object& object);

// policy.cpp
void validate_role(FieldErrors& errors, const Object& object);
void validate_role_binding(FieldErrors& errors, const Object& object);
void validate_disruption_budget(FieldErrors& errors, const Object& object);
void validate_priority_class(FieldErrors& errors, const Object& object);
void validate_autoscaler(FieldErrors& errors, const Object& object);

// metadata.cpp
void validate_metadata(FieldErrors& errors, const Object& object);
void validate_labels(FieldErrors& errors, const Value& labels, const std::string& path);
void validate_annotations(FieldErrors& errors, const Value& annotations, const std::string& path);
void validate_label_selector(FieldErrors& errors, const Value& selector, const std::string& path);

}  // namespace drydock
