// Netfilter: the rule tables of a network stack, as data: `iptables` lists them
// and every flow really traverses them. Text in and out is that of iptables-save.
//
// Rules are evaluated for the first packet of a flow; the sockets of a flow then
// remember what became of it (what conntrack does on Linux).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/base/result.h"
#include "core/network/packet.h"

namespace drydock {

class Prng;

struct NetfilterRule {
  // Matches; what is not set matches everything.
  std::optional<Cidr> source;
  std::optional<Cidr> destination;
  bool source_negated = false;
  bool destination_negated = false;
  std::string in_interface;  // "cali+" is a prefix
  std::string out_interface;
  bool in_negated = false;
  bool out_negated = false;
  std::optional<Protocol> protocol;
  std::optional<std::uint16_t> source_port;
  std::optional<std::uint16_t> destination_port;
  std::string destination_type;  // "LOCAL"
  std::string source_type;
  bool destination_type_negated = false;
  bool source_type_negated = false;
  std::vector<std::string> states;  // "NEW", "RELATED", "ESTABLISHED", "INVALID", "DNAT"
  std::optional<std::uint32_t> mark;
  std::uint32_t mark_mask = 0xffffffff;
  bool mark_negated = false;
  std::optional<double> probability;  // -m statistic --mode random
  std::string recent;                 // -m recent --name; session affinity
  bool recent_set = false;            // --set, else --rcheck
  std::int64_t recent_seconds = 0;
  std::string comment;

  // Target: ACCEPT, DROP, REJECT, RETURN, MARK, DNAT, SNAT, MASQUERADE, or a chain.
  std::string target;
  Ipv4 to_address;
  std::uint16_t to_port = 0;
  std::uint32_t set_mark = 0;  // MARK: mark = (mark & ~set_mark_mask) ^ set_mark
  std::uint32_t set_mark_mask = 0xffffffff;
  bool random_fully = false;
  std::string reject_with;

  // Counters: flows, since a flow is evaluated once.
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;

  // "-s 10.0.0.0/8 -p tcp -m tcp --dport 80 -j ACCEPT", as iptables-save prints it.
  std::string text() const;
  // From such words. The error is what iptables prints after "iptables v1.8.7 (nf_tables): ".
  static Result<NetfilterRule> parse(const std::vector<std::string>& words);
  bool same_rule(const NetfilterRule& other) const { return text() == other.text(); }
};

struct NetfilterChain {
  std::string policy;  // "ACCEPT", "DROP"; "-" for a user's chain
  std::vector<NetfilterRule> rules;
};

using NetfilterTable = std::map<std::string, NetfilterChain, std::less<>>;

// What evaluation needs to know of the stack it runs in.
struct NetfilterContext {
  std::string_view in_interface;
  std::string_view out_interface;
  Ipv4 out_address;  // MASQUERADE's
  const std::function<bool(Ipv4)>& is_local;
  Prng& prng;
  TimePoint now{};
};

class Netfilter {
 public:
  Netfilter();
  // Built-in chains in the kernel's order for printing; user chains follow by name.
  static std::vector<std::string> table_names();  // "mangle", "filter", "nat", "raw"
  NetfilterTable* table(std::string_view name);
  const NetfilterTable* table(std::string_view name) const;

  enum class Outcome { kAccept, kDrop, kReject };
  // Runs a hook's chain ("PREROUTING", …) of one table over the packet, which NAT and MARK change.
  Outcome run(std::string_view table, std::string_view chain, Packet& packet, const NetfilterContext& context);
  // True when no rule and no policy can have any effect.
  bool idle() const;

  // `iptables-save -t table`, without the comments with dates. With counters as `iptables-save -c`.
  std::string save(std::string_view table, bool counters = false) const;
  // `iptables-restore [--noflush]`: a chain that is declared is emptied first. All or nothing.
  Result<void> restore(std::string_view text, bool no_flush);
  // Words of a rule line, quotes resolved.
  static std::vector<std::string> words(std::string_view line);

  void hash(Hash64& hash) const;

 private:
  enum class Step { kContinue, kReturn, kAccept, kDrop, kReject };
  Step walk(NetfilterTable& table, NetfilterChain& chain, Packet& packet, const NetfilterContext& context, int depth);
  bool matches(const NetfilterRule& rule, const Packet& packet, const NetfilterContext& context);

  std::map<std::string, NetfilterTable, std::less<>> tables_;
  // -m recent: list name -> source -> last seen.
  std::map<std::string, std::map<Ipv4, TimePoint>, std::less<>> recent_;
};

}  // namespace drydock
