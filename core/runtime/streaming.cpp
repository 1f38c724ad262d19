// Commands in a running container (exec), and its main process' own streams (attach).
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/tty.h"
#include "core/runtime/virtual_runtime.h"

namespace drydock {
namespace {

bool closes_input(const StreamMessage& message) {
  return message.channel == 255 && (message.bytes.empty() || message.bytes[0] == 0);
}

void resize(Tty& terminal, const Value& size) {
  terminal.resize(static_cast<int>(size["Width"].as_int(80)), static_cast<int>(size["Height"].as_int(24)));
}

}  // namespace

Task<Result<ExecResult>> VirtualRuntime::exec_sync(std::string id, std::vector<std::string> command, Duration timeout) {
  const auto at = containers_.find(id);
  if (at == containers_.end() || at->second.pid == 0) co_return Status::plain("container " + id + " is not running");
  const std::string program = command.empty() ? "" : command[0];
  Result<SpawnOptions> options = spawn_options(at->second, std::move(command));
  if (!options) co_return options.error();
  auto output = std::make_shared<std::string>();
  const OpenFilePtr sink = make_sink([output](std::string_view bytes) { output->append(bytes); });
  options->files = {{0, make_null_file()}, {1, sink}, {2, sink}};
  auto pid = host_.start(*std::move(options));
  if (!pid) {
    co_return Status::plain(
        "failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start "
        "container process: exec: \"" +
        program + "\": executable file not found in $PATH: unknown");
  }
  const Pid started = *pid;
  std::optional<ExitStatus> status =
      co_await with_deadline<ExitStatus>(host_.loop(), host_.loop().now() + timeout, host_.wait_exit(started));
  if (!status) {
    (void)host_.signal(started, kSigKill);
    co_return Status::plain("command timed out");
  }
  co_return ExecResult{status->shell_code(), *output};
}

Task<Result<int>> VirtualRuntime::exec(std::string id, std::vector<std::string> command, bool tty, bool with_stdin,
                                       std::shared_ptr<StreamEnd> stream) {
  const auto at = containers_.find(id);
  if (at == containers_.end() || at->second.pid == 0) co_return Status::plain("container not running (" + id + ")");
  const std::string program = command.empty() ? "" : command[0];
  Result<SpawnOptions> options = spawn_options(at->second, std::move(command));
  if (!options) co_return options.error();
  std::shared_ptr<Tty> line;
  OpenFilePtr stdin_writer;
  if (tty) {
    line = host_.make_tty([stream](std::string_view bytes) { stream->send({1, std::string(bytes), Value()}); });
    const OpenFilePtr file = line->open();
    options->files = {{0, file}, {1, file}, {2, file}};
    options->controlling_tty = line;
    (*options->environment)["TERM"] = "xterm";
  } else {
    options->files[1] = make_sink([stream](std::string_view bytes) { stream->send({1, std::string(bytes), Value()}); });
    options->files[2] = make_sink([stream](std::string_view bytes) { stream->send({2, std::string(bytes), Value()}); });
    options->files[0] = make_null_file();
    if (with_stdin) {
      auto [reader, writer] = make_pipe(host_.loop());
      options->files[0] = std::move(reader);
      stdin_writer = std::move(writer);
    }
  }
  auto pid = host_.start(*std::move(options));
  if (!pid) {
    const std::string why = pid.error() == Errno::kNoEnt
                                ? (contains(program, "/") ? "stat " + program + ": no such file or directory"
                                                          : "executable file not found in $PATH")
                                : "permission denied";
    co_return Status::plain(
        "failed to exec in container: failed to start exec: OCI runtime exec failed: exec failed: unable to start "
        "container process: exec: \"" +
        program + "\": " + why + ": unknown");
  }
  const Pid started = *pid;
  // The client's side: input and window sizes, until the command ends.
  TaskGroup input(host_.loop());
  Host* host = &host_;
  input.spawn([](Host* machine, std::shared_ptr<StreamEnd> from, std::shared_ptr<Tty> terminal, OpenFilePtr writer,
                 Pid target) -> Task<void> {
    for (;;) {
      std::optional<StreamMessage> message = co_await from->receive();
      if (!message) break;
      if (message->channel == 0) {
        if (terminal)
          terminal->input(message->bytes);
        else if (writer) {
          if (Process* process = machine->find(target)) (void)co_await writer->write(*process, message->bytes);
        }
      } else if (message->channel == 4 && terminal) {
        resize(*terminal, message->document);
      } else if (closes_input(*message)) {
        writer = nullptr;
      }
    }
    writer = nullptr;
    if (terminal) terminal->hang_up();
    (void)machine->signal(target, kSigHup);
  }(host, stream, line, std::move(stdin_writer), started));
  const ExitStatus status = co_await host_.wait_exit(started);
  co_return status.shell_code();
}

// What an attached client sends: bytes for the main process, sizes of its window. Ends
// with the client.
Task<void> VirtualRuntime::attached_input(std::string id, bool with_stdin, std::shared_ptr<StreamEnd> stream) {
  for (;;) {
    std::optional<StreamMessage> message = co_await stream->receive();
    const auto at = containers_.find(id);
    if (at == containers_.end()) co_return;
    Container& container = at->second;
    const bool ends_input = !message || closes_input(*message);
    if (ends_input && with_stdin && container.config.stdin_once) container.input = nullptr;
    if (!message) co_return;
    if (message->channel == 0 && with_stdin) {
      if (container.tty && container.config.stdin_open) {
        container.tty->input(message->bytes);
      } else if (container.input) {
        const OpenFilePtr input = container.input;  // may be closed while the pipe is full
        if (Process* process = host_.find(container.pid)) (void)co_await input->write(*process, message->bytes);
      }
    } else if (message->channel == 4 && container.tty) {
      resize(*container.tty, message->document);
    }
  }
}

Task<Result<void>> VirtualRuntime::attach(std::string id, bool with_stdin, std::shared_ptr<StreamEnd> stream) {
  const auto at = containers_.find(id);
  if (at == containers_.end() || at->second.pid == 0) co_return Status::plain("container not running (" + id + ")");
  at->second.attached.push_back(stream);
  const Pid pid = at->second.pid;
  bool over = false;
  Event ended(host_.loop());
  TaskGroup sides(host_.loop());
  sides.spawn([](Task<void> input, bool& done, Event& event) -> Task<void> {
    co_await input;
    done = true;
    event.notify_all();
  }(attached_input(id, with_stdin, stream), over, ended));
  sides.spawn([](Host& host, Pid target, bool& done, Event& event) -> Task<void> {
    (void)co_await host.wait_exit(target);
    done = true;
    event.notify_all();
  }(host_, pid, over, ended));
  while (!over) (void)co_await ended.wait();
  // The next client shall not find this one's stream among the readers.
  const auto left = containers_.find(id);
  if (left != containers_.end())
    std::erase_if(left->second.attached, [&](const std::weak_ptr<StreamEnd>& end) { return end.lock() == stream; });
  co_return Result<void>();
}

}  // namespace drydock
