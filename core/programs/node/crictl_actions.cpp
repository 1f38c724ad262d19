#include "core/programs/node/crictl.h"

#include <algorithm>
#include <set>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/tty.h"
#include "core/machinery/timestamp.h"
#include "core/programs/node/container_commands.h"

namespace drydock::crictl {
namespace {

// Standard input to the container, until it ends.
Task<void> send_input(Process& process, std::shared_ptr<StreamEnd> stream) {
  for (;;) {
    auto bytes = co_await process.read(0);
    StreamMessage message;
    message.channel = bytes && !bytes->empty() ? 0 : 255;
    message.bytes = bytes ? *bytes : "";
    const bool ended = message.channel == 255;
    if (!stream->send(std::move(message)) || ended) co_return;
  }
}

// What the container writes, until the command has ended.
Task<void> show_output(Process& process, std::shared_ptr<StreamEnd> stream) {
  while (auto message = co_await stream->receive()) {
    if (message->channel == 2)
      co_await process.err(message->bytes);
    else
      co_await process.out(message->bytes);
  }
}

}  // namespace

Task<int> Crictl::remove_images() {
  std::set<std::string> used;
  for (const ContainerStatus& container : runtime_.containers()) {
    const auto details = runtime_.details(container.id);
    if (details && details->image) used.insert(details->image->id);
  }
  std::vector<ImagePtr> wanted;
  int code = 0;
  if (words_.has("a") || words_.has("prune")) {
    for (const ImageStatus& status : runtime_.images()) {
      const ImagePtr image = runtime_.find_image(status.tags.empty() ? status.ref : status.tags.front());
      if (!image || image->repository.ends_with("/pause")) continue;
      if (words_.has("prune") && used.contains(image->id)) continue;
      wanted.push_back(image);
    }
  } else if (words_.rest.size() < 2) {
    co_return co_await fail("image name or ID must be provided");
  }
  for (std::size_t i = 1; i < words_.rest.size(); ++i) {
    const ImagePtr image = runtime_.find_image(words_.rest[i]);
    if (image) {
      wanted.push_back(image);
      continue;
    }
    co_await process_.err("ERRO[0000] no such image " + words_.rest[i] + " \n");
    code = 1;
  }
  for (const ImagePtr& image : wanted) {
    runtime_.remove_image(*image);
    co_await process_.out("Deleted: " + (image->tag.empty() ? image->ref() : image->name) + "\n");
  }
  if (code != 0) co_return co_await fail("unable to remove the image(s)");
  co_return 0;
}

Task<int> Crictl::pull() {
  if (words_.rest.size() < 2) co_return co_await fail("image name must be provided");
  auto pulled = co_await runtime_.pull_image(words_.rest[1]);
  if (!pulled) {
    co_await process_.err(
        "E" + format_timestamp(process_.now()).substr(5, 2) + format_timestamp(process_.now()).substr(8, 2) + " " +
        format_timestamp(process_.now()).substr(11, 8) +
        ".000000    1234 log.go:32] \"PullImage from image service failed\" err=" + go_quote(pulled.error().message) +
        " image=" + go_quote(words_.rest[1]) + "\n");
    co_return co_await fail("pulling image: " + pulled.error().message);
  }
  const ImagePtr image = runtime_.find_image(words_.rest[1]);
  co_await process_.out("Image is up to date for " + (image ? image->id : pulled->ref) + "\n");
  co_return 0;
}

Task<int> Crictl::stop_containers(bool remove) {
  std::vector<std::string> ids(words_.rest.begin() + 1, words_.rest.end());
  if (words_.has("a")) {
    for (const ContainerStatus& container : runtime_.containers()) ids.push_back(container.id);
  }
  if (ids.empty()) co_return co_await fail("ID cannot be empty");
  for (const std::string& wanted : ids) {
    const auto container = find_container(wanted);
    if (!container)
      co_return co_await fail(
          (remove ? "unable to remove container(s): removing the container \"" : "stopping the container \"") + wanted +
          "\": " + missing(wanted));
    const bool running = container->state == RuntimeContainerState::kRunning;
    if (remove && running && !words_.has("f"))
      co_return co_await fail("unable to remove container(s): container \"" + container->id +
                              "\" is running, please stop it first");
    const Duration grace = seconds(parse_int(words_.value("t")).value_or(0));
    if (running) (void)co_await runtime_.stop_container(container->id, grace);
    if (remove) (void)co_await runtime_.remove_container(container->id);
    co_await process_.out(wanted + "\n");
  }
  co_return 0;
}

Task<int> Crictl::stop_pods(bool remove) {
  std::vector<std::string> ids(words_.rest.begin() + 1, words_.rest.end());
  if (words_.has("a")) {
    for (const SandboxStatus& pod : runtime_.sandboxes()) ids.push_back(pod.id);
  }
  if (ids.empty()) co_return co_await fail("ID cannot be empty");
  for (const std::string& wanted : ids) {
    const auto pod = find_sandbox(wanted);
    if (!pod)
      co_return co_await fail("getting sandbox status of pod \"" + wanted +
                              "\": rpc error: code = NotFound desc = an error occurred when try to find sandbox: not "
                              "found");
    if (remove && pod->ready && !words_.has("f"))
      co_return co_await fail("pod sandbox \"" + pod->id + "\" is running, please stop it first");
    if (remove)
      (void)co_await runtime_.remove_sandbox(pod->id);
    else
      (void)co_await runtime_.stop_sandbox(pod->id);
    co_await process_.out((remove ? "Removed sandbox " : "Stopped sandbox ") + pod->id + "\n");
  }
  co_return 0;
}

Task<int> Crictl::logs() {
  const std::string wanted = words_.rest.size() > 1 ? words_.rest[1] : "";
  if (wanted.empty()) co_return co_await fail("ID cannot be empty");
  const auto container = find_container(wanted);
  if (!container) co_return co_await fail(missing(wanted));
  const std::string id = container->id;
  const std::string path = container->log_path;
  std::size_t read_to = 0;
  bool first = true;
  for (;;) {
    const std::string text = runtime_.read_log(path).value_or("");
    std::vector<std::string> lines = split(text.substr(std::min(read_to, text.size())), '\n');
    if (!lines.empty()) lines.pop_back();
    read_to = text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1;
    if (const auto tail = parse_int(words_.value("tail"));
        first && tail && *tail >= 0 && lines.size() > static_cast<std::size_t>(*tail))
      lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(*tail));
    first = false;
    for (const std::string& line : lines) {
      const std::vector<std::string> words = split(line, ' ');
      if (words.size() < 4) continue;
      const std::size_t at = words[0].size() + words[1].size() + words[2].size() + 3;
      std::string shown = (words_.has("t") ? words[0] + " " : "") + line.substr(at) + (words[2] == "P" ? "" : "\n");
      if (words[1] == "stderr")
        co_await process_.err(std::move(shown));
      else
        co_await process_.out(std::move(shown));
    }
    const auto current = runtime_.container(id);
    if (!words_.has("f") || !current || current->state != RuntimeContainerState::kRunning) co_return 0;
    auto slept = co_await process_.sleep(milliseconds(200));
    if (!slept) co_return 130;
  }
}

