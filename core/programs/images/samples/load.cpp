// Programs that use CPU and memory, and a server that does so for each request.
#include <algorithm>
#include <cmath>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/machinery/quantity.h"
#include "core/machinery/timestamp.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/images/entry_points.h"
#include "core/programs/images/serving.h"

namespace drydock {
namespace {

constexpr Duration kTick = milliseconds(500);
constexpr Duration kPageWork = milliseconds(180);  // of a million square roots in PHP

std::optional<std::int64_t> bytes_of(std::string text) {
  std::int64_t unit = 1;
  if (!text.empty()) {
    const char last = text.back();
    unit = last == 'B' || last == 'b'   ? 1
           : last == 'K' || last == 'k' ? std::int64_t{1} << 10
           : last == 'M' || last == 'm' ? std::int64_t{1} << 20
           : last == 'G' || last == 'g' ? std::int64_t{1} << 30
                                        : 0;
    if (unit == 0)
      unit = 1;
    else
      text.pop_back();
  }
  const auto number = parse_int(text);
  if (!number || *number < 0) return std::nullopt;
  return *number * unit;
}

std::optional<Duration> stress_duration(std::string text) {
  std::int64_t unit = 1;
  if (!text.empty() && (text.back() < '0' || text.back() > '9')) {
    const char last = text.back();
    unit = last == 'm' ? 60 : last == 'h' ? 3600 : last == 'd' ? 86400 : last == 'y' ? 31536000 : 1;
    text.pop_back();
  }
  const auto number = parse_int(text);
  if (!number || *number < 0) return std::nullopt;
  return seconds(*number * unit);
}

// Uses `cpus` processors until `end`, as far as its limit and the machine allow.
Task<void> burn(Process& process, double cpus, std::optional<TimePoint> end) {
  while (!end || process.now() < *end) {
    double share = std::min(cpus, static_cast<double>(process.host().options().cpus));
    for (const Cgroup* group = process.namespaces().cgroup.get(); group != nullptr; group = group->parent.get()) {
      if (group->cpu_limit_milli > 0) share = std::min(share, static_cast<double>(group->cpu_limit_milli) / 1000);
    }
    const Duration step = end ? std::min(kTick, *end - process.now()) : kTick;
    auto slept = co_await process.sleep(step);
    if (!slept) co_return;
    process.add_cpu_time(Duration(static_cast<std::int64_t>(static_cast<double>(step.count()) * share)));
  }
}

struct StressPlan {
  std::int64_t cpu = 0;
  std::int64_t io = 0;
  std::int64_t vm = 0;
  std::int64_t vm_bytes = 256 << 20;
  std::int64_t hdd = 0;
  std::optional<Duration> timeout;
  std::string bad;
};

StressPlan stress_plan(const Process& process) {
  StressPlan plan;
  const auto words = process.arguments();
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string word = words[i];
    std::string value;
    const std::size_t equals = word.find('=');
    const bool glued = equals != std::string::npos && word.starts_with("--");
    if (glued) {
      value = word.substr(equals + 1);
      word.resize(equals);
    }
    auto next = [&] {
      if (!glued && i + 1 < words.size()) value = words[++i];
      return value;
    };
    if (word == "-c" || word == "--cpu") {
      plan.cpu = parse_int(next()).value_or(-1);
    } else if (word == "-i" || word == "--io") {
      plan.io = parse_int(next()).value_or(-1);
    } else if (word == "-m" || word == "--vm") {
      plan.vm = parse_int(next()).value_or(-1);
    } else if (word == "-d" || word == "--hdd") {
      plan.hdd = parse_int(next()).value_or(-1);
    } else if (word == "--vm-bytes") {
      plan.vm_bytes = bytes_of(next()).value_or(-1);
    } else if (word == "--vm-hang" || word == "--hdd-bytes" || word == "--vm-stride" || word == "--backoff" ||
               word == "--vm-method" || word == "--cpu-load" || word == "-l" || word == "--cpu-method") {
      (void)next();
    } else if (word == "-t" || word == "--timeout") {
      plan.timeout = stress_duration(next());
      if (!plan.timeout) plan.bad = "invalid number: " + value;
    } else if (word != "-v" && word != "--verbose" && word != "-q" && word != "--quiet" && word != "--vm-keep" &&
               word != "--metrics-brief" && word != "--metrics" && word != "--vm-populate") {
      plan.bad = "unrecognized option: " + word;
    }
  }
  if (plan.cpu < 0 || plan.io < 0 || plan.vm < 0 || plan.hdd < 0 || plan.vm_bytes < 0)
    plan.bad = "invalid number: " + std::string(words.back());
  return plan;
}

Pid start_hog(Process& process, double cpus, std::int64_t bytes) {
  SpawnOptions options;
  options.argv = {std::string(process.name())};
  return process.fork(
      [cpus, bytes](Process& hog) -> Task<int> {
        // Memory is touched page by page: a limit strikes after a moment.
        const std::int64_t start = hog.memory();
        for (int step = 1; step <= 10 && bytes > 0; ++step) {
          hog.set_memory(start + bytes / 10 * step);
          (void)co_await hog.sleep(milliseconds(50));
        }
        co_await burn(hog, cpus, std::nullopt);
        co_return 0;
      },
      std::move(options));
}

}  // namespace

