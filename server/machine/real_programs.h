// Programs of the machine that this program runs on, as programs of a virtual host:
// editors and plugins that `drydock kubectl` starts. They get the process' arguments,
// environment and directory, and its descriptors 0, 1 and 2 where those are real ones;
// others are read to the end first, or collected.
#pragma once

#include "core/host/program.h"
#include "server/io/real_time.h"

namespace drydock::server {

// Attached to the host whose programs are real ones.
struct RealPrograms {
  RealTime* driver = nullptr;
};

void register_real_programs(ProgramRegistry& programs);

}  // namespace drydock::server
