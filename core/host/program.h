// Program: what an executable file runs. A coroutine that sees its Process and
// nothing else. Executable files hold the line program_file(name, version); the
// kernel looks the name up here.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/base/task.h"

namespace drydock {

class Process;
using ProgramMain = Task<int> (*)(Process&);

class ProgramRegistry {
 public:
  void add(std::string name, ProgramMain main) { programs_[std::move(name)] = main; }
  ProgramMain find(std::string_view name) const {
    const auto at = programs_.find(name);
    return at == programs_.end() ? nullptr : at->second;
  }
  const std::map<std::string, ProgramMain, std::less<>>& all() const { return programs_; }

 private:
  std::map<std::string, ProgramMain, std::less<>> programs_;
};

// The content of an executable file that runs `program`, e.g. ("kubectl", "v1.36.3").
std::string program_file(std::string_view program, std::string_view version = "");

}  // namespace drydock
