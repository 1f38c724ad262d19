// The files of the machine that this program runs on, as a directory that can be
// mounted into a virtual file system: `drydock kubectl` reads manifests and writes
// ~/.kube through it, by the same calls as on a virtual host.
//
// Nothing is kept: each look asks the real file system again, so that what an editor
// or a plugin has written is seen. Modes and owners are the real ones, so that the
// virtual process' permission checks come out as the machine's would.
#pragma once

#include <string>

#include "core/host/file_system.h"

namespace drydock::server {

InodePtr real_directory(std::string path);

// The virtual Errno of the C library's; the two number alike.
Errno errno_of(int error);

}  // namespace drydock::server
