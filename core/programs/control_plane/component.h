// What the control plane's programs share: flags, logs, health ports.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/client/kubeconfig.h"
#include "core/host/process.h"
#include "core/machinery/http_message.h"
#include "core/network/http_server.h"

namespace drydock {

// The value of --name=VALUE, or "".
std::string component_flag(const Process& process, std::string_view name);
// A klog line on standard error.
Task<void> component_log(Process& process, char level, std::string where, std::string text);
ReadFile component_file_reader(Process& process);

// Answers "ok" on every path.
class OkHandler final : public HttpHandler {
 public:
  Task<HttpResponse> handle(HttpRequest request) override;
};

// A health port on loopback; TLS with a certificate of its own when `secure`.
SysResult<std::unique_ptr<HttpListener>> listen_health(Process& process, std::uint16_t port, HttpHandler& handler,
                                                       bool secure);

}  // namespace drydock
