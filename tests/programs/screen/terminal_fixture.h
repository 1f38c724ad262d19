// A machine with a terminal on it, and a small terminal emulator: keys go in, the
// screen's text and the files come out.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/base/strings.h"
#include "core/host/tty.h"
#include "core/programs/screen/programs.h"
#include "tests/programs/command_fixture.h"

namespace drydock {

// Knows what our programs send: text, cursor moves, erasing, the alternate picture.
class TerminalEmulator {
 public:
  TerminalEmulator(std::size_t columns, std::size_t rows) : columns_(columns), cells_(rows) {}

  void write(std::string_view bytes) {
    pending_ += bytes;
    std::size_t i = 0;
    while (i < pending_.size()) {
      const std::size_t used = step(std::string_view(pending_).substr(i));
      if (used == 0) break;
      i += used;
    }
    pending_.erase(0, i);
  }
  std::string row(std::size_t index) const {
    std::string text;
    for (const std::string& cell : cells_[index]) text += cell;
    while (text.ends_with(" ")) text.pop_back();
    return text;
  }
  std::string text() const {
    std::string all;
    for (std::size_t i = 0; i < cells_.size(); ++i) all += row(i) + "\n";
    return all;
  }
  std::size_t cursor_row() const { return row_; }
  std::size_t cursor_column() const { return column_; }

 private:
  std::size_t step(std::string_view text) {
    const char c = text[0];
    if (c == '\x1b') return escape(text);
    if (c == '\r') {
      column_ = 0;
      return 1;
    }
    if (c == '\n') {
      down();
      return 1;
    }
    if (c == '\b') {
      if (column_ > 0) --column_;
      return 1;
    }
    if (c == '\a') return 1;
    std::size_t size = 1;
    while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) ++size;
    put(std::string(text.substr(0, size)));
    return size;
  }
  void put(const std::string& character) {
    const std::size_t width = display_width(character);
    if (column_ + width > columns_) {
      column_ = 0;
      down();
    }
    std::vector<std::string>& line = cells_[row_];
    if (line.size() < column_ + width) line.resize(column_ + width, " ");
    line[column_] = character;
    for (std::size_t k = 1; k < width; ++k) line[column_ + k] = "";
    column_ += width;
  }
  void down() {
    if (row_ + 1 < cells_.size()) {
      ++row_;
    } else {
      cells_.erase(cells_.begin());
      cells_.emplace_back();
    }
  }
  std::size_t escape(std::string_view text) {
    if (text.size() < 2) return 0;
    if (text[1] != '[') return 2;
    std::size_t end = 2;
    while (end < text.size() && !(text[end] >= '@' && text[end] <= '~')) ++end;
    if (end >= text.size()) return 0;
    const std::string parameters(text.substr(2, end - 2));
    std::vector<std::size_t> numbers;
    for (const std::string& part : split(parameters, ';'))
      numbers.push_back(static_cast<std::size_t>(parse_int(part).value_or(0)));
    auto number = [&](std::size_t i, std::size_t otherwise) {
      return i < numbers.size() && numbers[i] > 0 ? numbers[i] : otherwise;
    };
    std::vector<std::string>& line = cells_[row_];
    switch (text[end]) {
      case 'H':
        row_ = std::min(number(0, 1), cells_.size()) - 1;
        column_ = std::min(number(1, 1), columns_) - 1;
        break;
      case 'A':
        row_ -= std::min(row_, number(0, 1));
        break;
      case 'B':
        row_ = std::min(row_ + number(0, 1), cells_.size() - 1);
        break;
      case 'C':
        column_ = std::min(column_ + number(0, 1), columns_ - 1);
        break;
      case 'D':
        column_ -= std::min(column_, number(0, 1));
        break;
      case 'K':
        if (line.size() > column_) line.resize(column_);
        break;
      case 'J':
        if (number(0, 0) == 2) {
          for (auto& each : cells_) each.clear();
        } else if (number(0, 0) == 0) {
          if (line.size() > column_) line.resize(column_);
          for (std::size_t i = row_ + 1; i < cells_.size(); ++i) cells_[i].clear();
        }
        break;
      case 'h':
      case 'l':
        if (parameters == "?1049") {
          std::swap(cells_, other_);
          cells_.resize(other_.size());
          if (text[end] == 'h') {
            for (auto& each : cells_) each.clear();
          }
        }
        break;
      default:
        break;
    }
    return end + 1;
  }

  std::size_t columns_;
  std::vector<std::vector<std::string>> cells_;
  std::vector<std::vector<std::string>> other_;
  std::size_t row_ = 0;
  std::size_t column_ = 0;
  std::string pending_;
};

struct TerminalFixture : CommandFixture {
  static constexpr std::size_t kColumns = 80;
  static constexpr std::size_t kRows = 24;
  TerminalEmulator screen{kColumns, kRows};
  std::shared_ptr<Tty> tty;
  int code = -1;

  TerminalFixture() {
    ProgramRegistry more;
    register_screen_programs(more);
    for (const auto& [name, main] : more.all()) {
      programs.add(name, main);
      (void)host->files().write_file("/usr/bin/" + name, program_file(name), loop.now(), 0755);
    }
    tty = host->make_tty([this](std::string_view bytes) { screen.write(bytes); });
    tty->resize(kColumns, kRows);
  }
  // Starts a command with the terminal: "vi a".
  void start(const std::vector<std::string>& argv) {
    SpawnOptions options;
    options.argv = argv;
    options.new_session = true;
    options.controlling_tty = tty;
    options.cwd = "/work";
    options.environment = Environment{{"PATH", "/usr/bin:/bin"}, {"HOME", "/root"}, {"TERM", "xterm"}};
    const OpenFilePtr file = tty->open();
    options.files = {{0, file}, {1, file}, {2, file}};
    code = -1;
    const auto pid = host->start(std::move(options));
    REQUIRE(pid.ok());
    host->on_exit(*pid, [this](ExitStatus status) { code = status.shell_code(); });
    settle();
  }
  void settle(Duration time = seconds(1)) { loop.run_until(loop.now() + time); }
  void type(std::string_view keys) {
    tty->input(keys);
    settle();
  }
};

}  // namespace drydock
