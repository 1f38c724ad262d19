// EtcdConnection: the way to an etcd cluster, whichever of its members answers. One
// connection at a time serves every call; when it is lost, or its member cannot work,
// the next member is asked.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/sync.h"
#include "core/client/transport.h"
#include "server/http/grpc_channel.h"
#include "server/io/dialer.h"
#include "server/io/real_time.h"

namespace drydock::server::etcd {

struct EtcdOptions {
  std::vector<std::string> endpoints;  // "https://127.0.0.1:2379"; without a scheme: TLS if there is any key or CA
  std::string ca_pem;
  std::string certificate_pem;
  std::string key_pem;
  // How long a request may take in all, with going to other members; then it fails.
  Duration request_timeout = seconds(10);
  Duration dial_timeout = seconds(2);
};

class EtcdConnection {
 public:
  using Channel = std::shared_ptr<GrpcChannel>;
  struct Answer {
    GrpcStatus status;
    std::string message;
  };

  // `driver` outlives the connection. Nothing is dialled yet.
  static Result<std::unique_ptr<EtcdConnection>> open(RealTime& driver, EtcdOptions options);
  ~EtcdConnection();

  const EtcdOptions& options() const { return options_; }
  EventLoop& loop() { return loop_; }
  TimePoint deadline() const { return loop_.now() + options_.request_timeout; }

  // A channel that can be used; the error says why the last member could not be reached.
  Task<Result<Channel>> channel(TimePoint deadline);
  // Its member cannot work at present: the next call goes to another one.
  void distrust(const Channel& channel);

  // One call, once: what came of it, "untouched" when it certainly was not carried out.
  Task<Answer> call(std::string path, std::string message, TimePoint deadline);
  // A call that may be repeated: goes to other members until the deadline.
  Task<Result<std::string>> repeat(std::string path, std::string message);

 private:
  struct Member {
    Endpoint endpoint;
    std::string authority;  // "127.0.0.1:2379"
  };
  EtcdConnection(RealTime& driver, EtcdOptions options)
      : loop_(driver.loop()), options_(std::move(options)), dialer_(driver), changed_(loop_), tasks_(loop_) {}
  Task<void> dial();
  EventLoop& loop_;
  EtcdOptions options_;
  std::vector<Member> members_;
  Dialer dialer_;
  std::size_t next_ = 0;  // member to dial
  Channel current_;
  bool dialling_ = false;
  std::string last_error_ = "context deadline exceeded";
  Event changed_;
  TaskGroup tasks_;
};

// The error of a call that failed: etcd's own words, or gRPC's around them.
Status status_of(const GrpcStatus& status);

}  // namespace drydock::server::etcd
