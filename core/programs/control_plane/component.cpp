#include "core/programs/control_plane/component.h"

#include <ctime>

#include "core/base/strings.h"
#include "core/machinery/timestamp.h"
#include "core/pki/pki.h"

namespace drydock {

std::string component_flag(const Process& process, std::string_view name) {
  const std::string prefix = "--" + std::string(name) + "=";
  for (const std::string& word : process.argv()) {
    if (word.starts_with(prefix)) return word.substr(prefix.size());
  }
  return {};
}

Task<void> component_log(Process& process, char level, std::string where, std::string text) {
  const std::tm parts = utc_parts(process.now());
  co_await process.err(format("%c%02d%02d %02d:%02d:%02d.000000 %7d %s] ", level, parts.tm_mon + 1, parts.tm_mday,
                              parts.tm_hour, parts.tm_min, parts.tm_sec, process.pid(), where.c_str()) +
                       text + "\n");
}

ReadFile component_file_reader(Process& process) {
  return [&process](const std::string& path) -> Result<std::string> {
    auto text = process.read_file(path);
    if (!text) return Status::plain("open " + path + ": " + to_lower(errno_text(text.error())));
    return *std::move(text);
  };
}

Task<HttpResponse> OkHandler::handle(HttpRequest) {
  HttpResponse response;
  response.body.bytes = "ok";
  co_return response;
}

SysResult<std::unique_ptr<HttpListener>> listen_health(Process& process, std::uint16_t port, HttpHandler& handler,
                                                       bool secure) {
  HttpListenerOptions options;
  options.address = kLoopbackAddress;
  options.owner = {process.host_pid(), std::string(process.name())};
  if (secure) {
    pki::CertificateSpec spec;
    spec.common_name = "localhost";
    spec.dns_names = {"localhost"};
    spec.ip_addresses = {"127.0.0.1"};
    spec.server_auth = true;
    spec.not_before = process.now();
    spec.lifetime = std::chrono::hours(8760);
    auto own = pki::issue(process.prng(), spec, nullptr);
    if (own) options.certificate_pem = own->certificate_pem;
  }
  return HttpListener::open(process.namespaces().network, port, handler, std::move(options));
}

}  // namespace drydock
