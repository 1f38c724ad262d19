// A component's kubeconfig, and the resources' paths.
#include "core/client/kubeconfig.h"

#include <doctest/doctest.h>

#include "core/client/client.h"

using namespace drydock;

TEST_CASE("where a server is") {
  const struct {
    const char* url;
    const char* host;
    int port;
    bool tls;
  } rows[] = {
      {"https://10.0.0.2:6443", "10.0.0.2", 6443, true},
      {"https://api.example/prefix", "api.example", 443, true},
      {"http://localhost:8080", "localhost", 8080, false},
      {"http://localhost", "localhost", 80, false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.url);
    const auto endpoint = parse_server_url(row.url);
    REQUIRE(endpoint.ok());
    CHECK(endpoint->host == row.host);
    CHECK(endpoint->port == row.port);
    CHECK(endpoint->tls == row.tls);
  }
  CHECK(parse_server_url("https://h:x").error().message == "parse \"https://h:x\": invalid port \":x\" after host");
  CHECK(parse_server_url("ftp://h").error().message == "unsupported protocol scheme \"ftp\"");
  CHECK_FALSE(parse_server_url("https://").ok());
}

TEST_CASE("the current context is read, files through the reader") {
  const char* text =
      "current-context: b\ncontexts:\n- {name: a, context: {cluster: x, user: y}}\n- {name: b, context: {cluster: c, "
      "user: u, namespace: team}}\nclusters:\n- {name: c, cluster: {server: 'https://10.0.0.2:6443', "
      "certificate-authority: /ca.crt}}\nusers:\n- {name: u, user: {tokenFile: /token}}\n";
  const auto config = load_kubeconfig(text, [](const std::string& path) -> Result<std::string> {
    if (path == "/ca.crt") return std::string("CA");
    if (path == "/token") return std::string("secret\n");
    return Status::plain("open " + path + ": no such file or directory");
  });
  REQUIRE(config.ok());
  CHECK(config->endpoint.host == "10.0.0.2");
  CHECK(config->endpoint.certificate_authority_pem == "CA");
  CHECK(config->bearer_token == "secret");
  CHECK(config->ns == "team");
}

TEST_CASE("paths of resources") {
  const ResourceRef deployments{"apps", "v1", "deployments"};
  CHECK(deployments.path("team") == "/apis/apps/v1/namespaces/team/deployments");
  CHECK(deployments.path("team", "web", "scale") == "/apis/apps/v1/namespaces/team/deployments/web/scale");
  CHECK(deployments.path("") == "/apis/apps/v1/deployments");
  CHECK(resources::kNodes.path("", "n1") == "/api/v1/nodes/n1");
}
