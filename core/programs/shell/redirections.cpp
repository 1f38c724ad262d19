// Redirections and process substitution.
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/programs/shell/interpreter.h"

namespace drydock::shell {
namespace {

constexpr int kFirstSubstitution = 63;  // as bash numbers them: /dev/fd/63, 62, …
constexpr int kFirstFree = 10;          // {name}> gives out descriptors from here

// What is written to a >( ) by path, on its way to the command that reads it.
struct Spool {
  explicit Spool(EventLoop& loop) : readable(loop) {}
  std::string bytes;
  bool closed = false;
  Event readable;
};

class SpoolReader final : public OpenFile {
 public:
  explicit SpoolReader(std::shared_ptr<Spool> spool) : spool_(std::move(spool)) {}
  Task<SysResult<std::string>> read(Process& process, std::size_t max) override {
    const std::shared_ptr<Spool> spool = spool_;
    while (spool->bytes.empty() && !spool->closed) {
      if (co_await process.wait_event(spool->readable) == Process::WaitResult::kInterrupted) co_return Errno::kIntr;
    }
    std::string piece = spool->bytes.substr(0, max);
    spool->bytes.erase(0, piece.size());
    co_return piece;
  }
  Task<SysResult<void>> write(Process&, std::string_view) override { co_return Errno::kBadF; }
  std::string description() const override { return "pipe:[0]"; }

