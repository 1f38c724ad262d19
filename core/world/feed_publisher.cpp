#include "core/world/feed_publisher.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/network/network.h"
#include "core/store/memory_store.h"
#include "core/world/pod_picture.h"
#include "core/world/world.h"

namespace drydock {
namespace {

constexpr std::size_t kFlightsPerTake = 60;  // more than this in one picture only blur

// "/registry/pods/default/web" -> {"pods", "default/web"}.
std::pair<std::string, std::string> split_key(std::string_view key) {
  const std::vector<std::string> parts = split(key, '/');
  // Some resources live under a group: /registry/services/specs/…, /registry/endpointslices/….
  if (parts.size() < 4) return {};
  std::size_t first = 2;
  std::string resource = parts[first];
  if (resource == "services") resource += "/" + parts[++first];
  return {resource, join(std::span(parts).subspan(first + 1), "/")};
}

}  // namespace

FeedPublisher::FeedPublisher(World& world) : world_(world) {
  writer_.reset();
  world_.network().add_observer(this);
}

FeedPublisher::~FeedPublisher() { world_.network().remove_observer(this); }

std::uint32_t FeedPublisher::id_of(const std::string& key) {
  std::uint32_t& id = ids_[key];
  if (id == 0) id = next_id_++;
  return id;
}

void FeedPublisher::read_stores() {
  for (const auto& [name, host] : world_.hosts()) {
    const auto* store = host->attached<MemoryStore>();
    if (store == nullptr) continue;
    std::int64_t& seen = read_up_to_[name];
    if (seen == store->revision()) continue;
    const auto visit = [this](const KeyValue& item, bool deleted) { on_change(item.key, item.value, deleted); };
    if (seen == 0 || !store->visit_changes(seen, visit)) {
      for (const auto& [key, item] : store->items()) on_change(key, item.value, false);
    }
    seen = store->revision();
  }
}

void FeedPublisher::on_change(const std::string& key, const Value& value, bool deleted) {
  const auto [resource, rest] = split_key(key);
  if (resource == "pods") return publish_pod(key, Object(value), deleted);
  if (resource == "minions" || resource == "nodes") {
    if (deleted) {
      nodes_.erase(rest);
      return;
    }
    const Object node(value);
    NodeState& state = nodes_[rest];
    state = NodeState();
    for (const Value& condition : node.status()["conditions"].items()) {
      if (condition["type"].as_string() != "Ready") continue;
      state.ready = condition["status"].as_string() == "True";
      if (!state.ready) state.reason = condition["reason"].str() + ": " + condition["message"].str();
    }
    state.cordoned = node.spec()["unschedulable"].as_bool();
    const bool control_plane = node.labels().has("node-role.kubernetes.io/control-plane") ||
                               node.labels().has("node-role.kubernetes.io/master");
    state.role = control_plane ? "control-plane" : "worker";
    state.version = node.status()["nodeInfo"]["kubeletVersion"].str();
    return;
  }
  if (resource == "services/specs" || resource == "services") {
    if (deleted) {
      services_.erase(rest);
      writer_.removed(feed::RecordType::kServiceRemoved, id_of("service " + rest));
      return;
    }
    services_[rest] = Object(value);
    return publish_service(rest);
  }
  if (resource == "endpointslices") {
    const Object slice(value);
    const std::size_t slash = rest.find('/');
    std::string service;
    if (deleted) {
      for (auto& [name, slices] : endpoints_) {
        if (slices.erase(rest) > 0) service = name;
      }
    } else {
      service = rest.substr(0, slash) + "/" + std::string(slice.label("kubernetes.io/service-name"));
      std::vector<std::string>& addresses = endpoints_[service][rest];
      addresses.clear();
      for (const Value& endpoint : slice.doc()["endpoints"].items()) {
        if (endpoint["conditions"]["ready"].as_bool(true)) addresses.push_back(endpoint["addresses"][0].str());
      }
    }
    if (services_.contains(service)) publish_service(service);
    return;
  }
  if (resource == "events" && !deleted) {
    const Object event(value);
    feed::Event record;
    record.time_ns = world_.now().time_since_epoch().count();
    record.warning = event.doc()["type"].as_string() == "Warning";
    const Value& about = event.doc()["involvedObject"];
    record.object = about["kind"].str() + " " + about["namespace"].str() + (about["namespace"].empty() ? "" : "/") +
                    about["name"].str();
    record.reason = event.doc()["reason"].str();
    record.message = event.doc()["message"].str();
    writer_.write(record);
  }
}

void FeedPublisher::publish_pod(const std::string& key, const Object& pod, bool deleted) {
  const std::uint32_t id = id_of(key);
  Place& place = pods_[key];
  if (!place.address.empty()) by_address_.erase(place.address);
  if (deleted) {
    pods_.erase(key);
    if (pod.ns() == "kube-system") mirrors_.erase(std::string(pod.name()));
    writer_.removed(feed::RecordType::kPodRemoved, id);
    return;
  }
  feed::Pod record = pod_picture(pod);
  record.id = id;
  if (record.control_plane) mirrors_[record.name] = id;
  const std::string node = pod.spec()["nodeName"].str();
  record.host = node.empty() || world_.host(node) == nullptr ? 0 : id_of("host " + node);
  place = {id, pod.spec()["hostNetwork"].as_bool() ? "" : record.address};
  if (!place.address.empty()) by_address_[place.address] = id;
  writer_.write(record);
  // A Service drawn before its pods had addresses gets its lines now.
  if (record.address.empty()) return;
  for (const auto& [service, slices] : endpoints_) {
    const bool mentions = std::any_of(slices.begin(), slices.end(), [&](const auto& slice) {
      return std::find(slice.second.begin(), slice.second.end(), record.address) != slice.second.end();
    });
    if (mentions && services_.contains(service)) publish_service(service);
  }
}

void FeedPublisher::publish_service(const std::string& key) { writer_.write(service_record(key)); }

feed::Service FeedPublisher::service_record(const std::string& key) {
  const Object& service = services_.at(key);
  feed::Service record;
  record.id = id_of("service " + key);
  record.ns = service.ns();
  record.name = service.name();
  record.type = service.spec()["type"].str();
  record.address = service.spec()["clusterIP"].str();
  for (const Value& port : service.spec()["ports"].items()) {
    if (!record.ports.empty()) record.ports += ",";
    record.ports += std::to_string(port["port"].as_int());
    if (port.has("nodePort")) record.ports += ":" + std::to_string(port["nodePort"].as_int());
    record.ports += "/" + (port["protocol"].empty() ? "TCP" : port["protocol"].str());
  }
  const auto slices = endpoints_.find(key);
  if (slices == endpoints_.end()) return record;
  for (const auto& [slice, addresses] : slices->second) {
    for (const std::string& address : addresses) {
      const auto pod = by_address_.find(address);
      if (pod != by_address_.end()) record.endpoints.push_back(pod->second);
    }
  }
  return record;
}

std::vector<feed::Host> FeedPublisher::hosts() {
  read_stores();
  std::vector<feed::Host> all;
  for (const auto& [name, host] : world_.hosts()) {
    feed::Host record;
    record.id = id_of("host " + name);
    record.name = name;
    record.address = host->address();
    record.cpus = static_cast<std::uint32_t>(host->options().cpus);
    record.memory_bytes = static_cast<std::uint64_t>(host->options().memory_bytes);
    // In steps, so that the list does not change with every small allocation.
    record.memory_used = static_cast<std::uint64_t>(host->memory_used()) >> 23 << 23;
    const auto node = nodes_.find(name);
    if (node != nodes_.end()) {
      record.role = node->second.role;
      record.version = node->second.version;
      record.reason = node->second.reason;
      record.state = !node->second.ready     ? feed::HostState::kNotReady
                     : node->second.cordoned ? feed::HostState::kCordoned
                                             : feed::HostState::kReady;
    }
    all.push_back(std::move(record));
  }
  // node10 behind node9.
  std::sort(all.begin(), all.end(), [](const feed::Host& a, const feed::Host& b) {
    return a.name.size() != b.name.size() ? a.name.size() < b.name.size() : a.name < b.name;
  });
  return all;
}

void FeedPublisher::publish_hosts() {
  std::map<std::string, feed::Host> now;
  for (feed::Host& host : hosts()) {
    const auto drawn = drawn_hosts_.find(host.name);
    const bool same = drawn != drawn_hosts_.end() && drawn->second.state == host.state &&
                      drawn->second.role == host.role && drawn->second.version == host.version &&
                      drawn->second.memory_used == host.memory_used && drawn->second.reason == host.reason;
    if (!same) writer_.write(host);
    const std::string name = host.name;
    now.emplace(name, std::move(host));
  }
  for (const auto& [name, host] : drawn_hosts_) {
    if (!now.contains(name)) writer_.removed(feed::RecordType::kHostRemoved, host.id);
  }
  drawn_hosts_ = std::move(now);
}

void FeedPublisher::on_traffic(const TrafficEvent& event) {
  if (event.kind == TrafficEvent::Kind::kConnect && !event.refused) return;  // its request follows
  if (writer_.bytes().size() > kFlightsPerTake * 40 + 4096) return;
  auto place = [this](const std::string& name, const std::string& address) -> std::uint32_t {
    const auto pod = by_address_.find(address);
    if (pod != by_address_.end()) return pod->second;
    return world_.host(name) != nullptr ? id_of("host " + name) : 0;
  };
  feed::Flight flight;
  const std::string from_address = event.flow->sent.source.text();
  flight.from = place(event.from->name(), from_address);
  const std::string to_address = event.flow->arrived.destination.text();
  const std::string target = event.flow->target ? event.flow->target->name() : "";
  const std::uint16_t port = event.flow->arrived.destination_port;
  // What a control plane's host answers on its ports is a component's, drawn as its pod.
  const auto component = mirrors_.find((port == 6443 ? "kube-apiserver-" : port == 2379 ? "etcd-" : "") + target);
  flight.to = component != mirrors_.end() ? component->second : place(target, to_address);
  if (flight.from == flight.to) return;
  const std::string asked = event.flow->sent.destination.text();
  if (asked != to_address) {
    for (const auto& [key, service] : services_) {
      if (service.spec()["clusterIP"].as_string() == asked) flight.via_service = id_of("service " + key);
    }
  }
  flight.kind = port == 53                                            ? feed::FlightKind::kDns
                : event.summary.find("/leases/") != std::string::npos ? feed::FlightKind::kHeartbeat
                : port == 6443 || port == 10250 || port == 2379       ? feed::FlightKind::kApi
                                                                      : feed::FlightKind::kHttp;
  flight.refused = event.refused;
  writer_.write(flight);
}

std::string FeedPublisher::take(const feed::Clock& clock) {
  publish_hosts();
  if (writer_.empty() && clock.now_ns == last_clock_ns_) return {};
  last_clock_ns_ = clock.now_ns;
  writer_.write(clock);
  return writer_.take();
}

}  // namespace drydock
