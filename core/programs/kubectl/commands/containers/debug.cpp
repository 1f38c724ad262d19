// kubectl debug: an ephemeral container in a pod, a copy of a pod, or a pod on a node.
// https://kubernetes.io/docs/tasks/debug/debug-application/debug-running-pod/
#include "core/base/strings.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/connection/streaming.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/generators/generators.h"
#include "core/programs/kubectl/objects/mutation.h"

namespace drydock::kubectl {
namespace {

constexpr Duration kStartTimeout = seconds(60);

std::string suffix(Session& session) { return session.process().prng().name_suffix(5); }

Value debug_container(Session& session, const std::string& name, const std::vector<std::string>& words) {
  const Flags& flags = session.flags();
  Value container =
      Value::object({{"name", name},
                     {"image", flags.text("image")},
                     {"terminationMessagePolicy", "File"},
                     {"resources", Value::object()},
                     {"imagePullPolicy",
                      flags.text("image-pull-policy").empty() ? "IfNotPresent" : flags.text("image-pull-policy")}});
  if (flags.on("stdin")) container.set("stdin", true);
  if (flags.on("tty")) container.set("tty", true);
  for (const std::string& word : words) container.ref(flags.on("arguments-only") ? "args" : "command").push_back(word);
  for (const std::string& variable : flags.list("env")) {
    const std::size_t equals = variable.find('=');
    if (equals != std::string::npos)
      container.ref("env").push_back(
          Value::object({{"name", variable.substr(0, equals)}, {"value", variable.substr(equals + 1)}}));
  }
  return container;
}

// Attaches once the container runs.
Task<Result<void>> attach_when_running(Session& session, Target pod, std::string container, const char* statuses) {
  const Flags& flags = session.flags();
  const TimePoint deadline = session.now() + kStartTimeout;
  while (true) {
    DRYDOCK_CO_TRY(const Value object, co_await session.get(pod.path()));
    bool running = false;
    for (const Value& status : object["status"][statuses].items()) {
      if (status["name"].as_string() == container)
        running = status["state"]["running"].is_object() || status["state"]["terminated"].is_object();
    }
    if (running) break;
    if (session.now() >= deadline) co_return Status::plain("timed out waiting for the condition");
    (void)co_await session.process().sleep(milliseconds(200));
  }
  StreamOptions options;
  options.stdin_open = flags.on("stdin");
  options.tty = co_await terminal_for(session, flags.on("tty"), flags.on("stdin"));
  if (options.stdin_open && !flags.on("quiet"))
    co_await session.err("If you don't see a command prompt, try pressing enter.\n");
  HttpQuery query;
  query.add("container", container);
  co_return co_await stream_container(session, pod.path("attach"), query, options);
}

bool wants_attach(const Flags& flags) { return flags.changed("attach") ? flags.on("attach") : flags.on("stdin"); }

Task<Result<void>> debug_node(Session& session, Target node, std::vector<std::string> words) {
  DRYDOCK_CO_TRY(const std::string ns, session.ns());
  const ApiResource resource = built_in("", "v1", "pods", "Pod");
  const std::string name = "node-debugger-" + node.name + "-" + suffix(session);
  Value pod = new_object(resource, name);
  Value container = debug_container(session, "debugger", words);
  container.set("volumeMounts", Value::array({Value::object({{"mountPath", "/host"}, {"name", "host-root"}})}));
  pod.set("spec",
          Value::object({{"containers", Value::array({container})},
                         {"hostIPC", true},
                         {"hostNetwork", true},
                         {"hostPID", true},
                         {"nodeName", node.name},
                         {"restartPolicy", "Never"},
                         {"tolerations", Value::array({Value::object({{"operator", "Exists"}})})},
                         {"volumes", Value::array({Value::object(
                                         {{"name", "host-root"}, {"hostPath", Value::object({{"path", "/"}})}})})}}));
  co_await session.out("Creating debugging pod " + name + " with container debugger on node " + node.name + ".\n");
  DRYDOCK_CO_TRY(const Value created, co_await session.call("POST", resource.ref().path(ns), {}, std::move(pod)));
  if (!wants_attach(session.flags())) co_return Result<void>();
  co_return co_await attach_when_running(session, {resource, ns, name, "", created}, "debugger", "containerStatuses");
}

Task<Result<void>> debug_copy(Session& session, Target pod, std::vector<std::string> words) {
  const Flags& flags = session.flags();
  Value copy = Value::object({{"apiVersion", "v1"},
                              {"kind", "Pod"},
                              {"metadata", Value::object({{"name", flags.text("copy-to")}, {"namespace", pod.ns}})},
                              {"spec", pod.object["spec"]}});
  Value& spec = copy.ref("spec");
  for (const char* field : {"nodeName", "ephemeralContainers"}) {
    if (!flags.on("same-node") || std::string_view(field) != "nodeName") spec.erase(field);
  }
  if (flags.on("share-processes")) spec.set("shareProcessNamespace", true);
  if (flags.on("keep-labels") && !pod.object["metadata"]["labels"].empty())
    copy.ref("metadata", "labels") = pod.object["metadata"]["labels"];
  std::string name = flags.text("container");
  for (std::size_t i = 0; i < spec["containers"].size(); ++i) {
    Value& container = spec.ref("containers").mutable_item(i);
    for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"}) container.erase(probe);
    for (const std::string& change : flags.list("set-image")) {
      const std::size_t equals = change.find('=');
      if (equals == std::string::npos) continue;
      if (change.substr(0, equals) == "*" || change.substr(0, equals) == container["name"].as_string())
        container.set("image", change.substr(equals + 1));
    }
    if (container["name"].as_string() != name) continue;
    if (!flags.text("image").empty()) container.set("image", flags.text("image"));
    Value command = Value::array();
    for (const std::string& word : words) command.push_back(word);
    if (!words.empty()) container.set("command", command);
    if (flags.on("stdin")) container.set("stdin", true);
    if (flags.on("tty")) container.set("tty", true);
  }
  if (name.empty() && !flags.text("image").empty()) {
    name = "debugger-" + suffix(session);
    co_await session.err("Defaulting debug container name to " + name + ".\n");
    spec.ref("containers").push_back(debug_container(session, name, words));
  }
  DRYDOCK_CO_TRY(const Value created,
                 co_await session.call("POST", pod.resource.ref().path(pod.ns), {}, std::move(copy)));
  if (flags.on("replace")) {
    DRYDOCK_CO_TRY(const Value deleted, co_await session.call("DELETE", pod.path(), {}, Value()));
    (void)deleted;
  }
  if (!wants_attach(flags)) co_return Result<void>();
  co_return co_await attach_when_running(session, {pod.resource, pod.ns, flags.text("copy-to"), "", created}, name,
                                         "containerStatuses");
}

Task<Result<void>> debug_pod(Session& session, Target pod, std::vector<std::string> words) {
  const Flags& flags = session.flags();
  std::string name = flags.text("container");
  if (name.empty()) {
    name = "debugger-" + suffix(session);
    co_await session.err("Defaulting debug container name to " + name + ".\n");
  }
  Value container = debug_container(session, name, words);
  if (!flags.text("target").empty()) {
    co_await session.out("Targeting container " + go_quote(flags.text("target")) +
                         ". If you don't see processes from this container it may be because the container runtime "
                         "doesn't support this feature.\n");
    container.set("targetContainerName", flags.text("target"));
  }
  Value patch = Value::object();
  patch.ref("spec", "ephemeralContainers").push_back(std::move(container));
  DRYDOCK_CO_TRY(const Value patched, co_await session.call("PATCH", pod.path("ephemeralcontainers"), {},
                                                            std::move(patch), std::string(kStrategicPatch)));
  (void)patched;
  if (!wants_attach(flags)) co_return Result<void>();
  co_return co_await attach_when_running(session, pod, name, "ephemeralContainerStatuses");
}

}  // namespace

Task<Result<int>> run_debug(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  const int dash = flags.dash_at();
  std::vector<std::string> words;
  if (dash >= 0) {
    words.assign(arguments.begin() + dash, arguments.end());
    arguments.resize(static_cast<std::size_t>(dash));
  }
  if (flags.text("image").empty() && flags.text("copy-to").empty() && flags.list("set-image").empty())
    co_return Status::plain("you must specify --image when not using --copy-to.");
  if (arguments.empty()) co_return Status::plain("NAME is required for debug");
  if (flags.on("tty") && !flags.on("stdin"))
    co_return Status::plain("-i/--stdin is required for containers with -t/--tty=true");
  SelectionRules rules;
  rules.default_type = "pods";
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await select_targets(session, arguments, rules));
  for (const Target& target : targets) {
    Result<void> done;
    if (target.resource.kind == "Node")
      done = co_await debug_node(session, target, words);
    else if (target.resource.kind != "Pod")
      done = Status::plain(go_quote(target.resource.plural) + " not supported by debug");
    else if (!flags.text("copy-to").empty())
      done = co_await debug_copy(session, target, words);
    else
      done = co_await debug_pod(session, target, words);
    if (!done) co_return done.error();
  }
  co_return 0;
}

}  // namespace drydock::kubectl
