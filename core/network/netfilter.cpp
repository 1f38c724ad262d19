#include "core/network/netfilter.h"

#include <algorithm>

#include "core/base/prng.h"
#include "core/base/strings.h"

namespace drydock {
namespace {

constexpr int kMaxJumps = 32;

struct BuiltIn {
  const char* table;
  std::vector<const char*> chains;
};
const std::vector<BuiltIn>& built_ins() {
  static const std::vector<BuiltIn> all = {
      {"raw", {"PREROUTING", "OUTPUT"}},
      {"mangle", {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"}},
      {"nat", {"PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"}},
      {"filter", {"INPUT", "FORWARD", "OUTPUT"}},
  };
  return all;
}

bool interface_matches(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return true;
  if (pattern.back() == '+') return name.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == name;
}

}  // namespace

Netfilter::Netfilter() {
  for (const BuiltIn& built_in : built_ins()) {
    NetfilterTable& made = tables_[built_in.table];
    for (const char* chain : built_in.chains) made[chain].policy = "ACCEPT";
  }
}

std::vector<std::string> Netfilter::table_names() { return {"mangle", "raw", "filter", "nat"}; }

NetfilterTable* Netfilter::table(std::string_view name) {
  const auto at = tables_.find(name);
  return at == tables_.end() ? nullptr : &at->second;
}

const NetfilterTable* Netfilter::table(std::string_view name) const {
  return const_cast<Netfilter*>(this)->table(name);
}

bool Netfilter::idle() const {
  for (const auto& [name, table] : tables_) {
    for (const auto& [chain_name, chain] : table) {
      if (!chain.rules.empty() || chain.policy == "DROP") return false;
    }
  }
  return true;
}

Netfilter::Outcome Netfilter::run(std::string_view table_name, std::string_view chain_name, Packet& packet,
                                  const NetfilterContext& context) {
  NetfilterTable* rules = table(table_name);
  const auto at = rules->find(chain_name);
  if (at == rules->end()) return Outcome::kAccept;
  NetfilterChain& chain = at->second;
  if (chain.rules.empty() && chain.policy == "ACCEPT") return Outcome::kAccept;
  switch (walk(*rules, chain, packet, context, 0)) {
    case Step::kAccept:
      return Outcome::kAccept;
    case Step::kDrop:
      return Outcome::kDrop;
    case Step::kReject:
      return Outcome::kReject;
    default:
      return chain.policy == "DROP" ? Outcome::kDrop : Outcome::kAccept;
  }
}

bool Netfilter::matches(const NetfilterRule& rule, const Packet& packet, const NetfilterContext& context) {
  if (rule.protocol && *rule.protocol != packet.protocol) return false;
  if (rule.destination && rule.destination->contains(packet.destination) == rule.destination_negated) return false;
  if (rule.source && rule.source->contains(packet.source) == rule.source_negated) return false;
  if (rule.destination_port && *rule.destination_port != packet.destination_port) return false;
  if (rule.source_port && *rule.source_port != packet.source_port) return false;
  if (!rule.in_interface.empty() && interface_matches(rule.in_interface, context.in_interface) == rule.in_negated)
    return false;
  if (!rule.out_interface.empty() && interface_matches(rule.out_interface, context.out_interface) == rule.out_negated)
    return false;
  if (rule.destination_type == "LOCAL" && context.is_local(packet.destination) == rule.destination_type_negated)
    return false;
  if (rule.source_type == "LOCAL" && context.is_local(packet.source) == rule.source_type_negated) return false;
  if (rule.mark && ((packet.mark & rule.mark_mask) == *rule.mark) == rule.mark_negated) return false;
  if (!rule.states.empty()) {
    // Only first packets come here: a flow's later ones belong to its sockets.
    const bool hit = std::any_of(rule.states.begin(), rule.states.end(), [&](const std::string& state) {
      return state == "NEW" || (state == "DNAT" && packet.dnat);
    });
    if (!hit) return false;
  }
  if (!rule.recent.empty()) {
    auto& seen = recent_[rule.recent];
    if (rule.recent_set) {
      seen[packet.source] = context.now;
    } else {
      const auto at = seen.find(packet.source);
      if (at == seen.end() || context.now - at->second > seconds(rule.recent_seconds)) return false;
    }
  }
  return !rule.probability || context.prng.chance(*rule.probability);
}

Netfilter::Step Netfilter::walk(NetfilterTable& table, NetfilterChain& chain, Packet& packet,
                                const NetfilterContext& context, int depth) {
  if (depth > kMaxJumps) return Step::kDrop;
  for (NetfilterRule& rule : chain.rules) {
    if (!matches(rule, packet, context)) continue;
    ++rule.packets;
    rule.bytes += 60;
    if (rule.target.empty() || rule.target == "LOG") continue;
    if (rule.target == "ACCEPT") return Step::kAccept;
    if (rule.target == "DROP") return Step::kDrop;
    if (rule.target == "REJECT") return Step::kReject;
    if (rule.target == "RETURN") return Step::kReturn;
    if (rule.target == "MARK") {
      packet.mark = (packet.mark & ~rule.set_mark_mask) ^ rule.set_mark;
      continue;
    }
    if (rule.target == "DNAT") {
      packet.destination = rule.to_address;
      if (rule.to_port != 0) packet.destination_port = rule.to_port;
      packet.dnat = true;
      return Step::kAccept;
    }
    if (rule.target == "SNAT") {
      packet.source = rule.to_address;
      return Step::kAccept;
    }
    if (rule.target == "MASQUERADE") {
      packet.source = context.out_address;
      return Step::kAccept;
    }
    const auto next = table.find(rule.target);
    if (next == table.end()) continue;
    const Step step = walk(table, next->second, packet, context, depth + 1);
    if (step != Step::kReturn && step != Step::kContinue) return step;
  }
  return Step::kContinue;
}

void Netfilter::hash(Hash64& hash) const {
  for (const auto& [name, table] : tables_) {
    for (const auto& [chain_name, chain] : table) {
      hash.add(chain_name);
      for (const NetfilterRule& rule : chain.rules) {
        hash.add(rule.packets);
        hash.add(rule.target);
      }
    }
  }
}

}  // namespace drydock
