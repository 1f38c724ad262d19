// The contract of the Store port, run on every implementation: etcd's semantics.
//
//   std::vector<std::unique_ptr<…>> kept;
//   check_store_contract([&]() -> StoreUnderTest { … });
//
// Every part gets a store of its own from the factory. A store that others write
// to as well (a real etcd) is judged by the keys below `prefix` alone, except that
// compaction concerns all of it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/event_loop.h"
#include "core/base/task.h"
#include "core/store/store.h"

namespace drydock {

struct StoreUnderTest {
  std::shared_ptr<void> owner;  // keeps what the references below name, may be null
  Store& store;
  EventLoop& loop;
  std::string prefix = "/suite/";  // nobody else writes below it, nothing is there yet
  // Runs the loop until the task has ended. Virtual: in virtual time; real I/O: for real.
  std::function<void(Task<void>)> run;
  // How late a lease may expire: etcd looks for dead leases every half second.
  Duration expiry_slack = seconds(3);
};

using StoreFactory = std::function<StoreUnderTest()>;

void check_store_contract(const StoreFactory& make);

}  // namespace drydock
