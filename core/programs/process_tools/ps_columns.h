// The columns of ps: what -o may name, and what each shows of a process.
#pragma once

#include <string>
#include <string_view>

#include "core/host/process_table.h"

namespace drydock {

enum class Side { kLeft, kRight };

struct PsColumn {
  const char* name;  // as -o spells it
  const char* title;
  std::size_t width;
  Side side;
};

// Null: no such column.
const PsColumn* ps_column_named(std::string_view name);
std::string ps_field(Process& viewer, const ProcessRow& row, std::string_view name);

}  // namespace drydock
