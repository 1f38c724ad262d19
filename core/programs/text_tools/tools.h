// The text tools' entry points.
#pragma once

#include "core/base/task.h"

namespace drydock {

class Process;

Task<int> base64_main(Process& process);  // base32 too
Task<int> cat_main(Process& process);
Task<int> checksum_main(Process& process);  // md5sum, sha1sum, sha224sum … sha512sum
Task<int> cksum_main(Process& process);
Task<int> cmp_main(Process& process);
Task<int> column_main(Process& process);
Task<int> comm_main(Process& process);
Task<int> cut_main(Process& process);
Task<int> diff_main(Process& process);
Task<int> expand_main(Process& process);
Task<int> fold_main(Process& process);
Task<int> grep_main(Process& process);  // egrep and fgrep too
Task<int> head_main(Process& process);
Task<int> hexdump_main(Process& process);
Task<int> join_main(Process& process);
Task<int> jq_main(Process& process);
Task<int> nl_main(Process& process);
Task<int> od_main(Process& process);
Task<int> paste_main(Process& process);
Task<int> rev_main(Process& process);
Task<int> seq_main(Process& process);
Task<int> shuf_main(Process& process);
Task<int> sort_main(Process& process);
Task<int> split_main(Process& process);
Task<int> tac_main(Process& process);
Task<int> tail_main(Process& process);
Task<int> tee_main(Process& process);
Task<int> tr_main(Process& process);
Task<int> unexpand_main(Process& process);
Task<int> uniq_main(Process& process);
Task<int> wc_main(Process& process);
Task<int> xxd_main(Process& process);

}  // namespace drydock
