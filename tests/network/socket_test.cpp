#include "core/network/tcp.h"
#include "core/network/udp.h"
#include "tests/network/network_fixture.h"

using namespace drydock;

TEST_CASE("addresses and networks are parsed and printed") {
  CHECK(Ipv4::parse("10.0.0.2")->text() == "10.0.0.2");
  for (const char* bad : {"", "10.0.0", "10.0.0.256", "10.0.0.2.3", "a.b.c.d", "10..0.1", "1.2.3.4 "})
    CHECK(!Ipv4::parse(bad));
  CHECK(Cidr::parse("10.32.0.0/12")->contains(ip("10.47.255.255")));
  CHECK(!Cidr::parse("10.32.0.0/12")->contains(ip("10.48.0.0")));
  CHECK(Cidr::parse("10.0.0.0/255.255.255.0")->text() == "10.0.0.0/24");
  CHECK(!Cidr::parse("10.0.0.0/33"));
}

TEST_CASE_FIXTURE(NetworkFixture, "a stream carries bytes both ways, half-closes and ends") {
  auto listener = TcpListener::open(node2, {}, 7000);
  REQUIRE(listener.ok());
  auto client = run(tcp_connect(node1, ip("10.0.0.3"), 7000));
  REQUIRE(client.ok());
  auto server = run((*listener)->accept());
  CHECK(server->ends().peer.text() == "10.0.0.2");
  CHECK((*client)->ends().peer_port == 7000);
  const TimePoint before = loop.now();
  REQUIRE((*client)->write("hello").ok());
  CHECK(*run(server->read()) == "hello");
  const Duration way = loop.now() - before;
  CHECK(way > microseconds(50));
  CHECK(way < milliseconds(1));
  (*client)->shutdown_write();
  CHECK(run(server->read())->empty());
  REQUIRE(server->write("bye").ok());
  server->close();
  CHECK(run((*client)->read_all()) == "bye");
  CHECK((*client)->write("x").error() == Errno::kPipe);
}

TEST_CASE_FIXTURE(NetworkFixture, "connecting fails as it does in life") {
  const TimePoint start = loop.now();
  CHECK(run(tcp_connect(node1, ip("10.0.0.3"), 81)).error() == Errno::kConnRefused);
  CHECK(loop.now() - start < milliseconds(2));
  CHECK(run(tcp_connect(node1, kLoopbackAddress, 81)).error() == Errno::kConnRefused);
  SUBCASE("nobody has the address on the segment") {
    const TimePoint before = loop.now();
    CHECK(run(tcp_connect(node1, ip("10.0.0.99"), 80)).error() == Errno::kHostUnreach);
    CHECK(loop.now() - before >= seconds(3));
  }
  SUBCASE("the internet is silent about what is not there") {
    const TimePoint before = loop.now();
    CHECK(run(tcp_connect(node1, ip("198.51.100.7"), 80)).error() == Errno::kTimedOut);
    CHECK(loop.now() - before >= seconds(127));
    CHECK(run(tcp_connect(node1, ip("198.51.100.7"), 80, {loop.now() + seconds(5)})).error() == Errno::kTimedOut);
  }
  SUBCASE("no route") {
    auto lonely = network.make_namespace("lonely");
    CHECK(run(tcp_connect(lonely, ip("10.0.0.3"), 80)).error() == Errno::kNetUnreach);
  }
  SUBCASE("a port in use") {
    auto one = TcpListener::open(node1, {}, 80);
    REQUIRE(one.ok());
    CHECK(TcpListener::open(node1, {}, 80).error() == Errno::kAddrInUse);
    CHECK(TcpListener::open(node1, ip("10.9.9.9"), 81).error() == Errno::kAddrNotAvail);
    one->reset();
    CHECK(TcpListener::open(node1, {}, 80).ok());
  }
}

TEST_CASE_FIXTURE(NetworkFixture, "a pulled cable holds bytes back; putting it back delivers them") {
  auto listener = TcpListener::open(node2, {}, 7000);
  auto client = run(tcp_connect(node1, ip("10.0.0.3"), 7000));
  auto server = run((*listener)->accept());
  network.set_host_link(*node2, false);
  REQUIRE((*client)->write("late").ok());
  loop.run_until(loop.now() + seconds(5));
  CHECK(!server->try_read());
  network.set_host_link(*node2, true);
  CHECK(*run(server->read()) == "late");
}

TEST_CASE_FIXTURE(NetworkFixture, "a listener that goes away resets who waited for it") {
  auto listener = TcpListener::open(node2, {}, 7000);
  auto client = run(tcp_connect(node1, ip("10.0.0.3"), 7000));
  listener->reset();
  CHECK(run((*client)->read()).error() == Errno::kConnReset);
}

TEST_CASE_FIXTURE(NetworkFixture, "datagrams are answered through their own way back") {
  auto server = UdpSocket::open(node2, {}, 53);
  auto client = UdpSocket::open(node1);
  REQUIRE((*client)->send(ip("10.0.0.3"), 53, "ping").ok());
  auto got = run((*server)->receive());
  REQUIRE(got.has_value());
  CHECK(got->bytes == "ping");
  (*server)->reply(*got, "pong");
  auto back = run((*client)->receive());
  CHECK(back->bytes == "pong");
  CHECK(back->source == ip("10.0.0.3"));
  REQUIRE((*client)->send(ip("10.0.0.3"), 54, "?").ok());
  CHECK(run((*client)->receive())->error == Errno::kConnRefused);
}

TEST_CASE_FIXTURE(NetworkFixture, "echo requests tell distance") {
  const EchoReply near = run(icmp_echo(node1, ip("10.0.0.3"), seconds(1)));
  CHECK(near.verdict == Verdict::kDelivered);
  CHECK(near.round_trip < milliseconds(1));
  CHECK(run(icmp_echo(node1, ip("10.0.0.77"), seconds(1))).verdict == Verdict::kHostUnreachable);
  auto far = network.attach_internet("far", ip("93.184.216.34"));
  const EchoReply reply = run(icmp_echo(node1, ip("93.184.216.34"), seconds(1)));
  CHECK(reply.verdict == Verdict::kDelivered);
  CHECK(reply.round_trip > milliseconds(10));
  CHECK(reply.ttl == 63);
  CHECK(run(icmp_echo(node1, ip("93.184.216.34"), seconds(1), 1)).from == ip("10.0.0.1"));
}
