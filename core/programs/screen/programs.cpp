#include "core/programs/screen/programs.h"

#include "core/host/program.h"

namespace drydock {

void register_screen_programs(ProgramRegistry& programs) {
  using namespace screen;
  for (const char* name : {"vi", "vim", "view"}) programs.add(name, vi_main);
  programs.add("nano", nano_main);
  for (const char* name : {"less", "more"}) programs.add(name, less_main);
  for (const char* name : {"man", "apropos", "whatis"}) programs.add(name, man_main);
  programs.add("top", top_main);
  programs.add("watch", watch_main);
  for (const char* name : {"clear", "reset"}) programs.add(name, clear_main);
  programs.add("tput", tput_main);
}

}  // namespace drydock
