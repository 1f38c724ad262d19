// find.
#include <algorithm>
#include <memory>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/programs/coreutils/find/find_expression.h"
#include "core/programs/coreutils/programs.h"
#include "core/programs/coreutils/support.h"

namespace drydock {
namespace {

constexpr int kMaxDepth = 128;

class Finder {
 public:
  Finder(Process& process, FindCommand& command) : p_(process), command_(command) {}

  Task<int> run() {
    for (const std::string& start : command_.starts) {
      if (stopped_) break;
      const auto info = p_.stat(start, command_.follow_operands);
      const auto link = info ? info : p_.stat(start, false);
      if (!link) {
        co_await flush();
        co_await report(p_, quoted(start) + ": " + std::string(errno_text(link.error())));
        code_ = 1;
        continue;
      }
      FindFile file;
      file.path = start;
      file.start = start;
      file.info = *link;
      co_await visit(std::move(file));
    }
    co_await flush();
    for (FindNode* node : command_.batches) co_await run_batch(*node);
    co_return code_;
  }

 private:
  Task<void> visit(FindFile file) {
    if (stopped_) co_return;
    const bool directory = file.info.type == FileType::kDirectory;
    bool pruned = false;
    const bool tested = file.depth >= command_.min_depth;
    const bool contents_first = command_.depth_first;
    if (tested && !contents_first) co_await judge(file, pruned);
    if (directory && !pruned && file.depth < command_.max_depth && file.depth < kMaxDepth && !stopped_) {
      auto names = p_.list_directory(file.path);
      if (!names && names.error() != Errno::kNoEnt) {
        co_await flush();
        co_await report(p_, quoted(file.path) + ": " + std::string(errno_text(names.error())));
        code_ = 1;
      }
      for (const std::string& name : names.value_or({})) {
        FindFile below;
        below.path = path_in(file.path, name);
        below.start = file.start;
        below.depth = file.depth + 1;
        auto info = p_.stat(below.path, command_.follow_all);
        if (!info && command_.follow_all) info = p_.stat(below.path, false);
        if (!info) continue;
        below.info = *info;
        co_await visit(std::move(below));
      }
    }
    if (tested && contents_first) co_await judge(file, pruned);
  }

  Task<void> judge(const FindFile& file, bool& pruned) {
    const bool yes = co_await evaluate(*command_.expression, file, pruned);
    if (yes && command_.prints && !stopped_) out_ += file.path + "\n";
    if (out_.size() > 32768) co_await flush();
  }

  Task<bool> evaluate(FindNode& node, const FindFile& file, bool& pruned) {
    switch (node.kind) {
      case FindNode::kAnd: {
        for (auto& child : node.children) {
          if (!(co_await evaluate(*child, file, pruned))) co_return false;
        }
        co_return true;
      }
      case FindNode::kOr: {
        for (auto& child : node.children) {
          if (co_await evaluate(*child, file, pruned)) co_return true;
        }
        co_return false;
      }
      case FindNode::kList: {
        bool last = true;
        for (auto& child : node.children) last = co_await evaluate(*child, file, pruned);
        co_return last;
      }
      case FindNode::kNot:
        co_return !(co_await evaluate(*node.children[0], file, pruned));
      case FindNode::kTest:
        co_return node.test(p_, file);
      case FindNode::kPrint:
        out_ += node.print(p_, file);
        co_return true;
      case FindNode::kPrune:
        pruned = true;
        co_return true;
      case FindNode::kQuit:
        stopped_ = true;
        co_return true;
      case FindNode::kDelete:
        co_return co_await remove(file);
      case FindNode::kExecute:
        co_return co_await execute(node, file);
    }
    co_return false;
  }

  Task<bool> remove(const FindFile& file) {
    if (file.path == ".") co_return true;
    const auto gone = file.info.type == FileType::kDirectory ? p_.remove_directory(file.path) : p_.unlink(file.path);
    if (gone) co_return true;
    co_await flush();
    co_await report(p_, "cannot delete " + quoted(file.path) + ": " + std::string(errno_text(gone.error())));
    code_ = 1;
    co_return false;
  }

