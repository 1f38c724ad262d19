// Time, tasks, chance and text: what everything else stands on.
#include <doctest/doctest.h>

#include <cstring>

#include "core/base/hash.h"
#include "core/base/prng.h"
#include "core/base/result.h"
#include "core/base/strings.h"
#include "core/base/sync.h"

using namespace drydock;

namespace {

struct World {
  VirtualClock clock{TimePoint{}};
  EventLoop loop{clock};
};

Task<int> add(int a, int b) { co_return a + b; }
Task<int> sum(int n) {
  int total = 0;
  for (int i = 0; i < n; ++i) total = co_await add(total, 1);
  co_return total;
}
Task<void> append_after(EventLoop& loop, std::string& log, Duration delay, char mark) {
  co_await loop.sleep(delay);
  log += mark;
}

}  // namespace

TEST_CASE("callbacks run in time order, then in order of scheduling; cancelled ones never") {
  World w;
  std::string log;
  w.loop.call_after(seconds(2), [&] { log += 'c'; });
  w.loop.call_after(seconds(1), [&] { log += 'a'; });
  w.loop.call_after(seconds(1), [&] { log += 'b'; });
  const TimerId gone = w.loop.call_after(seconds(1), [&] { log += 'x'; });
  w.loop.post([&] { log += '0'; });
  CHECK(w.loop.cancel(gone));
  CHECK_FALSE(w.loop.cancel(gone));
  w.loop.run_until(TimePoint(seconds(1)));
  CHECK(log == "0ab");
  CHECK(w.loop.next_due() == TimePoint(seconds(2)));
  w.loop.run_until_idle();
  CHECK(log == "0abc");
  CHECK(w.loop.now() == TimePoint(seconds(2)));
}

TEST_CASE("a long loop of tasks that never wait does not grow the stack") {
  Task<int> task = sum(200000);
  CHECK(task.start());
  CHECK(task.take() == 200000);
}

TEST_CASE("destroying a group cancels what sleeps in it") {
  World w;
  std::string log;
  {
    TaskGroup group(w.loop);
    group.spawn(append_after(w.loop, log, seconds(1), 'a'));
    group.spawn(append_after(w.loop, log, seconds(9), 'b'));
    w.loop.run_until(TimePoint(seconds(2)));
    CHECK(group.running() == 1);
  }
  w.loop.run_until(TimePoint(seconds(20)));
  CHECK(log == "a");
}

TEST_CASE("queue: order, deadline, close") {
  World w;
  Queue<int> queue(w.loop);
  std::vector<int> seen;
  TaskGroup group(w.loop);
  group.spawn([](Queue<int>& q, std::vector<int>& out) -> Task<void> {
    while (auto item = co_await q.pop()) out.push_back(*item);
    out.push_back(-1);
  }(queue, seen));
  queue.push(1);
  queue.push(2);
  w.loop.call_after(seconds(1), [&] { queue.push(3); });
  w.loop.call_after(seconds(2), [&] { queue.close(); });
  w.loop.run_until(TimePoint(seconds(3)));
  CHECK(seen == std::vector<int>{1, 2, 3, -1});
}

TEST_CASE("with_deadline gives up and destroys") {
  World w;
  std::optional<std::optional<int>> result;
  TaskGroup group(w.loop);
  group.spawn([](EventLoop& loop, std::optional<std::optional<int>>& out) -> Task<void> {
    auto slow = [](EventLoop& inner) -> Task<int> {
      co_await inner.sleep(seconds(10));
      co_return 1;
    };
    out = co_await with_deadline<int>(loop, loop.now() + seconds(1), slow(loop));
  }(w.loop, result));
  w.loop.run_until(TimePoint(seconds(2)));
  REQUIRE(result.has_value());
  CHECK_FALSE(result->has_value());
}

TEST_CASE("prng: fixed streams, fair bounds, independent splits") {
  Prng a(42), b(42);
  CHECK(a.next() == b.next());
  CHECK(a.uuid() == b.uuid());
  Prng x = a.split("x");
  (void)a.next();
  Prng again = a.split("x");
  CHECK(x.next() == again.next());
  CHECK(a.split("x").next() != a.split("y").next());
  int counts[3] = {0, 0, 0};
  for (int i = 0; i < 3000; ++i) ++counts[a.below(3)];
  for (int count : counts) CHECK(count > 850);
  CHECK(a.uuid().size() == 36);
  CHECK(a.uuid()[14] == '4');
}

TEST_CASE("text helpers") {
  CHECK(split("a,,b", ',') == std::vector<std::string>{"a", "", "b"});
  CHECK(split_whitespace("  a  b ") == std::vector<std::string>{"a", "b"});
  CHECK(trim(" x\n") == "x");
  CHECK(replace_all("aXbX", "X", "--") == "a--b--");
  CHECK(parse_int("-12") == -12);
  CHECK_FALSE(parse_int("12a"));
  CHECK_FALSE(parse_int(""));
  CHECK_FALSE(parse_int("99999999999999999999"));
  CHECK(format_double(0.1) == "0.1");
  CHECK(format_double(100) == "100");
  CHECK(format_double(1e21) == "1e+21");
  CHECK(format_double(1e-9) == "1e-9");
  CHECK(go_quote("a\"b\n") == "\"a\\\"b\\n\"");
  CHECK(display_width("日本a") == 5);
  CHECK(base64_encode("hello") == "aGVsbG8=");
  CHECK(base64_decode("aGVsbG8=") == "hello");
  CHECK_FALSE(base64_decode("a"));
  CHECK_FALSE(base64_decode("a=bc"));
  CHECK(hex_encode(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("status messages read as upstream's") {
  CHECK(Status::not_found("apps", "deployments", "web").message == "deployments.apps \"web\" not found");
  CHECK(Status::not_found("", "pods", "x").message == "pods \"x\" not found");
  const Status invalid = Status::invalid("", "Pod", "p", {{"FieldValueRequired", "Required value", "spec.containers"}});
  CHECK(invalid.message == "Pod \"p\" is invalid: spec.containers: Required value");
  const Status two =
      Status::invalid("apps", "Deployment", "d", {{"a", "one", "x"}, {"b", "two", "y"}, {"b", "two", "y"}});
  CHECK(two.message == "Deployment.apps \"d\" is invalid: [x: one, y: two]");
}

// In WASM memcmp is ours.
TEST_CASE("bytes are ordered as unsigned numbers, the first that differs decides") {
  const std::string base = "/registry/pods/default/web-6b7f8c-abcde";
  for (std::size_t at = 0; at < base.size(); ++at) {
    for (std::size_t size = at + 1; size <= base.size(); ++size) {
      std::string other = base;
      other[at] = static_cast<char>(0xff);
      for (std::size_t later = at + 1; later < other.size(); ++later) other[later] = '\0';
      CHECK(std::memcmp(base.data(), other.data(), size) < 0);
      CHECK(std::memcmp(other.data(), base.data(), size) > 0);
      CHECK(std::memcmp(base.data() + at, other.data() + at, 0) == 0);
      CHECK(std::memcmp(base.data(), std::string(base).data(), size) == 0);
    }
  }
}
