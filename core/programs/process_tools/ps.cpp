// ps in its Unix (-ef) and BSD (aux) dialects, and busybox's.
#include <algorithm>
#include <functional>
#include <set>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/process_table.h"
#include "core/host/program.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/process_tools/process_tools.h"
#include "core/programs/process_tools/ps_query.h"

namespace drydock {
namespace {

constexpr std::string_view kUsage =
    "\nUsage:\n ps [options]\n\n Try 'ps --help <simple|list|output|threads|misc|all>'\n  or 'ps --help "
    "<s|l|o|t|m|a>'\n"
    " for additional help text.\n\nFor more details see ps(1).\n";

bool selected(Process& p, const PsQuery& query, const ProcessRow& row, const std::string& own_tty) {
  if (query.running && row.state != 'R') return false;
  if (query.all) return true;
  if (query.no_leaders && !row.leader) return true;
  if (query.selects) {
    const auto named = [&](const std::set<std::string>& set, const std::string& name, std::uint32_t number) {
      return set.contains(name) || set.contains(std::to_string(number));
    };
    return query.pids.contains(row.pid) || query.parents.contains(row.parent) || query.sessions.contains(row.session) ||
           std::any_of(query.names.begin(), query.names.end(),
                       [&](const std::string& name) { return name.substr(0, 15) == row.name; }) ||
           named(query.users, user_name(p, row.who.uid), row.who.uid) ||
           named(query.groups, group_name(p, row.who.gid), row.who.gid) ||
           (!row.tty.empty() && (query.ttys.contains(row.tty) || query.ttys.contains("/dev/" + row.tty))) ||
           (row.tty.empty() && (query.ttys.contains("?") || query.ttys.contains("-")));
  }
  if (query.with_tty) return !row.tty.empty() && (query.leaders_too || !row.leader);
  const bool own = row.who.uid == p.credentials().uid;
  if (query.no_leaders) return false;
  return own && (query.without_tty || row.tty == own_tty);
}

void sort_rows(Process& p, const PsQuery& query, std::vector<ProcessRow>& rows) {
  for (auto key = query.sort.rbegin(); key != query.sort.rend(); ++key) {
    const bool down = key->starts_with("-");
    const std::string name = key->starts_with("-") || key->starts_with("+") ? key->substr(1) : *key;
    struct Keyed {
      std::string text;
      std::optional<double> number;
      std::size_t place;
    };
    std::vector<Keyed> keys;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::string text = ps_field(p, rows[i], name);
      // Times read best as what they are made of.
      if (contains(" time cputime bsdtime ", " " + name + " "))
        text = std::to_string(rows[i].cpu_time.count());
      else if (contains(" start start_time stime bsdstart lstart ", " " + name + " "))
        text = std::to_string(rows[i].started.time_since_epoch().count());
      else if (name == "etime")
        text = std::to_string((p.now() - rows[i].started).count());
      const auto number = parse_double(text);
      keys.push_back({std::move(text), number, i});
    }
    std::sort(keys.begin(), keys.end(), [&](const Keyed& a, const Keyed& b) {
      if (a.number && b.number && *a.number != *b.number) return down ? *a.number > *b.number : *a.number < *b.number;
      if (!(a.number && b.number) && a.text != b.text) return down ? a.text > b.text : a.text < b.text;
      return a.place < b.place;
    });
    std::vector<ProcessRow> sorted;
    for (const Keyed& one : keys) sorted.push_back(std::move(rows[one.place]));
    rows = std::move(sorted);
  }
}

constexpr Pid kInit = 1;  // what it started stands for itself

// f, -H, --forest: children below their parents, with branches.
void grow_forest(std::vector<ProcessRow>& rows, std::vector<std::string>& branches) {
  std::vector<ProcessRow> ordered;
  std::set<Pid> shown;
  for (const ProcessRow& row : rows) shown.insert(row.pid);
  std::function<void(const ProcessRow&, const std::string&, bool, std::size_t)> add =
      [&](const ProcessRow& row, const std::string& indent, bool last, std::size_t depth) {
        branches.push_back(depth == 0 ? "" : indent + " \\_ ");
        ordered.push_back(row);
        std::vector<const ProcessRow*> children;
        for (const ProcessRow& other : rows) {
          if (other.parent == row.pid && row.pid != kInit) children.push_back(&other);
        }
        const std::string deeper = depth == 0 ? indent : indent + (last ? "    " : " |  ");
        for (std::size_t i = 0; i < children.size(); ++i)
          add(*children[i], deeper, i + 1 == children.size(), depth + 1);
      };
  for (const ProcessRow& row : rows) {
    if (!shown.contains(row.parent) || row.parent == kInit) add(row, "", true, 0);
  }
  rows = std::move(ordered);
}

constexpr std::string_view kBusyboxColumns = "pid,user,time,args";

// BusyBox lists every process, in its own widths.
Task<int> busybox_ps(Process& p) {
  std::string names(kBusyboxColumns);
  for (std::size_t i = 1; i < p.argv().size(); ++i) {
    const std::string& word = p.argv()[i];
    if (word.starts_with("-o")) {
      names = word.size() > 2 ? word.substr(2) : i + 1 < p.argv().size() ? p.argv()[++i] : "";
    } else if (word != "-T" && word != "-l" && !word.starts_with("-e") && !word.starts_with("a") && word != "w" &&
               word != "-w" && word != "-a" && word != "-f" && word != "-A" && word != "-ef" && word != "ww") {
      co_await p.err(
          "ps: " + (word.starts_with("-") ? "unrecognized option: " + word.substr(1, 1) : "bad -o argument") +
          "\nBusyBox v1.37.0 (2024-09-26 21:31:42 UTC) multi-call binary.\n\nUsage: ps [-o "
          "COL1,COL2=HEADER] [-T]\n\nShow list of processes\n\n\t-o COL1,COL2=HEADER\tSelect columns for "
          "display\n\t-T\t\t\tShow threads\n");
      co_return 1;
    }
  }
  struct Plain {
    std::string name;
    std::string title;
    std::size_t width;
  };
  static const std::vector<Plain> known = {{"pid", "PID", 5},     {"ppid", "PPID", 5},     {"user", "USER", 8},
                                           {"group", "GROUP", 8}, {"comm", "COMMAND", 16}, {"args", "COMMAND", 256},
                                           {"time", "TIME", 5},   {"etime", "ELAPSED", 7}, {"vsz", "VSZ", 4},
                                           {"rss", "RSS", 4},     {"stat", "STAT", 4},     {"tty", "TT", 6},
                                           {"pgid", "PGID", 5},   {"nice", "NI", 5},       {"sid", "SID", 5}};
  std::vector<Plain> columns;
  for (const std::string& piece : split(names, ',')) {
    const std::string name = piece.substr(0, piece.find('='));
    const auto at = std::find_if(known.begin(), known.end(), [&](const Plain& one) { return one.name == name; });
    if (at == known.end()) {
      co_await p.err("ps: bad -o argument '" + name +
                     "', supported arguments: user,group,comm,args,pid,ppid,pgid,tty,vsz,sid,stat,rss\n");
      co_return 1;
    }
    columns.push_back(*at);
    if (contains(piece, "=")) columns.back().title = piece.substr(piece.find('=') + 1);
  }
  std::string out;
  const auto line = [&](auto&& text_of) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string text = text_of(columns[i]);
      const bool last = i + 1 == columns.size();
      out += last ? text : pad_right(text, std::max(columns[i].width, columns[i].title.size())) + " ";
    }
    out += "\n";
  };
  line([](const Plain& one) { return one.title; });
  for (const ProcessRow& row : process_table(p.host(), p.namespaces().pids, &p)) {
    line([&](const Plain& one) {
      if (one.name == "time") return ps_field(p, row, "bsdtime");
      const bool number = contains(" pid ppid pgid sid vsz rss ", " " + one.name + " ");
      std::string text = ps_field(p, row, one.name);
      return number && one.width == 5 ? pad_left(text, 5) : text;
    });
  }
  co_await p.out(std::move(out));
  co_return 0;
}

