// The agents of network add-ons, against an API server that knows two nodes.
#include "core/base/strings.h"
#include "core/programs/cni/addons.h"
#include "core/programs/cni/cni.h"
#include "tests/programs/net/net_fixture.h"

using namespace drydock;

namespace {

Value node_document(const char* name, const char* address, const char* pod_cidr) {
  Value node = Value::object({{"apiVersion", "v1"}, {"kind", "Node"}});
  node.set("metadata", Value::object({{"name", name}, {"resourceVersion", "1"}, {"uid", name}}));
  if (*pod_cidr != '\0') node.ref("spec").set("podCIDR", pod_cidr);
  node.ref("status").set("addresses", Value::array({Value::object({{"type", "InternalIP"}, {"address", address}})}));
  return node;
}

class TwoNodes final : public HttpHandler {
 public:
  TwoNodes(EventLoop& loop, bool with_ranges) : loop_(loop), with_ranges_(with_ranges) {}
  Task<HttpResponse> handle(HttpRequest request) override {
    HttpResponse response;
    if (request.query.get("watch") == "true" || request.query.get("watch") == "1") {
      auto [ours, theirs] = StreamEnd::make_pair(loop_);
      watches_.push_back(std::move(ours));
      response.stream = std::move(theirs);
      co_return response;
    }
    Value list = Value::object(
        {{"apiVersion", "v1"}, {"kind", "NodeList"}, {"metadata", Value::object({{"resourceVersion", "5"}})}});
    list.set("items", Value::array({node_document("node1", "10.0.0.2", with_ranges_ ? "10.244.0.0/24" : ""),
                                    node_document("node2", "10.0.0.3", with_ranges_ ? "10.244.1.0/24" : "")}));
    response.body.document = list;
    co_return response;
  }

 private:
  EventLoop& loop_;
  bool with_ranges_;
  std::vector<std::shared_ptr<StreamEnd>> watches_;
};

struct AddonFixture : NetFixture {
  std::string log;

  AddonFixture() { register_network_addons(programs); }

  std::unique_ptr<HttpListener> serve(HttpHandler& api) {
    HttpListenerOptions options;
    options.tls_without_certificate = true;
    return *HttpListener::open(node1->namespaces().network, 6443, api, options);
  }
  Pid start(Host& host, const char* program) {
    const TimePoint now = loop.now();
    const std::string account = "/var/run/secrets/kubernetes.io/serviceaccount";
    (void)host.files().make_directories(account, now);
    (void)host.files().write_file(account + "/token", "token", now);
    (void)host.files().write_file(std::string("/usr/bin/") + program, program_file(program), now, 0755);
    SpawnOptions options;
    options.argv = {program};
    options.environment = Environment{{"KUBERNETES_SERVICE_HOST", "10.0.0.2"}, {"KUBERNETES_SERVICE_PORT", "6443"}};
    options.files[0] = make_null_file();
    options.files[1] = make_sink([this](std::string_view bytes) { log += bytes; });
    options.files[2] = options.files[1];
    return *host.start(std::move(options));
  }
  bool pods_meet() {
    auto a = network.make_namespace("a");
    auto b = network.make_namespace("b");
    auto one = cni_add(*node1, a, {"default", "a", "u", std::string(64, 'a'), {}});
    auto two = cni_add(*node2, b, {"default", "b", "u", std::string(64, 'b'), {}});
    REQUIRE(one.ok());
    REQUIRE(two.ok());
    Packet packet;
    packet.destination = two->address.address;
    const bool there = a->trace(packet).verdict == Verdict::kDelivered;
    Packet back;
    back.destination = one->address.address;
    return there && b->trace(back).verdict == Verdict::kDelivered;
  }
};

}  // namespace

TEST_CASE_FIXTURE(AddonFixture, "weave joins the pods of two nodes") {
  TwoNodes api(loop, false);
  auto server = serve(api);
  for (Host* host : {node1.get(), node2.get()}) {
    (void)host->files().make_directories("/host", loop.now());
    CHECK(!cni_not_ready_reason(*host).empty());
    start(*host, "weave-init");
    start(*host, "weave-kube");
  }
  loop.run_until(loop.now() + seconds(5));
  // In a pod /host is the machine's root; here the test moves the files.
  for (Host* host : {node1.get(), node2.get()}) {
    auto config = host->files().read_file("/host/etc/cni/net.d/10-weave.conflist");
    REQUIRE(config.ok());
    (void)host->files().make_directories("/etc/cni/net.d", loop.now());
    (void)host->files().write_file("/etc/cni/net.d/10-weave.conflist", *config, loop.now());
    REQUIRE(host->files().exists("/host/opt/cni/bin/weave-net"));
    (void)host->files().make_directories("/opt/cni/bin", loop.now());
    (void)host->files().write_file("/opt/cni/bin/weave-net", "x", loop.now());
    CHECK(cni_not_ready_reason(*host).empty());
  }
  CHECK(contains(log, "INFO: ->[10.0.0.3:6783] connection ready"));
  CHECK(pods_meet());
  CHECK(run("curl -s localhost:6784/status").out.starts_with("        Version: 2.8.1\n"));
}

TEST_CASE_FIXTURE(AddonFixture, "flannel routes between the nodes' subnets") {
  TwoNodes api(loop, true);
  auto server = serve(api);
  for (Host* host : {node1.get(), node2.get()}) {
    const TimePoint now = loop.now();
    for (const char* folder : {"/etc/kube-flannel", "/etc/cni/net.d", "/opt/cni/bin"})
      (void)host->files().make_directories(folder, now);
    (void)host->files().write_file("/etc/kube-flannel/net-conf.json",
                                   R"({"Network":"10.244.0.0/16","Backend":{"Type":"vxlan"}})", now);
    (void)host->files().write_file(
        "/etc/cni/net.d/10-flannel.conflist",
        R"({"name":"cbr0","plugins":[{"type":"flannel","delegate":{"isDefaultGateway":true}}]})", now);
    (void)host->files().write_file("/opt/cni/bin/flannel", "x", now);
    start(*host, "flanneld");
  }
  loop.run_until(loop.now() + seconds(5));
  CHECK(*node2->files().read_file("/run/flannel/subnet.env") ==
        "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n");
  CHECK(pods_meet());
  CHECK(contains(run("ip route").out, "10.244.1.0/24 via 10.244.1.0 dev flannel.1 onlink \n"));
}

TEST_CASE_FIXTURE(AddonFixture, "flannel without pod CIDRs gives up as the real one does") {
  TwoNodes api(loop, false);
  auto server = serve(api);
  (void)node1->files().make_directories("/etc/kube-flannel", loop.now());
  (void)node1->files().write_file("/etc/kube-flannel/net-conf.json", R"({"Network":"10.244.0.0/16"})", loop.now());
  start(*node1, "flanneld");
  loop.run_until(loop.now() + seconds(5));
  CHECK(contains(log, "Error registering network: failed to acquire lease: node \"node1\" pod cidr not assigned"));
}
