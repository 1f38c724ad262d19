// Commands back to text, laid out as bash does in `type`, `declare -f` and `jobs`.
#include "core/base/strings.h"
#include "core/programs/shell/syntax/syntax.h"

namespace drydock::shell {
namespace {

std::string margin(int indent) { return std::string(static_cast<std::size_t>(indent), ' '); }

std::string redirections(const Command& command) {
  std::string text;
  std::string bodies;
  for (const auto& each : command.redirections) {
    text += " ";
    if (each->fd >= 0) text += std::to_string(each->fd);
    if (!each->variable.empty()) text += "{" + each->variable + "}";
    if (each->op == "<<" || each->op == "<<-") {
      text += each->op + each->delimiter;
      std::string delimiter;
      for (char c : each->delimiter) {
        if (c != '\'' && c != '"' && c != '\\') delimiter += c;
      }
      bodies += "\n" + each->word + delimiter;
    } else if (each->op == ">&" || each->op == "<&") {
      text += each->op + each->word;
    } else {
      text += each->op + " " + each->word;
    }
  }
  return text + bodies;
}

// A list's commands, one a line.
std::string lines(const Command& command, int indent) {
  if (command.kind != Command::Kind::kList) return margin(indent) + unparse(command, indent);
  std::string text;
  for (std::size_t i = 0; i < command.children.size(); ++i) {
    const bool last = i + 1 == command.children.size();
    text += margin(indent) + unparse(*command.children[i], indent);
    if (command.operators[i] == "&") text += " &";
    if (!last) text += command.operators[i] == "&" ? "\n" : ";\n";
  }
  return text;
}

// As lines(), closed by a semicolon for the keyword that follows.
std::string body(const Command& command, int indent) {
  std::string text = lines(command, indent);
  const bool background = command.kind == Command::Kind::kList && command.operators.back() == "&";
  return text + (background ? "\n" : ";\n");
}

// A condition, in one line with its keyword.
std::string condition(const Command& command, int indent) {
  std::string text;
  if (command.kind != Command::Kind::kList) return unparse(command, indent);
  for (std::size_t i = 0; i < command.children.size(); ++i) {
    text += unparse(*command.children[i], indent);
    if (i + 1 < command.children.size()) text += command.operators[i] == "&" ? " & " : "; ";
  }
  return text;
}

std::string simple(const Command& command) {
  std::vector<std::string> words = command.assignments;
  words.insert(words.end(), command.words.begin(), command.words.end());
  const std::string text = join(words, " ") + redirections(command);
  return words.empty() && !text.empty() ? text.substr(1) : text;
}

}  // namespace

std::string unparse(const Command& command, int indent) {
  const std::string here = margin(indent);
  constexpr int kStep = 4;
  switch (command.kind) {
    case Command::Kind::kSimple:
      return simple(command);
    case Command::Kind::kPipeline: {
      std::string text = command.negated ? "! " : "";
      if (command.timed != Command::Timed::kNo) text = command.timed == Command::Timed::kYes ? "time " : "time -p ";
      for (std::size_t i = 0; i < command.children.size(); ++i) {
        if (i > 0) text += " " + command.operators[i - 1] + " ";
        text += unparse(*command.children[i], indent);
      }
      return text;
    }
    case Command::Kind::kAndOr: {
      std::string text = unparse(*command.children[0], indent);
      for (std::size_t i = 0; i < command.operators.size(); ++i)
        text += " " + command.operators[i] + " " + unparse(*command.children[i + 1], indent);
      return text;
    }
    case Command::Kind::kList:
      return condition(command, indent) + (command.operators.back() == "&" ? " &" : "");
    case Command::Kind::kSubshell:
      return "( " + condition(*command.children[0], indent) + " )" + redirections(command);
    case Command::Kind::kGroup:
      return "{ \n" + lines(*command.children[0], indent + kStep) + "\n" + here + "}" + redirections(command);
    case Command::Kind::kIf: {
      std::string text;
      std::size_t i = 0;
      for (; i + 1 < command.children.size(); i += 2) {
        text += (i == 0 ? "if " : here + "elif ") + condition(*command.children[i], indent) + "; then\n" +
                body(*command.children[i + 1], indent + kStep);
      }
      if (i < command.children.size()) text += here + "else\n" + body(*command.children[i], indent + kStep);
      return text + here + "fi" + redirections(command);
    }
    case Command::Kind::kWhile:
    case Command::Kind::kUntil:
      return std::string(command.kind == Command::Kind::kWhile ? "while " : "until ") +
             condition(*command.children[0], indent) + "; do\n" + body(*command.children[1], indent + kStep) + here +
             "done" + redirections(command);
    case Command::Kind::kFor:
    case Command::Kind::kSelect: {
      std::string text = std::string(command.kind == Command::Kind::kFor ? "for " : "select ") + command.name;
      if (command.has_list)
        text += " in" + std::string(command.words.empty() ? "" : " ") + join(command.words, " ");
      else
        text += " in \"$@\"";
      return text + ";\n" + here + "do\n" + body(*command.children[0], indent + kStep) + here + "done" +
             redirections(command);
    }
    case Command::Kind::kArithFor:
      return "for ((" + command.name + "))\n" + here + "do\n" + body(*command.children[0], indent + kStep) + here +
             "done" + redirections(command);
    case Command::Kind::kCase: {
      std::string text = "case " + command.name + " in \n";
      for (const Command::Clause& clause : command.clauses) {
        text += margin(indent + kStep) + join(clause.patterns, " | ") + ")\n";
        if (clause.body) text += lines(*clause.body, indent + 2 * kStep) + "\n";
        text += margin(indent + kStep) + clause.end + "\n";
      }
      return text + here + "esac" + redirections(command);
    }
    case Command::Kind::kFunction:
      return command.name + " () \n" + here + unparse(*command.children[0], indent);
    case Command::Kind::kTest:
      return "[[ " + join(command.words, " ") + " ]]" + redirections(command);
    case Command::Kind::kArith:
      return "((" + command.name + "))" + redirections(command);
  }
  return "";
}

}  // namespace drydock::shell
