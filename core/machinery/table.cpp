#include "core/machinery/table.h"

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/jsonpath.h"
#include "core/machinery/tables/printers.h"

namespace drydock {
namespace {

const PrinterTable& printers() {
  static const PrinterTable all = [] {
    PrinterTable table;
    add_core_printers(table);
    add_workload_printers(table);
    add_access_printers(table);
    add_storage_printers(table);
    add_cluster_printers(table);
    return table;
  }();
  return all;
}

const Printer& plain_printer() {
  static const Printer printer{{{"Name"}, {"Age"}},
                               [](const Object& o, TimePoint now) { return Cells{o.name(), age(o, now)}; }};
  return printer;
}

Value column_document(std::string_view name, std::string_view type, std::int64_t priority) {
  return Value::object({{"name", name},
                        {"type", type},
                        {"format", name == "Name" ? "name" : ""},
                        {"description", ""},
                        {"priority", priority}});
}

// A custom resource's additionalPrinterColumns after its name; its age without any.
Value custom_columns(const Value& version) {
  Value columns = Value::array({column_document("Name", "string", 0)});
  for (const Value& column : version["additionalPrinterColumns"].items())
    columns.push_back(
        column_document(column["name"].as_string(), column["type"].as_string(), column["priority"].as_int()));
  if (version["additionalPrinterColumns"].empty()) columns.push_back(column_document("Age", "date", 0));
  return columns;
}

Value custom_cells(const Value& version, const Object& object, TimePoint now) {
  Value cells = Value::array({object.name()});
  if (version["additionalPrinterColumns"].empty()) cells.push_back(age(object, now));
  for (const Value& column : version["additionalPrinterColumns"].items()) {
    auto path = JsonPath::parse("{" + column["jsonPath"].str() + "}");
    const auto found = path ? path->find(object.doc(), true) : Result<std::vector<Value>>(std::vector<Value>());
    if (!found || found->empty()) {
      cells.push_back(Value());
      continue;
    }
    const Value& value = found->front();
    if (column["type"].as_string() == "date")
      cells.push_back(age_of(value, now));
    else if (column["type"].as_string() == "string" && !value.is_string())
      cells.push_back(dump_json(value));
    else
      cells.push_back(value);
  }
  return cells;
}

}  // namespace

Value table_document(const ResourceInfo& resource, const std::vector<Object>& objects, TimePoint now,
                     const std::string& resource_version, std::string_view include_object) {
  const bool custom = resource.definition.is_object();
  const auto known = custom ? printers().end() : printers().find(resource.resource);
  const Printer& printer = known == printers().end() ? plain_printer() : known->second;
  Value columns = custom ? custom_columns(resource.definition) : Value::array();
  if (!custom) {
    for (const Column& column : printer.columns)
      columns.push_back(column_document(column.name, column.type, column.priority));
  }
  Value rows = Value::array();
  for (const Object& object : objects) {
    Value cells = Value::array();
    if (custom)
      cells = custom_cells(resource.definition, object, now);
    else
      for (Value& cell : printer.cells(object, now)) cells.push_back(std::move(cell));
    Value row = Value::object({{"cells", std::move(cells)}});
    if (include_object == "Object")
      row.set("object", object.doc());
    else if (include_object != "None")
      row.set("object", Value::object({{"kind", "PartialObjectMetadata"},
                                       {"apiVersion", "meta.k8s.io/v1"},
                                       {"metadata", object.metadata()}}));
    rows.push_back(std::move(row));
  }
  return Value::object({
      {"kind", "Table"},
      {"apiVersion", "meta.k8s.io/v1"},
      {"metadata", Value::object({{"resourceVersion", resource_version}})},
      {"columnDefinitions", std::move(columns)},
      {"rows", std::move(rows)},
  });
}

}  // namespace drydock
