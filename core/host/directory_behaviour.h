// DirectoryBehaviour: a directory whose entries live elsewhere: what is put into it or
// taken away goes there at once (the real files that `drydock kubectl` sees). `list` and
// `lookup` of FileBehaviour tell what is there.
#pragma once

#include "core/host/file_system.h"

namespace drydock {

struct DirectoryBehaviour : FileBehaviour {
  DirectoryBehaviour() { kind = &kKind; }
  static inline const char kKind = 0;
  static const DirectoryBehaviour* of(const Inode& inode) {
    const bool ours = inode.behaviour && inode.behaviour->kind == &kKind;
    return ours ? static_cast<const DirectoryBehaviour*>(inode.behaviour.get()) : nullptr;
  }
  // A new entry; gives the inode the behaviour that reads and writes it from now on.
  std::function<void(const std::string& name, Inode& inode)> put;
  std::function<bool(std::string_view name)> remove;
};

}  // namespace drydock
