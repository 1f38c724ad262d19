// The files of a virtual machine or container.
//
// Inodes are shared objects with identity (hard links, open files). A container's
// root is laid over its image's root: what is only read (look) is shared with every
// other container of that image; what may be changed (resolve) is copied first.
// Paths here are absolute and already joined with a working directory; Process
// does that, and the permission checks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/hash.h"
#include "core/base/sys_result.h"

namespace drydock {

enum class FileType : std::uint8_t { kRegular, kDirectory, kSymlink, kFifo, kCharDevice, kSocket };

class Inode;
using InodePtr = std::shared_ptr<Inode>;
using ConstInodePtr = std::shared_ptr<const Inode>;

// What a device or a /proc file answers. Reads give the whole content at once.
// Derived types carry state of their own (the database file of a virtual etcd) and
// set `kind`, the address of a constant of theirs, so that they know their own again.
struct FileBehaviour {
  virtual ~FileBehaviour() = default;
  const void* kind = nullptr;
  std::function<std::string()> read;                       // null: reads end at once
  std::function<SysResult<void>(std::string_view)> write;  // null: writes are swallowed
  std::function<std::vector<std::string>()> list;          // directories: extra names
  std::function<InodePtr(std::string_view)> lookup;        // directories: extra entries
  std::function<void(Hash64&)> hash;                       // state behind the file, for state_hash()
};

class Inode {
 public:
  static InodePtr make(FileType type, std::uint32_t mode, std::uint32_t uid, std::uint32_t gid, TimePoint now);
  // A copy-on-write view of a frozen inode (an image's file or directory).
  static InodePtr over(ConstInodePtr lower);

  FileType type = FileType::kRegular;
  std::uint32_t mode = 0644;  // permission bits only
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  TimePoint modified{};
  TimePoint accessed{};      // set by touch and at creation only: file systems are mounted noatime
  TimePoint changed{};       // content, mode, owner or links
  std::uint64_t number = 0;  // "inode number"; 0 until somebody asks, see FileSystem::number_of
  std::uint32_t links = 1;
  std::uint64_t version = 0;  // grows with every change of content: what tail -f and log followers look at

  // Regular files and symlinks (the target). Shared with other inodes until written.
  const std::string& content() const;
  // The content, or what the behaviour answers.
  std::string read() const;
  void set_content(std::string bytes, TimePoint now);
  // Content that is made when somebody first reads it.
  void set_deferred_content(std::function<std::string()> make, TimePoint now);
  void append(std::string_view bytes, TimePoint now);
  // Directories: entries by name, lower ones included: to change, or only to read.
  InodePtr child(std::string_view name);
  ConstInodePtr child(std::string_view name) const;
  std::vector<std::string> names() const;  // sorted
  void put_child(std::string name, InodePtr inode, TimePoint now);
  bool remove_child(std::string_view name, TimePoint now);
  bool empty_directory() const { return names().empty(); }

  // Devices, /proc: set once after make().
  std::shared_ptr<const FileBehaviour> behaviour;

  std::size_t size() const;
  // Order-sensitive over the whole tree below this inode.
  void hash(Hash64& hash) const;

 private:
  using Entry = std::pair<std::string, InodePtr>;
  // Where the entry of that name is, or would be.
  std::vector<Entry>::const_iterator place(std::string_view name) const;
  void set_entry(std::string name, InodePtr inode);
  void touched(TimePoint now);

  ConstInodePtr lower_;
  mutable std::shared_ptr<const std::string> content_;                  // null: empty
  mutable std::unique_ptr<std::function<std::string()>> make_content_;  // until it is first read
  // By name. nullptr: the lower entry of that name is deleted.
  std::vector<Entry> children_;
};

struct FileStat {
  FileType type = FileType::kRegular;
  std::uint32_t mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t size = 0;
  std::uint32_t links = 1;
  TimePoint modified{};
  TimePoint accessed{};
  TimePoint changed{};
  std::uint64_t number = 0;  // of the inode; filled by Process::stat
};

struct Mount {
  std::string path;    // "/etc/config"
  std::string source;  // as `mount` prints it: "tmpfs", "/dev/vda1"
  std::string type;    // "tmpfs", "ext4", "overlay", "proc"
  InodePtr root;       // a directory, or a file for bind-mounted files
  bool read_only = false;
};

// A mount namespace: a root directory and what is mounted over it.
class FileSystem {
 public:
  explicit FileSystem(InodePtr root) : root_(std::move(root)) {}
  const InodePtr& root() const { return root_; }

  // Mounts over an existing path (created if missing: directory or file as `root` is).
  SysResult<void> mount(Mount mount, TimePoint now);
  bool unmount(std::string_view path);
  const std::vector<Mount>& mounts() const { return mounts_; }

  // Walks symlinks and mounts; ENOENT, ENOTDIR, ELOOP (40 links). What look() finds may
  // belong to the image; what resolve() finds is this file system's own.
  SysResult<ConstInodePtr> look(std::string_view path, bool follow_last = true) const;
  SysResult<InodePtr> resolve(std::string_view path, bool follow_last = true) const;
  // The parent directory and last name of a path that need not exist.
  struct Parent {
    InodePtr directory;
    std::string name;
    bool read_only = false;
  };
  SysResult<Parent> resolve_parent(std::string_view path) const;
  SysResult<std::string> real_path(std::string_view path) const;
  bool read_only(std::string_view path) const;

  // Whole-file helpers for code that runs with root's rights (kubelet, runtime, set-up).
  SysResult<std::string> read_file(std::string_view path) const;
  SysResult<void> write_file(std::string_view path, std::string content, TimePoint now, std::uint32_t mode = 0644);
  SysResult<void> make_directories(std::string_view path, TimePoint now, std::uint32_t mode = 0755);
  SysResult<void> remove_tree(std::string_view path, TimePoint now);
  SysResult<std::vector<std::string>> list(std::string_view path) const;
  bool exists(std::string_view path) const { return look(path).ok(); }
  static FileStat stat_of(const Inode& inode);
  // Inode numbers are given out in the order in which they are asked for.
  std::uint64_t number_of(Inode& inode);

 private:
  // Node is Inode (to change) or const Inode.
  template <class Node>
  struct Walk {
    std::shared_ptr<Node> inode;
    std::string real;
    bool read_only = false;
  };
  template <class Node>
  SysResult<Walk<Node>> walk(std::string_view path, bool follow_last, int depth = 0) const;
  const Mount* mounted_at(std::string_view real_path) const;

  InodePtr root_;
  std::vector<Mount> mounts_;
  std::uint64_t next_number_ = 131073;
};

// "/a/b" + "../c" -> "/a/c"; purely textual for "." and "..".
std::string join_path(std::string_view directory, std::string_view path);
std::string normalize_path(std::string_view path);
std::string_view base_name(std::string_view path);
std::string_view directory_name(std::string_view path);

}  // namespace drydock
