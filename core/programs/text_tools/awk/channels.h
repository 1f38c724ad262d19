// What an awk program reads from and writes to besides its records: files and
// commands, opened when first named and kept until close() or the end.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/programs/text/regex.h"
#include "core/programs/text_tools/streams.h"

namespace drydock::awk {

// Cuts an input into records as RS says: one character, "" for paragraphs, or a
// regular expression (gawk).
struct RecordEnd {
  enum class Kind { kCharacter, kParagraph, kRegex } kind = Kind::kCharacter;
  char character = '\n';
  Regex regex;
};
// False at the end of input. `ended_by` is what stood between: RT.
Task<bool> read_record(InputStream& input, const RecordEnd& end, std::string& record, std::string& ended_by);

class Channels {
 public:
  explicit Channels(Process& process) : process_(process), out_(process) {}

  Output& out() { return out_; }
  // For "print > name", ">> name", "| command" ('>', 'a', '|'); null when it cannot be opened.
  Task<Output*> writer(char how, std::string name, std::string& problem);
  // For "getline < name" and "command | getline".
  Task<InputStream*> reader(char how, std::string name);
  // What close() returns: an exit status, or -1 when nothing of that name is open.
  Task<int> close(std::string name);
  Task<void> close_all();
  Task<void> flush_all();
  Task<bool> flush(std::string name);
  Task<int> system(std::string command);

 private:
  struct Writer {
    std::unique_ptr<Output> output;
    Pid child = 0;
  };
  struct Reader {
    std::unique_ptr<InputStream> input;
    Pid child = 0;
  };
  SpawnOptions shell(const std::string& command) const;
  Task<int> finish(Pid child);

  Process& process_;
  Output out_;
  std::map<std::string, Writer> writers_;
  std::map<std::string, Reader> readers_;
};

}  // namespace drydock::awk
