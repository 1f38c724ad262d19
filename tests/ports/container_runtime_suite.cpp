#include "tests/ports/container_runtime_suite.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>

#include "core/base/strings.h"
#include "core/base/sync.h"

namespace drydock {
namespace {

class Driver {
 public:
  explicit Driver(const ContainerRuntimeUnderTest& test) : test_(test) {
    test_.runtime.on_change([this](const PodIdentity& pod) { changed_.push_back(pod.str()); });
  }
  ~Driver() { test_.runtime.on_change({}); }

  ContainerRuntime& runtime() { return test_.runtime; }
  EventLoop& loop() { return test_.loop; }
  const ContainerRuntimeUnderTest& test() const { return test_; }
  const std::vector<std::string>& changed() const { return changed_; }

  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    auto body = [](Task<T> inner, std::optional<T>& out) -> Task<void> { out.emplace(co_await inner); };
    test_.run(body(std::move(task), result));
    REQUIRE(result.has_value());
    return std::move(*result);
  }
  void sleep(Duration time) {
    auto nap = [](EventLoop& loop, Duration length) -> Task<void> { co_await loop.sleep(length); };
    test_.run(nap(test_.loop, time));
  }
  SandboxConfig sandbox_config(const std::string& name) {
    SandboxConfig config;
    config.pod = {"suite", name, "uid-" + name};
    config.hostname = name;
    return config;
  }
  std::string sandbox(const std::string& name) {
    auto id = run(runtime().run_sandbox(sandbox_config(name)));
    REQUIRE_MESSAGE(id.ok(), id.error().message);
    return *id;
  }
  std::optional<SandboxStatus> sandbox_status(const std::string& id) {
    const std::optional<SandboxStatus> status = runtime().sandbox(id);
    const std::vector<SandboxStatus> all = runtime().sandboxes();
    const auto listed = std::ranges::find(all, id, &SandboxStatus::id);
    REQUIRE((listed != all.end()) == status.has_value());
    if (status) CHECK((listed->ready == status->ready && listed->address == status->address));
    return status;
  }
  ContainerConfig shell(const std::string& name, const std::string& script) {
    ContainerConfig config;
    config.name = name;
    config.image = test_.image;
    config.command = {"sh", "-c", script};
    config.log_path = test_.host_directory + "/logs/" + name + ".log";
    return config;
  }
  std::string create(const std::string& sandbox_id, ContainerConfig config) {
    auto id = run(runtime().create_container(sandbox_id, std::move(config)));
    REQUIRE_MESSAGE(id.ok(), id.error().message);
    return *id;
  }
  std::string start(const std::string& sandbox_id, ContainerConfig config) {
    std::string id = create(sandbox_id, std::move(config));
    auto started = run(runtime().start_container(id));
    REQUIRE_MESSAGE(started.ok(), started.error().message);
    return id;
  }
  ContainerStatus status(const std::string& id) {
    auto status = runtime().container(id);
    REQUIRE(status.has_value());
    return *status;
  }
  // Waits for its end.
  ContainerStatus ended(const std::string& id) {
    for (int i = 0; i < 300 && status(id).state != RuntimeContainerState::kExited; ++i) sleep(milliseconds(100));
    REQUIRE(status(id).state == RuntimeContainerState::kExited);
    return status(id);
  }
  // The logged lines of a stream, without time and tag.
  std::string logged(const std::string& path, std::string_view stream) {
    auto text = runtime().read_log(path);
    REQUIRE_MESSAGE(text.ok(), text.error().message);
    std::string out;
    for (const auto& line : split(*text, '\n')) {
      const auto words = split(line, ' ');
      if (words.size() < 3 || words[1] != stream) continue;
      const std::size_t text_start = words[0].size() + words[1].size() + words[2].size() + 3;
      out += std::string(std::string_view(line).substr(text_start)) + (words[2] == "F" ? "\n" : "");
    }
    return out;
  }
  Result<ExecResult> exec(const std::string& id, std::vector<std::string> command, Duration timeout = seconds(10)) {
    return run(runtime().exec_sync(id, std::move(command), timeout));
  }

