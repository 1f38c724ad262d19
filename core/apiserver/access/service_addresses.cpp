// Cluster addresses and node ports of Services.
//
// Each one that is taken has a key of its own, written in the transaction that writes
// its Service: servers that share a store cannot give one away twice, whatever their
// caches have seen. Addresses are IPAddress objects, as upstream's allocator has them.
// https://kubernetes.io/docs/reference/networking/virtual-ips/#ip-address-objects
#include <algorithm>
#include <set>

#include "core/apiserver/api_server.h"
#include "core/base/strings.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

constexpr std::string_view kAddresses = "/registry/ipaddresses/";
constexpr std::string_view kPorts = "/registry/ranges/servicenodeports/";

std::uint32_t number_of(std::string_view address) {
  std::uint32_t number = 0;
  for (const std::string& part : split(address, '.'))
    number = (number << 8) | static_cast<std::uint32_t>(parse_int(part).value_or(0));
  return number;
}

std::string address_of(std::uint32_t number) {
  return format("%u.%u.%u.%u", number >> 24, (number >> 16) & 255, (number >> 8) & 255, number & 255);
}

Status refused_address(const std::string& name, const std::string& address, const std::string& why) {
  return Status::invalid(
      "", "Service", name,
      {{"FieldValueInvalid",
        "Invalid value: " + go_quote("[" + go_quote(address) + "]") + ": failed to allocate IP " + address + ": " + why,
        "spec.clusterIPs"}});
}

Status refused_port(const std::string& name, std::size_t index, std::int64_t port, const std::string& why) {
  return Status::invalid("", "Service", name,
                         {{"FieldValueInvalid", "Invalid value: " + std::to_string(port) + ": " + why,
                           "spec.ports[" + std::to_string(index) + "].nodePort"}});
}

std::string address_in(const Value& spec) {
  const std::string_view address = spec["clusterIP"].as_string();
  return address == "None" ? "" : std::string(address);
}

std::set<std::int64_t> ports_in(const Value& spec) {
  std::set<std::int64_t> ports;
  for (const Value& port : spec["ports"].items()) {
    if (port.has("nodePort")) ports.insert(port["nodePort"].as_int());
  }
  return ports;
}

std::string address_key(std::string_view address) { return std::string(kAddresses) + std::string(address); }
std::string port_key(std::int64_t port) { return std::string(kPorts) + std::to_string(port); }

constexpr const char* kTaken = "provided IP is already allocated";
constexpr const char* kPortTaken = "provided port is already allocated";

}  // namespace

void ApiServer::note_service(const Object& before, const Object& after) {
  const auto key = (before ? before : after).key();
  const auto forget = [&](auto& taken, const auto& what) {
    if (const auto at = taken.find(what); at != taken.end() && at->second == key) taken.erase(at);
  };
  forget(cluster_ips_, address_in(before.spec()));
  for (const std::int64_t port : ports_in(before.spec())) forget(node_ports_, port);
  if (const std::string address = address_in(after.spec()); !address.empty()) cluster_ips_[address] = key;
  for (const std::int64_t port : ports_in(after.spec())) node_ports_[port] = key;
}

std::string ApiServer::draw_address() {
  const std::size_t slash = options_.service_cidr.find('/');
  const auto bits = static_cast<int>(parse_int(options_.service_cidr.substr(slash + 1)).value_or(12));
  const std::uint32_t size = bits >= 31 ? 2 : 1u << (32 - bits);
  // From the upper part, as upstream: the lower is left to addresses asked for.
  const std::uint32_t offset = std::min<std::uint32_t>(std::max<std::uint32_t>(size / 16, 16), 256);
  if (size <= offset + 1 || cluster_ips_.size() >= size - offset - 1) return "";
  const std::uint32_t base = number_of(options_.service_cidr.substr(0, slash));
  for (;;) {
    std::string address = address_of(base + offset + static_cast<std::uint32_t>(prng_.below(size - offset - 1)));
    if (!cluster_ips_.contains(address)) return address;
  }
}

