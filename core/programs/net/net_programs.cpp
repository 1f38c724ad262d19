#include "core/programs/net/net_programs.h"

#include "core/host/program.h"
#include "core/programs/net/tools.h"

namespace drydock {

void register_net_programs(ProgramRegistry& programs) {
  programs.add("curl", curl_main);
  programs.add("wget", wget_main);
  programs.add("ping", ping_main);
  programs.add("traceroute", traceroute_main);
  programs.add("ip", ip_main);
  programs.add("ifconfig", ifconfig_main);
  programs.add("route", route_main);
  programs.add("arp", arp_main);
  programs.add("ss", ss_main);
  programs.add("netstat", netstat_main);
  programs.add("nslookup", nslookup_main);
  programs.add("dig", dig_main);
  programs.add("host", host_main);
  programs.add("nc", nc_main);
  programs.add("ncat", nc_main);
  programs.add("telnet", telnet_main);
  programs.add("iptables", iptables_main);
  programs.add("iptables-save", iptables_save_main);
  programs.add("iptables-restore", iptables_restore_main);
  programs.add("tcpdump", tcpdump_main);
}

}  // namespace drydock
