#include "core/programs/archive/archive.h"

#include "core/host/program.h"
#include "core/programs/archive/tools.h"

namespace drydock {

void register_archive(ProgramRegistry& programs) {
  programs.add("tar", tar_main);
  programs.add("gzip", gzip_main);
  programs.add("gunzip", gzip_main);
  programs.add("zcat", gzip_main);
}

}  // namespace drydock
