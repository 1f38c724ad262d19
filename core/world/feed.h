// The feed: what the core tells the view, as compact binary deltas. The view
// depends on this header and core/base only.
//
// A feed is a sequence of records: type (1 byte), payload length (4 bytes, little
// endian), payload. Numbers are little endian, strings have a 2-byte length.
// Readers skip types they do not know, so either side may be newer.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace drydock::feed {

enum class RecordType : std::uint8_t {
  kReset = 1,  // forget everything: a new world, or one wound back
  kClock = 2,
  kHost = 3,  // new or changed
  kHostRemoved = 4,
  kPod = 5,  // new or changed
  kPodRemoved = 6,
  kService = 7,  // new or changed
  kServiceRemoved = 8,
  kFlight = 9,  // a request on its way
  kEvent = 10,  // a Kubernetes Event
};

enum class ClockMode : std::uint8_t { kPaused, kAuto, kReal, kTimes10, kTimes100, kMax };

struct Clock {
  std::int64_t now_ns = 0;  // since the Unix epoch
  ClockMode mode = ClockMode::kAuto;
  double rate = 1;  // virtual seconds per real second, as measured
};

enum class HostState : std::uint8_t { kNoCluster, kNotReady, kReady, kCordoned };

struct Host {
  std::uint32_t id = 0;
  std::string name;
  std::string address;
  std::string role;     // "control-plane", "worker" or "" outside a cluster
  std::string version;  // kubelet version, "" outside a cluster
  HostState state = HostState::kNoCluster;
  std::uint32_t cpus = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t memory_used = 0;
  std::string reason;  // why it is not Ready, "" when it is
};

enum class PodPhase : std::uint8_t {
  kPending,
  kCreating,
  kRunning,
  kNotReady,
  kSucceeded,
  kFailed,
  kTerminating,
  kUnknown
};
enum class ContainerState : std::uint8_t { kWaiting, kRunning, kTerminated, kCrashed };

struct Container {
  std::string name;
  ContainerState state = ContainerState::kWaiting;
  bool ready = false;
  std::uint16_t restarts = 0;
  std::string image;
  std::string reason;  // "CrashLoopBackOff", "Error, exit code 1", "" while it runs
};

struct Condition {
  std::string type;
  bool met = false;
  std::string reason;
};

struct Pod {
  std::uint32_t id = 0;
  std::uint32_t host = 0;  // 0: not scheduled
  std::string ns;
  std::string name;
  std::string status;  // as kubectl's STATUS column
  std::string address;
  std::string owner;  // "ReplicaSet/web-5d8f", "" for a bare pod
  PodPhase phase = PodPhase::kPending;
  bool control_plane = false;
  std::vector<Container> containers;
  std::vector<Condition> conditions;
};

struct Service {
  std::uint32_t id = 0;
  std::string ns;
  std::string name;
  std::string type;
  std::string address;
  std::string ports;                     // "80/TCP"
  std::vector<std::uint32_t> endpoints;  // pod ids that are ready
};

// Heartbeats are lease renewals, which every component sends all the time.
enum class FlightKind : std::uint8_t { kHttp, kDns, kApi, kImage, kOther, kHeartbeat };

// From and to: a pod or host id (0: the outside world); hops in between are services.
struct Flight {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint32_t via_service = 0;
  FlightKind kind = FlightKind::kOther;
  bool refused = false;
};

struct Event {
  std::int64_t time_ns = 0;
  bool warning = false;
  std::string object;  // "Pod default/web-1"
  std::string reason;
  std::string message;
};

// --- writing ---

class Writer {
 public:
  const std::string& bytes() const { return bytes_; }
  std::string take() { return std::exchange(bytes_, {}); }
  bool empty() const { return bytes_.empty(); }

  void reset() { close(open(RecordType::kReset)); }
  void write(const Clock& clock) {
    const std::size_t at = open(RecordType::kClock);
    number(clock.now_ns);
    number(clock.mode);
    number(clock.rate);
    close(at);
  }
  void write(const Host& host) {
    const std::size_t at = open(RecordType::kHost);
    number(host.id);
    text(host.name);
    text(host.address);
    text(host.role);
    text(host.version);
    number(host.state);
    number(host.cpus);
    number(host.memory_bytes);
    number(host.memory_used);
    text(host.reason);
    close(at);
  }
  void write(const Pod& pod) {
    const std::size_t at = open(RecordType::kPod);
    number(pod.id);
    number(pod.host);
    text(pod.ns);
    text(pod.name);
    text(pod.status);
    text(pod.address);
    text(pod.owner);
    number(pod.phase);
    number(pod.control_plane);
    number(static_cast<std::uint16_t>(pod.containers.size()));
    for (const Container& container : pod.containers) {
      text(container.name);
      number(container.state);
      number(container.ready);
      number(container.restarts);
      text(container.image);
      text(container.reason);
    }
    number(static_cast<std::uint16_t>(pod.conditions.size()));
    for (const Condition& condition : pod.conditions) {
      text(condition.type);
      number(condition.met);
      text(condition.reason);
    }
    close(at);
  }
  void write(const Service& service) {
    const std::size_t at = open(RecordType::kService);
    number(service.id);
    text(service.ns);
    text(service.name);
    text(service.type);
    text(service.address);
    text(service.ports);
    number(static_cast<std::uint16_t>(service.endpoints.size()));
    for (std::uint32_t pod : service.endpoints) number(pod);
    close(at);
  }
  void write(const Flight& flight) {
    const std::size_t at = open(RecordType::kFlight);
    number(flight.from);
    number(flight.to);
    number(flight.via_service);
    number(flight.kind);
    number(flight.refused);
    close(at);
  }
  void write(const Event& event) {
    const std::size_t at = open(RecordType::kEvent);
    number(event.time_ns);
    number(event.warning);
    text(event.object);
    text(event.reason);
    text(event.message);
    close(at);
  }
  void removed(RecordType type, std::uint32_t id) {
    const std::size_t at = open(type);
    number(id);
    close(at);
  }

