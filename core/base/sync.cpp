#include "core/base/sync.h"

namespace drydock {

TaskGroup::~TaskGroup() {
  loop_.cancel(sweep_);
  cancel_all();
}

void TaskGroup::cancel_all() {
  for (Entry& entry : tasks_) loop_.cancel(entry.timer);
  // A task's destructor may spawn or finish others: take them out one by one.
  while (!tasks_.empty()) {
    std::list<Entry> one;
    one.splice(one.begin(), tasks_, tasks_.begin());
    loop_.cancel(one.front().timer);
  }
  finished_.clear();
}

Task<void> TaskGroup::run(std::list<Entry>::iterator self, Task<void> task) {
  co_await task;
  // This frame still runs: the loop sweeps it up later.
  finished_.splice(finished_.end(), tasks_, self);
  if (!sweep_) {
    sweep_ = loop_.post([this] {
      sweep_ = {};
      finished_.clear();
    });
  }
}

void TaskGroup::spawn(Task<void> task) {
  auto self = tasks_.emplace(tasks_.end());
  self->task = run(self, std::move(task));
  self->timer = loop_.post([self] {
    self->timer = {};
    self->task.start();
  });
}

}  // namespace drydock