 private:
  const ContainerRuntimeUnderTest& test_;
  std::vector<std::string> changed_;
};

void check_images(Driver& suite) {
  ContainerRuntime& runtime = suite.runtime();
  CHECK(!runtime.image(suite.test().missing_image));
  auto missing = suite.run(runtime.pull_image(suite.test().missing_image));
  REQUIRE(!missing.ok());
  CHECK(contains(missing.error().message, "failed to pull and unpack image \"" + suite.test().missing_image + "\""));
  CHECK(!runtime.image(suite.test().missing_image));

  auto pulled = suite.run(runtime.pull_image(suite.test().image));
  REQUIRE_MESSAGE(pulled.ok(), pulled.error().message);
  CHECK(contains(pulled->ref, "@sha256:"));
  CHECK(pulled->size_bytes > 0);
  auto known = runtime.image(suite.test().image);
  REQUIRE(known);
  CHECK(known->ref == pulled->ref);
  CHECK(std::find(known->tags.begin(), known->tags.end(), suite.test().image) != known->tags.end());
  const auto all = runtime.images();
  CHECK(std::count_if(all.begin(), all.end(), [&](const ImageStatus& image) { return image.ref == pulled->ref; }) == 1);
  // Again is no error and no second image.
  REQUIRE(suite.run(runtime.pull_image(suite.test().image)).ok());
  CHECK(runtime.images().size() == all.size());
}

void check_sandboxes(Driver& suite) {
  ContainerRuntime& runtime = suite.runtime();
  const TimePoint before = suite.loop().now();
  const std::string a = suite.sandbox("a");
  const std::string b = suite.sandbox("b");
  CHECK(a != b);
  auto status = suite.sandbox_status(a);
  REQUIRE(status);
  CHECK(status->ready);
  CHECK(status->pod.ns == "suite");
  CHECK(status->pod.name == "a");
  CHECK(status->pod.uid == "uid-a");
  CHECK(status->created >= before);
  CHECK(!status->address.empty());
  CHECK(suite.sandbox_status(b)->address != status->address);

  REQUIRE(suite.run(runtime.stop_sandbox(a)).ok());
  REQUIRE(suite.sandbox_status(a));
  CHECK(!suite.sandbox_status(a)->ready);
  CHECK(suite.run(runtime.stop_sandbox(a)).ok());
  REQUIRE(suite.run(runtime.remove_sandbox(a)).ok());
  CHECK(!suite.sandbox_status(a));
  // What is gone is as good as stopped and removed.
  CHECK(suite.run(runtime.stop_sandbox(a)).ok());
  CHECK(suite.run(runtime.remove_sandbox(a)).ok());
  CHECK(suite.sandbox_status(b)->ready);
  REQUIRE(suite.run(runtime.remove_sandbox(b)).ok());

  // With the host's network it has no address of its own.
  SandboxConfig host = suite.sandbox_config("host");
  host.host_network = true;
  auto id = suite.run(runtime.run_sandbox(host));
  REQUIRE_MESSAGE(id.ok(), id.error().message);
  CHECK(suite.sandbox_status(*id)->address.empty());
  REQUIRE(suite.run(runtime.remove_sandbox(*id)).ok());
}

void check_life(Driver& suite) {
  ContainerRuntime& runtime = suite.runtime();
  const std::string sandbox = suite.sandbox("life");
  auto nowhere = suite.run(runtime.create_container("no-such-sandbox", suite.shell("x", "true")));
  CHECK(!nowhere.ok());
  ContainerConfig unknown = suite.shell("x", "true");
  unknown.image = suite.test().missing_image;
  auto imageless = suite.run(runtime.create_container(sandbox, unknown));
  CHECK(!imageless.ok());

  ContainerConfig config = suite.shell("one", "echo out; echo err >&2; printf half; exit 3");
  config.attempt = 2;
  const std::string id = suite.create(sandbox, config);
  ContainerStatus status = suite.status(id);
  CHECK(status.id == id);
  CHECK(status.sandbox_id == sandbox);
  CHECK(status.name == "one");
  CHECK(status.attempt == 2);
  CHECK(status.state == RuntimeContainerState::kCreated);
  CHECK(contains(status.image_ref, "@sha256:"));
  CHECK(status.log_path == config.log_path);

  REQUIRE(suite.run(runtime.start_container(id)).ok());
  status = suite.ended(id);
  CHECK(status.exit_code == 3);
  CHECK(status.reason == "Error");
  CHECK(status.started >= status.created);
  CHECK(status.finished >= status.started);
  const auto& changed = suite.changed();
  CHECK(std::find(changed.begin(), changed.end(), "suite/life") != changed.end());
  CHECK(suite.logged(config.log_path, "stdout") == "out\nhalf");
  CHECK(suite.logged(config.log_path, "stderr") == "err\n");

  const std::string good = suite.start(sandbox, suite.shell("two", "exit 0"));
  CHECK(suite.ended(good).reason == "Completed");
  CHECK(suite.status(good).exit_code == 0);

  // A signal from inside is told as the shell tells it.
  const std::string killed = suite.start(sandbox, suite.shell("killed", "sh -c 'kill -9 $$'"));
  CHECK(suite.ended(killed).exit_code == 137);

  // Several of a pod are listed; removing takes one away.
  const auto all = runtime.containers();
  CHECK(std::count_if(all.begin(), all.end(), [&](const ContainerStatus& c) { return c.sandbox_id == sandbox; }) == 3);
  REQUIRE(suite.run(runtime.remove_container(good)).ok());
  CHECK(!runtime.container(good));
  CHECK(suite.run(runtime.remove_container(good)).ok());
  // Removing the sandbox takes the rest.
  REQUIRE(suite.run(runtime.remove_sandbox(sandbox)).ok());
  CHECK(!runtime.container(id));
}

void check_start_errors(Driver& suite) {
  ContainerRuntime& runtime = suite.runtime();
  const std::string sandbox = suite.sandbox("errors");
  struct Row {
    const char* name;
    std::vector<std::string> command;
    const char* message;
  };
  const Row rows[] = {
      {"not-found", {"no-such-command"}, "exec: \"no-such-command\": executable file not found in $PATH"},
      {"no-path", {"/bin/no-such"}, "exec: \"/bin/no-such\": stat /bin/no-such: no such file or directory"},
      {"no-right", {"/etc/passwd"}, "exec: \"/etc/passwd\": permission denied"},
  };
  for (const Row& row : rows) {
    INFO(std::string(row.name));
    ContainerConfig config = suite.shell(row.name, "");
    config.command = row.command;
    const std::string id = suite.create(sandbox, config);
    auto started = suite.run(runtime.start_container(id));
    REQUIRE(!started.ok());
    CHECK_MESSAGE(contains(started.error().message, row.message), started.error().message);
    const ContainerStatus status = suite.status(id);
    CHECK(status.state == RuntimeContainerState::kExited);
    CHECK(status.exit_code == 128);
    CHECK(status.reason == "StartError");
    CHECK(contains(status.message, row.message));
  }
  CHECK(!suite.run(runtime.start_container("no-such-container")).ok());
  REQUIRE(suite.run(runtime.remove_sandbox(sandbox)).ok());
}

void check_stopping(Driver& suite) {
  ContainerRuntime& runtime = suite.runtime();
  const std::string sandbox = suite.sandbox("stop");
  const std::string polite =
      suite.start(sandbox, suite.shell("polite", "trap 'echo bye; exit 7' TERM; while true; do sleep 0.1; done"));
  suite.sleep(milliseconds(300));
  TimePoint start = suite.loop().now();
  REQUIRE(suite.run(runtime.stop_container(polite, seconds(20))).ok());
  CHECK(suite.loop().now() - start < seconds(10));
  CHECK(suite.ended(polite).exit_code == 7);
  CHECK(suite.logged(suite.status(polite).log_path, "stdout") == "bye\n");

  const std::string plain = suite.start(sandbox, suite.shell("plain", "exec sleep 1000"));
  suite.sleep(milliseconds(300));
  REQUIRE(suite.run(runtime.stop_container(plain, seconds(2))).ok());
  // PID 1 of a container gets no signal that it does not handle: it takes the whole grace.
  CHECK(suite.ended(plain).exit_code == 137);

  const std::string stubborn =
      suite.start(sandbox, suite.shell("stubborn", "trap '' TERM; while true; do sleep 0.1; done"));
  suite.sleep(milliseconds(300));
  start = suite.loop().now();
  REQUIRE(suite.run(runtime.stop_container(stubborn, seconds(2))).ok());
  CHECK(suite.loop().now() - start >= seconds(2));
  CHECK(suite.loop().now() - start < seconds(8));
  CHECK(suite.ended(stubborn).exit_code == 137);
  // What has ended stays as it was.
  CHECK(suite.run(runtime.stop_container(stubborn, seconds(2))).ok());
  CHECK(suite.run(runtime.stop_container("no-such-container", seconds(2))).ok());

  // Stopping the sandbox ends what still runs.
  const std::string left = suite.start(sandbox, suite.shell("left", "sleep 1000"));
  REQUIRE(suite.run(runtime.stop_sandbox(sandbox)).ok());
  CHECK(suite.ended(left).exit_code == 137);
  REQUIRE(suite.run(runtime.remove_sandbox(sandbox)).ok());
}

void check_surroundings(Driver& suite) {
  const std::string sandbox = suite.sandbox("surroundings");
  const std::string host = suite.test().host_directory;
  suite.test().write_host_file(host + "/data/greeting", "hello\n");
  suite.test().write_host_file(host + "/file", "a file\n");
  ContainerConfig config = suite.shell("around", "echo $GREETING; pwd; hostname; cat /data/greeting /one; touch /ro/x");
  config.environment = {{"GREETING", "one two"}};
  config.working_directory = "/work/here";
  config.mounts = {{"/data", host + "/data", false}, {"/one", host + "/file", false}, {"/ro", host + "/data", true}};
  const std::string id = suite.start(sandbox, config);
  CHECK(suite.ended(id).exit_code != 0);
  CHECK(suite.logged(config.log_path, "stdout") == "one two\n/work/here\nsurroundings\nhello\na file\n");
  CHECK(contains(suite.logged(config.log_path, "stderr"), "Read-only file system"));

  // Writing to a mount writes on the host; elsewhere only in the container.
  ContainerConfig writer = suite.shell("writer", "echo new > /data/made; echo new > /made; ls /made");
  writer.mounts = {{"/data", host + "/data", false}};
  CHECK(suite.ended(suite.start(sandbox, writer)).exit_code == 0);
  CHECK(suite.test().read_host_file(host + "/data/made") == "new\n");
  ContainerConfig reader = suite.shell("reader", "ls /made");
  CHECK(suite.ended(suite.start(sandbox, reader)).exit_code != 0);

  // Arguments alone replace the image's own; busybox has no entrypoint in front of them.
  ContainerConfig arguments = suite.shell("arguments", "");
  arguments.command.clear();
  arguments.arguments = {"sh", "-c", "echo from arguments"};
  CHECK(suite.ended(suite.start(sandbox, arguments)).exit_code == 0);
  CHECK(suite.logged(arguments.log_path, "stdout") == "from arguments\n");
  REQUIRE(suite.run(suite.runtime().remove_sandbox(sandbox)).ok());
}

void check_exec(Driver& suite) {
  ContainerRuntime& runtime = suite.runtime();
  const std::string sandbox = suite.sandbox("exec");
  ContainerConfig config = suite.shell("main", "while read line; do echo got $line; done; sleep 1000");
  config.environment = {{"COLOUR", "blue"}};
  const std::string id = suite.start(sandbox, config);
  auto result = suite.exec(id, {"sh", "-c", "echo $COLOUR; echo err >&2; exit 4"});
  REQUIRE_MESSAGE(result.ok(), result.error().message);
  CHECK(result->exit_code == 4);
  CHECK(result->output == "blue\nerr\n");
  auto missing = suite.exec(id, {"no-such-command"});
  REQUIRE(!missing.ok());
  CHECK_MESSAGE(contains(missing.error().message, "executable file not found in $PATH"), missing.error().message);
  const TimePoint start = suite.loop().now();
  auto slow = suite.exec(id, {"sleep", "1000"}, seconds(1));
  CHECK(!slow.ok());
  CHECK(suite.loop().now() - start < seconds(5));
  CHECK(suite.status(id).state == RuntimeContainerState::kRunning);

  // With streams: what is sent on channel 0 is read, 255 ends it.
  auto [ours, theirs] = StreamEnd::make_pair(suite.loop());
  StreamMessage hello;
  hello.channel = 0;
  hello.bytes = "hello\n";
  ours->send(hello);
  StreamMessage end;
  end.channel = 255;
  ours->send(end);
  std::vector<std::string> command = {"sh", "-c", "cat; echo done >&2; exit 5"};
  auto code = suite.run(runtime.exec(id, command, false, true, theirs));
  REQUIRE_MESSAGE(code.ok(), code.error().message);
  CHECK(*code == 5);
  std::string out;
  std::string err;
  while (auto message = ours->try_receive()) (message->channel == 1 ? out : err) += message->bytes;
  CHECK(out == "hello\n");
  CHECK(err == "done\n");

  REQUIRE(suite.run(runtime.stop_container(id, seconds(0))).ok());
  CHECK(!suite.exec(id, {"true"}).ok());
  CHECK(!suite.run(runtime.exec(id, command, false, false, theirs)).ok());
  CHECK(!suite.run(runtime.attach(id, false, theirs)).ok());
  CHECK(!runtime.read_log(suite.test().host_directory + "/no-such.log").ok());
  REQUIRE(suite.run(runtime.remove_sandbox(sandbox)).ok());
}

void check_attach(Driver& suite) {
  ContainerRuntime& runtime = suite.runtime();
  const std::string sandbox = suite.sandbox("attach");
  const std::string id = suite.start(sandbox, suite.shell("talker", "sleep 1; echo heard; sleep 1; exit 0"));
  auto [ours, theirs] = StreamEnd::make_pair(suite.loop());
  auto attached = suite.run(runtime.attach(id, false, theirs));
  CHECK_MESSAGE(attached.ok(), attached.error().message);
  // It ends with the container.
  CHECK(suite.ended(id).exit_code == 0);
  std::string out;
  while (auto message = ours->try_receive()) out += message->bytes;
  CHECK(out == "heard\n");

  // Standard input: what is sent on channel 0, until 255 when it is open once.
  auto message_of = [](int channel, std::string bytes) {
    StreamMessage message;
    message.channel = channel;
    message.bytes = std::move(bytes);
    return message;
  };
  auto received = [](StreamEnd& end) {
    std::string text;
    while (auto message = end.try_receive()) text += message->bytes;
    return text;
  };
  ContainerConfig reader = suite.shell("reader", "while read line; do echo got $line; done; exit 6");
  reader.stdin_open = true;
  reader.stdin_once = true;
  const std::string once = suite.start(sandbox, reader);
  auto [near, far] = StreamEnd::make_pair(suite.loop());
  near->send(message_of(0, "one\ntwo\n"));
  near->send(message_of(255, std::string(1, '\0')));
  REQUIRE(suite.run(runtime.attach(once, true, far)).ok());
  CHECK(suite.ended(once).exit_code == 6);
  CHECK(received(*near) == "got one\ngot two\n");
  CHECK(suite.logged(reader.log_path, "stdout") == "got one\ngot two\n");

  // Left open it outlives a client, whose going ends the attach, not the container.
  ContainerConfig patient = suite.shell("patient", "while read line; do echo got $line; done");
  patient.stdin_open = true;
  const std::string open = suite.start(sandbox, patient);
  for (const char* text : {"first\n", "second\n"}) {
    auto [client, server] = StreamEnd::make_pair(suite.loop());
    client->send(message_of(0, text));
    client->send(message_of(255, std::string(1, '\0')));
    client->close();
    REQUIRE(suite.run(runtime.attach(open, true, server)).ok());
    suite.sleep(milliseconds(300));
  }
  CHECK(suite.status(open).state == RuntimeContainerState::kRunning);
  CHECK(suite.logged(patient.log_path, "stdout") == "got first\ngot second\n");

  // Without stdin the main process reads the end at once, whatever is sent.
  const std::string deaf = suite.start(sandbox, suite.shell("deaf", "cat; exit 9"));
  CHECK(suite.ended(deaf).exit_code == 9);

  // A terminal: echo, lines, its size, and ^C for what runs in it.
  ContainerConfig screen =
      suite.shell("screen", "test -t 0 && echo a terminal; read line; echo said $line; sleep 1000; exit 1");
  screen.tty = true;
  screen.stdin_open = true;
  const std::string terminal = suite.start(sandbox, screen);
  auto [keys, display] = StreamEnd::make_pair(suite.loop());
  keys->send(message_of(0, "hello\r"));
  keys->send(message_of(0, "\x03"));
  REQUIRE(suite.run(runtime.attach(terminal, true, display)).ok());
  (void)suite.ended(terminal);  // long before its sleep is over
  const std::string shown = suite.logged(screen.log_path, "stdout");
  CHECK_MESSAGE(contains(shown, "a terminal"), shown);
  CHECK_MESSAGE(contains(shown, "said hello"), shown);
  CHECK(suite.logged(screen.log_path, "stderr").empty());

  REQUIRE(suite.run(runtime.remove_sandbox(sandbox)).ok());
}

}  // namespace

void check_container_runtime_contract(const ContainerRuntimeUnderTest& test) {
  CHECK(contains(test.runtime.name_and_version(), "://"));
  REQUIRE(test.runtime.network_not_ready().empty());
  const std::pair<const char*, void (*)(Driver&)> parts[] = {
      {"images", check_images},
      {"sandboxes", check_sandboxes},
      {"life of a container", check_life},
      {"errors of starting", check_start_errors},
      {"stopping", check_stopping},
      {"surroundings", check_surroundings},
      {"exec", check_exec},
      {"attach", check_attach},
  };
  for (const auto& [name, part] : parts) {
    INFO("part: ", std::string(name));
    Driver driver(test);
    part(driver);
  }
}

}  // namespace drydock
