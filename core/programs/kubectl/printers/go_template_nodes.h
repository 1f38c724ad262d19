// The parsed form of a Go template, shared by its parser and its interpreter.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/programs/kubectl/printers/go_template.h"

namespace drydock::kubectl {

struct TemplateOperand;

// operand (operand…): a function or field call with its arguments.
struct TemplateCommand {
  std::vector<TemplateOperand> operands;
};
// command | command …, optionally assigned to variables.
struct TemplatePipeline {
  std::vector<std::string> variables;  // "$x"; range may have two
  bool declares = false;               // := rather than =
  std::vector<TemplateCommand> commands;
};
struct TemplateOperand {
  enum class Kind { kDot, kField, kVariable, kLiteral, kFunction, kPipeline };
  Kind kind = Kind::kDot;
  std::string name;                 // function or variable
  std::vector<std::string> fields;  // what follows: .a.b
  Value literal;
  std::shared_ptr<TemplatePipeline> pipeline;
};

struct GoTemplate::Node {
  enum class Kind { kText, kAction, kIf, kRange, kWith, kTemplate, kBreak, kContinue };
  Kind kind = Kind::kText;
  std::string text;  // literal text, or the template's name
  TemplatePipeline pipeline;
  std::vector<Node> body;
  std::vector<Node> otherwise;
};

struct GoTemplate::Program {
  std::vector<Node> nodes;
  std::map<std::string, std::vector<Node>> templates;
};

// Throws nothing; the error is the template package's text.
Result<void> parse_template(std::string_view text, GoTemplate::Program& program);

}  // namespace drydock::kubectl
