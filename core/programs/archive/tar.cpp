// tar, as GNU's: create, extract, list, append and update, with gzip inside.
#include <algorithm>
#include <map>
#include <set>

#include "core/base/strings.h"
#include "core/programs/archive/gzip_format.h"
#include "core/programs/archive/tar_flags.h"
#include "core/programs/archive/tar_format.h"
#include "core/programs/archive/tools.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/text_tools/streams.h"

namespace drydock {
namespace {

class Tar {
 public:
  Tar(Process& process, const CommandFlags& flags) : p_(process), flags_(flags) {
    mode_ = flags.last_of("c r t u x");
    archive_ = flags.value("f", "-");
    verbose_ = 0;
    for (const CommandFlags::Given& given : flags.given()) verbose_ += given.name == "v" ? 1 : 0;
    excludes_ = flags.values("exclude");
    operands_ = flags.operands();
    gzip_ = flags.has("z") || (flags.has("a") && (archive_.ends_with(".gz") || archive_.ends_with(".tgz")));
  }

  Task<int> run() {
    for (const std::string& path : flags_.values("X")) {
      const auto text = p_.read_file(path);
      if (!text) co_return co_await give_up(path + ": Cannot open: " + std::string(errno_text(text.error())));
      for (std::string& line : split_lines(*text)) excludes_.push_back(std::move(line));
    }
    for (const std::string& path : flags_.values("T")) {
      const auto text = co_await read_input(p_, path);
      if (!text) co_return co_await give_up(path + ": Cannot open: " + std::string(errno_text(text.error())));
      for (std::string& line : split_lines(*text, flags_.has("null") ? '\0' : '\n')) {
        if (!line.empty()) operands_.push_back(std::move(line));
      }
    }
    if (flags_.has("j") || flags_.has("J")) co_return co_await no_filter(flags_.has("j") ? "bzip2" : "xz");
    if (mode_ == "c" || mode_ == "r" || mode_ == "u") co_return co_await write_archive();
    co_return co_await read_archive();
  }

 private:
  // --- what is said ---

  Task<void> warn(std::string text) { co_await p_.err("tar: " + text + "\n"); }
  Task<void> fail(std::string text) {
    failed_ = true;
    co_await warn(std::move(text));
  }
  Task<int> give_up(std::string text) {
    co_await p_.err("tar: " + text + "\ntar: Error is not recoverable: exiting now\n");
    co_return 2;
  }
  Task<int> no_filter(std::string program) {
    co_await p_.err("tar (child): " + program +
                    ": Cannot exec: No such file or directory\ntar (child): Error is not recoverable: exiting now\n"
                    "tar: Child returned status 2\ntar: Error is not recoverable: exiting now\n");
    co_return 2;
  }
  Task<int> end() {
    if (!failed_) co_return 0;
    co_await p_.err("tar: Exiting with failure status due to previous errors\n");
    co_return 2;
  }

  // A line of `tar tv`. The column of owner and size grows with its widest entry.
  std::string long_line(const TarEntry& entry) {
    FileStat info;
    info.mode = entry.mode;
    info.type = entry.type == TarEntry::kDirectory    ? FileType::kDirectory
                : entry.type == TarEntry::kSymlink    ? FileType::kSymlink
                : entry.type == TarEntry::kCharDevice ? FileType::kCharDevice
                : entry.type == TarEntry::kFifo       ? FileType::kFifo
                                                      : FileType::kRegular;
    std::string mode = mode_text(info);
    if (entry.type == TarEntry::kHardLink) mode[0] = 'h';
    const bool numbers = flags_.has("numeric-owner");
    const std::string owner = (numbers || entry.user.empty() ? std::to_string(entry.uid) : entry.user) + "/" +
                              (numbers || entry.group.empty() ? std::to_string(entry.gid) : entry.group);
    const std::string size = std::to_string(entry.content.size());
    owner_width_ = std::max(owner_width_, owner.size() + 1 + size.size());
    const TimePoint when{seconds(entry.modified)};
    return mode + " " + owner + pad_left(size, owner_width_ - owner.size()) + " " +
           format_time(when, flags_.has("full-time") ? "%Y-%m-%d %H:%M:%S " : "%Y-%m-%d %H:%M ") + entry.name +
           (entry.type == TarEntry::kSymlink    ? " -> " + entry.link
            : entry.type == TarEntry::kHardLink ? " link to " + entry.link
                                                : "") +
           "\n";
  }

