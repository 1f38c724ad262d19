// The descriptors 0, 1 and 2 of this program as open files of a virtual process.
//
// Standard input is read by a thread of its own, only when the process asks: so files,
// pipes and terminals are all alike, and nothing that the process has not asked for is
// taken away from who reads next. A real terminal stands behind a Tty that has its size;
// when the process sets that Tty's modes (kubectl exec -it), the terminal takes them on.
#pragma once

#include <termios.h>

#include <memory>
#include <optional>

#include "core/host/open_file.h"
#include "core/host/tty.h"
#include "server/io/real_time.h"

namespace drydock::server {

class RealTerminal {
 public:
  // Of the descriptor, or null when it is no terminal.
  static std::shared_ptr<RealTerminal> of(EventLoop& loop, int descriptor);
  ~RealTerminal() { restore(); }
  const std::shared_ptr<Tty>& tty() const { return tty_; }
  // Takes on the Tty's modes, and gives it the window's size.
  void follow();
  void follow_size();
  // As it was found.
  void restore();

 private:
  RealTerminal(EventLoop& loop, int descriptor);
  int descriptor_;
  std::shared_ptr<Tty> tty_;
  std::optional<termios> found_;  // set while the modes are changed
};

// `terminal` may be null.
OpenFilePtr real_input(RealTime& driver, std::shared_ptr<RealTerminal> terminal);
// 1 or 2.
OpenFilePtr real_output(int descriptor, std::shared_ptr<RealTerminal> terminal);

// The descriptor behind such a file, or -1.
int real_descriptor(const OpenFilePtr& file);

}  // namespace drydock::server
