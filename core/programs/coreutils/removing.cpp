// rm, rmdir, unlink.
#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/programs.h"
#include "core/programs/coreutils/support.h"

namespace drydock {
namespace {

constexpr int kMaxDepth = 128;  // of directories that -r walks

constexpr std::string_view kRemoveHelp =
    "Usage: rm [OPTION]... [FILE]...\n"
    "Remove (unlink) the FILE(s).\n"
    "\n"
    "  -f, --force           ignore nonexistent files and arguments, never prompt\n"
    "  -i                    prompt before every removal\n"
    "  -I                    prompt once before removing more than three files, or\n"
    "                          when removing recursively\n"
    "      --interactive[=WHEN]  prompt according to WHEN: never, once (-I), or\n"
    "                          always (-i); without WHEN, prompt always\n"
    "      --one-file-system  when removing a hierarchy recursively, skip any\n"
    "                          directory that is on another file system\n"
    "      --no-preserve-root  do not treat '/' specially\n"
    "      --preserve-root[=all]  do not remove '/' (default)\n"
    "  -r, -R, --recursive   remove directories and their contents recursively\n"
    "  -d, --dir             remove empty directories\n"
    "  -v, --verbose         explain what is being done\n"
    "\n"
    "By default, rm does not remove directories.  Use the --recursive (-r or -R)\n"
    "option to remove each listed directory, too, along with all of its contents.\n";

class Remover {
 public:
  Remover(Process& process, const CommandFlags& flags) : p_(process), flags_(flags) {
    for (const CommandFlags::Given& given : flags.given()) {
      if (given.name == "f") prompt_ = kNever;
      if (given.name == "i") prompt_ = kAlways;
      if (given.name == "I") prompt_ = kOnce;
      if (given.name == "interactive")
        prompt_ = given.value == "never" || given.value == "no" || given.value == "none" ? kNever
                  : given.value == "once"                                                ? kOnce
                                                                                         : kAlways;
    }
  }

  Task<int> run() {
    const std::vector<std::string>& operands = flags_.operands();
    if (operands.empty()) {
      if (prompt_ == kNever) co_return 0;
      co_await complain_with_hint(p_, "missing operand");
      co_return 1;
    }
    const bool recursive = flags_.has("r");
    if (prompt_ == kOnce && (recursive || operands.size() > 3)) {
      const std::string count = std::to_string(operands.size());
      std::string question =
          "remove " + count + (operands.size() == 1 ? " argument" : " arguments") + (recursive ? " recursively?" : "?");
      if (!(co_await confirmed(p_, std::move(question)))) co_return 0;
    }
    bool fine = true;
    for (const std::string& path : operands) {
      const std::string problem = refusal(path);
      if (!problem.empty()) {
        co_await p_.err(problem);
        fine = false;
      } else if (!(co_await remove(path, 0))) {
        fine = false;
      }
    }
    co_return fine ? 0 : 1;
  }

 private:
  enum Prompt { kSometimes, kNever, kOnce, kAlways };

  std::string refusal(std::string path) const {
    if (!flags_.has("r") || !p_.stat(path, false)) return {};
    if (p_.real_path(path).value_or("") == "/" && !flags_.has("no-preserve-root")) {
      const bool same = path == "/";
      return "rm: it is dangerous to operate recursively on " + quoted(path) + (same ? "" : " (same as '/')") +
             "\nrm: use --no-preserve-root to override this failsafe\n";
    }
    const std::string shown = path;
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    const std::string_view last = base_name(path);
    if (last == "." || last == "..")
      return "rm: refusing to remove '.' or '..' directory: skipping " + quoted(shown) + "\n";
    return {};
  }

  // A question that -i asks; without it, only about what is protected, at a terminal.
  Task<bool> agreed(std::string path, FileStat info, bool descend) {
    const bool guarded = prompt_ == kSometimes && p_.is_tty(0) && info.type != FileType::kSymlink &&
                         !p_.can_access(path, Process::kWrite);
    if (prompt_ != kAlways && !guarded) co_return true;
    std::string question = descend ? "descend into " : "remove ";
    if (guarded) question += "write-protected ";
    co_return co_await confirmed(p_, question + type_text(info) + " " + quoted(path) + "?");
  }

  Task<bool> fail(std::string path, Errno error) {
    co_await report(p_, "cannot remove " + quoted(path) + ": " + std::string(errno_text(error)));
    co_return false;
  }

