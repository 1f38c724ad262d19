// Proxy: kube-proxy in iptables mode. Watches Services and EndpointSlices and keeps
// the host's rules in step, at most once a second as the real one does.
#pragma once

#include <set>
#include <string>

#include "core/client/client.h"
#include "core/client/informer.h"
#include "core/proxy/dataplane.h"
#include "core/proxy/iptables_rules.h"

namespace drydock::proxy {

struct ProxyOptions {
  std::string node_name;
  std::string cluster_cidr;  // pod addresses; "" when not known
  Duration min_sync_period = seconds(1);
};

class Proxy {
 public:
  Proxy(EventLoop& loop, Client& client, Dataplane& dataplane, ProxyOptions options);
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;

  // Runs until its frame is destroyed.
  Task<void> run();

 private:
  void service_changed(const std::string& key);
  void refresh(const std::string& key);

  EventLoop& loop_;
  Dataplane& dataplane_;
  ProxyOptions options_;
  Informer services_;
  Informer slices_;
  IptablesRules rules_;
  std::set<std::string> dirty_;  // Services to read again
  Event changed_;
  TaskGroup tasks_;
};

}  // namespace drydock::proxy
