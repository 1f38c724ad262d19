// RealPorts: OutsidePorts over the machine's sockets, for kubectl port-forward and proxy.
#pragma once

#include <memory>
#include <vector>

#include "core/base/sync.h"
#include "core/network/outside_ports.h"

namespace drydock::server {

class RealTime;

class RealPorts final : public OutsidePorts {
 public:
  explicit RealPorts(RealTime& driver);
  ~RealPorts() override;
  SysResult<std::uint16_t> open(std::shared_ptr<NetNamespace> stack, const std::string& address,
                                std::uint16_t port) override;

 private:
  struct Door;
  RealTime& driver_;
  TaskGroup connections_;
  std::vector<std::shared_ptr<Door>> doors_;
};

}  // namespace drydock::server
