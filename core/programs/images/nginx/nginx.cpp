// nginx: command line, master process, workers.
// https://nginx.org/en/docs/control.html
#include <algorithm>
#include <set>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/programs/images/entry_points.h"
#include "core/programs/images/nginx/config.h"
#include "core/programs/images/nginx/request.h"
#include "core/programs/images/serving.h"

namespace drydock {
namespace {

using nginx::Config;
using nginx::Shared;

constexpr Duration kBindRetry = milliseconds(500);
constexpr int kBindAttempts = 5;
constexpr Duration kRequestWork = microseconds(120);
constexpr std::int64_t kWorkerMemory = 3 << 20;

struct CommandLine {
  std::string config_path = "/etc/nginx/nginx.conf";
  std::string globals;  // -g
  std::string signal;   // -s
  bool test = false;
  bool dump = false;
  bool quiet = false;
  bool version = false;
  bool details = false;
  bool help = false;
  std::string error;
};

CommandLine parse_command_line(const Process& process) {
  CommandLine line;
  const auto words = process.arguments();
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (!word.starts_with("-")) {
      line.error = "invalid option: \"" + word + "\"";
      return line;
    }
    for (std::size_t k = 1; k < word.size(); ++k) {
      const char c = word[k];
      if (c == 't' || c == 'T') {
        line.test = true;
        line.dump = c == 'T';
      } else if (c == 'q') {
        line.quiet = true;
      } else if (c == 'v' || c == 'V') {
        line.version = true;
        line.details = line.details || c == 'V';
      } else if (c == 'h' || c == '?') {
        line.help = true;
      } else if (c == 'c' || c == 'g' || c == 's' || c == 'p' || c == 'e') {
        std::string value = word.substr(k + 1);
        if (value.empty()) {
          if (i + 1 >= words.size()) {
            line.error = std::string("option \"-") + c + "\" requires " +
                         (c == 'c' || c == 'e' ? "file name"
                          : c == 'p'           ? "directory name"
                                               : "parameter");
            return line;
          }
          value = words[++i];
        }
        if (c == 'c') line.config_path = value;
        if (c == 'g') line.globals = value;
        if (c == 's') {
          line.signal = value;
          if (value != "stop" && value != "quit" && value != "reopen" && value != "reload") {
            line.error = "invalid option: \"-s " + value + "\"";
            return line;
          }
        }
        break;
      } else {
        line.error = std::string("invalid option: \"") + c + "\"";
        return line;
      }
    }
  }
  return line;
}

constexpr std::string_view kHelp =
    "Usage: nginx [-?hvVtTq] [-s signal] [-p prefix]\n             [-e filename] [-c filename] [-g "
    "directives]\n\nOptions:\n  -?,-h         : this help\n  -v            : show version and exit\n  -V            : "
    "show version and configure options then exit\n  -t            : test configuration and exit\n  -T            : "
    "test configuration, dump it and exit\n  -q            : suppress non-error messages during configuration "
    "testing\n  -s signal     : send signal to a master process: stop, quit, reopen, reload\n  -p prefix     : set "
    "prefix path (default: /etc/nginx/)\n  -e filename   : set error log file (default: /var/log/nginx/error.log)\n  "
    "-c filename   : set configuration file (default: /etc/nginx/nginx.conf)\n  -g directives : set global directives "
    "out of configuration file\n\n";

std::string pid_path(const Config& config) {
  const nginx::Directive* pid = config.main().child("pid");
  return pid != nullptr ? pid->argument(0) : "/run/nginx.pid";
}

bool is_off(const Config& config, std::string_view name) {
  const nginx::Directive* directive = config.main().child(name);
  return directive != nullptr && directive->argument(0) == "off";
}

// One configuration in force: its sockets and the requests on them.
class Generation final : public HttpHandler {
 public:
  Generation(Process& process, std::shared_ptr<Config> config, std::shared_ptr<Shared> shared)
      : process_(process), config_(std::move(config)), shared_(std::move(shared)) {}

