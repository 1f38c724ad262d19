// ip (iproute2): addr, link, route, neigh; add and del of what playgrounds need.
#include <algorithm>
#include <utility>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/machinery/json.h"
#include "core/machinery/value.h"
#include "core/network/network.h"
#include "core/programs/net/tools.h"

namespace drydock {
namespace {

struct IpOptions {
  bool brief = false;
  bool json = false;
  bool one_line = false;
};

std::string link_display_name(const Link& link) {
  if (link.kind == LinkKind::kVeth && link.peer != nullptr) {
    const Link* other = link.peer->link(link.peer_name);
    if (other != nullptr) return link.name + "@if" + std::to_string(other->index);
  }
  return link.name;
}

std::string link_flags(const Link& link) {
  std::vector<std::string> flags;
  if (link.kind == LinkKind::kLoopback)
    flags = {"LOOPBACK"};
  else
    flags = {"BROADCAST", "MULTICAST"};
  if (link.up) {
    flags.push_back("UP");
    flags.push_back("LOWER_UP");
  }
  return join(flags, ",");
}

std::string link_state(const Link& link) {
  if (!link.up) return "DOWN";
  return link.kind == LinkKind::kLoopback || link.kind == LinkKind::kVxlan ? "UNKNOWN" : "UP";
}

std::string link_lines(const Link& link, bool details) {
  const bool loopback = link.kind == LinkKind::kLoopback;
  std::string text =
      std::to_string(link.index) + ": " + link_display_name(link) + ": <" + link_flags(link) + "> mtu " +
      std::to_string(link.mtu) + " qdisc " + (link.kind == LinkKind::kEthernet ? "fq_codel" : "noqueue") +
      (link.master.empty() ? "" : " master " + link.master) + " state " + link_state(link) +
      (details ? " mode DEFAULT" : "") + " group default" +
      (loopback || link.kind == LinkKind::kEthernet || link.kind == LinkKind::kBridge ? " qlen 1000" : "") + "\n";
  text += std::string("    link/") + (loopback ? "loopback" : "ether") + " " + link.mac + " brd " +
          (loopback ? "00:00:00:00:00:00" : "ff:ff:ff:ff:ff:ff");
  if (link.kind == LinkKind::kVeth) text += " link-netnsid 0";
  return text + "\n";
}

std::string address_lines(const Link& link) {
  std::string text;
  const bool loopback = link.kind == LinkKind::kLoopback;
  for (const Cidr& address : link.addresses) {
    text += "    inet " + address.text();
    if (!loopback && address.length < 31) text += " brd " + address.broadcast().text();
    text += std::string(" scope ") + (loopback ? "host" : "global") + " " + link.name +
            "\n       valid_lft forever preferred_lft forever\n";
  }
  if (loopback) text += "    inet6 ::1/128 scope host \n       valid_lft forever preferred_lft forever\n";
  return text;
}

std::string brief_line(const Link& link, bool addresses) {
  std::string text = pad_right(link_display_name(link), 16) + " " + pad_right(link_state(link), 14) + " ";
  if (!addresses) return text + link.mac + " <" + link_flags(link) + "> \n";
  for (const Cidr& address : link.addresses) text += address.text() + " ";
  if (link.kind == LinkKind::kLoopback) text += "::1/128 ";
  return text + "\n";
}

Value link_document(const Link& link) {
  Value document = Value::object({{"ifindex", link.index},
                                  {"ifname", link.name},
                                  {"mtu", link.mtu},
                                  {"operstate", link_state(link)},
                                  {"address", link.mac}});
  Value addresses = Value::array();
  for (const Cidr& address : link.addresses) {
    addresses.push_back(Value::object({{"family", "inet"},
                                       {"local", address.address.text()},
                                       {"prefixlen", address.length},
                                       {"scope", link.kind == LinkKind::kLoopback ? "host" : "global"}}));
  }
  document.set("addr_info", addresses);
  return document;
}

std::string route_text(const NetNamespace& stack, const Route& route) {
  std::string text = route.blackhole ? "blackhole " : "";
  text += route.destination.length == 0    ? "default"
          : route.destination.length == 32 ? route.destination.address.text()
                                           : route.destination.text();
  if (!route.gateway.any()) text += " via " + route.gateway.text();
  if (!route.device.empty()) text += " dev " + route.device;
  if (route.protocol != "static") text += " proto " + route.protocol;
  if (route.gateway.any() && !route.blackhole) {
    text += " scope link";
    if (route.protocol == "kernel")
      text += " src " + (route.source.any() ? stack.source_for(route.destination.address) : route.source).text();
  }
  if (route.metric != 0) text += " metric " + std::to_string(route.metric);
  if (route.onlink) text += " onlink";
  return text + " \n";
}

// Printed as the kernel keeps them: default first, then by destination.
std::string route_list(const NetNamespace& stack, std::string_view device) {
  std::vector<const Route*> order;
  for (const Route& route : stack.routes()) {
    if (device.empty() || route.device == device) order.push_back(&route);
  }
  std::sort(order.begin(), order.end(), [](const Route* a, const Route* b) {
    return std::pair(a->destination, a->metric) < std::pair(b->destination, b->metric);
  });
  std::string text;
  for (const Route* route : order) text += route_text(stack, *route);
  return text;
}

class Ip {
 public:
  Ip(Process& process, IpOptions options, std::vector<std::string> words)
      : process_(process), stack_(process.network()), options_(options), words_(std::move(words)) {}
  Task<int> run();

