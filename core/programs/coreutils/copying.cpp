// cp, mv, install.
#include <map>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/programs.h"
#include "core/programs/coreutils/support.h"

namespace drydock {
namespace {

constexpr int kMaxDepth = 128;  // of directories that are copied

constexpr std::string_view kCopyHelp =
    "Usage: cp [OPTION]... [-T] SOURCE DEST\n"
    "  or:  cp [OPTION]... SOURCE... DIRECTORY\n"
    "  or:  cp [OPTION]... -t DIRECTORY SOURCE...\n"
    "Copy SOURCE to DEST, or multiple SOURCE(s) to DIRECTORY.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -a, --archive                same as -dR --preserve=all\n"
    "      --attributes-only        don't copy the file data, just the attributes\n"
    "      --backup[=CONTROL]       make a backup of each existing destination file\n"
    "  -b                           like --backup but does not accept an argument\n"
    "  -d                           same as --no-dereference --preserve=links\n"
    "  -f, --force                  if an existing destination file cannot be\n"
    "                                 opened, remove it and try again\n"
    "  -i, --interactive            prompt before overwrite\n"
    "  -H                           follow command-line symbolic links in SOURCE\n"
    "  -l, --link                   hard link files instead of copying\n"
    "  -L, --dereference            always follow symbolic links in SOURCE\n"
    "  -n, --no-clobber             do not overwrite an existing file\n"
    "  -P, --no-dereference         never follow symbolic links in SOURCE\n"
    "  -p                           same as --preserve=mode,ownership,timestamps\n"
    "      --preserve[=ATTR_LIST]   preserve the specified attributes\n"
    "      --no-preserve=ATTR_LIST  don't preserve the specified attributes\n"
    "      --parents                use full source file name under DIRECTORY\n"
    "  -R, -r, --recursive          copy directories recursively\n"
    "      --reflink[=WHEN]         control clone/CoW copies\n"
    "      --remove-destination     remove each existing destination file before\n"
    "                                 attempting to open it\n"
    "      --sparse=WHEN            control creation of sparse files\n"
    "      --strip-trailing-slashes  remove any trailing slashes from each SOURCE\n"
    "  -s, --symbolic-link          make symbolic links instead of copying\n"
    "  -S, --suffix=SUFFIX          override the usual backup suffix\n"
    "  -t, --target-directory=DIRECTORY  copy all SOURCE arguments into DIRECTORY\n"
    "  -T, --no-target-directory    treat DEST as a normal file\n"
    "  -u, --update                 copy only when the SOURCE file is newer\n"
    "  -v, --verbose                explain what is being done\n"
    "  -x, --one-file-system        stay on this file system\n"
    "  -Z                           set SELinux security context\n";

constexpr std::string_view kMoveHelp =
    "Usage: mv [OPTION]... [-T] SOURCE DEST\n"
    "  or:  mv [OPTION]... SOURCE... DIRECTORY\n"
    "  or:  mv [OPTION]... -t DIRECTORY SOURCE...\n"
    "Rename SOURCE to DEST, or move SOURCE(s) to DIRECTORY.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "      --backup[=CONTROL]       make a backup of each existing destination file\n"
    "  -b                           like --backup but does not accept an argument\n"
    "  -f, --force                  do not prompt before overwriting\n"
    "  -i, --interactive            prompt before overwrite\n"
    "  -n, --no-clobber             do not overwrite an existing file\n"
    "      --strip-trailing-slashes  remove any trailing slashes from each SOURCE\n"
    "  -S, --suffix=SUFFIX          override the usual backup suffix\n"
    "  -t, --target-directory=DIRECTORY  move all SOURCE arguments into DIRECTORY\n"
    "  -T, --no-target-directory    treat DEST as a normal file\n"
    "  -u, --update                 move only when the SOURCE file is newer\n"
    "  -v, --verbose                explain what is being done\n"
    "  -Z, --context                set SELinux security context\n";

constexpr std::string_view kInstallHelp =
    "Usage: install [OPTION]... [-T] SOURCE DEST\n"
    "  or:  install [OPTION]... SOURCE... DIRECTORY\n"
    "  or:  install [OPTION]... -t DIRECTORY SOURCE...\n"
    "  or:  install [OPTION]... -d DIRECTORY...\n"
    "\n"
    "This install program copies files (often just compiled) into destination\n"
    "locations you choose.\n"
    "\n"
    "  -b, --backup               make a backup of each existing destination file\n"
    "  -c                         (ignored)\n"
    "  -C, --compare              compare content; do not change an equal destination\n"
    "  -d, --directory            treat all arguments as directory names\n"
    "  -D                         create all leading components of DEST\n"
    "  -g, --group=GROUP          set group ownership\n"
    "  -m, --mode=MODE            set permission mode (as in chmod), instead of rwxr-xr-x\n"
    "  -o, --owner=OWNER          set ownership (super-user only)\n"
    "  -p, --preserve-timestamps  apply access/modification times of SOURCE files\n"
    "  -s, --strip                strip symbol tables\n"
    "  -S, --suffix=SUFFIX        override the usual backup suffix\n"
    "  -t, --target-directory=DIRECTORY  copy all SOURCE arguments into DIRECTORY\n"
    "  -T, --no-target-directory  treat DEST as a normal file\n"
    "  -v, --verbose              print the name of each directory as it is created\n";

std::string without_trailing_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

// What the operands ask for: where each source goes. nullopt: it has been complained about.
struct Errand {
  std::string from;
  std::string to;
};

Task<std::optional<std::vector<Errand>>> errands_of(Process& p, const CommandFlags& flags) {
  std::vector<std::string> operands = flags.operands();
  const bool directed = flags.has("t");
  if (operands.empty() || (operands.size() == 1 && !directed)) {
    co_await complain_with_hint(
        p, operands.empty() ? "missing file operand" : "missing destination file operand after " + quoted(operands[0]));
    co_return std::nullopt;
  }
  std::string target = flags.value("t");
  if (directed) {
    const auto info = p.stat(target);
    if (!info || info->type != FileType::kDirectory) {
      co_await report(p, "target directory " + quoted(target) + ": " +
                             std::string(errno_text(info ? Errno::kNotDir : info.error())));
      co_return std::nullopt;
    }
  } else {
    target = operands.back();
    operands.pop_back();
  }
  if (flags.has("T") && operands.size() > 1) {
    co_await complain_with_hint(p, "extra operand " + quoted(target));
    co_return std::nullopt;
  }
  const auto info = p.stat(target);
  const bool into = !flags.has("T") && info && info->type == FileType::kDirectory;
  if (!into && operands.size() > 1) {
    co_await report(p,
                    "target " + quoted(target) + ": " + std::string(errno_text(info ? Errno::kNotDir : info.error())));
    co_return std::nullopt;
  }
  std::vector<Errand> errands;
  for (const std::string& source : operands) {
    const std::string from = flags.has("strip-trailing-slashes") ? without_trailing_slashes(source) : source;
    std::string to = target;
    if (into) {
      const std::string trimmed = without_trailing_slashes(from);
      const std::string last(base_name(trimmed));
      // "dir/." copies what is in dir, not a directory of that name.
      to = flags.has("parents")          ? path_in(target, trimmed)
           : last == "." || last == ".." ? target
                                         : path_in(target, last);
    }
    errands.push_back({from, std::move(to)});
  }
  co_return errands;
}

// One command's work, with what it must remember between files.
class Copier {
 public:
  Copier(Process& process, const CommandFlags& flags, bool move) : p_(process), flags_(flags), move_(move) {
    const std::string attributes = flags.value("preserve", flags.has("preserve") ? "mode,ownership,timestamps" : "");
    const bool all = flags.has("a") || contains(attributes, "all") || move;
    preserve_mode_ = all || flags.has("p") || contains(attributes, "mode");
    preserve_owner_ = all || flags.has("p") || contains(attributes, "ownership");
    preserve_times_ = all || flags.has("p") || contains(attributes, "timestamps");
    preserve_links_ = all || flags.has("d") || contains(attributes, "links");
    const std::string spared = flags.value("no-preserve");
    if (contains(spared, "mode")) preserve_mode_ = false;
    if (contains(spared, "ownership")) preserve_owner_ = false;
    if (contains(spared, "timestamps")) preserve_times_ = false;
    recursive_ = flags.has("r") || flags.has("a");
    const std::string links = flags.last_of("L P H d a");
    keep_links_ = move || links == "P" || links == "d" || links == "a" || (links.empty() && recursive_);
    follow_operands_ = links == "H";
  }

