// kubectl create deployment, job, cronjob.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/kubectl/connection/session.h"
#include "core/programs/kubectl/generators/generators.h"

namespace drydock::kubectl {
namespace {

const ApiResource kDeployment = built_in("apps", "v1", "deployments", "Deployment");
const ApiResource kJob = built_in("batch", "v1", "jobs", "Job");
const ApiResource kCronJob = built_in("batch", "v1", "cronjobs", "CronJob");

// "gcr.io/x/my_app:v1" names its container "my-app".
std::string container_name(const std::string& image) {
  std::string name = image.substr(image.rfind('/') + 1);
  name = name.substr(0, name.find_first_of(":@"));
  std::string clean;
  for (char c : to_lower(name)) clean += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
  while (!clean.empty() && clean.front() == '-') clean.erase(0, 1);
  while (!clean.empty() && clean.back() == '-') clean.pop_back();
  return clean.substr(0, 63);
}

Value texts(const std::vector<std::string>& items, std::size_t from) {
  Value array = Value::array();
  for (std::size_t i = from; i < items.size(); ++i) array.push_back(items[i]);
  return array;
}

Value container(const std::string& name, const std::string& image, const Value& command) {
  Value result = Value::object({{"name", name}, {"image", image}, {"resources", Value::object()}});
  if (!command.empty()) result.set("command", command);
  return result;
}

Result<Generated> deployment(Session& session, const std::string& name, const Value& command) {
  const Flags& flags = session.flags();
  const std::vector<std::string>& images = flags.list("image");
  if (images.size() > 1 && !command.empty())
    return Status::plain("cannot specify multiple --image options and command");
  if (flags.number("replicas") < 0) return Status::plain("replicas must be >= 0");
  Value object = new_object(kDeployment, name);
  const Value labels = Value::object({{"app", name}});
  object.ref("metadata", "labels") = labels;
  Value& spec = object.ref("spec");
  spec.set("replicas", flags.number("replicas"));
  spec.ref("selector", "matchLabels") = labels;
  spec.set("strategy", Value::object());
  spec.ref("template", "metadata", "labels") = labels;
  Value containers = Value::array();
  for (const std::string& image : images) containers.push_back(container(container_name(image), image, command));
  if (flags.number("port") >= 0) {
    if (flags.number("port") > 65535) return Status::plain("invalid port number");
    containers.mutable_item(0).set("ports", Value::array({Value::object({{"containerPort", flags.number("port")}})}));
    containers.mutable_item(0).set("resources", Value::object());
  }
  spec.ref("template", "spec", "containers") = std::move(containers);
  object.set("status", Value::object());
  return Generated{std::move(object), kDeployment, "failed to create deployment: "};
}

Value job_spec(const std::string& name, const std::string& image, const Value& command, const std::string& restart) {
  Value spec = Value::object();
  spec.ref("template", "spec", "containers").push_back(container(name, image, command));
  spec.ref("template", "spec", "restartPolicy") = restart;
  spec.ref("template").set("metadata", Value::object());
  return spec;
}

}  // namespace

Result<Generated> generate_workload(Session& session, const std::string& kind,
                                    const std::vector<std::string>& arguments) {
  const std::string& name = arguments[0];
  const int dash = session.flags().dash_at();
  if ((dash < 0 && arguments.size() > 1) || dash > 1) {
    return session.usage_error("exactly one NAME is required, got " +
                               std::to_string(dash > 1 ? dash : static_cast<int>(arguments.size())));
  }
  const Value command = texts(arguments, 1);
  if (kind == "deployment") return deployment(session, name, command);
  const Flags& flags = session.flags();
  Value object = new_object(kCronJob, name);
  const std::string restart = flags.text("restart").empty() ? "OnFailure" : flags.text("restart");
  object.ref("spec", "schedule") = flags.text("schedule");
  object.ref("spec", "jobTemplate", "metadata", "name") = name;
  object.ref("spec", "jobTemplate", "spec") = job_spec(name, flags.text("image"), command, restart);
  object.set("status", Value::object());
  return Generated{std::move(object), kCronJob, "failed to create cronjob: "};
}

Task<Result<Generated>> generate_job(Session& session, std::vector<std::string> arguments) {
  const Flags& flags = session.flags();
  const std::string name = arguments[0];
  const std::string image = flags.text("image");
  const std::string from = flags.text("from");
  const Value command = texts(arguments, 1);
  if (image.empty() == from.empty()) co_return Status::plain("either --image or --from must be specified");
  if (!command.empty() && image.empty()) co_return Status::plain("cannot specify --from and command");
  Value object = new_object(kJob, name);
  if (!image.empty()) {
    object.set("spec", job_spec(name, image, command, "Never"));
    object.set("status", Value::object());
    co_return Generated{std::move(object), kJob, "failed to create job: "};
  }
  const std::vector<std::string> parts = split(from, '/');
  DRYDOCK_CO_TRY(const ApiResource source, co_await session.resource(parts[0]));
  if (parts.size() != 2) co_return Status::plain("from must be an existing cronjob");
  if (source.kind != "CronJob") co_return Status::plain("from must be an existing cronjob");
  DRYDOCK_CO_TRY(const std::string ns, session.ns());
  DRYDOCK_CO_TRY(const Value cron_job, co_await session.get(source.ref().path(ns, parts[1])));
  const Value& pattern = cron_job["spec"]["jobTemplate"];
  object.ref("metadata", "annotations") = pattern["metadata"]["annotations"];
  object.ref("metadata", "annotations", "cronjob.kubernetes.io/instantiate") = "manual";
  if (!pattern["metadata"]["labels"].empty()) object.ref("metadata", "labels") = pattern["metadata"]["labels"];
  object.ref("metadata", "ownerReferences")
      .push_back(Value::object({{"apiVersion", "batch/v1"},
                                {"kind", "CronJob"},
                                {"name", cron_job["metadata"]["name"]},
                                {"uid", cron_job["metadata"]["uid"]},
                                {"controller", true}}));
  object.set("spec", pattern["spec"]);
  object.set("status", Value::object());
  co_return Generated{std::move(object), kJob, "failed to create job: "};
}

}  // namespace drydock::kubectl
