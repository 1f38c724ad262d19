// HookServer: the webhook of the conformance tests: denies, changes and converts by its
// paths, as agnhost's does. HookRig: a cluster that reaches it through a Service.
#pragma once

#include <string>
#include <vector>

#include "tests/conformance/rig.h"

namespace drydock::conformance {

class HookServer final : public HttpHandler {
 public:
  explicit HookServer(EventLoop& loop) : loop_(loop) {}
  Task<HttpResponse> handle(HttpRequest request) override;
  // Paths asked, in order.
  const std::vector<std::string>& asked() const { return asked_; }

 private:
  EventLoop& loop_;
  std::vector<std::string> asked_;
};

struct HookRig : Rig {
  HookRig();
  // One webhook of a configuration, as YAML: `rules` like "{operations: [CREATE], apiGroups:
  // [''], apiVersions: [v1], resources: [configmaps]}", `more` like ", timeoutSeconds: 1".
  std::string hook(const std::string& name, const std::string& path, const std::string& rules,
                   const std::string& more = "") const;
  // {service: …, caBundle: …}
  std::string client_config(const std::string& path, bool with_authority = true) const;
  // Creates a configuration; `kind` is Mutating or Validating. What was stored.
  Value configure(const std::string& kind, const std::string& name, const std::string& webhooks,
                  const std::string& labels = "{}");
  static std::string path_of(const std::string& kind, const std::string& name = "");

  HookServer server;
};

}  // namespace drydock::conformance
