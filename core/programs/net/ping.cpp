// ping and traceroute, in the words of iputils and of busybox.
#include <algorithm>
#include <cmath>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/network/net_namespace.h"
#include "core/network/udp.h"
#include "core/programs/net/fetch.h"
#include "core/programs/net/flags.h"
#include "core/programs/net/tools.h"

namespace drydock {
namespace {

constexpr FlagSpec kPingFlags[] = {{"-c", "--count", true},
                                   {"-i", "--interval", true},
                                   {"-W", "--timeout", true},
                                   {"-w", "--deadline", true},
                                   {"-q", "--quiet"},
                                   {"-s", "--size", true},
                                   {"-t", "--ttl", true},
                                   {"-n", "--numeric"},
                                   {"-4", "--ipv4"},
                                   {"-6", "--ipv6"},
                                   {"-I", "--interface", true},
                                   {"-f", "--flood"},
                                   {"-v", "--verbose"},
                                   {"-A", ""},
                                   {"-O", ""}};
constexpr FlagSpec kTraceFlags[] = {{"-n", ""},
                                    {"-m", "--max-hops", true},
                                    {"-q", "--queries", true},
                                    {"-w", "--wait", true},
                                    {"-I", "--icmp"},
                                    {"-T", "--tcp"},
                                    {"-4", ""},
                                    {"-p", "--port", true}};

double milliseconds_of(Duration span) { return std::chrono::duration<double, std::milli>(span).count(); }

// iputils prints three significant digits, at most three decimals.
std::string time_text(double ms) {
  return ms >= 100  ? format("%.0f", ms)
         : ms >= 10 ? format("%.1f", ms)
         : ms >= 1  ? format("%.2f", ms)
                    : format("%.3f", ms);
}

struct Statistics {
  int sent = 0;
  int received = 0;
  int errors = 0;
  std::vector<double> times;

  std::string text(bool busybox, const std::string& name, Duration total) const {
    std::string out = "\n--- " + name + " ping statistics ---\n" + std::to_string(sent) + " packets transmitted, ";
    const int loss = sent == 0 ? 0 : (sent - received) * 100 / sent;
    if (busybox)
      out += std::to_string(received) + " packets received, " + std::to_string(loss) + "% packet loss\n";
    else
      out += std::to_string(received) + " received, " + (errors > 0 ? "+" + std::to_string(errors) + " errors, " : "") +
             std::to_string(loss) + "% packet loss, time " +
             std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(total).count()) + "ms\n";
    if (times.empty()) return out;
    double low = times[0], high = times[0], sum = 0, squares = 0;
    for (double t : times) {
      low = std::min(low, t);
      high = std::max(high, t);
      sum += t;
      squares += t * t;
    }
    const double mean = sum / static_cast<double>(times.size());
    const double deviation = std::sqrt(std::max(0.0, squares / static_cast<double>(times.size()) - mean * mean));
    if (busybox) return out + format("round-trip min/avg/max = %.3f/%.3f/%.3f ms\n", low, mean, high);
    return out + format("rtt min/avg/max/mdev = %.3f/%.3f/%.3f/%.3f ms\n", low, mean, high, deviation);
  }
};

}  // namespace

