// KeyedController: the thin loop around a reconcile. Handlers enqueue keys, the
// queue removes duplicates, workers reconcile one key at a time each and retry
// with back-off what returned an error.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/client/work_queue.h"
#include "core/controllers/controller_context.h"

namespace drydock::controllers {

class Controller {
 public:
  virtual ~Controller() = default;
  // Runs until its frame is destroyed. Informers have been asked for in the
  // constructor; the manager starts them.
  virtual Task<void> run() = 0;
};

class KeyedController : public Controller {
 public:
  Task<void> run() override;

 protected:
  KeyedController(ControllerContext& context, std::string component, int workers = 5)
      : context_(context),
        recorder_(context.loop, context.client, context.prng.split(component), component),
        queue_(context.loop),
        workers_(workers) {}

  // Brings what `key` names to the wanted state. An error is retried.
  virtual Task<Result<void>> reconcile(ObjectKey key) = 0;

  void enqueue(const ObjectKey& key) { queue_.add(key.str()); }
  void enqueue(const Object& object) { queue_.add(object.key().str()); }
  void enqueue_after(const ObjectKey& key, Duration delay) { queue_.add_after(key.str(), delay); }
  void enqueue_at(const ObjectKey& key, TimePoint when) {
    if (when != TimePoint::max()) queue_.add_after(key.str(), when - context_.now());
  }
  // Enqueues every object of `informer` that changes.
  void enqueue_changes_of(Informer& informer);

  ControllerContext& context_;
  EventRecorder recorder_;

 private:
  Task<void> work();

  WorkQueue queue_;
  int workers_;
};

ObjectKey parse_object_key(std::string_view text);

// Runs the tasks beside each other and waits for all; the first error, in the order given.
Task<Result<void>> run_all(EventLoop& loop, std::vector<Task<Result<void>>> tasks);

// Calls `make` `count` times in batches of 1, 2, 4, …, stopping after a batch
// with an error: a quota that refuses pods is asked a few times, not 500.
// `attempted` counts the calls.
struct SlowStartResult {
  std::int64_t attempted = 0;
  std::int64_t succeeded = 0;
  Result<void> outcome;
};
Task<SlowStartResult> slow_start(EventLoop& loop, std::int64_t count, std::function<Task<Result<void>>()> make);

}  // namespace drydock::controllers
