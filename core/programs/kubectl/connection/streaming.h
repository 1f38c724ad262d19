// Talking to a container's process: exec, attach, run -it, debug -it, cp.
// One upgraded request with channels (v5.channel.k8s.io).
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/programs/kubectl/objects/selection.h"

namespace drydock::kubectl {

struct StreamOptions {
  bool stdin_open = false;
  bool tty = false;
  // Where standard output goes instead of this process' own (cp).
  std::function<void(std::string_view)> capture;
  // What is sent as standard input instead of this process' own.
  std::string input;
  bool has_input = false;
};

// Sends the request and passes streams through until the far end closes. The
// error is the server's, or exit_code() when the process did not end with 0.
Task<Result<void>> stream_container(Session& session, std::string path, HttpQuery query, StreamOptions options);

// The container a command means: the one named, the annotated default, or the
// first, with "Defaulted container …" on standard error.
Task<Result<std::string>> choose_container(Session& session, Value pod, std::string wanted, bool quiet = false);

// The pod that "pod/x", "x" or "deploy/x" stands for; waits for one to exist and run.
Task<Result<Target>> pod_for(Session& session, std::vector<std::string> arguments, std::string usage);

// Does the user have a terminal for -t? Prints kubectl's complaint when not.
Task<bool> terminal_for(Session& session, bool wanted_tty, bool wants_stdin);

}  // namespace drydock::kubectl
