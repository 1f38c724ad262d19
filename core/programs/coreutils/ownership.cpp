// chmod, chown, chgrp.
#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/programs.h"
#include "core/programs/coreutils/support.h"

namespace drydock {
namespace {

constexpr int kMaxDepth = 128;

constexpr std::string_view kModeHelp =
    "Usage: chmod [OPTION]... MODE[,MODE]... FILE...\n"
    "  or:  chmod [OPTION]... OCTAL-MODE FILE...\n"
    "  or:  chmod [OPTION]... --reference=RFILE FILE...\n"
    "Change the mode of each FILE to MODE.\n"
    "With --reference, change the mode of each FILE to that of RFILE.\n"
    "\n"
    "  -c, --changes          like verbose but report only when a change is made\n"
    "  -f, --silent, --quiet  suppress most error messages\n"
    "  -v, --verbose          output a diagnostic for every file processed\n"
    "      --no-preserve-root  do not treat '/' specially (the default)\n"
    "      --preserve-root    fail to operate recursively on '/'\n"
    "      --reference=RFILE  use RFILE's mode instead of MODE values\n"
    "  -R, --recursive        change files and directories recursively\n"
    "\n"
    "Each MODE is of the form '[ugoa]*([-+=]([rwxXst]*|[ugo]))+|[-+=][0-7]+'.\n";

constexpr std::string_view kOwnerHelp =
    "Usage: chown [OPTION]... [OWNER][:[GROUP]] FILE...\n"
    "  or:  chown [OPTION]... --reference=RFILE FILE...\n"
    "Change the owner and/or group of each FILE to OWNER and/or GROUP.\n"
    "With --reference, change the owner and group of each FILE to those of RFILE.\n"
    "\n"
    "  -c, --changes          like verbose but report only when a change is made\n"
    "  -f, --silent, --quiet  suppress most error messages\n"
    "  -v, --verbose          output a diagnostic for every file processed\n"
    "      --dereference      affect the referent of each symbolic link (this is\n"
    "                         the default), rather than the symbolic link itself\n"
    "  -h, --no-dereference   affect symbolic links instead of any referenced file\n"
    "      --from=CURRENT_OWNER:CURRENT_GROUP  change only what has this owner and group\n"
    "      --no-preserve-root  do not treat '/' specially (the default)\n"
    "      --preserve-root    fail to operate recursively on '/'\n"
    "      --reference=RFILE  use RFILE's owner and group rather than\n"
    "                         specifying OWNER:GROUP values\n"
    "  -R, --recursive        operate on files and directories recursively\n"
    "  -H                     if a command line argument is a link to a directory, traverse it\n"
    "  -L                     traverse every symbolic link to a directory encountered\n"
    "  -P                     do not traverse any symbolic links (default)\n";

// A command and the files it goes through; derived classes change one file.
class Changer {
 public:
  Changer(Process& process, const CommandFlags& flags) : p_(process), flags_(flags) {}
  virtual ~Changer() = default;

  Task<int> run(std::size_t first_file) {
    bool fine = true;
    for (std::size_t i = first_file; i < flags_.operands().size(); ++i) {
      const std::string path = flags_.operands()[i];
      const auto info = p_.stat(path, !flags_.has("h"));
      if (!info) {
        fine = false;
        const auto link = p_.stat(path, false);
        if (!flags_.has("f"))
          co_await report(p_, std::string(link ? "cannot dereference " : "cannot access ") + quoted(path) + ": " +
                                  std::string(errno_text(info.error())));
        continue;
      }
      if (!(co_await walk(path, *info, true, 0))) fine = false;
    }
    co_return fine ? 0 : 1;
  }

 protected:
  virtual Task<bool> change(std::string path, FileStat info, bool link) = 0;
  // A directory before what is in it?
  virtual bool top_down() const = 0;

  bool talks(bool changed) const { return flags_.has("v") || (flags_.has("c") && changed); }

  Process& p_;
  const CommandFlags& flags_;

