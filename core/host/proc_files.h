// /proc of a machine or container: meminfo, cpuinfo, mounts … and one directory for
// each process of a pid namespace. Everything is made when somebody looks, so that a
// container's /proc costs one inode.
//
// /proc/self is the business of Process, which alone knows who asks.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/host/process.h"

namespace drydock {

class FileSystem;
class Host;

// What uname -v and /proc/version say of the kernel's build.
constexpr std::string_view kKernelBuild = "#1 SMP Mon Nov 4 10:11:12 UTC 2019";

// Makes /proc generate them in `files`. `pids`: the container's processes; null: the host's.
void add_proc_files(Host& host, const std::shared_ptr<FileSystem>& files, const std::shared_ptr<PidNamespace>& pids);

// /proc/mounts: the root, then what is mounted over it.
std::string mounts_text(const FileSystem& files, bool container);

}  // namespace drydock
