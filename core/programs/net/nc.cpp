// nc (OpenBSD's and nmap's habits) and telnet: bytes between a terminal and a socket.
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/network/tcp.h"
#include "core/network/udp.h"
#include "core/programs/net/fetch.h"
#include "core/programs/net/flags.h"
#include "core/programs/net/tools.h"

namespace drydock {
namespace {

constexpr FlagSpec kFlags[] = {{"-l", "--listen"},
                               {"-p", "--source-port", true},
                               {"-v", "--verbose"},
                               {"-z", ""},
                               {"-u", "--udp"},
                               {"-w", "--wait", true},
                               {"-n", "--nodns"},
                               {"-k", "--keep-open"},
                               {"-q", "", true},
                               {"-N", ""},
                               {"-e", "--exec", true},
                               {"-4", ""},
                               {"-6", ""},
                               {"-i", "", true},
                               {"-s", "", true},
                               {"-t", ""},
                               {"-C", ""}};

std::string service_name(std::uint16_t port) {
  switch (port) {
    case 22:
      return "ssh";
    case 53:
      return "domain";
    case 80:
      return "http";
    case 443:
      return "https";
    case 3306:
      return "mysql";
    case 5432:
      return "postgresql";
    case 6379:
      return "redis";
    default:
      return "*";
  }
}

// Standard input to the stream, until it ends.
Task<void> pump_input(Process& process, TcpStreamPtr stream, bool crlf) {
  while (true) {
    auto piece = co_await process.read(0);
    if (!piece || piece->empty()) break;
    const std::string bytes = crlf ? replace_all(*piece, "\n", "\r\n") : *piece;
    auto sent = co_await stream->send(bytes);
    if (!sent) co_return;
  }
  stream->shutdown_write();
}

// The stream to standard output until it ends; false when `idle` passed without a byte.
Task<bool> pump_output(Process& process, TcpStreamPtr stream, std::optional<Duration> idle) {
  while (true) {
    auto piece = stream->try_read();
    if (!piece) {
      if (!idle)
        co_await stream->changed().wait();
      else if (!co_await stream->changed().wait_for(*idle))
        co_return false;
      continue;
    }
    if (!*piece || (*piece)->empty()) co_return true;
    const std::string bytes = **piece;
    auto written = co_await process.write(1, bytes);
    if (!written) co_return true;
  }
}

Task<void> relay(Process& process, TcpStreamPtr stream, std::optional<Duration> idle, bool crlf) {
  TaskGroup tasks(process.loop());
  tasks.spawn(pump_input(process, stream, crlf));
  (void)co_await pump_output(process, stream, idle);
  stream->close();
}

std::optional<std::pair<std::uint16_t, std::uint16_t>> port_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto low = parse_int(text.substr(0, dash));
  const auto high = dash == std::string_view::npos ? low : parse_int(text.substr(dash + 1));
  if (!low || !high || *low < 1 || *high > 65535 || *low > *high) return std::nullopt;
  return std::pair(static_cast<std::uint16_t>(*low), static_cast<std::uint16_t>(*high));
}

Task<int> listen_tcp(Process& process, const NetFlags& flags, std::uint16_t port) {
  auto listener =
      TcpListener::open(process.namespaces().network, {}, port, {process.host_pid(), std::string(process.name())});
  if (!listener) {
    co_await process.err("nc: " + std::string(errno_text(listener.error())) + "\n");
    co_return 1;
  }
  if (flags.has("-v")) co_await process.err("Listening on 0.0.0.0 " + std::to_string(port) + "\n");
  do {
    const TcpStreamPtr stream = co_await (*listener)->accept();
    stream->set_owner({process.host_pid(), std::string(process.name())});
    if (flags.has("-v"))
      co_await process.err("Connection received on " + stream->ends().peer.text() + " " +
                           std::to_string(stream->ends().peer_port) + "\n");
    if (!flags.has("-k")) listener->reset();
    co_await relay(process, stream, std::nullopt, false);
  } while (flags.has("-k"));
  co_return 0;
}

Task<int> udp_main(Process& process, const NetFlags& flags, Ipv4 target, std::uint16_t port) {
  auto socket = UdpSocket::open(process.namespaces().network, {}, flags.has("-l") ? port : std::uint16_t{0},
                                {process.host_pid(), std::string(process.name())});
  if (!socket) {
    co_await process.err("nc: " + std::string(errno_text(socket.error())) + "\n");
    co_return 1;
  }
  UdpSocket& udp = **socket;
  if (flags.has("-z")) {
    (void)udp.send(target, port, "X");
    auto answer = co_await udp.receive(process.now() + seconds(1));
    const bool open = !answer || !answer->error;
    if (flags.has("-v") && open)
      co_await process.err("Connection to " + target.text() + " " + std::to_string(port) + " port [udp/" +
                           service_name(port) + "] succeeded!\n");
    co_return open ? 0 : 1;
  }
  if (flags.has("-l")) {
    while (auto datagram = co_await udp.receive()) co_await process.out(datagram->bytes);
    co_return 0;
  }
  auto print = [](Process& self, UdpSocket& from) -> Task<void> {
    while (auto datagram = co_await from.receive()) co_await self.out(datagram->bytes);
  };
  TaskGroup tasks(process.loop());
  tasks.spawn(print(process, udp));
  while (true) {
    auto piece = co_await process.read(0);
    if (!piece || piece->empty()) break;
    (void)udp.send(target, port, *piece);
  }
  (void)co_await process.sleep(seconds(static_cast<std::int64_t>(flags.number("-w").value_or(1))));
  co_return 0;
}

}  // namespace