  // The sockets wanted: address and port, each once.
  std::set<std::pair<Ipv4, std::uint16_t>> wanted() const {
    std::set<std::pair<Ipv4, std::uint16_t>> all;
    for (const auto& server : config_->servers) {
      for (const nginx::Listen& listen : server->listens) all.emplace(listen.address, listen.port);
    }
    return all;
  }
  // "" or the text behind "bind() to ".
  std::string open_sockets() {
    for (const auto& [address, port] : wanted()) {
      if (listeners_.contains({address, port})) continue;
      auto listener = open_http(process_, port, *this, address);
      if (!listener) {
        return (address.any() ? "0.0.0.0" : address.text()) + ":" + std::to_string(port) + " failed (" +
               std::to_string(static_cast<int>(listener.error())) + ": " + std::string(errno_text(listener.error())) +
               ")";
      }
      listeners_[{address, port}] = std::move(*listener);
    }
    return "";
  }
  void replace_config(std::shared_ptr<Config> config) {
    config_ = std::move(config);
    const auto keep = wanted();
    std::erase_if(listeners_, [&](const auto& entry) { return !keep.contains(entry.first); });
  }
  const std::shared_ptr<Config>& config() const { return config_; }
  std::int64_t active() const { return shared_->active; }

  Task<HttpResponse> handle(HttpRequest raw) override {
    const std::shared_ptr<Config> config = config_;  // a reload meanwhile does not disturb this request
    struct Active {
      Shared& shared;
      explicit Active(Shared& counters) : shared(counters) {
        ++shared.active;
        ++shared.requests;
        ++shared.connections;
      }
      ~Active() { --shared.active; }
    } counted(*shared_);
    nginx::Request request;
    request.process = &process_;
    request.shared = shared_.get();
    request.config = config.get();
    request.raw = &raw;
    request.started = process_.now();
    request.number = shared_->requests;
    request.id = hex_encode(sha256(std::to_string(request.number) + process_.hostname())).substr(0, 32);
    request.arguments = raw.query.empty() ? "" : raw.query.encode();
    request.request_uri = request_target(raw);
    request.request_line = raw.method + " " + request.request_uri + " HTTP/1.1";
    request.uri = normalize_path(raw.path);
    if (raw.path.ends_with("/") && !request.uri.ends_with("/")) request.uri += "/";
    if (request.uri.empty()) request.uri = "/";
    const std::size_t colon = raw.local_address.rfind(':');
    const auto address = Ipv4::parse(std::string_view(raw.local_address).substr(0, colon)).value_or(Ipv4{});
    const auto port = static_cast<std::uint16_t>(
        colon == std::string::npos ? 80
                                   : parse_int(std::string_view(raw.local_address).substr(colon + 1)).value_or(80));
    request.server = &nginx::choose_server(*config, address, port, raw.headers.get("Host"));
    process_.add_cpu_time(kRequestWork);
    HttpResponse response = co_await nginx::answer(request);
    co_return response;
  }

 private:
  Process& process_;
  std::shared_ptr<Config> config_;
  std::shared_ptr<Shared> shared_;
  std::map<std::pair<Ipv4, std::uint16_t>, std::unique_ptr<HttpListener>> listeners_;
};

// Fails the start as the real one does: a log line and one for the terminal.
Task<void> fatal(Process& process, std::string text) {
  const std::string pid = std::to_string(process.pid());
  co_await process.err(slash_time(process.now()) + " [emerg] " + pid + "#" + pid + ": " + text + "\n");
  co_await process.err("nginx: [emerg] " + text + "\n");
}

Pid start_worker(Process& process) {
  SpawnOptions options;
  options.argv = {"nginx: worker process"};
  if (process.credentials().uid == 0) {
    Credentials who;
    who.uid = who.gid = 101;
    options.credentials = who;
  }
  return process.fork(
      [](Process& worker) -> Task<int> {
        worker.on_signal(kSigQuit, Process::Disposition::kCatch);
        worker.on_signal(kSigTerm, Process::Disposition::kCatch);
        worker.set_memory(kWorkerMemory);
        (void)co_await worker.wait_signal();
        co_return 0;
      },
      std::move(options));
}

// The master process. What it does before and between signals is in tasks of their own,
// never inlined (the compiler makes inlined tasks' frames a part of their caller's):
// what waits, in a thousand pods, is then only run()'s small frame.
class Master {
 public:
  Master(Process& process, CommandLine line, std::shared_ptr<Config> config)
      : process_(process),
        line_(std::move(line)),
        shared_(std::make_shared<Shared>()),
        generation_(process, std::move(config), shared_) {
    shared_->version = process.program_version().empty() ? "1.29.1" : process.program_version();
  }