  // A pattern meets a name at any of its directories, and takes all below it.
  bool excluded(const std::string& name) const {
    const std::string plain = name.ends_with("/") ? name.substr(0, name.size() - 1) : name;
    for (std::string pattern : excludes_) {
      while (pattern.size() > 1 && pattern.ends_with("/")) pattern.pop_back();
      for (std::size_t begin = 0; begin != std::string::npos;) {
        for (std::size_t end = plain.find('/', begin + 1);; end = plain.find('/', end + 1)) {
          if (matches_pattern(pattern,
                              std::string_view(plain).substr(begin, end == std::string::npos ? end : end - begin)))
            return true;
          if (end == std::string::npos) break;
        }
        const std::size_t slash = plain.find('/', begin);
        begin = slash == std::string::npos ? slash : slash + 1;
      }
    }
    return false;
  }

  // --- writing ---

  Task<int> write_archive() {
    const bool names = std::any_of(operands_.begin(), operands_.end(),
                                   [](const std::string& word) { return word[0] != kDirectoryMark; });
    if (!names && mode_ == "c" && !flags_.has("T")) {
      co_await p_.err(
          "tar: Cowardly refusing to create an empty archive\nTry 'tar --help' or 'tar --usage' for more "
          "information.\n");
      co_return 2;
    }
    if (archive_ == "-" && p_.is_tty(1))
      co_return co_await give_up("Refusing to write archive contents to terminal (missing -f option?)");
    archive_path_ = archive_ == "-" ? "" : p_.absolute(archive_);
    std::map<std::string, std::int64_t> there;
    if (mode_ != "c") {
      auto old = p_.read_file(archive_);
      if (!old && old.error() != Errno::kNoEnt)
        co_return co_await give_up(archive_ + ": Cannot open: " + std::string(errno_text(old.error())));
      if (old) {
        if (is_gzip(*old)) co_return co_await give_up("Cannot update compressed archives");
        TarReader reader(*old);
        while (const auto entry = reader.next()) there[entry->name] = entry->modified;
        bytes_ = old->substr(0, reader.end_of_entries());
      }
    }
    if (archive_ != "-") {
      // It is there from the start, as whoever archives its directory notices.
      const auto made = mode_ == "c" ? p_.write_file(archive_, "") : SysResult<void>();
      if (!made) co_return co_await give_up(archive_ + ": Cannot open: " + std::string(errno_text(made.error())));
    }
    const std::string home = p_.cwd();
    for (const std::string& word : operands_) {
      if (word[0] == kDirectoryMark) {
        const std::string directory = word.substr(1);
        const auto moved = p_.change_directory(directory);
        if (!moved) {
          (void)p_.change_directory(home);
          co_return co_await give_up(directory + ": Cannot open: " + std::string(errno_text(moved.error())));
        }
        continue;
      }
      newer_than_ = mode_ == "u" ? &there : nullptr;
      co_await add(word);
    }
    (void)p_.change_directory(home);
    finish_tar(bytes_);
    if (flags_.has("totals"))
      co_await p_.err("Total bytes written: " + std::to_string(bytes_.size()) + " (" + human_size(bytes_.size()) +
                      "iB, " + human_size(bytes_.size() * 100) + "iB/s)\n");
    if (gzip_) bytes_ = gzip_pack(bytes_, 6);
    if (archive_ == "-") {
      if (!co_await p_.write(1, bytes_)) co_return 2;
    } else {
      const auto written = p_.write_file(archive_, std::move(bytes_));
      if (!written)
        co_return co_await give_up(archive_ + ": Cannot write: " + std::string(errno_text(written.error())));
    }
    for (auto path = added_.rbegin(); flags_.has("remove-files") && path != added_.rend(); ++path) {
      if (!p_.unlink(*path)) (void)p_.remove_directory(*path);
    }
    co_return co_await end();
  }

