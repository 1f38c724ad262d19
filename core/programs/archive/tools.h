// The archive programs' entry points.
#pragma once

#include "core/base/task.h"

namespace drydock {

class Process;

Task<int> tar_main(Process& process);
Task<int> gzip_main(Process& process);  // gunzip and zcat too

}  // namespace drydock