Task<int> ping_main(Process& process) {
  const bool busybox = process.program_version() == "busybox";
  const NetFlags flags = NetFlags::parse(process.arguments(), kPingFlags);
  if (flags.problem() != NetFlags::Problem::kNone) {
    const std::string letter = flags.culprit().substr(1);
    co_await process.err(
        std::string("ping: ") +
        (flags.problem() == NetFlags::Problem::kUnknown ? "invalid option -- '" : "option requires an argument -- '") +
        letter + "'\n\nUsage\n  ping [options] <destination>\n");
    co_return busybox ? 1 : 2;
  }
  if (flags.rest().empty()) {
    co_await process.err(busybox ? "BusyBox v1.36.1 multi-call binary.\n\nUsage: ping [OPTIONS] HOST\n"
                                 : "ping: usage error: Destination address required\n");
    co_return 1;
  }
  const std::string name = flags.rest().back();
  for (std::string_view number : {"-c", "-i", "-W", "-w", "-s"}) {
    if (flags.has(number) && !flags.number(number)) {
      co_await process.err("ping: invalid argument: '" + std::string(flags.value(number)) + "'\n");
      co_return 1;
    }
  }
  const Resolution found = co_await resolve_name(process, name);
  if (found.kind != Resolution::Kind::kFound) {
    if (busybox)
      co_await process.err("ping: bad address '" + name + "'\n");
    else
      co_await process.err("ping: " + name + ": " +
                           (found.kind == Resolution::Kind::kTemporary ? "Temporary failure in name resolution"
                                                                       : "Name or service not known") +
                           "\n");
    co_return busybox ? 1 : 2;
  }
  const Ipv4 target = found.addresses.front();
  if (process.network().source_for(target).any()) {
    co_await process.err(busybox ? "PING " + name + " (" + target.text() +
                                       "): 56 data bytes\nping: sendto: Network is unreachable\n"
                                 : "ping: connect: Network is unreachable\n");
    co_return busybox ? 1 : 2;
  }
  const auto count = static_cast<int>(flags.number("-c").value_or(0));
  const auto size = static_cast<int>(flags.number("-s").value_or(56));
  const Duration interval(static_cast<std::int64_t>(std::max(0.002, flags.number("-i").value_or(1)) * 1e9));
  const Duration wait(static_cast<std::int64_t>(std::max(0.001, flags.number("-W").value_or(1)) * 1e9));
  const auto limit = flags.number("-w");
  process.on_signal(kSigInt, Process::Disposition::kCatch);
  if (busybox)
    co_await process.out("PING " + name + " (" + target.text() + "): " + std::to_string(size) + " data bytes\n");
  else
    co_await process.out("PING " + name + " (" + target.text() + ") " + std::to_string(size) + "(" +
                         std::to_string(size + 28) + ") bytes of data.\n");
  Statistics statistics;
  const TimePoint start = process.now();
  const std::string shown = name == target.text() ? target.text() : name + " (" + target.text() + ")";
  while (true) {
    const TimePoint sent_at = process.now();
    const int sequence = ++statistics.sent;
    const EchoReply reply = co_await icmp_echo(process.namespaces().network, target, wait);
    if (reply.verdict == Verdict::kDelivered) {
      ++statistics.received;
      const double ms = milliseconds_of(reply.round_trip);
      statistics.times.push_back(ms);
      if (!flags.has("-q")) {
        if (busybox)
          co_await process.out(format("%d bytes from %s: seq=%d ttl=%d time=%.3f ms\n", size + 8, target.text().c_str(),
                                      sequence - 1, reply.ttl, ms));
        else
          co_await process.out(format("%d bytes from %s: icmp_seq=%d ttl=%d time=%s ms\n", size + 8, shown.c_str(),
                                      sequence, reply.ttl, time_text(ms).c_str()));
      }
    } else if (reply.verdict != Verdict::kLost && !busybox) {
      ++statistics.errors;
      const char* why = reply.verdict == Verdict::kNetUnreachable ? "Destination Net Unreachable"
                        : reply.verdict == Verdict::kRejected     ? "Destination Port Unreachable"
                        : reply.verdict == Verdict::kTtlExceeded  ? "Time to live exceeded"
                                                                  : "Destination Host Unreachable";
      co_await process.out("From " + reply.from.text() + " icmp_seq=" + std::to_string(sequence) + " " + why + "\n");
    }
    if (count > 0 && statistics.sent >= count) break;
    if (limit && process.now() - start >= Duration(static_cast<std::int64_t>(*limit * 1e9))) break;
    if (process.take_signal()) break;
    if (sent_at + interval > process.now() && !co_await process.sleep(sent_at + interval - process.now())) break;
  }
  co_await process.out(statistics.text(busybox, name, process.now() - start));
  co_return statistics.received > 0 ? 0 : 1;
}

Task<int> traceroute_main(Process& process) {
  const NetFlags flags = NetFlags::parse(process.arguments(), kTraceFlags);
  if (flags.problem() != NetFlags::Problem::kNone || flags.rest().empty()) {
    co_await process.err(
        "Usage:\n  traceroute [ -nIT ] [ -m max_ttl ] [ -q nqueries ] [ -w MAX ] host [ packetlen ]\n");
    co_return 2;
  }
  const std::string name = flags.rest().front();
  const Resolution found = co_await resolve_name(process, name);
  if (found.kind != Resolution::Kind::kFound) {
    co_await process.err(name + ": Name or service not known\nCannot handle \"host\" cmdline arg `" + name +
                         "' on position 1 (argc 1)\n");
    co_return 2;
  }
  const Ipv4 target = found.addresses.front();
  const int hops = std::clamp(static_cast<int>(flags.number("-m").value_or(30)), 1, 255);
  const int queries = std::clamp(static_cast<int>(flags.number("-q").value_or(3)), 1, 10);
  const Duration wait(static_cast<std::int64_t>(std::max(0.1, flags.number("-w").value_or(5)) * 1e9));
  co_await process.out("traceroute to " + name + " (" + target.text() + "), " + std::to_string(hops) +
                       " hops max, 60 byte packets\n");
  for (int ttl = 1; ttl <= hops; ++ttl) {
    std::string line = pad_left(std::to_string(ttl), 2) + " ";
    Ipv4 last;
    bool arrived = false;
    for (int query = 0; query < queries; ++query) {
      const EchoReply reply = co_await icmp_echo(process.namespaces().network, target, wait, ttl);
      if (reply.verdict == Verdict::kLost) {
        line += " *";
        continue;
      }
      if (reply.from != last)
        line += " " + (flags.has("-n")
                           ? reply.from.text()
                           : (reply.from == target ? name : reply.from.text()) + " (" + reply.from.text() + ")");
      last = reply.from;
      line += format("  %.3f ms", milliseconds_of(reply.round_trip));
      if (reply.verdict == Verdict::kHostUnreachable) line += " !H";
      if (reply.verdict == Verdict::kNetUnreachable) line += " !N";
      arrived = arrived || reply.verdict != Verdict::kTtlExceeded;
    }
    co_await process.out(line + "\n");
    if (arrived) break;
  }
  co_return 0;
}

}  // namespace drydock