std::int64_t ApiServer::draw_port(const std::set<std::int64_t>& mine) {
  const auto size = static_cast<std::size_t>(options_.node_port_high - options_.node_port_low + 1);
  if (node_ports_.size() + mine.size() >= size) return 0;
  for (;;) {
    const std::int64_t port = prng_.between(options_.node_port_low, options_.node_port_high);
    if (!node_ports_.contains(port) && !mine.contains(port)) return port;
  }
}

// Gives a Service its cluster address and node ports, and notes what its transaction has
// to claim and to give back.
Result<void> ApiServer::allocate_service(Call& call, Value& service, const Object& old) {
  call.claims.clear();
  Value& spec = service.ref("spec");
  const std::string type = spec["type"].str();
  const ObjectKey key{service["metadata"]["namespace"].str(), service["metadata"]["name"].str()};
  const std::string address_before = address_in(old.spec());
  const std::set<std::int64_t> ports_before = ports_in(old.spec());
  const auto give_back = [&](std::string store_key) { call.claims.push_back({std::move(store_key), true}); };
  if (type == "ExternalName") {
    for (const char* name : {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"}) spec.erase(name);
  } else {
    if (old && spec["clusterIP"].empty()) spec.set("clusterIP", old.spec()["clusterIP"]);
    std::string address = spec["clusterIP"].str();
    const bool drawn = address.empty();
    if (drawn) {
      address = draw_address();
      if (address.empty()) return Status::internal("failed to allocate a serviceIP: range is full");
    } else if (address != "None") {
      const std::size_t slash = options_.service_cidr.find('/');
      const auto bits = static_cast<int>(parse_int(options_.service_cidr.substr(slash + 1)).value_or(12));
      const std::uint32_t size = bits >= 31 ? 2 : 1u << (32 - bits);
      const std::uint32_t base = number_of(options_.service_cidr.substr(0, slash));
      const std::uint32_t number = number_of(address);
      if (number < base || number >= base + size)
        return refused_address(key.name, address,
                               "the provided IP (" + address +
                                   ") is not in the valid range. The range of valid IPs is " + options_.service_cidr);
      const auto holder = cluster_ips_.find(address);
      if (holder != cluster_ips_.end() && holder->second != key) return refused_address(key.name, address, kTaken);
    }
    if (address != "None" && address != address_before) call.claims.push_back({address_key(address), false, drawn});
    spec.set("clusterIP", address);
    spec.set("clusterIPs", Value::array({address}));
    if (!spec.has("ipFamilies")) spec.set("ipFamilies", Value::array({"IPv4"}));
    if (!spec.has("ipFamilyPolicy")) spec.set("ipFamilyPolicy", "SingleStack");
  }
  const std::string address_now = address_in(spec);
  if (!address_before.empty() && address_before != address_now) give_back(address_key(address_before));

  const bool with_ports = type == "NodePort" || type == "LoadBalancer";
  std::set<std::int64_t> mine;
  for (std::size_t i = 0; i < spec["ports"].size(); ++i) {
    Value& port = spec.ref("ports").mutable_item(i);
    if (!with_ports) {
      port.erase("nodePort");
      continue;
    }
    std::int64_t wanted = port["nodePort"].as_int();
    for (const Value& before : old.spec()["ports"].items()) {
      if (wanted == 0 && before["port"] == port["port"] && before["protocol"] == port["protocol"])
        wanted = before["nodePort"].as_int();
    }
    const bool drawn = wanted == 0;
    if (drawn) wanted = draw_port(mine);
    if (wanted == 0) return Status::internal("failed to allocate a nodePort: range is full");
    if (wanted < options_.node_port_low || wanted > options_.node_port_high)
      return refused_port(key.name, i, wanted,
                          "provided port is not in the valid range. The range of valid ports is " +
                              std::to_string(options_.node_port_low) + "-" + std::to_string(options_.node_port_high));
    const auto holder = node_ports_.find(wanted);
    if (holder != node_ports_.end() && holder->second != key) return refused_port(key.name, i, wanted, kPortTaken);
    if (mine.insert(wanted).second && !ports_before.contains(wanted))
      call.claims.push_back({port_key(wanted), false, drawn, static_cast<int>(i)});
    port.set("nodePort", wanted);
  }
  for (const std::int64_t port : ports_before) {
    if (!mine.contains(port)) give_back(port_key(port));
  }
  return {};
}

void ApiServer::release_service(Call& call, const Object& service) {
  call.claims.clear();
  if (const std::string address = address_in(service.spec()); !address.empty())
    call.claims.push_back({address_key(address), true});
  for (const std::int64_t port : ports_in(service.spec())) call.claims.push_back({port_key(port), true});
}

void ApiServer::add_claims(const Call& call, const Object& service, TxnRequest& request) {
  for (const Claim& claim : call.claims) {
    StoreOp op;
    op.key = claim.key;
    if (claim.give_back) {
      op.type = StoreOp::Type::kDelete;
      request.success.push_back(std::move(op));
      continue;
    }
    Value holder =
        Value::object({{"group", ""}, {"resource", "services"}, {"namespace", service.ns()}, {"name", service.name()}});
    op.value = Value::object({{"spec", Value::object({{"parentRef", std::move(holder)}})}});
    if (claim.key.starts_with(kAddresses)) {
      op.value.set("apiVersion", "networking.k8s.io/v1");
      op.value.set("kind", "IPAddress");
      op.value.set("metadata", Value::object({{"name", claim.key.substr(kAddresses.size())},
                                              {"uid", prng_.uuid()},
                                              {"creationTimestamp", format_timestamp(loop_.now())}}));
      op.value.ref("metadata", "labels") =
          Value::object({{"ipaddress.kubernetes.io/ip-family", "IPv4"},
                         {"ipaddress.kubernetes.io/managed-by", "ipallocator.k8s.io"}});
    }
    request.compares.push_back({claim.key, claim.stale});
    StoreOp look;
    look.type = StoreOp::Type::kGet;
    look.key = claim.key;
    request.failure.push_back(std::move(look));
    request.success.push_back(std::move(op));
  }
}

// After a transaction that failed though the Service itself is as it was expected to be:
// somebody else has what it wanted. What was drawn is drawn again, in `service` too.
Task<Result<void>> ApiServer::claim_again(Call& call, Value& service, const TxnResult& failed) {
  (void)co_await catch_up();
  const std::string name = service["metadata"]["name"].str();
  std::set<std::int64_t> mine = ports_in(service["spec"]);
  for (Claim& claim : call.claims) {
    const auto held = std::find_if(failed.gets.begin(), failed.gets.end(),
                                   [&](const KeyValue& item) { return item.key == claim.key; });
    if (claim.give_back || held == failed.gets.end()) continue;
    const Value& parent = held->value["spec"]["parentRef"];
    const ObjectKey holder{parent["namespace"].str(), parent["name"].str()};
    const bool address = claim.port < 0;
    const std::string what = claim.key.substr(address ? kAddresses.size() : kPorts.size());
    const std::int64_t port = address ? 0 : parse_int(what).value_or(0);
    const auto& services = cache("", "services").objects();
    const auto at = services.find(holder);
    const bool holds = at != services.end() &&
                       (address ? address_in(at->second.spec()) == what : ports_in(at->second.spec()).contains(port));
    if (!holds) {  // its holder has gone without giving it back
      claim.stale = held->mod_revision;
      continue;
    }
    if (address) {
      cluster_ips_[what] = holder;
      if (!claim.drawn) co_return refused_address(name, what, kTaken);
      const std::string other = draw_address();
      if (other.empty()) co_return Status::internal("failed to allocate a serviceIP: range is full");
      claim.key = address_key(other);
      service.ref("spec", "clusterIP") = other;
      service.ref("spec", "clusterIPs") = Value::array({other});
    } else {
      node_ports_[port] = holder;
      if (!claim.drawn) co_return refused_port(name, static_cast<std::size_t>(claim.port), port, kPortTaken);
      const std::int64_t other = draw_port(mine);
      if (other == 0) co_return Status::internal("failed to allocate a nodePort: range is full");
      mine.insert(other);
      claim.key = port_key(other);
      service.ref("spec", "ports").mutable_item(static_cast<std::size_t>(claim.port)).set("nodePort", other);
    }
    claim.stale = 0;
  }
  co_return Result<void>();
}

}  // namespace drydock
