// curl and wget: what they print, and how they fail.
#include "core/programs/net/fetch.h"
#include "core/base/strings.h"
#include "tests/programs/net/net_fixture.h"

using namespace drydock;

namespace {

struct WebFixture : NetFixture {
  PageHandler pages;
  std::unique_ptr<HttpListener> server = *HttpListener::open(node2->namespaces().network, 80, pages);
};

}  // namespace

TEST_CASE("URLs are taken apart") {
  auto url = parse_url("https://user:pw@[::1]:8443/a/b?x=1#frag");
  REQUIRE(url.has_value());
  CHECK(url->scheme == "https");
  CHECK(url->host == "::1");
  CHECK(url->port == 8443);
  CHECK(url->path == "/a/b");
  CHECK(url->query == "x=1");
  CHECK(parse_url("localhost:9876/info")->port == 9876);
  CHECK(parse_url("web")->path == "/");
  for (const char* bad : {"", "http://", "http://host:99999/", "http://host:x/"}) CHECK(!parse_url(bad));
  CHECK(resolve_location(*parse_url("http://a/b/c"), "d")->text() == "http://a/b/d");
  CHECK(resolve_location(*parse_url("http://a/b/c"), "https://x/")->host == "x");
}

TEST_CASE_FIXTURE(WebFixture, "curl") {
  CHECK(run("curl -s node2/page").out == "hello\n");
  const ToolRun loud = run("curl http://node2/page");
  CHECK(loud.out == "hello\n");
  CHECK(loud.err.starts_with("  % Total    % Received % Xferd"));
  CHECK(run("curl -s node2/moved").out.empty());
  CHECK(run("curl -sL node2/moved").out == "hello\n");
  CHECK(run("curl -sI node2/page").out == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\n");
  CHECK(run("curl -s -o /nowhere/x -w %{http_code} node2/nothing").code == 23);
  CHECK(run("curl -s -o /tmp/x -w %{http_code}\\n node2/nothing").out == "404\n");
  CHECK(run("curl -s -d a=1 -d b=2 node2/echo").out == "POST a=1&b=2 application/x-www-form-urlencoded\n");
  CHECK(run("curl -s -X PUT --json {} node2/echo").out == "PUT {} application/json\n");
  const ToolRun talk = run("curl -v node2/page");
  CHECK(contains(talk.err,
                 "* Connected to node2 (10.0.0.3) port 80 (#0)\n> GET /page HTTP/1.1\n> Host: node2\n> User-Agent: "
                 "curl/7.88.1\n> Accept: */*\n> \n< HTTP/1.1 200 OK\n"));
  struct Row {
    const char* line;
    int code;
    const char* err;
  };
  for (const Row& row : {
           Row{"curl -sS nosuch.example", 6, "curl: (6) Could not resolve host: nosuch.example\n"},
           Row{"curl -sS localhost:81", 7,
               "curl: (7) Failed to connect to localhost port 81 after 0 ms: Couldn't connect to server\n"},
           Row{"curl -sS -m 2 198.51.100.200", 28, "curl: (28) Connection timed out after 2000 milliseconds\n"},
           Row{"curl -sS -f node2/nothing", 22, "curl: (22) The requested URL returned error: 404\n"},
           Row{"curl -sS https://node2:80/", 35, "curl: (35) error:0A00010B:SSL routines::wrong version number\n"},
           Row{"curl -sS ftp://node2/", 1, "curl: (1) Protocol \"ftp\" not supported or disabled in libcurl\n"},
           Row{"curl --frob", 2,
               "curl: option --frob: is unknown\ncurl: try 'curl --help' or 'curl --manual' for more information\n"},
           Row{"curl -o", 2,
               "curl: option -o: requires parameter\ncurl: try 'curl --help' or 'curl --manual' for more "
               "information\n"},
           Row{"curl", 2, "curl: no URL specified!\ncurl: try 'curl --help' or 'curl --manual' for more information\n"},
       }) {
    CAPTURE(row.line);
    const ToolRun result = run(row.line);
    CHECK(result.code == row.code);
    CHECK(result.err == row.err);
  }
}

TEST_CASE_FIXTURE(WebFixture, "the internet answers under known names") {
  CHECK(contains(run("curl -s example.com").out, "<h1>Example Domain</h1>"));
  CHECK(contains(run("curl -sI google.com").out, "HTTP/1.1 301 Moved Permanently\r\n"));
  CHECK(contains(run("curl -s https://cloud.weave.works/k8s/net?k8s-version=abc").out,
                 "image: weaveworks/weave-kube:2.8.1"));
  CHECK(contains(run("curl -sL k8s.io/examples/pods/simple-pod.yaml").out, "image: nginx:1.14.2"));
  CHECK(contains(run("curl -sL https://github.com/flannel-io/flannel/releases/latest/download/kube-flannel.yml").out,
                 "kube-flannel-ds"));
  CHECK(run("curl -s -o /tmp/x -w %{http_code} https://raw.githubusercontent.com/nobody/nothing").out == "404");
}

TEST_CASE_FIXTURE(WebFixture, "wget, GNU and busybox") {
  CHECK(run("wget -qO- node2/page").out == "hello\n");
  const ToolRun gnu = run("wget -O /tmp/page http://node2/page");
  CHECK(gnu.code == 0);
  CHECK(contains(gnu.err,
                 "HTTP request sent, awaiting response... 200 OK\nLength: 6 [text/plain]\nSaving to: ‘/tmp/page’\n"));
  CHECK(*node1->files().read_file("/tmp/page") == "hello\n");
  CHECK(run("wget http://node2/nothing").code == 8);
  CHECK(run("wget nosuch.example").code == 4);
  CHECK(run("bb-wget -qO- node2/page").out == "hello\n");
  CHECK(run("bb-wget -O- node2/nothing").err ==
        "Connecting to node2 (10.0.0.3:80)\nwget: server returned error: HTTP/1.1 404 Not Found\n");
  CHECK(run("bb-wget -qO- nosuch.example").err == "wget: bad address 'nosuch.example'\n");
  CHECK(run("bb-wget -qO- localhost:81").err == "wget: can't connect to remote host (127.0.0.1): Connection refused\n");
}
