// Tables as `kubectl get` prints them, from the documents servers answer with
// (kind Table: columnDefinitions, rows).
#pragma once

#include <string>
#include <vector>

#include "core/machinery/value.h"
#include "core/programs/kubectl/printers/tab_writer.h"

namespace drydock::kubectl {

struct TableOptions {
  bool wide = false;
  bool no_headers = false;
  bool with_namespace = false;  // -A
  bool show_labels = false;
  bool with_event = false;                 // --output-watch-events
  std::string kind_prefix;                 // "deployment.apps/" when several kinds are shown
  std::vector<std::string> label_columns;  // -L
};

class TablePrinter {
 public:
  explicit TablePrinter(TableOptions options) : options_(std::move(options)) {}
  // Rows of one Table document. Column definitions are remembered: watch events
  // carry none. The header is printed once.
  std::string print(const Value& table, const std::string& event = "");

 private:
  TableOptions options_;
  Value columns_;
  bool header_done_ = false;
  TableAligner aligner_;
};

// "a=b,c=d" in key order, or "<none>".
std::string label_text(const Value& labels);

}  // namespace drydock::kubectl