 private:
  Task<bool> walk(std::string path, FileStat info, bool operand, int depth) {
    const bool link = info.type == FileType::kSymlink;
    const bool walks = flags_.has("R") && info.type == FileType::kDirectory && depth <= kMaxDepth;
    bool fine = true;
    if ((top_down() || !walks) && !(co_await change(path, info, link && !operand))) fine = false;
    if (!walks) co_return fine;
    auto names = p_.list_directory(path);
    if (!names) {
      if (!flags_.has("f"))
        co_await report(p_, "cannot read directory " + quoted(path) + ": " + std::string(errno_text(names.error())));
      co_return false;
    }
    for (const std::string& name : *names) {
      std::string below = path_in(path, name);
      const auto inner = p_.stat(below, false);
      if (inner && !(co_await walk(std::move(below), *inner, false, depth + 1))) fine = false;
    }
    if (!top_down() && !(co_await change(path, info, false))) fine = false;
    co_return fine;
  }
};

std::string mode_digits(std::uint32_t mode) {
  FileStat info;
  info.mode = mode;
  return format("%04o (", mode) + mode_text(info).substr(1) + ")";
}

class ModeChanger final : public Changer {
 public:
  ModeChanger(Process& process, const CommandFlags& flags, std::string spec)
      : Changer(process, flags), spec_(std::move(spec)) {}

 protected:
  bool top_down() const override { return true; }
  Task<bool> change(std::string path, FileStat info, bool link) override {
    if (link) {  // found on the way: chmod leaves links alone
      if (flags_.has("v"))
        co_await p_.out("neither symbolic link " + quoted(path) + " nor referent has been changed\n");
      co_return true;
    }
    const std::uint32_t mode =
        apply_mode(spec_, info.mode, info.type == FileType::kDirectory, p_.umask()).value_or(info.mode);
    const auto done = p_.change_mode(path, mode);
    if (!done) {
      if (!flags_.has("f"))
        co_await report(p_, "changing permissions of " + quoted(path) + ": " + std::string(errno_text(done.error())));
      co_return false;
    }
    const bool changed = mode != info.mode;
    if (talks(changed)) {
      co_await p_.out("mode of " + quoted(path) +
                      (changed ? " changed from " + mode_digits(info.mode) + " to " + mode_digits(mode)
                               : " retained as " + mode_digits(mode)) +
                      "\n");
    }
    co_return true;
  }

 private:
  std::string spec_;
};

Task<int> chmod_main(Process& p) {
  // A mode such as "-x" looks like a flag and is none.
  std::vector<std::string> words(p.arguments().begin(), p.arguments().end());
  std::string spec;
  bool found = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--") break;
    if (words[i].size() > 1 && words[i][0] == '-' &&
        std::string_view("rwxXstugo0123456789,=").find(words[i][1]) != std::string_view::npos) {
      spec = words[i];
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
      found = true;
      break;
    }
    if (!words[i].starts_with("-")) break;
  }
  CommandFlags flags = found ? CommandFlags::parse(words, kModeHelp) : co_await read_flags(p, kModeHelp);
  if (flags.ended()) co_return flags.exit_code();
  if (!flags.problem().empty()) {
    co_await complain_with_hint(p, flags.problem());
    co_return 1;
  }
  std::size_t first_file = 0;
  if (flags.has("reference")) {
    const auto info = p.stat(flags.value("reference"));
    if (!info) {
      co_await report(p, "failed to get attributes of " + quoted(flags.value("reference")) + ": " +
                             std::string(errno_text(info.error())));
      co_return 1;
    }
    spec = format("%05o", info->mode);
  } else if (!found) {
    if (!flags.operands().empty()) spec = flags.operands()[0];
    first_file = 1;
  }
  if (flags.operands().size() <= first_file) {
    co_await complain_with_hint(p, spec.empty() ? "missing operand" : "missing operand after " + quoted(spec));
    co_return 1;
  }
  if (!apply_mode(spec, 0, false, 0)) {
    co_await complain_with_hint(p, "invalid mode: " + quoted(spec));
    co_return 1;
  }
  ModeChanger changer(p, flags, spec);
  co_return co_await changer.run(first_file);
}

// "user:group" as chown reads it.
struct Owner {
  std::optional<std::uint32_t> uid;
  std::optional<std::uint32_t> gid;
  std::string user;   // as shown
  std::string group;  // as shown
  std::string problem;
};

Owner parse_owner(Process& p, const std::string& spec, bool group_only) {
  Owner owner;
  const std::size_t colon = spec.find(':');
  const std::string user = group_only ? "" : spec.substr(0, colon);
  std::string group = group_only ? spec : colon == std::string::npos ? "" : spec.substr(colon + 1);
  if (!user.empty()) {
    owner.uid = user_id(p, user);
    if (!owner.uid) {
      owner.problem = "invalid user: " + quoted(spec);
      return owner;
    }
    owner.user = user_name(p, *owner.uid);
    // "user:" means that user's own group.
    if (group.empty() && colon != std::string::npos) {
      if (const auto account = account_named(p, user)) group = std::to_string(account->gid);
    }
  }
  if (!group.empty()) {
    owner.gid = group_id(p, group);
    if (!owner.gid) {
      owner.problem = "invalid group: " + quoted(spec);
      return owner;
    }
    owner.group = group_name(p, *owner.gid);
  }
  return owner;
}

class OwnerChanger final : public Changer {
 public:
  OwnerChanger(Process& process, const CommandFlags& flags, Owner owner, Owner from)
      : Changer(process, flags), owner_(std::move(owner)), from_(std::move(from)) {}

