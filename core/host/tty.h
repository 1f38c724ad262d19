// Tty: a terminal line: line discipline, foreground process group, window size.
// One end is a person's terminal (input(), output sink); the other the programs'
// (read()/write() through the OpenFile from open()).
//
// Canonical mode edits lines (^H ^U ^W ^D), echoes, and turns ^C ^Z ^\ into
// signals for the foreground group; raw mode hands bytes on as they come.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/sync.h"
#include "core/host/open_file.h"

namespace drydock {

class Host;
using Pid = int;

class Tty : public std::enable_shared_from_this<Tty> {
 public:
  using Sink = std::function<void(std::string_view)>;
  Tty(EventLoop& loop, std::string name, Sink sink);  // name: "pts/0"
  ~Tty();

  // The person's side.
  void input(std::string_view bytes);
  void resize(int columns, int rows);
  void hang_up();  // the window was closed: SIGHUP to the session, reads end

  // The programs' side.
  OpenFilePtr open();
  const std::string& name() const { return name_; }
  int columns() const { return columns_; }
  int rows() const { return rows_; }
  struct Modes {
    bool canonical = true;
    bool echo = true;
    bool signals = true;      // ^C ^Z ^\ are signals
    bool map_newline = true;  // output "\n" as "\r\n"
  };
  const Modes& modes() const { return modes_; }
  void set_modes(Modes modes);
  Modes raw_modes() const { return {false, false, false, true}; }

  // Job control. `signal_group` is installed by the host.
  Pid foreground_group() const { return foreground_group_; }
  void set_foreground_group(Pid group) { foreground_group_ = group; }
  std::function<void(Pid group, int signal)> signal_group;

  // What tells a person (and the console, and the auto clock) that the machine
  // waits for them: a shell at its prompt sets it while it reads a line.
  bool prompting() const { return prompting_; }
  void set_prompting(bool value) { prompting_ = value; }
  // The prompt it reads behind, as it was written.
  const std::string& prompt() const { return prompt_; }
  void set_prompt(std::string text) { prompt_ = std::move(text); }
  // Programs that pass this terminal on to another machine (kubectl exec -it).
  bool relaying() const { return relaying_; }
  void set_relaying(bool value) { relaying_ = value; }
  // A foreground program that goes on for ever (logs -f, get -w, top).
  bool following() const { return following_; }
  void set_following(bool value) { following_ = value; }
  bool reader_waiting() const { return readers_waiting_ > 0 && input_.empty() && pending_eof_ == 0; }
  TimePoint last_output() const { return last_output_; }
  // The end of what was written, enough to see a prompt (at most 256 bytes).
  const std::string& output_tail() const { return tail_; }

  Task<SysResult<std::string>> read(Process& process, std::size_t max);
  void write(std::string_view bytes);
  bool hung_up() const { return hung_up_; }
  EventLoop& loop() { return loop_; }

 private:
  void input_byte(char c);
  void echo(std::string_view bytes);
  void emit(std::string_view bytes);

  EventLoop& loop_;
  std::string name_;
  Sink sink_;
  Modes modes_;
  int columns_ = 80;
  int rows_ = 24;
  std::string line_;   // canonical: the line being edited
  std::string input_;  // ready to be read
  int pending_eof_ = 0;
  bool hung_up_ = false;
  bool prompting_ = false;
  std::string prompt_;
  bool relaying_ = false;
  bool following_ = false;
  int readers_waiting_ = 0;
  Pid foreground_group_ = 0;
  TimePoint last_output_{};
  std::string tail_;
  Event readable_;
};

}  // namespace drydock