  // Archives keep relative names unless -P says otherwise.
  Task<std::string> member_name(std::string path, const char* of) {
    if (flags_.has("P")) co_return path;
    std::size_t cut = 0;
    for (std::size_t at = 0; (at = path.find("..", at)) != std::string::npos; at += 2) {
      const bool starts = at == 0 || path[at - 1] == '/';
      if (starts && (at + 2 == path.size() || path[at + 2] == '/')) cut = std::min(at + 3, path.size());
    }
    while (cut < path.size() && path[cut] == '/') ++cut;
    if (cut == 0) co_return path;
    const std::string prefix = path.substr(0, cut);
    if (removed_.insert(of + prefix).second) co_await warn("Removing leading `" + prefix + "' from " + of);
    const std::string rest = path.substr(cut);
    co_return rest.empty() ? "./" : rest;
  }

  Task<void> add(std::string path) {
    if (excluded(path)) co_return;
    const auto info = p_.stat(path, flags_.has("h"));
    if (!info) {
      co_await fail(path + ": Cannot stat: " + std::string(errno_text(info.error())));
      co_return;
    }
    if (!archive_path_.empty() && p_.absolute(path) == archive_path_) {
      co_await warn(path + ": file is the archive; not dumped");
      co_return;
    }
    if (info->type == FileType::kSocket) {
      co_await warn(path + ": socket ignored");
      co_return;
    }
    TarEntry entry;
    entry.mode = info->mode;
    if (flags_.has("mode"))
      entry.mode =
          apply_mode(flags_.value("mode"), info->mode, info->type == FileType::kDirectory, 0).value_or(info->mode);
    set_owner(entry, *info);
    entry.modified = std::chrono::duration_cast<seconds>(info->modified.time_since_epoch()).count();
    entry.name = co_await member_name(path, "member names");
    const bool directory = info->type == FileType::kDirectory;
    if (directory && !entry.name.ends_with("/")) entry.name += "/";
    if (newer_than_ != nullptr && !directory) {
      const auto old = newer_than_->find(entry.name);
      if (old != newer_than_->end() && old->second >= entry.modified) co_return;
    }
    std::string content;
    if (directory) {
      entry.type = TarEntry::kDirectory;
    } else if (info->type == FileType::kSymlink) {
      entry.type = TarEntry::kSymlink;
      entry.link = p_.read_link(path).value_or("");
    } else if (info->type == FileType::kFifo) {
      entry.type = TarEntry::kFifo;
    } else if (info->type == FileType::kCharDevice) {
      entry.type = TarEntry::kCharDevice;
    } else {
      const auto first = info->links > 1 ? links_.find(info->number) : links_.end();
      if (first != links_.end()) {
        entry.type = TarEntry::kHardLink;
        entry.link = co_await member_name(first->second, "hard link targets");
      } else {
        auto text = p_.read_file(path);
        if (!text) {
          co_await fail(path + ": Cannot open: " + std::string(errno_text(text.error())));
          co_return;
        }
        content = *std::move(text);
        entry.content = content;
        if (info->links > 1) links_[info->number] = path;
      }
    }
    append_tar_entry(bytes_, entry);
    added_.push_back(p_.absolute(path));
    if (verbose_ > 0) {
      const std::string line =
          verbose_ > 1 ? long_line(entry) : path + (directory && !path.ends_with("/") ? "/" : "") + "\n";
      if (archive_ == "-")
        co_await p_.err(line);
      else
        co_await p_.out(line);
    }
    if (!directory || flags_.has("no-recursion")) co_return;
    const auto names = p_.list_directory(path);
    if (!names) {
      co_await fail(path + ": Cannot open: " + std::string(errno_text(names.error())));
      co_return;
    }
    for (const std::string& name : *names) co_await add(path_in(path, name));
  }

