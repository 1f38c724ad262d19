#include "core/programs/text_tools/sed/executor.h"

#include <algorithm>
#include <utility>

#include "core/base/strings.h"
#include "core/host/host.h"

namespace drydock::sed {

Executor::Executor(Process& process, Script script, Options options, std::vector<std::string> files)
    : process_(process),
      script_(std::move(script)),
      options_(std::move(options)),
      files_(std::move(files)),
      standard_output_(process),
      breath_(process) {
  if (files_.empty()) files_.push_back("-");
  out_ = &standard_output_;
}

// --- input ---

Task<bool> Executor::open_next() {
  while (next_file_ < files_.size()) {
    file_name_ = files_[next_file_++];
    const std::string& path = file_name_;
    const auto info = process_.stat(path);
    if (options_.in_place && info && info->type != FileType::kRegular) {
      co_await process_.err("sed: couldn't edit " + path + ": not a regular file\n");
      exit_code_ = 4;
      continue;
    }
    auto file = path == "-" && options_.in_place ? SysResult<OpenFilePtr>(Errno::kNoEnt) : open_input(process_, path);
    if (!file) {
      co_await process_.err("sed: can't read " + path + ": " + std::string(errno_text(file.error())) + "\n");
      exit_code_ = 2;
      continue;
    }
    if (info && info->type == FileType::kDirectory) {
      co_await process_.err("sed: read error on " + path + ": Is a directory\n");
      exit_code_ = 4;
      next_file_ = files_.size();
      continue;
    }
    input_ = std::make_unique<InputStream>(process_, *file, &standard_output_);
    if (options_.in_place || options_.separate) line_number_ = 0;
    if (options_.in_place) {
      in_place_text_.clear();
      in_place_output_ =
          std::make_unique<Output>(process_, make_sink([this](std::string_view bytes) { in_place_text_ += bytes; }));
      out_ = in_place_output_.get();
      missing_newline_ = false;
    }
    co_return true;
  }
  co_return false;
}

Task<void> Executor::finish_file() {
  input_.reset();
  if (!in_place_output_) co_return;
  (void)co_await in_place_output_->flush();
  if (!options_.suffix.empty()) {
    const std::string base(base_name(file_name_));
    const std::string backup =
        contains(options_.suffix, "*") ? replace_all(options_.suffix, "*", base) : base + options_.suffix;
    const bool placed = contains(backup, "/");
    const std::size_t slash = file_name_.rfind('/');
    const std::string folder = placed || slash == std::string::npos ? "" : file_name_.substr(0, slash + 1);
    const auto old = process_.read_file(file_name_);
    if (old) (void)process_.write_file(folder + backup, *old, process_.stat(file_name_)->mode);
  }
  const auto written = process_.write_file(file_name_, std::move(in_place_text_));
  if (!written) {
    co_await process_.err("sed: couldn't open file " + file_name_ + ": " + std::string(errno_text(written.error())) +
                          "\n");
    exit_code_ = 4;
  }
  in_place_output_.reset();
  out_ = &standard_output_;
  missing_newline_ = false;
}

Task<bool> Executor::read_line() {
  for (;;) {
    if (!input_ && !co_await open_next()) co_return false;
    if (input_->take_line(line_, options_.delimiter) || co_await input_->next_line(line_, options_.delimiter)) {
      newline_ = input_->terminated();
      ++line_number_;
      co_return true;
    }
    co_await finish_file();
  }
}

Task<bool> Executor::is_last() {
  if (!input_) co_return true;
  if (!co_await input_->at_end()) co_return false;
  if (options_.separate || options_.in_place) co_return true;
  // Files that cannot be read or are empty do not count.
  while (next_file_ < files_.size()) {
    if (!co_await open_next()) co_return true;
    if (!co_await input_->at_end()) co_return false;
  }
  co_return true;
}

// --- output ---

void Executor::print(std::string_view text, bool newline) {
  if (missing_newline_) out_->add(options_.delimiter);
  out_->add(text);
  missing_newline_ = !newline;
  if (newline) out_->add(options_.delimiter);
}

Output* Executor::file_output(const std::string& path) {
  if (path == "/dev/stdout") return out_;
  auto& output = outputs_[path];
  if (!output) {
    auto file = open_output(process_, path, false);
    if (!file) return nullptr;
    output = std::make_unique<Output>(process_, *file);
  }
  return output.get();
}

Task<void> Executor::flush_appends() {
  for (const Append& append : std::exchange(appends_, {})) {
    if (append.file.empty()) {
      if (missing_newline_) {
        out_->add(options_.delimiter);
        missing_newline_ = false;
      }
      out_->add(append.text);
      continue;
    }
    auto text = co_await read_input(process_, append.file);
    if (!text || text->empty()) continue;
    if (missing_newline_) out_->add(options_.delimiter);
    missing_newline_ = false;
    out_->add(*text);
  }
}

std::string Executor::listing(std::size_t width) const {
  static constexpr std::string_view kNames = "abfnrtv";
  static constexpr std::string_view kBytes = "\a\b\f\n\r\t\v";
  std::string out;
  std::size_t column = 0;
  auto put = [&](const std::string& piece) {
    if (width > 1 && column + piece.size() > width - 1) {
      out += "\\\n";
      column = 0;
    }
    out += piece;
    column += piece.size();
  };
  for (char c : pattern_) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\')
      put("\\\\");
    else if (const std::size_t at = kBytes.find(c); at != std::string_view::npos)
      put(std::string{'\\', kNames[at]});
    else if (byte < 32 || byte > 126)
      put(format("\\%03o", byte));
    else
      put(std::string(1, c));
  }
  return out + "$\n";
}

