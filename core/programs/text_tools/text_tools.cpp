#include "core/programs/text_tools/text_tools.h"

#include "core/host/program.h"
#include "core/programs/text_tools/awk/awk.h"
#include "core/programs/text_tools/sed/sed.h"
#include "core/programs/text_tools/tools.h"

namespace drydock {

void register_text_tools(ProgramRegistry& programs) {
  programs.add("awk", awk_main);
  programs.add("gawk", awk_main);
  programs.add("sed", sed_main);
  programs.add("cat", cat_main);
  programs.add("cut", cut_main);
  programs.add("egrep", grep_main);
  programs.add("fgrep", grep_main);
  programs.add("grep", grep_main);
  programs.add("head", head_main);
  programs.add("diff", diff_main);
  programs.add("jq", jq_main);
  programs.add("rev", rev_main);
  programs.add("sha256sum", checksum_main);
  programs.add("sort", sort_main);
  programs.add("tac", tac_main);
  programs.add("tail", tail_main);
  programs.add("tee", tee_main);
  programs.add("uniq", uniq_main);
  programs.add("wc", wc_main);
}

}  // namespace drydock