Task<int> nc_main(Process& process) {
  const NetFlags flags = NetFlags::parse(process.arguments(), kFlags);
  const std::string usage =
      "usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]\n\t  [-m minttl] [-O length] [-P "
      "proxy_username] [-p source_port]\n\t  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]\n\t  "
      "[-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]\n\t  [destination] [port]\n";
  if (flags.problem() != NetFlags::Problem::kNone) {
    co_await process.err("nc: invalid option -- '" + flags.culprit().substr(1) + "'\n" + usage);
    co_return 1;
  }
  const std::vector<std::string>& words = flags.rest();
  if (flags.has("-l")) {
    const std::string text = flags.has("-p") ? std::string(flags.value("-p")) : words.empty() ? "" : words.back();
    const auto port = port_range(text);
    if (!port) {
      co_await process.err(text.empty() ? usage : "nc: port number invalid: " + text + "\n");
      co_return 1;
    }
    if (flags.has("-u")) co_return co_await udp_main(process, flags, {}, port->first);
    co_return co_await listen_tcp(process, flags, port->first);
  }
  if (words.size() < 2) {
    co_await process.err(usage);
    co_return 1;
  }
  const auto ports = port_range(words[1]);
  if (!ports) {
    co_await process.err("nc: port number invalid: " + words[1] + "\n");
    co_return 1;
  }
  const Resolution found = co_await resolve_name(process, words[0]);
  if (found.kind != Resolution::Kind::kFound) {
    const char* why = found.kind == Resolution::Kind::kTemporary ? "Temporary failure in name resolution"
                                                                 : "Name or service not known";
    co_await process.err("nc: getaddrinfo for host \"" + words[0] + "\" port " + words[1] + ": " + why + "\n");
    co_return 1;
  }
  const Ipv4 address = found.addresses.front();
  if (flags.has("-u")) co_return co_await udp_main(process, flags, address, ports->first);
  const auto wait = flags.number("-w");
  const std::optional<Duration> limit =
      wait ? std::optional<Duration>(Duration(static_cast<std::int64_t>(*wait * 1e9))) : std::nullopt;
  int code = 1;
  for (std::uint32_t port = ports->first; port <= ports->second; ++port) {
    ConnectOptions options;
    options.owner = {process.host_pid(), std::string(process.name())};
    if (limit) options.deadline = process.now() + *limit;
    auto stream =
        co_await tcp_connect(process.namespaces().network, address, static_cast<std::uint16_t>(port), options);
    const std::string where = words[0] + (address.text() == words[0] ? "" : " (" + address.text() + ")");
    if (!stream) {
      if (flags.has("-v")) {
        co_await process.err("nc: connect to " + where + " port " + std::to_string(port) + " (tcp) " +
                             (stream.error() == Errno::kTimedOut && limit
                                  ? "timed out: Operation now in progress"
                                  : "failed: " + std::string(errno_text(stream.error()))) +
                             "\n");
      }
      continue;
    }
    code = 0;
    if (flags.has("-v"))
      co_await process.err("Connection to " + where + " " + std::to_string(port) + " port [tcp/" +
                           service_name(static_cast<std::uint16_t>(port)) + "] succeeded!\n");
    if (flags.has("-z")) continue;
    co_await relay(process, *stream, limit, flags.has("-C"));
    co_return 0;
  }
  co_return code;
}

Task<int> telnet_main(Process& process) {
  std::vector<std::string> words;
  for (const std::string& word : process.arguments()) {
    if (!word.starts_with("-")) words.push_back(word);
  }
  if (words.empty()) {
    co_await process.err("telnet> ");
    co_return 1;
  }
  const auto port =
      words.size() > 1 ? port_range(words[1]) : std::optional(std::pair<std::uint16_t, std::uint16_t>(23, 23));
  if (!port) {
    co_await process.err("telnet: could not resolve " + words[0] + "/" + words[1] +
                         ": Servname not supported for ai_socktype\n");
    co_return 1;
  }
  const Resolution found = co_await resolve_name(process, words[0]);
  if (found.kind != Resolution::Kind::kFound) {
    co_await process.err("telnet: could not resolve " + words[0] + "/" + (words.size() > 1 ? words[1] : "telnet") +
                         ": Name or service not known\n");
    co_return 1;
  }
  const Ipv4 address = found.addresses.front();
  co_await process.out("Trying " + address.text() + "...\n");
  ConnectOptions options;
  options.owner = {process.host_pid(), "telnet"};
  auto stream = co_await tcp_connect(process.namespaces().network, address, port->first, options);
  if (!stream) {
    co_await process.err("telnet: Unable to connect to remote host: " + std::string(errno_text(stream.error())) + "\n");
    co_return 1;
  }
  co_await process.out("Connected to " + words[0] + ".\nEscape character is '^]'.\n");
  co_await relay(process, *stream, std::nullopt, true);
  co_await process.out("Connection closed by foreign host.\n");
  co_return 1;
}

}  // namespace drydock