// https://manpages.debian.org/stress: hogs are children; one that dies ends the run.
Task<int> stress_main(Process& process) {
  const StressPlan plan = stress_plan(process);
  const std::string pid = std::to_string(process.pid());
  if (!plan.bad.empty()) {
    co_await process.err("stress: FAIL: [" + pid + "] (244) " + plan.bad + "\n");
    co_return 1;
  }
  if (plan.cpu + plan.io + plan.vm + plan.hdd == 0) {
    co_await process.out(
        "`stress' imposes certain types of compute stress on your system\n\nUsage: stress [OPTION [ARG]] ...\n -?, "
        "--help         show this help statement\n     --version      show version statement\n -v, --verbose      be "
        "verbose\n -q, --quiet        be quiet\n -n, --dry-run      show what would have been done\n -t, --timeout N   "
        " timeout after N seconds\n     --backoff N    wait factor of N microseconds before work starts\n -c, --cpu N  "
        "      spawn N workers spinning on sqrt()\n -i, --io N         spawn N workers spinning on sync()\n -m, --vm N "
        "        spawn N workers spinning on malloc()/free()\n     --vm-bytes B   malloc B bytes per vm worker "
        "(default is 256MB)\n     --vm-hang N    sleep N secs before free (default none, 0 is inf)\n -d, --hdd N       "
        " spawn N workers spinning on write()/unlink()\n\nExample: stress --cpu 8 --io 4 --vm 2 --vm-bytes 128M "
        "--timeout 10s\n");
    co_return 0;
  }
  co_await process.out("stress: info: [" + pid + "] dispatching hogs: " + std::to_string(plan.cpu) + " cpu, " +
                       std::to_string(plan.io) + " io, " + std::to_string(plan.vm) + " vm, " +
                       std::to_string(plan.hdd) + " hdd\n");
  const TimePoint started = process.now();
  std::vector<Pid> hogs;
  for (std::int64_t i = 0; i < plan.cpu; ++i) hogs.push_back(start_hog(process, 1, 0));
  for (std::int64_t i = 0; i < plan.io + plan.hdd; ++i) hogs.push_back(start_hog(process, 0.2, 0));
  for (std::int64_t i = 0; i < plan.vm; ++i) hogs.push_back(start_hog(process, 1, plan.vm_bytes));
  process.on_signal(kSigAlrm, Process::Disposition::kCatch);
  process.on_signal(kSigTerm, Process::Disposition::kCatch);
  process.on_signal(kSigInt, Process::Disposition::kCatch);
  if (plan.timeout) {
    auto alarm = [](Process& self, Duration delay) -> Task<void> {
      co_await self.loop().sleep(delay);
      (void)self.kill(self.pid(), kSigAlrm);
    };
    process.tasks().spawn(alarm(process, *plan.timeout));
  }
  int code = 0;
  auto ended = co_await process.wait(-1);
  if (ended) {
    // A hog died by itself: the kernel took its memory.
    co_await process.err("stress: FAIL: [" + pid + "] (415) <-- worker " + std::to_string(ended->pid) + " got signal " +
                         std::to_string(ended->status.signal) + "\nstress: WARN: [" + pid +
                         "] (417) now reaping child worker processes\n");
    std::erase(hogs, ended->pid);
    code = 1;
  }
  for (Pid hog : hogs) (void)process.kill(hog, kSigKill);
  for (std::size_t i = 0; i < hogs.size(); ++i) (void)co_await process.wait(hogs[i]);
  const auto took = std::chrono::duration_cast<seconds>(process.now() - started).count();
  if (code == 0)
    co_await process.out("stress: info: [" + pid + "] successful run completed in " + std::to_string(took) + "s\n");
  else
    co_await process.err("stress: FAIL: [" + pid + "] (451) failed run completed in " + std::to_string(took) + "s\n");
  co_return code;
}

