// VirtualDataplane: the Dataplane port over a virtual machine's netfilter.
#pragma once

#include <memory>

#include "core/proxy/dataplane.h"

namespace drydock {

class NetNamespace;

class VirtualDataplane final : public Dataplane {
 public:
  explicit VirtualDataplane(std::shared_ptr<NetNamespace> stack) : stack_(std::move(stack)) {}
  Task<Result<void>> apply(const ServiceRules& rules) override;

 private:
  std::shared_ptr<NetNamespace> stack_;
};

}  // namespace drydock
