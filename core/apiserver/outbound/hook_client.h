// HookClient: how the API server itself asks somebody: webhooks of admission and
// conversion, aggregated API servers. A service is reached through the cluster's network
// under the name its certificate must hold; a URL as it is.
// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#contacting-the-webhook
#pragma once

#include <string>

#include "core/apiserver/admission/object_view.h"
#include "core/base/event_loop.h"
#include "core/base/result.h"
#include "core/base/task.h"
#include "core/client/transport.h"

namespace drydock {

// Where somebody answers, as clientConfig of webhooks and APIServices' spec say it.
struct HookTarget {
  Endpoint endpoint;
  bool service = false;
  std::string base;  // "https://name.namespace.svc:443", for messages
  std::string path;  // "/validate"
};

class HookClient {
 public:
  // Everything outlives the client. `by_endpoint`: services are reached at one of their
  // endpoints, because nothing here translates their addresses.
  HookClient(EventLoop& loop, ObjectView& objects, Transport& services, Transport& urls, bool by_endpoint)
      : loop_(loop), objects_(objects), services_(services), urls_(urls), by_endpoint_(by_endpoint) {}

  // {"url": …} or {"service": {"namespace", "name", "port", "path"}}, with "caBundle".
  // Errors: `service "x" not found`, `no endpoints available for service "x"`.
  Result<HookTarget> target_of(const Value& client_config);
  Result<HookTarget> service_target(const std::string& ns, const std::string& name, std::int64_t port);

  // Sends a request; an error is worded as Go's client words it: `Post "https://…": …`.
  Task<Result<HttpResponse>> send(HookTarget target, HttpRequest request, Duration timeout);
  // Posts a review and gives the answer's document.
  Task<Result<Value>> post(Value client_config, Value review, int timeout_seconds);

 private:
  EventLoop& loop_;
  ObjectView& objects_;
  Transport& services_;
  Transport& urls_;
  bool by_endpoint_;
};

}  // namespace drydock
