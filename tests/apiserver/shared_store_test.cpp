// Two API servers over one store: what may be given away once, what the other one has
// written a moment ago, and a server that was cut off from the store for too long.
#include <set>

#include "tests/apiserver/server_rig.h"

using namespace drydock;
using drydock::testing::identity_of;
using drydock::testing::ServerRig;
using drydock::testing::status_text;

namespace {

const std::string kServices = "/api/v1/namespaces/default/services";
const std::string kMaps = "/api/v1/namespaces/default/configmaps";

ApiServerOptions few_addresses() {
  ApiServerOptions options;
  options.service_cidr = "10.96.0.0/27";  // fifteen to draw from
  options.node_port_low = 30000;
  options.node_port_high = 30019;
  return options;
}

// A store whose watches end when told to, as an etcd that has compacted what they need.
class FickleStore final : public Store {
 public:
  explicit FickleStore(MemoryStore& store) : store_(store), cut_(store_loop(store)) {}
  Task<Result<RangeResult>> range(RangeRequest request) override { return store_.range(std::move(request)); }
  Task<Result<TxnResult>> txn(TxnRequest request) override { return store_.txn(std::move(request)); }
  Task<Result<std::unique_ptr<StoreWatch>>> watch(std::string, std::string, Revision) override {
    co_return std::unique_ptr<StoreWatch>(std::make_unique<Ending>(cut_));
  }
  Task<Result<void>> compact(Revision revision) override { return store_.compact(revision); }
  Task<Result<LeaseId>> grant_lease(std::int64_t seconds) override { return store_.grant_lease(seconds); }
  Task<Result<void>> keep_alive(LeaseId lease) override { return store_.keep_alive(lease); }
  Task<Result<void>> revoke_lease(LeaseId lease) override { return store_.revoke_lease(lease); }
  void cut() { cut_.notify_all(); }

  static EventLoop& store_loop(MemoryStore&) { return *loop; }
  static inline EventLoop* loop = nullptr;

 private:
  class Ending final : public StoreWatch {
   public:
    explicit Ending(Event& cut) : cut_(cut) {}
    Task<Result<std::vector<StoreEvent>>> next() override {
      (void)co_await cut_.wait();
      co_return Status::gone("etcdserver: mvcc: required revision has been compacted");
    }

   private:
    Event& cut_;
  };
  MemoryStore& store_;
  Event cut_;
};

// One more server of the rig's cluster.
struct Second {
  Second(ServerRig& rig, Store& store, ApiServerOptions options) : tasks(rig.loop) {
    options.credentials.static_token = identity_of;
    server = std::make_unique<ApiServer>(rig.loop, Prng(1), store, rig.transport, std::move(options));
    tasks.spawn([](ApiServer& target) -> Task<void> { (void)co_await target.run(); }(*server));
    while (!server->ready() && rig.loop.run_one(rig.loop.now() + seconds(30))) {
    }
    REQUIRE(server->ready());
  }
  ~Second() { tasks.cancel_all(); }
  std::unique_ptr<ApiServer> server;
  TaskGroup tasks;
};

HttpRequest request_of(const std::string& method, const std::string& path, const std::string& body = "") {
  HttpRequest made;
  made.method = method;
  made.path = path;
  made.headers.set("Authorization", "Bearer admin");
  made.headers.set("Content-Type", "application/json");
  if (!body.empty()) made.body.document = parse_yaml(body).value();
  return made;
}

Task<void> collect(ApiServer& server, HttpRequest request, std::vector<HttpResponse>& answers) {
  answers.push_back(co_await server.handle(std::move(request)));
}

std::string node_port(const std::string& name) {
  return "{metadata: {name: " + name + "}, spec: {type: NodePort, ports: [{port: 80}]}}";
}

}  // namespace

