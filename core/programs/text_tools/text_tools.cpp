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
  programs.add("base32", base64_main);
  programs.add("base64", base64_main);
  programs.add("cat", cat_main);
  programs.add("cut", cut_main);
  programs.add("egrep", grep_main);
  programs.add("fgrep", grep_main);
  programs.add("grep", grep_main);
  programs.add("head", head_main);
  programs.add("diff", diff_main);
  programs.add("jq", jq_main);
  programs.add("rev", rev_main);
  programs.add("seq", seq_main);
  programs.add("sort", sort_main);
  programs.add("tac", tac_main);
  programs.add("tail", tail_main);
  programs.add("tee", tee_main);
  programs.add("tr", tr_main);
  programs.add("uniq", uniq_main);
  programs.add("wc", wc_main);
  programs.add("md5sum", checksum_main);
  programs.add("sha1sum", checksum_main);
  programs.add("sha224sum", checksum_main);
  programs.add("sha256sum", checksum_main);
  programs.add("sha384sum", checksum_main);
  programs.add("sha512sum", checksum_main);
  programs.add("hd", hexdump_main);
  programs.add("cksum", cksum_main);
  programs.add("cmp", cmp_main);
  programs.add("column", column_main);
  programs.add("comm", comm_main);
  programs.add("expand", expand_main);
  programs.add("fold", fold_main);
  programs.add("hexdump", hexdump_main);
  programs.add("join", join_main);
  programs.add("nl", nl_main);
  programs.add("od", od_main);
  programs.add("paste", paste_main);
  programs.add("shuf", shuf_main);
  programs.add("split", split_main);
  programs.add("unexpand", unexpand_main);
  programs.add("xxd", xxd_main);
}

}  // namespace drydock
