// Two machines on a network with the internet behind it, and a way to run one
// network tool to its end.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "core/host/host.h"
#include "core/network/http_server.h"
#include "core/network/network.h"
#include "core/programs/internet/internet.h"
#include "core/programs/net/net_programs.h"

namespace drydock {

struct ToolRun {
  std::string out;
  std::string err;
  int code = -1;
};

struct NetFixture {
  VirtualClock clock{TimePoint(seconds(1767225600))};
  EventLoop loop{clock};
  ProgramRegistry programs;
  Network network{loop, Prng(1)};
  Internet internet{network};
  std::unique_ptr<Host> node1;
  std::unique_ptr<Host> node2;

  NetFixture() {
    register_net_programs(programs);
    node1 = make_host("node1");
    node2 = make_host("node2");
  }

  std::unique_ptr<Host> make_host(const std::string& name) {
    HostOptions options;
    options.name = name;
    const Ipv4 address = network.next_host_address();
    options.address = address.text();
    auto host = std::make_unique<Host>(loop, Prng(2), programs, options, network.attach_host(name, address));
    for (const char* folder : {"/usr/bin", "/tmp", "/etc", "/dev"})
      (void)host->files().make_directories(folder, loop.now());
    for (const auto& [program, main] : programs.all())
      (void)host->files().write_file("/usr/bin/" + program, program_file(program), loop.now(), 0755);
    (void)host->files().write_file("/usr/bin/bb-wget", program_file("wget", "busybox"), loop.now(), 0755);
    (void)host->files().write_file("/usr/bin/bb-nslookup", program_file("nslookup", "busybox"), loop.now(), 0755);
    (void)host->files().write_file("/usr/bin/bb-ping", program_file("ping", "busybox"), loop.now(), 0755);
    (void)host->files().write_file("/etc/resolv.conf", "nameserver 10.0.0.1\n", loop.now());
    (void)host->files().write_file("/etc/hosts", "127.0.0.1 localhost\n10.0.0.2 node1\n10.0.0.3 node2\n", loop.now());
    return host;
  }

  ToolRun run(const std::string& line, const std::string& input = "", Host* on = nullptr) {
    ToolRun result;
    SpawnOptions options;
    std::string word;
    for (char c : line + " ") {
      if (c != ' ')
        word += c;
      else if (!word.empty())
        options.argv.push_back(std::exchange(word, {}));
    }
    options.files[0] = make_string_source(input);
    options.files[1] = make_sink([&](std::string_view bytes) { result.out += bytes; });
    options.files[2] = make_sink([&](std::string_view bytes) { result.err += bytes; });
    Host& host = on != nullptr ? *on : *node1;
    auto pid = host.start(std::move(options));
    REQUIRE(pid.ok());
    host.on_exit(*pid, [&](ExitStatus status) { result.code = status.shell_code(); });
    const TimePoint limit = loop.now() + std::chrono::hours(1);
    while (result.code < 0 && loop.run_one(limit)) {
    }
    REQUIRE(result.code >= 0);
    return result;
  }
};

// A small web server.
class PageHandler final : public HttpHandler {
 public:
  Task<HttpResponse> handle(HttpRequest request) override {
    HttpResponse response;
    response.headers.add("Content-Type", "text/plain");
    if (request.path == "/moved") {
      response.status = 302;
      response.headers.add("Location", "/page");
    } else if (request.path == "/page") {
      response.body.bytes = "hello\n";
    } else if (request.path == "/echo") {
      response.body.bytes =
          request.method + " " + request.body.bytes + " " + std::string(request.headers.get("Content-Type")) + "\n";
    } else {
      response.status = 404;
      response.body.bytes = "nothing here\n";
    }
    co_return response;
  }
};

}  // namespace drydock
