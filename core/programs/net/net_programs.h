// Network tools of a machine: curl wget ping traceroute ip ifconfig route arp ss
// netstat nslookup dig host nc telnet iptables… tcpdump.
#pragma once

namespace drydock {

class ProgramRegistry;

void register_net_programs(ProgramRegistry& programs);

}  // namespace drydock
