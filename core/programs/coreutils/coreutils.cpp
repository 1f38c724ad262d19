#include "core/programs/coreutils/coreutils.h"

#include "core/programs/coreutils/programs.h"

namespace drydock {

void register_coreutils(ProgramRegistry& programs) {
  register_listing(programs);
  register_copying(programs);
  register_removing(programs);
  register_making(programs);
  register_ownership(programs);
  register_find(programs);
  register_paths(programs);
  register_running(programs);
  register_xargs(programs);
  register_dates(programs);
  register_expressions(programs);
  register_disk(programs);
  register_machine(programs);
  register_identity(programs);
}

}  // namespace drydock