  // Copies one operand; false when something was complained about.
  Task<bool> copy(std::string from, std::string to, bool operand, int depth) {
    if (depth > kMaxDepth) co_return co_await fail("cannot stat " + quoted(from), Errno::kLoop);
    const bool follow = !keep_links_ || (operand && follow_operands_);
    const auto info = p_.stat(from, follow);
    if (!info) co_return co_await fail("cannot stat " + quoted(from), info.error());
    const bool directory = info->type == FileType::kDirectory;
    if (directory && !recursive_ && !move_) {
      co_await report(p_, "-r not specified; omitting directory " + quoted(from));
      co_return false;
    }
    const auto existing = p_.stat(to, !(keep_links_ && info->type == FileType::kSymlink) && !move_);
    const bool onto_directory = existing && existing->type == FileType::kDirectory;
    if (existing && !directory && existing->number == info->number && !flags_.has("remove-destination")) {
      if (flags_.has("l") || flags_.has("s")) co_return true;
      co_await report(p_, quoted(from) + " and " + quoted(to) + " are the same file");
      co_return false;
    }
    if (existing && directory && !onto_directory) {
      co_await report(p_, "cannot overwrite non-directory " + quoted(to) + " with directory " + quoted(from));
      co_return false;
    }
    if (existing && !directory && onto_directory) {
      co_await report(p_, "cannot overwrite directory " + quoted(to) + " with non-directory");
      co_return false;
    }
    if (directory) co_return co_await copy_directory(std::move(from), std::move(to), *info, existing.ok(), depth);
    if (existing && !(co_await may_overwrite(*info, *existing, to))) co_return true;
    if (existing && !(co_await make_backup(to))) co_return false;
    co_return co_await copy_file(std::move(from), std::move(to), *info);
  }

