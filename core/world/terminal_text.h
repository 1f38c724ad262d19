// TerminalText: what a terminal's bytes leave for a person to read, as lines of
// text: carriage returns, cursor moves and erasing are carried out, colours dropped,
// rows that only wrapped at the edge joined again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace drydock {

class TerminalText {
 public:
  explicit TerminalText(std::size_t columns) : columns_(columns) {}

  void feed(std::string_view bytes);
  // The text that is new since the last call. A line that was taken unfinished and has
  // only grown goes on where it ended; one that was rewritten is given again as a whole.
  std::string take();
  // The next take() gives the unfinished line again from its start.
  void repeat_line() { taken_.clear(); }

 private:
  struct Row {
    std::vector<std::string> cells;  // one character each; "" behind a wide one
    bool wraps = false;              // goes on in the next row
  };
  void put(std::string_view character);
  void next_row();
  void control_sequence(char kind, std::string_view parameters);
  std::size_t parameter(std::string_view parameters, std::size_t otherwise) const;

  std::size_t columns_;
  std::vector<Row> rows_{1};
  std::size_t row_ = 0;
  std::size_t column_ = 0;
  bool alternate_ = false;  // a full-screen program's own screen, of which nothing stays
  std::string pending_;     // an escape sequence or character that has not arrived whole
  std::string taken_;       // of the first row: what was given out already
};

}  // namespace drydock
