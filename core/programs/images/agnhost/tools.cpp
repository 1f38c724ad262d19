#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/timestamp.h"
#include "core/network/tcp.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/images/agnhost/agnhost.h"
#include "core/programs/images/serving.h"
#include "core/programs/net/fetch.h"

namespace drydock::agnhost {
namespace {

std::string mode_text(std::uint32_t mode, bool directory, bool sticky) {
  std::string text = directory ? (sticky ? "dt" : "d") : "-";
  for (int shift = 6; shift >= 0; shift -= 3) {
    const std::uint32_t bits = mode >> shift & 7;
    text += bits & 4 ? 'r' : '-';
    text += bits & 2 ? 'w' : '-';
    text += bits & 1 ? 'x' : '-';
  }
  return text;
}

std::vector<std::string> nameservers(Process& process, std::string_view word) {
  std::vector<std::string> found;
  for (const std::string& line : split(process.read_file("/etc/resolv.conf").value_or(""), '\n')) {
    const std::vector<std::string> words = split_whitespace(line);
    if (words.empty() || words[0] != word) continue;
    found.insert(found.end(), words.begin() + 1, words.end());
  }
  return found;
}

std::string url_of(Process& process) {
  return std::string(process.env("KUBERNETES_SERVICE_HOST")) + ":" +
         std::string(process.env("KUBERNETES_SERVICE_PORT"));
}

}  // namespace

Task<int> pause(Process& process) {
  process.on_signal(kSigTerm, Process::Disposition::kCatch);
  process.on_signal(kSigInt, Process::Disposition::kCatch);
  co_await process.out("Paused\n");
  const int signal = co_await process.wait_signal();
  co_await process.err("Exiting on signal " + std::to_string(signal) + "\n");
  co_return 0;
}

Task<int> dns_suffix(Process& process) {
  co_await process.out(join(nameservers(process, "search"), ",") + "\n");
  co_return 0;
}

Task<int> dns_server_list(Process& process) {
  co_await process.out(join(nameservers(process, "nameserver"), ",") + "\n");
  co_return 0;
}

Task<int> etc_hosts(Process& process) {
  co_await process.out(process.read_file("/etc/hosts").value_or(""));
  co_return 0;
}

Task<int> entrypoint_tester(Process& process) {
  // As Go prints a list of strings.
  co_await process.out("[" + join(process.argv(), " ") + "]\n");
  co_return 0;
}

// Lines that look like a busy API server's log.
Task<int> logs_generator(Process& process) {
  const std::int64_t total = parse_int(flag(process, "log-lines-total", "0")).value_or(0);
  const auto span = parse_go_duration(flag(process, "run-duration", "0"));
  if (total <= 0 || !span || *span <= Duration{0}) {
    co_await process.err(klog(process, total <= 0 ? "Invalid total number of lines: " + std::to_string(total)
                                                  : "Invalid duration: " + flag(process, "run-duration", "0")));
    co_return 255;
  }
  const std::string_view methods[] = {"POST", "GET", "PUT"};
  const std::string_view namespaces[] = {"kube-system", "default", "ns"};
  for (std::int64_t i = 0; i < total; ++i) {
    const std::string method(methods[process.prng().below(3)]);
    const std::string ns(namespaces[process.prng().below(3)]);
    const std::string pod = process.prng().name_suffix(3 + process.prng().below(2));
    const std::int64_t status = process.prng().between(200, 599);
    co_await process.out("I" + format_time(process.now(), "%m%d %H:%M:%S") + ".000000       1 logs_generator.go:76] " +
                         std::to_string(i) + " " + method + " /api/v1/namespaces/" + ns + "/pods/" + pod + " " +
                         std::to_string(status) + "\n");
    auto slept = co_await process.sleep(*span / total);
    if (!slept) co_return 0;
  }
  co_return 0;
}

Task<int> mounttest(Process& process) {
  auto each = [&](std::string_view name) {
    std::vector<std::string> paths;
    for (const std::string& path : split(flag(process, name), ',')) {
      if (!path.empty()) paths.push_back(path);
    }
    return paths;
  };
  std::string text;
  int code = 0;
  for (const std::string& path : each("fs_type")) {
    std::string kind = "overlay";
    for (const Mount& mount : process.files().mounts()) {
      if (mount.path == path) kind = mount.type;
    }
    text += "mount type of \"" + path + "\": " + kind + "\n";
  }
  for (const std::string& path : each("new_file_0644")) {
    auto written = process.write_file(path, "mount-tester new file\n", 0644);
    if (!written) {
      text +=
          "error writing new file \"" + path + "\": open " + path + ": " + to_lower(errno_text(written.error())) + "\n";
      code = 1;
    }
  }
  for (const std::string& path : each("new_file_0666")) {
    if (process.write_file(path, "mount-tester new file\n", 0666)) (void)process.change_mode(path, 0666);
  }
  for (const std::string& path : each("new_file_0777")) {
    if (process.write_file(path, "mount-tester new file\n", 0777)) (void)process.change_mode(path, 0777);
  }
  for (std::string_view name : {"file_content", "file_content_in_loop"}) {
    for (const std::string& path : each(name)) {
      auto content = process.read_file(path);
      if (!content) {
        text += "error reading file content for \"" + path + "\": open " + path + ": " +
                to_lower(errno_text(content.error())) + "\n";
        code = 1;
        continue;
      }
      text += "content of file \"" + path + "\": " + *content + "\n";
    }
  }
  for (std::string_view name : {"file_perm", "file_mode"}) {
    for (const std::string& path : each(name)) {
      const auto info = process.stat(path);
      if (!info) continue;
      const bool directory = info->type == FileType::kDirectory;
      text += std::string(name == "file_perm" ? "perms" : "mode") + " of file \"" + path +
              "\": " + mode_text(info->mode, directory && name == "file_mode", (info->mode & 01000) != 0) + "\n";
    }
  }
  for (const std::string& path : each("file_owner")) {
    const auto info = process.stat(path);
    if (info)
      text += "owner UID of \"" + path + "\": " + std::to_string(info->uid) + "\nowner GID of \"" + path +
              "\": " + std::to_string(info->gid) + "\n";
  }
  co_await process.out(text);
  co_return code;
}

// agnhost connect HOST:PORT: 0 and silence, or REFUSED, TIMEOUT, DNS, OTHER.
Task<int> connect(Process& process) {
  std::string target;
  const auto words = process.arguments();
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (!words[i].starts_with("--"))
      target = words[i];
    else if (!contains(words[i], "=") && i + 1 < words.size())
      ++i;
  }
  const std::size_t colon = target.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt : parse_int(target.substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) {
    co_await process.err("OTHER: address " + target + ": missing port in address\n");
    co_return 1;
  }
  const Resolution found = co_await resolve_name(process, target.substr(0, colon));
  if (found.kind != Resolution::Kind::kFound) {
    co_await process.err("DNS: lookup " + target.substr(0, colon) + ": no such host\n");
    co_return 1;
  }
  ConnectOptions options;
  const std::string timeout = flag(process, "timeout", "0");
  if (const auto span = parse_go_duration(timeout); span && *span > Duration{0})
    options.deadline = process.now() + *span;
  auto stream = co_await tcp_connect(process.namespaces().network, found.addresses.front(),
                                     static_cast<std::uint16_t>(*port), options);
  if (stream) co_return 0;
  co_await process.err(stream.error() == Errno::kConnRefused ? "REFUSED\n"
                       : stream.error() == Errno::kTimedOut
                           ? "TIMEOUT\n"
                           : "OTHER: dial tcp " + target + ": connect: " + to_lower(errno_text(stream.error())) + "\n");
  co_return 1;
}