// --- addresses ---

const Regex* Executor::regex_of(const std::optional<Regex>& regex) {
  if (regex) last_regex_ = *regex;
  if (last_regex_) return &*last_regex_;
  problem_ = "no previous regular expression";
  return nullptr;
}

bool Executor::address_matches(const Address& address, bool last) {
  switch (address.kind) {
    case Address::Kind::kLine:
      return line_number_ == address.first;
    case Address::Kind::kLast:
      return last;
    case Address::Kind::kRegex: {
      const Regex* regex = regex_of(address.regex);
      return regex != nullptr && regex->matches(pattern_);
    }
    case Address::Kind::kStep:
      if (address.step == 0) return line_number_ == address.first;
      return line_number_ >= address.first && (line_number_ - address.first) % address.step == 0;
    default:
      return false;
  }
}

Task<bool> Executor::selects(Command& command) {
  if (command.from.kind == Address::Kind::kNone) co_return true;
  const bool wants_last = command.from.kind == Address::Kind::kLast || command.to.kind == Address::Kind::kLast;
  const bool last = wants_last && co_await is_last();
  if (command.to.kind == Address::Kind::kNone) co_return address_matches(command.from, last);
  if (command.from.kind == Address::Kind::kZero && line_number_ == 1 && !command.in_range) {
    command.in_range = true;
    command.range_end = 0;
  }
  if (!command.in_range) {
    if (!address_matches(command.from, last)) co_return false;
    command.range_end = 0;
    switch (command.to.kind) {
      case Address::Kind::kLine:
        command.range_end = command.to.first;
        break;
      case Address::Kind::kRelative:
        command.range_end = line_number_ + command.to.first;
        break;
      case Address::Kind::kMultiple:
        command.range_end = command.to.first == 0
                                ? line_number_
                                : (line_number_ + command.to.first - 1) / command.to.first * command.to.first;
        break;
      default:
        command.in_range = !(command.to.kind == Address::Kind::kLast && last);
        co_return true;
    }
    command.in_range = command.range_end > line_number_;
    co_return true;
  }
  if (command.to.kind == Address::Kind::kRegex) {
    const Regex* regex = regex_of(command.to.regex);
    if (regex != nullptr && regex->matches(pattern_)) command.in_range = false;
    co_return true;
  }
  if (command.to.kind == Address::Kind::kLast) {
    if (last) command.in_range = false;
    co_return true;
  }
  if (line_number_ >= command.range_end) command.in_range = false;
  co_return line_number_ <= command.range_end || address_matches(command.from, last);
}

// --- commands ---

std::string Executor::replacement(const Command& command, const std::vector<Regex::Group>& match) {
  using Kind = ReplacementPart::Kind;
  std::string out;
  char whole = '\0';  // 'U' or 'L' until \E
  char once = '\0';   // 'u' or 'l' for the next character
  for (const ReplacementPart& part : command.replacement) {
    std::string piece;
    switch (part.kind) {
      case Kind::kUpper:
        whole = 'U';
        continue;
      case Kind::kLower:
        whole = 'L';
        continue;
      case Kind::kUpperNext:
        once = 'u';
        continue;
      case Kind::kLowerNext:
        once = 'l';
        continue;
      case Kind::kEndCase:
        whole = '\0';
        continue;
      case Kind::kText:
        piece = part.text;
        break;
      case Kind::kGroup:
        if (part.group < match.size() && match[part.group].took_part())
          piece = pattern_.substr(match[part.group].begin, match[part.group].end - match[part.group].begin);
        break;
    }
    if (piece.empty()) continue;
    if (whole != '\0') piece = whole == 'U' ? to_upper(piece) : to_lower(piece);
    if (once != '\0') {
      const std::string first = piece.substr(0, 1);
      piece.replace(0, 1, once == 'u' ? to_upper(first) : to_lower(first));
      once = '\0';
    }
    out += piece;
  }
  return out;
}

