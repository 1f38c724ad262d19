// systemctl and journalctl: a machine's services and their logs.
#pragma once

namespace drydock {

class ProgramRegistry;

void register_system_programs(ProgramRegistry& programs);

}  // namespace drydock