  void set_owner(TarEntry& entry, const FileStat& info) {
    entry.uid = info.uid;
    entry.gid = info.gid;
    // "--owner=NAME", "--owner=NAME:NUMBER" or "--owner=NUMBER".
    const auto forced = [&](const char* flag, std::uint32_t& id, std::string& name, auto&& look_up) {
      if (!flags_.has(flag)) return;
      const std::string given = flags_.value(flag);
      const std::size_t colon = given.find(':');
      name = given.substr(0, colon);
      if (colon != std::string::npos)
        id = static_cast<std::uint32_t>(parse_int(given.substr(colon + 1)).value_or(0));
      else if (const auto known = look_up(p_, name))
        id = *known;
    };
    entry.user = user_name(p_, info.uid);
    entry.group = group_name(p_, info.gid);
    forced("owner", entry.uid, entry.user, user_id);
    forced("group", entry.gid, entry.group, group_id);
    if (flags_.has("numeric-owner") || parse_int(entry.user)) entry.user.clear();
    if (flags_.has("numeric-owner") || parse_int(entry.group)) entry.group.clear();
  }

  // --- reading ---

  Task<int> read_archive() {
    if (archive_ == "-" && p_.is_tty(0))
      co_return co_await give_up("Refusing to read archive contents from terminal (missing -f option?)");
    auto read = co_await read_input(p_, archive_);
    if (!read) {
      const bool directory = read.error() == Errno::kIsDir;
      co_return co_await give_up(archive_ + (directory ? ": Cannot read: " : ": Cannot open: ") +
                                 std::string(errno_text(read.error())));
    }
    bytes_ = *std::move(read);
    if (bytes_.starts_with("BZh")) co_return co_await no_filter("bzip2");
    if (bytes_.starts_with("\xfd"
                           "7zXZ"))
      co_return co_await no_filter("xz");
    if (is_gzip(bytes_) && archive_ == "-" && !gzip_)
      co_return co_await give_up("Archive is compressed. Use -z option");
    if (is_gzip(bytes_) || gzip_) {
      Gunzipped plain = gzip_unpack(bytes_);
      if (!plain.error.empty()) {
        co_await p_.err("\ngzip: stdin: " + plain.error + "\n");
        if (plain.bytes.empty()) co_return co_await give_up("Child returned status 1");
        failed_ = true;
      }
      bytes_ = std::move(plain.bytes);
    }
    std::vector<std::string> wanted;
    std::string directory = p_.cwd();
    for (const std::string& word : operands_) {
      if (word[0] != kDirectoryMark) {
        wanted.push_back(word);
        continue;
      }
      directory = join_path(directory, word.substr(1));
      const auto info = p_.stat(directory);
      const auto problem = !info ? info.error() : Errno::kNotDir;
      if (mode_ == "x" && (!info || info->type != FileType::kDirectory))
        co_return co_await give_up(word.substr(1) + ": Cannot open: " + std::string(errno_text(problem)));
    }
    if (mode_ == "x") (void)p_.change_directory(directory);
    std::set<std::string> found;
    TarReader reader(bytes_);
    while (const auto entry = reader.next()) {
      if (reader.error() != TarReader::Error::kNone && mode_ == "x") break;
      if (!asked_for(entry->name, wanted, found) || excluded(entry->name)) continue;
      if (mode_ == "t")
        co_await p_.out(verbose_ > 0 ? long_line(*entry) : entry->name + "\n");
      else
        co_await extract(*entry);
      if (reader.error() != TarReader::Error::kNone) break;
    }
    if (reader.error() == TarReader::Error::kNotTar) {
      co_await fail("This does not look like a tar archive");
    } else if (reader.error() == TarReader::Error::kTruncated) {
      co_await warn("Unexpected EOF in archive");
      co_return co_await give_up("Unexpected EOF in archive");
    }
    co_await settle_directories();
    for (const std::string& name : wanted) {
      if (!found.contains(name)) co_await fail(name + ": Not found in archive");
    }
    co_return co_await end();
  }

