#include "core/apiserver/pod_parts.h"

#include <algorithm>
#include <set>

#include "core/base/strings.h"
#include "core/machinery/defaults.h"
#include "core/machinery/pod_resources.h"
#include "core/machinery/validation/field_errors.h"
#include "core/machinery/validation/names.h"

namespace drydock {
namespace {

// https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/
void check_ephemeral(const Object& old, const Value& pod, FieldErrors& errors) {
  const std::string path = "spec.ephemeralContainers";
  const Value& fresh = pod["spec"]["ephemeralContainers"];
  std::set<std::string> names;
  std::set<std::string> targets;
  for (const char* list : {"containers", "initContainers"}) {
    for (const Value& container : pod["spec"][list].items()) {
      names.insert(container["name"].str());
      if (std::string_view(list) == "containers") targets.insert(container["name"].str());
    }
  }
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    const std::string here = at(path, i);
    const std::string name = fresh[i]["name"].str();
    if (name.empty())
      errors.required(here + ".name");
    else if (const Problems problems = dns_label_problems(name); !problems.empty())
      errors.invalid_for(here + ".name", name, problems);
    else if (!names.insert(name).second)
      errors.duplicate(here + ".name", name);
    if (fresh[i]["image"].empty()) errors.required(here + ".image");
    const std::string target = fresh[i]["targetContainerName"].str();
    if (!target.empty() && !targets.contains(target)) errors.not_found(here + ".targetContainerName", target);
    for (const char* field : {"ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "resources"}) {
      if (!fresh[i][field].empty()) errors.forbidden(here + "." + field, "cannot be set for an Ephemeral Container");
    }
  }
  for (const Value& before : old.spec()["ephemeralContainers"].items()) {
    const auto list = fresh.items();
    const auto same = std::find_if(list.begin(), list.end(),
                                   [&](const Value& container) { return container["name"] == before["name"]; });
    if (same == list.end())
      errors.forbidden(
          path, "existing ephemeral containers " + go_quote(before["name"].as_string()) + " may not be removed\n");
    else if (!(*same == before))
      errors.forbidden(
          path, "existing ephemeral containers " + go_quote(before["name"].as_string()) + " may not be changed\n");
  }
}

// https://kubernetes.io/docs/tasks/configure-pod-container/resize-container-resources/
Value resized(const Object& old, const Value& document) {
  Value pod = old.doc();
  for (const char* list : {"containers", "initContainers"}) {
    const Value& wanted = document["spec"][list];
    for (std::size_t i = 0; i < pod["spec"][list].size(); ++i) {
      if (!(wanted[i]["name"] == pod["spec"][list][i]["name"])) continue;
      for (const char* field : {"resources", "resizePolicy"}) {
        if (wanted[i].has(field)) pod.ref("spec", list).mutable_item(i).set(field, wanted[i][field]);
      }
    }
  }
  return pod;
}

void check_resize(const Object& old, const Value& pod, FieldErrors& errors) {
  const std::string quality = qos_class(pod["spec"]);
  if (quality != old.status()["qosClass"].as_string())
    errors.invalid("spec", quality, "Pod QOS Class may not change as a result of resizing");
  for (const char* list : {"containers", "initContainers"}) {
    for (std::size_t i = 0; i < pod["spec"][list].size(); ++i) {
      for (const char* kind : {"requests", "limits"}) {
        const std::string here = at(std::string("spec.") + list, i) + ".resources." + kind;
        const Value& before = old.spec()[list][i]["resources"][kind];
        const Value& after = pod["spec"][list][i]["resources"][kind];
        for (const Value::Member& amount : after.members()) {
          const std::string_view name = amount.key.view();
          if (!(before[name] == amount.value) && name != "cpu" && name != "memory")
            errors.forbidden("spec", "only cpu and memory resources are mutable");
        }
        for (const Value::Member& amount : before.members()) {
          if (!after.has(amount.key.view()))
            errors.forbidden(here, std::string("resource ") + kind + " cannot be removed");
        }
      }
    }
  }
}

}  // namespace

Result<Object> shape_pod_part(const Object& old, const Value& document, const std::string& part) {
  FieldErrors errors;
  Value pod;
  if (part == "resize") {
    pod = resized(old, document);
    apply_defaults(pod);
    check_resize(old, pod, errors);
  } else {
    pod = old.doc();
    const Value& list = document["spec"]["ephemeralContainers"];
    if (!list.empty())
      pod.ref("spec").set("ephemeralContainers", list);
    else
      pod.ref("spec").erase("ephemeralContainers");
    apply_defaults(pod);
    check_ephemeral(old, pod, errors);
  }
  if (!errors.causes.empty()) return Status::invalid("", "Pod", old.name(), std::move(errors.causes));
  if (!(pod["spec"] == old.spec())) pod.ref("metadata").set("generation", old.generation() + 1);
  return Object(std::move(pod));
}

Result<void> check_log_options(const HttpQuery& query, const std::string& pod) {
  FieldErrors errors;
  const auto number = [&](const char* name) { return query.has(name) ? parse_int(query.get(name)) : std::nullopt; };
  if (const auto tail = number("tailLines"); tail && *tail < 0)
    errors.invalid("tailLines", *tail, "must be greater than or equal to 0");
  if (const auto limit = number("limitBytes"); limit && *limit < 1)
    errors.invalid("limitBytes", *limit, "must be greater than 0");
  if (query.has("sinceSeconds") && query.has("sinceTime")) {
    errors.forbidden("", "at most one of `sinceTime` or `sinceSeconds` may be specified");
  } else if (const auto since = number("sinceSeconds"); since && *since < 1) {
    errors.invalid("sinceSeconds", *since, "must be greater than 0");
  }
  if (const std::string stream(query.get("stream")); !stream.empty()) {
    if (stream != "All" && stream != "Stdout" && stream != "Stderr")
      errors.unsupported("stream", stream, {"All", "Stderr", "Stdout"});
    else if (stream != "All" && query.has("tailLines"))
      errors.forbidden("", "`tailLines` and specific `stream` are mutually exclusive for now");
  }
  if (errors.causes.empty()) return {};
  return Status::invalid("", "PodLogOptions", pod, std::move(errors.causes));
}

}  // namespace drydock
