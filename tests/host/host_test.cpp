// The virtual machine's kernel: files, processes, pipes, signals, terminals.
#include <doctest/doctest.h>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/services.h"

using namespace drydock;

namespace {

Task<int> echo_main(Process& p) {
  co_await p.out(join(p.arguments(), " ") + "\n");
  co_return 0;
}
Task<int> cat_main(Process& p) {
  for (;;) {
    auto bytes = co_await p.read(0);
    if (!bytes || bytes->empty()) co_return 0;
    co_await p.out(*bytes);
  }
}
Task<int> sleep_main(Process& p) {
  (void)co_await p.sleep(seconds(100));
  co_return 0;
}
Task<int> stubborn_main(Process& p) {
  p.on_signal(kSigTerm, Process::Disposition::kCatch);
  for (;;) {
    if (!co_await p.sleep(seconds(1000))) {
      co_await p.out("caught " + std::string(signal_name(*p.take_signal())) + "\n");
      co_return 7;
    }
  }
}
Task<int> fails_main(Process&) { co_return 3; }

struct Machine {
  VirtualClock clock{TimePoint(seconds(1767225600))};
  EventLoop loop{clock};
  ProgramRegistry programs;
  std::unique_ptr<Host> host;
  std::string screen;
  std::shared_ptr<Tty> tty;

  Machine() {
    programs.add("echo", echo_main);
    programs.add("cat", cat_main);
    programs.add("sleep", sleep_main);
    programs.add("stubborn", stubborn_main);
    programs.add("fails", fails_main);
    HostOptions options;
    options.name = "node1";
    options.address = "10.0.0.2";
    host = std::make_unique<Host>(loop, Prng(1), programs, options, nullptr);
    (void)host->files().make_directories("/usr/bin", loop.now());
    (void)host->files().make_directories("/tmp", loop.now());
    for (const auto& [name, main] : programs.all())
      (void)host->files().write_file("/usr/bin/" + name, program_file(name), loop.now(), 0755);
    tty = host->make_tty([this](std::string_view bytes) { screen += bytes; });
  }
  // Runs `body` as a process with the terminal and returns its exit code.
  int run(Process::Body body) {
    SpawnOptions options;
    options.new_session = true;
    options.controlling_tty = tty;
    options.environment = Environment{{"PATH", "/usr/bin"}};
    const OpenFilePtr file = tty->open();
    options.files = {{0, file}, {1, file}, {2, file}};
    int code = -1;
    const Pid pid = host->spawn_body(nullptr, std::move(body), std::move(options));
    host->on_exit(pid, [&](ExitStatus status) { code = status.shell_code(); });
    loop.run_until(loop.now() + seconds(3600));
    return code;
  }
};

}  // namespace

TEST_CASE("a pipeline passes bytes and ends when the writer does") {
  Machine m;
  const int code = m.run([](Process& p) -> Task<int> {
    auto [reader, writer] = make_pipe(p.loop());
    SpawnOptions first;
    first.argv = {"echo", "hello", "world"};
    first.files[1] = std::move(writer);
    SpawnOptions second;
    second.argv = {"cat"};
    second.files[0] = std::move(reader);
    const auto a = p.spawn(std::move(first));
    const auto b = p.spawn(std::move(second));
    const auto one = co_await p.wait(*a);
    const auto two = co_await p.wait(*b);
    co_return one->status.code + two->status.code;
  });
  CHECK(code == 0);
  CHECK(m.screen == "hello world\r\n");
  CHECK(m.host->processes().empty());
}

