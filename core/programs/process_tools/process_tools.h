// Programs about processes and sessions: ps; pgrep, pkill, pidof, killall, kill; who, w, users.
#pragma once

namespace drydock {

class ProgramRegistry;

void register_ps(ProgramRegistry& programs);
void register_signalling(ProgramRegistry& programs);
void register_process_tools(ProgramRegistry& programs);

}  // namespace drydock
