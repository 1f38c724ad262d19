#include "core/base/unified_diff.h"
#include "core/machinery/json.h"
#include "core/machinery/jsonpath.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/printers/go_template.h"
#include "core/programs/kubectl/printers/output.h"
#include "core/programs/kubectl/printers/sorting.h"
#include "core/programs/kubectl/printers/tab_writer.h"
#include "core/programs/kubectl/printers/table_printer.h"
#include "doctest/doctest.h"

namespace drydock::kubectl {
namespace {

const char* const kPods =
    "{\"items\":[{\"metadata\":{\"name\":\"a\",\"labels\":{\"x.y/z\":\"1\"}},\"n\":2,\"on\":true},"
    "{\"metadata\":{\"name\":\"b\"},\"n\":10,\"list\":[\"p\",\"q\"]}]}";

std::string by_template(const char* text, const Value& data) {
  Result<GoTemplate> parsed = GoTemplate::parse(text);
  if (!parsed) return "ERROR " + parsed.error().message;
  Result<std::string> printed = parsed->execute(data);
  return printed ? *printed : "ERROR " + printed.error().message;
}
std::string by_path(const char* text, const Value& data) {
  Result<JsonPath> parsed = JsonPath::parse(text);
  if (!parsed) return "ERROR " + parsed.error().message;
  Result<std::string> printed = parsed->print(data);
  return printed ? *printed : "ERROR " + printed.error().message;
}

}  // namespace

TEST_CASE("Go templates") {
  const Value data = parse_json(kPods).value();
  struct Row {
    const char* text;
    const char* wanted;
  };
  const Row rows[] = {
      {"{{range .items}}{{.metadata.name}}{{\"\\n\"}}{{end}}", "a\nb\n"},
      {"{{range $i, $e := .items}}{{$i}}={{$e.n}} {{end}}", "0=2 1=10 "},
      {"{{len .items}}{{if gt (len .items) 1}} many{{else}} few{{end}}", "2 many"},
      {"{{index .items 1 \"metadata\" \"name\"}}", "b"},
      {"{{(index .items 0).n | printf \"%03d\"}}", "002"},
      {"{{.nothing}}", "<no value>"},
      {"{{with .nothing}}x{{else}}none{{end}}", "none"},
      {"{{- range .items -}} {{if .on}}on{{else}}off{{end}};{{- end}}", "on;off;"},
      {"{{range .items}}{{if eq .metadata.name \"b\"}}{{range .list}}{{.}}{{end}}{{end}}{{end}}", "pq"},
      {"{{define \"n\"}}<{{.n}}>{{end}}{{range .items}}{{template \"n\" .}}{{end}}", "<2><10>"},
      {"{{$x := 1}}{{$x = 5}}{{$x}}", "5"},
      {"{{range .items}}{{if eq .n 10}}{{break}}{{end}}{{.n}}{{end}}", "2"},
      {"{{and true 0}} {{or 0 \"x\"}} {{not true}}", "0 x false"},
      {"{{index (index .items 0).metadata.labels \"x.y/z\"}}", "1"},
      {"{{/* nothing */}}x", "x"},
      {"{{if", "ERROR template: output:1: unclosed action"},
      {"{{end}}", "ERROR template: output:1: unexpected {{end}}"},
      {"{{range .items}}", "ERROR template: output:1: unexpected EOF"},
  };
  for (const Row& row : rows) CHECK(by_template(row.text, data) == row.wanted);
}

TEST_CASE("JSONPath") {
  const Value data = parse_json(kPods).value();
  struct Row {
    const char* text;
    const char* wanted;
  };
  const Row rows[] = {
      {"{.items[*].metadata.name}", "a b"},
      {"{range .items[*]}{.metadata.name}{\"\\t\"}{.n}{\"\\n\"}{end}", "a\t2\nb\t10\n"},
      {"{.items[0].metadata.labels.x\\.y/z}", "1"},
      {"{.items[0].metadata.labels['x.y/z']}", "1"},
      {"{.items[-1].n}", "10"},
      {"{.items[0:1].n} {.items[0,1].n}", "2 2 10"},
      {"{.items[?(@.n>5)].metadata.name}", "b"},
      {"{.items[?(@.metadata.name==\"a\")].on}", "true"},
      {"{.items[?(@.list)].metadata.name}", "b"},
      {"{..name}", "a b"},
      {"{.items[1].list}", "[\"p\",\"q\"]"},
      {"{.nothing}", ""},
      {"x{.items[0].n}y", "x2y"},
      {"{.items[5].n}", "ERROR array index out of bounds: index 5, length 2"},
      {"{.items", "ERROR unclosed action"},
      {"{.items[0}", "ERROR unterminated array"},
      {"{end}", "ERROR not in range, nothing to end"},
  };
  for (const Row& row : rows) CHECK(by_path(row.text, data) == row.wanted);
}

TEST_CASE("tab stops are elastic") {
  CHECK(align_tabs("Name:\tx\nLabels:\ta=b\n\tc=d\nEnd:\n  A\tB\n  longer\tC\n", kDescribeTabs) ==
        "Name:    x\nLabels:  a=b\n         c=d\nEnd:\n  A       B\n  longer  C\n");
  TableAligner table;
  CHECK(table.lines({{"NAME", "AGE"}, {"web", "5s"}}) == "NAME   AGE\nweb    5s\n");
  CHECK(table.lines({{"a-long-name", "1m"}, {"b", "2m"}}) == "a-long-name   1m\nb             2m\n");
}

TEST_CASE("tables") {
  const Value table = parse_json(
                          "{\"kind\":\"Table\",\"columnDefinitions\":[{\"name\":\"Name\",\"format\":\"name\","
                          "\"priority\":0},{\"name\":\"IP\",\"priority\":1}],"
                          "\"rows\":[{\"cells\":[\"web\",null],\"object\":{\"metadata\":{\"namespace\":\"default\","
                          "\"labels\":{\"app\":\"x\",\"b\":\"y\"}}}}]}")
                          .value();
  TableOptions options;
  options.show_labels = true;
  options.kind_prefix = "pod/";
  options.with_namespace = true;
  options.label_columns = {"example.com/app", "app"};
  CHECK(TablePrinter(options).print(table) ==
        "NAMESPACE   NAME      APP   APP   LABELS\ndefault     pod/web         x     app=x,b=y\n");
  TableOptions wide;
  wide.wide = true;
  wide.no_headers = true;
  CHECK(TablePrinter(wide).print(table) == "web   <none>\n");
}

TEST_CASE("custom columns") {
  const Value data = parse_json(kPods).value();
  const auto columns = parse_custom_columns("NAME:.metadata.name,N:{.n},L:.list[*],M:.metadata.labels");
  REQUIRE(columns);
  CHECK(custom_row(*columns, data["items"][0]) == std::vector<std::string>{"a", "2", "<none>", "map[x.y/z:1]"});
  CHECK(custom_row(*columns, data["items"][1]) == std::vector<std::string>{"b", "10", "p,q", "<none>"});
  CHECK(parse_custom_columns("NAME").error().message ==
        "unexpected custom-columns spec: NAME, expected <header>:<json-path-expr>");
}

TEST_CASE("sorting is natural and by value") {
  std::vector<Value> values;
  for (const char* name : {"web-10", "web-9", "a"}) values.push_back(Value::object({{"name", name}}));
  sort_by_path(values, "{.name}");
  CHECK(values[0]["name"].as_string() == "a");
  CHECK(values[1]["name"].as_string() == "web-9");
}

TEST_CASE("unified diffs") {
  CHECK(unified_diff("a\nb\n", "a\nb\n").empty());
  CHECK(unified_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nX\n6\n7\n8\n9\n") ==
        "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+X\n 6\n 7\n 8\n");
  CHECK(unified_diff("", "a\n") == "@@ -0,0 +1 @@\n+a\n");
}

TEST_CASE("errors read as kubectl words them") {
  CHECK(error_text(Status::not_found("", "pods", "x")) == "Error from server (NotFound): pods \"x\" not found\n");
  CHECK(error_text(Status::plain("unknown flag: --x")) == "error: unknown flag: --x\n");
  CHECK(error_text(Status::plain(
            "Get \"http://localhost:8080/api?timeout=32s\": dial tcp [::1]:8080: connect: connection refused")) ==
        "The connection to the server localhost:8080 was refused - did you specify the right host or port?\n");
  CHECK(error_text(Status::plain("Get \"https://10.0.0.2:6443/api\": dial tcp 10.0.0.2:6443: i/o timeout")) ==
        "Unable to connect to the server: dial tcp 10.0.0.2:6443: i/o timeout\n");
  const Status invalid = Status::invalid(
      "", "Pod", "x",
      {{"FieldValueInvalid", "Invalid value: 1", "spec.a"}, {"FieldValueRequired", "Required value", "spec.b"}});
  CHECK(error_text(invalid) == "The Pod \"x\" is invalid: \n* spec.a: Invalid value: 1\n* spec.b: Required value\n");
  CHECK(exit_code_of(exit_code(3, "command terminated with exit code 3")) == 3);
}

}  // namespace drydock::kubectl