constexpr std::string_view kSimpleHelp =
    "\nUsage:\n ps [options]\n\nBasic options:\n -A, -e               all processes\n -a                   all with "
    "tty, "
    "except session leaders\n  a                   all with tty, including other users\n -d                   all "
    "except "
    "session leaders\n -N, --deselect       negate selection\n  r                   only running processes\n  T        "
    "    "
    "       all processes on this terminal\n  x                   processes without controlling ttys\n\nFor more "
    "details "
    "see ps(1).\n";

}  // namespace

Task<int> ps_main(Process& p) {
  const std::vector<std::string> words(p.arguments().begin(), p.arguments().end());
  if (p.program_version() == "busybox") co_return co_await busybox_ps(p);
  if (!words.empty() && (words[0] == "--help" || words[0] == "--version" || words[0] == "-V" || words[0] == "V")) {
    co_await p.out(words[0] == "--help" ? std::string(kSimpleHelp) : "ps from procps-ng 3.3.17\n");
    co_return 0;
  }
  PsQuery query = parse_ps(words);
  if (!query.problem.empty()) {
    co_await p.err(query.problem + "\n" + std::string(kUsage));
    co_return 1;
  }
  std::vector<ProcessRow> rows = process_table(p.host(), p.namespaces().pids, &p);
  std::string own_tty;
  for (const ProcessRow& row : rows) {
    if (row.pid == p.pid()) own_tty = row.tty;
  }
  std::erase_if(rows, [&](const ProcessRow& row) { return selected(p, query, row, own_tty) == query.inverse; });
  sort_rows(p, query, rows);
  std::vector<std::string> branches(rows.size());
  if (query.forest) {
    branches.clear();
    grow_forest(rows, branches);
  }
  const bool titled = query.header && std::any_of(query.columns.begin(), query.columns.end(),
                                                  [](const PsShown& one) { return !one.title.empty(); });
  std::string out;
  const auto line = [&](bool heading, auto&& text_of) {
    std::size_t owed = 0;  // what a title took from the column behind it ("ADDR SZ")
    for (std::size_t i = 0; i < query.columns.size(); ++i) {
      const PsShown& shown = query.columns[i];
      const bool narrow = std::string_view(shown.column->name) == "addr_1";
      const std::size_t width = narrow ? 1 : std::max(shown.column->width, shown.title.size());
      const std::string text = text_of(shown);
      const bool last = i + 1 == query.columns.size();
      if (i > 0) out += ' ';
      if (shown.column->side == Side::kLeft)
        out += last && !heading ? text : last ? text : pad_right(text, width);
      else
        out += pad_left(text, width - std::min(owed, width));
      owed = text.size() > width && heading ? text.size() - width : 0;
    }
    out += '\n';
  };
  if (titled) line(true, [](const PsShown& shown) { return shown.title; });
  for (std::size_t i = 0; i < rows.size(); ++i) {
    line(false, [&](const PsShown& shown) {
      const std::string text = ps_field(p, rows[i], shown.column->name);
      return contains(" cmd args command comm ucmd ", " " + std::string(shown.column->name) + " ") ? branches[i] + text
                                                                                                   : text;
    });
  }
  co_await p.out(std::move(out));
  co_return rows.empty() ? 1 : 0;
}

void register_ps(ProgramRegistry& programs) { programs.add("ps", ps_main); }

void register_process_tools(ProgramRegistry& programs) {
  register_ps(programs);
  register_signalling(programs);
}

}  // namespace drydock
