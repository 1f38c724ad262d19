// The text tools' entry points.
#pragma once

#include "core/base/task.h"

namespace drydock {

class Process;

Task<int> cat_main(Process& process);
Task<int> cut_main(Process& process);
Task<int> grep_main(Process& process);  // egrep and fgrep too
Task<int> head_main(Process& process);
Task<int> diff_main(Process& process);
Task<int> jq_main(Process& process);
Task<int> rev_main(Process& process);
Task<int> checksum_main(Process& process);  // sha256sum
Task<int> sort_main(Process& process);
Task<int> tac_main(Process& process);
Task<int> tail_main(Process& process);
Task<int> tee_main(Process& process);
Task<int> uniq_main(Process& process);
Task<int> wc_main(Process& process);

}  // namespace drydock
