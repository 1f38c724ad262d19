#include "core/host/file_system.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/directory_behaviour.h"

namespace drydock {
namespace {

constexpr int kMaxSymlinks = 40;  // as Linux' MAXSYMLINKS

}  // namespace

// --- paths ---

std::string normalize_path(std::string_view path) {
  std::string kept;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(part.size() + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..")
      kept.resize(kept.empty() ? 0 : kept.rfind('/'));
    else
      kept.append("/").append(part);
  }
  return kept.empty() ? "/" : kept;
}

std::string join_path(std::string_view directory, std::string_view path) {
  if (!path.empty() && path.front() == '/') return normalize_path(path);
  std::string joined(directory);
  joined += '/';
  joined += path;
  return normalize_path(joined);
}

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view directory_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

// --- inodes ---

InodePtr Inode::make(FileType type, std::uint32_t mode, std::uint32_t uid, std::uint32_t gid, TimePoint now) {
  auto inode = std::make_shared<Inode>();
  inode->type = type;
  inode->mode = mode;
  inode->uid = uid;
  inode->gid = gid;
  inode->modified = inode->accessed = inode->changed = now;
  return inode;
}

InodePtr Inode::over(ConstInodePtr lower) {
  auto inode = std::make_shared<Inode>();
  inode->type = lower->type;
  inode->mode = lower->mode;
  inode->uid = lower->uid;
  inode->gid = lower->gid;
  inode->modified = lower->modified;
  inode->accessed = lower->accessed;
  inode->changed = lower->changed;
  inode->behaviour = lower->behaviour;
  (void)lower->content();
  inode->content_ = lower->content_;
  if (lower->type == FileType::kDirectory) inode->lower_ = std::move(lower);
  return inode;
}

const std::string& Inode::content() const {
  static const std::string kEmpty;
  if (make_content_) {
    const auto make = std::move(make_content_);
    content_ = std::make_shared<const std::string>((*make)());
  }
  return content_ ? *content_ : kEmpty;
}

std::string Inode::read() const {
  if (!behaviour) return content();
  return behaviour->read ? behaviour->read() : std::string();
}

void Inode::set_deferred_content(std::function<std::string()> make, TimePoint now) {
  set_content({}, now);
  make_content_ = std::make_unique<std::function<std::string()>>(std::move(make));
}

void Inode::touched(TimePoint now) {
  modified = changed = now;
  ++version;
}

void Inode::set_content(std::string bytes, TimePoint now) {
  make_content_ = nullptr;
  content_ = bytes.empty() ? nullptr : std::make_shared<const std::string>(std::move(bytes));
  touched(now);
}

void Inode::append(std::string_view bytes, TimePoint now) {
  const std::string& before = content();
  if (content_ && content_.use_count() == 1) {
    // Nobody else holds these bytes: grow them in place, so that logs cost what is added.
    const_cast<std::string&>(*content_).append(bytes);
  } else {
    auto grown = std::make_shared<std::string>(before);
    grown->append(bytes);
    content_ = std::move(grown);
  }
  touched(now);
}

std::vector<Inode::Entry>::const_iterator Inode::place(std::string_view name) const {
  return std::lower_bound(children_.begin(), children_.end(), name,
                          [](const Entry& entry, std::string_view wanted) { return entry.first < wanted; });
}

void Inode::set_entry(std::string name, InodePtr inode) {
  const auto at = place(name);
  if (at != children_.end() && at->first == name)
    children_[static_cast<std::size_t>(at - children_.begin())].second = std::move(inode);
  else
    children_.emplace(at, std::move(name), std::move(inode));
}

InodePtr Inode::child(std::string_view name) {
  const auto at = place(name);
  if (at != children_.end() && at->first == name) return at->second;
  if (lower_) {
    if (ConstInodePtr below = lower_->child(name)) {
      InodePtr mine = over(std::move(below));
      children_.emplace(at, std::string(name), mine);
      return mine;
    }
  }
  if (behaviour && behaviour->lookup) return behaviour->lookup(name);
  return nullptr;
}

ConstInodePtr Inode::child(std::string_view name) const {
  const auto at = place(name);
  if (at != children_.end() && at->first == name) return at->second;
  if (lower_) {
    if (ConstInodePtr below = lower_->child(name)) return below;
  }
  if (behaviour && behaviour->lookup) return behaviour->lookup(name);
  return nullptr;
}

std::vector<std::string> Inode::names() const {
  std::vector<std::string> all;
  if (lower_) all = lower_->names();
  for (const auto& [name, inode] : children_) {
    const auto at = std::lower_bound(all.begin(), all.end(), name);
    const bool listed = at != all.end() && *at == name;
    if (inode && !listed) all.insert(at, name);
    if (!inode && listed) all.erase(at);
  }
  if (behaviour && behaviour->list) {
    for (std::string& name : behaviour->list()) all.push_back(std::move(name));
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
  }
  return all;
}

void Inode::put_child(std::string name, InodePtr inode, TimePoint now) {
  if (const DirectoryBehaviour* elsewhere = DirectoryBehaviour::of(*this)) return elsewhere->put(name, *inode);
  set_entry(std::move(name), std::move(inode));
  touched(now);
}

bool Inode::remove_child(std::string_view name, TimePoint now) {
  if (const DirectoryBehaviour* elsewhere = DirectoryBehaviour::of(*this)) return elsewhere->remove(name);
  if (!std::as_const(*this).child(name)) return false;
  if (lower_ && lower_->child(name))
    set_entry(std::string(name), nullptr);
  else if (const auto at = place(name); at != children_.end() && at->first == name)
    children_.erase(at);
  touched(now);
  return true;
}

std::size_t Inode::size() const {
  if (type == FileType::kDirectory) return 4096;
  if (behaviour) return 0;
  return content().size();
}

void Inode::hash(Hash64& hash) const {
  hash.add(static_cast<int>(type));
  hash.add(mode);
  hash.add(uid);
  hash.add(gid);
  if (behaviour) {  // devices and /proc have no content of their own
    if (behaviour->hash) behaviour->hash(hash);
    return;
  }
  if (type != FileType::kDirectory) {
    hash.add(content());
    return;
  }
  // What was never touched lives in the image, whose content the seed fixes.
  for (const auto& [name, inode] : children_) {
    hash.add(name);
    if (inode) inode->hash(hash);
  }
}

// --- file systems ---

FileStat FileSystem::stat_of(const Inode& inode) {
  return {inode.type,  inode.mode,     inode.uid,      inode.gid,     inode.size(),
          inode.links, inode.modified, inode.accessed, inode.changed, inode.number};
}

std::uint64_t FileSystem::number_of(Inode& inode) {
  if (inode.number == 0) inode.number = next_number_++;
  return inode.number;
}

const Mount* FileSystem::mounted_at(std::string_view real_path) const {
  for (auto mount = mounts_.rbegin(); mount != mounts_.rend(); ++mount) {
    if (mount->path == real_path) return &*mount;
  }
  return nullptr;
}

template <class Node>
SysResult<FileSystem::Walk<Node>> FileSystem::walk(std::string_view path, bool follow_last, int depth) const {
  if (depth > kMaxSymlinks) return Errno::kLoop;
  Walk<Node> at{root_, "/", false};
  if (const Mount* mount = mounted_at("/")) at = {mount->root, "/", mount->read_only};
  const bool wants_directory = !path.empty() && path.back() == '/';
  // The next name on the path; empty behind the last.
  const auto take_name = [&path] {
    for (;;) {
      path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
      const std::string_view name = path.substr(0, path.find('/'));
      path.remove_prefix(name.size());
      if (name != ".") return name;
    }
  };
  std::string_view following;
  for (std::string_view name = take_name(); !name.empty(); name = following) {
    following = take_name();
    if (at.inode->type != FileType::kDirectory) return Errno::kNotDir;
    if (name == "..") {
      // ".." of a real path; the walk so far had no symlinks left in it.
      DRYDOCK_TRY(at, walk<Node>(directory_name(at.real), true, depth + 1));
      continue;
    }
    std::shared_ptr<Node> next = at.inode->child(name);
    const std::size_t parent_length = at.real.size();
    if (parent_length > 1) at.real += '/';
    at.real += name;
    bool read_only = at.read_only;
    if (const Mount* mount = mounted_at(at.real)) {
      next = mount->root;
      read_only = mount->read_only;
    }
    if (!next) return Errno::kNoEnt;
    if (next->type == FileType::kSymlink && (!following.empty() || follow_last || wants_directory)) {
      std::string target = next->content();
      if (target.empty() && next->behaviour && next->behaviour->read) target = next->behaviour->read();
      std::string onward = target.starts_with("/") ? target : at.real.substr(0, parent_length) + "/" + target;
      if (!following.empty())
        onward.append("/").append(following).append(path);
      else if (wants_directory)
        onward += '/';
      return walk<Node>(onward, follow_last, depth + 1);
    }
    at.inode = std::move(next);
    at.read_only = read_only;
  }
  if (wants_directory && at.inode->type != FileType::kDirectory) return Errno::kNotDir;
  return at;
}

SysResult<ConstInodePtr> FileSystem::look(std::string_view path, bool follow_last) const {
  DRYDOCK_TRY(Walk<const Inode> at, walk<const Inode>(path, follow_last));
  return std::move(at.inode);
}

SysResult<InodePtr> FileSystem::resolve(std::string_view path, bool follow_last) const {
  DRYDOCK_TRY(Walk<Inode> at, walk<Inode>(path, follow_last));
  return std::move(at.inode);
}

SysResult<std::string> FileSystem::real_path(std::string_view path) const {
  DRYDOCK_TRY(Walk<const Inode> at, walk<const Inode>(path, true));
  return std::move(at.real);
}

bool FileSystem::read_only(std::string_view path) const {
  const auto at = walk<const Inode>(path, true);
  return at.ok() && at->read_only;
}

SysResult<FileSystem::Parent> FileSystem::resolve_parent(std::string_view path) const {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  if (path == "/") return Errno::kExist;
  DRYDOCK_TRY(Walk<Inode> at, walk<Inode>(directory_name(path), true));
  if (at.inode->type != FileType::kDirectory) return Errno::kNotDir;
  return Parent{at.inode, std::string(base_name(path)), at.read_only};
}

SysResult<void> FileSystem::mount(Mount mount, TimePoint now) {
  mount.path = normalize_path(mount.path);
  if (!exists(mount.path)) {
    if (mount.root->type == FileType::kDirectory) {
      DRYDOCK_TRY_VOID(make_directories(mount.path, now));
    } else {
      DRYDOCK_TRY_VOID(make_directories(directory_name(mount.path), now));
      DRYDOCK_TRY_VOID(write_file(mount.path, "", now));
    }
  }
  DRYDOCK_TRY(mount.path, real_path(mount.path));
  mounts_.push_back(std::move(mount));
  return {};
}

bool FileSystem::unmount(std::string_view path) {
  const std::string wanted = normalize_path(path);
  for (auto at = mounts_.end(); at != mounts_.begin();) {
    --at;
    if (at->path == wanted) {
      mounts_.erase(at);
      return true;
    }
  }
  return false;
}

SysResult<std::string> FileSystem::read_file(std::string_view path) const {
  DRYDOCK_TRY(ConstInodePtr inode, look(path));
  if (inode->type == FileType::kDirectory) return Errno::kIsDir;
  return inode->read();
}

SysResult<void> FileSystem::write_file(std::string_view path, std::string content, TimePoint now, std::uint32_t mode) {
  auto existing = resolve(path);
  if (existing) {
    if ((*existing)->type == FileType::kDirectory) return Errno::kIsDir;
    if ((*existing)->behaviour)
      return (*existing)->behaviour->write ? (*existing)->behaviour->write(content) : SysResult<void>();
    (*existing)->set_content(std::move(content), now);
    return {};
  }
  DRYDOCK_TRY(Parent parent, resolve_parent(path));
  InodePtr inode = Inode::make(FileType::kRegular, mode, 0, 0, now);
  inode->set_content(std::move(content), now);
  parent.directory->put_child(parent.name, std::move(inode), now);
  return {};
}

SysResult<void> FileSystem::make_directories(std::string_view path, TimePoint now, std::uint32_t mode) {
  const std::string whole = normalize_path(path);
  const auto existing = look(whole);
  if (existing) return (*existing)->type == FileType::kDirectory ? SysResult<void>() : Errno::kNotDir;
  if (existing.error() != Errno::kNoEnt) return existing.error();
  DRYDOCK_TRY_VOID(make_directories(directory_name(whole), now, mode));
  DRYDOCK_TRY(Parent parent, resolve_parent(whole));
  parent.directory->put_child(parent.name, Inode::make(FileType::kDirectory, mode, 0, 0, now), now);
  return {};
}

SysResult<void> FileSystem::remove_tree(std::string_view path, TimePoint now) {
  DRYDOCK_TRY(Parent parent, resolve_parent(path));
  if (!parent.directory->remove_child(parent.name, now)) return Errno::kNoEnt;
  return {};
}

SysResult<std::vector<std::string>> FileSystem::list(std::string_view path) const {
  DRYDOCK_TRY(Walk<const Inode> at, walk<const Inode>(path, true));
  if (at.inode->type != FileType::kDirectory) return Errno::kNotDir;
  return at.inode->names();
}

}  // namespace drydock
