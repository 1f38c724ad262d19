// Console: drives a World by lines of text, as a person at its terminals would:
// each command runs to its end in virtual time. Tests, instructors and scripts use it.
//
//   node1$ kubectl get nodes          types into node1's terminal
//   twocontainers$ curl localhost     types at the prompt the last terminal shows
//   node1> ihello<Esc>:wq<Enter>      presses keys (core/world/keys.h), no Enter added: for vi and its like
//   any other line                    is typed as it is: here-documents, answers, ^C ^D
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/world/terminal_text.h"
#include "core/world/world.h"

namespace drydock {

struct ConsoleOptions {
  // Commands' output alone: no prompts, no echo. Output that follows a command whose own
  // had no newline at its end (printf, -o jsonpath) begins a line all the same.
  bool plain = false;
  // A command that has not ended after this long is interrupted with ^C.
  Duration command_limit = std::chrono::minutes(30);
  // How long a following command (logs -f, get -w) is watched before ^C.
  Duration follow_limit = seconds(30);
};

class Console {
 public:
  using Sink = std::function<void(std::string_view)>;
  Console(World& world, ConsoleOptions options, Sink sink);
  // Runs one line to its end. An error names the line's problem (an unknown node).
  Result<void> line(std::string_view text);
  // Plain: what was given out last had no newline at its end.
  bool line_open() const { return open_line_; }
  // Ends what still reads or runs, so that its output is complete.
  void finish();

 private:
  static constexpr int kColumns = 200;  // wide, so that tables do not wrap
  static constexpr int kRows = 50;
  struct Screen {
    TerminalText text{kColumns};
    std::string typed;  // what was typed and is echoed back
  };
  Result<TerminalId> terminal_for(const std::string& node);
  Result<void> press(const std::string& node, std::string_view keys);
  void type(TerminalId terminal, std::string_view text);
  void pass(Duration time);
  // Types, and lets what runs there take it before the next key.
  void tap(TerminalId terminal, std::string_view key);
  // Runs until the terminal waits for its person or the limit is reached.
  void settle(TerminalId terminal);
  void flush(TerminalId terminal, bool at_end);
  // Where the prompt that ends the text begins; npos when there is none.
  std::size_t own_prompt(TerminalId terminal, std::string_view text) const;
  bool idle(TerminalId terminal) const;

  World& world_;
  ConsoleOptions options_;
  Sink sink_;
  std::map<std::string, TerminalId> by_node_;
  std::map<TerminalId, Screen> screens_;
  TerminalId current_ = 0;
  bool open_line_ = false;  // plain: the last output had no newline at its end
};

}  // namespace drydock