  Task<bool> execute(FindNode& node, const FindFile& file) {
    const std::string shown = node.in_directory ? path_in(".", base_name(file.path)) : file.path;
    if (node.batch) {
      node.collected.push_back(shown);
      co_return true;
    }
    std::vector<std::string> argv;
    for (const std::string& word : node.words) argv.push_back(replace_all(word, "{}", shown));
    co_await flush();
    if (node.asks) {
      std::string question = "< " + join(argv, " ... ") + " > ?";
      question = "< " + argv[0] + " ... " + file.path + " > ? ";
      co_await p_.err(question);
      const auto answer = co_await p_.read_line(0);
      if (!answer || !(answer->starts_with("y") || answer->starts_with("Y"))) co_return false;
    }
    std::string directory = node.in_directory ? std::string(directory_name(file.path)) : "";
    co_return co_await start(std::move(argv), std::move(directory)) == 0;
  }

  Task<void> run_batch(FindNode& node) {
    if (node.collected.empty()) co_return;
    std::vector<std::string> argv = node.words;
    argv.insert(argv.end(), node.collected.begin(), node.collected.end());
    node.collected.clear();
    if (co_await start(std::move(argv), "") != 0) code_ = 1;
  }

  Task<int> start(std::vector<std::string> argv, std::string directory) {
    const std::string name = argv[0];
    SpawnOptions options;
    options.argv = std::move(argv);
    if (!directory.empty()) options.cwd = p_.absolute(directory);
    auto pid = p_.spawn(std::move(options));
    if (!pid) {
      co_await report(p_, quoted(name) + ": " + std::string(errno_text(pid.error())));
      co_return 127;
    }
    for (;;) {
      auto waited = co_await p_.wait(*pid);
      if (waited) co_return waited->status.shell_code();
      if (waited.error() != Errno::kIntr) co_return 1;
    }
  }

  Task<void> flush() {
    if (!out_.empty()) co_await p_.out(std::exchange(out_, {}));
  }

  Process& p_;
  FindCommand& command_;
  std::string out_;
  bool stopped_ = false;
  int code_ = 0;
};

constexpr std::string_view kHelp =
    "Usage: find [-H] [-L] [-P] [path...] [expression]\n"
    "\n"
    "Default path is the current directory; default expression is -print.\n"
    "Expression may consist of: operators, options, tests, and actions.\n"
    "\n"
    "Operators (decreasing precedence; -and is implicit where no others are given):\n"
    "      ( EXPR )   ! EXPR   -not EXPR   EXPR1 -a EXPR2   EXPR1 -and EXPR2\n"
    "      EXPR1 -o EXPR2   EXPR1 -or EXPR2   EXPR1 , EXPR2\n"
    "\n"
    "Options: -depth -maxdepth LEVELS -mindepth LEVELS -mount -xdev\n"
    "\n"
    "Tests (N can be +N or -N or N):\n"
    "      -amin N -anewer FILE -atime N -cmin N -cnewer FILE -ctime N -empty -executable -false\n"
    "      -gid N -group NAME -iname PATTERN -inum N -ipath PATTERN -iregex PATTERN -links N\n"
    "      -lname PATTERN -mmin N -mtime N -name PATTERN -newer FILE -newerXY REFERENCE -nogroup -nouser\n"
    "      -path PATTERN -perm [-/]MODE -readable -regex PATTERN -samefile FILE -size N[bcwkMG] -true\n"
    "      -type [cdpfls] -uid N -user NAME -wholename PATTERN -writable\n"
    "\n"
    "Actions: -delete -exec COMMAND {} + -exec COMMAND ; -execdir COMMAND ; -fprint FILE -ls\n"
    "      -ok COMMAND ; -print -print0 -printf FORMAT -prune -quit\n";

Task<int> find_main(Process& p) {
  std::vector<std::string> words(p.arguments().begin(), p.arguments().end());
  if (!words.empty() && (words[0] == "--help" || words[0] == "-help")) {
    co_await p.out(std::string(kHelp));
    co_return 0;
  }
  FindCommand command;
  const std::string problem = parse_find(p, words, command);
  if (!problem.empty()) {
    co_await report(p, problem);
    co_return 1;
  }
  Finder finder(p, command);
  co_return co_await finder.run();
}

}  // namespace

void register_find(ProgramRegistry& programs) { programs.add("find", find_main); }

}  // namespace drydock
