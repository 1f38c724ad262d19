// Informer against a server that we play: lists, watches, and what goes wrong between.
#include "core/client/informer.h"

#include <doctest/doctest.h>

#include <deque>

#include "core/base/strings.h"
#include "core/client/loopback_transport.h"
#include "core/machinery/yaml.h"

using namespace drydock;

namespace {

Value pod(const std::string& name, const std::string& version, const std::string& node = "") {
  return Value::object(
      {{"metadata", Value::object({{"name", name}, {"namespace", "default"}, {"resourceVersion", version}})},
       {"spec", Value::object({{"nodeName", node}})}});
}

// Answers lists with `objects` and keeps the watches' other ends.
struct Server final : HttpHandler {
  explicit Server(EventLoop& its_loop) : loop(its_loop) {}
  Task<HttpResponse> handle(HttpRequest request) override {
    HttpResponse response;
    requests += request.query.has("watch") ? "W" + std::string(request.query.get("resourceVersion")) + " " : "L ";
    if (refuse > 0) {
      --refuse;
      response.status = refuse_with;
      response.body.document = *parse_yaml("{kind: Status, status: Failure, code: " + std::to_string(refuse_with) +
                                           ", reason: Expired, message: too old resource version}");
      co_return response;
    }
    if (!request.query.has("watch")) {
      Value items = Value::array();
      for (const Value& object : objects) items.push_back(object);
      response.body.document = Value::object({{"kind", "PodList"},
                                              {"apiVersion", "v1"},
                                              {"metadata", Value::object({{"resourceVersion", version}})},
                                              {"items", items}});
      co_return response;
    }
    auto [ours, theirs] = StreamEnd::make_pair(loop);
    watch = ours;
    response.stream = theirs;
    co_return response;
  }
  void tell(const char* type, Value object) {
    REQUIRE(watch != nullptr);
    watch->send({1, "", Value::object({{"type", type}, {"object", std::move(object)}})});
  }
  EventLoop& loop;
  std::vector<Value> objects;
  std::string version = "10";
  std::shared_ptr<StreamEnd> watch;
  std::string requests;
  int refuse = 0;
  int refuse_with = 410;
};

struct Rig {
  VirtualClock clock{TimePoint(seconds(1767225600))};
  EventLoop loop{clock};
  LoopbackTransport transport{loop};
  Server server{loop};
  Client client;
  Informer informer;
  TaskGroup tasks{loop};
  std::string seen;  // "+a ~a -a "

  static Endpoint endpoint() {
    Endpoint made;
    made.host = "api";
    made.port = 6443;
    return made;
  }
  Rig() : client(transport, endpoint(), "test"), informer(loop, client, resources::kPods) {
    transport.listen("api", 6443, server);
    informer.add_index("node", [](const Object& object) {
      const std::string node = object.spec()["nodeName"].str();
      return node.empty() ? std::vector<std::string>() : std::vector<std::string>{node};
    });
    informer.add_handler([this](const Object& old, const Object& current) {
      seen += (!old ? "+" : !current ? "-" : "~") + std::string((current ? current : old).name()) + " ";
    });
  }
  void start() { tasks.spawn(informer.run()); }
  void settle(Duration time = milliseconds(100)) { loop.run_until(loop.now() + time); }
};

}  // namespace

TEST_CASE("a list, then its changes, with the indexes in step") {
  Rig rig;
  rig.server.objects = {pod("a", "3", "n1"), pod("b", "4")};
  rig.start();
  rig.settle();
  CHECK(rig.informer.synced());
  CHECK(rig.seen == "+a +b ");
  CHECK(rig.server.requests == "L W10 ");
  CHECK(rig.informer.by_index("node", "n1").size() == 1);

  rig.server.tell("ADDED", pod("c", "11", "n1"));
  rig.server.tell("MODIFIED", pod("a", "12", "n2"));
  rig.server.tell("DELETED", pod("b", "13"));
  rig.settle();
  CHECK(rig.seen == "+a +b +c ~a -b ");
  CHECK(rig.informer.size() == 2);
  REQUIRE(rig.informer.by_index("node", "n1").size() == 1);
  CHECK(rig.informer.by_index("node", "n1")[0].name() == "c");
  CHECK(rig.informer.by_index("node", "n2")[0].name() == "a");
  CHECK_FALSE(rig.informer.get({"default", "b"}));
  CHECK(rig.informer.list_namespace("default").size() == 2);
}

TEST_CASE("a watch that ends goes on where it was; what was seen is not told twice") {
  Rig rig;
  rig.server.objects = {pod("a", "3")};
  rig.start();
  rig.settle(seconds(5));
  rig.server.tell("MODIFIED", pod("a", "12"));
  rig.server.tell("BOOKMARK", pod("", "20"));
  rig.settle();
  rig.server.watch->close();
  rig.settle(seconds(2));
  CHECK(rig.server.requests == "L W10 W20 ");
  rig.server.tell("MODIFIED", pod("a", "12"));
  rig.settle();
  CHECK(rig.seen == "+a ~a ");
}

TEST_CASE("after 410 Gone it lists again and tells the difference") {
  Rig rig;
  rig.server.objects = {pod("a", "3"), pod("b", "4"), pod("c", "5")};
  rig.start();
  rig.settle(seconds(5));
  rig.seen.clear();
  rig.server.objects = {pod("a", "3"), pod("c", "30"), pod("d", "31")};
  rig.server.version = "40";
  rig.server.tell("ERROR", *parse_yaml("{kind: Status, code: 410, reason: Expired}"));
  rig.settle(seconds(2));
  CHECK(rig.seen == "-b ~c +d ");
  CHECK(rig.server.requests == "L W10 L W40 ");
}

TEST_CASE("a server that refuses is asked ever less often") {
  Rig rig;
  rig.server.refuse = 1000;
  rig.server.refuse_with = 500;
  rig.start();
  rig.settle(seconds(10));
  CHECK_FALSE(rig.informer.synced());
  CHECK(rig.server.requests == "L L L L ");  // after 0.8, 1.6, 3.2 and 6.4 s
  rig.server.refuse = 0;
  rig.settle(seconds(40));
  CHECK(rig.informer.synced());
}