  Task<bool> remove(std::string path, int depth) {
    if (depth > kMaxDepth) co_return co_await fail(path, Errno::kLoop);
    const auto info = p_.stat(path, false);
    if (!info) {
      const bool missing = info.error() == Errno::kNoEnt || info.error() == Errno::kNotDir;
      if (missing && prompt_ == kNever) co_return true;
      co_return co_await fail(path, info.error());
    }
    if (info->type != FileType::kDirectory) {
      if (!(co_await agreed(path, *info, false))) co_return true;
      const auto gone = p_.unlink(path);
      if (!gone) co_return co_await fail(path, gone.error());
      if (flags_.has("v")) co_await p_.out("removed " + quoted(path) + "\n");
      co_return true;
    }
    if (!flags_.has("r") && !flags_.has("d")) co_return co_await fail(path, Errno::kIsDir);
    bool fine = true;
    auto names = p_.list_directory(path);
    if (!names) co_return co_await fail(path, names.error());
    if (flags_.has("r") && !names->empty()) {
      if (!(co_await agreed(path, *info, true))) co_return true;
      for (const std::string& name : *names) {
        std::string below = path_in(path, name);
        if (!(co_await remove(std::move(below), depth + 1))) fine = false;
      }
      if (!fine) co_return false;
      // What the user wanted to keep keeps its directory.
      if (!p_.list_directory(path).value_or({}).empty()) co_return true;
    }
    if (!(co_await agreed(path, *info, false))) co_return true;
    const auto gone = p_.remove_directory(path);
    if (!gone) co_return co_await fail(path, gone.error());
    if (flags_.has("v")) co_await p_.out("removed directory " + quoted(path) + "\n");
    co_return true;
  }

  Process& p_;
  const CommandFlags& flags_;
  Prompt prompt_ = kSometimes;
};

Task<int> rm_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kRemoveHelp);
  if (flags.ended()) co_return flags.exit_code();
  Remover remover(p, flags);
  co_return co_await remover.run();
}

constexpr std::string_view kRemoveDirectoryHelp =
    "Usage: rmdir [OPTION]... DIRECTORY...\n"
    "Remove the DIRECTORY(ies), if they are empty.\n"
    "\n"
    "      --ignore-fail-on-non-empty  ignore each failure to remove a non-empty directory\n"
    "  -p, --parents   remove DIRECTORY and its ancestors;\n"
    "                    e.g., 'rmdir -p a/b' is similar to 'rmdir a/b a'\n"
    "  -v, --verbose   output a diagnostic for every directory processed\n";

Task<int> rmdir_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kRemoveDirectoryHelp);
  if (flags.ended()) co_return flags.exit_code();
  if (flags.operands().empty()) {
    co_await complain_with_hint(p, "missing operand");
    co_return 1;
  }
  int code = 0;
  for (const std::string& operand : flags.operands()) {
    std::string path = operand;
    for (bool first = true;; first = false) {
      while (path.size() > 1 && path.back() == '/') path.pop_back();
      if (!first && (path == "." || path == "/" || path.empty())) break;
      if (flags.has("v")) co_await p.out("rmdir: removing directory, " + quoted(path) + "\n");
      const bool dot = base_name(path) == ".";
      const auto gone = dot ? SysResult<void>(Errno::kInval) : p.remove_directory(path);
      if (!gone) {
        if (gone.error() == Errno::kNotEmpty && flags.has("ignore-fail-on-non-empty")) break;
        co_await report(p, std::string(first ? "failed to remove " : "failed to remove directory ") + quoted(path) +
                               ": " + std::string(errno_text(gone.error())));
        code = 1;
        break;
      }
      if (!flags.has("p") || !contains(path, "/")) break;
      path = std::string(directory_name(path));
    }
  }
  co_return code;
}

constexpr std::string_view kUnlinkHelp =
    "Usage: unlink FILE\n"
    "  or:  unlink OPTION\n"
    "Call the unlink function to remove the specified FILE.\n"
    "\n";

Task<int> unlink_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kUnlinkHelp);
  if (flags.ended()) co_return flags.exit_code();
  const std::vector<std::string>& operands = flags.operands();
  if (operands.size() != 1) {
    co_await complain_with_hint(p, operands.empty() ? "missing operand" : "extra operand " + quoted(operands[1]));
    co_return 1;
  }
  const auto gone = p.unlink(operands[0]);
  if (gone) co_return 0;
  co_await report(p, "cannot unlink " + quoted(operands[0]) + ": " + std::string(errno_text(gone.error())));
  co_return 1;
}

}  // namespace

void register_removing(ProgramRegistry& programs) {
  programs.add("rm", rm_main);
  programs.add("rmdir", rmdir_main);
  programs.add("unlink", unlink_main);
}

}  // namespace drydock