// Asks the API server for /healthz with the pod's token, again and again.
Task<int> inclusterclient(Process& process) {
  const std::int64_t interval = std::max<std::int64_t>(parse_int(flag(process, "poll-interval", "30")).value_or(30), 1);
  co_await process.err(klog(process, "started"));
  const std::string folder = "/var/run/secrets/kubernetes.io/serviceaccount/";
  for (;;) {
    co_await process.err(klog(process, "calling /healthz"));
    const std::string token = process.read_file(folder + "token").value_or("");
    FetchRequest request;
    const auto url = parse_url("https://" + url_of(process) + "/healthz");
    if (!url || token.empty()) {
      co_await process.err(klog(process, "err: open " + folder + "token: no such file or directory"));
      co_return 1;
    }
    request.url = *url;
    request.insecure = true;
    request.headers.add("Authorization", "Bearer " + token);
    request.deadline = process.now() + seconds(10);
    auto got = co_await fetch(process, std::move(request));
    const std::string digest = hex_encode(sha256(token)).substr(0, 16);
    co_await process.err(klog(process, "authz_header=" + digest));
    if (!got)
      co_await process.err(klog(process, "status=error"));
    else if (got->response.status != 200)
      co_await process.err(klog(process, "status=failed"));
    auto slept = co_await process.sleep(seconds(interval));
    if (!slept) co_return 0;
  }
}

Task<int> help(Process& process) {
  co_await process.out(
      "Usage:\n  app [command]\n\nAvailable Commands:\n  connect           Attempts a TCP, UDP or SCTP connection and "
      "returns useful errors\n  crd-conversion-webhook Starts an HTTP server on port 443 for testing CRD conversion "
      "webhooks\n  dns-server-list   Prints the DNS nameservers\n  dns-suffix        Prints the host's "
      "DNS "
      "suffix list\n  entrypoint-tester Prints the args it's passed and exits\n  etc-hosts         Prints the host's "
      "/etc/hosts file\n  fake-gitserver    Fakes a git server\n  guestbook         Creates a HTTP server with various "
      "endpoints representing a guestbook app\n  help              Help about any command\n  inclusterclient   "
      "Periodically poll the Kubernetes \"/healthz\" endpoint\n  liveness          Starts a server that is alive for "
      "10 "
      "seconds\n  logs-generator    Outputs lines of logs to stdout uniformly\n  mounttest         Tests different "
      "aspects of the filesystem\n  netexec           Creates HTTP(S), UDP, and (optionally) SCTP servers with various "
      "endpoints\n  no-snat-test      Creates a server that prints the source address of the request\n  pause          "
      " "
      "  Pauses\n  porter            Serves requested data on ports specified in ENV variables\n  serve-hostname    "
      "Serves the hostname\n  test-webserver    Starts an HTTP file server\n  webhook           Starts an HTTP server, "
      "useful for testing MutatingAdmissionWebhook and ValidatingAdmissionWebhook\n\nFlags:\n  -h, --help   help for "
      "app\n\nUse \"app [command] --help\" for more information about a command.\n");
  co_return 0;
}

}  // namespace drydock::agnhost
