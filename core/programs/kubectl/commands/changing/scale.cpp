// kubectl scale and autoscale.
#include "core/base/strings.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/connection/watch.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/generators/generators.h"
#include "core/programs/kubectl/objects/mutation.h"

namespace drydock::kubectl {
namespace {

// Waits until the object's controller has made as many replicas as asked for.
Task<Result<bool>> wait_scaled(Session& session, Target target, std::int64_t replicas, TimePoint deadline) {
  while (true) {
    DRYDOCK_CO_TRY(const Value object, co_await session.get(target.path()));
    const bool observed = object["status"]["observedGeneration"].as_int() >= object["metadata"]["generation"].as_int();
    if (observed && object["status"]["replicas"].as_int() == replicas) co_return true;
    if (session.now() >= deadline) co_return false;
    (void)co_await session.process().sleep(milliseconds(100));
  }
}

}  // namespace

Task<Result<int>> run_scale(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  const std::int64_t replicas = flags.number("replicas");
  const std::int64_t current = flags.number("current-replicas");
  if (replicas < 0)
    co_return Status::plain("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0");
  if (current < -1) co_return Status::plain("The --current-replicas must specify an integer of -1 or greater");
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await select_targets(session, std::move(arguments)));
  if (targets.size() > 1 && !flags.text("resource-version").empty())
    co_return Status::plain("cannot use --resource-version with multiple resources");
  if (targets.empty() && session.errors().empty()) co_return Status::plain("no objects passed to scale");
  for (const Target& target : targets) {
    if (mutation.client_only()) {
      DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, target.object, "scaled"));
      continue;
    }
    Value patch = Value::object({{"spec", Value::object({{"replicas", replicas}})}});
    if (current >= 0 || !flags.text("resource-version").empty()) {
      // A precondition: read, compare, and let the version guard the rest.
      Result<Value> scale = co_await session.get(target.path("scale"));
      if (!scale) {
        session.add_error(scale.error());
        continue;
      }
      const std::int64_t there = (*scale)["spec"]["replicas"].as_int();
      const std::string version = (*scale)["metadata"]["resourceVersion"].str();
      if (current >= 0 && there != current) {
        session.add_error(
            Status::plain("Expected replicas to be " + std::to_string(current) + ", was " + std::to_string(there)));
        continue;
      }
      if (!flags.text("resource-version").empty() && flags.text("resource-version") != version) {
        session.add_error(
            Status::plain("Expected resource version to be " + flags.text("resource-version") + ", was " + version));
        continue;
      }
      patch.ref("metadata", "resourceVersion") = version;
    }
    Result<Value> scaled = co_await mutation.patch(target, std::move(patch), kMergePatch, "scale");
    if (!scaled) {
      session.add_error(scaled.error());
      continue;
    }
    if (flags.duration("timeout") > Duration{0}) {
      DRYDOCK_CO_TRY(const bool reached,
                     co_await wait_scaled(session, target, replicas, session.now() + flags.duration("timeout")));
      if (!reached) {
        session.add_error(Status::plain("timed out waiting for the condition"));
        continue;
      }
    }
    Value shown = target.object;
    if (!mutation.format().name.empty()) shown = *scaled;
    DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, shown, "scaled"));
  }
  co_return 0;
}

Task<Result<int>> run_autoscale(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  const std::int64_t maximum = flags.number("max");
  const std::int64_t minimum = flags.number("min");
  if (maximum < 1)
    co_return Status::plain("--max=MAXPODS is required and must be at least 1, max: " + std::to_string(maximum));
  if (maximum < minimum) {
    co_return Status::plain("--max=MAXPODS must be larger or equal to --min=MINPODS, max: " + std::to_string(maximum) +
                            ", min: " + std::to_string(minimum));
  }
  if (flags.changed("cpu-percent"))
    co_await session.err(
        "Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format (e.g., '70%' "
        "for utilization or '500m' for milliCPU).\n");
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await select_targets(session, std::move(arguments)));
  const ApiResource resource = built_in("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler");
  for (const Target& target : targets) {
    const std::string& kind = target.resource.kind;
    if (kind != "Deployment" && kind != "ReplicaSet" && kind != "StatefulSet" && kind != "ReplicationController") {
      co_return Status::plain("cannot autoscale a " + kind + ": no kind \"Scale\"");
    }
    Value object = new_object(resource, flags.text("name").empty() ? target.name : flags.text("name"));
    Value& spec = object.ref("spec");
    spec.set("scaleTargetRef",
             Value::object({{"apiVersion", target.resource.api_version()}, {"kind", kind}, {"name", target.name}}));
    if (minimum > 0) spec.set("minReplicas", minimum);
    spec.set("maxReplicas", maximum);
    auto add_metric = [&](const char* name, const std::string& wanted) {
      Value goal = Value::object();
      if (const auto percent = parse_int(wanted.ends_with('%') ? wanted.substr(0, wanted.size() - 1) : wanted);
          percent && (wanted.ends_with('%') || std::string_view(name) == "cpu")) {
        goal = Value::object({{"type", "Utilization"}, {"averageUtilization", *percent}});
      } else {
        goal = Value::object({{"type", "AverageValue"}, {"averageValue", wanted}});
      }
      spec.ref("metrics").push_back(
          Value::object({{"type", "Resource"}, {"resource", Value::object({{"name", name}, {"target", goal}})}}));
    };
    if (flags.number("cpu-percent") >= 0) add_metric("cpu", std::to_string(flags.number("cpu-percent")) + "%");
    if (!flags.text("cpu").empty()) add_metric("cpu", flags.text("cpu"));
    if (!flags.text("memory").empty()) add_metric("memory", flags.text("memory"));
    if (session.ns_enforced()) object.ref("metadata", "namespace") = target.ns;
    save_config(session, object);
    Result<Value> created = co_await mutation.create(resource, target.ns, object);
    if (!created) {
      session.add_error(created.error());
      continue;
    }
    DRYDOCK_CO_TRY_VOID(co_await mutation.report(resource, *created, "autoscaled"));
  }
  co_return 0;
}

}  // namespace drydock::kubectl
