#include "core/machinery/http_message.h"

#include <deque>

#include "core/base/strings.h"
#include "core/machinery/json.h"

namespace drydock {
namespace {

bool same_name(std::string_view a, std::string_view b) { return a.size() == b.size() && to_lower(a) == to_lower(b); }

bool unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.' || c == '~';
}

std::string percent_encode(std::string_view text, std::string_view also_plain) {
  std::string out;
  for (char c : text) {
    if (unreserved(c) || also_plain.find(c) != std::string_view::npos)
      out += c;
    else
      out += format("%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void HttpHeaders::set(std::string name, std::string value) {
  std::erase_if(fields_, [&](const auto& field) { return same_name(field.first, name); });
  add(std::move(name), std::move(value));
}

std::string_view HttpHeaders::get(std::string_view name) const {
  for (const auto& [field, value] : fields_) {
    if (same_name(field, name)) return value;
  }
  return {};
}

bool HttpHeaders::has(std::string_view name) const {
  for (const auto& [field, value] : fields_) {
    if (same_name(field, name)) return true;
  }
  return false;
}

std::string url_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string url_encode_path_segment(std::string_view text) { return percent_encode(text, "!$&'()*+,;=:@"); }

HttpQuery HttpQuery::parse(std::string_view text) {
  HttpQuery query;
  if (text.empty()) return query;
  for (const std::string& piece : split(text, '&')) {
    if (piece.empty()) continue;
    const std::size_t equals = piece.find('=');
    const std::string name = replace_all(piece.substr(0, equals), "+", " ");
    const std::string value = equals == std::string::npos ? "" : replace_all(piece.substr(equals + 1), "+", " ");
    query.add(url_decode(name), url_decode(value));
  }
  return query;
}

std::string HttpQuery::encode() const {
  std::string out;
  for (const auto& [name, value] : parameters_) {
    if (!out.empty()) out += '&';
    out += percent_encode(name, "") + "=" + percent_encode(value, "");
  }
  return out;
}

std::string_view HttpQuery::get(std::string_view name) const {
  for (const auto& [key, value] : parameters_) {
    if (key == name) return value;
  }
  return {};
}

bool HttpQuery::has(std::string_view name) const {
  for (const auto& [key, value] : parameters_) {
    if (key == name) return true;
  }
  return false;
}

std::vector<std::string> HttpQuery::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : parameters_) {
    if (key == name) values.push_back(value);
  }
  return values;
}

std::string HttpBody::text() const { return document.is_null() ? bytes : dump_json(document); }

// What both ends share. `inbox[s]` holds what side s has not received yet;
// `in_flight[s]` what is still on the wire to it.
struct StreamEnd::Shared {
  struct Flight {
    TimePoint arrives;
    StreamMessage message;
  };
  Shared(EventLoop& event_loop, Duration link_latency)
      : loop(event_loop), latency(link_latency), arrived{Event(event_loop), Event(event_loop)} {}
  ~Shared() {
    for (TimerId timer : timers) loop.cancel(timer);
  }
  bool ended(int side) const { return closed[1 - side] && in_flight[side].empty() && inbox[side].empty(); }

  // Moves what has arrived by now into the inbox and re-arms the timer.
  void deliver(int side) {
    timers[side] = {};
    while (!in_flight[side].empty() && in_flight[side].front().arrives <= loop.now()) {
      inbox[side].push_back(std::move(in_flight[side].front().message));
      in_flight[side].pop_front();
    }
    if (!in_flight[side].empty()) {
      timers[side] = loop.call_at(in_flight[side].front().arrives, [this, side] { deliver(side); });
    }
    arrived[side].notify_all();
  }

  EventLoop& loop;
  Duration latency;
  std::deque<StreamMessage> inbox[2];
  std::deque<Flight> in_flight[2];
  bool closed[2] = {false, false};
  Event arrived[2];
  TimerId timers[2];
};

std::pair<std::shared_ptr<StreamEnd>, std::shared_ptr<StreamEnd>> StreamEnd::make_pair(EventLoop& loop,
                                                                                       Duration latency) {
  auto shared = std::make_shared<Shared>(loop, latency);
  return {std::shared_ptr<StreamEnd>(new StreamEnd(shared, 0)), std::shared_ptr<StreamEnd>(new StreamEnd(shared, 1))};
}

StreamEnd::~StreamEnd() { close(); }

bool StreamEnd::send(StreamMessage message) {
  Shared& s = *shared_;
  const int peer = 1 - side_;
  if (s.closed[0] || s.closed[1]) return false;
  if (s.latency == Duration{0}) {
    s.inbox[peer].push_back(std::move(message));
    s.arrived[peer].notify_all();
    return true;
  }
  s.in_flight[peer].push_back({s.loop.now() + s.latency, std::move(message)});
  if (!s.timers[peer]) {
    s.timers[peer] = s.loop.call_at(s.in_flight[peer].front().arrives, [&s, peer] { s.deliver(peer); });
  }
  return true;
}

std::optional<StreamMessage> StreamEnd::try_receive() {
  auto& inbox = shared_->inbox[side_];
  if (inbox.empty()) return std::nullopt;
  StreamMessage message = std::move(inbox.front());
  inbox.pop_front();
  return message;
}

Task<std::optional<StreamMessage>> StreamEnd::receive() {
  const std::shared_ptr<Shared> shared = shared_;  // this end may be dropped while its reader waits
  while (shared->inbox[side_].empty() && !shared->closed[side_] && !shared->ended(side_))
    co_await shared->arrived[side_].wait();
  co_return try_receive();
}

Task<std::optional<StreamMessage>> StreamEnd::receive_until(TimePoint deadline) {
  const std::shared_ptr<Shared> shared = shared_;
  while (shared->inbox[side_].empty() && !shared->closed[side_] && !shared->ended(side_)) {
    if (!co_await shared->arrived[side_].wait_until(deadline)) break;
  }
  co_return try_receive();
}

void StreamEnd::close() {
  Shared& s = *shared_;
  if (s.closed[side_]) return;
  s.closed[side_] = true;
  s.arrived[0].notify_all();
  s.arrived[1].notify_all();
}

bool StreamEnd::peer_closed() const { return shared_->closed[1 - side_]; }
std::size_t StreamEnd::backlog() const {
  return shared_->inbox[1 - side_].size() + shared_->in_flight[1 - side_].size();
}

}  // namespace drydock
