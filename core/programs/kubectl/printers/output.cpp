#include "core/programs/kubectl/printers/output.h"

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/machinery/json.h"
#include "core/machinery/jsonpath.h"
#include "core/machinery/yaml.h"
#include "core/programs/kubectl/connection/session.h"
#include "core/programs/kubectl/printers/go_template.h"

namespace drydock::kubectl {
namespace {

constexpr std::string_view kObjectFormats =
    "go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml";
constexpr std::string_view kGetFormats =
    "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,"
    "kyaml,name,template,templatefile,wide,yaml";

// Formats that need what follows "=", and the message when it is missing.
std::string_view missing_argument(std::string_view name) {
  if (name.starts_with("go-template") || name.starts_with("template"))
    return "template format specified but no template given";
  if (name.starts_with("jsonpath")) return "template format specified but no template given";
  if (name == "custom-columns") return "custom-columns format specified but no custom columns given";
  if (name == "custom-columns-file") return "custom-columns format specified but no custom columns given";
  return "";
}

bool plain_key(std::string_view key) {
  if (key.empty()) return false;
  for (char c : key) {
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
          c == '.' || c == '/'))
      return false;
  }
  return key != "true" && key != "false" && key != "null" && key != "yes" && key != "no" && key != "on" &&
         key != "off" && key != "y" && key != "n" && !(key[0] >= '0' && key[0] <= '9') && key[0] != '-' &&
         key[0] != '.';
}

// KYAML: YAML in flow style with quoted strings, indented like JSON.
// https://kubernetes.io/docs/reference/encodings/kyaml/
void write_kyaml(const Value& value, std::string& out, std::size_t indent) {
  const std::string margin(indent + 2, ' ');
  if (value.is_object() && !value.empty()) {
    out += "{\n";
    for (const auto& [key, member] : value.members()) {
      out += margin + (plain_key(key.view()) ? key.str() : go_quote(key.view())) + ": ";
      write_kyaml(member, out, indent + 2);
      out += ",\n";
    }
    out += std::string(indent, ' ') + "}";
  } else if (value.is_array() && !value.empty()) {
    if (value[0].is_object()) {  // cuddled brackets
      out += "[";
      for (std::size_t i = 0; i < value.size(); ++i) {
        if (i > 0) out += ", ";
        write_kyaml(value[i], out, indent);
      }
      out += "]";
      return;
    }
    out += "[\n";
    for (const Value& item : value.items()) {
      out += margin;
      write_kyaml(item, out, indent + 2);
      out += ",\n";
    }
    out += std::string(indent, ' ') + "]";
  } else if (value.is_string() && contains(value.as_string(), "\n")) {
    // Folded in quotes: a line each, which only shows when it ends.
    std::string text = value.str();
    const bool ends = text.ends_with('\n');
    if (ends) text.pop_back();
    out += "\"\\\n";
    const std::vector<std::string> lines = split(text, '\n');
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const std::string quoted = dump_json(Value(lines[i]));
      out += std::string(indent + 3, ' ') + quoted.substr(1, quoted.size() - 2) +
             (ends || i + 1 < lines.size() ? "\\n\\\n" : "\\\n");
    }
    out += std::string(indent + 2, ' ') + "\"";
  } else {
    out += dump_json(value);
  }
}

std::string print_object_for_error(const Value& value) { return dump_json(value); }

Result<std::string> render_jsonpath(const OutputFormat& format, const Value& object) {
  Result<JsonPath> path = JsonPath::parse(format.argument);
  if (!path) return Status::plain("error parsing jsonpath " + format.argument + ", " + path.error().message);
  Result<std::string> text = Status::plain("");
  if (format.name == "jsonpath-as-json") {
    Result<std::vector<Value>> values = path->find(object, format.allow_missing_keys);
    if (values) {
      Value array = Value::array();
      for (Value& value : *values) array.push_back(std::move(value));
      return dump_json(array, {.indent = 4, .escape_html = true}) + "\n";
    }
    text = values.error();
  } else {
    text = path->print(object, format.allow_missing_keys);
  }
  if (text) return text;
  return Status::plain(
      "error executing jsonpath " + go_quote(format.argument) + ": Error executing template: " + text.error().message +
      ". Printing more information for debugging the template:\n\ttemplate was:\n\t\t" + format.argument +
      "\n\tobject given to jsonpath engine was:\n\t\t" + print_object_for_error(object) + "\n\n");
}

}  // namespace

Result<OutputFormat> parse_output(Session& session, OutputScope scope) {
  const Flags& flags = session.flags();
  OutputFormat format;
  format.show_managed_fields = flags.on("show-managed-fields");
  format.allow_missing_keys = flags.on("allow-missing-template-keys");
  const std::string text = flags.text("output");
  const std::size_t equals = text.find('=');
  format.name = to_lower(text.substr(0, equals));
  if (equals != std::string::npos) format.argument = text.substr(equals + 1);
  if (format.name.empty() && !flags.text("template").empty()) format.name = "go-template";
  if (format.name.empty()) return format;
  const std::string_view allowed = scope == OutputScope::kGet ? kGetFormats : kObjectFormats;
  if (!contains("," + std::string(allowed) + ",", "," + format.name + ",")) {
    return Status::plain("unable to match a printer suitable for the output format " +
                         go_quote(text.substr(0, equals)) + ", allowed formats are: " + std::string(allowed));
  }
  if (format.name == "template") format.name = "go-template";
  if (format.name == "templatefile") format.name = "go-template-file";
  if (format.argument.empty()) format.argument = flags.text("template");
  if (format.argument.empty() && !missing_argument(format.name).empty())
    return Status::plain(std::string(missing_argument(format.name)));
  if (format.name.ends_with("-file")) {
    auto content = session.process().read_file(format.argument);
    if (!content) {
      return Status::plain("error reading --template " + format.argument + ", open " + format.argument + ": " +
                           to_lower(errno_text(content.error())) + "\n");
    }
    format.argument = *std::move(content);
    if (format.name != "custom-columns-file") format.name.resize(format.name.size() - 5);
  }
  if (format.name == "jsonpath" && !contains(format.argument, "{")) {
    DRYDOCK_TRY(format.argument, relaxed_jsonpath(format.argument));
  }
  return format;
}