 protected:
  bool top_down() const override { return false; }
  Task<bool> change(std::string path, FileStat info, bool link) override {
    const bool chosen = (!from_.uid || *from_.uid == info.uid) && (!from_.gid || *from_.gid == info.gid);
    if (!chosen) co_return true;
    const auto done = p_.change_owner(path, owner_.uid, owner_.gid, !link && !flags_.has("h"));
    const bool group_only = p_.name() == "chgrp";
    if (!done) {
      if (!flags_.has("f"))
        co_await report(p_, std::string(group_only ? "changing group of " : "changing ownership of ") + quoted(path) +
                                ": " + std::string(errno_text(done.error())));
      co_return false;
    }
    const bool changed = (owner_.uid && *owner_.uid != info.uid) || (owner_.gid && *owner_.gid != info.gid);
    if (talks(changed)) {
      const bool with_user = owner_.uid.has_value();
      const bool with_group = owner_.gid.has_value();
      auto shown = [&](const std::string& user, const std::string& group) {
        return group_only ? group : with_user && with_group ? user + ":" + group : with_user ? user : ":" + group;
      };
      const std::string old_user = user_name(p_, info.uid);
      const std::string old_group = group_name(p_, info.gid);
      const std::string now = shown(owner_.user, owner_.group);
      // chown names both of what was there as soon as a group is asked for.
      const std::string before = group_only ? old_group : with_group ? old_user + ":" + old_group : old_user;
      const std::string kind = group_only ? "group of " : "ownership of ";
      co_await p_.out(changed ? "changed " + kind + quoted(path) + " from " + before + " to " + now + "\n"
                              : kind + quoted(path) + " retained as " + now + "\n");
    }
    co_return true;
  }

 private:
  Owner owner_;
  Owner from_;
};

Task<int> chown_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kOwnerHelp);
  if (flags.ended()) co_return flags.exit_code();
  const bool group_only = p.name() == "chgrp";
  const bool referenced = flags.has("reference");
  const std::size_t first_file = referenced ? 0 : 1;
  if (flags.operands().size() <= first_file) {
    co_await complain_with_hint(
        p, flags.operands().empty() ? "missing operand" : "missing operand after " + quoted(flags.operands()[0]));
    co_return 1;
  }
  Owner owner;
  if (referenced) {
    const auto info = p.stat(flags.value("reference"));
    if (!info) {
      co_await report(p, "failed to get attributes of " + quoted(flags.value("reference")) + ": " +
                             std::string(errno_text(info.error())));
      co_return 1;
    }
    if (!group_only) owner.uid = info->uid;
    owner.gid = info->gid;
    owner.user = user_name(p, info->uid);
    owner.group = group_name(p, info->gid);
  } else {
    owner = parse_owner(p, flags.operands()[0], group_only);
  }
  Owner from;
  if (flags.has("from")) from = parse_owner(p, flags.value("from"), false);
  const std::string problem = owner.problem.empty() ? from.problem : owner.problem;
  if (!problem.empty()) {
    co_await report(p, problem);
    co_return 1;
  }
  OwnerChanger changer(p, flags, std::move(owner), std::move(from));
  co_return co_await changer.run(first_file);
}

}  // namespace

void register_ownership(ProgramRegistry& programs) {
  programs.add("chmod", chmod_main);
  programs.add("chown", chown_main);
  programs.add("chgrp", chown_main);
}

}  // namespace drydock
