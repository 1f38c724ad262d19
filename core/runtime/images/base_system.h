// The files of base systems: busybox, Alpine, Debian, Ubuntu, CentOS.
#pragma once

#include <string_view>

#include "core/host/file_system.h"
#include "core/runtime/images/recipe.h"

namespace drydock {

// Lays out directories, users, shells and tools. `version` is the image's own
// version when the image is the system itself, else "".
void fill_base_system(FileSystem& files, ImageBase base, std::string_view version, TimePoint now);
// Adds an executable that runs `program`, with its directory.
void add_program(FileSystem& files, std::string_view path, std::string_view program, std::string_view version,
                 TimePoint now);
void add_symlink(FileSystem& files, std::string_view target, std::string_view path, TimePoint now);

}  // namespace drydock