  // Is `to`, which exists, to be replaced? Asks with -i.
  Task<bool> may_overwrite(const FileStat& source, const FileStat& target, const std::string& to) {
    if (flags_.has("u") && target.modified >= source.modified) co_return false;
    const std::string last = move_ ? flags_.last_of("f i n") : flags_.last_of("i n");
    if (last == "n") co_return false;
    if (last == "i") co_return co_await confirmed(p_, "overwrite " + quoted(to) + "?");
    co_return true;
  }

  Task<bool> make_backup(const std::string& to) {
    if (!flags_.has("backup") && !flags_.has("b")) co_return true;
    const auto moved = p_.rename(to, to + flags_.value("suffix", "~"));
    if (!moved) co_return co_await fail("cannot backup " + quoted(to), moved.error());
    co_return true;
  }

 private:
  Task<bool> fail(std::string what, Errno error) {
    co_await report(p_, what + ": " + std::string(errno_text(error)));
    co_return false;
  }

  Task<void> announce(std::string from, std::string to) {
    if (flags_.has("v") && !move_) co_await p_.out(quoted(from) + " -> " + quoted(to) + "\n");
  }

  Task<bool> copy_directory(std::string from, std::string to, FileStat info, bool exists, int depth) {
    const std::string source = p_.real_path(from).value_or(from);
    const std::string parent = p_.real_path(directory_name(without_trailing_slashes(to))).value_or("");
    const std::string target =
        exists ? p_.real_path(to).value_or(to) : path_in(parent, base_name(without_trailing_slashes(to)));
    if ((target + "/").starts_with(source + "/") && depth == 0 && target != source) {
      co_await report(p_, "cannot copy a directory, " + quoted(from) + ", into itself, " + quoted(to));
      co_return false;
    }
    if (depth == 0 && target == source) {
      co_await report(p_, quoted(from) + " and " + quoted(to) + " are the same file");
      co_return false;
    }
    auto names = p_.list_directory(from);
    if (!names) co_return co_await fail("cannot access " + quoted(from), names.error());
    if (!exists) {
      const auto made = p_.make_directory(to, info.mode & 0777);
      if (!made) co_return co_await fail("cannot create directory " + quoted(to), made.error());
      co_await announce(from, to);
    }
    bool fine = true;
    for (const std::string& name : *names) {
      std::string below = path_in(from, name);
      std::string beside = path_in(to, name);
      if (!(co_await copy(std::move(below), std::move(beside), false, depth + 1))) fine = false;
    }
    if (!exists || preserve_mode_) co_await keep_attributes(to, info);
    co_return fine;
  }

