// What a command line of ps asks for: which processes, which columns, which order.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/programs/process_tools/ps_columns.h"

namespace drydock {

struct PsShown {
  const PsColumn* column;
  std::string title;
};

struct PsQuery {
  bool all = false;          // -e
  bool no_leaders = false;   // -d
  bool with_tty = false;     // a
  bool leaders_too = true;   // BSD a; -a leaves session leaders out
  bool without_tty = false;  // x
  bool running = false;      // r
  std::set<Pid> pids;
  std::set<Pid> parents;
  std::set<Pid> sessions;
  std::set<std::string> names;
  std::set<std::string> users;
  std::set<std::string> groups;
  std::set<std::string> ttys;
  std::vector<PsShown> columns;
  std::vector<std::string> sort;
  bool header = true;
  bool forest = false;
  bool selects = false;  // one of the sets was given
  bool inverse = false;  // -N
  std::string problem;
};

PsQuery parse_ps(const std::vector<std::string>& words);

}  // namespace drydock
