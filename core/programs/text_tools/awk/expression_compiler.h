// Code for an awk program's expressions, and what all code needs: constants, slots of
// variables, jumps. The Compiler builds on this class for rules and statements.
// Everything throws FatalError.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/programs/text_tools/awk/code.h"
#include "core/programs/text_tools/awk/compiler.h"
#include "core/programs/text_tools/awk/language/syntax.h"

namespace drydock::awk {

class ExpressionCompiler {
 protected:
  using Kind = Expression::Kind;

  explicit ExpressionCompiler(std::string_view source) : source_(source) {}

  std::uint32_t line_of(std::size_t offset) const;
  [[noreturn]] void fail(const std::string& message);

  // Appends an instruction; tells where it is.
  std::size_t emit(Op op, int a = 0, int b = 0, int c = 0);
  // Makes the jump at `at` lead to the next instruction.
  void patch(std::size_t at);
  void constant(Cell cell);
  int global(const std::string& name);
  // Of a global, or ~number of a local.
  int slot(const std::string& name);
  int array_slot(const std::string& name);

  // Code that leaves the value on the stack.
  void expression(const Expression& e);
  // The text of a regular expression: as it stands, or what the expression gives.
  void regex(const Expression& e);
  // The key that subscripts make.
  void key(const std::vector<ExpressionPtr>& subscripts);

  CompiledProgram out_;
  Code* code_ = nullptr;  // what is being written
  std::uint32_t line_ = 1;
  std::map<std::string, int> locals_;
  std::map<std::string, int> function_numbers_;
  std::set<int> arrays_;

 private:
  // Pushes what names the target: a field's index, an element's key.
  Target place(const Expression& target, int& where);
  void assign(const Expression& e);
  void binary(const Expression& e);
  void call(const Expression& e);
  void builtin(const Expression& e);
  void substitute(const Expression& e);
  int array_argument(const Expression& e, std::size_t index);

  std::string_view source_;
  std::map<std::string, int> globals_;
};

}  // namespace drydock::awk