  Task<bool> copy_file(std::string from, std::string to, FileStat info) {
    if (info.type == FileType::kSymlink) {
      if (p_.stat(to, false)) (void)p_.unlink(to);
      const auto made = p_.symlink(p_.read_link(from).value_or(""), to);
      if (!made) co_return co_await fail("cannot create symbolic link " + quoted(to), made.error());
      co_await announce(from, to);
      if (preserve_owner_) (void)p_.change_owner(to, info.uid, info.gid, false);
      if (preserve_times_) (void)p_.set_times(to, info.accessed, info.modified, false);
      co_return true;
    }
    if (flags_.has("remove-destination") || ((flags_.has("l") || flags_.has("s")) && flags_.has("f")))
      (void)p_.unlink(to);
    if (flags_.has("l") || flags_.has("s")) {
      const bool hard = flags_.has("l");
      const auto made = hard ? p_.link(from, to) : p_.symlink(from, to);
      if (!made)
        co_return co_await fail(hard ? "cannot create hard link " + quoted(to) + " to " + quoted(from)
                                     : "cannot create symbolic link " + quoted(to) + " to " + quoted(from),
                                made.error());
      co_await announce(from, to);
      co_return true;
    }
    // Hard links among the copied files stay hard links.
    if (preserve_links_ && info.links > 1) {
      const auto [at, first] = linked_.emplace(info.number, to);
      if (!first && p_.link(at->second, to)) {
        co_await announce(from, to);
        co_return true;
      }
    }
    auto bytes = p_.read_file(from);
    if (!bytes) co_return co_await fail("cannot open " + quoted(from) + " for reading", bytes.error());
    if (flags_.has("attributes-only")) bytes = std::string();
    const bool existed = p_.stat(to).ok();
    if (to.ends_with("/") && !existed)
      co_return co_await fail("cannot create regular file " + quoted(to), Errno::kNotDir);
    auto written =
        flags_.has("attributes-only") && existed ? SysResult<void>() : p_.write_file(to, *bytes, info.mode & 0777);
    if (!written && existed && (flags_.has("f") || move_)) {
      (void)p_.unlink(to);
      written = p_.write_file(to, *std::move(bytes), info.mode & 0777);
    }
    if (!written) co_return co_await fail("cannot create regular file " + quoted(to), written.error());
    co_await announce(from, to);
    co_await keep_attributes(to, info);
    co_return true;
  }

  Task<void> keep_attributes(const std::string& to, const FileStat& info) {
    if (preserve_owner_) {
      const auto kept = p_.change_owner(to, info.uid, info.gid);
      if (!kept && p_.credentials().uid == 0)
        co_await fail("failed to preserve ownership for " + quoted(to), kept.error());
    }
    if (preserve_mode_) (void)p_.change_mode(to, info.mode);
    if (preserve_times_) (void)p_.set_times(to, info.accessed, info.modified);
  }