  Task<int> run() {
    for (int signal : {kSigTerm, kSigInt, kSigQuit, kSigHup, kSigUsr1, kSigUsr2, kSigWinch})
      process_.on_signal(signal, Process::Disposition::kCatch);
    process_.on_signal(kSigChld, Process::Disposition::kIgnore);
    if (!co_await begin()) co_return 1;
    for (;;) {
      const int signal = co_await process_.wait_signal();
      if (co_await take(signal)) co_return 0;
    }
  }

 private:
  Task<void> note(std::string level, std::string text) {
    return nginx::log_error(process_, *generation_.config(), std::move(level), std::move(text));
  }

  Task<void> announce_worker(Pid worker) {
    shared_->worker = worker;
    co_await note("notice", "start worker process " + std::to_string(worker));
  }

  [[gnu::noinline]] Task<bool> begin() {
    for (int attempt = 1;; ++attempt) {
      const std::string problem = generation_.open_sockets();
      if (problem.empty()) break;
      co_await fatal(process_, "bind() to " + problem);
      if (attempt == kBindAttempts) {
        co_await fatal(process_, "still could not bind()");
        co_return false;
      }
      (void)co_await process_.sleep(kBindRetry);
    }
    co_await note("notice", "using the \"epoll\" event method");
    co_await note("notice", "nginx/" + shared_->version);
    co_await note("notice", "built by gcc 12.2.0 (Debian 12.2.0-14+deb12u1) ");
    co_await note("notice", "OS: Linux " + process_.host().options().kernel_version);
    co_await note("notice", "getrlimit(RLIMIT_NOFILE): 1048576:1048576");
    pid_file_ = pid_path(*generation_.config());
    auto written = process_.write_file(pid_file_, std::to_string(process_.pid()) + "\n");
    if (!written) {
      co_await fatal(process_, "open() \"" + pid_file_ + "\" failed (" +
                                   std::to_string(static_cast<int>(written.error())) + ": " +
                                   std::string(errno_text(written.error())) + ")");
      co_return false;
    }
    co_await note("notice", "start worker processes");
    co_await announce_worker(start_worker(process_));
    co_return true;
  }

  // True: the master ends.
  [[gnu::noinline]] Task<bool> take(int signal) {
    const std::string name =
        "signal " + std::to_string(signal) + " (SIG" + std::string(signal_name(signal)) + ") received";
    if (signal == kSigHup) {
      co_await note("notice", name + " from " + std::to_string(shared_->worker) + ", reconfiguring");
      co_await reconfigure();
      co_return false;
    }
    if (signal == kSigUsr1) {
      co_await note("notice", name + ", reopening logs");
      co_return false;
    }
    if (signal != kSigTerm && signal != kSigInt && signal != kSigQuit) co_return false;
    const bool graceful = signal == kSigQuit;
    co_await note("notice", name + (graceful ? ", shutting down" : ", exiting"));
    // Requests under way are answered first.
    while (graceful && generation_.active() > 0) (void)co_await process_.sleep(milliseconds(20));
    co_await end_worker(shared_->worker, graceful ? kSigQuit : kSigTerm);
    co_await note("notice", "exit");
    (void)process_.unlink(pid_file_);
    co_return true;
  }

