// The servers of tutorials, an image a person defines, agnhost, load.
#include "core/programs/internet/internet.h"
#include "tests/programs/images/image_fixture.h"

using namespace drydock;

TEST_CASE("servers of images answer in their own words") {
  struct Row {
    const char* image;
    const char* target;
    const char* wanted;
    std::vector<std::string> arguments = {};
  };
  const Row rows[] = {
      {"gcr.io/google-samples/hello-app:1.0", ":8080/", "Hello, world!\nVersion: 1.0.0\nHostname: web-1\n"},
      {"gcr.io/google-samples/hello-app:2.0", ":8080/", "Version: 2.0.0"},
      {"gcr.io/google-samples/node-hello:1.0", ":8080/", "Hello Kubernetes!"},
      {"gcr.io/google-samples/kubernetes-bootcamp:v1", ":8080/",
       "Hello Kubernetes bootcamp! | Running on: web-1 | v=1\n"},
      {"jocatalin/kubernetes-bootcamp:v2", ":8080/", "| v=2\n"},
      {"hashicorp/http-echo", ":5678/", "hello-world\n"},
      {"hashicorp/http-echo:0.2.3", ":80/x", "apple\n", {"-text=apple", "-listen=:80"}},
      {"traefik/whoami", "/path?x=1", "Hostname: web-1\nIP: 127.0.0.1\nIP: 10.0.0.3\nRemoteAddr: 10.0.0.2:"},
      {"traefik/whoami", "/path?x=1", "GET /path?x=1 HTTP/1.1\nHost: 10.0.0.3\nAccept: */*\nUser-Agent: curl/"},
      {"traefik/whoami", ":8080/api", "\"hostname\":\"web-1\"", {"--port=8080"}},
      {"registry.k8s.io/echoserver:1.4", ":8080/a?b=c",
       "CLIENT VALUES:\nclient_address=10.0.0.2\ncommand=GET\nreal path=/a?b=c\nquery=b=c\nrequest_version=1.1\n"},
      {"registry.k8s.io/echoserver:1.10", ":8080/",
       "\n\nHostname: web-1\n\nPod Information:\n\t-no pod information available-\n"},
      {"mendhak/http-https-echo", ":8080/p?q=1", "\"path\": \"/p\""},
      {"quay.io/openshiftlabs/simpleservice:0.5.0", ":9876/info",
       "{\"host\": \"10.0.0.3:9876\", \"version\": \"0.5.0\", \"from\": \"10.0.0.2\"}"},
      {"httpd:2.4", "/", "<html><body><h1>It works!</h1></body></html>\n"},
      {"httpd:2.4", "/none", "<p>The requested URL was not found on this server.</p>"},
      {"registry.k8s.io/hpa-example", "/", "OK!"},
      {"prom/node-exporter", ":9100/metrics", "# TYPE node_memory_MemTotal_bytes gauge\nnode_memory_MemTotal_bytes "},
      {"nginxdemos/hello:plain-text", "/x", "Server name: web-1\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.image);
    CAPTURE(row.target);
    ImageFixture world;
    Container container = world.running(row.image, row.arguments);
    CHECK(*container.code == -1);
    CHECK(contains(world.get(container, row.target), row.wanted));
  }
}

TEST_CASE("agnhost: endpoints") {
  struct Row {
    std::vector<std::string> arguments;
    const char* target;
    const char* wanted;
  };
  const Row rows[] = {
      {{"netexec"}, ":8080/hostname", "web-1"},
      {{"netexec"}, ":8080/hostName", "web-1"},
      {{"netexec", "--http-port=80"}, "/echo?msg=hi", "hi"},
      {{"netexec"}, ":8080/clientip", "10.0.0.2:"},
      {{"netexec"}, ":8080/", "NOW: 2026-01-01 00:00:"},
      {{"netexec"}, ":8080/shell?cmd=echo%20hi", "{\"output\":\"hi\\n\"}"},
      {{"netexec"}, ":8080/shell?cmd=exit%203", "{\"error\":\"exit status 3\""},
      {{"netexec"}, ":8080/dial?host=127.0.0.1&port=8080&request=hostname", "{\"responses\":[\"web-1\"]}"},
      {{"netexec"}, ":8080/dial?host=127.0.0.1&port=8081&protocol=udp&request=hostname", "{\"responses\":[\"web-1\"]}"},
      {{"netexec"}, ":8080/dial?host=127.0.0.1&port=99", "connection refused"},
      {{"netexec"}, ":8080/dial", "missing required parameter: host"},
      {{"serve-hostname"}, ":9376/", "web-1"},
      {{"serve-hostname", "--port", "80"}, "/", "web-1"},
      {{"liveness"}, ":8080/healthz", "ok"},
      {{"no-snat-test"}, ":8080/whoami", "10.0.0.2"},
      {{"test-webserver"}, "/etc/hosts", "127.0.0.1 localhost"},
      {{"guestbook", "--http-port", "80"}, "/set?value=hi", "{\"data\":\"hi\"}"},
      {{"fake-gitserver"}, ":8000/", "I am a fake git server"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.target);
    ImageFixture world;
    Container container = world.running("registry.k8s.io/e2e-test-images/agnhost:2.40", row.arguments);
    CHECK(contains(world.get(container, row.target), row.wanted));
  }
  ImageFixture world;
  Container failing = world.running("registry.k8s.io/e2e-test-images/agnhost:2.40", {"liveness"});
  world.pass(seconds(15));
  CHECK(contains(world.get(failing, ":8080/healthz"), "error: 1"));
  Container porter = world.make("registry.k8s.io/e2e-test-images/agnhost:2.40", "porter");
  world.start(porter, {"porter"}, {{"SERVE_PORT_81", "foo"}});
  CHECK(world.get(porter, ":81/") == "foo");
  Container done = world.running("registry.k8s.io/e2e-test-images/agnhost:2.40", {"entrypoint-tester", "a", "b"});
  CHECK(*done.out == "[/agnhost entrypoint-tester a b]\n");
  Container lines = world.running("registry.k8s.io/e2e-test-images/agnhost:2.40",
                                  {"logs-generator", "--log-lines-total=5", "--run-duration=1s"});
  world.pass(seconds(2));
  CHECK(split(*lines.out, '\n').size() == 6);
  CHECK(contains(*lines.out, "logs_generator.go:76] 4 "));
  const Ran refused = world.exec(porter, {"/agnhost", "connect", "127.0.0.1:5"});
  CHECK(refused.err == "REFUSED\n");
  CHECK(refused.code == 1);
  CHECK(world.exec(porter, {"/agnhost", "connect", "127.0.0.1:81"}).code == 0);
  CHECK(world.exec(porter, {"/agnhost", "nonsense"}).code == 1);
}

TEST_CASE("a defined image answers by its routes") {
  ImageFixture world;
  REQUIRE(
      world.registry
          .define("name: shop/api\n"
                  "env: {COLOR: blue}\n"
                  "http:\n"
                  "  port: 9000\n"
                  "  routes:\n"
                  "  - {path: /hello, method: GET, body: \"{{hostname}} {{env.COLOR}} {{query.x}} {{client}}\\n\"}\n"
                  "  - {path: /items/*, body: {path: \"{{path}}\"}}\n"
                  "  - {path: /teapot, status: 418, headers: {X-Kind: \"{{method}}\"}, body: short and stout}\n"
                  "  - {path: /slow, delay: 3s, body: late}\n")
          .ok());
  Container api = world.running("shop/api");
  CHECK(world.get(api, ":9000/hello?x=1") == "web-1 blue 1 10.0.0.2\n");
  const std::string item = world.curl(api, {"-i", "http://{}:9000/items/3"}).out;
  CHECK(contains(item, "Content-Type: application/json"));
  CHECK(contains(item, "\"path\": \"/items/3\""));
  const std::string teapot = world.curl(api, {"-i", "http://{}:9000/teapot"}).out;
  CHECK(contains(teapot, "418"));
  CHECK(contains(teapot, "X-Kind: GET"));
  CHECK(contains(world.curl(api, {"-i", "-X", "POST", "http://{}:9000/hello"}).out, "405"));
  CHECK(contains(world.curl(api, {"-i", "http://{}:9000/none"}).out, "404 page not found"));
  const TimePoint before = world.loop.now();
  CHECK(world.get(api, ":9000/slow") == "late");
  CHECK(world.loop.now() - before >= seconds(3));
  world.stop(api, kSigTerm);
  CHECK(*api.code == 0);
}

TEST_CASE("stress uses what it is told to; a limit kills it") {
  ImageFixture world;
  Container hog = world.make("polinux/stress");
  world.start(hog, {"--vm", "1", "--vm-bytes", "150M", "--cpu", "1", "--timeout", "10"}, {}, {"stress"});
  world.pass(seconds(3));
  CHECK(hog.namespaces.cgroup->memory_usage >= (150 << 20));
  CHECK(hog.namespaces.cgroup->cpu_usage_ns >= 2'000'000'000);
  world.pass(seconds(10));
  CHECK(*hog.code == 0);
  CHECK(contains(*hog.out, "stress: info: [1] dispatching hogs: 1 cpu, 0 io, 1 vm, 0 hdd\n"));
  CHECK(contains(*hog.out, "successful run completed in 10s"));
  Container small = world.make("polinux/stress");
  small.namespaces.cgroup->memory_limit = 100 << 20;
  world.start(small, {"--vm", "1", "--vm-bytes", "250M"}, {}, {"stress"});
  world.pass(seconds(3));
  CHECK(*small.code == 137);
  Container vish = world.make("vish/stress");
  vish.namespaces.cgroup->memory_limit = 50 << 20;
  world.start(vish, {"-mem-total", "100Mi", "-mem-alloc-size", "10Mi", "-mem-alloc-sleep", "1s"});
  CHECK(*vish.code == -1);
  world.pass(seconds(20));
  CHECK(*vish.code == 137);
}

TEST_CASE("languages and base systems") {
  ImageFixture world;
  Container pi = world.make("perl:5.34.0");
  const Ran digits = world.exec(pi, {"perl", "-Mbignum=bpi", "-wle", "print bpi(40)"});
  CHECK(digits.out == "3.141592653589793238462643383279502884197\n");
  CHECK(world.exec(pi, {"perl", "-Mbignum=bpi", "-wle", "print bpi(2000)"}).out.size() == 2002);
  CHECK(world.exec(pi, {"perl", "-e", "system('x')"}).code == 1);
  Container python = world.make("python:3.12");
  world.put(python, "/srv/a.txt", "text\n");
  world.start(python, {}, {}, {"python3", "-m", "http.server", "8000", "--directory", "/srv"});
  CHECK(world.get(python, ":8000/a.txt") == "text\n");
  CHECK(contains(world.get(python, ":8000/"), "<h1>Directory listing for /</h1>"));
  CHECK(contains(world.get(python, ":8000/none"), "<p>Message: File not found.</p>"));
  CHECK(contains(*python.err, "\"GET /none HTTP/1.1\" 404 -"));
  Container busybox = world.make("busybox:1.28");
  CHECK(world.exec(busybox, {"busybox", "sh", "-c", "echo hi"}).out == "hi\n");
  CHECK(world.exec(busybox, {"sh", "-c", "busybox nonsense"}).err == "nonsense: applet not found\n");
  CHECK(contains(world.exec(busybox, {"busybox"}).out, "multi-call binary"));
  world.put(busybox, "/www/index.html", "box\n");
  world.start(busybox, {}, {}, {"httpd", "-f", "-p", "8080", "-h", "/www"});
  CHECK(world.get(busybox, ":8080/") == "box\n");
}

TEST_CASE("package managers add what exists") {
  ImageFixture world;
  Internet internet(world.network);
  Container debian = world.make("debian:12");
  CHECK(world.exec(debian, {"sh", "-c", "apt-get install -y curl"}).code == 100);  // no lists yet
  CHECK(world.exec(debian, {"apt-get", "update"}).code == 0);
  const Ran unknown = world.exec(debian, {"apt-get", "install", "-y", "nosuch"});
  CHECK(unknown.err == "E: Unable to locate package nosuch\n");
  CHECK(contains(world.exec(debian, {"apt-get", "install", "-y", "curl"}).out, "Setting up curl ..."));
  CHECK(contains(world.exec(debian, {"curl", "-s", "http://example.com/"}).out, "Example Domain"));
  Container alpine = world.make("alpine");
  CHECK(contains(world.exec(alpine, {"apk", "add", "--no-cache", "curl"}).out, "(1/1) Installing curl"));
  CHECK(world.exec(alpine, {"curl", "--version"}).code == 0);
  CHECK(contains(world.exec(alpine, {"apk", "add", "nosuch"}).err, "nosuch (no such package):"));
}

TEST_CASE("fluentd tails the files of its sources") {
  ImageFixture world;
  Container fluentd = world.make("fluent/fluentd:v1.16-1");
  world.put(fluentd, "/fluentd/etc/fluent.conf",
            "<source>\n  @type tail\n  path /var/log/*.log\n  tag app.log\n</source>\n<match **>\n  @type "
            "stdout\n</match>\n");
  world.put(fluentd, "/var/log/1.log", "2026-01-01T00:00:00.000000000Z stdout F hello\n");
  world.start(fluentd);
  world.pass(seconds(2));
  CHECK(contains(*fluentd.out, "app.log: {\"log\":\"hello\",\"logtag\":\"F\",\"stream\":\"stdout\"}"));
  world.stop(fluentd, kSigTerm);
  CHECK(*fluentd.code == 0);
}