  Process& p_;
  const CommandFlags& flags_;
  bool move_;
  bool recursive_ = false;
  bool keep_links_ = false;
  bool follow_operands_ = false;
  bool preserve_mode_ = false;
  bool preserve_owner_ = false;
  bool preserve_times_ = false;
  bool preserve_links_ = false;
  std::map<std::uint64_t, std::string> linked_;  // by inode number: its first copy
};

Task<int> cp_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kCopyHelp);
  if (flags.ended()) co_return flags.exit_code();
  const auto errands = co_await errands_of(p, flags);
  if (!errands) co_return 1;
  Copier copier(p, flags, false);
  int code = 0;
  for (const Errand& errand : *errands) {
    if (flags.has("parents")) {
      std::string done;
      for (const std::string& part : split(directory_name(errand.from), '/')) {
        if (part.empty() || part == ".") continue;
        done = done.empty() ? part : path_in(done, part);
        const std::string made =
            path_in(errand.to.substr(0, errand.to.size() - without_trailing_slashes(errand.from).size()), done);
        if (p.make_directory(made, 0777) && flags.has("v")) co_await p.out(done + " -> " + made + "\n");
      }
    }
    if (!(co_await copier.copy(errand.from, errand.to, true, 0))) code = 1;
  }
  co_return code;
}

Task<bool> move_one(Process& p, const CommandFlags& flags, Copier& copier, std::string from, std::string to) {
  const auto info = p.stat(from, false);
  if (!info) {
    co_await report(p, "cannot stat " + quoted(from) + ": " + std::string(errno_text(info.error())));
    co_return false;
  }
  const auto existing = p.stat(to, false);
  const bool directory = info->type == FileType::kDirectory;
  std::string problem;
  if (existing) {
    const bool onto_directory = existing->type == FileType::kDirectory;
    if (existing->number == info->number)
      problem = quoted(from) + " and " + quoted(to) + " are the same file";
    else if (onto_directory && !directory)
      problem = "cannot overwrite directory " + quoted(to) + " with non-directory";
    else if (!onto_directory && directory)
      problem = "cannot overwrite non-directory " + quoted(to) + " with directory " + quoted(from);
    else if (!(co_await copier.may_overwrite(*info, *existing, to)))
      co_return true;
    else if (!(co_await copier.make_backup(to)))
      co_return false;
  }
  if (problem.empty() && to.ends_with("/") && !directory && !existing)
    problem = "cannot move " + quoted(from) + " to " + quoted(to) + ": Not a directory";
  if (problem.empty()) {
    const auto moved = p.rename(from, to);
    if (!moved)
      problem =
          moved.error() == Errno::kInval
              ? "cannot move " + quoted(from) + " to a subdirectory of itself, " + quoted(to)
              : "cannot move " + quoted(from) + " to " + quoted(to) + ": " + std::string(errno_text(moved.error()));
  }
  if (!problem.empty()) {
    co_await report(p, problem);
    co_return false;
  }
  if (flags.has("v")) co_await p.out("renamed " + quoted(from) + " -> " + quoted(to) + "\n");
  co_return true;
}

Task<int> mv_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kMoveHelp);
  if (flags.ended()) co_return flags.exit_code();
  const auto errands = co_await errands_of(p, flags);
  if (!errands) co_return 1;
  Copier copier(p, flags, true);
  int code = 0;
  for (const Errand& errand : *errands) {
    if (!(co_await move_one(p, flags, copier, errand.from, errand.to))) code = 1;
  }
  co_return code;
}