Task<int> Crictl::exec() {
  if (words_.rest.size() < 2) co_return co_await fail("ID cannot be empty");
  const std::string wanted = words_.rest[1];
  const auto container = find_container(wanted);
  if (!container) co_return co_await fail("execing command in container: " + missing(wanted));
  std::vector<std::string> command(words_.rest.begin() + 2, words_.rest.end());
  if (command.empty())
    co_return co_await fail(
        "execing command in container: rpc error: code = InvalidArgument desc = cmd cannot be empty");
  const bool tty = words_.has("t") && process_.is_tty(0);
  auto [mine, theirs] = StreamEnd::make_pair(process_.loop());
  std::shared_ptr<Tty> terminal = tty ? process_.tty_of(0) : nullptr;
  Tty::Modes saved;
  if (terminal) {
    saved = terminal->modes();
    Tty::Modes raw = terminal->raw_modes();
    raw.map_newline = false;
    terminal->set_modes(raw);
    terminal->set_relaying(true);
    StreamMessage size;
    size.channel = 4;
    size.document = Value::object({{"Width", terminal->columns()}, {"Height", terminal->rows()}});
    mine->send(std::move(size));
  }
  struct Restore {
    std::shared_ptr<Tty> terminal;
    Tty::Modes modes;
    ~Restore() {
      if (!terminal) return;
      terminal->set_modes(modes);
      terminal->set_relaying(false);
    }
  } restore{terminal, saved};
  const std::shared_ptr<StreamEnd> stream = mine;
  TaskGroup pumps(process_.loop());
  if (words_.has("i")) pumps.spawn(send_input(process_, stream));
  pumps.spawn(show_output(process_, stream));
  const std::string id = container->id;
  auto code = co_await runtime_.exec(id, std::move(command), tty, words_.has("i"), theirs);
  theirs = nullptr;
  // What is still on its way comes first.
  co_await process_.loop().sleep(milliseconds(1));
  if (!code)
    co_return co_await fail("execing command in container: rpc error: code = Unknown desc = " + code.error().message);
  if (*code != 0)
    co_return co_await fail("execing command in container: command terminated with exit code " + std::to_string(*code));
  co_return 0;
}

}  // namespace drydock::crictl
