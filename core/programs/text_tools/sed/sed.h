// sed: the stream editor.
#pragma once

#include "core/base/task.h"

namespace drydock {

class Process;

Task<int> sed_main(Process& process);

}  // namespace drydock