 private:
  Task<int> show_links(bool addresses);
  Task<int> address_command();
  Task<int> link_command();
  Task<int> route_command();
  Task<int> neighbour_command();
  Task<int> fail(std::string text, int code = 255) {
    co_await process_.err(text + "\n");
    co_return code;
  }
  // The word after `name`, or "".
  std::string after(std::string_view name) const {
    for (std::size_t i = 0; i + 1 < words_.size(); ++i) {
      if (words_[i] == name) return words_[i + 1];
    }
    return "";
  }
  bool verb(std::string_view full) const {
    return words_.size() > 1 && !words_[1].empty() && full.starts_with(words_[1]);
  }
  Task<int> outcome(SysResult<void> result) {
    if (result) co_return 0;
    co_return co_await fail("RTNETLINK answers: " + std::string(errno_text(result.error())), 2);
  }

  Process& process_;
  NetNamespace& stack_;
  IpOptions options_;
  std::vector<std::string> words_;
};

Task<int> Ip::show_links(bool addresses) {
  std::string device = after("dev");
  if (device.empty() && words_.size() > 2 && words_[2] != "up" && words_[2] != "dev") device = words_[2];
  if (device.empty() && words_.size() == 2 && !std::string_view("show").starts_with(words_[1]) &&
      !std::string_view("list").starts_with(words_[1]))
    device = words_[1];
  if (!device.empty() && stack_.link(device) == nullptr)
    co_return co_await fail("Device \"" + device + "\" does not exist.", 1);
  std::string text;
  Value documents = Value::array();
  for (const Link& link : stack_.links()) {
    if (!device.empty() && link.name != device) continue;
    if (options_.json)
      documents.push_back(link_document(link));
    else if (options_.brief)
      text += brief_line(link, addresses);
    else
      text += link_lines(link, !addresses) + (addresses ? address_lines(link) : "");
  }
  co_await process_.out(options_.json ? dump_json(documents) + "\n" : text);
  co_return 0;
}

Task<int> Ip::address_command() {
  if (words_.size() < 2 || verb("show") || verb("list")) co_return co_await show_links(true);
  if (!verb("add") && !verb("delete")) {
    if (stack_.link(words_[1]) != nullptr) co_return co_await show_links(true);
    co_return co_await fail("Command \"" + words_[1] + "\" is unknown, try \"ip address help\".");
  }
  if (words_.size() < 3) co_return co_await fail("Command line is not complete. Try option \"help\"");
  const auto address = Cidr::parse(words_[2]);
  if (!address) co_return co_await fail("Error: any valid prefix is expected rather than \"" + words_[2] + "\".", 1);
  const std::string device = after("dev");
  if (device.empty()) co_return co_await fail("Not enough information: \"dev\" argument is required.");
  if (stack_.link(device) == nullptr) co_return co_await fail("Cannot find device \"" + device + "\"", 1);
  if (process_.credentials().uid != 0) co_return co_await fail("RTNETLINK answers: Operation not permitted", 2);
  if (verb("add")) co_return co_await outcome(stack_.add_address(device, *address));
  co_return co_await outcome(stack_.remove_address(device, *address));
}

Task<int> Ip::link_command() {
  if (words_.size() < 2 || verb("show") || verb("list")) co_return co_await show_links(false);
  const bool changing = verb("set") || verb("add") || verb("delete");
  if (!changing) co_return co_await fail("Command \"" + words_[1] + "\" is unknown, try \"ip link help\".");
  if (process_.credentials().uid != 0) co_return co_await fail("RTNETLINK answers: Operation not permitted", 2);
  std::string device = after("dev");
  if (device.empty()) device = after("name");
  if (device.empty() && words_.size() > 2) device = words_[2];
  if (verb("add")) {
    if (stack_.link(device) != nullptr) co_return co_await fail("RTNETLINK answers: File exists", 2);
    if (after("type") != "bridge" && after("type") != "dummy")
      co_return co_await fail("Error: Unknown device type.", 2);
    stack_.add_link(device, LinkKind::kBridge).up = false;
    co_return 0;
  }
  if (stack_.link(device) == nullptr) co_return co_await fail("Cannot find device \"" + device + "\"", 1);
  if (verb("delete")) {
    const LinkKind kind = stack_.link(device)->kind;
    if (kind == LinkKind::kEthernet || kind == LinkKind::kLoopback)
      co_return co_await fail("RTNETLINK answers: Operation not supported", 2);
    stack_.remove_link(device);
    co_return 0;
  }
  for (const std::string& word : words_) {
    if (word == "up" || word == "down") (void)stack_.set_up(device, word == "up");
  }
  if (const auto mtu = parse_int(after("mtu"))) stack_.link(device)->mtu = static_cast<int>(*mtu);
  if (!after("master").empty()) stack_.link(device)->master = after("master");
  stack_.network().touch();
  co_return 0;
}

Task<int> Ip::route_command() {
  if (words_.size() < 2 || verb("show") || verb("list")) {
    co_await process_.out(route_list(stack_, after("dev")));
    co_return 0;
  }
  if (verb("get")) {
    const auto target = words_.size() > 2 ? Ipv4::parse(words_[2]) : std::nullopt;
    if (!target)
      co_return co_await fail(
          "Error: any valid address is expected rather than \"" + (words_.size() > 2 ? words_[2] : "") + "\".", 1);
    if (stack_.is_local(*target)) {
      co_await process_.out("local " + target->text() + " dev lo src " + stack_.source_for(*target).text() +
                            " uid 0 \n    cache <local> \n");
      co_return 0;
    }
    const Route* route = stack_.find_route(*target);
    if (route == nullptr) co_return co_await fail("RTNETLINK answers: Network is unreachable", 2);
    co_await process_.out(target->text() + (route->gateway.any() ? "" : " via " + route->gateway.text()) + " dev " +
                          route->device + " src " + stack_.source_for(*target).text() + " uid 0 \n    cache \n");
    co_return 0;
  }
  if (!verb("add") && !verb("delete") && !verb("replace"))
    co_return co_await fail("Command \"" + words_[1] + "\" is unknown, try \"ip route help\".");
  if (process_.credentials().uid != 0) co_return co_await fail("RTNETLINK answers: Operation not permitted", 2);
  if (words_.size() < 3) co_return co_await fail("RTNETLINK answers: No such process", 2);
  Route route;
  route.protocol = "static";
  const auto destination = words_[2] == "default" ? std::optional<Cidr>(Cidr{Ipv4{}, 0}) : Cidr::parse(words_[2]);
  if (!destination)
    co_return co_await fail("Error: any valid prefix is expected rather than \"" + words_[2] + "\".", 1);
  route.destination = *destination;
  route.device = after("dev");
  if (verb("delete")) {
    if (!stack_.remove_route(route.destination, route.device))
      co_return co_await fail("RTNETLINK answers: No such process", 2);
    co_return 0;
  }
  if (const auto gateway = Ipv4::parse(after("via"))) {
    route.gateway = *gateway;
    const Route* towards = stack_.find_route(*gateway);
    if (towards == nullptr || !towards->gateway.any())
      co_return co_await fail("Error: Nexthop has invalid gateway.", 2);
    if (route.device.empty()) route.device = towards->device;
  }
  if (route.device.empty()) co_return co_await fail("RTNETLINK answers: No such device", 2);
  if (stack_.link(route.device) == nullptr) co_return co_await fail("Cannot find device \"" + route.device + "\"", 1);
  if (const auto metric = parse_int(after("metric"))) route.metric = static_cast<int>(*metric);
  if (verb("replace")) {
    stack_.replace_route(std::move(route));
    co_return 0;
  }
  co_return co_await outcome(stack_.add_route(std::move(route)));
}

Task<int> Ip::neighbour_command() {
  std::string text;
  for (const auto& [address, entry] : stack_.neighbours())
    text += address.text() + " dev " + entry.first + " lladdr " + entry.second + " REACHABLE\n";
  co_await process_.out(text);
  co_return 0;
}

Task<int> Ip::run() {
  const std::string& object = words_[0];
  auto is = [&](std::string_view full) { return !object.empty() && full.starts_with(object); };
  if (is("address") || object == "addr") co_return co_await address_command();
  if (is("link")) co_return co_await link_command();
  if (is("route")) co_return co_await route_command();
  if (is("neighbour") || object == "neigh" || object == "neighbor") co_return co_await neighbour_command();
  if (object == "netns" || object == "rule") {
    if (object == "rule")
      co_await process_.out(
          "0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n");
    co_return 0;
  }
  co_return co_await fail("Object \"" + object + "\" is unknown, try \"ip help\".", 1);
}

constexpr std::string_view kUsage =
    "Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\n       ip [ -force ] -batch filename\nwhere  OBJECT := { address "
    "| link | neighbour | netns | route | rule }\n"
    "       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -4 | -6 | -br[ief] | -j[son] | -o[neline] | "
    "-c[olor] }\n";

}  // namespace

Task<int> ip_main(Process& process) {
  IpOptions options;
  std::vector<std::string> words;
  for (const std::string& word : process.arguments()) {
    if (!words.empty() || !word.starts_with("-")) {
      words.push_back(word);
    } else if (word == "-br" || word == "-brief") {
      options.brief = true;
    } else if (word == "-j" || word == "-json") {
      options.json = true;
    } else if (word == "-V") {
      co_await process.out("ip utility, iproute2-6.1.0, libbpf 1.1.2\n");
      co_return 0;
    } else if (word != "-4" && word != "-6" && word != "-s" && word != "-d" && word != "-o" &&
               !word.starts_with("-c") && word != "-p" && word != "-n") {
      co_await process.err("Option \"" + word + "\" is unknown, try \"ip -help\".\n");
      co_return 255;
    }
  }
  if (words.empty() || words[0] == "help") {
    co_await process.err(std::string(kUsage));
    co_return words.empty() ? 255 : 0;
  }
  Ip ip(process, options, std::move(words));
  co_return co_await ip.run();
}

Task<int> ifconfig_main(Process& process) {
  NetNamespace& stack = process.network();
  std::string wanted;
  for (const std::string& word : process.arguments()) {
    if (!word.starts_with("-")) {
      wanted = word;
      break;
    }
  }
  if (!wanted.empty() && stack.link(wanted) == nullptr) {
    co_await process.err(wanted + ": error fetching interface information: Device not found\n");
    co_return 1;
  }
  std::string text;
  for (const Link& link : stack.links()) {
    if (!wanted.empty() ? link.name != wanted : !link.up) continue;
    const bool loopback = link.kind == LinkKind::kLoopback;
    text += link.name + ": flags=" + (loopback ? "73<UP,LOOPBACK,RUNNING>" : "4163<UP,BROADCAST,RUNNING,MULTICAST>") +
            "  mtu " + std::to_string(link.mtu) + "\n";
    for (const Cidr& address : link.addresses) {
      text += "        inet " + address.address.text() + "  netmask " + address.mask().text() +
              (loopback ? "" : "  broadcast " + address.broadcast().text()) + "\n";
    }
    if (loopback)
      text += "        inet6 ::1  prefixlen 128  scopeid 0x10<host>\n        loop  txqueuelen 1000  (Local Loopback)\n";
    else
      text += "        ether " + link.mac + "  txqueuelen 1000  (Ethernet)\n";
    text += "        RX packets " + std::to_string(link.packets_in) + "  bytes " +
            std::to_string(link.packets_in * 60) + "\n        RX errors 0  dropped 0  overruns 0  frame 0\n";
    text += "        TX packets " + std::to_string(link.packets_out) + "  bytes " +
            std::to_string(link.packets_out * 60) +
            "\n        TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0\n\n";
  }
  co_await process.out(text);
  co_return 0;
}

Task<int> route_main(Process& process) {
  const NetNamespace& stack = process.network();
  std::string text =
      "Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n";
  std::vector<Route> order = stack.routes();
  std::sort(order.begin(), order.end(), [](const Route& a, const Route& b) {
    return std::pair(a.destination, a.metric) < std::pair(b.destination, b.metric);
  });
  for (const Route& route : order) {
    const bool host = route.destination.length == 32;
    text +=
        pad_right(route.destination.length == 0 ? "0.0.0.0" : route.destination.address.text(), 15) + " " +
        pad_right(route.gateway.text(), 15) + " " + pad_right(route.destination.mask().text(), 15) + " " +
        pad_right(std::string(route.blackhole ? "!" : "U") + (route.gateway.any() ? "" : "G") + (host ? "H" : ""), 5) +
        " " + pad_right(std::to_string(route.metric), 6) + " 0        0 " + (route.blackhole ? "*" : route.device) +
        "\n";
  }
  co_await process.out(text);
  co_return 0;
}

Task<int> arp_main(Process& process) {
  const NetNamespace& stack = process.network();
  std::string text;
  if (!stack.neighbours().empty())
    text = "Address                  HWtype  HWaddress           Flags Mask            Iface\n";
  for (const auto& [address, entry] : stack.neighbours()) {
    text += pad_right(address.text(), 24) + " ether   " + pad_right(entry.second, 19) + " C                     " +
            entry.first + "\n";
  }
  co_await process.out(text);
  co_return 0;
}

}  // namespace drydock
