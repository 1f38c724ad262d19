// The virtual network's implementations of the Dataplane and Transport ports.
#include "core/network/http_server.h"
#include "core/network/netfilter.h"
#include "core/network/network_transport.h"
#include "core/programs/net/virtual_dataplane.h"
#include "tests/network/network_fixture.h"
#include "tests/ports/dataplane_suite.h"
#include "tests/ports/transport_suite.h"

using namespace drydock;

TEST_CASE_FIXTURE(NetworkFixture, "VirtualDataplane keeps the Dataplane contract") {
  VirtualDataplane plane(node1);
  check_dataplane_contract({plane, [this](Task<Result<void>> task) { return run(std::move(task)); },
                            [this](const std::string& table) { return node1->netfilter().save(table); }});
}

TEST_CASE_FIXTURE(NetworkFixture, "NetworkTransport keeps the Transport contract") {
  TransportSuiteServer server(loop);
  auto listener = HttpListener::open(node2, 80, server);
  NetworkTransport transport(node1, nullptr, nullptr);
  Endpoint endpoint;
  endpoint.host = "10.0.0.3";
  endpoint.port = 80;
  endpoint.tls = false;
  Endpoint nobody = endpoint;
  nobody.port = 81;
  check_transport_contract({transport, endpoint, nobody,
                            [this](Task<Result<HttpResponse>> task) { return run(std::move(task)); },
                            [this](StreamEnd& stream) { return run(stream.receive()); }});
}
