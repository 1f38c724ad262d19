// Full-screen programs and what goes with them: vi, nano, less, more, man, top,
// watch, clear, reset, tput.
#pragma once

#include "core/base/task.h"

namespace drydock {

class Process;
class ProgramRegistry;

void register_screen_programs(ProgramRegistry& programs);

namespace screen {

Task<int> vi_main(Process& process);
Task<int> nano_main(Process& process);
Task<int> less_main(Process& process);
Task<int> man_main(Process& process);
Task<int> top_main(Process& process);
Task<int> watch_main(Process& process);
Task<int> clear_main(Process& process);
Task<int> tput_main(Process& process);

}  // namespace screen
}  // namespace drydock
