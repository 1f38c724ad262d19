#include "core/programs/text_tools/awk/awk.h"

#include <algorithm>

#include "core/programs/text_tools/awk/compiler.h"
#include "core/programs/text_tools/awk/language/parser.h"
#include "core/programs/text_tools/awk/machine.h"
#include "core/programs/text_tools/streams.h"

namespace drydock {
namespace {

constexpr std::string_view kUsage =
    "Usage: awk [POSIX or GNU style options] -f progfile [--] file ...\n"
    "Usage: awk [POSIX or GNU style options] [--] 'program' file ...\n"
    "POSIX options:\t\tGNU long options: (standard)\n"
    "\t-f progfile\t\t--file=progfile\n"
    "\t-F fs\t\t\t--field-separator=fs\n"
    "\t-v var=val\t\t--assign=var=val\n";

struct Options {
  std::vector<std::string> program_files;
  std::vector<std::string> assignments;
  std::vector<std::string> operands;
  std::optional<std::string> field_separator;
  std::optional<std::string> source;
  std::string problem;
  bool help = false;
  bool version = false;
};

Options read_options(std::span<const std::string> words) {
  Options options;
  auto take = [&](char flag, std::string value) {
    if (flag == 'f')
      options.program_files.push_back(std::move(value));
    else if (flag == 'F')
      options.field_separator = std::move(value);
    else if (flag == 'v')
      options.assignments.push_back(std::move(value));
    else
      options.source = options.source.value_or("") + std::move(value) + "\n";
  };
  std::size_t i = 0;
  for (; i < words.size() && words[i].size() > 1 && words[i][0] == '-'; ++i) {
    const std::string& word = words[i];
    if (word == "--") {
      ++i;
      break;
    }
    if (word.starts_with("--")) {
      const std::size_t equals = word.find('=');
      const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
      const char flag = name == "file"              ? 'f'
                        : name == "field-separator" ? 'F'
                        : name == "assign"          ? 'v'
                        : name == "source"          ? 'e'
                                                    : '\0';
      options.help = options.help || name == "help";
      options.version = options.version || name == "version";
      if (flag == '\0') continue;
      if (equals != std::string::npos) {
        take(flag, word.substr(equals + 1));
      } else if (i + 1 < words.size()) {
        take(flag, words[++i]);
      } else {
        options.problem = "option '" + word + "' requires an argument";
      }
      continue;
    }
    for (std::size_t k = 1; k < word.size(); ++k) {
      const char flag = word[k];
      if (flag == 'h' || flag == 'V') {
        (flag == 'h' ? options.help : options.version) = true;
        continue;
      }
      if (std::string_view("bcCgnNOPrsSt").find(flag) != std::string_view::npos) continue;
      if (std::string_view("fFve").find(flag) == std::string_view::npos) {
        options.problem = std::string("invalid option -- '") + flag + "'";
        return options;
      }
      if (k + 1 < word.size()) {
        take(flag, word.substr(k + 1));
      } else if (i + 1 < words.size()) {
        take(flag, words[++i]);
      } else {
        options.problem = std::string("option requires an argument -- '") + flag + "'";
      }
      break;
    }
  }
  options.operands.assign(words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
  return options;
}

// "awk: cmd. line:1: BEGIN {\nawk: cmd. line:1:        ^ what is wrong"
std::string syntax_error_text(const std::string& name, const std::string& where, std::string_view source,
                              const awk::SyntaxError& error) {
  if (error.offset == std::string::npos) return name + ": " + where + "1: error: " + error.message + "\n";
  const std::size_t offset = std::min(error.offset, source.size());
  std::size_t begin = offset == 0 ? std::string_view::npos : source.rfind('\n', offset - 1);
  begin = begin == std::string_view::npos ? 0 : begin + 1;
  const std::string_view line = source.substr(begin, std::min(source.find('\n', begin), source.size()) - begin);
  const auto number = 1 + std::count(source.begin(), source.begin() + static_cast<std::ptrdiff_t>(begin), '\n');
  const std::string prefix = name + ": " + where + std::to_string(number) + ": ";
  std::string mark;
  for (char c : line.substr(0, offset - begin)) mark += c == '\t' ? '\t' : ' ';
  return prefix + std::string(line) + "\n" + prefix + mark + "^ " + error.message + "\n";
}

}  // namespace

Task<int> awk_main(Process& p) {
  const std::string name(p.name());
  const Options options = read_options(p.arguments());
  if (options.version) {
    co_await p.out("GNU Awk 5.2.1, API 3.2\n");
    co_return 0;
  }
  std::string source = options.source.value_or("");
  std::vector<std::string> operands = options.operands;
  std::string where = "cmd. line:";
  if (!options.problem.empty()) {
    co_await p.err(name + ": " + options.problem + "\n");
    co_await p.err(std::string(kUsage));
    co_return 1;
  }
  if (options.help) {
    co_await p.out(std::string(kUsage));
    co_return 0;
  }
  for (const std::string& path : options.program_files) {
    auto text = co_await read_input(p, path);
    if (!text) {
      co_await p.err(name + ": fatal: cannot open source file `" + path +
                     "' for reading: " + std::string(errno_text(text.error())) + "\n");
      co_return 2;
    }
    if (source.empty()) where = path + ":";
    source += *text;
    if (!source.ends_with("\n")) source += "\n";
  }
  if (options.program_files.empty() && !options.source) {
    if (operands.empty()) {
      co_await p.err(std::string(kUsage));
      co_return 1;
    }
    source = operands[0];
    operands.erase(operands.begin());
  }
  operands.insert(operands.begin(), name);

  std::string complaint;
  int code = 1;
  std::optional<awk::Machine> machine;
  std::optional<awk::FatalError> fatal;
  try {
    const awk::Program program = awk::parse_program(source);
    machine.emplace(p, awk::compile(program, source), std::move(operands));
    if (options.field_separator) {
      std::string fs = awk::decode_escapes(*options.field_separator);
      machine->set_special(awk::kFS, awk::Cell::string(std::move(fs)));
    }
    for (const std::string& assignment : options.assignments) {
      if (machine->assign(assignment)) continue;
      complaint = name + ": fatal: `" + assignment + "' argument to `-v' not in `var=value' form\n\n";
      code = 2;
    }
  } catch (const awk::SyntaxError& error) {
    complaint = syntax_error_text(name, where, source, error);
  } catch (const awk::FatalError& error) {
    fatal = error;
  }
  if (complaint.empty() && !fatal) {
    code = co_await machine->run();
    fatal = machine->failure();
    if (!fatal) co_return code;
  }
  if (fatal) {
    complaint = name + ": " + (fatal->line == 0 ? "" : where + std::to_string(fatal->line) + ": ") +
                "fatal: " + fatal->message + "\n";
    code = 2;
  }
  if (machine) co_await machine->flush();
  co_await p.err(complaint);
  co_return code;
}

}  // namespace drydock
