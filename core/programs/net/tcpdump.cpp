// tcpdump: one line a flow that passes this network stack.
#include <ctime>
#include <deque>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/machinery/timestamp.h"
#include "core/network/network.h"
#include "core/programs/net/flags.h"
#include "core/programs/net/tools.h"

namespace drydock {
namespace {

constexpr FlagSpec kFlags[] = {{"-i", "--interface", true},
                               {"-n", ""},
                               {"-v", ""},
                               {"-c", "", true},
                               {"-q", ""},
                               {"-t", ""},
                               {"-A", ""},
                               {"-X", ""},
                               {"-s", "", true},
                               {"-w", "", true},
                               {"-e", ""},
                               {"-l", ""}};

// Keeps the lines until the program prints them.
class Capture final : public TrafficObserver {
 public:
  Capture(Process& process, std::vector<std::string> filter)
      : process_(process), filter_(std::move(filter)), arrived(process.loop()) {
    process_.network().network().add_observer(this);
  }
  ~Capture() override { process_.network().network().remove_observer(this); }

  void on_traffic(const TrafficEvent& event) override {
    const NetNamespace& stack = process_.network();
    bool passes = event.from == &stack;
    for (const Hop& hop : event.flow->hops) passes = passes || hop.name == stack.name();
    const Packet& packet = event.from == &stack ? event.flow->sent : event.flow->arrived;
    if (!passes || !matches(packet)) return;
    lines.push_back(line(event, packet));
    arrived.notify_all();
  }

  std::deque<std::string> lines;

 private:
  bool matches(const Packet& packet) const {
    for (std::size_t i = 0; i < filter_.size(); ++i) {
      const std::string& word = filter_[i];
      if (word == "and" || word == "src" || word == "dst") continue;
      if ((word == "tcp" || word == "udp" || word == "icmp") && word != protocol_name(packet.protocol)) return false;
      if (word == "port" && i + 1 < filter_.size()) {
        const auto port = parse_int(filter_[++i]);
        if (packet.destination_port != port && packet.source_port != port) return false;
      }
      if (word == "host" && i + 1 < filter_.size()) {
        const auto host = Ipv4::parse(filter_[++i]);
        if (packet.destination != host && packet.source != host) return false;
      }
    }
    return true;
  }

  std::string line(const TrafficEvent& event, const Packet& packet) const {
    const auto since = event.time.time_since_epoch();
    const std::tm parts = utc_parts(event.time);
    const auto micro = static_cast<int>(std::chrono::duration_cast<std::chrono::microseconds>(since).count() % 1000000);
    const bool echo = packet.protocol == Protocol::kIcmp;
    std::string text = format("%02d:%02d:%02d.%06d IP ", parts.tm_hour, parts.tm_min, parts.tm_sec, micro) +
                       packet.source.text() + (echo ? "" : "." + std::to_string(packet.source_port)) + " > " +
                       packet.destination.text() + (echo ? "" : "." + std::to_string(packet.destination_port)) + ": ";
    switch (event.kind) {
      case TrafficEvent::Kind::kConnect:
        text += event.refused ? "Flags [S], seq 0, win 64240, length 0"
                              : "Flags [S], seq 0, win 64240, options [mss 1460], length 0";
        break;
      case TrafficEvent::Kind::kHttp:
        text += "Flags [P.], length " + std::to_string(event.summary.size() + 60) + ": HTTP: " + event.summary +
                " HTTP/1.1";
        break;
      case TrafficEvent::Kind::kDatagram:
        text += packet.destination_port == 53 ? "domain, length 48" : "UDP, length 48";
        break;
      case TrafficEvent::Kind::kEcho:
        text += "ICMP echo request, length 64";
        break;
    }
    return text + "\n";
  }

  Process& process_;
  std::vector<std::string> filter_;

 public:
  Event arrived;
};

}  // namespace

Task<int> tcpdump_main(Process& process) {
  const NetFlags flags = NetFlags::parse(process.arguments(), kFlags);
  if (flags.problem() != NetFlags::Problem::kNone) {
    co_await process.err(
        "tcpdump: invalid option -- '" + flags.culprit().substr(1) +
        "'\nUsage: tcpdump [-AbdDefhHIJKlLnNOpqStuUvxX#] [ -c count ] [ -i interface ] [ expression ]\n");
    co_return 1;
  }
  if (process.credentials().uid != 0) {
    co_await process.err(
        "tcpdump: eth0: You don't have permission to capture on that device\n(socket: Operation not permitted)\n");
    co_return 1;
  }
  const std::string device = flags.has("-i") ? std::string(flags.value("-i")) : "eth0";
  if (device != "any" && process.network().link(device) == nullptr) {
    co_await process.err("tcpdump: " + device + ": No such device exists\n(No such device exists)\n");
    co_return 1;
  }
  const auto count = static_cast<std::size_t>(flags.number("-c").value_or(0));
  process.on_signal(kSigInt, Process::Disposition::kCatch);
  co_await process.err(
      "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\nlistening on " + device +
      (device == "any" ? ", link-type LINUX_SLL2 (Linux cooked v2)" : ", link-type EN10MB (Ethernet)") +
      ", snapshot length 262144 bytes\n");
  Capture capture(process, flags.rest());
  std::size_t printed = 0;
  while (count == 0 || printed < count) {
    if (capture.lines.empty()) {
      if (co_await process.wait_event(capture.arrived) == Process::WaitResult::kInterrupted) break;
      continue;
    }
    const std::string line = std::move(capture.lines.front());
    capture.lines.pop_front();
    co_await process.out(line);
    ++printed;
  }
  const std::string packets = std::to_string(printed) + " packet" + (printed == 1 ? "" : "s");
  co_await process.err("\n" + packets + " captured\n" + packets + " received by filter\n0 packets dropped by kernel\n");
  co_return 0;
}

}  // namespace drydock
