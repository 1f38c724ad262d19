// diff: two files, or all files of two folders.
#include <algorithm>
#include <set>

#include "core/base/strings.h"
#include "core/base/unified_diff.h"
#include "core/host/process.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/text_tools/streams.h"
#include "core/programs/text_tools/tools.h"

namespace drydock {
namespace {

constexpr std::string_view kHelp =
    "Usage: diff [OPTION]... FILES\n"
    "Compare FILES line by line.\n"
    "\n"
    "      --normal                  output a normal diff (the default)\n"
    "  -q, --brief                   report only when files differ\n"
    "  -s, --report-identical-files  report when two files are the same\n"
    "  -u                            output 3 lines of unified context\n"
    "  -U, --unified=NUM             output NUM lines of unified context\n"
    "  -r, --recursive               recursively compare any subdirectories found\n"
    "  -N, --new-file                treat absent files as empty\n"
    "  -i, --ignore-case             ignore case differences in file contents\n"
    "  -b, --ignore-space-change     ignore changes in the amount of white space\n"
    "  -w, --ignore-all-space        ignore all white space\n"
    "  -a, --text                    treat all files as text\n"
    "      --help               display this help and exit\n"
    "      --version            output version information and exit\n"
    "\n"
    "FILES are 'FILE1 FILE2' or 'DIR1 DIR2' or 'DIR FILE' or 'FILE DIR'.\n"
    "If a FILE is '-', read standard input.\n"
    "Exit status is 0 if inputs are the same, 1 if different, 2 if trouble.\n";
constexpr int kMaxDepth = 64;  // of folders

struct Wanted {
  bool brief = false, identical = false, unified = false, recursive = false, absent_is_empty = false;
  bool fold_case = false, fold_space = false, no_space = false;
  std::size_t context = 3;
  std::string command;  // for the line above each pair of a folder
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }

// A last line without its newline differs from the same line with one, as in GNU's.
std::vector<std::string> lines_with_ends(std::string_view text) {
  std::vector<std::string> lines = split_lines(text);
  if (!text.empty() && text.back() != '\n') lines.back() += "\n\\ No newline at end of file";
  return lines;
}

std::string compared(std::string line, const Wanted& wanted) {
  if (wanted.fold_case) line = to_lower(line);
  if (!wanted.fold_space && !wanted.no_space) return line;
  std::string kept;
  for (const char c : line) {
    if (!is_space(c))
      kept += c;
    else if (!wanted.no_space && (kept.empty() || kept.back() != ' '))
      kept += ' ';
  }
  while (kept.ends_with(" ")) kept.pop_back();
  return kept;
}

// The edits found on what is compared, with the lines as they stand in the files.
std::vector<LineEdit> edits_between(std::string_view before, std::string_view after, const Wanted& wanted) {
  const std::vector<std::string> a = lines_with_ends(before);
  const std::vector<std::string> b = lines_with_ends(after);
  if (!wanted.fold_case && !wanted.fold_space && !wanted.no_space) return line_edits(a, b);
  std::vector<std::string> folded_a, folded_b;
  for (const std::string& line : a) folded_a.push_back(compared(line, wanted));
  for (const std::string& line : b) folded_b.push_back(compared(line, wanted));
  std::vector<LineEdit> edits = line_edits(folded_a, folded_b);
  std::size_t i = 0;
  std::size_t j = 0;
  for (LineEdit& edit : edits) {
    edit.text = edit.kind == '+' ? b[j] : a[i];
    i += edit.kind != '+';
    j += edit.kind != '-';
  }
  return edits;
}

std::string normal_range(std::size_t first, std::size_t count) {
  if (count == 0) return std::to_string(first - 1);
  return count == 1 ? std::to_string(first) : std::to_string(first) + "," + std::to_string(first + count - 1);
}

std::string normal_diff(const std::vector<LineEdit>& edits) {
  std::string text;
  std::size_t old_line = 1;
  std::size_t new_line = 1;
  for (std::size_t i = 0; i < edits.size();) {
    if (edits[i].kind == ' ') {
      ++i;
      ++old_line;
      ++new_line;
      continue;
    }
    std::string removed, added;
    std::size_t minus = 0, plus = 0;
    for (; i < edits.size() && edits[i].kind != ' '; ++i) {
      if (edits[i].kind == '-') {
        removed += "< " + edits[i].text + "\n";
        ++minus;
      } else {
        added += "> " + edits[i].text + "\n";
        ++plus;
      }
    }
    const char change = plus == 0 ? 'd' : minus == 0 ? 'a' : 'c';
    text += normal_range(old_line, minus) + change + normal_range(new_line, plus) + "\n" + removed +
            (change == 'c' ? "---\n" : "") + added;
    old_line += minus;
    new_line += plus;
  }
  return text;
}

class Diff {
 public:
  Diff(Process& process, Wanted wanted) : p_(process), wanted_(std::move(wanted)), out_(process) {}
  Task<bool> flush() { return out_.flush(); }

