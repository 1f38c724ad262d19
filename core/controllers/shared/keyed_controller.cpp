#include "core/controllers/shared/keyed_controller.h"

#include <algorithm>

namespace drydock::controllers {

ObjectKey parse_object_key(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return {"", std::string(text)};
  return {std::string(text.substr(0, slash)), std::string(text.substr(slash + 1))};
}

void KeyedController::enqueue_changes_of(Informer& informer) {
  informer.add_handler([this](const Object& old, const Object& current) { enqueue(current ? current : old); });
}

Task<void> KeyedController::run() {
  co_await context_.informers.wait_synced();
  TaskGroup workers(context_.loop);
  for (int i = 0; i < workers_; ++i) workers.spawn(work());
  Event never(context_.loop);
  co_await never.wait();
}

Task<void> KeyedController::work() {
  while (true) {
    const std::string text = co_await queue_.take();
    const Result<void> outcome = co_await reconcile(parse_object_key(text));
    if (outcome) {
      queue_.forget(text);
    } else {
      queue_.add_rate_limited(text);
    }
    queue_.done(text);
  }
}

namespace {

struct Gathering {
  explicit Gathering(EventLoop& loop) : changed(loop) {}
  std::size_t left = 0;
  std::size_t failed = 0;
  std::size_t first_failed = SIZE_MAX;
  Result<void> outcome;
  Event changed;
};

Task<void> gather(Gathering& gathering, std::size_t index, Task<Result<void>> task) {
  Result<void> result = co_await task;
  if (!result) {
    ++gathering.failed;
    if (index < gathering.first_failed) {
      gathering.first_failed = index;
      gathering.outcome = std::move(result);
    }
  }
  if (--gathering.left == 0) gathering.changed.notify_all();
}

Task<void> run_batch(EventLoop& loop, Gathering& gathering, std::vector<Task<Result<void>>> tasks) {
  gathering.left = tasks.size();
  TaskGroup group(loop);
  for (std::size_t i = 0; i < tasks.size(); ++i) group.spawn(gather(gathering, i, std::move(tasks[i])));
  while (gathering.left != 0) co_await gathering.changed.wait();
}

}  // namespace

Task<Result<void>> run_all(EventLoop& loop, std::vector<Task<Result<void>>> tasks) {
  Gathering gathering(loop);
  co_await run_batch(loop, gathering, std::move(tasks));
  co_return std::move(gathering.outcome);
}

Task<SlowStartResult> slow_start(EventLoop& loop, std::int64_t count, std::function<Task<Result<void>>()> make) {
  SlowStartResult result;
  for (std::int64_t batch = 1; result.attempted < count && result.outcome.ok(); batch *= 2) {
    const std::int64_t size = std::min(batch, count - result.attempted);
    std::vector<Task<Result<void>>> tasks;
    for (std::int64_t i = 0; i < size; ++i) tasks.push_back(make());
    Gathering gathering(loop);
    co_await run_batch(loop, gathering, std::move(tasks));
    result.attempted += size;
    result.succeeded += size - static_cast<std::int64_t>(gathering.failed);
    result.outcome = std::move(gathering.outcome);
  }
  co_return result;
}

}  // namespace drydock::controllers
