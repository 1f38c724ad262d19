// The session: how virtual time follows real time.
#include "core/world/session.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

using namespace drydock;

namespace {

constexpr Duration kFrame = milliseconds(16);

// A session whose real clock stands still: budgets never end, so frames are exact.
struct SessionFixture {
  Session session{WorldOptions{}, [] { return Duration{0}; }};
  std::string shown;

  SessionFixture() {
    session.command(Value::object({{"type", "addNode"}}));
    session.command(Value::object({{"type", "openTerminal"}, {"node", "node1"}, {"columns", 80}, {"rows", 24}}));
    wait(seconds(1));
    REQUIRE(shown.find("[node1 ~]$ ") != std::string::npos);
  }
  TimePoint now() { return session.world().now(); }
  void type(std::string_view keys) {
    session.command(Value::object({{"type", "input"}, {"terminal", 1}, {"data", keys}}));
  }
  void frame() {
    session.advance(kFrame);
    const Value outputs = session.drain();
    for (const Value& output : outputs["terminals"].items()) shown += output["data"].str();
  }
  void wait(Duration real) {
    for (Duration gone{0}; gone < real; gone += kFrame) frame();
  }
  // Real frames until the terminal shows `text`.
  int frames_until(std::string_view text) {
    shown.clear();
    int frames = 0;
    while (shown.find(text) == std::string::npos && frames < 10'000) {
      frame();
      ++frames;
    }
    return frames;
  }
};

}  // namespace

TEST_CASE("session: typing keeps the real pace") {
  SessionFixture t;
  const TimePoint start = t.now();
  for (const char key : std::string("echo what a person types")) {
    t.type(std::string(1, key));
    t.frame();
  }
  CHECK(t.now() - start <= 25 * kFrame);
}

TEST_CASE("session: a foreground command runs fast, and time is the person's again when it ends") {
  SessionFixture t;
  t.type("sleep 60; echo done-$((1+1))\r");
  const TimePoint start = t.now();
  const int frames = t.frames_until("done-2");
  CHECK(frames * kFrame < seconds(5));
  CHECK(t.now() - start >= seconds(60));
  CHECK(t.now() - start < seconds(61));
}