Task<std::string> Executor::shell_output(std::string command) {
  (void)co_await standard_output_.flush();
  auto [read_end, write_end] = make_pipe(process_.loop());
  SpawnOptions options;
  options.argv = {"/bin/sh", "-c", std::move(command)};
  options.inherit_files = false;
  for (int fd : {0, 2}) {
    if (OpenFilePtr file = process_.file(fd)) options.files[fd] = std::move(file);
  }
  options.files[1] = std::move(write_end);
  auto child = process_.spawn(std::move(options));
  InputStream input(process_, std::move(read_end));
  std::string text;
  if (child) {
    text = co_await input.rest();
    (void)co_await process_.wait(*child);
  }
  co_return text;
}

Task<void> Executor::substitute(Command& command) {
  const Regex* regex = regex_of(command.regex);
  if (regex == nullptr) co_return;
  std::string out;
  std::size_t from = 0;
  std::size_t copied = 0;
  std::size_t seen = 0;
  bool replaced = false;
  std::size_t last_end = std::string::npos;
  while (from <= pattern_.size()) {
    const auto match = regex->search(pattern_, from);
    if (!match) break;
    const Regex::Group whole = (*match)[0];
    const bool empty = whole.begin == whole.end;
    if (empty && whole.begin == last_end) {  // right behind a match: no match of its own
      from = whole.end + 1;
      last_end = std::string::npos;
      continue;
    }
    ++seen;
    last_end = whole.end;
    if (seen >= command.occurrence) {
      out += pattern_.substr(copied, whole.begin - copied) + replacement(command, *match);
      copied = whole.end;
      replaced = true;
      if (!command.global) break;
    }
    from = empty ? whole.end + 1 : whole.end;
  }
  if (!replaced) co_return;
  if (copied < pattern_.size()) out += pattern_.substr(copied);
  pattern_ = std::move(out);
  substituted_ = true;
  if (command.evaluate) {
    std::string line = pattern_;
    pattern_ = co_await shell_output(std::move(line));
    if (pattern_.ends_with("\n")) pattern_.pop_back();
  }
  if (command.print) print_pattern();
  if (command.write_file.empty()) co_return;
  if (Output* file = file_output(command.write_file)) {
    file->add(pattern_);
    file->add(options_.delimiter);
    (void)co_await file->flush();
  }
}

// For n and N: false when there is no next line.
Task<bool> Executor::append_next() {
  if (co_await is_last()) co_return false;
  co_await flush_appends();
  co_return co_await read_line();
}