 private:
  template <class Number>
  void number(Number value) {
    static_assert(std::is_trivially_copyable_v<Number>);
    char raw[sizeof value];  // both builds are little endian
    std::memcpy(raw, &value, sizeof value);
    bytes_.append(raw, sizeof value);
  }
  void text(std::string_view value) {
    value = value.substr(0, UINT16_MAX);
    number(static_cast<std::uint16_t>(value.size()));
    bytes_ += value;
  }
  std::size_t open(RecordType type) {
    number(type);
    number(std::uint32_t{0});
    return bytes_.size();
  }
  void close(std::size_t payload) {
    const auto length = static_cast<std::uint32_t>(bytes_.size() - payload);
    std::memcpy(bytes_.data() + payload - sizeof length, &length, sizeof length);
  }
  std::string bytes_;
};

// --- reading ---

// Receives records; the rest of a record that is cut short is dropped.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void on_reset() = 0;
  virtual void on_clock(const Clock& clock) = 0;
  virtual void on_host(Host host) = 0;
  virtual void on_host_removed(std::uint32_t id) = 0;
  virtual void on_pod(Pod pod) = 0;
  virtual void on_pod_removed(std::uint32_t id) = 0;
  virtual void on_service(Service service) = 0;
  virtual void on_service_removed(std::uint32_t id) = 0;
  virtual void on_flight(const Flight& flight) = 0;
  virtual void on_event(Event event) = 0;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  // False when the bytes were broken; what came before was delivered.
  bool read_all(Sink& sink) {
    while (!rest_.empty()) {
      RecordType type{};
      std::uint32_t length = 0;
      number(type);
      number(length);
      if (failed_ || rest_.size() < length) return false;
      Reader record(rest_.substr(0, length));
      rest_.remove_prefix(length);
      record.deliver(type, sink);
      if (record.failed_) return false;
    }
    return true;
  }

 private:
  void deliver(RecordType type, Sink& sink) {
    switch (type) {
      case RecordType::kReset:
        return sink.on_reset();
      case RecordType::kClock: {
        Clock clock;
        number(clock.now_ns);
        number(clock.mode);
        number(clock.rate);
        if (!failed_) sink.on_clock(clock);
        return;
      }
      case RecordType::kHost: {
        Host host;
        number(host.id);
        text(host.name);
        text(host.address);
        text(host.role);
        text(host.version);
        number(host.state);
        number(host.cpus);
        number(host.memory_bytes);
        number(host.memory_used);
        text(host.reason);
        if (!failed_) sink.on_host(std::move(host));
        return;
      }
      case RecordType::kPod: {
        Pod pod;
        number(pod.id);
        number(pod.host);
        text(pod.ns);
        text(pod.name);
        text(pod.status);
        text(pod.address);
        text(pod.owner);
        number(pod.phase);
        number(pod.control_plane);
        std::uint16_t count = 0;
        number(count);
        for (std::uint16_t i = 0; i < count && !failed_; ++i) {
          Container container;
          text(container.name);
          number(container.state);
          number(container.ready);
          number(container.restarts);
          text(container.image);
          text(container.reason);
          pod.containers.push_back(std::move(container));
        }
        number(count);
        for (std::uint16_t i = 0; i < count && !failed_; ++i) {
          Condition condition;
          text(condition.type);
          number(condition.met);
          text(condition.reason);
          pod.conditions.push_back(std::move(condition));
        }
        if (!failed_) sink.on_pod(std::move(pod));
        return;
      }
      case RecordType::kService: {
        Service service;
        number(service.id);
        text(service.ns);
        text(service.name);
        text(service.type);
        text(service.address);
        text(service.ports);
        std::uint16_t count = 0;
        number(count);
        for (std::uint16_t i = 0; i < count && !failed_; ++i) {
          std::uint32_t pod = 0;
          number(pod);
          service.endpoints.push_back(pod);
        }
        if (!failed_) sink.on_service(std::move(service));
        return;
      }
      case RecordType::kFlight: {
        Flight flight;
        number(flight.from);
        number(flight.to);
        number(flight.via_service);
        number(flight.kind);
        number(flight.refused);
        if (!failed_) sink.on_flight(flight);
        return;
      }
      case RecordType::kEvent: {
        Event event;
        number(event.time_ns);
        number(event.warning);
        text(event.object);
        text(event.reason);
        text(event.message);
        if (!failed_) sink.on_event(std::move(event));
        return;
      }
      case RecordType::kHostRemoved:
        return with_id([&](std::uint32_t id) { sink.on_host_removed(id); });
      case RecordType::kPodRemoved:
        return with_id([&](std::uint32_t id) { sink.on_pod_removed(id); });
      case RecordType::kServiceRemoved:
        return with_id([&](std::uint32_t id) { sink.on_service_removed(id); });
    }
  }
  template <class Function>
  void with_id(Function function) {
    std::uint32_t id = 0;
    number(id);
    if (!failed_) function(id);
  }
  template <class Number>
  void number(Number& value) {
    if (failed_ || rest_.size() < sizeof value) {
      failed_ = true;
      return;
    }
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_.remove_prefix(sizeof value);
  }
  void number(bool& value) {
    std::uint8_t byte = 0;
    number(byte);
    value = byte != 0;
  }
  void text(std::string& value) {
    std::uint16_t length = 0;
    number(length);
    if (failed_ || rest_.size() < length) {
      failed_ = true;
      return;
    }
    value.assign(rest_.substr(0, length));
    rest_.remove_prefix(length);
  }

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace drydock::feed
