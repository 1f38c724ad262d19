// The parts that register_system_programs() puts together, one per file.
#pragma once

namespace drydock {

class ProgramRegistry;

void register_services(ProgramRegistry& programs);  // systemctl journalctl
void register_kernel(ProgramRegistry& programs);    // sysctl modprobe lsmod rmmod swapon swapoff dmesg
void register_accounts(ProgramRegistry& programs);  // getent useradd userdel usermod groupadd groupdel passwd
void register_sessions(ProgramRegistry& programs);  // su sudo hostnamectl timedatectl who w users

}  // namespace drydock
