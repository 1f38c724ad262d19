// find's command line as a tree of tests and actions.
#pragma once

#include <climits>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/host/file_system.h"

namespace drydock {

class Process;

struct FindFile {
  std::string path;
  std::string start;  // the operand it was found under
  int depth = 0;
  FileStat info;
};

struct FindNode {
  enum Kind { kAnd, kOr, kList, kNot, kTest, kPrint, kPrune, kQuit, kDelete, kExecute };
  Kind kind = kAnd;
  std::vector<std::unique_ptr<FindNode>> children;
  std::function<bool(Process&, const FindFile&)> test;          // kTest
  std::function<std::string(Process&, const FindFile&)> print;  // kPrint
  // kExecute
  std::vector<std::string> words;      // "{}" stands for the file
  bool batch = false;                  // "{} +": all files at once, at the end
  bool in_directory = false;           // -execdir
  bool asks = false;                   // -ok
  std::vector<std::string> collected;  // of a batch
};

struct FindCommand {
  std::vector<std::string> starts;
  std::unique_ptr<FindNode> expression;
  std::vector<FindNode*> batches;
  bool prints = true;  // no action is named: -print
  bool depth_first = false;
  bool follow_all = false;       // -L
  bool follow_operands = false;  // -H, -L
  int min_depth = 0;
  int max_depth = INT_MAX;
};

// What is wrong, as find says it; "" when nothing is.
std::string parse_find(Process& process, const std::vector<std::string>& words, FindCommand& command);

// -printf FORMAT for one file.
std::string find_printf(Process& process, const FindFile& file, const std::string& pattern);

}  // namespace drydock
