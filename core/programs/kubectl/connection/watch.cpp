#include "core/programs/kubectl/connection/watch.h"

#include "core/host/tty.h"
#include "core/machinery/json.h"

namespace drydock::kubectl {

Task<Result<ChangeStream>> ChangeStream::open(Session& session, std::string path, HttpQuery query, std::string accept) {
  HttpRequest request;
  request.path = std::move(path);
  request.query = std::move(query);
  request.query.add("watch", "true");
  request.headers.add("Accept", std::move(accept));
  DRYDOCK_CO_TRY(HttpResponse response, co_await session.send(std::move(request)));
  if (!response.stream) co_return Status::plain("the server did not answer with a watch");
  co_return ChangeStream(std::move(response.stream));
}

Task<std::optional<Change>> ChangeStream::next(std::optional<TimePoint> deadline) {
  while (true) {
    // A real connection brings lines of JSON.
    if (const std::size_t newline = pending_.find('\n'); newline != std::string::npos) {
      auto event = parse_json(std::string_view(pending_).substr(0, newline));
      pending_.erase(0, newline + 1);
      if (event) co_return Change{(*event)["type"].str(), (*event)["object"]};
      continue;
    }
    std::optional<StreamMessage> message;
    if (deadline)
      message = co_await stream_->receive_until(*deadline);
    else
      message = co_await stream_->receive();
    if (!message) co_return std::nullopt;
    if (!message->document.is_null()) co_return Change{message->document["type"].str(), message->document["object"]};
    pending_ += message->bytes;
  }
}

Following::Following(Process& process) : tty_(process.tty_of(1)) {
  if (tty_) tty_->set_following(true);
}
Following::~Following() {
  if (tty_) tty_->set_following(false);
}

}  // namespace drydock::kubectl
