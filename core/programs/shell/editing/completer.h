// What can stand at the cursor: commands, variables, files, and what a command's own
// rule (complete -F …) offers.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/base/task.h"

namespace drydock::shell {

class Interpreter;

struct Completions {
  std::size_t start = 0;           // where the word begins that they replace
  std::vector<std::string> words;  // whole words, sorted
  bool files = false;              // they are paths: directories get a slash, lists show the last part
  bool space = true;               // a space follows a finished word
};
// `line` up to the cursor.
Task<Completions> complete_line(Interpreter& shell, std::string line);

}  // namespace drydock::shell