  // 0 the same, 1 different, 2 trouble.
  Task<int> files(std::string a, std::string b, bool in_folder) {
    std::string texts[2];
    const std::string* paths[] = {&a, &b};
    for (int side = 0; side < 2; ++side) {
      const bool absent = in_folder && wanted_.absent_is_empty && *paths[side] != "-" && !p_.exists(*paths[side]);
      if (absent) continue;
      auto text = co_await read_input(p_, *paths[side]);
      if (!text) {
        co_await p_.err(p_.error_text(*paths[side], text.error()) + "\n");
        co_return 2;
      }
      texts[side] = *std::move(text);
    }
    std::vector<LineEdit> edits;
    if (texts[0] != texts[1]) edits = edits_between(texts[0], texts[1], wanted_);
    const bool differ = std::any_of(edits.begin(), edits.end(), [](const LineEdit& edit) { return edit.kind != ' '; });
    if (!differ) {
      if (wanted_.identical) out_.add("Files " + a + " and " + b + " are identical\n");
      co_return 0;
    }
    const bool binary = contains(texts[0], std::string_view("\0", 1)) || contains(texts[1], std::string_view("\0", 1));
    if (wanted_.brief) {
      out_.add("Files " + a + " and " + b + " differ\n");
    } else if (binary) {
      out_.add("Binary files " + a + " and " + b + " differ\n");
    } else {
      if (in_folder) out_.add(wanted_.command + " " + a + " " + b + "\n");
      if (wanted_.unified) {
        out_.add("--- " + a + "\t" + stamp(a) + "\n+++ " + b + "\t" + stamp(b) + "\n");
        out_.add(unified_hunks(edits, wanted_.context));
      } else {
        out_.add(normal_diff(edits));
      }
    }
    co_return binary ? 2 : 1;
  }

  Task<int> folders(std::string a, std::string b, int depth) {
    const std::vector<std::string> left = p_.list_directory(a).value_or({});
    const std::vector<std::string> right = p_.list_directory(b).value_or({});
    std::set<std::string> names(left.begin(), left.end());
    names.insert(right.begin(), right.end());
    int worst = 0;
    for (const std::string& name : names) {
      const std::string in_a = a + "/" + name;
      const std::string in_b = b + "/" + name;
      const auto stat_a = p_.stat(in_a);
      const auto stat_b = p_.stat(in_b);
      if ((!stat_a || !stat_b) && !wanted_.absent_is_empty) {
        out_.add("Only in " + (stat_a ? a : b) + ": " + name + "\n");
        worst = std::max(worst, 1);
        continue;
      }
      const bool folder_a = stat_a && stat_a->type == FileType::kDirectory;
      const bool folder_b = stat_b && stat_b->type == FileType::kDirectory;
      if (folder_a != folder_b && stat_a && stat_b) {
        out_.add("File " + in_a + " is a " + kind(folder_a) + " while file " + in_b + " is a " + kind(folder_b) + "\n");
        worst = std::max(worst, 1);
      } else if (folder_a || folder_b) {
        if (!wanted_.recursive) {
          out_.add("Common subdirectories: " + in_a + " and " + in_b + "\n");
        } else if (depth < kMaxDepth) {
          const int inner = co_await folders(in_a, in_b, depth + 1);
          worst = std::max(worst, inner);
        }
      } else {
        const int outcome = co_await files(in_a, in_b, true);
        worst = std::max(worst, outcome);
      }
    }
    co_return worst;
  }

 private:
  static const char* kind(bool folder) { return folder ? "directory" : "regular file"; }
  // "2026-01-01 00:00:12.000000000 +0000"
  std::string stamp(const std::string& path) {
    const auto found = p_.stat(path);
    const TimePoint when = found ? found->modified : path == "-" ? p_.now() : TimePoint{};
    return format_time(when, "%F %T.%N %z");
  }

  Process& p_;
  Wanted wanted_;
  Output out_;
};

}  // namespace

Task<int> diff_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kHelp, 2);
  if (flags.ended()) co_return flags.exit_code();
  const std::vector<std::string> operands = flags.operands();
  if (operands.size() != 2) {
    const std::string problem = operands.size() > 2
                                    ? "extra operand '" + operands[2] + "'"
                                    : "missing operand after '" + (operands.empty() ? "diff" : operands[0]) + "'";
    co_await p.err("diff: " + problem + "\ndiff: Try 'diff --help' for more information.\n");
    co_return 2;
  }
  Wanted wanted;
  wanted.brief = flags.has("brief");
  wanted.identical = flags.has("report-identical-files");
  wanted.unified = flags.has("u") || flags.has("unified");
  wanted.recursive = flags.has("recursive");
  wanted.absent_is_empty = flags.has("new-file");
  wanted.fold_case = flags.has("ignore-case");
  wanted.fold_space = flags.has("ignore-space-change");
  wanted.no_space = flags.has("ignore-all-space");
  if (flags.has("unified")) {
    const auto lines = parse_int(flags.value("unified"));
    if (!lines || *lines < 0) {
      co_await p.err("diff: invalid context length '" + flags.value("unified") +
                     "'\ndiff: Try 'diff --help' for more information.\n");
      co_return 2;
    }
    wanted.context = static_cast<std::size_t>(*lines);
  }
  wanted.command = "diff";
  for (const std::string& word : p.arguments()) {
    if (word.starts_with("-") && word != "-") wanted.command += " " + word;
  }
  std::string a = operands[0];
  std::string b = operands[1];
  const auto is_folder = [&](const std::string& path) {
    const auto found = p.stat(path);
    return found && found->type == FileType::kDirectory;
  };
  Diff diff(p, std::move(wanted));
  int code = 0;
  if (is_folder(a) && is_folder(b)) {
    code = co_await diff.folders(a, b, 0);
  } else {
    if (is_folder(a))
      a += "/" + std::string(base_name(b));
    else if (is_folder(b))
      b += "/" + std::string(base_name(a));
    code = co_await diff.files(a, b, false);
  }
  (void)co_await diff.flush();
  co_return code;
}

}  // namespace drydock