TEST_CASE("signals: default action, caught, and the shell's exit code") {
  Machine m;
  CHECK(m.run([](Process& p) -> Task<int> {
    SpawnOptions options;
    options.argv = {"sleep"};
    const auto pid = p.spawn(std::move(options));
    (void)co_await p.sleep(seconds(1));
    CHECK(p.kill(*pid, kSigTerm).ok());
    const auto ended = co_await p.wait(*pid);
    co_return ended->status.shell_code();
  }) == 143);
  CHECK(m.run([](Process& p) -> Task<int> {
    SpawnOptions options;
    options.argv = {"stubborn"};
    const auto pid = p.spawn(std::move(options));
    (void)co_await p.sleep(seconds(1));
    (void)p.kill(*pid, kSigTerm);
    const auto ended = co_await p.wait(*pid);
    co_return ended->status.shell_code();
  }) == 7);
  CHECK(m.screen == "caught TERM\r\n");
}

TEST_CASE("starting what is not there or not executable") {
  Machine m;
  m.run([](Process& p) -> Task<int> {
    (void)p.write_file("/tmp/text", "just text\n");
    SpawnOptions missing;
    missing.argv = {"nosuch"};
    CHECK(p.spawn(std::move(missing)).error() == Errno::kNoEnt);
    SpawnOptions denied;
    denied.argv = {"/tmp/text"};
    CHECK(p.spawn(std::move(denied)).error() == Errno::kAcces);
    (void)p.change_mode("/tmp/text", 0755);
    SpawnOptions text;
    text.argv = {"/tmp/text"};
    CHECK(p.spawn(std::move(text)).error() == Errno::kNoExec);
    (void)p.write_file("/tmp/script", "#!/usr/bin/echo -n\n", 0755);
    SpawnOptions script;
    script.argv = {"/tmp/script", "more"};
    const ExitStatus status = co_await p.run(std::move(script));
    co_return status.code;
  });
  CHECK(m.screen == "-n /tmp/script more\r\n");
}

TEST_CASE("files: permissions, links, rename, directories") {
  Machine m;
  m.run([](Process& p) -> Task<int> {
    CHECK(p.make_directories("/a/b/c").ok());
    CHECK(p.write_file("/a/b/file", "one").ok());
    CHECK(p.symlink("b/file", "/a/link").ok());
    CHECK(p.read_file("/a/link").value() == "one");
    CHECK(p.link("/a/b/file", "/a/hard").ok());
    CHECK(p.append_file("/a/hard", " two").ok());
    CHECK(p.read_file("/a/b/file").value() == "one two");
    CHECK(p.stat("/a/b/file")->links == 2);
    CHECK(p.rename("/a/b", "/a/b/c/d").error() == Errno::kInval);
    CHECK(p.remove_directory("/a").error() == Errno::kNotEmpty);
    CHECK(p.unlink("/a").error() == Errno::kIsDir);
    CHECK(p.symlink("loop", "/a/loop").ok());
    CHECK(p.read_file("/a/loop").error() == Errno::kLoop);
    CHECK(p.read_file("/a/hard/x").error() == Errno::kNotDir);
    (void)p.change_mode("/a/b/file", 0600);
    p.set_credentials({1000, 1000, {}});
    CHECK(p.read_file("/a/b/file").error() == Errno::kAcces);
    CHECK(p.write_file("/a/new", "x").error() == Errno::kAcces);
    co_return 0;
  });
}

TEST_CASE("an overlay leaves its image untouched") {
  const TimePoint now{};
  InodePtr image = Inode::make(FileType::kDirectory, 0755, 0, 0, now);
  FileSystem builder(image);
  CHECK(builder.make_directories("/etc/app", now).ok());
  CHECK(builder.write_file("/etc/app/conf", "image", now).ok());
  FileSystem one(Inode::over(image));
  FileSystem two(Inode::over(image));
  CHECK(one.write_file("/etc/app/conf", "mine", now).ok());
  CHECK(one.write_file("/etc/app/more", "x", now).ok());
  CHECK(two.remove_tree("/etc/app/conf", now).ok());
  CHECK(one.read_file("/etc/app/conf").value() == "mine");
  CHECK(builder.read_file("/etc/app/conf").value() == "image");
  CHECK(two.read_file("/etc/app/conf").error() == Errno::kNoEnt);
  CHECK(two.list("/etc/app").value().empty());
  CHECK(one.list("/etc/app").value() == std::vector<std::string>{"conf", "more"});
  // Who only looks gets the image's own; who may change it gets a copy, which all see from then on.
  FileSystem three(Inode::over(image));
  const ConstInodePtr shared = builder.look("/etc/app/conf").value();
  CHECK(three.look("/etc/app/conf").value() == shared);
  const InodePtr own = three.resolve("/etc/app/conf").value();
  CHECK(own != shared);
  CHECK(own->content() == "image");
  CHECK(three.look("/etc/app/conf").value() == own);
}

