// The -o formats that render a whole object: json, yaml, kyaml, name, templates,
// jsonpath, custom columns.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/machinery/value.h"

namespace drydock::kubectl {

class Session;

struct OutputFormat {
  std::string name;      // "json", "jsonpath", …; "" is the command's own
  std::string argument;  // what follows "jsonpath=", or the template file's content
  bool show_managed_fields = false;
  bool allow_missing_keys = true;

  bool is_own() const { return name.empty() || name == "wide"; }
};

// What a command lets -o be, besides the object formats below.
enum class OutputScope {
  kObjects,  // json, yaml, name, templates, jsonpath
  kGet,      // and wide, custom-columns
};

// Reads -o and --template. Bad formats give kubectl's error with the list of what
// is allowed.
Result<OutputFormat> parse_output(Session& session, OutputScope scope = OutputScope::kObjects);

// One object (or List) as text. `kind_name` is what -o name prints before the slash.
Result<std::string> render(const OutputFormat& format, const Value& object, std::string_view kind_name);

// json and yaml without any choice of the user's: indented by 4, HTML escaped.
std::string render_json(const Value& value);

// Without metadata.managedFields; of each item, for lists.
Value without_managed_fields(const Value& object);

// -o custom-columns.
struct CustomColumn {
  std::string header;
  std::string path;  // "{.metadata.name}"
};
Result<std::vector<CustomColumn>> parse_custom_columns(std::string_view specification);
Result<std::vector<CustomColumn>> parse_custom_columns_file(std::string_view content);
std::vector<std::string> custom_row(const std::vector<CustomColumn>& columns, const Value& object);

// ".metadata.name", "metadata.name" and "{.metadata.name}" mean the same: kubectl's RelaxedJSONPathExpression.
Result<std::string> relaxed_jsonpath(std::string_view text);
// The value a path finds in an object, for sorting and waiting; nullopt text when absent.
std::vector<Value> find_jsonpath(const std::string& path, const Value& object);

}  // namespace drydock::kubectl
