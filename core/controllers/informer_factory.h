// InformerFactory: one informer a resource, shared by all controllers of a
// process, so that each resource is watched once.
#pragma once

#include <map>
#include <memory>

#include "core/client/informer.h"

namespace drydock::controllers {

class InformerFactory {
 public:
  InformerFactory(EventLoop& loop, Client& client) : loop_(loop), client_(client), tasks_(loop) {}
  InformerFactory(const InformerFactory&) = delete;
  InformerFactory& operator=(const InformerFactory&) = delete;

  // The informer of `resource`, of all namespaces. Handlers and indexes must be
  // added before start().
  Informer& get(const ResourceRef& resource);
  // Starts watching with every informer asked for so far.
  void start();
  Task<void> wait_synced();

 private:
  EventLoop& loop_;
  Client& client_;
  std::map<ResourceRef, std::unique_ptr<Informer>> informers_;
  TaskGroup tasks_;  // last: its tasks use the informers
};

}  // namespace drydock::controllers
