// The Container Network Interface, as a container runtime calls it: the plugins
// that /etc/cni/net.d names put a pod sandbox's network stack on the pod network.
// https://www.cni.dev/docs/spec/
//
// Everything a plugin decides is in files of the host (configuration, address
// reservations), so a restarted runtime goes on where it was.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/network/ip_address.h"

namespace drydock {

class FileSystem;
class Host;
class NetNamespace;

struct CniPortMapping {
  std::uint16_t host_port = 0;
  std::uint16_t container_port = 0;
  std::string protocol = "tcp";
  std::string host_ip;
};

struct CniPod {
  std::string ns;
  std::string name;
  std::string uid;
  std::string sandbox_id;  // 64 hex digits
  std::vector<CniPortMapping> ports;
};

struct CniResult {
  std::string interface;  // "eth0"
  Cidr address;
  Ipv4 gateway;
  std::string network;  // name of the configuration: "weave", "cbr0"
};

// "" when a usable configuration is there, else what the runtime reports as
// NetworkReady=false: "cni plugin not initialized".
std::string cni_not_ready_reason(Host& host);

// ADD: an error is what the runtime wraps as
// "failed to setup network for sandbox \"…\": plugin type=\"weave-net\" failed (add): …".
Result<CniResult> cni_add(Host& host, const std::shared_ptr<NetNamespace>& sandbox, const CniPod& pod);
// DEL: never fails for what is already gone.
void cni_delete(Host& host, const std::string& sandbox_id);

}  // namespace drydock
