#include "core/programs/net/virtual_dataplane.h"

#include <algorithm>

#include "core/network/net_namespace.h"
#include "core/network/netfilter.h"

namespace drydock {

Task<Result<void>> VirtualDataplane::apply(const ServiceRules& rules) {
  Netfilter& netfilter = stack_->netfilter();
  std::vector<std::pair<const JumpRule*, NetfilterRule>> jumps;
  for (const JumpRule& jump : rules.jumps) {
    auto parsed = NetfilterRule::parse(Netfilter::words(jump.rule));
    if (!parsed) co_return parsed.error();
    const NetfilterTable* table = netfilter.table(jump.table);
    if (table == nullptr || !table->contains(jump.chain))
      co_return Status::plain("iptables: No chain/target/match by that name.");
    jumps.emplace_back(&jump, std::move(*parsed));
  }
  DRYDOCK_CO_TRY_VOID(netfilter.restore(rules.restore, true));
  for (auto& [jump, rule] : jumps) {
    std::vector<NetfilterRule>& chain = netfilter.table(jump->table)->find(jump->chain)->second.rules;
    const bool there =
        std::any_of(chain.begin(), chain.end(), [&](const NetfilterRule& old) { return old.same_rule(rule); });
    if (!there) chain.insert(chain.begin(), std::move(rule));
  }
  co_return Result<void>();
}

}  // namespace drydock
