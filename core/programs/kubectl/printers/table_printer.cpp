#include "core/programs/kubectl/printers/table_printer.h"

#include "core/base/strings.h"
#include "core/machinery/json.h"

namespace drydock::kubectl {
namespace {

// Cells of several lines show their first one.
std::string cell_text(const Value& cell) {
  std::string text = cell.is_string() ? cell.str()
                     : cell.is_null() ? "<none>"
                     : cell.is_bool() ? (cell.as_bool() ? "true" : "false")
                                      : dump_json(cell);
  const std::size_t newline = text.find_first_of("\n\r\f");
  if (newline != std::string::npos) text = text.substr(0, newline) + "...";
  return replace_all(text, "\t", "\\t");
}

// "app.kubernetes.io/name" heads its column as NAME.
std::string label_header(const std::string& label) {
  const std::size_t slash = label.rfind('/');
  return to_upper(slash == std::string::npos ? label : label.substr(slash + 1));
}

}  // namespace

std::string label_text(const Value& labels) {
  std::vector<std::string> pieces;
  for (const auto& [key, value] : labels.members()) pieces.push_back(key.str() + "=" + value.str());
  return pieces.empty() ? "<none>" : join(pieces, ",");
}

std::string TablePrinter::print(const Value& table, const std::string& event) {
  if (!table["columnDefinitions"].empty()) columns_ = table["columnDefinitions"];
  auto shown = [&](const Value& column) { return options_.wide || column["priority"].as_int() == 0; };
  std::vector<std::vector<std::string>> rows;
  if (!header_done_ && !options_.no_headers) {
    std::vector<std::string> header;
    if (options_.with_event) header.push_back("EVENT");
    if (options_.with_namespace) header.push_back("NAMESPACE");
    for (const Value& column : columns_.items()) {
      if (shown(column)) header.push_back(to_upper(column["name"].as_string()));
    }
    for (const std::string& label : options_.label_columns) header.push_back(label_header(label));
    if (options_.show_labels) header.push_back("LABELS");
    rows.push_back(std::move(header));
  }
  header_done_ = true;
  for (const Value& row : table["rows"].items()) {
    const Value& metadata = row["object"]["metadata"];
    std::vector<std::string> cells;
    if (options_.with_event) cells.push_back(event);
    if (options_.with_namespace) cells.push_back(metadata["namespace"].str());
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (!shown(columns_[i])) continue;
      std::string text = cell_text(row["cells"][i]);
      if (columns_[i]["format"].as_string() == "name" && i == 0) text = options_.kind_prefix + text;
      cells.push_back(std::move(text));
    }
    for (const std::string& label : options_.label_columns) cells.push_back(metadata["labels"][label].str());
    if (options_.show_labels) cells.push_back(label_text(metadata["labels"]));
    rows.push_back(std::move(cells));
  }
  return aligner_.lines(rows);
}

}  // namespace drydock::kubectl
