// The shells: bash, sh, ash, dash, as one interpreter under several names.
#pragma once

namespace drydock {

class ProgramRegistry;

void register_shell_programs(ProgramRegistry& programs);

}  // namespace drydock
