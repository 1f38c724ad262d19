// The current record: $0 and its fields, split when somebody asks, put together
// again when a field was changed; and how text is cut by a separator.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/programs/text/regex.h"
#include "core/programs/text_tools/awk/value.h"

namespace drydock::awk {

// Dynamic regular expressions, compiled once.
class RegexCache {
 public:
  // Null when it is malformed; `error` then says how.
  const Regex* get(const std::string& pattern, bool ignore_case, std::string& error);

 private:
  std::map<std::pair<std::string, bool>, Regex> compiled_;
};

// How FS (or split's third argument) cuts: " " by blanks, one character by itself,
// "" every character, anything else as a regular expression.
class Separator {
 public:
  // `error` when it is a malformed regular expression.
  static Separator make(const std::string& text, bool is_regex, bool ignore_case, RegexCache& cache,
                        std::string& error);
  std::vector<std::string> split(std::string_view text) const;

 private:
  enum class Kind { kBlanks, kCharacter, kEach, kRegex };
  Kind kind_ = Kind::kBlanks;
  char character_ = ' ';
  Regex regex_;
  friend class Record;
  bool newline_too_ = false;  // paragraphs: a newline separates as well
};

class Record {
 public:
  static constexpr std::size_t kMaxFields = 1000000;

  void set(std::string text, Separator separator);  // reading, or assigning $0
  const std::string& text(const std::string& ofs, const std::string& convfmt);
  Cell field(std::size_t index, const std::string& ofs, const std::string& convfmt);
  void set_field(std::size_t index, Cell value);  // index > 0
  std::size_t count();
  void set_count(std::size_t count);

  static void let_newline_separate(Separator& separator) { separator.newline_too_ = true; }

 private:
  void split();

  std::string text_;
  bool text_valid_ = true;
  std::vector<Cell> fields_;
  bool split_ = false;
  Separator separator_;
};

}  // namespace drydock::awk
