// AttachedPage: the playground page on a port of its own, showing and driving a served
// cluster instead of a world inside the tab.
//
// Files come from the built page; /session is a WebSocket that says what the page's
// worker would (web/src/protocol.ts): JSON commands on channel 0, JSON messages on
// channel 1, the picture's feed on channel 2 of v4.channel.k8s.io. Whoever opens it needs
// the token of the address that `drydock serve` printed: its terminals are root's.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/base/sync.h"
#include "core/machinery/http_message.h"
#include "core/store/store.h"
#include "core/world/world.h"
#include "server/page/page_files.h"

namespace drydock::server {

class Cluster;

class AttachedPage final : public HttpHandler {
 public:
  // Everything that is given outlives the page.
  AttachedPage(World& world, Cluster& cluster, Store& store, PageFiles files, std::string token);
  ~AttachedPage() override;
  Task<HttpResponse> handle(HttpRequest request) override;

 private:
  struct Viewer;
  HttpResponse open_session(HttpRequest request);
  Task<void> run(std::shared_ptr<Viewer> viewer);
  Task<void> read_commands(std::shared_ptr<Viewer> viewer);
  Task<void> follow_store(std::shared_ptr<Viewer> viewer);
  Value answer(Viewer& viewer, const Value& command);
  void write_kubeconfig(const std::string& node);

  World& world_;
  Cluster& cluster_;
  Store& store_;
  PageFiles files_;
  std::string token_;
  std::map<TerminalId, Viewer*> owners_;  // whose terminal it is
  TaskGroup tasks_;
};

}  // namespace drydock::server