// vish/stress of the pages about resources: -cpus, -mem-total, -mem-alloc-size, -mem-alloc-sleep.
Task<int> vish_stress_main(Process& process) {
  auto quantity = [&](std::string_view name, const char* fallback) {
    const auto parsed = Quantity::parse(flag_value(process, name, fallback));
    return parsed ? parsed->value() : 0;
  };
  const std::int64_t total = quantity("mem-total", "0");
  const std::int64_t step = std::max<std::int64_t>(quantity("mem-alloc-size", "4Ki"), 4096);
  const Duration pause = parse_go_duration(flag_value(process, "mem-alloc-sleep", "1ms")).value_or(milliseconds(1));
  const std::int64_t cpus = parse_int(flag_value(process, "cpus", "0")).value_or(0);
  auto say = [&](const std::string& text) {
    return process.err("I" + format_time(process.now(), "%m%d %H:%M:%S") + ".000000       1 main.go:26] " + text +
                       "\n");
  };
  co_await say("Allocating \"" + flag_value(process, "mem-total", "0") + "\" memory, in \"" +
               flag_value(process, "mem-alloc-size", "4Ki") + "\" chunks, with a " + format_go_duration(pause) +
               " sleep between allocations");
  if (cpus > 0) {
    co_await say("Spawning " + std::to_string(cpus) + " threads to consume CPU");
    process.tasks().spawn(burn(process, static_cast<double>(cpus), std::nullopt));
  }
  // Steps are taken together so that a small chunk does not cost a million events.
  const std::int64_t base = process.memory();
  const std::int64_t steps = total / step;
  const std::int64_t together = std::max<std::int64_t>(steps / 200, 1);
  for (std::int64_t done = 0; done < steps; done += together) {
    process.set_memory(base + std::min(total, (done + together) * step));
    auto slept = co_await process.sleep(pause * together);
    if (!slept) co_return 0;
  }
  co_await say("Allocated \"" + flag_value(process, "mem-total", "0") + "\" memory");
  Event never(process.loop());
  while (true) (void)co_await process.wait_event(never);
}

// The page of the autoscaling walk-through: a long loop, then OK!.
Task<int> hpa_example_main(Process& process) {
  process.set_memory(12 << 20);
  co_await process.err(
      "AH00558: apache2: Could not reliably determine the server's fully qualified domain name, "
      "using " +
      process.network().primary_address().text() +
      ". Set the 'ServerName' directive globally to suppress this message\n[" +
      format_time(process.now(), "%a %b %d %H:%M:%S.000000 %Y") +
      "] [mpm_prefork:notice] [pid 1] AH00163: Apache/2.4.10 (Debian) PHP/5.6.14 configured -- "
      "resuming normal operations\n");
  auto busy_until = std::make_shared<TimePoint>(process.now());
  ServeOptions options;
  options.port = 80;
  co_return co_await serve_http(process, options, [&process, busy_until](HttpRequest request) -> Task<HttpResponse> {
    // One queue for the processor time that the limit allows.
    double share = static_cast<double>(process.host().options().cpus);
    for (const Cgroup* group = process.namespaces().cgroup.get(); group != nullptr; group = group->parent.get()) {
      if (group->cpu_limit_milli > 0) share = std::min(share, static_cast<double>(group->cpu_limit_milli) / 1000);
    }
    const auto wall = Duration(static_cast<std::int64_t>(static_cast<double>(kPageWork.count()) / share));
    *busy_until = std::max(*busy_until, process.now()) + wall;
    process.add_cpu_time(kPageWork);
    co_await process.loop().sleep_until(std::max(*busy_until, process.now() + kPageWork));
    HttpResponse response = text_page(200, "text/html; charset=UTF-8", "OK!");
    response.headers.set("Server", "Apache/2.4.10 (Debian)");
    response.headers.set("X-Powered-By", "PHP/5.6.14");
    co_await process.out(request.peer_address + " - - [" + log_time(process.now()) + "] \"" + request.method + " " +
                         request_target(request) + " HTTP/1.1\" 200 202 \"-\" \"" +
                         std::string(request.headers.get("User-Agent")) + "\"\n");
    co_return response;
  });
}

}  // namespace drydock
