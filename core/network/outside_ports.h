// OutsidePorts: ports of the real machine that lead into a virtual network stack, where
// there is a real machine around it (drydock kubectl). Programs that listen for people
// ask Host::attached<OutsidePorts>() and do without when it is not there.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/sys_result.h"

namespace drydock {

class NetNamespace;

class OutsidePorts {
 public:
  virtual ~OutsidePorts() = default;
  // Listens at the machine's own address ("127.0.0.1", "::1"); port 0 takes a free one.
  // Each connection is passed on to the same port of the stack's loopback address, for as
  // long as this object lives. EADDRINUSE, EADDRNOTAVAIL, EACCES.
  virtual SysResult<std::uint16_t> open(std::shared_ptr<NetNamespace> stack, const std::string& address,
                                        std::uint16_t port) = 0;
};

}  // namespace drydock