 private:
  std::shared_ptr<Spool> spool_;
};

// Ends the reader's input when the command that had the path is done.
struct SpoolCloser {
  explicit SpoolCloser(std::shared_ptr<Spool> spool) : spool(std::move(spool)) {}
  ~SpoolCloser() {
    spool->closed = true;
    spool->readable.notify_all();
  }
  std::shared_ptr<Spool> spool;
};

}  // namespace

void Interpreter::put_file(int fd, OpenFilePtr file, std::vector<SavedFile>& saved) {
  saved.push_back({fd, process_.file(fd)});
  if (file)
    process_.set_file(fd, std::move(file));
  else
    process_.close(fd);
}

void Interpreter::restore(std::vector<SavedFile>& saved) {
  for (auto each = saved.rbegin(); each != saved.rend(); ++each) {
    if (each->file)
      process_.set_file(each->fd, each->file);
    else
      process_.close(each->fd);
  }
  saved.clear();
}

void Interpreter::fork_beside(CommandPtr command, std::map<int, OpenFilePtr> files) {
  last_background_ = fork(std::move(command), std::move(files), std::nullopt);
  beside_.push_back(last_background_);
}

// A pipe to a command that runs beside this one: "<": what it prints can be read.
OpenFilePtr Interpreter::substitution_pipe(char direction, const std::string& text) {
  Parser parser(text, &aliases, true);
  const Parsed parsed = parser.next();
  if (parsed.state != Parsed::State::kCommand) return make_null_file();
  auto [reader, writer] = make_pipe(process_.loop());
  std::map<int, OpenFilePtr> files;
  files[direction == '<' ? 1 : 0] = direction == '<' ? std::move(writer) : reader;
  fork_beside(parsed.command, std::move(files));
  return direction == '<' ? reader : writer;
}

// As an argument: a path that programs may open. What <( ) prints is there as a whole.
Task<std::string> Interpreter::process_substitution(std::string text) {
  const std::string command = text.substr(2, text.size() - 3);
  std::string path;
  const std::string folder = "/dev/fd";
  (void)process_.make_directories(folder);
  for (int number = kFirstSubstitution; number > kFirstFree; --number) {
    path = folder + "/" + std::to_string(number);
    if (!process_.exists(path)) break;
  }
  if (text[0] == '<') {
    const OpenFilePtr reader = substitution_pipe('<', command);
    std::string output;
    for (;;) {
      auto piece = co_await reader->read(process_, 65536);
      if (!piece && piece.error() == Errno::kIntr) {
        collect_signals();
        if (!caught_.empty()) break;
        continue;
      }
      if (!piece || piece->empty()) break;
      output += *piece;
    }
    (void)process_.write_file(path, std::move(output), 0600);
    substitutions_.push_back({path, nullptr});
    co_return path;
  }
  auto spool = std::make_shared<Spool>(process_.loop());
  Parser parser(command, &aliases, true);
  const Parsed parsed = parser.next();
  if (parsed.state == Parsed::State::kCommand) {
    std::map<int, OpenFilePtr> files;
    files[0] = std::make_shared<SpoolReader>(spool);
    fork_beside(parsed.command, std::move(files));
  }
  (void)process_.write_file(path, "", 0600);
  if (const auto inode = process_.files().resolve(path)) {
    auto behaviour = std::make_shared<FileBehaviour>();
    behaviour->write = [spool](std::string_view bytes) -> SysResult<void> {
      spool->bytes += bytes;
      spool->readable.notify_all();
      return {};
    };
    (*inode)->behaviour = behaviour;
  }
  substitutions_.push_back({path, std::make_shared<SpoolCloser>(spool)});
  co_return path;
}

void Interpreter::close_substitutions(std::size_t down_to) {
  while (substitutions_.size() > down_to) {
    (void)process_.unlink(substitutions_.back().path);
    substitutions_.pop_back();
  }
}

Task<bool> Interpreter::redirect(const std::vector<std::shared_ptr<Redirection>>& redirections,
                                 std::vector<SavedFile>& saved) {
  for (const auto& each : redirections) {
    const std::string op = each->op;
    int fd = each->fd >= 0 ? each->fd : op[0] == '<' ? 0 : 1;
    if (!each->variable.empty()) {
      if (each->word == "-") {
        fd = static_cast<int>(parse_int(get(each->variable)).value_or(-1));
      } else {
        fd = kFirstFree;
        while (process_.file(fd)) ++fd;
        (void)set(each->variable, std::to_string(fd));
      }
    }
    if (op.starts_with("<<")) {
      std::string body = each->word;
      if (op == "<<<") {
        body = co_await expand_one(each->word) + "\n";
      } else if (each->expand) {
        std::vector<Piece> pieces;
        co_await expand_pieces(each->word, kInQuotes | kHereDocument, pieces);
        body = plain_text(pieces);
      }
      if (flow_ != Flow::kNone) co_return false;
      put_file(fd, make_string_source(std::move(body)), saved);
      continue;
    }
    const bool substitution =
        (each->word.starts_with("<(") || each->word.starts_with(">(")) && each->word.ends_with(")");
    if (substitution && op != ">&" && op != "<&") {
      const OpenFilePtr pipe = substitution_pipe(each->word[0], each->word.substr(2, each->word.size() - 3));
      put_file(fd, pipe, saved);
      if (op.starts_with("&")) put_file(2, pipe, saved);
      continue;
    }
    const std::vector<std::string> fields = co_await expand(each->word);
    if (flow_ != Flow::kNone) co_return false;
    if (fields.size() != 1) {
      co_await complain(each->word + ": ambiguous redirect");
      co_return false;
    }
    const std::string target = fields[0];
    if (op == ">&" || op == "<&") {
      const bool moves = target.size() > 1 && target.ends_with("-");
      const auto source = parse_int(moves ? target.substr(0, target.size() - 1) : target);
      if (target == "-") {
        put_file(fd, nullptr, saved);
        continue;
      }
      if (source) {
        const OpenFilePtr file = process_.file(static_cast<int>(*source));
        if (!file) {
          co_await complain(target + ": Bad file descriptor");
          co_return false;
        }
        put_file(fd, file, saved);
        if (moves) put_file(static_cast<int>(*source), nullptr, saved);
        continue;
      }
      if (op == "<&" || each->fd >= 0) {
        co_await complain(target + ": ambiguous redirect");
        co_return false;
      }
    }
    const bool appends = op == ">>" || op == "&>>";
    const unsigned flags = op == "<"    ? kOpenRead
                           : op == "<>" ? kOpenRead | kOpenWrite | kOpenCreate
                           : appends    ? kOpenWrite | kOpenCreate | kOpenAppend
                                        : kOpenWrite | kOpenCreate | kOpenTruncate;
    if (option("noclobber") && (op == ">" || op == "&>" || op == ">&")) {
      const auto info = process_.stat(target);
      if (info && info->type == FileType::kRegular) {
        co_await complain(target + ": cannot overwrite existing file");
        co_return false;
      }
    }
    OpenFilePtr file;
    // Descriptors by their paths.
    std::optional<std::int64_t> own;
    if (target.starts_with("/dev/fd/")) own = parse_int(target.substr(8));
    if (target == "/dev/stdin") own = 0;
    if (target == "/dev/stdout") own = 1;
    if (target == "/dev/stderr") own = 2;
    if (own) file = process_.file(static_cast<int>(*own));
    if (!file) {
      auto opened = process_.open(target, flags, 0666);
      if (!opened) {
        const std::string reason(errno_text(opened.error()));
        if (is_bash())
          co_await complain(target + ": " + reason);
        else if (op[0] == '<')
          co_await complain((flavour_ == Flavour::kAsh ? "can't open " : "cannot open ") + target + ": " +
                            (opened.error() == Errno::kNoEnt ? "no such file" : reason));
        else
          co_await complain((flavour_ == Flavour::kAsh ? "can't create " : "cannot create ") + target + ": " +
                            (opened.error() == Errno::kNoEnt ? "nonexistent directory" : reason));
        co_return false;
      }
      file = process_.file(*opened);
      process_.close(*opened);
    }
    put_file(fd, file, saved);
    if (op == "&>" || op == "&>>" || op == ">&") put_file(2, file, saved);
  }
  // What {name}> opened stays open, as bash leaves it.
  std::erase_if(saved, [&](const SavedFile& entry) {
    return std::any_of(redirections.begin(), redirections.end(), [&](const auto& each) {
      return !each->variable.empty() && entry.fd >= kFirstFree && get(each->variable) == std::to_string(entry.fd);
    });
  });
  co_return true;
}

// Reads byte-exactly: commands that share the descriptor find what follows the line.
Task<bool> read_input_line(Process& process, int fd, std::string& line, char delimiter) {
  const OpenFilePtr file = process.file(fd);
  if (!file) co_return false;
  const bool seeks = file->tty() == nullptr && file->seek(0, 1).ok();
  for (;;) {
    auto piece = co_await file->read(process, seeks ? 4096 : 1);
    if (!piece || piece->empty()) co_return false;
    const std::size_t end = piece->find(delimiter);
    if (end == std::string::npos) {
      line += *piece;
      continue;
    }
    line += piece->substr(0, end);
    if (seeks) (void)file->seek(-static_cast<std::int64_t>(piece->size() - end - 1), 1);
    co_return true;
  }
}

}  // namespace drydock::shell