TEST_CASE("mounts cover and uncover") {
  const TimePoint now{};
  FileSystem files(Inode::make(FileType::kDirectory, 0755, 0, 0, now));
  CHECK(files.write_file("/plain", "below", now).ok());
  InodePtr volume = Inode::make(FileType::kDirectory, 0755, 0, 0, now);
  CHECK(files.mount({"/data", "tmpfs", "tmpfs", volume, true}, now).ok());
  CHECK(files.read_only("/data"));
  volume->put_child("f", Inode::make(FileType::kRegular, 0644, 0, 0, now), now);
  CHECK(files.exists("/data/f"));
  CHECK(files.exists("/data/../plain"));
  CHECK(files.unmount("/data"));
  CHECK_FALSE(files.exists("/data/f"));
}

TEST_CASE("terminal: line editing, end of file, interrupt") {
  Machine m;
  m.loop.call_after(seconds(1), [&] { m.tty->input("helo\x7flo\r"); });
  m.loop.call_after(seconds(2), [&] { m.tty->input("\x04"); });
  std::vector<std::string> lines;
  m.run([&lines](Process& p) -> Task<int> {
    while (auto line = co_await p.read_line()) lines.push_back(*line);
    co_return 0;
  });
  CHECK(lines == std::vector<std::string>{"hello"});
  CHECK(m.screen == "helo\b \blo\r\n");
  m.screen.clear();
  m.loop.call_after(seconds(1), [&] { m.tty->input("\x03"); });
  CHECK(m.run([](Process& p) -> Task<int> {
    (void)co_await p.sleep(seconds(50));
    co_return 0;
  }) == 130);
  CHECK(m.screen == "^C");
}

TEST_CASE("a service that fails is started again, one that is stopped is not") {
  Machine m;
  ServiceUnit unit;
  unit.name = "fails.service";
  unit.description = "Fails";
  unit.command = {"/usr/bin/fails"};
  m.host->services().add(unit, true);
  m.host->services().start_enabled();
  m.loop.run_until(m.loop.now() + seconds(35));
  CHECK(m.host->services().view("fails")->restarts == 3);
  CHECK(m.host->services().view("fails")->state == ServiceState::kActivating);
  CHECK(m.host->services().stop("fails"));
  m.loop.run_until(m.loop.now() + seconds(60));
  CHECK(m.host->services().view("fails")->restarts == 3);
  CHECK(m.host->services().view("fails")->state == ServiceState::kInactive);
  CHECK_FALSE(m.host->services().start("nosuch"));
}

TEST_CASE("memory over a cgroup's limit kills") {
  Machine m;
  SpawnOptions options;
  Namespaces spaces = m.host->namespaces();
  spaces.cgroup = std::make_shared<Cgroup>();
  spaces.cgroup->memory_limit = 1 << 20;
  options.namespaces = spaces;
  ExitStatus status;
  const Pid pid = m.host->spawn_body(
      nullptr,
      [](Process& p) -> Task<int> {
        p.set_memory(2 << 20);
        (void)co_await p.sleep(seconds(5));
        co_return 0;
      },
      std::move(options));
  m.host->on_exit(pid, [&](ExitStatus s) { status = s; });
  m.loop.run_until(m.loop.now() + seconds(10));
  CHECK(status.oom_killed);
  CHECK(status.shell_code() == 137);
  CHECK(spaces.cgroup->memory_usage == 0);
}
