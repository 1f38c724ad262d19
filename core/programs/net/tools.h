// Entry points of the network tools, one file each (or a family).
#pragma once

#include "core/base/task.h"

namespace drydock {

class Process;

Task<int> curl_main(Process& process);
Task<int> wget_main(Process& process);
Task<int> ping_main(Process& process);
Task<int> traceroute_main(Process& process);
Task<int> ip_main(Process& process);
Task<int> ifconfig_main(Process& process);
Task<int> route_main(Process& process);
Task<int> arp_main(Process& process);
Task<int> ss_main(Process& process);
Task<int> netstat_main(Process& process);
Task<int> nslookup_main(Process& process);
Task<int> dig_main(Process& process);
Task<int> host_main(Process& process);
Task<int> nc_main(Process& process);
Task<int> telnet_main(Process& process);
Task<int> iptables_main(Process& process);
Task<int> iptables_save_main(Process& process);
Task<int> iptables_restore_main(Process& process);
Task<int> tcpdump_main(Process& process);

}  // namespace drydock
