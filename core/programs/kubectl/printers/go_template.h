// Go's text/template, as far as `-o go-template` needs it: actions, pipelines,
// variables, if/else, range, with, define/template/block, comments, trim markers
// and the built-in functions. Values are documents; a missing field prints
// "<no value>".
// https://pkg.go.dev/text/template
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/machinery/value.h"

namespace drydock::kubectl {

class GoTemplate {
 public:
  // The error reads "template: output:1: unexpected …".
  static Result<GoTemplate> parse(std::string_view text);
  GoTemplate(GoTemplate&&) noexcept;
  GoTemplate& operator=(GoTemplate&&) noexcept;
  ~GoTemplate();
  Result<std::string> execute(const Value& data) const;

  struct Node;
  struct Program;

 private:
  explicit GoTemplate(std::unique_ptr<Program> program);
  std::unique_ptr<Program> program_;
};

}  // namespace drydock::kubectl
