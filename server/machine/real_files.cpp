#include "server/machine/real_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <map>

#include "core/base/strings.h"
#include "core/host/directory_behaviour.h"

namespace drydock::server {
namespace {

constexpr std::size_t kPiece = 64 * 1024;

std::string child_path(const std::string& folder, std::string_view name) {
  return (folder == "/" ? "/" : folder + "/") + std::string(name);
}

TimePoint time_of(const timespec& time) { return TimePoint(seconds(time.tv_sec) + nanoseconds(time.tv_nsec)); }

SysResult<std::string> read_whole(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno_of(errno);
  std::string content;
  for (;;) {
    const std::size_t before = content.size();
    content.resize(before + kPiece);
    const ssize_t count = ::read(file, content.data() + before, kPiece);
    content.resize(before + static_cast<std::size_t>(count > 0 ? count : 0));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
  }
  ::close(file);
  return content;
}

SysResult<void> write_whole(const std::string& path, std::string_view bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  if (file < 0) return errno_of(errno);
  SysResult<void> result;
  while (!bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      result = errno_of(errno);
      break;
    }
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  ::close(file);
  return result;
}

std::shared_ptr<const FileBehaviour> file_behaviour(const std::string& path) {
  auto behaviour = std::make_shared<FileBehaviour>();
  behaviour->read = [path] { return read_whole(path).value_or(""); };
  behaviour->write = [path](std::string_view bytes) { return write_whole(path, bytes); };
  return behaviour;
}

// Whatever is done with the file fails so.
std::shared_ptr<const FileBehaviour> failing(int error) {
  auto behaviour = std::make_shared<FileBehaviour>();
  behaviour->write = [error](std::string_view) { return SysResult<void>(errno_of(error)); };
  return behaviour;
}

std::string link_target(const std::string& path) {
  std::string target(4096, '\0');
  const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
  target.resize(static_cast<std::size_t>(size > 0 ? size : 0));
  return target;
}

// The inode of what is there, or null.
InodePtr real_inode(const std::string& path);

std::shared_ptr<const FileBehaviour> directory_behaviour(const std::string& path) {
  auto behaviour = std::make_shared<DirectoryBehaviour>();
  behaviour->list = [path] {
    std::vector<std::string> names;
    DIR* folder = ::opendir(path.c_str());
    if (folder == nullptr) return names;
    while (const dirent* entry = ::readdir(folder)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    ::closedir(folder);
    return names;
  };
  // Two looks at one name give one inode as long as somebody holds it.
  auto held = std::make_shared<std::map<std::string, std::weak_ptr<Inode>, std::less<>>>();
  behaviour->lookup = [path, held](std::string_view name) -> InodePtr {
    InodePtr now = real_inode(child_path(path, name));
    std::weak_ptr<Inode>& before = (*held)[std::string(name)];
    InodePtr kept = before.lock();
    if (now && kept && kept->type == now->type) {
      kept->mode = now->mode;
      kept->modified = now->modified;
      return kept;
    }
    before = now;
    return now;
  };
  behaviour->put = [path, held](const std::string& name, Inode& inode) {
    const std::string target = child_path(path, name);
    int failed = 0;
    if (inode.type == FileType::kDirectory) {
      failed = ::mkdir(target.c_str(), inode.mode);
      if (failed == 0) inode.behaviour = directory_behaviour(target);
    } else if (inode.type == FileType::kSymlink) {
      failed = ::symlink(inode.content().c_str(), target.c_str());
    } else {
      // A file that was elsewhere before (rename) brings its content along.
      const std::string content = inode.read();
      const int file = ::open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, inode.mode);
      failed = file < 0 ? -1 : 0;
      if (file >= 0) ::close(file);
      if (failed == 0) {
        inode.behaviour = file_behaviour(target);
        if (!content.empty()) (void)write_whole(target, content);
      }
    }
    if (failed != 0) inode.behaviour = failing(errno);
    held->erase(name);
  };
  behaviour->remove = [path, held](std::string_view name) {
    const std::string target = child_path(path, name);
    held->erase(std::string(name));
    return ::unlink(target.c_str()) == 0 || ::rmdir(target.c_str()) == 0;
  };
  return behaviour;
}

InodePtr real_inode(const std::string& path) {
  struct stat facts = {};
  if (::lstat(path.c_str(), &facts) != 0) return nullptr;
  std::string target;
  if (S_ISLNK(facts.st_mode)) {
    target = link_target(path);
    // /proc/N/fd/M of a pipe or socket: there is no path behind it.
    const bool magic = contains(target, ":[") && !target.starts_with("/");
    if (magic && ::stat(path.c_str(), &facts) != 0) return nullptr;
  }
  const FileType type = S_ISDIR(facts.st_mode)    ? FileType::kDirectory
                        : S_ISLNK(facts.st_mode)  ? FileType::kSymlink
                        : S_ISFIFO(facts.st_mode) ? FileType::kFifo
                        : S_ISCHR(facts.st_mode)  ? FileType::kCharDevice
                        : S_ISSOCK(facts.st_mode) ? FileType::kSocket
                                                  : FileType::kRegular;
  InodePtr inode = Inode::make(type, facts.st_mode & 07777, facts.st_uid, facts.st_gid, time_of(facts.st_mtim));
  inode->number = facts.st_ino;
  inode->links = static_cast<std::uint32_t>(facts.st_nlink);
  if (type == FileType::kDirectory)
    inode->behaviour = directory_behaviour(path);
  else if (type == FileType::kSymlink)
    inode->set_content(std::move(target), inode->modified);
  else
    inode->behaviour = file_behaviour(path);
  return inode;
}

}  // namespace

Errno errno_of(int error) { return static_cast<Errno>(error); }

InodePtr real_directory(std::string path) {
  InodePtr inode = real_inode(path);
  if (!inode) inode = Inode::make(FileType::kDirectory, 0, 0, 0, TimePoint{});
  return inode;
}

}  // namespace drydock::server
