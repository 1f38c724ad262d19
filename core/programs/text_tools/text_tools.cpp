#include "core/programs/text_tools/text_tools.h"

#include "core/host/program.h"
#include "core/programs/text_tools/awk/awk.h"
#include "core/programs/text_tools/sed/sed.h"

namespace drydock {

void register_text_tools(ProgramRegistry& programs) {
  programs.add("awk", awk_main);
  programs.add("gawk", awk_main);
  programs.add("sed", sed_main);
}

}  // namespace drydock
