#include "core/network/network.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/network/netfilter.h"

namespace drydock {
namespace {

constexpr Ipv4 kLanBase{0x0a000000};         // 10.0.0.0/24
constexpr Ipv4 kGatewayAddress{0x0a000001};  // 10.0.0.1
constexpr Ipv4 kPublicAddress{0xcb007105};   // 203.0.113.5: what the internet sees of us

}  // namespace

void Switch::unplug(const NetNamespace& stack) {
  std::erase_if(ports_, [&](const Port& port) { return port.stack == &stack; });
}

void Switch::set_cut(const NetNamespace& stack, bool cut) {
  for (Port& port : ports_) {
    if (port.stack == &stack) port.cut = cut;
  }
}

bool Switch::cut(const NetNamespace& stack) const {
  return std::any_of(ports_.begin(), ports_.end(), [&](const Port& port) { return port.stack == &stack && port.cut; });
}

NetNamespace* Switch::find(Ipv4 address, std::string& device) const {
  for (const Port& port : ports_) {
    if (port.cut) continue;
    const Link* link = port.stack->link(port.device);
    if (link == nullptr || !link->has_address(address)) continue;
    device = port.device;
    return port.stack;
  }
  return nullptr;
}

Network::Network(EventLoop& loop, Prng prng)
    : loop_(loop),
      prng_(prng),
      lan_(microseconds(90), microseconds(160), false),
      wan_(milliseconds(5), milliseconds(18), true) {
  gateway_ = make_namespace("gateway");
  gateway_->forwarding = true;
  gateway_->add_link("eth0", LinkKind::kEthernet).segment = &lan_;
  lan_.plug(*gateway_, "eth0");
  (void)gateway_->add_address("eth0", Cidr{kGatewayAddress, 24});
  gateway_->add_link("wan0", LinkKind::kEthernet).segment = &wan_;
  wan_.plug(*gateway_, "wan0");
  (void)gateway_->add_address("wan0", Cidr{kPublicAddress, 32});
  Route everywhere;
  everywhere.destination = Cidr{Ipv4{}, 0};
  everywhere.device = "wan0";
  (void)gateway_->add_route(std::move(everywhere));
  (void)gateway_->netfilter().restore("*nat\n-A POSTROUTING -o wan0 -j MASQUERADE\nCOMMIT\n", true);
}

Network::~Network() = default;

std::shared_ptr<NetNamespace> Network::make_namespace(std::string name) {
  return std::make_shared<NetNamespace>(*this, std::move(name), next_namespace_++);
}

std::shared_ptr<NetNamespace> Network::attach_host(std::string name, Ipv4 address) {
  auto host = make_namespace(std::move(name));
  host->add_link("eth0", LinkKind::kEthernet).segment = &lan_;
  lan_.plug(*host, "eth0");
  (void)host->add_address("eth0", Cidr{address, 24});
  Route gateway;
  gateway.destination = Cidr{Ipv4{}, 0};
  gateway.gateway = kGatewayAddress;
  gateway.device = "eth0";
  gateway.protocol = "dhcp";
  (void)host->add_route(std::move(gateway));
  // Containers are this machine's business; what it does with their packets is set by sysctl.
  host->forwarding = true;
  return host;
}

Ipv4 Network::next_host_address() { return kLanBase.next(next_host_++); }

std::shared_ptr<NetNamespace> Network::attach_internet(std::string name, Ipv4 address) {
  auto server = make_namespace(std::move(name));
  server->add_link("eth0", LinkKind::kEthernet).segment = &wan_;
  wan_.plug(*server, "eth0");
  (void)server->add_address("eth0", Cidr{address, 32});
  Route everywhere;
  everywhere.destination = Cidr{Ipv4{}, 0};
  everywhere.device = "eth0";
  (void)server->add_route(std::move(everywhere));
  return server;
}

void Network::set_host_link(NetNamespace& host, bool up) {
  lan_.set_cut(host, !up);
  touch();
}

void Network::report(const TrafficEvent& event) {
  for (TrafficObserver* observer : observers_) observer->on_traffic(event);
}

std::string Network::next_mac() {
  const std::uint64_t number = next_mac_++;
  return format("02:42:0a:%02x:%02x:%02x", static_cast<unsigned>(number >> 16 & 255),
                static_cast<unsigned>(number >> 8 & 255), static_cast<unsigned>(number & 255));
}

Duration Network::draw(Duration low, Duration high) { return Duration(prng_.between(low.count(), high.count())); }

void Network::hash(Hash64& hash) const {
  hash.add(version_);
  hash.add(next_namespace_);
  hash.add(next_mac_);
  hash.add(next_stream_);
  hash.add(next_host_);
  gateway_->hash(hash);
}

}  // namespace drydock
