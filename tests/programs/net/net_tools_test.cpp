// ping, ip, ss, nslookup, nc and their like.
#include "core/base/strings.h"
#include "core/network/tcp.h"
#include "tests/programs/net/net_fixture.h"

using namespace drydock;

TEST_CASE_FIXTURE(NetFixture, "ping") {
  const ToolRun ok = run("ping -c 2 node2");
  CHECK(ok.code == 0);
  CHECK(ok.out.starts_with(
      "PING node2 (10.0.0.3) 56(84) bytes of data.\n64 bytes from node2 (10.0.0.3): icmp_seq=1 ttl=64 time=0."));
  CHECK(
      contains(ok.out, "\n--- node2 ping statistics ---\n2 packets transmitted, 2 received, 0% packet loss, time 100"));
  const ToolRun dead = run("ping -c 1 10.0.0.77");
  CHECK(dead.code == 1);
  CHECK(contains(dead.out, "From 10.0.0.2 icmp_seq=1 Destination Host Unreachable\n"));
  CHECK(run("ping nosuch").err == "ping: nosuch: Name or service not known\n");
  CHECK(run("ping").err == "ping: usage error: Destination address required\n");
  CHECK(run("bb-ping -c 1 node2")
            .out.starts_with("PING node2 (10.0.0.3): 56 data bytes\n64 bytes from 10.0.0.3: seq=0 ttl=64 time="));
  CHECK(run("bb-ping nosuch").err == "ping: bad address 'nosuch'\n");
  CHECK(contains(run("traceroute -n 8.8.8.8").out, " 1  10.0.0.1  "));
}

TEST_CASE_FIXTURE(NetFixture, "ip") {
  CHECK(contains(run("ip addr").out, "    inet 10.0.0.2/24 brd 10.0.0.255 scope global eth0\n"));
  CHECK(contains(run("ip a show lo").out, "inet 127.0.0.1/8 scope host lo"));
  CHECK(contains(run("ip -br a").out, "eth0             UP             10.0.0.2/24 \n"));
  CHECK(run("ip route").out ==
        "default via 10.0.0.1 dev eth0 proto dhcp \n10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.2 \n");
  CHECK(run("ip route get 8.8.8.8").out == "8.8.8.8 via 10.0.0.1 dev eth0 src 10.0.0.2 uid 0 \n    cache \n");
  CHECK(run("ip link show eth9").err == "Device \"eth9\" does not exist.\n");
  CHECK(run("ip frob").err == "Object \"frob\" is unknown, try \"ip help\".\n");
  CHECK(run("ip route add 10.9.0.0/16 via 10.0.0.3").code == 0);
  CHECK(contains(run("ip r").out, "10.9.0.0/16 via 10.0.0.3 dev eth0 \n"));
  CHECK(run("ip route add 10.9.0.0/16 via 10.0.0.3").err == "RTNETLINK answers: File exists\n");
  CHECK(run("ip route del 10.9.0.0/16").code == 0);
  CHECK(run("ip route del 10.9.0.0/16").err == "RTNETLINK answers: No such process\n");
  CHECK(run("ip link set eth0 down").code == 0);
  CHECK(run("ping -c 1 node2").err == "ping: connect: Network is unreachable\n");
}

TEST_CASE_FIXTURE(NetFixture, "names") {
  CHECK(run("nslookup example.com").out ==
        "Server:\t\t10.0.0.1\nAddress:\t10.0.0.1#53\n\nNon-authoritative answer:\nName:\texample.com\nAddress: "
        "198.51.100.1\n\n");
  CHECK(contains(run("nslookup nosuch.example").out, "** server can't find nosuch.example: NXDOMAIN\n"));
  CHECK(contains(run("bb-nslookup example.com").out,
                 "Address:\t10.0.0.1:53\n\nName:\texample.com\nAddress: 198.51.100.1\n"));
  CHECK(run("dig +short example.com").out == "198.51.100.1\n");
  CHECK(contains(run("dig @8.8.8.8 nosuch.example").out, "status: NXDOMAIN"));
  CHECK(run("host example.com").out == "example.com has address 198.51.100.1\n");
  CHECK(run("nslookup example.com 10.0.0.3").code == 1);
}

TEST_CASE_FIXTURE(NetFixture, "nc and the lists of sockets") {
  PageHandler pages;
  auto server = HttpListener::open(node2->namespaces().network, 80, pages, {.owner = {42, "nginx"}});
  CHECK(run("nc node2 80", "GET /page HTTP/1.0\r\n\r\n").out ==
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n");
  CHECK(run("nc -zv node2 80").err == "Connection to node2 (10.0.0.3) 80 port [tcp/http] succeeded!\n");
  CHECK(run("nc -zv node2 81").err == "nc: connect to node2 (10.0.0.3) port 81 (tcp) failed: Connection refused\n");
  CHECK(contains(run("ss -lntp", "", node2.get()).out, "users:((\"nginx\",pid=42,fd=3))"));
  CHECK(contains(run("netstat -tlnp", "", node2.get()).out,
                 "0.0.0.0:80              0.0.0.0:*               LISTEN      42/nginx"));
  CHECK(run("ss -y").code == 255);
}

TEST_CASE_FIXTURE(NetFixture, "iptables changes what packets meet") {
  CHECK(run("iptables -L")
            .out.starts_with(
                "Chain INPUT (policy ACCEPT)\ntarget     prot opt source               destination         \n"));
  CHECK(run("iptables -A OUTPUT -d 10.0.0.3 -j DROP").code == 0);
  CHECK(run("ping -c 1 node2").code == 1);
  CHECK(contains(run("iptables-save -t filter").out, "-A OUTPUT -d 10.0.0.3/32 -j DROP\n"));
  CHECK(run("iptables -D OUTPUT -d 10.0.0.3 -j DROP").code == 0);
  CHECK(run("ping -c 1 node2").code == 0);
  CHECK(run("iptables -D OUTPUT -d 10.0.0.3 -j DROP").err ==
        "iptables: Bad rule (does a matching rule exist in that chain?).\n");
  CHECK(run("iptables -L NOPE").err == "iptables: No chain/target/match by that name.\n");
  CHECK(run("iptables -t nope -L").code == 3);
}
