#include "core/world/console.h"

#include <algorithm>
#include <limits>

#include "core/base/strings.h"
#include "core/host/tty.h"
#include "core/world/keys.h"
#include "core/world/prompt.h"

namespace drydock {
namespace {

constexpr std::uint64_t kStepsPerLook = 64;
constexpr Duration kKeyPause = milliseconds(120);  // between two keys
// Nobody types the next command in no time: what the last one set going has begun by then.
constexpr Duration kLinePause = seconds(1);

}  // namespace

Console::Console(World& world, ConsoleOptions options, Sink sink)
    : world_(world), options_(options), sink_(std::move(sink)) {
  world_.set_output([this](TerminalId terminal, std::string_view bytes) { screens_[terminal].text.feed(bytes); });
}

bool Console::idle(TerminalId terminal) const { return world_.waiting_for_person(terminal); }

Result<TerminalId> Console::terminal_for(const std::string& node) {
  const auto at = by_node_.find(node);
  if (at != by_node_.end() && !world_.terminals().at(at->second).ended) return at->second;
  Input input;
  input.kind = "openTerminal";
  input.node = node;
  input.columns = kColumns;
  input.rows = kRows;
  DRYDOCK_TRY(Value answer, world_.apply(std::move(input)));
  const auto terminal = static_cast<TerminalId>(answer["terminal"].as_int());
  by_node_[node] = terminal;
  settle(terminal);
  // The greeting is for people; what stays is the prompt.
  (void)screens_[terminal].text.take();
  screens_[terminal].text.repeat_line();
  return terminal;
}

void Console::type(TerminalId terminal, std::string_view text) {
  Input input;
  input.kind = "input";
  input.terminal = terminal;
  input.text = std::string(text);
  (void)world_.apply(std::move(input));
}

void Console::pass(Duration time) { world_.advance(world_.now() + time, std::numeric_limits<std::uint64_t>::max()); }

void Console::tap(TerminalId terminal, std::string_view key) {
  type(terminal, key);
  pass(kKeyPause);
}

void Console::settle(TerminalId terminal) {
  const TimePoint begun = world_.now();
  const auto tty = world_.terminals().at(terminal).tty;
  bool interrupted = false;
  while (!idle(terminal)) {
    const Duration waited = world_.now() - begun;
    const Duration limit = tty->following() ? options_.follow_limit : options_.command_limit;
    if (waited >= limit) {
      if (interrupted && waited >= limit + seconds(30)) return;
      if (!interrupted) type(terminal, "\x03");
      interrupted = true;
    }
    const TimePoint next = world_.next_due();
    if (next == TimePoint::max()) return;
    // Never past a limit, so that a quiet world is interrupted at the same moment as a busy one.
    const TimePoint stop = interrupted ? begun + limit + seconds(30) : begun + limit;
    if (next > stop) {
      world_.advance(stop, 0);
      continue;
    }
    world_.advance(next, kStepsPerLook);
  }
}

// Passes on what the terminal shows; in plain mode without the echoed command and
// without the next prompt.
void Console::flush(TerminalId terminal, bool at_end) {
  Screen& screen = screens_[terminal];
  std::string text = screen.text.take();
  const std::string typed = std::exchange(screen.typed, {});
  if (!options_.plain) {
    if (!text.empty()) sink_(text);
    return;
  }
  // The echo: one line for each line typed, behind a prompt.
  for (const std::string& line : split(typed, '\n')) {
    if (line.empty()) continue;
    const std::size_t newline = text.find('\n');
    const std::size_t at = text.find(line);
    if (at != std::string::npos && (newline == std::string::npos || at < newline))
      text.erase(0, newline == std::string::npos ? std::string::npos : newline + 1);
  }
  if (!at_end) {
    const std::size_t prompt = own_prompt(terminal, text);
    if (prompt != std::string::npos) text.erase(prompt);
  }
  if (text.empty()) return;
  if (open_line_ && !text.starts_with('\n')) text.insert(0, "\n");
  open_line_ = !text.ends_with('\n');
  sink_(text);
}

std::size_t Console::own_prompt(TerminalId terminal, std::string_view text) const {
  const auto tty = world_.terminals().at(terminal).tty;
  if (!tty->prompting()) return prompt_start(text);
  const std::string shown = strip_escapes(tty->prompt());
  const std::string_view last = std::string_view(shown).substr(shown.rfind('\n') + 1);
  return text.ends_with(last) ? text.size() - last.size() : prompt_start(text);
}

// Each key comes when what runs there has taken the one before, as a person's do: a lone
// ESC is told from the start of an arrow key by the time that passes.
Result<void> Console::press(const std::string& node, std::string_view keys) {
  DRYDOCK_TRY(const std::string bytes, parse_keys(keys));
  DRYDOCK_TRY(const TerminalId terminal, terminal_for(node));
  if (current_ != terminal && current_ != 0 && !options_.plain) sink_("\n");
  current_ = terminal;
  for (std::size_t at = 0; at < bytes.size();) {
    std::size_t size = 1;
    const bool sequence =
        bytes[at] == '\x1b' && at + 1 < bytes.size() && (bytes[at + 1] == '[' || bytes[at + 1] == 'O');
    if (sequence) {
      size = 2;
      while (at + size < bytes.size() && !(bytes[at + size] >= '@' && bytes[at + size] <= '~')) ++size;
      ++size;
    }
    tap(current_, std::string_view(bytes).substr(at, size));
    at += size;
  }
  settle(current_);
  flush(current_, false);
  return {};
}

Result<void> Console::line(std::string_view text) {
  if (const auto pressed = split_keys(text); pressed && world_.host(pressed->node) != nullptr)
    return press(pressed->node, pressed->keys);
  const auto prompted = split_prompt(text);
  const bool names_node = prompted && world_.host(prompted->who) != nullptr;
  std::string command(text);
  if (names_node) {
    DRYDOCK_TRY(const TerminalId terminal, terminal_for(prompted->who));
    if (current_ != terminal && current_ != 0) {
      if (!options_.plain) sink_("\n");
      screens_[terminal].text.repeat_line();
    }
    current_ = terminal;
    command = prompted->command;
    // What still reads there ends before the node's next command: cat, a pod's shell, then
    // pagers and editors.
    const auto tty = world_.terminals().at(current_).tty;
    for (const std::string_view keys : {"\x04", "\x03", "\x04", "\x03", "\x04", "q", "\x1b:q!\r", "\x18n"}) {
      if (tty->prompting()) break;
      tap(current_, keys);
      settle(current_);
    }
    if (!tty->prompting() && !world_.terminals().at(current_).ended)
      return Status::plain(prompted->who +
                           "'s terminal still runs a program; end it with its own keys: " + prompted->who + "> KEYS");
  } else if (prompted && current_ != 0 && world_.terminals().at(current_).tty->relaying()) {
    command = prompted->command;
  } else if (prompted && (current_ == 0 || (world_.terminals().at(current_).tty->prompting() &&
                                            !contains(prompted->who, "@") && !prompted->who.empty()))) {
    return Status::plain("no node named \"" + prompted->who + "\"");
  } else if (current_ == 0) {
    if (trim(text).empty() || text.starts_with("#")) return {};
    return Status::plain("expected a line such as \"node1$ COMMAND\", got: " + std::string(text));
  }
  if (prompted) pass(kLinePause);
  Screen& screen = screens_[current_];
  if (command == "^C" || command == "^D") {
    type(current_, command == "^C" ? "\x03" : "\x04");
  } else {
    screen.typed += command + "\n";
    type(current_, command + "\r");
  }
  settle(current_);
  flush(current_, false);
  return {};
}

void Console::finish() {
  for (const auto& [terminal, screen] : screens_) flush(terminal, true);
  if (!options_.plain) sink_("\n");
}

}  // namespace drydock