// install's last steps for a file or directory that it made.
Task<bool> finish_install(Process& p, const CommandFlags& flags, const std::string& path, bool directory) {
  const std::string spec = flags.value("mode", "755");
  const auto mode = apply_mode(spec, 0, directory, 0);
  if (!mode) {
    co_await report(p, "invalid mode " + quoted(spec));
    co_return false;
  }
  std::optional<std::uint32_t> uid;
  std::optional<std::uint32_t> gid;
  if (flags.has("owner") && !(uid = user_id(p, flags.value("owner")))) {
    co_await report(p, "invalid user " + quoted(flags.value("owner")));
    co_return false;
  }
  if (flags.has("group") && !(gid = group_id(p, flags.value("group")))) {
    co_await report(p, "invalid group " + quoted(flags.value("group")));
    co_return false;
  }
  if (uid || gid) {
    const auto owned = p.change_owner(path, uid, gid);
    if (!owned) {
      co_await report(p, "cannot change ownership of " + quoted(path) + ": " + std::string(errno_text(owned.error())));
      co_return false;
    }
  }
  (void)p.change_mode(path, *mode);
  co_return true;
}

Task<bool> install_directories(Process& p, const CommandFlags& flags, std::string path) {
  std::string prefix = path.starts_with("/") ? "/" : "";
  for (const std::string& part : split(path, '/')) {
    if (part.empty()) continue;
    prefix = prefix.empty() ? part : path_in(prefix, part);
    if (p.exists(prefix)) continue;
    const auto made = p.make_directory(prefix, 0755);
    if (!made) {
      co_await report(p, "cannot create directory " + quoted(prefix) + ": " + std::string(errno_text(made.error())));
      co_return false;
    }
    if (flags.has("v")) co_await p.out("install: creating directory " + quoted(prefix) + "\n");
  }
  co_return true;
}

Task<int> install_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kInstallHelp);
  if (flags.ended()) co_return flags.exit_code();
  int code = 0;
  if (flags.has("d")) {
    if (flags.operands().empty()) {
      co_await complain_with_hint(p, "missing file operand");
      co_return 1;
    }
    for (const std::string& path : flags.operands()) {
      if (!(co_await install_directories(p, flags, path)) || !(co_await finish_install(p, flags, path, true))) code = 1;
    }
    co_return code;
  }
  if (flags.has("D") && flags.operands().size() == 2) {
    const std::string parent(directory_name(flags.operands()[1]));
    if (!(co_await install_directories(p, flags, parent))) co_return 1;
  }
  if (flags.has("D") && flags.has("t")) {
    if (!(co_await install_directories(p, flags, flags.value("t")))) co_return 1;
  }
  const auto errands = co_await errands_of(p, flags);
  if (!errands) co_return 1;
  for (const Errand& errand : *errands) {
    const auto info = p.stat(errand.from);
    std::string problem;
    if (!info)
      problem = "cannot stat " + quoted(errand.from) + ": " + std::string(errno_text(info.error()));
    else if (info->type == FileType::kDirectory)
      problem = "omitting directory " + quoted(errand.from);
    else {
      auto bytes = p.read_file(errand.from);
      if (p.exists(errand.to)) (void)p.unlink(errand.to);
      const auto written = bytes ? p.write_file(errand.to, *bytes, 0600) : SysResult<void>(bytes.error());
      if (!written)
        problem = "cannot create regular file " + quoted(errand.to) + ": " + std::string(errno_text(written.error()));
    }
    if (!problem.empty()) {
      co_await report(p, problem);
      code = 1;
      continue;
    }
    if (flags.has("v")) co_await p.out(quoted(errand.from) + " -> " + quoted(errand.to) + "\n");
    if (!(co_await finish_install(p, flags, errand.to, false))) code = 1;
    if (flags.has("p")) (void)p.set_times(errand.to, info->accessed, info->modified);
  }
  co_return code;
}

}  // namespace

void register_copying(ProgramRegistry& programs) {
  programs.add("cp", cp_main);
  programs.add("mv", mv_main);
  programs.add("install", install_main);
}

}  // namespace drydock
