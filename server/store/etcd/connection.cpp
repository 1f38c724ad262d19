#include "server/store/etcd/connection.h"

#include "core/base/strings.h"
#include "server/store/etcd/messages.h"

namespace drydock::server::etcd {
namespace {

constexpr Duration kBetweenRounds = milliseconds(100);  // when no member can be reached
constexpr Duration kBetweenTries = milliseconds(50);
constexpr std::uint16_t kDefaultPort = 2379;

}  // namespace

Status status_of(const GrpcStatus& status) {
  if (status.message == compacted_status().message) return compacted_status();
  if (status.message.starts_with("etcdserver: ")) return Status::plain(status.message);
  return Status::plain("rpc error: code = " + std::string(grpc_code_name(status.code)) + " desc = " + status.message);
}

Result<std::unique_ptr<EtcdConnection>> EtcdConnection::open(RealTime& driver, EtcdOptions options) {
  std::unique_ptr<EtcdConnection> connection(new EtcdConnection(driver, std::move(options)));
  const EtcdOptions& wanted = connection->options_;
  const bool keys = !wanted.ca_pem.empty() || !wanted.certificate_pem.empty();
  for (const std::string& text : wanted.endpoints) {
    Member member;
    Endpoint& endpoint = member.endpoint;
    endpoint.tls = text.starts_with("https://") || (keys && !text.starts_with("http://"));
    endpoint.certificate_authority_pem = wanted.ca_pem;
    endpoint.client_certificate_pem = wanted.certificate_pem;
    endpoint.client_key_pem = wanted.key_pem;
    std::string& authority = member.authority;
    authority = text.substr(text.find("://") == std::string::npos ? 0 : text.find("://") + 3);
    while (authority.ends_with("/")) authority.pop_back();
    const std::size_t colon = authority.rfind(':');
    const bool bracket = authority.ends_with("]");
    endpoint.host = colon == std::string::npos || bracket ? authority : authority.substr(0, colon);
    const auto port = colon == std::string::npos || bracket ? std::optional<std::int64_t>(kDefaultPort)
                                                            : parse_int(authority.substr(colon + 1));
    if (endpoint.host.starts_with("[") && endpoint.host.ends_with("]"))
      endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
    if (endpoint.host.empty() || !port || *port <= 0 || *port > 65535)
      return Status::plain("--etcd-endpoints: " + go_quote(text) + " is not an address of etcd");
    endpoint.port = static_cast<std::uint16_t>(*port);
    DRYDOCK_TRY_VOID(Dialer::check(endpoint));
    connection->members_.push_back(std::move(member));
  }
  return connection;
}

EtcdConnection::~EtcdConnection() {
  if (current_) current_->close();
  tasks_.cancel_all();
}

// One round over the members, beginning with the one that is due.
Task<void> EtcdConnection::dial() {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const Member& member = members_[next_ % members_.size()];
    Result<std::shared_ptr<ByteStream>> link = co_await dialer_.dial(member.endpoint, "h2", options_.dial_timeout);
    if (link) {
      current_ = GrpcChannel::open(loop_, *std::move(link), member.endpoint.tls ? "https" : "http", member.authority);
      tasks_.spawn(current_->run());
      break;
    }
    last_error_ = link.error().message;
    ++next_;
  }
  if (!current_ || !current_->usable()) co_await loop_.sleep(kBetweenRounds);
  dialling_ = false;
  changed_.notify_all();
}

Task<Result<EtcdConnection::Channel>> EtcdConnection::channel(TimePoint deadline) {
  while (!current_ || !current_->usable()) {
    if (!dialling_) {
      if (current_) ++next_;  // the member whose connection was lost comes last
      current_.reset();
      dialling_ = true;
      tasks_.spawn(dial());
    }
    if (!co_await changed_.wait_until(deadline)) co_return Status::plain(last_error_);
  }
  co_return current_;
}

void EtcdConnection::distrust(const Channel& channel) {
  if (channel != current_ || members_.size() < 2) return;
  current_->close();
}

Task<EtcdConnection::Answer> EtcdConnection::call(std::string path, std::string message, TimePoint deadline) {
  Answer answer;
  Result<Channel> way = co_await channel(deadline);
  if (!way) {
    answer.status = {static_cast<int>(GrpcCode::kUnavailable), way.error().message, true};
    co_return answer;
  }
  const Channel used = *way;
  const std::unique_ptr<GrpcCall> call = used->start(path, {}, deadline - loop_.now());
  call->send(message);
  call->finish();
  std::optional<std::string> got;
  while (!call->ended()) {
    std::optional<std::string> next = co_await call->receive(deadline);
    if (next)
      got = std::move(next);
    else if (!call->ended())
      break;  // the deadline
  }
  if (!call->ended()) {
    answer.status = {static_cast<int>(GrpcCode::kDeadlineExceeded), "context deadline exceeded"};
    distrust(used);
    co_return answer;
  }
  answer.status = call->status();
  if (answer.status.is(GrpcCode::kUnavailable)) distrust(used);
  if (got) answer.message = *std::move(got);
  co_return answer;
}

Task<Result<std::string>> EtcdConnection::repeat(std::string path, std::string message) {
  const TimePoint end = deadline();
  for (;;) {
    Answer answer = co_await call(path, message, end);
    if (answer.status.is(GrpcCode::kOk)) co_return std::move(answer.message);
    if (!answer.status.is(GrpcCode::kUnavailable) || loop_.now() + kBetweenTries >= end)
      co_return status_of(answer.status);
    co_await loop_.sleep(kBetweenTries);
  }
}

}  // namespace drydock::server::etcd