  Task<void> reconfigure() {
    co_await note("notice", "reconfiguring");
    auto fresh = nginx::load_config(process_, line_.config_path, line_.globals);
    std::string problem = fresh ? "" : fresh.error().text;
    if (fresh) {
      auto resolved = co_await nginx::resolve_upstreams(process_, **fresh);
      if (!resolved) problem = resolved.error().text;
    }
    if (!problem.empty()) {
      co_await note("emerg", problem);
      co_return;
    }
    generation_.replace_config(*fresh);
    const std::string bind_problem = generation_.open_sockets();
    if (!bind_problem.empty()) co_await note("emerg", "bind() to " + bind_problem);
    co_await note("notice", "using the \"epoll\" event method");
    co_await note("notice", "start worker processes");
    const Pid old = shared_->worker;
    co_await announce_worker(start_worker(process_));
    co_await end_worker(old, kSigQuit);
  }

  Task<void> end_worker(Pid worker, int signal) {
    (void)process_.kill(worker, signal);
    auto ended = co_await process_.wait(worker);
    if (ended) co_await note("notice", "worker process " + std::to_string(worker) + " exited with code 0");
  }

  Process& process_;
  CommandLine line_;
  std::shared_ptr<Shared> shared_;
  Generation generation_;
  std::string pid_file_;
};

[[gnu::noinline]] Task<int> run_master(std::unique_ptr<Master> master) { co_return co_await master->run(); }

Task<int> send_signal(Process& process, const Config& config, std::string signal) {
  const std::string path = pid_path(config);
  auto text = process.read_file(path);
  if (!text) {
    co_await process.err("nginx: [error] open() \"" + path + "\" failed (" +
                         std::to_string(static_cast<int>(text.error())) + ": " + std::string(errno_text(text.error())) +
                         ")\n");
    co_return 1;
  }
  const auto pid = parse_int(trim(*text));
  if (!pid) {
    co_await process.err("nginx: [error] invalid PID number \"" + std::string(trim(*text)) + "\" in \"" + path +
                         "\"\n");
    co_return 1;
  }
  const int number = signal == "stop"     ? kSigTerm
                     : signal == "quit"   ? kSigQuit
                     : signal == "reopen" ? kSigUsr1
                                          : kSigHup;
  auto sent = process.kill(static_cast<Pid>(*pid), number);
  if (!sent) {
    co_await process.err("nginx: [alert] kill(" + std::to_string(*pid) + ", " + std::to_string(number) + ") failed (" +
                         std::to_string(static_cast<int>(sent.error())) + ": " + std::string(errno_text(sent.error())) +
                         ")\n");
    co_return 1;
  }
  co_return 0;
}

// The temporary directories under /var/cache/nginx; "" or why they cannot be made.
std::string make_cache(Process& process, const Config& config) {
  for (std::string_view kind : {"client", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    const std::string name(kind);
    std::string path = "/var/cache/nginx/" + name + "_temp";
    const nginx::Directive* set =
        config.any_http().block->child(kind == "client" ? "client_body_temp_path" : name + "_temp_path");
    if (set != nullptr) path = set->argument(0);
    if (process.exists(path)) continue;
    if (!process.exists(directory_name(path)) && process.credentials().uid == 0)
      (void)process.make_directories(directory_name(path));
    auto made = process.make_directory(path, 0700);
    if (!made)
      return "mkdir() \"" + path + "\" failed (" + std::to_string(static_cast<int>(made.error())) + ": " +
             std::string(errno_text(made.error())) + ")";
  }
  return "";
}

// What comes before the master process: its configuration in `config`, or the exit
// code when there will be none.
[[gnu::noinline]] Task<int> prepare(Process& process, CommandLine line, std::shared_ptr<Config>& config) {
  const std::string version = process.program_version().empty() ? "1.29.1" : process.program_version();
  if (!line.error.empty()) {
    co_await process.err("nginx: " + line.error + "\n");
    co_return 1;
  }
  if (line.version || line.help) {
    co_await process.err("nginx version: nginx/" + version + "\n");
    if (line.help) co_await process.err(std::string(kHelp));
    if (line.details)
      co_await process.err(
          "built by gcc 12.2.0 (Debian 12.2.0-14+deb12u1) \nbuilt with OpenSSL 3.0.17 1 Jul 2025\nTLS SNI support "
          "enabled\nconfigure arguments: --prefix=/etc/nginx --sbin-path=/usr/sbin/nginx "
          "--conf-path=/etc/nginx/nginx.conf --error-log-path=/var/log/nginx/error.log "
          "--http-log-path=/var/log/nginx/access.log --pid-path=/run/nginx.pid --user=nginx --group=nginx "
          "--with-http_stub_status_module --with-http_v2_module\n");
    co_return 0;
  }
  auto loaded = nginx::load_config(process, line.config_path, line.globals);
  std::string problem = loaded ? "" : loaded.error().text;
  if (loaded) {
    auto resolved = co_await nginx::resolve_upstreams(process, **loaded);
    if (!resolved) problem = resolved.error().text;
  }
  if (line.test) {
    if (!problem.empty()) {
      co_await process.err(slash_time(process.now()) + " [emerg] " + std::to_string(process.pid()) + "#" +
                           std::to_string(process.pid()) + ": " + problem + "\n");
      co_await process.err("nginx: [emerg] " + problem + "\nnginx: configuration file " + line.config_path +
                           " test failed\n");
      co_return 1;
    }
    if (!line.quiet)
      co_await process.err("nginx: the configuration file " + line.config_path +
                           " syntax is ok\nnginx: configuration file " + line.config_path + " test is successful\n");
    if (line.dump) {
      co_await process.out("# configuration file " + line.config_path + ":\n" +
                           process.read_file(line.config_path).value_or("") + "\n");
      for (const std::string& name : process.list_directory("/etc/nginx/conf.d").value_or({})) {
        if (!name.ends_with(".conf")) continue;
        co_await process.out("# configuration file /etc/nginx/conf.d/" + name + ":\n" +
                             process.read_file("/etc/nginx/conf.d/" + name).value_or("") + "\n");
      }
    }
    co_return 0;
  }
  if (!problem.empty()) {
    co_await fatal(process, problem);
    co_return 1;
  }
  const std::shared_ptr<Config> read = *loaded;
  if (!line.signal.empty()) {
    if (nginx::Config& known = *read; known.any_http().find("error_log") != nullptr)
      co_await nginx::log_error(process, known, "notice", "signal process started");
    co_return co_await send_signal(process, *read, line.signal);
  }
  const std::string cache = make_cache(process, *read);
  if (!cache.empty()) {
    co_await fatal(process, cache);
    co_return 1;
  }
  if (process.credentials().uid != 0) {
    if (const nginx::Directive* user = read->main().child("user")) {
      const std::string text =
          "the \"user\" directive makes sense only if the master process runs with super-user privileges, ignored" +
          user->where();
      co_await process.err(slash_time(process.now()) + " [warn] " + std::to_string(process.pid()) + "#" +
                           std::to_string(process.pid()) + ": " + text + "\nnginx: [warn] " + text + "\n");
    }
  }
  config = read;
  co_return 0;
}

}  // namespace

Task<int> nginx_main(Process& process) {
  CommandLine line = parse_command_line(process);
  std::shared_ptr<Config> config;
  const int code = co_await prepare(process, line, config);
  if (!config) co_return code;
  if (is_off(*config, "daemon")) {
    auto master = std::make_unique<Master>(process, std::move(line), std::move(config));
    co_return co_await run_master(std::move(master));
  }
  // A daemon: the first process ends (and with it, a container).
  SpawnOptions options;
  options.argv = {"nginx: master process nginx"};
  (void)process.fork(
      [line, config](Process& master) { return run_master(std::make_unique<Master>(master, line, config)); },
      std::move(options));
  co_return 0;
}

namespace {

// The scripts of /docker-entrypoint.d; an exit code when one of them fails.
[[gnu::noinline]] Task<int> run_entrypoint_scripts(Process& process) {
  const std::string self = "/docker-entrypoint.sh: ";
  const bool quiet = !process.env("NGINX_ENTRYPOINT_QUIET_LOGS").empty();
  std::string text = self + "/docker-entrypoint.d/ is not empty, will attempt to perform configuration\n" + self +
                     "Looking for shell scripts in /docker-entrypoint.d/\n" + self +
                     "Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh\n";
  const std::string script = "10-listen-on-ipv6-by-default.sh: info: ";
  const std::string site = "/etc/nginx/conf.d/default.conf";
  const std::string content = process.read_file(site).value_or("");
  if (content.empty()) {
    text += script + site + " is not a file or does not exist\n";
  } else if (!process.can_access(site, Process::kWrite) || process.files().read_only(site)) {
    text += script + "can not modify " + site + " (read-only file system?)\n";
  } else if (contains(content, "listen  [::]:80;")) {
    text += script + "IPv6 listen already enabled\n";
  } else if (contains(content, "    listen       80;\n    server_name  localhost;")) {
    text += script + "Getting the checksum of " + site + "\n" + script + "Enabled listen on IPv6 in " + site + "\n";
    (void)process.write_file(
        site, replace_all(content, "    listen       80;\n", "    listen       80;\n    listen  [::]:80;\n"));
  } else {
    text += script + "Getting the checksum of " + site + "\n" + script + site + " differs from the packaged version\n";
  }
  text += self + "Sourcing /docker-entrypoint.d/15-local-resolvers.envsh\n" + self +
          "Launching /docker-entrypoint.d/20-envsubst-on-templates.sh\n";
  for (const std::string& name : process.list_directory("/etc/nginx/templates").value_or({})) {
    if (!name.ends_with(".template")) continue;
    const std::string target = "/etc/nginx/conf.d/" + name.substr(0, name.size() - 9);
    text += "20-envsubst-on-templates.sh: Running envsubst on /etc/nginx/templates/" + name + " to " + target + "\n";
    std::string body = process.read_file("/etc/nginx/templates/" + name).value_or("");
    for (const auto& [variable, value] : process.environment())
      body = replace_all(replace_all(body, "${" + variable + "}", value), "$" + variable, value);
    (void)process.write_file(target, body);
  }
  text += self + "Launching /docker-entrypoint.d/30-tune-worker-processes.sh\n";
  if (!quiet) co_await process.out(text);
  // A person's own scripts, mounted beside them.
  for (const std::string& name : process.list_directory("/docker-entrypoint.d").value_or({})) {
    const std::string path = "/docker-entrypoint.d/" + name;
    if (!name.ends_with(".sh")) {
      if (!quiet) co_await process.out(self + "Ignoring " + path + "\n");
      continue;
    }
    if (!process.can_access(path, Process::kExecute)) {
      if (!quiet) co_await process.out(self + "Ignoring " + path + ", not executable\n");
      continue;
    }
    if (!quiet) co_await process.out(self + "Launching " + path + "\n");
    SpawnOptions options;
    options.argv = {path};
    const ExitStatus status = co_await process.run(std::move(options));
    if (status.shell_code() != 0) co_return status.shell_code();
  }
  if (!quiet) co_await process.out(self + "Configuration complete; ready for start up\n");
  co_return 0;
}

}  // namespace

// What nginx' images run first: scripts of /docker-entrypoint.d, then the command.
Task<int> nginx_entrypoint_main(Process& process) {
  std::vector<std::string> command(process.arguments().begin(), process.arguments().end());
  if (command.empty()) co_return 0;
  if (command[0] == "nginx" || command[0] == "nginx-debug") {
    const int code = co_await run_entrypoint_scripts(process);
    if (code != 0) co_return code;
  }
  const std::string name = command[0];
  auto replaced = co_await process.exec(std::move(command));
  if (replaced) co_return *replaced;
  co_await process.err("/docker-entrypoint.sh: 47: exec: " + name + ": not found\n");
  co_return 127;
}

}  // namespace drydock