  bool asked_for(const std::string& name, const std::vector<std::string>& wanted, std::set<std::string>& found) const {
    if (wanted.empty()) return true;
    bool any = false;
    for (const std::string& one : wanted) {
      std::string plain = one;
      while (plain.size() > 1 && plain.ends_with("/")) plain.pop_back();
      const bool same = name == plain || name == plain + "/" || name.starts_with(plain + "/");
      const bool matches =
          flags_.has("wildcards") &&
          (matches_pattern(plain, name) || matches_pattern(plain + "/", name) || matches_pattern(plain + "/*", name));
      if (!same && !matches) continue;
      found.insert(one);
      any = true;
    }
    return any;
  }

  // Without its first components; "" when nothing is left.
  std::string stripped(std::string name) const {
    for (std::int64_t left = parse_int(flags_.value("strip-components", "0")).value_or(0); left > 0; --left) {
      const std::size_t slash = name.find('/');
      if (slash == std::string::npos) return "";
      name.erase(0, name.find_first_not_of('/', slash) == std::string::npos ? name.size()
                                                                            : name.find_first_not_of('/', slash));
    }
    return name;
  }

  Task<void> extract(TarEntry entry) {
    std::string name = stripped(co_await member_name(entry.name, "member names"));
    while (name.size() > 1 && name.ends_with("/")) name.pop_back();
    if (name.empty()) co_return;
    if (verbose_ > 0) {
      std::string line = verbose_ > 1 ? long_line(entry) : entry.name + "\n";
      if (flags_.has("O"))
        co_await p_.err(std::move(line));
      else
        co_await p_.out(std::move(line));
    }
    if (flags_.has("O")) {
      if (entry.type == TarEntry::kRegular) (void)co_await p_.write(1, entry.content);
      co_return;
    }
    const auto there = p_.stat(name, false);
    const bool directory = entry.type == TarEntry::kDirectory;
    if (!there) {
      const auto parents = p_.make_directories(directory_name(name));
      if (!parents) {
        co_await fail(name + ": Cannot " + (directory ? "mkdir" : "open") + ": " +
                      std::string(errno_text(parents.error())));
        co_return;
      }
    } else if (!directory) {
      const char* verb = entry.type == TarEntry::kSymlink ? ": Cannot create symlink to " : ": Cannot open";
      if (flags_.has("skip-old-files")) co_return;
      if (flags_.has("k")) {
        co_await fail(name + verb + (entry.type == TarEntry::kSymlink ? quoted(entry.link) : "") + ": File exists");
        co_return;
      }
      if (there->type == FileType::kDirectory) {
        if (!p_.remove_directory(name)) {
          co_await fail(name + ": Cannot open: File exists");
          co_return;
        }
      } else {
        (void)p_.unlink(name);
      }
    }
    SysResult<void> made;
    const bool mode_kept = flags_.has("p") || (p_.credentials().uid == 0 && !flags_.has("no-same-permissions"));
    const std::uint32_t mode = mode_kept ? entry.mode : entry.mode & ~p_.umask() & 0777;
    std::string what = ": Cannot open: ";
    switch (entry.type) {
      case TarEntry::kDirectory:
        what = ": Cannot mkdir: ";
        if (!there || there->type != FileType::kDirectory) made = p_.make_directory(name, 0755);
        break;
      case TarEntry::kSymlink:
        what = ": Cannot create symlink to " + quoted(entry.link) + ": ";
        made = p_.symlink(entry.link, name);
        break;
      case TarEntry::kHardLink: {
        const std::string target = stripped(co_await member_name(entry.link, "hard link targets"));
        what = ": Cannot hard link to " + quoted(target) + ": ";
        made = p_.link(target, name);
        break;
      }
      case TarEntry::kRegular:
        made = p_.write_file(name, std::string(entry.content), mode);
        break;
      default:
        what = ": Cannot mknod: ";
        made = Errno::kPerm;
    }
    if (!made) {
      co_await fail(name + what + std::string(errno_text(made.error())));
      co_return;
    }
    if (entry.type == TarEntry::kHardLink) co_return;
    set_attributes(name, entry, mode);
    // Of directories the last word is said when all that is in them is there.
    if (directory) directories_.emplace_back(name, entry);
  }

