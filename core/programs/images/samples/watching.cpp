// What watches a cluster: node_exporter's page and fluentd, which tails container logs.
#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/machinery/json.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/images/entry_points.h"
#include "core/programs/images/serving.h"

namespace drydock {
namespace {

constexpr Duration kTailInterval = seconds(1);

std::string gauge(const std::string& name, const std::string& help, const std::string& type,
                  const std::string& samples) {
  return "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n" + samples;
}

std::string node_metrics(Process& process) {
  Host& host = process.host();
  const HostOptions& machine = host.options();
  const double now = std::chrono::duration<double>(process.now().time_since_epoch()).count();
  const double booted = std::chrono::duration<double>(host.booted().time_since_epoch()).count();
  double used = 0;
  for (const auto& [pid, other] : host.processes()) used += std::chrono::duration<double>(other->cpu_time()).count();
  const double idle = std::max(0.0, (now - booted) * machine.cpus - used);
  std::string cpu;
  for (int i = 0; i < machine.cpus; ++i) {
    const std::string label = "{cpu=\"" + std::to_string(i) + "\",mode=";
    cpu += "node_cpu_seconds_total" + label + format("\"idle\"} %.2f\n", idle / machine.cpus);
    cpu += "node_cpu_seconds_total" + label + format("\"user\"} %.2f\n", used / machine.cpus);
  }
  const auto total = static_cast<double>(machine.memory_bytes);
  const double free = total - static_cast<double>(host.memory_used());
  std::string text;
  text += gauge("node_boot_time_seconds", "Node boot time, in unixtime.", "gauge",
                "node_boot_time_seconds " + format_double(std::floor(booted)) + "\n");
  text += gauge("node_cpu_seconds_total", "Seconds the CPUs spent in each mode.", "counter", cpu);
  text += gauge("node_exporter_build_info",
                "A metric with a constant '1' value labeled by version, revision, branch, goversion from which "
                "node_exporter was built, and the goos and goarch for the build.",
                "gauge",
                "node_exporter_build_info{branch=\"HEAD\",goarch=\"amd64\",goos=\"linux\",goversion=\"go1.24.1\","
                "version=\"" +
                    process.program_version().substr(process.program_version().starts_with("v") ? 1 : 0) + "\"} 1\n");
  text += gauge("node_memory_MemAvailable_bytes", "Memory information field MemAvailable_bytes.", "gauge",
                "node_memory_MemAvailable_bytes " + format_double(free) + "\n");
  text += gauge("node_memory_MemFree_bytes", "Memory information field MemFree_bytes.", "gauge",
                "node_memory_MemFree_bytes " + format_double(free) + "\n");
  text += gauge("node_memory_MemTotal_bytes", "Memory information field MemTotal_bytes.", "gauge",
                "node_memory_MemTotal_bytes " + format_double(total) + "\n");
  text += gauge("node_procs_running", "Number of processes in runnable state.", "gauge",
                "node_procs_running " + std::to_string(host.processes().size()) + "\n");
  text += gauge("node_time_seconds", "System time in seconds since epoch (1970).", "gauge",
                "node_time_seconds " + format_double(std::floor(now)) + "\n");
  text += gauge("node_uname_info", "Labeled system information as provided by the uname system call.", "gauge",
                "node_uname_info{domainname=\"(none)\",machine=\"x86_64\",nodename=\"" + machine.name +
                    "\",release=\"" + machine.kernel_version + "\",sysname=\"Linux\",version=\"#1 SMP\"} 1\n");
  return text;
}

// One line of a container's log file as fluentd's record.
std::string record_line(const std::string& tag, const std::string& line) {
  // "2026-01-01T00:00:00.000000000Z stdout F text"
  const std::vector<std::string> words = split(line, ' ');
  Value record = Value::object();
  std::string stamp;
  if (words.size() >= 4) {
    stamp = replace_all(words[0].substr(0, 19), "T", " ") + words[0].substr(19, words[0].size() - 20) + " +0000";
    record.set("stream", words[1]);
    record.set("logtag", words[2]);
    record.set("log", line.substr(words[0].size() + words[1].size() + words[2].size() + 3));
  } else {
    record.set("message", line);
  }
  return stamp + " " + tag + ": " + dump_json(record) + "\n";
}

}  // namespace

Task<int> node_exporter_main(Process& process) {
  if (has_flag(process, "version")) {
    co_await process.out("node_exporter, version " + process.program_version() + " (branch: HEAD)\n");
    co_return 0;
  }
  const std::string listen = flag_value(process, "web.listen-address", ":9100");
  const std::string path = flag_value(process, "web.telemetry-path", "/metrics");
  ServeOptions options;
  options.port = static_cast<std::uint16_t>(parse_int(listen.substr(listen.rfind(':') + 1)).value_or(9100));
  const std::string stamp = "time=" + format_time(process.now(), "%Y-%m-%dT%H:%M:%S") + ".000Z level=INFO ";
  co_await process.err(stamp + "source=node_exporter.go:216 msg=\"Starting node_exporter\" version=\"(version=" +
                       process.program_version() + ", branch=HEAD)\"\n" + stamp +
                       "source=tls_config.go:347 msg=\"Listening on\" address=[::]:" + std::to_string(options.port) +
                       "\n");
  co_return co_await serve_http(process, options, [&process, path](HttpRequest request) -> Task<HttpResponse> {
    if (request.path == path)
      co_return text_page(200, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores", node_metrics(process));
    if (request.path == "/")
      co_return text_page(200, "text/html; charset=UTF-8",
                          "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>Node Exporter</title></head>\n<body>"
                          "<h1>Node Exporter</h1><p><a href=\"" +
                              path + "\">Metrics</a></p></body>\n</html>\n");
    co_return text_page(404, "text/plain; charset=utf-8", "404 page not found\n");
  });
}

// Without a configuration of its own it does what the usual DaemonSets are for: it
// tails the node's container logs (or the files a <source> names) to standard output.
Task<int> fluentd_main(Process& process) {
  process.on_signal(kSigTerm, Process::Disposition::kCatch);
  process.on_signal(kSigInt, Process::Disposition::kCatch);
  process.set_memory(60 << 20);
  std::string config_path(process.env("FLUENTD_CONF"));
  const std::string given = flag_value(process, "c");
  config_path = !given.empty()        ? given
                : config_path.empty() ? "/fluentd/etc/fluent.conf"
                                      : "/fluentd/etc/" + config_path;
  for (const std::string& word : split_whitespace(process.env("FLUENTD_ARGS"))) {
    if (word.ends_with(".conf") || word.ends_with(".yaml")) config_path = word;
  }
  auto say = [&](const std::string& level, const std::string& text) {
    return process.out(format_time(process.now(), "%Y-%m-%d %H:%M:%S +0000") + " [" + level + "]: " + text + "\n");
  };
  std::string config = process.read_file(config_path).value_or("");
  if (config.empty()) {
    // A mounted folder of pieces, as the logging chapters have it.
    for (const std::string& name : process.list_directory("/fluentd/etc").value_or({}))
      config += process.read_file("/fluentd/etc/" + name).value_or("") + "\n";
  }
  struct Source {
    std::string path;
    std::string tag;
  };
  std::vector<Source> sources;
  Source current;
  bool inside = false;
  for (const std::string& raw : split(config, '\n')) {
    const std::vector<std::string> words = split_whitespace(raw);
    if (words.empty() || words[0].starts_with("#")) continue;
    if (words[0] == "<source>") {
      inside = true;
      current = {};
    } else if (words[0] == "</source>") {
      if (!current.path.empty()) sources.push_back(current);
      inside = false;
    } else if (inside && words.size() > 1 && words[0] == "path") {
      current.path = words[1];
    } else if (inside && words.size() > 1 && words[0] == "tag") {
      current.tag = words[1];
    }
  }
  if (sources.empty()) sources.push_back({"/var/log/containers/*.log", "kubernetes.*"});
  co_await say("info", "init supervisor logger path=nil rotate_age=nil rotate_size=nil");
  co_await say("info", "parsing config file is succeeded path=\"" + config_path + "\"");
  co_await say("info", "starting fluentd-" + std::string("1.18.0") + " pid=" + std::to_string(process.pid()) +
                           " ruby=\"3.2.6\"");
  co_await say("info", "#0 fluentd worker is now running worker=0");
  std::map<std::string, std::size_t> read_to;
  for (;;) {
    for (const Source& source : sources) {
      std::vector<std::string> files;
      const std::size_t star = source.path.find('*');
      if (star == std::string::npos) {
        files.push_back(source.path);
      } else {
        const std::string folder(directory_name(source.path));
        const std::string before(base_name(source.path.substr(0, star + 1)));
        const std::string after = source.path.substr(star + 1);
        for (const std::string& name : process.list_directory(folder).value_or({})) {
          if (name.starts_with(before.substr(0, before.size() - 1)) && name.ends_with(after))
            files.push_back(folder + "/" + name);
        }
      }
      for (const std::string& file : files) {
        // Its own output would feed itself for ever.
        if (contains(file, process.hostname())) continue;
        auto text = process.read_file(file);
        if (!text) continue;
        if (!read_to.contains(file)) co_await say("info", "#0 following tail of " + file);
        std::size_t& at = read_to[file];
        if (text->size() < at) at = 0;
        const std::size_t end = text->rfind('\n');
        if (end == std::string::npos || end + 1 <= at) continue;
        const std::string fresh = text->substr(at, end - at);
        at = end + 1;
        const std::string tag = source.tag.ends_with("*") ? source.tag.substr(0, source.tag.size() - 1) +
                                                                replace_all(file.substr(1), "/", ".")
                                                          : source.tag;
        std::string out;
        for (const std::string& line : split(fresh, '\n')) out += record_line(tag, line);
        co_await process.out(std::move(out));
      }
    }
    auto slept = co_await process.sleep(kTailInterval);
    if (!slept) break;
  }
  co_await say("info", "Received graceful stop");
  co_await say("info", "Worker 0 finished with status 0");
  co_return 0;
}

}  // namespace drydock
