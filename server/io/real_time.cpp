#include "server/io/real_time.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

namespace drydock::server {
namespace {

// Callbacks in one go before the network is looked at again.
constexpr int kTurn = 500;
// Longest sleep: nothing depends on it.
constexpr Duration kLongest = seconds(10);

using WorkGuard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

}  // namespace

TimePoint real_now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

struct RealTime::Signals {
  explicit Signals(boost::asio::io_context& io) : guard(io.get_executor()), set(io) {}
  WorkGuard guard;
  boost::asio::signal_set set;
};

RealTime::RealTime(EventLoop& loop, std::function<void(TimePoint)> set_now)
    : loop_(loop),
      set_now_(std::move(set_now)),
      io_(std::make_unique<boost::asio::io_context>(1)),
      signals_(std::make_unique<Signals>(*io_)) {}
RealTime::~RealTime() = default;

void RealTime::stop_on_signals() {
  signals_->set.add(SIGTERM);
  signals_->set.add(SIGINT);
  signals_->set.async_wait([this](const boost::system::error_code& error, int) {
    if (!error) stop();
  });
}

void RealTime::post(std::function<void()> work) { boost::asio::post(*io_, std::move(work)); }

void RealTime::work() {
  io_->poll();
  now_ = std::max(now_, real_now());
  set_now_(now_);
  for (int i = 0; i < kTurn; ++i) {
    if (!loop_.run_one(now_)) break;
  }
}

void RealTime::rest(TimePoint until) {
  const TimePoint next = std::min(loop_.next_due(), until);
  const Duration wait = std::min<Duration>(next - real_now(), kLongest);
  if (wait > Duration{0} && !stopped_) io_->run_one_for(wait);
}

bool RealTime::run_until(const std::function<bool()>& condition, Duration limit) {
  const TimePoint deadline = real_now() + limit;
  for (;;) {
    work();
    if (condition()) return true;
    if (stopped_ || real_now() >= deadline) return false;
    rest(deadline);
  }
}

}  // namespace drydock::server
