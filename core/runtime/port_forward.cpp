// Port-forward: a connection from inside a sandbox's network to one of its ports.
#include "core/base/strings.h"
#include "core/network/net_namespace.h"
#include "core/network/tcp.h"
#include "core/runtime/virtual_runtime.h"

namespace drydock {
namespace {

// The client's bytes into the connection, until the client ends its side.
Task<void> pump_in(std::shared_ptr<StreamEnd> from, TcpStreamPtr to) {
  for (;;) {
    std::optional<StreamMessage> message = co_await from->receive();
    if (!message) break;
    if (message->channel == 255) {
      to->shutdown_write();
    } else if (message->channel == 0) {
      const SysResult<void> sent = co_await to->send(std::move(message->bytes));
      if (!sent) break;
    }
  }
  to->close();
}

}  // namespace

Task<void> VirtualRuntime::port_forward(PodIdentity pod, std::uint16_t port, std::shared_ptr<StreamEnd> stream) {
  const std::shared_ptr<NetNamespace> network = sandbox_network(pod);
  std::string sandbox_id;
  for (const auto& [id, sandbox] : sandboxes_) {
    if (sandbox.status.ready && sandbox.status.pod.uid == pod.uid) sandbox_id = id;
  }
  const std::string number = std::to_string(port);
  auto refuse = [&](const std::string& why) {
    stream->send({1, "error forwarding port " + number + " to pod " + sandbox_id + ", uid : " + why, Value()});
    stream->close();
  };
  if (!network) {
    refuse("unable to do port forwarding: sandbox is not running");
    co_return;
  }
  ConnectOptions options;
  options.deadline = host_.loop().now() + seconds(10);
  SysResult<TcpStreamPtr> connected = co_await tcp_connect(network, kLoopbackAddress, port, options);
  if (!connected) {
    const std::string why = to_lower(errno_text(connected.error()));
    refuse("failed to execute portforward in network namespace \"/var/run/netns/cni-" + pod.uid +
           "\": failed to connect to localhost:" + number + " inside namespace \"" + sandbox_id +
           "\", IPv4: dial tcp4 127.0.0.1:" + number + ": connect: " + why + " IPv6 dial tcp6 [::1]:" + number +
           ": connect: " + why + " ");
    co_return;
  }
  const TcpStreamPtr connection = *std::move(connected);
  TaskGroup input(host_.loop());
  input.spawn(pump_in(stream, connection));
  for (;;) {
    SysResult<std::string> bytes = co_await connection->read();
    if (!bytes || bytes->empty()) break;
    if (!stream->send({0, *std::move(bytes), Value()})) break;
  }
  stream->close();
}

}  // namespace drydock
