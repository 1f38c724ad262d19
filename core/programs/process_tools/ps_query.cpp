// The Unix dialect has dashes, the BSD one has none, and both may be mixed.
#include "core/programs/process_tools/ps_query.h"

#include "core/base/strings.h"

namespace drydock {
namespace {

void add_columns(PsQuery& query, std::string_view names) {
  for (std::string piece : split(replace_all(names, " ", ","), ',')) {
    if (piece.empty()) continue;
    const std::size_t equals = piece.find('=');
    const std::string name = to_lower(piece.substr(0, equals));
    const PsColumn* column = ps_column_named(name);
    if (column == nullptr) {
      query.problem = "error: unknown user-defined format specifier \"" + piece.substr(0, equals) + "\"";
      return;
    }
    query.columns.push_back({column, equals == std::string::npos ? column->title : piece.substr(equals + 1)});
  }
}

void add_pids(std::set<Pid>& pids, PsQuery& query, const std::string& list) {
  query.selects = true;
  for (const std::string& piece : split(replace_all(list, " ", ","), ',')) {
    if (piece.empty() && !list.empty()) continue;
    const auto number = parse_int(piece);
    if (number && *number > 0 && *number < 1 << 30) {
      pids.insert(static_cast<Pid>(*number));
    } else {
      query.problem = "error: process ID list syntax error";
      return;
    }
  }
}

void add_words(std::set<std::string>& words, PsQuery& query, const std::string& list) {
  query.selects = true;
  for (const std::string& piece : split(replace_all(list, " ", ","), ',')) {
    if (!piece.empty()) words.insert(piece);
  }
}

class Parser {
 public:
  explicit Parser(const std::vector<std::string>& words) : words_(words) {}

  PsQuery parse() {
    for (at_ = 0; at_ < words_.size() && query_.problem.empty(); ++at_) {
      const std::string& word = words_[at_];
      if (word.starts_with("--"))
        long_flag(word);
      else if (word.starts_with("-"))
        unix_flags(word);
      else if (!word.empty() && word.find_first_not_of("0123456789,") == std::string::npos)
        add_pids(query_.pids, query_, word);
      else
        bsd_flags(word);
    }
    if (query_.problem.empty()) choose_columns();
    return std::move(query_);
  }

 private:
  std::string value(const std::string& word, std::size_t from) {
    if (from < word.size()) return word.substr(from);
    if (at_ + 1 < words_.size()) return words_[++at_];
    query_.problem = "error: list of process IDs must follow -p";
    return "";
  }

  void long_flag(const std::string& word) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    auto given = [&] { return equals == std::string::npos ? value(word, word.size()) : word.substr(equals + 1); };
    if (name == "sort")
      query_.sort = split(given(), ',');
    else if (name == "pid")
      add_pids(query_.pids, query_, given());
    else if (name == "ppid")
      add_pids(query_.parents, query_, given());
    else if (name == "sid")
      add_pids(query_.sessions, query_, given());
    else if (name == "user" || name == "User")
      add_words(query_.users, query_, given());
    else if (name == "group" || name == "Group")
      add_words(query_.groups, query_, given());
    else if (name == "tty")
      add_words(query_.ttys, query_, given());
    else if (name == "format")
      write_columns(given());
    else if (name == "no-headers" || name == "no-heading" || name == "no-headings" || name == "noheaders" ||
             name == "noheader" || name == "noheadings")
      query_.header = false;
    else if (name == "deselect")
      query_.inverse = true;
    else if (name == "forest")
      query_.forest = true;
    else if (name == "cols" || name == "columns" || name == "width" || name == "rows" || name == "lines")
      (void)given();
    else if (name != "headers" && name != "cumulative")
      query_.problem = "error: unknown gnu long option";
  }

  void write_columns(const std::string& list) {
    written_ = true;
    add_columns(query_, list);
  }

  void unix_flags(const std::string& word) {
    if (word.size() == 1) {
      query_.problem = "error: improper list";
      return;
    }
    for (std::size_t k = 1; k < word.size(); ++k) {
      switch (word[k]) {
        case 'o':
        case 'O':
          if (word[k] == 'O') add_columns(query_, "pid");
          write_columns(value(word, k + 1));
          if (word[k] == 'O') add_columns(query_, "state,tname,time,command");
          return;
        case 'p':
        case 'q':
          add_pids(query_.pids, query_, value(word, k + 1));
          return;
        case 's':
          add_pids(query_.sessions, query_, value(word, k + 1));
          return;
        case 'C':
          add_words(query_.names, query_, value(word, k + 1));
          return;
        case 'u':
        case 'U':
          add_words(query_.users, query_, value(word, k + 1));
          return;
        case 'g':
        case 'G':
          add_words(query_.groups, query_, value(word, k + 1));
          return;
        case 't':
          add_words(query_.ttys, query_, value(word, k + 1));
          return;
        case 'k':
          query_.sort = split(value(word, k + 1), ',');
          return;
        case 'e':
        case 'A':
          query_.all = true;
          break;
        case 'd':
          query_.no_leaders = true;
          break;
        case 'a':
          query_.with_tty = true;
          query_.leaders_too = false;
          break;
        case 'N':
          query_.inverse = true;
          break;
        case 'f':
          full_ = true;
          break;
        case 'F':
          full_ = extra_ = true;
          break;
        case 'l':
          long_ = true;
          break;
        case 'y':
          break;
        case 'j':
          job_ = true;
          break;
        case 'H':
          query_.forest = true;
          break;
        case 'L':
        case 'T':
          threads_ = true;
          break;
        case 'x':
          query_.without_tty = true;
          break;
        case 'w':
        case 'c':
        case 'M':
        case 'm':
          break;
        default:
          query_.problem = "error: unsupported SysV option";
          return;
      }
    }
  }

