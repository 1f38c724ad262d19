// kubectl exec, attach.
#include "core/base/strings.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/connection/streaming.h"
#include "core/programs/kubectl/errors.h"

namespace drydock::kubectl {

Task<Result<int>> run_exec(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  const int dash = flags.dash_at();
  if (arguments.empty() || dash == 0) {
    if (!has_manifests(session)) co_return Status::plain("pod, type/name or --filename must be specified");
  }
  if (dash < 0 && arguments.size() > 1) {
    co_return session.usage_error("exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead");
  }
  std::vector<std::string> command;
  if (dash >= 0) command.assign(arguments.begin() + dash, arguments.end());
  if (command.empty()) co_return Status::plain("you must specify at least one command for the container");
  arguments.resize(static_cast<std::size_t>(dash));
  DRYDOCK_CO_TRY(const Target pod,
                 co_await pod_for(session, arguments, "pod, type/name or --filename must be specified"));
  const std::string phase = pod.object["status"]["phase"].str();
  if (phase == "Succeeded" || phase == "Failed")
    co_return Status::plain("cannot exec into a container in a completed pod; current phase is " + phase);
  DRYDOCK_CO_TRY(const std::string container,
                 co_await choose_container(session, pod.object, flags.text("container"), flags.on("quiet")));
  StreamOptions options;
  options.stdin_open = flags.on("stdin");
  options.tty = co_await terminal_for(session, flags.on("tty"), flags.on("stdin"));
  HttpQuery query;
  for (const std::string& word : command) query.add("command", word);
  query.add("container", container);
  DRYDOCK_CO_TRY_VOID(co_await stream_container(session, pod.path("exec"), query, options));
  co_return 0;
}

Task<Result<int>> run_attach(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  if (arguments.empty()) co_return Status::plain("at least 1 argument is required for attach");
  if (arguments.size() > 2)
    co_return Status::plain("expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw " +
                            std::to_string(arguments.size()) + ": [" + join(arguments, " ") + "]");
  DRYDOCK_CO_TRY(const Target pod, co_await pod_for(session, arguments, "at least 1 argument is required for attach"));
  const std::string phase = pod.object["status"]["phase"].str();
  if (phase == "Succeeded" || phase == "Failed")
    co_return Status::plain("cannot attach a container in a completed pod; current phase is " + phase);
  DRYDOCK_CO_TRY(const std::string container,
                 co_await choose_container(session, pod.object, flags.text("container"), flags.on("quiet")));
  StreamOptions options;
  options.stdin_open = flags.on("stdin");
  bool wants_tty = flags.on("tty");
  for (const Value& entry : pod.object["spec"]["containers"].items()) {
    if (entry["name"].as_string() == container && wants_tty && !entry["tty"].as_bool()) {
      wants_tty = false;
      if (!flags.on("quiet"))
        co_await session.err("error: Unable to use a TTY - container " + container + " did not allocate one\n");
    }
  }
  options.tty = co_await terminal_for(session, wants_tty, flags.on("stdin"));
  if (!flags.on("quiet") && options.stdin_open) {
    co_await session.err(options.tty ? "All commands and output from this session will be recorded in container logs, "
                                       "including credentials and sensitive information passed through the command "
                                       "prompt.\nIf you don't see a command prompt, try pressing enter.\n"
                                     : "If you don't see a command prompt, try pressing enter.\n");
  }
  HttpQuery query;
  query.add("container", container);
  DRYDOCK_CO_TRY_VOID(co_await stream_container(session, pod.path("attach"), query, options));
  if (options.stdin_open && options.tty && pod.object["spec"]["restartPolicy"].as_string() == "Always") {
    co_await session.err("Session ended, resume using '" + std::string("kubectl attach ") + pod.name + " -c " +
                         container + " -i -t' command when the pod is running\n");
  }
  co_return 0;
}

}  // namespace drydock::kubectl
