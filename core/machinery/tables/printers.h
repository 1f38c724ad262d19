// How the API server prints each kind: the columns of k8s.io/kubernetes/pkg/printers.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/machinery/object.h"

namespace drydock {

struct Column {
  const char* name;
  const char* type = "string";
  int priority = 0;  // 1: only in wide output
};
using Cells = std::vector<Value>;
struct Printer {
  std::vector<Column> columns;
  std::function<Cells(const Object&, TimePoint)> cells;
};
using PrinterTable = std::map<std::string, Printer, std::less<>>;  // by resource

// One file each.
void add_core_printers(PrinterTable& printers);
void add_workload_printers(PrinterTable& printers);
void add_access_printers(PrinterTable& printers);
void add_storage_printers(PrinterTable& printers);
void add_cluster_printers(PrinterTable& printers);

// Texts of cells.
std::string age_of(const Value& stamp, TimePoint now);
std::string age(const Object& object, TimePoint now);
std::string or_none(std::string text, const char* none = "<none>");
std::string label_text(const Value& labels);
std::string selector_text(const Value& selector);
std::string container_field(const Value& pod_spec, const char* field);  // "a,b"
std::string capped(const std::vector<std::string>& list);               // "a,b,c + 2 more..."

}  // namespace drydock
