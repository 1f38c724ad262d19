// awk: the POSIX language with what people use of gawk's.
#pragma once

#include "core/base/task.h"

namespace drydock {

class Process;

Task<int> awk_main(Process& process);

}  // namespace drydock
