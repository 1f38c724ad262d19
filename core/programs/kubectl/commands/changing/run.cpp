// kubectl run.
#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/patch.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/connection/streaming.h"
#include "core/programs/kubectl/connection/watch.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/generators/generators.h"
#include "core/programs/kubectl/objects/deletion.h"
#include "core/programs/kubectl/objects/mutation.h"
#include "core/runtime/image_registry.h"

namespace drydock::kubectl {
namespace {

const ApiResource kPod = built_in("", "v1", "pods", "Pod");
const ApiResource kService = built_in("", "v1", "services", "Service");

Result<Value> pod_from_flags(Session& session, const Arguments& arguments) {
  const Flags& flags = session.flags();
  const std::string& name = arguments[0];
  Value pod = new_object(kPod, name);
  DRYDOCK_TRY(const Value labels, parse_pairs(flags.text("labels"), "label"));
  pod.ref("metadata", "labels") = labels.empty() ? Value::object({{"run", name}}) : labels;
  for (const std::string& annotation : flags.list("annotations")) {
    const std::size_t equals = annotation.find('=');
    if (equals == std::string::npos) return Status::plain("invalid annotation format: " + annotation);
    pod.ref("metadata", "annotations", annotation.substr(0, equals)) = annotation.substr(equals + 1);
  }
  Value container = Value::object({{"name", name}, {"image", flags.text("image")}, {"resources", Value::object()}});
  for (std::size_t i = 1; i < arguments.size(); ++i)
    container.ref(flags.on("command") ? "command" : "args").push_back(arguments[i]);
  for (const std::string& variable : flags.list("env")) {
    const std::size_t equals = variable.find('=');
    if (equals == std::string::npos || equals == 0) return Status::plain("invalid env: " + variable);
    container.ref("env").push_back(
        Value::object({{"name", variable.substr(0, equals)}, {"value", variable.substr(equals + 1)}}));
  }
  if (!flags.text("port").empty()) {
    const auto port = parse_int(flags.text("port"));
    if (!port) return Status::plain("strconv.Atoi: parsing " + go_quote(flags.text("port")) + ": invalid syntax");
    container.ref("ports").push_back(Value::object({{"containerPort", *port}}));
  }
  if (!flags.text("image-pull-policy").empty()) container.set("imagePullPolicy", flags.text("image-pull-policy"));
  if (flags.on("stdin")) {
    container.set("stdin", true);
    if (!flags.on("leave-stdin-open")) container.set("stdinOnce", true);
  }
  if (flags.on("tty")) container.set("tty", true);
  if (flags.on("privileged")) container.ref("securityContext", "privileged") = true;
  pod.ref("spec", "containers").push_back(std::move(container));
  pod.ref("spec", "dnsPolicy") = "ClusterFirst";
  pod.ref("spec", "restartPolicy") = flags.text("restart");
  pod.set("status", Value::object());
  if (flags.text("overrides").empty()) return pod;
  DRYDOCK_TRY(const Value overrides, parse_json(flags.text("overrides")));
  if (flags.text("override-type") == "strategic") return apply_strategic_merge_patch(pod, overrides);
  if (flags.text("override-type") == "json") return apply_json_patch(pod, overrides);
  return apply_merge_patch(pod, overrides);
}

Value service_for(const Value& pod, const std::string& name, std::int64_t port) {
  Value service = new_object(kService, name);
  service.ref("spec", "ports") =
      Value::array({Value::object({{"port", port}, {"protocol", "TCP"}, {"targetPort", port}})});
  service.ref("spec", "selector") = pod["metadata"]["labels"];
  service.ref("status", "loadBalancer") = Value::object();
  return service;
}

// Waits until the pod runs or has ended; the pod as it is then.
Task<Result<Value>> wait_running(Session& session, Target target, bool ended, std::optional<TimePoint> deadline) {
  while (true) {
    DRYDOCK_CO_TRY(const Value pod, co_await session.get(target.path()));
    auto reached = [&](const Value& object) {
      const std::string_view phase = object["status"]["phase"].as_string();
      return phase == "Succeeded" || phase == "Failed" || (!ended && phase == "Running");
    };
    if (reached(pod)) co_return pod;
    HttpQuery query;
    query.add("fieldSelector", "metadata.name=" + target.name);
    query.add("resourceVersion", pod["metadata"]["resourceVersion"].str());
    DRYDOCK_CO_TRY(ChangeStream changes,
                   co_await ChangeStream::open(session, target.resource.ref().path(target.ns), query));
    while (true) {
      const std::optional<Change> change = co_await changes.next(deadline);
      if (deadline && session.now() >= *deadline) co_return Status::plain("timed out waiting for the condition");
      if (!change || change->type == "ERROR") break;
      if (change->type == "DELETED") co_return Status::not_found("", "pods", target.name);
      if (reached(change->object)) co_return change->object;
    }
  }
}

Result<void> final_state(const Value& pod) {
  const std::string phase = pod["status"]["phase"].str();
  const Value& ended = pod["status"]["containerStatuses"][0]["state"]["terminated"];
  if (phase != "Failed") return {};
  const std::int64_t code = ended["exitCode"].as_int();
  if (code != 0)
    return exit_code(static_cast<int>(code), "pod " + pod["metadata"]["namespace"].str() + "/" +
                                                 pod["metadata"]["name"].str() + " terminated (" +
                                                 ended["reason"].str() + ")");
  return Status::plain("pod " + pod["metadata"]["namespace"].str() + "/" + pod["metadata"]["name"].str() +
                       " failed with unknown exit code");
}

Task<Result<void>> print_logs(Session& session, Target target, std::string container) {
  HttpRequest request;
  request.path = target.path("log");
  request.query.add("container", container);
  DRYDOCK_CO_TRY(HttpResponse response, co_await session.send(std::move(request)));
  co_await session.out(response.body.text());
  while (response.stream) {
    const std::optional<StreamMessage> message = co_await response.stream->receive();
    if (!message) break;
    co_await session.out(message->bytes);
  }
  co_return Result<void>();
}

Task<Result<void>> attach_to(Session& session, Target target) {
  const Flags& flags = session.flags();
  const std::optional<TimePoint> deadline = session.now() + flags.duration("pod-running-timeout");
  DRYDOCK_CO_TRY(const Value pod, co_await wait_running(session, target, false, deadline));
  const std::string container = pod["spec"]["containers"][0]["name"].str();
  const std::string_view phase = pod["status"]["phase"].as_string();
  if (phase == "Succeeded" || phase == "Failed") co_return co_await print_logs(session, target, container);
  StreamOptions options;
  options.stdin_open = flags.on("stdin");
  options.tty = co_await terminal_for(session, flags.on("tty"), flags.on("stdin"));
  if (options.stdin_open && !flags.on("quiet")) {
    co_await session.err(options.tty ? "All commands and output from this session will be recorded in container logs, "
                                       "including credentials and sensitive information passed through the command "
                                       "prompt.\nIf you don't see a command prompt, try pressing enter.\n"
                                     : "If you don't see a command prompt, try pressing enter.\n");
  }
  HttpQuery query;
  query.add("container", container);
  Result<void> streamed = co_await stream_container(session, target.path("attach"), query, options);
  if (streamed || exit_code_of(streamed.error()) != 1) co_return streamed;
  // The pod may have ended before the attach got there.
  co_await session.err("warning: couldn't attach to pod/" + target.name +
                       ", falling back to streaming logs: " + streamed.error().message + "\n");
  co_return co_await print_logs(session, target, container);
}

Task<Result<void>> run_attached(Session& session, Target target) {
  const Flags& flags = session.flags();
  DRYDOCK_CO_TRY_VOID(co_await attach_to(session, target));
  if (const std::string why = image_reference_error(flags.text("image")); !why.empty())
    co_return Status::plain("Invalid image name " + go_quote(flags.text("image")) + ": " + why);
  const std::string restart = flags.text("restart");
  if (restart == "Always") {
    if (flags.on("stdin") && !flags.on("rm") && !flags.on("quiet")) {
      const std::string shell_flags = flags.on("tty") ? " -i -t" : " -i";
      co_await session.out("Session ended, resume using 'kubectl attach " + target.name + " -c " + target.name +
                           shell_flags + "' command when the pod is running\n");
    }
    co_return Result<void>();
  }
  DRYDOCK_CO_TRY(const Value pod, co_await wait_running(session, target, true, std::nullopt));
  co_return final_state(pod);
}

}  // namespace

Task<Result<int>> run_run(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  const int dash = flags.dash_at();
  if (arguments.empty() || dash == 0) co_return session.usage_error("NAME is required for run");
  if (flags.text("image").empty()) co_return Status::plain("--image is required");
  if (const std::string why = image_reference_error(flags.text("image")); !why.empty())
    co_return Status::plain("Invalid image name " + go_quote(flags.text("image")) + ": " + why);
  const std::string restart = flags.text("restart");
  if (restart != "Always" && restart != "OnFailure" && restart != "Never")
    co_return session.usage_error("invalid restart policy: " + restart);
  const bool attach = flags.changed("attach") ? flags.on("attach") : flags.on("stdin");
  if (flags.on("tty") && !flags.on("stdin"))
    co_return session.usage_error("-i/--stdin is required for containers with -t/--tty=true");
  if (flags.on("expose") && flags.text("port").empty())
    co_return session.usage_error("--port must be set when exposing a service");
  if (flags.on("rm") && !attach) co_return session.usage_error("--rm should only be used for attached containers");
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  if (attach && mutation.dry_run() != DryRun::kNone)
    co_return session.usage_error(
        "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)");
  DRYDOCK_CO_TRY(const std::string ns, session.ns());
  DRYDOCK_CO_TRY(Value pod, pod_from_flags(session, arguments));
  if (session.ns_enforced()) pod.ref("metadata", "namespace") = ns;
  save_config(session, pod);
  if (flags.on("expose")) {
    Value service = service_for(pod, arguments[0], parse_int(flags.text("port")).value_or(0));
    if (session.ns_enforced()) service.ref("metadata", "namespace") = ns;
    DRYDOCK_CO_TRY(const Value created, co_await mutation.create(kService, ns, service));
    DRYDOCK_CO_TRY_VOID(co_await mutation.report(kService, created, "created"));
  }
  DRYDOCK_CO_TRY(const Value created, co_await mutation.create(kPod, ns, pod));
  if (!attach) {
    DRYDOCK_CO_TRY_VOID(co_await mutation.report(kPod, created, "created"));
    co_return 0;
  }
  const Target target{kPod, ns, created["metadata"]["name"].str(), "", created};
  Result<void> result = co_await run_attached(session, target);
  if (flags.on("rm")) {
    DeletionOptions options;
    options.cascade = "background";
    Result<std::string> deleted = co_await delete_target(session, target, options);
    if (deleted && !flags.on("quiet"))
      co_await session.out("pod " + go_quote(target.name) + " deleted from " + ns + " namespace\n");
    if (!deleted && !deleted.error().is_not_found() && result) co_return deleted.error();
  }
  if (!result) co_return result.error();
  co_return 0;
}

}  // namespace drydock::kubectl