Task<Executor::Flow> Executor::run_command(Command& command, std::size_t& next) {
  switch (command.name) {
    case '{':
      break;
    case '=':
      out_->add(std::to_string(line_number_) + "\n");
      break;
    case 'a':
      appends_.push_back({command.text, ""});
      break;
    case 'i':
      out_->add(command.text);
      break;
    case 'c':
      // Of a range, the text comes once, at its end.
      if (command.to.kind == Address::Kind::kNone || !command.in_range || command.negated) out_->add(command.text);
      co_return Flow::kEndCycle;
    case 'b':
      next = command.jump;
      break;
    case 't':
      if (std::exchange(substituted_, false)) next = command.jump;
      break;
    case 'T':
      if (!std::exchange(substituted_, false)) next = command.jump;
      break;
    case 'd':
      co_return Flow::kEndCycle;
    case 'D': {
      const std::size_t newline = pattern_.find('\n');
      if (newline == std::string::npos) co_return Flow::kEndCycle;
      pattern_.erase(0, newline + 1);
      co_return Flow::kRestart;
    }
    case 'e': {
      std::string line = command.text.empty() ? pattern_ : command.text;
      std::string text = co_await shell_output(std::move(line));
      if (!command.text.empty()) {
        out_->add(text);
        break;
      }
      pattern_ = std::move(text);
      if (pattern_.ends_with("\n")) pattern_.pop_back();
      break;
    }
    case 'F':
      out_->add(file_name_ + "\n");
      break;
    case 'g':
      pattern_ = hold_;
      break;
    case 'G':
      pattern_ += '\n' + hold_;
      break;
    case 'h':
      hold_ = pattern_;
      break;
    case 'H':
      hold_ += '\n' + pattern_;
      break;
    case 'x':
      std::swap(pattern_, hold_);
      break;
    case 'z':
      pattern_.clear();
      break;
    case 'l':
      out_->add(listing(command.number < 0 ? options_.line_width : static_cast<std::size_t>(command.number)));
      break;
    case 'n':
      if (co_await is_last()) {  // GNU: prints, and quits without running the rest
        co_return Flow::kQuit;
      }
      if (!options_.quiet) print_pattern();
      if (!co_await append_next()) co_return Flow::kQuitSilently;
      pattern_ = line_;
      break;
    case 'N':
      if (!co_await append_next()) co_return options_.posix ? Flow::kQuitSilently : Flow::kQuit;
      pattern_ += '\n' + line_;
      break;
    case 'p':
      print_pattern();
      break;
    case 'P': {
      const std::size_t newline = pattern_.find('\n');
      print(std::string_view(pattern_).substr(0, newline), newline != std::string::npos || newline_);
      break;
    }
    case 'q':
    case 'Q':
      exit_code_ = std::max(0, command.number);
      co_return command.name == 'q' ? Flow::kQuit : Flow::kQuitSilently;
    case 'r':
      appends_.push_back({"", command.text});
      break;
    case 'R': {
      auto& reader = readers_[command.text];
      if (!reader) {
        auto file = open_input(process_, command.text);
        if (!file) break;
        reader = std::make_unique<InputStream>(process_, *file);
      }
      std::string line;
      if (co_await reader->next_line(line)) appends_.push_back({line + "\n", ""});
      break;
    }
    case 's':
      co_await substitute(command);
      break;
    case 'w':
    case 'W': {
      Output* file = file_output(command.text);
      if (file == nullptr) {
        problem_ = "couldn't open file " + command.text;
        break;
      }
      file->add(std::string_view(pattern_).substr(0, command.name == 'W' ? pattern_.find('\n') : std::string::npos));
      file->add(options_.delimiter);
      if (file != out_) (void)co_await file->flush();
      break;
    }
    case 'y':
      for (char& c : pattern_) {
        const std::size_t at = command.text.find(c);
        if (at != std::string::npos) c = command.mapping[at];
      }
      break;
    default:
      break;
  }
  co_return Flow::kNext;
}

Task<Executor::Flow> Executor::cycle() {
  for (std::size_t next = 0; next < script_.commands.size();) {
    Command& command = script_.commands[next++];
    if (breath_.due()) co_await breath_.take();
    const bool selected = co_await selects(command) != command.negated;
    if (!problem_.empty()) co_return Flow::kFail;
    if (!selected) {
      if (command.name == '{') next = command.jump;
      continue;
    }
    const Flow flow = co_await run_command(command, next);
    if (!problem_.empty()) co_return Flow::kFail;
    if (flow != Flow::kNext) co_return flow;
  }
  co_return Flow::kNext;
}

Task<int> Executor::run() {
  // Files of w are made (and emptied) even when nothing is written to them.
  for (const Command& command : script_.commands) {
    const std::string& path = command.name == 's' ? command.write_file : command.text;
    const bool writes = command.name == 'w' || command.name == 'W' || (command.name == 's' && !path.empty());
    if (writes && file_output(path) == nullptr) {
      co_await process_.err("sed: couldn't open file " + path + ": No such file or directory\n");
      co_return 4;
    }
  }
  const bool quiet = options_.quiet || script_.quiet;
  options_.quiet = quiet;
  for (;;) {
    if (!restarted_) {
      if (!co_await read_line()) break;
      pattern_ = line_;
    }
    restarted_ = false;
    substituted_ = false;
    const Flow flow = co_await cycle();
    if (flow == Flow::kFail) {
      (void)co_await standard_output_.flush();
      co_await process_.err("sed: " + problem_ + "\n");
      co_return 1;
    }
    if (!quiet && (flow == Flow::kNext || flow == Flow::kQuit)) print_pattern();
    co_await flush_appends();
    if (flow == Flow::kQuit || flow == Flow::kQuitSilently) {
      if (in_place_output_ && input_) {  // the rest of an edited file stays as it is
        const std::string rest = co_await input_->rest();
        if (missing_newline_ && !rest.empty()) out_->add(options_.delimiter);
        out_->add(rest);
      }
      break;
    }
    restarted_ = flow == Flow::kRestart;
    if (options_.unbuffered || out_->wants_flush()) {
      if (!co_await out_->flush()) co_return 4;
    }
  }
  if (input_ || in_place_output_) co_await finish_file();
  (void)co_await standard_output_.flush();
  for (auto& [path, output] : outputs_) (void)co_await output->flush();
  co_return exit_code_;
}

}  // namespace drydock::sed
