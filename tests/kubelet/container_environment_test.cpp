// What containers get from their surroundings: pure parts of the kubelet.
#include "core/kubelet/container_environment.h"

#include <doctest/doctest.h>

#include "core/machinery/yaml.h"

using namespace drydock;

namespace {

std::string joined(const EnvironmentList& environment) {
  std::string text;
  for (const auto& [name, value] : environment) text += name + "=" + value + "\n";
  return text;
}

}  // namespace

TEST_CASE("$(NAME) in commands and values") {
  const EnvironmentList known{{"A", "one"}, {"B", "two"}, {"A", "last"}};
  const struct {
    const char* text;
    const char* expanded;
  } rows[] = {
      {"", ""},
      {"plain", "plain"},
      {"$(B)", "two"},
      {"$(A)", "last"},  // the last of a name counts
      {"x$(B)y$(B)", "xtwoytwo"},
      {"$(NOPE)", "$(NOPE)"},  // unknown: as it stands
      {"$$(B)", "$(B)"},       // escaped
      {"$$", "$"},
      {"$B", "$B"},  // that is the shell's business
      {"cost: 5$", "cost: 5$"},
      {"$(B", "$(B"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(expand_variables(row.text, known) == row.expanded);
  }
}

TEST_CASE("service links") {
  EnvironmentList environment;
  add_service_links(environment,
                    Object(*parse_yaml("{metadata: {name: my-web}, spec: {clusterIP: 10.96.0.7, ports: [{name: http-x, "
                                       "port: 80, protocol: TCP}, {name: dns, port: 53, protocol: UDP}]}}")));
  CHECK(joined(environment) ==
        "MY_WEB_SERVICE_HOST=10.96.0.7\nMY_WEB_SERVICE_PORT=80\nMY_WEB_SERVICE_PORT_HTTP_X=80\n"
        "MY_WEB_SERVICE_PORT_DNS=53\nMY_WEB_PORT=tcp://10.96.0.7:80\nMY_WEB_PORT_80_TCP=tcp://10.96.0.7:80\n"
        "MY_WEB_PORT_80_TCP_PROTO=tcp\nMY_WEB_PORT_80_TCP_PORT=80\nMY_WEB_PORT_80_TCP_ADDR=10.96.0.7\n"
        "MY_WEB_PORT_53_UDP=udp://10.96.0.7:53\nMY_WEB_PORT_53_UDP_PROTO=udp\nMY_WEB_PORT_53_UDP_PORT=53\n"
        "MY_WEB_PORT_53_UDP_ADDR=10.96.0.7\n");
  EnvironmentList none;
  add_service_links(none, Object(*parse_yaml("{metadata: {name: h}, spec: {clusterIP: None, ports: [{port: 80}]}}")));
  add_service_links(none, Object(*parse_yaml("{metadata: {name: e}, spec: {type: ExternalName}}")));
  CHECK(none.empty());
}

TEST_CASE("amounts by a divisor") {
  const struct {
    const char* amount;
    const char* divisor;
    const char* text;
  } rows[] = {
      {"500m", "", "1"},     {"500m", "1m", "500"},     {"1500m", "1", "2"},   {"2", "0", "2"},
      {"64Mi", "1Mi", "64"}, {"64Mi", "1", "67108864"}, {"100M", "1Mi", "96"}, {"1Gi", "1k", "1073742"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.amount);
    CHECK(divided_amount(Value(row.amount), row.divisor[0] == '\0' ? Value() : Value(row.divisor)) == row.text);
  }
}