  void bsd_flags(const std::string& word) {
    for (std::size_t k = 0; k < word.size(); ++k) {
      switch (word[k]) {
        case 'o':
        case 'O':
          write_columns(value(word, k + 1));
          return;
        case 'p':
        case 'q':
          add_pids(query_.pids, query_, value(word, k + 1));
          return;
        case 'U':
          add_words(query_.users, query_, value(word, k + 1));
          return;
        case 't':
          if (k + 1 < word.size() || at_ + 1 < words_.size()) add_words(query_.ttys, query_, value(word, k + 1));
          return;
        case 'k':
          query_.sort = split(value(word, k + 1), ',');
          return;
        case 'a':
          query_.with_tty = true;
          break;
        case 'x':
          query_.without_tty = true;
          break;
        case 'r':
          query_.running = true;
          break;
        case 'u':
          user_ = true;
          break;
        case 'l':
          bsd_long_ = true;
          break;
        case 'j':
          bsd_job_ = true;
          break;
        case 'v':
          memory_ = true;
          break;
        case 'f':
          query_.forest = true;
          break;
        case 'h':
          query_.header = false;
          break;
        case 'w':
        case 'e':
        case 'c':
        case 'n':
        case 'S':
        case 'g':
        case 'm':
        case 'L':
        case 'H':
          break;
        default:
          query_.problem = "error: unsupported option (BSD syntax)";
          return;
      }
    }
    if (query_.with_tty && query_.without_tty) query_.all = true;
    bsd_ = true;
  }

  void choose_columns() {
    if (written_) return;
    if (user_)
      add_columns(query_, "user,pid,%cpu,%mem,vsz,rss,tname,stat,start_time,bsdtime,command");
    else if (bsd_long_)
      add_columns(query_, "f,uid,pid,ppid,pri,ni,vsz,rss,wchan,stat,tname,bsdtime,command");
    else if (bsd_job_)
      add_columns(query_, "ppid,pid,pgid,sid,tname,tpgid,stat,uid,bsdtime,command");
    else if (memory_)
      add_columns(query_, "pid,tname,stat,bsdtime,maj_flt,trs,drs,rss,%mem,command");
    else if (full_ && long_)
      add_columns(query_, "f,s,uid_name,pid,ppid,c,opri,ni,addr_1,sz,wchan,stime,tname,time,cmd");
    else if (extra_)
      add_columns(query_, "uid_name,pid,ppid,c,sz,rss,psr,stime,tname,time,cmd");
    else if (full_ && threads_)
      add_columns(query_, "uid_name,pid,ppid,lwp,c,nlwp,stime,tname,time,cmd");
    else if (full_ && job_)
      add_columns(query_, "uid_name,pid,ppid,pgid,sid,c,stime,tname,time,cmd");
    else if (full_)
      add_columns(query_, "uid_name,pid,ppid,c,stime,tname,time,cmd");
    else if (long_)
      add_columns(query_, "f,s,uid,pid,ppid,c,opri,ni,addr_1,sz,wchan,tname,time,ucmd");
    else if (job_)
      add_columns(query_, "pid,pgid,sid,tname,time,ucmd");
    else if (bsd_ || (query_.without_tty && !query_.all))
      add_columns(query_, "pid,tname,stat,bsdtime,command");
    else if (threads_)
      add_columns(query_, "pid,lwp,tname,time,ucmd");
    else
      add_columns(query_, "pid,tname,time,ucmd");
  }

  const std::vector<std::string>& words_;
  std::size_t at_ = 0;
  PsQuery query_;
  bool written_ = false, user_ = false, bsd_ = false, bsd_long_ = false, bsd_job_ = false, memory_ = false;
  bool full_ = false, extra_ = false, long_ = false, job_ = false, threads_ = false;
};

}  // namespace

PsQuery parse_ps(const std::vector<std::string>& words) { return Parser(words).parse(); }

}  // namespace drydock
