// The everyday commands.
#pragma once

namespace drydock {

class ProgramRegistry;

void register_coreutils(ProgramRegistry& programs);

}  // namespace drydock
