// kubectl's streams through the API server to a kubelet that only pretends.
#include "doctest/doctest.h"
#include "tests/parity/parity_cluster.h"

#include "core/base/strings.h"
#include "core/machinery/json.h"

namespace drydock::testing {
namespace {

// exec answers with its command and what it read; `false` exits with 7.
class PretendKubelet final : public HttpHandler {
 public:
  explicit PretendKubelet(EventLoop& loop) : tasks_(loop) {}

  Task<HttpResponse> handle(HttpRequest request) override {
    HttpResponse response;
    if (request.path.starts_with("/containerLogs/")) {
      response.body.bytes = "one\ntwo\n";
      response.headers.add("Content-Type", "text/plain");
      co_return response;
    }
    if (!request.upgrade) {
      response.status = 400;
      co_return response;
    }
    tasks_.spawn(answer(request.upgrade, request.query.all("command"), request.query.get("input") == "1"));
    response.status = 101;
    co_return response;
  }

 private:
  static Task<void> answer(std::shared_ptr<StreamEnd> stream, std::vector<std::string> command, bool reads) {
    std::string input;
    while (reads) {
      std::optional<StreamMessage> message = co_await stream->receive();
      if (!message || message->channel == 255) break;
      if (message->channel == 0) input += message->bytes;
    }
    StreamMessage output;
    output.channel = 1;
    output.bytes = join(command, " ") + ":" + input + "\n";
    stream->send(output);
    const bool fails = command[0] == "false";
    StreamMessage end;
    end.channel = 3;
    end.document = fails ? parse_json(
                               "{\"status\":\"Failure\",\"reason\":\"NonZeroExitCode\",\"message\":\"command "
                               "terminated with non-zero exit code\","
                               "\"details\":{\"causes\":[{\"reason\":\"ExitCode\",\"message\":\"7\"}]}}")
                               .value()
                         : Value::object({{"status", "Success"}});
    end.bytes = dump_json(end.document);
    stream->send(end);
    stream->close();
  }
  TaskGroup tasks_;
};

}  // namespace

TEST_CASE("exec, logs and cp through a kubelet") {
  ParityCluster cluster;
  PretendKubelet kubelet(cluster.loop());
  cluster.listen("10.99.0.2", 10250, kubelet);
  cluster.put_file("/root/pod.yaml",
                   "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: x}, {name: b, "
                   "image: y}]}\n");
  cluster.run_for(seconds(10));
  REQUIRE(cluster.run({"kubectl", "apply", "-f", "pod.yaml"}).out == "pod/p created\n");
  cluster.run_for(seconds(3));

  CommandResult result = cluster.run({"kubectl", "exec", "p", "-c", "b", "--", "echo", "hi"});
  CHECK(result.out == "echo hi:\n");
  CHECK(result.err.empty());
  CHECK(result.code == 0);

  result = cluster.run({"kubectl", "exec", "-i", "p", "--", "cat"}, "typed");
  CHECK(result.out == "cat:typed\n");
  CHECK(result.err == "Defaulted container \"a\" out of: a, b\n");

  result = cluster.run({"kubectl", "exec", "p", "-c", "a", "--", "false"});
  CHECK(result.err == "command terminated with exit code 7\n");
  CHECK(result.code == 7);

  result = cluster.run({"kubectl", "exec", "-it", "p", "-c", "a", "--", "sh"});
  CHECK(result.err == "Unable to use a TTY - input is not a terminal or the right kind of file\n");

  result = cluster.run({"kubectl", "exec", "p", "-c", "nosuch", "--", "sh"});
  CHECK(result.err == "error: container nosuch is not valid for pod p out of: a, b\n");

  result = cluster.run({"kubectl", "logs", "p", "--all-containers", "--prefix"});
  CHECK(result.out == "[pod/p/a] one\n[pod/p/a] two\n[pod/p/b] one\n[pod/p/b] two\n");
}

TEST_CASE("without a kubeconfig nobody is there") {
  ParityCluster cluster;
  const CommandResult result = cluster.run({"kubectl", "get", "pods", "--kubeconfig=/nosuch"});
  CHECK(result.err == "error: stat /nosuch: no such file or directory\n");
  const CommandResult refused = cluster.run({"kubectl", "get", "pods", "--server=http://localhost:8080"});
  CHECK(contains(refused.err,
                 "memcache.go:265] \"Unhandled Error\" err=\"couldn't get current server API group list: Get "
                 "\\\"http://localhost:8080/api?timeout=32s\\\": dial tcp"));
  CHECK(refused.err.ends_with(
      "The connection to the server localhost:8080 was refused - did you specify the right host or port?\n"));
  CHECK(refused.code == 1);
}

TEST_CASE("completion knows commands, types and names") {
  ParityCluster cluster;
  CHECK(cluster.run({"kubectl", "__complete", "desc"}).out ==
        "describe\tShow details of a specific resource or group of resources\n:4\n");
  CHECK(contains(cluster.run({"kubectl", "__complete", "get", "deploy"}).out, "deployments.apps\n"));
  CHECK(cluster.run({"kubectl", "__complete", "get", "nodes", "hollow-2"}).out == "hollow-2\n:4\n");
  CHECK(cluster.run({"kubectl", "__complete", "get", "pods", "-n", "kube-p"}).out == "kube-public\n:4\n");
}

}  // namespace drydock::testing
