// HttpTransport: the Transport port over byte streams: HTTP/1.1 with kept-alive
// connections, chunked answers, gzip, and WebSocket for exec, attach and port-forward.
//
// Which answers become streams is decided by the request: watches (watch=true) and
// followed logs (follow=true). A watch gives one message per event, with its document;
// other streams give bytes as they come. Anything else is a whole body; JSON comes as
// a document.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/sync.h"
#include "core/client/transport.h"
#include "server/io/byte_stream.h"

namespace drydock::server {

class HttpTransport final : public Transport {
 public:
  using Dial = std::function<Task<Result<std::shared_ptr<ByteStream>>>(Endpoint)>;
  HttpTransport(EventLoop& loop, Dial dial);
  ~HttpTransport() override;
  Task<Result<HttpResponse>> round_trip(const Endpoint& endpoint, HttpRequest request) override;

 private:
  struct Idle {
    Endpoint endpoint;
    std::shared_ptr<ByteStream> link;
  };
  // A kept-alive connection to there, or null.
  std::shared_ptr<ByteStream> take_idle(const Endpoint& endpoint);

  EventLoop& loop_;
  Dial dial_;
  std::vector<Idle> idle_;
  TaskGroup tasks_;
};

}  // namespace drydock::server
