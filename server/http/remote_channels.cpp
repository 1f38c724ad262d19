#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "server/http/upgrade.h"

namespace drydock::server {
namespace {

bool truth(std::string_view text) { return text == "true" || text == "1"; }

}  // namespace

StreamWishes StreamWishes::of(const HttpQuery& query) {
  StreamWishes wishes;
  wishes.input = truth(query.get("stdin"));
  wishes.output = truth(query.get("stdout"));
  wishes.tty = truth(query.get("tty"));
  wishes.errors = truth(query.get("stderr")) && !wishes.tty;
  return wishes;
}

bool is_port_forward(const HttpRequest& request) { return request.path.ends_with("/portforward"); }

StreamMessage client_message(int channel, std::string bytes) {
  StreamMessage message;
  message.channel = channel;
  if (channel == kResize) {
    if (auto size = parse_json(bytes)) message.document = *std::move(size);
  } else {
    message.bytes = std::move(bytes);
  }
  return message;
}

std::string error_channel_bytes(const StreamMessage& message, int protocol_version) {
  const Value status = message.document.is_null() ? parse_json(message.bytes).value_or(Value()) : message.document;
  if (protocol_version >= 4) return status.is_null() ? message.bytes : dump_json(status);
  return status["status"].as_string() == "Success" ? std::string() : status["message"].str();
}

int channel_version(std::string_view protocol) {
  if (protocol == "channel.k8s.io") return 1;
  for (int version = 2; version <= 5; ++version) {
    if (protocol == "v" + std::to_string(version) + ".channel.k8s.io") return version;
  }
  return 0;
}

Task<std::shared_ptr<StreamEnd>> open_port(EventLoop& loop, HttpRequest request, std::uint16_t port,
                                           HttpHandler& handler, std::string& why) {
  auto [ours, theirs] = StreamEnd::make_pair(loop);
  std::shared_ptr<StreamEnd> mine = ours;
  request.query = HttpQuery();
  request.query.add("ports", std::to_string(port));
  request.upgrade = std::move(theirs);
  HttpResponse response = co_await handler.handle(std::move(request));
  if (response.status == 101) co_return mine;
  why = response.body.document.is_null() ? response.body.bytes : response.body.document["message"].str();
  co_return nullptr;
}

}  // namespace drydock::server
