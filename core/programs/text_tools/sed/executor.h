// Runs a sed script over its input files.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/programs/text_tools/sed/script.h"
#include "core/programs/text_tools/streams.h"

namespace drydock::sed {

struct Options {
  bool quiet = false;
  bool separate = false;
  bool in_place = false;
  std::string suffix;  // of backups; "*" stands for the file's name
  char delimiter = '\n';
  std::size_t line_width = 70;  // of l
  bool posix = false;
  bool unbuffered = false;
};

class Executor {
 public:
  Executor(Process& process, Script script, Options options, std::vector<std::string> files);
  Task<int> run();

 private:
  enum class Flow { kNext, kEndCycle, kRestart, kQuit, kQuitSilently, kFail };

  Task<bool> read_line();  // the next line into line_; false at the end of all input
  Task<bool> open_next();
  Task<bool> is_last();
  Task<void> finish_file();
  Task<bool> selects(Command& command);
  bool address_matches(const Address& address, bool last);
  Task<bool> append_next();  // n and N at the end
  Task<Flow> cycle();
  Task<Flow> run_command(Command& command, std::size_t& next);
  Task<void> substitute(Command& command);
  std::string replacement(const Command& command, const std::vector<Regex::Group>& match);
  // The regex, or the last one used where it is empty; null, with problem_ set, when
  // there was none.
  const Regex* regex_of(const std::optional<Regex>& regex);
  void print(std::string_view text, bool newline = true);
  void print_pattern() { print(pattern_, newline_); }
  std::string listing(std::size_t width) const;
  Task<void> flush_appends();
  Output* file_output(const std::string& path);
  Task<std::string> shell_output(std::string command);

  Process& process_;
  Script script_;
  Options options_;
  std::vector<std::string> files_;
  std::size_t next_file_ = 0;
  std::string file_name_ = "-";
  std::unique_ptr<InputStream> input_;
  Output standard_output_;
  Output* out_ = nullptr;
  std::unique_ptr<Output> in_place_output_;  // gathers; the file is written at its end
  std::string in_place_text_;
  std::map<std::string, std::unique_ptr<Output>> outputs_;
  std::map<std::string, std::unique_ptr<InputStream>> readers_;  // of R
  std::string line_;
  std::string pattern_;
  std::string hold_;
  bool newline_ = true;           // whether the line read last ended with one
  bool missing_newline_ = false;  // output owes a newline before it goes on
  bool substituted_ = false;
  bool restarted_ = false;  // by D: no new line is read
  std::size_t line_number_ = 0;
  std::optional<Regex> last_regex_;
  std::string problem_;  // what ends the run
  struct Append {
    std::string text;
    std::string file;
  };
  std::vector<Append> appends_;
  int exit_code_ = 0;
  Breath breath_;
};

}  // namespace drydock::sed
