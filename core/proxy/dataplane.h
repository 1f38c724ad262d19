// Dataplane port: what carries out Service rules on a host. In the virtual world
// the host's network stack (core/network's Netfilter); natively a Linux kernel.
//
// kube-proxy's iptables mode speaks the language of iptables-restore, so that
// what is applied is what `iptables-save` shows. Pod networks are CNI's job.
// Contract:
// - apply() is all or nothing; an error leaves the rules as they were.
// - Chains not named in `restore` are untouched (iptables-restore --noflush);
//   a chain declared there is emptied first; "-X CHAIN" lines delete.
// - A jump is put at the head of its chain unless it is there already
//   (iptables -C || iptables -I).
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/task.h"

namespace drydock {

struct JumpRule {
  std::string table;  // "nat", "filter"
  std::string chain;  // "PREROUTING"
  std::string rule;   // "-m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES"
};

struct ServiceRules {
  std::vector<JumpRule> jumps;  // to be there after `restore` has made their targets
  std::string restore;          // input of iptables-restore --noflush
};

class Dataplane {
 public:
  virtual ~Dataplane() = default;
  virtual Task<Result<void>> apply(const ServiceRules& rules) = 0;
};

}  // namespace drydock
