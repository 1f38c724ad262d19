// drydock kubectl: the kubectl of the virtual machines as a program of this machine.
//
// The coroutine that runs in terminals of virtual nodes runs here too, over a virtual
// Process whose surroundings are real: files, standard streams, terminal, programs,
// ports (server/machine) and a Transport over TLS (server/http/client/http_client.h).
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <optional>

#include "core/host/host.h"
#include "core/network/network.h"
#include "core/programs/kubectl/kubectl.h"
#include "server/cluster/authority.h"
#include "server/commands.h"
#include "server/http/client/http_client.h"
#include "server/io/dialer.h"
#include "server/io/real_time.h"
#include "server/machine/real_files.h"
#include "server/machine/real_ports.h"
#include "server/machine/real_programs.h"
#include "server/machine/real_streams.h"

extern char** environ;

namespace drydock::server {
namespace {

constexpr Duration kForEver = std::chrono::hours(24 * 365 * 100);

Environment real_environment() {
  Environment environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos)
      environment.emplace(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
  }
  return environment;
}

Credentials real_credentials() {
  Credentials who;
  who.uid = ::geteuid();
  who.gid = ::getegid();
  gid_t groups[256];
  const int count = ::getgroups(256, groups);
  for (int i = 0; i < count; ++i) who.groups.push_back(groups[i]);
  return who;
}

std::string real_directory_name() {
  char path[4096];
  return ::getcwd(path, sizeof path) == nullptr ? "/" : path;
}

std::string real_host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "localhost";
}

// Dies of the signal that the virtual process died of.
[[noreturn]] void end_by_signal(int signal) {
  std::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  ::raise(signal);
  ::_exit(128 + signal);
}

}  // namespace

int kubectl_command(const std::vector<std::string>& arguments) {
  VirtualClock clock(real_now());
  EventLoop loop(clock);
  RealTime driver(loop, [&clock](TimePoint now) { clock.wait_until(now); });
  ProgramRegistry programs;
  register_real_programs(programs);
  Network network(loop, Prng(random_seed()));
  HostOptions machine;
  machine.name = real_host_name();
  machine.address = "10.0.0.1";
  Host host(loop, Prng(random_seed()), programs, machine,
            network.attach_host(machine.name, *Ipv4::parse(machine.address)));
  auto real_programs = std::make_shared<RealPrograms>();
  real_programs->driver = &driver;
  host.attach(std::move(real_programs));
  host.attach(std::shared_ptr<OutsidePorts>(std::make_shared<RealPorts>(driver)));

  const std::shared_ptr<RealTerminal> input = RealTerminal::of(loop, 0);
  const std::shared_ptr<RealTerminal> output = RealTerminal::of(loop, 1);
  SpawnOptions options;
  options.argv = {"kubectl"};
  options.argv.insert(options.argv.end(), arguments.begin(), arguments.end());
  options.environment = real_environment();
  options.cwd = real_directory_name();
  options.credentials = real_credentials();
  options.files = {
      {0, real_input(driver, input)}, {1, real_output(1, output)}, {2, real_output(2, RealTerminal::of(loop, 2))}};
  options.namespaces = host.namespaces();
  options.namespaces->files = std::make_shared<FileSystem>(real_directory("/"));

  Dialer dialer(driver);
  auto transport = [&loop, &dialer](Process&) -> std::unique_ptr<Transport> {
    return std::make_unique<HttpTransport>(loop,
                                           [&dialer](Endpoint endpoint) { return dialer.dial(std::move(endpoint)); });
  };
  const Pid pid = host.spawn_body(
      nullptr, [transport](Process& process) { return kubectl::run(process, transport); }, std::move(options));
  std::optional<ExitStatus> ended;
  host.on_exit(pid, [&ended](ExitStatus status) { ended = status; });

  boost::asio::signal_set signals(driver.io(), SIGINT, SIGTERM, SIGHUP);
  signals.add(SIGWINCH);
  std::function<void()> listen = [&] {
    signals.async_wait([&](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal != SIGWINCH) (void)host.signal(pid, signal);
      for (const auto& terminal : {input, output}) {
        if (signal == SIGWINCH && terminal) terminal->follow_size();
      }
      listen();
    });
  };
  listen();
  driver.run_until([&ended] { return ended.has_value(); }, kForEver);
  if (input) input->restore();
  std::fflush(nullptr);
  if (ended && ended->signal != 0) end_by_signal(ended->signal);
  // A thread may still wait for standard input: what it holds goes with the process.
  ::_exit(ended ? ended->code : 1);
}

}  // namespace drydock::server
