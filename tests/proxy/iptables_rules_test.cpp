#include "core/proxy/iptables_rules.h"

#include "core/base/strings.h"
#include "core/machinery/yaml.h"
#include "core/proxy/chain_names.h"
#include "doctest/doctest.h"

using namespace drydock;
using namespace drydock::proxy;

namespace {

Object service(const char* spec) {
  Value doc = parse_yaml("metadata: {name: web, namespace: default}").value();
  doc.set("spec", parse_yaml(spec).value());
  return Object(doc);
}

Object slice(const char* endpoints) {
  Value doc = parse_yaml("{addressType: IPv4, ports: [{name: http, port: 80, protocol: TCP}]}").value();
  doc.set("endpoints", parse_yaml(endpoints).value());
  return Object(doc);
}

constexpr const char* kClusterIp = "{clusterIP: 10.96.1.2, ports: [{name: http, port: 80, protocol: TCP}]}";
constexpr const char* kTwoEndpoints =
    "[{addresses: [10.244.1.5], nodeName: node1, conditions: {ready: true}}, {addresses: [10.244.2.6], nodeName: "
    "node2, conditions: {ready: true}}]";

std::string rules_of(const char* spec, const char* endpoints) {
  IptablesRules rules("10.244.0.0/16");
  rules.put("default/web", read_service_ports(service(spec), {slice(endpoints)}, "node1"));
  return rules.take_changes().restore;
}

}  // namespace

TEST_CASE("chain names are those of every cluster") {
  CHECK(service_chain("default/kubernetes:https", "TCP") == "KUBE-SVC-NPX46M4PTMTKRN6Y");
  CHECK(service_chain("kube-system/kube-dns:dns", "udp") == "KUBE-SVC-TCOU7JCQXEZGVUNU");
  CHECK(service_chain("kube-system/kube-dns:dns-tcp", "tcp") == "KUBE-SVC-ERIFXISQEP7F7OF4");
  CHECK(service_chain("kube-system/kube-dns:metrics", "tcp") == "KUBE-SVC-JD5MR3NA4I4DYORP");
}

TEST_CASE("cluster IP with two endpoints") {
  const std::string text = rules_of(kClusterIp, kTwoEndpoints);
  const std::string chain = service_chain("default/web:http", "tcp");
  const std::string first = endpoint_chain("default/web:http", "tcp", "10.244.1.5:80");
  const std::string second = endpoint_chain("default/web:http", "tcp", "10.244.2.6:80");
  for (const std::string& line : {
           "-A KUBE-SERVICES -m comment --comment \"default/web:http cluster IP\" -m tcp -p tcp -d 10.96.1.2 --dport "
           "80 -j " +
               chain,
           "-A " + chain +
               " -m comment --comment \"default/web:http cluster IP\" -m tcp -p tcp -d 10.96.1.2 --dport 80 ! -s "
               "10.244.0.0/16 -j KUBE-MARK-MASQ",
           "-A " + chain +
               " -m comment --comment \"default/web:http -> 10.244.1.5:80\" -m statistic --mode random --probability "
               "0.5000000000 -j " +
               first,
           "-A " + chain + " -m comment --comment \"default/web:http -> 10.244.2.6:80\" -j " + second,
           "-A " + first + " -m comment --comment \"default/web:http\" -s 10.244.1.5 -j KUBE-MARK-MASQ",
           "-A " + first +
               " -m comment --comment \"default/web:http\" -m tcp -p tcp -j DNAT --to-destination 10.244.1.5:80",
       }) {
    CAPTURE(line);
    CHECK(contains(text, line + "\n"));
  }
}

TEST_CASE("no ready endpoints: refused; terminating ones still serve") {
  CHECK(contains(rules_of(kClusterIp, "[{addresses: [10.244.1.5], conditions: {ready: false}}]"),
                 "-A KUBE-SERVICES -m comment --comment \"default/web:http has no endpoints\" -m tcp -p tcp -d "
                 "10.96.1.2 --dport 80 -j REJECT\n"));
  CHECK(contains(
      rules_of(kClusterIp, "[{addresses: [10.244.1.5], conditions: {ready: false, serving: true, terminating: true}}]"),
      "--to-destination 10.244.1.5:80"));
}

TEST_CASE("node port, and keeping traffic on the node") {
  const std::string everywhere = rules_of(
      "{clusterIP: 10.96.1.2, type: NodePort, ports: [{name: http, port: 80, nodePort: 30080}]}", kTwoEndpoints);
  const std::string external = external_chain("default/web:http", "tcp");
  CHECK(contains(
      everywhere,
      "-A KUBE-NODEPORTS -m comment --comment \"default/web:http\" -m tcp -p tcp --dport 30080 -j " + external + "\n"));
  CHECK(contains(everywhere, "-A " + external + " -j " + service_chain("default/web:http", "tcp") + "\n"));
  const std::string local = rules_of(
      "{clusterIP: 10.96.1.2, type: NodePort, externalTrafficPolicy: Local, ports: [{name: http, port: 80, nodePort: "
      "30080}]}",
      kTwoEndpoints);
  const std::string local_only = local_chain("default/web:http", "tcp");
  CHECK(contains(local, "-A " + external + " -j " + local_only + "\n"));
  CHECK(contains(local, "-A " + local_only + " -m comment --comment \"default/web:http -> 10.244.1.5:80\" -j "));
}

TEST_CASE("session affinity remembers clients") {
  const std::string text =
      rules_of("{clusterIP: 10.96.1.2, sessionAffinity: ClientIP, ports: [{name: http, port: 80}]}", kTwoEndpoints);
  CHECK(contains(text, " --rcheck --seconds 10800 --reap -j KUBE-SEP-"));
  CHECK(contains(text, " --set -m tcp -p tcp -j DNAT"));
}

TEST_CASE("headless and ExternalName Services have no rules") {
  CHECK(read_service_ports(service("{clusterIP: None, ports: [{port: 80}]}"), {}, "n").empty());
  CHECK(read_service_ports(service("{type: ExternalName, externalName: example.com}"), {}, "n").empty());
}

TEST_CASE("changes: only what changed is written again, what is unused is removed") {
  IptablesRules rules("");
  rules.put("default/web", read_service_ports(service(kClusterIp), {slice(kTwoEndpoints)}, "node1"));
  const ServiceRules first = rules.take_changes();
  CHECK_FALSE(first.jumps.empty());
  const std::string chain = service_chain("default/web:http", "tcp");
  CHECK(contains(first.restore, ":" + chain + " "));
  const ServiceRules same = rules.take_changes();
  CHECK(same.jumps.empty());
  CHECK_FALSE(contains(same.restore, ":" + chain + " "));
  rules.put("default/web", {});
  CHECK(contains(rules.take_changes().restore, "-X " + chain + "\n"));
}