  void set_attributes(const std::string& name, const TarEntry& entry, std::uint32_t mode) {
    if (p_.credentials().uid == 0 && !flags_.has("no-same-owner") && !flags_.has("o")) {
      const bool numbers = flags_.has("numeric-owner");
      const auto user = numbers || entry.user.empty() ? std::nullopt : account_named(p_, entry.user);
      const auto group = numbers || entry.group.empty() ? std::nullopt : group_id(p_, entry.group);
      (void)p_.change_owner(name, user ? user->uid : entry.uid, group.value_or(entry.gid), false);
    }
    if (entry.type != TarEntry::kSymlink && entry.type != TarEntry::kDirectory) (void)p_.change_mode(name, mode);
    if (!flags_.has("m")) (void)p_.set_times(name, std::nullopt, TimePoint(seconds(entry.modified)), false);
  }

  Task<void> settle_directories() {
    for (auto one = directories_.rbegin(); one != directories_.rend(); ++one) {
      const auto& [name, entry] = *one;
      const bool kept = flags_.has("p") || p_.credentials().uid == 0;
      (void)p_.change_mode(name, kept ? entry.mode : entry.mode & ~p_.umask() & 0777);
      if (!flags_.has("m")) (void)p_.set_times(name, std::nullopt, TimePoint(seconds(entry.modified)));
    }
    co_return;
  }

  Process& p_;
  const CommandFlags& flags_;
  std::string mode_;
  std::string archive_;       // as given
  std::string archive_path_;  // absolute; "" for standard output
  int verbose_;
  bool gzip_;
  bool failed_ = false;
  std::vector<std::string> excludes_;
  std::vector<std::string> operands_;
  std::string bytes_;  // of the archive
  std::size_t owner_width_ = 19;
  std::set<std::string> removed_;               // prefixes already told of
  std::map<std::uint64_t, std::string> links_;  // inode number -> first name
  std::vector<std::string> added_;              // absolute paths
  std::vector<std::pair<std::string, TarEntry>> directories_;
  const std::map<std::string, std::int64_t>* newer_than_ = nullptr;
};

}  // namespace

Task<int> tar_main(Process& p) {
  constexpr std::string_view kHint = "\nTry 'tar --help' or 'tar --usage' for more information.\n";
  std::string problem;
  const std::vector<std::string> given(p.arguments().begin(), p.arguments().end());
  const std::vector<std::string> words = plain_tar_words(given, problem);
  const CommandFlags flags = CommandFlags::parse(words, std::string(kTarHelp) + "      --help\n      --version\n");
  if (problem.empty()) problem = flags.problem();
  if (problem.empty() && flags.has("help")) {
    co_await p.out(std::string(kTarHelp));
    co_return 0;
  }
  if (problem.empty() && flags.has("version")) {
    co_await p.out("tar (GNU tar) 1.34\n");
    co_return 0;
  }
  const std::string mode = flags.last_of("c r t u x");
  std::set<std::string> modes;
  for (const CommandFlags::Given& one : flags.given()) {
    if (std::string_view("crtux").find(one.name) != std::string_view::npos) modes.insert(one.name);
  }
  if (problem.empty() && mode.empty())
    problem = "You must specify one of the '-Acdtrux', '--delete' or '--test-label' options";
  if (problem.empty() && modes.size() > 1)
    problem = "You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option";
  if (!problem.empty()) {
    co_await p.err("tar: " + problem + std::string(kHint));
    co_return flags.problem().empty() ? 2 : 64;
  }
  Tar tar(p, flags);
  co_return co_await tar.run();
}

}  // namespace drydock