std::string render_json(const Value& value) { return dump_json(value, {.indent = 4, .escape_html = true}) + "\n"; }

Value without_managed_fields(const Value& object) {
  if (object["items"].is_array()) {
    Value copy = object;
    Value items = Value::array();
    for (const Value& item : object["items"].items()) items.push_back(without_managed_fields(item));
    copy.set("items", std::move(items));
    return copy;
  }
  if (!object["metadata"].has("managedFields")) return object;
  Value copy = object;
  copy.ref("metadata").erase("managedFields");
  return copy;
}

Result<std::string> render(const OutputFormat& format, const Value& object, std::string_view kind_name) {
  if (format.name == "name") return std::string(kind_name) + "/" + object["metadata"]["name"].str() + "\n";
  // Templates may ask for managedFields whatever is shown.
  const bool hides = format.name == "json" || format.name == "yaml" || format.name == "kyaml";
  const Value shown = hides && !format.show_managed_fields ? without_managed_fields(object) : object;
  if (format.name == "json") return render_json(shown);
  if (format.name == "yaml") return dump_yaml(shown);
  if (format.name == "kyaml") {
    std::string text = "---\n";
    write_kyaml(shown, text, 0);
    return text + "\n";
  }
  if (format.name.starts_with("jsonpath")) return render_jsonpath(format, shown);
  if (format.name == "go-template") {
    Result<GoTemplate> parsed = GoTemplate::parse(format.argument);
    if (!parsed) return Status::plain("error parsing template " + format.argument + ", " + parsed.error().message);
    Result<std::string> text = parsed->execute(shown);
    if (text) return text;
    return Status::plain("error executing template " + go_quote(format.argument) + ": " + text.error().message);
  }
  return Status::plain("unable to match a printer suitable for the output format " + go_quote(format.name));
}

Result<std::string> relaxed_jsonpath(std::string_view text) {
  std::string body(trim(text));
  if (body.starts_with("{") && body.ends_with("}")) body = body.substr(1, body.size() - 2);
  if (contains(body, "{") || contains(body, "}")) {
    return Status::plain(
        "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'");
  }
  if (!body.empty() && body[0] == '$') body.erase(0, 1);
  if (body.empty() || (body[0] != '.' && body[0] != '[')) body.insert(0, ".");
  return "{" + body + "}";
}

std::vector<Value> find_jsonpath(const std::string& path, const Value& object) {
  Result<JsonPath> parsed = JsonPath::parse(path);
  if (!parsed) return {};
  return parsed->find(object).value_or({});
}

Result<std::vector<CustomColumn>> parse_custom_columns(std::string_view specification) {
  std::vector<CustomColumn> columns;
  std::vector<std::string> parts(1);
  int depth = 0;  // commas inside of brackets belong to the path
  for (char c : specification) {
    depth += c == '[' || c == '(' ? 1 : c == ']' || c == ')' ? -1 : 0;
    if (c == ',' && depth == 0)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  for (const std::string& part : parts) {
    const std::size_t colon = part.find(':');
    if (colon == std::string::npos) {
      return Status::plain("unexpected custom-columns spec: " + part + ", expected <header>:<json-path-expr>");
    }
    DRYDOCK_TRY(std::string path, relaxed_jsonpath(std::string_view(part).substr(colon + 1)));
    columns.push_back({part.substr(0, colon), std::move(path)});
  }
  return columns;
}

Result<std::vector<CustomColumn>> parse_custom_columns_file(std::string_view content) {
  const std::vector<std::string> lines = split(content, '\n');
  const std::vector<std::string> headers = split_whitespace(lines[0]);
  const std::vector<std::string> paths = lines.size() > 1 ? split_whitespace(lines[1]) : std::vector<std::string>();
  if (headers.empty() || headers.size() != paths.size()) {
    return Status::plain("number of headers (" + std::to_string(headers.size()) + ") and field specifications (" +
                         std::to_string(paths.size()) + ") don't match");
  }
  std::vector<CustomColumn> columns;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    DRYDOCK_TRY(std::string path, relaxed_jsonpath(paths[i]));
    columns.push_back({headers[i], std::move(path)});
  }
  return columns;
}

std::vector<std::string> custom_row(const std::vector<CustomColumn>& columns, const Value& object) {
  std::vector<std::string> row;
  for (const CustomColumn& column : columns) {
    std::vector<std::string> texts;
    for (const Value& value : find_jsonpath(column.path, object)) {
      if (value.is_object() || value.is_array()) {
        // fmt's %v of maps and slices.
        Result<GoTemplate> printer = GoTemplate::parse("{{.}}");
        texts.push_back(printer ? printer->execute(value).value_or("") : "");
      } else {
        texts.push_back(value.is_string() ? value.str() : value.is_null() ? "<nil>" : dump_json(value));
      }
    }
    row.push_back(texts.empty() ? "<none>" : join(texts, ","));
  }
  return row;
}

}  // namespace drydock::kubectl
