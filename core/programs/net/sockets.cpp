// ss and netstat: the sockets of a network stack.
#include <algorithm>
#include <initializer_list>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/host/process_table.h"
#include "core/network/net_namespace.h"
#include "core/network/tcp.h"
#include "core/programs/net/flags.h"
#include "core/programs/net/tools.h"

namespace drydock {
namespace {

constexpr FlagSpec kFlags[] = {
    {"-t", "--tcp"},     {"-u", "--udp"},        {"-l", "--listening"}, {"-n", "--numeric"}, {"-p", "--processes"},
    {"-a", "--all"},     {"-4", "--ipv4"},       {"-6", "--ipv6"},      {"-x", "--unix"},    {"-s", "--summary"},
    {"-o", "--options"}, {"-e", "--extended"},   {"-H", "--no-header"}, {"-r", "--route"},   {"-i", "--interfaces"},
    {"-w", "--raw"},     {"-c", "--continuous"}, {"-m", "--memory"},    {"", "--programs"},  {"", "--route"},
    {"-W", "--wide"},    {"-v", "--verbose"},
};

struct Row {
  Protocol protocol = Protocol::kTcp;
  bool listening = false;
  Ipv4 local;
  std::uint16_t local_port = 0;
  Ipv4 peer;
  std::uint16_t peer_port = 0;
  SocketOwner owner;
  std::size_t receive_queue = 0;
  std::size_t send_queue = 0;
};

// `order`: which protocol's listening sockets come first.
std::vector<Row> socket_rows(Process& viewer, const NetFlags& flags, std::initializer_list<Protocol> order) {
  const NetNamespace& stack = viewer.network();
  const bool udp = flags.has("-u"), tcp = flags.has("-t") || (!flags.has("-u") && !flags.has("-x"));
  const bool both = !flags.has("-u") && !flags.has("-t") && !flags.has("-x");
  const bool listening = flags.has("-l") || flags.has("-a"), established = !flags.has("-l") || flags.has("-a");
  std::vector<Row> rows;
  for (Protocol protocol : order) {
    if (!listening || (protocol == Protocol::kTcp ? !tcp : !udp && !both)) continue;
    for (const NetNamespace::Bound& socket : stack.bound()) {
      if (socket.protocol == protocol)
        rows.push_back({protocol, true, socket.address, socket.port, {}, 0, socket.owner, 0, 128});
    }
  }
  if (established && tcp) {
    for (const auto& [id, stream] : stack.streams()) {
      rows.push_back({Protocol::kTcp, false, stream->ends().local, stream->ends().local_port, stream->ends().peer,
                      stream->ends().peer_port, stream->owner(), stream->unread(), 0});
    }
  }
  for (Row& row : rows) row.owner.pid = seen_as(viewer.host(), viewer.namespaces().pids, row.owner.pid);
  return rows;
}

std::string port_text(std::uint16_t port) { return port == 0 ? "*" : std::to_string(port); }

}  // namespace

Task<int> ss_main(Process& process) {
  const NetFlags flags = NetFlags::parse(process.arguments(), kFlags);
  if (flags.problem() != NetFlags::Problem::kNone) {
    const std::string bare = flags.culprit().substr(flags.culprit().starts_with("--") ? 2 : 1);
    co_await process.err(std::string("ss: ") +
                         (flags.culprit().starts_with("--") ? "unrecognized option '" + flags.culprit() + "'"
                                                            : "invalid option -- '" + bare + "'") +
                         "\nUsage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]\n");
    co_return 255;
  }
  const NetNamespace& stack = process.network();
  if (flags.has("-s")) {
    const auto listening = static_cast<std::size_t>(std::count_if(
        stack.bound().begin(), stack.bound().end(), [](const auto& one) { return one.protocol == Protocol::kTcp; }));
    const std::string tcp = std::to_string(listening + stack.streams().size());
    co_await process.out("Total: " + std::to_string(stack.bound().size() + stack.streams().size()) + "\nTCP:   " + tcp +
                         " (estab " + std::to_string(stack.streams().size()) +
                         ", closed 0, orphaned 0, timewait 0)\n\nTransport Total     IP        IPv6\nRAW\t  0         "
                         "0         0        \nUDP\t  " +
                         pad_right(std::to_string(stack.bound().size() - listening), 10) +
                         pad_right(std::to_string(stack.bound().size() - listening), 10) + "0        \nTCP\t  " +
                         pad_right(tcp, 10) + pad_right(tcp, 10) + "0        \n");
    co_return 0;
  }
  const std::vector<Row> rows = socket_rows(process, flags, {Protocol::kUdp, Protocol::kTcp});
  const bool with_kind = !(flags.has("-t") && !flags.has("-u")) && !(flags.has("-u") && !flags.has("-t"));
  std::string text;
  const std::string kind_head = with_kind ? "Netid " : "";
  if (!flags.has("-H"))
    text = kind_head + "State  Recv-Q Send-Q " + pad_left("Local Address:Port", 21) + "  " +
           pad_right("Peer Address:Port", 20) + (flags.has("-p") ? "Process" : "") + "\n";
  for (const Row& row : rows) {
    const bool udp = row.protocol == Protocol::kUdp;
    text += with_kind ? pad_right(protocol_name(row.protocol), 6) : "";
    text += pad_right(row.listening ? (udp ? "UNCONN" : "LISTEN") : "ESTAB", 7) +
            pad_right(std::to_string(row.receive_queue), 7) + pad_right(std::to_string(udp ? 0 : row.send_queue), 7) +
            pad_left(row.local.text(), 15) + ":" + pad_right(port_text(row.local_port), 6) +
            pad_left(row.listening ? "0.0.0.0" : row.peer.text(), 15) + ":" +
            pad_right(row.listening ? "*" : port_text(row.peer_port), 6);
    if (flags.has("-p") && row.owner.pid != 0)
      text += "users:((\"" + row.owner.program + "\",pid=" + std::to_string(row.owner.pid) + ",fd=3))";
    text += "\n";
  }
  co_await process.out(text);
  co_return 0;
}

Task<int> netstat_main(Process& process) {
  const NetFlags flags = NetFlags::parse(process.arguments(), kFlags);
  if (flags.problem() != NetFlags::Problem::kNone) {
    co_await process.err("netstat: invalid option -- '" + flags.culprit().substr(1) +
                         "'\nusage: netstat [-vWeenNcCF] [<Af>] -r         netstat {-V|--version|-h|--help}\n");
    co_return 4;
  }
  if (flags.has("-r")) co_return co_await route_main(process);
  const NetNamespace& stack = process.network();
  if (flags.has("-i")) {
    std::string text =
        "Kernel Interface table\nIface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR "
        "Flg\n";
    for (const Link& link : stack.links()) {
      text += pad_right(link.name, 16) + " " + pad_left(std::to_string(link.mtu), 5) + " " +
              pad_left(std::to_string(link.packets_in), 8) + "      0      0 0      " +
              pad_left(std::to_string(link.packets_out), 8) + "      0      0      0 " +
              (link.kind == LinkKind::kLoopback ? "LRU" : "BMRU") + "\n";
    }
    co_await process.out(text);
    co_return 0;
  }
  const char* which = flags.has("-l")   ? "(only servers)"
                      : flags.has("-a") ? "(servers and established)"
                                        : "(w/o servers)";
  std::string text = std::string("Active Internet connections ") + which +
                     "\nProto Recv-Q Send-Q Local Address           Foreign Address         State      " +
                     (flags.has("-p") ? " PID/Program name    " : "") + "\n";
  const std::vector<Row> rows = socket_rows(process, flags, {Protocol::kTcp, Protocol::kUdp});
  for (const Row& row : rows) {
    const bool udp = row.protocol == Protocol::kUdp;
    text += pad_right(protocol_name(row.protocol), 5) + " " + pad_left(std::to_string(row.receive_queue), 6) + " " +
            pad_left("0", 6) + " " + pad_right(row.local.text() + ":" + port_text(row.local_port), 23) + " " +
            pad_right(row.peer.text() + ":" + port_text(row.peer_port), 23) + " " +
            pad_right(udp             ? ""
                      : row.listening ? "LISTEN"
                                      : "ESTABLISHED",
                      11);
    if (flags.has("-p"))
      text += " " + pad_right(row.owner.pid != 0 ? std::to_string(row.owner.pid) + "/" + row.owner.program : "-", 20);
    text += "\n";
  }
  co_await process.out(text);
  co_return 0;
}

}  // namespace drydock
