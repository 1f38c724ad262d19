// LocalEtcd: the etcd of a machine, as its API server reaches it over loopback.
#pragma once

#include <memory>

#include "core/store/memory_store.h"

namespace drydock {

struct LocalEtcd {
  std::shared_ptr<MemoryStore> store;
  bool running = false;
};

}  // namespace drydock
