#include "core/controllers/informer_factory.h"

namespace drydock::controllers {

Informer& InformerFactory::get(const ResourceRef& resource) {
  std::unique_ptr<Informer>& informer = informers_[resource];
  if (!informer) informer = std::make_unique<Informer>(loop_, client_, resource);
  return *informer;
}

void InformerFactory::start() {
  for (auto& [resource, informer] : informers_) tasks_.spawn(informer->run());
}

Task<void> InformerFactory::wait_synced() {
  for (auto& [resource, informer] : informers_) co_await informer->wait_synced();
}

}  // namespace drydock::controllers