TEST_CASE("two servers never give the same address or port away") {
  ServerRig rig(few_addresses());
  Second second(rig, rig.store, few_addresses());
  std::vector<HttpResponse> answers;
  {
    TaskGroup group(rig.loop);
    for (int i = 0; i < 12; ++i) {
      ApiServer& server = i % 2 == 0 ? *rig.server : *second.server;
      group.spawn(collect(server, request_of("POST", kServices, node_port("s-" + std::to_string(i))), answers));
    }
    rig.settle(seconds(1));
  }
  REQUIRE(answers.size() == 12);
  std::set<std::string> addresses;
  std::set<std::int64_t> ports;
  for (const HttpResponse& answer : answers) {
    REQUIRE_MESSAGE(answer.status == 201, answer.body.text());
    const Value& spec = answer.body.document["spec"];
    addresses.insert(spec["clusterIP"].str());
    ports.insert(spec["ports"][0]["nodePort"].as_int());
    CHECK(spec["clusterIPs"][0] == spec["clusterIP"]);
  }
  CHECK(addresses.size() == 12);
  CHECK(ports.size() == 12);

  // Each address is an object that names its Service, and goes with it.
  const std::string one = answers[0].body.document["spec"]["clusterIP"].str();
  const std::string name = answers[0].body.document["metadata"]["name"].str();
  const std::string object = "/apis/networking.k8s.io/v1/ipaddresses/" + one;
  CHECK(rig.admin("GET", object).body.document["spec"]["parentRef"]["name"].as_string() == name);
  CHECK(rig.admin("DELETE", kServices + "/" + name).status == 200);
  CHECK(rig.admin("GET", object).status == 404);
  // At the other server it can be had again, and then no more at the first.
  const std::string same = "{metadata: {name: again}, spec: {clusterIP: " + one + ", ports: [{port: 80}]}}";
  CHECK(rig.wait(second.server->handle(request_of("POST", kServices, same))).status == 201);
  const std::string taken = "{metadata: {name: late}, spec: {clusterIP: " + one + ", ports: [{port: 80}]}}";
  const HttpResponse refused = rig.wait(rig.server->handle(request_of("POST", kServices, taken)));
  CHECK(refused.status == 422);
  CHECK(contains(status_text(refused), "failed to allocate IP " + one + ": provided IP is already allocated"));
  // Until none is left, which is said, not waited for.
  int status = 201;
  std::string text;
  for (int i = 0; i < 16 && status == 201; ++i) {
    const HttpResponse more =
        rig.admin("POST", kServices, "{metadata: {name: more-" + std::to_string(i) + "}, spec: {ports: [{port: 80}]}}");
    status = more.status;
    text = status_text(more);
  }
  CHECK(status == 500);
  CHECK(contains(text, "failed to allocate a serviceIP: range is full"));
}

TEST_CASE("an address whose holder has gone without giving it back is free") {
  ServerRig rig;
  TxnRequest request;
  StoreOp left;
  left.key = "/registry/ipaddresses/10.96.0.50";
  left.value = parse_json(R"({"spec":{"parentRef":{"namespace":"default","name":"gone"}}})").value();
  request.success.push_back(left);
  (void)rig.wait(rig.store.txn(request));
  const Value made =
      rig.made(kServices, "{metadata: {name: heir}, spec: {clusterIP: 10.96.0.50, ports: [{port: 80}]}}");
  CHECK(made["spec"]["clusterIP"].as_string() == "10.96.0.50");
  CHECK(rig.admin("GET", "/apis/networking.k8s.io/v1/ipaddresses/10.96.0.50")
            .body.document["spec"]["parentRef"]["name"]
            .as_string() == "heir");
}

TEST_CASE("a namespace that the other server has just made is known") {
  ServerRig rig;
  Second second(rig, rig.store, {});
  CHECK(rig.wait(rig.server->handle(request_of("POST", "/api/v1/namespaces", "{metadata: {name: fresh}}"))).status ==
        201);
  const HttpResponse inside = rig.wait(second.server->handle(
      request_of("POST", "/api/v1/namespaces/fresh/configmaps", "{metadata: {name: a}, data: {k: v}}")));
  CHECK_MESSAGE(inside.status == 201, inside.body.text());
}

TEST_CASE("a list is not held up by what is written beside the registry") {
  ServerRig rig;
  TxnRequest request;
  StoreOp foreign;
  foreign.key = "/somebody/else";
  foreign.value = 1;
  request.success.push_back(foreign);
  (void)rig.wait(rig.store.txn(request));
  CHECK(rig.admin("GET", kMaps).status == 200);
}

TEST_CASE("a server that was cut off until its watch was compacted reads the store anew") {
  ServerRig rig;
  rig.made(kMaps, "{metadata: {name: before}, data: {a: '1'}}");
  rig.made(kMaps, "{metadata: {name: goes}}");
  FickleStore::loop = &rig.loop;
  FickleStore fickle(rig.store);
  Second second(rig, fickle, {});
  HttpRequest watching = request_of("GET", kMaps);
  watching.query = HttpQuery::parse("watch=true&resourceVersion=0");
  const HttpResponse watch = rig.wait(second.server->handle(std::move(watching)));
  REQUIRE(watch.stream);
  // Meanwhile at the other server.
  rig.made(kMaps, "{metadata: {name: after}}");
  CHECK(rig.admin("DELETE", kMaps + "/goes").status == 200);
  fickle.cut();
  rig.settle(seconds(1));
  const HttpResponse list = rig.wait(second.server->handle(request_of("GET", kMaps)));
  std::string names;
  for (const Value& item : list.body.document["items"].items()) names += item["metadata"]["name"].str() + " ";
  CHECK(names == "after before ");
  // Its clients' watches have ended: they list again.
  int events = 0;
  while (const auto message = rig.wait(watch.stream->receive_until(rig.loop.now() + seconds(1)))) ++events;
  CHECK(events == 2);
  CHECK(watch.stream->peer_closed());
  CHECK(second.server->ready());
}
